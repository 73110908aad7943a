// Orders to a Bybit account, over the wire: what goes out, once, and what an answer proves.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Decimal } from "../../../src/core/index.ts";
import type { CommandOutcome, SubmitCommand, Venue } from "../../../src/venues/index.ts";
import { NOW, order } from "./rows.ts";
import { envelope, failure, type Wire } from "./server.ts";
import { openWorld } from "./support.ts";

const LINEAR = ["linear", "USDT", "BTCUSDT"] as const;
const SPOT = ["spot", "USDT", "BTCUSDT"] as const;
const d = (text: string) => text as Decimal;

const LIMIT: SubmitCommand = {
  instrument: "BTC/USDT:USDT",
  clientOrderId: "mine-1",
  leg: "net",
  side: "buy",
  type: "limit",
  qty: d("0.01"),
  price: d("50000.5"),
  timeInForce: "gtc",
  reduceOnly: false,
};

/** Undefined takes a field away. */
type Changes = { readonly [Name in keyof SubmitCommand]?: SubmitCommand[Name] | undefined };

function submit(venue: Venue, changes: Changes = {}): Promise<CommandOutcome> {
  const all = Object.entries({ ...LIMIT, ...changes }).filter(([, value]) => value !== undefined);
  const command = Object.fromEntries(all) as unknown as SubmitCommand;
  return venue.submit?.(command) ?? Promise.reject(new Error("no submit"));
}

function afterwards(good: () => Wire, wire: Wire): Wire {
  good();
  return wire;
}

test("an order goes out as exact text, and success is that it was taken", async (context) => {
  const { venue, server } = await openWorld(context);
  const outcome = await submit(venue, { qty: d("0.0123456789012345678"), reduceOnly: true });
  assert.deepEqual(outcome, { kind: "accepted", venueOrderId: "22222222-0000-4000-8000-000000000001" });
  assert.deepEqual(JSON.parse(server.bodies[0] ?? ""), {
    ...{ category: "linear", symbol: "BTCUSDT", side: "Buy", orderType: "Limit" },
    ...{ qty: "0.0123456789012345678", price: "50000.5", timeInForce: "GTC", orderLinkId: "mine-1" },
    ...{ positionIdx: 0, reduceOnly: true },
  });
  // The package's authors are not credited with somebody else's trading.
  assert.ok(server.headers.every((headers) => headers["x-referer"] === undefined));
});

test("each kind of order has its own words", async (context) => {
  const { venue, server } = await openWorld(context);
  const stop = { type: "stop", side: "sell", triggerPrice: d("48000"), price: undefined } as const;
  const cases: [Changes, Record<string, unknown>][] = [
    [
      { ...stop },
      { orderType: "Market", triggerPrice: "48000", triggerDirection: 2, triggerBy: "LastPrice" },
    ],
    [
      { ...stop, side: "buy", type: "stop_limit", price: d("48100") },
      { orderType: "Limit", triggerDirection: 1, price: "48100" },
    ],
    [{ leg: "short", side: "sell" }, { positionIdx: 2 }],
    [
      { leg: "long", timeInForce: "fok" },
      { positionIdx: 1, timeInForce: "FOK" },
    ],
    [
      { instrument: "BTC/USD:BTC", qty: d("100") },
      { category: "inverse", symbol: "BTCUSD", qty: "100" },
    ],
    [{ instrument: "BTC/USDC:USDC" }, { category: "linear", symbol: "BTCPERP" }],
    [{ instrument: "BTC/USDC:USDC-260606-100000-C" }, { category: "option", symbol: "BTC-6JUN26-100000-C" }],
    [
      { instrument: "BTC/USDT", type: "market", price: undefined, timeInForce: "ioc" },
      { category: "spot", symbol: "BTCUSDT", marketUnit: "baseCoin", isLeverage: 0 },
    ],
    [
      { instrument: "BTC/USDT", type: "market", price: undefined, qty: undefined, notional: d("25") },
      { qty: "25", marketUnit: "quoteCoin" },
    ],
    [
      { instrument: "BTC/USDT", ...stop },
      { orderFilter: "StopOrder", triggerPrice: "48000" },
    ],
  ];
  for (const [at, [more, expected]] of cases.entries()) {
    const outcome = await submit(venue, { ...more, clientOrderId: `c-${at}` });
    assert.equal(outcome.kind, "accepted", JSON.stringify(outcome));
    const body = JSON.parse(server.bodies.at(-1) ?? "") as Record<string, unknown>;
    for (const [name, value] of Object.entries(expected))
      assert.deepEqual(body[name], value, `${at} ${name}`);
    assert.equal("reduceOnly" in body, body.category !== "spot");
  }
});

