// What the messages of both streams become. Messages are retyped from Binance's documentation (user-data-streams of
// USD-M futures, user-data-stream.md of spot; read 2026-11), with invented ids.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { StreamEvent } from "../venue.ts";
import { parseExact } from "../wire/json.ts";
import { readSpotMessage } from "./events-spot.ts";
import { readUsdmMessage } from "./events-usdm.ts";
import { Symbols } from "./symbols.ts";

const T = 1_777_000_000_000;
const usdm = (message: object) => readUsdmMessage(parseExact(JSON.stringify(message)), new Symbols("usdm"));
const spot = (message: object) => readSpotMessage(parseExact(JSON.stringify(message)), new Symbols("spot"));

function of<Kind extends StreamEvent["kind"]>(events: readonly StreamEvent[], kind: Kind) {
  return events.filter((event): event is Extract<StreamEvent, { kind: Kind }> => event.kind === kind);
}

/** `ORDER_TRADE_UPDATE` of a sell that was filled. */
function execution(change: object = {}): object {
  const o = {
    s: "BTCUSDT",
    c: "mine-1",
    S: "SELL",
    o: "MARKET",
    f: "GTC",
    q: "0.010",
    p: "0",
    ap: "64250.5",
    sp: "0",
    x: "TRADE",
    X: "FILLED",
    i: 8886774,
    l: "0.010",
    z: "0.010",
    L: "64250.5",
    N: "BNB",
    n: "-0.00012",
    T,
    t: 5321,
    R: false,
    ps: "BOTH",
    ...change,
  };
  return { e: "ORDER_TRADE_UPDATE", E: T + 1, T, o };
}

describe("an order of the USD-M stream", () => {
  test("that traded is a fill with the trade's own id, its fee in BNB and a rebate below zero, then the order", () => {
    const { events } = usdm(execution());
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["fill", "order"],
    );
    const [{ fill } = assert.fail()] = of(events, "fill");
    assert.deepEqual(fill, {
      instrument: "BTC/USDT:USDT",
      leg: "net",
      tradeId: "5321",
      venueOrderId: "8886774",
      clientOrderId: "mine-1",
      side: "sell",
      qty: "0.01",
      price: "64250.5",
      fee: "-0.00012",
      feeCurrency: "BNB",
      timestamp: T,
      venueSeq: 5321,
    });
  });

  test("that is only new is no fill", () => {
    const { events } = usdm(execution({ x: "NEW", X: "NEW", l: "0", z: "0", t: 0 }));
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["order"],
    );
  });

  for (const [id, cause, execution_] of [
    ["autoclose-1777000000000000001", "liquidation", "CALCULATED"],
    ["autoclose-1777000000000000001", "liquidation", "TRADE"],
    ["adl_autoclose", "adl", "TRADE"],
    ["settlement_autoclose-1", "settlement", "TRADE"],
    ["delivery_autoclose-1", "expiry", "TRADE"],
    ["anything", "liquidation", "CALCULATED"],
  ] as const) {
    test(`of ${id} (${execution_}) is a fill that was forced by ${cause}, also without a fee`, () => {
      const { events } = usdm(execution({ c: id, x: execution_, n: undefined, N: undefined }));
      const [{ fill } = assert.fail()] = of(events, "fill");
      assert.equal(fill.forced, cause);
      assert.equal(fill.fee, undefined);
    });
  }

  test("[R6] that was forced without a trade id is looked up, and not booked under another key", () => {
    const { events } = usdm(execution({ c: "autoclose-1", x: "CALCULATED", t: 0 }));
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["order", "gap", "live", "wake"],
    );
  });

  test("of a leg in hedge mode says which", () => {
    const [{ fill } = assert.fail()] = of(usdm(execution({ ps: "SHORT" })).events, "fill");
    assert.equal(fill.leg, "short");
  });

  test("in a state that nobody knows keeps the venue's word, has no state of ours, and wakes", () => {
    const { events } = usdm(execution({ X: "TELEPORTED", x: "NEW", l: "0" }));
    const [{ order } = assert.fail()] = of(events, "order");
    assert.equal(order.status, undefined);
    assert.equal(order.venueStatus, "TELEPORTED");
    assert.equal(of(events, "wake").length, 1);
  });

  test("that cannot be read may have been a fill: it opens a gap", () => {
    assert.deepEqual(
      usdm(execution({ l: "many" })).events.map(({ kind }) => kind),
      ["gap", "live"],
    );
  });

  test("as TRADE_LITE says nothing that ORDER_TRADE_UPDATE does not", () => {
    const lite = {
      e: "TRADE_LITE",
      E: T,
      T,
      s: "BTCUSDT",
      q: "1",
      p: "0",
      m: false,
      c: "a",
      S: "BUY",
      L: "1",
      l: "1",
      t: 1,
      i: 2,
    };
    assert.deepEqual(usdm(lite).events, []);
    assert.match(usdm(lite).ignored ?? "", /ORDER_TRADE_UPDATE/);
  });
});

