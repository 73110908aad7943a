// The journal's file after a power cut and after damage; larger runs: each suite's own file, with --seed and its numbers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { copies } from "./copies.ts";
import { damage } from "./damage.ts";
import type { SuiteResult } from "./result.ts";
import { unsynced } from "./unsynced.ts";
import { walCuts } from "./wal-cuts.ts";

function assertWhole({ failures, detail }: SuiteResult): void {
  assert.deepEqual([failures, detail.problems], [0, []]);
}

test("a copy of the file after any of 80 appends opens as whole as what was acknowledged", async () => {
  const result = await copies({ seed: 1, copies: 80 });
  assertWhole(result);
  assert.equal(result.detail.copies, 80);
  for (const what of ["within", "unended", "moved"]) assert.ok(Number(result.detail[what]) > 0, what);
});

test("a log that is cut at any byte of its last transaction has all of it or nothing", async () => {
  // Pages of 512 bytes: the same log with an eighth of the bytes to cut at.
  const result = await walCuts({ seed: 1, page: 512, stride: 24, fill: 0 });
  assertWhole(result);
  assert.equal(result.detail.whole, 2);
  assert.ok(Number(result.detail.appended) > 1_000);
});

test("what was synced is enough: whatever part of the rest a power cut leaves, nothing acknowledged is lost", async () => {
  const result = await unsynced({ seed: 1, appends: 50 });
  assertWhole(result);
  const { commits, syncedCommits, none, whole, begun, moves } = result.detail;
  assert.equal(commits, syncedCommits);
  for (const count of [none, whole, begun, moves])
    assert.ok(Number(count) > 0, JSON.stringify(result.detail));
});

test("damage to any kind of page is harmless, refused by a start, or named by verify: never silent", async () => {
  const result = await damage({ seed: 1, each: 1 });
  assertWhole(result);
  for (const ending of ["harmless", "refused", "found"]) assert.ok(Number(result.detail[ending]) > 0, ending);
  assert.ok(result.n > 250, `${result.n} damages`);
});
