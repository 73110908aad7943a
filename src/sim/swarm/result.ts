// What one seed's run says of itself. Plain values: they cross from a worker to whoever counts them.

/** The invariants of a run; src/sim/invariants says for each what is looked at. */
export const INVARIANTS = [
  "I1",
  "I2",
  "I3",
  "I4",
  "I5",
  "I6",
  "I7",
  "I8",
  "I9",
  "I10",
  "I11",
  "I12",
  "I13",
  "I14",
  "I15",
  "I16",
  "I17",
  "I18",
  "I19",
  "I20",
  "I21",
  "I22",
  "I23",
  "L1",
  "L2",
  "L3",
  "L4",
  "L5",
  "L6",
  "L7",
] as const;
export type InvariantId = (typeof INVARIANTS)[number];

export interface Violation {
  readonly invariant: InvariantId | "oracle" | "stopped" | "answer" | "profile";
  readonly text: string;
  /** Virtual time since the beginning, ms. */
  readonly atMs: number;
}

/** What a run draws from: everything, or one of the profiles that count one thing often. */
export const PROFILES = ["swarm", "declared", "ambiguity", "absence", "calm", "exits"] as const;
export type Profile = (typeof PROFILES)[number];

/** Among a run's counts: how often the gate closed although everything was answered and nobody asked for it. */
export const UNASKED_CLOSINGS = "gate closings that nothing asked for";
/** Among them: orders of unknown outcome that were resolved, or told to a person, within 30 s of a living process, or later. */
export const UNKNOWN_IN_TIME = "unknown orders resolved or told within 30 s";
export const UNKNOWN_LATER = "unknown orders resolved or told later";

export interface SeedOptions {
  readonly seed: number;
  readonly profile?: Profile;
  /** How many things happen before everything heals; drawn by the profile unless given. */
  readonly steps?: number;
  /** Only these faults may be on, of those that the seed draws. All of them unless given. */
  readonly only?: readonly string[];
  /** Resolves when everything that was started has come to rest. */
  readonly settle: () => Promise<void>;
  /** Every event and every record, as a line. */
  readonly onTrace?: (line: string) => void;
}

export interface SeedResult {
  readonly seed: number;
  readonly profile: Profile;
  readonly violations: readonly Violation[];
  /** Faults that the seed drew. */
  readonly enabled: readonly string[];
  /** How often each struck, and how often it was answered as its row says. */
  readonly fired: Readonly<Record<string, number>>;
  readonly answered: Readonly<Record<string, number>>;
  /** How often each invariant was put to the test: looking where nothing could be wrong does not count. */
  readonly checked: Readonly<Partial<Record<InvariantId, number>>>;
  readonly habits: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  /** Passes after everything healed until all agreed; null where it never did. */
  readonly cycles: number | null;
  /** Of every event and record. */
  readonly traceHash: string;
  readonly events: number;
  readonly records: number;
  readonly virtualMs: number;
}
