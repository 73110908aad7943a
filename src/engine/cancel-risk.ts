// What kill does at the venue: cancels everything that could add risk. Reduce-only stops stay unless all is asked
// for: they are what still protects a position. An outcome that is not known is told as such, and asked for again.
// Nothing waits for the journal: a cancel adds no risk, and a disk that is slow or full must keep no order alive.
import {
  abs,
  type Book,
  compare,
  type Decimal,
  type Draft,
  draft,
  findOrder,
  isActive,
  isTerminal,
  type Kill,
  type Leg,
  type Order,
  type OrderRow,
  orderStatus,
  type Payloads,
  positionKey,
  positionQty,
  type Side,
  sign,
} from "../core/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { CommandOutcome, Venue } from "../venues/index.ts";
import { guarded, otherAccount, problemOf } from "./observe.ts";

export interface KillReport {
  readonly canceled: readonly { readonly order: string; readonly outcome: CommandOutcome }[];
  /** Orders that could add risk and that this venue's adapter cannot cancel. */
  readonly uncancelable: readonly string[];
  /** Why the venue's own list of open orders could not be read; null when it was, or was not asked for. */
  readonly problem: string | null;
}

export interface KillOutcome extends KillReport {
  /** Whether the kill is in the journal. Where it is not, the account has stopped, and what could be cancelled was. */
  readonly isEngaged: boolean;
}

export const NOTHING_CANCELED: KillReport = { canceled: [], uncancelable: [], problem: null };

export interface CancelInputs {
  readonly book: Book;
  /** Notes in the journal what is asked for, where there is one that takes it. */
  readonly note?: (drafts: readonly Draft[]) => void;
  readonly venue: Venue;
  readonly runtime: Runtime;
  readonly isAll: boolean;
  /** Whether the venue's list is read too: it may have orders that the book does not know yet. */
  readonly isReading: boolean;
}

type Risk = Pick<Order, "instrument" | "venueOrderId" | "clientOrderId">;

export async function cancelRisk(inputs: CancelInputs): Promise<KillReport> {
  const { book, note, venue, runtime, isAll, isReading } = inputs;
  const addsRisk = (order: Risk & Sized) => isAll || !isReducing(order, inputs);
  const known = [...book.orders.values()].filter((order) => mayBeThere(order) && addsRisk(order));
  // What is known is cancelled while the list is still being read.
  const canceling = cancelAll(known, venue, runtime);
  note?.(known.flatMap((order) => requested(order, runtime.clock.nowMs())));
  const [canceled, listed] = await Promise.all([
    canceling,
    isReading ? openRows(inputs) : { rows: [], problem: null },
  ]);
  const others = listed.rows.filter((row) => addsRisk(row) && !known.some((order) => isSame(order, row)));
  const all = [...canceled, ...(await cancelAll(others, venue, runtime))];
  const { problem } = listed;
  if (!venue.cancel) return { canceled: [], uncancelable: [...known, ...others].map(nameOf), problem };
  return { canceled: all, uncancelable: [], problem };
}

/** Orders that may still be open after a kill. */
export function unconfirmed({ canceled, uncancelable }: KillReport): string[] {
  const open = canceled.filter(({ outcome }) => outcome.kind !== "accepted").map(({ order }) => order);
  return [...open, ...uncancelable].sort();
}

export function uncanceledAlert(orders: readonly string[]): Draft {
  const text = `killed, but these orders may still be open, cancel them at the venue: ${orders.join(", ")}`;
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

/** Whether it may be open at the venue. What has not left yet is kept back by the kill's gate (R16). */
function mayBeThere(order: Order): boolean {
  return isActive(order) && !(orderStatus(order) === "pending" && order.sentAtMs === null);
}

interface Sized {
  readonly reduceOnly: boolean | null;
  readonly leg: Leg | null;
  readonly side: Side | null;
  readonly qty: Decimal | null;
}

/**
 * Whether it can only make a position smaller. Where the venue has no flag that keeps it so for the order's life, the
 * position must be there: a stop that outlives its position would open another one.
 */
function isReducing(order: Risk & Sized, { book, venue }: CancelInputs): boolean {
  if (order.reduceOnly !== true) return false;
  if (venue.capabilities.commands.reduceOnlyFlag) return true;
  const { instrument, leg, side, qty } = order;
  const held = positionQty(book, positionKey(instrument, leg ?? "net"));
  return qty !== null && sign(held) === (side === "sell" ? 1 : -1) && compare(qty, abs(held)) <= 0;
}

/** The venue's open orders as it lists them now. */
async function openRows({
  book,
  venue,
  runtime,
}: CancelInputs): Promise<{ readonly rows: readonly (Risk & Sized)[]; readonly problem: string | null }> {
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
function riskOf(row: OrderRow, known: Order | undefined): Risk & Sized {
  const { instrument, venueOrderId = null, clientOrderId = null } = row;
  const { leg = known?.leg ?? null, side = known?.side ?? null, qty = known?.qty ?? null } = row;
  const { reduceOnly = known?.reduceOnly ?? null } = row;
  return { instrument, venueOrderId, clientOrderId, reduceOnly, leg, side, qty };
}

function isSame(a: Risk, b: Risk): boolean {
  if (a.instrument !== b.instrument) return false;
  if (a.venueOrderId !== null && a.venueOrderId === b.venueOrderId) return true;
  return a.clientOrderId !== null && a.clientOrderId === b.clientOrderId;
}

function cancelAll(orders: readonly Risk[], venue: Venue, runtime: Runtime): Promise<KillReport["canceled"]> {
  if (!venue.cancel) return Promise.resolve([]);
  return Promise.all(
    orders.map(async (order) => ({ order: nameOf(order), outcome: await cancel(venue, order, runtime) })),
  );
}

async function cancel(venue: Venue, order: Risk, runtime: Runtime): Promise<CommandOutcome> {
  const { instrument, venueOrderId, clientOrderId } = order;
  const command = {
    instrument,
    ...(venueOrderId !== null && { venueOrderId }),
    ...(clientOrderId !== null && { clientOrderId }),
  };
  const call = venue.cancel?.(command) ?? Promise.reject(new Error("this adapter cannot cancel"));
  return guarded(call, runtime).catch((error: unknown) => ({ kind: "unknown", reason: problemOf(error) }));
}

/** That a cancel was asked for is not that it happened: the status stays until the venue's row says so. */
function requested({ orderKey, instrument, cancelRequestedAt }: Order, nowMs: number): Draft[] {
  if (cancelRequestedAt !== null) return [];
  const change = { cancelRequestedAt: nowMs };
  return [draft("order_state_observed", { orderKey, instrument, change, source: "kill" }, "kill")];
}

function nameOf(order: Risk): string {
  return order.clientOrderId ?? order.venueOrderId ?? order.instrument;
}
