// What a pass found for the gate and for people: which reasons hold the gate now, which alerts go out. Decided
// from what the steps of the pass saw; the records are entered by pass.ts.
import {
  BOOK,
  type Book,
  type Draft,
  type Gate,
  type GateReason,
  type GateState,
  gateAfterPass,
  isComplete,
  type Observation,
  overallState,
  type PassContext,
  RETURNS_MAX,
  SECTIONS,
  type Sighted,
} from "../core/index.ts";
import {
  type AlertFacts,
  alertDraft,
  gateAlerts,
  overwrittenAlerts,
  persistentAlerts,
  stuckAlerts,
} from "./alerting.ts";
import type { Verified } from "./pass.ts";
import { countInFlight, type PassMemory } from "./pass-memory.ts";

/** Whether every section that the account has was read completely (R4). */
export function isWhole(observation: Observation): boolean {
  return SECTIONS.every((name) => observation[name] === undefined || isComplete(observation[name]));
}

/** The book's positions that this read left out and nothing witnessed. */
export function unwitnessedOf(sighted: readonly Sighted[]): Sighted[] {
  return sighted.filter(
    ({ discrepancy: { of, code, subject } }) =>
      of === BOOK && code === "unwitnessed" && subject.type === "position",
  );
}

export function suspectText(count: number, missing: string): string {
  return `${count} position${count === 1 ? " is" : "s are"} missing in the read without proof: ${missing}`;
}

export interface GateInputs {
  readonly context: PassContext;
  readonly memory: PassMemory;
  readonly sighted: readonly Sighted[];
  readonly wrongAccount: string | null;
}

export function gateOfPass({ context, memory, sighted, wrongAccount }: GateInputs): Gate {
  const { book, observation, nowMs, policy, inFlight } = context;
  const unwitnessed = unwitnessedOf(sighted);
  const detail = unwitnessed[0]?.discrepancy.detail ?? "";
  return gateAfterPass(book, {
    hasCompletePass: memory.hasCompletePass,
    incomplete: SECTIONS.flatMap((section) => {
      const found = observation[section];
      if (!found || isComplete(found)) return [];
      return [{ section, quality: found.quality, problem: found.problem ?? "no reason given" }];
    }),
    suspect: unwitnessed.length === 0 ? null : suspectText(unwitnessed.length, detail),
    stuckInFlight: countInFlight(memory, inFlight),
    wrongAccount,
    nowMs,
    deadlineMs: nowMs + policy.intervalMs,
  });
}

export interface AlertInputs {
  readonly context: PassContext;
  readonly memory: PassMemory;
  readonly sighted: readonly Sighted[];
  readonly verified: Verified;
  readonly gateBefore: { readonly state: GateState; readonly isOnlyBoot: boolean };
  /** Whether what began to count in this pass was told of already. */
  readonly isTold: boolean;
}

/**
 * What is told at the end of a pass, beside what began to count in it. Called once, after the gate was set: it also notes
 * what has been told.
 */
export function alertsOfPass({
  context,
  memory,
  sighted,
  verified,
  gateBefore,
  isTold,
}: AlertInputs): Draft[] {
  const { book, causeId } = context;
  const unwitnessed = new Set(unwitnessedOf(sighted));
  // A doubted read is one message, not one for each position that it left out.
  const alerts: AlertFacts[] = [
    ...overwrittenAlerts(sighted, RETURNS_MAX),
    ...stuckAlerts(memory, causeId),
    ...persistentAlerts(book, context, memory),
  ];
  if (unwitnessed.size > 0 && !memory.isSuspectTold) {
    const text = `the read of the account leaves out ${unwitnessed.size} positions and nothing proves that they are flat; nothing was repaired`;
    alerts.push({ kind: "suspect_read", subject: null, text, evidence: [causeId] });
  }
  memory.isSuspectTold = unwitnessed.size > 0;
  if (verified === "differs") {
    const text = "after a repair the venue was read again and shows something else";
    alerts.push({ kind: "persistent_desync", subject: null, text, evidence: [causeId] });
  }
  const after = overallState(book.gate);
  const { state, isOnlyBoot } = gateBefore;
  alerts.push(...gateAlerts(state, after, gateReasons(book), isTold || alerts.length > 0, isOnlyBoot));
  return alerts.map((alert) => alertDraft(alert, causeId));
}

export function gateReasons({ gate }: Book): GateReason[] {
  return [...gate.account, ...Object.values(gate.instruments).flat()];
}
