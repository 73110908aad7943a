// The rehearsal of a kill in virtual time: what it reports is what must be true of every kill.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { VirtualRuntime } from "../sim/index.ts";
import { rehearseKill } from "./kill-drill.ts";

test("[R10][L3] 500 orders, every fifth call failing: all cancels have left within a second, and all orders are seen to be gone", async () => {
  const runtime = new VirtualRuntime(Date.UTC(2026, 0, 5));
  let isOver = false;
  const drill = rehearseKill({ runtime }).finally(() => {
    isOver = true;
  });
  drill.catch(() => undefined);
  for (let turn = 0; turn < 3_000 && !isOver; turn += 1) {
    await runtime.advance(20, async () => undefined);
    await setImmediate();
  }
  const report = await drill;
  assert.equal(report.orders, 500);
  assert.ok(report.dispatchedMs <= 1_000, `the last cancel left after ${report.dispatchedMs} ms`);
  assert.ok(report.failedCalls * 5 <= report.calls && report.failedCalls * 5 > report.calls - 5);
  assert.ok(report.notConfirmedAtFirst > 0 && report.retries > 0);
  assert.equal(report.unconfirmed, 0);
  assert.ok(report.confirmedMs !== null);
});
