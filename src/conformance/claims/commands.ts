// Commands: sent once under every fault, rejected only where that is certain, unknown where it is not. What is declared can
// be sent; what is not declared is not there.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CommandOutcome, SubmitCommand, Venue } from "../../venues/index.ts";
import type { Bench } from "../bench.ts";
import { oneOrder } from "../expected.ts";
import { COMMAND_FAULT_NAMES, commandFault } from "../wire/faults.ts";
import type { Command } from "../wire/route.ts";
import { World } from "../world.ts";
import { busyAccount, clientIdFor, none, readAll, restingOrder } from "./reading.ts";
import { noSecretIn } from "./secrets.ts";

export function commandClaims(bench: Bench): void {
  const { commands } = bench.declaration.capabilities;
  const can: Readonly<Record<Command, boolean>> = {
    submit: commands.submit,
    cancel: commands.cancel,
    amend: commands.amend !== "none",
  };

  describe(`${bench.name}: commands`, () => {
    for (const command of ["submit", "cancel", "amend"] as const) {
      if (can[command]) continue;
      test(`do not have "${command}", as it is declared`, async (t) => {
        const { venue } = await World.open(t, bench);
        const outcome = await sendIfThere(venue, command);
        assert.ok(
          outcome === undefined || (outcome.kind === "rejected" && !outcome.sent),
          JSON.stringify(outcome),
        );
      });
    }
    if (can.submit) submitClaims(bench);
    if (can.cancel) cancelClaims(bench);
    if (can.amend) amendClaims(bench);
    for (const command of ["submit", "cancel", "amend"] as const) {
      if (can[command]) for (const name of COMMAND_FAULT_NAMES) faultClaim(bench, command, name);
    }
    if (can.submit) rateClaims(bench);
  });
}

function submitClaims(bench: Bench): void {
  const { commands, positionMode: _ } = bench.declaration.capabilities;

  test("place a limit order once, and say under which id", async (t) => {
    const world = await World.open(t, bench);
    await world.pass();
    const command = orderOf(world, "placed");
    const outcome = await submit(world, command);
    assert.equal(outcome.kind, "accepted", JSON.stringify(outcome));
    const order = world.model.find({ clientOrderId: command.clientOrderId });
    assert.ok(order, "the order is not at the venue");
    assert.deepEqual(
      [order.instrument, order.side, order.type, order.qty, order.price, order.status],
      [command.instrument, "buy", "limit", command.qty, command.price, "open"],
    );
    assert.equal(world.server.countOf("submit"), 1);
    if (outcome.kind !== "accepted") return;
    if (outcome.venueOrderId !== undefined) assert.equal(outcome.venueOrderId, order.venueOrderId);
    if (outcome.row) none(oneOrder({ ...outcome.row, status: "open" }, order, world.model));
  });

  if (commands.types.includes("market"))
    test("place a market order, whose fill the next read has", async (t) => {
      const world = await World.open(t, bench);
      await world.pass();
      const { price: _, ...command } = orderOf(world, "market", { type: "market" });
      const outcome = await submit(world, command);
      assert.equal(outcome.kind, "accepted", JSON.stringify(outcome));
      await world.pass();
      assert.equal(world.model.fills[0]?.qty, command.qty);
      const read = await readAll(world);
      assert.equal(read.history.fills?.rows.length, 1);
      assert.equal(read.history.fills?.rows[0]?.venueOrderId, world.model.fills[0]?.venueOrderId);
    });

  test("send a quantity with every digit that it has", async (t) => {
    const world = await World.open(t, bench);
    await world.pass();
    const command = orderOf(world, "exact", { price: world.priceAt(-7), qty: world.lots(3) });
    await submit(world, command);
    const order = world.model.find({ clientOrderId: command.clientOrderId });
    assert.deepEqual([order?.qty, order?.price], [command.qty, command.price]);
  });

  test("place an order that only reduces as one", async (t) => {
    const world = await World.open(t, bench);
    await busyAccount(world);
    const command = orderOf(world, "reduce", { side: "sell", reduceOnly: true, price: world.priceAt(50) });
    const outcome = await submit(world, command);
    // A venue without the flag may refuse what it cannot promise.
    if (!commands.reduceOnlyFlag && outcome.kind === "rejected" && !outcome.sent) return;
    assert.equal(outcome.kind, "accepted", JSON.stringify(outcome));
    const order = world.model.find({ clientOrderId: command.clientOrderId });
    if (commands.reduceOnlyFlag) assert.equal(order?.reduceOnly, true);
  });

  test("with a client order id that is in use are unknown: it may be the very order", async (t) => {
    const world = await World.open(t, bench);
    await world.pass();
    const command = orderOf(world, "twice");
    await submit(world, command);
    const again = await submit(world, command);
    assert.equal(again.kind, "unknown", JSON.stringify(again));
    assert.equal(world.model.openOrders.length, 1, "there are two orders now");
  });

  test("for an instrument that the venue does not have place nothing", async (t) => {
    const world = await World.open(t, bench);
    await world.pass();
    const outcome = await submit(world, { ...orderOf(world, "nowhere"), instrument: "NOSUCH/THING" });
    assert.notEqual(outcome.kind, "accepted");
    assert.equal(world.model.openOrders.length, 0);
  });

  test("of a type, a time in force or a size that is not declared are refused before anything is sent", async (t) => {
    const world = await World.open(t, bench);
    await world.pass();
    const usual = orderOf(world, "refused");
    const { qty: _, ...unsized } = usual;
    const wrong: SubmitCommand[] = [unsized, { ...usual, notional: usual.qty ?? ("1" as never) }];
    for (const type of ["market", "limit", "stop", "stop_limit"] as const) {
      if (!commands.types.includes(type)) wrong.push({ ...usual, type, triggerPrice: world.priceAt(5) });
    }
    for (const timeInForce of ["day", "gtc", "ioc", "fok"] as const) {
      if (!commands.timesInForce.includes(timeInForce)) wrong.push({ ...usual, timeInForce });
    }
    if (!commands.notional) {
      const { price: _, ...priceless } = unsized;
      wrong.push({ ...priceless, type: "market", notional: world.first.price });
    }
    for (const command of wrong) {
      const outcome = await submit(world, command);
      assert.ok(
        outcome.kind === "rejected" && !outcome.sent,
        `${JSON.stringify(command)}: ${JSON.stringify(outcome)}`,
      );
    }
    assert.equal(world.server.countOf("submit"), 0);
  });

  test("to a venue that is not there are certain not to be sent", async (t) => {
    const world = await World.open(t, bench);
    await world.pass();
    const command = orderOf(world, "gone");
    await world.server.stop();
    const outcome = await submit(world, command);
    assert.ok(outcome.kind === "rejected" && !outcome.sent, JSON.stringify(outcome));
    noSecretIn(JSON.stringify(outcome), bench, "a venue that is gone");
  });
}

