// What the log says of trouble that is easily confused: a read in doubt, a fill that is not booked, a file that somebody
// else wrote at the same moment, a journal that took no record. docs/events.md has their fields.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal } from "../../src/core/index.ts";
import { JournalError } from "../../src/journal/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import type { EventName } from "../../src/runtime/index.ts";
import { botMirror, type Line, row, START_MS, TestWorld } from "../support/world.ts";

function market(journal = new MemoryJournal()): TestWorld {
  const world = new TestWorld({}, journal);
  for (const symbol of ["AAPL", "MSFT"]) world.account.setPrice(symbol, decimal("100"));
  return world;
}

function linesOf({ lines }: TestWorld, ...names: EventName[]): Line[] {
  return lines.filter(({ name }) => names.includes(name));
}

test("[R1] positions that a read leaves out without proof are told by name, pass by pass, until they are back", async () => {
  const world = market();
  world.buy("AAPL", "10", "o-1");
  world.buy("MSFT", "5", "o-2");
  await world.open();
  assert.deepEqual(linesOf(world, "read.suspect"), []);
  world.venue.misbehave({ isEmpty: true });
  world.venue.position = async () => ({ kind: "unknown", problem: "no answer" });
  await world.advance(30_000);
  const told = linesOf(world, "read.suspect");
  assert.equal(told.length, 2);
  assert.deepEqual(told[0]?.fields.instruments, ["AAPL", "MSFT"]);
  assert.match(told[0]?.text ?? "", /leaves out AAPL, MSFT, and nothing proves that they are flat/);
  world.venue.misbehave({});
  await world.advance(30_000);
  assert.equal(linesOf(world, "read.suspect").length, 2);
});

test("[R6] a fill that cannot be believed is told with why it is not booked, once", async () => {
  const world = market();
  await world.open();
  const fill = { venueOrderId: "po-9", tradeId: "pt-9", instrument: "AAPL", side: "buy", fee: null } as const;
  const dated = { ...fill, qty: decimal("1"), price: decimal("100"), timestamp: START_MS + 7 * 86_400_000 };
  for (let told = 0; told < 2; told += 1) world.venue.publish({ kind: "fill", fill: dated } as never);
  await world.session.whenIdle();
  const [line, ...others] = linesOf(world, "fill.refused");
  assert.deepEqual(others, []);
  assert.equal(line?.fields.code, "timestamp_out_of_range");
  assert.deepEqual([line?.fields.instrument, line?.fields.venueQty], ["AAPL", "1"]);
  assert.match(line?.text ?? "", /^a fill of AAPL is not booked: /);
  assert.deepEqual(linesOf(world, "fill.recorded"), []);
});

test("[R12] a mirror that changed meanwhile is told apart from one that cannot be read", async () => {
  const world = market();
  const mirror = botMirror([row("AAPL", "10"), row("MSFT", "5")]);
  world.mirrors = [mirror];
  world.buy("AAPL", "10", "o-1");
  const write = mirror.write.bind(mirror);
  let isOvertaken = true;
  mirror.write = async (changes, version) => {
    if (isOvertaken) mirror.set([row("AAPL", "10"), row("MSFT", "4")]);
    isOvertaken = false;
    return write(changes, version);
  };
  await world.open();
  await world.advance(60_000);
  const told = linesOf(world, "mirror.conflict", "mirror.problem", "mirror.written");
  assert.deepEqual(
    told.map(({ name }) => name),
    ["mirror.conflict", "mirror.written"],
  );
  assert.match(told[0]?.text ?? "", /the bot wrote in between/);

  mirror.read = async () => ({ quality: "unavailable", rows: [], version: "", problem: "half written" });
  await world.advance(15_000);
  assert.deepEqual(
    linesOf(world, "mirror.conflict", "mirror.problem").map(({ name }) => name),
    ["mirror.conflict", "mirror.problem"],
  );
});

test("a journal that takes no record is told with its code before the account fails", async () => {
  const journal = new MemoryJournal();
  const world = market(journal);
  await world.open();
  journal.append = async () => {
    throw new JournalError("journal_busy", "Another process holds the file.");
  };
  world.buy("AAPL", "1");
  await assert.rejects(world.session.whenDurable(), JournalError);
  const told = linesOf(world, "journal.failed", "account.failed");
  assert.deepEqual(
    told.map(({ name, fields }) => [name, fields.code]),
    [
      ["journal.failed", "journal_busy"],
      ["account.failed", undefined],
    ],
  );
});
