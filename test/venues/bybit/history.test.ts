// The history of a Bybit account, over the wire: every window, category and page with proof, one key for a fill, funding
// that is no fill, causes of what Bybit did by itself, and money that no fill tells.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { History } from "../../../src/venues/index.ts";
import { execution, type Kept, logRow, NOW, position } from "./rows.ts";
import { failure } from "./server.ts";
import { openWorld } from "./support.ts";

const LINEAR = ["linear", "USDT", "BTCUSDT"] as const;
const DAY_MS = 86_400_000;

function fillsOf({ fills }: History) {
  return fills?.rows ?? [];
}

test("fills come from every category and week, oldest first, and the whole window is proven", async (context) => {
  const at = (days: number) => ({ execTime: String(NOW - days * DAY_MS) });
  const { venue, server } = await openWorld(context, {
    executions: [
      execution(LINEAR, "a", at(1)),
      execution(["inverse", "BTC", "BTCUSD"], "b", at(20)),
      execution(["spot", "", "BTCUSDT"], "c", { ...at(12), feeCurrency: "BTC", execFee: "0.00001" }),
      execution(["option", "USDC", "BTC-26JUN26-100000-C"], "d", at(3)),
      execution(LINEAR, "too-old", at(31)),
    ],
  });
  const history = await venue.history(NOW - 30 * DAY_MS);
  assert.deepEqual(
    fillsOf(history).map(({ tradeId, instrument, feeCurrency }) => [tradeId, instrument, feeCurrency]),
    [
      ["b", "BTC/USD:BTC", "BTC"],
      ["c", "BTC/USDT", "BTC"],
      ["d", "BTC/USDC:USDC-260626-100000-C", "USDC"],
      ["a", "BTC/USDT:USDT", "USDT"],
    ],
  );
  assert.deepEqual(
    [history.fills?.quality, history.fills?.coverage],
    ["complete", { fromMs: NOW - 30 * DAY_MS, toMs: NOW }],
  );
  const windows = server.requests.filter((one) => one.includes("/execution/list") && one.includes("linear"));
  assert.equal(windows.length, 5);
});

test("fills of options on every coin are read, although Bybit tells those on BTC where none is named", async (context) => {
  const symbol = "ETH-26JUN26-4000-C";
  const { venue } = await openWorld(context, {
    executions: [execution(["option", "USDC", symbol], "e")],
    log: [logRow("option", "TRADE", { symbol, tradeId: "e", currency: "USDC", size: "0.01" })],
  });
  const { fills } = await venue.history(NOW - DAY_MS);
  assert.deepEqual(
    fills?.rows.map(({ tradeId, instrument }) => [tradeId, instrument]),
    [["e", "ETH/USDC:USDC-260626-4000-C"]],
  );
  assert.deepEqual([fills?.quality, fills?.coverage], ["complete", { fromMs: NOW - DAY_MS, toMs: NOW }]);
});

test("fills are not proven while the log, which names the coins of options, is not read", async (context) => {
  const { venue, server } = await openWorld(context, { executions: [execution(LINEAR, "a")] });
  server.setFault("/v5/account/transaction-log", () => failure(10016, "Server error."));
  const { fills } = await venue.history(NOW - DAY_MS);
  assert.deepEqual([fills?.quality, fills?.rows.length, fills?.coverage], ["partial", 1, undefined]);
  assert.match(fills?.problem ?? "", /on which coins options were traded/);
});

test("funding is written as an execution and is no fill; its money comes from the log, once", async (context) => {
  const { venue } = await openWorld(context, {
    executions: [execution(LINEAR, "f", { execType: "Funding", execQty: "0.5", execFee: "-0.12" })],
    log: [logRow("linear", "SETTLEMENT", { funding: "0.12", change: "0.12", tradeId: "f", size: "0.5" })],
  });
  const { fills, ledger } = await venue.history(NOW - DAY_MS);
  assert.deepEqual([fills?.quality, fills?.rows], ["complete", []]);
  assert.deepEqual(
    ledger?.rows.map(({ cause, instrument, asset, amount, qtyDelta }) => [
      cause,
      instrument,
      asset,
      amount,
      qtyDelta,
    ]),
    [["funding", "BTC/USDT:USDT", "USDT", "0.12", undefined]],
  );
});

