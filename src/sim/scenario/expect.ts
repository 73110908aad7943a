// Expectations against how it ended: subsets, decimals compared as numbers, prices to one part in 10^8.
import {
  abs,
  compare,
  type Decimal,
  decimal,
  isChange,
  isZero,
  type JournalRecord,
  multiply,
  parseDecimal,
  type Summary,
  subtract,
} from "../../core/index.ts";
import type { Final, Row } from "./final.ts";
import type { Scenario } from "./schema.ts";

export interface Failure {
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

export interface Ending {
  readonly final: Final;
  /** Records after the seeding. */
  readonly records: readonly JournalRecord[];
  readonly lastSummaries: readonly Summary[];
  /** Orders that reached the venue. */
  readonly submitted: number;
  /** Whose prices the feed told at the end. */
  readonly followed: readonly string[];
  /** Whether a read proved that the last kill which was to close everything did. */
  readonly isFlattened: boolean;
}

const PRICE_TOLERANCE = decimal("0.00000001");

export function failuresOf(expected: Scenario["expect"], ending: Ending): Failure[] {
  const { final, records } = ending;
  const failures: Failure[] = [];
  const fail = (path: string, wanted: unknown, actual: unknown) =>
    failures.push({ path, expected: wanted, actual });
  if (expected.positions) checkPositions(expected.positions, final.positions, fail);
  checkRows("orders", expected.orders, final.orders, orderKey, fail);
  checkRows("balances", expected.balances, final.balances, (row) => String(row.asset), fail);
  checkAny("fills", expected.fills, final.fills, fail);
  checkAny("history", expected.history, final.history, fail);
  checkAny("discrepancies", expected.discrepancies, final.discrepancies, fail);
  for (const mirror of expected.mirrors ?? []) {
    const actual = final.mirrors.find(({ name }) => name === mirror.name)?.rows ?? [];
    for (const [index, row] of mirror.rows.entries()) {
      checkHeld(`mirrors.${mirror.name}[${index}]`, row, actual, fail);
    }
  }
  if (expected.changes !== undefined) {
    const changes = records.filter(isChange);
    if (changes.length !== expected.changes) {
      fail("changes", expected.changes, { count: changes.length, kinds: changes.map(({ kind }) => kind) });
    }
  }
  checkSummary(expected.summary, ending.lastSummaries, fail);
  if (expected.gate !== undefined && final.gate !== expected.gate) fail("gate", expected.gate, final.gate);
  const raised = records.flatMap((record) =>
    record.kind === "alert_raised" ? [record.payload.kind as string] : [],
  );
  for (const kind of expected.alerts ?? []) if (!raised.includes(kind)) fail("alerts", kind, raised);
  if (expected.submitted !== undefined && expected.submitted !== ending.submitted) {
    fail("submitted", expected.submitted, ending.submitted);
  }
  if (expected.exits) checkExits(expected.exits, final.exits, fail);
  const { feed, flattened } = expected;
  if (feed !== undefined && feed.toSorted().join() !== ending.followed.toSorted().join()) {
    fail("feed", feed, ending.followed);
  }
  if (flattened !== undefined && flattened !== ending.isFlattened) {
    fail("flattened", flattened, ending.isFlattened);
  }
  return failures;
}

type Fail = (path: string, expected: unknown, actual: unknown) => void;

/** Exact in its rows: what is held and not named is a failure. */
function checkPositions(expected: readonly Row[], actual: readonly Row[], fail: Fail): void {
  for (const [index, row] of expected.entries()) checkHeld(`positions[${index}]`, row, actual, fail);
  for (const row of actual) {
    const isNamed = expected.some((one) => isSamePlace(one, row));
    if (!isNamed) fail("positions", "no other position", row);
  }
}

/** Exact in its rows, as positions are: an exit that is armed and not named is a failure. */
function checkExits(expected: readonly Row[], actual: readonly Row[], fail: Fail): void {
  const isSame = (one: Row, row: Row) =>
    isSamePlace(one, row) && (one.strategy === undefined || one.strategy === row.strategy);
  for (const [index, row] of expected.entries()) {
    const found = actual.find((one) => isSame(row, one));
    if (found) compareFields(`exits[${index}]`, row, found, fail);
    else fail(`exits[${index}]`, row, "absent");
  }
  for (const row of actual) {
    if (!expected.some((one) => isSame(one, row))) fail("exits", "no other exit", row);
  }
}

/** A row by instrument and leg; quantity 0 is met by a flat or an absent one. */
function checkHeld(path: string, expected: Row, actual: readonly Row[], fail: Fail): void {
  const found = actual.find((row) => isSamePlace(expected, row));
  const qty = parseDecimal(String(expected.qty ?? ""));
  if (!found) {
    if (qty === undefined || !isZero(qty)) fail(path, expected, "absent");
    return;
  }
  const lot = lotOf(expected, found);
  compareFields(path, expected, lot ?? found, fail);
}

/** A row that names one of several strategies is about its lot. */
function lotOf(expected: Row, actual: Row): Row | undefined {
  const { strategy } = expected;
  if (strategy === undefined || strategy === actual.strategy) return undefined;
  const lots = (actual.lots ?? []) as readonly Row[];
  const lot = lots.find((one) => one.strategy === strategy);
  return lot && { ...actual, ...lot };
}

function isSamePlace(expected: Row, actual: Row): boolean {
  if (expected.instrument !== actual.instrument) return false;
  return expected.leg === undefined || expected.leg === actual.leg;
}

function orderKey(row: Row): string {
  return String(row.clientOrderId ?? row.venueOrderId ?? "");
}

function checkRows(
  name: string,
  expected: readonly Row[] | undefined,
  actual: readonly Row[],
  keyOf: (row: Row) => string,
  fail: Fail,
): void {
  for (const [index, row] of (expected ?? []).entries()) {
    const ids = ["clientOrderId", "venueOrderId", "asset"].filter((field) => row[field] !== undefined);
    const found = actual.find((one) => ids.some((field) => one[field] === row[field]));
    if (found) compareFields(`${name}[${index}]`, row, found, fail);
    else fail(`${name}[${index}]`, row, `no row ${keyOf(row)}`);
  }
}

/** Rows without a key of their own: some row must have all the fields named. */
function checkAny(
  name: string,
  expected: readonly Row[] | undefined,
  actual: readonly Row[],
  fail: Fail,
): void {
  for (const [index, row] of (expected ?? []).entries()) {
    const isMet = actual.some((one) =>
      Object.entries(row).every(([field, value]) => isMatch(field, value, one[field])),
    );
    if (!isMet) fail(`${name}[${index}]`, row, actual);
  }
}

function checkSummary(expected: Scenario["expect"]["summary"], actual: readonly Summary[], fail: Fail): void {
  const all = expected === undefined ? [] : Array.isArray(expected) ? expected : [expected];
  for (const { of = "book", ...counts } of all) {
    const found = actual.find((one) => one.of === of) as unknown as Row | undefined;
    if (found) compareFields(`summary.${String(of)}`, counts, found, fail);
    else fail(`summary.${String(of)}`, counts, "no such comparison");
  }
}

function compareFields(path: string, expected: Row, actual: Row, fail: Fail): void {
  for (const [field, value] of Object.entries(expected)) {
    if (!isMatch(field, value, actual[field])) fail(`${path}.${field}`, value, actual[field]);
  }
}

function isMatch(field: string, expected: unknown, actual: unknown): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) && expected.every((one) => actual.some((other) => isMatch(field, one, other)))
    );
  }
  if (expected !== null && typeof expected === "object") {
    if (actual === null || typeof actual !== "object") return false;
    return Object.entries(expected).every(([name, value]) => isMatch(name, value, (actual as Row)[name]));
  }
  const a = numberOf(expected);
  const b = numberOf(actual);
  if (a === undefined || b === undefined) return (expected ?? null) === (actual ?? null);
  return /price/i.test(field) ? isClose(a, b) : a === b;
}

function numberOf(value: unknown): Decimal | undefined {
  return typeof value === "string" || typeof value === "number" ? parseDecimal(String(value)) : undefined;
}

function isClose(a: Decimal, b: Decimal): boolean {
  return compare(abs(subtract(a, b)), multiply(PRICE_TOLERANCE, abs(a))) <= 0;
}
