// A seed is a run, whoever runs it: in processes of other time zones, locales and folders, on one worker or two, the traces of
// the same seeds have the same hash.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

const ROOT = join(import.meta.dirname, "..", "..");
const PROGRAM = join(ROOT, "src", "cli", "main.ts");
const SEEDS = ["--seeds", "6", "--from", "41"];

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly workers?: number;
}

/** Far from each other: a day ahead, half an hour off, dotless i, a comma for a point, nothing but ASCII. */
const ELSEWHERE: readonly (readonly [string, Surroundings])[] = [
  [
    "in Kiritimati and Turkish, on one worker",
    { env: { TZ: "Pacific/Kiritimati", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" }, workers: 1 },
  ],
  [
    "in St John's and German, on three workers",
    { env: { TZ: "America/St_Johns", LC_ALL: "de_DE.UTF-8", LANG: "de_DE" }, workers: 3 },
  ],
  ["in the locale C, in another folder", { env: { TZ: "UTC", LC_ALL: "C", LANG: "C" }, cwd: tmpdir() }],
];

/** What one process says of the seeds: all that does not depend on the machine. */
async function run({ env = {}, cwd = ROOT, workers = 2 }: Surroundings): Promise<Record<string, unknown>> {
  const args = ["--disable-warning=ExperimentalWarning", PROGRAM, "simulate", ...SEEDS];
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [...args, "--workers", String(workers), "--json"], {
    cwd,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout.on("data", (part: Buffer) => {
    stdout += part.toString("utf8");
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  // Whether they hold is not the question here.
  assert.ok(code === 0 || code === 3, stdout);
  const { traceHash, events, records, faults, invariants, counts, cycles } = JSON.parse(stdout);
  return { traceHash, events, records, faults, invariants, counts, cycles };
}

const here = await run({ env: { TZ: "Europe/Berlin", LANG: "en_US.UTF-8" } });

describe("the same seeds are the same runs", { concurrency: 2 }, () => {
  for (const [where, surroundings] of ELSEWHERE) {
    test(where, async () => {
      assert.match(String(here.traceHash), /^[0-9a-f]{64}$/);
      assert.deepEqual(await run(surroundings), here);
    });
  }
});
