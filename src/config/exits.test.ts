// Who closes positions, as people write it: defaults by mode, and what nobody could carry out is said with its line.
import assert from "node:assert/strict";
import { test } from "node:test";
import { unlimitedTable } from "../../test/support/config-text.ts";
import { exitsFrom } from "./exits.ts";
import { parseConfig } from "./parse.ts";
import { policyFrom } from "./policy-schema.ts";

const HEAD = `state_dir = "state"
[accounts.a]
venue = "paper"
`;
const EXECUTOR = `${HEAD}mode = "executor"
${unlimitedTable("a")}`;

function problems(text: string): string[] {
  const parsed = parseConfig(text, (path) => path);
  return parsed.kind === "ok" ? [] : parsed.problems.map((one) => `${one.line}: ${one.text}`);
}

test("an executor owns its exits unless it says otherwise; beside a bot nobody looks at them without the table", () => {
  assert.equal(exitsFrom(undefined, "beside"), null);
  assert.equal(exitsFrom(undefined, "executor")?.owns, true);
  const text = { owns: false, mode: "managed", strategies: {} } as const;
  assert.equal(exitsFrom(text, "executor")?.owns, false);
  assert.equal(exitsFrom({ mode: "managed", strategies: {} }, "beside")?.owns, false);
});

test("where trueup closes the positions, one without an exit is escalated; the policy may say otherwise", () => {
  const exits = exitsFrom(undefined, "executor");
  const policy = policyFrom([], { mode: "executor", exits });
  assert.equal(policy.kinds.unprotected_position, "escalate");
  assert.equal(policy.kinds.foreign_exit_order, "escalate");
  const watched = policyFrom([{ kinds: { unprotected_position: "watch" } }], { mode: "executor", exits });
  assert.equal(watched.kinds.unprotected_position, "watch");
  assert.equal(policyFrom([], { exits: null }).kinds.unprotected_position, "watch");
});

test("a plan's levels are parts of the entry price", () => {
  const parsed = parseConfig(
    `${EXECUTOR}[accounts.a.exits.default]
stop = "0.02"
time_stop_ms = 3600000
[accounts.a.exits.strategies.unattributed]
trailing = 0.05
`,
    (path) => path,
  );
  assert.ok(parsed.kind === "ok", JSON.stringify(parsed));
  const exits = exitsFrom(parsed.config.accounts.a?.exits, "executor");
  assert.deepEqual(exits?.default, { stop: { ratio: "0.02" }, timeStopMs: 3_600_000 });
  assert.deepEqual(exits?.strategies, { unattributed: { trailing: { ratio: "0.05" } } });
});

test("what nobody could carry out is a problem, with its line and what is allowed", () => {
  assert.deepEqual(problems(`${HEAD}[accounts.a.exits]\nowns = true\n`), [
    '5: accounts.a.exits.owns: only mode = "executor" sends orders; leave it out, or set owns = false',
  ]);
  assert.match(problems(`${EXECUTOR}[accounts.a.exits.default]\nstop = "2"\n`)[0] ?? "", /2 % is 0.02/);
  assert.match(problems(`${EXECUTOR}[accounts.a.exits.default]\n`)[0] ?? "", /closes nothing/);
  const named = `${EXECUTOR}[accounts.a.strategies]\ngrid = "g-"\n[accounts.a.exits.strategies.grit]\nstop = "0.1"\n`;
  assert.match(problems(named)[0] ?? "", /there is no strategy "grit"; there are: grid/);
});

test("a backstop has its distance, in its mode alone, and lies beyond every configured stop", () => {
  const backed = (lines: string) =>
    problems(`${EXECUTOR}[accounts.a.exits]\nmode = "managed+backstop"\n${lines}`);
  assert.deepEqual(backed('backstop_ratio = "0.2"\n[accounts.a.exits.default]\nstop = "0.05"\n'), []);
  assert.match(backed("")[0] ?? "", /exits\.mode: a backstop needs its distance: set backstop_ratio/);
  assert.match(backed('backstop_ratio = "1"\n')[0] ?? "", /1 is not above 0 and below 1/);
  assert.match(
    backed('backstop_ratio = "0.2"\n[accounts.a.exits.strategies.unattributed]\nstop = "0.2"\n')[0] ?? "",
    /0\.2 is no wider than strategies\.unattributed\.stop, 0\.2/,
  );
  const managed = `${EXECUTOR}[accounts.a.exits]\nbackstop_ratio = "0.2"\n`;
  assert.match(
    problems(managed)[0] ?? "",
    /only mode = "managed\+backstop" has a backstop; the mode is "managed"/,
  );
});