function cancelClaims(bench: Bench): void {
  test("cancel an order by the venue's id and by the client's, once each", async (t) => {
    for (const by of ["venueOrderId", "clientOrderId"] as const) {
      const world = await World.open(t, bench);
      await world.pass();
      const venueOrderId = restingOrder(world, "cancel", 2);
      const clientOrderId = clientIdFor(world, "cancel");
      const id = by === "venueOrderId" ? { venueOrderId } : { clientOrderId };
      const outcome = await cancel(world, id);
      assert.equal(outcome.kind, "accepted", `${by}: ${JSON.stringify(outcome)}`);
      assert.equal(world.model.find({ venueOrderId })?.status, "canceled");
      assert.equal(world.server.countOf("cancel"), 1);
    }
  });

  test("that cancel an order which was filled meanwhile do not say that it is gone", async (t) => {
    const world = await World.open(t, bench);
    await world.pass();
    const venueOrderId = restingOrder(world, "race", 2);
    world.model.fill(venueOrderId);
    await world.pass();
    const outcome = await cancel(world, { venueOrderId });
    assert.notEqual(outcome.kind, "accepted", "a filled order cannot be cancelled");
    if (outcome.kind !== "accepted") assert.doesNotMatch(outcome.reason, /\b(?:is|was) cancell?ed\b/);
    const found = await world.venue.order?.({ instrument: world.first.instrument.symbol, venueOrderId });
    assert.ok(found?.kind !== "row" || found.row.status === "filled", JSON.stringify(found));
  });
}

function amendClaims(bench: Bench): void {
  test("amend the price and the quantity of an order, filled part included", async (t) => {
    const world = await World.open(t, bench);
    await world.pass();
    const venueOrderId = restingOrder(world, "amend", 4);
    world.model.fill(venueOrderId, world.lots(1));
    await world.pass();
    const { symbol } = world.first.instrument;
    const outcome = await world.venue.amend?.({
      instrument: symbol,
      venueOrderId,
      qty: world.lots(6),
      price: world.priceAt(-12),
      newClientOrderId: clientIdFor(world, "amended"),
    });
    assert.equal(outcome?.kind, "accepted", JSON.stringify(outcome));
    assert.equal(world.server.countOf("amend"), 1);
    await world.pass();
    const [order] = world.model.openOrders;
    const [row] = (await world.venue.snapshot()).orders?.rows ?? [];
    assert.ok(order && row);
    none(oneOrder(row, order, world.model));
    assert.deepEqual([row.qty, row.filledQty, row.price], [world.lots(6), world.lots(1), world.priceAt(-12)]);
  });
}

