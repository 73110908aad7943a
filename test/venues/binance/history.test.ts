// How trades and income are read: by symbol, in windows, over ids, and what makes a window proven.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { json } from "../../../src/conformance/index.ts";
import { World } from "../../../src/conformance/world.ts";
import { decimal } from "../../../src/core/index.ts";
import { HEDGE_BENCH, openOn, SPOT_BENCH, USDM_BENCH } from "./bench.ts";
import type { UsdmWire } from "./usdm-wire.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function history(world: World, fromMs = world.nowMs - HOUR) {
  await world.venue.snapshot();
  return world.venue.history(fromMs);
}

function asked(world: World, path: string): URLSearchParams[] {
  return world.sent
    .map(({ url }) => new URL(url))
    .filter(({ pathname }) => pathname === path)
    .map(({ searchParams }) => searchParams);
}

describe("the trades of USD-M futures", () => {
  test("of a symbol that is flat again are found by the income that they were charged", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    await world.pass();
    for (const side of ["buy", "sell"] as const) {
      world.model.trade({ instrument: world.first.instrument.symbol, side, qty: world.lots(2) });
    }
    await world.pass();
    const { fills } = await history(world);
    assert.equal(fills?.quality, "complete", fills?.problem);
    assert.equal(fills?.rows.length, 2);
    assert.deepEqual(
      [...new Set(asked(world, "/fapi/v1/userTrades").map((query) => query.get("symbol")))],
      ["BTCUSDT"],
      "symbols that nothing names are not asked for",
    );
  });

  test("are not proven while the income that names the symbols was not read", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    await world.pass();
    world.server.setReadFault("ledger", "500");
    const { fills, ledger } = await history(world);
    assert.equal(ledger?.quality, "unavailable");
    assert.equal(fills?.quality, "partial");
    assert.equal(fills?.coverage, undefined);
    assert.match(fills?.problem ?? "", /which symbols traded/);
  });

  test("are not proven before positions and orders were read whole", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    await world.pass();
    const { fills } = await world.venue.history(world.nowMs - HOUR);
    assert.equal(fills?.coverage, undefined);
    assert.equal((await history(world)).fills?.quality, "complete");
  });

  test("are proven up to where one symbol was answered badly", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    await world.pass();
    for (const { instrument, lot } of [world.first, world.second]) {
      world.model.trade({ instrument: instrument.symbol, side: "buy", qty: lot });
    }
    await world.pass();
    // One answer for each symbol: its trade, and not the page after it.
    world.server.setReadFault("fills", "500", 2);
    const { fills } = await history(world);
    assert.equal(fills?.quality, "partial");
    assert.equal(fills?.rows.length, 2);
    const [trade] = world.model.fills;
    assert.ok((fills?.coverage?.toMs ?? 0) < (trade?.timestamp ?? 0), "up to the trades alone");
  });

  test("of more than one page, a hundred in one ms, are all there, in the order of their ids", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    await world.pass();
    const { symbol } = world.first.instrument;
    for (let count = 0; count < 300; count += 1) {
      if (count % 100 === 0) await world.pass(1);
      world.model.trade({ instrument: symbol, side: count % 2 === 0 ? "buy" : "sell", qty: world.lots(1) });
    }
    await world.pass();
    world.server.cutPages("fills", 40);
    const { fills } = await history(world);
    assert.equal(fills?.quality, "complete", fills?.problem);
    assert.deepEqual(
      fills?.rows.map(({ tradeId }) => tradeId),
      world.model.fills.map(({ tradeId }) => tradeId),
    );
  });

  test("of weeks ago are asked for in windows of seven days, and from the first one on by id", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    const startedMs = world.nowMs;
    await world.pass(15 * DAY);
    world.model.trade({ instrument: world.first.instrument.symbol, side: "buy", qty: world.lots(2) });
    await world.pass(5 * DAY);
    const { fills } = await history(world, startedMs);
    assert.equal(fills?.rows.length, 1);
    assert.equal(fills?.coverage?.fromMs, startedMs);
    const queries = asked(world, "/fapi/v1/userTrades");
    for (const query of queries) {
      const from = query.get("startTime");
      if (from === null) assert.ok(query.has("fromId") && !query.has("endTime"));
      else assert.ok(Number(query.get("endTime")) - Number(from) < 7 * DAY);
    }
    assert.ok(queries.filter((query) => query.has("startTime")).length >= 3);
  });

  test("of weeks ago are all found, although by id Binance tells the last seven days alone", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    const startedMs = world.nowMs;
    const trade = () =>
      world.model.trade({ instrument: world.first.instrument.symbol, side: "buy", qty: world.lots(1) });
    for (const days of [3, 1, 1, 9, 4, 12]) {
      await world.pass(days * DAY);
      trade();
      trade();
    }
    await world.pass();
    const { fills } = await history(world, startedMs);
    assert.equal(fills?.quality, "complete", fills?.problem);
    assert.deepEqual(
      fills?.rows.map(({ tradeId }) => tradeId),
      world.model.fills.map(({ tradeId }) => tradeId),
    );
  });

  test("that Binance forced say so although its list of trades does not", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    const { symbol } = world.first.instrument;
    await world.pass();
    world.model.trade({ instrument: symbol, side: "buy", qty: world.lots(4) });
    await world.pass();
    world.model.force(symbol, "net", "adl", { qty: world.lots(1) });
    await world.pass();
    world.model.force(symbol, "net", "liquidation");
    await world.pass();
    const { fills } = await history(world);
    assert.deepEqual(
      fills?.rows.map(({ forced }) => forced),
      [undefined, "adl", "liquidation"],
    );
  });

  test("name the client order id of their order, which says whose they are", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    await world.pass();
    const { symbol } = world.first.instrument;
    world.model.place({
      instrument: symbol,
      clientOrderId: "grid-7",
      side: "buy",
      type: "market",
      qty: world.lots(1),
    });
    await world.pass();
    const { fills } = await history(world);
    assert.equal(fills?.rows[0]?.clientOrderId, "grid-7");
    const before = asked(world, "/fapi/v1/allOrders").length;
    await history(world);
    assert.equal(asked(world, "/fapi/v1/allOrders").length, before, "an order is asked for once");
  });

  test("name the client order id of an order whose number is above 2^53", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    await world.pass();
    world.model.trade({ instrument: world.first.instrument.symbol, side: "buy", qty: world.lots(1) });
    await world.pass();
    await history(world);
    const orderId = "8389765519993908929";
    const time = world.nowMs - 1;
    const trade = `{"symbol":"BTCUSDT","id":77,"orderId":${orderId},"side":"BUY","qty":"1","price":"5","time":${time}}`;
    const order = `{"symbol":"BTCUSDT","orderId":${orderId},"clientOrderId":"grid-9","side":"BUY","type":"LIMIT","status":"FILLED","origQty":"1","executedQty":"1"}`;
    answerWith(world, "userTrades", `[${trade}]`);
    // As Binance has it: from the id on that is asked for.
    answerWith(world, "allOrders", (query) =>
      BigInt(query.get("orderId") ?? 0) <= BigInt(orderId) ? `[${order}]` : "[]",
    );
    const { fills } = await history(world);
    assert.deepEqual(
      fills?.rows.map(({ venueOrderId, clientOrderId }) => [venueOrderId, clientOrderId]),
      [[orderId, "grid-9"]],
    );
  });

  test("name the client order id of an order that the list of orders does not reach back to", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    await world.pass();
    const { symbol } = world.first.instrument;
    world.model.place({
      instrument: symbol,
      clientOrderId: "old-1",
      side: "buy",
      type: "market",
      qty: world.lots(1),
    });
    await world.pass();
    answerWith(world, "allOrders", []);
    const { fills } = await history(world);
    assert.equal(fills?.rows[0]?.clientOrderId, "old-1");
  });

  test("of a hedging account name their leg", async (t) => {
    const world = await World.open(t, HEDGE_BENCH);
    const { symbol } = world.first.instrument;
    await world.pass();
    world.model.trade({ instrument: symbol, leg: "long", side: "buy", qty: world.lots(3) });
    world.model.trade({ instrument: symbol, leg: "short", side: "sell", qty: world.lots(2) });
    await world.pass();
    const { fills } = await history(world);
    assert.deepEqual(
      fills?.rows.map(({ leg }) => leg),
      ["long", "short"],
    );
  });

  test("of another symbol than was asked for make the section partial", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    await world.pass();
    world.model.trade({ instrument: world.first.instrument.symbol, side: "buy", qty: world.lots(1) });
    await world.pass();
    await history(world);
    const [row] = world.model.fills;
    answerWith(world, "userTrades", [{ symbol: "DOGEUSDT", id: 1, time: row?.timestamp }]);
    const { fills } = await history(world);
    assert.equal(fills?.quality, "partial");
    assert.match(fills?.problem ?? "", /DOGEUSDT/);
  });
});

