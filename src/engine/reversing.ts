// What one pass knows of fills that the venue may have taken back while nobody listened, and what it has to ask the next
// one for: the core decides, here is only counted what was seen how often, and how far back the history is read.
import {
  type AbsenceVerdict,
  type AccountPolicy,
  type Draft,
  differingKeys,
  elapsedMs,
  type FillKey,
  isComplete,
  isUsable,
  type PassContext,
  type PositionKey,
  positionKey,
  positionQty,
  reversals,
  reversibleFrom,
  unlistedFills,
} from "../core/index.ts";

/** A fill must be missing in this many histories, however few sightings the policy asks for. */
const SIGHTINGS_MIN = 2;

/** Not asked for again after so many: what the positions do not bear out by then is no reversal. */
const SIGHTINGS_MAX = 10;

/** What passes of one process remember of it; after a restart it is all seen afresh. */
export interface Unlisted {
  /** Fills that the last history did not list. */
  readonly fills: Map<
    FillKey,
    { readonly sightings: number; readonly firstSeenMs: number; readonly atMs: number }
  >;
  /** From where the next history is read, for a difference that a reversal may explain; null where there is none. */
  readFromMs: number | null;
  /** The difference that each key's history was read back for: once is enough. */
  readonly readFor: Map<PositionKey, string>;
}

export function nothingUnlisted(): Unlisted {
  return { fills: new Map(), readFromMs: null, readFor: new Map() };
}

/** From where the history must be read for this; nothing where that does not matter. */
export function unlistedTimes({ fills, readFromMs }: Unlisted): number[] {
  const open = [...fills.values()].filter(({ sightings }) => sightings < SIGHTINGS_MAX);
  return [...open.map(({ atMs }) => atMs), ...(readFromMs === null ? [] : [readFromMs])];
}

export interface Reversing {
  readonly drafts: readonly Draft[];
  /** Nothing is estimated for these: the next history may explain them. */
  readonly unexplored: ReadonlySet<PositionKey>;
}

/**
 * @param listed Fills that this pass's history listed.
 * @param askedFromMs From where it was asked for.
 */
export function takeBackUnlisted(
  context: PassContext,
  absence: AbsenceVerdict,
  memory: Unlisted,
  { listed, askedFromMs }: { readonly listed: ReadonlySet<FillKey>; readonly askedFromMs: number },
): Reversing {
  const { observation, capabilities, policy } = context;
  if (!capabilities.fills.revisable || !observation.fills) return { drafts: [], unexplored: new Set() };
  const unlisted = unlistedFills(context, listed);
  count(memory, unlisted, context);
  const settled = unlisted.filter(({ facts }) => isSettled(memory, facts.fillKey, context));
  const isAllowed = capabilities.heals && !policy.observe && !context.word;
  const drafts = isAllowed ? reversals(context, absence, settled, listed.size > 0) : [];
  for (const one of drafts) if (one.kind === "fill_reversed") memory.fills.delete(one.payload.fillKey);
  const waiting = unlisted.filter((fill) => !settled.includes(fill));
  const unexplored = new Set(waiting.map(({ facts }) => positionKey(facts.instrument, facts.leg)));
  for (const key of readBack(context, absence, memory, askedFromMs)) unexplored.add(key);
  // Where the history cannot be read nothing waits for it: quantities converge, and what it tells later is put right
  // then. Force removes waiting.
  const mayWait = isComplete(observation.fills) && !context.isForced && !context.word;
  return { drafts, unexplored: mayWait ? unexplored : new Set() };
}

function count(memory: Unlisted, unlisted: ReturnType<typeof unlistedFills>, context: PassContext): void {
  const before = new Map(memory.fills);
  memory.fills.clear();
  for (const { facts } of unlisted) {
    const known = before.get(facts.fillKey);
    memory.fills.set(facts.fillKey, {
      sightings: (known?.sightings ?? 0) + 1,
      firstSeenMs: known?.firstSeenMs ?? context.nowMs,
      atMs: facts.timestamp,
    });
  }
}

function isSettled(memory: Unlisted, fillKey: FillKey, context: PassContext): boolean {
  const seen = memory.fills.get(fillKey);
  if (!seen) return false;
  const { confirmations, graceMs }: Pick<AccountPolicy, "confirmations" | "graceMs"> = context.policy;
  const isLong = elapsedMs(seen.firstSeenMs, context.nowMs, context.steady) >= graceMs;
  return seen.sightings >= Math.max(SIGHTINGS_MIN, confirmations) && isLong;
}

/** Has the next history read back to the opening of each life that differs, once; tells which were not yet. */
function readBack(
  context: PassContext,
  absence: AbsenceVerdict,
  memory: Unlisted,
  askedFromMs: number,
): PositionKey[] {
  const { observation, book } = context;
  // An answer that did not come at all is asked for again.
  const wasAnswered = isUsable(observation.fills?.quality ?? "unavailable");
  if (wasAnswered) memory.readFromMs = null;
  const differing = differingKeys(context, absence);
  const unread: PositionKey[] = [];
  for (const [key, venueQty] of differing) {
    const fromMs = reversibleFrom(context, key);
    const difference = `${positionQty(book, key)} ${venueQty}`;
    if (fromMs === undefined || askedFromMs <= fromMs || memory.readFor.get(key) === difference) continue;
    memory.readFor.set(key, difference);
    memory.readFromMs = Math.min(memory.readFromMs ?? fromMs, fromMs);
    unread.push(key);
  }
  for (const key of memory.readFor.keys()) if (!differing.has(key)) memory.readFor.delete(key);
  return unread;
}
