// docs/RELIABILITY.md is what docs/reliability.json makes, and what it makes of figures is right.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { INVARIANTS, type Reliability, readReliability, reliabilityPage } from "../../src/sim/index.ts";
import { LIMITS } from "../sim/full/limits.ts";
import { CAMPAIGNS, PROGRAMS } from "../sim/full/suites.ts";
import { ROOT } from "../tidy/source.ts";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

const RUN: Reliability = {
  date: "2026-11-21",
  commit: "abc1234",
  machine: "2 × a processor",
  suites: [
    { suite: "swarm", n: 10_000, failures: 0, detail: { from: 1, to: 10_000, problems: [] } },
    { suite: "kills", n: 1_000, failures: 1, detail: { problems: ["kill 7: a fill is gone"] } },
    { suite: "planted", n: 40, failures: 0, detail: {} },
  ],
  absent: [{ suite: "damage", why: "left out" }],
  faults: {
    crash: { fired: 5_000, answered: 4_990 },
    overfill: { fired: 0, answered: 0 },
    split: { fired: 9, answered: 0 },
  },
  invariants: Object.fromEntries(INVARIANTS.map((id) => [id, id === "I14" ? 0 : 1_234])),
  seeds: { from: 1, to: 10_000 },
  speed: { seedsPerMinute: 512, simulatedHoursPerSecond: 3.25 },
  limits: ["It is a simulation."],
};

test("docs/RELIABILITY.md is what docs/reliability.json makes", () => {
  const made = reliabilityPage(readReliability(read("docs/reliability.json")));
  assert.equal(read("docs/RELIABILITY.md"), made, "run npm run docs:reliability");
});

test("the file of the last run states the limits that there are", () => {
  assert.deepEqual(readReliability(read("docs/reliability.json")).limits, LIMITS);
});

test("a suite stands with its N, its seeds, its failures and the bound that follows", () => {
  const page = reliabilityPage(RUN);
  assert.match(page, /^\| swarm \| .+, seeds 1 to 10000 \| 10,000 \| 0 \| 0\.03 % \|$/m);
  assert.match(page, /^\| kills \| .+ \| 1,000 \| \*\*1\*\* \| 0\.48 % \|$/m);
  assert.match(page, /^kills \*\*did not hold\*\*:\n\n- kill 7: a fill is gone$/m);
  assert.match(
    page,
    /2026-11-21, commit abc1234, 2 × a processor\. Swarm: seeds 1 to 10,000, 512 seeds a minute/,
  );
});

test("how often the gate closed on calm days stands with its days", () => {
  const falseClosings = { count: 5, days: 126.58, perDay: 0.0395 };
  const calm = { suite: "calm", n: 60, failures: 0, detail: { falseClosings } };
  const page = reliabilityPage({ ...RUN, suites: [calm] });
  assert.match(
    page,
    /^On 127 simulated calm days the gate closed falsely 5 times, 0\.04 a day \(fewer than$/m,
  );
  assert.doesNotMatch(reliabilityPage(RUN), /calm days/);
});

test("how long copies took to agree, and unknown orders to be resolved, stands with its N", () => {
  const detail = { cycles: { p99: 2, most: 3, neverAgreed: 0 }, unknown: { inTime: 1_200, later: 34 } };
  const page = reliabilityPage({ ...RUN, suites: [{ suite: "ambiguity", n: 2_500, failures: 0, detail }] });
  assert.match(page, /^\| ambiguity \| 2,500 \| 2 \| 3 \| 0 \|$/m);
  assert.match(page, /^Of 1,234 orders of unknown outcome 1,200 were resolved .+ 34 later:$/m);
  assert.doesNotMatch(reliabilityPage(RUN), /until all copies agreed|of unknown outcome \d/);
});

test("cases that are not drawn by chance have no rate, and a suite that was not run says so", () => {
  const page = reliabilityPage(RUN);
  assert.match(page, /^\| planted \| .+ \| 40 \| 0 \| – \|$/m);
  assert.match(page, /^\| damage \| .+ \| \*\*not run\*\* \| – \| left out \|$/m);
});

test("what was never exercised is named", () => {
  const page = reliabilityPage(RUN);
  assert.match(page, /^\| I14 \| .+ \| \*\*never\*\* \|$/m);
  assert.match(page, /^2 of the 3 faults that the simulation can make struck, 5,009 times in all; 4,990$/m);
  assert.match(page, /^\*\*Never struck\*\*: `overfill`\.$/m);
  assert.match(page, /^\*\*Never seen to be answered\*\*: `split`\.$/m);
  assert.match(page, /## What this does not show\n\n- It is a simulation\.\n$/);
});

test("every suite of a full run is described", () => {
  for (const { name } of [...CAMPAIGNS, ...PROGRAMS]) {
    const page = reliabilityPage({
      ...RUN,
      suites: [{ suite: name, n: 5, failures: 0, detail: {} }],
      absent: [],
    });
    assert.doesNotMatch(page, new RegExp(`^\\| ${name} \\| - \\|`, "m"), name);
  }
});

test("a file that is not what a full run writes is refused", () => {
  assert.throws(() => readReliability(JSON.stringify({ ...RUN, limits: [] })));
  assert.throws(() => readReliability(JSON.stringify({ ...RUN, suites: [{ suite: "swarm" }] })));
});
