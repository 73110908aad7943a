// The adapter below the real engine: what the stream lost is found, what the venue hides is not closed, an order of unknown
// outcome is sent once, and a phantom in a bot's store goes only where the venue proves it.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import {
  type AccountPolicy,
  findOrder,
  type MirrorRow,
  type OrderIntent,
  orderStatus,
  POLICY_DEFAULT,
  positionKey,
  positionQty,
  UNLIMITED,
} from "../../core/index.ts";
import { gateView, Session } from "../../engine/index.ts";
import { MemoryJournal } from "../../journal/memory/index.ts";
import { MemoryMirror } from "../../mirrors/memory/index.ts";
import { SILENT } from "../../runtime/index.ts";
import type { Bench } from "../bench.ts";
import type { CommandFaultName } from "../wire/faults.ts";
import { World } from "../world.ts";
import { busyAccount, none, restingOrder } from "./reading.ts";

const POLICY: AccountPolicy = {
  ...POLICY_DEFAULT,
  mode: "executor",
  limits: UNLIMITED,
};
const INTERVAL = POLICY.intervalMs;

export function engineClaims(bench: Bench): void {
  const { sections, stream, capabilities } = bench.declaration;
  if (sections.positions === null || sections.fills === null) return;
  describe(`${bench.name}: the engine on it`, () => {
    test("holds what the account holds, and finds nothing to repair", async (t) => {
      const running = await Running.start(t, bench, (world) => busyAccount(world));
      await running.intervals(3);
      running.isAsTheAccount();
      assert.deepEqual(running.discrepancies(), []);
      assert.equal(running.gate(), "open");
    });

    test("follows trades by hand, in both directions, to flat", async (t) => {
      const running = await Running.start(t, bench);
      const { model, first, lots, priceAt } = running;
      for (const [side, count] of [
        ["buy", 5],
        ["sell", 2],
        ["sell", 3],
      ] as const) {
        model.trade({ instrument: first.instrument.symbol, side, qty: lots(count), price: priceAt(count) });
        await running.intervals(2);
        running.isAsTheAccount();
      }
      assert.deepEqual(running.discrepancies(), []);
    });

    if (stream !== null) {
      test("counts a fill once that the stream and the history both tell", async (t) => {
        const running = await Running.start(t, bench);
        const { model, lots, world, session } = running;
        const id = restingOrder(world, "once", 4);
        await running.intervals(1);
        model.fill(id, lots(1));
        await world.eventually(() => session.book.fills.size === 1, "the fill is entered");
        await running.intervals(3);
        running.isAsTheAccount();
        assert.equal(running.fills(), 1);
      });

      test("finds a fill that the stream kept back", async (t) => {
        const running = await Running.start(t, bench);
        const { model, world, lots } = running;
        const id = restingOrder(world, "kept-back", 4);
        await running.intervals(1);
        world.server.stream = { isSilent: true };
        model.fill(id, lots(3));
        await running.intervals(3);
        running.isAsTheAccount();
        assert.equal(running.fills(), 1);
        assert.deepEqual(running.discrepancies(), []);
      });
    }

    if (stream !== null) {
      test("finds a fill that happened while the stream was away", async (t) => {
        const running = await Running.start(t, bench);
        const { model, world, lots } = running;
        const id = restingOrder(world, "away", 4);
        await running.intervals(1);
        world.server.stream = { isDown: true };
        world.server.cut();
        await world.settle();
        model.fill(id, lots(1));
        await running.pass(1_000);
        world.server.stream = {};
        await running.intervals(8);
        running.isAsTheAccount();
        assert.equal(running.fills(), 1);
        assert.ok(running.session.isStreamLive, "the stream is live again");
      });
    }

    if (bench.happenings.includes("reversal")) {
      test("takes a fill back that the venue took back", async (t) => {
        const running = await Running.start(t, bench);
        const { model, first, lots } = running;
        const { symbol } = first.instrument;
        model.trade({ instrument: symbol, side: "buy", qty: lots(2) });
        await running.intervals(2);
        const fill = model.trade({
          instrument: symbol,
          side: "buy",
          qty: lots(1),
          price: running.priceAt(2),
        });
        await running.intervals(2);
        model.bust(fill.tradeId);
        await running.intervals(6);
        running.isAsTheAccount();
      });
    }

    test("finds a position that opened and closed between two passes", async (t) => {
      const running = await Running.start(t, bench);
      const { model, first, lots, world } = running;
      world.server.stream = { isSilent: true };
      const { symbol } = first.instrument;
      model.trade({ instrument: symbol, side: "buy", qty: lots(2) });
      model.trade({ instrument: symbol, side: "sell", qty: lots(2), price: running.priceAt(4) });
      await running.intervals(3);
      running.isAsTheAccount();
      assert.equal(running.fills(), 2);
    });

    test("closes nothing while the venue answers with an empty list and means nothing by it", async (t) => {
      const running = await Running.start(t, bench, (world) => busyAccount(world));
      await running.intervals(2);
      const before = running.held();
      running.world.server.setReadFault("positions", "an empty list");
      await running.intervals(4);
      assert.deepEqual(running.held(), before);
      running.world.server.clearFaults();
      await running.intervals(6);
      running.isAsTheAccount();
    });

    test("repairs nothing while the venue is down, and is right again when it is back", async (t) => {
      const running = await Running.start(t, bench, (world) => busyAccount(world));
      await running.intervals(2);
      const before = running.held();
      for (const part of ["positions", "orders", "balances", "fills", "ledger"] as const) {
        running.world.server.setReadFault(part, "503 with a page for people");
      }
      await running.intervals(4);
      assert.deepEqual(running.held(), before);
      running.world.server.clearFaults();
      await running.intervals(8);
      running.isAsTheAccount();
      assert.equal(running.gate(), "open");
    });

    if (!bench.tolerances?.isAccountNamedByUs)
      test("stops where another account answers", async (t) => {
        const running = await Running.start(t, bench, (world) => busyAccount(world));
        await running.intervals(2);
        const before = running.held();
        const other = `${bench.accountId.slice(0, -4)}${bench.accountId.endsWith("dead") ? "beef" : "dead"}`;
        running.world.server.view = (account) => ({
          ...account,
          accountId: other,
          positions: [],
          orders: [],
        });
        await running.intervals(3);
        assert.deepEqual(running.held(), before);
        assert.equal(running.gate(), "halted");
      });

    if (capabilities.heals) {
      test("takes a phantom out of a bot's store where the venue proves that it is none", async (t) => {
        const phantom: MirrorRow = {
          rowId: "phantom",
          instrument: bench.instruments[1]?.instrument.symbol ?? "",
          leg: bench.positionMode === "hedge" ? "long" : "net",
          qty: bench.instruments[1]?.lot ?? null,
          metadata: { note: "the bot believes this" },
        };
        const mirror = new MemoryMirror({ name: "bot", rows: [phantom] });
        const setUp = async ({ model, first, lots }: Scene) => {
          model.trade({ instrument: first.instrument.symbol, side: "buy", qty: lots(3) });
        };
        const running = await Running.start(t, bench, (world) => setUp(sceneOf(world)), [mirror]);
        await running.intervals(6);
        const told = mirror.held.map(({ instrument, qty }) => [instrument, qty]);
        const { symbol } = running.first.instrument;
        assert.deepEqual(told, [[symbol, running.model.position(symbol).qty]]);
        assert.deepEqual(running.discrepancies(), []);
      });
    }

    if (capabilities.commands.submit) {
      for (const [name, isPlaced] of [
        ["a reset after", true],
        ["504 after", true],
        ["no answer after", true],
        ["a reset before", false],
      ] as const)
        orderClaim(bench, name, isPlaced);
    }

    if (capabilities.commands.cancel) {
      test("cancels the open orders when it is killed", async (t) => {
        const running = await Running.start(t, bench);
        restingOrder(running.world, "killed", 2);
        await running.intervals(2);
        const report = await running.session.kill("drill", "ann", true);
        assert.equal(report.problem ?? null, null);
        await running.intervals(2);
        assert.deepEqual(running.model.openOrders, []);
      });
    }

    for (const cause of ["liquidation", "adl"] as const) {
      if (!bench.happenings.includes(cause)) continue;
      test(`books a ${cause} with its cause`, async (t) => {
        const running = await Running.start(t, bench, (world) => busyAccount(world));
        const { model, first, lots } = running;
        await running.intervals(1);
        model.force(first.instrument.symbol, model.usualLeg, cause, { qty: lots(2) });
        await running.intervals(3);
        running.isAsTheAccount();
        const booked = [...running.session.book.fills.values()].filter(({ facts }) => facts.forced === cause);
        assert.ok(booked.length > 0, `no fill is booked with the cause ${cause}`);
      });
    }
  });
}

