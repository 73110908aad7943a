// Commands to Polymarket: each is sent once, and what is said of it is what its answer proves.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decimal } from "../../../src/core/index.ts";
import type { CommandOutcome, SubmitCommand } from "../../../src/venues/index.ts";
import type { Fault } from "./server.ts";
import { NO, openVenue, openWorld, order, submit, type World, YES } from "./support.ts";

const { price: _price, qty: _qty, ...UNSIZED } = order();
const MARKET: SubmitCommand = { ...UNSIZED, type: "market", timeInForce: "ioc" };

async function withBook(t: Parameters<typeof openWorld>[0]): Promise<World> {
  const world = await openWorld(t);
  const { exchange } = world.server;
  exchange.book(YES, [{ price: "0.39", size: "100" }], [{ price: "0.41", size: "100" }]);
  exchange.hold(YES, "50");
  return world;
}

function send({ venue }: World, command: SubmitCommand): Promise<CommandOutcome> {
  assert.ok(venue.submit);
  return venue.submit(command);
}

function wordOf(outcome: CommandOutcome): string {
  return outcome.kind === "rejected" && !outcome.sent ? "not sent" : outcome.kind;
}

function reasonOf(outcome: CommandOutcome): string {
  return outcome.kind === "accepted" ? "" : outcome.reason;
}

function sentOrder({ server }: World): Record<string, unknown> {
  const [, , body = "{}"] = /^(POST \/order) (.*)$/s.exec(server.commands.at(-1) ?? "") ?? [];
  return JSON.parse(body) as Record<string, unknown>;
}

