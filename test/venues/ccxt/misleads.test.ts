// Where ccxt's own calls mislead: the real package and the adapters, asked the same of the same servers. Each test shows both,
// and stands in docs/venues.md under its name, with what it costs whoever believes it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { AccountModel, type Bench, type WireServer } from "../../../src/conformance/index.ts";
import { decimal } from "../../../src/core/index.ts";
import type { Clock } from "../../../src/runtime/index.ts";
import { realRuntime } from "../../../src/runtime/real.ts";
import { type Exchange, loadExchange, type Params } from "../../../src/venues/ccxt/exchange.ts";
import { openCcxt } from "../../../src/venues/ccxt/index.ts";
import type { SubmitCommand, Venue } from "../../../src/venues/index.ts";
import { ROOT } from "../../tidy/source.ts";
import { USDM_BENCH } from "../binance/bench.ts";
import * as bybit from "../bybit/rows.ts";
import { openWorld as openBybit } from "../bybit/support.ts";
import { HYPERLIQUID_BENCH, HyperliquidWire, PRIVATE_KEY, WALLET } from "./hyperliquid-bench.ts";
import { OKX_KEYS, type OkxWire, okxBench } from "./okx-bench.ts";
import type { Row } from "./support.ts";

/** ccxt's calls, as a bot makes them. */
type Unified = Exchange & {
  readonly has: Record<string, unknown>;
  fetchPositions(symbols?: readonly string[], params?: Params): Promise<readonly Row[]>;
  fetchOpenOrders(symbol?: string): Promise<readonly Row[]>;
  fetchMyTrades(symbol?: string, sinceMs?: number, limit?: number, params?: Params): Promise<readonly Row[]>;
  createOrder(...given: readonly unknown[]): Promise<Row>;
  handleErrors(...given: readonly unknown[]): unknown;
  parseJson(text: string): Row;
  safeNumber(row: Row, name: string): unknown;
};

interface Misled {
  readonly costs: string;
  readonly shows: (test: TestContext) => Promise<void>;
}

const NOW = Date.parse("2026-04-24T15:00:00.000Z");
const standing = { nowMs: () => NOW, monotonicMs: () => 0 };

