// What the simulated account does with orders, trades and what venues do by themselves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CAUSES, type Decimal, decimal, type OrderRow } from "../../src/core/index.ts";
import { SeededRandom } from "../../src/sim/swarm/random.ts";
import type { CommandOutcome } from "../../src/venues/index.ts";
import { COIN, INVERSE, RefereeWorld, SHARE, START_MS } from "../support/referee-world.ts";

function codeOf(outcome: CommandOutcome): string | undefined {
  return outcome.kind === "rejected" ? outcome.code : outcome.kind;
}

function shares(options: ConstructorParameters<typeof RefereeWorld>[0] = {}): RefereeWorld {
  const world = new RefereeWorld(options);
  world.price("ACME", "100");
  world.told();
  return world;
}

/** Draws that are given, then always the last one. */
function draws(...values: number[]): SeededRandom {
  const random = new SeededRandom(1);
  random.next = () => (values.length > 1 ? values.shift() : values[0]) ?? 0;
  return random;
}

function pick(row: OrderRow, ...fields: (keyof OrderRow)[]): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field, row[field]]));
}

const STATE = ["status", "qty", "filledQty", "avgPrice"] as const;

test("a market order trades at the last price at once: told open, the fill, the order", () => {
  const world = shares({ feeRatio: decimal("0.001") });
  const id = world.placed({ qty: "10" });
  assert.deepEqual(world.told(), ["open 0", "fill 10", "filled 10"]);
  assert.deepEqual(pick(world.order(id), ...STATE), {
    status: "filled",
    qty: "10",
    filledQty: "10",
    avgPrice: "100",
  });
  assert.equal(world.total("USD"), "8999");
  assert.deepEqual(world.referee.fills(), [
    {
      instrument: "ACME",
      tradeId: "t-2",
      venueOrderId: id,
      clientOrderId: "c-1",
      side: "buy",
      qty: "10",
      price: "100",
      fee: "1",
      feeCurrency: "USD",
      timestamp: world.nowMs,
      venueSeq: 2,
    },
  ]);
  assert.deepEqual(world.referee.positionRows(), [
    {
      instrument: "ACME",
      leg: "net",
      qty: "10",
      entryPrice: "100",
      entryPriceScale: 8,
      lastPrice: "100",
      updatedAt: world.nowMs,
    },
  ]);
});

test("a limit order trades at the last price when it comes, at its limit when it rests", () => {
  const world = shares();
  const crossing = world.placed({ type: "limit", price: "105" });
  assert.equal(world.order(crossing).avgPrice, "100");
  const resting = world.placed({ type: "limit", price: "95" });
  world.price("ACME", "95.01");
  assert.equal(world.order(resting).status, "open");
  world.price("ACME", "90");
  assert.deepEqual(pick(world.order(resting), "status", "avgPrice"), { status: "filled", avgPrice: "95" });
});

test("a stop waits for its trigger and goes on as what it becomes", () => {
  const world = shares();
  const stop = world.placed({ side: "sell", type: "stop", triggerPrice: "95" });
  const stopLimit = world.placed({ type: "stop_limit", triggerPrice: "105", price: "103" });
  world.price("ACME", "106");
  assert.deepEqual(pick(world.order(stopLimit), "status", "type"), { status: "open", type: "limit" });
  assert.deepEqual(pick(world.order(stop), "status", "type"), { status: "open", type: "stop" });
  world.price("ACME", "94");
  assert.deepEqual(pick(world.order(stop), "status", "type", "avgPrice"), {
    status: "filled",
    type: "market",
    avgPrice: "94",
  });
  assert.equal(world.order(stopLimit).avgPrice, "103");
});

