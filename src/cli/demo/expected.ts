// What an act must make trueup find. trueup is told nothing of it; it is compared afterwards, so that a story in which
// something was overlooked says so.
import type { Cause, Discrepancy, DiscrepancyKind } from "../../core/index.ts";
import { nameOf } from "./findings.ts";

export interface Expected {
  readonly kind: DiscrepancyKind;
  /** `book`, or a mirror's name. */
  readonly of: string;
  /** Instruments, an asset, or an instrument with or without its order's client id; one that is named twice is expected twice. */
  readonly names: readonly string[];
  readonly cause?: Cause;
  /** How it must have ended; without it repaired or explained. */
  readonly end?: "vanished";
  /** Whether it may as well be over before a pass has seen it twice. */
  readonly isOptional?: boolean;
}

export interface Compared {
  /** Sentences about what was expected and is not among the found ones. */
  readonly missing: readonly string[];
  /** What was found and nobody expected. */
  readonly unforeseen: readonly Discrepancy[];
}

export function compareFound(expected: readonly Expected[], found: readonly Discrepancy[]): Compared {
  const rest = [...found];
  const missing = expected.flatMap((one) =>
    one.names.flatMap((name) => {
      const at = rest.findIndex((discrepancy) => isOf(discrepancy, name) && isIt(one, discrepancy));
      if (at >= 0) rest.splice(at, 1);
      return at >= 0 || one.isOptional
        ? []
        : [`${one.kind} ${name} in ${one.of} was not found and settled${causeText(one)}`];
    }),
  );
  return { missing, unforeseen: rest };
}

/** An order of trueup's own making is named by its instrument: its client id is not known beforehand. */
function isOf(one: Discrepancy, name: string): boolean {
  return nameOf(one) === name || (one.subject.type === "order" && one.subject.instrument === name);
}

function isIt({ kind, of, cause, end }: Expected, one: Discrepancy): boolean {
  const isEnded = end === undefined ? isMended(one) : one.resolution === end;
  return one.kind === kind && one.of === of && isEnded && (cause === undefined || one.cause === cause);
}

function isMended({ resolution }: Discrepancy): boolean {
  return resolution === "repaired" || resolution === "explained";
}

function causeText({ cause }: Expected): string {
  return cause === undefined ? "" : ` with cause ${cause}`;
}
