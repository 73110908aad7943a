// Closing positions by a person's plan: what is held, and what may be sent next to close it. Never more than was planned,
// never across zero under any quantity that is still possible, and no second order while the first one's end is not known.
import type { Book, Order } from "../book/book.ts";
import { filledQty, isActive, orderStatus } from "../book/orders.ts";
import { heldKeys, positionQty } from "../book/positions.ts";
import type { CommandCapabilities } from "../capabilities.ts";
import {
  abs,
  compare,
  type Decimal,
  decimal,
  divide,
  isZero,
  min,
  multiply,
  sign,
  subtract,
  sum,
  ZERO,
} from "../decimal.ts";
import { deriveId } from "../hash.ts";
import type { Instrument } from "../instrument.ts";
import { type PositionKey, positionKey, splitPositionKey } from "../keys.ts";
import { averagePrice } from "../ledger/holding.ts";
import { type Leg, type Side, type TimeInForce, UNATTRIBUTED } from "../words.ts";
import type { OrderIntent } from "./intent.ts";
import { ordersToEnd } from "./kill-risk.ts";
import { worthOfOne } from "./limits.ts";

/** A position that is to be closed. */
export interface FlattenLeg {
  readonly instrument: string;
  readonly leg: Leg;
  /** Of the order that closes it. */
  readonly side: Side;
  /** Not signed. */
  readonly qty: Decimal;
  /** The last price that is known, or the average that was paid; null where neither is. */
  readonly price: Decimal | null;
  /** What it is worth by that price, in the quote currency; null where no price is known. */
  readonly notional: Decimal | null;
  /** Working orders on it, which are cancelled first. */
  readonly orders: readonly string[];
}

/** Everything that decides what a plan shows, and what it does next. */
export interface FlattenContext {
  readonly book: Book;
  readonly instrument: (symbol: string) => Instrument;
  readonly commands: CommandCapabilities;
  readonly lastPrices: ReadonlyMap<string, Decimal>;
  /** What the venue said last of a position, signed; null where it has said nothing. */
  readonly venueQty: (key: PositionKey) => Decimal | null;
  /** Whether the last read told what is held: what an earlier one said may be gone since. */
  readonly hasReadNow: boolean;
}

/** Orders that the venue refuses one after the other before a position is given up, and orders of one plan in all. */
const REFUSED_MAX = 4;
const ORDERS_MAX = 12;
/** What is executed now or not at all comes first; kinds of instrument that do not take it refuse it unsent. */
const TIMES: readonly TimeInForce[] = ["ioc", "day", "gtc", "fok"];

/** @param only This instrument alone; null for all. */
export function flattenLegs(context: FlattenContext, only: string | null): FlattenLeg[] {
  const { book, lastPrices, instrument: known } = context;
  return heldKeys(book)
    .map((key) => ({ key, ...splitPositionKey(key) }))
    .filter(({ key, instrument }) => (only === null || instrument === only) && !isFlat(context, key))
    .map(({ key, instrument, leg }) => {
      const held = positionQty(book, key);
      const ledger = book.ledgers.get(key);
      const price =
        lastPrices.get(instrument) ?? (ledger ? averagePrice(ledger.holding, ledger.terms.payoff) : null);
      const qty = abs(held);
      const side: Side = sign(held) > 0 ? "sell" : "buy";
      const each = worthOfOne(known(instrument), () => price);
      const notional = each === null ? null : abs(multiply(qty, each));
      const orders = workingOn(book, instrument, leg).map(nameOf);
      return { instrument, leg, side, qty, price, notional, orders };
    });
}

/** Orders that may still trade on a position, stops too. */
export function workingOn(book: Book, instrument: string, leg: Leg): Order[] {
  return ordersToEnd(book, { isAll: true, hasReduceOnlyFlag: false }).filter(
    (order) => order.instrument === instrument && (order.leg === null || order.leg === leg),
  );
}

export type FlattenStep =
  | { readonly kind: "flat" }
  | { readonly kind: "send"; readonly intent: OrderIntent }
  /** Orders that stand in the way. */
  | { readonly kind: "cancel"; readonly orders: readonly Order[]; readonly why: string }
  | { readonly kind: "wait"; readonly why: string }
  | { readonly kind: "give_up"; readonly why: string };

