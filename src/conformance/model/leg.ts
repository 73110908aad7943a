// One leg of one instrument at average cost, in whole numbers of its own (sim/referee/exact.ts): what it holds, what it
// cost, and what a trade realises. An inverse contract is worth its quantity over the price.

import type { Decimal, Leg } from "../../core/index.ts";
import { type Exact, exact, magnitude, over, share, text, times } from "../../sim/referee/exact.ts";
import type { ModelInstrument } from "./facts.ts";

export class ModelLeg {
  readonly of: ModelInstrument;
  readonly leg: Leg;
  /** Signed. */
  qty: Exact = 0n;
  /** What is held was worth when it was bought: quantity × price, or quantity ÷ price of an inverse contract. */
  private worth: Exact = 0n;
  updatedAt: number;

  constructor(of: ModelInstrument, leg: Leg, atMs: number) {
    this.of = of;
    this.leg = leg;
    this.updatedAt = atMs;
  }

  get isInverse(): boolean {
    return this.of.kind === "inverse";
  }

  /** What a quantity is worth at a price, without the multiplier. Not signed. */
  worthOf(qty: Exact, price: Exact): Exact {
    return this.isInverse ? over(qty, price) : times(qty, price);
  }

  /** @returns what was realised, in the settling asset, without the multiplier. */
  trade(delta: Exact, price: Exact, atMs: number): Exact {
    const before = this.qty;
    const cost = this.worth;
    const value = this.worthOf(magnitude(delta), price);
    this.qty = before + delta;
    this.updatedAt = atMs;
    if (before === 0n || before > 0n === delta > 0n) {
      this.worth = cost + value;
      return 0n;
    }
    const closes = magnitude(delta) < magnitude(before) ? magnitude(delta) : magnitude(before);
    const closedCost = share(cost, closes, magnitude(before));
    const brought = share(value, closes, magnitude(delta));
    this.worth = closes === magnitude(before) ? value - brought : cost - closedCost;
    const isGain = before > 0n !== this.isInverse;
    return isGain ? brought - closedCost : closedCost - brought;
  }

  /** Another quantity of the same cost: a fee taken in kind, a split. */
  setQty(qty: Exact, atMs: number): void {
    this.qty = qty;
    this.updatedAt = atMs;
    if (qty === 0n) this.worth = 0n;
  }

  entryPrice(): Decimal | null {
    if (this.qty === 0n || this.worth <= 0n) return null;
    return text(this.priceOf(magnitude(this.qty), this.worth));
  }

  /** At which a quantity is worth that much. */
  priceOf(qty: Exact, worth: Exact): Exact {
    return this.isInverse ? over(qty, worth) : over(worth, qty);
  }

  /** To be taken back to. */
  keep(): () => void {
    const { qty, worth } = this;
    return () => {
      this.qty = qty;
      this.worth = worth;
    };
  }
}

export { type Exact, exact, text };
