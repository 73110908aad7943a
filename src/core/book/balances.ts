// Balances in the book: what the venue last stated, plus what moved since by venue time. A move from before that
// statement is in it already, so that a late fill does not move money twice.
import { add, type Decimal, isZero, ZERO } from "../decimal.ts";
import type { BalanceAdjustment } from "../records.ts";
import type { Balance, Book } from "./book.ts";

/** Moves that are kept one by one; older ones are added up. More than any venue reports late. */
const MOVES_MAX = 4096;

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

export function anchorBalance(book: Book, facts: BalanceAdjustment): void {
  const balance = book.balances.get(facts.asset) ?? newBalance(book, facts.asset);
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
