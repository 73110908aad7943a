// Which reasons hold the gate after a pass (R4, R10): unread or doubted sections, open discrepancies, keys stuck
// in flight, and what a person did. A reason goes when the thing that it names is gone; those that only a person
// releases stay. Unknown means closed.
import type { Book } from "../book/book.ts";
import { type Discrepancy, foundText } from "../discrepancy.ts";
import { GATE_CLOSED_TEXT, type Gate, type GateReason, stateOf } from "../gate.ts";
import { type Draft, draft } from "../records.ts";

/** Reasons that no pass releases. */
const PERSONAL: ReadonlySet<string> = new Set([
  "operator",
  "forced_trade",
  "wrong_account",
  "journal_behind",
]);

export interface GateFindings {
  /** Whether a complete pass has been made since the process started, this one included. */
  readonly hasCompletePass: boolean;
  /** Sections that are not complete, with what was wrong. */
  readonly incomplete: readonly {
    readonly section: string;
    readonly quality: string;
    readonly problem: string;
  }[];
  /** In words, which positions the journal holds and nothing witnesses; null when all are. */
  readonly suspect: string | null;
  /** Instruments in flight for too many passes in a row. */
  readonly stuckInFlight: readonly string[];
  /** Set when another account than the pinned one answered. */
  readonly wrongAccount: string | null;
  readonly nowMs: number;
  /** When the next pass looks again. */
  readonly deadlineMs: number;
}

export function gateAfterPass(book: Book, findings: GateFindings): Gate {
  const account: GateReason[] = book.gate.account.filter(({ code }) => PERSONAL.has(code));
  const reason = (
    code: string,
    state: GateReason["state"],
    text: string,
    evidence: readonly string[],
    deadlineMs: number | null = findings.deadlineMs,
  ): GateReason => ({ code, state, text, evidence, sinceMs: findings.nowMs, deadlineMs });
  if (book.kill) {
    const text = `killed by ${book.kill.by}: ${book.kill.reason}`;
    account.push({ ...reason("kill", "killed", text, [], null), sinceMs: book.kill.atMs });
  }
  if (!findings.hasCompletePass) account.push(reason("boot", "reduce_only", GATE_CLOSED_TEXT, []));
  for (const { section, quality, problem } of findings.incomplete) {
    account.push(reason("incomplete_read", "reduce_only", `${section} ${quality}: ${problem}`, [section]));
  }
  if (findings.suspect !== null) {
    account.push(reason("suspect_read", "reduce_only", findings.suspect, ["positions"]));
  }
  if (findings.wrongAccount !== null && !account.some(({ code }) => code === "wrong_account")) {
    account.push(reason("wrong_account", "halted", findings.wrongAccount, [], null));
  }
  const instruments = new Map<string, GateReason[]>();
  for (const [instrument, reasons] of Object.entries(book.gate.instruments)) {
    instruments.set(
      instrument,
      reasons.filter(({ code }) => PERSONAL.has(code)),
    );
  }
  const open = [...book.discrepancies.values()].filter(({ policy }) => policy !== "watch");
  for (const discrepancy of open) {
    const found = ofDiscrepancy(discrepancy, findings.deadlineMs);
    const { subject } = discrepancy;
    if (subject.type === "balance") account.push(found);
    else push(instruments, subject.instrument, found);
  }
  for (const instrument of findings.stuckInFlight) {
    const text = "in flight for 10 passes running: its quantity is not known for certain";
    push(instruments, instrument, reason("stuck_in_flight", "reduce_only", text, [instrument]));
  }
  return { account: keepSince(book.gate.account, account), instruments: settled(book, instruments) };
}

/** What holds already, and what was found to: nothing is released by it. */
export function tightened(before: Gate, found: Gate): Gate {
  const instruments = { ...before.instruments };
  for (const [instrument, reasons] of Object.entries(found.instruments)) {
    instruments[instrument] = joined(before.instruments[instrument] ?? [], reasons);
  }
  return { account: joined(before.account, found.account), instruments };
}

function joined(before: readonly GateReason[], found: readonly GateReason[]): readonly GateReason[] {
  const known = new Set(before.map(identity));
  return [...before, ...found.filter((reason) => !known.has(identity(reason)))];
}

function settled(book: Book, instruments: ReadonlyMap<string, GateReason[]>): Gate["instruments"] {
  const entries = [...instruments].filter(([, reasons]) => reasons.length > 0);
  return Object.fromEntries(
    entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([instrument, reasons]) => [
        instrument,
        keepSince(book.gate.instruments[instrument] ?? [], reasons),
      ]),
  );
}

/** Why an exit's order was refused may be this gate: quoted here, it would be quoted by the next refusal, longer each time. */
function foundHere(one: Discrepancy): string {
  const isRefusal = one.code === "exit_failing" || one.code === "not_placed";
  return isRefusal ? "the order of its exit was refused (trueup discrepancies)" : foundText(one);
}

function ofDiscrepancy(one: Discrepancy, deadlineMs: number): GateReason {
  const copy = one.of === "book" ? "" : ` in ${one.of}`;
  return {
    code: "discrepancy",
    state: one.policy === "halt" ? "halted" : "reduce_only",
    text: `${one.kind}${copy}: ${foundHere(one)}`,
    evidence: [one.id],
    sinceMs: one.firstSeenMs,
    deadlineMs,
  };
}

function push(map: Map<string, GateReason[]>, key: string, reason: GateReason): void {
  const list = map.get(key);
  if (list) list.push(reason);
  else map.set(key, [reason]);
}

/** The same reason as before keeps the time since when it holds. */
function keepSince(before: readonly GateReason[], now: readonly GateReason[]): GateReason[] {
  return now.map((reason) => {
    const known = before.find((one) => identity(one) === identity(reason));
    return known ? { ...reason, sinceMs: known.sinceMs } : reason;
  });
}

function identity(reason: GateReason): string {
  return JSON.stringify([reason.code, reason.state, reason.evidence]);
}

/** A record for each scope whose reasons changed; a deadline that only moved on is no change. */
export function gateDrafts(before: Gate, after: Gate, causeId: string): Draft[] {
  const drafts: Draft[] = [];
  const change = (scope: ScopeOf, from: readonly GateReason[], to: readonly GateReason[]) => {
    if (JSON.stringify(from.map(identity)) === JSON.stringify(to.map(identity))) return;
    drafts.push(draft("gate_changed", { scope, from: stateOf(from), to: stateOf(to), reasons: to }, causeId));
  };
  change({ type: "account" }, before.account, after.account);
  const instruments = new Set([...Object.keys(before.instruments), ...Object.keys(after.instruments)]);
  for (const instrument of [...instruments].sort()) {
    const scope: ScopeOf = { type: "instrument", instrument };
    change(scope, before.instruments[instrument] ?? [], after.instruments[instrument] ?? []);
  }
  return drafts;
}

type ScopeOf = { readonly type: "account" } | { readonly type: "instrument"; readonly instrument: string };
