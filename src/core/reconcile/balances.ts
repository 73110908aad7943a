// The book's balances against the venue's. What moved a balance is in the journal (fills, fees, funding,
// transfers); only what nothing explains and exceeds the asset's tolerance is a mismatch. Below it nothing is
// written, so that a slow leak adds up and is found.
import { balanceTotal, WAITING_MS_MAX } from "../book/balances.ts";
import type { Balance, WaitingMoney } from "../book/book.ts";
import {
  abs,
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  isZero,
  max,
  sign,
  subtract,
  sum,
  ZERO,
} from "../decimal.ts";
import { deduplicate, unionByKey } from "../diff.ts";
import { BOOK, type ExplanationPart, slotOf } from "../discrepancy.ts";
import { type BalanceRow, isComplete } from "../facts.ts";
import { deriveId } from "../hash.ts";
import { isCash, payoffOf, pricedIn } from "../instrument.ts";
import { type BalanceAdjustment, type Draft, draft } from "../records.ts";
import { EMPTY_TALLY, Tallier } from "../summary.ts";
import { isUsable, type Outcome, type PassContext } from "./context.ts";
import { repaired } from "./repair.ts";
import type { Awaited } from "./settle.ts";
import { closeDiscrepancy, openIn, type Sighted, sight } from "./sight.ts";
import { elapsedMs } from "./steady.ts";

/** Assets that are no cash are compared to this much of cash, at the last price. */
const VALUE_TOLERANCE = decimal("0.01");

export interface BalancesOutcome extends Outcome {
  /** Differences that nothing has explained yet, for the next pass. */
  readonly awaited: ReadonlyMap<string, Awaited>;
}

export function reconcileBalances(context: PassContext): BalancesOutcome {
  const section = context.observation.balances;
  if (!section)
    return { drafts: [], tally: EMPTY_TALLY, sighted: [], awaited: context.awaitedMoney ?? new Map() };
  const awaited = new Map(isUsable(section.quality) ? [] : context.awaitedMoney);
  const tallier = new Tallier();
  const drafts: Draft[] = [];
  const sighted: Sighted[] = [];
  const local = new Map([...context.book.balances].filter(([, balance]) => balance.anchorTotal !== null));
  const { rows, duplicates, suspects } = deduplicate(
    isUsable(section.quality) ? section.rows : [],
    (row) => row.asset,
    (a, b) => a.total === b.total && a.free === b.free,
    () => undefined,
  );
  const see = (
    asset: string,
    localQty: Decimal | null,
    venueQty: Decimal | null,
    refusal: Refusal | null,
    before?: Awaited,
  ) => {
    const subject = { type: "balance", asset } as const;
    const seen = sight(
      context.book,
      { of: BOOK, kind: "balance_mismatch", subject, localQty, venueQty, refusal, awaited: before },
      context,
      context.causeId,
    );
    drafts.push(...seen.drafts);
    sighted.push(seen);
    return seen;
  };
  for (const { key, rows: group } of suspects) {
    const known = local.get(key);
    const detail = `the venue lists ${key} ${group.length} times with different totals`;
    see(key, known ? balanceTotal(known) : null, group[0]?.total ?? null, {
      code: "contradictory_rows",
      detail,
    });
    for (const _ of group) tallier.onlyVenue("refused");
    if (known) tallier.onlyLocal("refused");
    local.delete(key);
  }
  const localRows =
    local.size + suspects.filter(({ key }) => context.book.balances.get(key)?.anchorTotal != null).length;
  for (const { key: asset, local: balance, venue: row } of unionByKey<Balance, BalanceRow>(local, rows)) {
    if (!row) {
      if (balance) tallier.onlyLocal(absent(context, balance, section.quality === "complete", see));
      continue;
    }
    if (!balance) {
      // The first time that the venue reports an asset is not a difference, it is the beginning. Not while it
      // moves: nobody knows then what the total has.
      const isMovingNow = isMoving(context, asset);
      if (!isMovingNow) drafts.push(anchor(context, row, null, null));
      tallier.onlyVenue(isMovingNow ? "inFlight" : "added");
      continue;
    }
    const total = balanceTotal(balance);
    const tolerance = toleranceOf(context, asset);
    const isWithin = compare(abs(subtract(row.total, total)), tolerance) <= 0;
    if (isWithin) {
      tallier.both("verified");
      // What waits may be less than the tolerance: to the last unit, or it is dropped here and missed once that is smaller.
      const isExplained =
        !isMoving(context, asset) && explained(context, balance, row, { total, tolerance: ZERO }, drafts);
      if (!isExplained && (isFreeChanged(context, balance, row) || isOver(context, balance)))
        drafts.push(anchor(context, { ...row, total }, total, null));
    } else if (isMoving(context, asset)) tallier.both("inFlight");
    else if (explained(context, balance, row, { total, tolerance }, drafts)) tallier.both("verified");
    else {
      const before = context.awaitedMoney?.get(asset);
      const isSame = before?.localQty === total && before.venueQty === row.total;
      // One that changes all the time is not waited for anew each time.
      const sinceMs = before?.sinceMs ?? context.nowMs;
      if (mayBeTold(context, asset, sinceMs)) {
        awaited.set(asset, { localQty: total, venueQty: row.total, sinceMs });
        tallier.both("inFlight");
        continue;
      }
      const seen = see(asset, total, row.total, null, isSame ? before : undefined);
      // What would explain it may be told and not have been read: nothing is made up before that is.
      const mayRepair = seen.mayRepair && context.capabilities.heals && isHistoryRead(context);
      tallier.both(mayRepair ? "corrected" : "watched");
      if (!mayRepair) continue;
      drafts.push(...repair(context, seen, row, total));
    }
  }
  for (const count of duplicates.values()) for (let n = 0; n < count; n += 1) tallier.onlyVenue("duplicate");
  const usableRows = isUsable(section.quality) ? 0 : section.rows.length;
  for (let n = 0; n < usableRows; n += 1) tallier.onlyVenue("watched");
  return { drafts, tally: tallier.finish(localRows, section.rows.length), sighted, awaited };
}

