// Commands against a local Alpaca: what each answer proves, that none is ever sent twice, and that an order whose
// answer was lost is found by its client order id.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decimal } from "../../../src/core/index.ts";
import { AUTH_PROBLEM } from "../../../src/venues/alpaca/index.ts";
import type { CommandOutcome, SubmitCommand } from "../../../src/venues/index.ts";
import type { CommandFault } from "./faults.ts";
import type { CommandName } from "./server.ts";
import { endingHangs, openWorld, order, type World } from "./support.ts";

const BUY: SubmitCommand = {
  instrument: "AAPL",
  clientOrderId: "tu-intent-1",
  leg: "net",
  side: "buy",
  type: "limit",
  qty: decimal("10"),
  price: decimal("99.5"),
  timeInForce: "day",
  reduceOnly: false,
};

const { price: _price, qty: _qty, ...UNSIZED } = BUY;
const MARKET: SubmitCommand = { ...UNSIZED, type: "market" };

function submit({ venue }: World, change: Partial<SubmitCommand> = {}): Promise<CommandOutcome> {
  assert.ok(venue.submit);
  return venue.submit({ ...BUY, ...change });
}

function cancel({ venue }: World, ids: { venueOrderId?: string; clientOrderId?: string }) {
  assert.ok(venue.cancel);
  return venue.cancel({ instrument: "AAPL", ...ids });
}

function amend({ venue }: World, change: object) {
  assert.ok(venue.amend);
  return venue.amend({ instrument: "AAPL", newClientOrderId: "tu-intent-2", ...change });
}

function wordOf(outcome: CommandOutcome): string {
  if (outcome.kind === "rejected") return outcome.sent ? "rejected" : "not sent";
  return outcome.kind;
}

function reasonOf(outcome: CommandOutcome): string {
  return outcome.kind === "accepted" ? "" : outcome.reason;
}

