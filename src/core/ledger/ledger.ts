// The ledger of one position key: its entries in venue order, and what follows from them: quantity, cost, lots
// and lives. An entry at the end costs one step; one that belongs earlier folds again from the last moment at
// which the position was flat. It knows nothing of orders, discrepancies or copies.
import { abs, add, type Decimal, isZero, subtract, ZERO } from "../decimal.ts";
import { compareEntries, type Entry } from "./entry.ts";
import { averagePrice, EMPTY, type Holding, trade } from "./holding.ts";
import { addClosed, addOpened, beginLife, directionOf, type Life } from "./life.ts";
import { isOneOwner, type Lots, lotsOfOne, NO_LOTS, reattribute, tradeLots } from "./lots.ts";
import { followFact, placeAmong, type Reattribution } from "./reattribution.ts";
import { holdingAfter, isSplit, splitLots } from "./split.ts";
import { type Terms, worthOf } from "./worth.ts";

export interface Ledger {
  terms: Terms;
  readonly entries: Entry[];
  /** What people said of its lots, in the order of their places. */
  readonly reattributions: Reattribution[];
  readonly lives: Life[];
  holding: Holding;
  lots: Lots;
  /** Realised result of all lives; an unknown one counts as nothing. */
  realizedPnl: Decimal;
  /** What each entry realised, by its index; nothing where it is not known. */
  readonly realized: Decimal[];
  /** The average of the holding that it was last worked out for: a pass asks for all of them, few have changed. */
  average: { readonly of: Holding; readonly price: Decimal | null };
  /** Index of the first life that changed since the views were last written. */
  changedFrom: number;
}

export function emptyLedger(terms: Terms): Ledger {
  return {
    terms,
    entries: [],
    reattributions: [],
    lives: [],
    holding: EMPTY,
    lots: NO_LOTS,
    realizedPnl: ZERO,
    realized: [],
    average: { of: EMPTY, price: null },
    changedFrom: 0,
  };
}

/** By how much what one entry realised has changed. */
export interface RealizedChange {
  readonly entry: Entry;
  readonly delta: Decimal;
}

/** Tells what it realised, and of which later entries the result has changed with it. */
export function insertEntry(ledger: Ledger, entry: Entry): readonly RealizedChange[] {
  const index = placeOf(ledger.entries, entry);
  ledger.entries.splice(index, 0, entry);
  ledger.realized.splice(index, 0, ZERO);
  const isLast = index === ledger.entries.length - 1;
  if (!isLast || isBeforeReattribution(ledger, entry)) return foldAgain(ledger, index);
  foldEntry(ledger, entry, index);
  return changeOf(entry, ZERO, ledger.realized[index]);
}

/** Takes an entry out, if it is there; tells whose results have changed by that. */
export function removeEntry(ledger: Ledger, id: string): readonly RealizedChange[] {
  const index = ledger.entries.findLastIndex((entry) => entry.id === id);
  const [entry] = index < 0 ? [] : ledger.entries.splice(index, 1);
  if (!entry) return [];
  const [realized] = ledger.realized.splice(index, 1);
  return [...changeOf(entry, realized, ZERO), ...foldAgain(ledger, index)];
}

/** Has part of a lot be another strategy's from its place on. */
export function addReattribution(ledger: Ledger, one: Reattribution): void {
  placeAmong(ledger.reattributions, one);
  foldAgain(ledger, firstAfter(ledger, one.timestamp));
}

/** A fact took the place of an estimate: what was said of the estimate holds for the fact. */
export function followReplacement(ledger: Ledger, estimateMs: number, by: string): void {
  const fact = findEntry(ledger, by);
  if (fact && followFact(ledger.reattributions, estimateMs, fact.timestamp)) {
    foldAgain(ledger, firstAfter(ledger, estimateMs));
  }
}

/** Index of the first entry behind what is said at this time. */
function firstAfter({ entries }: Ledger, timestamp: number): number {
  const index = entries.findIndex((entry) => entry.source !== "opening" && entry.timestamp > timestamp);
  return index < 0 ? entries.length : index;
}

function isBeforeReattribution({ reattributions }: Ledger, { source, timestamp }: Entry): boolean {
  const last = reattributions.at(-1);
  return last !== undefined && (source === "opening" || last.timestamp >= timestamp);
}

function changeOf(entry: Entry, before = ZERO, after = ZERO): readonly RealizedChange[] {
  return before === after ? [] : [{ entry, delta: subtract(after, before) }];
}

/** Other terms: all costs and results are worked out again. */
export function setTerms(ledger: Ledger, terms: Terms): void {
  ledger.terms = terms;
  // The holding may stay as it is, and its price be another.
  ledger.average = { of: EMPTY, price: null };
  foldAgain(ledger, 0);
}

export function findEntry(ledger: Ledger, id: string): Entry | undefined {
  return ledger.entries.findLast((entry) => entry.id === id);
}

/** The life that an entry belongs to; for a flip the one that it opens. */
export function lifeOfEntry(ledger: Ledger, id: string): Life | undefined {
  const index = ledger.entries.findLastIndex((entry) => entry.id === id);
  return index < 0 ? undefined : ledger.lives.findLast((life) => life.firstIndex <= index);
}

/** Average price of what is held; null when flat or not known. */
export function entryPriceOf(ledger: Ledger): Decimal | null {
  const { average, holding, terms } = ledger;
  if (average.of !== holding) ledger.average = { of: holding, price: averagePrice(holding, terms.payoff) };
  return ledger.average.price;
}

