// What is written down about exits: what becomes armed, changes or ends, and what an exit's order asks for. Pure; the
// engine enters the records and hands the order to the order desk.
import type { Book, Order } from "../book/book.ts";
import { isActive, orderStatus } from "../book/orders.ts";
import type { CommandCapabilities } from "../capabilities.ts";
import { openInterest } from "../commands/exposure.ts";
import type { OrderIntent } from "../commands/intent.ts";
import { abs, add, compare, type Decimal, isZero, min, sign, subtract, sum, ZERO } from "../decimal.ts";
import { deriveId } from "../hash.ts";
import { instrumentOf } from "../instrument.ts";
import { type PositionKey, positionKey } from "../keys.ts";
import { type Draft, draft } from "../records.ts";
import type { TimeInForce } from "../words.ts";
import { type Armable, closingSide, floorTo, heldForSure, type WantedExit } from "./arm.ts";
import { isBounded, placedRoleOf } from "./slots.ts";
import { type ArmedExit, type ArmedFacts, type DisarmReason, lotKey } from "./state.ts";

/** The records that bring what is armed in line with what should be. None where it is so already. */
export function armingDrafts(book: Book, { exits, unarmed }: Armable, causeId: string): Draft[] {
  const drafts: Draft[] = [];
  const wanted = new Set<string>();
  const arms = exits.flatMap((exit) => {
    const lot = lotKey(positionKey(exit.instrument, exit.leg), exit.strategy);
    wanted.add(lot);
    const known = book.exits.get(lot);
    const isSame = known !== undefined && isSameExit(known.facts, exit);
    if (known && !isSame) drafts.push(disarmDraft(known.facts, "plan_changed", causeId));
    const armed = isSame ? changed(known.facts, exit) : begun(book, lot, exit);
    return armed ? [draft("exit_armed", armed, causeId)] : [];
  });
  // A doubt about the quantity takes nothing away: the exit stays as it is armed until the next read tells.
  const doubted = new Set<string>(
    unarmed.flatMap(({ code, key, strategy }) =>
      code === "quantity_doubted" ? [lotKey(key, strategy)] : [],
    ),
  );
  const present = new Set<string>(unarmed.map(({ key, strategy }) => lotKey(key, strategy)));
  for (const [lot, { facts }] of book.exits) {
    if (wanted.has(lot) || doubted.has(lot)) continue;
    drafts.push(disarmDraft(facts, present.has(lot) ? "not_possible" : "closed", causeId));
  }
  return [...drafts, ...arms];
}

/** Where trueup closes no positions of this account: what it did before is at an end. */
export function disarmAll(book: Book, causeId: string): Draft[] {
  return [...book.exits.values()].map(({ facts }) => disarmDraft(facts, "not_possible", causeId));
}

function isSameExit(known: ArmedFacts, wanted: WantedExit): boolean {
  return known.planDigest === wanted.planDigest && known.lifeId === wanted.lifeId;
}

/** The id holds the moment of the journal: the same plan may be armed again after its lot was closed. */
function begun(book: Book, lot: string, wanted: WantedExit): ArmedFacts {
  const { lifeId, planDigest } = wanted;
  const exitId = deriveId("exit", [book.account, lot, lifeId, planDigest, book.seq]);
  return { exitId, ...wanted, why: "new" };
}

function changed(known: ArmedFacts, wanted: WantedExit): ArmedFacts | null {
  const { exitId, why: _, ...before } = known;
  if (sameText(before, wanted)) return null;
  const isOnlyQty = sameText({ ...before, qty: ZERO }, { ...wanted, qty: ZERO });
  return { exitId, ...wanted, why: isOnlyQty ? "quantity" : "levels" };
}

