// What a run draws from, by profile: everything; or one thing often, so that it can be counted by the thousand.
import { type AccountPolicy, POLICY_DEFAULT, UNLIMITED } from "../../core/index.ts";
import { USUAL, type Weights } from "./faults.ts";
import type { Habits } from "./habits.ts";
import type { Profile } from "./result.ts";

export interface Traits {
  readonly faults: Weights;
  readonly habits: Partial<Habits>;
  /** What the account's owner decided, where it is not drawn. */
  readonly policy: Partial<AccountPolicy>;
  /** How many things happen, and how long lies between two of them, in ms: one of these. */
  readonly steps: readonly number[];
  readonly paces: readonly number[];
  /** Whether people kill, hold, plan and take back. */
  readonly hasPeople: boolean;
  /** How often the bot orders, among all that it and the market do. */
  readonly orderShare: number;
  /** By what chance a bot keeps a grid of orders and amends them. */
  readonly grids: { readonly whereAmendmentsFail: number; readonly elsewhere: number };
  /** By what chance an executor's positions are closed by exits, and by what chance its venue then has a price feed. */
  readonly exits: {
    readonly chance: number;
    readonly streams: number;
    /** Whether they may lie at the venue too, which then may have a dead-man switch; where not, trueup manages all. */
    readonly atVenue: boolean;
  };
}

const NO_GRIDS = { whereAmendmentsFail: 0, elsewhere: 0 };
const NO_EXITS = { chance: 0, streams: 0, atVenue: false };

/** As nobody changed it, but for a slower pace: a year is to be looked at. */
const CALM: Partial<AccountPolicy> = {
  mode: "executor",
  confirmations: POLICY_DEFAULT.confirmations,
  graceMs: POLICY_DEFAULT.graceMs,
  intervalMs: 60_000,
  blastRadiusRows: POLICY_DEFAULT.blastRadiusRows,
  blastRadiusRatio: POLICY_DEFAULT.blastRadiusRatio,
  sendDeadlineMs: POLICY_DEFAULT.sendDeadlineMs,
  limits: UNLIMITED,
};

const EVERYTHING: Traits = {
  faults: USUAL,
  habits: {},
  policy: {},
  steps: [15, 30, 30, 60],
  paces: [10, 200, 1_000, 5_000, 20_000],
  hasPeople: true,
  orderShare: 0.4,
  grids: { whereAmendmentsFail: 1, elsewhere: 0.1 },
  exits: { chance: 0.2, streams: 0.9, atVenue: false },
};

export const PROFILE_TRAITS: Readonly<Record<Profile, Traits>> = {
  swarm: EVERYTHING,
  /** Everything, at a venue that is as one of the adapters declares it (declared.ts). */
  declared: EVERYTHING,
  /** Everything, on accounts whose positions are closed by exits. */
  exits: {
    ...EVERYTHING,
    policy: { mode: "executor", limits: UNLIMITED },
    exits: { chance: 1, streams: 0.95, atVenue: true },
  },
  /** Orders whose outcome nobody knows, and little else. */
  ambiguity: {
    faults: {
      of: {
        answer_lost: { chance: 0.8, rate: 0.3 },
        request_lost: { chance: 0.8, rate: 0.3 },
        request_late: { chance: 0.8, rate: 0.3 },
        answer_late: { chance: 0.5 },
        request_doubled: { chance: 0.5 },
        lookup_none_early: { chance: 0.5 },
        stream_lost: { chance: 0.5 },
        crash: { chance: 0.3 },
      },
      others: 0,
    },
    habits: {},
    policy: { mode: "executor", limits: UNLIMITED },
    steps: [40],
    paces: [200, 1_000, 5_000],
    hasPeople: false,
    orderShare: 0.8,
    grids: NO_GRIDS,
    exits: NO_EXITS,
  },
  /** Reads that leave out what is there, or are another's. */
  absence: {
    faults: {
      of: {
        positions_empty: { chance: 0.8 },
        positions_partial: { chance: 0.6 },
        positions_stale: { chance: 0.6 },
        positions_lag: { chance: 0.5 },
        other_account: { chance: 0.5 },
        lookup_wrong_row: { chance: 0.5 },
        read_down: { chance: 0.3 },
        fills_down: { chance: 0.3 },
        rows_doubled: { chance: 0.3 },
        timestamps_wild: { chance: 0.3 },
        fill_qty_zero: { chance: 0.3 },
        orders_missing: { chance: 0.3 },
      },
      others: 0,
    },
    habits: {},
    policy: {},
    steps: [25],
    paces: [1_000, 5_000, 20_000],
    hasPeople: true,
    orderShare: 0.3,
    grids: NO_GRIDS,
    exits: NO_EXITS,
  },
  /** Nothing but what every day brings: a message late, twice or lost, a slow answer, a list a moment behind. */
  calm: {
    faults: {
      of: {
        stream_late: { chance: 0.5, rate: 0.02 },
        stream_doubled: { chance: 0.5, rate: 0.02 },
        stream_lost: { chance: 0.5, rate: 0.005 },
        stream_cut: { chance: 0.5, rate: 0.01 },
        read_slow: { chance: 0.5, rate: 0.001 },
        positions_lag: { chance: 0.8, rate: 0.1 },
        fills_late: { chance: 0.8, rate: 0.1 },
        rows_doubled: { chance: 0.5, rate: 0.01 },
        funding: { chance: 0.8, rate: 0.05 },
        transfer: { chance: 0.8, rate: 0.01 },
      },
      others: 0,
    },
    habits: { botBooks: true },
    policy: CALM,
    steps: [120],
    paces: [60_000, 600_000, 1_800_000, 3_600_000],
    hasPeople: false,
    orderShare: 0.4,
    grids: NO_GRIDS,
    exits: NO_EXITS,
  },
};
