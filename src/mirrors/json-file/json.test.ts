// The strict parser: what it takes is what JSON.parse takes, and what it refuses it names with its place.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type JsonNode, Lines, NESTING_MAX, parseJson } from "./json.ts";
import { plainValue } from "./values.ts";

function rootOf(text: string): JsonNode {
  const parsed = parseJson(text);
  assert.equal(parsed.kind, "json", text);
  return parsed.root;
}

test("every value knows where it stands and how it was written", () => {
  const text = '{ "a" : [1.50, "x\\u0041", null, true],\n "b":{} }';
  const root = rootOf(text);
  assert.equal(root.type, "object");
  const [a, b] = root.properties;
  assert.equal(text.slice(a?.start, a?.nameEnd), '"a"');
  assert.equal(text.slice(b?.start, b?.value.end), '"b":{}');
  assert.equal(a?.value.type, "array");
  assert.deepEqual(
    a.value.elements.map((node) => [
      node.type,
      "content" in node && node.content,
      text.slice(node.start, node.end),
    ]),
    [
      ["number", "1.50", "1.50"],
      ["string", "xA", '"x\\u0041"'],
      ["null", "null", "null"],
      ["boolean", "true", "true"],
    ],
  );
});

test("what is not strict JSON is named, with its place", () => {
  const table: readonly [text: string, where: string, found: RegExp][] = [
    ['{"a": 1,}', "line 1, column 9", /^a comma with nothing after it$/],
    ["[1,\n 2,\n]", "line 3, column 1", /^a comma with nothing after it$/],
    ['// hello\n{"a": 1}', "line 1, column 1", /^a comment$/],
    ['{"a": /* one */ 1}', "line 1, column 7", /^a comment$/],
    ['{"a": NaN}', "line 1, column 7", /^"NaN"/],
    ['{"a": -Infinity}', "line 1, column 7", /^"-Infinity"|^"-"/],
    ["{'a': 1}", "line 1, column 2", /^"'a'"/],
    ["{a: 1}", "line 1, column 2", /^"a"/],
    ['{"a": 01}', "line 1, column 8", /^"1" where a comma was expected$/],
    ['{"a": .5}', "line 1, column 7", /^"\.5"/],
    ['{"a" 1}', "line 1, column 6", /^"1" where a colon was expected$/],
    ['{"a": 1 "b": 2}', "line 1, column 9", /^"\\"b\\"" where a comma was expected$/],
    ['{"a": 1}\n{"b": 2}', "line 2, column 1", /^"\{" after the end of the value$/],
    ['{"a": "x\ty"}', "line 1, column 7", /control character/],
    ['{"a": "\\x"}', "line 1, column 7", /escape that JSON does not have/],
    ['{"a": "x\n"}', "line 1, column 7", /does not end on its line/],
    ["<html>", "line 1, column 1", /^"<html>"/],
    ["[1 2]", "line 1, column 4", /^"2" where a comma was expected$/],
    ["[1.]", "line 1, column 2", /^a number that breaks off$/],
  ];
  for (const [text, where, found] of table) {
    const parsed = parseJson(text);
    assert.equal(parsed.kind, "bad", text);
    assert.equal(parsed.isTruncated, false, text);
    assert.match(parsed.found, found, text);
    assert.equal(new Lines(text).at(parsed.offset), where, text);
  }
});

test("a text that breaks off anywhere is told from one that is wrong", () => {
  const whole = '{"AAPL": {"qty": -12.5e1, "tags": ["a", true, null], "name": "x\\n"}, "_v": 1}';
  for (let length = 1; length < whole.length; length += 1) {
    const parsed = parseJson(whole.slice(0, length));
    assert.equal(parsed.kind, "bad", whole.slice(0, length));
    assert.equal(parsed.isTruncated, true, whole.slice(0, length));
  }
});

test("what is shown of a strange text is short, on one line and without control characters", () => {
  const parsed = parseJson(`\u001b[31m${"x".repeat(10_000)}`);
  assert.equal(parsed.kind, "bad");
  assert.ok(parsed.found.length < 80);
  assert.ok([...parsed.found].every((char) => char >= " "));
});

test("nesting is read up to a bound and refused beyond it, also when it never ends", () => {
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  assert.equal(parseJson(nested(NESTING_MAX)).kind, "json");
  for (const text of [nested(NESTING_MAX + 1), "[".repeat(1_000_000), '{"a":'.repeat(1_000_000)]) {
    const parsed = parseJson(text);
    assert.equal(parsed.kind, "bad");
    assert.match(parsed.found, /nesting of more than 200 levels/);
  }
});

/** JSON text with odd spacing, and then perhaps a letter changed, doubled or lost. */
const spaces = fc.constantFrom("", " ", "\n", "\r\n", "\t", "  ");
const damaged = fc
  .tuple(
    fc.json(),
    spaces,
    fc.nat(),
    fc.constantFrom("", ",", "0", '"', "}", "\\", "-", ".", "\u00a0", "e"),
    fc.nat({ max: 2 }),
  )
  .map(([json, space, at, letter, cut]) => {
    const text = space + json.replaceAll(",", `${space},${space}`) + space;
    const index = at % (text.length + 1);
    return text.slice(0, index) + letter + text.slice(index + cut);
  });

test("takes exactly the texts that JSON.parse takes, and reads the same values", () => {
  fc.assert(
    fc.property(damaged, (text) => {
      let expected: { value: unknown } | undefined;
      try {
        expected = { value: JSON.parse(text) };
      } catch {
        expected = undefined;
      }
      const parsed = parseJson(text);
      assert.equal(parsed.kind === "json", expected !== undefined, JSON.stringify(text));
      if (parsed.kind === "json" && !/[\d.]{15}|[eE]/.test(text)) {
        assert.equal(JSON.stringify(plainValue(parsed.root)), JSON.stringify(expected?.value));
      }
    }),
    { numRuns: 3_000 },
  );
});