/** An order whose answer is lost is sent once, and becomes what it is at the venue, or stays unknown. */
function orderClaim(bench: Bench, fault: CommandFaultName, isPlaced: boolean): void {
  test(`sends an order that meets "${fault}" once, and finds out what became of it`, async (t) => {
    const running = await Running.start(t, bench);
    const { world, session } = running;
    await running.intervals(1);
    world.server.setCommandFault("submit", fault, 1);
    const intent: OrderIntent = {
      intentId: "i-1",
      instrument: running.first.instrument.symbol,
      leg: world.model.usualLeg,
      side: "buy",
      type: "limit",
      qty: running.lots(2),
      price: running.priceAt(-10),
      timeInForce: bench.declaration.capabilities.commands.timesInForce.includes("gtc") ? "gtc" : "day",
      reduceOnly: false,
      strategy: "unattributed",
      referencePrice: running.first.price,
    };
    await session.submit(intent, "bot");
    await running.intervals(4);
    await session.submit(intent, "bot");
    await running.intervals(2);
    assert.equal(world.server.countOf("submit"), 1, "it was sent again");
    assert.equal(running.model.openOrders.length, isPlaced ? 1 : 0);
    const [order] = [...session.book.orders.values()];
    assert.ok(order);
    if (isPlaced) {
      const known = findOrder(session.book, {
        instrument: intent.instrument,
        venueOrderId: running.model.openOrders[0]?.venueOrderId ?? "",
      });
      assert.equal(known && orderStatus(known), "open");
    } else assert.notEqual(orderStatus(order), "open");
  });
}

