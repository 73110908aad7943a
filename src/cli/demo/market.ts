// Prices that wander: every step moves each instrument by up to so many hundredths of a percent, as the seed has it.
import { compare, type Decimal, decimal, subtract } from "../../core/index.ts";
import type { PaperAccount } from "../../venues/paper/index.ts";
import type { Random } from "./random.ts";

/** One step moves a price by at most this, in hundredths of a percent. */
const STEP_MAX = 90;
/** Prices have two digits after the point and never reach zero. */
const CENTS = 100n;

export class Market {
  private readonly account: PaperAccount;
  private readonly random: Random;
  private readonly cents = new Map<string, bigint>();
  private readonly before = new Map<string, Decimal>();

  constructor(account: PaperAccount, random: Random, prices: Readonly<Record<string, string>>) {
    this.account = account;
    this.random = random;
    for (const [instrument, price] of Object.entries(prices)) this.set(instrument, price);
  }

  /** @param price With at most two digits after the point. */
  set(instrument: string, price: string): void {
    const [whole = "0", fraction = ""] = price.split(".");
    this.put(instrument, BigInt(whole) * CENTS + BigInt(fraction.padEnd(2, "0").slice(0, 2)));
  }

  step(): void {
    for (const [instrument, cents] of [...this.cents]) {
      const move = (cents * BigInt(this.random.between(-STEP_MAX, STEP_MAX))) / 10_000n;
      this.put(instrument, cents + move > 0n ? cents + move : 1n);
    }
  }

  /** Moves one price by so many cents; it stays above zero. */
  nudge(instrument: string, cents: number): void {
    const moved = (this.cents.get(instrument) ?? 0n) + BigInt(cents);
    this.put(instrument, moved > 0n ? moved : 1n);
  }

  /** Moves one price by so many hundredths of a percent. */
  move(instrument: string, by: number): void {
    this.nudge(instrument, Number(((this.cents.get(instrument) ?? 0n) * BigInt(by)) / 10_000n));
  }

  price(instrument: string): Decimal {
    return textOf(this.cents.get(instrument) ?? 0n);
  }

  /** Those given, from the one that rose most in the last step to the one that fell most. */
  byMove(instruments: readonly string[]): string[] {
    const moved = (name: string) => subtract(this.price(name), this.before.get(name) ?? this.price(name));
    return [...instruments].sort((a, b) => compare(moved(b), moved(a)) || (a < b ? -1 : 1));
  }

  private put(instrument: string, cents: bigint): void {
    this.before.set(instrument, this.price(instrument));
    this.cents.set(instrument, cents);
    this.account.setPrice(instrument, textOf(cents));
  }
}

function textOf(cents: bigint): Decimal {
  return decimal(`${cents / CENTS}.${String(cents % CENTS).padStart(2, "0")}`);
}
