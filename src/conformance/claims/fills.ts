// Fills: each exactly once over pages, windows and milliseconds, late ones too, with coverage claimed only where it is true,
// and one key for one fill whichever source tells it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FillRow } from "../../core/index.ts";
import type { Bench } from "../bench.ts";
import { fillDifferences, isSameFill } from "../expected.ts";
import type { ModelFill } from "../model/facts.ts";
import { World } from "../world.ts";
import {
  busyAccount,
  coverageProblems,
  HOUR,
  manyRows,
  none,
  readAll,
  restingOrder,
  since,
} from "./reading.ts";

const DAY = 24 * HOUR;

export function fillClaims(bench: Bench): void {
  if (bench.declaration.sections.fills === null) return;
  describe(`${bench.name}: fills`, () => {
    test("are each there once over more pages than one, also where several share a millisecond", async (t) => {
      const world = await World.open(t, bench);
      const fromMs = world.nowMs;
      await manyRows(world, Math.min(1_200, (bench.pageMax?.fills ?? 100) + 30));
      const { fills } = (await readAll(world, fromMs)).history;
      assert.equal(fills?.quality, "complete", fills?.problem);
      none(fillDifferences(within(fills?.rows ?? [], fromMs), world.model.fills, bench));
      none(coverageProblems(fills, world), "coverage is claimed, and");
    });

    test("of many days are each there once, over as many windows as the venue wants", async (t) => {
      const world = await World.open(t, bench);
      const fromMs = world.nowMs;
      for (let day = 1; day <= 20; day += 1) {
        buy(world, day);
        await world.pass(DAY);
      }
      const { fills } = (await readAll(world, fromMs)).history;
      none(fillDifferences(within(fills?.rows ?? [], fromMs), world.model.fills, bench), fills?.problem);
      none(coverageProblems(fills, world), "coverage is claimed, and");
    });

    test("of an order that was filled in parts have each part, of one price and one millisecond too", async (t) => {
      const world = await World.open(t, bench);
      await world.pass();
      const id = restingOrder(world, "parts", 6);
      await world.pass();
      for (let part = 1; part <= 3; part += 1) world.model.fill(id, world.lots(1));
      await world.pass();
      const { fills } = (await readAll(world)).history;
      none(fillDifferences(fills?.rows ?? [], world.model.fills, bench));
      const told = fills?.rows.reduce((count, row) => count + Number(row.qty === world.lots(1)), 0);
      assert.equal(told, 3, "three fills of the same quantity and price are three");
    });

    test("that are asked for again are the same, by the same ids", async (t) => {
      const world = await World.open(t, bench);
      await busyAccount(world);
      const first = (await readAll(world)).history.fills?.rows ?? [];
      await world.pass();
      const again = (await readAll(world)).history.fills?.rows ?? [];
      assert.deepEqual(first.map(nameOf), again.map(nameOf));
    });

    test("that turn up late, behind what was read, are found by the overlap that is declared", async (t) => {
      const world = await World.open(t, bench);
      const fromMs = world.nowMs;
      const { lateArrivalMs } = bench.declaration.capabilities.fills;
      buy(world, 1);
      await world.pass();
      const late = buy(world, 2);
      world.server.view = (account) => ({
        ...account,
        fills: account.fills.filter(({ tradeId }) => tradeId !== late.tradeId),
      });
      await world.pass();
      buy(world, 3);
      await world.pass(Math.max(1_000, Math.floor(lateArrivalMs / 2)));
      const before = (await readAll(world, fromMs)).history.fills;
      assert.ok(!within(before?.rows ?? [], fromMs).some((row) => isSameFill(row, late, bench)));
      world.server.view = undefined;
      const toMs = before?.coverage?.toMs ?? world.nowMs;
      const after = (await readAll(world, toMs - lateArrivalMs)).history.fills;
      none(
        fillDifferences(
          within(after?.rows ?? [], late.timestamp),
          since(world.model.fills, late.timestamp),
          bench,
        ),
      );
    });

    test("that the venue lists twice and out of order are each there once", async (t) => {
      const world = await World.open(t, bench);
      await busyAccount(world);
      world.server.view = (account) => ({
        ...account,
        fills: [...account.fills, ...account.fills].toReversed(),
      });
      const { fills } = (await readAll(world)).history;
      const unique = new Map((fills?.rows ?? []).map((row) => [nameOf(row), row]));
      none(fillDifferences([...unique.values()], world.model.fills, bench));
    });

    test("carry the position after them, each link of the chain, where that is declared", async (t) => {
      const { positionAnchorOnFill } = bench.declaration.capabilities;
      const world = await World.open(t, bench);
      await busyAccount(world);
      const { fills } = (await readAll(world)).history;
      if (positionAnchorOnFill === "none") {
        assert.ok((fills?.rows ?? []).every(({ positionAfter }) => positionAfter === undefined));
        return;
      }
      // Where the history has none, the stream must; what any of them has is held to the account everywhere.
      none(fillDifferences(fills?.rows ?? [], world.model.fills, bench));
    });

    if (bench.account?.feeRatio !== undefined)
      test("with a fee have what was paid, and in which asset", async (t) => {
        const world = await World.open(t, bench);
        await busyAccount(world);
        const { fills } = (await readAll(world)).history;
        none(fillDifferences(fills?.rows ?? [], world.model.fills, bench));
        assert.ok((fills?.rows ?? []).every((row) => row.fee !== undefined && row.feeCurrency !== undefined));
      });

    for (const cause of ["liquidation", "adl", "settlement"] as const) {
      if (bench.happenings.includes(cause))
        test(`by ${cause} carry their cause`, async (t) => {
          const world = await World.open(t, bench);
          await busyAccount(world);
          const { symbol } = world.first.instrument;
          world.model.force(symbol, world.model.usualLeg, cause, {
            qty: world.lots(2),
            price: world.priceAt(-20),
          });
          await world.pass();
          const { fills } = (await readAll(world)).history;
          none(fillDifferences(fills?.rows ?? [], world.model.fills, bench));
        });
    }
  });
}

function buy(world: World, steps: number): ModelFill {
  const { symbol } = world.first.instrument;
  return world.model.trade({
    instrument: symbol,
    side: "buy",
    qty: world.lots(1),
    price: world.priceAt(steps),
  });
}

function within(rows: readonly FillRow[], fromMs: number): FillRow[] {
  return rows.filter(({ timestamp }) => timestamp >= fromMs);
}

export function nameOf(row: FillRow): string {
  return row.tradeId === undefined
    ? `join ${row.venueOrderId} ${row.joinKey} ${row.side}`
    : `trade ${row.instrument} ${row.tradeId} ${row.side}`;
}
