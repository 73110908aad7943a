// The full run, `npm run sim:full`: every suite after the other, then docs/reliability.json and the pages that are made of it.
//   --swarm 10000 --declared 2000 --ambiguity 2500 … --kills 1000 …: the size of each suite; 0 leaves it out
//   --scale 0.01: all of them so much smaller   --from 1 --workers 2   --out FILE: write there, and no page
// Ends with 1 where a suite failed or was not run.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { commitHere } from "../../../src/cli/simulate/commit.ts";
import type { Report } from "../../../src/cli/simulate/report.ts";
import { FAULT_IDS, INVARIANTS, type Reliability, type SuiteOutcome } from "../../../src/sim/index.ts";
import { ROOT } from "../../tidy/source.ts";
import { LIMITS } from "./limits.ts";
import { CAMPAIGNS, PROGRAMS, runCampaign, runProgram } from "./suites.ts";

const { values } = parseArgs({
  options: {
    ...Object.fromEntries([...CAMPAIGNS, ...PROGRAMS].map(({ name }) => [name, { type: "string" as const }])),
    scale: { type: "string", default: "1" },
    from: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    out: { type: "string" },
  },
});
const given = values as Readonly<Record<string, string | undefined>>;
const scale = number("scale") ?? 1;
const from = number("from") ?? 1;
const workers = number("workers") ?? 2;

const suites: SuiteOutcome[] = [];
const absent: { suite: string; why: string }[] = [];
const reports: Report[] = [];

for (const { name, seeds } of CAMPAIGNS) {
  const size = sizeOf(name, seeds);
  if (leaveOut(name, size)) continue;
  const { report, outcome } = await runCampaign({ name, seeds: size }, { from, workers });
  if (report) reports.push(report);
  tell(outcome);
}
for (const program of PROGRAMS) {
  const size = sizeOf(program.name, program.size);
  if (leaveOut(program.name, size)) continue;
  const outcome = await runProgram({ ...program, size });
  if (outcome) tell(outcome);
  else absent.push({ suite: program.name, why: `${program.file} is not there` });
}

const [swarm] = reports;
if (!swarm) throw new Error("a full run has at least one campaign; give --swarm, or leave it out");
const result: Reliability = {
  date: new Date().toISOString().slice(0, 10),
  commit: commitHere() ?? "unknown",
  machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown processor"}, ${process.platform}, Node ${process.version}`,
  suites,
  absent,
  faults: faultsOf(reports),
  invariants: Object.fromEntries(
    INVARIANTS.map((id) => [id, reports.reduce((sum, { invariants }) => sum + (invariants[id] ?? 0), 0)]),
  ),
  seeds: { from, to: swarm.to ?? from },
  speed: {
    seedsPerMinute: swarm.seedsPerMinute,
    simulatedHoursPerSecond: swarm.simulatedHoursPerSecond,
  },
  limits: [...LIMITS],
};
const file = given.out ?? join(ROOT, "docs", "reliability.json");
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
say(`written: ${file}`);
if (given.out === undefined) {
  for (const page of ["reliability-page.mjs", "faults-page.mjs"]) {
    execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", join(ROOT, "scripts", page)]);
  }
  say("written: docs/RELIABILITY.md, docs/faults.md");
}
const bad = suites.filter((suite) => !isHeld(suite)).map(({ suite }) => suite);
if (bad.length > 0) say(`did not hold: ${bad.join(", ")}`);
if (absent.length > 0) say(`not run: ${absent.map(({ suite }) => suite).join(", ")}`);
if (bad.length > 0 || absent.length > 0) process.exitCode = 1;

function number(name: string): number | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new Error(`--${name} "${text}" is no number`);
}

/** Where a size is given it counts as it is. */
function sizeOf(name: string, usual: number): number {
  return number(name) ?? Math.max(1, Math.round(usual * scale));
}

function leaveOut(suite: string, size: number): boolean {
  if (size > 0) {
    say(`${suite}: ${size} …`);
    return false;
  }
  absent.push({ suite, why: "left out" });
  return true;
}

function isHeld({ failures, detail }: SuiteOutcome): boolean {
  return failures === 0 && !(Array.isArray(detail.problems) && detail.problems.length > 0);
}

function tell(outcome: SuiteOutcome): void {
  suites.push(outcome);
  const { suite, n, failures } = outcome;
  say(`${suite}: ${n} cases, ${failures} failures${isHeld(outcome) ? "" : ", DID NOT HOLD"}`);
}

/** Those of the table that no campaign drew stand with zero. */
function faultsOf(all: readonly Report[]): Reliability["faults"] {
  const names = [...new Set([...FAULT_IDS, ...all.flatMap(({ faults }) => Object.keys(faults))])].sort();
  const sumOf = (name: string, what: "fired" | "answered") =>
    all.reduce((sum, { faults }) => sum + (faults[name]?.[what] ?? 0), 0);
  return Object.fromEntries(
    names.map((name) => [name, { fired: sumOf(name, "fired"), answered: sumOf(name, "answered") }]),
  );
}

function say(text: string): void {
  process.stderr.write(`sim:full: ${text}\n`);
}