test("what is not filled at once of an ioc order is cancelled, and a fok order trades in whole or not", () => {
  const world = shares({ partialChance: 1, random: draws(0.5) });
  const ioc = world.placed({ type: "limit", price: "100", timeInForce: "ioc" });
  assert.deepEqual(pick(world.order(ioc), "status", "filledQty"), { status: "canceled", filledQty: "5" });
  const marketIoc = world.placed({ timeInForce: "ioc" });
  assert.deepEqual(pick(world.order(marketIoc), "status", "filledQty"), {
    status: "canceled",
    filledQty: "5",
  });
  const fok = world.placed({ timeInForce: "fok" });
  assert.deepEqual(pick(world.order(fok), "status", "filledQty"), { status: "canceled", filledQty: "0" });
  const whole = shares();
  for (const timeInForce of ["ioc", "fok"]) {
    assert.equal(whole.order(whole.placed({ timeInForce })).status, "filled");
    const away = whole.placed({ timeInForce, type: "limit", price: "99" });
    assert.deepEqual(pick(whole.order(away), "status", "filledQty"), { status: "canceled", filledQty: "0" });
  }
});

test("a market order in parts is several fills of one moment, in rising order, until it is done", () => {
  const world = shares({ partialChance: 1, random: draws(0.5) });
  const id = world.placed({ qty: "10" });
  assert.equal(world.order(id).status, "filled");
  const fills = world.referee.fills();
  assert.deepEqual(
    fills.map(({ qty }) => qty),
    ["5", "3", "1", "1"],
  );
  assert.equal(new Set(fills.map(({ timestamp }) => timestamp)).size, 1);
  assert.ok(fills.every(({ venueSeq = 0 }, index) => venueSeq > (fills[index - 1]?.venueSeq ?? 0)));
});

test("a limit order in parts rests as partially filled and goes on at the next price that it meets", () => {
  const world = shares({ partialChance: 1, random: draws(0.5) });
  const id = world.placed({ type: "limit", price: "100", qty: "2" });
  assert.deepEqual(pick(world.order(id), "status", "filledQty"), {
    status: "partially_filled",
    filledQty: "1",
  });
  world.price("ACME", "101");
  assert.equal(world.order(id).filledQty, "1");
  world.price("ACME", "99");
  assert.deepEqual(pick(world.order(id), ...STATE), {
    status: "filled",
    qty: "2",
    filledQty: "2",
    avgPrice: "100",
  });
});

test("[A07] a partially filled order that is cancelled keeps what is filled", () => {
  const world = shares({ partialChance: 1, random: draws(0.5) });
  const id = world.placed({ type: "limit", price: "100", qty: "10" });
  assert.equal(world.referee.cancel({ instrument: "ACME", venueOrderId: id }).kind, "accepted");
  assert.deepEqual(pick(world.order(id), "status", "filledQty"), { status: "canceled", filledQty: "5" });
  assert.equal(world.referee.qty("ACME", "net"), "5");
  assert.equal(codeOf(world.referee.cancel({ instrument: "ACME", venueOrderId: id })), "order_ended");
  assert.equal(codeOf(world.referee.cancel({ instrument: "ACME", venueOrderId: "?" })), "order_not_found");
});

test("[I2] a client order id counts once, whatever became of its order", () => {
  const world = shares();
  assert.equal(world.submit({ clientOrderId: "same" }).kind, "accepted");
  assert.equal(codeOf(world.submit({ clientOrderId: "same" })), "duplicate_client_order_id");
  assert.equal(world.referee.fills().length, 1);
  assert.deepEqual([...world.referee.placements()], [["same", 1]]);
});

test("an order that cannot be is refused with a code, and leaves nothing behind", () => {
  const world = shares();
  const refusals = {
    unknown_instrument: { instrument: "NONE" },
    no_price: { instrument: "ES" },
    wrong_leg: { leg: "long" },
    not_positive: { qty: "0" },
    size: { notional: "10" },
    price_missing: { type: "limit" },
    too_fine: { qty: "0.0000000000001" },
    reduce_only: { reduceOnly: true, side: "sell" },
  };
  for (const [code, fields] of Object.entries(refusals)) assert.equal(codeOf(world.submit(fields)), code);
  assert.equal(codeOf(world.submit({ qty: "-1" })), "not_positive");
  assert.equal(codeOf(world.submit({ type: "stop" })), "price_missing");
  assert.equal(codeOf(world.submit({ qty: undefined, notional: "99" })), "size");
  assert.deepEqual(world.referee.orders(), []);
  assert.deepEqual(world.told(), []);
  assert.equal(world.referee.placements().size, 0);
});

