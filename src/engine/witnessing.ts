// Asking for witnesses (R1): when a read leaves positions out and absence alone proves nothing, the pass asks the
// venue for each of them by name, at once and within a bound. Orders that a read does not show are asked for too.
import {
  type AbsenceCase,
  type AccountPolicy,
  absentKeys,
  add,
  anchorOf,
  type Book,
  type Decimal,
  type FillKey,
  type FillRow,
  findOrder,
  heldCount,
  isEmptyBesideValue,
  isKnownFill,
  isZero,
  leftOutKeys,
  lookupsWanted,
  mirrorAbsentKeys,
  mirrorHeld,
  negate,
  nettedKeys,
  type Observation,
  type OrderKey,
  type OrderLookup,
  type OrderRow,
  type PassContext,
  type PositionKey,
  type PositionLookup,
  positionKey,
  positionQty,
  reopenedPerhaps,
  shownBefore,
  sign,
  splitPositionKey,
  toldGone,
  unseenOrders,
  ZERO,
} from "../core/index.ts";
import type { Venue } from "../venues/index.ts";
import type { Asking } from "./asking.ts";
import { inVenueOrder } from "./ingest.ts";
import type { MirrorLook } from "./mirroring.ts";

/** The question of absence for the book. */
export function bookCase(context: PassContext, looks: readonly MirrorLook[]): AbsenceCase {
  const absent = absentKeys(context);
  return {
    ...commonCase(context, looks),
    held: heldCount(context.book) + shownBefore(context).size,
    absent,
    inFlight: leftOutKeys(context).length - absent.length,
    netted: toldGone(context),
  };
}

/** The same for a mirror: its rows are claims, counted apart. */
export function mirrorCase(
  context: PassContext,
  look: MirrorLook,
  looks: readonly MirrorLook[],
): AbsenceCase {
  const absent = mirrorAbsentKeys(context, look.facts);
  return {
    ...commonCase(context, looks),
    held: mirrorHeld(look.facts),
    absent,
    netted: nettedKeys(context, look.facts, absent),
  };
}

function commonCase(context: PassContext, looks: readonly MirrorLook[]) {
  const { observation, positionLookups, capabilities, policy } = context;
  const possiblyHeld = () => [
    ...new Set([...absentKeys(context), ...looks.flatMap((look) => mirrorAbsentKeys(context, look.facts))]),
  ];
  return {
    positions: observation.positions ?? { quality: "unavailable" as const, rows: [] },
    totals: observation.totals,
    lookups: positionLookups,
    capabilities,
    policy,
    possiblyHeld,
  };
}

/**
 * Look-ups for all keys that some copy holds and nothing witnesses.
 * @param listed Fills that this pass's history listed.
 */
export async function lookUpPositions(
  context: PassContext,
  looks: readonly MirrorLook[],
  venue: Pick<Venue, "position" | "order">,
  asking: Asking,
  listed: ReadonlySet<FillKey>,
): Promise<Map<PositionKey, PositionLookup>> {
  if (!venue.position || context.observation.positions === undefined) return new Map();
  const cases = [bookCase(context, looks), ...looks.map((look) => mirrorCase(context, look, looks))];
  const absent = [...new Set(cases.flatMap((one) => lookupsWanted(one)))].sort();
  const others = [...reopenedPerhaps(context, listed), ...hiddenPerhaps(context), ...unprovenKeys(context)];
  const wanted = [...new Set([...absent, ...others])];
  const { position } = venue;
  return asking.each(wanted.slice(0, context.policy.witnessLookups), (key) => {
    const { instrument, leg } = splitPositionKey(key);
    return position.call(venue, instrument, leg);
  });
}

/** Totals may go on showing a value for ever where they count something else: that must not cost an account its requests. */
const HIDDEN_ASKED_MAX = 5;

/**
 * The list is empty, the totals of the same answer hold something, and the book holds nothing that it could be: what the account
 * has traded is asked for by name, a few at a time, so that what is held comes to be known.
 */
function hiddenPerhaps({ book, observation, inFlight, nowMs, policy }: PassContext): PositionKey[] {
  if (observation.positions?.quality !== "complete" || !isEmptyBesideValue(observation)) return [];
  if (heldCount(book) > 0) return [];
  const traded = [...book.ledgers.keys()].filter((key) => !inFlight.has(splitPositionKey(key).instrument));
  return turnOf(traded.sort(), HIDDEN_ASKED_MAX, policy, nowMs);
}

