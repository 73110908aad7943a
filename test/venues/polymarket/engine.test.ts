// The real engine on the local Polymarket: a match counts once whatever tells it, one that fails is taken back, what the
// chain says decides, and what a list leaves out is asked for by itself.
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
import { StreamWorld } from "./listening.ts";
import { COND, NO, order, YES } from "./support.ts";

interface Running {
  readonly world: StreamWorld;
  readonly session: Session;
  readonly book: Book;
}

const INTERVAL = POLICY_DEFAULT.intervalMs;

/** An account with money, and what else is said, read once. */
async function run(
  t: TestContext,
  prepare: (world: StreamWorld) => void | Promise<void> = () => undefined,
): Promise<Running> {
  const world = await StreamWorld.open(t);
  const { exchange } = world.server;
  exchange.book(YES, [{ price: "0.39", size: "100" }], [{ price: "0.41", size: "100" }]);
  exchange.markets.set(COND, { t: [{ t: YES }, { t: NO }], fd: { r: 0.05, e: 1, to: true } });
  await prepare(world);
  const session = await engineOn(t, { venue: world.venue, runtime: world.runtime });
  const running = { world, session, book: session.book };
  await advance(running, INTERVAL);
  return running;
}

/** So long that the venue's reads have caught up with what was traded, and sightings are enough. */
async function settled(running: Running): Promise<void> {
  for (let at = 0; at < 8; at += 1) await advance(running, INTERVAL);
}

async function advance({ world, session }: Running, ms: number): Promise<void> {
  await world.runtime.advance(ms, () => session.whenIdle());
}

async function place({ world }: Running, clientOrderId = "bot-1"): Promise<string> {
  const outcome = await world.venue.submit?.(order({ clientOrderId }));
  assert.ok(outcome?.kind === "accepted" && outcome.venueOrderId);
  return outcome.venueOrderId;
}

function held(book: Book, token = YES): string {
  return positionQty(book, positionKey(token, "net"));
}

function openDiscrepancies(book: Book): string[] {
  return [...book.discrepancies.values()].map(({ kind }) => kind);
}

describe("[R6] a match counts once", () => {
  for (const [how, isToldFirst] of [
    ["by the stream first and by the history then", true],
    ["by the history first and by the stream then, again and again", false],
  ] as const) {
    test(`told ${how}`, async (t) => {
      const running = await run(t);
      const { world, book } = running;
      const id = await place(running);
      const before = world.heard;
      const trade = world.server.exchange.match(id, "4", "0.4");
      if (isToldFirst) {
        await world.untilHeard(before + 2);
        assert.equal(held(book), "4");
      }
      await advance(running, INTERVAL);
      for (const state of ["MINED", "CONFIRMED"] as const) world.server.exchange.settle(trade, state);
      await settled(running);
      const counted = [...book.fills.values()].filter(({ facts }) => !facts.isProvisional);
      assert.deepEqual([held(book), counted.length, openDiscrepancies(book)], ["4", 1, []]);
      // 4 × 0.05 × 0.4 × 0.6
      assert.deepEqual([counted[0]?.facts.fee, counted[0]?.facts.feeCurrency], ["0.048", "pUSD"]);
    });
  }
});

describe("a match that fails in the end never happened", () => {
  test("told by the stream after the history had told it", async (t) => {
    const running = await run(t);
    const { world, book } = running;
    const trade = world.server.exchange.match(await place(running), "4", "0.4");
    await advance(running, INTERVAL);
    assert.equal(held(book), "4");
    const before = world.heard;
    world.server.exchange.settle(trade, "FAILED");
    await world.untilHeard(before + 1);
    await settled(running);
    assert.deepEqual([held(book), openDiscrepancies(book)], ["0", []]);
  });

  test("while nobody listened", async (t) => {
    const running = await run(t);
    const { world, book } = running;
    const trade = world.server.exchange.match(await place(running), "4", "0.4");
    await advance(running, INTERVAL);
    assert.equal(held(book), "4");
    world.server.isStreamDown = true;
    world.server.dropStreams();
    await world.untilMissed(1);
    world.server.exchange.settle(trade, "FAILED");
    await settled(running);
    assert.deepEqual([held(book), openDiscrepancies(book)], ["0", []]);
  });

  test("and while it waits for the chain the book keeps it, whatever the positions say", async (t) => {
    const running = await run(t);
    const { world, book } = running;
    const trade = world.server.exchange.match(await place(running), "4", "0.4");
    world.server.exchange.settle(trade, "RETRYING");
    await settled(running);
    await settled(running);
    assert.equal(held(book), "4");
    world.server.exchange.settle(trade, "CONFIRMED");
    await settled(running);
    assert.deepEqual([held(book), openDiscrepancies(book)], ["4", []]);
  });
});

