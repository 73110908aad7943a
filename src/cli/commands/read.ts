// The read commands: positions, orders, fills, balances, history, passes, discrepancies. From the journal's views,
// with a daemon or without; --json gives the views' rows with their details parsed.
import {
  type Decimal,
  type Discrepancy,
  decimal,
  divide,
  isZero,
  type ViewName,
  type ViewRow,
} from "../../core/index.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";
import type { Command, Context } from "../context.ts";
import { isoTime } from "../output.ts";
import { type AccountRead, withAccounts } from "../reader.ts";

interface Listing {
  readonly view: ViewName;
  /** Name of the list in --json. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly cells: (row: ViewRow) => readonly (string | null)[];
  readonly empty: string;
  /** Newest first, as many as --limit says. */
  readonly newestBy?: string;
}

const text = (value: unknown) => (value === null || value === undefined ? null : String(value));
const time = (value: unknown) => isoTime(value === null || value === undefined ? null : Number(value));
const yes = (value: unknown, word: string) => (Number(value) === 1 ? word : "");
/** Columns that hold JSON. */
const DETAILS = new Set([
  "lots",
  "metadata",
  "entries",
  "body",
  "summaries",
  "fields",
  "previous_venue_order_ids",
  "tags",
  "notes",
]);

/** The repair that closed a discrepancy, for `explain` and `undo`; none where something else did. */
function repairOf(body: unknown): string | null {
  return (JSON.parse(String(body)) as Discrepancy).repairId ?? null;
}

const LISTINGS = {
  positions: {
    view: "positions",
    name: "positions",
    columns: ["instrument", "leg", "qty", "entry price", "realized", "origin", "strategy", "opened", ""],
    cells: (row) => [
      text(row.instrument),
      text(row.leg),
      text(row.qty),
      text(row.entry_price),
      text(row.realized_pnl),
      text(row.origin),
      text(row.strategy) ?? "several",
      time(row.opened_at),
      yes(row.is_estimate, "estimated"),
    ],
    empty: "flat: no positions",
  },
  /** `positions --strategy`: parts of positions, also of one that is flat while lots stand against each other. */
  lots: {
    view: "lots",
    name: "lots",
    columns: ["instrument", "leg", "strategy", "qty", "entry price", "of the position", "share"],
    cells: (row) => [
      text(row.instrument),
      text(row.leg),
      text(row.strategy),
      text(row.qty),
      text(row.entry_price),
      text(row.position_qty),
      percentText(shareOf(row)),
    ],
    empty: "no lots",
  },
  orders: {
    view: "orders",
    name: "orders",
    columns: [
      "instrument",
      "side",
      "type",
      "qty",
      "filled",
      "price",
      "status",
      "client order id",
      "venue order id",
    ],
    cells: (row) => [
      text(row.instrument),
      text(row.side),
      text(row.type),
      text(row.qty) ?? text(row.notional),
      text(row.filled_qty),
      text(row.price),
      text(row.status),
      text(row.client_order_id),
      text(row.venue_order_id),
    ],
    empty: "no orders",
  },
  fills: {
    view: "fills",
    name: "fills",
    columns: ["time", "instrument", "side", "qty", "price", "fee", "strategy", "cause", "trade id"],
    cells: (row) => [
      time(row.timestamp),
      text(row.instrument),
      text(row.side),
      text(row.qty),
      text(row.price),
      row.fee === null ? null : `${row.fee} ${row.fee_currency ?? ""}`.trim(),
      text(row.strategy),
      text(row.cause),
      `${text(row.trade_id) ?? "-"}${Number(row.is_reversed) === 1 ? " (reversed)" : ""}`,
    ],
    empty: "no fills",
    newestBy: "timestamp",
  },
  balances: {
    view: "balances",
    name: "balances",
    columns: ["asset", "total", "free", "stated"],
    cells: (row) => [text(row.asset), text(row.total), text(row.free), time(row.as_of)],
    empty: "no balances",
  },
  history: {
    view: "position_history",
    name: "history",
    columns: [
      "closed",
      "instrument",
      "side",
      "qty",
      "entry",
      "exit",
      "realized",
      "held",
      "cause",
      "source",
      "fields",
    ],
    cells: (row) => [
      time(row.closed_at),
      text(row.instrument),
      text(row.side),
      text(row.qty),
      text(row.entry_price),
      text(row.exit_price),
      text(row.realized_pnl),
      row.hold_ms === null ? null : `${Math.round(Number(row.hold_ms) / 1_000)} s`,
      text(row.close_cause),
      text(row.source),
      [fieldsText(row.metadata), fieldsText(row.notes), labelsText(row)]
        .filter((part) => part !== "")
        .join(" "),
    ],
    empty: "no position has ended yet",
    newestBy: "closed_at",
  },
  passes: {
    view: "passes",
    name: "passes",
    columns: ["ended", "trigger", "passes", "read", "clean", "repairs", "gate", "summary"],
    cells: (row) => [
      time(row.last_finished_at),
      `${row.trigger}${Number(row.is_forced) === 1 ? " (forced)" : ""}`,
      text(row.count),
      Number(row.is_complete) === 1 ? "complete" : "incomplete",
      Number(row.is_clean) === 1 ? "clean" : "not clean",
      text(row.repairs),
      text(row.gate),
      bucketsText(row.summaries),
    ],
    empty: "no pass has been made yet",
    newestBy: "last_finished_at",
  },
  discrepancies: {
    view: "discrepancies",
    name: "discrepancies",
    columns: ["seen", "kind", "in", "what", "local", "venue", "cause", "state", "id", "repair"],
    cells: (row) => [
      time(row.first_seen),
      text(row.kind),
      text(row.of),
      text(row.instrument) ?? text(row.asset),
      text(row.local_qty),
      text(row.venue_qty),
      text(row.cause),
      text(row.resolution) ?? `${row.state} (${row.stage})`,
      text(row.id),
      repairOf(row.body),
    ],
    empty: "no discrepancy",
    newestBy: "first_seen",
  },
} as const satisfies Record<string, Listing>;

