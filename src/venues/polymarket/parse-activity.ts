// What moved the wallet on the chain, into entries of ours: redeeming, splitting and merging, rewards, deposits. Trades
// are in the same list and are none of them: the CLOB names them by id. Pure; the tokens of a market come from outside.
import {
  type Cause,
  type Decimal,
  type FillRow,
  isZero,
  type LedgerRow,
  negate,
  sign,
} from "../../core/index.ts";
import { type Fields, type Parsed, parseRow, reject } from "../wire/fields.ts";
import { decimalOf, epochOf, first, optionalDecimalOf, sideOf, tokenOf } from "./parse.ts";
import { aliasOf, COLLATERAL, tokenId } from "./symbols.ts";

/**
 * What a type of activity does. `both`: it mints (+) or burns (-) as many shares of each outcome.
 * @see https://docs.polymarket.com/api-reference/core/get-user-activity (read 2026-11)
 * @see https://github.com/Polymarket/ts-sdk packages/bindings/src/data/activity.ts (TIP, MIGRATION too; read 2026-11)
 */
type Effect =
  | { readonly kind: "cash"; readonly sign: 1 | -1; readonly cause: Cause }
  | { readonly kind: "both"; readonly sign: 1 | -1 }
  | { readonly kind: "redeem" }
  /** Given or received, as the side says. */
  | { readonly kind: "tip" }
  /** Which tokens it turned into which is not told. */
  | { readonly kind: "untold" };

const EFFECTS: Readonly<Record<string, Effect>> = {
  SPLIT: { kind: "both", sign: 1 },
  MERGE: { kind: "both", sign: -1 },
  REDEEM: { kind: "redeem" },
  CONVERSION: { kind: "untold" },
  MIGRATION: { kind: "untold" },
  REWARD: { kind: "cash", sign: 1, cause: "funding" },
  YIELD: { kind: "cash", sign: 1, cause: "funding" },
  REFERRAL_REWARD: { kind: "cash", sign: 1, cause: "funding" },
  MAKER_REBATE: { kind: "cash", sign: 1, cause: "fee" },
  TAKER_REBATE: { kind: "cash", sign: 1, cause: "fee" },
  DEPOSIT: { kind: "cash", sign: 1, cause: "transfer" },
  WITHDRAWAL: { kind: "cash", sign: -1, cause: "transfer" },
  TIP: { kind: "tip" },
};

export interface ActivityFacts {
  readonly type: string;
  /** The same for rows that are alike: their transaction, market, type and token. */
  readonly key: string;
  readonly timestamp: number;
  readonly conditionId?: string;
  readonly wallet?: string;
  readonly size: Decimal;
  /** In pUSD, not signed. */
  readonly cash: Decimal;
  readonly token?: string;
  readonly text: string;
  /** A trade, which the account's own list of trades names better. */
  readonly trade?: Omit<FillRow, "tradeId" | "joinKey">;
  /** What people call the token. */
  readonly alias?: string;
  readonly effect: Exclude<Effect, { kind: "tip" }> | { readonly kind: "trade" };
}

/** Reads a row of `GET /v2/activity`, or of the list that it took the place of. */
export function parseActivity(value: unknown): Parsed<ActivityFacts> {
  return parseRow("the activity", value, (fields) => {
    const type = fields.text("type").toUpperCase();
    const known = type === "TRADE" ? ({ kind: "trade" } as const) : EFFECTS[type];
    const effect = known?.kind === "tip" ? tipOf(fields) : known;
    if (!effect || !(type === "TRADE" || Object.hasOwn(EFFECTS, type))) {
      return reject(fields.expected("type", `one of TRADE, ${Object.keys(EFFECTS).join(", ")}`));
    }
    const conditionId = first(fields, ["condition_id", "conditionId"]);
    const wallet = first(fields, ["proxy_wallet", "proxyWallet"]);
    const token = optionalToken(fields);
    const timestamp = epochOf(fields, ["timestamp"]);
    const size = optionalDecimalOf(fields, ["size"]) ?? decimalOf(fields, ["usdc_size", "usdcSize"]);
    const cash = optionalDecimalOf(fields, ["usdc_size", "usdcSize"]) ?? size;
    if (sign(size) < 0 || sign(cash) < 0)
      reject(`its size is ${size} and its value ${cash}; expected none below zero`);
    const hash =
      first(fields, ["transaction_hash", "transactionHash"]) ??
      reject('"transaction_hash" is missing; expected a text');
    const alias = aliasOf(first(fields, ["slug"]), first(fields, ["outcome"]));
    const called = alias ?? first(fields, ["slug", "title"]);
    return {
      type,
      key: [hash, conditionId ?? "", type, token ?? ""].join(":"),
      timestamp,
      size,
      cash,
      text: called === undefined ? type : `${type} ${called}`,
      effect,
      ...(conditionId !== undefined && { conditionId }),
      ...(wallet !== undefined && { wallet }),
      ...(token !== undefined && { token }),
      ...(alias !== undefined && { alias }),
      ...(type === "TRADE" && { trade: tradeOf(fields, size, timestamp) }),
    };
  });
}

