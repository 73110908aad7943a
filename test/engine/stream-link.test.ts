// A stream that does not come about: the account is read all the same, is told of the gap, and tries again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CONNECT_TIMEOUT_MS } from "../../src/engine/stream-link.ts";
import { fill, held, never, StubWorld, settled } from "../support/stub-venue.ts";

const RETRY_MS = 1_000;

test("a stream whose connection is never answered keeps no account from being read (seed 3057)", async () => {
  const world = new StubWorld();
  world.venue.positions = [held("X", "10")];
  world.venue.beforeStream = never;
  world.open().catch(assert.fail);
  await world.elapse(CONNECT_TIMEOUT_MS - 1);
  assert.equal(world.reports.length, 0);
  await world.elapse(1);
  assert.equal(world.reports[0]?.trigger, "boot");
  assert.equal(world.session.isStreamLive, false);
  world.venue.beforeStream = async () => undefined;
  await world.elapse(RETRY_MS);
  assert.equal(world.session.isStreamLive, true);
});

test("a connection that stands after it was given up delivers nothing twice and is closed", async () => {
  const world = new StubWorld();
  const answer = Promise.withResolvers<void>();
  world.venue.beforeStream = () => answer.promise;
  world.open().catch(assert.fail);
  await world.elapse(CONNECT_TIMEOUT_MS);
  answer.resolve();
  await settled();
  assert.equal(world.session.isStreamLive, false);
  world.venue.emit({ kind: "fill", fill: fill("X", "T1", "buy", "1", "100", world.nowMs) });
  await settled();
  assert.equal(world.session.book.fills.size, 0);
});
