// Trade updates into events. The fill's shape is retyped with invented ids from
// https://github.com/ccxt/ccxt ts/src/test/static/ws/alpaca.json (a paper account, recorded 2026-09-18, read 2026-11).
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseFill } from "./parse-activity.ts";
import { TradeUpdates } from "./trade-updates.ts";

const ORDER = {
  id: "c0ffee00-0001-4000-8000-000000000001",
  client_order_id: "tu-1",
  created_at: "2026-09-18T13:24:50.018261663Z",
  symbol: "DOGE/USD",
  asset_class: "crypto",
  notional: null,
  qty: "129.7",
  filled_qty: "129.7",
  filled_avg_price: "0.0851119",
  order_class: "",
  type: "market",
  side: "sell",
  status: "filled",
};

const FILL = {
  at: "2026-09-18T13:24:50.034555Z",
  event_id: "01M2TB1W7J00000000000000AA",
  event: "fill",
  timestamp: "2026-09-18T13:24:50.019957863Z",
  order: ORDER,
  price: "0.0851119",
  qty: "129.7",
  position_qty: "0",
  execution_id: "c0ffee00-000e-4000-8000-00000000000e",
};

function kinds(update: unknown, updates = new TradeUpdates()): string[] {
  return updates.events(update).map(({ kind }) => kind);
}

describe("a fill", () => {
  test("keeps its numbers exactly, and its ns beside the ms", () => {
    assert.deepEqual(new TradeUpdates().events(FILL), [
      {
        kind: "fill",
        fill: {
          instrument: "DOGE/USD",
          joinKey: "129.7",
          venueOrderId: ORDER.id,
          clientOrderId: "tu-1",
          side: "sell",
          qty: "129.7",
          price: "0.0851119",
          timestamp: Date.parse("2026-09-18T13:24:50.019Z"),
          venueSeq: 957_863,
          positionAfter: "0",
        },
      },
    ]);
  });

  test("[R6] has the join key of its activity, and no trade id of its own", () => {
    const activity = parseFill({
      id: "20260918092450019::c0ffee00-000a-4000-8000-00000000000a",
      activity_type: "FILL",
      transaction_time: "2026-09-18T13:24:50.019957Z",
      type: "fill",
      price: "0.0851119",
      qty: "129.7",
      side: "sell",
      symbol: "DOGE/USD",
      leaves_qty: "0",
      order_id: ORDER.id,
      cum_qty: "129.70",
      order_status: "filled",
    });
    const [event] = new TradeUpdates().events(FILL);
    assert.ok(event?.kind === "fill" && activity.kind === "row");
    const key = ({ instrument, venueOrderId, joinKey, side }: typeof event.fill) => [
      instrument,
      venueOrderId,
      joinKey,
      side,
    ];
    assert.deepEqual(key(event.fill), key(activity.row.row));
    assert.equal(event.fill.tradeId, undefined);
  });

  test("in a coin has one name, however the stream spells it", () => {
    const [event] = new TradeUpdates().events({ ...FILL, order: { ...ORDER, symbol: "DOGEUSD" } });
    assert.equal(event?.kind === "fill" && event.fill.instrument, "DOGE/USD");
  });

  test("of a short position tells it with a minus", () => {
    const [event] = new TradeUpdates().events({ ...FILL, position_qty: "-12.5" });
    assert.equal(event?.kind === "fill" && event.fill.positionAfter, "-12.5");
  });

  test("that lacks what identifies or sizes it opens a gap", () => {
    const bad = [
      { ...FILL, qty: undefined },
      { ...FILL, qty: "0" },
      { ...FILL, price: null },
      { ...FILL, timestamp: "today" },
      { ...FILL, order: { ...ORDER, id: undefined } },
      { ...FILL, order: { ...ORDER, filled_qty: "100" } },
      { ...FILL, order: { ...ORDER, asset_class: "us_treasury" } },
      // A multi-leg order has no symbol of its own.
      { ...FILL, order: { ...ORDER, symbol: "", order_class: "mleg" } },
    ];
    for (const update of bad) assert.deepEqual(kinds(update), ["gap", "live"], JSON.stringify(update));
  });
});

describe("a bust or a correction", () => {
  const bust = { event: "trade_bust", order: ORDER, previous_execution_id: FILL.execution_id };

  test("of a fill that this stream told takes it back, once", () => {
    const updates = new TradeUpdates();
    const [told] = updates.events(FILL);
    const [reversed] = updates.events(bust);
    assert.ok(told?.kind === "fill" && reversed?.kind === "fillReversed");
    assert.deepEqual(reversed.fill, told.fill);
    assert.deepEqual(kinds(bust, updates), ["wake"]);
  });

  test("with the corrected execution takes the old one back and tells the new one", () => {
    const updates = new TradeUpdates();
    updates.events(FILL);
    const corrected = {
      ...FILL,
      event: "trade_correct",
      price: "0.0851",
      execution_id: "c0ffee00-000f-4000-8000-00000000000f",
      previous_execution_id: FILL.execution_id,
    };
    const events = updates.events(corrected);
    assert.deepEqual(
      events.map((event) => [event.kind, "fill" in event && event.fill.price]),
      [
        ["fillReversed", "0.0851119"],
        ["fill", "0.0851"],
      ],
    );
  });

  test("of what is not known, or that cannot be read, only wakes a pass", () => {
    assert.deepEqual(kinds(bust), ["wake"]);
    const updates = new TradeUpdates();
    updates.events(FILL);
    assert.deepEqual(kinds({ ...bust, event: "trade_correct" }, updates), ["wake"]);
    assert.deepEqual(
      kinds(bust, updates),
      ["fillReversed"],
      "the fill still stands for a bust that can be read",
    );
  });
});

test("every documented event of an order is its order; what cannot be read wakes a pass", () => {
  const events = [
    "new",
    "canceled",
    "expired",
    "done_for_day",
    "replaced",
    "rejected",
    "pending_new",
    "stopped",
    "pending_cancel",
    "pending_replace",
    "calculated",
    "suspended",
    "order_replace_rejected",
    "order_cancel_rejected",
  ];
  for (const event of events) assert.deepEqual(kinds({ event, order: ORDER }), ["order"], event);
  assert.deepEqual(kinds({ event: "new", order: null }), ["wake"]);
  assert.deepEqual(kinds({ event: "unheard_of", order: ORDER }), ["wake"]);
  assert.deepEqual(kinds({ order: ORDER }), ["gap", "live"]);
});