describe("submitting an order", () => {
  test("is accepted under the hash that was signed, which the venue computes too", async (t) => {
    const world = await withBook(t);
    const outcome = await submit(world);
    assert.ok(outcome.kind === "accepted", reasonOf(outcome));
    assert.ok(world.server.exchange.orders.has(outcome.venueOrderId ?? ""));
    const { orders } = await world.venue.snapshot();
    const [row] = orders?.rows ?? [];
    assert.deepEqual(
      [row?.clientOrderId, row?.venueOrderId, row?.qty, row?.price, row?.status],
      ["tu-1", outcome.venueOrderId, "10", "0.4", "open"],
    );
  });

  test("sends amounts that are exact in units of the chain, and the token's number as text", async (t) => {
    const world = await withBook(t);
    const cases: [SubmitCommand, string, string, string][] = [
      [order({ qty: decimal("12.34"), price: decimal("0.29") }), "3578600", "12340000", "GTC"],
      [order({ side: "sell", qty: decimal("12.34"), price: decimal("0.29") }), "12340000", "3578600", "GTC"],
      [{ ...MARKET, notional: decimal("10.01") }, "10010000", "24414600", "FAK"],
      [{ ...MARKET, side: "sell", qty: decimal("7.77"), timeInForce: "fok" }, "7770000", "3030300", "FOK"],
    ];
    for (const [index, [command, maker, taker, type]] of cases.entries()) {
      const outcome = await send(world, { ...command, clientOrderId: `tu-${index}` });
      assert.equal(outcome.kind, "accepted", reasonOf(outcome));
      const body = sentOrder(world);
      const sent = body.order as Record<string, unknown>;
      assert.deepEqual(
        [sent.tokenId, sent.makerAmount, sent.takerAmount, body.orderType],
        [YES, maker, taker, type],
      );
    }
  });

  test("signs for the contract of the market, which the venue verifies", async (t) => {
    const world = await withBook(t);
    world.server.exchange.book(NO, [], [{ price: "0.6", size: "10" }], "0.01", true);
    const outcome = await submit(world, { instrument: NO });
    assert.equal(outcome.kind, "accepted", reasonOf(outcome));
  });

  test("of what the venue does not take is refused before anything is sent", async (t) => {
    const world = await withBook(t);
    const cases: [SubmitCommand, RegExp][] = [
      [order({ leg: "long" }), /has no legs/],
      [order({ instrument: "rain/Yes" }), /is no token's number/],
      [order({ price: decimal("0.405") }), /takes multiples of 0\.01/],
      [order({ price: decimal("1") }), /one tick below 1/],
      [order({ qty: decimal("10.001") }), /orders hundredths of a share/],
      [order({ qty: decimal("4.99") }), /5 shares at least/],
      [order({ timeInForce: "day" }), /takes timeInForce gtc, ioc, fok/],
      [order({ timeInForce: "ioc" }), /sized by what it costs/],
      [order({ type: "stop", triggerPrice: decimal("0.3") }), /orders of type market, limit/],
      [{ ...MARKET, notional: decimal("5"), timeInForce: "gtc" }, /fills at once/],
      [{ ...MARKET, qty: decimal("101"), timeInForce: "gtc" }, /less is offered/],
      [{ ...MARKET, side: "sell", notional: decimal("5") }, /only of market orders to buy/],
      [{ ...MARKET, notional: decimal("5.001") }, /hundredths of a pUSD/],
      [{ ...MARKET, qty: decimal("5"), notional: decimal("5") }, /either qty or notional/],
      [
        { ...MARKET, side: "sell", qty: decimal("101"), timeInForce: "fok" },
        /less is bid for than the order's size/,
      ],
    ];
    for (const [command, why] of cases) {
      const outcome = await send(world, command);
      assert.equal(wordOf(outcome), "not sent", JSON.stringify(command));
      assert.match(reasonOf(outcome), why);
    }
    assert.deepEqual(world.server.commands, []);
  });

  test("sends nothing where the book cannot be read, or is another token's", async (t) => {
    const world = await withBook(t);
    const faults: Fault[] = [
      { kind: "reset" },
      { kind: "half" },
      { kind: "text", status: 403, body: "<html>Attention Required! | Cloudflare</html>" },
      { kind: "answer", status: 429, body: { error: "Too Many Requests" } },
      { kind: "answer", status: 200, body: { asset_id: NO, tick_size: "0.01", neg_risk: false } },
      { kind: "answer", status: 200, body: { asset_id: YES, tick_size: "0.01" } },
    ];
    for (const fault of faults) {
      world.server.fail("GET /book", fault);
      assert.equal(wordOf(await submit(world)), "not sent", JSON.stringify(fault));
    }
    assert.deepEqual(world.server.commands, []);
  });

  const SENTENCES: readonly [Fault, "rejected" | "unknown", RegExp][] = [
    [answer(400, { error: "not enough balance / allowance: …" }), "rejected", /not enough balance/],
    [
      answer(200, { success: false, errorMsg: "INVALID_ORDER_NOT_ENOUGH_BALANCE", orderID: "" }),
      "rejected",
      /./,
    ],
    [answer(200, { success: true, errorMsg: "FOK_ORDER_NOT_FILLED_ERROR" }), "rejected", /filled whole/],
    [
      answer(200, { success: true, errorMsg: "FOK_ORDER_NOT_FILLED_ERROR", orderID: `0x${"1".repeat(64)}` }),
      "unknown",
      /names an order/,
    ],
    [answer(400, { error: "breaks minimum tick size rule: 0.01" }), "rejected", /tick/],
    [answer(401, { error: "Unauthorized/Invalid api key" }), "rejected", /refused the keys/],
    [answer(425, { error: "the matching engine is restarting" }), "rejected", /restarting/],
    [answer(429, { error: "Too Many Requests" }), "rejected", /too many/],
    [answer(503, { error: "Trading is currently disabled. Check polymarket.com" }), "rejected", /paused/],
    [answer(503, { error: "Trading is currently cancel-only. New orders …" }), "rejected", /only cancels/],
    [answer(400, { error: "order 0x1 is invalid. Duplicated." }), "unknown", /is there already/],
    [answer(400, { error: "a sentence that nobody has documented" }), "unknown", /nothing says/],
    [answer(500, { error: "not enough balance / allowance" }), "unknown", /nothing says/],
    [answer(500, { error: "could not insert order" }), "unknown", /HTTP 500/],
    [answer(502, {}), "unknown", /HTTP 502/],
    [answer(200, { success: false, errorMsg: "" }), "unknown", /not why/],
    [answer(200, { success: true, orderID: "" }), "unknown", /names no order/],
    [answer(200, { success: true, orderID: `0x${"1".repeat(64)}`, status: "live" }), "unknown", /was sent/],
    [answer(200, []), "unknown", /no object/],
    [
      { kind: "text", status: 403, body: "<html>Attention Required! | Cloudflare</html>" },
      "unknown",
      /HTTP 403/,
    ],
    [{ kind: "text", status: 429, body: "<html>Too many requests</html>" }, "unknown", /HTTP 429/],
    [
      { kind: "text", status: 503, body: "upstream connect error", type: "text/plain" },
      "unknown",
      /HTTP 503/,
    ],
    [{ kind: "text", status: 200, body: "" }, "unknown", /no object/],
    [{ kind: "half" }, "unknown", /./],
    [{ kind: "reset" }, "unknown", /./],
    [{ kind: "reset", after: true }, "unknown", /./],
  ];
  for (const [fault, expected, why] of SENTENCES) {
    test(`is ${expected} and sent once where the answer is ${JSON.stringify(fault).slice(0, 120)}`, async (t) => {
      const world = await withBook(t);
      world.server.fail("POST /order", fault);
      const outcome = await submit(world);
      assert.equal(wordOf(outcome), expected, reasonOf(outcome));
      assert.match(reasonOf(outcome), why);
      assert.equal(world.server.commands.length, 1);
      if (expected === "unknown") assert.match(reasonOf(outcome), /0x[0-9a-f]{64}/);
    });
  }

  test("that is delayed is not known, and names the order", async (t) => {
    const world = await withBook(t);
    const { exchange } = world.server;
    const place = exchange.place.bind(exchange);
    exchange.place = (posted) => ({
      ...place(posted),
      status: "delayed",
      makingAmount: "",
      takingAmount: "",
    });
    const outcome = await submit(world);
    assert.equal(outcome.kind, "unknown");
    assert.match(reasonOf(outcome), /is "delayed": it was taken and may match later/);
  });

  test("a second time with the same name is not sent, and unknown: it may be the very order", async (t) => {
    const world = await withBook(t);
    const [first, second] = await Promise.all([submit(world), submit(world)]);
    await world.runtime.advance(5_000, async () => undefined);
    const third = await submit(world);
    assert.deepEqual([first, second, third].map(wordOf).sort(), ["accepted", "unknown", "unknown"]);
    assert.match(reasonOf(third), /was sent before, as 0x/);
    assert.equal(world.server.commands.length, 1);
  });

  test("a second time after a restart is the same order within its second, which the venue says", async (t) => {
    const world = await withBook(t);
    await submit(world);
    const again = await (await openVenue(world)).submit?.(order());
    assert.ok(again?.kind === "unknown" && /there already/.test(again.reason), JSON.stringify(again));
    assert.equal(world.server.exchange.orders.size, 1);
  });

  test("that was refused may be sent again under its name", async (t) => {
    const world = await withBook(t);
    world.server.fail("POST /order", answer(400, { error: "not enough balance / allowance" }), { times: 1 });
    assert.equal(wordOf(await submit(world)), "rejected");
    assert.equal((await submit(world)).kind, "accepted");
  });

  test("at the market by quantity is a limit order at the price that the book asks for it", async (t) => {
    const world = await withBook(t);
    world.server.exchange.book(
      YES,
      [],
      [
        { price: "0.43", size: "40" },
        { price: "0.41", size: "10" },
      ],
    );
    const outcome = await send(world, { ...MARKET, qty: decimal("12.5"), timeInForce: "gtc" });
    assert.equal(outcome.kind, "accepted", reasonOf(outcome));
    const { orderType, order: sent } = sentOrder(world);
    const { makerAmount, takerAmount } = sent as Record<string, unknown>;
    assert.deepEqual([orderType, makerAmount, takerAmount], ["GTC", "5375000", "12500000"]);
  });
});

describe("an order whose answer was lost", () => {
  test("is found by its hash where this program sent it", async (t) => {
    const world = await withBook(t);
    world.server.fail("POST /order", { kind: "reset", after: true });
    assert.equal((await submit(world)).kind, "unknown");
    const found = await world.venue.order?.({ instrument: YES, clientOrderId: "tu-1" });
    assert.equal(found?.kind, "row");
    assert.equal(found?.kind === "row" && found.row.clientOrderId, "tu-1");
  });

  test("is recognised after a restart by the salt that its name makes, among others of the same terms", async (t) => {
    const world = await withBook(t);
    for (const clientOrderId of ["tu-1", "tu-2", "tu-3"]) await submit(world, { clientOrderId });
    const ids = [...world.server.exchange.orders.keys()];
    const later = await openVenue(world);
    const found = await later.order?.({ instrument: YES, clientOrderId: "tu-2" });
    assert.deepEqual(found?.kind === "row" && [found.row.venueOrderId, found.row.clientOrderId], [
      ids[1],
      "tu-2",
    ]);
    const other = await later.order?.({ instrument: YES, clientOrderId: "tu-4" });
    assert.equal(other?.kind, "none");
  });

  test("is recognised by its trades when it is over", async (t) => {
    const world = await withBook(t);
    world.server.fail("POST /order", { kind: "reset", after: true });
    await submit(world, { side: "sell", qty: decimal("8"), price: decimal("0.39"), timeInForce: "ioc" });
    const later = await openVenue(world);
    const found = await later.order?.({ instrument: YES, clientOrderId: "tu-1" });
    assert.ok(found?.kind === "row", JSON.stringify(found));
    assert.equal(found.row.filledQty, "8");
    // And from now on its fills bear the name.
    const { fills } = await later.history(0);
    assert.equal(fills?.rows[0]?.clientOrderId, "tu-1");
  });

  test("is not known where one of the lists cannot be read", async (t) => {
    const world = await withBook(t);
    await submit(world);
    for (const path of ["GET /data/orders", "GET /data/trades"]) {
      const later = await openVenue(world);
      world.server.heal();
      world.server.fail(path, { kind: "answer", status: 500, body: { error: "x" } });
      const found = await later.order?.({ instrument: YES, clientOrderId: "tu-9" });
      assert.equal(found?.kind, "unknown", path);
    }
  });
});

describe("cancelling an order", () => {
  async function withOrder(t: Parameters<typeof openWorld>[0]): Promise<World & { readonly id: string }> {
    const world = await withBook(t);
    const outcome = await submit(world);
    assert.ok(outcome.kind === "accepted" && outcome.venueOrderId);
    world.server.commands.length = 0;
    return { ...world, id: outcome.venueOrderId };
  }

  test("by its id or by its name is accepted where the answer names it among the cancelled", async (t) => {
    const world = await withOrder(t);
    const outcome = await world.venue.cancel?.({ instrument: YES, clientOrderId: "tu-1" });
    assert.deepEqual(outcome, { kind: "accepted", venueOrderId: world.id });
    const again = await world.venue.cancel?.({ instrument: YES, venueOrderId: world.id });
    assert.ok(again && wordOf(again) === "rejected");
    assert.equal(world.server.commands.length, 2);
  });

  test("by its name after a restart finds it first, and sends nothing where it is not found", async (t) => {
    const world = await withOrder(t);
    const later = await openVenue(world);
    const outcome = await later.cancel?.({ instrument: YES, clientOrderId: "tu-1" });
    assert.deepEqual(outcome, { kind: "accepted", venueOrderId: world.id });
    const none = await later.cancel?.({ instrument: YES, clientOrderId: "tu-77" });
    assert.ok(none && wordOf(none) === "not sent");
    assert.equal(world.server.commands.length, 1);
  });

  test("is what its answer proves, and sent once", async (t) => {
    const cases: readonly [(id: string) => Fault, string][] = [
      [(id) => answer(200, { canceled: [], not_canceled: { [id]: "order can't be found" } }), "rejected"],
      [(id) => answer(200, { canceled: [], notCanceled: { [id]: "already canceled" } }), "rejected"],
      [() => answer(200, { canceled: [], not_canceled: {} }), "unknown"],
      [() => answer(200, { canceled: ["0xother"] }), "unknown"],
      [() => answer(200, { error: "x", status: 503 }), "unknown"],
      [() => answer(503, { error: "Trading is currently disabled." }), "rejected"],
      [() => answer(503, { error: "Trading is currently cancel-only." }), "unknown"],
      [() => answer(401, { error: "Unauthorized/Invalid api key" }), "rejected"],
      [() => answer(500, { error: "internal" }), "unknown"],
      [() => ({ kind: "reset" }), "unknown"],
      [() => ({ kind: "half" }), "unknown"],
    ];
    for (const [fault, expected] of cases) {
      const world = await withOrder(t);
      world.server.fail("DELETE /order", fault(world.id));
      const outcome = await world.venue.cancel?.({ instrument: YES, venueOrderId: world.id });
      assert.ok(outcome);
      assert.equal(wordOf(outcome), expected, `${JSON.stringify(fault(world.id))}: ${reasonOf(outcome)}`);
      assert.equal(world.server.commands.length, 1);
    }
  });

  test("of what is no hash sends nothing", async (t) => {
    const world = await withOrder(t);
    const outcome = await world.venue.cancel?.({ instrument: YES, venueOrderId: "../orders" });
    assert.ok(outcome && wordOf(outcome) === "not sent");
    assert.deepEqual(world.server.commands, []);
  });
});

describe("the rate", () => {
  test("that is used up keeps an order from being sent, and says so; a cancel still goes", async (t) => {
    const world = await withBook(t);
    const outcomes = [];
    for (let at = 0; at < 60; at += 1)
      outcomes.push(wordOf(await submit(world, { clientOrderId: `r-${at}` })));
    assert.ok(outcomes.includes("not sent"), outcomes.join(" "));
    const sent = outcomes.filter((word) => word === "accepted").length;
    assert.equal(world.server.commands.length, sent);
    const id = [...world.server.exchange.orders.keys()][0] ?? "";
    const outcome = await world.venue.cancel?.({ instrument: YES, venueOrderId: id });
    assert.equal(outcome?.kind, "accepted");
  });
});

function answer(status: number, body: unknown): Fault {
  return { kind: "answer", status, body };
}
