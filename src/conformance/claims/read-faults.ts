// Reads with every fault of the menu: trouble becomes a quality and a sentence, never an exception, never a secret, and a
// section that calls itself complete is exactly what the account holds.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { QUALITIES, SECTIONS, type SectionName } from "../../core/index.ts";
import type { Bench } from "../bench.ts";
import { READ_FAULT_NAMES, type ReadFaultName, readFault } from "../wire/faults.ts";
import { World } from "../world.ts";
import {
  busyAccount,
  coverageProblems,
  differences,
  manyRows,
  none,
  PART_OF,
  type Read,
  readAll,
  sectionOf,
} from "./reading.ts";
import { noSecretIn } from "./secrets.ts";

/** Rows of a page, where the venue gives fewer than it says. */
const PAGE_CUTS = [20, 50, 100] as const;

export function readFaultClaims(bench: Bench): void {
  const sections = SECTIONS.filter((name) => bench.declaration.sections[name] !== null);
  describe(`${bench.name}: a fault of a read`, () => {
    for (const name of READ_FAULT_NAMES) {
      if (!readFault(name).isVisible) continue;
      test(`"${name}" never makes a section complete and wrong`, async (t) => {
        for (const section of sections) await withFault(t, bench, section, name, 0);
      });
      test(`"${name}" after a first good page never makes a section complete and wrong`, async (t) => {
        for (const section of ["orders", "fills", "ledger"] as const) {
          if (!sections.includes(section)) continue;
          await withFault(t, bench, section, name, 1);
          // Lists that are read side by side each have a first page.
          if (section === "orders") await withFault(t, bench, section, name, 2);
        }
      });
    }

    for (const rows of bench.tolerances?.shortPageIsLast ? [] : PAGE_CUTS) {
      test(`that cuts pages at ${rows} rows never makes a section complete and wrong`, async (t) => {
        for (const section of ["orders", "fills", "ledger"] as const) {
          if (!sections.includes(section)) continue;
          const world = await World.open(t, bench);
          await manyRows(world);
          world.server.cutPages(PART_OF[section], rows);
          const read = await readAll(world);
          completeIsRight(section, read, world);
        }
      });
    }

    test("of one section leaves the others as they are", async (t) => {
      const world = await World.open(t, bench);
      await busyAccount(world);
      world.server.setReadFault("fills", "500");
      const read = await readAll(world);
      for (const name of sections.filter((one) => one !== "fills" && one !== "ledger")) {
        assert.equal(sectionOf(read, name)?.quality, "complete", name);
      }
    });

    test("is over when the venue is well again", async (t) => {
      const world = await World.open(t, bench);
      await busyAccount(world);
      for (const name of sections) world.server.setReadFault(PART_OF[name], "a reset");
      await readAll(world);
      world.server.clearFaults();
      // What the venue asked to wait for, if anything, is over.
      await world.pass(120_000);
      const read = await readAll(world);
      for (const name of sections) {
        assert.equal(
          sectionOf(read, name)?.quality,
          "complete",
          `${name}: ${sectionOf(read, name)?.problem}`,
        );
        none(differences(name, read, world), name);
      }
    });

    if (!bench.tolerances?.isAccountNamedByUs)
      test("that answers for another account shows in the account's id", async (t) => {
        const world = await World.open(t, bench);
        await busyAccount(world);
        const other = `${bench.accountId.slice(0, -4)}${bench.accountId.endsWith("dead") ? "beef" : "dead"}`;
        world.server.view = (account) => ({ ...account, accountId: other });
        const { snapshot } = await readAll(world);
        assert.notEqual(snapshot.venueAccountId, bench.accountId);
      });

    test("that asks to wait is obeyed: nothing is asked until the time is over", async (t) => {
      const world = await World.open(t, bench);
      await busyAccount(world);
      world.server.setReadFault("positions", "429 with Retry-After");
      world.server.setReadFault("fills", "429 with Retry-After");
      await readAll(world);
      world.server.clearFaults();
      const before = world.sent.length;
      const read = await readAll(world);
      assert.equal(world.sent.length, before, "something was asked although the venue said to wait");
      for (const name of sections) assert.notEqual(sectionOf(read, name)?.quality, "complete", name);
      await world.pass(8_000);
      const again = await readAll(world);
      for (const name of sections) assert.equal(sectionOf(again, name)?.quality, "complete", name);
    });
  });
}

async function withFault(
  t: Parameters<typeof World.open>[0],
  bench: Bench,
  section: SectionName,
  name: ReadFaultName,
  goodAnswers: number,
): Promise<void> {
  const world = await World.open(t, bench);
  if (goodAnswers === 0) await busyAccount(world);
  else await manyRows(world, rowsBeyondAPage(bench, section));
  world.server.setReadFault(PART_OF[section], name, goodAnswers);
  const read = await readAll(world);
  const found = sectionOf(read, section);
  completeIsRight(section, read, world);
  if (goodAnswers === 0 && world.server.faultyAnswers > 0) {
    assert.notEqual(found?.quality, "complete", `${section} is complete although every answer was "${name}"`);
    assert.ok(found?.problem, `${section} is ${found?.quality} and no problem is told`);
  }
  assert.equal(world.server.followed, 0, "a redirect was followed, with the keys");
  noSecretIn(JSON.stringify([read, world.frames]), bench, `${section} with "${name}"`);
}

function rowsBeyondAPage({ pageMax = {} }: Bench, section: SectionName): number {
  const most = section === "orders" ? pageMax.orders : section === "fills" ? pageMax.fills : undefined;
  return Math.min(1_200, (most ?? 100) + 20);
}

/** Of what is not complete nothing is claimed; what is claimed to be covered is all there. */
function completeIsRight(section: SectionName, read: Read, world: World): void {
  const found = sectionOf(read, section);
  assert.ok(found === undefined || QUALITIES.includes(found.quality));
  if (found?.quality === "complete") none(differences(section, read, world), `${section} is complete, and`);
  if (section === "fills") none(coverageProblems(read.history.fills, world), "coverage is claimed, and");
}
