// What a person is told: one message where many things have one cause.
import assert from "node:assert/strict";
import { test } from "node:test";
import { held, StubWorld } from "../support/stub-venue.ts";

const INTERVAL_MS = 15_000;

test("[X09] many positions that differ at once are one alert of each kind, with ten names and the number of the others", async () => {
  const world = new StubWorld();
  await world.open();
  const names = Array.from({ length: 300 }, (_, index) => `S${index}`);
  world.venue.positions = names.map((name) => held(name, "10", "10"));
  await world.advance(4 * INTERVAL_MS);
  assert.equal(world.session.book.ledgers.size, 300);
  const alerts = (await world.records()).flatMap((one) => (one.kind === "alert_raised" ? [one.payload] : []));
  const kinds = alerts.map(({ kind, subject }) => `${kind} of ${subject}`);
  assert.deepEqual(kinds, ["gate_closed of null", "missing_position of null", "gate_released of null"]);
  const [closed, missing] = alerts;
  assert.match(missing?.text ?? "", /^missing_position in book: (S\d+, ){9}S\d+ and 290 more$/);
  assert.match(closed?.text ?? "", /^the gate is reduce_only: (missing_position: [^;]+; ){10}and 290 more$/);
  assert.equal(closed?.evidence.length, 10);
});
