// Rows of the SQL views, for people and bots who use SQL. Written in the same transaction as the records that
// changed them. Columns are snake_case; decimals are text, times are ms, details are JSON.
import type { ExitEntry } from "../exits/state.ts";
import { type PositionKey, splitPositionKey } from "../keys.ts";
import { balanceTotal } from "./balances.ts";
import type { Book } from "./book.ts";
import { avgFillPrice, filledQty, orderStatus } from "./orders.ts";
import { claimViews, historyViews, positionView, type StrategyLot, strategyLots } from "./positions.ts";
import type { Touched } from "./touched.ts";

export type Cell = string | number | null;
export type ViewRow = Readonly<Record<string, Cell>>;

/** The view tables, the columns that identify a row, and the rest; `account` comes first in each. */
export const VIEWS = {
  positions: {
    key: ["instrument", "leg"],
    columns: [
      "qty",
      "side",
      "entry_price",
      "cost_basis",
      "realized_pnl",
      "origin",
      "strategy",
      "lots",
      "life_id",
      "venue_order_id",
      "opened_at",
      "updated_at",
      "is_estimate",
      "metadata",
      "signal_id",
      "tags",
      "notes",
    ],
  },
  lots: {
    key: ["instrument", "leg", "strategy"],
    columns: ["qty", "entry_price", "position_qty"],
  },
  position_history: {
    key: ["instrument", "leg", "source", "number"],
    columns: [
      "life_id",
      "side",
      "qty",
      "entry_price",
      "exit_price",
      "realized_pnl",
      "opened_at",
      "closed_at",
      "hold_ms",
      "close_cause",
      "origin",
      "strategy",
      "venue_order_id",
      "entries",
      "is_estimate",
      "metadata",
      "signal_id",
      "tags",
      "notes",
    ],
  },
  orders: {
    key: ["order_key"],
    columns: [
      "instrument",
      "leg",
      "client_order_id",
      "venue_order_id",
      "previous_venue_order_ids",
      "parent_venue_order_id",
      "side",
      "type",
      "qty",
      "notional",
      "filled_qty",
      "price",
      "trigger_price",
      "avg_price",
      "reduce_only",
      "status",
      "status_source",
      "venue_status",
      "strategy",
      "created_at",
      "updated_at",
      "cancel_requested_at",
      "status_reason",
      "time_in_force",
      "intent_id",
      "sent_at",
      "signal_id",
      "tags",
    ],
  },
  fills: {
    key: ["fill_key"],
    columns: [
      "instrument",
      "leg",
      "trade_id",
      "venue_order_id",
      "client_order_id",
      "side",
      "qty",
      "price",
      "fee",
      "fee_currency",
      "timestamp",
      "strategy",
      "cause",
      "source",
      "is_provisional",
      "is_reversed",
      "seq",
      "order_key",
    ],
  },
  balances: { key: ["asset"], columns: ["total", "free", "as_of"] },
  discrepancies: {
    key: ["id"],
    columns: [
      "of",
      "kind",
      "instrument",
      "leg",
      "asset",
      "client_order_id",
      "venue_order_id",
      "local_qty",
      "venue_qty",
      "cause",
      "stage",
      "policy",
      "code",
      "state",
      "resolution",
      "sightings",
      "first_seen",
      "last_seen",
      "closed",
      "body",
    ],
  },
  passes: {
    key: ["seq"],
    columns: [
      "pass_id",
      "trigger",
      "is_forced",
      "started_at",
      "finished_at",
      "is_complete",
      "is_clean",
      "repairs",
      "gate",
      "count",
      "last_finished_at",
      "summaries",
    ],
  },
  notes: { key: ["instrument", "leg", "entry_id", "source"], columns: ["fields", "ts"] },
  exits: {
    key: ["exit_id"],
    columns: [
      "instrument",
      "leg",
      "strategy",
      "side",
      "qty",
      "state",
      "entry_price",
      "stop",
      "target",
      "trailing",
      "best",
      "time_stop_at",
      "hold_until",
      "source",
      "plan",
      "life_id",
      "armed_at",
      "condition",
      "level",
      "price",
      "price_age_ms",
      "attempt",
      "intent_id",
      "triggered_at",
      "ended_at",
      "end_reason",
    ],
  },
} as const satisfies Record<string, { readonly key: readonly string[]; readonly columns: readonly string[] }>;

