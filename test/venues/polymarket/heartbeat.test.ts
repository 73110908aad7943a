// Polymarket's heartbeat as the dead-man switch: one request for each beat, a chain of ids, and nothing that turns it off.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { type AccountPolicy, decimal, type OrderIntent } from "../../../src/core/index.ts";
import type { Session } from "../../../src/engine/index.ts";
import type { Venue } from "../../../src/venues/index.ts";
import { engineOn } from "../../support/engine-on.ts";
import { CREDENTIALS } from "./server.ts";
import { openVenue, openWorld, SIGNER, type World, YES } from "./support.ts";

const BEAT = { timeoutMs: 10_000 };

async function beat({ venue }: World) {
  const outcome = await venue.deadMan?.(BEAT);
  if (!outcome) throw new Error("the venue has no dead-man switch");
  return outcome;
}

function sent({ server }: World): string[] {
  return server.commands.filter((command) => command.startsWith("POST /v1/heartbeats"));
}

describe("the heartbeat of Polymarket", () => {
  test("begins without an id, and carries the one that the last answer gave, once each", async (t) => {
    const world = await openWorld(t);
    for (let count = 0; count < 3; count += 1) assert.equal((await beat(world)).kind, "accepted");
    assert.deepEqual(sent(world), [
      'POST /v1/heartbeats {"heartbeat_id":""}',
      'POST /v1/heartbeats {"heartbeat_id":"beat-1"}',
      'POST /v1/heartbeats {"heartbeat_id":"beat-2"}',
    ]);
  });

  test("waits for the one before it, whose answer has its id", async (t) => {
    const world = await openWorld(t);
    const outcomes = await Promise.all([beat(world), beat(world), beat(world)]);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ["accepted", "accepted", "accepted"],
    );
    assert.equal(world.server.beats, 3);
  });

  test("with an id that is not the expected one says so, and the next one carries that", async (t) => {
    for (const field of ["error_msg", "error"]) {
      const world = await openWorld(t);
      world.server.nextBeat = "of-the-process-before";
      const body = { [field]: "Invalid Heartbeat ID", heartbeat_id: "of-the-process-before" };
      world.server.fail("POST /v1/heartbeats", { kind: "answer", status: 400, body }, { times: 1 });
      const first = await beat(world);
      assert.ok(first.kind === "rejected" && first.sent, JSON.stringify(first));
      assert.match(first.reason, /another id was expected.*the next one carries it/);
      assert.equal(sent(world).length, 1, "it was sent again by itself");
      assert.equal((await beat(world)).kind, "accepted");
    }
  });

  test("of which the answer is lost may have counted; the one after finds the chain again", async (t) => {
    const world = await openWorld(t);
    await beat(world);
    world.server.fail("POST /v1/heartbeats", { kind: "reset", after: true }, { times: 1 });
    assert.equal((await beat(world)).kind, "unknown");
    assert.equal((await beat(world)).kind, "rejected");
    assert.equal((await beat(world)).kind, "accepted");
  });

  test("is set only where the answer has the id of the next one", async (t) => {
    for (const body of [{ status: "ok" }, { heartbeat_id: "" }, { heartbeat_id: 'a"b' }, {}]) {
      const world = await openWorld(t);
      world.server.fail("POST /v1/heartbeats", { kind: "answer", status: 200, body });
      assert.equal((await beat(world)).kind, "unknown", JSON.stringify(body));
    }
  });

  test("with credentials that are not taken is refused, and says so without them", async (t) => {
    const world = await openWorld(t, { credentials: { ...CREDENTIALS, passphrase: "another" } });
    const outcome = await beat(world);
    assert.ok(outcome.kind === "rejected" && outcome.sent, JSON.stringify(outcome));
    assert.match(outcome.reason, /refused the keys/);
    assert.doesNotMatch(JSON.stringify(outcome), new RegExp(`${CREDENTIALS.secret}|another\\b(?! id)`));
  });

  test("is not turned off, not set for another time, and not for one token: nothing is sent then", async (t) => {
    const world = await openWorld(t);
    for (const [command, says] of [
      [{ timeoutMs: 0 }, /no way to stop its heartbeat/],
      [{ timeoutMs: 60_000 }, /fires after 10000 ms; found 60000/],
      [{ ...BEAT, instrument: "1" }, /keeps all orders/],
    ] as const) {
      const outcome = await world.venue.deadMan?.(command);
      assert.ok(outcome?.kind === "rejected" && !outcome.sent, JSON.stringify(outcome));
      assert.match(outcome.reason, says);
    }
    assert.deepEqual(sent(world), []);
  });

  test("is not there without the wallet's key, where no order of ours can be", async (t) => {
    const { runtime, url } = await openWorld(t);
    const keysOnly = { privateKey: "", credentials: CREDENTIALS, signer: SIGNER };
    const venue = await openVenue({ runtime, url }, keysOnly);
    assert.equal(venue.deadMan, undefined);
    assert.equal(venue.capabilities.commands.deadMan, "none");
  });
});

