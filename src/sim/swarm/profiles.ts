// What a run draws from, by profile: everything; or one thing often, so that it can be counted by the thousand.
import type { FaultId } from "./faults.ts";
import type { Habits } from "./habits.ts";
import type { Profile } from "./result.ts";

export interface Traits {
  /** Chances by which faults are on; those that are not named go by `others`. */
  readonly faults: Partial<Record<FaultId, number>> & { readonly others?: number };
  readonly habits: Partial<Habits>;
  /** How many things happen, and how long lies between two of them, in ms: one of these. */
  readonly steps: readonly number[];
  readonly paces: readonly number[];
}

export const PROFILE_TRAITS: Readonly<Record<Profile, Traits>> = {
  swarm: { faults: {}, habits: {}, steps: [15, 30, 30, 60], paces: [10, 200, 1_000, 5_000, 20_000] },
  /** Orders whose outcome nobody knows, and little else. */
  ambiguity: {
    faults: {
      others: 0,
      answer_lost: 0.8,
      request_lost: 0.8,
      request_late: 0.8,
      answer_late: 0.5,
      request_doubled: 0.5,
      lookup_none_early: 0.5,
      stream_lost: 0.5,
      crash: 0.3,
    },
    habits: {},
    steps: [40],
    paces: [200, 1_000, 5_000],
  },
  /** Reads that leave out what is there. */
  absence: {
    faults: {
      others: 0,
      positions_empty: 0.8,
      positions_partial: 0.6,
      positions_stale: 0.6,
      positions_lag: 0.5,
      other_account: 0.5,
      read_down: 0.3,
      fills_down: 0.3,
      rows_doubled: 0.3,
      lookup_wrong_row: 0.3,
      timestamps_wild: 0.3,
      fill_qty_zero: 0.3,
      orders_missing: 0.3,
    },
    habits: {},
    steps: [25],
    paces: [1_000, 5_000, 20_000],
  },
  /** Nothing goes wrong but what goes wrong every day: a slow answer, a message lost now and then. */
  calm: {
    faults: { others: 0 },
    habits: {},
    steps: [200],
    paces: [60_000, 600_000, 1_800_000],
  },
};