export type ViewName = keyof typeof VIEWS;

/** Rows that go: those equal in the columns of `where` and, with `from`, not below it in that column. */
export interface Deletion {
  readonly view: ViewName;
  readonly where: ViewRow;
  readonly from?: { readonly column: string; readonly value: number };
}

/** Rows to write, and (part of) keys whose rows go first; a deletion comes before the rows of its table. */
export interface ViewChanges {
  readonly deletions: readonly Deletion[];
  readonly rows: readonly { readonly view: ViewName; readonly row: ViewRow }[];
}

export function viewChanges(book: Book, touched: Touched, closed: readonly ClosedDiscrepancy[]): ViewChanges {
  const deletions: Deletion[] = [];
  const rows: { view: ViewName; row: ViewRow }[] = [];
  for (const key of touched.positions) {
    const where = { ...splitPositionKey(key) };
    const first = takeChangedFrom(book, key);
    const ofBook = { ...where, source: "book" };
    deletions.push({ view: "position_history", where: ofBook, from: { column: "number", value: first } });
    const position = positionView(book, key);
    // A row takes the place of the one before it; only what is no more is deleted.
    if (position) rows.push({ view: "positions", row: positionRow(position, book.lastTsMs) });
    else deletions.push({ view: "positions", where });
    deletions.push({ view: "lots", where });
    for (const lot of strategyLots(book, key)) rows.push({ view: "lots", row: lotRow(lot) });
    for (const life of historyViews(book, key, first)) {
      rows.push({ view: "position_history", row: historyRow(life) });
    }
  }
  for (const key of touched.orders) rows.push(...orderRows(book, key));
  for (const key of touched.fills) {
    if (book.fills.has(key)) rows.push(...fillRows(book, key));
    else deletions.push({ view: "fills", where: { fill_key: key } });
  }
  for (const asset of touched.balances) rows.push(...balanceRows(book, asset));
  for (const id of touched.discrepancies) {
    const open = book.discrepancies.get(id);
    if (open) rows.push({ view: "discrepancies", row: discrepancyRow(open) });
  }
  for (const discrepancy of closed) rows.push({ view: "discrepancies", row: discrepancyRow(discrepancy) });
  for (const key of touched.claims) {
    for (const { mirror } of book.claims.get(key) ?? []) {
      deletions.push({ view: "position_history", where: { ...splitPositionKey(key), source: mirror } });
    }
    for (const claim of claimViews(book, key))
      rows.push({ view: "position_history", row: historyRow(claim) });
  }
  for (const key of touched.notes) {
    const place = splitPositionKey(key);
    deletions.push({ view: "notes", where: { ...place } });
    for (const note of book.notes.get(key) ?? []) {
      rows.push({
        view: "notes",
        row: {
          ...place,
          entry_id: note.entryId,
          source: note.source,
          fields: JSON.stringify(note.fields),
          ts: note.tsMs,
        },
      });
    }
  }
  for (const exit of touched.exits.values()) rows.push({ view: "exits", row: exitRow(exit) });
  for (const { seq, pass } of touched.passes) rows.push({ view: "passes", row: passRow(seq, pass) });
  return { deletions, rows };
}

/** The first life whose row is out of date; after this call none is. */
function takeChangedFrom(book: Book, key: PositionKey): number {
  const ledger = book.ledgers.get(key);
  if (!ledger) return 0;
  const first = ledger.changedFrom;
  ledger.changedFrom = ledger.lives.length;
  return first;
}

