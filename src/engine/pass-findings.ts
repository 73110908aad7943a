// What a pass found for the gate and for people: which reasons hold the gate now, which alerts go out. Decided
// from what the steps of the pass saw; the records are entered by pass.ts.
import {
  BOOK,
  type Book,
  type Gate,
  type GateReason,
  type GateState,
  gateAfterPass,
  isComplete,
  isEmptyBesideValue,
  isZero,
  leftOutKeys,
  type Observation,
  overallState,
  type PassContext,
  RETURNS_MAX,
  SECTIONS,
  type Sighted,
  splitPositionKey,
} from "../core/index.ts";
import {
  type AlertFacts,
  gateAlerts,
  onsetAlerts,
  overwrittenAlerts,
  persistentAlerts,
  stuckAlerts,
} from "./alerting.ts";
import { exposureAlerts } from "./exposure.ts";
import type { Verified } from "./pass.ts";
import type { PassMemory } from "./pass-memory.ts";

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

/**
 * Why the list of positions is not the whole account, whatever the venue calls it (R1): it leaves out what the journal
 * holds and nothing proves to be flat, or what a look-up of the same pass found. Null where nothing shows that.
 */
export function doubtOfList(context: PassContext, sighted: readonly Sighted[]): string | null {
  const unwitnessed = unwitnessedOf(sighted);
  const [first] = unwitnessed;
  if (first) return suspectText(unwitnessed.length, first.discrepancy.detail ?? "");
  if (!isComplete(context.observation.positions)) return null;
  const found = [...context.positionLookups].flatMap(([key, answer]) => {
    const isHeld = answer.kind === "row" && !isZero(answer.row.qty);
    // What moved during the read may be in one answer and not in the other.
    return isHeld && !context.inFlight.has(splitPositionKey(key).instrument) ? [key] : [];
  });
  if (found.length === 0) return hiddenText(context) ?? standingDoubt(context);
  return `the read is incomplete: it leaves out ${found.join(", ")}, which a single look-up found; what else it leaves out is not known`;
}

/**
 * The list has nothing, the account's totals of the same answer hold something, and no copy says what: what it leaves out
 * is known to nobody. Null where that is not so, or where what moved during the read may be in one and not in the other.
 */
export function hiddenText(context: PassContext): string | null {
  const { totals } = context.observation;
  if (!isHiding(context) || context.inFlight.size > 0) return null;
  return `the list of positions is empty, and account totals still show a position value of ${totals?.positionValue}: something is held that is not known; look at the account at the venue`;
}

function isHiding(context: PassContext): boolean {
  const { observation } = context;
  const isRead = isComplete(observation.positions) && isEmptyBesideValue(observation);
  return isRead && leftOutKeys(context).length === 0;
}

/** A doubt that an earlier read raised stays while what a list leaves out is in flight: that is no proof, it is not looked at. */
function standingDoubt(context: PassContext): string | null {
  const doubt = context.book.gate.account.find(({ code }) => code === "suspect_read");
  if (!doubt) return null;
  const isUnjudged = leftOutKeys(context).some((key) =>
    context.inFlight.has(splitPositionKey(key).instrument),
  );
  return isUnjudged || isHiding(context) ? doubt.text : null;
}

export interface GateInputs {
  readonly context: PassContext;
  readonly memory: PassMemory;
  readonly sighted: readonly Sighted[];
  readonly wrongAccount: string | null;
  readonly stuckInFlight: readonly string[];
}

export function gateOfPass({ context, memory, sighted, wrongAccount, stuckInFlight }: GateInputs): Gate {
  const { book, observation, nowMs, policy } = context;
  return gateAfterPass(book, {
    hasCompletePass: memory.hasCompletePass,
    incomplete: SECTIONS.flatMap((section) => {
      const found = observation[section];
      if (!found || isComplete(found)) return [];
      return [{ section, quality: found.quality, problem: found.problem ?? "no reason given" }];
    }),
    suspect: doubtOfList(context, sighted),
    stuckInFlight,
    wrongAccount,
    nowMs,
    deadlineMs: nowMs + policy.intervalMs,
  });
}

/**
 * What has begun to count among these sightings of one comparison. Called before anything more is read or written: a
 * slow venue or store must not keep people waiting. It also notes what has been told.
 */
export function onsetsOf(
  sighted: readonly Sighted[],
  context: PassContext,
  memory: PassMemory,
): AlertFacts[] {
  const unwitnessed = new Set(unwitnessedOf(sighted));
  // A doubted read is one message, not one for each position that it left out.
  const alerts: AlertFacts[] = [
    ...onsetAlerts(sighted.filter((one) => !unwitnessed.has(one))),
    ...overwrittenAlerts(sighted, RETURNS_MAX),
  ];
  const suspect = (text: string): AlertFacts => ({
    kind: "suspect_read",
    subject: null,
    text,
    evidence: [context.causeId],
  });
  if (unwitnessed.size > 0 && !memory.isSuspectTold) {
    memory.isSuspectTold = true;
    const text = `the read of the account leaves out ${unwitnessed.size} positions and nothing proves that they are flat; nothing was repaired`;
    alerts.push(suspect(text));
  }
  const hidden = hiddenText(context);
  if (hidden !== null && !memory.isHiddenTold) {
    memory.isHiddenTold = true;
    alerts.push(suspect(hidden));
  }
  return alerts;
}

export interface AlertInputs {
  readonly context: PassContext;
  readonly memory: PassMemory;
  readonly verified: Verified;
  readonly gateBefore: { readonly state: GateState; readonly isOnlyBoot: boolean };
  /** Whether this pass has told something already. */
  readonly hasTold: boolean;
}

/** What only the end of a pass shows: what lasts, and what became of the gate, which is set by then. */
export function alertsOfPass({ context, memory, verified, gateBefore, hasTold }: AlertInputs): AlertFacts[] {
  const { book, causeId } = context;
  const alerts: AlertFacts[] = [...stuckAlerts(memory, causeId), ...persistentAlerts(book, context, memory)];
  if (verified === "differs") {
    const text = "after a repair the venue was read again and shows something else";
    alerts.push({ kind: "persistent_desync", subject: null, text, evidence: [causeId] });
  }
  const after = overallState(book.gate);
  const { state, isOnlyBoot } = gateBefore;
  // A position without an exit, and an exit of somebody else's, are told by themselves once they are confirmed.
  const isOfExits = gateReasons(book).every(
    ({ evidence }) => evidence.length > 0 && evidence.every((id) => isExitMatter(book, id)),
  );
  const isTold = hasTold || alerts.length > 0 || isOfExits;
  return [
    ...alerts,
    ...gateAlerts(state, after, gateReasons(book), isTold, isOnlyBoot),
    ...exposureAlerts(context, memory),
  ];
}

function isExitMatter({ discrepancies }: Book, id: string): boolean {
  const kind = discrepancies.get(id)?.kind;
  return kind === "unprotected_position" || kind === "foreign_exit_order";
}

export function gateReasons({ gate }: Book): GateReason[] {
  return [...gate.account, ...Object.values(gate.instruments).flat()];
}