test("an order by notional buys whole steps for it and states no quantity", () => {
  const world = shares();
  const id = world.placed({ qty: undefined, notional: "250" });
  assert.deepEqual(pick(world.order(id), "qty", "notional", "filledQty", "status"), {
    qty: undefined,
    notional: "250",
    filledQty: "2",
    status: "filled",
  });
});

test("a reduce-only order trades what there is to be reduced, and is then cancelled", () => {
  const world = shares();
  world.placed({ qty: "4" });
  const id = world.placed({ side: "sell", qty: "10", reduceOnly: true });
  assert.deepEqual(pick(world.order(id), "status", "filledQty"), { status: "canceled", filledQty: "4" });
  assert.deepEqual(world.referee.positionRows(), []);
  world.placed({ qty: "3" });
  const larger = world.placed({ side: "sell", qty: "5", reduceOnly: true, type: "limit", price: "99" });
  assert.deepEqual(pick(world.order(larger), "status", "filledQty"), { status: "canceled", filledQty: "3" });
  world.placed({ qty: "1" });
  const resting = world.placed({ side: "sell", qty: "1", reduceOnly: true, type: "limit", price: "110" });
  world.placed({ side: "sell", qty: "1" });
  world.price("ACME", "111");
  assert.deepEqual(pick(world.order(resting), "status", "filledQty"), {
    status: "canceled",
    filledQty: "0",
  });
});

test("an amendment in place states the whole quantity, and never less than what is filled", () => {
  const world = shares({ partialChance: 1, random: draws(0.5) });
  const id = world.placed({ type: "limit", price: "100", qty: "10" });
  const amend = (qty: string) =>
    world.referee.amend({
      instrument: "ACME",
      venueOrderId: id,
      qty: decimal(qty),
      price: decimal("95"),
      newClientOrderId: "n",
    });
  assert.equal(codeOf(amend("4")), "below_filled");
  assert.equal(codeOf(amend("0")), "not_positive");
  assert.equal(amend("12").kind, "accepted");
  assert.deepEqual(pick(world.order(id), "qty", "filledQty", "price", "clientOrderId", "status"), {
    qty: "12",
    filledQty: "5",
    price: "95",
    clientOrderId: "c-1",
    status: "partially_filled",
  });
  assert.equal(amend("5").kind, "accepted");
  assert.equal(world.order(id).status, "filled");
  assert.equal(codeOf(amend("6")), "order_ended");
});

test("[A10] an amended order that is replaced goes on under new ids and is found by every id that it had", () => {
  const world = shares({ amend: "replaces", partialChance: 1, random: draws(0.5) });
  const first = world.placed({ type: "limit", price: "100", qty: "10", clientOrderId: "one" });
  const amend = (newClientOrderId: string) =>
    world.referee.amend({
      instrument: "ACME",
      clientOrderId: "one",
      price: decimal("95"),
      newClientOrderId,
    });
  assert.equal(codeOf(amend("one")), "duplicate_client_order_id");
  assert.equal(amend("two").kind, "accepted");
  const row = world.order(first);
  assert.deepEqual(pick(row, "clientOrderId", "previousVenueOrderIds", "qty", "filledQty"), {
    clientOrderId: "two",
    previousVenueOrderIds: [first],
    qty: "10",
    filledQty: "5",
  });
  assert.notEqual(row.venueOrderId, first);
  for (const clientOrderId of ["one", "two"]) assert.equal(world.referee.find({ clientOrderId }), row);
  assert.deepEqual(world.referee.orders(), [row]);
  world.price("ACME", "94");
  const [before, after] = world.referee.fills();
  assert.equal(before?.venueOrderId, first);
  assert.deepEqual([after?.venueOrderId, after?.clientOrderId], [row.venueOrderId, "two"]);
  assert.equal(world.order(first).avgPrice, "98.125");
  assert.deepEqual([...world.referee.placements().values()], [1, 1]);
  assert.equal(world.referee.cancel({ instrument: "ACME", venueOrderId: first }).kind, "accepted");
  assert.equal(world.order(first).status, "canceled");
});

