// Durations that a jump of our clock can neither lengthen nor cut short. The core has no clock: whoever runs it says
// since when the clock has run steadily, and how it jumped before that.

/** What is known of our clock in this process. Times are of the clock as it is now, ms. */
export interface Steady {
  /** The last jump; the start of the process where there was none. */
  readonly sinceMs: number;
  /** How far it jumped then, ahead above zero; 0 where it never did. */
  readonly byMs: number;
  /** The last record of that moment: what is later was written by the clock as it is now. */
  readonly seq: number;
}

/** A pass takes the time when it begins, and no pass lasts longer. In ms. */
const PASS_MS_MAX = 180_000;

/**
 * How long ago a moment that our clock noted was, as far as a steady clock can vouch for it. Never more than it was.
 * @param seq Its record, where that is known: one from before a jump may be dated later than it was.
 */
export function elapsedMs(
  momentMs: number,
  nowMs: number,
  steady: Steady | undefined,
  seq: number | null = null,
): number {
  if (!steady) return nowMs - momentMs;
  if (steady.byMs !== 0 && seq !== null && seq <= steady.seq) return nowMs - steady.sinceMs;
  // A moment a little ahead of now was noted since whoever asks took the time; one far ahead by a clock that has been set
  // back since.
  if (momentMs > nowMs) return momentMs - nowMs <= PASS_MS_MAX ? 0 : nowMs - steady.sinceMs;
  return nowMs - (steady.byMs === 0 ? momentMs : Math.max(momentMs, steady.sinceMs));
}

/** When something of this venue time happened at the latest, seen from our clock; `seq` is its record. */
export function latestMoment(timestamp: number, seq: number, steady: Steady | undefined): number {
  if (!steady || seq > steady.seq) return timestamp;
  // Booked before the jump, or by an earlier process: it was over by then, however far ahead or behind its time looks now.
  return Math.min(steady.sinceMs, timestamp + Math.max(0, steady.byMs));
}
