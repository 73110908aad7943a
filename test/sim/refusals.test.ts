// I20 by hand: when an order that reduces must not be refused, and when nobody can know that it does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CAPABILITIES_DEFAULT, decimal, type OrderIntent, POLICY_DEFAULT } from "../../src/core/index.ts";
import type { CommandResult, PassReport } from "../../src/engine/index.ts";
import type { Course } from "../../src/sim/invariants/course.ts";
import { Refusals } from "../../src/sim/invariants/refusals.ts";
import { exact } from "../../src/sim/oracle/exact.ts";

const MOVED_MS = 100_000;
const NOW_MS = 400_000;
const SELLING = { instrument: "X", leg: "net", side: "sell", qty: decimal("2"), reduceOnly: true };
const REFUSED = { outcome: "rejected", code: "gate_closed", order: null, reasons: ["closed"] };

/** What is said of a refusal, where X has been 2 for long and the last list of positions was begun then. */
function said(readMs: number | null, quality = "complete"): string[] {
  const texts: string[] = [];
  const course = {
    aliveSinceMs: 0,
    book: () => ({ gate: { account: [{ state: "reduce_only" }], instruments: {} }, orders: new Map() }),
    ended: () => ({ beganMs: readMs }),
    trail: { quantities: { qty: () => exact("2") } },
    world: {
      policy: POLICY_DEFAULT,
      capabilities: CAPABILITIES_DEFAULT,
      areReadsTrue: () => true,
      monotonicMs: () => NOW_MS,
      referee: { qty: () => "2", quantities: () => [{ atMs: MOVED_MS, qty: "2" }] },
      check: () => undefined,
      violate: (_: string, text: string) => texts.push(text),
    },
  };
  const watch = new Refusals(course as unknown as Course);
  const sections = [{ section: "positions", quality }];
  if (readMs !== null) watch.onPass({ sections } as unknown as PassReport);
  watch.onAnswer(SELLING as OrderIntent, REFUSED as unknown as CommandResult);
  return texts;
}

test("[R10] a refusal of what surely reduces is wrong, with a read of what is held and without any", () => {
  for (const readMs of [MOVED_MS + 60_000, null]) assert.equal(said(readMs).length, 1);
});

test("[R10] what the venue said before it held this is still possible while it says nothing else (seed 972000431)", () => {
  assert.deepEqual(said(MOVED_MS - 1), []);
  assert.equal(said(MOVED_MS - 1, "unavailable").length, 1);
});