const MISLEADS: Readonly<Record<string, Misled>> = {
  "a failed loadMarkets is remembered for ever": {
    costs:
      "after one outage at the start every call fails with the old error, and nothing is asked; the adapter loads again",
    shows: async (t) => {
      const server = await hyperliquid(t);
      server.setReadFault("instruments", "503 with a page for people");
      const ccxt = await ccxtOn(server, "hyperliquid", { walletAddress: WALLET });
      await assert.rejects(ccxt.loadMarkets());
      const venue = await adapterOn(server, "hyperliquid", { walletAddress: WALLET });
      assert.equal((await venue.snapshot()).positions?.quality, "unavailable");
      server.clearFaults();
      const before = server.requests.length;
      await assert.rejects(ccxt.loadMarkets());
      assert.equal(server.requests.length, before, "ccxt asked again");
      assert.equal((await venue.snapshot()).positions?.quality, "complete");
    },
  },
  "numbers are rounded to floats": {
    costs: "a quantity or id with more than 15 digits is another one; the adapter keeps every digit",
    shows: async (t) => {
      const ccxt = await ccxtOn(await hyperliquid(t), "hyperliquid", {});
      ccxt.number = Number;
      const row = ccxt.parseJson('{"qty":"12345678901234567.123456789"}');
      assert.equal(ccxt.safeNumber(row, "qty"), 12345678901234568);
      ccxt.number = String;
      assert.equal(ccxt.safeNumber(row, "qty"), "12345678901234567.123456789");
    },
  },
  "hyperliquid: fetchPositions leaves out the other dexes": {
    costs: "positions on builders' dexes look flat; the adapter asks every dex by its name",
    shows: async (t) => {
      const server = await hyperliquid(t);
      server.dexes = [dex("xyz", ["xyz:NVDA"], [position("xyz:NVDA", "3.5", "100")])];
      const ccxt = await ccxtOn(server, "hyperliquid", { walletAddress: WALLET });
      assert.deepEqual(await ccxt.fetchPositions(), []);
      const venue = await adapterOn(server, "hyperliquid", { walletAddress: WALLET });
      const { positions } = await venue.snapshot();
      assert.deepEqual(
        positions?.rows.map(({ instrument, qty }) => [instrument, qty]),
        [["XYZ-NVDA/USDC:USDC", "3.5"]],
      );
    },
  },
  "hyperliquid: markets of more than ten dexes are not listed": {
    costs:
      "what is traded on the eleventh has another name than on the tenth; the adapter tells ccxt every dex",
    shows: async (t) => {
      const server = await hyperliquid(t);
      const names = Array.from({ length: 12 }, (_, index) => `d${index + 1}`);
      server.dexes = names.map((name) => dex(name, [`${name}:GOLD`], []));
      const ccxt = await ccxtOn(server, "hyperliquid", { walletAddress: WALLET });
      await ccxt.loadMarkets();
      assert.equal(Object.keys(ccxt.markets ?? {}).filter((name) => name.includes("GOLD")).length, 10);
      const venue = await adapterOn(server, "hyperliquid", { walletAddress: WALLET });
      await venue.snapshot();
      assert.ok(venue.instrument("D12-GOLD/USDC:USDC"));
    },
  },
  "hyperliquid: loadMarkets signs and sends a fee's approval and a referrer": {
    costs:
      "with a private key, 0.01 % of every order is allowed to ccxt's makers before anything is ordered; the adapter gives ccxt no such key and sends the order alone",
    shows: async (t) => {
      const server = await hyperliquid(t);
      const keys = { walletAddress: WALLET, privateKey: PRIVATE_KEY };
      const ccxt = await ccxtOn(server, "hyperliquid", keys);
      await ccxt.createOrder("BTC/USDC:USDC", "limit", "buy", "0.002", "29000", {
        clientOrderId: `0x01${"0".repeat(30)}`,
      });
      const types = server.actions.map(({ type }) => type);
      assert.deepEqual(types.toSorted(), ["approveBuilderFee", "order", "setReferrer"]);
      assert.equal(types.at(-1), "order");
      assert.deepEqual((server.actions.at(-1) as Row).builder, {
        b: "0x6530512a6c89c7cfcebc3ba7fcd9ada5f30827a6",
        f: 10,
      });
      server.actions.length = 0;
      const venue = await adapterOn(server, "hyperliquid", keys);
      const outcome = await venue.submit?.(limitOrder("BTC/USDC:USDC", "0.002", "29000"));
      assert.equal(outcome?.kind, "accepted");
      assert.deepEqual(
        server.actions.map(({ type, builder }) => [type, builder]),
        [["order", undefined]],
      );
    },
  },
  "hyperliquid: a builder's fee is counted twice": {
    costs:
      "money is missing that was never paid: the fee includes the builder's; the adapter takes it as it is",
    shows: async (t) => {
      const server = await hyperliquid(t);
      server.extraFills = [fill({ fee: "0.5", builderFee: "0.2" })];
      const ccxt = await ccxtOn(server, "hyperliquid", { walletAddress: WALLET });
      const [trade] = await ccxt.fetchMyTrades();
      assert.equal((trade as { fee: Row }).fee.cost, "0.7");
      const venue = await adapterOn(server, "hyperliquid", { walletAddress: WALLET });
      assert.equal((await venue.history(NOW - 1_000)).fills?.rows[0]?.fee, "0.5");
    },
  },
  "hyperliquid: every dust conversion has the same id": {
    costs:
      "all of them but one are lost where fills are told apart by their id; the adapter takes 0 for no id",
    shows: async (t) => {
      const server = await hyperliquid(t);
      const dust = { coin: "PURR/USDC", tid: 0, dir: "Spot Dust Conversion", side: "A" };
      server.extraFills = [fill({ ...dust, oid: 11, sz: "0.1" }), fill({ ...dust, oid: 12, sz: "0.3" })];
      const ccxt = await ccxtOn(server, "hyperliquid", { walletAddress: WALLET });
      const trades = await ccxt.fetchMyTrades();
      assert.deepEqual(
        trades.map(({ id }) => id),
        ["0", "0"],
      );
      const venue = await adapterOn(server, "hyperliquid", { walletAddress: WALLET });
      const { fills } = await venue.history(NOW - 1_000);
      assert.deepEqual(
        fills?.rows.map(({ tradeId, forced, qty }) => [tradeId, forced, qty]),
        [
          [undefined, "dust", "0.1"],
          [undefined, "dust", "0.3"],
        ],
      );
    },
  },
  "okx: fetchMyTrades gives the fills of spot only": {
    costs:
      "fills of perpetuals are not there, and nothing says so; the adapter asks for every kind of instrument",
    shows: async (t) => {
      const server = await okx(t);
      trade(server, 1);
      const ccxt = await ccxtOn(server, "okx", OKX_KEYS);
      assert.deepEqual(await ccxt.fetchMyTrades(), []);
      const venue = await adapterOn(server, "okx", OKX_KEYS);
      assert.equal((await venue.history(NOW - 1_000)).fills?.rows.length, 1);
    },
  },
  "okx: fetchMyTrades gives one page": {
    costs: "the oldest fills are cut off at a hundred; the adapter goes on until nothing new comes",
    shows: async (t) => {
      const server = await okx(t);
      trade(server, 130);
      const ccxt = await ccxtOn(server, "okx", OKX_KEYS);
      const trades = await ccxt.fetchMyTrades(undefined, undefined, undefined, { type: "swap" });
      assert.equal(trades.length, 100);
      const venue = await adapterOn(server, "okx", OKX_KEYS);
      assert.equal((await venue.history(NOW - 1_000)).fills?.rows.length, 130);
    },
  },
  "okx: a liquidation is a trade like any other": {
    costs: "nobody learns that the exchange closed the position; the adapter tells the cause",
    shows: async (t) => {
      const server = await okx(t);
      trade(server, 1);
      server.model.force("BTC/USDT:USDT", "net", "liquidation");
      const ccxt = await ccxtOn(server, "okx", OKX_KEYS);
      const trades = await ccxt.fetchMyTrades(undefined, undefined, undefined, { type: "swap" });
      const { info: _, ...told } = trades[0] ?? {};
      assert.ok(
        !/liquidat/i.test(JSON.stringify(trades.map(({ info, ...rest }) => rest))),
        JSON.stringify(told),
      );
      const venue = await adapterOn(server, "okx", OKX_KEYS);
      const causes = (await venue.history(NOW - 1_000)).fills?.rows.map(({ forced }) => forced);
      assert.deepEqual(causes, [undefined, "liquidation"]);
    },
  },
  "okx: fetchOpenOrders leaves out the stops": {
    costs:
      "a position looks unprotected, and its stop is never cancelled; the adapter reads every kind of stop",
    shows: async (t) => {
      const server = await okx(t);
      server.stops = [stop("881", "conditional"), stop("882", "move_order_stop")];
      const ccxt = await ccxtOn(server, "okx", OKX_KEYS);
      assert.deepEqual(await ccxt.fetchOpenOrders(), []);
      const venue = await adapterOn(server, "okx", OKX_KEYS);
      const { orders } = await venue.snapshot();
      assert.deepEqual(
        orders?.rows.map(({ venueOrderId }) => venueOrderId),
        ["algo:881", "algo:882"],
      );
    },
  },
  "okx: a used-up limit and an order that may be at work are the same kind of error": {
    costs:
      "what was refused is taken for unknown, or what is unknown is sent again; the adapter decides by OKX's code",
    shows: async (t) => {
      const server = await okx(t);
      const ccxt = await ccxtOn(server, "okx", OKX_KEYS);
      const kindsOf = (code: string) => classesOf(() => refusedBy(ccxt, code));
      // Refused before it was looked at, a system that failed, a time-out that says nothing of the order.
      for (const code of ["50011", "50026", "50004"]) assert.ok(kindsOf(code).includes("NetworkError"), code);
      const { kindOf } = await import("../../../src/venues/ccxt/okx/outcome.ts");
      assert.deepEqual(["50011", "50026", "50004"].map(kindOf), ["refused", "unknown", "unknown"]);
    },
  },
  "okx: an order without a client id is given ccxt's": {
    costs: "an order whose answer was lost cannot be found by an id of ours; the adapter sends none without",
    shows: async (t) => {
      const server = await okx(t);
      const ccxt = await ccxtOn(server, "okx", OKX_KEYS);
      await ccxt.createOrder("BTC/USDT:USDT", "limit", "buy", "2", "29000");
      const body = JSON.stringify(server.commands.at(-1)?.body);
      assert.match(body, /"clOrdId":"[0-9a-zA-Z]{16}[0-9a-f]{16}"/);
      assert.match(body, /"tag":"[0-9a-zA-Z]{16}"/);
      const venue = await adapterOn(server, "okx", OKX_KEYS);
      await venue.submit?.({ ...limitOrder("BTC/USDT:USDT", "2", "29000"), clientOrderId: "tu1" });
      const own = server.commands.at(-1)?.body as Row;
      assert.deepEqual([own.clOrdId, own.tag], ["tu1", undefined]);
    },
  },
  "bybit: fetchPositions leaves out what settles in anything but USDT": {
    costs: "USDC and inverse contracts look flat; the native adapter reads every category and settle coin",
    shows: async (t) => {
      const { server, venue, url } = await openBybit(t, {
        positions: [
          bybit.position(["linear", "USDT", "BTCUSDT"], "Buy", "0.5"),
          bybit.position(["linear", "USDC", "BTCPERP"], "Sell", "0.25"),
          bybit.position(["inverse", "BTC", "BTCUSD"], "Buy", "300"),
        ],
      });
      const ccxt = await ccxtAt(url, "bybit", { apiKey: server.key, secret: server.secret }, BYBIT_OPTIONS);
      assert.deepEqual(
        (await ccxt.fetchPositions()).map(({ symbol }) => symbol),
        ["BTC/USDT:USDT"],
      );
      assert.equal((await venue.snapshot()).positions?.rows.filter(({ qty }) => qty !== "10000").length, 3);
    },
  },
  "bybit: fetchOpenOrders gives twenty orders": {
    costs: "the others are taken for closed; the native adapter follows the cursor",
    shows: async (t) => {
      const orders = Array.from({ length: 30 }, (_, index) =>
        bybit.order(["linear", "USDT", "BTCUSDT"], {
          orderId: `11111111-0000-4000-8000-${String(index).padStart(12, "0")}`,
        }),
      );
      const { server, venue, url } = await openBybit(t, { orders });
      const ccxt = await ccxtAt(url, "bybit", { apiKey: server.key, secret: server.secret }, BYBIT_OPTIONS);
      assert.equal((await ccxt.fetchOpenOrders()).length, 20);
      assert.equal((await venue.snapshot()).orders?.rows.length, 30);
    },
  },
  "bybit: fetchMyTrades asks for ordinary trades only": {
    costs:
      "a liquidation or deleveraging never appears among the fills; the native adapter asks for every kind",
    shows: async (t) => {
      const { server, url } = await openBybit(t);
      const ccxt = await ccxtAt(url, "bybit", { apiKey: server.key, secret: server.secret }, BYBIT_OPTIONS);
      await ccxt.fetchMyTrades();
      const asked = server.requests.find((one) => one.includes("/v5/execution/list"));
      assert.match(asked ?? "", /execType=Trade/);
    },
  },
  "binance: fetchOpenOrders leaves out the stops": {
    costs:
      "conditional orders live in a service of their own, and look as if they were not there; the native adapter reads both",
    shows: async (t) => {
      const { server, model } = await started(t, USDM_BENCH);
      const of = model.instruments[0];
      if (!of) throw new Error("the bench has an instrument");
      model.place({
        instrument: of.instrument.symbol,
        side: "sell",
        type: "stop",
        qty: of.lot,
        triggerPrice: of.instrument.priceStep,
        clientOrderId: "stop1",
      });
      const { keys } = USDM_BENCH;
      const options = {
        warnOnFetchOpenOrdersWithoutSymbol: false,
        fetchMarkets: { types: ["linear"] },
        fetchMargins: false,
      };
      const given = { apiKey: keys.keyId ?? "", secret: keys.secret ?? "" };
      const ccxt = await ccxtAt(addresses.get(server) ?? "", "binanceusdm", given, options, standing);
      assert.deepEqual(await ccxt.fetchOpenOrders(), []);
      assert.ok(model.openOrders.length === 1);
    },
  },
};

