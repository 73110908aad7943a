// The state of an account in one document: the verdict first, then what it rests on, each with its age. Made
// from the book and the last reads, so that it is the same with a daemon and without one.
import {
  ageText,
  type Book,
  type Discrepancy,
  type GateReason,
  type GateState,
  gateFor,
  heldKeys,
  isActive,
  type Kill,
  type Order,
  ordersToEnd,
  overallState,
  slotOf,
  splitPositionKey,
  stateOf,
} from "../core/index.ts";
import type { DeadManReport } from "./dead-man.ts";
import { fieldsOf } from "./narrate.ts";
import type { FeedReport } from "./report.ts";
import type { TailState } from "./tail.ts";

export type Verdict = "in_sync" | "drift" | "unknown";

export interface AccountStatus {
  readonly account: string;
  readonly venue: string;
  readonly verdict: Verdict;
  /** One line for a person, the verdict first. */
  readonly line: string;
  /** Instruments with a position or an active order. */
  readonly instruments: number;
  /** Age of the oldest complete read among the account's sections, ms; null when one was never read. */
  readonly oldestReadMs: number | null;
  readonly sections: readonly {
    readonly section: string;
    readonly quality: string;
    readonly ageMs: number | null;
    readonly problem: string | null;
  }[];
  readonly mirrors: readonly {
    readonly mirror: string;
    readonly place: string;
    readonly problem: string | null;
  }[];
  /** The price feed as a copy of what is held; null where nothing follows prices. */
  readonly feed: FeedReport | null;
  /** What would close the positions; null where nobody looks whether anything would. */
  readonly exits: ExitCounts | null;
  /** The venue's dead-man switch; null where none is kept set, or nobody is at work who keeps it. */
  readonly deadMan: DeadManReport | null;
  /** Open discrepancies, those that hold the gate first. */
  readonly open: readonly Record<string, unknown>[];
  readonly gate: GateView;
  readonly kill: Kill | null;
  /** While it is killed, orders that the kill has to end and that no row has shown as ended; null where it is not. */
  readonly unconfirmed: readonly string[] | null;
  /** Whether the venue's open orders were read completely since the kill: before that nothing is confirmed. */
  readonly isKillRead: boolean | null;
  readonly isLive: boolean;
}

export interface ExitCounts {
  readonly armed: number;
  readonly triggered: number;
  /** Positions that nothing would close. */
  readonly unprotected: number;
  /** Exits at the venue that trueup did not place. */
  readonly foreign: number;
}

export interface GateView {
  /** The strictest state anywhere in the account. */
  readonly state: GateState;
  /** The account's own state and reasons; instruments have theirs on top. */
  readonly accountState: GateState;
  readonly reasons: readonly GateReason[];
  readonly instruments: Readonly<
    Record<string, { readonly state: GateState; readonly reasons: readonly GateReason[] }>
  >;
}

/** The price feed among the copies of a health document. */
const FEED = "feed";
/** An unread account is unknown, not in sync; so is one whose reads are older than this many intervals. */
const STALE_INTERVALS = 4;

export interface StatusFacts {
  readonly book: Book;
  readonly tail: TailState;
  readonly venue: string;
  readonly intervalMs: number;
  readonly nowMs: number;
  /** Whether a daemon is at work on it. */
  readonly isLive: boolean;
  /** The price feed as it is now; left out where only what the last pass saw is known. */
  readonly feed?: FeedReport | null;
  /** Left out where nobody is at work on the account. */
  readonly deadMan?: DeadManReport | null;
  /** Whether somebody looks that each position has an exit. */
  readonly areExitsWatched?: boolean;
}

export function accountStatus(facts: StatusFacts): AccountStatus {
  const { book, tail, venue, nowMs, isLive } = facts;
  const sections = Object.entries(tail.reads).map(([section, read]) => ({
    section,
    quality: read.quality,
    ageMs: read.completeAtMs === null ? null : Math.max(0, nowMs - read.completeAtMs),
    problem: read.problem,
  }));
  const ages = sections.map(({ ageMs }) => ageMs);
  const oldestReadMs =
    ages.length === 0 || ages.includes(null) ? null : Math.max(...ages.map((age) => age ?? 0));
  const open = [...book.discrepancies.values()].sort((a, b) => rank(a) - rank(b) || byName(a, b));
  const mirrors = tail.mirrors.map(({ mirror, place, problem }) => ({ mirror, place, problem }));
  const instruments = instrumentsOf(book);
  const base = { account: book.account, venue, instruments, oldestReadMs, sections, mirrors, isLive };
  const verdict = verdictOf(facts, { sections, mirrors, oldestReadMs, open, instruments });
  return {
    ...base,
    verdict: verdict.verdict,
    line: verdict.line,
    feed: facts.feed ?? tail.feed,
    exits: facts.areExitsWatched ? countExits(book) : null,
    deadMan: facts.deadMan ?? null,
    open: open.map(fieldsOf),
    gate: gateView(book),
    kill: book.kill,
    ...ofKill(facts),
  };
}

