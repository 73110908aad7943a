// `trueup venue …`: the truth, from the command line. The venue is asked by this process itself and its journal is left
// alone, so that it can be compared with what trueup believes, beside a daemon and without one.
import type { BalanceRow, FillRow, OrderRow, PositionRow, Section } from "../../core/index.ts";
import { openAccountVenue } from "../../daemon/accounts.ts";
import { chosenAccounts } from "../../daemon/config-file.ts";
import { CliError, EXIT, type ExitCode } from "../../daemon/exit.ts";
import { asCliError } from "../../daemon/trouble.ts";
import { guarded, problemOf } from "../../engine/index.ts";
import { type RawAnswer, unavailable, type Venue } from "../../venues/index.ts";
import type { Command, Context } from "../context.ts";
import { counted, isoTime, type Output } from "../output.ts";
import { worstExit } from "./pass-output.ts";

export type VenueSection = "positions" | "orders" | "fills" | "balances";

export interface VenueOptions {
  readonly raw?: boolean;
  /** Only of fills. */
  readonly since?: string;
}

/** How far back fills are asked for where nobody says. */
const SINCE_DEFAULT = "24h";
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

type Row = PositionRow | OrderRow | FillRow | BalanceRow;

/** One account's answer, as --json tells it. */
interface Answer {
  readonly account: string;
  readonly venue: string;
  readonly section: VenueSection;
  readonly askedAtMs: number;
}
interface Normalised extends Answer {
  readonly venueAccountId: string | null;
  readonly quality: Section<Row>["quality"];
  readonly problem: string | null;
  readonly rows: readonly Row[];
}
interface Raw extends Answer {
  readonly answers: readonly RawAnswer[];
}

export function askVenue(section: VenueSection): Command<VenueOptions> {
  return async (context, { raw = false, since = SINCE_DEFAULT }) => {
    const askedAtMs = context.parts.runtime.clock.nowMs();
    const fromMs = sinceMs(since, askedAtMs);
    const answers: (Normalised | Raw)[] = [];
    const failures: Failure[] = [];
    for (const [account, venue] of await openVenues(context, failures)) {
      const asked = { account, venue: venue.name, section, askedAtMs };
      try {
        if (raw) answers.push({ ...asked, answers: await rawAnswers(context, venue, section, fromMs) });
        else answers.push({ ...asked, ...(await normalised(context, venue, section, fromMs)) });
      } finally {
        await venue.close?.();
      }
    }
    tell(context, answers, failures);
    // An account that cannot be opened decides before the others: its trouble must not hide behind their success.
    return failures[0]?.error.exitCode ?? worstExit(answers.map(exitOf));
  };
}

export interface Failure {
  readonly account: string;
  readonly error: CliError;
}

function exitOf(answer: Normalised | Raw): ExitCode {
  return "answers" in answer ? rawExit(answer) : EXIT_OF[answer.quality];
}

/** One that cannot be opened does not keep the others from being asked; alone it is the command's own error. */
export async function openVenues(context: Context, failures: Failure[]): Promise<[string, Venue][]> {
  const { parts, io, options } = context;
  const loaded = context.load();
  const chosen = chosenAccounts(loaded.config, options.account);
  const venues: [string, Venue][] = [];
  for (const [name, config] of chosen) {
    try {
      venues.push([name, await openAccountVenue({ parts, io, loaded, name, config, isReadOnly: true })]);
    } catch (error) {
      const known = asCliError(error);
      if (!known || chosen.length === 1) throw error;
      failures.push({ account: name, error: known });
    }
  }
  return venues;
}

async function normalised(
  { parts }: Context,
  venue: Venue,
  section: VenueSection,
  fromMs: number,
): Promise<Omit<Normalised, keyof Answer>> {
  const failed = (error: unknown) => unavailable(problemOf(error));
  if (section === "fills") {
    const { fills } = await guarded(venue.history(fromMs), parts.runtime).catch((error: unknown) => ({
      fills: failed(error),
    }));
    return { venueAccountId: null, ...sectionOf(fills, section) };
  }
  const snapshot = await guarded(venue.snapshot(), parts.runtime).catch((error: unknown) => ({
    [section]: failed(error),
  }));
  const { venueAccountId = null } = snapshot as { venueAccountId?: string };
  return { venueAccountId, ...sectionOf(snapshot[section as "positions"], section) };
}

function sectionOf(section: Section<Row> | undefined, name: string) {
  const { quality, rows, problem } = section ?? unavailable(`this venue does not report its ${name}`);
  return { quality, problem: problem ?? null, rows };
}