describe("what is held", () => {
  test("is taken over, dust and tokens of decided markets included", async (t) => {
    const { book } = await run(t, ({ server }) => {
      server.exchange.hold(YES, "10.123456");
      server.exchange.hold(NO, "0.05");
    });
    assert.deepEqual([held(book), held(book, NO)], ["10.123456", "0.05"]);
  });

  test("and is left out of the list is asked for by itself, and stays", async (t) => {
    const running = await run(t, ({ server }) => server.exchange.hold(YES, "0.05"));
    const { world, book } = running;
    assert.equal(held(book), "0.05");
    const empty = { data: [], pagination: { has_more: false, next_cursor: null } };
    world.server.fail("GET /v2/positions", { kind: "answer", status: 200, body: empty });
    await settled(running);
    assert.equal(held(book), "0.05");
  });

  test("and is gone by the list and by the CLOB is closed", async (t) => {
    const running = await run(t, ({ server }) => server.exchange.hold(YES, "10"));
    const { world, book } = running;
    world.server.exchange.tokens.delete(YES);
    await settled(running);
    assert.deepEqual([held(book), openDiscrepancies(book)], ["0", []]);
  });

  test("and is gone by the list while the CLOB cannot be asked stays, and is told", async (t) => {
    const running = await run(t, ({ server }) => server.exchange.hold(YES, "10"));
    const { world, book } = running;
    world.server.exchange.tokens.delete(YES);
    world.server.fail("GET /balance-allowance", { kind: "reset" });
    await settled(running);
    assert.equal(held(book), "10");
    assert.deepEqual(openDiscrepancies(book), ["phantom_position"]);
  });

  test("and is gone by both where the CLOB says zero to everything stays", async (t) => {
    const running = await run(t, ({ server }) => {
      server.exchange.hold(YES, "10");
      server.knowsWallet = false;
    });
    const { world, book } = running;
    world.server.exchange.tokens.delete(YES);
    await settled(running);
    assert.equal(held(book), "10");
  });

  test("and was redeemed is closed by the redemption", async (t) => {
    const running = await run(t, ({ server }) => server.exchange.hold(YES, "10"));
    const { world, book } = running;
    const { exchange } = world.server;
    exchange.tokens.delete(YES);
    exchange.collateral += 10_000_000n;
    exchange.activity.push({
      type: "REDEEM",
      proxy_wallet: exchange.wallet,
      timestamp: Math.floor(world.runtime.clock.nowMs() / 1_000),
      condition_id: COND,
      token_id: YES,
      size: 10,
      usdc_size: 10,
      transaction_hash: `0x${"ab".repeat(32)}`,
    });
    await settled(running);
    assert.equal(held(book), "0");
    assert.deepEqual(openDiscrepancies(book), []);
    assert.match(JSON.stringify([...book.ledgers.values()]), /redemption/);
  });
});

test("a fill while the stream is away is read when it comes back, before the next interval", async (t) => {
  const running = await run(t);
  const { world, book } = running;
  const id = await place(running);
  world.server.dropStreams();
  await world.untilMissed(1);
  const before = world.heard;
  world.server.exchange.match(id, "4", "0.4");
  await advance(running, 100);
  // The PONG of the new connection.
  await world.untilHeard(before + 1);
  await advance(running, 1);
  assert.equal(held(book), "4");
});

test("[R10] a kill cancels the open orders at Polymarket, and confirms it", async (t) => {
  const running = await run(t);
  const id = await place(running);
  await advance(running, INTERVAL);
  const report = await running.session.kill("drill", "ann", false);
  assert.deepEqual(
    report.canceled.map(({ order: name, outcome }) => [name, outcome.kind]),
    [["bot-1", "accepted"]],
  );
  await advance(running, INTERVAL);
  const known = findOrder(running.book, { instrument: YES, venueOrderId: id });
  assert.equal(known && orderStatus(known), "canceled");
});
