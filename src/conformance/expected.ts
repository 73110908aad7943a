// The adapter's rows held against the account: what differs, in words, one line each. A field that is not reported says
// nothing; one that is must be right, and what no row may lack is named here.
import {
  type BalanceRow,
  type Decimal,
  type FillRow,
  type LedgerRow,
  type OrderRow,
  type PositionRow,
  parseDecimal,
} from "../core/index.ts";
import { type Exact, exact, magnitude, text, unitOf } from "../sim/referee/exact.ts";
import type { Bench } from "./bench.ts";
import type { AccountView, ModelEntry, ModelFill, ModelOrder } from "./model/facts.ts";

type Differences = string[];

/** Rows with an explicit quantity of zero are the venue's "flat". */
export function positionDifferences(
  rows: readonly PositionRow[],
  account: AccountView,
  bench: Bench,
): Differences {
  const found = new Map(rows.map((row) => [`${row.instrument} ${row.leg}`, row]));
  const wrong: Differences = [];
  if (found.size < rows.length) wrong.push("a position is there twice");
  for (const { instrument, leg, qty, entryPrice } of account.positions) {
    const name = `${instrument} ${leg}`;
    const row = found.get(name);
    found.delete(name);
    if (!row) wrong.push(`the position ${name} of ${qty} is missing`);
    else {
      note(wrong, `${name} qty`, row.qty, qty);
      if (bench.declaration.capabilities.entryPriceBasis === "average" && row.entryPrice !== undefined) {
        const scale = row.entryPriceScale ?? digitsOf(row.entryPrice);
        if (!isNear(row.entryPrice, entryPrice, scale))
          note(wrong, `${name} entryPrice`, row.entryPrice, entryPrice);
      }
    }
  }
  for (const [name, row] of found)
    if (!isZeroText(row.qty)) wrong.push(`${name} of ${row.qty} is not in the account`);
  return [...wrong, ...rows.flatMap((row) => undecimal(row, ["qty", "entryPrice", "lastPrice"]))];
}

/** The orders that are open, replaced ones as one with all that they filled. */
export function orderDifferences(rows: readonly OrderRow[], account: AccountView): Differences {
  const wrong: Differences = [];
  const found = new Map(rows.map((row) => [row.venueOrderId ?? "(no venueOrderId)", row]));
  if (found.size < rows.length) wrong.push("an order is there twice, or has no id");
  for (const order of account.orders) {
    if (order.status !== "open" && order.status !== "partially_filled") continue;
    if (order.replacedBy !== null) continue;
    const row = found.get(order.venueOrderId);
    found.delete(order.venueOrderId);
    if (!row) wrong.push(`the order ${order.venueOrderId} is missing`);
    else wrong.push(...oneOrder(row, order, account));
  }
  for (const id of found.keys()) wrong.push(`the order ${id} is not open at the venue`);
  return wrong;
}

export function oneOrder(row: OrderRow, order: ModelOrder, account: AccountView): Differences {
  const wrong: Differences = [];
  const at = `order ${order.venueOrderId}`;
  const earlier = chainBefore(order, account);
  const before = earlier.reduce((sum, one) => sum + exact(one.filledQty), 0n);
  const filled = text(before + exact(order.filledQty));
  note(wrong, `${at} instrument`, row.instrument, order.instrument);
  note(wrong, `${at} side`, row.side, order.side);
  note(
    wrong,
    `${at} status`,
    row.status,
    before > 0n && order.status === "open" ? "partially_filled" : order.status,
  );
  if (order.qty !== null) note(wrong, `${at} qty`, row.qty, text(before + exact(order.qty)));
  else if (row.qty !== undefined && row.notional === undefined)
    wrong.push(`${at}: qty ${row.qty} of an order by notional`);
  noteIfThere(wrong, `${at} filledQty`, row.filledQty, filled);
  noteIfThere(wrong, `${at} price`, row.price, order.price ?? undefined);
  noteIfThere(wrong, `${at} triggerPrice`, row.triggerPrice, order.triggerPrice ?? undefined);
  noteIfThere(wrong, `${at} clientOrderId`, row.clientOrderId, order.clientOrderId ?? row.clientOrderId);
  noteIfThere(wrong, `${at} reduceOnly`, row.reduceOnly, order.reduceOnly);
  if (account.positionMode === "hedge") note(wrong, `${at} leg`, row.leg, order.leg);
  return [...wrong, ...undecimal(row, ["qty", "filledQty", "price", "avgPrice", "notional", "triggerPrice"])];
}

function chainBefore(order: ModelOrder, account: AccountView): readonly ModelOrder[] {
  const before = account.orders.find(({ venueOrderId }) => venueOrderId === order.replaces);
  return before ? [...chainBefore(before, account), before] : [];
}

/** Each fill once. Fills of one price, quantity, side and order are told apart by their times. */
export function fillDifferences(
  rows: readonly FillRow[],
  fills: readonly ModelFill[],
  bench: Bench,
): Differences {
  const wrong: Differences = [];
  const left = [...rows];
  for (const fill of fills) {
    const index = left.findIndex((row) => isSameFill(row, fill, bench));
    const row = left[index];
    if (row) {
      left.splice(index, 1);
      wrong.push(...oneFill(row, fill, bench));
    } else wrong.push(`the fill ${describe(fill)} is missing`);
  }
  wrong.push(
    ...left.map((row) => `the fill ${JSON.stringify(row)} is not in the account, or is there twice`),
  );
  const ids = rows.flatMap((row) => (row.tradeId === undefined ? [] : [`${row.instrument} ${row.tradeId}`]));
  if (new Set(ids).size < ids.length) wrong.push("two fills of one instrument have the same tradeId");
  return wrong;
}

