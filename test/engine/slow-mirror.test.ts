// A bot's store that does not answer holds nobody up: neither the account nor the other stores.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mirror } from "../../src/mirrors/index.ts";
import { botMirror, row, TestWorld } from "../support/world.ts";

/** As a file on a disk that is gone. */
function mute(mirror: Mirror): Mirror {
  return new Proxy(mirror, {
    get: (target, name) => {
      if (name === "read") return () => new Promise(() => undefined);
      if (name === "name") return "gone";
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

test("a mirror that does not answer is unavailable after 10 s, and everything else is compared", async () => {
  const world = new TestWorld({ confirmations: 1, graceMs: 0 });
  const bot = botMirror([row("AAA", "5")]);
  world.mirrors = [mute(botMirror([])), bot];
  const session = await world.open(false);
  const reporting = session.pass("ann", true);
  await world.runtime.advance(10_000, () => new Promise(setImmediate));
  const { mirrors, summaries } = await reporting;
  assert.deepEqual(
    mirrors.map(({ mirror, problem }) => [mirror, problem]),
    [
      ["gone", "no answer within 10 s"],
      ["bot", null],
    ],
  );
  assert.equal(summaries.find(({ of }) => of === "bot")?.closed, 1);
  await session.stop();
});
