// What every claim about reading shares: an account with something in each section, a look at all sections at once, and
// what each section's rows are held against.
import assert from "node:assert/strict";
import type { HistorySection, Section, SectionName } from "../../core/index.ts";
import type { History, Snapshot } from "../../venues/index.ts";
import {
  balanceDifferences,
  fillDifferences,
  ledgerDifferences,
  orderDifferences,
  positionDifferences,
} from "../expected.ts";
import type { AccountView, ModelFill } from "../model/facts.ts";
import type { Part } from "../wire/route.ts";
import type { World } from "../world.ts";

export const HOUR = 3_600_000;

export interface Read {
  readonly snapshot: Snapshot;
  readonly history: History;
}

/** Reads everything. @param fromMs Of the fills and entries; an hour before the world's beginning unless given. */
export async function readAll(world: World, fromMs = world.nowMs - HOUR): Promise<Read> {
  return { snapshot: await world.venue.snapshot(), history: await world.venue.history(fromMs) };
}

export function sectionOf({ snapshot, history }: Read, name: SectionName): Section<unknown> | undefined {
  return name === "fills" || name === "ledger" ? history[name] : snapshot[name];
}

/** Positions in both instruments, an open order, one filled in part, fills, and money that came by an entry. */
export async function busyAccount(world: World): Promise<void> {
  const { model, first, second, bench } = world;
  await world.pass();
  model.trade({
    instrument: first.instrument.symbol,
    side: "buy",
    qty: world.lots(5),
    price: world.priceAt(1),
  });
  await world.pass();
  model.trade({
    instrument: second.instrument.symbol,
    side: "buy",
    qty: world.lots(3, second),
    price: world.priceAt(2, second),
  });
  await world.pass();
  restingOrder(world, "busy-1", 4);
  await world.pass();
  const partly = restingOrder(world, "busy-2", 6);
  await world.pass();
  model.fill(partly, world.lots(2), world.priceAt(-10));
  await world.pass();
  const [cash] = Object.keys(bench.balances);
  if (cash !== undefined && bench.happenings.includes("transfer"))
    model.money(cash, "25" as never, "transfer");
  await world.pass();
}

/** An order to buy far below the market, which rests. @returns its id at the venue. */
export function restingOrder(world: World, clientOrderId: string, lots: number): string {
  const { model, first } = world;
  const answer = model.place({
    instrument: first.instrument.symbol,
    clientOrderId: clientIdFor(world, clientOrderId),
    side: "buy",
    type: "limit",
    qty: world.lots(lots),
    price: world.priceAt(-10),
  });
  if (answer.kind !== "order") throw new Error(`the model refused an order: ${answer.why}`);
  return answer.order.venueOrderId;
}

/** More rows of everything than any page has, some of one millisecond. */
export async function manyRows(world: World, rows = 120): Promise<void> {
  const { model, first, second, bench } = world;
  const [cash] = Object.keys(bench.balances);
  for (let count = 1; count <= rows; count += 1) {
    const of = count % 3 === 0 ? second : first;
    const side = count % 2 === 0 ? ("sell" as const) : ("buy" as const);
    if (count % 4 !== 0) await world.pass(60);
    model.trade({
      instrument: of.instrument.symbol,
      side: count <= 4 ? "buy" : side,
      qty: of.lot,
      price: world.priceAt(count, of),
    });
    restingOrder(world, `page-${count}`, 1);
    if (cash !== undefined && bench.happenings.includes("transfer")) {
      model.money(cash, String(count) as never, "transfer");
    }
  }
  // So long that what is claimed to be covered holds them.
  await world.pass(Math.min(1_500_000, 2 * bench.declaration.capabilities.fills.lateArrivalMs + 1_000));
}

/** A client order id that this venue takes: some want a number, or nothing but letters and digits. */
export function clientIdFor({ bench }: World, name: string): string {
  const { clientOrderIdCharacters, clientOrderIdLengthMax } = bench.declaration.capabilities.commands;
  const allowed = new RegExp(`[${clientOrderIdCharacters}]`);
  return [...name]
    .filter((one) => allowed.test(one))
    .join("")
    .slice(0, clientOrderIdLengthMax);
}

/** What differs between a section's rows and the account, for every section alike. */
export function differences(
  name: SectionName,
  read: Read,
  world: World,
  account: AccountView = world.model,
  fromMs = world.nowMs - HOUR,
): string[] {
  const { snapshot, history } = read;
  const { bench } = world;
  switch (name) {
    case "positions":
      return positionDifferences(snapshot.positions?.rows ?? [], account, bench);
    case "orders":
      return orderDifferences(snapshot.orders?.rows ?? [], account);
    case "balances":
      return balanceDifferences(snapshot.balances?.rows ?? [], account, bench);
    case "fills":
      return fillDifferences(
        inWindow(history.fills?.rows ?? [], fromMs),
        since(account.fills, fromMs),
        bench,
      );
    case "ledger": {
      const told = account.ledger.filter(({ cause }) =>
        (bench.happenings as readonly string[]).includes(cause),
      );
      return ledgerDifferences(history.ledger?.rows ?? [], told, bench);
    }
  }
}

/** Older ones may be told: each read overlaps the last. */
function inWindow<Row extends { readonly timestamp: number }>(rows: readonly Row[], fromMs: number): Row[] {
  return rows.filter(({ timestamp }) => timestamp >= fromMs);
}

export function since(fills: readonly ModelFill[], fromMs: number): ModelFill[] {
  return fills.filter(({ timestamp }) => timestamp >= fromMs);
}

/** Fills within what is claimed to be covered are all there. */
export function coverageProblems(section: HistorySection<unknown> | undefined, world: World): string[] {
  const { coverage, rows = [] } = section ?? {};
  if (coverage === undefined) return [];
  const within = (timestamp: number) => timestamp >= coverage.fromMs && timestamp <= coverage.toMs;
  const fills = world.model.fills.filter(({ timestamp }) => within(timestamp));
  const told = (rows as Parameters<typeof fillDifferences>[0]).filter(({ timestamp }) => within(timestamp));
  return fillDifferences(told, fills, world.bench);
}

/** The part of a section by which its faults are set. */
export const PART_OF: Readonly<Record<SectionName, Part>> = {
  positions: "positions",
  orders: "orders",
  balances: "balances",
  fills: "fills",
  ledger: "ledger",
};

export function none(problems: readonly string[], when = ""): void {
  assert.equal(problems.length, 0, `${when}\n  ${problems.join("\n  ")}`);
}
