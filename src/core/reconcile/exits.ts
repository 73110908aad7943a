// What a pass sees of exits: positions that nothing would close, and orders of others at the venue that would. Both are
// of the book and only told: nothing is repaired here, and no order of somebody else is ever cancelled by itself.
import type { Order } from "../book/book.ts";
import { isActive } from "../book/orders.ts";
import { positionQty } from "../book/positions.ts";
import { openQty } from "../commands/exposure.ts";
import { type Decimal, isZero, negate, sign } from "../decimal.ts";
import { BOOK } from "../discrepancy.ts";
import { type Armable, armable, protects, type UnarmedLot } from "../exits/arm.ts";
import { armingDrafts, disarmAll, exitsNotPossible } from "../exits/decide.ts";
import type { LotKey } from "../exits/state.ts";
import { lotKey } from "../exits/state.ts";
import { type PositionKey, positionKey, splitPositionKey } from "../keys.ts";
import type { Draft } from "../records.ts";
import type { PassContext } from "./context.ts";
import { type Seen, type Sighted, sight } from "./sight.ts";

export interface ExitFindings {
  readonly drafts: readonly Draft[];
  readonly sighted: readonly Sighted[];
}

/** Why an exit that is armed cannot act now: its price is too old, its orders fail. Known to the engine alone. */
export type ExitTroubles = ReadonlyMap<LotKey, Pick<UnarmedLot, "code" | "text">>;

export interface ExitContext extends PassContext {
  /** What this read says of a position, signed; null where it says nothing. */
  readonly venueQty: (key: PositionKey) => Decimal | null;
  readonly exitTroubles: ExitTroubles;
  /** At what a position could be closed now, by a price that is young enough; null where none is known. */
  readonly priceOf: (instrument: string, side: "long" | "short") => Decimal | null;
}

const NO_STOP_AT_VENUE =
  "no stop works for it at the venue, and trueup does not close positions here (exits.owns)";
const TARGET_ONLY =
  "its plan only takes profit: nothing closes it when it loses; add a stop, a trailing stop or a time stop";

export function reconcileExits(context: ExitContext): ExitFindings {
  const { book, policy, capabilities, venueQty } = context;
  const { exits } = policy;
  // What was armed while trueup closed positions here protects nothing any more, and must not be shown as if it did.
  const ended = () => disarmAll(book, context.causeId);
  if (exits === null) return { drafts: ended(), sighted: [] };
  const foreign = foreignExits(context);
  if (!exits.owns) {
    const unstopped = positionsWithoutStop(context);
    return enter([...foreign, ...unstopped], ended(), context);
  }
  const notPossible = exitsNotPossible(policy, capabilities.commands);
  const { priceOf, nowMs } = context;
  const wanted = armable({ book, exits, venueQty, notPossible, now: { priceOf, atMs: nowMs } });
  const drafts = armingDrafts(book, wanted, context.causeId);
  return enter([...foreign, ...unprotected(wanted, context)], drafts, context);
}

function enter(seen: readonly Seen[], drafts: readonly Draft[], context: ExitContext): ExitFindings {
  const sighted = seen.map((one) => sight(context.book, one, context, context.causeId));
  return { drafts: [...drafts, ...sighted.flatMap((one) => one.drafts)], sighted };
}

