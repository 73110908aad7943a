// What a scenario of the demo is: who trades, which files they keep, what the market begins with, and what happens.
import type { Stage } from "./stage.ts";

/** A file that somebody keeps, and that trueup keeps as a mirror. */
export interface Copy {
  /** The mirror's name. */
  readonly name: string;
  readonly file: string;
  /** What is in it before anything happens. */
  readonly start: unknown;
  /** The strategy whose lot it is compared with; null for the whole account. */
  readonly strategy: string | null;
  /** The mirror's keys in the configuration, beside name, type, path and scope. */
  readonly toml: string;
}

export interface Party {
  readonly name: string;
  /** The lot that is theirs. */
  readonly strategy: string;
  /** Of client order ids; null for a human, who has everything that nobody else claims. */
  readonly prefix: string | null;
}

export interface Scenario {
  readonly name: string;
  /** Whether it is one of the five incidents that trueup was written after. */
  readonly isIncident: boolean;
  /** One line for `--list`. */
  readonly title: string;
  /** What it is about, in a sentence or two; where a file stands for something else, that is said here. */
  readonly about: readonly string[];
  readonly mode: "beside" | "executor";
  /** Of an executor: `[accounts.NAME.exits]`, what closes a position whose order says nothing of it. */
  readonly exits?: string;
  readonly currency: string;
  readonly cash: string;
  /** Part of the traded value. */
  readonly fee: string;
  readonly prices: Readonly<Record<string, string>>;
  readonly parties: readonly Party[];
  readonly copies: readonly Copy[];
  play(stage: Stage): Promise<void>;
}
