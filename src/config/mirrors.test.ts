// R12 for a whole configuration: two mirrors that could own one row are refused, however the file is spelled.
import assert from "node:assert/strict";
import { posix } from "node:path";
import { test } from "node:test";
import { parseConfig } from "./parse.ts";

const LINKED = "/bot/link.json";

/** Problems of a configuration in /bot/configs, where /bot/link.json leads to /bot/p.json. */
function problemsOf(text: string): string[] {
  const fileOf = (path: string) => {
    const full = posix.resolve("/bot/configs", path);
    return full === LINKED ? "/bot/p.json" : full;
  };
  const parsed = parseConfig(text, fileOf);
  return parsed.kind === "ok" ? [] : parsed.problems.map(({ line, text: problem }) => `${line}: ${problem}`);
}

const account = (name: string, more = "") => `[accounts.${name}]\nvenue = "paper"\n${more}\n`;
const mirror = (name: string, more = "", path = "../p.json", of = "a") =>
  `[[accounts.${of}.mirrors]]\nname = "${name}"\ntype = "json-file"\npath = "${path}"\n${more}\n`;
const BASE = `state_dir = "s"\n${account("a")}`;
const OVERLAP = /could both own a row/;

function assertRefused(text: string, message: RegExp): void {
  const problems = problemsOf(text);
  assert.equal(problems.length, 1, `${text}\n${problems.join("\n")}`);
  assert.match(problems[0] ?? "", message);
}

test("[R12] two mirrors on one file are refused, and accepted where their filters cannot select one row both", () => {
  assertRefused(
    BASE + mirror("x") + mirror("y"),
    /^13: mirrors "x" \(a\) and "y" \(a\) could both own a row of \.\.\/p\.json; give each a "where"/,
  );
  const bybit = mirror("x", 'where = { exchange = "bybit" }');
  assert.deepEqual(problemsOf(BASE + bybit + mirror("y", 'where = { exchange = "okx" }')), []);
  assertRefused(BASE + bybit + mirror("y", 'where = { exchange = "bybit" }'), OVERLAP);
  // Each says something else: a row may be both.
  assertRefused(BASE + bybit + mirror("y", 'where = { kind = "spot" }'), OVERLAP);
});

test("[R12] one file that is spelled in two ways, or linked, is one file", () => {
  for (const path of [".././p.json", "../x/../p.json", "/bot/p.json", "../link.json"]) {
    assertRefused(BASE + mirror("x") + mirror("y", "", path), OVERLAP);
  }
  assertRefused(
    BASE + mirror("x") + mirror("y", "", "/bot/p.json"),
    /\/bot\/p\.json \(also spelled \.\.\/p\.json\)/,
  );
  assert.deepEqual(problemsOf(BASE + mirror("x") + mirror("y", "", "p.json")), []);
});

test("[R12] one file of two accounts is refused unless the filters keep its rows apart", () => {
  const both = BASE + account("b");
  assertRefused(both + mirror("bot") + mirror("bot", "", "../p.json", "b"), /"bot" \(a\) and "bot" \(b\)/);
  const apart =
    mirror("bot", 'where = { acct = "1" }') + mirror("bot", 'where = { acct = "2" }', "../p.json", "b");
  assert.deepEqual(problemsOf(both + apart), []);
});

test("[R12] strategies keep rows apart only where the rows say whose they are", () => {
  const of = (name: string, more = "") => mirror(name, `scope = "strategy:${name}"\n${more}`);
  const saying = 'fields = { strategy = "s" }';
  assert.deepEqual(problemsOf(BASE + of("one", saying) + of("two", saying)), []);
  assertRefused(BASE + of("one") + of("two"), OVERLAP);
  assertRefused(BASE + of("one", saying) + of("two"), OVERLAP);
  assertRefused(BASE + of("one", saying) + mirror("all"), OVERLAP);
  assert.deepEqual(problemsOf(BASE + of("one", saying) + mirror("all", 'where = { s = "two" }')), []);
});

test("[R12] rows at two places of one file are apart, unless one place is inside what the other reads as a row", () => {
  const at = (name: string, place: string, more = "") => mirror(name, `at = "${place}"\n${more}`);
  assert.deepEqual(problemsOf(BASE + at("x", "state.spot") + at("y", "state.perp")), []);
  assertRefused(BASE + at("x", "state.spot") + at("y", "state.spot"), OVERLAP);
  assertRefused(BASE + at("x", "state") + at("y", "state.perp"), OVERLAP);
  assertRefused(BASE + mirror("x") + at("y", "state.perp"), OVERLAP);
  // Keys with the prefix are no rows of the outer one.
  assert.deepEqual(problemsOf(BASE + mirror("x") + at("y", "_other.perp")), []);
  assertRefused(BASE + mirror("x", 'ignore_prefix = ""') + at("y", "_other.perp"), OVERLAP);
});

test("a strategy that the account does not have is refused, with what was probably meant", () => {
  const scoped = (strategy: string) => mirror("x", `scope = "strategy:${strategy}"`);
  const listed = `state_dir = "s"\n${account("a", 'strategies = { momentum = "mom-", pairs = "pp-" }')}`;
  assertRefused(listed + scoped("momentun"), /^9: .*strategy "momentun".*did you mean "strategy:momentum"\?/);
  assertRefused(listed + scoped("carry"), /there are: momentum, pairs$/);
  for (const known of ["momentum", "pairs", "unattributed"])
    assert.deepEqual(problemsOf(listed + scoped(known)), []);
  // Without the table nobody says which strategies there are.
  assert.deepEqual(problemsOf(BASE + scoped("carry")), []);
});

test("a mirror's name is its own, and not the book's", () => {
  assertRefused(BASE + mirror("x") + mirror("x", "", "../q.json"), /two mirrors of a are called "x"/);
  assertRefused(BASE + mirror("book"), /cannot be called "book"/);
});