test("what Bybit did by itself is a fill with its cause", async (context) => {
  const types: [string, string, string | undefined][] = [
    ["Trade", "CreateByUser", undefined],
    ["Trade", "CreateByLiq", "liquidation"],
    ["Trade", "CreateByTakeOver_PassThrough", "liquidation"],
    ["Trade", "CreateByAdl_PassThrough", "adl"],
    ["Trade", "CreateBySettle", "settlement"],
    ["Trade", "CreateByAdminClosing", "unexplained"],
    ["Trade", "CreateByClosing", "manual_trade"],
    ["Trade", "CreateByStopLoss", undefined],
    ["BustTrade", "CreateByTakeOver_PassThrough", "liquidation"],
    ["AdlTrade", "CreateByAdl_PassThrough", "adl"],
    ["Settle", "CreateBySettle", "settlement"],
    ["Delivery", "CreateBySettle", "settlement"],
    ["BlockTrade", "CreateByBlock_PassThrough", undefined],
    ["MovePosition", "CreateByBlockTradeMovePosition_PassThrough", "transfer"],
    ["FutureSpread", "CreateByFutureSpread", undefined],
    ["CorporateAction", "", "corporate_action"],
  ];
  const { venue } = await openWorld(context, {
    executions: types.map(([execType, createType], at) =>
      execution(LINEAR, `e${at}`, { execType, createType, orderId: "", execTime: String(NOW - 60_000 + at) }),
    ),
  });
  const history = await venue.history(NOW - DAY_MS);
  assert.equal(history.fills?.quality, "complete");
  assert.deepEqual(
    fillsOf(history).map(({ forced }) => forced),
    types.map(([, , cause]) => cause),
  );
  // A settlement has no order: nothing stands in for its id.
  assert.ok(fillsOf(history).every(({ venueOrderId }) => venueOrderId === undefined));
});

test("an execution of a type that Bybit does not document takes the proof away, and stays told", async (context) => {
  const { venue } = await openWorld(context, {
    executions: [execution(LINEAR, "a"), execution(LINEAR, "b", { execType: "Teleport" })],
  });
  const { fills } = await venue.history(NOW - DAY_MS);
  assert.deepEqual([fills?.quality, fills?.rows.length, fills?.coverage], ["partial", 1, undefined]);
  assert.match(fills?.problem ?? "", /"execType" is "Teleport"/);
});

test("more than one page of a week is read to its end, and every fill counts once", async (context) => {
  const many = Array.from({ length: 250 }, (_, at) =>
    execution(LINEAR, `e${at}`, { execTime: String(NOW - 60_000 - at * 1_000) }),
  );
  const { venue, server } = await openWorld(context, { executions: many });
  const history = await venue.history(NOW - DAY_MS);
  assert.deepEqual([history.fills?.quality, fillsOf(history).length], ["complete", 250]);
  assert.equal(new Set(fillsOf(history).map(({ tradeId }) => tradeId)).size, 250);
  const pages = server.requests.filter((one) => one.includes("execution") && one.includes("linear"));
  assert.ok(pages.every((one) => one.includes("limit=100")));
  assert.equal(pages.length, 3);
});

test("fills of one moment are in the order of their sequence, and of what the order had left", async (context) => {
  const { venue } = await openWorld(context, {
    executions: [
      execution(LINEAR, "third", { seq: 12, leavesQty: "0" }),
      execution(LINEAR, "second", { seq: 12, leavesQty: "0.3" }),
      execution(LINEAR, "first", { seq: 11, leavesQty: "0" }),
    ],
  });
  const history = await venue.history(NOW - DAY_MS);
  assert.deepEqual(
    fillsOf(history).map(({ tradeId }) => tradeId),
    ["first", "second", "third"],
  );
});

test("a week that fails ends the proof before it; what came is kept", async (context) => {
  const at = (days: number) => ({ execTime: String(NOW - days * DAY_MS) });
  const { venue, server } = await openWorld(context, {
    executions: [execution(LINEAR, "old", at(19)), execution(LINEAR, "new", at(1))],
  });
  server.setFault("/v5/execution/list", (good, query) =>
    Number(query.get("startTime")) > NOW - 14 * DAY_MS ? failure(10016, "Server error.") : good(),
  );
  const { fills } = await venue.history(NOW - 20 * DAY_MS);
  assert.deepEqual([fills?.quality, fills?.rows.map(({ tradeId }) => tradeId)], ["partial", ["old"]]);
  assert.equal(fills?.coverage?.fromMs, NOW - 20 * DAY_MS);
  assert.ok((fills?.coverage?.toMs ?? NOW) < NOW - 12 * DAY_MS);
});

