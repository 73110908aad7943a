// Putting rows back into the bot's file: letter by letter as they were, over exactly what was left there, and
// nothing else in the file moves.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import { changeTo, jsonMirror } from "../../../test/support/mirror-change.ts";
import type { MirrorChange } from "../../core/index.ts";
import type { Mirror, Restoration } from "../mirror.ts";
import type { JsonFileOptions } from "./layout.ts";

type Options = Partial<JsonFileOptions>;

async function written(text: string, changes: readonly MirrorChange[], options: Options = {}) {
  const files = new MemoryFiles();
  files.install("bot.json", text);
  const mirror = jsonMirror(files, options);
  const read = await mirror.read();
  const before = changes.map((change) => read.imageOf?.(change) ?? null);
  const result = await mirror.write(changes, read.version);
  assert.equal(result.kind, "written", JSON.stringify(result));
  const again = await mirror.read();
  const restorations = changes.map(
    (change, index): Restoration => ({
      place: change,
      before: before[index] ?? null,
      after: again.imageOf?.(change) ?? null,
    }),
  );
  return { files, mirror, restorations, now: () => files.read("bot.json")?.text };
}

async function restore(mirror: Mirror, restoration: Restoration) {
  const { version } = await mirror.read();
  return mirror.restore?.(restoration, version);
}

const FILES: Readonly<Record<string, string>> = {
  "on one line": '{"_owner": "bot", "A": {"qty": 3, "n": [1,  2]}, "B": {"qty": 1.50, "note": "mine"}}\n',
  "on lines of its own":
    '{\n  "A": {\n    "qty": 3\n  },\n  "B": {\n    "qty": 1, "why": {"x": 1e3}\n  }\n}\n',
  "with Windows line ends and tabs": '{\r\n\t"A": {"qty": 3},\r\n\t"B": {"qty": 1}\r\n}\r\n',
  "with a byte order mark": '\uFEFF{"A":{"qty":3},"B":{"qty":1}}',
  "with odd gaps": '{ "A" : {"qty":3}\n ,   "B":{"qty":1}  }',
};

