// Kraken's trades and ledger entries. What a trade moved is in the ledger to the last digit, and so is the asset that its fee
// was paid in: the trade alone says how much, and never in what.
// @see https://docs.kraken.com/api-reference/account-data/get-trades-history, get-ledgers-info (read 2026-11)
import {
  type Cause,
  type Decimal,
  type FillRow,
  isZero,
  type LedgerRow,
  negate,
  subtract,
  ZERO,
} from "../../../core/index.ts";
import { type Parsed, parseRow, reject } from "../../wire/fields.ts";
import { positive } from "../rows.ts";
import { homePair, type Names, type Pair } from "./names.ts";
import { type Entry, pairOf, SIDE, timeOf } from "./parse.ts";

export interface TradeFacts {
  readonly row: FillRow & { readonly tradeId: string };
  readonly pair: Pair;
  /** Without the asset that it was paid in. */
  readonly fee: Decimal;
}

export function parseTrade([txid, value]: Entry, names: Names): Parsed<TradeFacts> {
  return parseRow(`the trade ${txid.slice(0, 40)}`, value, (fields) => {
    const margin = fields.optionalDecimal("margin") ?? ZERO;
    if (!isZero(margin) || fields.optionalText("posstatus") !== undefined) {
      reject("it is of a margin position; margin is not covered");
    }
    const pair = pairOf(fields, names);
    return {
      pair,
      fee: fields.decimal("fee"),
      row: {
        instrument: pair.symbol,
        leg: "net",
        tradeId: txid,
        venueOrderId: fields.text("ordertxid"),
        side: fields.word("type", SIDE),
        qty: positive(fields, "vol"),
        price: positive(fields, "price"),
        timestamp: timeOf(fields, "time"),
      },
    };
  });
}

export interface LedgerFacts {
  readonly id: string;
  readonly refid: string;
  readonly type: string;
  readonly text: string;
  readonly asset: string;
  /** Signed: what the balance changed by. */
  readonly change: Decimal;
  readonly fee: Decimal;
  readonly timestamp: number;
}

export function parseEntry([id, value]: Entry, names: Names): Parsed<LedgerFacts> {
  return parseRow(`the ledger entry ${id.slice(0, 40)}`, value, (fields) => {
    const type = fields.text("type");
    const subtype = fields.optionalText("subtype");
    const fee = fields.optionalDecimal("fee") ?? ZERO;
    return {
      id,
      refid: fields.text("refid"),
      type,
      text: subtype === undefined ? type : `${type}, ${subtype}`,
      asset: names.asset(fields.text("asset")),
      change: subtract(fields.decimal("amount"), fee),
      fee,
      timestamp: timeOf(fields, "time"),
    };
  });
}

/** What moved the money, by `type`. What is not here is told as unexplained, with its amount. */
const CAUSES: Readonly<Record<string, Cause>> = {
  deposit: "transfer",
  withdrawal: "transfer",
  transfer: "transfer",
  allocation: "transfer",
  deallocation: "transfer",
  earn: "transfer",
  staking: "transfer",
  dividend: "transfer",
  credit: "transfer",
  // Bought or sold without an order: no trade tells of it.
  spend: "transfer",
  receive: "transfer",
  conversion: "transfer",
  rollover: "fee",
  settled: "settlement",
};

/** An entry that no fill tells of, and what it changes of a coin. */
export function entryRows({ id, type, text, asset, change, timestamp }: LedgerFacts): readonly LedgerRow[] {
  if (isZero(change)) return [];
  const cause = CAUSES[type] ?? "unexplained";
  const home = homePair(asset);
  const own: LedgerRow = { id, cause, timestamp, asset, amount: change, text };
  if (home === undefined) return [own];
  return [own, { id: `${id}|coin`, cause, timestamp, instrument: home, qtyDelta: change, text }];
}

/**
 * What a trade's entry changes of positions where its fill does not: a coin is held under its home pair, whatever it was
 * bought with, and leaves what it was sold for.
 */
export function tradeRows(
  { id, asset, change, timestamp, text }: LedgerFacts,
  pair: Pair,
): readonly LedgerRow[] {
  if (isZero(change)) return [];
  const cause = "transfer" as const;
  // Paid in something that was not traded: no fill tells of that balance.
  if (asset !== pair.base && asset !== pair.quote)
    return [{ id, cause: "fee", timestamp, asset, amount: change, text }];
  const home = homePair(asset);
  if (home === undefined || (asset === pair.base && home === pair.symbol)) return [];
  const rows: LedgerRow[] = [
    { id: `${id}|coin`, cause, timestamp, instrument: home, qtyDelta: change, text },
  ];
  if (asset === pair.base) {
    rows.push({
      id: `${id}|pair`,
      cause,
      timestamp,
      instrument: pair.symbol,
      qtyDelta: negate(change),
      text,
    });
  }
  return rows;
}
