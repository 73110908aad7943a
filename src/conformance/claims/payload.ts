// A payload that somebody recorded, read without an account: what came raw is read as what it is, whatever the stream says
// becomes something, and what is no payload of the venue's is told as that. It never throws.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SECTIONS, type SectionName } from "../../core/index.ts";
import type { PayloadItem, ReadPayload } from "../../venues/index.ts";
import { parseExact } from "../../venues/wire/json.ts";
import type { Bench } from "../bench.ts";
import { World } from "../world.ts";
import { busyAccount, HOUR } from "./reading.ts";

/** What a section's rows may be made of. A coin's may be its balance and its position; money may be in the account's totals. */
const KINDS: Readonly<Record<SectionName, readonly PayloadItem["kind"][]>> = {
  positions: ["position", "balance"],
  orders: ["order"],
  balances: ["balance", "totals"],
  fills: ["fill"],
  ledger: ["ledger"],
};

const GARBAGE: readonly unknown[] = [
  ...[null, undefined, true, "", "text", "12", Number.NaN, [], {}, [[]], [null], [{}], { result: null }],
  ...[{ data: [] }, { list: {} }, { result: { list: [null, 1, "x", [], {}] } }, { e: "nothing", E: null }],
  ...[
    { topic: "nothing", data: [{}] },
    { stream: 1, data: null },
    [
      ["a", "b"],
      [1, 2, 3],
    ],
    { __proto__: null },
  ],
];

export function payloadClaims(bench: Bench): void {
  const { readPayload } = bench;
  if (!readPayload) return;
  describe(`${bench.name}: a payload that was recorded`, () => {
    for (const name of SECTIONS) {
      if (bench.declaration.sections[name] === null) continue;
      test(`is read as what it is, where the ${name} were asked for`, async (t) => {
        const world = await World.open(t, bench);
        if (!world.venue.raw) return t.diagnostic("the venue records nothing");
        await busyAccount(world);
        const answers = await world.venue.raw(name, world.nowMs - HOUR);
        const items = answers.flatMap(({ request, body }) => read(readPayload, parseExact(body), request));
        assert.deepEqual(
          items.filter(({ kind }) => kind === "problem"),
          [],
        );
        const isTold = items.some(({ kind }) => KINDS[name].includes(kind));
        const isEmpty = name === "ledger" && !bench.happenings.includes("transfer");
        assert.ok(isTold || isEmpty, `no row of the ${name}: ${JSON.stringify(items)}`);
      });
    }

    if (bench.declaration.stream !== null)
      test("is read without a loss, where the stream sent it", async (t) => {
        const world = await World.open(t, bench);
        await world.connect(t);
        await world.untilEvents("live");
        await busyAccount(world);
        await world.settle();
        for (const frame of world.frames) {
          const value = jsonOf(frame);
          if (value === undefined) continue;
          const problems: readonly PayloadItem[] = read(readPayload, value).filter(
            ({ kind }) => kind === "problem",
          );
          assert.deepEqual(problems, [], frame);
        }
      });

    test("is nothing of the account, where it is no payload of the venue's", () => {
      for (const payload of GARBAGE) {
        for (const hint of [undefined, "", "GET /nothing", "stream"]) {
          for (const { kind } of read(readPayload, payload, hint)) {
            const isNothing =
              kind === "ignored" || kind === "problem" || kind === "event" || kind === "outcome";
            assert.ok(isNothing, `${JSON.stringify(payload)} was taken for a ${kind}`);
          }
        }
      }
    });
  });
}

/** At least one item: nothing is left out without a word. */
function read(readPayload: ReadPayload, payload: unknown, hint?: string): readonly PayloadItem[] {
  const { items } = readPayload(payload, hint);
  assert.ok(items.length > 0, `${JSON.stringify(payload)} was left out without a word`);
  return items;
}

/** Undefined for what is no JSON, such as a ping in words. */
function jsonOf(frame: string): unknown {
  try {
    return parseExact(frame);
  } catch {
    return undefined;
  }
}
