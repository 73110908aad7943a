// Asking for witnesses (R1): when a read leaves positions out and absence alone proves nothing, the pass asks the
// venue for each of them by name, at once and within a bound. Orders that a read does not show are asked for too.
import {
  type AbsenceCase,
  type AccountPolicy,
  absentKeys,
  type Book,
  findOrder,
  heldCount,
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
import { guarded, problemOf, READ_TIMEOUT_MS } from "./observe.ts";

/** The question of absence for the book. */
export function bookCase(context: PassContext, looks: readonly MirrorLook[]): AbsenceCase {
  return {
    ...commonCase(context, looks),
    held: heldCount(context.book),
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

/** Look-ups for all keys that some copy holds and nothing witnesses. */
export async function lookUpPositions(
  context: PassContext,
  looks: readonly MirrorLook[],
  venue: Pick<Venue, "position" | "order">,
  runtime: Runtime,
): Promise<Map<PositionKey, PositionLookup>> {
  if (!venue.position || context.observation.positions === undefined) return new Map();
  const cases = [bookCase(context, looks), ...looks.map((look) => mirrorCase(context, look, looks))];
  const wanted = [...new Set(cases.flatMap((one) => lookupsWanted(one)))].sort();
  const { position } = venue;
  return askEach(wanted.slice(0, context.policy.witnessLookups), runtime, (key) => {
    const { instrument, leg } = splitPositionKey(key);
    return position.call(venue, instrument, leg);
  });
}

/** Look-ups under way at once: few enough for any venue's burst limit. */
const AT_ONCE = 8;

/** Asks for each, several at once, all within the time of one read: who is not asked by then stays unknown. */
async function askEach<Key, Answer>(
  keys: readonly Key[],
  runtime: Runtime,
  ask: (key: Key) => Promise<Answer>,
): Promise<Map<Key, Answer | Unanswered>> {
  const untilMs = runtime.clock.monotonicMs() + READ_TIMEOUT_MS;
  const answers: (Answer | Unanswered)[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < keys.length; index = next++) {
      const isLate = runtime.clock.monotonicMs() >= untilMs;
      answers[index] = isLate
        ? { kind: "unknown", problem: `not asked: the look-ups before it took ${READ_TIMEOUT_MS / 1_000} s` }
        : await guarded(ask(keys[index] as Key), runtime).catch((error: unknown) => unanswered(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, keys.length) }, worker));
  return new Map(keys.map((key, index) => [key, answers[index] ?? unanswered("no answer")]));
}

interface Unanswered {
  readonly kind: "unknown";
  readonly problem: string;
}

function unanswered(error: unknown): Unanswered {
  return { kind: "unknown", problem: problemOf(error) };
}

export async function lookUpOrders(
  context: PassContext,
  venue: Pick<Venue, "position" | "order">,
  runtime: Runtime,
): Promise<Map<OrderKey, OrderLookup>> {
  const ask = venue.order?.bind(venue);
  if (!ask) return new Map();
  const unseen = unseenOrders(context).slice(0, context.policy.witnessLookups);
  const answers = await askEach(unseen, runtime, ({ instrument, venueOrderId, clientOrderId }) =>
    ask({
      instrument,
      ...(venueOrderId !== null && { venueOrderId }),
      ...(clientOrderId !== null && { clientOrderId }),
    }),
  );
  return new Map([...answers].map(([{ orderKey }, answer]) => [orderKey, answer]));
}

/** Orders of new fills that neither the book nor this read has: they tell whose a fill is. */
export async function lookUpOrdersOfFills(
  book: Book,
  observation: Observation,
  policy: AccountPolicy,
  venue: Pick<Venue, "position" | "order">,
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
  const ask = venue.order.bind(venue);
  const asked = [...wanted].slice(0, policy.witnessLookups);
  const answers = await askEach(asked, runtime, ([venueOrderId, instrument]) =>
    ask({ instrument, venueOrderId }),
  );
  return [...answers.values()].flatMap((answer) => (answer.kind === "row" ? [answer.row] : []));
}