/** @see https://github.com/Polymarket/ts-sdk packages/bindings/src/data/activity.ts TipActivity (read 2026-11) */
function tipOf(fields: Fields): Extract<Effect, { kind: "cash" }> {
  const side = fields.text("side").toUpperCase();
  if (side !== "IN" && side !== "OUT") reject(fields.expected("side", "IN or OUT"));
  return { kind: "cash", sign: side === "IN" ? 1 : -1, cause: "transfer" };
}

/** Empty where the row is of a market and not of a token. */
function optionalToken(fields: Fields): string | undefined {
  const text = first(fields, ["token_id", "asset"]);
  if (text === undefined) return undefined;
  return tokenId(text) ?? reject(`"token_id" is "${text}"; expected a token's number`);
}

function tradeOf(fields: Fields, qty: Decimal, timestamp: number): Omit<FillRow, "tradeId" | "joinKey"> {
  const price = optionalDecimalOf(fields, ["price"]);
  if (sign(qty) <= 0) reject(`its size is ${qty}; expected a number above zero`);
  return {
    instrument: tokenOf(fields, ["token_id", "asset"]),
    side: sideOf(fields),
    qty,
    ...(price !== undefined && sign(price) > 0 && { price }),
    timestamp,
  };
}

/** The outcomes' tokens of a market; undefined where they could not be asked for. */
export type TokensOf = (conditionId: string) => readonly string[] | undefined;

/**
 * The entries of one row.
 * @param occurrence How many rows with the same key came before it: rows of one transaction can be alike in everything.
 */
export function entriesOf(
  facts: ActivityFacts,
  occurrence: number,
  tokensOf: TokensOf,
): Parsed<readonly LedgerRow[]> {
  const { effect } = facts;
  switch (effect.kind) {
    case "trade":
      return rows([]);
    case "cash":
      return rows([cashRow(facts, occurrence, effect.cause, effect.sign)]);
    case "redeem":
      return rows([redeemRow(facts, occurrence)]);
    case "untold":
      return rows([
        {
          id: idOf(facts, occurrence),
          cause: "corporate_action",
          timestamp: facts.timestamp,
          text: facts.text,
        },
      ]);
    case "both":
      return bothRows(facts, occurrence, effect.sign, tokensOf);
  }
}

function cashRow(facts: ActivityFacts, occurrence: number, cause: Cause, direction: 1 | -1): LedgerRow {
  return {
    id: idOf(facts, occurrence),
    cause,
    timestamp: facts.timestamp,
    asset: COLLATERAL,
    amount: signed(facts.cash, direction),
    text: facts.text,
  };
}

/**
 * One row for each outcome that was redeemed, with the shares that were burned and what they paid. Rows from before
 * 2026-08 name no token: they say what came in, and not what it was.
 * @see https://docs.polymarket.com/api-reference/core/get-user-activity "size", "asset" (read 2026-11)
 */
function redeemRow(facts: ActivityFacts, occurrence: number): LedgerRow {
  const { token, size } = facts;
  return {
    ...cashRow(facts, occurrence, "redemption", 1),
    ...(token !== undefined && !isZero(size) && { instrument: token, qtyDelta: negate(size) }),
  };
}

function bothRows(
  facts: ActivityFacts,
  occurrence: number,
  direction: 1 | -1,
  tokensOf: TokensOf,
): Parsed<readonly LedgerRow[]> {
  const { conditionId, size } = facts;
  const tokens = conditionId === undefined ? undefined : tokensOf(conditionId);
  if (tokens === undefined || tokens.length === 0) {
    const why =
      "the tokens of its market are not known, so what it did to positions is left out until they are";
    return {
      kind: "problem",
      problem: `the activity ${facts.type} of ${conditionId ?? "no market"}: ${why}`,
    };
  }
  const money = { ...cashRow(facts, occurrence, "settlement", direction === 1 ? -1 : 1) };
  const shares = tokens.map(
    (token): LedgerRow => ({
      id: `${idOf(facts, occurrence)}:${token}`,
      cause: "settlement",
      timestamp: facts.timestamp,
      instrument: token,
      qtyDelta: signed(size, direction),
      text: facts.text,
    }),
  );
  return rows([money, ...shares]);
}

function idOf({ key }: ActivityFacts, occurrence: number): string {
  return `${key}:${occurrence}`;
}

function signed(value: Decimal, direction: 1 | -1): Decimal {
  return direction === 1 ? value : negate(value);
}

function rows(all: readonly LedgerRow[]): Parsed<readonly LedgerRow[]> {
  return { kind: "row", row: all };
}
