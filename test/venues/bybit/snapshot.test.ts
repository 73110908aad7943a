// What a snapshot of a Bybit account has, over the wire: every category and settle coin, every page, and what it is worth
// when one of them was not answered.
import assert from "node:assert/strict";
import { test } from "node:test";
import { coin, instrument, NOW, order, position } from "./rows.ts";
import { envelope, failure } from "./server.ts";
import { openWorld } from "./support.ts";

const LINEAR = ["linear", "USDT", "BTCUSDT"] as const;
const USDC = ["linear", "USDC", "BTCPERP"] as const;
const INVERSE = ["inverse", "BTC", "BTCUSD"] as const;
const OPTION = ["option", "USDC", "BTC-26JUN26-100000-C"] as const;

test("positions come from every category and settle coin, with sides as signs", async (context) => {
  const { venue, server } = await openWorld(context, {
    positions: [
      position(LINEAR, "Buy", "0.5"),
      position(USDC, "Sell", "0.2"),
      position(INVERSE, "Sell", "300", { avgPrice: "27464.50441675" }),
      position(OPTION, "Buy", "1.5", { avgPrice: "1200" }),
    ],
  });
  const { positions, balances, venueAccountId } = await venue.snapshot();
  assert.deepEqual(
    positions?.rows.map(({ instrument: name, leg, qty, entryPrice }) => [name, leg, qty, entryPrice]),
    [
      ["BTC/USDC:USDC", "net", "-0.2", "60000.5"],
      ["BTC/USDT:USDT", "net", "0.5", "60000.5"],
      ["BTC/USD:BTC", "net", "-300", "27464.50441675"],
      ["BTC/USDC:USDC-260626-100000-C", "net", "1.5", "1200"],
    ],
  );
  assert.equal(positions?.quality, "complete");
  assert.deepEqual(balances, { quality: "complete", rows: [{ asset: "USDT", total: "10000" }] });
  assert.equal(venueAccountId, "24617703");
  const asked = server.requests.filter((one) => one.includes("/position/list"));
  assert.equal(asked.length, 4);
});

test("a settle coin that Bybit begins to list is asked for without a change of ours", async (context) => {
  const { venue, server } = await openWorld(context, {
    instruments: [instrument("linear", "BTCUSDE", "BTC", "USDE", "USDE")],
    positions: [position(["linear", "USDE", "BTCUSDE"], "Buy", "1")],
  });
  const { positions } = await venue.snapshot();
  assert.deepEqual(
    positions?.rows.map(({ instrument: name, qty }) => [name, qty]),
    [["BTC/USDE:USDE", "1"]],
  );
  assert.ok(server.requests.some((one) => one.includes("settleCoin=USDE")));
});

test("margin in a coin that no scope asks for makes the positions partial", async (context) => {
  const { venue } = await openWorld(context, {
    coins: [coin("USDT", "10000"), coin("USDE", "500", { totalPositionIM: "12.5" })],
  });
  const { positions } = await venue.snapshot();
  assert.equal(positions?.quality, "partial");
  assert.match(positions?.problem ?? "", /margin of positions in USDE \(12\.5\)/);
});

test("where the contracts cannot be listed, the positions are partial and say which coins were asked for", async (context) => {
  const { venue, server } = await openWorld(context, { positions: [position(LINEAR, "Buy", "0.5")] });
  server.setFault("/v5/market/instruments-info", () => ({ status: 503, text: "" }));
  const { positions, orders } = await venue.snapshot();
  assert.deepEqual([positions?.quality, positions?.rows.length, orders?.quality], ["partial", 1, "partial"]);
  assert.match(positions?.problem ?? "", /only contracts settled in USDT and USDC were asked for/);
});

