// May this order pass the gate (R10)? An order reduces only if it makes the position smaller and does not cross
// zero under every quantity that is still possible; anything else counts as opening. Asking changes nothing.
import type { Book } from "./book/book.ts";
import { baseQuantities, openInterest } from "./commands/exposure.ts";
import { abs, add, compare, type Decimal, isZero, negate, sign, subtract } from "./decimal.ts";
import { isBounded } from "./exits/slots.ts";
import { gateFor } from "./gate.ts";
import { type OrderKey, positionKey } from "./keys.ts";
import type { GateState, Leg, Side } from "./words.ts";

export interface OrderQuestion {
  readonly instrument: string;
  readonly leg: Leg;
  readonly side: Side;
  /** Not signed; absent for an order by notional, whose quantity is not known. */
  readonly qty?: Decimal;
  readonly reduceOnly?: boolean;
  /** Whether the venue has a reduce-only flag at all. */
  readonly hasReduceOnlyFlag: boolean;
  /** An open order that this one would take the place of: it is left out of what is possible. */
  readonly except?: OrderKey;
  /**
   * Set for trueup's own order, of an exit that is armed or of a person's plan to close positions. One that reduces for sure
   * is admitted in every state of the gate, in `killed` only where it may pass it; never where another account answers.
   */
  readonly own?: { readonly mayPassKill: boolean };
}

export interface Admission {
  readonly isAdmitted: boolean;
  readonly gate: GateState;
  readonly isReducing: boolean;
  /** For a person: why not; empty when admitted. */
  readonly reasons: readonly string[];
}

const FLAG_MISSING =
  "the order would make the position smaller; at this venue it passes only when it says so itself (reduceOnly)";

/** @param venueQty What the venue said last of this position, signed; null when it has said nothing. */
export function admit(book: Book, order: OrderQuestion, venueQty: Decimal | null): Admission {
  const gate = gateFor(book.gate, order.instrument);
  const isSmaller = reducesForSure(book, order, venueQty);
  const isReducing = isSmaller && carriesFlag(order);
  // What closes a position here would open one in the account that answers.
  const isOther = book.gate.account.some(({ code }) => code === "wrong_account");
  const isAdmitted = order.own
    ? isReducing && !isOther && (gate !== "killed" || order.own.mayPassKill)
    : gate === "open" || (gate === "reduce_only" && isReducing);
  const held = [...book.gate.account, ...(book.gate.instruments[order.instrument] ?? [])];
  const reasons = isAdmitted ? [] : held.map((reason) => `${reason.state}: ${reason.text}`);
  if (!isAdmitted && (gate === "reduce_only" || (order.own && !isReducing))) {
    reasons.push(
      isSmaller
        ? FLAG_MISSING
        : "the order is not certain to make the position smaller without crossing zero",
    );
  }
  return { isAdmitted, gate, isReducing, reasons };
}

/** Where the venue has a flag, it too is to see that the order only reduces. */
function carriesFlag({ hasReduceOnlyFlag, reduceOnly }: OrderQuestion): boolean {
  return !hasReduceOnlyFlag || reduceOnly === true;
}

function reducesForSure(book: Book, order: OrderQuestion, venueQty: Decimal | null): boolean {
  if (order.qty === undefined || sign(order.qty) <= 0) return false;
  const delta = order.side === "buy" ? order.qty : negate(order.qty);
  const key = positionKey(order.instrument, order.leg);
  // An exit at the venue that the venue's own flag bounds cannot take a position across zero, whatever else trades.
  const open = openInterest(
    book,
    key,
    (one) => one.orderKey === order.except || isBounded(one, { reduceOnlyFlag: order.hasReduceOnlyFlag }),
  );
  // While an order of unknown quantity is open on the same side nothing is certain; one on the other side only takes the
  // position further from zero.
  const beside = order.side === "buy" ? open.boughtNotional : open.soldNotional;
  if (!open.isKnown || !isZero(beside)) return false;
  const possible = baseQuantities(book, key, venueQty).flatMap((base) => [
    base,
    add(base, open.bought),
    subtract(base, open.sold),
  ]);
  return possible.every((qty) => {
    const after = add(qty, delta);
    const isSmaller = compare(abs(after), abs(qty)) < 0;
    return isSmaller && (isZero(after) || sign(after) === sign(qty));
  });
}
