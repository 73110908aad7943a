// The SQLite journal's tables, as numbered migrations. A migration that has been released is never edited; a
// later one changes what it made. docs/sql-views.md explains the tables that people read.

/** Records, chain and side tables. Decimals are text, times are ms since the epoch. */
const JOURNAL = `
CREATE TABLE records (
  account TEXT NOT NULL,
  seq INTEGER NOT NULL,
  ts_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  v INTEGER NOT NULL,
  cause_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (account, seq)
) STRICT;
CREATE TRIGGER records_are_append_only_update BEFORE UPDATE ON records
BEGIN SELECT RAISE(ABORT, 'journal records are append-only'); END;
CREATE TRIGGER records_are_append_only_delete BEFORE DELETE ON records
BEGIN SELECT RAISE(ABORT, 'journal records are append-only'); END;
CREATE TABLE heads (account TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (
  account TEXT NOT NULL,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  state TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (account, seq)
) STRICT;
CREATE TABLE tails (account TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE observed_rows (
  digest TEXT PRIMARY KEY,
  section TEXT NOT NULL,
  rows TEXT NOT NULL,
  used_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

const VIEWS = `
CREATE TABLE positions (
  account TEXT NOT NULL, instrument TEXT NOT NULL, leg TEXT NOT NULL,
  qty TEXT NOT NULL, side TEXT NOT NULL, entry_price TEXT, cost_basis TEXT, realized_pnl TEXT,
  origin TEXT NOT NULL, strategy TEXT, lots TEXT NOT NULL, life_id TEXT NOT NULL, venue_order_id TEXT,
  opened_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, is_estimate INTEGER NOT NULL, metadata TEXT NOT NULL,
  PRIMARY KEY (account, instrument, leg)
) STRICT;
CREATE TABLE position_history (
  account TEXT NOT NULL, instrument TEXT NOT NULL, leg TEXT NOT NULL, source TEXT NOT NULL, number INTEGER NOT NULL,
  life_id TEXT NOT NULL, side TEXT, qty TEXT, entry_price TEXT, exit_price TEXT, realized_pnl TEXT,
  opened_at INTEGER, closed_at INTEGER NOT NULL, hold_ms INTEGER, close_cause TEXT, origin TEXT,
  strategy TEXT NOT NULL, venue_order_id TEXT, entries TEXT NOT NULL, is_estimate INTEGER NOT NULL,
  metadata TEXT NOT NULL,
  PRIMARY KEY (account, instrument, leg, source, number)
) STRICT;
CREATE TABLE orders (
  account TEXT NOT NULL, order_key TEXT NOT NULL, instrument TEXT NOT NULL, leg TEXT, client_order_id TEXT,
  venue_order_id TEXT, previous_venue_order_ids TEXT NOT NULL, parent_venue_order_id TEXT, side TEXT, type TEXT,
  qty TEXT, notional TEXT, filled_qty TEXT NOT NULL, price TEXT, trigger_price TEXT, avg_price TEXT,
  reduce_only INTEGER, status TEXT NOT NULL, status_source TEXT NOT NULL, venue_status TEXT, strategy TEXT,
  created_at INTEGER, updated_at INTEGER, cancel_requested_at INTEGER,
  PRIMARY KEY (account, order_key)
) STRICT;
CREATE TABLE fills (
  account TEXT NOT NULL, fill_key TEXT NOT NULL, instrument TEXT NOT NULL, leg TEXT NOT NULL, trade_id TEXT,
  venue_order_id TEXT, client_order_id TEXT, side TEXT NOT NULL, qty TEXT NOT NULL, price TEXT, fee TEXT,
  fee_currency TEXT, timestamp INTEGER NOT NULL, strategy TEXT NOT NULL, cause TEXT, source TEXT NOT NULL,
  is_provisional INTEGER NOT NULL, is_reversed INTEGER NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (account, fill_key)
) STRICT;
CREATE INDEX fills_by_time ON fills (account, timestamp);
CREATE TABLE balances (
  account TEXT NOT NULL, asset TEXT NOT NULL, total TEXT NOT NULL, free TEXT, as_of INTEGER NOT NULL,
  PRIMARY KEY (account, asset)
) STRICT;
CREATE TABLE discrepancies (
  account TEXT NOT NULL, id TEXT NOT NULL, "of" TEXT NOT NULL, kind TEXT NOT NULL, instrument TEXT, leg TEXT,
  asset TEXT, client_order_id TEXT, venue_order_id TEXT, local_qty TEXT, venue_qty TEXT, cause TEXT,
  stage TEXT NOT NULL, policy TEXT NOT NULL, code TEXT, state TEXT NOT NULL, resolution TEXT,
  sightings INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, closed INTEGER,
  body TEXT NOT NULL,
  PRIMARY KEY (account, id)
) STRICT;
CREATE INDEX discrepancies_by_state ON discrepancies (account, state);
CREATE TABLE passes (
  account TEXT NOT NULL, seq INTEGER NOT NULL, pass_id TEXT NOT NULL, "trigger" TEXT NOT NULL,
  is_forced INTEGER NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER NOT NULL,
  is_complete INTEGER NOT NULL, is_clean INTEGER NOT NULL, repairs INTEGER NOT NULL, gate TEXT NOT NULL,
  count INTEGER NOT NULL, last_finished_at INTEGER NOT NULL, summaries TEXT NOT NULL,
  PRIMARY KEY (account, seq)
) STRICT;
CREATE TABLE notes (
  account TEXT NOT NULL, instrument TEXT NOT NULL, leg TEXT NOT NULL, entry_id TEXT NOT NULL, source TEXT NOT NULL,
  fields TEXT NOT NULL, ts INTEGER NOT NULL,
  PRIMARY KEY (account, instrument, leg, entry_id, source)
) STRICT;
`;

/** What trueup knows of orders that it sent itself. */
const ORDERS_SENT = `
ALTER TABLE orders ADD COLUMN status_reason TEXT;
ALTER TABLE orders ADD COLUMN time_in_force TEXT;
ALTER TABLE orders ADD COLUMN intent_id TEXT;
ALTER TABLE orders ADD COLUMN sent_at INTEGER;
`;

/** Exits that are armed, have triggered or have ended. */
const EXITS = `
CREATE TABLE exits (
  account TEXT NOT NULL, exit_id TEXT NOT NULL, instrument TEXT NOT NULL, leg TEXT NOT NULL, strategy TEXT NOT NULL,
  side TEXT NOT NULL, qty TEXT NOT NULL, state TEXT NOT NULL, entry_price TEXT, stop TEXT, target TEXT, trailing TEXT,
  best TEXT, time_stop_at INTEGER, hold_until INTEGER, source TEXT NOT NULL, plan TEXT NOT NULL, life_id TEXT NOT NULL,
  armed_at INTEGER NOT NULL, condition TEXT, level TEXT, price TEXT, price_age_ms INTEGER, attempt INTEGER,
  intent_id TEXT, triggered_at INTEGER, ended_at INTEGER, end_reason TEXT,
  PRIMARY KEY (account, exit_id)
) STRICT;
CREATE INDEX exits_by_state ON exits (account, state);
`;

/**
 * Lots as rows of their own, what senders call their orders, the order of each fill, and the names under which bots'
 * tables know these things: `exchange_order_id` is the venue order id of the fill that opened the life.
 */
const LOTS_AND_LABELS = `
CREATE TABLE lots (
  account TEXT NOT NULL, instrument TEXT NOT NULL, leg TEXT NOT NULL, strategy TEXT NOT NULL, qty TEXT NOT NULL,
  entry_price TEXT, position_qty TEXT NOT NULL,
  PRIMARY KEY (account, instrument, leg, strategy)
) STRICT;
INSERT INTO lots
  SELECT p.account, p.instrument, p.leg, json_extract(lot.value, '$.strategy'), json_extract(lot.value, '$.qty'),
    json_extract(lot.value, '$.entryPrice'), p.qty
  FROM positions p, json_each(p.lots) lot;
