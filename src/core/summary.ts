// The summary of one comparison (R14): every local row and every venue row is in exactly one bucket, and the
// buckets sum to the rows seen. Checked in production; a summary that does not add up ends the pass.

/** Buckets that a row of either side, or a pair of rows, can be in. */
export const SHARED_BUCKETS = [
  "verified",
  "corrected",
  "inFlight",
  "watched",
  "refused",
  "duplicate",
] as const;
/** Buckets of rows that only the local side has. */
export const LOCAL_BUCKETS = ["closed", "unavailable"] as const;
/** Buckets of rows that only the venue has. */
export const VENUE_BUCKETS = ["added", "flat"] as const;

export type SharedBucket = (typeof SHARED_BUCKETS)[number];
export type LocalBucket = SharedBucket | (typeof LOCAL_BUCKETS)[number];
export type VenueBucket = SharedBucket | (typeof VENUE_BUCKETS)[number];

type Counts<K extends string> = Readonly<Record<K, number>>;

/** Counts of one kind of row. A pair counts once; `sides` has the rows of each side and adds up exactly. */
export interface Tally extends Counts<LocalBucket | VenueBucket> {
  readonly local: number;
  readonly venue: number;
  readonly sides: { readonly local: Counts<LocalBucket>; readonly venue: Counts<VenueBucket> };
}

/** One comparison: positions on top, as most people ask for them first; orders and balances beside them. */
export interface Summary extends Tally {
  /** `book`, or a mirror's name. */
  readonly of: string;
  readonly orders: Tally;
  readonly balances: Tally;
  /** Entry prices that differ beyond tolerance; such rows are verified all the same. */
  readonly flagged: number;
  /** What kept the comparison from being made at all, in words; null when it was made. */
  readonly problem: string | null;
}

/** Collects rows into buckets. */
export class Tallier {
  private readonly local: Record<LocalBucket, number> = zeros([...SHARED_BUCKETS, ...LOCAL_BUCKETS]);
  private readonly venue: Record<VenueBucket, number> = zeros([...SHARED_BUCKETS, ...VENUE_BUCKETS]);
  private readonly pairs: Record<string, number> = {};

  /** A row that both sides have, or so many of them. */
  both(bucket: SharedBucket, count = 1): void {
    this.local[bucket] += count;
    this.venue[bucket] += count;
    this.pairs[bucket] = (this.pairs[bucket] ?? 0) + count;
  }

  onlyLocal(bucket: LocalBucket): void {
    this.local[bucket] += 1;
  }

  onlyVenue(bucket: VenueBucket): void {
    this.venue[bucket] += 1;
  }

  /** @throws Error when the buckets do not sum to the rows that the caller counted. */
  finish(localRows: number, venueRows: number): Tally {
    assertSum("local", localRows, this.local);
    assertSum("venue", venueRows, this.venue);
    const shared = (bucket: SharedBucket) =>
      this.local[bucket] + this.venue[bucket] - (this.pairs[bucket] ?? 0);
    return {
      local: localRows,
      venue: venueRows,
      verified: shared("verified"),
      closed: this.local.closed,
      added: this.venue.added,
      corrected: shared("corrected"),
      inFlight: shared("inFlight"),
      watched: shared("watched"),
      refused: shared("refused"),
      unavailable: this.local.unavailable,
      flat: this.venue.flat,
      duplicate: shared("duplicate"),
      sides: { local: { ...this.local }, venue: { ...this.venue } },
    };
  }
}

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}

function assertSum(side: "local" | "venue", rows: number, counts: Readonly<Record<string, number>>): void {
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  if (total === rows) return;
  throw new Error(
    `The summary does not add up: ${rows} ${side} rows, ${total} in buckets (${JSON.stringify(counts)})`,
  );
}

export const EMPTY_TALLY: Tally = new Tallier().finish(0, 0);
