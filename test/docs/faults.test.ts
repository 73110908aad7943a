// The fault table held to itself, to the tests that it names and to its page, both ways.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  ANSWER_NAMES,
  FAULT_FAMILIES,
  FAULT_TABLE,
  type FaultRow,
  faultPage,
  firedOf,
  HABITS,
  INJECTOR_NAMES,
  injectorsOf,
} from "../../src/sim/faults/index.ts";
import { FaultPlan, USUAL } from "../../src/sim/swarm/faults.ts";
import { drawHabits } from "../../src/sim/swarm/habits.ts";
import { SeededRandom } from "../../src/sim/swarm/random.ts";
import { ROOT, sourceFiles } from "../tidy/source.ts";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const RELIABILITY = "docs/reliability.json";
/** How many faults are known of each family; a new one is a row more here and there. */
const KNOWN = { A: 18, B: 16, C: 16, D: 13, E: 16, F: 14, G: 17, H: 12, X: 15, R: 8 } as const;
const IDS = Object.entries(KNOWN).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, "0")}`),
);

test("every known fault has one row, in order and without a gap", () => {
  assert.equal(IDS.length, 145);
  assert.deepEqual(
    FAULT_TABLE.map(({ id }) => id),
    IDS,
  );
  for (const { letter, rows } of FAULT_FAMILIES) assert.ok(rows.every(({ id }) => id.startsWith(letter)));
});

test("every row says each of its parts in one line", () => {
  const bad = FAULT_TABLE.flatMap(({ id, fault, detection, gate, repair, alert }) =>
    [fault, detection, gate, repair, alert].filter(isNoLine).map((text) => `${id}: "${text}"`),
  );
  assert.deepEqual(bad, []);
  assert.ok(isNoLine("two\nlines") && isNoLine(" ") && isNoLine("") && !isNoLine("one"));
});

test("every injector and every answer is used by a row, and no row names another", () => {
  const named = FAULT_TABLE.flatMap((row) => injectorsOf(row));
  assert.deepEqual([...new Set(named)].sort(), [...INJECTOR_NAMES].sort());
  const answers = FAULT_TABLE.flatMap((row) => (row.status === "simulated" ? [row.answer] : []));
  assert.deepEqual([...new Set(answers)].sort(), [...ANSWER_NAMES].sort());
});

test("every habit that the table names is one that a seed may draw", () => {
  const drawn = new Set<string>();
  for (let seed = 1; seed <= 300; seed += 1) {
    const plan = new FaultPlan(new SeededRandom(seed), () => ({ atMs: 0, seq: 0 }), USUAL);
    for (const name of drawHabits(new SeededRandom(seed), plan).names) drawn.add(name);
  }
  assert.deepEqual(
    Object.keys(HABITS).filter((name) => !drawn.has(name)),
    [],
  );
});

test("every test that the table names is there, by its id or by its name", () => {
  assert.deepEqual(FAULT_TABLE.flatMap(missingTest), []);
  const row: FaultRow = { ...NOTHING, id: "A01", status: "tested", by: "test/docs/links.test.ts" };
  assert.deepEqual(missingTest({ ...row, test: "a link to what is not there is noticed" }), []);
  assert.deepEqual(missingTest(row), ['A01: test/docs/links.test.ts has no test "[A01]"']);
  assert.deepEqual(missingTest({ ...row, by: "test/nowhere.ts" }), ["A01: there is no test/nowhere.ts"]);
});

test("every test with a fault's id in its name is of a fault that the table says is shown", () => {
  const shown = new Set(FAULT_TABLE.flatMap(({ id, status }) => (status === "waiting" ? [] : [id])));
  const files = [...sourceFiles("src"), ...sourceFiles("test")].filter(({ isTest }) => isTest);
  const tagged = files.flatMap(({ path, text }) =>
    [...text.matchAll(/\btest\(\s*["'`]([^\n]*)/g)].flatMap(([, name = ""]) =>
      // R10 and above are rules of src/core/SPEC.md, not faults.
      [...name.matchAll(/\[([A-HX]\d\d|R0\d)\]/g)].map(([, id = ""]) => ({ path, id })),
    ),
  );
  assert.ok(tagged.length > 30, `only ${tagged.length} tests name a fault`);
  assert.deepEqual(
    tagged.filter(({ id }) => !shown.has(id)),
    [],
  );
});

test("docs/faults.md is what the table makes: npm run docs:faults", () => {
  const fired = existsSync(join(ROOT, RELIABILITY)) ? firedOf(read(RELIABILITY)) : null;
  assert.equal(read("docs/faults.md"), faultPage(fired));
});

test("the page has every row, how it is shown, and what the last full run counted", () => {
  const page = faultPage(null);
  assert.deepEqual(
    [...page.matchAll(/^\| ([A-Z]\d\d) \|/gm)].map(([, id]) => id),
    IDS,
  );
  const cells = (text: string, id: string) =>
    text
      .split("\n")
      .find((line) => line.startsWith(`| ${id} |`))
      ?.split(" | ") ?? [];
  assert.equal(cells(page, "A01").at(-1), "not run yet |");
  const counted = faultPage({ answer_lost: { fired: 5, answered: 4 }, no_lookup: { fired: 2, answered: 2 } });
  assert.equal(cells(counted, "A01").at(-1), "6 / 7 |");
  assert.equal(cells(counted, "A02").at(-1), "never |");
  assert.match(counted, /^\| `answer_lost` \| .* \| 5 \| 4 \|$/m);
  const of = (status: FaultRow["status"]) => FAULT_TABLE.filter((row) => row.status === status).length;
  const head = `${IDS.length} faults: ${of("simulated")} simulated, ${of("tested")} held by a test, ${of("waiting")} waiting.`;
  assert.ok(page.includes(head));
});

const NOTHING = { fault: "f", detection: "d", gate: "g", repair: "r", alert: "a" };

function isNoLine(text: string): boolean {
  return text.trim() === "" || text !== text.trim() || text.includes("\n");
}

function missingTest(row: FaultRow): string[] {
  if (row.status !== "tested") return [];
  const { id, by } = row;
  if (!existsSync(join(ROOT, by))) return [`${id}: there is no ${by}`];
  const name = row.test ?? `[${id}]`;
  const isThere = read(by)
    .split("\n")
    .some((line, index, lines) => {
      const before = lines[index - 1] ?? "";
      return line.includes(name) && (/\btest\(/.test(line) || /\btest\(\s*$/.test(before));
    });
  return isThere ? [] : [`${id}: ${by} has no test "${name}"`];
}