test("a history that nobody answers is unavailable, and proves nothing", async (context) => {
  const { venue, server } = await openWorld(context);
  for (const path of ["/v5/execution/list", "/v5/account/transaction-log"])
    server.setFault(path, () => "reset");
  const { fills, ledger } = await venue.history(NOW - DAY_MS);
  assert.deepEqual(
    [fills?.quality, fills?.coverage, ledger?.quality, ledger?.coverage],
    ["unavailable", undefined, "unavailable", undefined],
  );
});

test("a fill has the position after it where the log has that, but not in two legs", async (context) => {
  const trade = logRow("linear", "TRADE", { tradeId: "a", size: "-0.49", cashFlow: "3", change: "3" });
  const stated = { executions: [execution(LINEAR, "a")], log: [trade] };
  const one = await openWorld(context, { ...stated, positions: [position(LINEAR, "Sell", "0.49")] });
  await one.venue.snapshot();
  assert.equal(fillsOf(await one.venue.history(NOW - DAY_MS))[0]?.positionAfter, "-0.49");
  const two = await openWorld(context, {
    ...stated,
    positions: [position(LINEAR, "Sell", "0.49", { positionIdx: 2 })],
  });
  await two.venue.snapshot();
  const [fill] = fillsOf(await two.venue.history(NOW - DAY_MS));
  assert.deepEqual([fill?.positionAfter, fill?.leg], [undefined, "long"]);
});

test("the leg of a hedged fill follows from its side and from whether it closed something", async (context) => {
  const sides: [string, string, string | undefined][] = [
    ["Buy", "0", "long"],
    ["Sell", "0", "short"],
    ["Buy", "0.01", "short"],
    ["Sell", "0.01", "long"],
    ["Sell", "", undefined],
  ];
  const { venue } = await openWorld(context, {
    positions: [position(LINEAR, "Buy", "1", { positionIdx: 1 })],
    executions: sides.map(([side, closedSize], at) =>
      execution(LINEAR, `e${at}`, { side, closedSize, execTime: String(NOW - 60_000 + at) }),
    ),
  });
  await venue.snapshot();
  assert.deepEqual(
    fillsOf(await venue.history(NOW - DAY_MS)).map(({ leg }) => leg),
    sides.map(([, , leg]) => leg),
  );
});

test("the log tells the money that no fill can, and no other trade's", async (context) => {
  const log: Kept[] = [
    logRow("linear", "TRADE", { tradeId: "1", cashFlow: "5", change: "4.7", fee: "0.3" }),
    logRow("linear", "TRADE", {
      tradeId: "2",
      symbol: "BTCPERP",
      currency: "USDC",
      cashFlow: "7",
      change: "6.6",
    }),
    logRow("inverse", "TRADE", {
      tradeId: "3",
      symbol: "BTCUSD",
      currency: "BTC",
      cashFlow: "0.001",
      change: "0.0009",
    }),
    logRow("option", "TRADE", {
      tradeId: "4",
      symbol: "BTC-26JUN26-100000-C",
      currency: "USDC",
      cashFlow: "-1200",
    }),
    logRow("option", "DELIVERY", {
      symbol: "BTC-24APR26-90000-C",
      currency: "USDC",
      change: "3.5",
      size: "0",
    }),
    logRow("", "TRANSFER_IN", { symbol: "", currency: "USDT", change: "100", cashFlow: "100" }),
    logRow("", "BORROW", { symbol: "", currency: "USDT", change: "50", cashFlow: "50" }),
    logRow("", "SOMETHING_NEW", { symbol: "", currency: "USDT", change: "-2" }),
  ];
  const { venue } = await openWorld(context, { log }, { categories: ["linear", "inverse", "option"] });
  const { ledger } = await venue.history(NOW - DAY_MS);
  assert.equal(ledger?.quality, "complete");
  assert.deepEqual(
    ledger?.rows.map(({ cause, instrument, asset, amount }) => [cause, instrument, asset, amount]),
    [
      ["settlement", "BTC/USDC:USDC", "USDC", "7"],
      ["settlement", "BTC/USD:BTC", "BTC", "0.001"],
      ["settlement", "BTC/USDC:USDC-260424-90000-C", "USDC", "3.5"],
      ["transfer", undefined, "USDT", "100"],
      ["transfer", undefined, undefined, undefined],
      ["unexplained", undefined, "USDT", "-2"],
    ],
  );
});

