// What a suite of this folder found, as other programs read it, and a suite run by hand: `--json` prints one document,
// every other flag is a number that the suite takes.
import { parseArgs } from "node:util";

export type SuiteName = "sqlite-copies" | "wal-cuts" | "unsynced" | "damage" | "kills" | "commit-errors";

export interface SuiteResult {
  readonly suite: SuiteName;
  /** How many cases there were. */
  readonly n: number;
  /** How many of them ended as none may. */
  readonly failures: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Failures that are named; the others are only counted. */
const NAMED_MAX = 20;

/** Counts cases, and names the first of those that failed. */
export class Tally {
  n = 0;
  failures = 0;
  private readonly named: string[] = [];

  /** @param problems Why the case failed; none when it did not. */
  case(name: string, problems: readonly string[]): void {
    this.n += 1;
    if (problems.length === 0) return;
    this.failures += 1;
    if (this.named.length < NAMED_MAX) this.named.push(`${name}: ${problems.join("; ")}`);
  }

  result(suite: SuiteName, detail: Readonly<Record<string, unknown>>): SuiteResult {
    return { suite, n: this.n, failures: this.failures, detail: { ...detail, problems: this.named } };
  }
}

/** Runs a suite from the command line, with `--name value` for each number of `defaults`. */
export async function runByHand<Numbers extends Record<string, number>>(
  defaults: Numbers,
  run: (numbers: Numbers) => Promise<SuiteResult>,
): Promise<void> {
  const flags = Object.keys(defaults).map((name) => [name, { type: "string" as const }] as const);
  const { values } = parseArgs({ options: { ...Object.fromEntries(flags), json: { type: "boolean" } } });
  const given = values as Readonly<Record<string, string | boolean | undefined>>;
  const numbers = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      name,
      given[name] === undefined ? value : Number(given[name]),
    ]),
  );
  const result = await run(numbers as Numbers);
  process.stdout.write(given.json === true ? `${JSON.stringify(result)}\n` : `${asText(result)}\n`);
  if (result.failures > 0) process.exitCode = 1;
}

function asText({ suite, n, failures, detail }: SuiteResult): string {
  const lines = Object.entries(detail).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`);
  return [`${suite}: ${n} cases, ${failures} failures`, ...lines].join("\n");
}