interface Refusal {
  readonly code: string;
  readonly detail: string;
}

/** An asset that a complete read leaves out: absence is not zero here either. */
function absent(
  context: PassContext,
  balance: Balance,
  isComplete: boolean,
  see: (asset: string, local: Decimal | null, venue: Decimal | null, refusal: Refusal | null) => Sighted,
): "verified" | "unavailable" | "refused" | "inFlight" {
  const total = balanceTotal(balance);
  if (compare(abs(total), toleranceOf(context, balance.asset)) <= 0) return "verified";
  if (!isComplete) return "unavailable";
  if (isMoving(context, balance.asset)) return "inFlight";
  const detail = `the balances read leaves ${balance.asset} out; that is not a witness that it is zero`;
  see(balance.asset, total, null, { code: "unwitnessed", detail });
  return "refused";
}

/** Whether ledger entries that wait are exactly the difference: then this total has them, and nothing is amiss. */
function explained(
  context: PassContext,
  balance: Balance,
  row: BalanceRow,
  { total, tolerance }: { readonly total: Decimal; readonly tolerance: Decimal },
  drafts: Draft[],
): boolean {
  const { asset } = balance;
  const entries = waitingFor(context, balance, subtract(row.total, total), tolerance);
  const [first] = entries;
  if (!first) return false;
  const after = add(total, sum(entries.map(({ delta }) => delta)));
  const confirms = entries.map(({ id }) => id);
  drafts.push(anchor(context, { ...row, total: after }, total, first.cause, confirms));
  const open = openIn(context.book, slotOf(BOOK, "balance_mismatch", { type: "balance", asset }));
  if (!open) return true;
  const parts = entries.map(
    ({ cause, delta, id }): ExplanationPart => ({ cause, qty: delta, evidence: [id], confidence: "likely" }),
  );
  const explanation = { parts, unexplained: ZERO };
  const closing = { ...open, cause: first.cause, explanation };
  drafts.push(closeDiscrepancy(closing, "explained", context.nowMs, context.causeId));
  return true;
}

/** Whether something waits that this total has for certain: as it agrees, the one before had it too. */
function isOver(context: PassContext, balance: Balance): boolean {
  if (isMoving(context, balance.asset)) return false;
  const sinceMs = context.observation.startedAtMs - context.capabilities.readAfterFillLagMs;
  return balance.waiting.some(({ hasByMs }) => hasByMs !== null && hasByMs < sinceMs);
}

/** How many entries that wait are tried; more are not told between two passes. */
const WAITING_MAX = 200;

/** Entries that wait and add up to the difference: a run of them in venue order, the longest there is. */
function waitingFor(
  context: PassContext,
  balance: Balance,
  difference: Decimal,
  tolerance: Decimal,
): readonly WaitingMoney[] {
  if (isZero(difference)) return [];
  const waiting = balance.waiting
    .filter(({ sinceMs }) => context.nowMs - sinceMs <= WAITING_MS_MAX)
    .sort((a, b) => a.timestamp - b.timestamp)
    .slice(-WAITING_MAX);
  let longest: readonly WaitingMoney[] = [];
  for (const from of waiting.keys()) {
    let rest = difference;
    for (let to = from; to < waiting.length; to += 1) {
      rest = subtract(rest, waiting[to]?.delta ?? ZERO);
      const isIt = compare(abs(rest), tolerance) <= 0 && to - from >= longest.length;
      if (isIt) longest = waiting.slice(from, to + 1);
    }
  }
  return longest;
}