test("one id of Bybit's for two rows is two entries, and one row on two pages is one", async (context) => {
  const rows = [
    logRow("linear", "SETTLEMENT", { funding: "-1", change: "-1", tradeId: "s" }),
    logRow("", "TRANSFER_IN", { id: "24617703_BTCUSDT_1", symbol: "", change: "5" }),
  ];
  const { venue } = await openWorld(context, { log: [...rows, ...rows] });
  const { ledger } = await venue.history(NOW - DAY_MS);
  assert.deepEqual(ledger?.rows.map(({ amount }) => amount).sort(), ["-1", "5"]);
});

test("the log is asked for with both ends of each week, 50 rows at a time", async (context) => {
  const log = Array.from({ length: 120 }, (_, at) =>
    logRow("", "TRANSFER_IN", {
      id: `t${at}`,
      symbol: "",
      change: "1",
      transactionTime: String(NOW - 3 * DAY_MS - at),
    }),
  );
  const { venue, server } = await openWorld(context, { log });
  const { ledger } = await venue.history(NOW - 6 * DAY_MS);
  assert.deepEqual([ledger?.quality, ledger?.rows.length], ["complete", 120]);
  const asked = server.requests.filter((one) => one.includes("transaction-log"));
  assert.ok(
    asked.every((one) => /startTime=\d+&endTime=\d+&limit=50/.test(one)),
    asked.join("\n"),
  );
});

test("coins change with everything that no fill of their own pair tells", async (context) => {
  const log: Kept[] = [
    // The fills of these two tell it: BTC against USDT.
    logRow("spot", "TRADE", { id: "1", tradeId: "s1", currency: "BTC", change: "0.1", size: "" }),
    logRow("spot", "TRADE", { id: "2", tradeId: "s1", currency: "USDT", change: "-6000", size: "" }),
    // ETH bought with BTC: both coins are held under their pairs with USDT.
    logRow("spot", "TRADE", {
      id: "3",
      tradeId: "s2",
      symbol: "ETHBTC",
      currency: "ETH",
      change: "1",
      size: "",
    }),
    logRow("spot", "TRADE", {
      id: "4",
      tradeId: "s2",
      symbol: "ETHBTC",
      currency: "BTC",
      change: "-0.05",
      size: "",
    }),
    logRow("", "TRANSFER_IN", { id: "5", symbol: "", currency: "BTC", change: "2" }),
    logRow("", "BORROW", { id: "6", symbol: "", currency: "BTC", change: "3" }),
  ];
  const { venue } = await openWorld(context, { log });
  const { ledger } = await venue.history(NOW - DAY_MS);
  const moved = ledger?.rows.filter(({ qtyDelta }) => qtyDelta !== undefined);
  assert.deepEqual(
    moved?.map(({ instrument, qtyDelta, amount }) => [instrument, qtyDelta, amount]),
    [
      ["ETH/USDT", "1", undefined],
      ["ETH/BTC", "-1", undefined],
      ["BTC/USDT", "-0.05", undefined],
      ["BTC/USDT", "2", undefined],
    ],
  );
});

test("a dated contract that was delivered is an explicit flat row from then on", async (context) => {
  const { venue } = await openWorld(context, {
    log: [
      logRow("option", "DELIVERY", {
        symbol: "BTC-24APR26-90000-C",
        currency: "USDC",
        change: "3.5",
        size: "0",
      }),
    ],
  });
  assert.deepEqual((await venue.snapshot()).positions?.rows, []);
  await venue.history(NOW - DAY_MS);
  const flat = { instrument: "BTC/USDC:USDC-260424-90000-C", leg: "net", qty: "0", updatedAt: NOW - 60_000 };
  assert.deepEqual((await venue.snapshot()).positions?.rows, [flat]);
  assert.deepEqual(await venue.position?.(flat.instrument, "net"), { kind: "row", row: flat });
});

test("a perpetual that was delivered may come back, so its log makes no flat row", async (context) => {
  const { venue } = await openWorld(context, {
    log: [logRow("linear", "DELIVERY", { size: "0", tradeId: "x" })],
  });
  await venue.history(NOW - DAY_MS);
  assert.deepEqual((await venue.snapshot()).positions?.rows, []);
});
