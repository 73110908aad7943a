// Whether a campaign held: no violation, everything in its scope exercised, and all sides agreeing soon after all was well.
import { FAULT_IDS } from "../swarm/faults.ts";
import { INVARIANTS, type InvariantId, type Profile, UNASKED_CLOSINGS } from "../swarm/result.ts";
import type { Tally } from "./tally.ts";

/** From so many seeds on, what was never exercised is a failure; fewer draw too little to say so. */
export const SEEDS_DEMANDING = 200;
/** After faults stop, 99 of 100 accounts agree within so many passes, and every one within the second number (L1). */
export const CYCLES_P99_MAX = 2;
export const CYCLES_MAX = 5;
/** On calm days nothing is really wrong: the gate closes falsely on fewer of them than this. */
export const FALSE_CLOSINGS_PER_DAY_MAX = 0.1;
/** From so many simulated days on that is demanded; one false closing in fewer says nothing. */
export const DAYS_DEMANDING = 30;

/** What is about exits, and of that what is about those that lie at the venue: only the profile `exits` has them. */
const OF_EXITS: readonly InvariantId[] = ["I17", "I18", "I19", "I20", "I21", "L6"];
const OF_PLACED: readonly InvariantId[] = ["I22", "I23", "L7"];

const DAY_MS = 24 * 3_600_000;

/** What a campaign is about, and so has to exercise. */
export interface Scope {
  readonly faults: readonly string[];
  readonly invariants: readonly InvariantId[];
  /** Whether nothing but what every day brings happens: whatever then closes the gate unasked closes it falsely. */
  readonly isCalm: boolean;
}

/** The swarm is about everything; a profile, or a list of faults, about what it names and what its seeds draw. */
export function scopeOf(profile: Profile, only?: readonly string[]): Scope {
  const isCalm = profile === "calm";
  if (only !== undefined) return { faults: only, invariants: [], isCalm };
  const isAll = profile === "swarm";
  const invariants = isAll
    ? INVARIANTS.filter((id) => !OF_PLACED.includes(id))
    : profile === "exits"
      ? [...OF_EXITS, ...OF_PLACED]
      : [];
  return { faults: isAll ? FAULT_IDS : [], invariants, isCalm };
}

export interface Gap {
  readonly kind: "fault" | "invariant";
  readonly id: string;
  readonly why: "never drawn" | "never struck" | "never answered" | "never checked";
}

export interface Verdict {
  readonly isHeld: boolean;
  /** What was in scope, and of that never exercised. */
  readonly faultsInScope: number;
  readonly invariantsInScope: number;
  readonly notCovered: readonly Gap[];
  /** Whether the campaign is large enough for that to count. */
  readonly isCoverageDemanded: boolean;
  /** What is wrong with how soon all agreed; null where nothing is. */
  readonly slow: string | null;
  /** How often the gate closed falsely; null where a campaign is not about calm days. */
  readonly falseClosings: FalseClosings | null;
  /** What is wrong with that; null where nothing is. */
  readonly restless: string | null;
}

export interface FalseClosings {
  readonly count: number;
  readonly days: number;
  readonly perDay: number;
}

export function verdictOf(tally: Tally, scope: Scope): Verdict {
  const faults = new Set([...scope.faults, ...tally.faults.keys()]);
  const notCovered = [
    ...[...faults].flatMap((id) => faultGap(tally, id)),
    ...scope.invariants.filter((id) => !tally.checked.get(id)).map((id) => invariantGap(id)),
  ];
  const isCoverageDemanded = tally.seeds >= SEEDS_DEMANDING;
  const slow = slowText(tally);
  const falseClosings = scope.isCalm ? closingsOf(tally) : null;
  const restless = falseClosings && restlessText(falseClosings);
  return {
    isHeld:
      tally.seeds > 0 &&
      tally.failed === 0 &&
      slow === null &&
      restless === null &&
      !(isCoverageDemanded && notCovered.length > 0),
    faultsInScope: faults.size,
    invariantsInScope: scope.invariants.length,
    notCovered,
    isCoverageDemanded,
    slow,
    falseClosings,
    restless,
  };
}

function closingsOf({ counts, virtualMs }: Tally): FalseClosings {
  const count = counts.get(UNASKED_CLOSINGS) ?? 0;
  const days = virtualMs / DAY_MS;
  return { count, days, perDay: days === 0 ? 0 : count / days };
}

function restlessText({ count, days, perDay }: FalseClosings): string | null {
  if (days < DAYS_DEMANDING || perDay < FALSE_CLOSINGS_PER_DAY_MAX) return null;
  return `the gate closed falsely ${count} times in ${Math.round(days)} calm days; fewer than ${FALSE_CLOSINGS_PER_DAY_MAX} a day are allowed`;
}

function faultGap(tally: Tally, id: string): readonly Gap[] {
  const { drawn, fired, answered } = tally.fault(id);
  if (fired > 0 && answered > 0) return [];
  const why = fired > 0 ? "never answered" : drawn > 0 ? "never struck" : "never drawn";
  return [{ kind: "fault", id, why }];
}

function invariantGap(id: InvariantId): Gap {
  return { kind: "invariant", id, why: "never checked" };
}

function slowText(tally: Tally): string | null {
  const { neverAgreed, cyclesMost, cyclesP99, seeds } = tally;
  if (neverAgreed > 0) return `${neverAgreed} of ${seeds} seeds never agreed after everything had healed`;
  if (cyclesMost > CYCLES_MAX) return `a seed took ${cyclesMost} passes to agree; ${CYCLES_MAX} are allowed`;
  if (seeds >= SEEDS_DEMANDING && cyclesP99 > CYCLES_P99_MAX)
    return `99 of 100 seeds took up to ${cyclesP99} passes to agree; ${CYCLES_P99_MAX} are allowed`;
  return null;
}
