// What moved coins of the spot wallet without being a trade: rows of `/sapi` into ledger entries. A coin that is held as a
// position changes by a second entry, because no fill tells it. Pure.
// @see https://github.com/binance/binance-connector-js a9de9a99, clients/wallet/src/rest-api/modules/asset-api.ts and
// capital-api.ts, with the rows of their tests (read 2026-11)
import { type Cause, type Decimal, isZero, type LedgerRow, negate } from "../../core/index.ts";
import { type Fields, isObject, type Parsed, parseRow, reject } from "../wire/fields.ts";
import { optionalTime, timeOf } from "./parse.ts";

/** What one row of a list is: the entries that it makes, none where it moved nothing here (or not yet). */
export interface Moved {
  readonly entries: readonly LedgerRow[];
  /** Why nothing is made of it. */
  readonly ignored?: string;
}

/** The position that a coin is held as; undefined where it is a balance alone. */
export type HeldAs = (asset: string) => string | undefined;

interface Move {
  readonly id: string;
  readonly cause: Cause;
  readonly timestamp: number;
  readonly asset: string;
  /** Signed: + comes in. */
  readonly amount: Decimal;
  readonly text: string;
}

function entriesOf(move: Move, heldAs: HeldAs): readonly LedgerRow[] {
  if (isZero(move.amount)) return [];
  const instrument = heldAs(move.asset);
  if (instrument === undefined) return [move];
  const { id, cause, timestamp, amount, text } = move;
  return [move, { id: `${id}|coin`, cause, timestamp, instrument, qtyDelta: amount, text }];
}

/** "Wallet type 1: funding wallet, 0: spot wallet." */
function isOfFunding(fields: Fields): boolean {
  return fields.optionalText("walletType") === "1";
}

const OF_FUNDING: Moved = { entries: [], ignored: "of the funding wallet, from which nothing is traded" };

/** "0: pending, 6: credited but cannot withdraw, 7: wrong deposit, 8: waiting for the user, 1: success". */
const DEPOSIT_STATES: Readonly<Record<string, boolean>> = {
  "0": false,
  "1": true,
  "2": false,
  "6": true,
  "7": false,
  "8": false,
};

export function parseDeposit(value: unknown, heldAs: HeldAs): Parsed<Moved> {
  return parseRow("the deposit", value, (fields) => {
    const isCredited = fields.word("status", DEPOSIT_STATES);
    const asset = fields.text("coin");
    const amount = fields.positive("amount");
    if (isOfFunding(fields)) return OF_FUNDING;
    if (!isCredited) return { entries: [], ignored: "a deposit that is not credited" };
    const id = fields.optionalText("id") ?? `${fields.text("txId")}:${asset}`;
    const timestamp = optionalTime(fields, "completeTime") ?? timeOf(fields, "insertTime");
    const move = {
      id: `deposit:${id}`,
      cause: "transfer",
      timestamp,
      asset,
      amount,
      text: "deposit",
    } as const;
    return { entries: entriesOf(move, heldAs) };
  });
}

/** "0: email sent, 1: cancelled, 2: awaiting approval, 3: rejected, 4: processing, 5: failure, 6: completed". */
const WITHDRAWAL_STATES: Readonly<Record<string, "out" | "returned">> = {
  "0": "out",
  "1": "returned",
  "2": "out",
  "3": "returned",
  "4": "out",
  "5": "returned",
  "6": "out",
};

/**
 * A withdrawal leaves the wallet when it is asked for, and comes back where it fails: two entries, so that what was booked
 * while it was on its way stays true. Whether `amount` has the fee in it is not documented; that the fee is paid beside it is
 * how ccxt and others read it.
 */
export function parseWithdrawal(value: unknown, heldAs: HeldAs): Parsed<Moved> {
  return parseRow("the withdrawal", value, (fields) => {
    const id = `withdrawal:${fields.text("id")}`;
    const state = fields.word("status", WITHDRAWAL_STATES);
    const asset = fields.text("coin");
    const amount = fields.positive("amount");
    const fee = fields.optionalDecimal("transactionFee");
    if (isOfFunding(fields)) return OF_FUNDING;
    const timestamp =
      dateOf(fields, "applyTime") ?? reject(fields.expected("applyTime", "a date with its time"));
    const out: Move[] = [
      { id, cause: "transfer", timestamp, asset, amount: negate(amount), text: "withdrawal" },
      ...(fee === undefined
        ? []
        : [
            {
              id: `${id}:fee`,
              cause: "fee",
              timestamp,
              asset,
              amount: negate(fee),
              text: "withdrawal fee",
            } as const,
          ]),
    ];
    const backMs = dateOf(fields, "completeTime") ?? timestamp;
    const back = out.map((move) => ({
      ...move,
      id: `${move.id}:returned`,
      timestamp: Math.max(timestamp, backMs),
      amount: negate(move.amount),
      text: `${move.text} returned`,
    }));
    const moves = state === "returned" ? [...out, ...back] : out;
    return { entries: moves.flatMap((move) => entriesOf(move, heldAs)) };
  });
}

