// Which exits are to be armed, for how much, and at which levels: decided from the reconciled quantity, the plans and
// the owner's word, and from nothing else. The quantities of all exits of a position never sum to more than what is
// held under every quantity that is still possible, so that two exits never close the same piece.
import type { Book } from "../book/book.ts";
import { lifeIdOf } from "../book/positions.ts";
import { baseQuantities } from "../commands/exposure.ts";
import {
  abs,
  add,
  compare,
  type Decimal,
  divide,
  isLess,
  isZero,
  min,
  multiply,
  sign,
  subtract,
  ZERO,
} from "../decimal.ts";
import { digestHex } from "../hash.ts";
import { instrumentOf } from "../instrument.ts";
import { type PositionKey, splitPositionKey } from "../keys.ts";
import type { Entry } from "../ledger/entry.ts";
import { averagePrice, type Holding } from "../ledger/holding.ts";
import { currentLife, type Ledger } from "../ledger/ledger.ts";
import type { Life } from "../ledger/life.ts";
import { ownerOf } from "../notes.ts";
import { firstBest, levelAt, triggerOf } from "./evaluate.ts";
import { canonicalPlan, type ExitPlan, type ExitPolicy, type Level, problemOfPlan } from "./plan.ts";
import { type ArmedFacts, type ExitSource, lotKey, type SetPlan } from "./state.ts";

/** Why a lot has no exit that could act, and what is told of others' orders. docs/errors.md has each with what to do. */
export const EXIT_CODES = [
  "foreign",
  "no_plan",
  "no_stop",
  "declined",
  "entry_price_unknown",
  "bad_plan",
  "split_since",
  "quantity_doubted",
  "not_possible",
  "price_stale",
  "exit_blocked",
  "exit_failing",
  "not_placed",
  "not_read",
  "stop_reached",
] as const;
/** Why a share has no exit that could act. */
export type UnarmedCode = Exclude<(typeof EXIT_CODES)[number], "foreign">;

/** A strategy's share of a position that nothing would close. */
export interface UnarmedLot {
  readonly key: PositionKey;
  readonly strategy: string;
  /** Not signed. */
  readonly qty: Decimal;
  readonly code: UnarmedCode;
  /** For a person: what is missing, and what to do. */
  readonly text: string;
}

/** An exit as it should be armed; the record gives it its id. */
export type WantedExit = Omit<ArmedFacts, "exitId" | "why">;

/** Each share of what is held is in one of the two; dust, and what opposite shares are set off against, in neither. */
export interface Armable {
  readonly exits: readonly WantedExit[];
  readonly unarmed: readonly UnarmedLot[];
}

/** Everything that decides what is armed: the same context gives the same result. */
export interface ArmContext {
  readonly book: Book;
  readonly exits: ExitPolicy;
  /** What the venue said last of a position, signed; null where it has said nothing. */
  readonly venueQty: (key: PositionKey) => Decimal | null;
  /** Why no exit could be sent at all, in words; null where one can. */
  readonly notPossible: string | null;
  /** What an exit that nobody asked for is held against before it is armed; left out, and it is armed in any case. */
  readonly now?: ArmingNow;
}

/** The market at this moment. */
export interface ArmingNow {
  /** At what a position could be closed now, by a price that is young enough; null where none is known. */
  readonly priceOf: (instrument: string, side: "long" | "short") => Decimal | null;
  /** Our clock, ms. */
  readonly atMs: number;
}

/** Everything that should be armed now, and what cannot be. In the order of positions and strategies. */
export function armable(context: ArmContext): Armable {
  const all = [...context.book.ledgers.values()]
    .filter(({ holding }) => !isZero(holding.qty))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map((ledger) => armableOf(context, ledger.key, ledger));
  return {
    exits: all.flatMap(({ exits }) => exits),
    unarmed: all.flatMap(({ unarmed }) => unarmed),
  };
}

