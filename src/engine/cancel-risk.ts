// What kill does at the venue: cancels everything that could add risk, the most dangerous first, by one call for all where the
// venue has one and nothing would go that must stay. Reduce-only stops stay unless all is asked for: they are what still
// protects a position. An outcome that is not known is told as such, and asked for again. Nothing waits for the journal or
// for a read: a cancel adds no risk, and a disk that is slow or full must keep no order alive.
import {
  atRisk,
  type Book,
  byRisk,
  type Decimal,
  type Draft,
  draft,
  findOrder,
  isOfKill,
  isTerminal,
  type Kill,
  type KillScope,
  mayBeAtVenue,
  type Order,
  type OrderAtRisk,
  type OrderKey,
  type OrderRow,
  ordersToEnd,
  type Payloads,
  protecting,
  ZERO,
} from "../core/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { CommandOutcome, Venue } from "../venues/index.ts";
import { guarded, otherAccount, problemOf } from "./observe.ts";
import { inWaves } from "./waves.ts";

/** A cancel's answer is not waited for longer. In ms. */
const CANCEL_TIMEOUT_MS = 15_000;
/** Where a call for all orders is not answered by then, each order is cancelled by itself as well. In ms. */
const ALL_ANSWERED_MS = 300;

/** What a kill asked of the venue, and what came of it. */
export interface KillReport {
  readonly canceled: readonly { readonly order: string; readonly outcome: CommandOutcome }[];
  /** Calls that cancel all open orders: of one instrument, or of the account where it names none. */
  readonly canceledAll: readonly { readonly instrument: string | null; readonly outcome: CommandOutcome }[];
  /** Orders that could add risk and that this venue's adapter cannot cancel. */
  readonly uncancelable: readonly string[];
  /** Why the venue's own list of open orders could not be read; null when it was, or was not asked for. */
  readonly problem: string | null;
}

export interface KillOutcome extends KillReport {
  /** Whether the kill is in the journal. Where it is not, the account has stopped, and what could be cancelled was. */
  readonly isEngaged: boolean;
}

/** Where nothing was there to be cancelled. */
export const NOTHING_CANCELED: KillReport = {
  canceled: [],
  canceledAll: [],
  uncancelable: [],
  problem: null,
};

/** What is to be cancelled, and by what. */
export interface CancelInputs {
  readonly book: Book;
  /** Notes in the journal what is asked for, where there is one that takes it. */
  readonly note?: (drafts: readonly Draft[]) => void;
  /** Told of what came of each order's own cancel. */
  readonly onOutcome?: (order: OrderAtRisk, outcome: CommandOutcome) => void;
  readonly venue: Venue;
  readonly runtime: Runtime;
  readonly lastPrices?: ReadonlyMap<string, Decimal>;
  readonly isAll: boolean;
  /** Whether the venue's list is read too: it may have orders that the book does not know yet. */
  readonly isReading: boolean;
  /** Whether one call may cancel all: the account that answers is known to be this one. */
  readonly mayCancelAll?: boolean;
  /** Whether all orders of the account go through trueup, so that the book knows every stop that has to stay. */
  readonly knowsAllOrders?: boolean;
  /** Orders with a change that has not left yet, and that the kill's gate keeps back. */
  readonly unchanged?: ReadonlySet<OrderKey>;
}

/** Cancels what has to end. Resolves when every call was answered or given up; trouble at the venue is an outcome and no error. */
export async function cancelRisk(inputs: CancelInputs): Promise<KillReport> {
  const { book, note, venue, runtime, isReading, lastPrices = new Map() } = inputs;
  const scope = scopeOf(inputs);
  const known = ordersToEnd(book, scope).filter((order) => !isOfKill(book, order));
  // What is known is cancelled while the list is still being read.
  const canceling = dispatch(byRisk(book, atRisks(known, scope), lastPrices), scope, inputs);
  note?.(known.flatMap((order) => requested(order, runtime.clock.nowMs())));
  const [first, listed] = await Promise.all([
    canceling,
    isReading ? openRows(inputs) : { rows: [], problem: null },
  ]);
  const staying = [...book.orders.values()].filter((order) => isOfKill(book, order));
  const isNew = (row: OrderAtRisk) => ![...known, ...staying].some((order) => isSame(order, row));
  const others = toEnd(listed.rows.filter(isNew), known, scope, book);
  const { problem } = listed;
  if (!venue.cancel) {
    const uncancelable = [...known, ...others].map(nameOf);
    return { canceled: [], canceledAll: first.canceledAll, uncancelable, problem };
  }
  const second = await cancelEach(byRisk(book, others, lastPrices), inputs);
  return {
    canceled: [...first.canceled, ...second],
    canceledAll: first.canceledAll,
    uncancelable: [],
    problem,
  };
}