describe("an account with more history than one read has time for", () => {
  for (const bench of [SPOT_BENCH, USDM_BENCH]) {
    test(`is proven further with each read, until it is whole: ${bench.name}`, async (t) => {
      let isSlow = false;
      const open: typeof bench.open = (parts) => {
        const slow: typeof fetch = async (input, init) => {
          const response = await parts.fetch(input, init);
          // What is asked for beside the trades takes no time of theirs.
          if (isSlow && !String(input).includes("/sapi/")) await world.pass(1_000);
          return response;
        };
        return openOn({ ...parts, fetch: slow }, bench === SPOT_BENCH ? "spot" : "usdm");
      };
      const world = await World.open(t, { ...bench, open });
      const { first, second } = world;
      await world.pass();
      const startedMs = world.nowMs;
      for (let count = 0; count < 24; count += 1) {
        await world.pass(30 * 60_000);
        const of = count % 8 === 7 ? second : first;
        world.model.trade({ instrument: of.instrument.symbol, side: "buy", qty: of.lot });
      }
      await world.pass();
      // Each page has one trade, and each answer takes a second of the twelve that a read has.
      world.server.cutPages("fills", 1);
      world.server.cutPages("ledger", 2);
      const ids = new Set<string>();
      let fromMs = startedMs;
      let reads = 0;
      for (let isWhole = false; !isWhole; ) {
        isSlow = false;
        await world.venue.snapshot();
        isSlow = true;
        const { fills } = await world.venue.history(fromMs);
        for (const { tradeId } of fills?.rows ?? []) ids.add(tradeId ?? "");
        isWhole = fills?.quality === "complete";
        const provenMs = fills?.coverage?.toMs ?? 0;
        // As the engine asks: from what is proven, less what may come late.
        const nextMs = Math.max(startedMs, provenMs - 600_000);
        reads += 1;
        if (!isWhole && fills?.coverage) {
          assert.match(fills.problem ?? "", /time|income/);
          const missed = world.model.fills.filter(({ timestamp }) => timestamp <= provenMs);
          assert.ok(
            missed.every(({ tradeId }) => ids.has(tradeId)),
            "what is proven was told",
          );
        }
        assert.ok(reads < 30, `${reads} reads, proven to ${provenMs - startedMs} ms, ${fills?.problem}`);
        fromMs = nextMs;
      }
      assert.ok(reads > 1);
      assert.equal(ids.size, 24);
    });
  }
});

