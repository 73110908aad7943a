// What is particular to Kraken's profile: errors with status 200, lists by offset that move, names of assets and pairs, fees
// and coins by the ledger.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { readPayload } from "../../../src/venues/ccxt/index.ts";
import { KRAKEN_KEYS, KrakenWire, krakenBench, seconds } from "./kraken-bench.ts";
import { NOW, openOn, serve } from "./opened.ts";
import { byIndex, type Row } from "./support.ts";

const HOUR = 3_600_000;

async function started(
  t: TestContext,
  kind: "fees" | "fees in coins" | "entries" = "fees",
  options: Row = {},
) {
  const served = await serve(t, krakenBench(kind), (model) => new KrakenWire(model));
  const opened = await openOn(served, { exchange: "kraken", credentials: KRAKEN_KEYS, options });
  const buy = (qty = "0.5") =>
    opened.model.trade({ instrument: "BTC/USD", side: "buy", qty: qty as never, price: "30000" as never });
  return { ...opened, buy };
}

for (const [error, said] of [
  ["EAPI:Rate limit exceeded", /rate limited/],
  ["EService:Throttled: 1777000000", /rate limited/],
  ["EService:Unavailable", /busy or closed/],
  ["EAPI:Invalid nonce", /another program uses the same key/],
  ["EAPI:Invalid key", /check .*ledger entries/],
  ["EGeneral:Permission denied", /ledger entries/],
  ["EGeneral:Internal error", /expected no error/],
  ["EOrder:Unknown order", /Unknown order/],
] as const) {
  test(`a read that is answered with ${error} and status 200 has no rows and says why`, async (t) => {
    const { venue, server, buy } = await started(t);
    buy();
    server.errors = [error];
    const [snapshot, history] = [await venue.snapshot(), await venue.history(NOW - HOUR)];
    const sections = [snapshot.positions, snapshot.orders, snapshot.balances, history.fills, history.ledger];
    for (const section of sections) assert.equal(section?.quality, "unavailable");
    assert.match(
      snapshot.balances?.problem ?? snapshot.positions?.problem ?? "",
      /rate limited|Kraken|answered|refused/,
    );
    const order = await venue.order?.({ instrument: "BTC/USD", venueOrderId: "OAAAAA-BBBBB-1" });
    assert.equal(order?.kind, error === "EOrder:Unknown order" ? "none" : "unknown");
    // The first answer says it in Kraken's words; what comes after a used-up limit is not asked at all.
    const first = await venue.checkup?.();
    assert.match(
      `${first?.[0]?.found} ${snapshot.balances?.problem}`,
      error === "EOrder:Unknown order" ? /Kraken/ : said,
    );
  });
}

test("a warning beside an answer is no error", async (t) => {
  const { venue, server, buy } = await started(t);
  buy();
  server.warnings = ["WGeneral:Something to know"];
  assert.equal((await venue.snapshot()).positions?.quality, "complete");
});

test("after a used-up limit nothing is asked until the counter has fallen", async (t) => {
  const { venue, server, clock } = await started(t);
  await venue.snapshot();
  server.errors = ["EAPI:Rate limit exceeded"];
  await venue.snapshot();
  server.errors = [];
  const asked = server.requests.length;
  await venue.snapshot();
  assert.equal(server.requests.length, asked);
  clock.pass(46_000);
  assert.equal((await venue.snapshot()).balances?.quality, "complete");
});

test("the counter of the lowest tier is never exceeded: what is not read in it is partial", async (t) => {
  const { venue, server, model } = await started(t);
  for (let count = 0; count < 260; count += 1)
    model.trade({ instrument: "BTC/USD", side: "buy", qty: "0.01" as never, price: "30000" as never });
  const { fills, ledger } = await venue.history(NOW - HOUR);
  assert.notEqual(ledger?.quality, "complete");
  assert.notEqual(fills?.quality, "complete");
  assert.equal(fills?.coverage, undefined);
  const counted = server.requests.filter(({ path }) => path.startsWith("/0/private/")).length * 2;
  assert.ok(counted <= 15, `${counted} of 15`);
});