function countExits(book: Book): ExitCounts {
  const exits = [...book.exits.values()];
  const triggered = exits.filter(({ trigger }) => trigger !== null).length;
  const kinds = [...book.discrepancies.values()].map(({ kind }) => kind);
  return {
    armed: exits.length - triggered,
    triggered,
    unprotected: kinds.filter((kind) => kind === "unprotected_position").length,
    foreign: kinds.filter((kind) => kind === "foreign_exit_order").length,
  };
}

/** By the account's own rows: what was asked for is not what happened. */
function ofKill({ book, tail }: StatusFacts): Pick<AccountStatus, "unconfirmed" | "isKillRead"> {
  const { kill } = book;
  if (!kill) return { unconfirmed: null, isKillRead: null };
  // Without knowing the venue's flag a stop whose position is gone counts as one that has to go.
  const open = ordersToEnd(book, { isAll: kill.isAll === true, hasReduceOnlyFlag: false });
  const readAtMs = tail.reads.orders?.completeAtMs ?? null;
  return { unconfirmed: open.map(orderName).sort(), isKillRead: readAtMs !== null && readAtMs > kill.atMs };
}

function orderName({ clientOrderId, venueOrderId, instrument }: Order): string {
  return clientOrderId ?? venueOrderId ?? instrument;
}

export function gateView(book: Book): GateView {
  const { account, instruments } = book.gate;
  return {
    state: overallState(book.gate),
    accountState: stateOf(account),
    reasons: account,
    instruments: Object.fromEntries(
      Object.entries(instruments).map(([name, reasons]) => [
        name,
        { state: gateFor(book.gate, name), reasons },
      ]),
    ),
  };
}

export interface StoppedFacts {
  readonly account: string;
  readonly venue: string;
  /** What stopped it and what happens next, in words. */
  readonly text: string;
  readonly kill: Kill | null;
  readonly sinceMs: number;
}

/** The state of an account that an error of ours has stopped: nothing is known of it, so its gate is closed. */
export function stoppedStatus({ account, venue, text, kill, sinceMs }: StoppedFacts): AccountStatus {
  const state = kill ? "killed" : "halted";
  const reason: GateReason = {
    code: "account_stopped",
    state,
    text,
    evidence: [],
    sinceMs,
    deadlineMs: null,
  };
  return {
    account,
    venue,
    verdict: "unknown",
    line: `UNKNOWN · ${text}`,
    instruments: 0,
    oldestReadMs: null,
    sections: [],
    mirrors: [],
    feed: null,
    exits: null,
    deadMan: null,
    open: [],
    gate: { state, accountState: state, reasons: [reason], instruments: {} },
    kill,
    unconfirmed: kill ? [] : null,
    isKillRead: kill ? false : null,
    isLive: false,
  };
}

function verdictOf(
  { intervalMs, book }: StatusFacts,
  known: Pick<AccountStatus, "sections" | "mirrors" | "oldestReadMs" | "instruments"> & {
    readonly open: readonly Discrepancy[];
  },
): { verdict: Verdict; line: string } {
  const { sections, mirrors, oldestReadMs, open } = known;
  const age = oldestReadMs === null ? "never read completely" : `oldest read ${ageText(oldestReadMs)}`;
  const broken = sections.find(({ quality }) => quality !== "complete");
  if (sections.length === 0) return { verdict: "unknown", line: "UNKNOWN · the account was never read" };
  if (broken) {
    const line = `UNKNOWN · ${broken.section} ${broken.quality}: ${broken.problem ?? "no reason given"} · ${age}`;
    return { verdict: "unknown", line };
  }
  if (oldestReadMs === null || oldestReadMs > intervalMs * STALE_INTERVALS) {
    return { verdict: "unknown", line: `UNKNOWN · nobody has looked lately · ${age}` };
  }
  const unread = mirrors.find(({ problem }) => problem !== null);
  if (unread)
    return { verdict: "unknown", line: `UNKNOWN · mirror ${unread.mirror}: ${unread.problem} · ${age}` };
  const counted = open.filter(({ kind }) => kind !== "entry_price_mismatch");
  if (counted.length > 0) {
    const names = counted.slice(0, 3).map(short).join(", ");
    const more = counted.length > 3 ? `, and ${counted.length - 3} more` : "";
    return { verdict: "drift", line: `DRIFT · ${counted.length} open · ${names}${more} · ${age}` };
  }
  // "Nothing to compare" must not read like "compared and fine".
  const what = known.instruments === 0 ? "flat, no open orders" : plural(known.instruments, "instrument");
  const moving = inFlightOf(book);
  const still = moving === 0 ? "" : ` · ${moving} in flight, not compared`;
  return { verdict: "in_sync", line: `IN SYNC · ${what}${still} · ${age}` };
}