test("what Bybit does not have is refused before anything is sent", async (context) => {
  const { venue, server } = await openWorld(context);
  const cases: [Changes, RegExp][] = [
    [{ timeInForce: "day" }, /gtc, ioc, fok; found day/],
    [{ type: "market", price: undefined, timeInForce: "fok" }, /market order as ioc/],
    [{ instrument: "BTC/USDT", reduceOnly: true }, /no reduce-only flag on spot/],
    [{ instrument: "BTC/USDT", leg: "long" }, /no long leg in category spot/],
    [{ instrument: "AAPL" }, /no instrument that is called AAPL/],
    [{ notional: d("5"), qty: undefined }, /only as market orders on spot/],
    [
      { instrument: "BTC/USDC:USDC-260606-100000-C", type: "stop", triggerPrice: d("1") },
      /no stop orders on options/,
    ],
    [{ price: undefined }, /a limit order has a price/],
    [{ triggerPrice: d("1") }, /a limit order has no triggerPrice/],
  ];
  for (const [more, expected] of cases) {
    const outcome = await submit(venue, more);
    assert.ok(outcome.kind === "rejected" && !outcome.sent, JSON.stringify(outcome));
    assert.match(outcome.reason, expected);
  }
  assert.deepEqual(server.bodies, []);
});

test("only documented refusals are rejections; everything else may have placed the order", async (context) => {
  const { venue, server } = await openWorld(context);
  const html = { status: 200, text: "<html>Please log in</html>" };
  const cases: [string, (good: () => Wire) => Wire, CommandOutcome["kind"]][] = [
    ["10001", () => failure(10001, "params error"), "rejected"],
    ["10002", () => failure(10002, "out of time"), "rejected"],
    ["10006", () => failure(10006, "Too many visits!"), "rejected"],
    ["110007", () => failure(110007, "ab not enough for new order"), "rejected"],
    ["170131", () => failure(170131, "Balance insufficient"), "rejected"],
    ["10000", () => failure(10000, "Server Timeout"), "unknown"],
    ["10014", () => failure(10014, "Invalid duplicate request"), "unknown"],
    ["10016", () => failure(10016, "Server error"), "unknown"],
    ["110072", () => failure(110072, "OrderLinkedID is duplicate"), "unknown"],
    ["110079", () => failure(110079, "The order is processing"), "unknown"],
    ["170007", () => failure(170007, "Timeout waiting for response from backend server"), "unknown"],
    ["170141", () => failure(170141, "Duplicate clientOrderId"), "unknown"],
    ["170146", () => failure(170146, "Order creation timeout"), "unknown"],
    ["170147", () => failure(170147, "Order cancellation timeout"), "unknown"],
    ["170149", () => failure(170149, "Create order failed"), "unknown"],
    ["999999", () => failure(999999, "who knows"), "unknown"],
    ["a word", () => ({ status: 200, text: '{"retCode":"ten"}' }), "unknown"],
    ["500", () => ({ status: 500, text: "" }), "unknown"],
    ["504 after the effect", (good) => afterwards(good, { status: 504, text: "" }), "unknown"],
    ["a cut after the effect", (good) => afterwards(good, "reset"), "unknown"],
    ["html", () => html, "unknown"],
    ["half", (good) => ({ status: 200, text: (good() as { text: string }).text.slice(0, 40) }), "unknown"],
    ["another's", () => envelope(0, "OK", { orderId: "x", orderLinkId: "other" }, NOW), "unknown"],
    ["no id", () => envelope(0, "OK", {}, NOW), "unknown"],
    ["401", () => ({ status: 401, text: "" }), "unknown"],
    ["401 of Bybit's", () => ({ ...(failure(10003, "no") as object), status: 401 }) as Wire, "rejected"],
    ["403 of a gateway", () => ({ status: 403, text: "<html>" }), "unknown"],
    ["403", () => ({ status: 403, text: "access too frequent" }), "rejected"],
  ];
  for (const [name, fault, expected] of cases) {
    const sent = server.requests.length;
    server.setFault("/v5/order/create", fault);
    const outcome = await submit(venue, { clientOrderId: `c-${sent}` });
    assert.equal(outcome.kind, expected, `${name}: ${JSON.stringify(outcome)}`);
    assert.equal(server.requests.length, sent + 1, `${name} was sent once`);
  }
});

