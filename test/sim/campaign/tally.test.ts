// What many seeds say together, and when that is a verdict.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FAULT_IDS,
  type SeedResult,
  scopeOf,
  Tally,
  UNASKED_CLOSINGS,
  verdictOf,
} from "../../../src/sim/index.ts";
import { result, violation } from "./support.ts";

const SWARM = scopeOf("swarm");
const everyFault = Object.fromEntries(FAULT_IDS.map((id) => [id, 1]));

function tallyOf(results: readonly SeedResult[]): Tally {
  const tally = new Tally();
  for (const one of results) tally.add(one);
  return tally;
}

/** So many seeds, in each of which everything was exercised, but for what is given. */
function seeds(count: number, given: Partial<SeedResult> = {}): SeedResult[] {
  const exercised = { enabled: FAULT_IDS, fired: everyFault, answered: everyFault, ...given };
  return Array.from({ length: count }, (_, index) => result(index + 1, exercised));
}

test("counts of all seeds are added, fault by fault and invariant by invariant", () => {
  const tally = tallyOf([
    result(1, { enabled: ["crash"], fired: { crash: 2 }, answered: { crash: 1 }, counts: { restarts: 2 } }),
    result(2, { enabled: ["crash", "read_down"], fired: { crash: 3 }, counts: { restarts: 1 } }),
  ]);
  assert.deepEqual(Object.fromEntries(tally.faults), {
    crash: { drawn: 2, fired: 5, answered: 1 },
    read_down: { drawn: 1, fired: 0, answered: 0 },
  });
  assert.equal(tally.checked.get("I3"), 2);
  assert.equal(tally.counts.get("restarts"), 3);
  assert.deepEqual(
    [tally.seeds, tally.failed, tally.events, tally.records, tally.virtualMs],
    [2, 0, 20, 40, 120_000],
  );
});

test("seeds that failed are told by what they violated, each once; a seed that gave no result has failed too", () => {
  const tally = tallyOf([
    result(1),
    result(2, { violations: [violation("I3"), violation("I3"), violation("L1")] }),
  ]);
  tally.addLost(3, "its worker died");
  assert.deepEqual([tally.seeds, tally.failed], [3, 2]);
  assert.deepEqual(Object.fromEntries(tally.violated), { I3: 1, L1: 1, stopped: 1 });
  assert.deepEqual(
    tally.failures.map(({ seed }) => seed),
    [2, 3],
  );
  assert.equal(verdictOf(tally, SWARM).isHeld, false);
});

test("failures beyond a bound are counted and no longer kept", () => {
  const tally = tallyOf(
    Array.from({ length: 150 }, (_, seed) => result(seed, { violations: [violation("I1")] })),
  );
  assert.deepEqual([tally.failed, tally.failures.length], [150, 100]);
});

test("the hash of all runs tells their order, every trace, and a seed that was lost", () => {
  const [a, b] = [result(1), result(2)];
  const hash = tallyOf([a, b]).traceHash;
  assert.equal(tallyOf([a, b]).traceHash, hash);
  assert.notEqual(tallyOf([b, a]).traceHash, hash);
  assert.notEqual(tallyOf([{ ...a, traceHash: "other" }, b]).traceHash, hash);
  assert.notEqual(tallyOf([a, { ...b, traceHash: "other" }]).traceHash, hash);
  const lost = tallyOf([a]);
  lost.addLost(2, "?");
  assert.notEqual(lost.traceHash, hash);
});

test("a large swarm in which everything was exercised holds", () => {
  const verdict = verdictOf(tallyOf(seeds(200)), SWARM);
  assert.deepEqual([verdict.isHeld, verdict.isCoverageDemanded, verdict.notCovered], [true, true, []]);
  assert.deepEqual([verdict.faultsInScope, verdict.invariantsInScope], [FAULT_IDS.length, 27]);
});

