// One look at the account: snapshot and history, with a time limit, checked for what no adapter can see by
// itself: an answer from another account, a section that fails. Trouble becomes a quality, never an exception.
import {
  type Answered,
  type Book,
  type Observation,
  SECTIONS,
  type Section,
  type SectionName,
} from "../core/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { type History, type Snapshot, unavailable, type Venue } from "../venues/index.ts";
import { REFUSED_AT } from "./ingest.ts";

/** One call to a venue may take this long, its own retries included. In ms. */
export const READ_TIMEOUT_MS = 30_000;
/** How far back the first read of an account's history goes, where the venue has it. In ms. */
export const HISTORY_FIRST_MS = 30 * 24 * 3_600_000;

export interface Look {
  readonly observation: Observation;
  /** When all but the history was answered, which may take longer. */
  readonly answered: Answered;
  /** From where the history was asked for. Venue time, ms. */
  readonly historyFromMs: number;
  /** Set when another account than the pinned one answered. */
  readonly wrongAccount: string | null;
}

/** What is known of the history: it is read from before the end of what is proven, and from what is asked for again. */
export interface HistoryKnown {
  /** Until when this process has read the history completely; null before it did. */
  readonly provenToMs: number | null;
  /** Moments that it must hold. Venue time, ms. */
  readonly againFromMs: readonly number[];
}

export async function observe(
  venue: Venue,
  book: Book,
  runtime: Runtime,
  known: HistoryKnown,
): Promise<Look> {
  const startedAtMs = runtime.clock.nowMs();
  const from = historyStart(venue, book, startedAtMs, known);
  const snapshot = await guarded(venue.snapshot(), runtime).catch((error: unknown) =>
    failedSnapshot(book, problemOf(error)),
  );
  const answered = { atMs: runtime.clock.nowMs(), seq: book.seq };
  const history = await guarded(venue.history(from), runtime).catch((error: unknown): History => {
    const section = unavailable(problemOf(error));
    return { fills: section, ...(book.sections.has("ledger") && { ledger: section }) };
  });
  const observation: Observation = {
    startedAtMs,
    finishedAtMs: runtime.clock.nowMs(),
    ...unanswered(book),
    ...snapshot,
    ...history,
  };
  const wrongAccount = otherAccount(book, snapshot);
  return {
    observation: wrongAccount === null ? observation : doubted(observation, wrongAccount),
    answered,
    wrongAccount,
    historyFromMs: from,
  };
}

/** Where fills are read from: before the end of what is proven, by as much as fills may come late. */
function historyStart(
  venue: Venue,
  book: Book,
  nowMs: number,
  { provenToMs, againFromMs }: HistoryKnown,
): number {
  const { lateArrivalMs, retentionMs } = venue.capabilities.fills;
  const known = provenToMs ?? book.sections.get("fills")?.coverage?.toMs;
  const first = Math.max(0, nowMs - Math.min(HISTORY_FIRST_MS, retentionMs ?? HISTORY_FIRST_MS));
  const from = known === undefined ? first : Math.max(0, Math.min(known, nowMs) - lateArrivalMs);
  return Math.min(from, ...refusedFillTimes(book), ...againFromMs);
}

/** Fills that were refused are asked for until they are booked. */
function refusedFillTimes(book: Book): number[] {
  return [...book.discrepancies.values()].flatMap(({ kind, fields }) => {
    const told = fields[REFUSED_AT]?.venue;
    return kind === "missing_fill" && told != null ? [Math.max(0, Number(told))] : [];
  });
}

/** Sections that the account has, for where this answer leaves one out: no answer is not an empty one (R4). */
function unanswered(book: Book): Partial<Record<SectionName, Section<never>>> {
  const names = SECTIONS.filter((name) => book.sections.has(name));
  return Object.fromEntries(names.map((name) => [name, unavailable(`the venue's answer has no ${name}`)]));
}

/** Runs a call to the venue against the clock. */
export async function guarded<T>(
  call: Promise<T>,
  runtime: Runtime,
  limitMs: number = READ_TIMEOUT_MS,
): Promise<T> {
  let cancel: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = runtime.timers.after(limitMs, () =>
      reject(new Error(`no answer within ${Math.round(limitMs / 100) / 10} s`)),
    );
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    cancel?.();
  }
}

function failedSnapshot(book: Book, problem: string): Snapshot {
  const section = unavailable(problem);
  const isFirst = book.sections.size === 0;
  return {
    ...((isFirst || book.sections.has("positions")) && { positions: section }),
    ...((isFirst || book.sections.has("orders")) && { orders: section }),
    ...((isFirst || book.sections.has("balances")) && { balances: section }),
  };
}

export function otherAccount(book: Book, { venueAccountId }: Snapshot): string | null {
  if (venueAccountId === undefined || book.venueAccountId === null) return null;
  if (venueAccountId === book.venueAccountId) return null;
  return `the venue answered for account ${venueAccountId}, but this journal is about ${book.venueAccountId}; check the keys`;
}

/** Nothing of another account's data is believed. */
function doubted(observation: Observation, problem: string): Observation {
  const suspect: Section<never> = { quality: "suspect", rows: [], problem };
  return {
    startedAtMs: observation.startedAtMs,
    finishedAtMs: observation.finishedAtMs,
    ...(observation.positions && { positions: suspect }),
    ...(observation.orders && { orders: suspect }),
    ...(observation.balances && { balances: suspect }),
    ...(observation.fills && { fills: suspect }),
    ...(observation.ledger && { ledger: suspect }),
  };
}

export function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