export interface ListOptions {
  readonly origin?: string;
  readonly strategy?: string;
  readonly instrument?: string;
  readonly all?: boolean;
  readonly limit?: string;
}

const LIMIT_DEFAULT = 50;
const TERMINAL = new Set(["filled", "canceled", "expired", "rejected"]);

export function list(name: keyof typeof LISTINGS): Command<ListOptions> {
  return (context, options) => {
    const isOfLots = name === "positions" && options.strategy !== undefined;
    return listed(isOfLots ? "lots" : name)(context, options);
  };
}

function listed(name: keyof typeof LISTINGS): Command<ListOptions> {
  const listing: Listing = LISTINGS[name];
  return (context, options) =>
    withAccounts(context.parts, context.load(), context.options.account, async (accounts) => {
      const limit = limitOf(options.limit);
      const found: Found[] = [];
      for (const account of accounts) {
        const isOrigin = name === "lots" ? await originTest(account, options.origin) : () => true;
        const all = await account.view(listing.view);
        const rows = all.filter((row) => isWanted(name, row, options) && isOrigin(row));
        const { newestBy } = listing;
        if (newestBy) rows.sort((a, b) => Number(b[newestBy]) - Number(a[newestBy]));
        const empty = name === "lots" ? noLots(all, options.strategy) : listing.empty;
        found.push({ account, rows: newestBy ? rows.slice(0, limit) : rows, empty });
      }
      tell(context, listing, found);
      return EXIT.done;
    });
}

interface Found {
  readonly account: AccountRead;
  readonly rows: readonly ViewRow[];
  /** What is said where there are no rows. */
  readonly empty: string;
}

/** A misspelled strategy is not one that holds nothing: those that hold something are named. */
function noLots(all: readonly ViewRow[], strategy = ""): string {
  const names = [...new Set(all.map((row) => String(row.strategy)))].sort();
  if (names.includes(strategy)) return `no such lots of the strategy ${strategy}`;
  const others = names.length === 0 ? "no strategy holds a lot" : `lots are of ${names.join(", ")}`;
  return `no lots of the strategy ${strategy}; ${others}`;
}