test("[A09] an amendment that succeeds by half leaves the order cancelled and no new one", () => {
  const world = shares();
  const id = world.placed({ type: "limit", price: "90" });
  const outcome = world.referee.amendHalf({
    instrument: "ACME",
    venueOrderId: id,
    qty: decimal("5"),
    newClientOrderId: "n",
  });
  assert.equal(codeOf(outcome), "replacement_refused");
  assert.deepEqual(pick(world.order(id), "status", "qty"), { status: "canceled", qty: "10" });
  assert.equal(world.referee.placements().has("n"), false);
});

test("a net position flips through zero; its entry price is the average, kept when reduced, the fill's after a flip", () => {
  const world = shares();
  const entry = () => world.referee.positionRows()[0]?.entryPrice;
  world.placed({ qty: "1" });
  world.price("ACME", "101");
  world.placed({ qty: "2" });
  assert.equal(entry(), "100.66666667");
  world.placed({ side: "sell", qty: "1" });
  assert.equal(entry(), "100.66666667");
  world.price("ACME", "120");
  world.placed({ side: "sell", qty: "5" });
  assert.deepEqual([world.referee.qty("ACME", "net"), entry()], ["-3", "120"]);
});

test("hedge legs stand beside each other, and no order closes more than its leg holds", () => {
  const world = shares({ positionMode: "hedge" });
  world.placed({ leg: "long", qty: "5" });
  world.placed({ leg: "short", side: "sell", qty: "3" });
  assert.equal(codeOf(world.submit({ leg: "net" })), "wrong_leg");
  const over = world.placed({ leg: "short", side: "buy", qty: "9" });
  assert.deepEqual(pick(world.order(over), "status", "filledQty", "leg"), {
    status: "canceled",
    filledQty: "3",
    leg: "short",
  });
  assert.equal(codeOf(world.submit({ leg: "short", side: "buy" })), "reduce_only");
  assert.deepEqual(
    world.referee.positionRows().map(({ leg, qty }) => [leg, qty]),
    [["long", "5"]],
  );
  assert.deepEqual(
    world.referee.fills().map(({ leg }) => leg),
    ["long", "short", "short"],
  );
});

test("margin moves what was realised times the multiplier, cash moves both assets", () => {
  const world = new RefereeWorld({ balances: { USD: decimal("0"), USDT: decimal("0") } });
  world.price("ES", "4000");
  world.placed({ instrument: "ES", qty: "2" });
  assert.equal(world.total("USD"), "0");
  world.price("ES", "4010.25");
  world.placed({ instrument: "ES", side: "sell", qty: "1" });
  assert.equal(world.total("USD"), "512.5");
  world.price("ES", "3990");
  world.placed({ instrument: "ES", side: "sell", qty: "3" });
  assert.equal(world.total("USD"), "12.5");
  world.price("ES", "3980");
  world.placed({ instrument: "ES", qty: "2" });
  assert.equal(world.total("USD"), "1012.5");
  world.price("BTC/USDT", "50000.5");
  world.placed({ instrument: "BTC/USDT", qty: "0.5" });
  assert.deepEqual([world.total("BTC"), world.total("USDT")], ["0.5", "-25000.25"]);
});

test("[E12] a fee in the asset that is bought makes position and balance smaller, a rebate makes them larger", () => {
  const ratios = { "0.001": "0.999", "-0.001": "1.001" };
  for (const [ratio, held] of Object.entries(ratios)) {
    const world = new RefereeWorld({ feeRatio: decimal(ratio), isFeeInBase: true, balances: {} });
    world.price("BTC/USDT", "100");
    world.placed({ instrument: "BTC/USDT", qty: "1" });
    assert.deepEqual([world.referee.qty("BTC/USDT", "net"), world.total("BTC")], [held, held]);
    world.placed({ instrument: "BTC/USDT", side: "sell", qty: "0.5" });
    const sold = world.referee.fills()[1];
    assert.deepEqual([sold?.feeCurrency, sold?.fee], ["USDT", ratio === "0.001" ? "0.05" : "-0.05"]);
  }
});

