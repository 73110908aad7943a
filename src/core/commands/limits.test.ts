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
