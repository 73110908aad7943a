// Whether each fault that struck was answered as its row of the fault table says: looked at when the run is over, over the
// records and the log from the strike on, and how the run ended. What must never be is the invariants' business; here it is
// counted that what should happen did.
import { type JournalRecord, type OrderStatus, orderStatus } from "../../core/index.ts";
import type { EventName } from "../../runtime/index.ts";
import { type AnswerName, answersOf } from "../faults/index.ts";
import type { World } from "../invariants/world.ts";
import { BRACKET } from "./exit-work.ts";
import type { Strike } from "./faults.ts";

/** How long after a strike its answer is looked for, where that is not the end of the run. In ms. */
const SOON_MS = 180_000;

/** A line of the log, by its event's name. */
export interface Mark {
  readonly atMs: number;
  readonly name: EventName;
}

interface Entered {
  readonly atMs: number;
  readonly record: JournalRecord;
}

interface Case {
  readonly strike: Strike;
  readonly world: World;
  /** Records from the strike on. */
  readonly since: readonly Entered[];
  readonly soon: readonly Entered[];
  readonly marks: readonly Mark[];
  readonly isAgreed: boolean;
}

export class Answers {
  readonly answered: Record<string, number> = {};
  /** Strikes that nothing answered, in words. */
  readonly unanswered: string[] = [];
  private readonly world: World;
  private readonly entered: Entered[] = [];
  private readonly marks: Mark[] = [];

  constructor(world: World) {
    this.world = world;
  }

  onRecord(record: JournalRecord): void {
    this.entered.push({ atMs: this.world.monotonicMs(), record });
  }

  onLog(name: EventName): void {
    this.marks.push({ atMs: this.world.monotonicMs(), name });
  }

  /** @param isAgreed Whether book and venue agree now. */
  judge(strikes: readonly Strike[], habits: readonly string[], isAgreed: boolean): void {
    for (const strike of strikes) {
      const since = this.entered.filter(({ atMs }) => atMs >= strike.atMs);
      const marks = this.marks.filter(({ atMs }) => atMs >= strike.atMs);
      const soon = since.filter(({ atMs }) => atMs <= strike.atMs + SOON_MS);
      const one: Case = { strike, world: this.world, since, soon, marks, isAgreed };
      if (answersOf(strike.fault).some((name) => CHECKS[name](one))) this.count(strike.fault);
      else
        this.unanswered.push(
          `${strike.fault} of ${strike.subject ?? "the account"} after record ${strike.seq}`,
        );
    }
    if (isAgreed) for (const habit of habits) this.count(habit);
  }

  private count(name: string): void {
    this.answered[name] = (this.answered[name] ?? 0) + 1;
  }
}

const CHECKS: Readonly<Record<AnswerName, (one: Case) => boolean>> = {
  order_found_out: (one) => {
    const order = orderOf(one);
    const went = one.since.some(
      ({ record }) => record.kind === "order_state_observed" && record.payload.orderKey === order?.orderKey,
    );
    return order !== undefined && went && (isKnown(orderStatus(order)) || has(one, "unknown_order"));
  },
  order_followed: isFollowed,
  older_row_ignored: isFollowed,
  replacement_followed: isFollowed,
  absence_ends_nothing: isFollowed,
  overfill_booked: areFillsBooked,
  orphan_adopted: (one) => {
    const order = orderOf(one);
    const booked = [...(one.world.session()?.book.fills.values() ?? [])];
    return one.isAgreed && booked.some(({ orderKey }) => orderKey !== null && orderKey === order?.orderKey);
  },
  duplicate_ignored: (one) => {
    const fills = tellings(one);
    return one.isAgreed && (fills.length === 0 || fills.filter(isCanonical).length <= 1);
  },
  venue_order_kept: (one) => one.isAgreed && (one.strike.subject === null || bookedFills(one).length > 0),
  backfilled: (one) => (isTrade(one) ? bookedFills(one).length > 0 : areFillsBooked(one)),
  stream_rejoined: ({ marks }) => logged(marks, "stream.live") || logged(marks, "stream.gap"),
  fill_taken_back: ({ strike, world }) =>
    world.referee.reversed().some(({ instrument }) => instrument === strike.subject) &&
    [...(world.session()?.book.fills.values() ?? [])].every(
      ({ facts, isReversed }) =>
        isReversed || !world.referee.reversed().some(({ tradeId }) => tradeId === facts.tradeId),
    ),
  conflict_escalated: ({ since, strike }) =>
    since.some(
      ({ record }) =>
        record.kind === "discrepancy_opened" &&
        record.payload.kind === "fill_conflict" &&
        JSON.stringify(record.payload.subject).includes(`${strike.subject}`),
    ),
  row_refused: (one) => logged(one.marks, "fill.refused") || one.soon.some(isRefusal),
  read_doubted: (one) => reason(one, "suspect_read") || has(one, "suspect_read") || wasProven(one),
  section_incomplete: (one) => reason(one, "incomplete_read"),
  lookup_doubted: ({ isAgreed }) => isAgreed,
  waited_out: ({ isAgreed }) => isAgreed,
  halves_apart: (one) =>
    reason(one, "incomplete_read") ||
    one.soon.some(
      ({ record }) => record.kind === "order_state_observed" && record.payload.change.status === "unknown",
    ),
  other_account_halts: (one) => reason(one, "wrong_account"),
  halted_by_force: (one) =>
    reason(one, "forced_trade") &&
    one.since.some(({ record }) => record.kind === "fill_recorded" && record.payload.forced !== undefined),
  explained: (one) => one.since.some(({ record }) => record.kind === "ledger_entry_recorded"),
  estimated_then_settled: ({ isAgreed }) => isAgreed,
  difference_adopted: ({ isAgreed, since }) =>
    isAgreed && since.some(({ record }) => record.kind === "adjustment_inferred"),
  exact_under_habit: ({ isAgreed }) => isAgreed,
  held_back: ({ isAgreed }) => isAgreed,
  account_reopened: (one) => logged(one.marks, "account.started"),
  writer_fenced: ({ marks }) => logged(marks, "account.failed"),
  clock_resynced: ({ marks }) => logged(marks, "clock.jumped"),
  mirror_watched: (one) =>
    has(one, "mirror_overwritten") || one.since.some(({ record }) => record.kind === "mirror_written"),
  mirror_refused: ({ marks }) => logged(marks, "mirror.problem") || logged(marks, "mirror.conflict"),
  killed_and_cancelled: (one) => one.since.some(({ record }) => record.kind === "kill_engaged"),
  feed_derived_again: ({ world }) => {
    const report = world.session()?.prices.report();
    return report != null && report.missing.length === 0 && report.extra.length === 0;
  },
  foreign_exit_told: (one) =>
    one.since.some(
      ({ record }) => record.kind === "discrepancy_opened" && record.payload.kind === "foreign_exit_order",
    ) ||
    one.world.referee
      .orders()
      .every(({ clientOrderId = "", status }) => !clientOrderId.startsWith(BRACKET) || status !== "open"),
  position_as_it_became: ({ isAgreed }) => isAgreed,
  alert_kept: (one) => one.soon.some(({ record }) => record.kind === "alert_raised") || one.strike.seq > 0,
};

