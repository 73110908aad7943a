// Looking up one position or one order: only the venue's own words for "none" mean none.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { asked, openWorld, order, position } from "./support.ts";

describe("the look-up of a position", () => {
  test("answers with its row", async (t) => {
    const { venue } = await openWorld(t, { positions: [position({ side: "short", qty: "3" })] });
    const answer = await venue.position?.("AAPL", "net");
    assert.equal(answer?.kind === "row" && answer.row.qty, "-3");
  });

  test("asks for a coin without the slash", async (t) => {
    const { venue, server } = await openWorld(t, {
      positions: [position({ symbol: "BTCUSD", asset_class: "crypto", qty: "0.5" })],
    });
    const answer = await venue.position?.("BTC/USD", "net");
    assert.equal(answer?.kind === "row" && answer.row.instrument, "BTC/USD");
    assert.deepEqual(asked(server, "/v2/positions/BTCUSD"), [""]);
  });

  test("[R1] answers none where the venue says that the position does not exist", async (t) => {
    const { venue } = await openWorld(t);
    assert.deepEqual(await venue.position?.("AAPL", "net"), { kind: "none" });
    assert.deepEqual(await venue.position?.("AMD260501P00277500", "net"), { kind: "none" });
  });

  test("[R1] never answers none for a coin, because Alpaca has said so of coins that were held", async (t) => {
    const { venue } = await openWorld(t);
    for (const spelling of ["BTC/USD", "BTCUSD"]) {
      const answer = await venue.position?.(spelling, "net");
      assert.equal(answer?.kind, "unknown");
      assert.match(answer?.kind === "unknown" ? answer.problem : "", /its answer proves nothing for coins/);
    }
  });

  test("[R1] answers unknown for any other 404", async (t) => {
    const { venue, server } = await openWorld(t);
    server.setFault("position", "404-other");
    const answer = await venue.position?.("AAPL", "net");
    assert.equal(answer?.kind, "unknown");
    assert.match(
      answer?.kind === "unknown" ? answer.problem : "",
      /HTTP 404, code 40410001 \(asset not found\)/,
    );
  });

  test("[R1] answers unknown where only the code or only the words are the venue's", async (t) => {
    const bodies = [
      { code: 40410000, message: "endpoint not found." },
      { code: 40410009, message: "position does not exist" },
      { message: "position does not exist" },
    ];
    for (const body of bodies) {
      const half: typeof fetch = async () => Response.json(body, { status: 404 });
      const { venue } = await openWorld(t, {}, { fetch: half });
      assert.equal((await venue.position?.("AAPL", "net"))?.kind, "unknown", JSON.stringify(body));
    }
  });

  test("answers unknown when another symbol answers, or a leg is asked for", async (t) => {
    const misnamed: typeof fetch = async () => Response.json(position({ symbol: "TSLA" }));
    const { venue } = await openWorld(t, {}, { fetch: misnamed });
    const answer = await venue.position?.("AAPL", "net");
    assert.match(
      answer?.kind === "unknown" ? answer.problem : "",
      /asked for the position of AAPL, Alpaca answered for TSLA/,
    );
    assert.equal((await venue.position?.("AAPL", "long"))?.kind, "unknown");
  });
});

describe("the look-up of an order", () => {
  const query = { instrument: "AAPL" };

  test("finds it by its id, also when it is a leg", async (t) => {
    const leg = order({ id: "leg", client_order_id: "leg-c", status: "held" });
    const { venue } = await openWorld(t, { orders: [order({ id: "parent", legs: [leg] })] });
    const answer = await venue.order?.({ ...query, venueOrderId: "leg" });
    assert.equal(answer?.kind === "row" && answer.row.venueStatus, "held");
  });

  test("of a bracket's exit names the entry that it belongs to, also when both are over", async (t) => {
    const over = { order_class: "bracket", status: "filled", filled_qty: "10", filled_avg_price: "99.5" };
    const leg = order({ ...over, id: "leg", client_order_id: "leg-c", side: "sell" });
    const { venue } = await openWorld(t, { orders: [order({ ...over, id: "parent", legs: [leg] })] });
    const answer = await venue.order?.({ ...query, venueOrderId: "leg" });
    assert.equal(answer?.kind === "row" && answer.row.parentVenueOrderId, "parent");
    const entry = await venue.order?.({ ...query, venueOrderId: "parent" });
    assert.equal(entry?.kind === "row" && entry.row.parentVenueOrderId, undefined);
  });

  test("finds it by its client id, whatever characters that has", async (t) => {
    const { venue } = await openWorld(t, { orders: [order({ client_order_id: "a b/c&d=é" })] });
    const answer = await venue.order?.({ ...query, clientOrderId: "a b/c&d=é" });
    assert.equal(answer?.kind, "row");
  });

  test("that finds nothing by its id asks by the client id", async (t) => {
    const { venue } = await openWorld(t, { orders: [order({ client_order_id: "client-1" })] });
    const answer = await venue.order?.({ ...query, venueOrderId: "gone", clientOrderId: "client-1" });
    assert.equal(answer?.kind, "row");
  });

  test("[R5] answers none where the venue has no such order, which is declared to prove nothing", async (t) => {
    const { venue } = await openWorld(t);
    assert.deepEqual(await venue.order?.({ ...query, clientOrderId: "lost" }), { kind: "none" });
    assert.equal(venue.capabilities.orderLookup, "inconclusive");
  });

  test("[R5] answers unknown for another 404, for trouble, and without an id", async (t) => {
    const { venue, server } = await openWorld(t, { orders: [order()] });
    server.setFault("order", "404-other");
    server.setFault("orderByClientId", "html");
    assert.equal((await venue.order?.({ ...query, venueOrderId: "x" }))?.kind, "unknown");
    assert.equal((await venue.order?.({ ...query, clientOrderId: "client-1" }))?.kind, "unknown");
    assert.equal((await venue.order?.(query))?.kind, "unknown");
  });

  test("answers unknown when another order answers", async (t) => {
    const other: typeof fetch = async () => Response.json(order({ id: "other", client_order_id: "other-c" }));
    const { venue } = await openWorld(t, {}, { fetch: other });
    assert.equal((await venue.order?.({ ...query, venueOrderId: "mine" }))?.kind, "unknown");
    assert.equal((await venue.order?.({ ...query, clientOrderId: "mine-c" }))?.kind, "unknown");
  });

  test("follows a replaced order to the one that trades now, with all ids that it had", async (t) => {
    const { venue } = await openWorld(t, {
      orders: [
        order({ id: "a", status: "replaced", replaced_by: "b" }),
        order({ id: "b", status: "replaced", replaces: "a", replaced_by: "c" }),
        order({ id: "c", replaces: "b", status: "filled", filled_qty: "10", filled_avg_price: "99.5" }),
      ],
    });
    const answer = await venue.order?.({ ...query, venueOrderId: "a" });
    assert.deepEqual(
      answer?.kind === "row" && [
        answer.row.venueOrderId,
        answer.row.status,
        answer.row.previousVenueOrderIds,
      ],
      ["c", "filled", ["a", "b"]],
    );
  });

  test("of orders that replace each other in a circle ends", async (t) => {
    const { venue } = await openWorld(t, {
      orders: [order({ id: "a", replaced_by: "b" }), order({ id: "b", replaced_by: "a" })],
    });
    const answer = await venue.order?.({ ...query, venueOrderId: "a" });
    assert.match(answer?.kind === "unknown" ? answer.problem : "", /replaced more than 10 times/);
  });
});