interface Scene {
  readonly model: World["model"];
  readonly first: World["first"];
  readonly lots: World["lots"];
}

function sceneOf(world: World): Scene {
  return { model: world.model, first: world.first, lots: (count) => world.lots(count) };
}

/** A session on the bench's adapter, read once. */
class Running {
  readonly world: World;
  readonly session: Session;
  readonly model: World["model"];
  readonly first: World["first"];
  readonly lots = (count: number) => this.world.lots(count);
  readonly priceAt = (steps: number) => this.world.priceAt(steps);

  static async start(
    t: TestContext,
    bench: Bench,
    setUp: (world: World) => Promise<void> = () => Promise.resolve(),
    mirrors: readonly MemoryMirror[] = [],
  ): Promise<Running> {
    const world = await World.open(t, bench);
    await setUp(world);
    const session = await Session.open({
      account: "bench",
      journal: new MemoryJournal(),
      venue: world.venue,
      mirrors,
      policy: POLICY,
      positionMode: bench.positionMode,
      runtime: world.runtime,
      log: SILENT,
    });
    t.after(() => session.stop());
    const running = new Running(world, session);
    await session.start({ bootPass: true, timers: true });
    await running.intervals(1);
    return running;
  }

  private constructor(world: World, session: Session) {
    this.world = world;
    this.session = session;
    this.model = world.model;
    this.first = world.first;
  }

  intervals(count: number): Promise<void> {
    return this.pass(count * INTERVAL);
  }

  /** Before each next moment what is under way arrives: a connection is made in some round trips. */
  pass(ms: number): Promise<void> {
    return this.world.pass(ms, async () => {
      await this.world.settle(this.session.isStreamLive ? 1 : 5);
      await this.session.whenIdle();
    });
  }

  held(): string[] {
    return this.world.bench.instruments.flatMap(({ instrument: { symbol } }) =>
      (this.world.bench.positionMode === "hedge" ? (["long", "short"] as const) : (["net"] as const)).map(
        (leg) => `${symbol} ${leg} ${positionQty(this.session.book, positionKey(symbol, leg))}`,
      ),
    );
  }

  isAsTheAccount(): void {
    const legs = this.held().map((text) => text.split(" "));
    none(
      legs.flatMap(([symbol = "", leg, qty]) => {
        const { qty: expected } = this.model.position(symbol, leg as "net");
        return qty === expected ? [] : [`the book holds ${qty} of ${symbol} ${leg}; the account ${expected}`];
      }),
      JSON.stringify(this.discrepancies()),
    );
  }

  fills(): number {
    return [...this.session.book.fills.values()].filter(({ facts }) => !facts.isProvisional).length;
  }

  discrepancies(): string[] {
    return [...this.session.book.discrepancies.values()].map(({ kind }) => kind);
  }

  gate(): string {
    return gateView(this.session.book).state;
  }
}
