// Plants each bug of the catalogue in turn and hunts it with the simulation:
//   node test/sim/planted/hunt.ts [--bug ID]... [--from 1] [--seeds 2000] [--known] [--record] [--json]
// --known runs the seed that is known to show it (and a few after it); --record keeps what was found in seeds.json.
// A bug that survives is a hole in the simulation, and the exit code is 1.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BUGS } from "./bugs.ts";
import { hunt } from "./hunting.ts";
import { type KnownSeed, kindOfViolation, type PlantedBug } from "./planting.ts";

const { values } = parseArgs({
  options: {
    bug: { type: "string", multiple: true },
    from: { type: "string", default: "1" },
    seeds: { type: "string", default: "2000" },
    known: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
/** Beside its own seed, so that a small change of the simulation does not lose every bug at once. */
const BESIDE = 5;
const SEEDS = join(import.meta.dirname, "seeds.json");
const seeds: Record<string, KnownSeed> = JSON.parse(readFileSync(SEEDS, "utf8"));

const strange = (values.bug ?? []).filter((id) => !BUGS.some((bug) => bug.id === id));
if (strange.length > 0) throw new Error(`there is no planted bug ${strange.join(", ")}`);
const hunted = BUGS.filter(({ id }) => values.bug?.includes(id) ?? true);
const results: (Partial<KnownSeed> & { readonly id: string; readonly trouble: string | null })[] = [];
for (const bug of hunted) results.push(await one(bug));
const survivors = results.filter(({ seed }) => seed === undefined);
if (values.json) {
  const detail = { bugs: results.map(({ trouble: _, ...bug }) => bug) };
  const found = { suite: "planted", n: results.length, failures: survivors.length, detail };
  process.stdout.write(`${JSON.stringify(found)}\n`);
} else {
  say(`${results.length} bugs planted, ${results.length - survivors.length} seen`);
  for (const { id, trouble } of survivors) say(`not seen: ${id}${trouble === null ? "" : ` (${trouble})`}`);
}
if (survivors.length > 0) process.exitCode = 1;

async function one(bug: PlantedBug): Promise<(typeof results)[number]> {
  const { id } = bug;
  const known = seeds[id];
  if (values.known && !known) return { id, trouble: "no seed is known that shows it" };
  const from = Number(values.from);
  const range =
    known && values.known
      ? `${known.seed}-${known.seed + BESIDE}`
      : `${from}-${from + Number(values.seeds) - 1}`;
  const { seed, violations, seedsRun, trouble } = await hunt(bug, range);
  const violation = violations[0];
  if (seed === null || violation === undefined) {
    if (!values.json) say(`${id}: NOT SEEN in ${seedsRun} seeds${trouble === null ? "" : `; ${trouble}`}`);
    return { id, trouble };
  }
  const caughtBy = kindOfViolation(violation);
  const seedsNeeded = values.known ? (known?.seedsNeeded ?? seedsRun) : seedsRun;
  if (!values.json) say(`${id}: seed ${seed}, after ${seedsRun} (${caughtBy}): ${violation}`);
  if (values.record) record(id, { seed, caughtBy, seedsNeeded });
  return { id, seed, caughtBy, seedsNeeded, trouble };
}

function record(id: string, known: KnownSeed): void {
  seeds[id] = known;
  const sorted = Object.entries(seeds).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(SEEDS, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