function sameText(a: WantedExit, b: WantedExit): boolean {
  const text = (one: WantedExit) => JSON.stringify(Object.entries(one).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
}

function disarmDraft({ exitId, instrument, leg, strategy }: ArmedFacts, why: DisarmReason, causeId: string) {
  return draft("exit_disarmed", { exitId, instrument, leg, strategy, why }, causeId);
}

/** A pure function of the exit and the attempt: after a crash the same order is found again, never sent twice. */
export function exitIntentId(exitId: string, attempt: number): string {
  return `${exitId}-${attempt}`;
}

/** What stands in the way of closing a lot. */
export interface Closable {
  /** What is still its strategy's of what it is armed for: less where a record since moved it. Not signed. */
  readonly own: Decimal;
  /** What an order may close of it now, whole steps. Not signed. */
  readonly qty: Decimal;
  /** Working orders of its own strategy that would close the same quantity: they give way. */
  readonly inTheWay: readonly Order[];
}

/**
 * How much of an exit's lot one order may close for sure: no more than what is held under every quantity that is
 * possible, less what other working orders may still close of it.
 */
export function closable(
  book: Book,
  { facts }: Pick<ArmedExit, "facts">,
  venueQty: Decimal | null,
  commands: Pick<CommandCapabilities, "reduceOnlyFlag"> = { reduceOnlyFlag: false },
): Closable {
  const key = positionKey(facts.instrument, facts.leg);
  const held = heldForSure(book, key, facts.side === "long" ? 1 : -1, venueQty);
  const taken = mayStillClose(book, key, facts.side, (order) => isBounded(order, commands));
  const free = taken === null ? ZERO : subtract(held, taken);
  const { qtyStep } = book.instruments.get(facts.instrument) ?? instrumentOf(facts.instrument);
  const own = min(facts.qty, lotOnSide(book, key, facts));
  const qty = sign(free) > 0 ? floorTo(min(own, free), qtyStep) : ZERO;
  const isShort = compare(qty, floorTo(min(own, held), qtyStep)) < 0;
  return { own, qty, inTheWay: isShort ? giveWay(book, key, facts) : [] };
}

function lotOnSide(book: Book, key: PositionKey, { side, strategy }: ArmedFacts): Decimal {
  const qty = book.ledgers.get(key)?.lots.get(strategy)?.qty ?? ZERO;
  return sign(qty) === (side === "long" ? 1 : -1) ? abs(qty) : ZERO;
}

function giveWay(book: Book, key: PositionKey, { side, strategy }: ArmedFacts): Order[] {
  return [...book.orders.values()].filter((order) => {
    if (order.intentId === null || !isActive(order) || order.side !== closingSide(side)) return false;
    if (positionKey(order.instrument, order.leg ?? "net") !== key) return false;
    // What lies at the venue as an exit gives way by itself (engine/placed-exits.ts).
    if ((order.strategy !== null && order.strategy !== strategy) || placedRoleOf(order) !== null)
      return false;
    const status = orderStatus(order);
    return status === "open" || status === "partially_filled";
  });
}

/**
 * What other orders may still close of a position: those that work, and ended ones whose fills are not told. Not signed; null
 * where nobody can tell how much.
 * @param isLeftOut Orders that take nothing away.
 */
export function mayStillClose(
  book: Book,
  key: PositionKey,
  side: "long" | "short",
  isLeftOut: (order: Order) => boolean,
): Decimal | null {
  const open = openInterest(book, key, isLeftOut);
  // An order by notional that adds only takes the position further from zero.
  const closingNotional = side === "long" ? open.soldNotional : open.boughtNotional;
  if (!open.isKnown || !isZero(closingNotional)) return null;
  // What an order of ours is known to have filled and no fill tells yet may still be in what was read.
  return add(side === "long" ? open.sold : open.bought, untoldQty(book, key, side));
}

/** Filled by orders that trueup sent and that have ended, as far as no fill stands for it yet. Not signed. */
function untoldQty(book: Book, key: PositionKey, side: "long" | "short"): Decimal {
  const ended = [...book.orders.values()].filter(
    (order) =>
      order.intentId !== null &&
      order.side === closingSide(side) &&
      sign(order.unbackedQty) > 0 &&
      !isActive(order) &&
      positionKey(order.instrument, order.leg ?? "net") === key,
  );
  return sum(ended.map(({ unbackedQty }) => unbackedQty));
}

/** Times in force of a market order, the most sensible first. */
const TIMES: readonly TimeInForce[] = ["ioc", "gtc", "day", "fok"];

/** Whether it trades in sessions, as far as that can be told: shares and options, where a venue knows orders for the day. */
export function tradesByDay(
  instrument: string,
  { timesInForce }: Pick<CommandCapabilities, "timesInForce">,
): boolean {
  return timesInForce.includes("day") && !instrument.includes("/");
}

/** Shares and options trade for the day where a venue knows days. A next attempt tries the next, as one may be refused. */
function timeInForce(instrument: string, attempt: number, commands: CommandCapabilities): TimeInForce {
  const { timesInForce } = commands;
  const order = tradesByDay(instrument, commands) ? (["day", ...TIMES] as const) : TIMES;
  const taken = [...new Set(order)].filter((one) => timesInForce.includes(one));
  return taken[(attempt - 1) % Math.max(1, taken.length)] ?? "gtc";
}

/** The order that closes a lot. */
export function exitIntent(
  { facts }: Pick<ArmedExit, "facts">,
  qty: Decimal,
  attempt: number,
  commands: CommandCapabilities,
): OrderIntent {
  const { exitId, instrument, leg, side, strategy } = facts;
  return {
    intentId: exitIntentId(exitId, attempt),
    instrument,
    leg,
    side: closingSide(side),
    type: "market",
    qty,
    timeInForce: timeInForce(instrument, attempt, commands),
    reduceOnly: true,
    strategy,
  };
}

/** Why no exit's order could be sent at this venue, in words; null where one can. */
export function exitsNotPossible(
  policy: { readonly mode: string; readonly observe: boolean },
  commands: CommandCapabilities,
): string | null {
  if (policy.observe) return "the account is only observed: set observe = false to have it closed";
  if (policy.mode !== "executor") return 'the account is in mode "beside": its bot closes its own positions';
  if (!commands.submit || !commands.types.includes("market")) {
    return "this venue's adapter sends no market orders; close positions by the bot, and set exits.owns = false";
  }
  return null;
}