test("a command without an answer is unknown, and not sent again", async (context) => {
  const { venue, server } = await openWorld(context, {}, { timing: { timeoutMs: 150, retries: 3 } });
  server.setFault("/v5/order/create", () => "hang");
  const outcome = await submit(venue);
  assert.deepEqual(outcome, { kind: "unknown", reason: "no answer within 0.15 s" });
  assert.equal(server.bodies.length, 1);
});

test("an address that takes no connection is certain to have got nothing", async (context) => {
  const { venue, server } = await openWorld(context);
  await server.stop();
  const outcome = await submit(venue);
  assert.ok(outcome.kind === "rejected" && !outcome.sent, JSON.stringify(outcome));
  server.stop = async () => undefined;
});

test("a cancel names one id; a failed one proves nothing about the order", async (context) => {
  const { venue, server } = await openWorld(context, { orders: [order(LINEAR)] });
  const id = "11111111-0000-4000-8000-000000000001";
  const both = { instrument: "BTC/USDT:USDT", venueOrderId: id, clientOrderId: "mine" };
  assert.deepEqual(await venue.cancel?.(both), { kind: "accepted", venueOrderId: id });
  assert.deepEqual(JSON.parse(server.bodies[0] ?? ""), {
    category: "linear",
    symbol: "BTCUSDT",
    orderId: id,
  });
  const again = await venue.cancel?.(both);
  assert.ok(again?.kind === "rejected" && again.sent && again.code === "110001", JSON.stringify(again));
  server.setFault("/v5/order/cancel", () => failure(170147, "Order cancellation timeout"));
  assert.equal((await venue.cancel?.(both))?.kind, "unknown");
  assert.equal((await venue.cancel?.({ instrument: "BTC/USDT:USDT" }))?.kind, "rejected");
});

test("a cancel of all names one instrument, on spot each kind of order; a list that is full may not be all", async (context) => {
  const { venue, server } = await openWorld(context, { orders: [order(LINEAR)] });
  const taken = (list: unknown[], more = {}) => ({
    status: 200,
    text: JSON.stringify({ retCode: 0, retMsg: "OK", result: { list, ...more }, retExtInfo: {}, time: 1 }),
  });
  type Body = { readonly orderFilter?: string };
  // They leave together, and may come in any order.
  const asked = () =>
    server.bodies
      .splice(0)
      .map((body) => JSON.parse(body) as Body)
      .sort(({ orderFilter: a = "" }, { orderFilter: b = "" }) => (a < b ? -1 : 1));
  asked();
  server.setFault("/v5/order/cancel-all", () => taken([{ orderId: "1", orderLinkId: "" }], { success: "1" }));
  assert.deepEqual(await venue.cancelAll?.({ instrument: "BTC/USDT:USDT" }), { kind: "accepted" });
  assert.deepEqual(asked(), [{ category: "linear", symbol: "BTCUSDT" }]);
  assert.deepEqual(await venue.cancelAll?.({ instrument: "BTC/USDT" }), { kind: "accepted" });
  assert.deepEqual(
    asked(),
    ["Order", "StopOrder", "tpslOrder"].map((orderFilter) => ({
      category: "spot",
      symbol: "BTCUSDT",
      orderFilter,
    })),
  );
  const full = Array.from({ length: 500 }, (_, index) => ({ orderId: String(index), orderLinkId: "" }));
  for (const [answer, kind] of [
    [() => taken(full, { success: "1" }), "unknown"],
    [() => taken([], { success: "0" }), "unknown"],
    [() => taken(undefined as never), "unknown"],
    [() => failure(10006, "Too many visits"), "rejected"],
    [() => failure(10016, "Server error"), "unknown"],
  ] as const) {
    server.setFault("/v5/order/cancel-all", answer);
    assert.equal((await venue.cancelAll?.({ instrument: "BTC/USDT:USDT" }))?.kind, kind);
  }
});