ALTER TABLE orders ADD COLUMN signal_id TEXT;
ALTER TABLE orders ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
ALTER TABLE positions ADD COLUMN signal_id TEXT;
ALTER TABLE positions ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
ALTER TABLE positions ADD COLUMN notes TEXT NOT NULL DEFAULT '{}';
ALTER TABLE positions ADD COLUMN exchange_order_id TEXT GENERATED ALWAYS AS (venue_order_id) VIRTUAL;
ALTER TABLE position_history ADD COLUMN signal_id TEXT;
ALTER TABLE position_history ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
ALTER TABLE position_history ADD COLUMN notes TEXT NOT NULL DEFAULT '{}';
ALTER TABLE position_history ADD COLUMN exchange_order_id TEXT GENERATED ALWAYS AS (venue_order_id) VIRTUAL;
ALTER TABLE fills ADD COLUMN order_key TEXT;
UPDATE fills SET order_key = COALESCE(
  (SELECT json_extract(r.payload, '$.orderKey') FROM records r WHERE r.account = fills.account AND r.seq = fills.seq),
  (SELECT o.order_key FROM orders o WHERE o.account = fills.account AND o.instrument = fills.instrument
    AND o.venue_order_id = fills.venue_order_id)
);
CREATE VIEW active_positions AS
  SELECT account, instrument, leg, side, qty, entry_price, cost_basis, realized_pnl, exchange_order_id, signal_id,
    origin, strategy, tags, life_id, opened_at, updated_at, is_estimate, metadata, notes
  FROM positions;
CREATE VIEW dispatch_executions AS
  SELECT f.account, f.fill_key AS execution_id, f.instrument, f.leg, f.side, f.qty, f.price, f.fee, f.fee_currency,
    f.timestamp AS executed_at, f.venue_order_id AS exchange_order_id,
    COALESCE(f.client_order_id, o.client_order_id) AS client_order_id, f.trade_id, o.intent_id, o.signal_id, o.tags,
    f.strategy, f.cause, f.source, f.is_provisional, f.seq
  FROM fills f LEFT JOIN orders o ON o.account = f.account AND o.order_key = f.order_key
  WHERE f.is_reversed = 0;
`;

/** Applied in order; the database's user_version is how many of them it has. */
export const MIGRATIONS: readonly string[] = [JOURNAL + VIEWS, ORDERS_SENT, EXITS, LOTS_AND_LABELS];
