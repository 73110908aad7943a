// Whether the key may still trade, as an account finds it out: at its start, once an hour, and told once.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountPolicy } from "../../src/core/index.ts";
import { KEY_LOOK_MS } from "../../src/engine/index.ts";
import type { Finding, Venue } from "../../src/venues/index.ts";
import { TestWorld } from "../support/world.ts";

const EXECUTOR: Partial<AccountPolicy> = { mode: "executor" };

async function watched(policy: Partial<AccountPolicy>, look: () => readonly Finding[]) {
  const world = new TestWorld({ ...policy, intervalMs: 600_000 });
  let looks = 0;
  const checkup: NonNullable<Venue["checkup"]> = async () => {
    looks += 1;
    return look();
  };
  Object.assign(world.venue, { checkup });
  await world.open();
  await world.advance(1_000);
  const told = async () =>
    (await world.records()).flatMap((record) =>
      record.kind === "alert_raised" && record.payload.kind === "channel_down" ? [record.payload.text] : [],
    );
  return { world, told, looks: () => looks };
}

const rights = (mayTrade: boolean): Finding => ({
  check: "permissions",
  level: "ok",
  found: mayTrade ? "the key may read and trade" : "the key may only read",
  mayTrade,
});

test("[H06][D05] a key that may not trade any more is told within the hour, once, as what a kill would miss", async () => {
  let mayTrade = true;
  const { world, told, looks } = await watched(EXECUTOR, () => [rights(mayTrade)]);
  assert.deepEqual([looks(), await told()], [1, []]);
  mayTrade = false;
  await world.advance(KEY_LOOK_MS);
  assert.equal((await told()).length, 1);
  assert.match((await told())[0] ?? "", /a kill could cancel nothing.*the key may only read/);
  await world.advance(2 * KEY_LOOK_MS);
  assert.equal((await told()).length, 1, "it is told once");
  mayTrade = true;
  await world.advance(KEY_LOOK_MS);
  mayTrade = false;
  await world.advance(KEY_LOOK_MS);
  assert.equal((await told()).length, 2, "it was back in between");
});

test("[H06] a key that may only read is told at the start of an account that sends orders, and not where nothing is sent", async () => {
  assert.equal((await (await watched(EXECUTOR, () => [rights(false)])).told()).length, 1);
  for (const policy of [{ mode: "beside" }, { ...EXECUTOR, observe: true }] as const) {
    const { told, looks } = await watched(policy, () => [rights(false)]);
    assert.deepEqual([looks(), await told()], [0, []]);
  }
});

test("[H06] of several findings the one that says no counts, wherever it stands", async () => {
  const { told } = await watched(EXECUTOR, () => [rights(true), rights(false)]);
  assert.equal((await told()).length, 1);
});

test("[H06] a look that fails, or that does not say, is no news", async () => {
  const silent: Finding = { check: "permissions", level: "ok", found: "this environment does not tell" };
  const looks = [
    () => [silent],
    () => [],
    (): never => {
      throw new Error("the adapter broke");
    },
  ];
  for (const look of looks) assert.deepEqual(await (await watched(EXECUTOR, look)).told(), []);
});
