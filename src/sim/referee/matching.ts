// When an order meets its price, and how much of it trades at once. Nothing is changed here.
import type { Side } from "../../core/index.ts";
import type { SeededRandom } from "../swarm/random.ts";
import type { Exact } from "./exact.ts";
import type { VenueOrder } from "./order.ts";

/** A part is one of at most this many pieces, so that no part is dust beside its order. */
const PIECES_MAX = 1_000;

export type Meeting =
  | { readonly kind: "waits" }
  | { readonly kind: "triggered" }
  | { readonly kind: "trades"; readonly price: Exact };

/** @param isTaking It comes to a market that is there, at its last price; one that rests trades at its own. */
export function meeting(order: VenueOrder, last: Exact, isTaking: boolean): Meeting {
  const { price, triggerPrice } = order;
  const { side } = order.facts;
  if (order.isWaitingForTrigger) {
    // A stop to sell waits for the price to fall to its trigger, where a limit waits for it to rise.
    const isReached =
      triggerPrice !== undefined && crosses(side === "buy" ? "sell" : "buy", triggerPrice, last);
    return isReached ? { kind: "triggered" } : { kind: "waits" };
  }
  if (order.type === "market" || price === undefined) return { kind: "trades", price: last };
  if (!crosses(side, price, last)) return { kind: "waits" };
  return { kind: "trades", price: isTaking ? last : price };
}

function crosses(side: Side, limit: Exact, last: Exact): boolean {
  return side === "buy" ? last <= limit : last >= limit;
}

/** All of it, or less than that in whole steps. */
export function partOf(wanted: Exact, step: Exact, chance: number, random: SeededRandom): Exact {
  const steps = wanted / step;
  const hasRest = steps * step !== wanted;
  if (steps < (hasRest ? 1n : 2n) || !random.chance(chance)) return wanted;
  const pieces = Number(steps < PIECES_MAX ? steps : BigInt(PIECES_MAX));
  const piece = steps / BigInt(pieces);
  return BigInt(random.int(1, hasRest ? pieces : pieces - 1)) * piece * step;
}
