// Closing and releasing the account's gate outside a pass: at boot, by a person, by kill, by a forced trade. Each
// gives the record that says so; a pass decides about everything else (gate-reasons.ts).
import {
  type Book,
  type Draft,
  draft,
  GATE_CLOSED_TEXT,
  type GateReason,
  type GateState,
  stateOf,
} from "../core/index.ts";

/** Reasons that a person may release. */
const RELEASABLE = ["operator", "forced_trade", "wrong_account"];

/** Unknown means closed: until a complete pass of this very process has been made. */
export function bootDraft(book: Book, nowMs: number, deadlineMs: number): Draft {
  const { gate, kill } = book;
  const boot = { ...reasonOf("boot", "reduce_only", GATE_CLOSED_TEXT, nowMs), deadlineMs };
  const others = gate.account.filter(({ code }) => code !== "boot" && code !== "kill");
  const killed = kill ? [reasonOf("kill", "killed", `killed by ${kill.by}: ${kill.reason}`, kill.atMs)] : [];
  return accountDraft(book, [...others, ...killed, boot], "boot");
}

/** Holds the account for a reason; `instead` names a reason that it takes the place of. */
export function holdDraft(
  book: Book,
  reason: Pick<GateReason, "code" | "state" | "text">,
  nowMs: number,
  causeId: string,
  instead: string = reason.code,
): Draft {
  const kept = book.gate.account.filter(({ code }) => code !== instead && code !== reason.code);
  return accountDraft(book, [...kept, reasonOf(reason.code, reason.state, reason.text, nowMs)], causeId);
}

/** What a person sets on the account or one instrument; `open` releases whatever a person may release there. */
export function operatorDraft(
  book: Book,
  set: Exclude<GateState, "killed">,
  instrument: string | null,
  text: string,
  nowMs: number,
  causeId: string,
): Draft {
  const before = instrument === null ? book.gate.account : (book.gate.instruments[instrument] ?? []);
  const kept = before.filter(({ code }) => !RELEASABLE.includes(code));
  const reasons = set === "open" ? kept : [...kept, reasonOf("operator", set, text, nowMs)];
  if (instrument === null) return accountDraft(book, reasons, causeId);
  const scope = { type: "instrument", instrument } as const;
  return draft("gate_changed", { scope, from: stateOf(before), to: stateOf(reasons), reasons }, causeId);
}

function accountDraft(book: Book, reasons: readonly GateReason[], causeId: string): Draft {
  const scope = { type: "account" } as const;
  const from = stateOf(book.gate.account);
  return draft("gate_changed", { scope, from, to: stateOf(reasons), reasons }, causeId);
}

function reasonOf(code: string, state: GateReason["state"], text: string, sinceMs: number): GateReason {
  return { code, state, text, evidence: [], sinceMs, deadlineMs: null };
}
