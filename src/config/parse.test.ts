// Configuration: what init writes is accepted, and a mistake is refused with its line and what was meant.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "./parse.ts";
import { suggest } from "./suggest.ts";
import { CONFIG_LIVE, CONFIG_PAPER } from "./templates.ts";

function problemsOf(text: string): string[] {
  const parsed = parseConfig(text);
  return parsed.kind === "ok" ? [] : parsed.problems.map(({ line, text: problem }) => `${line}: ${problem}`);
}

const BASE = 'state_dir = "s"\n[accounts.a]\nvenue = "paper"\n';

test("the files that init writes are accepted, live with an interval of 15 s", () => {
  for (const observe of [true, false]) {
    assert.deepEqual(problemsOf(CONFIG_PAPER(observe)), []);
    const live = parseConfig(CONFIG_LIVE(observe));
    assert.equal(live.kind === "ok" && live.config.policy?.interval_ms, 15_000);
    assert.equal(live.kind === "ok" && live.config.accounts.live?.observe, observe);
  }
});

test("a typo is refused with the line and a suggestion", () => {
  const text = `${BASE}[policy]\ngrace_ms = 1\nconfirmation = 2\n`;
  assert.deepEqual(problemsOf(text), [
    '6: unknown key "confirmation" in policy; did you mean "confirmations"?',
  ]);
  const account = `${BASE}obsreve = true\n`;
  assert.deepEqual(problemsOf(account), ['4: unknown key "obsreve" in accounts.a; did you mean "observe"?']);
  const mirror = `${BASE}[[accounts.a.mirrors]]\nname = "m"\ntype = "json-file"\npaht = "x"\npath = "y"\n`;
  assert.deepEqual(problemsOf(mirror), [
    '7: unknown key "paht" in accounts.a.mirrors.0; did you mean "path"?',
  ]);
  const kind = `${BASE}[policy.kinds]\nphantom_positions = "watch"\n`;
  assert.deepEqual(problemsOf(kind), [
    '5: unknown key "phantom_positions" in policy.kinds; did you mean "phantom_position"?',
  ]);
});

test("a wrong value is refused with the line, what was allowed and what was found", () => {
  const [interval] = problemsOf(`${BASE}[policy]\ninterval_ms = 5\n`);
  assert.match(interval ?? "", /^5: policy\.interval_ms: .*100.*found 5/);
  const [ratio] = problemsOf(`${BASE}[policy]\nblast_radius_ratio = "1.5"\n`);
  assert.match(ratio ?? "", /^5: policy\.blast_radius_ratio: must be from 0 to 1/);
  const [word] = problemsOf(`${BASE}[policy.kinds]\nphantom_position = "ignore"\n`);
  assert.match(word ?? "", /^5: policy\.kinds\.phantom_position: .*repair.*found "ignore"/);
  const [missing] = problemsOf('state_dir = "s"\n[accounts.a]\nvenue = "alpaca"\n');
  assert.match(missing ?? "", /environment: .*it is missing/);
  const [venue] = problemsOf('state_dir = "s"\n[accounts.a]\nvenue = "alpcaa"\n');
  assert.match(venue ?? "", /^3: accounts\.a\.venue/);
});

test("broken TOML is refused with its line", () => {
  assert.match(problemsOf('state_dir = "s"\n[accounts.a\n')[0] ?? "", /^2: not valid TOML/);
});

test("[R12] two mirrors that could own the same row are refused; filters that tell them apart are accepted", () => {
  const mirror = (name: string, where: string) =>
    `[[accounts.a.mirrors]]\nname = "${name}"\ntype = "json-file"\npath = "p.json"\n${where}\n`;
  assert.match(
    problemsOf(BASE + mirror("x", "") + mirror("y", ""))[0] ?? "",
    /could both own a row of p\.json/,
  );
  const apart =
    BASE + mirror("x", 'where = { exchange = "bybit" }') + mirror("y", 'where = { exchange = "okx" }');
  assert.deepEqual(problemsOf(apart), []);
  assert.match(problemsOf(BASE + mirror("book", ""))[0] ?? "", /cannot be called "book"/);
});

test("a suggestion is near, or there is none", () => {
  assert.equal(suggest("intervall_ms", ["interval_ms", "grace_ms"]), "interval_ms");
  assert.equal(suggest("gracems", ["interval_ms", "grace_ms"]), "grace_ms");
  assert.equal(suggest("colour", ["interval_ms", "grace_ms"]), undefined);
});
