// Balances in the book: what the venue last stated, plus what moved since by venue time. A fill from before that
// statement is in it already, so that a late one does not move money twice; one from while it was read may be or may not
// be, like a ledger entry from before it, whose date is often no more than a day: they wait until a total has them.
import { add, type Decimal, isZero, subtract, ZERO } from "../decimal.ts";
import type { LedgerRow } from "../facts.ts";
import type { BalanceAdjustment } from "../records.ts";
import type { Balance, Book, WaitingMoney } from "./book.ts";

/** Moves that are kept one by one; older ones are added up. More than any venue reports late. */
const MOVES_MAX = 4096;
/** What no total has shown by then was in the total before it was told. As long as venues post late. In ms. */
export const WAITING_MS_MAX = 7 * 24 * 3_600_000;
/** A venue's clock may be ahead by this; money that is dated later is dated by its day. In ms. */
const AHEAD_MS = 60_000;
/** How long one read of the balances may take: what happened meanwhile may be in it. In ms. */
const READ_MS_MAX = 30_000;
/** Unexplained differences that are kept for entries that are told late. */
const UNEXPLAINED_MAX = 16;

export function balanceTotal(balance: Balance): Decimal {
  return balance.moves.reduce<Decimal>((total, move) => add(total, move.delta), balance.anchorTotal ?? ZERO);
}

/** Cash of a fill: what it paid or, on margin, realised; `id` is the fill's. */
export interface CashMove {
  readonly id: string;
  readonly asset: string;
  readonly timestamp: number;
  readonly delta: Decimal;
  readonly nowMs: number;
}

/** What became of it: the total has it now; a later total tells; or the statement behind the total had it already. */
export type Moved = "counted" | "waits" | "contained";

/** Moves the cash of a fill, or of a change of what it realised. */
export function moveCash(book: Book, { id, asset, timestamp, delta, nowMs }: CashMove): Moved {
  const balance = book.balances.get(asset);
  if (balance?.isWitnessed) {
    const { fromMs, toMs } = balance.unsure;
    // In the very millisecond in which a read begins or ends nobody knows either.
    if (timestamp >= fromMs && timestamp <= toMs) {
      const money = { id, cause: "late_fill", timestamp, delta, sinceMs: nowMs, hasByMs: timestamp } as const;
      if (!isExplanation(balance, delta)) wait(balance, money);
      return "waits";
    }
  }
  return count(book, asset, timestamp, delta) ? "counted" : "contained";
}

/** Money that went back when a fill was reversed: nobody knows since when the venue's totals have that. */
export function moveReversed(
  book: Book,
  asset: string,
  fillKey: string,
  delta: Decimal,
  nowMs: number,
): void {
  const balance = book.balances.get(asset);
  if (!balance || isZero(delta) || isExplanation(balance, delta)) return;
  const id = `reversed ${fillKey}`;
  wait(balance, { id, cause: "late_fill", timestamp: nowMs, delta, sinceMs: nowMs, hasByMs: nowMs });
}

/** Counts the money of a ledger entry, or keeps it waiting; true when the total changed. */
export function moveMoney(book: Book, row: LedgerRow, nowMs: number): boolean {
  const { id, cause, timestamp, asset, amount: delta } = row;
  if (asset === undefined || delta === undefined || isZero(delta)) return false;
  const balance = book.balances.get(asset);
  const explainedMs = (balance?.asOfMs ?? 0) + READ_MS_MAX;
  if (balance?.isWitnessed && timestamp <= explainedMs && isExplanation(balance, delta)) return false;
  const statedMs = balance ? Math.max(balance.asOfMs, balance.unsure.toMs) : 0;
  const isCertain = timestamp > statedMs && timestamp <= nowMs + AHEAD_MS;
  if (!balance?.isWitnessed || isCertain) return count(book, asset, timestamp, delta);
  wait(balance, { id, cause, timestamp, delta, sinceMs: nowMs, hasByMs: null });
  return false;
}

/** @param nowMs Our clock at the record. */
export function anchorBalance(book: Book, facts: BalanceAdjustment, nowMs: number): void {
  const balance = book.balances.get(facts.asset) ?? newBalance(book, facts.asset);
  const unsure = facts.unsure ?? { fromMs: facts.asOfMs, toMs: facts.asOfMs };
  const confirmed = new Set(facts.confirms);
  balance.waiting = balance.waiting.filter(
    ({ id, sinceMs, hasByMs }) =>
      !confirmed.has(id) &&
      nowMs - sinceMs <= WAITING_MS_MAX &&
      !(facts.isWitnessed && hasByMs !== null && hasByMs < unsure.fromMs),
  );
  if (facts.cause === "unexplained" && facts.totalBefore !== null) {
    balance.unexplained.push(subtract(facts.totalAfter, facts.totalBefore));
    balance.unexplained = balance.unexplained.slice(-UNEXPLAINED_MAX);
  }
  balance.anchorTotal = facts.totalAfter;
  balance.asOfMs = facts.asOfMs;
  balance.unsure = unsure;
  balance.isWitnessed = facts.isWitnessed;
  balance.free = facts.freeAfter;
  balance.moves = balance.moves.filter((move) => move.timestamp > facts.asOfMs);
}

function count(book: Book, asset: string, timestamp: number, delta: Decimal): boolean {
  if (isZero(delta)) return false;
  const balance = book.balances.get(asset) ?? newBalance(book, asset);
  if (balance.isWitnessed && timestamp < balance.asOfMs) return false;
  balance.moves.push({ timestamp, delta });
  if (balance.moves.length > MOVES_MAX) compact(balance);
  return true;
}

/** One of an id: what comes to it later, or is taken back, changes it. */
function wait(balance: Balance, money: WaitingMoney): void {
  const known = balance.waiting.find(({ id }) => id === money.id);
  const delta = add(known?.delta ?? ZERO, money.delta);
  balance.waiting = balance.waiting.filter((one) => one !== known);
  if (!isZero(delta)) balance.waiting.push({ ...money, delta });
}

/** A difference that nobody could explain, and here is what it was: the read that showed it may have begun before. */
function isExplanation(balance: Balance, delta: Decimal): boolean {
  const explained = balance.unexplained.lastIndexOf(delta);
  if (explained >= 0) balance.unexplained.splice(explained, 1);
  return explained >= 0;
}

function newBalance(book: Book, asset: string): Balance {
  const balance: Balance = {
    asset,
    anchorTotal: null,
    asOfMs: -1,
    unsure: { fromMs: -1, toMs: -1 },
    isWitnessed: false,
    moves: [],
    waiting: [],
    unexplained: [],
    free: null,
  };
  book.balances.set(asset, balance);
  return balance;
}

function compact(balance: Balance): void {
  const old = balance.moves.splice(0, balance.moves.length / 2);
  const delta = old.reduce<Decimal>((total, move) => add(total, move.delta), ZERO);
  const timestamp = old.reduce((latest, move) => Math.max(latest, move.timestamp), 0);
  balance.moves.unshift({ timestamp, delta });
}
