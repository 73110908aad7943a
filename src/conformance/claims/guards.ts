// What guards an account at the venue: one call that cancels all, and the switch that does so when nobody is there any more.
// Each reaches what is declared and nothing else, is sent once, and is taken only where the venue said so.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DeadManCapability } from "../../core/index.ts";
import type { CommandOutcome } from "../../venues/index.ts";
import type { Bench } from "../bench.ts";
import { COMMAND_FAULT_NAMES, commandFault } from "../wire/faults.ts";
import { World } from "../world.ts";
import { clientIdFor } from "./reading.ts";
import { noSecretIn } from "./secrets.ts";

export function guardClaims(bench: Bench): void {
  const { cancelAll: reach, deadMan } = bench.declaration.capabilities.commands;
  describe(`${bench.name}: what guards the account`, () => {
    if (reach === "none") {
      test("has no call that cancels all, as it is declared", async (t) => {
        assert.equal((await World.open(t, bench)).venue.cancelAll, undefined);
      });
    } else cancelAllClaims(bench, reach);
    if (deadMan === "none") {
      test("has no dead-man switch, as it is declared", async (t) => {
        assert.equal((await World.open(t, bench)).venue.deadMan, undefined);
      });
    } else deadManClaims(bench, deadMan);
  });
}

function cancelAllClaims(bench: Bench, reach: "account" | "instrument"): void {
  test("cancels all open orders by one call, as far as it is declared to reach", async (t) => {
    const world = await resting(t, bench);
    const outcome = await cancelAll(world, reach);
    assert.equal(outcome.kind, "accepted", JSON.stringify(outcome));
    assert.deepEqual(openNames(world), reach === "account" ? [] : ["c"]);
  });

  test("refuses what it does not reach, and sends nothing", async (t) => {
    const world = await resting(t, bench);
    const { symbol } = world.first.instrument;
    const outcome = await world.venue.cancelAll?.(reach === "account" ? { instrument: symbol } : {});
    assert.ok(outcome?.kind === "rejected" && !outcome.sent, JSON.stringify(outcome));
    assert.equal(world.server.countOf("cancel"), 0);
  });

  for (const name of COMMAND_FAULT_NAMES) {
    test(`does not take "${name}" for a cancellation of all`, async (t) => {
      const world = await resting(t, bench);
      world.server.setCommandFault("cancel", name);
      await refused(world, name, cancelAll(world, reach));
    });
  }
}

function deadManClaims(bench: Bench, { scope, timeoutMs: { min }, turnsOff }: DeadManCapability): void {
  test("keeps the orders while its switch is set anew, and cancels them when it is not", async (t) => {
    const world = await resting(t, bench);
    for (let count = 0; count < 3; count += 1) {
      assert.equal((await setSwitch(world, scope, min)).kind, "accepted");
      await goOn(world, min - 1);
      assert.deepEqual(openNames(world), ["a", "b", "c"], "it has fired before its time");
    }
    await goOn(world, 2);
    assert.deepEqual(openNames(world), scope === "account" ? [] : ["c"], "it has not fired, or too far");
  });

  test("turns its switch off, or sends nothing where it is declared that this cannot be", async (t) => {
    const world = await resting(t, bench);
    assert.equal((await setSwitch(world, scope, min)).kind, "accepted");
    const before = world.server.countOf("cancel");
    const off = await setSwitch(world, scope, 0);
    if (turnsOff) assert.equal(off.kind, "accepted", JSON.stringify(off));
    else {
      assert.ok(off.kind === "rejected" && !off.sent, JSON.stringify(off));
      assert.equal(world.server.countOf("cancel"), before);
    }
    await goOn(world, 2 * min);
    assert.deepEqual(
      openNames(world),
      turnsOff ? ["a", "b", "c"] : [],
      "off is not what it is declared to be",
    );
  });

  test("refuses a switch of what it does not reach, and sends nothing", async (t) => {
    const world = await resting(t, bench);
    const before = world.server.countOf("cancel");
    const of = scope === "account" ? { instrument: world.first.instrument.symbol } : {};
    const outcome = await world.venue.deadMan?.({ timeoutMs: min, ...of });
    assert.ok(outcome?.kind === "rejected" && !outcome.sent, JSON.stringify(outcome));
    assert.equal(world.server.countOf("cancel"), before);
  });

  test("sends one request for each setting of its switch", async (t) => {
    const world = await resting(t, bench);
    const before = world.server.countOf("cancel");
    await setSwitch(world, scope, min);
    assert.equal(world.server.countOf("cancel"), before + 1);
  });

  for (const name of COMMAND_FAULT_NAMES) {
    test(`does not take "${name}" for a switch that is set`, async (t) => {
      const world = await resting(t, bench);
      world.server.setCommandFault("cancel", name);
      await refused(world, name, setSwitch(world, scope, min));
    });
  }
}

/** Two orders in the first instrument, one in the second. */
async function resting(t: Parameters<typeof World.open>[0], bench: Bench): Promise<World> {
  const world = await World.open(t, bench);
  await world.pass();
  for (const name of ["a", "b", "c"]) {
    const of = name === "c" ? world.second : world.first;
    const answer = world.model.place({
      instrument: of.instrument.symbol,
      clientOrderId: clientIdFor(world, name),
      side: "buy",
      type: "limit",
      qty: world.lots(2, of),
      price: world.priceAt(-10, of),
    });
    if (answer.kind !== "order") throw new Error(`the model refused an order: ${answer.why}`);
  }
  // What the venue lists is known by then.
  await world.venue.snapshot();
  await world.pass();
  return world;
}

function openNames({ model }: World): string[] {
  return model.openOrders.map(({ clientOrderId }) => clientOrderId ?? "").sort();
}

async function goOn(world: World, ms: number): Promise<void> {
  await world.pass(ms);
  world.model.fireSwitches();
}

function cancelAll(world: World, reach: "account" | "instrument"): Promise<CommandOutcome> {
  if (!world.venue.cancelAll) throw new Error("cancelAll is declared and not there");
  return world.venue.cancelAll(reach === "account" ? {} : { instrument: world.first.instrument.symbol });
}

function setSwitch(
  world: World,
  scope: DeadManCapability["scope"],
  timeoutMs: number,
): Promise<CommandOutcome> {
  if (!world.venue.deadMan) throw new Error("deadMan is declared and not there");
  const of = scope === "account" ? {} : { instrument: world.first.instrument.symbol };
  return world.venue.deadMan({ timeoutMs, ...of });
}

async function refused(
  world: World,
  name: (typeof COMMAND_FAULT_NAMES)[number],
  asked: Promise<CommandOutcome>,
): Promise<void> {
  const outcome = await asked;
  assert.notEqual(outcome.kind, "accepted", JSON.stringify(outcome));
  if (!commandFault(name).mayRefuse) assert.equal(outcome.kind, "unknown", JSON.stringify(outcome));
  noSecretIn(JSON.stringify(outcome), world.bench, name);
  assert.equal(world.server.followed, 0, "a redirect was followed");
}
