// Hyperliquid's fills, funding and ledger updates. A fill says what the position was before it, so that the fills of a
// coin form a chain; what it was after is worked out here.
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint (read 2026-11)
import {
  add,
  type Cause,
  type Decimal,
  type FillRow,
  type LedgerRow,
  subtract,
} from "../../../core/index.ts";
import { type Fields, isObject, type Parsed, parseRow } from "../../wire/fields.ts";
import { named, positive, time } from "../rows.ts";
import { clientIdOf } from "./cloid.ts";
import { assetName, type Coins } from "./coins.ts";
import { coinOf, SIDE } from "./parse.ts";

export interface FillFacts {
  readonly row: FillRow;
  /** Tells the fill from every other one of the account. */
  readonly key: string;
  readonly coin: string;
  /** Signed quantity before and after it, of a perpetual; spot says a balance, which transfers move too. */
  readonly link?: { readonly before: Decimal; readonly after: Decimal };
}

/**
 * Trades that were none of ours. `dir` is a text for people and an open set: what is not here is an ordinary trade.
 * `Liquidated …` is that this account was liquidated; who took the other side has an ordinary `dir`.
 */
const FORCED: readonly (readonly [RegExp, Cause])[] = [
  [/^Liquidated /, "liquidation"],
  [/^Auto-Deleveraging$/, "adl"],
  [/^Settlement$/, "settlement"],
  [/^Spot Dust Conversion$/, "dust"],
  [/^Net Child Vaults$/, "transfer"],
  [/Outcome$/, "redemption"],
];

/** @param user Whose fills these are: of a liquidation both sides are told which account was liquidated. */
export function parseFill(value: unknown, coins: Coins, user?: string): Parsed<FillFacts> {
  return parseRow(named("the fill", value, "coin"), value, (fields) => {
    const coin = coinOf(fields, coins);
    const side = fields.word("side", SIDE);
    const qty = positive(fields, "sz");
    const before = fields.optionalDecimal("startPosition");
    const link =
      coin.isSpot || before === undefined
        ? undefined
        : { before, after: (side === "buy" ? add : subtract)(before, qty) };
    const tid = fields.text("tid");
    const oid = fields.text("oid");
    const timestamp = time(fields, "time");
    const forced = forcedBy(fields, value, user);
    const clientOrderId = fields.optionalText("cloid");
    const price = positive(fields, "px");
    return {
      key: tid === "0" ? `${oid}:${timestamp}:${coin.name}:${qty}:${price}` : `${oid}:${tid}`,
      coin: coin.name,
      ...(link && { link }),
      row: {
        instrument: coin.instrument.symbol,
        leg: "net",
        // Every dust conversion has the id 0: taken for one, all of them would be the same fill.
        ...(tid !== "0" && { tradeId: tid }),
        venueOrderId: oid,
        ...(clientOrderId !== undefined && { clientOrderId: clientIdOf(clientOrderId) }),
        side,
        qty,
        price,
        ...feeOf(fields),
        timestamp,
        ...(forced !== undefined && { forced }),
        ...(link && { positionAfter: link.after }),
      },
    };
  });
}

/** "the total fee, inclusive of builderFee": that one is never added. @see info-endpoint, "Retrieve a user's fills" */
function feeOf(fields: Fields): { fee?: Decimal; feeCurrency?: string } {
  const fee = fields.optionalDecimal("fee");
  if (fee === undefined) return {};
  const token = fields.optionalText("feeToken");
  return { fee, ...(token !== undefined && { feeCurrency: assetName(token) }) };
}

function forcedBy(fields: Fields, value: unknown, user: string | undefined): Cause | undefined {
  const liquidation = isObject(value) && isObject(value.liquidation) ? value.liquidation : undefined;
  const liquidated = liquidation?.liquidatedUser;
  if (typeof liquidated === "string" && liquidated.toLowerCase() === user?.toLowerCase())
    return "liquidation";
  const dir = fields.optionalText("dir");
  return dir === undefined ? undefined : FORCED.find(([pattern]) => pattern.test(dir))?.[1];
}

/** `usdc` is in the currency that the dex settles in. Positive is received. */
export function parseFunding(value: unknown, coins: Coins): Parsed<LedgerRow> {
  const delta = isObject(value) ? value.delta : undefined;
  return parseRow(named("the funding", delta, "coin"), value, (fields) => {
    const inner = fields.object("delta");
    const { name, instrument } = coinOf(inner, coins);
    const timestamp = time(fields, "time");
    const asset = instrument.quote;
    return {
      // Its hash is all zeros; a coin is charged once at a time.
      id: `funding:${name}:${timestamp}`,
      cause: "funding",
      timestamp,
      instrument: instrument.symbol,
      ...(asset !== null && { asset }),
      amount: inner.decimal("usdc"),
    };
  });
}