test("[F03] a forced fill belongs to no order, says why, and can be told apart from another of the same moment", () => {
  const world = shares();
  world.placed({ side: "sell", qty: "5" });
  assert.equal(world.referee.force("ACME", "net", "adl", "half"), true);
  assert.equal(world.referee.force("ACME", "net", "liquidation", "all"), true);
  assert.equal(world.referee.force("ACME", "net", "liquidation", "all"), false);
  const [, half, rest] = world.referee.fills();
  assert.deepEqual([half?.side, half?.qty, half?.forced, half?.venueOrderId], ["buy", "2", "adl", undefined]);
  assert.deepEqual([rest?.qty, rest?.forced], ["3", "liquidation"]);
  assert.notEqual(half?.tradeId, rest?.tradeId);
  assert.ok(CAUSES.includes(half?.forced ?? "unexplained"));
});

test("[A14] a busted trade is as if it had never been: position, average, money, fee and the order's filled quantity", () => {
  const world = shares({ feeRatio: decimal("0.001") });
  world.placed({ qty: "3" });
  const before = [world.referee.positionRows()[0]?.entryPrice, world.referee.balances()];
  world.price("ACME", "110");
  const id = world.placed({ side: "sell", qty: "5" });
  world.told();
  assert.equal(world.referee.bust("ACME"), true);
  assert.deepEqual(world.told(), ["reversed 5", "canceled 0"]);
  assert.deepEqual([world.referee.positionRows()[0]?.entryPrice, world.referee.balances()], before);
  assert.deepEqual(pick(world.order(id), ...STATE), {
    status: "canceled",
    qty: "5",
    filledQty: "0",
    avgPrice: undefined,
  });
  assert.equal(world.referee.fills().length, 1);
  assert.equal(world.referee.reversed().length, 1);
  assert.equal(world.referee.bust("ACME"), true);
  assert.equal(world.referee.bust("ACME"), false);
  assert.deepEqual(world.referee.positionRows(), []);
  assert.deepEqual(
    world.referee.quantities("ACME", "net").map(({ qty }) => qty),
    ["0", "3", "-2", "3", "0"],
  );
});

test("a trade is not busted once the ledger changed what it brought", () => {
  const world = shares();
  world.placed({ qty: "3" });
  world.referee.split("ACME", "net", 2);
  assert.equal(world.referee.bust("ACME"), false);
  world.placed({ qty: "1" });
  assert.equal(world.referee.bust("ACME"), true);
  assert.equal(world.referee.bust("ACME"), false);
  assert.equal(world.referee.qty("ACME", "net"), "6");
});

test("an order that works on works for what was taken back of it", () => {
  const world = shares({ partialChance: 1, random: draws(0.5) });
  const id = world.placed({ type: "limit", price: "100", qty: "10" });
  assert.equal(world.referee.bust("ACME"), true);
  assert.deepEqual(pick(world.order(id), "status", "filledQty"), { status: "open", filledQty: "0" });
  world.price("ACME", "99");
  assert.equal(world.order(id).filledQty, "5");
});

test("[A11] an overfilled order is filled with more than it asked for", () => {
  const world = shares();
  assert.equal(world.referee.overfill("ACME"), false);
  world.placed({ type: "stop", triggerPrice: "120" });
  assert.equal(world.referee.overfill("ACME"), false);
  const id = world.placed({ type: "limit", price: "90", qty: "2" });
  assert.equal(world.referee.overfill("ACME"), true);
  const { qty, filledQty = "0", status } = world.order(id);
  assert.deepEqual([qty, status], ["2", "filled"]);
  assert.ok(Number(filledQty) > 2);
  assert.equal(world.referee.qty("ACME", "net"), filledQty);
});

test("[A17] orders that the venue ends by itself end with its word", () => {
  const world = shares();
  assert.equal(world.referee.expire("ACME", "expired"), false);
  const id = world.placed({ type: "limit", price: "90" });
  assert.equal(world.referee.expire("ACME", "expired"), true);
  assert.equal(world.order(id).status, "expired");
  const others = [world.placed({ type: "limit", price: "90" }), world.placed({ type: "limit", price: "91" })];
  assert.equal(world.referee.cancelAll(), true);
  assert.deepEqual(
    others.map((one) => world.order(one).status),
    ["canceled", "canceled"],
  );
  assert.equal(world.referee.cancelAll(), false);
});

