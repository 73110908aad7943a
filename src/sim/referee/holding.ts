// What one leg holds, at average cost, and every quantity that it ever had. A change that nothing came after can be taken
// back as if it had never been.
import type { Instrument, Leg } from "../../core/index.ts";
import { Chronicle } from "./chronicle.ts";
import { type Exact, magnitude, over, share, text, times } from "./exact.ts";
import type { QtyMoment } from "./referee.ts";

export function isInverse({ payoff }: Instrument): boolean {
  return payoff === "inverse";
}

interface Change {
  /** Trade id or ledger id. */
  readonly by: string;
  readonly qtyBefore: Exact;
  readonly costBefore: Exact;
}

export class Holding {
  readonly instrument: Instrument;
  readonly leg: Leg;
  /** Signed. */
  qty: Exact = 0n;
  /** What is held was worth when it was opened; not signed, without the multiplier. */
  cost: Exact = 0n;
  updatedAt: number;
  readonly moments = new Chronicle<QtyMoment>();
  private readonly changes: Change[] = [];

  constructor(instrument: Instrument, leg: Leg, atMs: number) {
    this.instrument = instrument;
    this.leg = leg;
    this.updatedAt = atMs;
    this.note(atMs);
  }

  /**
   * A trade of a signed quantity that was worth `value` (worthOf), not signed.
   * @returns what it realised: what was closed brought minus what it had cost, without the multiplier.
   */
  trade(by: string, delta: Exact, value: Exact, atMs: number): Exact {
    const { qty, cost } = this;
    const after = qty + delta;
    this.changes.push({ by, qtyBefore: qty, costBefore: cost });
    this.qty = after;
    const gain = this.settleCost(qty, cost, delta, value);
    this.note(atMs);
    return gain;
  }

  /** Another quantity of the same cost. */
  rescale(by: string, qty: Exact, atMs: number): void {
    this.changes.push({ by, qtyBefore: this.qty, costBefore: this.cost });
    this.qty = qty;
    this.note(atMs);
  }

  /** Whether nothing changed it since. */
  isLatest(by: string): boolean {
    return this.changes.at(-1)?.by === by;
  }

  takeBackLatest(atMs: number): void {
    const change = this.changes.pop();
    if (!change) throw new Error("there is no change to take back");
    this.qty = change.qtyBefore;
    this.cost = change.costBefore;
    this.note(atMs);
  }

  /** In the asset that pays, without the multiplier: an inverse contract is worth its quantity over the price. */
  worthOf(qty: Exact, price: Exact): Exact {
    return isInverse(this.instrument) ? over(qty, price) : times(qty, price);
  }

  averagePrice(): Exact {
    const held = magnitude(this.qty);
    if (!isInverse(this.instrument)) return over(this.cost, held);
    return this.cost > 0n ? over(held, this.cost) : 0n;
  }

  /** How much an order of this side could close. */
  closable(side: "buy" | "sell"): Exact {
    const held = side === "buy" ? -this.qty : this.qty;
    return held > 0n ? held : 0n;
  }

  private settleCost(before: Exact, cost: Exact, delta: Exact, value: Exact): Exact {
    const after = before + delta;
    const isIncrease = before === 0n || before > 0n === delta > 0n;
    if (isIncrease) {
      this.cost = cost + value;
      return 0n;
    }
    const isFlip = after !== 0n && after > 0n !== before > 0n;
    const brought = isFlip ? share(value, magnitude(before), magnitude(delta)) : value;
    // Of all that is held, all that is left of the cost: over a life the result is exact.
    const closedCost = isFlip ? cost : share(cost, magnitude(delta), magnitude(before));
    this.cost = isFlip ? value - brought : cost - closedCost;
    // Who is long of an inverse contract owes coins, and fewer of them as the price rises.
    const isBrought = before > 0n !== isInverse(this.instrument);
    return isBrought ? brought - closedCost : closedCost - brought;
  }

  private note(atMs: number): void {
    this.updatedAt = atMs;
    this.moments.push(Object.freeze({ atMs, qty: text(this.qty) }));
  }
}
