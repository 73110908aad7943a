// The journal's records: what happened, never what to do. Kinds are few and versioned; all that trueup knows
// is a fold over these (book.ts). Storage, hashing and sequence numbers are the journal's.
import type { FlattenLeg } from "./commands/flatten.ts";
import type { AmendIntent, OrderIntent } from "./commands/intent.ts";
import type { Decimal } from "./decimal.ts";
import type { Discrepancy } from "./discrepancy.ts";
import type { ExitPlan } from "./exits/plan.ts";
import type { ArmedFacts, DisarmReason, TriggerFacts } from "./exits/state.ts";
import type { FillRow, LedgerRow, OrderRow, SectionName } from "./facts.ts";
import type { GateReason } from "./gate.ts";
import type { Instrument } from "./instrument.ts";
import type { FillKey, OrderKey, PositionKey } from "./keys.ts";
import type { Summary } from "./summary.ts";
import type { AlertKind, Cause, GateState, Leg, OrderStatus, Quality } from "./words.ts";

/** What is known of one section of a read; the rows themselves are in a side table under the digest (R15). */
export interface SectionDigest {
  readonly quality: Quality;
  readonly rows: number;
  readonly digest: string;
  readonly problem?: string;
  readonly coverage?: Span;
  /** Between the end of what was read before and the beginning of this: its fills are not told any more. */
  readonly gap?: Span;
}

/** Venue time, ms. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** From where a key's quantity is known. What happened at the venue before that is already in the quantity. */
export interface Anchor {
  readonly asOfMs: number;
  /** False when nobody read it at the venue: seeded from what a person stated. */
  readonly isWitnessed: boolean;
}

/** Where the price of something inferred comes from (R7). */
export type PriceSource =
  | "solved"
  | "venue_average"
  | "local_average"
  | "order_average"
  | "last_price"
  | "none";

export interface PositionAdjustment {
  readonly subject: "position";
  readonly adjustmentId: string;
  /** `opening`: held before history began. `estimate`: unexplained. `order_fill`: an order's unreported fill. */
  readonly basis: "opening" | "estimate" | "order_fill";
  readonly instrument: string;
  readonly leg: Leg;
  /** Signed. */
  readonly qtyDelta: Decimal;
  readonly price: Decimal | null;
  readonly priceSource: PriceSource;
  /** Start of the observation behind it. */
  readonly asOfMs: number;
  /** Of an order's fill: by when the order's row was read, where that is later. What is dated before may be in it. */
  readonly readByMs?: number;
  readonly venueSeq: number;
  readonly qtyBefore: Decimal;
  readonly qtyAfter: Decimal;
  /** Null for an opening: nothing happened, it was there. */
  readonly cause: Cause | null;
  readonly strategy: string;
  readonly orderKey: OrderKey | null;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Of an opening: fills told earlier than this that it turned out to have had. */
  readonly gaveWayTo?: readonly FillKey[];
}

export interface BalanceAdjustment {
  readonly subject: "balance";
  readonly adjustmentId: string;
  readonly asset: string;
  readonly totalBefore: Decimal | null;
  readonly totalAfter: Decimal;
  readonly freeAfter: Decimal | null;
  /** Start of the observation behind it. */
  readonly asOfMs: number;
  /** Its total may have what is dated after the first and before the second of these, or not; absent where neither. */
  readonly unsure?: { readonly fromMs: number; readonly toMs: number };
  /** False when a person stated it: then moves from before that moment may still be missing in it. */
  readonly isWitnessed: boolean;
  /** Null where the venue's first statement is only taken over. */
  readonly cause: Cause | null;
  /** What waited for a statement of the venue's: this total has it. */
  readonly confirms?: readonly string[];
}

/** The fields of an order that an observation set; a field that is absent did not change. */
export type OrderChange = Partial<
  Omit<OrderRow, "instrument" | "avgPrice" | "avgPriceScale" | "filledQty">
