// Absence is not zero (R1). A position that a read leaves out becomes flat only on a witness: an explicit "none"
// from a look-up, fills that net it to zero, account totals without room for it, or absence itself where the
// venue declares that it means flat and few enough rows would close. Everything else stays, with what is missing.
import type { Capabilities } from "../capabilities.ts";
import { compare, fromInteger, isZero, multiply } from "../decimal.ts";
import type { PositionLookup, PositionRow, Section, Totals } from "../facts.ts";
import type { PositionKey } from "../keys.ts";
import type { AccountPolicy } from "../policy.ts";
import { isUsable } from "./context.ts";

/** `person`: nothing proves it, and a person said so by a plan. */
export type Witness = "row" | "lookup" | "fills" | "totals" | "absence" | "person";

export interface AbsenceCase {
  readonly positions: Section<PositionRow>;
  readonly totals: Totals | undefined;
  /** Answers of the single-instrument look-ups made so far. */
  readonly lookups: ReadonlyMap<PositionKey, PositionLookup>;
  readonly capabilities: Capabilities;
  readonly policy: AccountPolicy;
  /** Rows that this copy holds. */
  readonly held: number;
  /** Keys that this copy holds and the read leaves out. */
  readonly absent: readonly PositionKey[];
  /** How many more this copy holds and the read leaves out, which are in flight: they count as the others do. */
  readonly inFlight?: number;
  /** Keys that fills or ledger entries net to zero (for a mirror: what the journal knows). */
  readonly netted: ReadonlySet<PositionKey>;
  /** Every key that some copy holds and the read leaves out: what the totals could stand for. Seldom asked. */
  readonly possiblyHeld: () => readonly PositionKey[];
  /** Keys that a person says are flat: it counts where the venue was read and nothing else proves or refutes it. */
  readonly declared?: ReadonlySet<PositionKey>;
}

export interface AbsenceVerdict {
  readonly witnesses: ReadonlyMap<PositionKey, Witness>;
  /** Keys without a witness, and why each kind of witness is missing, in words. */
  readonly unwitnessed: readonly PositionKey[];
  readonly missing: string;
}

export function judgeAbsence(facts: AbsenceCase): AbsenceVerdict {
  const witnesses = new Map<PositionKey, Witness>();
  const isContradicted = contradicts(facts);
  for (const key of facts.absent) {
    const witness = witnessOf(key, facts, isContradicted);
    if (witness) witnesses.set(key, witness);
  }
  const rest = facts.absent.filter((key) => !witnesses.has(key));
  const absence = absenceProblem(facts, rest.length, facts.inFlight ?? 0);
  if (absence === null) for (const key of rest) witnesses.set(key, "absence");
  const unproven = absence === null ? [] : rest;
  const missing = missingText(facts, absence ?? "", isContradicted, unproven);
  const declared = unproven.filter((key) => mayBeDeclared(key, facts));
  for (const key of declared) witnesses.set(key, "person");
  return { witnesses, unwitnessed: unproven.filter((key) => !witnesses.has(key)), missing };
}

/** Keys that the pass should look up now: those without a witness, in order, up to the policy's bound. */
export function lookupsWanted(facts: AbsenceCase): PositionKey[] {
  if (facts.positions.quality === "unavailable") return [];
  return judgeAbsence(facts)
    .unwitnessed.filter((key) => !facts.lookups.has(key))
    .slice(0, Math.max(0, facts.policy.witnessLookups - facts.lookups.size));
}

/** The word takes the place of a proof, not of a read (R2): where the list is not complete it does not count. */
function mayBeDeclared(key: PositionKey, { declared, positions, lookups }: AbsenceCase): boolean {
  return declared?.has(key) === true && positions.quality === "complete" && lookups.get(key)?.kind !== "row";
}

function witnessOf(key: PositionKey, facts: AbsenceCase, isContradicted: boolean): Witness | undefined {
  // An outage is no state of the account: where the list was not answered, nothing else of this read closes a key.
  if (!isUsable(facts.positions.quality)) return undefined;
  if (facts.lookups.get(key)?.kind === "row") return undefined;
  if (facts.netted.has(key)) return "fills";
  if (totalsLeaveNoRoom(facts)) return "totals";
  if (facts.lookups.get(key)?.kind === "none" && !isContradicted) return "lookup";
  return undefined;
}