test("[F01] somebody else's order has no client order id of ours and moves the same position", () => {
  const world = shares();
  const by = { instrument: "ACME", leg: "net", side: "buy", qty: decimal("4") } as const;
  assert.equal(world.referee.trade(by), true);
  const [row] = world.referee.orders();
  assert.deepEqual([row?.clientOrderId, row?.status, row?.side], [undefined, "filled", "buy"]);
  assert.equal(world.referee.trade({ ...by, clientOrderId: "theirs" }), true);
  assert.equal(world.referee.trade({ ...by, clientOrderId: "theirs" }), false);
  assert.equal(world.referee.qty("ACME", "net"), "8");
});

test("[E08] a split multiplies the quantity, divides price and average, and cancels open orders", () => {
  const world = shares();
  world.placed({ qty: "3" });
  const resting = world.placed({ type: "limit", price: "90" });
  const before = world.total("USD");
  world.told();
  assert.equal(world.referee.split("ACME", "net", 4), true);
  assert.deepEqual(world.told(), ["canceled 0", "ledger split", "price 25"]);
  assert.deepEqual(pick(world.order(resting), "status"), { status: "canceled" });
  const [row] = world.referee.positionRows();
  assert.deepEqual([row?.qty, row?.entryPrice, row?.lastPrice], ["12", "25", "25"]);
  assert.equal(world.total("USD"), before);
  const [entry] = world.referee.ledger();
  assert.deepEqual([entry?.qtyDelta, entry?.amount, entry?.price], ["9", undefined, undefined]);
  // 3.6 shares: there are no parts of one.
  assert.equal(world.referee.split("ACME", "net", 0.3), true);
  assert.equal(world.referee.qty("ACME", "net"), "3");
  assert.equal(world.referee.split("ACME", "net", 0.1), false);
});

test("[E08] a split of what is owned as an asset moves that asset with it", () => {
  const world = new RefereeWorld({ balances: {} });
  world.price("BTC/USDT", "100");
  world.placed({ instrument: "BTC/USDT", qty: "1.5" });
  assert.equal(world.referee.split("BTC/USDT", "net", 2), true);
  assert.equal(world.total("BTC"), "3");
  const [entry] = world.referee.ledger();
  assert.deepEqual([entry?.asset, entry?.amount, entry?.qtyDelta], ["BTC", "1.5", "1.5"]);
});

test("[E07] [E10] a settlement closes the leg by the ledger, and its rows tell all the money that moves", () => {
  const settled = {
    ACME: ["900", "100"],
    "BTC/USDT": ["900", "100"],
    ES: ["-5000", "100"],
    ODD: [undefined, "100"],
  };
  for (const [instrument, [amount, bought]] of Object.entries(settled)) {
    const world = new RefereeWorld({ balances: { USD: decimal("0") } });
    world.price(instrument, bought as Decimal);
    world.placed({ instrument, qty: "10" });
    world.price(instrument, "90");
    const open = world.placed({ instrument, type: "limit", price: "80" });
    const before = new Map(world.referee.balances().map(({ asset, total }) => [asset, Number(total)]));
    assert.equal(world.referee.settle(instrument, "net"), true);
    assert.equal(world.referee.settle(instrument, "net"), false);
    assert.deepEqual(world.referee.positionRows(), []);
    const rows = world.referee.ledger();
    const [first] = rows;
    if (instrument === "BTC/USDT") assert.equal(world.total("BTC"), "0");
    assert.deepEqual([first?.qtyDelta, first?.price, first?.amount], ["-10", "90", amount]);
    assert.equal(world.order(open).status, first?.cause === "expiry" ? "expired" : "open");
    for (const { asset, total } of world.referee.balances()) {
      const told = rows.filter((row) => row.asset === asset).map((row) => Number(row.amount));
      assert.equal(
        Number(total) - (before.get(asset) ?? 0),
        told.reduce((all, one) => all + one, 0),
      );
    }
  }
});

