// An order that the venue shows as filled, and whose fill nobody reported, is one difference and is told once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, type OrderRow } from "../../src/core/index.ts";
import { position, ToldWorld } from "../support/told-world.ts";

const OPEN: OrderRow = {
  instrument: "X",
  venueOrderId: "V-1",
  clientOrderId: "O-1",
  side: "buy",
  type: "limit",
  qty: decimal("2"),
  filledQty: decimal("0"),
  price: decimal("100"),
  status: "open",
};

test("[R7] an order's unreported fill is one discrepancy with one id, closed once and named once in its alert", async () => {
  const world = new ToldWorld({ mode: "executor" });
  world.positions(position("K", "1"));
  world.balance("1000");
  world.fills();
  world.venue.report({ orders: { quality: "complete", rows: [OPEN] } });
  await world.open();
  await world.advance(30_000);
  world.positions(position("K", "1"), position("X", "2", "100"));
  const filled = { ...OPEN, filledQty: decimal("2"), avgPrice: decimal("100"), status: "filled" } as const;
  world.venue.report({ orders: { quality: "complete", rows: [filled] } });
  await world.advance(60_000);
  const records = await world.records();
  const ids = (kind: string) =>
    records.flatMap((record) =>
      record.kind === kind && "kind" in record.payload && record.payload.kind === "order_mismatch"
        ? ["id" in record.payload ? record.payload.id : record.payload.evidence]
        : [],
    );
  const [id] = ids("discrepancy_opened");
  assert.deepEqual(ids("discrepancy_opened"), [id]);
  assert.deepEqual(ids("discrepancy_closed"), [id]);
  assert.deepEqual(ids("alert_raised"), [[id]]);
});