/** What closes this position next; asked again after every read. */
export function nextStep(context: FlattenContext, planId: string, planned: FlattenLeg): FlattenStep {
  const { book, venueQty, commands, hasReadNow } = context;
  const { instrument, leg, side } = planned;
  const key = positionKey(instrument, leg);
  if (isFlat(context, key)) return { kind: "flat" };
  const own = ownOrders(book, planId, planned);
  const working = own.find(isActive);
  if (working) return { kind: "wait", why: `its order ${nameOf(working)} is ${orderStatus(working)}` };
  const refusal = refusalOf(own, commands);
  if (refusal !== null) return { kind: "give_up", why: refusal };
  const said = venueQty(key);
  // Nothing but a read keeps the order from opening the other side, where the venue itself does not.
  if (!commands.reduceOnlyFlag && (said === null || !hasReadNow)) {
    return { kind: "wait", why: "the venue has not said what is held, and it has no reduce-only orders" };
  }
  const possible = said === null ? [positionQty(book, key)] : [positionQty(book, key), said];
  const direction = side === "sell" ? 1 : -1;
  if (possible.some((qty) => sign(qty) === -direction)) {
    return {
      kind: "give_up",
      why: `it has turned round since it was planned: ${possible.join(" or ")} is held`,
    };
  }
  const left = subtract(planned.qty, sum(own.map(filledQty)));
  if (sign(left) <= 0) {
    return isZero(possible[0] ?? ZERO)
      ? { kind: "wait", why: "by its fills it is closed, and no complete read shows it yet" }
      : { kind: "give_up", why: "more is held than was planned; make a new plan" };
  }
  const qty = wholeSteps([left, ...possible.map(abs)].reduce(min), context.instrument(instrument).qtyStep);
  if (isZero(qty)) return { kind: "wait", why: `book and venue do not agree: ${possible.join(" and ")}` };
  const others = workingOn(book, instrument, leg);
  if (others.length > 0) {
    const why = `${others.map(nameOf).join(", ")} may still trade on it`;
    return { kind: "cancel", orders: others, why };
  }
  return { kind: "send", intent: closingIntent(context, planId, planned, { qty, before: own }) };
}

/** Whether less than a step is left of it, by the book and by what the venue said last. */
export function isFlat({ book, instrument, venueQty }: FlattenContext, key: PositionKey): boolean {
  const { qtyStep } = instrument(splitPositionKey(key).instrument);
  return [positionQty(book, key), venueQty(key) ?? ZERO].every((qty) => compare(abs(qty), qtyStep) < 0);
}

/** The orders that this plan sent for it, in their order. */
export function ownOrders(book: Book, planId: string, leg: Pick<FlattenLeg, "instrument" | "leg">): Order[] {
  const orders: Order[] = [];
  for (let number = 1; number <= ORDERS_MAX; number += 1) {
    const known = book.intents.get(intentIdOf(planId, leg, number));
    const order = known && book.orders.get(known.orderKey);
    if (!order) break;
    orders.push(order);
  }
  return orders;
}

function refusalOf(own: readonly Order[], { submit, types }: CommandCapabilities): string | null {
  if (!submit) return "this venue's adapter cannot send orders; close it at the venue";
  if (!types.includes("market")) return "this venue takes no market orders; close it at the venue";
  const refused = own.filter((order) => orderStatus(order) === "rejected");
  const last = own.at(-1);
  if (refused.length >= REFUSED_MAX) {
    return `the venue refused ${refused.length} orders, the last: ${last?.statusReason ?? "no reason given"}`;
  }
  return own.length >= ORDERS_MAX ? `${own.length} orders did not close it; make a new plan` : null;
}

function closingIntent(
  { lastPrices, commands }: FlattenContext,
  planId: string,
  planned: FlattenLeg,
  { qty, before }: { readonly qty: Decimal; readonly before: readonly Order[] },
): OrderIntent {
  const { instrument, leg, side } = planned;
  const times = TIMES.filter((one) => commands.timesInForce.includes(one));
  const refused = before.filter((order) => orderStatus(order) === "rejected").length;
  const price = lastPrices.get(instrument);
  return {
    intentId: intentIdOf(planId, planned, before.length + 1),
    instrument,
    leg,
    side,
    type: "market",
    qty,
    timeInForce: times[refused % times.length] ?? "gtc",
    reduceOnly: true,
    strategy: UNATTRIBUTED,
    ...(price !== undefined && sign(price) > 0 && { referencePrice: price }),
  };
}

/** The same after a crash: an order that may have left is not sent a second time. */
function intentIdOf(
  planId: string,
  { instrument, leg }: Pick<FlattenLeg, "instrument" | "leg">,
  number: number,
) {
  return deriveId("close", [planId, positionKey(instrument, leg), number]);
}

/** The largest number of whole steps that is not more. */
function wholeSteps(qty: Decimal, step: Decimal): Decimal {
  if (isZero(step)) return qty;
  const [whole = "0"] = divide(qty, step).split(".");
  const rounded = multiply(decimal(whole), step);
  // A quotient that does not come out even may have been rounded up.
  return compare(rounded, qty) > 0 ? subtract(rounded, step) : rounded;
}

function nameOf({ clientOrderId, venueOrderId, instrument }: Order): string {
  return clientOrderId ?? venueOrderId ?? instrument;
}
