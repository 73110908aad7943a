// Hyperliquid's updates of the ledger that are not funding: deposits, transfers, vaults, staking. What moves between the
// wallets of one account moves no money of it, because their sum is what is told.
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint/perpetuals (ledger updates)
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions (both read 2026-11)
import { type Cause, type Decimal, digestHex, isZero, type LedgerRow, negate } from "../../../core/index.ts";
import { type Fields, isObject, type Parsed, parseRow, reject } from "../../wire/fields.ts";
import { flag, named, time } from "../rows.ts";
import { assetName } from "./coins.ts";

/** Entries of one update, or why it is none of the account's money. */
export type UpdateRead = Parsed<readonly LedgerRow[]> | { readonly kind: "ignored"; readonly reason: string };

interface Moved {
  readonly asset: string;
  readonly amount: Decimal;
}

interface Update {
  readonly fields: Fields;
  readonly delta: Readonly<Record<string, unknown>>;
  /** Whose account it is; undefined for a payload of which nobody said it. */
  readonly user: string | undefined;
}

interface Kind {
  readonly cause: Cause;
  /** What is added to the account; nothing where the entry only says that something happened. */
  readonly moves: (update: Update) => readonly Moved[];
}

const USDC = "USDC";

const KINDS: Readonly<Record<string, Kind>> = {
  deposit: { cause: "transfer", moves: ({ fields }) => [usdc(fields.decimal("usdc"))] },
  withdraw: {
    cause: "transfer",
    moves: ({ fields }) => [usdc(negate(fields.decimal("usdc"))), ...fee(fields)],
  },
  internalTransfer: { cause: "transfer", moves: (update) => sent(update, USDC, "usdc") },
  subAccountTransfer: { cause: "transfer", moves: (update) => sent(update, USDC, "usdc") },
  spotTransfer: { cause: "transfer", moves: (update) => sent(update, tokenOf(update.fields), "amount") },
  send: { cause: "transfer", moves: (update) => sent(update, tokenOf(update.fields), "amount") },
  spotGenesis: { cause: "transfer", moves: ({ fields }) => [token(fields, fields.decimal("amount"))] },
  rewardsClaim: { cause: "transfer", moves: ({ fields }) => [token(fields, fields.decimal("amount"))] },
  accountClassTransfer: { cause: "transfer", moves: betweenWallets },
  vaultCreate: {
    cause: "transfer",
    moves: ({ fields }) => [usdc(negate(fields.decimal("usdc"))), ...fee(fields)],
  },
  vaultDeposit: { cause: "transfer", moves: ({ fields }) => [usdc(negate(fields.decimal("usdc")))] },
  vaultDistribution: { cause: "transfer", moves: ({ fields }) => [usdc(fields.decimal("usdc"))] },
  vaultLeaderCommission: { cause: "transfer", moves: ({ fields }) => [usdc(fields.decimal("usdc"))] },
  vaultWithdraw: { cause: "transfer", moves: ({ fields }) => [usdc(fields.decimal("netWithdrawnUsd"))] },
  cStakingTransfer: { cause: "transfer", moves: staked },
  accountActivationGas: {
    cause: "fee",
    moves: ({ fields }) => [token(fields, negate(fields.decimal("amount")))],
  },
  deployGasAuction: {
    cause: "fee",
    moves: ({ fields }) => [token(fields, negate(fields.decimal("amount")))],
  },
  // Its trades come as fills.
  liquidation: { cause: "liquidation", moves: () => [] },
};

/**
 * One element of `userNonFundingLedgerUpdates`. A kind that is not in the table is a problem: it may move money in a way
 * that nobody has looked at.
 * @param hasSpot Whether the spot wallet is part of what is read.
 */
export function parseUpdate(value: unknown, user?: string, hasSpot = true): UpdateRead {
  const delta = isObject(value) && isObject(value.delta) ? value.delta : {};
  // Where the spot wallet is not looked at, what goes there is gone.
  if (delta.type === "accountClassTransfer" && hasSpot) {
    return { kind: "ignored", reason: "accountClassTransfer: between two wallets of the account" };
  }
  const from = textOf(delta.user);
  if (from !== undefined && from === textOf(delta.destination)) {
    return { kind: "ignored", reason: `${delta.type}: from the account to itself` };
  }
  return parseRow(named("the ledger update", delta, "type"), value, (fields): readonly LedgerRow[] => {
    const inner = fields.object("delta");
    const { cause, moves } = inner.word("type", KINDS);
    const type = inner.text("type");
    const id = `${fields.text("hash")}:${digestHex(JSON.stringify(delta)).slice(0, 16)}`;
    const entry: LedgerRow = { id, cause, timestamp: time(fields, "time"), text: type };
    const moved = moves({ fields: inner, delta, user }).filter(({ amount }) => !isZero(amount));
    if (moved.length === 0) return [entry];
    // The first is what it is called by; what comes after it is its fee.
    return moved.map((one, index) =>
      index === 0 ? { ...entry, ...one } : { ...entry, ...one, id: `${id}:fee`, cause: "fee" },
    );
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value.toLowerCase() : undefined;
}

function usdc(amount: Decimal): Moved {
  return { asset: USDC, amount };
}

function tokenOf(fields: Fields): string {
  return assetName(fields.text("token"));
}

function token(fields: Fields, amount: Decimal): Moved {
  return { asset: assetName(fields.optionalText("token") ?? USDC), amount };
}

function fee(fields: Fields): readonly Moved[] {
  const amount = fields.optionalDecimal("fee");
  if (amount === undefined) return [];
  return [{ asset: assetName(fields.optionalText("feeToken") ?? USDC), amount: negate(amount) }];
}

/** The fee is the sender's. */
function sent({ fields, delta, user }: Update, asset: string, field: string): readonly Moved[] {
  if (user === undefined) return reject("whose account it is was not said, so neither is which way it went");
  const amount = fields.decimal(field);
  if (textOf(delta.user) === user.toLowerCase()) return [{ asset, amount: negate(amount) }, ...fee(fields)];
  if (textOf(delta.destination) === user.toLowerCase()) return [{ asset, amount }];
  return reject("neither its sender nor its receiver is this account");
}

function betweenWallets({ fields, delta }: Update): readonly Moved[] {
  const amount = fields.decimal("usdc");
  const isToPerp = flag(delta, "toPerp") ?? reject(fields.expected("toPerp", "true or false"));
  return [usdc(isToPerp ? amount : negate(amount))];
}

function staked({ fields, delta }: Update): readonly Moved[] {
  const amount = fields.decimal("amount");
  const isDeposit = flag(delta, "isDeposit") ?? reject(fields.expected("isDeposit", "true or false"));
  return [token(fields, isDeposit ? negate(amount) : amount)];
}
