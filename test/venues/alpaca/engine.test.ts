// The real engine on the local Alpaca: one fill counts once whichever source tells it first, what a lost stream kept
// back is read, and a kill cancels at the venue.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import {
  type Book,
  findOrder,
  orderStatus,
  POLICY_DEFAULT,
  positionKey,
  positionQty,
} from "../../../src/core/index.ts";
import type { Session } from "../../../src/engine/index.ts";
import { engineOn } from "../../support/engine-on.ts";
import type { Row } from "./state.ts";
import { order, StreamWorld } from "./support.ts";

interface Running {
  readonly world: StreamWorld;
  readonly session: Session;
  readonly book: Book;
}

const INTERVAL = POLICY_DEFAULT.intervalMs;

/** An account that holds nothing, with one open order, read once. */
async function run(t: TestContext, orders: Row[] = [order({ id: "v-1" })]): Promise<Running> {
  const world = await StreamWorld.open(t, { orders });
  const venue = world.world?.venue;
  assert.ok(venue);
  const session = await engineOn(t, { venue, runtime: world.runtime });
  const running = { world, session, book: session.book };
  await advance(running, INTERVAL);
  return running;
}

function advance({ world, session }: Running, ms: number): Promise<void> {
  return world.runtime.advance(ms, () => session.whenIdle());
}

function held(book: Book): string {
  return positionQty(book, positionKey("AAPL", "net"));
}

function openDiscrepancies(book: Book): string[] {
  return [...book.discrepancies.values()].map(({ kind }) => kind);
}

describe("[R6] one fill counts once", () => {
  test("told by the stream alone", async (t) => {
    const running = await run(t);
    const { world, book } = running;
    const before = world.heard;
    world.server.exchange.fill("v-1", "4", "99");
    world.server.state.activities = [];
    await world.untilHeard(before + 1);
    assert.deepEqual([held(book), book.fills.size], ["4", 1]);
    await advance(running, 3 * INTERVAL);
    assert.deepEqual([held(book), book.fills.size, openDiscrepancies(book)], ["4", 1, []]);
  });

  test("told by the history alone", async (t) => {
    const running = await run(t);
    const { world, book } = running;
    world.server.stream.faults = { isSilent: true };
    world.server.exchange.fill("v-1", "4", "99");
    await advance(running, 3 * INTERVAL);
    assert.deepEqual([held(book), book.fills.size, openDiscrepancies(book)], ["4", 1, []]);
  });

  test("told by the stream first and by the history then", async (t) => {
    const running = await run(t);
    const { world, book } = running;
    const before = world.heard;
    world.server.exchange.fill("v-1", "4", "99");
    await world.untilHeard(before + 1);
    assert.equal(held(book), "4");
    await advance(running, 3 * INTERVAL);
    const counted = [...book.fills.values()].filter((fill) => !fill.facts.isProvisional);
    assert.deepEqual([held(book), counted.length, openDiscrepancies(book)], ["4", 1, []]);
  });

  test("told by the history first and by the stream then, late, twice and out of order", async (t) => {
    const running = await run(t);
    const { world, book } = running;
    const { server } = world;
    server.stream.faults = { isSilent: true };
    const first = server.exchange.fill("v-1", "4", "99");
    await advance(running, 1);
    const second = server.exchange.fill("v-1", "6", "99.5");
    await advance(running, 3 * INTERVAL);
    assert.equal(held(book), "10");
    server.stream.faults = {};
    const before = world.heard;
    for (const update of [second, first, first, second]) server.stream.update(update);
    await world.untilHeard(before + 4);
    await advance(running, 3 * INTERVAL);
    assert.deepEqual([held(book), book.fills.size, openDiscrepancies(book)], ["10", 2, []]);
    const known = findOrder(book, { instrument: "AAPL", venueOrderId: "v-1" });
    assert.equal(known && orderStatus(known), "filled");
  });

  test("that the stream took back does not count, although the history still tells it", async (t) => {
    const running = await run(t);
    const { world, book } = running;
    const before = world.heard;
    const { execution_id } = world.server.exchange.fill("v-1", "4", "99");
    await world.untilHeard(before + 1);
    world.server.state.positions = [];
    world.server.stream.update({ event: "trade_bust", previous_execution_id: execution_id, order: {} });
    await world.untilHeard(before + 2);
    assert.equal(held(book), "0");
    await advance(running, 3 * INTERVAL);
    assert.equal(held(book), "0");
  });
});

