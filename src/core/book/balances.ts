// Balances in the book: what the venue last stated, plus what moved since by venue time. A fill from before that
// statement is in it already, so that a late one does not move money twice. A ledger entry from before it may be or
// may not be: its date is often no more than a day, so it waits until a total of the venue's has it.
import { add, type Decimal, isZero, subtract, ZERO } from "../decimal.ts";
import type { LedgerRow } from "../facts.ts";
import type { BalanceAdjustment } from "../records.ts";
import type { Balance, Book } from "./book.ts";

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

export function moveBalance(book: Book, asset: string, timestamp: number, delta: Decimal): boolean {
  if (isZero(delta)) return false;
  const balance = book.balances.get(asset) ?? newBalance(book, asset);
  if (balance.isWitnessed && timestamp < balance.asOfMs) return false;
  balance.moves.push({ timestamp, delta });
  if (balance.moves.length > MOVES_MAX) compact(balance);
  return true;
}

/** Counts the money of a ledger entry, or keeps it waiting; true when the total changed. */
export function moveMoney(book: Book, row: LedgerRow, nowMs: number): boolean {
  const { id, cause, timestamp, asset, amount: delta } = row;
  if (asset === undefined || delta === undefined || isZero(delta)) return false;
  const balance = book.balances.get(asset);
  // A difference that nobody could explain, and here is what it was: the read that showed it may have begun before.
  const explained =
    timestamp <= (balance?.asOfMs ?? 0) + READ_MS_MAX ? balance?.unexplained.lastIndexOf(delta) : -1;
  if (balance?.isWitnessed && explained !== undefined && explained >= 0) {
    balance.unexplained.splice(explained, 1);
    return false;
  }
  const isCertain = timestamp >= (balance?.asOfMs ?? 0) && timestamp <= nowMs + AHEAD_MS;
  if (!balance?.isWitnessed || isCertain) return moveBalance(book, asset, timestamp, delta);
  balance.waiting.push({ id, cause, timestamp, delta, sinceMs: nowMs });
  return false;
}

/** @param nowMs Our clock at the record. */
export function anchorBalance(book: Book, facts: BalanceAdjustment, nowMs: number): void {
  const balance = book.balances.get(facts.asset) ?? newBalance(book, facts.asset);
  const confirmed = new Set(facts.confirms);
  balance.waiting = balance.waiting.filter(
    ({ id, sinceMs }) => !confirmed.has(id) && nowMs - sinceMs <= WAITING_MS_MAX,
  );
  if (facts.cause === "unexplained" && facts.totalBefore !== null) {
    balance.unexplained.push(subtract(facts.totalAfter, facts.totalBefore));
    balance.unexplained = balance.unexplained.slice(-UNEXPLAINED_MAX);
  }
  balance.anchorTotal = facts.totalAfter;
  balance.asOfMs = facts.asOfMs;
  balance.isWitnessed = facts.isWitnessed;
  balance.free = facts.freeAfter;
  balance.moves = balance.moves.filter((move) => move.timestamp > facts.asOfMs);
}

function newBalance(book: Book, asset: string): Balance {
  const balance: Balance = {
    asset,
    anchorTotal: null,
    asOfMs: -1,
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