const GUARDED: Partial<AccountPolicy> = {
  mode: "executor",
  limits: {
    orderValueMax: null,
    positionValueMax: null,
    exposureMax: null,
    openOrdersMax: null,
    ordersPerMinuteMax: null,
  },
  deadMan: BEAT,
};

/** In ms. */
const STEP_MS = 200;

const ORDER: OrderIntent = {
  strategy: "default",
  intentId: "one",
  instrument: YES,
  leg: "net",
  side: "buy",
  type: "limit",
  qty: decimal("10"),
  price: decimal("0.3"),
  timeInForce: "gtc",
  reduceOnly: false,
};

/** The engine on the adapter, and a way to let time pass in which every beat comes to its answer. */
async function guarded(t: TestContext, world: World, venue: Venue = world.venue) {
  const { runtime } = world;
  const { deadMan } = venue;
  if (!deadMan) throw new Error("the venue has no dead-man switch");
  let beating: Promise<unknown> = Promise.resolve();
  const told: NonNullable<Venue["deadMan"]> = (command) => {
    const answer = deadMan(command);
    beating = answer;
    return answer;
  };
  const session = await engineOn(t, {
    venue: Object.assign(venue, { deadMan: told }),
    runtime,
    policy: GUARDED,
  });
  const idle = async (of: Session | undefined) => {
    await beating;
    await of?.whenIdle();
  };
  // What an answer sets going has to have begun before the time that it is measured by.
  const pass = async (ms: number, of: Session | undefined = session) => {
    for (let at = 0; at < ms; at += STEP_MS) {
      await idle(of);
      await runtime.advance(STEP_MS, () => idle(of));
    }
  };
  await pass(STEP_MS);
  return { session, pass };
}

describe("an account that is guarded by the heartbeat", () => {
  test("keeps its order for as long as the process beats, and loses it when the process is gone", async (t) => {
    const world = await openWorld(t);
    world.server.exchange.book(YES, [{ price: "0.39", size: "100" }], [{ price: "0.41", size: "100" }]);
    const { session, pass } = await guarded(t, world);
    const placed = await session.submit(ORDER, "bot");
    assert.equal(placed.outcome, "accepted", placed.reasons.join());
    const live = () => [...world.server.exchange.orders.values()].filter(({ status }) => status === "LIVE");
    await pass(60_000);
    world.server.lapse();
    assert.equal(live().length, 1, "it fired while the process was well");
    assert.ok(world.server.beats >= 18 && world.server.beats <= 20, String(world.server.beats));
    const commands = sent(world).length;
    await session.stop();
    await pass(11_000, undefined);
    assert.equal(sent(world).length, commands, "something was said to it at the stop");
    world.server.lapse();
    assert.equal(live().length, 0, "nobody watches the order");
  });

  test("that starts again while the chain of the process before is alive takes it up", async (t) => {
    const world = await openWorld(t);
    world.server.exchange.book(YES, [{ price: "0.39", size: "100" }], [{ price: "0.41", size: "100" }]);
    const first = await guarded(t, world);
    await first.session.stop();
    const again = await openVenue(world);
    const { session, pass } = await guarded(t, world, again);
    await pass(2_000);
    assert.equal(session.deadManReport?.isSet, true, session.deadManReport?.problem ?? "");
    assert.equal((await session.submit(ORDER, "bot")).outcome, "accepted");
  });
});
