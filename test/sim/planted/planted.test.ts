// The simulation can see: each planted bug is a small wrong change of the real source, and the seed that is known to
// show it does. A few bugs a run, other ones with every rotation; `npm run sim:planted` takes all of them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BUGS, UNSEEN } from "./bugs.ts";
import { hunt } from "./hunting.ts";
import { type KnownSeed, kindOfViolation, plantedIn } from "./planting.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SEEDS: Record<string, KnownSeed> = JSON.parse(
  readFileSync(join(import.meta.dirname, "seeds.json"), "utf8"),
);
/** Bugs that one run of the tests plants. */
const A_RUN = 8;
/** Which ones: a number that grows, such as that of a day or of a run in CI. */
const rotation = Number(process.env.TRUEUP_ROTATION ?? 0);

const seen = BUGS.filter(({ id }) => SEEDS[id]);
const first = (rotation * A_RUN) % seen.length;
const inTurn = [...seen, ...seen].slice(first, first + A_RUN);

test("every planted bug fits the code in exactly one place, and changes it", () => {
  for (const bug of BUGS) {
    const source = readFileSync(join(ROOT, bug.file), "utf8");
    assert.notEqual(plantedIn(source, bug), source, bug.id);
  }
});

test("a planted bug that no longer fits the code is an error that names it", () => {
  const bug = { id: "gone", what: "", file: "src/x.ts", find: "a", replace: "b" };
  for (const source of ["", "a a"]) {
    assert.throws(() => plantedIn(source, bug), /the planted bug "gone" no longer fits the code/);
  }
});

test("no two planted bugs have the same name, and every known seed is of one", () => {
  const ids = BUGS.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(
    Object.keys(SEEDS).filter((id) => !ids.includes(id)),
    [],
  );
});

test("every planted bug is shown by a known seed, but for those that are named here with the reason", () => {
  const unseen = BUGS.filter(({ id }) => !SEEDS[id]).map(({ id }) => id);
  assert.deepEqual(unseen.sort(), Object.keys(UNSEEN).sort());
});

for (const bug of inTurn) {
  const { profile = "", seed = 0, caughtBy } = SEEDS[bug.id] ?? {};
  test(`the simulation sees it when ${lower(bug.what)} (${bug.id}, ${profile} seed ${seed})`, async () => {
    const { violations, trouble } = await hunt(bug, profile, String(seed));
    assert.equal(trouble, null);
    assert.ok(
      violations.some((one) => kindOfViolation(one) === caughtBy),
      `seed ${seed} no longer shows the planted bug "${bug.id}" as ${caughtBy}, but ${violations.join("; ") || "nothing"}: the simulation has changed. Find another seed: npm run sim:hunt -- --bug ${bug.id} --record`,
    );
  });
}

test("the same seeds show nothing where no bug is planted", async () => {
  const known = inTurn.flatMap(({ id }) => SEEDS[id] ?? []);
  for (const profile of new Set(known.map((one) => one.profile))) {
    const seeds = new Set(known.filter((one) => one.profile === profile).map(({ seed }) => seed));
    const { violations, seedsRun, trouble } = await hunt(null, profile, [...seeds].join());
    const nothing = { violations: [], seedsRun: seeds.size, trouble: null };
    assert.deepEqual({ violations, seedsRun, trouble }, nothing);
  }
});

function lower(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, "")}`;
}
