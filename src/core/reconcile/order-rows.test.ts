// Order rows that contradict themselves or what is known of their order (R9): refused, never half believed.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Order } from "../book/book.ts";
import { newOrder } from "../book/orders.ts";
import { decimal } from "../decimal.ts";
import type { OrderRow } from "../facts.ts";
import { contradiction, isBehind } from "./order-rows.ts";

const ROW: OrderRow = { instrument: "X", venueOrderId: "V-2" };

/** Ten ordered, five filled; it was V-1 before it was V-2. */
function known(): Order {
  return {
    ...newOrder("v|X|V-1" as never, "X", 0),
    venueOrderId: "V-2",
    previousVenueOrderIds: ["V-1"],
    qty: decimal("10"),
    fillsQty: decimal("5"),
  };
}

interface Case {
  readonly name: string;
  readonly row: Partial<OrderRow>;
  readonly order?: Order;
  readonly isRefused: boolean;
}

const qty = decimal;
const CASES: readonly Case[] = [
  {
    name: "filled, with less filled",
    row: { status: "filled", qty: qty("10"), filledQty: qty("4") },
    isRefused: true,
  },
  {
    name: "filled, with all filled",
    row: { status: "filled", qty: qty("10"), filledQty: qty("10") },
    isRefused: false,
  },
  { name: "more filled than ordered", row: { qty: qty("10"), filledQty: qty("12") }, isRefused: true },
  { name: "nothing to compare with", row: { status: "filled", filledQty: qty("4") }, isRefused: false },
  {
    name: "filled, with less filled than the known order is for",
    row: { status: "filled", filledQty: qty("6") },
    order: known(),
    isRefused: true,
  },
  {
    name: "more filled than the known order is for",
    row: { status: "partially_filled", filledQty: qty("12") },
    order: known(),
    isRefused: true,
  },
  {
    name: "ordered below what is known to be filled",
    row: { qty: qty("3") },
    order: known(),
    isRefused: true,
  },
  { name: "ordered down to what is filled", row: { qty: qty("5") }, order: known(), isRefused: false },
  {
    name: "filled without a number means all of it",
    row: { status: "filled" },
    order: known(),
    isRefused: false,
  },
  {
    name: "filled without a number, of the quantity that is known",
    row: { status: "filled", qty: qty("10") },
    order: known(),
    isRefused: false,
  },
  {
    name: "a replaced id is about the quantity that it had",
    row: { venueOrderId: "V-1", status: "filled", filledQty: qty("2") },
    order: known(),
    isRefused: false,
  },
  {
    name: "a replaced id that had less",
    row: { venueOrderId: "V-1", qty: qty("3") },
    order: known(),
    isRefused: false,
  },
  {
    name: "fills beyond the known quantity are not the row's doing",
    row: { qty: qty("10"), status: "filled" },
    order: { ...known(), fillsQty: qty("12") },
    isRefused: false,
  },
  {
    name: "filled beyond what an amendment that was asked for left of it, as its own fills say (seed 3686868961)",
    row: { qty: qty("4"), filledQty: qty("5") },
    order: {
      ...known(),
      amendment: { clientOrderId: "c-2", requestedAtMs: 0, qty: qty("4") } as Order["amendment"],
    },
    isRefused: false,
  },
  {
    name: "over, and filled beyond a quantity that nobody here asked for, as its own fills say",
    row: { status: "canceled", qty: qty("4"), filledQty: qty("5") },
    order: known(),
    isRefused: false,
  },
  {
    name: "open, and filled beyond a quantity that nobody here asked for",
    row: { status: "partially_filled", qty: qty("4"), filledQty: qty("5") },
    order: known(),
    isRefused: true,
  },
];

for (const { name, row, order, isRefused } of CASES) {
  test(`[R9] a row is ${isRefused ? "refused" : "believed"}: ${name}`, () => {
    assert.equal(contradiction({ ...ROW, ...row }, order) !== null, isRefused);
  });
}

test("[R9] a row under an earlier id is behind, unless it names the present id as an earlier one", () => {
  const row: OrderRow = { instrument: "X", venueOrderId: "V-1", status: "canceled", filledQty: decimal("5") };
  assert.equal(isBehind(known(), row), true);
  assert.equal(isBehind(known(), { ...row, previousVenueOrderIds: ["V-2"] }), false);
});

test("[R5] an open row of the venue's is not behind what was inferred, looked up, or stated by a person (seed 175)", () => {
  const row: OrderRow = { ...ROW, status: "partially_filled", qty: decimal("10"), filledQty: decimal("5") };
  for (const statusSource of ["inferred", "lookup", "command", "person"]) {
    assert.equal(
      isBehind({ ...known(), observedStatus: "canceled", statusSource }, row),
      false,
      statusSource,
    );
  }
  assert.equal(isBehind({ ...known(), observedStatus: "canceled", statusSource: "venue" }, row), true);
});
