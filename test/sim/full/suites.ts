// The suites of a full run, each a program that ends with one JSON document: campaigns of the simulation, crashes of real files and
// processes, planted bugs.
import { type SpawnOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../../../src/cli/simulate/report.ts";
import {
  type Profile,
  readSuite,
  type SuiteOutcome,
  UNKNOWN_IN_TIME,
  UNKNOWN_LATER,
} from "../../../src/sim/index.ts";
import { ROOT } from "../../tidy/source.ts";

/** Of what a program says on stderr, so much is kept where it failed. In characters. */
const COMPLAINT_MAX = 600;
/** Of the failures of a campaign, so many are named. */
const NAMED_MAX = 20;

export interface Campaign {
  readonly name: Profile;
  readonly seeds: number;
}

/** A program of test/ that takes its size by a flag, or has none. */
export interface Program {
  readonly name: string;
  readonly file: string;
  readonly flag: string | null;
  readonly size: number;
}

export const CAMPAIGNS: readonly Campaign[] = [
  { name: "swarm", seeds: 10_000 },
  { name: "exits", seeds: 2_000 },
  { name: "declared", seeds: 2_000 },
  { name: "ambiguity", seeds: 2_500 },
  { name: "absence", seeds: 10_000 },
  { name: "calm", seeds: 180 },
];

export const PROGRAMS: readonly Program[] = [
  { name: "kills", file: "test/crash/kills.ts", flag: "kills", size: 1_000 },
  { name: "sqlite-copies", file: "test/crash/copies.ts", flag: "copies", size: 200 },
  { name: "wal-cuts", file: "test/crash/wal-cuts.ts", flag: null, size: 1 },
  { name: "unsynced", file: "test/crash/unsynced.ts", flag: "appends", size: 60 },
  { name: "damage", file: "test/crash/damage.ts", flag: "each", size: 8 },
  { name: "commit-errors", file: "test/crash/commit-errors.ts", flag: "each", size: 40 },
  { name: "planted", file: "test/sim/planted/hunt.ts", flag: null, size: 1 },
];

export interface CampaignRun {
  readonly from: number;
  readonly workers: number;
  /** At least so long, if it is given. */
  readonly forS?: number;
}

/** Undefined where it ended without a report. */
export async function runCampaign(
  { name, seeds }: Campaign,
  { from, workers, forS }: CampaignRun,
): Promise<{ readonly report: Report | undefined; readonly outcome: SuiteOutcome }> {
  const sizes = { seeds, from, workers, profile: name, ...(forS !== undefined && { for: forS }) };
  const flags = Object.entries(sizes).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const { stdout, complaint } = await runNode(["src/cli/main.ts", "simulate", ...flags, "--json"]);
  const report = parsed<Report>(stdout);
  if (report?.seeds === undefined) return { report: undefined, outcome: withoutResult(name, complaint) };
  const { failed, to, slow, restless, falseClosings, notCovered, isCoverageDemanded, traceHash } = report;
  const { cycles, counts } = report;
  const unknown = { inTime: counts[UNKNOWN_IN_TIME] ?? 0, later: counts[UNKNOWN_LATER] ?? 0 };
  const named = report.findings.slice(0, NAMED_MAX).map(({ violations: [first], replay }) => {
    return `${first?.invariant}: ${first?.text.split("\n")[0]} (\`${replay}\`)`;
  });
  const gaps = isCoverageDemanded ? notCovered.map(({ kind, id, why }) => `${kind} ${id} was ${why}`) : [];
  const problems = [...named, ...[slow, restless].filter((text) => text !== null), ...gaps];
  return {
    report,
    outcome: {
      suite: name,
      n: report.seeds,
      failures: failed,
      detail: { from, to, traceHash, problems, cycles, unknown, ...(falseClosings && { falseClosings }) },
    },
  };
}

/** Undefined where the program is not there. */
export async function runProgram({ name, file, flag, size }: Program): Promise<SuiteOutcome | undefined> {
  if (!existsSync(join(ROOT, file))) return undefined;
  const known = name === "planted" ? ["--known"] : [];
  const sized = flag === null ? [] : [`--${flag}`, String(size)];
  const { stdout, complaint } = await runNode([file, ...known, ...sized, "--json"]);
  try {
    return readSuite(stdout);
  } catch {
    return withoutResult(name, complaint);
  }
}

function withoutResult(suite: string, complaint: string): SuiteOutcome {
  return { suite, n: 1, failures: 1, detail: { problems: [`it ended without a result: ${complaint}`] } };
}

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** Runs a program of the checkout; what it says on stderr is shown as it comes. */
export function runNode(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly stdout: string; readonly complaint: string }> {
  const options: SpawnOptions = { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] };
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], options);
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (part: Buffer) => {
    stdout += part.toString("utf8");
  });
  child.stderr?.on("data", (part: Buffer) => {
    stderr = (stderr + part.toString("utf8")).slice(-COMPLAINT_MAX);
    process.stderr.write(part);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      resolve({ code, stdout, complaint: `${code ?? signal}; ${stderr.trim()}` });
    });
  });
}