test("requests go one after the other, each with a number above the last one's, a read for a person's too", async (t) => {
  const served = await serve(t, krakenBench("fees"), (model) => new KrakenWire(model));
  let [underWay, most] = [0, 0];
  const counting: typeof fetch = async (...sent) => {
    underWay += 1;
    most = Math.max(most, underWay);
    return fetch(...sent).finally(() => {
      underWay -= 1;
    });
  };
  const { venue, server } = await openOn(served, {
    exchange: "kraken",
    credentials: KRAKEN_KEYS,
    options: { tier: "pro" },
    fetch: counting,
  });
  const [snapshot, history, raw] = await Promise.all([
    venue.snapshot(),
    venue.history(NOW - HOUR),
    venue.raw?.("orders", 0),
  ]);
  for (const section of [snapshot.positions, snapshot.orders, history.fills, history.ledger])
    assert.equal(section?.quality, "complete", section?.problem);
  assert.equal(raw?.length, 4);
  assert.equal(most, 1);
  const nonces = server.requests.flatMap(({ body }) => /nonce=(\d+)/.exec(body)?.[1] ?? []).map(Number);
  assert.deepEqual(
    nonces,
    [...new Set(nonces)].sort((a, b) => a - b),
  );
});

for (const [list, section] of [
  ["TradesHistory", "fills"],
  ["Ledgers", "ledger"],
] as const) {
  test(`a list of ${list} that grows between two pages is not called whole`, async (t) => {
    const { venue, server, model, buy } = await started(t, "fees", { tier: "pro" });
    for (let count = 0; count < 60; count += 1) buy("0.01");
    let pages = 0;
    server.onPage = (path) => {
      if (path !== list) return;
      pages += 1;
      if (pages === 2) buy("0.02");
    };
    // The page was rendered before the trade: the next one is moved by it.
    for (let count = 0; count < 60; count += 1)
      model.trade({ instrument: "ETH/USD", side: "buy", qty: "0.1" as never, price: "2000" as never });
    const history = await venue.history(NOW - HOUR);
    assert.equal(history[section]?.quality, "partial");
    assert.match(history[section]?.problem ?? "", /changed while they were read|not read|no ledger entry/);
    assert.equal(history[section]?.coverage, undefined);
  });
}

test("a fee in the coin that was bought is told in that coin, as the ledger has it", async (t) => {
  const { venue, buy } = await started(t, "fees in coins");
  buy("1");
  const { fills } = await venue.history(NOW - HOUR);
  const row = byIndex(fills?.rows ?? [], 0);
  assert.deepEqual([row?.fee, row?.feeCurrency, fills?.quality], ["0.0026", "BTC", "complete"]);
  assert.equal((await venue.snapshot()).positions?.rows[0]?.qty, "0.9974");
});

test("a fee whose ledger entry was not read is not guessed", async (t) => {
  const { venue, server, buy } = await started(t);
  buy("1");
  server.setReadFault("ledger", "500");
  const { fills } = await venue.history(NOW - HOUR);
  assert.equal(fills?.quality, "partial");
  assert.equal(fills?.rows[0]?.fee, undefined);
  assert.match(fills?.problem ?? "", /the fee of the trade T.* is in no ledger entry/);
});

test("what is earned with a coin counts as that coin, and a balance of credits for fees as none", async (t) => {
  const { venue, server, buy } = await started(t, "entries");
  buy("0.5");
  server.extraBalances = {
    "XBT.F": { balance: "0.25", hold_trade: "0" },
    "ETH.S": { balance: "2", hold_trade: "0" },
    KFEE: { balance: "100", hold_trade: "0" },
    ZCAD: { balance: "10", hold_trade: "0" },
  };
  const { positions, balances } = await venue.snapshot();
  assert.deepEqual(
    positions?.rows.map(({ instrument, qty }) => [instrument, qty]),
    [
      ["BTC/USD", "0.75"],
      ["ETH/USD", "2"],
    ],
  );
  const ether = balances?.rows.find(({ asset }) => asset === "ETH");
  assert.deepEqual([ether?.total, ether?.free], ["2", "0"]);
});

test("a coin that is bought with another one changes both, under their home pairs", async (t) => {
  const { venue, server } = await started(t, "entries");
  server.extraPairs = {
    XETHXXBT: {
      altname: "ETHXBT",
      wsname: "ETH/XBT",
      base: "XETH",
      quote: "XXBT",
      pair_decimals: 5,
      lot_decimals: 8,
      fees: [],
      fees_maker: [],
      leverage_buy: [],
      leverage_sell: [],
      status: "online",
    },
  };
  const time = seconds(NOW - 60_000);
  server.extraTrades = [
    [
      "TX1",
      {
        ordertxid: "OX1",
        pair: "XETHXXBT",
        time,
        type: "buy",
        ordertype: "limit",
        price: "0.05",
        cost: "0.1",
        fee: "0.0001",
        vol: "2",
        margin: "0.00000",
        misc: "",
      },
    ],
  ];
  const entry = { refid: "TX1", time, type: "trade", subtype: "", aclass: "currency", balance: "0" };
  server.extraLedger = [
    ["LX1", { ...entry, asset: "XETH", amount: "2", fee: "0" }],
    ["LX2", { ...entry, asset: "XXBT", amount: "-0.1", fee: "0.0001" }],
  ];
  const { fills, ledger } = await venue.history(NOW - HOUR);
  const [fill] = fills?.rows ?? [];
  assert.deepEqual(
    [fill?.instrument, fill?.qty, fill?.fee, fill?.feeCurrency],
    ["ETH/BTC", "2", "0.0001", "BTC"],
  );
  assert.deepEqual(
    ledger?.rows.map(({ instrument, qtyDelta }) => [instrument, qtyDelta]),
    [
      ["ETH/USD", "2"],
      ["ETH/BTC", "-2"],
      ["BTC/USD", "-0.1001"],
    ],
  );
  server.extraTrades = [];
  assert.match(
    (await venue.history(NOW - HOUR)).ledger?.problem ?? "",
    /of the trade TX1, which was not read/,
  );
});

