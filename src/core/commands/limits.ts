// The owner's limits: what one order, one position and the account as a whole may come to, and how many orders there
// may be. A limit that cannot be worked out, because a price is not known, is not passed.
import type { Book } from "../book/book.ts";
import { isActive } from "../book/orders.ts";
import { heldKeys } from "../book/positions.ts";
import { add, compare, type Decimal, max, multiply, sign, ZERO } from "../decimal.ts";
import { type Instrument, payoffOf } from "../instrument.ts";
import { type OrderKey, type PositionKey, positionKey, splitPositionKey } from "../keys.ts";
import { averagePrice } from "../ledger/holding.ts";
import type { AccountLimits } from "../policy.ts";
import type { Leg, Side } from "../words.ts";
import { baseQuantities, furthest, openInterest, reach } from "./exposure.ts";

const MINUTE_MS = 60_000;

/** The order as it would be sent. */
export interface LimitQuestion {
  readonly instrument: string;
  readonly leg: Leg;
  readonly side: Side;
  readonly qty?: Decimal;
  readonly notional?: Decimal;
  /** Prices that the order itself and its sender speak of. */
  readonly prices: readonly Decimal[];
  /** Whether they bound what it trades at: a sale below the market trades at the market, a stop beyond its trigger. */
  readonly arePricesBound: boolean;
  /** The open order that it would take the place of. */
  readonly except?: OrderKey;
}

export interface LimitFacts {
  readonly book: Book;
  /** Also of what the book has never seen: an option is worth its multiplier from the first order on. */
  readonly instrument: (symbol: string) => Instrument;
  readonly limits: AccountLimits;
  readonly lastPrices: ReadonlyMap<string, Decimal>;
  /** What the venue said last of a position, signed; null where it has said nothing. */
  readonly venueQty: (key: PositionKey) => Decimal | null;
  readonly nowMs: number;
}

export interface LimitProblem {
  readonly code: "limit_exceeded" | "no_price";
  readonly text: string;
}

/** Why the limits do not allow it; null when they do. */
export function limitProblem(question: LimitQuestion, facts: LimitFacts): LimitProblem | null {
  return countProblem(question, facts) ?? valueProblem(question, facts);
}

function countProblem({ except }: LimitQuestion, { book, limits, nowMs }: LimitFacts): LimitProblem | null {
  const { openOrdersMax, ordersPerMinuteMax } = limits;
  const ours = [...book.orders.values()].filter(({ intentId }) => intentId !== null);
  const open = ours.filter((order) => order.orderKey !== except && isActive(order)).length;
  if (openOrdersMax !== null && open >= openOrdersMax) {
    return exceeded(`${open} orders are open already, open_orders_max is ${openOrdersMax}`);
  }
  const isRecent = (atMs: number) => nowMs - atMs < MINUTE_MS;
  const sent = ours.filter((order) => isRecent(Math.max(order.knownSinceMs, order.sentAtMs ?? 0))).length;
  const amended = book.amendedAtMs.filter(isRecent).length;
  if (ordersPerMinuteMax !== null && sent + amended >= ordersPerMinuteMax) {
    const what = amended === 0 ? `${sent} orders` : `${sent} orders and ${amended} amendments`;
    return exceeded(`${what} were sent within a minute, orders_per_minute_max is ${ordersPerMinuteMax}`);
  }
  return null;
}

function valueProblem(question: LimitQuestion, facts: LimitFacts): LimitProblem | null {
  const { orderValueMax, positionValueMax, exposureMax } = facts.limits;
  if (orderValueMax === null && positionValueMax === null && exposureMax === null) return null;
  const { instrument, leg, qty = ZERO, notional = ZERO } = question;
  const each = worthOfOne(facts.instrument(instrument), () => priceOf(question, facts));
  if (each === null) return noPrice(instrument);
  const orderValue = add(multiply(qty, each), notional);
  const orderProblem = overMax("the order", orderValue, orderValueMax, "order_value_max");
  if (orderProblem) return orderProblem;
  const key = positionKey(instrument, leg);
  const position = positionValue(key, each, facts, question);
  const what = `the position in ${instrument}, with all that is open,`;
  const positionProblem = overMax(what, position, positionValueMax, "position_value_max");
  if (positionProblem || exposureMax === null) return positionProblem;
  let exposure = position;
  for (const other of keysAtRisk(facts.book)) {
    if (other === key) continue;
    const { instrument: symbol } = splitPositionKey(other);
    const ofOther = worthOfOne(facts.instrument(symbol), () => priceOfPosition(other, facts));
    if (ofOther === null) return noPrice(symbol);
    exposure = add(exposure, positionValue(other, ofOther, facts));
  }
  return overMax("the account's exposure", exposure, exposureMax, "exposure_max");
}