/** One for each position that has a lot without an exit that could act. */
function unprotected({ exits, unarmed }: Armable, context: ExitContext): Seen[] {
  const missing = new Map<PositionKey, UnarmedLot[]>();
  const add = (lot: UnarmedLot) => missing.set(lot.key, [...(missing.get(lot.key) ?? []), lot]);
  for (const lot of unarmed) {
    // A price that is only not there yet is waited for.
    if (lot.code !== "price_stale" || context.exitTroubles.has(lotKey(lot.key, lot.strategy))) add(lot);
  }
  for (const exit of exits) {
    const key = positionKey(exit.instrument, exit.leg);
    const trouble = context.exitTroubles.get(lotKey(key, exit.strategy));
    const reason = trouble ?? (protects(exit) ? null : ({ code: "no_stop", text: TARGET_ONLY } as const));
    if (reason) add({ key, strategy: exit.strategy, qty: exit.qty, ...reason });
  }
  return [...missing].flatMap(([key, lots]): Seen[] => {
    const { instrument, leg } = splitPositionKey(key);
    const [first] = lots;
    if (first === undefined || context.inFlight.has(instrument)) return [];
    const detail = lots.map(({ strategy, qty, text }) => `${strategy} ${qty}: ${text}`).join("; ");
    return [
      {
        of: BOOK,
        kind: "unprotected_position",
        subject: { type: "position", instrument, leg },
        localQty: positionQty(context.book, key),
        venueQty: positionQty(context.book, key),
        // A person declined it: that is told, and is no reason to hold the gate.
        ...(lots.every(({ code }) => code === "declined") && { policy: "watch" as const }),
        remark: { code: first.code, detail },
      },
    ];
  });
}

/** Where trueup does not close positions: those for which no stop works at the venue. */
function positionsWithoutStop(context: ExitContext): Seen[] {
  const { book, inFlight } = context;
  return [...book.ledgers.values()].flatMap(({ key, instrument, leg, holding }): Seen[] => {
    if (isZero(holding.qty) || inFlight.has(instrument)) return [];
    const stops = closingOrders(context, key).filter(({ type }) => type === "stop" || type === "stop_limit");
    if (stops.length > 0) return [];
    return [
      {
        of: BOOK,
        kind: "unprotected_position",
        subject: { type: "position", instrument, leg },
        localQty: holding.qty,
        venueQty: holding.qty,
        remark: { detail: NO_STOP_AT_VENUE, code: "no_plan" },
      },
    ];
  });
}

/** Orders that would close a held position, that trueup did not send, and that say of themselves that they are exits. */
function foreignExits(context: ExitContext): Seen[] {
  const held = [...context.book.ledgers.values()].filter(({ holding }) => !isZero(holding.qty));
  return held.flatMap(({ key, instrument, holding }): Seen[] => {
    if (context.inFlight.has(instrument)) return [];
    const foreign = closingOrders(context, key).filter((order) => order.intentId === null && isExit(order));
    return foreign
      .filter(({ isOurs }) => context.policy.exits?.owns === true || isOurs !== true)
      .map((order) => seenForeign(order, holding.qty));
  });
}

/** Working orders on the side that makes the position smaller. */
function closingOrders({ book }: ExitContext, key: PositionKey): Order[] {
  const side = sign(positionQty(book, key)) > 0 ? "sell" : "buy";
  return [...book.orders.values()].filter(
    (order) =>
      order.side === side && isActive(order) && positionKey(order.instrument, order.leg ?? "net") === key,
  );
}

function isExit({ type, triggerPrice, parentVenueOrderId, reduceOnly }: Order): boolean {
  const isStop = type === "stop" || type === "stop_limit" || triggerPrice !== null;
  return isStop || parentVenueOrderId !== null || reduceOnly === true;
}

function seenForeign(order: Order, held: Decimal): Seen {
  const { orderKey, instrument, clientOrderId, venueOrderId } = order;
  const rest = openQty(order);
  const what = order.parentVenueOrderId === null ? "" : `, child of ${order.parentVenueOrderId}`;
  const level = order.triggerPrice ?? order.price;
  const name = clientOrderId ?? venueOrderId ?? orderKey;
  const detail = `${order.type ?? "order"} ${name}${what}${level === null ? "" : ` at ${level}`} would close ${rest} of ${held}; trueup did not place it. Cancel it (trueup order cancel), or leave closing to it (exits.owns = false)`;
  return {
    of: BOOK,
    kind: "foreign_exit_order",
    subject: { type: "order", instrument, orderKey, clientOrderId, venueOrderId },
    localQty: null,
    venueQty: order.side === "sell" ? negate(rest) : rest,
    remark: { detail, code: "foreign" },
  };
}
