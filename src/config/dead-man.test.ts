// The dead-man switch as it is configured: where it makes sense, and how long it may be set for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { unlimitedTable } from "../../test/support/config-text.ts";
import { deadManRefusal } from "./dead-man.ts";
import { parseConfig } from "./index.ts";

function problems(account: string, deadMan: string): readonly string[] {
  const text = `state_dir = "s"\n[accounts.a]\nvenue = "paper"\n${account}\n${unlimitedTable("a")}\n[accounts.a.dead_man]\n${deadMan}\n`;
  const parsed = parseConfig(text, (path) => path);
  return parsed.kind === "ok" ? [] : parsed.problems.map(({ line, text: problem }) => `${line}: ${problem}`);
}

test("a dead-man switch is for accounts that send orders", () => {
  assert.deepEqual(problems('mode = "executor"', "timeout_ms = 60000"), []);
  assert.match(
    problems("", "timeout_ms = 60000")[0] ?? "",
    /^\d+: accounts\.a\.dead_man: only mode = "executor"/,
  );
  assert.match(
    problems('mode = "executor"\nobserve = true', "timeout_ms = 60000")[0] ?? "",
    /with observe = true nothing is sent/,
  );
});

test("its time is said, and long enough for three settings", () => {
  assert.match(problems('mode = "executor"', "")[0] ?? "", /dead_man\.timeout_ms.*it is missing/);
  for (const wrong of ["8999", "86400001", "60.5"])
    assert.match(problems('mode = "executor"', `timeout_ms = ${wrong}`)[0] ?? "", /from 9000 to 86400000/);
});

test("a venue without one, or that takes other times, refuses it with what it takes", () => {
  const declared = { scope: "account", timeoutMs: { min: 10_000, max: 120_000 }, turnsOff: true } as const;
  assert.equal(deadManRefusal({ timeoutMs: 60_000 }, "okx", declared), null);
  assert.match(deadManRefusal({ timeoutMs: 9_000 }, "okx", declared) ?? "", /okx takes from 10000 to 120000/);
  assert.match(
    deadManRefusal({ timeoutMs: 60_000 }, "alpaca", "none") ?? "",
    /alpaca has no dead-man switch/,
  );
});
