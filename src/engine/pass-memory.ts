// What one pass leaves for the next in the same process, and the quiet passes that are not written down yet (R15).
// It only makes decisions about money wait; after a restart it begins empty.
import {
  type Awaited,
  type Decimal,
  type Draft,
  draft,
  type PassContext,
  type PassRecord,
  type PositionKey,
  splitPositionKey,
} from "../core/index.ts";
import type { EndsTold } from "./ends-told.ts";
import { nothingUnlisted, type Unlisted } from "./reversing.ts";

/** A key in flight for this many passes running is brought to a person (R3). */
export const IN_FLIGHT_PASSES_MAX = 10;

export interface Quiet {
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly record: PassRecord;
}

export interface PassMemory {
  /** Whether a complete pass was made since the process started, or since a kill was released. */
  hasCompletePass: boolean;
  /** How many kills were released: a pass that began before the last one does not open the gate. */
  releases: number;
  /** How many passes running each instrument has been in flight. */
  readonly inFlightPasses: Map<string, number>;
  readonly toldPersistent: Set<string>;
  isSuspectTold: boolean;
  /** Whether it was told that something is held which nobody knows. */
  isHiddenTold: boolean;
  /** Up to which record positions were looked at for exposure that nobody expected, and which could not be. */
  readonly exposure: { seq: number; readonly waiting: Set<PositionKey> };
  /** What the last read of the positions says of a key, with what was filled since; null before the first. */
  venueQty: ((key: PositionKey) => Decimal | undefined) | null;
  /** Prices that the venue told with the positions, or its stream, as of the last pass. */
  lastPrices: ReadonlyMap<string, Decimal>;
  /** When the pass that told them began; null before the first. Monotonic, ms. */
  pricesAtMs: number | null;
  /** Until when the history is read completely. Venue time, ms. */
  provenToMs: number | null;
  /** The last pass that read the positions completely; null before the first. */
  lastRead: PassContext["lastRead"] | null;
  /** Balances whose difference was seen and may be explained by what is told a moment later. */
  awaitedMoney: ReadonlyMap<string, Awaited>;
  /** Ends of orders that the stream told. */
  readonly endsTold: EndsTold;
  readonly unlisted: Unlisted;
  lastSummaries: string;
  quiet: Quiet | null;
}

export function newMemory(): PassMemory {
  return {
    hasCompletePass: false,
    releases: 0,
    inFlightPasses: new Map(),
    toldPersistent: new Set(),
    isSuspectTold: false,
    isHiddenTold: false,
    exposure: { seq: 0, waiting: new Set() },
    venueQty: null,
    lastPrices: new Map(),
    pricesAtMs: null,
    provenToMs: null,
    lastRead: null,
    awaitedMoney: new Map(),
    endsTold: new Map(),
    unlisted: nothingUnlisted(),
    lastSummaries: "",
    quiet: null,
  };
}

/**
 * Counts this pass's instruments in flight; those of too many passes running are stuck. One that was stuck stays so while a
 * mirror is not compared yet: nobody knows what the bot has made of it.
 */
export function countInFlight(
  memory: PassMemory,
  inFlight: ReadonlySet<string>,
  uncompared: readonly PositionKey[],
): string[] {
  const { inFlightPasses } = memory;
  const waiting = new Set(uncompared.map((key) => splitPositionKey(key).instrument));
  const wasStuck = new Set(stuckInFlight(memory));
  for (const instrument of [...inFlightPasses.keys()]) {
    const isHeld = inFlight.has(instrument) || (wasStuck.has(instrument) && waiting.has(instrument));
    if (!isHeld) inFlightPasses.delete(instrument);
  }
  for (const instrument of inFlight) {
    inFlightPasses.set(instrument, (inFlightPasses.get(instrument) ?? 0) + 1);
  }
  return stuckInFlight(memory);
}

/** Instruments that were in flight for too many passes running, as of the last count. */
export function stuckInFlight({ inFlightPasses }: PassMemory): string[] {
  return [...inFlightPasses]
    .flatMap(([instrument, count]) => (count >= IN_FLIGHT_PASSES_MAX ? [instrument] : []))
    .sort();
}

/** Counts a pass that saw nothing new with those before it. */
export function countQuiet(memory: PassMemory, record: PassRecord): void {
  const before = memory.quiet;
  memory.quiet = {
    count: (before?.count ?? 0) + 1,
    firstMs: before?.firstMs ?? record.startedAtMs,
    lastMs: record.finishedAtMs,
    record,
  };
}

/** The one record of the quiet passes so far, if there were any; they are forgotten with it. */
export function quietDrafts(memory: PassMemory): Draft[] {
  const { quiet } = memory;
  memory.quiet = null;
  if (!quiet) return [];
  const { count, firstMs, lastMs, record } = quiet;
  const facts = { ...record, startedAtMs: firstMs, count, lastFinishedAtMs: lastMs };
  return [draft("pass_finished", facts, record.passId)];
}