async function rawAnswers(
  { parts }: Context,
  venue: Venue,
  section: VenueSection,
  fromMs: number,
): Promise<readonly RawAnswer[]> {
  if (!venue.raw) {
    const text = `the adapter of ${venue.name} does not hand out answers as they came; leave out --raw`;
    throw new CliError(EXIT.usage, "no_raw", text);
  }
  return guarded(venue.raw(section, fromMs), parts.runtime).catch((error: unknown) => [
    { request: section, status: null, body: "", problem: problemOf(error) },
  ]);
}

/** What is no whole answer is not the truth. */
const EXIT_OF: Readonly<Record<Section<Row>["quality"], ExitCode>> = {
  complete: EXIT.done,
  partial: EXIT.unresolved,
  stale: EXIT.unresolved,
  suspect: EXIT.unresolved,
  unavailable: EXIT.venue,
};

/** The last answer to each request counts: one before it was tried again. */
function rawExit({ answers }: Raw): ExitCode {
  const last = new Map(answers.map((answer) => [answer.request, answer]));
  const isGood = ({ status, problem }: RawAnswer) =>
    problem === null && (status === null || (status >= 200 && status < 300));
  return [...last.values()].every(isGood) && last.size > 0 ? EXIT.done : EXIT.venue;
}

export function sinceMs(since: string, nowMs: number): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(since) ?? [];
  if (count !== undefined && unit !== undefined) return nowMs - Number(count) * (UNIT_MS[unit] ?? 0);
  const date = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z)?$/.test(since);
  const atMs = date ? Date.parse(since) : Number.NaN;
  if (Number.isFinite(atMs) && atMs <= nowMs) return atMs;
  const text = `--since ${since}: give a time before now, such as 90m, 24h, 7d, 2026-11-20 or 2026-11-20T09:30:00Z (UTC)`;
  throw new CliError(EXIT.usage, "bad_since", text);
}

function tell(context: Context, answers: readonly (Normalised | Raw)[], failures: readonly Failure[]): void {
  const { out } = context;
  const told = failures.map(({ account, error: { code, message } }) => ({ account, code, message }));
  if (out.isJson) out.json({ accounts: answers, failures: told });
  else for (const answer of answers) "answers" in answer ? tellRaw(context, answer) : tellRows(out, answer);
  for (const { account, message } of told) out.note(`${account}: ${message}`);
}

function tellRows(out: Output, { account, venue, section, quality, problem, rows }: Normalised): void {
  const worth = quality === "complete" ? out.tone("good", quality) : out.tone("bad", quality);
  const count = counted(rows.length, "row");
  out.line(`${account}: ${section} at ${venue}, asked now: ${worth}, ${count}`);
  if (problem !== null) out.line(`  ${problem}`);
  const { columns, cells } = TABLES[section];
  out.table(columns, rows.map(cells));
}

/** The bodies alone are data: what they are answers to is told beside them. Only a terminal gets them made harmless. */
function tellRaw({ out, io }: Context, { account, answers }: Raw): void {
  for (const { request, status, body, problem } of answers) {
    const came = problem ?? (status === null ? "as it is kept" : `HTTP ${status}`);
    out.note(`${account}: ${request}: ${came}`);
    if (body !== "" && io.isTty) out.line(body);
    else if (body !== "") io.stdout(`${body}\n`);
  }
}

interface Table {
  readonly columns: readonly string[];
  readonly cells: (row: Row) => readonly (string | undefined)[];
}

const time = (ms: number | undefined) => (ms === undefined ? undefined : isoTime(ms));
/** Each section has rows of one shape only. */
const table = <R extends Row>(
  columns: readonly string[],
  cells: (row: R) => readonly (string | undefined)[],
) => ({ columns, cells }) as unknown as Table;

const TABLES: Readonly<Record<VenueSection, Table>> = {
  positions: table<PositionRow>(
    ["instrument", "leg", "qty", "entry price", "last price", "updated"],
    (row) => [row.instrument, row.leg, row.qty, row.entryPrice, row.lastPrice, time(row.updatedAt)],
  ),
  orders: table<OrderRow>(
    ["instrument", "side", "type", "qty", "filled", "price", "status", "client order id", "venue order id"],
    (row) => [
      row.instrument,
      row.side,
      row.type,
      row.qty ?? row.notional,
      row.filledQty,
      row.price,
      row.venueStatus ?? row.status,
      row.clientOrderId,
      row.venueOrderId,
    ],
  ),
  fills: table<FillRow>(
    ["time", "instrument", "side", "qty", "price", "fee", "venue order id", "trade id"],
    (row) => [
      time(row.timestamp),
      row.instrument,
      row.side,
      row.qty,
      row.price,
      row.fee === undefined ? undefined : `${row.fee} ${row.feeCurrency ?? ""}`.trim(),
      row.venueOrderId,
      row.tradeId,
    ],
  ),
  balances: table<BalanceRow>(["asset", "total", "free"], (row) => [row.asset, row.total, row.free]),
};