function repair(context: PassContext, seen: Sighted, row: BalanceRow, total: Decimal): Draft[] {
  const { discrepancy } = seen;
  return [
    anchor(context, row, total, "unexplained"),
    ...repaired(context, discrepancy, {
      action: "balance",
      before: { total },
      after: { total: row.total },
      cause: "unexplained",
    }),
  ];
}

function anchor(
  context: PassContext,
  row: BalanceRow,
  before: Decimal | null,
  cause: BalanceAdjustment["cause"],
  confirms?: readonly string[],
): Draft {
  const { book, observation, capabilities, causeId } = context;
  const { startedAtMs, finishedAtMs } = observation;
  const payload: BalanceAdjustment = {
    subject: "balance",
    adjustmentId: deriveId("adj", [book.account, "balance", row.asset, before, row.total, book.seq]),
    asset: row.asset,
    totalBefore: before,
    totalAfter: row.total,
    freeAfter: row.free ?? book.balances.get(row.asset)?.free ?? null,
    asOfMs: startedAtMs,
    unsure: { fromMs: startedAtMs - capabilities.readAfterFillLagMs, toMs: finishedAtMs },
    isWitnessed: true,
    cause,
    ...(confirms && { confirms }),
  };
  return draft("adjustment_inferred", payload, causeId);
}

/** What is locked in orders changes all the time and is no difference; it is only kept up to date. */
function isFreeChanged(context: PassContext, balance: Balance, row: BalanceRow): boolean {
  if (row.free === undefined || context.policy.observe || isMoving(context, balance.asset)) return false;
  if (balance.free === null) return true;
  return compare(abs(subtract(row.free, balance.free)), toleranceOf(context, balance.asset)) > 0;
}

function isMoving(context: PassContext, asset: string): boolean {
  const { observation, capabilities, book } = context;
  // Whatever moved it so late that this read may lack it: a fee in an asset of its own, funding.
  const sinceMs = observation.startedAtMs - capabilities.readAfterFillLagMs;
  if (book.balances.get(asset)?.moves.some(({ timestamp }) => timestamp > sinceMs)) return true;
  for (const symbol of context.inFlight) {
    const instrument = context.book.instruments.get(symbol);
    if (instrument && (instrument.quote === asset || instrument.base === asset)) return true;
  }
  return false;
}

/**
 * What moved money is often told a moment after the total has it: a difference that has only just been seen is in flight until
 * the grace is over (R3). It is settled by then no later than one that is compared at once; and one that is told stays told.
 */
function mayBeTold(context: PassContext, asset: string, sinceMs: number): boolean {
  const { book, policy, nowMs, steady, isForced, word } = context;
  const slot = slotOf(BOOK, "balance_mismatch", { type: "balance", asset });
  if (isForced || word || openIn(book, slot) !== undefined || !isHistoryRead(context)) return false;
  return elapsedMs(sinceMs, nowMs, steady) < policy.graceMs;
}

/** Whether all was read that could tell what moved money, as far as the account has it. */
function isHistoryRead({ observation: { fills, ledger } }: PassContext): boolean {
  return [fills, ledger].every((section) => section === undefined || isComplete(section));
}

/** In units of the asset. */
function toleranceOf(context: PassContext, asset: string): Decimal {
  const { policy, book, lastPrices } = context;
  const own = policy.balanceTolerances[asset];
  if (own !== undefined) return own;
  if (isCash(asset)) return policy.balanceTolerance;
  const instruments = [...book.instruments.values()];
  const bought = instruments.filter(({ base }) => base === asset);
  const step = bought.reduce<Decimal>((largest, { qtyStep }) => max(largest, qtyStep), decimal("0"));
  // The coin that an inverse contract pays in is worth the contract's price.
  const paidIn = instruments.filter((one) => one.quote === asset && payoffOf(one) === "inverse");
  for (const instrument of [...bought, ...paidIn]) {
    const price = lastPrices.get(instrument.symbol);
    const currency = pricedIn(instrument);
    if (price !== undefined && sign(price) > 0 && currency !== null && isCash(currency))
      return divide(VALUE_TOLERANCE, price);
  }
  return isZero(step) ? decimal("0.000000001") : step;
}