> & {
  /** Part of the filled quantity that no fill or estimate stands for. Not signed. */
  readonly unbackedQty?: Decimal;
  readonly status?: OrderStatus;
  readonly isOurs?: boolean;
  /** Set while look-ups answer "none"; null when the order was seen again. */
  readonly absentSinceMs?: number | null;
  /** Since when the history may lack fills of it; null when a row shows it again, and what is filled of it is booked. */
  readonly unheardSinceMs?: number | null;
  readonly statusReason?: string | null;
  /** Null when the venue has shown or denied what was asked for. */
  readonly amendment?: null;
};

/** What was decided to be done at the venue; durable before it is sent. */
export type RecordedIntent =
  | (OrderIntent & { readonly action: "submit"; readonly clientOrderId: string })
  | (AmendIntent & { readonly action: "amend"; readonly newClientOrderId: string })
  | { readonly action: "cancel"; readonly instrument: string };

/** Payload of each kind of record. */
export interface Payloads {
  readonly instrument_observed: { readonly instrument: Instrument };
  readonly observation_recorded: {
    readonly observationId: string;
    readonly trigger: string;
    readonly startedAtMs: number;
    readonly finishedAtMs: number;
    readonly venueAccountId?: string;
    readonly sections: Readonly<Partial<Record<SectionName | "totals" | "lookups", SectionDigest>>>;
  };
  /** From here on the account's, or these keys', quantities are known. */
  readonly account_anchored: {
    readonly anchor: Anchor;
    /** Only these keys; absent means the account, but for `except`. */
    readonly keys?: readonly PositionKey[];
    readonly except?: readonly PositionKey[];
  };
  readonly intent_recorded: {
    readonly orderKey: OrderKey;
    /** Who asked for it. */
    readonly by: string;
    readonly intent: RecordedIntent;
  };
  /** A command leaves for the venue now. What comes of it is an order's state. */
  readonly order_sent: {
    readonly orderKey: OrderKey;
    readonly instrument: string;
    readonly action: RecordedIntent["action"];
  };
  /** `command`: the venue's answer to a command of ours. `report`: a bot's word for an order that it sent itself. */
  readonly order_state_observed: {
    readonly orderKey: OrderKey;
    readonly instrument: string;
    readonly change: OrderChange;
    readonly source:
      | "venue"
      | "stream"
      | "lookup"
      | "inferred"
      | "seed"
      | "kill"
      | "command"
      | "report"
      | "person";
  };
  readonly fill_recorded: FillRow & {
    readonly fillKey: FillKey;
    readonly leg: Leg;
    readonly strategy: string;
    readonly orderKey: OrderKey | null;
    readonly cause: Cause | null;
    readonly source: "venue" | "stream" | "seed";
    /** Known only under its join key; the canonical report is still to come (R6). */
    readonly isProvisional: boolean;
    /** The provisional fill that this one takes the place of. */
    readonly merges?: FillKey;
    /** The part of the order's unbacked filled quantity that this fill turns out to be. */
    readonly backs?: Decimal;
    /** It happened before the quantity became known, and an opening holds it already: it moves nothing. */
    readonly isContained?: boolean;
  };
  readonly fill_reversed: { readonly fillKey: FillKey; readonly reason: string };
  readonly ledger_entry_recorded: LedgerRow & {
    readonly strategy: string;
    /** Its quantity is not in the venue's yet: only its money counts, until a record of the same id without this. */
    readonly isAwaited?: boolean;
  };
  readonly adjustment_inferred: PositionAdjustment | BalanceAdjustment;
  /** What is left of an adjustment after a fact took (part of) its place; zero takes it away. */
  readonly adjustment_replaced: {
    readonly adjustmentId: string;
    readonly instrument: string;
    readonly leg: Leg;
    /** The fill, or the ledger entry by its id. */
    readonly by: FillKey | string;
    readonly qtyDelta: Decimal;
    readonly price: Decimal | null;
    /** Of an opening: fills told earlier than this that it turned out to have had. */
    readonly gaveWayTo?: readonly FillKey[];
  };
  readonly discrepancy_opened: Discrepancy;
  readonly discrepancy_changed: Discrepancy;
  readonly discrepancy_closed: Discrepancy;
  readonly repair_applied: {
    readonly repairId: string;
    readonly discrepancyId: string;
    readonly of: string;
    readonly action: RepairAction;
    readonly before: unknown;
    readonly after: unknown;
    /** What proved that it was flat, where it became flat; `person` where only a person said so. */
    readonly witness?: string | null;
    /** The person whose plan this was part of, and the plan. */
    readonly by?: string;
    readonly planId?: string;
  };
  readonly pass_finished: PassRecord;
  readonly gate_changed: {
    /** `account` or an instrument. */
    readonly scope:
      | { readonly type: "account" }
      | { readonly type: "instrument"; readonly instrument: string };
    readonly from: GateState;
    readonly to: GateState;
    readonly reasons: readonly GateReason[];
  };
  readonly kill_engaged: {
    readonly reason: string;
    readonly by: string;
    readonly atMs: number;
    readonly isAll?: boolean;
    /** Whether not even exits that were armed before may close a position; absent: they may. */
    readonly isNoExits?: boolean;
  };
  readonly kill_released: { readonly reason: string; readonly by: string };
  /** A person said whose a part of a position is: from there on it is in another strategy's lot. */
  readonly lot_reattributed: {
    readonly reattributionId: string;
    readonly instrument: string;
    readonly leg: Leg;
    readonly from: string;
    readonly to: string;
    /** Signed like the lot that it was taken from. */
    readonly qty: Decimal;
    /** Its place: after whatever moved the position up to then. Venue time, ms. */
    readonly asOfMs: number;
    readonly reason: string;
    readonly by: string;
  };
  /** Fields that belong to a position's life: the bot's own, or a person's. */
  readonly note_set: {
    readonly instrument: string;
    readonly leg: Leg;
    /** An entry of the life; the note follows the life that holds this entry. */
    readonly entryId: string;
    readonly source: string;
    readonly fields: Readonly<Record<string, unknown>>;
  };
  /** When a person wants a position, or one strategy's share of it, closed. Belongs to its life, as a note does. */
  readonly exit_plan_set: {
    readonly instrument: string;
    readonly leg: Leg;
    /** An entry of the life; the plan follows the life that holds it. */
    readonly entryId: string;
    /** Whose share; null for the whole position. */
    readonly strategy: string | null;
    /** `none`: no exit is wanted; null: the person's word is taken back. */
    readonly plan: ExitPlan | "none" | null;
    readonly by: string;
  };
  /** An exit watches this quantity at these levels from here on; of the same id: it has changed. */
  readonly exit_armed: ArmedFacts;
  /** The best price since it was armed, of an exit that trails it. Not every tick: see `isWorthWriting`. */
  readonly exit_trailed: {
    readonly exitId: string;
    readonly instrument: string;
    readonly leg: Leg;
    readonly strategy: string;
    readonly best: Decimal;
  };
  /** An exit has come to pass; durable before its order leaves. */
  readonly exit_triggered: TriggerFacts;
  readonly exit_disarmed: {
    readonly exitId: string;
    readonly instrument: string;
    readonly leg: Leg;
    readonly strategy: string;
    readonly why: DisarmReason;
  };
  /**
   * What is about to be written into a mirror, durable before the bot's store is touched: whatever happens in between,
   * what the bot had noted on its rows is known. Ends with the `mirror_written` or `mirror_write_dropped` of its id, or
   * with the mirror's next intent.
   */
  readonly mirror_write_intended: MirrorIntent;
  /** The store was looked at, and nothing of what was intended is in it. */
  readonly mirror_write_dropped: {
    readonly writeId: string;
    readonly mirror: string;
    readonly reason: string;
  };
  readonly mirror_written: {
    readonly mirror: string;
    /** The intent that this fulfils. */
    readonly writeId?: string;
    /** The process died between the write and its record; the store itself showed that it was made. */
    readonly isRecovered?: boolean;
    readonly rows: readonly MirrorRowWritten[];
    readonly backup: string | null;
  };
  /** A person's plan is carried out from here on; a plan counts once, whatever becomes of it. */
  readonly plan_applied: {
    readonly planId: string;
    readonly by: string;
    readonly madeAtMs: number;
    readonly steps: number;
    /** Of them, how many rest on the person's word alone. */
    readonly rows: number;
    /** The account's name as the person typed it; null where no word was needed. */
    readonly confirmed: string | null;
  };
  /** What became of it, once everything was read again. */
  readonly plan_verified: {
    readonly planId: string;
    /** Ids of the repairs that it made. */
    readonly repairs: readonly string[];
    /** Steps that were not made. */
    readonly notMade: number;
    readonly metrics: { readonly before: Metrics; readonly after: Metrics };
  };
  /** A person took a repair back (R13). */
  readonly repair_undone: {
    readonly repairId: string;
    readonly discrepancyId: string;
    readonly of: string;
    readonly action: RepairAction;
    /** Null for what is not about a position. */
    readonly instrument: string | null;
    readonly leg: Leg | null;
    readonly by: string;
    readonly before: unknown;
    readonly after: unknown;
    /** What the venue had of the key then; while that is so a pass leaves the row alone. Null: nothing is watched. */
    readonly watch: string | null;
  };
  /** A row whose repair was undone is compared and repaired again as any other. */
  readonly watch_ended: {
    readonly repairId: string;
    readonly of: string;
    readonly instrument: string;
    readonly leg: Leg;
    readonly why: "venue_changed" | "released";
    /** The person who released it; null where the venue's row changed. */
    readonly by: string | null;
  };
  /** A person confirmed a plan to close positions; durable before anything of it leaves. */
  readonly flatten_started: {
    readonly planId: string;
    readonly by: string;
    readonly madeAtMs: number;
    /** Null for all. */
    readonly instrument: string | null;
    readonly legs: readonly FlattenLeg[];
  };
  /** What became of it, once everything was read again: the plan's one result, whoever asks again. */
  readonly flatten_finished: FlattenResult;
  readonly alert_raised: {
    readonly kind: AlertKind;
    readonly subject: string | null;
    readonly text: string;
    readonly evidence: readonly string[];
  };
}