/** "2019-10-12 11:12:02", in UTC; newer rows may have ms. */
function dateOf(fields: Fields, field: string): number | undefined {
  const text = fields.optionalText(field);
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return optionalTime(fields, field);
  const ms = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)
    ? Date.parse(`${text.replace(" ", "T")}Z`)
    : Number.NaN;
  return Number.isNaN(ms) ? reject(fields.expected(field, "a date with its time")) : ms;
}

/**
 * Between the spot wallet (MAIN) and another one of the same account.
 * @see node_modules/binance 3.6.5, lib/types/spot.d.ts (EnumUniversalTransferType, read 2026-11)
 */
export const TRANSFER_TYPES = ["UMFUTURE", "CMFUTURE", "MARGIN", "FUNDING", "OPTION"].flatMap((other) => [
  `MAIN_${other}`,
  `${other}_MAIN`,
]);

const TRANSFER_STATES: Readonly<Record<string, boolean>> = { CONFIRMED: true, PENDING: false, FAILED: false };

export function parseTransfer(value: unknown, heldAs: HeldAs): Parsed<Moved> {
  return parseRow("the transfer", value, (fields) => {
    const type = fields.text("type");
    const isDone = fields.word("status", TRANSFER_STATES);
    const sum = fields.positive("amount");
    const isOut = type.startsWith("MAIN_");
    if (!isOut && !type.endsWith("_MAIN")) return { entries: [], ignored: `${type}: not of the spot wallet` };
    if (!isDone) return { entries: [], ignored: "a transfer that is not done" };
    const move: Move = {
      id: `transfer:${fields.text("tranId")}`,
      cause: "transfer",
      timestamp: timeOf(fields, "timestamp"),
      asset: fields.text("asset"),
      amount: isOut ? negate(sum) : sum,
      text: type,
    };
    return { entries: entriesOf(move, heldAs) };
  });
}

/** What was paid out: distributions, airdrops, rewards of what earns. `direction` is 1 for what comes in. */
export function parseDividend(value: unknown, heldAs: HeldAs): Parsed<Moved> {
  return parseRow("the dividend", value, (fields) => {
    const asset = fields.text("asset");
    const timestamp = timeOf(fields, "divTime");
    const sum = fields.decimal("amount");
    const direction = fields.optionalText("direction") ?? "1";
    if (direction !== "1" && direction !== "-1") reject(fields.expected("direction", "1 or -1"));
    const id = fields.optionalText("id") ?? `${fields.text("tranId")}:${asset}:${timestamp}`;
    const move: Move = {
      id: `dividend:${id}`,
      cause: "transfer",
      timestamp,
      asset,
      amount: direction === "1" ? sum : negate(sum),
      text: fields.optionalText("enInfo") ?? "dividend",
    };
    return { entries: entriesOf(move, heldAs) };
  });
}

/** One conversion of small rests, with a coin each in its details; what came for it has its charge taken off already. */
export function parseDust(value: unknown, heldAs: HeldAs): Parsed<Moved> {
  return parseRow("the conversion of dust", value, (fields) => {
    const group = fields.text("transId");
    const details = fields.optionalList("userAssetDribbletDetails");
    if (details === undefined) return reject(fields.expected("userAssetDribbletDetails", "a list"));
    const entries = details.flatMap((one) => {
      const parsed = parseRow("a coin of it", one, (detail) => detailEntries(group, detail, heldAs));
      return parsed.kind === "row" ? parsed.row : reject(parsed.problem);
    });
    return { entries };
  });
}

function detailEntries(group: string, detail: Fields, heldAs: HeldAs): readonly LedgerRow[] {
  const from = detail.text("fromAsset");
  const target = detail.optionalText("targetAsset") ?? "BNB";
  const id = `dust:${group}:${detail.text("transId")}:${from}`;
  const timestamp = timeOf(detail, "operateTime");
  const common = { cause: "dust", timestamp, text: `${from} converted to ${target}` } as const;
  const sold = negate(detail.positive("amount"));
  return [
    ...entriesOf({ ...common, id, asset: from, amount: sold }, heldAs),
    ...entriesOf(
      { ...common, id: `${id}:got`, asset: target, amount: detail.decimal("transferedAmount") },
      heldAs,
    ),
  ];
}

/** `{total, rows}`: where there is nothing, `rows` may be missing. */
export function pageOf(
  what: string,
  value: unknown,
  field: string,
): { readonly items: readonly unknown[]; readonly count: number | undefined } | string {
  if (!isObject(value)) return `${what} were not answered as documented`;
  const rows = value[field];
  const count =
    typeof value.total === "string" && /^\d+$/.test(value.total) ? Number(value.total) : undefined;
  if (Array.isArray(rows)) return { items: rows, count };
  return count === 0 ? { items: [], count } : `${what} were answered without ${field}`;
}