describe("submitting an order", () => {
  test("is accepted with the order's row", async (t) => {
    const world = await openWorld(t);
    const outcome = await submit(world);
    assert.equal(outcome.kind, "accepted", reasonOf(outcome));
    assert.ok(outcome.kind === "accepted" && outcome.row);
    assert.deepEqual(
      [outcome.row.clientOrderId, outcome.row.status, outcome.row.qty, outcome.row.venueOrderId],
      ["tu-intent-1", "open", "10", outcome.venueOrderId],
    );
  });

  test("sends quantities and prices as the exact strings that they are", async (t) => {
    const world = await openWorld(t);
    await submit(world, { qty: decimal("0.000000001"), price: decimal("12345678901.123456789") });
    assert.deepEqual(JSON.parse(world.server.bodies[0] ?? ""), {
      symbol: "AAPL",
      client_order_id: "tu-intent-1",
      side: "buy",
      type: "limit",
      time_in_force: "day",
      qty: "0.000000001",
      limit_price: "12345678901.123456789",
    });
  });

  test("sends what each type and each kind of instrument needs", async (t) => {
    const world = await openWorld(t);
    const cases: [SubmitCommand, Record<string, string>][] = [
      [
        { ...BUY, type: "stop_limit", triggerPrice: decimal("101") },
        { type: "stop_limit", limit_price: "99.5", stop_price: "101" },
      ],
      [
        { ...MARKET, notional: decimal("250.5") },
        { type: "market", notional: "250.5" },
      ],
      [
        { ...MARKET, instrument: "BTC/USD", qty: decimal("0.01"), timeInForce: "gtc" },
        { symbol: "BTC/USD", time_in_force: "gtc" },
      ],
      [
        { ...BUY, instrument: "AAPL230721C00150000", side: "sell", reduceOnly: true, qty: decimal("1") },
        { symbol: "AAPL230721C00150000", position_intent: "sell_to_close" },
      ],
      [{ ...BUY, reduceOnly: true }, { position_intent: "buy_to_close" }],
    ];
    for (const [index, [command, expected]] of cases.entries()) {
      assert.ok(world.venue.submit);
      const outcome = await world.venue.submit({ ...command, clientOrderId: `tu-${index}` });
      assert.equal(outcome.kind, "accepted", reasonOf(outcome));
      const body = JSON.parse(world.server.bodies.at(-1) ?? "") as Record<string, string>;
      for (const [field, value] of Object.entries(expected)) assert.equal(body[field], value, field);
    }
  });

  test("of what Alpaca's documents exclude is refused before anything is sent", async (t) => {
    const world = await openWorld(t);
    const cases: [SubmitCommand, RegExp][] = [
      [{ ...BUY, leg: "long" }, /it has no long leg/],
      [{ ...BUY, instrument: "BTC/USD" }, /coins with timeInForce gtc, ioc; found day/],
      [
        { ...BUY, instrument: "AAPL230721C00150000", timeInForce: "gtc" },
        /options with timeInForce day; found gtc/,
      ],
      [{ ...BUY, notional: decimal("5") }, /either qty or notional/],
      [
        { ...UNSIZED, price: decimal("1"), notional: decimal("5") },
        /only as market orders with day; found limit/,
      ],
      [{ ...BUY, type: "market" }, /a market order has no price/],
      [{ ...BUY, type: "stop_limit" }, /a stop_limit order has a triggerPrice/],
    ];
    assert.ok(world.venue.submit);
    for (const [command, reason] of cases) {
      const outcome = await world.venue.submit(command);
      assert.equal(wordOf(outcome), "not sent");
      assert.match(reasonOf(outcome), reason);
    }
    assert.deepEqual(world.server.commands, []);
  });

  test("[R5] with a client order id that exists is unknown: the order with it may be at work", async (t) => {
    const world = await openWorld(t);
    assert.equal((await submit(world)).kind, "accepted");
    const again = await submit(world);
    assert.equal(again.kind, "unknown");
    assert.match(reasonOf(again), /client_order_id must be unique.*may be at work/);
    assert.equal(world.server.state.orders.length, 1);
  });

  test("[R5] whose answer is lost is unknown, is sent once, and is found by its client order id", async (t) => {
    const lost: readonly CommandFault[] = [
      "reset-after",
      "500-after",
      "504-after",
      "408-after",
      "half-after",
      "html-after",
      "other-order-after",
    ];
    for (const fault of lost) {
      const world = await openWorld(t, {}, { retries: 3 });
      world.server.setCommandFault("submit", fault);
      const outcome = await submit(world);
      assert.equal(outcome.kind, "unknown", `${fault}: ${reasonOf(outcome)}`);
      assert.deepEqual(world.server.commands, ["POST /v2/orders"], fault);
      assert.equal(world.server.state.orders.length, 1);
      const found = await world.venue.order?.({ instrument: "AAPL", clientOrderId: "tu-intent-1" });
      assert.equal(found?.kind === "row" && found.row.status, "open", fault);
    }
  });

  test("[R5] that was cut before its effect is unknown too: from here both look the same", async (t) => {
    const world = await openWorld(t, {}, { retries: 3 });
    world.server.setCommandFault("submit", "reset-before");
    assert.equal((await submit(world)).kind, "unknown");
    assert.deepEqual(world.server.commands, ["POST /v2/orders"]);
    assert.deepEqual(world.server.state.orders, []);
  });

  test("[R5] without an answer in time is unknown, and is not sent again", async (t) => {
    for (const fault of ["timeout-after", "timeout-before"] as const) {
      const world = await openWorld(t, {}, { fetch: endingHangs(() => world), retries: 3 });
      world.server.setCommandFault("submit", fault);
      const outcome = await submit(world);
      assert.equal(outcome.kind, "unknown");
      assert.match(reasonOf(outcome), /no answer within 30 s/);
      assert.deepEqual(world.server.commands, ["POST /v2/orders"]);
      assert.equal(world.server.state.orders.length, fault === "timeout-after" ? 1 : 0);
    }
  });

  test("[R5] whose time ends by itself is unknown", async (t) => {
    const world = await openWorld(t, {}, { timeoutMs: 20 });
    world.server.setCommandFault("submit", "timeout-before");
    const outcome = await submit(world);
    assert.equal(outcome.kind, "unknown");
    assert.match(reasonOf(outcome), /no answer within 0\.02 s/);
  });

  test("that nobody takes a connection for was not sent, and is rejected so", async (t) => {
    const world = await openWorld(t);
    await world.server.stop();
    world.server.stop = async () => undefined;
    const outcome = await submit(world);
    assert.equal(wordOf(outcome), "not sent");
    assert.match(reasonOf(outcome), /nothing was sent: ECONNREFUSED/);
  });

  test("after a redirect is unknown, and the redirect is not followed", async (t) => {
    const world = await openWorld(t);
    world.server.setCommandFault("submit", "redirect");
    assert.equal((await submit(world)).kind, "unknown");
    assert.equal(world.server.commands.length, 1);
  });

  test("with refused keys was not placed, and the keys are not told", async (t) => {
    const world = await openWorld(t, {}, { keyId: "PKWRONG000000000000" });
    const outcome = await submit(world);
    assert.equal(wordOf(outcome), "rejected");
    assert.ok(reasonOf(outcome).startsWith(AUTH_PROBLEM), reasonOf(outcome));
    assert.doesNotMatch(reasonOf(outcome), /PKWRONG|local-secret/);
  });
});