test("a scope that failed makes the section partial, and its rows are missing, not flat", async (context) => {
  const { venue, server } = await openWorld(context, {
    positions: [position(LINEAR, "Buy", "0.5"), position(USDC, "Sell", "0.2")],
  });
  server.setFault("/v5/position/list", (good, query) =>
    query.get("settleCoin") === "USDC" ? { status: 500, text: "" } : good(),
  );
  const { positions } = await venue.snapshot();
  assert.equal(positions?.quality, "partial");
  assert.deepEqual(
    positions?.rows.map(({ instrument: name }) => name),
    ["BTC/USDT:USDT"],
  );
  assert.match(positions?.problem ?? "", /the positions of linear USDC were answered with HTTP 500/);
});

test("positions that nobody answers are unavailable", async (context) => {
  const { venue, server } = await openWorld(context, { positions: [position(LINEAR, "Buy", "0.5")] });
  for (const path of ["/v5/position/list", "/v5/account/wallet-balance"]) {
    server.setFault(path, () => failure(10016, "Server error."));
  }
  const { positions, balances } = await venue.snapshot();
  assert.deepEqual(
    [positions?.quality, positions?.rows, balances?.quality],
    ["unavailable", [], "unavailable"],
  );
});

test("an envelope of success without a list is no empty list", async (context) => {
  const { venue, server } = await openWorld(context, { positions: [position(LINEAR, "Buy", "0.5")] });
  server.setFault("/v5/position/list", () => envelope(0, "OK", {}, NOW));
  const { positions } = await venue.snapshot();
  assert.equal(positions?.quality, "partial");
  assert.match(positions?.problem ?? "", /expected a list/);
});

test("positions come in pages of 200, and a page that fails leaves the section partial", async (context) => {
  const many = Array.from({ length: 450 }, (_, at) => position(["linear", "USDT", `C${at}USDT`], "Buy", "1"));
  const { venue, server } = await openWorld(context, { positions: many });
  const whole = await venue.snapshot();
  assert.deepEqual([whole.positions?.quality, whole.positions?.rows.length], ["complete", 450]);
  const pages = server.requests.filter((one) => one.includes("settleCoin=USDT") && one.includes("position"));
  assert.deepEqual(
    pages.map((one) => one.includes("limit=200")),
    [true, true, true],
  );
  server.setFault("/v5/position/list", (good, query) => (query.has("cursor") ? "reset" : good()));
  const half = await venue.snapshot();
  assert.deepEqual([half.positions?.quality, half.positions?.rows.length], ["partial", 200]);
});

test("pages that run in a circle end, and are partial", async (context) => {
  const { venue, server } = await openWorld(context, { positions: [position(LINEAR, "Buy", "0.5")] });
  const again = { list: [position(LINEAR, "Buy", "0.5").row], nextPageCursor: "page%3D1" };
  server.setFault("/v5/position/list", (good, query) =>
    query.get("settleCoin") === "USDT" ? envelope(0, "OK", again, NOW) : good(),
  );
  const { positions } = await venue.snapshot();
  assert.equal(positions?.quality, "partial");
  assert.match(positions?.problem ?? "", /come back to where they were/);
});

test("both legs of a hedged contract are rows of their own", async (context) => {
  const { venue } = await openWorld(context, {
    positions: [
      position(LINEAR, "Buy", "0.5", { positionIdx: 1 }),
      position(LINEAR, "Sell", "0.3", { positionIdx: 2 }),
    ],
  });
  const { positions } = await venue.snapshot();
  assert.deepEqual(
    positions?.rows.map(({ leg, qty }) => [leg, qty]),
    [
      ["long", "0.5"],
      ["short", "-0.3"],
    ],
  );
});

test("a coin of the wallet is a position of its pair with USDT, without what is borrowed; money is none", async (context) => {
  const { venue } = await openWorld(context, {
    coins: [coin("USDT", "10000"), coin("USDC", "5"), coin("BTC", "0.7", { spotBorrow: "0.2" })],
  });
  const { positions, balances } = await venue.snapshot();
  assert.deepEqual(positions?.rows, [{ instrument: "BTC/USDT", leg: "net", qty: "0.5" }]);
  assert.deepEqual(
    balances?.rows.map(({ asset, total }) => [asset, total]),
    [
      ["USDT", "10000"],
      ["USDC", "5"],
      ["BTC", "0.5"],
    ],
  );
});