const LEGS = { net: ["net"], hedge: ["long", "short"] } as const;

/**
 * Where nothing but empty lists says that the account is flat, instruments that it has heard of without a trade are asked
 * for by name: a list that was too old to count may have had one, and its fills be older than the history.
 */
function unprovenKeys({ book, observation, positionMode }: PassContext): PositionKey[] {
  const { positions, totals } = observation;
  if (positions?.quality !== "complete" || positions.rows.some(({ qty }) => !isZero(qty))) return [];
  if (totals?.quality === "complete" && totals.positionValue === ZERO) return [];
  const stated = new Set(positions.rows.map(({ instrument, leg }) => positionKey(instrument, leg)));
  const keys = [...book.instruments.keys()].flatMap((symbol) =>
    LEGS[positionMode].map((leg) => positionKey(symbol, leg)),
  );
  return keys
    .filter((key) => !stated.has(key) && !book.ledgers.get(key)?.entries.length)
    .filter((key) => anchorOf(book, key)?.isWitnessed === false)
    .sort();
}

export async function lookUpOrders(
  context: PassContext,
  venue: Pick<Venue, "position" | "order">,
  asking: Asking,
): Promise<Map<OrderKey, OrderLookup>> {
  const ask = venue.order?.bind(venue);
  if (!ask) return new Map();
  const unseen = turnOf(unseenOrders(context), context.policy.witnessLookups, context.policy, context.nowMs);
  const answers = await asking.each(unseen, ({ instrument, venueOrderId, clientOrderId }) =>
    ask({
      instrument,
      ...(venueOrderId !== null && { venueOrderId }),
      ...(clientOrderId !== null && { clientOrderId }),
    }),
  );
  return new Map([...answers].map(([{ orderKey }, answer]) => [orderKey, answer]));
}

/** As many as one pass may ask for; where there are more, the next pass begins where this one ends. */
function turnOf<T>(all: readonly T[], most: number, { intervalMs }: AccountPolicy, nowMs: number): T[] {
  if (all.length <= most) return [...all];
  const start = (Math.floor(nowMs / intervalMs) * most) % all.length;
  return [...all.slice(start), ...all.slice(0, start)].slice(0, most);
}

/** Whose a fill is may not take the time in which positions are witnessed. In ms. */
const ATTRIBUTION_MS = 10_000;

/** Orders of new fills that neither the book nor this read has: they tell whose a fill is. */
export async function lookUpOrdersOfFills(
  book: Book,
  observation: Observation,
  policy: AccountPolicy,
  venue: Pick<Venue, "position" | "order">,
  asking: Asking,
): Promise<OrderRow[]> {
  if (!venue.order) return [];
  // Where no prefix says whose orders are whose, an order tells only whether it was another one's exit.
  const isTellable = policy.mode === "executor" || Object.keys(policy.strategies).length > 0;
  const rows = observation.fills?.rows ?? [];
  const listed = new Set((observation.orders?.rows ?? []).map((row) => row.venueOrderId));
  const wanted = new Map<string, string>();
  for (const { instrument, venueOrderId } of isTellable ? rows : exitsAmong(book, rows)) {
    const isKnown = venueOrderId === undefined || listed.has(venueOrderId);
    if (isKnown || findOrder(book, { instrument, venueOrderId })) continue;
    wanted.set(venueOrderId, instrument);
  }
  const ask = venue.order.bind(venue);
  const asked = [...wanted].slice(0, policy.witnessLookups);
  const askOne = ([venueOrderId, instrument]: [string, string]) => ask({ instrument, venueOrderId });
  const answers = await asking.each(asked, askOne, ATTRIBUTION_MS);
  return [...answers.values()].flatMap((answer) => (answer.kind === "row" ? [answer.row] : []));
}

/** New fills that made a position smaller, as far as the read tells. */
function exitsAmong(book: Book, rows: readonly FillRow[]): FillRow[] {
  const held = new Map<PositionKey, Decimal>();
  return inVenueOrder(rows).filter((row) => {
    if (isKnownFill(book, row)) return false;
    const key = positionKey(row.instrument, row.leg ?? "net");
    const before = held.get(key) ?? positionQty(book, key);
    const delta = row.side === "buy" ? row.qty : negate(row.qty);
    held.set(key, add(before, delta));
    return sign(before) !== 0 && sign(before) !== sign(delta);
  });
}