describe("a documented refusal", () => {
  const cases: [CommandName, CommandFault, string, string | undefined][] = [
    ["submit", "400", "rejected", "40010000"],
    ["submit", "403", "rejected", "40310000"],
    ["submit", "404", "rejected", "40410000"],
    ["submit", "422", "rejected", "42210000"],
    ["submit", "429", "rejected", "42910000"],
    ["submit", "403-html", "unknown", undefined],
    ["cancel", "403", "rejected", "40310000"],
    ["cancel", "404", "rejected", "40410000"],
    ["cancel", "404-other", "unknown", undefined],
    ["cancel", "429", "rejected", "42910000"],
    ["cancel", "500-after", "unknown", undefined],
    ["cancel", "html-after", "unknown", undefined],
    ["cancel", "reset-after", "unknown", undefined],
    ["cancel", "400", "unknown", undefined],
    ["amend", "403", "rejected", "40310000"],
    ["amend", "404", "rejected", "40410000"],
    ["amend", "404-other", "unknown", undefined],
    ["amend", "422", "rejected", "42210000"],
    ["amend", "429", "rejected", "42910000"],
    ["amend", "reset-after", "unknown", undefined],
    ["amend", "504-after", "unknown", undefined],
  ];
  for (const [command, fault, word, code] of cases) {
    test(`[D03] of ${command} by ${fault} is ${word}, and is asked once`, async (t) => {
      const world = await openWorld(t, command === "submit" ? {} : { orders: [order({ id: "v-1" })] });
      world.server.setCommandFault(command, fault);
      const outcome =
        command === "submit"
          ? await submit(world)
          : command === "cancel"
            ? await cancel(world, { venueOrderId: "v-1" })
            : await amend(world, { venueOrderId: "v-1", price: decimal("98") });
      assert.equal(wordOf(outcome), word, reasonOf(outcome));
      assert.equal(outcome.kind === "rejected" ? outcome.code : undefined, code);
      assert.equal(world.server.commands.length, 1);
    });
  }
});

describe("cancelling all orders", () => {
  test("is one request, accepted where every one of them was taken", async (t) => {
    const world = await openWorld(t, {
      orders: [order({ id: "v-1" }), order({ id: "v-2", client_order_id: "c-2" })],
    });
    assert.deepEqual(await world.venue.cancelAll?.({}), { kind: "accepted" });
    assert.deepEqual(world.server.commands, ["DELETE /v2/orders"]);
    assert.deepEqual(
      world.server.state.orders.map(({ status }) => status),
      ["canceled", "canceled"],
    );
    assert.deepEqual(await world.venue.cancelAll?.({}), { kind: "accepted" }, "of none");
  });

  test("of which one is not taken, or of one instrument, proves nothing", async (t) => {
    const world = await openWorld(t, {
      orders: [order({ id: "v-1" }), order({ id: "v-2", client_order_id: "c-2" })],
    });
    world.server.exchange.stuck = "v-2";
    const outcome = await world.venue.cancelAll?.({});
    assert.equal(outcome?.kind, "unknown");
    const one = await world.venue.cancelAll?.({ instrument: "AAPL" });
    assert.deepEqual(one?.kind === "rejected" && one.sent, false);
  });
});