describe("the open orders of USD-M futures", () => {
  test("are of two lists: where one fails, the other's rows count and nothing is concluded from absence", async (t) => {
    for (const failing of ["openOrders", "openAlgoOrders"] as const) {
      const world = await World.open(t, USDM_BENCH);
      await world.pass();
      const { symbol } = world.first.instrument;
      const common = { instrument: symbol, side: "sell", qty: world.lots(1) } as const;
      world.model.place({ ...common, type: "limit", price: world.priceAt(10), clientOrderId: "plain" });
      world.model.place({ ...common, type: "stop", triggerPrice: world.priceAt(-9), clientOrderId: "stop" });
      answerWith(world, failing, { code: -1000, msg: "An unknown error occurred." });
      const { orders } = await world.venue.snapshot();
      assert.equal(orders?.quality, "partial");
      assert.deepEqual(
        orders?.rows.map(({ clientOrderId }) => clientOrderId),
        [failing === "openOrders" ? "stop" : "plain"],
      );
    }
  });
});

describe("the income of USD-M futures", () => {
  test("of many rows in one ms is read over its pages, and no trade is booked twice", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    const { symbol } = world.first.instrument;
    await world.pass();
    for (let count = 1; count <= 130; count += 1) {
      world.model.money("USDT", `-0.${count}1` as never, "funding", { instrument: symbol });
    }
    world.model.trade({ instrument: symbol, side: "buy", qty: world.lots(1) });
    await world.pass();
    world.server.cutPages("ledger", 50);
    const { ledger } = await history(world);
    assert.equal(ledger?.quality, "complete", ledger?.problem);
    assert.equal(ledger?.rows.length, 130);
    assert.ok(ledger?.rows.every(({ cause }) => cause === "funding"));
    assert.equal(new Set(ledger?.rows.map(({ id }) => id)).size, 130);
  });

  test("of a kind that nobody knows is booked without a cause, because the money moved", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    await world.pass();
    const row = {
      symbol: "",
      incomeType: "LOTTERY",
      income: "5",
      asset: "USDT",
      info: "",
      time: world.nowMs - 5,
      tranId: 9,
      tradeId: "",
    };
    answerWith(world, "income", [row]);
    const { ledger } = await history(world);
    assert.deepEqual(
      ledger?.rows.map(({ cause, amount, text }) => [cause, amount, text]),
      [["unexplained", "5", "LOTTERY"]],
    );
  });

  test("that is told twice with other content is booked once, and told", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    await world.pass();
    const row = {
      symbol: "",
      incomeType: "TRANSFER",
      income: "5",
      asset: "USDT",
      info: "",
      time: world.nowMs - 5,
      tranId: 9,
      tradeId: "",
    };
    answerWith(world, "income", [row, { ...row, income: "6" }]);
    const { ledger } = await history(world);
    assert.equal(ledger?.quality, "partial");
    assert.equal(ledger?.rows.length, 1);
  });
});