/** Rows of the list that have to end too. What stays by the book and is not listed takes its part of the position as well. */
function toEnd(
  rows: readonly OrderAtRisk[],
  ending: readonly Order[],
  scope: KillScope,
  book: Book,
): OrderAtRisk[] {
  if (scope.isAll) return [...rows];
  const unlisted = [...book.orders.values()].filter(
    (order) =>
      mayBeAtVenue(order) &&
      !isOfKill(book, order) &&
      !ending.includes(order) &&
      !rows.some((row) => isSame(order, row)),
  );
  const staying = protecting(book, [...rows, ...atRisks(unlisted, scope)], scope);
  return rows.filter((_, index) => !staying[index]);
}

/** Whether a cancel left nothing to be done: it was taken, or the order had ended before. */
export function isCancelDone(outcome: CommandOutcome): boolean {
  return outcome.kind === "accepted" || (outcome.kind === "rejected" && outcome.ended !== undefined);
}

/** Orders that may still be open after a kill. */
export function unconfirmed({ canceled, uncancelable }: KillReport): string[] {
  const open = canceled.filter(({ outcome }) => !isCancelDone(outcome)).map(({ order }) => order);
  return [...open, ...uncancelable].sort();
}

/** Names the orders that may be open in spite of a kill. @param orders By client order id, else by the venue's. */
export function uncanceledAlert(orders: readonly string[]): Draft {
  const text = `killed, ${orders.length} unconfirmed: these orders may still be open, cancel them at the venue: ${orders.join(", ")}`;
  return draft("alert_raised", { kind: "killed", subject: null, text, evidence: orders }, "kill");
}

/** What a person is told where no journal takes it: the account has stopped, and starts killed only where a latch says so. */
export function unwrittenKillAlert({ reason, by }: Kill, report: KillReport): Payloads["alert_raised"] {
  const evidence = unconfirmed(report);
  const open =
    evidence.length > 0
      ? `these orders may still be open, cancel them at the venue: ${evidence.join(", ")}`
      : "every cancel was accepted";
  const unread =
    report.problem === null
      ? ""
      : `; the venue's open orders could not be read (${report.problem}), look there`;
  const text = `killed by ${by}: ${reason}; the account has stopped, so that its journal does not have it yet; ${open}${unread}`;
  return { kind: "killed", subject: null, text, evidence };
}

/** The venue's open orders as it lists them now. */
async function openRows({
  book,
  venue,
  runtime,
}: CancelInputs): Promise<{ readonly rows: readonly OrderAtRisk[]; readonly problem: string | null }> {
  try {
    const snapshot = await guarded(venue.snapshot(), runtime);
    const other = otherAccount(book, snapshot);
    if (other !== null) return { rows: [], problem: other };
    const { orders } = snapshot;
    const open = (orders?.rows ?? []).filter(({ status }) => status === undefined || !isTerminal(status));
    const problem = orders?.quality === "complete" ? null : (orders?.problem ?? "the venue listed no orders");
    return { rows: open.map((row) => riskOf(row, findOrder(book, row))), problem };
  } catch (error) {
    return { rows: [], problem: problemOf(error) };
  }
}

/** What a row leaves out of an order that is known is as it was asked for. */
function riskOf(row: OrderRow, known: Order | undefined): OrderAtRisk {
  const { instrument, venueOrderId = null, clientOrderId = null } = row;
  const { leg = known?.leg ?? null, side = known?.side ?? null, qty = known?.qty ?? null } = row;
  const { reduceOnly = known?.reduceOnly ?? null, filledQty = ZERO } = row;
  const { notional = known?.notional ?? null, price = known?.price ?? null } = row;
  const { triggerPrice = known?.triggerPrice ?? null } = row;
  const ids = { instrument, venueOrderId, clientOrderId };
  return { ...ids, leg, side, qty, filledQty, notional, price, triggerPrice, reduceOnly };
}

function isSame(a: Ids, b: Ids): boolean {
  if (a.instrument !== b.instrument) return false;
  if (a.venueOrderId !== null && a.venueOrderId === b.venueOrderId) return true;
  return a.clientOrderId !== null && a.clientOrderId === b.clientOrderId;
}

type Ids = Pick<OrderAtRisk, "instrument" | "venueOrderId" | "clientOrderId">;

function scopeOf({ venue, isAll, unchanged }: CancelInputs): KillScope {
  const { reduceOnlyFlag } = venue.capabilities.commands;
  return { isAll, hasReduceOnlyFlag: reduceOnlyFlag, ...(unchanged && { unchanged }) };
}

function atRisks(orders: readonly Order[], scope: KillScope): OrderAtRisk[] {
  return orders.map((order) => atRisk(order, scope));
}

