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
  readonly record: PassRecord;
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