describe("cancelling an order", () => {
  test("by its id is accepted, and the order is cancelled at the venue", async (t) => {
    const world = await openWorld(t, { orders: [order({ id: "v-1" })] });
    assert.deepEqual(await cancel(world, { venueOrderId: "v-1" }), { kind: "accepted", venueOrderId: "v-1" });
    assert.equal(world.server.state.orders[0]?.status, "canceled");
  });

  test("of which only the client order id is known looks its id up first", async (t) => {
    const world = await openWorld(t, { orders: [order({ id: "v-1", client_order_id: "c-1" })] });
    assert.equal((await cancel(world, { clientOrderId: "c-1" })).kind, "accepted");
    assert.deepEqual(world.server.commands, ["DELETE /v2/orders/v-1"]);
  });

  test("of which nothing is known sends nothing", async (t) => {
    const world = await openWorld(t);
    const none = await cancel(world, { clientOrderId: "c-1" });
    assert.equal(wordOf(none), "not sent");
    assert.match(reasonOf(none), /knows no order c-1; nothing was sent/);
    world.server.setFault("orderByClientId", "html");
    assert.match(
      reasonOf(await cancel(world, { clientOrderId: "c-1" })),
      /could not be looked up, so nothing was sent/,
    );
    assert.deepEqual(world.server.commands, []);
  });

  test("that is filled already is rejected with the venue's code and what the order is", async (t) => {
    const filled = order({ id: "v-1", status: "filled", filled_qty: "10", filled_avg_price: "99" });
    const world = await openWorld(t, { orders: [filled] });
    const outcome = await cancel(world, { venueOrderId: "v-1" });
    assert.equal(outcome.kind === "rejected" && outcome.code, "42210000");
    assert.match(reasonOf(outcome), /already in "filled" state.*; the order is filled$/);
    assert.equal(outcome.kind === "rejected" && outcome.ended, "filled");
    const byClientId = await cancel(world, { clientOrderId: "client-1" });
    assert.deepEqual([wordOf(byClientId), reasonOf(byClientId)], ["not sent", "the order is filled already"]);
    assert.equal(byClientId.kind === "rejected" && byClientId.ended, "filled");
  });

  test("that goes on under another id cancels the one that trades", async (t) => {
    const world = await openWorld(t, {
      orders: [
        order({ id: "a", status: "replaced", replaced_by: "b" }),
        order({ id: "b", client_order_id: "c-b", replaces: "a" }),
      ],
    });
    assert.deepEqual(await cancel(world, { venueOrderId: "a" }), { kind: "accepted", venueOrderId: "b" });
    assert.deepEqual(world.server.commands, ["DELETE /v2/orders/a", "DELETE /v2/orders/b"]);
    assert.equal(world.server.state.orders[1]?.status, "canceled");
  });
});

describe("amending an order", () => {
  test("makes another order of it, which names the one before", async (t) => {
    const world = await openWorld(t, { orders: [order({ id: "v-1" })] });
    const outcome = await amend(world, { venueOrderId: "v-1", price: decimal("98") });
    assert.ok(outcome.kind === "accepted" && outcome.row, reasonOf(outcome));
    assert.notEqual(outcome.venueOrderId, "v-1");
    assert.deepEqual(
      [outcome.row.clientOrderId, outcome.row.price, outcome.row.qty, outcome.row.previousVenueOrderIds],
      ["tu-intent-2", "98", "10", ["v-1"]],
    );
    assert.deepEqual(JSON.parse(world.server.bodies[0] ?? ""), {
      client_order_id: "tu-intent-2",
      limit_price: "98",
    });
  });

  test("that is partly filled orders what is left of the whole, and tells the whole", async (t) => {
    const partly = order({
      id: "v-1",
      status: "partially_filled",
      filled_qty: "4",
      filled_avg_price: "99",
    });
    const world = await openWorld(t, { orders: [partly] });
    const outcome = await amend(world, { venueOrderId: "v-1", price: decimal("98") });
    assert.ok(outcome.kind === "accepted" && outcome.row, reasonOf(outcome));
    assert.equal((JSON.parse(world.server.bodies[0] ?? "") as { qty: string }).qty, "6");
    const { qty, filledQty, status } = outcome.row;
    assert.deepEqual([qty, filledQty, status], ["10", "4", "partially_filled"]);
    const id = outcome.venueOrderId ?? "";
    world.server.exchange.fill(id, "1", "98");
    const { orders } = await world.venue.snapshot();
    const row = orders?.rows[0];
    assert.deepEqual(
      [orders?.quality, row?.qty, row?.filledQty, row?.avgPrice, row?.previousVenueOrderIds],
      ["complete", "10", "5", "98.8", ["v-1"]],
    );
  });

  test("to a whole quantity that is filled already sends nothing", async (t) => {
    const partly = order({ id: "v-1", status: "partially_filled", filled_qty: "4" });
    const world = await openWorld(t, { orders: [partly] });
    const outcome = await amend(world, { venueOrderId: "v-1", qty: decimal("4") });
    assert.equal(wordOf(outcome), "not sent");
    assert.match(reasonOf(outcome), /4 are filled already; a whole quantity of 4 leaves nothing/);
  });

  test("that is over, sized by notional, not found, or that changes nothing sends nothing", async (t) => {
    const orders = [
      order({ id: "done", client_order_id: "c-1", status: "canceled" }),
      order({ id: "dollars", client_order_id: "c-2", qty: null, notional: "50" }),
      order({ id: "v-1", client_order_id: "c-3" }),
    ];
    const world = await openWorld(t, { orders });
    const price = decimal("98");
    const cases: [object, RegExp][] = [
      [{ venueOrderId: "done", price }, /the order is canceled already/],
      [{ venueOrderId: "dollars", price }, /does not replace orders by notional/],
      [{ venueOrderId: "gone", price }, /knows no order gone/],
      [{ venueOrderId: "v-1" }, /nothing is to be changed/],
    ];
    for (const [change, reason] of cases) {
      const outcome = await amend(world, change);
      assert.equal(wordOf(outcome), "not sent");
      assert.match(reasonOf(outcome), reason);
    }
    assert.deepEqual(world.server.commands, []);
  });

  test("that took too long to look up sends nothing: it may no longer be meant", async (t) => {
    const world = await openWorld(t, { orders: [order({ id: "v-1" })] }, { stepMs: 3_000 });
    const outcome = await amend(world, { venueOrderId: "v-1", price: decimal("98") });
    assert.equal(wordOf(outcome), "not sent");
    assert.match(reasonOf(outcome), /took longer than 2000 ms/);
  });

  test("[R5] whose answer is lost is unknown, and the new order is found by its client order id", async (t) => {
    const world = await openWorld(t, { orders: [order({ id: "v-1" })] });
    world.server.setCommandFault("amend", "reset-after");
    assert.equal((await amend(world, { venueOrderId: "v-1", price: decimal("98") })).kind, "unknown");
    const found = await world.venue.order?.({ instrument: "AAPL", clientOrderId: "tu-intent-2" });
    assert.deepEqual(found?.kind === "row" && found.row.previousVenueOrderIds, ["v-1"]);
  });
});