test("[F05] money is told in the ledger, drift is not", () => {
  const world = shares();
  world.referee.money("USD", decimal("-1.25"), "funding");
  world.referee.drift("EUR", decimal("3"));
  assert.deepEqual(world.told(), ["ledger funding", "drift EUR"]);
  assert.deepEqual(world.referee.balances(), [
    { asset: "EUR", total: "3" },
    { asset: "USD", total: "9998.75" },
  ]);
  const [row] = world.referee.ledger();
  assert.deepEqual([row?.asset, row?.amount, row?.cause], ["USD", "-1.25", "funding"]);
});

test("every quantity of a leg is kept with its moment, from the beginning", () => {
  const world = new RefereeWorld();
  world.price("ACME", "100");
  world.placed({ qty: "10" });
  world.nowMs += 500;
  world.placed({ side: "sell", qty: "4" });
  assert.deepEqual(world.referee.quantities("ACME", "net"), [
    { atMs: START_MS, qty: "0" },
    { atMs: START_MS + 1_000, qty: "10" },
    { atMs: START_MS + 1_500, qty: "6" },
  ]);
});

test("what was handed out stays as it was", () => {
  const world = shares();
  const id = world.placed({ type: "limit", price: "90" });
  const { referee } = world;
  const seen = [
    referee.fills(),
    referee.orders(),
    referee.ledger(),
    referee.positionRows(),
    referee.balances(),
  ];
  const row = world.order(id);
  const copy = JSON.stringify([seen, row]);
  world.price("ACME", "80");
  referee.money("USD", decimal("1"), "fee");
  referee.bust("ACME");
  assert.equal(JSON.stringify([seen, row]), copy);
  assert.throws(() => Object.assign(row, { status: "filled" }), TypeError);
});

test("a listener that makes something happen is told of it after what it was told of", () => {
  let isDone = false;
  let depth = 0;
  const told: string[] = [];
  const world: RefereeWorld = new RefereeWorld({
    onEvent: (event) => {
      told.push(event.kind === "order" ? `${event.order.clientOrderId} ${event.order.status}` : event.kind);
      assert.equal(depth, 0, "it is never told in the middle of being told");
      if (event.kind !== "fill" || isDone) return;
      isDone = true;
      depth += 1;
      world.placed({ side: "sell", clientOrderId: "exit" });
      depth -= 1;
    },
  });
  world.price("ACME", "100");
  world.placed({ clientOrderId: "entry" });
  assert.deepEqual(told, ["price", "entry open", "fill", "entry filled", "exit open", "fill", "exit filled"]);
});

test("the same seed gives the same account, to the letter", () => {
  const run = () => {
    const world = new RefereeWorld({
      instruments: [SHARE, COIN],
      partialChance: 0.5,
      feeRatio: decimal("0.0007"),
      random: new SeededRandom(7),
    });
    for (let n = 0; n < 30; n += 1) {
      world.price("ACME", String(100 + ((n * 7) % 11)));
      world.submit({ type: "limit", price: "103", side: n % 2 === 0 ? "buy" : "sell" });
      if (n % 9 === 8) world.referee.expire("ACME", "canceled");
    }
    return JSON.stringify([world.events, world.referee.balances(), world.referee.orders()]);
  };
  assert.equal(run(), run());
});

test("an inverse contract costs and pays coins, and its average is the harmonic one", () => {
  const world = new RefereeWorld({ feeRatio: decimal("0.001"), balances: { ETH: decimal("10") } });
  const { symbol } = INVERSE;
  world.price(symbol, "2000");
  const trade = (side: "buy" | "sell", qty: string) =>
    world.referee.trade({ instrument: symbol, leg: "net", side, qty: decimal(qty) });
  // 100 contracts of 10 dollars are 0.5 coins at 2000; the fee is a thousandth of that.
  trade("buy", "100");
  assert.equal(world.total("ETH"), "9.9995");
  world.price(symbol, "2500");
  trade("buy", "100");
  // 2000 dollars for 0.9 coins.
  assert.equal(
    world.referee.positionRows().find((row) => row.instrument === symbol)?.entryPrice,
    "2222.22222222",
  );
  assert.equal(world.total("ETH"), "9.9991");
  world.price(symbol, "4000");
  trade("sell", "200");
  // Sold for 0.5: 0.4 earned, less a fee of 0.0005.
  assert.equal(world.total("ETH"), "10.3986");
  assert.equal(world.referee.qty(symbol, "net"), "0");
});