function isHeld(answer: PositionLookup): boolean {
  return answer.kind === "row" && !isZero(answer.row.qty);
}

function listsSomething({ positions }: AbsenceCase): boolean {
  return positions.rows.some((row) => !isZero(row.qty));
}

/** An empty list beside totals that still show a value: a life that the journal does not know may be open. */
export function isEmptyBesideValue({
  positions,
  totals,
}: {
  readonly positions?: Section<PositionRow>;
  readonly totals?: Totals;
}): boolean {
  const value = totals?.quality === "complete" ? totals.positionValue : undefined;
  const isListed = positions?.rows.some((row) => !isZero(row.qty)) ?? false;
  return value !== undefined && !isZero(value) && !isListed;
}

/** Totals that say "nothing" beside a list that has something are of another moment, and prove nothing. */
function totalsLeaveNoRoom(facts: AbsenceCase): boolean {
  const { totals } = facts;
  if (totals?.quality !== "complete" || totals.positionValue === undefined) return false;
  return isZero(totals.positionValue) && !listsSomething(facts);
}

/**
 * The list is empty, every look-up says "none", and still the account's totals hold something: the venue
 * contradicts itself, so none of these answers is a proof.
 */
function contradicts(facts: AbsenceCase): boolean {
  const value = facts.totals?.quality === "complete" ? facts.totals.positionValue : undefined;
  if (value === undefined || isZero(value) || listsSomething(facts)) return false;
  return facts.possiblyHeld().every((key) => facts.lookups.get(key)?.kind === "none");
}

/** Why absence alone proves nothing here; null when it does (R1 d). */
function absenceProblem(facts: AbsenceCase, wouldClose: number, inFlight: number): string | null {
  const { positions, capabilities, policy, held } = facts;
  if (positions.quality !== "complete") return `the positions read is ${positions.quality}`;
  if (!listsSomething(facts)) return "the positions read is empty";
  // The list is shown to be incomplete: what else it leaves out says nothing.
  if ([...facts.lookups.values()].some(isHeld))
    return "a single look-up found a position that the list leaves out";
  const { absentRowMeansFlat } = capabilities;
  if (absentRowMeansFlat !== "yes" && absentRowMeansFlat !== "onlyIfScopeComplete") {
    return "this venue does not declare that an absent row means flat";
  }
  const share = multiply(policy.blastRadiusRatio, fromInteger(held));
  const leftOut = wouldClose + inFlight;
  const isSmall = leftOut < policy.blastRadiusRows || compare(fromInteger(leftOut), share) <= 0;
  if (isSmall) return null;
  const more = inFlight === 0 ? "" : ` (and ${inFlight} in flight are left out too)`;
  return `absence would close ${wouldClose} of ${held} rows at once${more}, more than blast_radius_rows (${policy.blastRadiusRows}) and blast_radius_ratio (${policy.blastRadiusRatio}) allow`;
}

function missingText(
  facts: AbsenceCase,
  absence: string,
  isContradicted: boolean,
  unwitnessed: readonly PositionKey[],
): string {
  if (unwitnessed.length === 0) return "";
  const value = facts.totals?.positionValue;
  const totals =
    facts.totals === undefined
      ? "this venue has no account totals"
      : facts.totals.quality !== "complete" || value === undefined
        ? `account totals are not available${facts.totals.problem ? ` (${facts.totals.problem})` : ""}`
        : isZero(value)
          ? "account totals are zero, but the read lists positions"
          : `account totals still show a position value of ${value}`;
  const answers = unwitnessed.map((key) => facts.lookups.get(key));
  const lookups = isContradicted
    ? 'single look-ups answer "none", which those totals contradict'
    : answers.every((answer) => answer === undefined)
      ? "no single look-up answered"
      : (answers.find((answer) => answer?.kind === "unknown")?.problem ??
        "no single look-up answered for it");
  return `no witness that it is flat: ${absence}; ${totals}; ${lookups}; no fills close it`;
}