describe("an order that took another's place", () => {
  test("tells no quantities where its own do not say from where they count", async (t) => {
    // Filled 4 before, and 4 now: anew or carried over, nobody can tell.
    const world = await openWorld(t, {
      orders: [
        order({ id: "a", status: "replaced", filled_qty: "4", filled_avg_price: "99", replaced_by: "b" }),
        order({ id: "b", client_order_id: "c-b", replaces: "a", filled_qty: "4", filled_avg_price: "98" }),
      ],
    });
    const { orders } = await world.venue.snapshot();
    const row = orders?.rows.find(({ venueOrderId }) => venueOrderId === "b");
    assert.deepEqual([row?.qty, row?.filledQty, row?.previousVenueOrderIds], [undefined, undefined, ["a"]]);
    const amended = await amend(world, { venueOrderId: "b", price: decimal("97") });
    assert.match(reasonOf(amended), /how much of the order is filled is not known/);
  });

  test("makes the section partial and tells no quantities where the one before cannot be read", async (t) => {
    const world = await openWorld(t, { orders: [order({ id: "b", replaces: "gone" })] });
    const { orders } = await world.venue.snapshot();
    assert.equal(orders?.quality, "partial");
    assert.match(orders?.problem ?? "", /took the place of gone, and what that one filled could not be read/);
    assert.equal(orders?.rows[0]?.qty, undefined);
  });

  test("is asked about once: a replaced order changes no more", async (t) => {
    const world = await openWorld(t, {
      orders: [
        order({ id: "a", status: "replaced", replaced_by: "b" }),
        order({ id: "b", client_order_id: "c-b", replaces: "a" }),
      ],
    });
    await world.venue.snapshot();
    await world.venue.snapshot();
    assert.equal(world.server.requests.filter((one) => one === "/v2/orders/a").length, 1);
  });

  test("is asked about again while the one before may still fill", async (t) => {
    const world = await openWorld(t, {
      orders: [
        order({ id: "a", status: "pending_replace", filled_qty: "2", filled_avg_price: "99" }),
        order({ id: "b", client_order_id: "c-b", replaces: "a", qty: "8", status: "accepted" }),
      ],
    });
    const filled = async () => {
      const { orders } = await world.venue.snapshot();
      return orders?.rows.find(({ venueOrderId }) => venueOrderId === "b")?.filledQty;
    };
    assert.equal(await filled(), "2");
    Object.assign(world.server.state.orders[0] ?? {}, { filled_qty: "3" });
    assert.equal(await filled(), "3");
  });

  test("and was refused leaves the one before at work, under its own id", async (t) => {
    const world = await openWorld(t, {
      orders: [
        order({ id: "a", status: "new" }),
        order({ id: "b", client_order_id: "c-b", replaces: "a", status: "rejected" }),
      ],
    });
    const found = await world.venue.order?.({ instrument: "AAPL", venueOrderId: "b" });
    assert.deepEqual(
      found?.kind === "row" && [found.row.venueOrderId, found.row.status, found.row.previousVenueOrderIds],
      ["a", "open", ["b"]],
    );
  });
});