/** The life that is going on; undefined when flat. */
export function currentLife(ledger: Ledger): Life | undefined {
  const last = ledger.lives.at(-1);
  return last?.closedAt === null ? last : undefined;
}

function placeOf(entries: readonly Entry[], entry: Entry): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = entries[middle];
    if (other !== undefined && compareEntries(other, entry) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Folds again from the last life that began from flat before `index`. */
function foldAgain(ledger: Ledger, index: number): readonly RealizedChange[] {
  const keep = ledger.lives.findLastIndex((life) => life.lotsBefore !== null && life.firstIndex < index);
  const from = keep < 0 ? undefined : ledger.lives[keep];
  const start = from?.firstIndex ?? 0;
  ledger.lives.length = Math.max(keep, 0);
  ledger.changedFrom = Math.min(ledger.changedFrom, ledger.lives.length);
  ledger.holding = EMPTY;
  ledger.lots = from?.lotsBefore ?? NO_LOTS;
  ledger.realizedPnl = ledger.lives.reduce<Decimal>(
    (total, life) => add(total, life.realizedPnl ?? ZERO),
    ZERO,
  );
  const changes: RealizedChange[] = [];
  let said = from ? firstSaid(ledger, start) : 0;
  for (let at = start; at < ledger.entries.length; at += 1) {
    const entry = ledger.entries[at];
    if (!entry) continue;
    if (entry.source !== "opening") said = foldSaid(ledger, said, entry.timestamp);
    const before = ledger.realized[at];
    foldEntry(ledger, entry, at);
    changes.push(...changeOf(entry, before, ledger.realized[at]));
  }
  foldSaid(ledger, said, Number.POSITIVE_INFINITY);
  return changes;
}

/** Index of the first reattribution that the lots before this entry are still without. */
function firstSaid({ entries, reattributions }: Ledger, index: number): number {
  const opener = entries[index];
  if (!opener || opener.source === "opening") return 0;
  const first = reattributions.findIndex(({ timestamp }) => timestamp >= opener.timestamp);
  return first < 0 ? reattributions.length : first;
}

/** Lets those count, from the `said`-th on, that are before this time; tells the index of the next. */
function foldSaid(ledger: Ledger, said: number, beforeMs: number): number {
  let at = said;
  for (; at < ledger.reattributions.length; at += 1) {
    const one = ledger.reattributions[at];
    if (!one || one.timestamp >= beforeMs) break;
    ledger.lots = reattribute(ledger.lots, one, isZero(ledger.holding.qty));
  }
  return at;
}

function foldEntry(ledger: Ledger, entry: Entry, index: number): void {
  ledger.realized[index] = ZERO;
  if (isZero(entry.qtyDelta)) return;
  ledger.changedFrom = Math.min(ledger.changedFrom, Math.max(0, ledger.lives.length - 1));
  if (isSplit(entry, ledger.holding)) {
    foldSplit(ledger, entry, index);
    return;
  }
  const worth = worthOf(entry, ledger.terms.payoff);
  const { after, opened, closed } = trade(ledger.holding, entry.qtyDelta, worth);
  const lotsBefore = ledger.lots;
  if (closed) {
    const life = currentLife(ledger);
    if (life) closePart(ledger, life, entry, index, closed, isZero(after.qty) || opened !== null);
  }
  if (opened) {
    let life = currentLife(ledger);
    if (!life) {
      life = beginLife(entry, index, directionOf(after.qty), lotsBefore, closed !== null);
      ledger.lives.push(life);
    }
    addOpened(life, opened, after.qty);
    touch(life, entry, index);
  }
  const isFlip = closed !== null && opened !== null;
  ledger.lots =
    !isFlip && isOneOwner(lotsBefore, entry.strategy, ledger.holding)
      ? lotsOfOne(entry.strategy, after)
      : tradeLots(lotsBefore, entry.strategy, entry.qtyDelta, worth, isZero(after.qty));
  ledger.holding = after;
}

function foldSplit(ledger: Ledger, entry: Entry, index: number): void {
  const before = ledger.holding.qty;
  ledger.holding = holdingAfter(ledger.holding, entry, ledger.terms.payoff);
  ledger.lots = splitLots(ledger.lots, before, ledger.holding.qty);
  const life = currentLife(ledger);
  if (!life) return;
  const grown = subtract(abs(ledger.holding.qty), abs(before));
  addOpened(life, { qty: grown, value: ZERO }, ledger.holding.qty);
  touch(life, entry, index);
}

function closePart(
  ledger: Ledger,
  life: Life,
  entry: Entry,
  index: number,
  closed: NonNullable<ReturnType<typeof trade>["closed"]>,
  isEnd: boolean,
): void {
  const before = life.realizedPnl ?? ZERO;
  ledger.realized[index] = addClosed(life, closed, ledger.terms) ?? ZERO;
  ledger.realizedPnl = add(ledger.realizedPnl, subtract(life.realizedPnl ?? ZERO, before));
  touch(life, entry, index);
  if (!isEnd) return;
  life.closedAt = entry.timestamp;
  life.closeCause = entry.cause;
}

function touch(life: Life, entry: Entry, index: number): void {
  life.lastIndex = index;
  if (entry.isEstimate || entry.source === "opening") life.isEstimate = true;
}

/** Has the views of a life written again, whatever it is that changed about it. */
export function markChanged(ledger: Ledger, life: Life): void {
  ledger.changedFrom = Math.min(ledger.changedFrom, ledger.lives.indexOf(life));
}