/** Says that the views hold this book already: after a restart they do, as they are written with the records. */
export function viewsAreWritten(book: Book): void {
  for (const ledger of book.ledgers.values()) ledger.changedFrom = ledger.lives.length;
}

type ClosedDiscrepancy = Parameters<typeof discrepancyRow>[0];

function positionRow(view: NonNullable<ReturnType<typeof positionView>>, updatedAt: number): ViewRow {
  return {
    instrument: view.instrument,
    leg: view.leg,
    qty: view.qty,
    side: view.side,
    entry_price: view.entryPrice,
    cost_basis: view.costBasis,
    realized_pnl: view.realizedPnl,
    origin: view.origin,
    strategy: view.strategy,
    lots: JSON.stringify(view.lots),
    life_id: view.lifeId,
    venue_order_id: view.venueOrderId,
    opened_at: view.openedAt,
    updated_at: updatedAt,
    is_estimate: Number(view.isEstimate),
    metadata: JSON.stringify(view.metadata),
    signal_id: view.signalId,
    tags: JSON.stringify(view.tags),
    notes: JSON.stringify(view.notes),
  };
}

function lotRow({ instrument, leg, strategy, qty, entryPrice, positionQty }: StrategyLot): ViewRow {
  return { instrument, leg, strategy, qty, entry_price: entryPrice, position_qty: positionQty };
}

function historyRow(view: ReturnType<typeof historyViews>[number]): ViewRow {
  return {
    instrument: view.instrument,
    leg: view.leg,
    source: view.source,
    number: view.number,
    life_id: view.lifeId,
    side: view.side,
    qty: view.qty,
    entry_price: view.entryPrice,
    exit_price: view.exitPrice,
    realized_pnl: view.realizedPnl,
    opened_at: view.openedAt,
    closed_at: view.closedAt,
    hold_ms: view.holdMs,
    close_cause: view.closeCause,
    origin: view.origin,
    strategy: view.strategy,
    venue_order_id: view.venueOrderId,
    entries: JSON.stringify(view.entries),
    is_estimate: Number(view.isEstimate),
    metadata: JSON.stringify(view.metadata),
    signal_id: view.signalId,
    tags: JSON.stringify(view.tags),
    notes: JSON.stringify(view.notes),
  };
}

function orderRows(book: Book, key: Parameters<Book["orders"]["get"]>[0]) {
  const order = book.orders.get(key);
  if (!order) return [];
  const row: ViewRow = {
    order_key: key,
    instrument: order.instrument,
    leg: order.leg,
    client_order_id: order.clientOrderId,
    venue_order_id: order.venueOrderId,
    previous_venue_order_ids: JSON.stringify(order.previousVenueOrderIds),
    parent_venue_order_id: order.parentVenueOrderId,
    side: order.side,
    type: order.type,
    qty: order.qty,
    notional: order.notional,
    filled_qty: filledQty(order),
    price: order.price,
    trigger_price: order.triggerPrice,
    avg_price: avgFillPrice(order),
    reduce_only: order.reduceOnly === null ? null : Number(order.reduceOnly),
    status: orderStatus(order),
    status_source: order.statusSource,
    venue_status: order.venueStatus,
    strategy: order.strategy,
    created_at: order.createdAt,
    updated_at: order.updatedAt,
    cancel_requested_at: order.cancelRequestedAt,
    status_reason: order.statusReason,
    time_in_force: order.timeInForce,
    intent_id: order.intentId,
    sent_at: order.sentAtMs,
    signal_id: order.signalId,
    tags: JSON.stringify(order.tags),
  };
  return [{ view: "orders" as const, row }];
}