test("what a large swarm never exercised is named, and it did not hold; a small one only names it", () => {
  const [first = "", second = "", third = ""] = FAULT_IDS;
  const given = {
    enabled: FAULT_IDS.filter((id) => id !== first),
    fired: { ...everyFault, [first]: 0, [second]: 0 },
    answered: { ...everyFault, [first]: 0, [second]: 0, [third]: 0 },
    checked: { ...result(1).checked, I14: 0 },
  };
  const large = verdictOf(tallyOf(seeds(200, given)), SWARM);
  assert.deepEqual(large.notCovered, [
    { kind: "fault", id: first, why: "never drawn" },
    { kind: "fault", id: second, why: "never struck" },
    { kind: "fault", id: third, why: "never answered" },
    { kind: "invariant", id: "I14", why: "never checked" },
  ]);
  assert.equal(large.isHeld, false);
  const small = verdictOf(tallyOf(seeds(199, given)), SWARM);
  assert.deepEqual([small.isHeld, small.isCoverageDemanded, small.notCovered.length], [true, false, 4]);
});

test("a profile has to exercise what its seeds draw, and a list of faults what it names", () => {
  const ofProfile = { profile: "absence", enabled: ["crash"], fired: {}, checked: {} } as const;
  const tally = tallyOf(Array.from({ length: 200 }, (_, seed) => result(seed, ofProfile)));
  assert.deepEqual(verdictOf(tally, scopeOf("absence")).notCovered, [
    { kind: "fault", id: "crash", why: "never struck" },
  ]);
  assert.deepEqual(
    verdictOf(tally, scopeOf("swarm", ["crash", "read_down"])).notCovered.map(({ id }) => id),
    ["crash", "read_down"],
  );
});

test("the passes until all agreed are held to their bounds: 99 of 100 seeds, every seed, and that it happens at all", () => {
  const withCycles = (slow: number, cycles: number | null) => [
    ...seeds(200 - slow),
    ...Array.from({ length: slow }, (_, index) => result(1_000 + index, { cycles })),
  ];
  const slowOf = (results: readonly SeedResult[]) => verdictOf(tallyOf(results), SWARM).slow;
  assert.equal(slowOf(withCycles(2, 5)), null);
  assert.match(slowOf(withCycles(3, 3)) ?? "", /99 of 100 seeds took up to 3 passes to agree; 2 are allowed/);
  assert.match(slowOf(withCycles(1, 6)) ?? "", /a seed took 6 passes to agree; 5 are allowed/);
  assert.match(slowOf(withCycles(1, null)) ?? "", /1 of 200 seeds never agreed/);
  assert.equal(verdictOf(tallyOf(withCycles(1, null)), SWARM).isHeld, false);
  const tally = tallyOf(withCycles(2, 5));
  assert.deepEqual([tally.cyclesP99, tally.cyclesMost], [1, 5]);
});

test("on calm days the gate closes falsely on fewer than one day in ten; a few days say nothing", () => {
  const closedOf = (days: number, closings: number, profile: "calm" | "swarm") => {
    const given = { virtualMs: days * 86_400_000, counts: { [UNASKED_CLOSINGS]: closings } };
    return verdictOf(tallyOf(seeds(1, given)), scopeOf(profile));
  };
  assert.deepEqual(closedOf(50, 4, "calm").falseClosings, { count: 4, days: 50, perDay: 0.08 });
  assert.equal(closedOf(50, 4, "calm").isHeld, true);
  const { restless, isHeld } = closedOf(50, 5, "calm");
  assert.equal(isHeld, false);
  assert.equal(restless, "the gate closed falsely 5 times in 50 calm days; fewer than 0.1 a day are allowed");
  assert.equal(closedOf(29, 20, "calm").restless, null);
  assert.equal(closedOf(50, 20, "swarm").falseClosings, null);
});

test("a campaign that ran nothing did not hold", () => {
  assert.equal(verdictOf(new Tally(), SWARM).isHeld, false);
});