describe("the trades of spot", () => {
  test("are read of every pair that is named, and of no other", async (t) => {
    const world = await World.open(t, SPOT_BENCH);
    await world.pass();
    world.model.trade({ instrument: "BTC/USDT", side: "buy", qty: world.lots(1) });
    await world.pass();
    const { fills, ledger } = await history(world);
    assert.equal(fills?.quality, "complete", fills?.problem);
    assert.equal(fills?.rows.length, 1);
    assert.equal(ledger?.quality, "complete", ledger?.problem);
    const symbols = asked(world, "/api/v3/myTrades").map((query) => query.get("symbol"));
    assert.deepEqual([...new Set(symbols)].sort(), ["BTCUSDT", "ETHUSDT"]);
  });

  test("pay their fee in the coin that was bought, which the position lacks then", async (t) => {
    const account = { feeRatio: decimal("0.001"), feeIn: "base" } as const;
    const world = await World.open(t, { ...SPOT_BENCH, account });
    await world.pass();
    world.model.trade({ instrument: "BTC/USDT", side: "buy", qty: world.lots(100) });
    await world.pass();
    const { positions } = await world.venue.snapshot();
    assert.equal(positions?.rows.find(({ instrument }) => instrument === "BTC/USDT")?.qty, "0.999");
    const { fills } = await history(world);
    assert.deepEqual([fills?.rows[0]?.fee, fills?.rows[0]?.feeCurrency], ["0.001", "BTC"]);
  });
});

/** In place of one endpoint's rows; from its second page on nothing. A text goes out as it is. */
function answerWith(
  world: World,
  endpoint: string,
  rows: object | string | ((query: URLSearchParams) => string),
): void {
  const server = world.server as UsdmWire;
  const routes = Reflect.get(server, "routes").bind(server);
  Reflect.set(server, "routes", () => [
    {
      of: [endpoint === "income" ? "ledger" : /^open/.test(endpoint) ? "orders" : "fills"],
      method: "GET",
      path: new RegExp(`/fapi/v1/${endpoint}`),
      reply: ({ query }: { query: URLSearchParams }) => {
        if (Number(query.get("page") ?? 1) > 1 || query.has("fromId")) return json([]);
        const stated = typeof rows === "function" ? rows(query) : rows;
        return typeof stated === "string" ? { status: 200, text: stated } : json(stated);
      },
    },
    ...routes(),
  ]);
}
