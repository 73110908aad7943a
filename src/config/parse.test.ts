// Configuration: what init writes is accepted, and a mistake is refused with its line and what was meant.
import assert from "node:assert/strict";
import { posix } from "node:path";
import { test } from "node:test";
import { parseConfig } from "./parse.ts";
import { suggest } from "./suggest.ts";
import { CONFIG_LIVE, CONFIG_PAPER } from "./templates.ts";

function problemsOf(text: string): string[] {
  const parsed = parseConfig(text, (path) => posix.resolve("/bot/configs", path));
  return parsed.kind === "ok" ? [] : parsed.problems.map(({ line, text: problem }) => `${line}: ${problem}`);
}

const BASE = 'state_dir = "s"\n[accounts.a]\nvenue = "paper"\n';

const MIRROR = (name: string, more: string) =>
  `[[accounts.a.mirrors]]\nname = "${name}"\ntype = "json-file"\npath = "p.json"\n${more}\n`;

test("the files that init writes are accepted, live with an interval of 15 s", () => {
  for (const observe of [true, false]) {
    assert.deepEqual(problemsOf(CONFIG_PAPER(observe)), []);
    const live = parseConfig(CONFIG_LIVE(observe), (path) => path);
    assert.equal(live.kind === "ok" && live.config.policy?.interval_ms, 15_000);
    assert.equal(live.kind === "ok" && live.config.accounts.live?.observe, observe);
  }
});

test("[H01] a typo is refused with the line and a suggestion", () => {
  const text = `${BASE}[policy]\ngrace_ms = 1\nconfirmation = 2\n`;
  assert.deepEqual(problemsOf(text), [
    '6: unknown key "confirmation" in policy; did you mean "confirmations"?',
  ]);
  const account = `${BASE}obsreve = true\n`;
  assert.deepEqual(problemsOf(account), ['4: unknown key "obsreve" in accounts.a; did you mean "observe"?']);
  const venue = 'state_dir = "s"\n[accounts.a]\nvneue = "paper"\n';
  assert.deepEqual(problemsOf(venue), ['3: unknown key "vneue" in accounts.a; did you mean "venue"?']);
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

test("[H02] every number has a range, and a message that says it", () => {
  const policy = (line: string) => `${BASE}[policy]\n${line}\n`;
  const refused: readonly (readonly [string, RegExp])[] = [
    [`${BASE}cash = "-1"\n`, /^4: accounts\.a\.cash: must not be negative \(found "-1"\)$/],
    [`${BASE}cash = inf\n`, /^4: accounts\.a\.cash: /],
    [`${BASE}fee_ratio = "-0.001"\n`, /^4: accounts\.a\.fee_ratio: must be from 0 to 1 \(found "-0\.001"\)$/],
    [`${BASE}fee_ratio = 1.5\n`, /^4: accounts\.a\.fee_ratio: must be from 0 to 1 \(found 1\.5\)$/],
    [policy('blast_radius_ratio = "1.0000000000000000000001"'), /must be from 0 to 1/],
    [policy('blast_radius_ratio = "-0.1"'), /must be from 0 to 1/],
    [policy('entry_price_tolerance_ratio = "2"'), /must be from 0 to 1/],
    [policy('balance_tolerance = "-0.01"'), /must not be negative/],
    [policy('balance_tolerances = { USD = "-1" }'), /must not be negative/],
    [policy("confirmations = 0"), /must be a whole number from 1 to 1000 \(found 0\)/],
    [policy("confirmations = 1.5"), /must be a whole number from 1 to 1000 \(found 1\.5\)/],
    [policy("grace_ms = -1"), /must be a whole number from 0 to 86400000/],
    [policy("interval_ms = 99"), /must be a whole number from 100 to 86400000/],
    [policy("blast_radius_rows = -1"), /must be a whole number from 0 to 1000000/],
    [policy("witness_lookups = 10001"), /must be a whole number from 0 to 10000/],
    [`${BASE}[api]\nport = 65536\n`, /^5: api\.port: must be a whole number from 0 to 65535/],
    [`${BASE}[journal]\nobservations_days = 0\n`, /must be a whole number from 1 to 3650/],
    [`${BASE}${MIRROR("x", "backups = 0")}`, /must be a whole number from 1 to 10000/],
  ];
  for (const [text, message] of refused) {
    const problems = problemsOf(text);
    assert.equal(problems.length, 1, `${text}: ${problems.join("; ")}`);
    assert.match(problems[0] ?? "", message);
  }
  assert.deepEqual(problemsOf(`${BASE}cash = 0\nfee_ratio = "1"\n`), []);
  assert.match(problemsOf('state_dir = "s"\n[accounts]\n')[0] ?? "", /name at least one: \[accounts\.NAME\]/);
});

test("what may be a secret is not shown, and a wrong name of an account is", () => {
  const secret =
    'state_dir = "s"\n[accounts.a]\nvenue = "alpaca"\nenvironment = "live"\nsecret_env = "ab/c1"\n';
  const [found = ""] = problemsOf(secret);
  assert.match(
    found,
    /^5: accounts\.a\.secret_env: must be the name of an environment variable \(.*not shown/,
  );
  assert.doesNotMatch(found, /ab\/c1/);
  const [named = ""] = problemsOf('state_dir = "s"\n[accounts."../x"]\nvenue = "paper"\n');
  assert.match(named, /^2: accounts\.\.\.\/x: use letters, digits, - and _.* \(found "\.\.\/x"\)$/);
});

test("broken TOML is refused with its line", () => {
  assert.match(problemsOf('state_dir = "s"\n[accounts.a\n')[0] ?? "", /^2: not valid TOML/);
});

test("a suggestion is near, or there is none", () => {
  assert.equal(suggest("intervall_ms", ["interval_ms", "grace_ms"]), "interval_ms");
  assert.equal(suggest("gracems", ["interval_ms", "grace_ms"]), "grace_ms");
  assert.equal(suggest("colour", ["interval_ms", "grace_ms"]), undefined);
});