function armableOf(context: ArmContext, key: PositionKey, ledger: Ledger): Armable {
  const life = currentLife(ledger);
  if (!life) return { exits: [], unarmed: [] };
  const { book, venueQty } = context;
  const { qtyStep } = stepsOf(book, key);
  let free = heldForSure(book, key, life.direction, venueQty(key));
  let known = heldForSure(book, key, life.direction, null);
  const exits: WantedExit[] = [];
  const unarmed: UnarmedLot[] = [];
  // Whole steps of all lots so far, less what the earlier ones take: fractions of several lots may be a step together.
  let soFar: Decimal = ZERO;
  let taken: Decimal = ZERO;
  for (const [strategy, lot] of ownLots(ledger, life.direction)) {
    soFar = add(soFar, abs(lot.qty));
    const whole = subtract(floorTo(soFar, qtyStep), taken);
    taken = add(taken, whole);
    const closing = floorTo(min(whole, known), qtyStep);
    known = subtract(known, closing);
    // What is smaller than the venue trades is dust: no order could close it. Nor is there anything to close of a lot that
    // opposite ones set off: what is held besides is armed for the others.
    if (isZero(closing)) continue;
    const qty = floorTo(min(closing, free), qtyStep);
    free = subtract(free, qty);
    const held = abs(lot.qty);
    const resolved = resolve(context, { key, ledger, life, strategy, lot, qty });
    if ("code" in resolved) unarmed.push({ key, strategy, qty: held, ...resolved });
    else exits.push(resolved);
  }
  return { exits, unarmed };
}