export interface FlattenResult {
  readonly planId: string;
  readonly by: string;
  /** Whether a complete read, made after all that was sent, shows every position of the plan as closed. */
  readonly isFlat: boolean;
  readonly legs: readonly FlattenedLeg[];
  readonly finishedAtMs: number;
}

export interface FlattenedLeg {
  readonly instrument: string;
  readonly leg: Leg;
  /** What was to be closed, what fills of the plan's own orders closed, and what is held now; the last is signed. */
  readonly plannedQty: Decimal;
  readonly closedQty: Decimal;
  readonly heldQty: Decimal;
  /** Client order ids of the orders that were sent for it. */
  readonly orders: readonly string[];
  readonly isFlat: boolean;
  /** Why it is not; null where it is. */
  readonly why: string | null;
}

/** Counts of an account's copies at one moment (C8). */
export interface Metrics {
  /** Positions that the book holds, orders that it holds for active. */
  readonly positions: number;
  readonly orders: number;
  /** Open discrepancies of all copies. */
  readonly discrepancies: number;
  /** Rows of each mirror that could be read. */
  readonly mirrors: Readonly<Record<string, number>>;
}

export type RepairAction = "adjusted" | "removed" | "corrected" | "added" | "order_state" | "balance";

/** One position's row (or rows, where it stood twice) in a mirror, as a write changes it. */
export interface MirrorRowWritten {
  /** `restored`: put back by an undo. */
  readonly action: "removed" | "corrected" | "added" | "restored";
  readonly instrument: string;
  readonly leg: Leg;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  /** What the row claimed, where the book knows of no life that it could have been about. */
  readonly claim?: MirrorClaim;
  readonly repairId?: string;
  /** The row in the store's own words, to be put back by an undo; null where there is none. */
  readonly image?: { readonly before: string | null; readonly after: string | null };
}