function faultClaim(bench: Bench, command: Command, name: (typeof COMMAND_FAULT_NAMES)[number]): void {
  test(`that meet "${name}" are sent once and unknown (${command})`, async (t) => {
    const world = await World.open(t, bench);
    await world.pass();
    const venueOrderId = restingOrder(world, "target", 4);
    await world.pass();
    world.server.setCommandFault(command, name);
    const before = world.model.orders.length;
    const outcome = await send(world, command, venueOrderId);
    if (!(commandFault(name).mayRefuse && outcome?.kind === "rejected")) {
      assert.equal(outcome?.kind, "unknown", JSON.stringify(outcome));
    }
    assert.equal(world.server.countOf(command), 1, "it was sent more than once, or not at all");
    assert.ok(world.model.orders.length <= before + 1, "more than one order was placed");
    noSecretIn(JSON.stringify(outcome), bench, name);
    assert.equal(world.server.followed, 0, "a redirect was followed, with the order in it");
    if (command !== "submit" || !world.venue.order) return;
    world.server.clearFaults();
    const query = { instrument: world.first.instrument.symbol, clientOrderId: clientIdFor(world, "faulty") };
    const found = await world.venue.order(query);
    if (commandFault(name).isAfter) {
      assert.equal(found.kind, "row", `placed, and not found afterwards: ${JSON.stringify(found)}`);
    } else assert.notEqual(found.kind, "row");
  });
}

/** What the venue asks to wait for stops orders, and not what ends them. */
function rateClaims(bench: Bench): void {
  test("that would break the venue's wish to wait are not sent, and say so", async (t) => {
    const world = await World.open(t, bench);
    await busyAccount(world);
    for (const part of ["positions", "orders", "fills"] as const) {
      world.server.setReadFault(part, "429 with Retry-After");
    }
    await readAll(world);
    world.server.clearFaults();
    const outcome = await submit(world, orderOf(world, "hurried"));
    assert.ok(outcome.kind === "rejected" && !outcome.sent, JSON.stringify(outcome));
    assert.equal(world.server.countOf("submit"), 0);
  });
}

/** A limit order far from the market, which rests. */
export function orderOf(world: World, name: string, change: Partial<SubmitCommand> = {}): SubmitCommand {
  return {
    instrument: world.first.instrument.symbol,
    clientOrderId: clientIdFor(world, name),
    leg: world.model.usualLeg,
    side: "buy",
    type: "limit",
    qty: world.lots(2),
    price: world.priceAt(-10),
    timeInForce: world.bench.declaration.capabilities.commands.timesInForce.includes("gtc") ? "gtc" : "day",
    reduceOnly: false,
    referencePrice: world.first.price,
    ...change,
  };
}

function submit(world: World, command: SubmitCommand): Promise<CommandOutcome> {
  if (!world.venue.submit) throw new Error("submit is declared and not there");
  return world.venue.submit(command);
}

function cancel(
  world: World,
  id: { venueOrderId?: string; clientOrderId?: string },
): Promise<CommandOutcome> {
  if (!world.venue.cancel) throw new Error("cancel is declared and not there");
  return world.venue.cancel({ instrument: world.first.instrument.symbol, ...id });
}

function send(world: World, command: Command, venueOrderId: string): Promise<CommandOutcome> | undefined {
  if (command === "submit") return submit(world, orderOf(world, "faulty"));
  if (command === "cancel") return cancel(world, { venueOrderId });
  return world.venue.amend?.({
    instrument: world.first.instrument.symbol,
    venueOrderId,
    price: world.priceAt(-11),
    newClientOrderId: clientIdFor(world, "amended"),
  });
}

function sendIfThere(venue: Venue, command: Command): Promise<CommandOutcome> | undefined {
  const id = { instrument: "ANY", venueOrderId: "1" };
  if (command === "cancel") return venue.cancel?.(id);
  if (command === "amend") return venue.amend?.({ ...id, newClientOrderId: "2" });
  return venue.submit?.({
    instrument: "ANY",
    clientOrderId: "1",
    leg: "net",
    side: "buy",
    type: "market",
    qty: "1" as never,
    timeInForce: "gtc",
    reduceOnly: false,
  });
}
