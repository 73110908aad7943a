// What the local Alpaca answers: each endpoint as a function from the account's state and the query to a status and
// a body, with Alpaca's paging and its quirks. Written from the documentation, apart from the adapter it tests.
import type { AccountState, Row } from "./state.ts";

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export type EndpointName =
  | "account"
  | "clock"
  | "positions"
  | "position"
  | "orders"
  | "order"
  | "orderByClientId"
  | "fills"
  | "activities";

export interface Route {
  readonly endpoint: EndpointName;
  readonly reply: (state: AccountState) => Reply;
}

/** Which endpoint a request is for; undefined when Alpaca has none there. */
export function routeOf(url: URL): Route | undefined {
  const { pathname, searchParams } = url;
  const last = decodeURIComponent(pathname.split("/").at(-1) ?? "");
  if (pathname === "/v2/account") {
    return { endpoint: "account", reply: (state) => ok(state.account) };
  }
  if (pathname === "/v2/clock") return { endpoint: "clock", reply: (state) => ok(clockOf(state)) };
  if (pathname === "/v2/positions") return { endpoint: "positions", reply: (state) => ok(state.positions) };
  if (/^\/v2\/positions\/[^/]+$/.test(pathname)) {
    return { endpoint: "position", reply: (state) => onePosition(state, last) };
  }
  if (pathname === "/v2/orders") {
    return { endpoint: "orders", reply: (state) => listOrders(state, searchParams) };
  }
  if (pathname === "/v2/orders:by_client_order_id") {
    const clientId = searchParams.get("client_order_id");
    return { endpoint: "orderByClientId", reply: (state) => oneOrder(state, "client_order_id", clientId) };
  }
  if (/^\/v2\/orders\/[^/]+$/.test(pathname)) {
    return { endpoint: "order", reply: (state) => oneOrder(state, "id", last) };
  }
  if (pathname === "/v2/account/activities/FILL") {
    const only = (row: Row) => row.activity_type === "FILL";
    return {
      endpoint: "fills",
      reply: (state) => listActivities(state.activities.filter(only), searchParams),
    };
  }
  if (pathname === "/v2/account/activities") {
    return { endpoint: "activities", reply: (state) => allActivities(state, searchParams) };
  }
  return undefined;
}

/** New York's time with ns, as Alpaca writes it; the machine's unless the state says another. */
function clockOf({ clockMs }: AccountState): Row {
  const timestamp = new Date(clockMs ?? Date.now()).toISOString().replace("Z", "123456Z");
  return { timestamp, is_open: true, next_open: timestamp, next_close: timestamp };
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

function refuse(status: number, code: number, message: string): Reply {
  return { status, body: { code, message } };
}

/** Positions are found as "BTCUSD", whatever the trades were called. */
function onePosition(state: AccountState, symbol: string): Reply {
  const row = state.positions.find((one) => one.symbol === symbol);
  return row ? ok(row) : refuse(404, 40410000, "position does not exist");
}

function oneOrder(state: AccountState, field: "id" | "client_order_id", value: string | null): Reply {
  const row = flatOrders(state.orders).find((one) => one[field] === value);
  return row ? ok(row) : refuse(404, 40410000, "order not found");
}

/** `held` is not among them: a flat list of open orders never shows a bracket's stop. */
const OPEN = new Set([
  "new",
  "partially_filled",
  "done_for_day",
  "pending_cancel",
  "pending_replace",
  "accepted",
  "pending_new",
  "accepted_for_bidding",
  "stopped",
  "suspended",
  "calculated",
]);

function listOrders(state: AccountState, query: URLSearchParams): Reply {
  const limit = Number(query.get("limit") ?? 50);
  if (limit > 500) return refuse(422, 42210000, "limit must be at most 500");
  const isNested = query.get("nested") === "true";
  const symbols = query.get("symbols")?.split(",");
  const rows = (isNested ? state.orders : flatOrders(state.orders).map((row) => ({ ...row, legs: null })))
    .filter((row) => query.get("status") === "all" || OPEN.has(String(row.status)))
    .filter((row) => !symbols || symbols.includes(String(row.symbol)))
    .sort(byTextDescending((row) => `${row.submitted_at ?? row.created_at} ${row.id}`));
  const before = query.get("before_order_id");
  const start = before === null ? 0 : rows.findIndex((row) => row.id === before) + 1;
  return ok(rows.slice(start, start + limit));
}

export function flatOrders(orders: readonly Row[]): Row[] {
  return orders.flatMap((row) => [row, ...(Array.isArray(row.legs) ? flatOrders(row.legs as Row[]) : [])]);
}

function byTextDescending(textOf: (row: Row) => string): (a: Row, b: Row) => number {
  return (a, b) => (textOf(a) < textOf(b) ? 1 : -1);
}

function allActivities(state: AccountState, query: URLSearchParams): Reply {
  const types = query.get("activity_types")?.split(",");
  const category = query.get("category");
  if (types && category) return refuse(422, 42210000, "activity_types and category exclude each other");
  const rows = state.activities
    .filter((row) => !types || types.includes(String(row.activity_type)))
    .filter((row) => category === null || (category === "trade_activity") === (row.activity_type === "FILL"));
  return listActivities(rows, query);
}

/**
 * Pages by id, as Alpaca does, with both of its quirks: rows of one ms come in the order of their uuids (issue 170),
 * and of the first ms after a page token all rows but the last are skipped (issue 176, both of its cases).
 */
function listActivities(all: readonly Row[], query: URLSearchParams): Reply {
  const date = query.get("date");
  const pageSize = Number(query.get("page_size") ?? (date === null ? 100 : Number.MAX_SAFE_INTEGER));
  if (date !== null && !/^\d{4}-\d{2}-\d{2}$/.test(date))
    return refuse(422, 42210000, "date is not YYYY-MM-DD");
  if (date === null && pageSize > 100) return refuse(422, 42210000, "page_size must be at most 100");
  const isAscending = query.get("direction") === "asc";
  const rows = all
    .filter((row) => date === null || idOf(row).startsWith(date.replaceAll("-", "")))
    .filter((row) => isAfter(row, query.get("after")) && !isAfterOrAt(row, query.get("until")))
    .sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1) * (isAscending ? 1 : -1));
  const token = query.get("page_token");
  if (token === null) return ok(rows.slice(0, pageSize));
  const rest = rows.filter((row) => (isAscending ? idOf(row) > token : idOf(row) < token));
  const inFirstMs = rest.filter((row) => msOf(row) === msOf(rest[0] ?? {})).length;
  return ok(rest.slice(Math.max(0, inFirstMs - 1)).slice(0, pageSize));
}

function idOf(row: Row): string {
  return String(row.id);
}

function msOf(row: Row): string {
  return idOf(row).slice(0, 17);
}

/** Trades have a time; for the others the start of their day, five hours behind UTC, is close enough. */
function timeOf(row: Row): number {
  return Date.parse(String(row.transaction_time ?? `${row.date}T05:00:00Z`));
}

function isAfter(row: Row, bound: string | null): boolean {
  return bound === null || timeOf(row) > Date.parse(bound);
}

function isAfterOrAt(row: Row, bound: string | null): boolean {
  return bound !== null && timeOf(row) >= Date.parse(bound);
}