/** The lots on the position's own side, by name. Opposite ones are set off against them in what is held for sure. */
function ownLots(ledger: Ledger, direction: 1 | -1): [string, Holding][] {
  return [...ledger.lots]
    .filter(([, { qty }]) => sign(qty) === direction)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The least that is held on this side under what the book has and what the venue said last. Not signed. */
export function heldForSure(
  book: Book,
  key: PositionKey,
  direction: 1 | -1,
  venueQty: Decimal | null,
): Decimal {
  const onSide = baseQuantities(book, key, venueQty).map((qty) =>
    sign(qty) === direction ? abs(qty) : ZERO,
  );
  return onSide.reduce(min);
}

interface LotCase {
  readonly key: PositionKey;
  readonly ledger: Ledger;
  readonly life: Life;
  readonly strategy: string;
  readonly lot: Holding;
  /** What may be armed of it. */
  readonly qty: Decimal;
}

type Reason = Pick<UnarmedLot, "code" | "text">;

function resolve(context: ArmContext, one: LotCase): WantedExit | Reason {
  const { book, notPossible } = context;
  const { key, ledger, life, strategy, lot, qty } = one;
  if (notPossible !== null) return { code: "not_possible", text: notPossible };
  const found = planOf(context, one);
  if (found === null) return { code: "no_plan", text: NO_PLAN };
  if (found.plan === "none") return { code: "declined", text: `${found.by} said that it has no exit` };
  const { plan, source, setAtMs } = found;
  const bad = problemOfPlan(plan);
  if (bad !== null) return { code: "bad_plan", text: `${bad}; set another plan` };
  if (isZero(qty)) return { code: "quantity_doubted", text: QUANTITY_DOUBTED };
  const splitAtMs = lastSplit(ledger, life, strategy);
  if (splitAtMs !== null && setAtMs !== null && setAtMs <= splitAtMs && hasPrices(plan)) {
    return { code: "split_since", text: SPLIT_SINCE };
  }
  const entryPrice =
    averagePrice(lot, ledger.terms.payoff) ?? averagePrice(ledger.holding, ledger.terms.payoff);
  if (entryPrice === null && (isRatio(plan.stop) || isRatio(plan.target))) {
    return { code: "entry_price_unknown", text: ENTRY_PRICE_UNKNOWN };
  }
  const isLong = life.direction > 0;
  const { priceStep } = stepsOf(book, key);
  const stop = levelOf(plan.stop, entryPrice, !isLong, priceStep);
  const target = levelOf(plan.target, entryPrice, isLong, priceStep);
  const cross = problemOfLevels(plan, stop, target, isLong);
  if (cross !== null) return { code: "bad_plan", text: cross };
  // What an order has just added is not closed at once for how long the rest is held already.
  const fromMs = Math.max(openedAt(ledger, life, strategy), found.filledAtMs ?? 0);
  const { instrument, leg } = splitPositionKey(key);
  const wanted: WantedExit = {
    instrument,
    leg,
    strategy,
    lifeId: lifeIdOf(book, key, life),
    side: isLong ? "long" : "short",
    qty,
    entryPrice,
    stop,
    target,
    trailing: plan.trailing ?? null,
    timeStopAtMs: plan.timeStopMs === undefined ? null : fromMs + plan.timeStopMs,
    holdUntilMs: plan.minimumHoldMs === undefined ? null : fromMs + plan.minimumHoldMs,
    source,
    plan: canonicalPlan(plan),
    planDigest: digestHex(JSON.stringify([canonicalPlan(plan), splitAtMs])),
  };
  return isUnasked(context, one, source) ? (reachedAlready(context, wanted) ?? wanted) : wanted;
}

/**
 * Whether nobody has asked for this exit yet: a plan of the configuration on a share that no order of trueup's opened, and
 * that was not armed in this life. Who switches exits on must not see his whole account sold by it.
 */
function isUnasked(
  { book }: ArmContext,
  { key, ledger, life, strategy }: LotCase,
  source: ExitSource,
): boolean {
  if (source === "person" || source === "intent") return false;
  const armed = book.exits.get(lotKey(key, strategy));
  if (armed?.facts.lifeId === lifeIdOf(book, key, life)) return false;
  return !ledger.entries.slice(firstIndexOf(ledger, life, strategy), life.lastIndex + 1).some((entry) => {
    const order = entry.orderKey === null ? undefined : book.orders.get(entry.orderKey);
    const isOpening = entry.strategy === strategy && sign(entry.qtyDelta) === life.direction;
    return isOpening && order?.intentId != null;
  });
}

/** Why an exit that nobody has asked for is not armed now; null where it may be. */
function reachedAlready({ now }: ArmContext, wanted: WantedExit): Reason | null {
  if (now === undefined) return null;
  const { instrument, side, stop, target } = wanted;
  const price = now.priceOf(instrument, side);
  const reached = triggerOf(wanted, firstBest(wanted), price, now.atMs);
  if (reached) {
    const what =
      reached.level === null ? "time stop is over" : `${reached.condition} ${reached.level} is reached`;
    const seen = price === null ? "" : `, the price is ${price}`;
    const text = `its ${what} already${seen}: it was adopted so, and is not closed for that; set a plan (trueup exits set), or close it`;
    return { code: "stop_reached", text };
  }
  // Without a price nobody knows whether it would be closed at once.
  return price === null && (stop !== null || target !== null)
    ? { code: "price_stale", text: NO_PRICE_YET }
    : null;
}

const NO_PLAN =
  "nobody said when it is to be closed: send orders with an exit plan, set one (trueup exits set), or configure a default one";
const QUANTITY_DOUBTED =
  "what the venue listed last does not hold it; the next pass compares them, nothing is to be done meanwhile";
const SPLIT_SINCE = "its plan names prices from before a split; set it again with prices of today";
const ENTRY_PRICE_UNKNOWN =
  "its plan is a part of the entry price, and no entry price is known; set one with prices";

const NO_PRICE_YET =
  "it was adopted, and no price of it is known that is young enough to tell whether its stop is reached; look at the price feed (trueup status)";

interface FoundPlan {
  readonly plan: ExitPlan | "none";
  readonly source: ExitSource;
  readonly by: string;
  /** Our clock, ms; null for a plan of the configuration, which names no prices. */
  readonly setAtMs: number | null;
  /** Venue time of the first fill of the order that it came with, ms: its times count from there. */
  readonly filledAtMs?: number;
}

/** A person's word first, then what the order that opened it came with, then the configuration. */
function planOf(context: ArmContext, one: LotCase): FoundPlan | null {
  const { exits } = context;
  const { strategy } = one;
  const set = personsPlan(context.book, one);
  if (set) return { plan: set.plan, source: "person", by: set.by, setAtMs: set.tsMs };
  const sent = planOfOrders(context.book, one);
  if (sent) return sent;
  const own = exits.strategies[strategy];
  if (own) return { plan: own, source: "strategy", by: "the configuration", setAtMs: null };
  if (exits.default === null) return null;
  return { plan: exits.default, source: "default", by: "the configuration", setAtMs: null };
}

/** A plan for this lot stands above one for the whole position. */
export function personsPlan(
  book: Book,
  { key, ledger, life, strategy }: Pick<LotCase, "key" | "ledger" | "life" | "strategy">,
): SetPlan | undefined {
  const ofLife = (book.exitPlans.get(key) ?? []).filter(
    (one) => ownerOf(book, ledger, one) === life && (one.strategy === null || one.strategy === strategy),
  );
  return ofLife.findLast((one) => one.strategy === strategy) ?? ofLife.at(-1);
}

/** The plan of the youngest order of this strategy that made the position larger and came with one. */
function planOfOrders(book: Book, { ledger, life, strategy }: LotCase): FoundPlan | null {
  if (book.orderPlans.size === 0) return null;
  const first = firstIndexOf(ledger, life, strategy);
  for (let at = life.lastIndex; at >= first; at -= 1) {
    const entry = ledger.entries[at];
    if (!entry || entry.orderKey === null || entry.strategy !== strategy) continue;
    if (sign(entry.qtyDelta) !== life.direction) continue;
    const plan = book.orderPlans.get(entry.orderKey);
    const setAtMs = book.orders.get(entry.orderKey)?.createdAt ?? entry.timestamp;
    if (!plan) continue;
    const isOfOrder = ({ orderKey, strategy: of, qtyDelta }: Entry) =>
      orderKey === entry.orderKey && of === strategy && sign(qtyDelta) === life.direction;
    const filledAtMs = ledger.entries.slice(first, at + 1).find(isOfOrder)?.timestamp ?? entry.timestamp;
    return { plan, source: "intent", by: "its order", setAtMs, filledAtMs };
  }
  return null;
}

/**
 * From where on entries count for a strategy's share: the beginning of the position's life, or of an earlier one where the
 * share was there already on this side. Opposite shares were set off against it until theirs were closed.
 */
function firstIndexOf({ lives }: Ledger, life: Life, strategy: string): number {
  let at = lives.lastIndexOf(life);
  const isOlder = () => sign(lives[at]?.lotsAtStart.get(strategy)?.qty ?? ZERO) === life.direction;
  while (at > 0 && isOlder()) at -= 1;
  return lives[at]?.firstIndex ?? life.firstIndex;
}

/** When this strategy's share was last opened from nothing, in venue time; the life's beginning where that is not told. */
function openedAt(ledger: Ledger, life: Life, strategy: string): number {
  let held: Decimal = ZERO;
  let openedAtMs = life.openedAt;
  for (let at = life.firstIndex; at <= life.lastIndex; at += 1) {
    const entry = ledger.entries[at];
    if (!entry || entry.strategy !== strategy) continue;
    const after = add(held, entry.qtyDelta);
    if (sign(held) !== life.direction && sign(after) === life.direction) openedAtMs = entry.timestamp;
    held = after;
  }
  return Math.max(openedAtMs, life.openedAt);
}

function lastSplit(ledger: Ledger, life: Life, strategy: string): number | null {
  const first = firstIndexOf(ledger, life, strategy);
  for (let at = life.lastIndex; at > first; at -= 1) {
    const entry = ledger.entries[at];
    if (entry?.source === "ledger" && entry.cause === "split") return entry.timestamp;
  }
  return null;
}

function hasPrices({ stop, target, trailing }: ExitPlan): boolean {
  const isPrice = (level: Level | undefined) => level !== undefined && "price" in level;
  return isPrice(stop) || isPrice(target) || (trailing !== undefined && "distance" in trailing);
}

function isRatio(level: Level | undefined): boolean {
  return level !== undefined && "ratio" in level;
}

function levelOf(
  level: Level | undefined,
  entryPrice: Decimal | null,
  isAbove: boolean,
  priceStep: Decimal,
): Decimal | null {
  if (level === undefined) return null;
  if ("price" in level) return level.price;
  const exact = entryPrice === null ? null : levelAt(entryPrice, level.ratio, isAbove);
  if (exact === null) return null;
  const stepped = floorTo(exact, priceStep);
  return isZero(stepped) ? exact : stepped;
}

function problemOfLevels(plan: ExitPlan, stop: Decimal | null, target: Decimal | null, isLong: boolean) {
  if (plan.target !== undefined && target === null) {
    return "its target lies at or below a price of zero; set another one";
  }
  if (plan.stop !== undefined && stop === null) return "its stop lies at or below zero; set another one";
  if (stop === null || target === null) return null;
  const isInOrder = isLong ? isLess(stop, target) : isLess(target, stop);
  return isInOrder ? null : `its stop ${stop} lies beyond its target ${target}; set one of them anew`;
}

function stepsOf(book: Book, key: PositionKey) {
  const { instrument } = splitPositionKey(key);
  return book.instruments.get(instrument) ?? instrumentOf(instrument);
}

/** The largest number of whole steps that is no more than this. */
export function floorTo(qty: Decimal, step: Decimal): Decimal {
  if (sign(qty) <= 0) return ZERO;
  const [whole = "0"] = divide(qty, step).split(".");
  const floored = multiply(whole as Decimal, step);
  // A quotient that does not come out even is rounded, perhaps up to the next whole number.
  return compare(floored, qty) > 0 ? subtract(floored, step) : floored;
}

/** What the position's exits would sell or buy: the side of an order that closes it. */
export function closingSide(side: "long" | "short"): "buy" | "sell" {
  return side === "long" ? "sell" : "buy";
}

/** Whether something of this plan ends a position that loses. */
export function protects({ plan }: Pick<WantedExit, "plan">): boolean {
  return plan.stop !== undefined || plan.trailing !== undefined || plan.timeStopMs !== undefined;
}