/** Rows that the last pass left out because something about them was moving. */
function inFlightOf({ lastPass }: Book): number {
  return (lastPass?.summaries ?? []).reduce((sum, { inFlight }) => sum + inFlight, 0);
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function short({ kind, of, subject }: Discrepancy): string {
  const name = subject.type === "balance" ? subject.asset : subject.instrument;
  return `${kind} ${name}${of === "book" ? "" : ` in ${of}`}`;
}

function instrumentsOf(book: Book): number {
  const held = heldKeys(book).map((key) => splitPositionKey(key).instrument);
  const ordered = [...book.orders.values()].flatMap((order) => (isActive(order) ? [order.instrument] : []));
  return new Set([...held, ...ordered]).size;
}

function byName(a: Discrepancy, b: Discrepancy): number {
  const [left, right] = [slotOf(a.of, a.kind, a.subject), slotOf(b.of, b.kind, b.subject)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function rank({ policy, stage }: Discrepancy): number {
  return (policy === "watch" ? 2 : 0) + (stage === "seen" ? 1 : 0);
}

/** A5: which symbols of which copy are stale (phantom), missing or different, by name. */
export interface HealthDocument {
  readonly account: string;
  readonly isHealthy: boolean;
  readonly verdict: Verdict;
  readonly line: string;
  readonly copies: readonly {
    readonly of: string;
    readonly problem: string | null;
    readonly stale: readonly string[];
    readonly missing: readonly string[];
    readonly different: readonly string[];
    /** Held by the copy, not shown by the venue, and not proven flat. */
    readonly unwitnessed: readonly string[];
  }[];
  readonly sections: AccountStatus["sections"];
  readonly gate: GateState;
}

/** @param book Null when the account has stopped: its copies are not known then. */
export function healthOf(status: AccountStatus, book: Book | null): HealthDocument {
  const names = book ? ["book", ...status.mirrors.map(({ mirror }) => mirror)] : [];
  const open = [...(book?.discrepancies.values() ?? [])];
  const copies = names.map((of) => {
    const own = open.filter((one) => one.of === of);
    const pick = (isWanted: (one: Discrepancy) => boolean) =>
      [
        ...new Set(
          own
            .filter(isWanted)
            .map(({ subject }) => (subject.type === "balance" ? subject.asset : subject.instrument)),
        ),
      ].sort();
    return {
      of,
      problem: status.mirrors.find(({ mirror }) => mirror === of)?.problem ?? null,
      stale: pick(
        ({ kind, code }) =>
          (kind === "phantom_position" || kind === "stale_local_order") && code !== "unwitnessed",
      ),
      missing: pick(({ kind }) => kind.startsWith("missing_")),
      different: pick(({ kind }) => kind.endsWith("_mismatch") || kind === "fill_conflict"),
      unwitnessed: pick(({ code }) => code === "unwitnessed"),
    };
  });
  const { feed } = status;
  const followed = feed && {
    of: FEED,
    problem: feed.problem,
    stale: feed.extra,
    missing: [...feed.missing, ...feed.refused.map(({ instrument }) => instrument)].sort(),
    different: [],
    unwitnessed: [],
  };
  return {
    account: status.account,
    isHealthy: status.verdict === "in_sync" && status.gate.state === "open",
    verdict: status.verdict,
    line: status.line,
    copies: [...copies, ...(followed ? [followed] : [])],
    sections: status.sections,
    gate: status.gate.state,
  };
}