/** A row that is about to be written. */
export interface MirrorRowIntended extends Omit<MirrorRowWritten, "image"> {
  readonly rowId: string | null;
  /** Signed quantity that the store shows once it is written; null where the row is gone, or keeps none. */
  readonly qty: Decimal | null;
  readonly repairId: string;
  readonly discrepancyId: string;
  readonly imageBefore: string | null;
  /** Of an undo: the repair's action, and the person. */
  readonly undoes?: { readonly action: RepairAction; readonly by: string };
}

export interface MirrorIntent {
  readonly writeId: string;
  readonly mirror: string;
  /** Of the store as it was read. */
  readonly version: string;
  readonly rows: readonly MirrorRowIntended[];
}

/** A position that only a mirror spoke of; kept in history with the bot's own fields. */
export interface MirrorClaim {
  readonly qty: Decimal | null;
  readonly entryPrice: Decimal | null;
  readonly cause: Cause;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface PassRecord {
  readonly passId: string;
  readonly trigger: string;
  readonly isForced: boolean;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  /** Whether every section that the account has was complete (R4). */
  readonly isComplete: boolean;
  readonly isClean: boolean;
  readonly summaries: readonly Summary[];
  readonly repairs: number;
  /** Before its repairs and after them; null where nothing was repaired. */
  readonly metrics: { readonly before: Metrics; readonly after: Metrics } | null;
  readonly gate: GateState;
  /** How many passes in a row this record stands for (R15), and when the last of them ended. */
  readonly count: number;
  readonly lastFinishedAtMs: number;
}

export type RecordKind = keyof Payloads;

/** A record before the journal gave it a place. */
export type Draft = { readonly [K in RecordKind]: DraftOf<K> }[RecordKind];
export interface DraftOf<K extends RecordKind> {
  readonly kind: K;
  readonly payload: Payloads[K];
  /** The record, pass or order of a person that it follows from. */
  readonly causeId: string;
}

/** A record in its place. */
export type JournalRecord = { readonly [K in RecordKind]: JournalRecordOf<K> }[RecordKind];
export interface JournalRecordOf<K extends RecordKind> extends DraftOf<K> {
  readonly account: string;
  /** Gap-free from 1 in each account. */
  readonly seq: number;
  /** Our clock, ms. */
  readonly tsMs: number;
  /** Version of the payload's shape. */
  readonly v: number;
}

/** The version that new records are written with, and the newest that can be read. */
export const RECORD_VERSION = 1;

/** Kinds that alter orders, fills, lots, positions or balances; the rest are about knowing and deciding. */
const CHANGING: ReadonlySet<RecordKind> = new Set<RecordKind>([
  "intent_recorded",
  "order_state_observed",
  "fill_recorded",
  "fill_reversed",
  "ledger_entry_recorded",
  "adjustment_inferred",
  "lot_reattributed",
]);

/** Whether a record alters what is believed; a fill that an opening contains does not, nor a mere miss. */
export function isChange(record: Draft): boolean {
  if (record.kind === "fill_recorded" && record.payload.isContained) return false;
  if (record.kind === "order_state_observed") {
    return Object.keys(record.payload.change).some((field) => field !== "absentSinceMs");
  }
  return CHANGING.has(record.kind);
}

export function draft<K extends RecordKind>(kind: K, payload: Payloads[K], causeId: string): Draft {
  return { kind, payload, causeId } as unknown as Draft;
}
