// What CI simulates, `npm run sim:ci`: a window of seeds that was most likely never run before, for so long and so many at least.
// It is fresh with each commit and the same for each run of one, so that what CI says of a commit can be seen again.
//   --for 240 --seeds 2000 --workers 2   --from SEED: this window instead   --fresh: one by the clock
// Whatever endangers money fails it at the first seed. Of the others, which ask that history, alerts and convergence are as
// good as they can be, few seeds in a thousand are still found: they are told with the line that shows them again, and fail it
// when they are more than the bound below, which only ever goes down.
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { InvariantId } from "../../../src/sim/index.ts";
import { ROOT } from "../../tidy/source.ts";

/** About four minutes' seeds: most windows lie apart. */
const SEEDS_A_WINDOW = 4_000;
/** Seeds end at 2^32; what is left behind this is longer than any window. */
const WINDOWS = 1_000_000;
/** No seed may break one of these. */
const NEVER: readonly InvariantId[] = ["I1", "I2", "I4", "I7", "I9", "I11", "I12", "I14", "I15", "I16"];
/** The part of the seeds that may break another one. Measured: about 0.001 (4,173 seeds, 2026-11-21). */
const OTHERS_RATIO_MAX = 0.004;

const { values } = parseArgs({
  options: {
    for: { type: "string", default: "240" },
    seeds: { type: "string", default: "2000" },
    workers: { type: "string", default: "2" },
    from: { type: "string" },
    fresh: { type: "boolean", default: false },
  },
});
const {
  fresh,
  from = String(fresh ? windowOf(Math.floor(Date.now() / 60_000)) : windowOfCommit()),
  ...sizes
} = values;
const flags = Object.entries({ ...sizes, from }).flatMap(([name, value]) => [`--${name}`, String(value)]);
const program = [join(ROOT, "src", "cli", "main.ts"), "simulate", ...flags, "--json"];
process.stderr.write(`sim:ci: trueup simulate ${flags.join(" ")}\n`);
const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...program], {
  cwd: ROOT,
  stdio: ["ignore", "pipe", "inherit"],
});
let output = "";
child.stdout.on("data", (chunk: Buffer) => {
  output += chunk.toString();
});
child.once("close", (code, signal) => {
  process.exitCode = signal === null && (code === 0 || code === 3) ? judge() : (code ?? 130);
});

interface Report {
  readonly from: number;
  readonly to: number;
  readonly seeds: number;
  readonly failed: number;
  readonly seedsPerMinute: number;
  readonly simulatedHoursPerSecond: number;
  readonly violated: Readonly<Record<string, number>>;
  readonly findings: readonly { readonly replay: string }[];
  readonly notCovered: readonly { readonly kind: string; readonly id: string; readonly why: string }[];
}

function judge(): number {
  const report = JSON.parse(output) as Report;
  const { from, to, seeds, failed, violated, findings, notCovered } = report;
  const grave = NEVER.filter((id) => (violated[id] ?? 0) > 0);
  const isTooOften = failed > Math.max(1, seeds * OTHERS_RATIO_MAX);
  const say = (text: string) => process.stdout.write(`${text}\n`);
  say(
    `sim:ci: ${seeds} seeds, ${from} to ${to}; ${report.seedsPerMinute} a minute, ${report.simulatedHoursPerSecond} h a second`,
  );
  say(`  broke ${NEVER.join(", ")}: ${grave.length === 0 ? "none" : grave.join(", ")}`);
  const others = Object.entries(violated).map(([id, count]) => `${id} in ${count}`);
  say(
    `  broke others: ${failed} seeds (${others.join(", ") || "none"}); ${OTHERS_RATIO_MAX * 100} % are allowed`,
  );
  for (const { replay } of findings) say(`  see it: ${replay}`);
  for (const { kind, id, why } of notCovered) say(`  not covered: ${kind} ${id}: ${why}`);
  return grave.length > 0 || isTooOften || notCovered.some(({ kind }) => kind !== "fault") ? 3 : 0;
}

/** Of the commit that is checked out; where there is none, by the clock. */
function windowOfCommit(): number {
  const { status, stdout } = spawnSync("git", ["rev-parse", "HEAD"], { cwd: ROOT, encoding: "utf8" });
  return windowOf(status === 0 ? Number.parseInt(stdout.slice(0, 8), 16) : Math.floor(Date.now() / 60_000));
}

function windowOf(number: number): number {
  return (number % WINDOWS) * SEEDS_A_WINDOW;
}