test("where spot is left out of the categories, coins are balances alone", async (context) => {
  const { venue, server } = await openWorld(
    context,
    { coins: [coin("BTC", "0.7")] },
    { categories: ["linear"], settleCoins: ["USDT"] },
  );
  const { positions, balances } = await venue.snapshot();
  assert.deepEqual([positions?.quality, positions?.rows, balances?.rows.length], ["complete", [], 1]);
  const scopes = server.requests.filter((one) => one.includes("/position/list"));
  assert.equal(scopes.length, 1);
});

test("one position is asked for by its symbol, and a flat row is an explicit flat", async (context) => {
  const { venue } = await openWorld(context, {
    positions: [position(LINEAR, "Buy", "0.5")],
  });
  const flat = await venue.position?.("ETH/USDT:USDT", "net");
  assert.deepEqual(flat, { kind: "row", row: { instrument: "ETH/USDT:USDT", leg: "net", qty: "0" } });
  const held = await venue.position?.("BTC/USDT:USDT", "net");
  assert.equal(held?.kind === "row" && held.row.qty, "0.5");
  assert.equal((await venue.position?.("BTC/USDT:USDT", "long"))?.kind, "unknown");
  // The wallet is the only source of coins, and a source is no witness of itself.
  assert.equal((await venue.position?.("ETH/USDT", "net"))?.kind, "unknown");
});

test("a look-up that is refused, or answered without a row, proves nothing", async (context) => {
  const { venue, server } = await openWorld(context);
  server.setFault("/v5/position/list", () => failure(10001, "params error: symbol invalid"));
  assert.equal((await venue.position?.("ETH/USDT:USDT", "net"))?.kind, "unknown");
  server.setFault("/v5/position/list", () => envelope(0, "OK", { list: [] }, NOW));
  assert.equal((await venue.position?.("ETH/USDT:USDT", "net"))?.kind, "unknown");
});

test("open orders come in pages of 50, conditional ones and exits of whole positions among them", async (context) => {
  const many = Array.from({ length: 120 }, (_, at) => order(LINEAR, { orderId: `id-${at}` }));
  const stop = order(LINEAR, {
    ...{ orderId: "stop", side: "Sell", orderType: "Market", qty: "0", price: "0" },
    ...{ stopOrderType: "StopLoss", triggerPrice: "55000", orderStatus: "Untriggered", closeOnTrigger: true },
  });
  const { venue, server } = await openWorld(context, { orders: [...many, stop] });
  const { orders } = await venue.snapshot();
  const asked = server.requests.filter((one) => one.includes("/order/realtime"));
  assert.ok(
    asked.every((one) => one.includes("limit=50")),
    "without a limit Bybit gives 20 rows",
  );
  assert.deepEqual([orders?.quality, orders?.rows.length], ["complete", 121]);
  const row = orders?.rows.find(({ venueOrderId }) => venueOrderId === "stop");
  assert.deepEqual(
    [row?.type, row?.triggerPrice, row?.qty, row?.status, row?.reduceOnly, row?.clientOrderId],
    ["stop", "55000", undefined, "open", true, undefined],
  );
});

test("an order state that Bybit does not document stays its word, and is told", async (context) => {
  const { venue } = await openWorld(context, { orders: [order(LINEAR, { orderStatus: "New" })] });
  const known = await venue.snapshot();
  assert.equal(known.orders?.quality, "complete");
  const { venue: other, server } = await openWorld(context, {});
  server.setFault("/v5/order/realtime", (good, query) =>
    query.get("settleCoin") === "USDT"
      ? envelope(0, "OK", { list: [order(LINEAR, { orderStatus: "Dreaming" }).row], nextPageCursor: "" }, NOW)
      : good(),
  );
  const { orders } = await other.snapshot();
  assert.deepEqual(
    [orders?.quality, orders?.rows[0]?.status, orders?.rows[0]?.venueStatus],
    ["partial", undefined, "Dreaming"],
  );
});
