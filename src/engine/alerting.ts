// What is worth telling a person: the onset of a discrepancy that counts, a doubted read, a gate that closed or
// was released, something that will not go away. Once each, and one message where many things have one cause.
import {
  type AlertKind,
  ageText,
  type Book,
  type Draft,
  draft,
  elapsedMs,
  foundText,
  type GateReason,
  type GateState,
  type PassContext,
  type Sighted,
  type Subject,
  stricter,
} from "../core/index.ts";
import { IN_FLIGHT_PASSES_MAX, type PassMemory } from "./pass-memory.ts";

export interface AlertFacts {
  readonly kind: AlertKind;
  readonly subject: string | null;
  readonly text: string;
  readonly evidence: readonly string[];
}

/** How many subjects, or reasons, one message names. */
const NAMED_MAX = 10;
/** How many discrepancies one message points to, for whoever wants to ask for each. */
const EVIDENCE_MAX = 100;

export function alertDraft(alert: AlertFacts, causeId: string): Draft {
  return draft("alert_raised", alert, causeId);
}

/** One alert a kind and copy for all discrepancies that began to count in this pass; watched ones tell nobody. */
export function onsetAlerts(sighted: readonly Sighted[]): AlertFacts[] {
  const groups = new Map<string, Sighted[]>();
  for (const seen of sighted) {
    if (!seen.isOnset || seen.discrepancy.policy === "watch") continue;
    const key = `${seen.discrepancy.kind} ${seen.discrepancy.of}`;
    const group = groups.get(key);
    if (group) group.push(seen);
    else groups.set(key, [seen]);
  }
  return [...groups.values()].map(groupAlert);
}

function groupAlert(group: readonly Sighted[]): AlertFacts {
  const first = group[0]?.discrepancy;
  const names = [...new Set(group.map(({ discrepancy }) => nameOf(discrepancy.subject)))];
  const shown = names.slice(0, NAMED_MAX).join(", ");
  const count = names.length < group.length ? `${group.length} of ` : "";
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : "";
  const values = group.length === 1 && first ? ` (${foundText(first)})` : "";
  return {
    kind: first?.kind ?? "position_mismatch",
    subject: group.length === 1 ? (names[0] ?? null) : null,
    text: `${first?.kind} in ${first?.of}: ${count}${shown}${more}${values}`,
    evidence: group.slice(0, EVIDENCE_MAX).map(({ discrepancy }) => discrepancy.id),
  };
}

/** Rows that keep coming back after three repairs. */
export function overwrittenAlerts(sighted: readonly Sighted[], returnsMax: number): AlertFacts[] {
  return sighted
    .filter(({ discrepancy, isOnset }) => discrepancy.recurrences >= returnsMax && isOnset)
    .map(({ discrepancy }) => {
      const name = nameOf(discrepancy.subject);
      return {
        kind: "mirror_overwritten",
        subject: name,
        text: `${name} in ${discrepancy.of} was repaired ${discrepancy.recurrences} times and came back: another program writes it. It is only watched now`,
        evidence: [discrepancy.id],
      } as const;
    });
}

/** What has been open for ten intervals and more, once each. */
export function persistentAlerts(
  book: Book,
  { nowMs, policy, steady }: Pick<PassContext, "nowMs" | "policy" | "steady">,
  { toldPersistent }: PassMemory,
): AlertFacts[] {
  return [...book.discrepancies.values()].flatMap((open): AlertFacts[] => {
    const lastedMs = elapsedMs(open.firstSeenMs, nowMs, steady);
    const isLong = lastedMs >= policy.intervalMs * IN_FLIGHT_PASSES_MAX;
    if (!isLong || open.policy === "watch" || toldPersistent.has(open.id)) return [];
    toldPersistent.add(open.id);
    const name = nameOf(open.subject);
    const text = `${open.kind} of ${name} has lasted ${ageText(lastedMs)}: ${open.detail ?? "it is not repaired"}`;
    return [{ kind: "persistent_desync", subject: name, text, evidence: [open.id] }];
  });
}

/** Keys that have now been in flight for too long. */
export function stuckAlerts({ inFlightPasses }: PassMemory, causeId: string): AlertFacts[] {
  return [...inFlightPasses].flatMap(([instrument, count]): AlertFacts[] => {
    if (count !== IN_FLIGHT_PASSES_MAX) return [];
    const text = `${instrument} has been in flight for ${count} passes running; its quantity is not known for certain`;
    return [{ kind: "stuck_in_flight", subject: instrument, text, evidence: [causeId] }];
  });
}

function nameOf(subject: Subject): string {
  return subject.type === "balance" ? subject.asset : subject.instrument;
}

/** A gate that opened again; or one that closed, where nothing else in the pass has told why. */
export function gateAlerts(
  before: GateState,
  after: GateState,
  reasons: readonly GateReason[],
  isTold: boolean,
  wasOnlyBoot: boolean,
): AlertFacts[] {
  if (before === after) return [];
  if (after === "open") {
    if (wasOnlyBoot) return [];
    return [
      {
        kind: "gate_released",
        subject: null,
        text: `the gate is open again (it was ${before})`,
        evidence: [],
      },
    ];
  }
  // Whoever closed it for a forced trade has told so at once.
  const isKnown = isTold || reasons.every(({ code }) => code === "forced_trade");
  if (isKnown || stricter(before, after) === before) return [];
  const told = reasons.slice(0, NAMED_MAX);
  const more = reasons.length > told.length ? `; and ${reasons.length - told.length} more` : "";
  const text = `the gate is ${after}: ${told.map((reason) => reason.text).join("; ")}${more}`;
  return [{ kind: "gate_closed", subject: null, text, evidence: told.flatMap(({ evidence }) => evidence) }];
}
