// The real engine on the local Binance: positions, money and orders of a book that agree with the account whichever source
// tells first, in both modes of futures and in spot.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { Bench } from "../../../src/conformance/index.ts";
import { World } from "../../../src/conformance/world.ts";
import {
  type Book,
  balanceTotal,
  decimal,
  type Leg,
  orderStatus,
  POLICY_DEFAULT,
  positionKey,
  positionQty,
} from "../../../src/core/index.ts";
import type { Session } from "../../../src/engine/index.ts";
import { engineOn } from "../../support/engine-on.ts";
import { openOn, SPOT_BENCH, USDM_BENCH } from "./bench.ts";
import type { UsdmWire } from "./usdm-wire.ts";

const INTERVAL = POLICY_DEFAULT.intervalMs;

/** No pings: a virtual clock that runs through passes does not wait for the pongs of a real socket. */
const QUIET = { heartbeatMs: 10 * 24 * 3_600_000 };
const BNB_FEES = { feeRatio: decimal("0.0004"), feeIn: { asset: "BNB" } } as const;
const COIN_FEES = { feeRatio: decimal("0.001"), feeIn: "base" } as const;
const BENCHES = {
  net: { ...USDM_BENCH, account: BNB_FEES, open: (parts) => openOn(parts, "usdm", "net", QUIET) },
  hedge: { ...USDM_BENCH, positionMode: "hedge", open: (parts) => openOn(parts, "usdm", "hedge", QUIET) },
  spot: { ...SPOT_BENCH, account: COIN_FEES, open: (parts) => openOn(parts, "spot", "net", QUIET) },
} satisfies Record<string, Bench>;

class Running {
  readonly world: World;
  readonly session: Session;

  constructor(world: World, session: Session) {
    this.world = world;
    this.session = session;
  }

  get book(): Book {
    return this.session.book;
  }

  static async start(t: TestContext, bench: Bench): Promise<Running> {
    const world = await World.open(t, bench);
    const session = await engineOn(t, {
      venue: world.venue,
      runtime: world.runtime,
      positionMode: bench.positionMode,
    });
    const running = new Running(world, session);
    await running.passes(1);
    return running;
  }

  async passes(count: number): Promise<void> {
    for (let pass = 0; pass < count; pass += 1) {
      await this.world.runtime.advance(INTERVAL, () => this.session.whenIdle());
    }
  }

  /** What the book has and the account does not, or the other way round. */
  differences(): string[] {
    const { model, bench } = this.world;
    const legs: readonly Leg[] = bench.positionMode === "hedge" ? ["long", "short"] : ["net"];
    const wrong: string[] = [];
    for (const { instrument } of model.instruments) {
      for (const leg of legs) {
        const told = positionQty(this.book, positionKey(instrument.symbol, leg));
        const { qty } = model.position(instrument.symbol, leg);
        if (told !== qty) wrong.push(`${instrument.symbol} ${leg}: book ${told}, account ${qty}`);
      }
    }
    for (const { asset, total } of model.balances) {
      const balance = this.book.balances.get(asset);
      const told = balance ? balanceTotal(balance) : "none";
      if (told !== total) wrong.push(`${asset}: book ${told}, account ${total}`);
    }
    return wrong;
  }

  open(): string[] {
    return [...this.book.discrepancies.values()].map(({ kind }) => kind);
  }
}

