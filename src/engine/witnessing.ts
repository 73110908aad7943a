// Asking for witnesses (R1): when a read leaves positions out and absence alone proves nothing, the pass asks the
// venue for each of them by name, at once and within a bound. Orders that a read does not show are asked for too.
import {
  type AbsenceCase,
  type AccountPolicy,
  absentKeys,
  type Book,
  findOrder,
  heldKeys,
  lookupsWanted,
  mirrorAbsentKeys,
  mirrorHeld,
  nettedKeys,
  type Observation,
  type OrderKey,
  type OrderLookup,
  type OrderRow,
  type PassContext,
  type PositionKey,
  type PositionLookup,
  splitPositionKey,
  unseenOrders,
} from "../core/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { Venue } from "../venues/index.ts";
import type { MirrorLook } from "./mirroring.ts";
import { guarded, problemOf } from "./observe.ts";

/** The question of absence for the book. */
export function bookCase(context: PassContext, looks: readonly MirrorLook[]): AbsenceCase {
  return {
    ...commonCase(context, looks),
    held: heldKeys(context.book).length,
    absent: absentKeys(context),
    netted: new Set(),
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
    netted: nettedKeys(context, absent),
  };
}

function commonCase(context: PassContext, looks: readonly MirrorLook[]) {
  const { observation, positionLookups, capabilities, policy } = context;
  const possiblyHeld = new Set([
    ...absentKeys(context),
    ...looks.flatMap((look) => mirrorAbsentKeys(context, look.facts)),
  ]);
  return {
    positions: observation.positions ?? { quality: "unavailable" as const, rows: [] },
    totals: observation.totals,
    lookups: positionLookups,
    capabilities,
    policy,
    possiblyHeld: [...possiblyHeld].sort(),
  };
}

/** Look-ups for all keys that some copy holds and nothing witnesses. */
export async function lookUpPositions(
  context: PassContext,
  looks: readonly MirrorLook[],
  venue: Venue,
  runtime: Runtime,
): Promise<Map<PositionKey, PositionLookup>> {
  const answers = new Map<PositionKey, PositionLookup>();
  if (!venue.position || context.observation.positions === undefined) return answers;
  const cases = [bookCase(context, looks), ...looks.map((look) => mirrorCase(context, look, looks))];
  const wanted = new Set(cases.flatMap((one) => lookupsWanted(one)));
  for (const key of [...wanted].sort().slice(0, context.policy.witnessLookups)) {
    const { instrument, leg } = splitPositionKey(key);
    answers.set(
      key,
      await guarded(venue.position(instrument, leg), runtime).catch((error: unknown) => ({
        kind: "unknown" as const,
        problem: problemOf(error),
      })),
    );
  }
  return answers;
}

export async function lookUpOrders(
  context: PassContext,
  venue: Venue,
  runtime: Runtime,
): Promise<Map<OrderKey, OrderLookup>> {
  const answers = new Map<OrderKey, OrderLookup>();
  if (!venue.order) return answers;
  for (const order of unseenOrders(context).slice(0, context.policy.witnessLookups)) {
    const query = {
      instrument: order.instrument,
      ...(order.venueOrderId !== null && { venueOrderId: order.venueOrderId }),
      ...(order.clientOrderId !== null && { clientOrderId: order.clientOrderId }),
    };
    answers.set(
      order.orderKey,
      await guarded(venue.order(query), runtime).catch((error: unknown) => ({
        kind: "unknown" as const,
        problem: problemOf(error),
      })),
    );
  }
  return answers;
}

/** Orders of new fills that neither the book nor this read has: they tell whose a fill is. */
export async function lookUpOrdersOfFills(
  book: Book,
  observation: Observation,
  policy: AccountPolicy,
  venue: Venue,
  runtime: Runtime,
): Promise<OrderRow[]> {
  // Where no prefix says whose orders are whose, an order could not tell either.
  const isTellable = policy.mode === "executor" || Object.keys(policy.strategies).length > 0;
  if (!venue.order || !isTellable) return [];
  const listed = new Set((observation.orders?.rows ?? []).map((row) => row.venueOrderId));
  const wanted = new Map<string, string>();
  for (const { instrument, venueOrderId } of observation.fills?.rows ?? []) {
    const isKnown = venueOrderId === undefined || listed.has(venueOrderId);
    if (isKnown || findOrder(book, { instrument, venueOrderId })) continue;
    wanted.set(venueOrderId, instrument);
  }
  const found: OrderRow[] = [];
  for (const [venueOrderId, instrument] of [...wanted].slice(0, policy.witnessLookups)) {
    const answer = await guarded(venue.order({ instrument, venueOrderId }), runtime).catch(() => null);
    if (answer?.kind === "row") found.push(answer.row);
  }
  return found;
}
