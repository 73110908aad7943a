// What status commands show between two records: each section's last read, the mirrors, the quiet passes. Kept
// beside the chain and replaced at every pass, so that a daemon that is not there any more still tells its age.
import type { Quality } from "../core/index.ts";
import type { Quiet } from "./pass-memory.ts";
import type { FeedReport, MirrorReport, PassReport } from "./report.ts";

export interface TailState {
  readonly reads: Reads;
  readonly mirrors: readonly MirrorReport[];
  /** The price feed as the last pass left it; null where there is none. */
  readonly feed: FeedReport | null;
  readonly quiet: Quiet | null;
  /** The pass that the journal's last record of one was about: once it has another, the quiet ones are in it. */
  readonly afterPassId?: string | null;
}

/** Each section of the account as it was last read, and when it was last read completely. */
export type Reads = Readonly<
  Record<
    string,
    { readonly quality: Quality; readonly problem: string | null; readonly completeAtMs: number | null }
  >
>;

export const NO_TAIL: TailState = { reads: {}, mirrors: [], feed: null, quiet: null };

export function tailAfter(
  before: TailState,
  report: PassReport,
  quiet: Quiet | null,
  afterPassId: string | null,
): TailState {
  const now = report.sections.map(({ section, quality, problem }) => {
    const known = before.reads[section]?.completeAtMs ?? null;
    const completeAtMs = quality === "complete" ? report.startedAtMs : known;
    return [section, { quality, problem, completeAtMs }] as const;
  });
  return {
    reads: { ...before.reads, ...Object.fromEntries(now) },
    mirrors: report.mirrors,
    feed: report.feed,
    quiet,
    afterPassId,
  };
}

/** A tail that cannot be read is none: nothing but ages depends on it. */
export function readTail(text: string | undefined): TailState {
  if (text === undefined) return NO_TAIL;
  try {
    return { ...NO_TAIL, ...(JSON.parse(text) as Partial<TailState>) };
  } catch {
    return NO_TAIL;
  }
}