describe("ccxt misleads", () => {
  for (const [name, { shows }] of Object.entries(MISLEADS)) test(name, shows);
});

test("docs/venues.md has every one of them, with what it costs, and no other", () => {
  const page = readFileSync(join(ROOT, "docs", "venues.md"), "utf8");
  const section = page.split("\n### Where ccxt misleads\n")[1]?.split("\n## ")[0]?.split("\n### ")[0] ?? "";
  const rows = [...section.matchAll(/^\| (.+?) \| (.+) \|$/gm)]
    .map((row) => `${row[1]} | ${row[2]}`)
    .slice(2);
  const known = Object.entries(MISLEADS).map(([name, { costs }]) => `${name} | ${costs}`);
  assert.deepEqual(rows, known);
});

const BYBIT_OPTIONS = { fetchMarkets: { types: ["linear", "inverse"] } };

async function hyperliquid(t: TestContext): Promise<HyperliquidWire> {
  const { server } = await started(t, {
    ...HYPERLIQUID_BENCH,
    server: (model) => new HyperliquidWire(model),
  });
  return server as HyperliquidWire;
}

async function okx(t: TestContext): Promise<OkxWire> {
  const { server } = await started(t, okxBench("net"));
  return server as OkxWire;
}

async function started(t: TestContext, bench: Bench): Promise<{ server: WireServer; model: AccountModel }> {
  const { accountId, instruments, positionMode, balances, account, declaration, keys } = bench;
  const model = new AccountModel({
    ...{ accountId, instruments, positionMode, balances, ...account },
    amend: declaration.capabilities.commands.amend,
    nowMs: () => NOW,
  });
  const server = bench.server(model, keys);
  addresses.set(server, await server.start());
  t.after(() => server.stop());
  return { server, model };
}

