// Exits that lie at the venue: the backstop of a whole position, or a share's stop and target. Which there should be and
// for how much follows from the book, what is armed and what the venue said last; which order is which follows from its
// intent alone, so that a restart finds it again. What is done about a difference is the engine's (engine/placed-exits.ts).
import type { Book, BookLedger, Order } from "../book/book.ts";
import { isActive } from "../book/orders.ts";
import type { CommandCapabilities } from "../capabilities.ts";
import type { OrderIntent } from "../commands/intent.ts";
import { abs, add, type Decimal, isLess, isZero, min, sign, subtract, sum, ZERO } from "../decimal.ts";
import { instrumentOf } from "../instrument.ts";
import { type PositionKey, positionKey } from "../keys.ts";
import { averagePrice } from "../ledger/holding.ts";
import { currentLife } from "../ledger/ledger.ts";
import { type Leg, type TimeInForce, UNATTRIBUTED } from "../words.ts";
import { type Armable, closingSide, floorTo, heldForSure } from "./arm.ts";
import { mayStillClose } from "./decide.ts";
import { levelAt } from "./evaluate.ts";
import type { ExitMode, ExitPolicy } from "./plan.ts";
import { type PlacedRole, placedIntentId, placedRoleOf, placedSlotOf, slotName } from "./slots.ts";
import type { ArmedExit } from "./state.ts";

/** What should lie at the venue in one place: one order at a time is in it. */
export interface PlacedWish {
  readonly slot: string;
  readonly role: PlacedRole;
  readonly instrument: string;
  readonly leg: Leg;
  /** Whose share; `unattributed` of the backstop, which is for the whole position. */
  readonly strategy: string;
  /** Of the position. */
  readonly side: "long" | "short";
  /** Not signed; zero where none of it is free for sure. */
  readonly qty: Decimal;
  /** Null where it cannot be told: then nothing is placed, and what lies there stays. */
  readonly level: Decimal | null;
  /** Whether the book and what the venue said last differ: it is no time to change an order that can only reduce. */
  readonly isDoubted: boolean;
}

/** How often something was asked for in this place: an order, or a change of one. */
export function attemptsOf(book: Book, slot: string): number {
  const isKnown = (attempt: number) => book.intents.has(placedIntentId(slot, attempt));
  let above = 1;
  while (isKnown(above)) above *= 2;
  // Attempts are counted without a gap.
  let known = above === 1 ? 0 : above / 2;
  while (above - known > 1) {
    const middle = Math.floor((known + above) / 2);
    if (isKnown(middle)) known = middle;
    else above = middle;
  }
  return known;
}

/** Why this mode cannot be kept at the venue, in words; null where it can. */
export function modeNotPossible(mode: ExitMode, commands: CommandCapabilities): string | null {
  if (mode === "managed") return null;
  if (!commands.types.includes("stop")) {
    return `this venue's adapter sends no stop orders, so that no exit can lie there; set mode = "managed"`;
  }
  if (!commands.submit || !commands.cancel) {
    return `this venue's adapter cannot both send and cancel orders; set mode = "managed"`;
  }
  return null;
}

/** Everything that decides what should lie at the venue. */
export interface PlaceContext {
  readonly book: Book;
  readonly exits: ExitPolicy;
  readonly commands: CommandCapabilities;
  /** What the venue said last of a position, signed; null where it has said nothing. */
  readonly venueQty: (key: PositionKey) => Decimal | null;
  /** What can be armed, for those that want no exit. */
  readonly armable: Armable;
  /** Our clock, ms. */
  readonly nowMs: number;
}

/** Everything that should lie at the venue now. */
export function placedWishes(context: PlaceContext): PlacedWish[] {
  const { exits, commands } = context;
  if (exits.mode === "managed" || modeNotPossible(exits.mode, commands) !== null) return [];
  const ledgers = [...context.book.ledgers.values()]
    .filter(({ holding }) => !isZero(holding.qty))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return exits.mode === "venue"
    ? ledgers.flatMap((ledger) => ofShares(context, ledger))
    : ledgers.flatMap((ledger) => backstopOf(context, ledger) ?? []);
}

function backstopOf(context: PlaceContext, ledger: BookLedger): PlacedWish | null {
  const { book, exits, armable } = context;
  const life = currentLife(ledger);
  if (!life || exits.backstop === undefined) return null;
  const { key, instrument, leg, holding, terms } = ledger;
  // A share that a person wants no exit for has no backstop either.
  const declined = sum(
    armable.unarmed.flatMap((lot) => (lot.key === key && lot.code === "declined" ? [lot.qty] : [])),
  );
  const isLong = life.direction > 0;
  const { qtyStep, priceStep } = book.instruments.get(instrument) ?? instrumentOf(instrument);
  if (isZero(floorTo(subtract(abs(holding.qty), declined), qtyStep))) return null;
  const { free, isDoubted } = freeOf(context, key, life.direction);
  const entryPrice = averagePrice(holding, terms.payoff);
  const exact = entryPrice === null ? null : levelAt(entryPrice, exits.backstop, !isLong);
  const stepped = exact === null ? null : floorTo(exact, priceStep);
  return {
    slot: slotName(book.account, "backstop", key, UNATTRIBUTED),
    role: "backstop",
    instrument,
    leg,
    strategy: UNATTRIBUTED,
    side: isLong ? "long" : "short",
    qty: floorTo(subtract(free, declined), qtyStep),
    level: stepped !== null && isZero(stepped) ? exact : stepped,
    isDoubted,
  };
}

