// Reads without faults: every section is complete and exactly what the account holds, over however many pages, and what the
// venue does not have is not there.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decimal, payoffOf, SECTIONS } from "../../core/index.ts";
import type { Bench } from "../bench.ts";
import { World } from "../world.ts";
import { busyAccount, differences, none, readAll, restingOrder, sectionOf } from "./reading.ts";

export function sectionClaims(bench: Bench): void {
  describe(`${bench.name}: a read without faults`, () => {
    for (const name of SECTIONS) {
      if (bench.declaration.sections[name] === null) {
        test(`has no ${name}, as it declares`, async (t) => {
          const world = await World.open(t, bench);
          await busyAccount(world);
          assert.equal(sectionOf(await readAll(world), name), undefined);
        });
        continue;
      }
      test(`has the ${name} of an account in which much is going on, complete and exact`, async (t) => {
        const world = await World.open(t, bench);
        await busyAccount(world);
        const read = await readAll(world);
        const section = sectionOf(read, name);
        // A ledger may be told as what is known so far, where entries turn up late by design.
        assert.equal(section?.quality, "complete", section?.problem);
        none(differences(name, read, world));
      });
    }

    test("of an account in which nothing ever was is complete and empty", async (t) => {
      const world = await World.open(t, bench);
      const read = await readAll(world);
      for (const name of SECTIONS) {
        if (bench.declaration.sections[name] === null) continue;
        const section = sectionOf(read, name);
        assert.equal(section?.quality, "complete", `${name}: ${section?.problem}`);
        none(differences(name, read, world), name);
      }
    });

    test("says whose account it is", async (t) => {
      const world = await World.open(t, bench);
      assert.equal((await readAll(world)).snapshot.venueAccountId, bench.accountId);
    });

    if (canBeShort(bench))
      test("has a position that is short, with its sign", async (t) => {
        const world = await World.open(t, bench);
        const { instrument } = world.first;
        const leg = bench.positionMode === "hedge" ? ("short" as const) : ("net" as const);
        await world.pass();
        world.model.trade({ instrument: instrument.symbol, leg, side: "sell", qty: world.lots(7) });
        await world.pass();
        const read = await readAll(world);
        none(differences("positions", read, world));
        none(differences("fills", read, world));
      });

    test("has no position where one was opened and closed again", async (t) => {
      const world = await World.open(t, bench);
      const { symbol } = world.first.instrument;
      await world.pass();
      world.model.trade({ instrument: symbol, side: "buy", qty: world.lots(2) });
      await world.pass();
      world.model.trade({ instrument: symbol, side: "sell", qty: world.lots(2), price: world.priceAt(3) });
      await world.pass();
      const read = await readAll(world);
      for (const name of ["positions", "fills", "balances"] as const)
        none(differences(name, read, world), name);
    });

    if (bench.declaration.sections.orders !== null)
      test("has every open order, also where there are more than a page of them", async (t) => {
        const world = await World.open(t, bench);
        const { orders: pageMax = 100 } = bench.pageMax ?? {};
        for (let count = 1; count <= pageMax + 30; count += 1) {
          if (count % 20 === 0) await world.pass(1);
          restingOrder(world, `many-${count}`, 1);
        }
        await world.pass();
        const read = await readAll(world);
        assert.equal(read.snapshot.orders?.quality, "complete", read.snapshot.orders?.problem);
        none(differences("orders", read, world));
      });

    if (bench.declaration.sections.orders !== null)
      test("keeps every digit of an amount that no floating-point number can hold", async (t) => {
        const [cash] = Object.keys(bench.balances);
        if (cash === undefined || !bench.happenings.includes("transfer")) return;
        const world = await World.open(t, bench);
        await world.pass();
        world.model.money(cash, decimal("9007199254740993.000001"), "transfer");
        await world.pass();
        const read = await readAll(world);
        for (const name of ["balances", "ledger"] as const) none(differences(name, read, world), name);
      });

    test("never has an order that is over", async (t) => {
      const world = await World.open(t, bench);
      await world.pass();
      const [canceled, filled] = [restingOrder(world, "over-1", 1), restingOrder(world, "over-2", 1)];
      world.model.cancel({ venueOrderId: canceled });
      world.model.fill(filled);
      await world.pass();
      none(differences("orders", await readAll(world), world));
    });

    test("names each instrument as the account does, with its multiplier, settlement and payoff", async (t) => {
      const world = await World.open(t, bench);
      await busyAccount(world);
      await readAll(world);
      for (const { instrument, kind } of bench.instruments) {
        const told = world.venue.instrument(instrument.symbol);
        if (told === undefined) continue;
        const { multiplier, settlement, base, quote } = told;
        const payoff = kind === "inverse" ? "inverse" : "linear";
        const expected = { multiplier: instrument.multiplier, settlement: instrument.settlement, payoff };
        assert.deepEqual({ multiplier, settlement, payoff: payoffOf(told) }, expected, instrument.symbol);
        assert.deepEqual(
          { base, quote },
          { base: instrument.base, quote: instrument.quote },
          instrument.symbol,
        );
      }
    });
  });
}

export function canBeShort(bench: Bench): boolean {
  const kind = bench.instruments[0]?.kind;
  return kind === "share" || kind === "linear" || kind === "inverse";
}