function tell({ out }: Context, listing: Listing, found: readonly Found[]): void {
  if (out.isJson) {
    const rows = found.flatMap(({ account, rows: own }) =>
      own.map((row) => ({
        account: account.name,
        ...wireRow(listing.view, row),
        ...(listing.view === "lots" && { share: shareOf(row) }),
      })),
    );
    out.json({ [listing.name]: rows });
    return;
  }
  for (const { account, rows, empty } of found) {
    if (found.length > 1) out.line(out.tone("bold", account.name));
    if (rows.length === 0) out.line(empty);
    out.table(
      listing.columns,
      rows.map((row) => listing.cells(row)),
    );
  }
}

/** A lot's origin is its position's. */
async function originTest(
  account: AccountRead,
  origin: string | undefined,
): Promise<(row: ViewRow) => boolean> {
  if (origin === undefined) return () => true;
  const held = (await account.view("positions")).filter((row) => row.origin === origin);
  const places = new Set(held.map(({ instrument, leg }) => `${leg}:${instrument}`));
  return ({ instrument, leg }) => places.has(`${leg}:${instrument}`);
}

function isWanted(name: string, row: ViewRow, options: ListOptions): boolean {
  const { origin, strategy, instrument, all } = options;
  if (name === "positions" && origin !== undefined && row.origin !== origin) return false;
  if (name === "lots" && row.strategy !== strategy) return false;
  if (instrument !== undefined && row.instrument !== instrument) return false;
  if (name === "orders" && !all && TERMINAL.has(String(row.status))) return false;
  return !(name === "discrepancies" && !all && row.state !== "open");
}

function limitOf(written: string | undefined): number {
  if (written === undefined) return LIMIT_DEFAULT;
  const limit = Number(written);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new CliError(
    EXIT.usage,
    "bad_limit",
    `--limit ${written} is not a number of rows; give a whole number above 0`,
  );
}

/** Columns whose fields have a name of their own wherever JSON is written, by view. */
const FIELD_NAMES: Partial<Record<ViewName, Readonly<Record<string, string>>>> = {
  passes: {
    started_at: "startedAtMs",
    finished_at: "finishedAtMs",
    last_finished_at: "lastFinishedAtMs",
  },
  discrepancies: {
    id: "discrepancyId",
    first_seen: "firstSeenMs",
    last_seen: "lastSeenMs",
    closed: "closedMs",
  },
};

/** A view's row under the names of the wire: camelCase, details parsed. */
function wireRow(view: ViewName, row: ViewRow): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const key =
        FIELD_NAMES[view]?.[name] ?? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      const isFlag = name.startsWith("is_") || name === "reduce_only";
      if (DETAILS.has(name) && typeof value === "string") return [key, JSON.parse(value)];
      return [key, isFlag && value !== null ? value === 1 : value];
    }),
  );
}

function fieldsText(metadata: unknown): string {
  const fields = JSON.parse(String(metadata ?? "{}")) as Record<string, unknown>;
  return (
    Object.entries(fields)
      // One line: what a bot or a person wrote cannot pass for a row of ours.
      .map(
        ([name, value]) =>
          `${name}=${String(typeof value === "object" ? JSON.stringify(value) : value).replace(/\s+/g, " ")}`,
      )
      .join(" ")
  );
}

function labelsText({ signal_id: signal, tags }: ViewRow): string {
  const named = fieldsText(tags);
  return signal === null || signal === undefined ? named : `signal=${signal} ${named}`.trim();
}

/** A lot's part of its position, 1 for all of it; null where the position is flat. */
function shareOf(row: ViewRow): Decimal | null {
  const [qty, of] = [decimal(String(row.qty)), decimal(String(row.position_qty))];
  return isZero(of) ? null : divide(qty, of);
}

function percentText(share: Decimal | null): string | null {
  return share === null ? null : `${Math.round(Number(share) * 10_000) / 100} %`;
}

function bucketsText(summaries: unknown): string {
  const all = JSON.parse(String(summaries)) as readonly Record<string, unknown>[];
  return all
    .map((one) => {
      const buckets = [
        "verified",
        "closed",
        "added",
        "corrected",
        "inFlight",
        "watched",
        "refused",
        "unavailable",
      ];
      const counts = buckets
        .filter((bucket) => Number(one[bucket]) > 0)
        .map((bucket) => `${bucket} ${one[bucket]}`);
      return `${one.of} ${one.local}/${one.venue} ${counts.join(" ")}`.trim();
    })
    .join("; ");
}
