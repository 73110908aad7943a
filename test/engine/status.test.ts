// What the verdict of an account rests on: how long ago somebody looked, not that a process answers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accountStatus, healthOf } from "../../src/engine/index.ts";
import { held, StubWorld } from "../support/stub-venue.ts";

const INTERVAL_MS = 15_000;

test("an account at which nobody has looked lately is unknown, not in sync", async () => {
  const world = new StubWorld();
  world.venue.positions = [held("X", "10", "10")];
  await world.open();
  const { book, tail } = world.session;
  const facts = { book, tail, venue: "stub", intervalMs: INTERVAL_MS, isLive: true };
  const statusAt = (laterMs: number) => accountStatus({ ...facts, nowMs: world.nowMs + laterMs });

  const fresh = statusAt(4 * INTERVAL_MS);
  assert.equal(fresh.verdict, "in_sync");
  assert.equal(healthOf(fresh, book).isHealthy, true);

  const old = statusAt(4 * INTERVAL_MS + 1);
  assert.equal(old.verdict, "unknown");
  assert.match(old.line, /^UNKNOWN · nobody has looked lately/);
  assert.equal(healthOf(old, book).isHealthy, false);
});
