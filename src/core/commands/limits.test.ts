// What the owner's limits are worked out by where no price is known but those of orders.
import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyBook } from "../book/book.ts";
import { newOrder } from "../book/orders.ts";
import { decimal } from "../decimal.ts";
import { instrumentOf } from "../instrument.ts";
import { orderKeyOfClientId } from "../keys.ts";
import { type LimitFacts, type LimitQuestion, limitProblem } from "./limits.ts";

const LIMITS = {
  orderValueMax: null,
  positionValueMax: decimal("600"),
  exposureMax: null,
  openOrdersMax: null,
  ordersPerMinuteMax: null,
};

/** An account with one open order to buy 6, limited to this price or at the market. */
function withOpenOrder(price: string | null): LimitFacts {
  const book = emptyBook("test");
  const orderKey = orderKeyOfClientId("X", "C-1");
  const order = newOrder(orderKey, "X", 0);
  Object.assign(order, { side: "buy", qty: decimal("6"), price: price && decimal(price), leg: "net" });
  order.observedStatus = "open";
  book.orders.set(orderKey, order);
  return {
    book,
    instrument: instrumentOf,
    limits: LIMITS,
    lastPrices: new Map(),
    venueQty: () => null,
    nowMs: 0,
  };
}

function buying(prices: readonly string[]): LimitQuestion {
  const qty = decimal("10");
  const question = { instrument: "X", leg: "net", side: "buy", qty, prices: prices.map(decimal) } as const;
  return { ...question, arePricesBound: prices.length > 0 };
}

test("[R16] what another order is limited to is no price of an order at the market (seed 300659)", () => {
  assert.equal(limitProblem(buying([]), withOpenOrder("34"))?.code, "no_price");
});

test("[R16] an order that is limited counts with the others by the highest of their limits", () => {
  assert.equal(limitProblem(buying(["34"]), withOpenOrder("34")), null);
  assert.equal(limitProblem(buying(["34"]), withOpenOrder("40"))?.code, "limit_exceeded");
});

test("[R16] an order that is limited has no price for another one that trades at the market", () => {
  assert.equal(limitProblem(buying(["1"]), withOpenOrder(null))?.code, "no_price");
});

test("[R16] an inverse contract is worth its multiplier of the currency it is priced in, whatever the price", () => {
  const symbol = "BTC/USD:BTC";
  const hundreds = instrumentOf(symbol, { multiplier: decimal("100") });
  const facts = {
    ...withOpenOrder("34"),
    instrument: (one: string) => (one === symbol ? hundreds : instrumentOf(one)),
    limits: { ...LIMITS, orderValueMax: decimal("600") },
  };
  const ordering = (qty: string) => ({ ...buying([]), instrument: symbol, qty: decimal(qty) });
  // No price is known, and none is needed.
  assert.equal(limitProblem(ordering("6"), facts), null);
  assert.match(limitProblem(ordering("7"), facts)?.text ?? "", /worth 700, order_value_max is 600/);
  const priced = { ...facts, lastPrices: new Map([[symbol, decimal("60000")]]) };
  assert.equal(limitProblem(ordering("6"), priced), null);
  const both = { ...priced, limits: { ...LIMITS, exposureMax: decimal("803") } };
  // Six at 34 are open already.
  assert.match(limitProblem(ordering("6"), both)?.text ?? "", /worth 804, exposure_max is 803/);
});
