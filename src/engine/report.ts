// What a pass tells: to the log, the API, the command line and whoever asked for it. Plain values.
import type { Discrepancy, PassRecord, Payloads, Quality } from "../core/index.ts";

export interface SectionReport {
  readonly section: string;
  readonly quality: Quality;
  readonly rows: number;
  readonly problem: string | null;
}

/** A pass as its record says it, with what it saw and did in full. */
export interface PassReport extends Omit<PassRecord, "repairs"> {
  readonly account: string;
  readonly sections: readonly SectionReport[];
  /** Every discrepancy that this pass saw, with how it ended; one that is still open has no resolution. */
  readonly discrepancies: readonly Discrepancy[];
  readonly repairs: readonly Payloads["repair_applied"][];
  readonly mirrors: readonly MirrorReport[];
  /** The price feed after its check; null where this venue or this pass has none. */
  readonly feed: FeedReport | null;
  readonly record: PassRecord;
}

/** The price feed as a copy of what is held: instruments by name. */
export interface FeedReport {
  /** `polled`: the venue is asked for each price; nothing is subscribed, so what is held is what is tracked. */
  readonly kind: "stream" | "polled";
  /** What is to be followed: what is held, and what exits work on. */
  readonly held: readonly string[];
  /** What the venue has acknowledged. */
  readonly tracked: readonly string[];
  /** Held and not tracked, although nothing refused it. */
  readonly missing: readonly string[];
  /** Tracked and not held. */
  readonly extra: readonly string[];
  readonly refused: readonly { readonly instrument: string; readonly reason: string }[];
  /** Held, and the price is unknown or too old to be acted on. */
  readonly old: readonly string[];
  /** Of what is held; null where one has no price yet, or nothing is held. */
  readonly oldestAgeMs: number | null;
  readonly isLive: boolean;
  /** Why it is not live, or why prices could not be read. */
  readonly problem: string | null;
}

export interface MirrorReport {
  readonly mirror: string;
  readonly place: string;
  /** Rows changed in this pass. */
  readonly written: number;
  readonly backup: string | null;
  /** In words: why it could not be read or written. */
  readonly problem: string | null;
  /** It changed while it was being repaired: nothing was written, the next pass tries again. */
  readonly isConflict: boolean;
}