/** Stop and target of every share that is armed and not being closed by an order of trueup's already. */
function ofShares(context: PlaceContext, { key }: BookLedger): PlacedWish[] {
  const { book, commands, nowMs } = context;
  const wishes: PlacedWish[] = [];
  let left: Decimal | null = null;
  for (const { facts, trigger } of armedOf(book, key)) {
    if (trigger !== null) continue;
    const { side, instrument, leg, strategy, stop, target, holdUntilMs } = facts;
    const { free, isDoubted } = freeOf(context, key, side === "long" ? 1 : -1);
    // Without the flag only a stop lies there, and what lies nowhere takes nothing from the other shares.
    if (stop === null && !commands.reduceOnlyFlag) continue;
    left ??= free;
    const qty = min(facts.qty, left);
    left = subtract(left, qty);
    const place = (role: PlacedRole, level: Decimal): PlacedWish => {
      const slot = slotName(book.account, role, key, strategy);
      return { slot, role, instrument, leg, strategy, side, qty, level, isDoubted };
    };
    if (stop !== null) wishes.push(place("stop", stop));
    const mayTarget = commands.reduceOnlyFlag && commands.types.includes("limit");
    const isHeld = holdUntilMs !== null && nowMs < holdUntilMs;
    if (
      target !== null &&
      mayTarget &&
      !isHeld &&
      !hasTraded(book, slotName(book.account, "stop", key, strategy))
    ) {
      wishes.push(place("target", target));
    }
  }
  return wishes;
}

function armedOf(book: Book, key: PositionKey): ArmedExit[] {
  return [...book.exits.values()]
    .filter(({ facts }) => positionKey(facts.instrument, facts.leg) === key)
    .sort((a, b) => (a.facts.strategy < b.facts.strategy ? -1 : 1));
}

/** Whether the order of this place is at work already: the rest of it is on its way, and nothing else may sell that. */
function hasTraded(book: Book, slot: string): boolean {
  return [...book.orders.values()].some(
    (order) =>
      placedSlotOf(order) === slot && isActive(order) && sign(add(order.fillsQty, order.unbackedQty)) > 0,
  );
}

/**
 * What is held for sure and free for orders at the venue. Where the venue has no flag that keeps an order from opening a
 * position, what other working orders may still close is not free; where it has, the flag bounds it.
 */
function freeOf(
  { book, venueQty, commands }: PlaceContext,
  key: PositionKey,
  direction: 1 | -1,
): { readonly free: Decimal; readonly isDoubted: boolean } {
  const said = venueQty(key);
  const held = heldForSure(book, key, direction, said);
  const ledger = book.ledgers.get(key);
  const isDoubted = said !== null && said !== ledger?.holding.qty;
  if (commands.reduceOnlyFlag) return { free: held, isDoubted };
  const side = direction > 0 ? "long" : "short";
  const taken = mayStillClose(book, key, side, (order) => placedRoleOf(order) !== null);
  const free = taken === null ? ZERO : subtract(held, taken);
  return { free: sign(free) > 0 ? free : ZERO, isDoubted };
}

/** Whether the price is at the level or beyond it: an order that is placed there would trade at once. */
export function isBeyond({ role, side, level }: PlacedWish, price: Decimal): boolean {
  if (level === null) return false;
  const isUpward = (side === "long") === (role === "target");
  return isUpward ? !isLess(price, level) : !isLess(level, price);
}

/** How long an order may lie there, the longest first. A next attempt tries the next, as one may be refused. */
const TIMES: readonly TimeInForce[] = ["gtc", "day"];

/** The order of a place. @param refused How many were refused in a row before it. */
export function placedIntent(
  { slot, role, instrument, leg, side, strategy, qty, level }: PlacedWish & { readonly level: Decimal },
  attempt: number,
  { timesInForce }: CommandCapabilities,
  refused: number,
): OrderIntent {
  const times = TIMES.filter((one) => timesInForce.includes(one));
  return {
    intentId: placedIntentId(slot, attempt),
    instrument,
    leg,
    side: closingSide(side),
    type: role === "target" ? "limit" : "stop",
    qty,
    ...(role === "target" ? { price: level } : { triggerPrice: level }),
    timeInForce: times[refused % Math.max(1, times.length)] ?? "gtc",
    reduceOnly: true,
    strategy,
  };
}

/** Where the order lies. */
export function levelOfPlaced({
  price,
  triggerPrice,
}: Pick<Order, "price" | "triggerPrice">): Decimal | null {
  return triggerPrice ?? price;
}

/** Orders of these places that may still trade, the youngest last. */
export function workingPlaced(book: Book): Map<string, Order[]> {
  const working = new Map<string, Order[]>();
  for (const order of book.orders.values()) {
    const slot = order.intentId === null || !isActive(order) ? null : placedSlotOf(order);
    if (slot !== null) working.set(slot, [...(working.get(slot) ?? []), order]);
  }
  return working;
}
