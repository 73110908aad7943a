// Plants each bug of the catalogue in turn and hunts it with the simulation:
//   node test/sim/planted/hunt.ts [--bug ID]... [--profile swarm] [--from 1] [--seeds 2000] [--known] [--record] [--json]
// --known runs the seed that is known to show it (and a few after it); --unknown only hunts those without such a seed;
// --record keeps what was found in seeds.json. A bug that survives is a hole in the simulation: the exit code is 1 then.
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BUGS, UNSEEN } from "./bugs.ts";
import { type Hunted, hunt } from "./hunting.ts";
import { type KnownSeed, kindOfViolation, type PlantedBug } from "./planting.ts";

const { values } = parseArgs({
  options: {
    bug: { type: "string", multiple: true },
    profile: { type: "string", default: "swarm" },
    from: { type: "string", default: "1" },
    seeds: { type: "string", default: "2000" },
    known: { type: "boolean", default: false },
    unknown: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
type Found = Partial<KnownSeed> & { readonly id: string; readonly trouble: string | null };

/** Beside its own seed, so that a small change of the simulation does not lose every bug at once. */
const BESIDE = 5;
const SEEDS = join(import.meta.dirname, "seeds.json");
const seeds: Record<string, KnownSeed> = JSON.parse(readFileSync(SEEDS, "utf8"));

const strange = (values.bug ?? []).filter((id) => !BUGS.some((bug) => bug.id === id));
if (strange.length > 0) throw new Error(`there is no planted bug ${strange.join(", ")}`);
const hunted = BUGS.filter(({ id }) => (values.bug?.includes(id) ?? true) && !(values.unknown && seeds[id]));
const results = await inTurns(hunted, one);
const survivors = results.filter(({ seed }) => seed === undefined);
if (values.json) {
  const detail = { bugs: results.map(({ trouble: _, ...bug }) => bug) };
  const found = { suite: "planted", n: results.length, failures: survivors.length, detail };
  process.stdout.write(`${JSON.stringify(found)}\n`);
} else {
  say(`${results.length} bugs planted, ${results.length - survivors.length} seen`);
  for (const { id, trouble } of survivors) say(`not seen: ${id}${trouble === null ? "" : ` (${trouble})`}`);
}
// Of those that no seed has met yet the list says why; any other one was seen before.
if (survivors.some(({ id }) => !values.known || !(id in UNSEEN))) process.exitCode = 1;

/** As many at once as this machine has processors: each is a process of its own, one thread of it at work. */
async function inTurns(
  bugs: readonly PlantedBug[],
  work: (bug: PlantedBug) => Promise<Found>,
): Promise<Found[]> {
  const found: Found[] = [];
  const left = bugs.entries();
  const worker = async () => {
    for (const [place, bug] of left) found[place] = await work(bug);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return found;
}

async function one(bug: PlantedBug): Promise<Found> {
  const { id } = bug;
  const known = values.known ? seeds[id] : undefined;
  if (values.known && !known) return { id, trouble: "no seed is known that shows it" };
  const profile = known?.profile ?? values.profile;
  const from = known?.seed ?? Number(values.from);
  const to = known ? from + BESIDE : from + Number(values.seeds) - 1;
  const { seed, violations, seedsRun, trouble } = await firstOfItsOwn(bug, profile, from, to);
  const violation = violations[0];
  if (seed === null || violation === undefined) {
    tell(`${id}: NOT SEEN in ${seedsRun} seeds${trouble === null ? "" : `; ${trouble}`}`);
    return { id, trouble };
  }
  const caughtBy = kindOfViolation(violation);
  const found = { profile, seed, caughtBy, seedsNeeded: known?.seedsNeeded ?? seedsRun };
  tell(`${id}: ${profile} seed ${seed}, after ${seedsRun}: ${violation}`);
  if (values.record) record(id, found);
  return { id, ...found, trouble };
}

/** The first seed that shows something, and shows nothing where the bug is not planted. */
async function firstOfItsOwn(bug: PlantedBug, profile: string, from: number, to: number): Promise<Hunted> {
  let next = from;
  for (;;) {
    const found = await hunt(bug, profile, `${next}-${to}`);
    const seedsRun = next - from + found.seedsRun;
    if (found.seed === null) return { ...found, seedsRun };
    const healthy = await hunt(null, profile, String(found.seed));
    if (healthy.violations.length === 0) return { ...found, seedsRun };
    tell(`${bug.id}: seed ${found.seed} shows something without the bug as well: ${healthy.violations[0]}`);
    if (found.seed === to) return { ...found, seed: null, violations: [], seedsRun };
    next = found.seed + 1;
  }
}

function record(id: string, known: KnownSeed): void {
  seeds[id] = known;
  const sorted = Object.entries(seeds).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(SEEDS, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}

function tell(text: string): void {
  if (!values.json) say(text);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