export function isSameFill(row: FillRow, fill: ModelFill, bench: Bench): boolean {
  const { fillTimeMs = 1 } = bench.tolerances ?? {};
  return (
    row.instrument === fill.instrument &&
    row.side === fill.side &&
    row.qty === fill.qty &&
    (row.price === undefined || row.price === fill.price) &&
    Math.abs(row.timestamp - fill.timestamp) < fillTimeMs &&
    (fill.venueOrderId === null || row.venueOrderId === undefined || row.venueOrderId === fill.venueOrderId)
  );
}

export function oneFill(row: FillRow, fill: ModelFill, bench: Bench): Differences {
  const wrong: Differences = [];
  const at = `fill ${fill.tradeId}`;
  if (row.price === undefined) wrong.push(`${at} has no price`);
  if (fill.venueOrderId !== null) note(wrong, `${at} venueOrderId`, row.venueOrderId, fill.venueOrderId);
  if (bench.positionMode === "hedge") note(wrong, `${at} leg`, row.leg, fill.leg);
  noteIfThere(wrong, `${at} clientOrderId`, row.clientOrderId, fill.clientOrderId ?? row.clientOrderId);
  noteIfThere(wrong, `${at} positionAfter`, row.positionAfter, fill.positionAfter);
  note(wrong, `${at} forced`, row.forced, fill.cause ?? undefined);
  if (row.fee !== undefined && !(isZeroText(row.fee) && isZeroText(fill.fee))) {
    if (!isNear(row.fee, fill.fee, digitsOf(row.fee))) note(wrong, `${at} fee`, row.fee, fill.fee);
    note(wrong, `${at} feeCurrency`, row.feeCurrency, fill.feeCurrency ?? undefined);
  }
  return [...wrong, ...undecimal(row, ["qty", "price", "fee", "positionAfter"])];
}

export function ledgerDifferences(
  rows: readonly LedgerRow[],
  entries: readonly ModelEntry[],
  bench: Bench,
): Differences {
  const { ledgerTimeMs = 1 } = bench.tolerances ?? {};
  const wrong: Differences = [];
  const left = [...rows];
  for (const entry of entries) {
    const index = left.findIndex(
      (row) =>
        row.cause === entry.cause &&
        row.asset === (entry.asset ?? undefined) &&
        row.amount === (entry.amount ?? undefined) &&
        row.qtyDelta === (entry.qtyDelta ?? undefined) &&
        (entry.qtyDelta === null || row.instrument === entry.instrument) &&
        Math.abs(row.timestamp - entry.timestamp) < ledgerTimeMs,
    );
    if (index < 0) wrong.push(`the entry ${JSON.stringify(entry)} is missing`);
    else left.splice(index, 1);
  }
  wrong.push(
    ...left.map((row) => `the entry ${JSON.stringify(row)} is not in the account, or is there twice`),
  );
  if (new Set(rows.map(({ id }) => id)).size < rows.length) wrong.push("two entries have the same id");
  return wrong;
}

/** Every asset that the bench names; others where they are told. */
export function balanceDifferences(
  rows: readonly BalanceRow[],
  account: AccountView,
  bench: Bench,
): Differences {
  const wrong: Differences = [];
  const found = new Map(rows.map((row) => [row.asset, row.total]));
  if (found.size < rows.length) wrong.push("an asset is there twice");
  for (const { asset, total } of account.balances) {
    const told = found.get(asset);
    if (told === undefined && (!Object.hasOwn(bench.balances, asset) || isZeroText(total))) continue;
    note(wrong, `the balance of ${asset}`, told, total);
  }
  return wrong;
}

function note(wrong: Differences, what: string, found: unknown, expected: unknown): void {
  if (found !== expected) wrong.push(`${what} is ${String(found)}; the account has ${String(expected)}`);
}

function noteIfThere(wrong: Differences, what: string, found: unknown, expected: unknown): void {
  if (found !== undefined) note(wrong, what, found, expected);
}

/** Numbers are exact decimals in their one spelling: a float would show here. */
function undecimal(row: object, fields: readonly string[]): Differences {
  const values: Readonly<Record<string, unknown>> = { ...row };
  return fields.flatMap((field) => {
    const value = values[field];
    const isRight = value === undefined || (typeof value === "string" && parseDecimal(value) === value);
    return isRight ? [] : [`${field} is ${typeof value} ${String(value)}; expected a canonical decimal`];
  });
}

function isNear(found: Decimal, expected: Decimal | null, digits: number): boolean {
  if (expected === null) return false;
  const unit: Exact = unitOf(Math.min(digits, 30));
  return magnitude(exact(found) - exact(expected)) <= unit;
}

function digitsOf(number: Decimal): number {
  const point = number.indexOf(".");
  return point < 0 ? 0 : number.length - point - 1;
}

function isZeroText(number: Decimal): boolean {
  return exact(number) === 0n;
}

function describe({ tradeId, instrument, side, qty, price }: ModelFill): string {
  return `${tradeId} (${side} ${qty} ${instrument} at ${price})`;
}