/** What the position may be worth at most, with all its open orders and this one. Not signed. */
function positionValue(
  key: PositionKey,
  each: Decimal,
  { book, venueQty }: LimitFacts,
  question?: LimitQuestion,
): Decimal {
  const open = openInterest(book, key, question?.except);
  const { qty = ZERO, notional = ZERO, side } = question ?? {};
  const isBuy = side === "buy";
  const traded = {
    bought: isBuy ? add(open.bought, qty) : open.bought,
    sold: isBuy ? open.sold : add(open.sold, qty),
  };
  const notionals = max(
    isBuy ? add(open.boughtNotional, notional) : open.boughtNotional,
    isBuy ? open.soldNotional : add(open.soldNotional, notional),
  );
  const far = furthest(reach(baseQuantities(book, key, venueQty(key)), traded));
  return add(multiply(far, each), notionals);
}

/**
 * What one share, coin or contract is worth, in the currency that it is priced in; null where that takes a price that nobody
 * knows. An inverse contract is worth its multiplier of that currency (100 USD), whatever the price.
 */
export function worthOfOne(instrument: Instrument, price: () => Decimal | null): Decimal | null {
  if (payoffOf(instrument) === "inverse") return instrument.multiplier;
  const known = price();
  return known === null ? null : multiply(known, instrument.multiplier);
}

/** Positions that are held or that an open order may open. */
function keysAtRisk(book: Book): Set<PositionKey> {
  const ordered = [...book.orders.values()].flatMap((order) =>
    isActive(order) ? [positionKey(order.instrument, order.leg ?? "net")] : [],
  );
  return new Set([...heldKeys(book), ...ordered]);
}

/**
 * The highest price that anything speaks of: a limit is there for the worst case. What other orders are limited to bounds
 * those orders, and not one that trades at the market.
 */
function priceOf(question: LimitQuestion, facts: LimitFacts): Decimal | null {
  const { instrument, leg, prices, arePricesBound } = question;
  const key = positionKey(instrument, leg);
  const market = marketPrice(key, facts);
  if (market === null && !(arePricesBound && prices.length > 0)) return null;
  const known = market ?? boundOfOrders(key, facts);
  if (known === null) return null;
  return [...prices, ...(known === undefined ? [] : [known])].reduce(max);
}

function priceOfPosition(key: PositionKey, facts: LimitFacts): Decimal | null {
  return marketPrice(key, facts) ?? boundOfOrders(key, facts) ?? null;
}

function marketPrice(key: PositionKey, { book, lastPrices }: LimitFacts): Decimal | null {
  const last = lastPrices.get(splitPositionKey(key).instrument);
  // By a price of zero or less any quantity would pass: it values nothing.
  if (last !== undefined && sign(last) > 0) return last;
  const ledger = book.ledgers.get(key);
  const average = ledger ? averagePrice(ledger.holding, ledger.terms.payoff) : null;
  return average !== null && sign(average) > 0 ? average : null;
}

/** What the key's open orders may trade at, at most; null where one of them has no bound, undefined where there are none. */
function boundOfOrders(key: PositionKey, { book }: LimitFacts): Decimal | null | undefined {
  const { instrument, leg } = splitPositionKey(key);
  const named = [...book.orders.values()].flatMap((order) =>
    order.instrument === instrument && (order.leg ?? leg) === leg && isActive(order)
      ? [order.side === "buy" ? order.price : null]
      : [],
  );
  const prices = named.filter((price) => price !== null);
  if (named.length === 0) return undefined;
  return prices.length < named.length ? null : prices.reduce(max);
}

function overMax(what: string, value: Decimal, most: Decimal | null, name: string): LimitProblem | null {
  if (most === null || compare(value, most) <= 0) return null;
  return exceeded(`${what} would be worth ${value}, ${name} is ${most}`);
}

function exceeded(text: string): LimitProblem {
  return { code: "limit_exceeded", text };
}

function noPrice(instrument: string): LimitProblem {
  const text = `no price of ${instrument} is known, so that the limits on value cannot be worked out; give a reference price with the order, or wait until the venue has told one`;
  return { code: "no_price", text };
}