/** Calls for all first, then each order that they do not cover; all of it begins in this tick. */
async function dispatch(
  orders: readonly OrderAtRisk[],
  scope: KillScope,
  inputs: CancelInputs,
): Promise<Pick<KillReport, "canceled" | "canceledAll">> {
  const { runtime } = inputs;
  const calls = scopesOfAll(orders, scope, inputs).map((instrument) => ({
    instrument,
    answer: cancelAll(instrument, inputs),
  }));
  const isCovered = ({ instrument }: OrderAtRisk) =>
    calls.some((call) => call.instrument === null || call.instrument === instrument);
  const singles = cancelEach(
    orders.filter((order) => !isCovered(order)),
    inputs,
  );
  const covered = calls.map(async ({ instrument, answer }) => {
    const own = orders.filter((order) => instrument === null || order.instrument === instrument);
    const soon = await guarded(answer, runtime, ALL_ANSWERED_MS).catch(() => null);
    if (soon?.kind !== "accepted") return cancelEach(own, inputs);
    return own.map((order) => ({ order: nameOf(order), outcome: soon }));
  });
  const canceled = (await Promise.all([singles, ...covered])).flat();
  const canceledAll = await Promise.all(
    calls.map(async ({ instrument, answer }) => ({ instrument, outcome: await answer })),
  );
  return { canceled, canceledAll };
}

/**
 * Where one call may take all: not where a stop that has to stay is open, or may be, and not before the account that answers
 * is known to be this one. Null is the whole account.
 */
function scopesOfAll(
  orders: readonly OrderAtRisk[],
  scope: KillScope,
  { book, venue, mayCancelAll = false, knowsAllOrders = false, isReading }: CancelInputs,
): readonly (string | null)[] {
  const { cancelAll: reach } = venue.capabilities.commands;
  if (!venue.cancelAll || reach === "none" || !mayCancelAll || !(scope.isAll || knowsAllOrders)) return [];
  const ending = new Set(ordersToEnd(book, scope));
  const staying = new Set(
    [...book.orders.values()]
      .filter((order) => mayBeAtVenue(order) && (isOfKill(book, order) || !ending.has(order)))
      .map(({ instrument }) => instrument),
  );
  if (reach === "account") {
    // What nobody knows of yet goes with it when a person kills; a pass knows what is there.
    return staying.size === 0 && (isReading || orders.length > 1) ? [null] : [];
  }
  const counts = Map.groupBy(orders, ({ instrument }) => instrument);
  return [...counts].flatMap(([instrument, own]) =>
    own.length > 1 && !staying.has(instrument) ? [instrument] : [],
  );
}

function cancelAll(instrument: string | null, { venue, runtime }: CancelInputs): Promise<CommandOutcome> {
  const call = started(() => venue.cancelAll?.(instrument === null ? {} : { instrument }));
  return guarded(call, runtime, CANCEL_TIMEOUT_MS).catch((error: unknown) => ({
    kind: "unknown",
    reason: problemOf(error),
  }));
}

/** Each by itself, in their order. */
export function cancelEach(
  orders: readonly OrderAtRisk[],
  inputs: Pick<CancelInputs, "venue" | "runtime" | "onOutcome">,
): Promise<KillReport["canceled"]> {
  const { venue, runtime, onOutcome } = inputs;
  if (!venue.cancel) return Promise.resolve([]);
  return inWaves(orders, runtime, async (order) => {
    const outcome = await cancel(venue, order, runtime);
    onOutcome?.(order, outcome);
    return { order: nameOf(order), outcome };
  });
}

async function cancel(venue: Venue, order: Ids, runtime: Runtime): Promise<CommandOutcome> {
  const { instrument, venueOrderId, clientOrderId } = order;
  const command = {
    instrument,
    ...(venueOrderId !== null && { venueOrderId }),
    ...(clientOrderId !== null && { clientOrderId }),
  };
  const call = started(() => venue.cancel?.(command));
  return guarded(call, runtime, CANCEL_TIMEOUT_MS).catch((error: unknown) => ({
    kind: "unknown",
    reason: problemOf(error),
  }));
}

/** An adapter that throws at once must not keep the other cancels from leaving. */
async function started(call: () => Promise<CommandOutcome> | undefined): Promise<CommandOutcome> {
  return (await call()) ?? { kind: "rejected", sent: false, reason: "this adapter has no such command" };
}

/** That a cancel was asked for is not that it happened: the status stays until the venue's row says so. */
function requested({ orderKey, instrument, cancelRequestedAt }: Order, nowMs: number): Draft[] {
  if (cancelRequestedAt !== null) return [];
  const change = { cancelRequestedAt: nowMs };
  return [draft("order_state_observed", { orderKey, instrument, change, source: "kill" }, "kill")];
}

function nameOf(order: Ids): string {
  return order.clientOrderId ?? order.venueOrderId ?? order.instrument;
}