const addresses = new Map<WireServer, string>();

function ccxtOn(
  server: WireServer,
  id: string,
  keys: Readonly<Record<string, string>>,
  options: Params = {},
) {
  return ccxtAt(addresses.get(server) ?? "", id, keys, options);
}

/** The package as it is, but for its addresses. */
async function ccxtAt(
  url: string,
  id: string,
  credentials: Readonly<Record<string, string>>,
  options: Params = {},
  clock: Clock = realRuntime.clock,
): Promise<Unified> {
  const exchange = (await loadExchange({
    exchange: id,
    environment: "live",
    baseUrl: url,
    credentials,
    options,
    clock,
    fetch,
    timeoutMs: 10_000,
  })) as Unified;
  exchange.has.fetchCurrencies = id === "hyperliquid";
  return exchange;
}

function adapterOn(
  server: WireServer,
  exchange: string,
  credentials: Readonly<Record<string, string>>,
): Promise<Venue> {
  const baseUrl = addresses.get(server) ?? "";
  return openCcxt({ exchange, environment: "live", baseUrl, credentials, fetch, clock: standing });
}

function dex(name: string, coins: readonly string[], positions: readonly Row[]) {
  return { name, collateral: 0, coins, positions, orders: [] };
}

function position(coin: string, szi: string, entryPx: string): Row {
  return {
    type: "oneWay",
    position: {
      coin,
      szi,
      entryPx,
      positionValue: "350.0",
      unrealizedPnl: "0.0",
      marginUsed: "35.0",
      leverage: {},
    },
  };
}

