// One row of the fault table: what goes wrong, what trueup really does about it, and how that is shown. Facts for
// people and for the simulation; nothing here decides anything.
import type { AnswerName } from "./answers.ts";
import type { InjectorName } from "./injectors.ts";

export interface FaultFacts {
  /** Letter of its family and number within it: `A01`. */
  readonly id: string;
  /** What goes wrong. */
  readonly fault: string;
  /** How trueup notices; "none" where it does not. */
  readonly detection: string;
  /** What the bot may still do meanwhile; "open" where nothing is held. */
  readonly gate: string;
  /** How the record becomes right again. */
  readonly repair: string;
  /** The kind of alert, and when; "none" where nobody is told. */
  readonly alert: string;
}

/** The simulation makes it, and checks the answer each time that it struck. */
export interface Simulated {
  readonly status: "simulated";
  readonly injector: InjectorName;
  /** Other ways in which the same fault comes about. */
  readonly also?: readonly InjectorName[];
  readonly answer: AnswerName;
}

/** A test holds it: one with the id in brackets in its name, or the one that is named here. */
export interface Tested {
  readonly status: "tested";
  /** Path of the test file. */
  readonly by: string;
  readonly test?: string;
}

/** Neither simulated nor tested, for a reason that the page tells. */
export interface Waiting {
  readonly status: "waiting";
  /** What is missing. */
  readonly reason: string;
}

export type FaultRow = FaultFacts & (Simulated | Tested | Waiting);

/** All injectors of a row; none unless it is simulated. */
export function injectorsOf(row: FaultRow): readonly InjectorName[] {
  return row.status === "simulated" ? [row.injector, ...(row.also ?? [])] : [];
}