/** The order that it is about, by whichever id the strike names. */
function orderOf({ strike, world }: Case) {
  const orders = [...(world.session()?.book.orders.values() ?? [])];
  return orders.find(
    ({ clientOrderId, venueOrderId, previousVenueOrderIds }) =>
      strike.subject !== null &&
      (clientOrderId === strike.subject ||
        venueOrderId === strike.subject ||
        previousVenueOrderIds.includes(strike.subject)),
  );
}

function isKnown(status: OrderStatus): boolean {
  return status !== "unknown" && status !== "pending";
}

/** The order, or every order, is as the venue has it. */
function isFollowed(one: Case): boolean {
  const order = orderOf(one);
  if (!order) return one.isAgreed;
  const row = one.world.referee.find({
    ...(order.venueOrderId !== null && { venueOrderId: order.venueOrderId }),
    ...(order.clientOrderId !== null && { clientOrderId: order.clientOrderId }),
  });
  const isOpenThere = row?.status === "open" || row?.status === "partially_filled";
  const status = orderStatus(order);
  return isOpenThere === (status === "open" || status === "partially_filled");
}

/** Whether the strike names a trade, not an instrument or an order. */
function isTrade({ strike, world }: Case): boolean {
  return world.referee.fills().some(({ tradeId }) => tradeId === strike.subject);
}

function bookedFills({ strike, world }: Case) {
  return [...(world.session()?.book.fills.values() ?? [])].filter(
    ({ facts }) => facts.tradeId === strike.subject,
  );
}

function areFillsBooked({ world, isAgreed }: Case): boolean {
  const booked = new Set([...(world.session()?.book.fills.values() ?? [])].map(({ facts }) => facts.tradeId));
  return isAgreed && world.referee.fills().some(({ tradeId }) => booked.has(tradeId));
}

function tellings({ strike, since }: Case) {
  return since.flatMap(({ record }) =>
    record.kind === "fill_recorded" && record.payload.tradeId === strike.subject ? [record.payload] : [],
  );
}

function isCanonical({ isProvisional }: { readonly isProvisional: boolean }): boolean {
  return !isProvisional;
}

function isRefusal({ record }: Entered): boolean {
  const isOfFill = record.kind === "discrepancy_opened" || record.kind === "discrepancy_changed";
  return isOfFill && record.payload.kind === "missing_fill" && record.payload.code !== null;
}

/** Nothing was closed on it, and the next reads were proven by what was asked for one by one. */
function wasProven({ soon, isAgreed }: Case): boolean {
  const closings = soon.filter(
    ({ record }) =>
      record.kind === "adjustment_inferred" &&
      record.payload.subject === "position" &&
      record.payload.basis === "estimate",
  );
  return isAgreed && closings.length === 0;
}

function reason({ soon }: Case, code: string): boolean {
  return soon.some(
    ({ record }) => record.kind === "gate_changed" && record.payload.reasons.some((one) => one.code === code),
  );
}

function has({ since }: Case, kind: string): boolean {
  return since.some(({ record }) => record.kind === "alert_raised" && record.payload.kind === kind);
}

function logged(marks: readonly Mark[], name: EventName): boolean {
  return marks.some((mark) => mark.name === name);
}