function fill(more: Row): Row {
  return {
    ...{ coin: "BTC", px: "30000.0", sz: "0.002", side: "B", time: NOW - 500, startPosition: "0.0" },
    ...{
      dir: "Open Long",
      closedPnl: "0.0",
      hash: "0x00",
      oid: 10,
      crossed: true,
      fee: "0.1",
      feeToken: "USDC",
    },
    ...{ tid: 4711 },
    ...more,
  };
}

function stop(algoId: string, ordType: string): Row {
  return {
    ...{
      instType: "SWAP",
      instId: "BTC-USDT-SWAP",
      algoId,
      algoClOrdId: "",
      ordType,
      side: "sell",
      posSide: "net",
    },
    ...{
      sz: "2",
      slTriggerPx: "25000",
      slOrdPx: "-1",
      state: "live",
      reduceOnly: "true",
      cTime: String(NOW - 9_000),
    },
  };
}

function limitOrder(instrument: string, qty: string, price: string): SubmitCommand {
  return {
    ...{ instrument, clientOrderId: "tu-1", leg: "net", side: "buy", type: "limit", timeInForce: "gtc" },
    ...{ qty: decimal(qty), price: decimal(price), reduceOnly: false },
  };
}

/** So many fills of a perpetual. */
function trade({ model }: WireServer, count: number): void {
  for (let index = 0; index < count; index += 1) {
    model.trade({ instrument: "BTC/USDT:USDT", side: "buy", qty: decimal("2"), price: decimal("30000") });
  }
}

function refusedBy(ccxt: Unified, code: string): void {
  const body = { code, msg: "", data: [] };
  ccxt.handleErrors(200, "OK", "", "POST", {}, JSON.stringify(body), body, {}, "");
}

/** Names of an error's class and of all above it. */
function classesOf(work: () => void): readonly string[] {
  try {
    work();
  } catch (error) {
    const names: string[] = [];
    for (let at: unknown = error; at !== null && typeof at === "object"; at = Object.getPrototypeOf(at)) {
      names.push(String((at.constructor as { name?: string }).name));
    }
    return names;
  }
  return [];
}