function fillRows(book: Book, key: Parameters<Book["fills"]["get"]>[0]) {
  const fill = book.fills.get(key);
  if (!fill) return [];
  const { facts } = fill;
  const row: ViewRow = {
    fill_key: key,
    instrument: facts.instrument,
    leg: facts.leg,
    trade_id: facts.tradeId ?? null,
    venue_order_id: facts.venueOrderId ?? null,
    client_order_id: facts.clientOrderId ?? null,
    side: facts.side,
    qty: facts.qty,
    price: facts.price ?? null,
    fee: facts.fee ?? null,
    fee_currency: facts.feeCurrency ?? null,
    timestamp: facts.timestamp,
    strategy: facts.strategy,
    cause: facts.cause,
    source: facts.source,
    is_provisional: Number(facts.isProvisional),
    is_reversed: Number(fill.isReversed),
    seq: fill.seq,
    order_key: fill.orderKey,
  };
  return [{ view: "fills" as const, row }];
}

function balanceRows(book: Book, asset: string) {
  const balance = book.balances.get(asset);
  // An asset that the venue never reported as a balance is not one.
  if (!balance || balance.anchorTotal === null) return [];
  const row: ViewRow = { asset, total: balanceTotal(balance), free: balance.free, as_of: balance.asOfMs };
  return [{ view: "balances" as const, row }];
}

function discrepancyRow(facts: Parameters<Book["discrepancies"]["set"]>[1]): ViewRow {
  const { subject } = facts;
  return {
    id: facts.id,
    of: facts.of,
    kind: facts.kind,
    instrument: subject.type === "balance" ? null : subject.instrument,
    leg: subject.type === "position" ? subject.leg : null,
    asset: subject.type === "balance" ? subject.asset : null,
    client_order_id: subject.type === "order" ? subject.clientOrderId : null,
    venue_order_id: subject.type === "order" ? subject.venueOrderId : null,
    local_qty: facts.localQty,
    venue_qty: facts.venueQty,
    cause: facts.cause,
    stage: facts.stage,
    policy: facts.policy,
    code: facts.code,
    state: facts.closedMs === null ? "open" : "closed",
    resolution: facts.resolution,
    sightings: facts.sightings,
    first_seen: facts.firstSeenMs,
    last_seen: facts.lastSeenMs,
    closed: facts.closedMs,
    body: JSON.stringify(facts),
  };
}

function exitRow({ facts, armedAtMs, best, trigger, ended }: ExitEntry): ViewRow {
  return {
    exit_id: facts.exitId,
    instrument: facts.instrument,
    leg: facts.leg,
    strategy: facts.strategy,
    side: facts.side,
    qty: facts.qty,
    state: ended ? "ended" : trigger ? "triggered" : "armed",
    entry_price: facts.entryPrice,
    stop: facts.stop,
    target: facts.target,
    trailing: facts.trailing === null ? null : JSON.stringify(facts.trailing),
    best,
    time_stop_at: facts.timeStopAtMs,
    hold_until: facts.holdUntilMs,
    source: facts.source,
    plan: JSON.stringify(facts.plan),
    life_id: facts.lifeId,
    armed_at: armedAtMs,
    condition: trigger?.condition ?? null,
    level: trigger?.level ?? null,
    price: trigger?.price ?? null,
    price_age_ms: trigger?.priceAgeMs ?? null,
    attempt: trigger?.attempt ?? null,
    intent_id: trigger?.intentId ?? null,
    triggered_at: trigger?.atMs ?? null,
    ended_at: ended?.atMs ?? null,
    end_reason: ended?.why ?? null,
  };
}

function passRow(seq: number, pass: Parameters<Touched["passes"]["push"]>[0]["pass"]): ViewRow {
  return {
    seq,
    pass_id: pass.passId,
    trigger: pass.trigger,
    is_forced: Number(pass.isForced),
    started_at: pass.startedAtMs,
    finished_at: pass.finishedAtMs,
    is_complete: Number(pass.isComplete),
    is_clean: Number(pass.isClean),
    repairs: pass.repairs,
    gate: pass.gate,
    count: pass.count,
    last_finished_at: pass.lastFinishedAtMs,
    summaries: JSON.stringify(pass.summaries),
  };
}