test("a fill while the stream is away is read when it comes back, before the next interval", async (t) => {
  const running = await run(t);
  const { world, session, book } = running;
  world.server.stream.cut();
  await world.untilMissed(1);
  assert.equal(session.isStreamLive, false);
  const before = world.heard;
  world.server.exchange.fill("v-1", "4", "99");
  await advance(running, 100);
  await world.untilHeard(before + 2);
  assert.equal(session.isStreamLive, true);
  await advance(running, 1);
  assert.deepEqual([held(book), book.fills.size], ["4", 1]);
});

test("a position that opened and closed between two passes is in the history of fills", async (t) => {
  const running = await run(t, [
    order({ id: "v-1" }),
    order({ id: "v-2", client_order_id: "c-2", side: "sell" }),
  ]);
  const { world, book } = running;
  const before = world.heard;
  world.server.exchange.fill("v-1", "10", "99");
  world.server.exchange.fill("v-2", "10", "101");
  await world.untilHeard(before + 2);
  assert.deepEqual([held(book), book.fills.size], ["0", 2]);
  await advance(running, 3 * INTERVAL);
  assert.deepEqual([held(book), openDiscrepancies(book)], ["0", []]);
});

test("[R10] a kill cancels the open orders at Alpaca, and confirms it", async (t) => {
  const running = await run(t);
  const report = await running.session.kill("drill", "ann", false);
  assert.deepEqual(
    report.canceled.map(({ order, outcome }) => [order, outcome.kind]),
    [["client-1", "accepted"]],
  );
  assert.deepEqual([report.uncancelable, report.problem], [[], null]);
  await advance(running, INTERVAL);
  assert.equal(running.world.server.state.orders[0]?.status, "canceled");
  const known = findOrder(running.book, { instrument: "AAPL", venueOrderId: "v-1" });
  assert.equal(known && orderStatus(known), "canceled");
});

test("[R10] a kill whose answers are lost is asked for again until the orders are gone", async (t) => {
  const running = await run(t);
  const { server } = running.world;
  server.setCommandFault("cancel", "reset-before", 1);
  const report = await running.session.kill("drill", "ann", false);
  assert.deepEqual(
    report.canceled.map(({ outcome }) => outcome.kind),
    ["unknown"],
  );
  await advance(running, INTERVAL);
  assert.equal(server.state.orders[0]?.status, "canceled");
});

test("an order that was replaced at the venue stays one order, with all that it filled", async (t) => {
  const running = await run(t);
  const { world, book } = running;
  const { exchange } = world.server;
  exchange.fill("v-1", "4", "99");
  await advance(running, INTERVAL);
  const { body } = exchange.replace("v-1", { client_order_id: "c-2", limit_price: "98", qty: "6" });
  await advance(running, INTERVAL);
  const id = String((body as Row).id);
  exchange.fill(id, "6", "98");
  await advance(running, 2 * INTERVAL);
  const active = [...book.orders.values()];
  assert.deepEqual(
    active.map((one) => [one.venueOrderId, one.previousVenueOrderIds, one.qty, orderStatus(one)]),
    [[id, ["v-1"], "10", "filled"]],
  );
  assert.deepEqual([held(book), openDiscrepancies(book)], ["10", []]);
});

test("an order whose replacement was refused ends as the one that it was", async (t) => {
  const running = await run(t);
  const { world, book } = running;
  const { exchange, state } = world.server;
  exchange.replace("v-1", { client_order_id: "c-2", limit_price: "98" });
  await advance(running, INTERVAL);
  const [before, replacement] = state.orders;
  assert.ok(before && replacement);
  Object.assign(replacement, { status: "rejected" });
  Object.assign(before, { status: "new", replaced_by: null });
  await advance(running, 2 * INTERVAL);
  const known = findOrder(book, { instrument: "AAPL", venueOrderId: "v-1" });
  assert.equal(known && orderStatus(known), "open", "the one before is at work");
  exchange.cancel("v-1");
  await advance(running, 2 * INTERVAL);
  assert.deepEqual(
    [...book.orders.values()].map((one) => [one.venueOrderId, orderStatus(one)]),
    [["v-1", "canceled"]],
  );
});
