// Looking up one position and one order: a row, the venue's own "there is none", or unknown. Trouble is never "none".
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Bench } from "../bench.ts";
import { oneOrder } from "../expected.ts";
import { READ_FAULT_NAMES, type ReadFaultName, readFault } from "../wire/faults.ts";
import { World } from "../world.ts";
import { busyAccount, clientIdFor, none, restingOrder } from "./reading.ts";
import { noSecretIn } from "./secrets.ts";

const ROW_OF_NOTHING: ReadFaultName = "one row more that says nothing";

export function lookupClaims(bench: Bench): void {
  describe(`${bench.name}: looking up one position`, () => {
    test("answers with its row, and with none where nothing is held", async (t) => {
      const world = await World.open(t, bench);
      if (!world.venue.position) return t.diagnostic("the venue has no such call");
      const { symbol } = world.first.instrument;
      const { usualLeg } = world.model;
      const flat = await world.venue.position(symbol, usualLeg);
      assert.ok(flat.kind !== "row" || flat.row.qty === "0", JSON.stringify(flat));
      await busyAccount(world);
      const held = await world.venue.position(symbol, usualLeg);
      assert.ok(held?.kind === "row", JSON.stringify(held));
      const { qty } = world.model.position(symbol);
      assert.deepEqual([held.row.instrument, held.row.leg, held.row.qty], [symbol, usualLeg, qty]);
    });

    for (const name of READ_FAULT_NAMES) {
      if (!readFault(name).isVisible) continue;
      test(`is unknown after "${name}", never none`, async (t) => {
        const world = await World.open(t, bench);
        if (!world.venue.position) return t.diagnostic("the venue has no such call");
        await busyAccount(world);
        for (const part of ["position", "positions", "account"] as const)
          world.server.setReadFault(part, name);
        const before = world.server.faultyAnswers;
        const found = await world.venue.position(world.first.instrument.symbol, world.model.usualLeg);
        const isWrong = world.server.faultyAnswers > before;
        const mayStand = !isWrong || name === ROW_OF_NOTHING;
        if (found.kind === "row" && mayStand) {
          assert.equal(found.row.qty, world.model.position(world.first.instrument.symbol).qty);
        } else assert.equal(found.kind, "unknown", JSON.stringify(found));
        noSecretIn(JSON.stringify(found), bench, name);
      });
    }
  });

  describe(`${bench.name}: looking up one order`, () => {
    test("is there where it is declared to prove something", async (t) => {
      const { venue } = await World.open(t, bench);
      assert.equal(venue.order !== undefined, bench.declaration.capabilities.orderLookup !== "none");
    });

    test("answers with its row by each of its ids, whatever has become of it", async (t) => {
      const world = await World.open(t, bench);
      if (!world.venue.order) return t.diagnostic("the venue has no such call");
      const { symbol } = world.first.instrument;
      await world.pass();
      const [open, partly] = [restingOrder(world, "look-1", 2), restingOrder(world, "look-2", 3)];
      world.model.fill(partly, world.lots(1));
      await world.pass();
      for (const id of [open, partly]) {
        const order = world.model.find({ venueOrderId: id });
        const clientOrderId = order?.clientOrderId ?? "";
        for (const query of [{ venueOrderId: id }, { clientOrderId }]) {
          const found = await world.venue.order({ instrument: symbol, ...query });
          assert.ok(found.kind === "row", `${JSON.stringify(query)}: ${JSON.stringify(found)}`);
          if (order) none(oneOrder(found.row, order, world.model));
        }
      }
    });

    test("tells the end of an order that was filled, and of one that was cancelled, or that it does not know", async (t) => {
      const world = await World.open(t, bench);
      if (!world.venue.order) return t.diagnostic("the venue has no such call");
      const { symbol } = world.first.instrument;
      await world.pass();
      const [filled, canceled] = [restingOrder(world, "end-1", 2), restingOrder(world, "end-2", 2)];
      world.model.fill(filled);
      world.model.cancel({ venueOrderId: canceled });
      await world.pass();
      for (const id of [filled, canceled]) {
        const found = await world.venue.order({ instrument: symbol, venueOrderId: id });
        const expected = world.model.find({ venueOrderId: id })?.status;
        if (bench.declaration.capabilities.forgetsClosedOrders && found.kind !== "row") continue;
        assert.equal(found.kind === "row" && found.row.status, expected, JSON.stringify(found));
      }
    });

    test("of an id that never was is none, or unknown", async (t) => {
      const world = await World.open(t, bench);
      if (!world.venue.order) return t.diagnostic("the venue has no such call");
      const query = {
        instrument: world.first.instrument.symbol,
        clientOrderId: clientIdFor(world, "never-was"),
      };
      const found = await world.venue.order(query);
      assert.notEqual(found.kind, "row");
    });

    for (const name of READ_FAULT_NAMES) {
      if (!readFault(name).isVisible) continue;
      test(`is unknown after "${name}", never none`, async (t) => {
        const world = await World.open(t, bench);
        if (!world.venue.order) return t.diagnostic("the venue has no such call");
        await world.pass();
        const venueOrderId = restingOrder(world, "lost", 2);
        const clientOrderId = clientIdFor(world, "lost");
        for (const part of ["order", "orders", "fills"] as const) world.server.setReadFault(part, name);
        const { symbol } = world.first.instrument;
        for (const query of [{ venueOrderId }, { clientOrderId }]) {
          const before = world.server.faultyAnswers;
          const found = await world.venue.order({ instrument: symbol, ...query });
          const isWrong = world.server.faultyAnswers > before;
          // Beside a row that says nothing the order's own may stand.
          const order = world.model.find({ venueOrderId });
          if (found.kind === "row" && order && name === ROW_OF_NOTHING)
            none(oneOrder(found.row, order, world.model));
          else if (isWrong)
            assert.equal(found.kind, "unknown", `${JSON.stringify(query)}: ${JSON.stringify(found)}`);
          noSecretIn(JSON.stringify(found), bench, name);
        }
      });
    }
  });
}