describe("an account update of the USD-M stream", () => {
  const update = (m: string, P: object[], B: object[] = []) =>
    usdm({ e: "ACCOUNT_UPDATE", E: T + 1, T, a: { m, B, P } });

  test("is absolute: an amount of 0 with side BOTH is a position of zero", () => {
    const { events } = update("ORDER", [{ s: "BTCUSDT", pa: "0", ep: "0.00000", mt: "cross", ps: "BOTH" }]);
    assert.deepEqual(events, [
      {
        kind: "position",
        position: { instrument: "BTC/USDT:USDT", leg: "net", qty: "0", updatedAt: T },
      },
    ]);
  });

  test("of hedge mode tells each leg, the short one below zero", () => {
    const { events } = update("ORDER", [
      { s: "BTCUSDT", pa: "20", ep: "6563.66500", ps: "LONG" },
      { s: "BTCUSDT", pa: "-10", ep: "6563.8", ps: "SHORT" },
    ]);
    assert.deepEqual(
      of(events, "position").map(({ position: { leg, qty } }) => `${leg} ${qty}`),
      ["long 20", "short -10"],
    );
  });

  for (const [reason, cause] of [
    ["ORDER", undefined],
    ["FUNDING_FEE", "funding"],
    ["INSURANCE_CLEAR", "liquidation"],
    ["ADJUSTMENT", "unexplained"],
    ["MARGIN_TYPE_CHANGE", undefined],
  ] as const) {
    test(`with the reason ${reason} has the cause ${cause ?? "none"}`, () => {
      const { events } = update(reason, [{ s: "BTCUSDT", pa: "1", ep: "1", ps: "BOTH" }]);
      assert.equal(of(events, "position")[0]?.cause, cause);
    });
  }

  test("by funding of a crossed position brings balances alone", () => {
    const { events } = update("FUNDING_FEE", [], [{ a: "USDT", wb: "99.5", cw: "99.5", bc: "-0.5" }]);
    assert.deepEqual(of(events, "balance"), [{ kind: "balance", balance: { asset: "USDT", total: "99.5" } }]);
    assert.equal(of(events, "position").length, 0);
  });

  test("for a reason that nobody knows keeps its rows and wakes with the reason", () => {
    const { events } = update("MAGIC", [{ s: "BTCUSDT", pa: "1", ep: "1", ps: "BOTH" }]);
    assert.equal(of(events, "position").length, 1);
    assert.match(of(events, "wake")[0]?.reason ?? "", /MAGIC/);
  });
});

describe("a conditional order of the USD-M stream", () => {
  const o = {
    caid: "stop-1",
    aid: 2148719,
    at: "CONDITIONAL",
    o: "STOP_MARKET",
    s: "BNBUSDT",
    S: "SELL",
    ps: "BOTH",
    f: "GTC",
    q: "0.01",
    X: "NEW",
    ai: "",
    tp: "750",
    p: "0",
    cp: false,
    R: true,
  };

  test("that waits is an order of the algo service, whose ids are apart", () => {
    const { events, fired } = usdm({ e: "ALGO_UPDATE", T, E: T, o });
    assert.equal(fired, undefined);
    const [{ order } = assert.fail()] = of(events, "order");
    assert.equal(order.venueOrderId, "algo-2148719");
    assert.deepEqual([order.type, order.triggerPrice, order.status], ["stop", "750", "open"]);
  });

  test("that fired says which order goes on, and is in no final state itself", () => {
    const { events, fired } = usdm({ e: "ALGO_UPDATE", T, E: T, o: { ...o, X: "TRIGGERED", ai: "4401" } });
    assert.equal(fired?.orderId, "4401");
    assert.equal(of(events, "order")[0]?.order.status, undefined);
    assert.equal(of(events, "wake").length, 1);
  });
});

describe("other messages of the USD-M stream", () => {
  test("of a kind that nobody knows wake with the kind", () => {
    assert.match(of(usdm({ e: "NEW_THING", E: T }).events, "wake")[0]?.reason ?? "", /NEW_THING/);
  });

  test("without a kind open a gap", () => {
    assert.equal(of(usdm({ hello: 1 }).events, "gap").length, 1);
  });
});

describe("a message of the spot stream", () => {
  const report = {
    e: "executionReport",
    E: T,
    s: "ETHBTC",
    c: "mine-1",
    S: "BUY",
    o: "LIMIT",
    f: "GTC",
    q: "1.00000000",
    p: "0.10264410",
    P: "0.00000000",
    C: "",
    x: "TRADE",
    X: "PARTIALLY_FILLED",
    i: 4293153,
    l: "0.40000000",
    z: "0.40000000",
    L: "0.10264400",
    n: "0.0004",
    N: "ETH",
    T,
    t: 17,
    O: T - 5,
    Z: "0.04105760",
    Q: "0.00000000",
  };

  test("of a trade is a fill with its fee in the coin that was bought, and the order with its average", () => {
    const { events } = spot(report);
    const [{ fill } = assert.fail()] = of(events, "fill");
    assert.deepEqual(
      [fill.instrument, fill.tradeId, fill.fee, fill.feeCurrency],
      ["ETH/BTC", "17", "0.0004", "ETH"],
    );
    assert.equal(of(events, "order")[0]?.order.avgPrice, "0.102644");
  });

  test("of a cancel names the order by its own client id, not the cancel's", () => {
    const { events } = spot({
      ...report,
      x: "CANCELED",
      X: "CANCELED",
      c: "of-the-cancel",
      C: "mine-1",
      l: "0",
      t: -1,
    });
    const [{ order } = assert.fail()] = of(events, "order");
    assert.deepEqual([order.clientOrderId, order.status], ["mine-1", "canceled"]);
    assert.equal(of(events, "fill").length, 0);
  });

  test("of a trade without an id opens a gap", () => {
    assert.equal(of(spot({ ...report, t: -1 }).events, "gap").length, 1);
  });

  test("of balances counts what orders lock", () => {
    const { events } = spot({
      e: "outboundAccountPosition",
      E: T,
      u: T,
      B: [{ a: "ETH", f: "2.5", l: "0.5" }],
    });
    assert.deepEqual(events, [{ kind: "balance", balance: { asset: "ETH", total: "3", free: "2.5" } }]);
  });

  test("of a deposit wakes", () => {
    assert.equal(of(spot({ e: "balanceUpdate", E: T, a: "BTC", d: "100", T }).events, "wake").length, 1);
  });
});
