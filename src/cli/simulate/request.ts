// What may be asked of the simulation, read and checked: which seeds, on how many workers, of which profile, narrowed down how.
import { suggest } from "../../config/index.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";
import type { Profile } from "../../sim/index.ts";

export interface SimulateOptions {
  readonly seeds?: string;
  readonly from?: string;
  readonly for?: string;
  readonly workers?: string;
  readonly profile?: string;
  readonly seed?: string;
  readonly trace?: boolean;
  readonly faults?: string;
  readonly steps?: string;
  readonly json?: boolean;
}

/** How a run is drawn, the seed apart. */
export interface Shape {
  readonly profile: Profile;
  readonly only?: readonly string[];
  readonly steps?: number;
}

export type Request =
  | { readonly kind: "one"; readonly shape: Shape; readonly seed: number; readonly isTraced: boolean }
  | {
      readonly kind: "campaign";
      readonly shape: Shape;
      readonly from: number;
      /** At least so many. */
      readonly seeds: number;
      /** And until so much time has passed; undefined where only the number counts. */
      readonly forMs: number | undefined;
      readonly workers: number;
    };

/** The words that there are. */
export interface Known {
  readonly profiles: readonly Profile[];
  readonly faults: readonly string[];
  /** How "no fault at all" is written. */
  readonly noFaults: string;
}

const SEEDS_DEFAULT = 1000;
const WORKERS_DEFAULT = 2;
const WORKERS_MAX = 64;
/** What the seeded randomness tells apart. */
const SEED_MAX = 2 ** 32 - 1;
const STEPS_MAX = 100_000;
/** A week. */
const FOR_S_MAX = 604_800;
/** Options of a campaign; one seed alone has no use for them. */
const OF_CAMPAIGNS = ["seeds", "from", "for", "workers"] as const;

/** @throws CliError 2 */
export function requestOf(options: SimulateOptions, known: Known): Request {
  const shape = shapeOf(options, known);
  const { seed, trace = false, json = false } = options;
  if (seed !== undefined) {
    const other = OF_CAMPAIGNS.find((name) => options[name] !== undefined);
    if (other) throw usage(`--seed runs one seed; leave out --${other}, or leave out --seed for a campaign`);
    if (trace && json) throw usage("--trace prints lines, and --json one document; leave one of them out");
    return { kind: "one", shape, seed: number("seed", seed, 0, SEED_MAX), isTraced: trace };
  }
  if (trace) throw usage("--trace is of one run; name it with --seed");
  const from = number("from", options.from ?? "1", 0, SEED_MAX);
  const { for: seconds } = options;
  const least = options.seeds ?? (seconds === undefined ? String(SEEDS_DEFAULT) : "1");
  return {
    kind: "campaign",
    shape,
    from,
    seeds: number("seeds", least, 1, SEED_MAX - from + 1),
    forMs: seconds === undefined ? undefined : 1000 * number("for", seconds, 1, FOR_S_MAX),
    workers: number("workers", options.workers ?? String(WORKERS_DEFAULT), 1, WORKERS_MAX),
  };
}

/** The last seed that there is: a campaign of any length ends there. */
export function lastSeed(): number {
  return SEED_MAX;
}

function shapeOf({ profile, faults, steps }: SimulateOptions, known: Known): Shape {
  return {
    profile: profile === undefined ? "swarm" : wordOf("profile", profile, known.profiles),
    ...(faults !== undefined && { only: faultsOf(faults, known) }),
    ...(steps !== undefined && { steps: number("steps", steps, 1, STEPS_MAX) }),
  };
}

function faultsOf(text: string, { faults, noFaults }: Known): string[] {
  if (text === noFaults) return [];
  const names = text.split(",").map((name) => wordOf("fault", name.trim(), faults));
  return [...new Set(names)];
}

function wordOf<T extends string>(what: string, word: string, words: readonly T[]): T {
  const found = words.find((one) => one === word);
  if (found !== undefined) return found;
  const near = suggest(word, words);
  const meant = near === undefined ? "" : ` Did you mean "${near}"?`;
  throw usage(`there is no ${what} "${word}".${meant} There are: ${words.join(", ")}`);
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d{1,12}$/.test(text) && value >= least && value <= most) return value;
  throw usage(`--${name} "${text}" cannot be used; give a whole number from ${least} to ${most}`);
}

function usage(message: string): CliError {
  return new CliError(EXIT.usage, "usage", message);
}
