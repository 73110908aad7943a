// Exposure that nobody expected, on an account whose orders go through trueup; and how long something has lasted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, type OrderIntent, POLICY_DEFAULT, toState, UNLIMITED } from "../../src/core/index.ts";
import { held, StubWorld } from "../support/stub-venue.ts";
import { TestWorld } from "../support/world.ts";

const INTERVAL_MS = 15_000;

function executor(): TestWorld {
  const world = new TestWorld({ mode: "executor", limits: UNLIMITED, strategies: { grid: "grid-" } });
  world.account.setPrice("X", decimal("10"));
  return world;
}

async function told(world: TestWorld | StubWorld) {
  const records = await world.records();
  return records.flatMap((one) =>
    one.kind === "alert_raised" && one.payload.text.startsWith("unexpected exposure") ? [one.payload] : [],
  );
}

function order(intentId: string, side: "buy" | "sell" = "buy"): OrderIntent {
  const plain = { leg: "net", type: "market", timeInForce: "day", reduceOnly: false } as const;
  return { ...plain, intentId, instrument: "X", side, qty: decimal("1"), strategy: "unattributed" };
}

test("[E7] a trade on an executor's account that no order of trueup's explains is told, once, also after a restart", async () => {
  const world = executor();
  await world.open();
  world.buy("X", "5");
  await world.advance(INTERVAL_MS);
  const [alert, ...more] = await told(world);
  assert.deepEqual([alert?.kind, alert?.subject, more.length], ["missing_local_order", "X", 0]);
  assert.match(alert?.text ?? "", /^unexpected exposure: X 5 \(\+5\): .* an order that trueup did not send/);
  await world.restart();
  await world.advance(INTERVAL_MS);
  assert.equal((await told(world)).length, 1);
  world.buy("X", "2");
  await world.advance(INTERVAL_MS);
  const [, second, ...others] = await told(world);
  assert.match(second?.text ?? "", /X 7 \(\+2\)/);
  assert.equal(others.length, 0);
  assert.deepEqual(await world.replayed(), toState(world.session.book));
});

test("[E7] what trueup sent itself, what a strategy's prefix claims, and what makes the position smaller is expected", async () => {
  const world = executor();
  await world.open();
  await world.session.submit({ ...order("one"), referencePrice: decimal("10") }, "test");
  world.buy("X", "2", "grid-7");
  await world.advance(2 * INTERVAL_MS);
  world.sell("X", "1");
  await world.advance(2 * INTERVAL_MS);
  assert.deepEqual(await told(world), []);
});

test("[E7] beside a bot its account's trades are news, and nobody is told of exposure", async () => {
  const world = new TestWorld();
  world.account.setPrice("X", decimal("10"));
  await world.open();
  world.buy("X", "5");
  await world.advance(2 * INTERVAL_MS);
  assert.deepEqual(await told(world), []);
});

test("[E7] what an executor's account held when trueup first looked is told in one message", async () => {
  const world = new StubWorld({ policy: { mode: "executor" } });
  world.venue.positions = Array.from({ length: 12 }, (_, index) => held(`S${index + 10}`, "2", "10"));
  await world.open();
  await world.advance(3 * INTERVAL_MS);
  const [alert, ...more] = await told(world);
  assert.deepEqual(
    [alert?.kind, alert?.subject, alert?.evidence.length, more.length],
    ["missing_position", null, 12, 0],
  );
  assert.match(alert?.text ?? "", /S10 2 \(\+2\); .* and 2 more: it was held when trueup first looked/);
});

test("[E7] what was traded before trueup first looked is told as what was held, though its fills are known", async () => {
  const world = executor();
  world.buy("X", "3");
  world.buy("X", "2", "grid-1");
  await world.open();
  await world.advance(3 * INTERVAL_MS);
  const [alert, ...more] = await told(world);
  assert.deepEqual([alert?.kind, more.length], ["missing_position", 0]);
  assert.match(alert?.text ?? "", /X 5 \(\+3\): it was held when trueup first looked/);
});

test("what lasts is told with how long it has lasted, in seconds while that is short", async () => {
  const world = new StubWorld({
    policy: { intervalMs: 1_000, kinds: { ...POLICY_DEFAULT.kinds, missing_position: "escalate" } },
  });
  await world.open();
  world.venue.positions = [held("X", "5", "10")];
  await world.advance(30_000);
  const lasting = (await world.records()).flatMap((one) =>
    one.kind === "alert_raised" && one.payload.kind === "persistent_desync" ? [one.payload.text] : [],
  );
  assert.equal(lasting.length, 1);
  assert.match(lasting[0] ?? "", /missing_position of X has lasted 1\d s: /);
});