test("a conditional order on spot is cancelled and amended as one, also after a restart", async (context) => {
  const stop = order(SPOT, {
    ...{ orderId: "stop-1", orderLinkId: "s1", stopOrderType: "Stop", triggerPrice: "48000" },
    orderStatus: "Untriggered",
  });
  const { venue, server } = await openWorld(context, { orders: [stop] });
  const amended = await venue.amend?.({
    ...{ instrument: "BTC/USDT", venueOrderId: "stop-1", newClientOrderId: "unused" },
    triggerPrice: d("47000"),
  });
  assert.equal(amended?.kind, "accepted");
  assert.equal("orderFilter" in JSON.parse(server.bodies[0] ?? ""), false);
  const outcome = await venue.cancel?.({ instrument: "BTC/USDT", venueOrderId: "stop-1" });
  assert.deepEqual(outcome, { kind: "accepted", venueOrderId: "stop-1" });
  assert.equal(JSON.parse(server.bodies.at(-1) ?? "").orderFilter, "StopOrder");
});

test("an amendment changes what it names and nothing else, in place", async (context) => {
  const { venue, server } = await openWorld(context, { orders: [order(LINEAR, { orderLinkId: "mine" })] });
  const ids = { instrument: "BTC/USDT:USDT", clientOrderId: "mine", newClientOrderId: "unused" };
  const outcome = await venue.amend?.({ ...ids, price: d("51000"), qty: d("0.02") });
  assert.equal(outcome?.kind, "accepted");
  assert.deepEqual(JSON.parse(server.bodies[0] ?? ""), {
    ...{ category: "linear", symbol: "BTCUSDT", orderLinkId: "mine", price: "51000", qty: "0.02" },
  });
  assert.equal((await venue.amend?.(ids))?.kind, "rejected");
  assert.equal(server.bodies.length, 1);
});

test("an order is looked up among the open ones and in the history, by either id", async (context) => {
  const { venue, server } = await openWorld(context, {
    orders: [
      order(LINEAR, { orderId: "open", orderLinkId: "o" }),
      order(LINEAR, {
        orderId: "gone",
        orderLinkId: "g",
        orderStatus: "Filled",
        cumExecQty: "0.01",
        avgPrice: "5",
      }),
    ],
  });
  const look = (query: object) => venue.order?.({ instrument: "BTC/USDT:USDT", ...query });
  const statusOf = async (query: object) => {
    const found = await look(query);
    return found?.kind === "row" ? found.row.status : found?.kind;
  };
  assert.equal(await statusOf({ venueOrderId: "open" }), "open");
  assert.equal(await statusOf({ clientOrderId: "g" }), "filled");
  assert.equal(await statusOf({ venueOrderId: "missing", clientOrderId: "o" }), "open");
  assert.equal(await statusOf({ clientOrderId: "never" }), "none");
  assert.equal(await statusOf({}), "unknown");
  // Half an answer is none: the history could have it.
  server.setFault("/v5/order/history", () => failure(10016, "Server error."));
  assert.equal(await statusOf({ clientOrderId: "never" }), "unknown");
  server.setFault("/v5/order/realtime", () =>
    envelope(0, "OK", { list: [order(LINEAR, { orderId: "other" }).row], nextPageCursor: "" }, NOW),
  );
  assert.equal(await statusOf({ venueOrderId: "open" }), "unknown");
});
