// `trueup simulate` through the command line, with the real simulation on few seeds.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Output } from "../../src/cli/output.ts";
import { type Report, reportOf } from "../../src/cli/simulate/report.ts";
import { tellReport } from "../../src/cli/simulate/report-text.ts";
import { type Known, requestOf, type SimulateOptions } from "../../src/cli/simulate/request.ts";
import { FAULT_IDS, NO_FAULTS, PROFILES, type SeedResult, scopeOf, Tally } from "../../src/sim/index.ts";
import { result, violation } from "../sim/campaign/support.ts";
import { openFolder, type Row } from "./support.ts";

const KNOWN: Known = { profiles: PROFILES, faults: FAULT_IDS, noFaults: NO_FAULTS };

/** What depends on the machine and the moment. */
function timeless(document: Row): Row {
  const { elapsedMs, seedsPerMinute, simulatedHoursPerSecond, workers, ...rest } = document;
  assert.ok([elapsedMs, seedsPerMinute, simulatedHoursPerSecond].every((one) => typeof one === "number"));
  return rest;
}

describe("trueup simulate", { concurrency: 2 }, () => {
  test("a few seeds hold; one and two workers say the same, in one document of stable fields", async (t) => {
    const folder = openFolder(t);
    const one = await folder.json(["simulate", "--seeds", "6", "--from", "3", "--workers", "1"]);
    const two = await folder.json(["simulate", "--seeds", "6", "--from", "3", "--workers", "2"]);
    assert.deepEqual([one.code, two.code], [0, 0]);
    assert.match(one.stderr, /^seeds from 3 on: 6, profile swarm, 1 worker; Ctrl-C ends it with .+\n/);
    assert.deepEqual(timeless(one.document), timeless(two.document));
    const { isHeld, from, to, seeds, failed, findings } = two.document;
    assert.deepEqual([isHeld, from, to, seeds, failed, findings], [true, 3, 8, 6, 0, []]);
    assert.deepEqual(Object.keys(two.document).sort(), [
      "commit",
      "counts",
      "cycles",
      "elapsedMs",
      "events",
      "failed",
      "failureRateMax",
      "falseClosings",
      "faults",
      "faultsInScope",
      "findings",
      "from",
      "habits",
      "invariants",
      "invariantsInScope",
      "isCoverageDemanded",
      "isHeld",
      "isInterrupted",
      "notCovered",
      "only",
      "profile",
      "records",
      "restless",
      "seeds",
      "seedsPerMinute",
      "simulatedHours",
      "simulatedHoursPerSecond",
      "slow",
      "steps",
      "to",
      "traceHash",
      "version",
      "violated",
      "workers",
    ]);
  });

  test("the verdict comes first, and everything that it rests on; nothing is redrawn in a pipe", async (t) => {
    const { code, stdout, stderr } = await openFolder(t).run(["simulate", "--seeds", "3", "--from", "3"]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^held: 3 seeds, no violation\n/);
    const rows = [...stdout.matchAll(/^ {2}(\w+) {2,}\S/gm)].map((match) => match[1]);
    assert.deepEqual(rows, [
      "seeds",
      "ran",
      "simulated",
      "faults",
      "invariants",
      "convergence",
      "bound",
      "trace",
    ]);
    assert.match(stdout, /seeds {8}3 to 5, profile swarm, 2 workers, /);
    assert.equal((stdout + stderr).includes("\u001b"), false);
  });

  test("one seed is replayed to the letter: its trace, its result, the hash of the run", async (t) => {
    const folder = openFolder(t);
    const traced = await folder.run(["simulate", "--seed", "5", "--steps", "8", "--trace"]);
    assert.deepEqual([traced.code, traced.stderr], [0, ""]);
    const again = await folder.run(["simulate", "--seed", "5", "--steps", "8", "--trace"]);
    assert.equal(again.stdout, traced.stdout);
    const plain = await folder.run(["simulate", "--seed", "5", "--steps", "8"]);
    assert.ok(traced.stdout.endsWith(plain.stdout) && traced.stdout.length > plain.stdout.length);
    assert.match(plain.stdout, /^held seed 5, profile swarm\n/);
    const { document } = await folder.json(["simulate", "--seed", "5", "--steps", "8"]);
    assert.ok(plain.stdout.includes(`  trace        ${document.traceHash}\n`));
    const without = await folder.json(["simulate", "--seed", "5", "--faults", "none"]);
    assert.deepEqual([without.code, without.document.enabled], [0, []]);
  });

  test("--for runs what fits, and with --seeds at least so many", async (t) => {
    const { code, document } = await openFolder(t).json(["simulate", "--for", "1", "--seeds", "2"]);
    assert.equal(code, document.isHeld ? 0 : 3);
    assert.ok(Number(document.seeds) >= 2 && Number(document.elapsedMs) >= 1_000);
    assert.equal(document.to, document.seeds);
  });

  test("Ctrl-C ends it with 130 and the verdict on what was done", async (t) => {
    const child = openFolder(t).spawn(["simulate", "--seeds", "1000000", "--from", "7"]);
    let stdout = "";
    child.stdout?.on("data", (part: Buffer) => {
      stdout += part.toString("utf8");
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    // What it is about to do is its first line; from then on it listens.
    const first = await new Promise<string>((resolve) => {
      child.stderr?.once("data", (part: Buffer) => resolve(part.toString("utf8")));
    });
    assert.match(first, /^seeds from 7 on: 1,000,000, profile swarm, 2 workers; Ctrl-C ends/);
    child.kill("SIGINT");
    assert.equal(await ended, 130);
    assert.match(stdout, /^(?:held|nothing was run): \d+ seeds?, interrupted, no violation\n/);
  });

  test("what is asked wrongly is a usage error, told before anything runs", async (t) => {
    const { code, stdout, stderr } = await openFolder(t).run(["simulate", "--faults", "crahs"]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^trueup: there is no fault "crahs"\. Did you mean "crash"\? There are: /);
  });
});

test("options that contradict each other or cannot be are refused, each with what is allowed", () => {
  const rows: readonly (readonly [SimulateOptions, RegExp])[] = [
    [{ seed: "1", seeds: "5" }, /--seed runs one seed; leave out --seeds/],
    [{ seed: "1", from: "5" }, /leave out --from/],
    [{ seed: "1", for: "5" }, /leave out --for/],
    [{ seed: "1", workers: "2" }, /leave out --workers/],
    [{ trace: true }, /--trace is of one run; name it with --seed/],
    [{ seed: "1", trace: true, json: true }, /--trace prints lines, and --json one document/],
    [{ seed: "x" }, /--seed "x" cannot be used; give a whole number from 0 to 4294967295/],
    [{ seed: "4294967296" }, /from 0 to 4294967295/],
    [{ seeds: "0" }, /--seeds "0" cannot be used; give a whole number from 1/],
    [{ seeds: "1.5" }, /"1.5"/],
    [{ seeds: "-3" }, /"-3"/],
    [{ seeds: "2", from: "4294967295" }, /--seeds "2" cannot be used; give a whole number from 1 to 1$/],
    [{ workers: "65" }, /--workers "65" cannot be used; give a whole number from 1 to 64/],
    [{ for: "0" }, /--for "0"/],
    [{ steps: "0" }, /--steps "0"/],
    [
      { profile: "clam" },
      /no profile "clam"\. Did you mean "calm"\? There are: swarm, declared, ambiguity, absence, calm/,
    ],
    [{ faults: "crash,read_dwn" }, /no fault "read_dwn"\. Did you mean "read_down"\?/],
    [{ faults: "" }, /no fault ""/],
  ];
  for (const [options, said] of rows)
    assert.throws(() => requestOf(options, KNOWN), { message: said, exitCode: 2 });
});

test("what is asked rightly is read with its defaults", () => {
  assert.deepEqual(requestOf({}, KNOWN), {
    kind: "campaign",
    shape: { profile: "swarm" },
    from: 1,
    seeds: 1000,
    forMs: undefined,
    workers: 2,
  });
  assert.deepEqual(requestOf({ for: "240", from: "7", profile: "calm", workers: "1" }, KNOWN), {
    kind: "campaign",
    shape: { profile: "calm" },
    from: 7,
    seeds: 1,
    forMs: 240_000,
    workers: 1,
  });
  assert.deepEqual(requestOf({ seed: "0", trace: true, faults: "crash, crash", steps: "3" }, KNOWN), {
    kind: "one",
    shape: { profile: "swarm", only: ["crash"], steps: 3 },
    seed: 0,
    isTraced: true,
  });
});

/** The report of seeds of which one failed and was narrowed down. */
function failedReport(): Report {
  const tally = new Tally();
  const failed: SeedResult = result(8812, {
    enabled: ["crash", "read_down", "read_slow"],
    violations: [violation("I3", "fill pt-4 is booked twice"), violation("L1")],
  });
  tally.add(result(8811));
  tally.add(failed);
  tally.addLost(8813, "its worker ended with 9");
  const attempt = { seed: 8812, profile: "swarm", only: ["crash"], steps: 12 } as const;
  const small = { attempt, result: { ...failed, enabled: ["crash"] }, runs: 17, isDone: true };
  return reportOf(tally, {
    shape: { profile: "swarm" },
    scope: scopeOf("swarm"),
    from: 8811,
    workers: 2,
    version: "0.0.0",
    commit: "abc1234",
    elapsedMs: 2_000,
    isInterrupted: false,
    shrunk: new Map([[8812, small]]),
  });
}

test("a failure is told with the seed, what was violated, the faults that matter and the line that replays it", () => {
  let told = "";
  const io = {
    stdout: (text: string) => {
      told += text;
    },
    stderr: () => undefined,
    env: {},
    cwd: "/",
    isTty: false,
  };
  tellReport(new Output(io, {}), failedReport());
  const [first = "", ...rest] = told.split("\n");
  assert.equal(first, "FAIL seed 8812");
  assert.deepEqual(rest.slice(0, 8), [
    "  violated     I3 at 1 s: fill pt-4 is booked twice",
    "  violated     L1 at 1 s: it is not so",
    "  it takes     crash, 12 steps (narrowed down in 17 runs)",
    "  see it       trueup simulate --seed 8812 --trace --faults crash --steps 12",
    "FAIL seed 8813",
    "  violated     stopped at 0 s: its worker ended with 9",
    "  see it       trueup simulate --seed 8813 --trace",
    "DID NOT HOLD: 3 seeds, 2 seeds failed: I3 in 1, L1 in 1, stopped in 1",
  ]);
  assert.match(told, /^ {2}too few seeds to demand that all be covered; --json names what was not$/m);
  assert.match(told, /2 of 3 failed: with 95 % confidence fewer than 99 % of all seeds do$/m);
});

test("a failure's document has the same", () => {
  const { isHeld, findings, seeds, failed, violated } = failedReport();
  assert.deepEqual([isHeld, seeds, failed, violated], [false, 3, 2, { I3: 1, L1: 1, stopped: 1 }]);
  assert.deepEqual(findings[0], {
    seed: 8812,
    violations: [violation("I3", "fill pt-4 is booked twice"), violation("L1")],
    faults: ["crash"],
    steps: 12,
    shrinkingRuns: 17,
    replay: "trueup simulate --seed 8812 --trace --faults crash --steps 12",
  });
});

test("what a large campaign never exercised is told, by what it lacks", () => {
  const tally = new Tally();
  for (let seed = 1; seed <= 200; seed += 1)
    tally.add(result(seed, { enabled: ["crash"], checked: { I1: 1 } }));
  const run = { from: 1, workers: 1, version: "0", commit: null, elapsedMs: 1, isInterrupted: false };
  const shape = { profile: "swarm", only: ["crash", "stop"] } as const;
  const scope = { faults: shape.only, invariants: ["I1", "I14"], isCalm: false } as const;
  let told = "";
  const write = (text: string) => {
    told += text;
  };
  const out = new Output({ stdout: write, stderr: write, env: {}, cwd: "/", isTty: false }, {});
  tellReport(out, reportOf(tally, { ...run, shape, scope, shrunk: new Map() }));
  assert.match(told, /^DID NOT HOLD: 200 seeds, no violation\n/);
  assert.match(told, /only faults crash, stop, 1 worker, trueup 0\n/);
  assert.match(told, /faults {7}0 of 2 covered/);
  assert.match(told, /not covered: faults never struck: crash\n/);
  assert.match(told, /not covered: faults never drawn: stop\n/);
  assert.match(told, /not covered: invariants never checked: I14\n$/);
});
