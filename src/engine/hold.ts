// Closing and releasing the account's gate outside a pass: at boot, by a person, by kill, by a forced trade. Each
// gives the record that says so; a pass decides about everything else (gate-reasons.ts).
import {
  type Book,
  type Cause,
  closeDiscrepancy,
  type Draft,
  draft,
  GATE_CLOSED_TEXT,
  type GateReason,
  type GateState,
  type Payloads,
  stateOf,
  wasShown,
} from "../core/index.ts";

/** Reasons that a person may release. */
const RELEASABLE = ["operator", "forced_trade", "wrong_account", "journal_behind"];

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

/**
 * What the journal forgot the venue may know: positions, orders and fills come back from there, plans and whose a position is do
 * not. Only what reduces goes on until a person has looked.
 */
export function behindDrafts(book: Book, text: string, nowMs: number): Draft[] {
  const reason = { code: "journal_behind", state: "reduce_only", text } as const;
  const told = `${text}; the gate is reduce_only until a person releases it`;
  const alert = { kind: "gate_closed", subject: null, text: told, evidence: [] } as const;
  return [holdDraft(book, reason, nowMs, "boot"), draft("alert_raised", alert, "boot")];
}

export interface OperatorAct {
  readonly set: Exclude<GateState, "killed">;
  readonly instrument: string | null;
  readonly text: string;
  /** Whether a reason was told before: what nobody could know of, nobody has released. */
  readonly wasTold: (reason: GateReason) => boolean;
}

/** What a person sets on the account or one instrument; `open` releases whatever a person may release there. */
export function operatorDraft(
  book: Book,
  { set, instrument, text, wasTold }: OperatorAct,
  nowMs: number,
  causeId: string,
): Draft {
  const before = instrument === null ? book.gate.account : (book.gate.instruments[instrument] ?? []);
  // Only opening releases: to hold it otherwise must not undo what holds it harder.
  const released = set === "open" ? RELEASABLE : ["operator"];
  const kept = before.filter((reason) => !released.includes(reason.code) || !wasTold(reason));
  const reasons = set === "open" ? kept : [...kept, reasonOf("operator", set, text, nowMs)];
  if (instrument === null) return accountDraft(book, reasons, causeId);
  const scope = { type: "instrument", instrument } as const;
  return draft("gate_changed", { scope, from: stateOf(before), to: stateOf(reasons), reasons }, causeId);
}

/** Causes of trades that the venue made against the account's will. */
export function isForcedCause(cause: Cause | null): cause is "liquidation" | "adl" {
  return cause === "liquidation" || cause === "adl";
}

/** Whether this fill tells of a forced trade that was not known; the canonical row of a known one does not. */
export function isForcedTrade(
  book: Book,
  { cause, isContained, merges }: Payloads["fill_recorded"],
): boolean {
  const known = merges === undefined ? null : (book.fills.get(merges)?.facts.cause ?? null);
  return !isContained && isForcedCause(cause) && !isForcedCause(known);
}

/**
 * A liquidation or an ADL: nothing goes on until a person has looked. Entered together with the fill or the entry
 * that shows it, so that no crash in between loses it.
 * @param evidence Key of the fill, or id of the ledger entry.
 */
export function forcedTradeDrafts(
  book: Book,
  { cause, instrument, evidence }: { cause: Cause; instrument: string; evidence: string },
  nowMs: number,
  causeId: string,
): Draft[] {
  const held = book.gate.account.filter(({ code }) => code === "forced_trade");
  if (held.some((one) => one.evidence.includes(evidence))) return [];
  const text = `${cause} in ${instrument}`;
  const reason = { ...reasonOf("forced_trade", "halted", text, nowMs), evidence: [evidence] };
  const alert = {
    kind: "gate_closed" as const,
    subject: instrument,
    text: `${text}: the gate is halted until a person releases it`,
    evidence: [evidence],
  };
  const changed = accountDraft(book, [...book.gate.account, reason], causeId);
  return [changed, draft("alert_raised", alert, causeId)];
}

/**
 * A person who opens an instrument has looked at what was refused or contradicts itself there, and at what was listed once
 * and nothing proves to be gone.
 */
export function releasedDrafts(
  book: Book,
  instrument: string | null,
  nowMs: number,
  causeId: string,
): Draft[] {
  return [...book.discrepancies.values()].flatMap((open) => {
    const { subject, code } = open;
    const isLeftOut = subject.type === "position" && code === "unwitnessed" && wasShown(open);
    const isReleasable = subject.type === "fill" || isLeftOut;
    return isReleasable && subject.instrument === instrument
      ? [closeDiscrepancy(open, "released", nowMs, causeId)]
      : [];
  });
}

function accountDraft(book: Book, reasons: readonly GateReason[], causeId: string): Draft {
  const scope = { type: "account" } as const;
  const from = stateOf(book.gate.account);
  return draft("gate_changed", { scope, from, to: stateOf(reasons), reasons }, causeId);
}

function reasonOf(code: string, state: GateReason["state"], text: string, sinceMs: number): GateReason {
  return { code, state, text, evidence: [], sinceMs, deadlineMs: null };
}
