// `npm run bench`: every work in a process of its own, then one table. Options: --quick (smaller), --only NAME (one
// work, may be repeated), --json (for machines), --write (puts the table into docs/PERFORMANCE.md).
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Comparison, type Fact, type Findings, isMet, ratioOf } from "./comparison.ts";
import { setUp } from "./setup.ts";
import { tableOf } from "./table.ts";
import { WORKS } from "./works.ts";

const ROOT = join(import.meta.dirname, "..");
const PAGE = join(ROOT, "docs", "PERFORMANCE.md");
const BEGIN = "<!-- npm run bench -- --write -->";
const END = "<!-- end -->";
/** A journal of a million records is restored in one process. In MB. */
const HEAP_MB = 8_192;

interface Report extends Findings {
  readonly machine: string;
  readonly node: string;
  readonly commit: string;
  readonly date: string;
  readonly isQuick: boolean;
}

function given() {
  try {
    return parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        write: { type: "boolean", default: false },
        only: { type: "string", multiple: true },
      },
    });
  } catch (error) {
    process.stderr.write(
      `bench: ${(error as Error).message}; there are --quick, --only NAME, --json, --write\n`,
    );
    process.exit(2);
  }
}

function measure(name: string, isQuick: boolean): Findings {
  process.stderr.write(`bench: ${name} …\n`);
  const args = ["--expose-gc", "--disable-warning=ExperimentalWarning", `--max-old-space-size=${HEAP_MB}`];
  const worker = join(import.meta.dirname, "worker.ts");
  const run = spawnSync(process.execPath, [...args, worker, name, isQuick ? "quick" : "whole"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`the work "${name}" ended with ${run.status ?? run.signal}`);
  return JSON.parse(run.stdout) as Findings;
}

function commit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  const isChanged = git("status", "--porcelain", "--", "src", "bench") !== "";
  return `${git("rev-parse", "--short", "HEAD")}${isChanged ? " with changes" : ""}`;
}

function reportOf(names: readonly string[], isQuick: boolean): Report {
  const comparisons: Comparison[] = [];
  const facts: Fact[] = [];
  for (const name of names) {
    const findings = measure(name, isQuick);
    comparisons.push(...findings.comparisons);
    facts.push(...findings.facts);
  }
  const [cpu] = cpus();
  return {
    machine: `${cpus().length} × ${cpu?.model.trim() ?? "unknown processor"}, ${process.platform}`,
    node: process.version,
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
    isQuick,
    comparisons,
    facts,
  };
}

function textOf(report: Report): string {
  const { machine, node, commit: at, date, isQuick } = report;
  const run = isQuick ? "npm run bench -- --quick" : "npm run bench";
  return `\`${run}\` on ${machine}; Node ${node}; commit ${at}; ${date}.\n\n${tableOf(report)}`;
}

function intoPage(text: string): void {
  const page = readFileSync(PAGE, "utf8");
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has no ${BEGIN} … ${END} to write between`);
  writeFileSync(PAGE, `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${page.slice(end)}`);
}

const { values } = given();
const names = values.only ?? Object.keys(WORKS);
const unknown = names.find((name) => !(name in WORKS));
if (unknown !== undefined) {
  process.stderr.write(`bench: there is no work "${unknown}"; there are ${Object.keys(WORKS).join(", ")}\n`);
  process.exit(2);
}
setUp();
const report = reportOf(names, values.quick);
const comparisons = report.comparisons.map((one) => ({ ...one, ratio: ratioOf(one), isMet: isMet(one) }));
process.stdout.write(
  values.json ? `${JSON.stringify({ ...report, comparisons }, null, 2)}\n` : `${textOf(report)}\n`,
);
if (values.write) intoPage(textOf(report));