describe("the engine on USD-M futures", () => {
  test("counts every fill once, with fees in BNB, funding and a transfer, and ends equal to the account", async (t) => {
    const running = await Running.start(t, BENCHES.net);
    const { world } = running;
    const { symbol } = world.first.instrument;
    world.model.trade({ instrument: symbol, side: "buy", qty: world.lots(5) });
    await running.passes(2);
    world.model.trade({ instrument: symbol, side: "sell", qty: world.lots(8), price: world.priceAt(20) });
    world.model.money("USDT", decimal("-1.25"), "funding", { instrument: symbol });
    world.model.money("USDT", decimal("500"), "transfer");
    await running.passes(3);
    assert.deepEqual([running.differences(), running.open()], [[], []]);
    assert.equal(running.book.fills.size, 2);
  });

  test("learns from the history what a silent stream kept, also of a symbol that is flat again", async (t) => {
    const running = await Running.start(t, BENCHES.net);
    const { world } = running;
    const { symbol } = world.second.instrument;
    world.server.stream = { isSilent: true };
    world.model.trade({ instrument: symbol, side: "buy", qty: world.lots(2, world.second) });
    world.model.trade({
      instrument: symbol,
      side: "sell",
      qty: world.lots(2, world.second),
      price: world.priceAt(9, world.second),
    });
    await running.passes(3);
    assert.deepEqual([running.differences(), running.open()], [[], []]);
    assert.equal(running.book.fills.size, 2);
  });

  test("books a liquidation with its cause, and the gate closes", async (t) => {
    const running = await Running.start(t, BENCHES.net);
    const { world } = running;
    const { symbol } = world.first.instrument;
    world.model.trade({ instrument: symbol, side: "buy", qty: world.lots(5) });
    await running.passes(2);
    world.model.force(symbol, "net", "liquidation");
    await running.passes(3);
    assert.deepEqual(running.differences(), []);
    const causes = [...running.book.fills.values()].map(({ facts }) => facts.forced);
    assert.deepEqual(causes, [undefined, "liquidation"]);
  });

  test("keeps two legs of a hedging account apart", async (t) => {
    const running = await Running.start(t, BENCHES.hedge);
    const { world } = running;
    const { symbol } = world.first.instrument;
    world.model.trade({ instrument: symbol, leg: "long", side: "buy", qty: world.lots(5) });
    world.model.trade({ instrument: symbol, leg: "short", side: "sell", qty: world.lots(3) });
    await running.passes(2);
    world.model.trade({
      instrument: symbol,
      leg: "short",
      side: "buy",
      qty: world.lots(1),
      price: world.priceAt(-30),
    });
    await running.passes(3);
    assert.deepEqual([running.differences(), running.open()], [[], []]);
  });

  test("follows a conditional order into the one that it becomes", async (t) => {
    const running = await Running.start(t, BENCHES.net);
    const { world } = running;
    const { symbol } = world.first.instrument;
    const server = world.server as UsdmWire;
    world.model.trade({ instrument: symbol, side: "buy", qty: world.lots(2) });
    const stop = world.model.place({
      instrument: symbol,
      clientOrderId: "stop-1",
      side: "sell",
      type: "stop",
      qty: world.lots(2),
      triggerPrice: world.priceAt(-50),
      reduceOnly: true,
    });
    assert.ok(stop.kind === "order");
    await running.passes(2);
    const waiting = [...running.book.orders.values()].find(({ clientOrderId }) => clientOrderId === "stop-1");
    assert.match(waiting?.venueOrderId ?? "", /^algo-/);
    // It fires: Binance places an order of another number, which is filled.
    const market = world.model.place({
      instrument: symbol,
      clientOrderId: "of-the-engine",
      side: "sell",
      type: "market",
      qty: world.lots(2),
    });
    assert.ok(market.kind === "order");
    server.fired.set(stop.order.venueOrderId, market.order.venueOrderId);
    world.model.cancel({ venueOrderId: stop.order.venueOrderId });
    await running.passes(4);
    assert.deepEqual([running.differences(), running.open()], [[], []]);
    const ended = [...running.book.orders.values()].find(({ clientOrderId }) => clientOrderId === "stop-1");
    assert.equal(ended && orderStatus(ended), "filled");
  });
});

describe("the engine on spot", () => {
  test("has coins as positions, less the fees that were taken from them, and ends equal to the account", async (t) => {
    const running = await Running.start(t, BENCHES.spot);
    const { world } = running;
    world.model.trade({ instrument: "BTC/USDT", side: "buy", qty: world.lots(100) });
    await running.passes(2);
    world.model.trade({
      instrument: "BTC/USDT",
      side: "sell",
      qty: world.lots(30),
      price: world.priceAt(50),
    });
    world.model.trade({ instrument: "ETH/USDT", side: "buy", qty: world.lots(3, world.second) });
    await running.passes(3);
    assert.deepEqual([running.differences(), running.open()], [[], []]);
    assert.equal(running.book.fills.size, 3);
  });
});