test("margin makes what it touches partial: a position, an order, a trade", async (t) => {
  const { venue, server } = await started(t, "entries");
  const terms = { pair: "XBTUSD", type: "buy", ordertype: "limit", price: "1", price2: "0", leverage: "3:1" };
  server.margin = { TM1: { pair: "XXBTZUSD", type: "buy", vol: "1" } };
  server.extraOrders = {
    OM1: { status: "open", opentm: seconds(NOW), descr: terms, vol: "1", vol_exec: "0", oflags: "" },
  };
  server.extraTrades = [
    [
      "TM1",
      {
        ordertxid: "OM1",
        pair: "XXBTZUSD",
        time: seconds(NOW - 1_000),
        type: "buy",
        price: "1",
        cost: "1",
        fee: "0",
        vol: "1",
        margin: "0.2",
      },
    ],
  ];
  const { positions, orders, balances } = await venue.snapshot();
  const { fills } = await venue.history(NOW - HOUR);
  assert.deepEqual([positions?.quality, orders?.quality, fills?.quality], ["partial", "partial", "partial"]);
  assert.match(positions?.problem ?? "", /1 margin positions are open/);
  assert.equal(balances?.quality, "complete");
});

test("a stop says what sets it off, a pair that is not listed makes the orders partial", async (t) => {
  const { venue, server } = await started(t, "entries");
  const order = { status: "open", opentm: seconds(NOW), vol: "1", vol_exec: "0", oflags: "fciq" };
  const descr = {
    pair: "XBTUSD",
    type: "sell",
    ordertype: "stop-loss-limit",
    price: "25000",
    price2: "24900",
    leverage: "none",
  };
  server.extraOrders = { OS1: { ...order, descr } };
  const [row] = (await venue.snapshot()).orders?.rows ?? [];
  assert.deepEqual([row?.triggerPrice, row?.price, row?.type], ["25000", "24900", "stop-loss-limit"]);
  server.extraOrders = { OS1: { ...order, descr: { ...descr, pair: "NEWUSD" } } };
  assert.equal((await venue.snapshot()).orders?.quality, "partial");
});

test("a key that may withdraw is refused by the checkup, and the profile sends nothing", async (t) => {
  const { venue, server } = await started(t);
  server.permissions = ["query-funds", "withdraw-funds"];
  const findings = (await venue.checkup?.()) ?? [];
  assert.equal(findings.find(({ check }) => check === "permissions")?.level, "refuse");
  assert.deepEqual(
    [venue.submit, venue.cancel, venue.amend, venue.stream],
    [undefined, undefined, undefined, undefined],
  );
});

test("a recorded answer is read by the forms of Kraken's names", () => {
  const time = "1777042800.1234";
  const payload = {
    error: [],
    result: {
      count: "2",
      ledger: {
        LA: { refid: "RA", time, type: "deposit", asset: "XXBT", amount: "1", fee: "0.1" },
        LB: { refid: "TB", time, type: "trade", asset: "ZUSD", amount: "1", fee: "0" },
      },
    },
  };
  const { takenFor, items } = readPayload(payload, "kraken");
  assert.equal(takenFor, "POST /0/private/Ledgers");
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ["ledger", "ledger", "ignored"],
  );
  const trade = {
    TA: { ordertxid: "OA", pair: "XXBTZUSD", time, type: "buy", price: "1", fee: "0", vol: "1", margin: "0" },
  };
  const [fill] = readPayload({ error: [], result: { trades: trade, count: "1" } }, "kraken").items;
  assert.equal(fill?.kind === "fill" && fill.row.instrument, "BTC/USD");
  assert.equal(fill?.kind === "fill" && fill.row.timestamp, 1_777_042_800_123);
});