describe("[R13] a file after an undo", () => {
  for (const [name, text] of Object.entries(FILES)) {
    const changes: Readonly<Record<string, readonly MirrorChange[]>> = {
      "the first row removed": [changeTo("removed", "A")],
      "the last row removed": [changeTo("removed", "B")],
      "both rows removed": [changeTo("removed", "A"), changeTo("removed", "B")],
      "a row corrected": [changeTo("corrected", "A", { qty: "-7" })],
      "a row added": [changeTo("added", "C", { qty: "2" })],
    };
    for (const [what, list] of Object.entries(changes)) {
      test(`${name}, ${what}: it is again what it was, byte for byte`, async () => {
        const { mirror, restorations, now } = await written(text, list);
        assert.notEqual(now(), text);
        for (const one of restorations) assert.equal((await restore(mirror, one))?.kind, "written");
        if (what === "both rows removed") assert.deepEqual(parsed(now()), parsed(text));
        else assert.equal(now(), text);
      });
    }
  }

  test("a row that was marked as closed is as it was before", async () => {
    const text = '{"A": {"qty": 3, "open": true, "note": "mine"}, "B": {"qty": 1, "open": true}}';
    const options: Options = { onClose: { set: { open: false } } };
    const { mirror, restorations, now } = await written(text, [changeTo("removed", "A")], options);
    assert.match(String(now()), /"open": false/);
    assert.equal((await restore(mirror, restorations[0] as Restoration))?.kind, "written");
    assert.equal(now(), text);
  });

  test("a closed row whose key an added one took comes back", async () => {
    const text = '{"A": {"qty": 3, "open": false, "note": "old"}, "B": {"qty": 1, "open": true}}';
    const options: Options = { onClose: { set: { open: false } }, template: { open: true } };
    const { mirror, restorations, now } = await written(
      text,
      [changeTo("added", "A", { qty: "5" })],
      options,
    );
    assert.equal((await restore(mirror, restorations[0] as Restoration))?.kind, "written");
    assert.equal(now(), text);
  });

  test("rows of an array come back to their places", async () => {
    const text =
      '[\n  {"symbol": "A", "qty": 1},\n  {"symbol": "B", "qty": 2},\n  {"symbol": "C", "qty": 3}\n]';
    const options: Options = { shape: { kind: "array" }, fields: { instrument: "symbol", quantity: "qty" } };
    const list = [changeTo("removed", "B", { rowId: "[1]" })];
    const { mirror, restorations, now } = await written(text, list, options);
    assert.equal((await restore(mirror, restorations[0] as Restoration))?.kind, "written");
    assert.equal(now(), text);
  });

  const meanwhile = [
    {
      what: "the bot wrote the row anew",
      nowThere: '{"A": {"qty": 9}, "B": {"qty": 1}}',
      list: [changeTo("removed", "A")],
    },
    {
      what: "the bot changed a field of it",
      nowThere: '{"A": {"qty": 7, "n": 1}, "B": {"qty": 1}}',
      list: [changeTo("corrected", "A", { qty: "7" })],
    },
    {
      what: "the bot took it out",
      nowThere: '{"B": {"qty": 1}}',
      list: [changeTo("corrected", "A", { qty: "7" })],
    },
  ];
  for (const { what, nowThere, list } of meanwhile) {
    test(`${what} since: nothing is changed, and the answer says so`, async () => {
      const { files, mirror, restorations, now } = await written('{"A": {"qty": 3}, "B": {"qty": 1}}', list);
      files.install("bot.json", nowThere);
      const result = await restore(mirror, restorations[0] as Restoration);
      assert.equal(result?.kind, "failed");
      assert.match(JSON.stringify(result), /net:A is not as trueup left it; somebody has changed it since/);
      assert.equal(now(), nowThere);
    });
  }

  test("another row that the bot changed since stays as the bot has it", async () => {
    const { files, mirror, restorations, now } = await written('{"A": {"qty": 3}, "B": {"qty": 1}}', [
      changeTo("removed", "A"),
    ]);
    files.install("bot.json", '{"B": {"qty": 8, "new": 1}, "D": {"qty": 4}}');
    assert.equal((await restore(mirror, restorations[0] as Restoration))?.kind, "written");
    assert.equal(now(), '{"A": {"qty": 3}, "B": {"qty": 8, "new": 1}, "D": {"qty": 4}}');
  });
});

const gap = fc.constantFrom("", " ", "\n  ", "\r\n\t");
const row = fc.record({
  fields: fc.dictionary(
    fc.stringMatching(/^[a-z]{1,4}$/).filter((name) => name !== "qty"),
    fc.jsonValue({ maxDepth: 2 }),
    { maxKeys: 3 },
  ),
  qty: fc.integer({ min: 1, max: 99 }),
  fate: fc.constantFrom("kept" as const, "removed" as const, "corrected" as const),
});

test("[R13] any file, any write, undone in any order: every value is again what it was; undone backwards or alone, every byte", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 6 }),
      gap,
      fc.boolean(),
      fc.infiniteStream(fc.nat()),
      async (rows, space, isBackwards, order) => {
        const members = rows.map(
          ({ fields, qty }, index) =>
            `"S${index}":${space}${JSON.stringify({ ...fields, qty }, null, space.length)}`,
        );
        const text = `{${space}${members.join(`,${space}`)}${space}}`;
        const list = rows.flatMap(({ fate, qty }, index) =>
          fate === "kept"
            ? []
            : [changeTo(fate, `S${index}`, { qty: fate === "corrected" ? String(qty + 1) : "0" })],
        );
        if (list.length === 0) return;
        const { mirror, restorations, now } = await written(text, list);
        const all = [...restorations];
        if (!isBackwards) all.sort(() => (Number(order.next().value) % 2 === 0 ? 1 : -1));
        else all.reverse();
        for (const one of all) assert.equal((await restore(mirror, one))?.kind, "written");
        assert.deepEqual(parsed(now()), parsed(text));
        const wasEmptied = rows.every(({ fate }) => fate === "removed");
        if (list.length === 1 || (isBackwards && !wasEmptied)) assert.equal(now(), text);
      },
    ),
    { numRuns: 300 },
  );
});

function parsed(text: string | undefined): unknown {
  return JSON.parse(String(text).replace("\uFEFF", ""));
}
