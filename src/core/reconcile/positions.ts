// The book's positions against the venue's: which agree, which are in flight, which differ, and the estimates
// that bring the book to the venue's quantity where nothing explains the difference.
import { positionQty, positionView } from "../book/positions.ts";
import { abs, add, compare, type Decimal, isZero, multiply, sign, subtract, ZERO } from "../decimal.ts";
import { byKey } from "../diff.ts";
import { BOOK, type Discrepancy, type Explanation, type Subject } from "../discrepancy.ts";
import { isComplete, type PositionRow } from "../facts.ts";
import { payoffOf } from "../instrument.ts";
import { type PositionKey, splitPositionKey } from "../keys.ts";
import { entryPriceOf, type Ledger } from "../ledger/ledger.ts";
import type { Draft } from "../records.ts";
import { EMPTY_TALLY, Tallier } from "../summary.ts";
import type { DiscrepancyKind, Quality } from "../words.ts";
import { adjustTo } from "./adjust.ts";
import { instrumentIn, isUsable, type Outcome, type PassContext } from "./context.ts";
import { isVenueQty } from "./equal-qty.ts";
import { type PositionPair, positionPairs, positionRows } from "./position-rows.ts";
import type { PriceEvidence } from "./price.ts";
import { repaired } from "./repair.ts";
import { shownBefore } from "./shown-before.ts";
import { closeDiscrepancy, type Sighted, sight } from "./sight.ts";
import { givingWay, nettedOut } from "./told-after.ts";
import type { AbsenceVerdict } from "./witness.ts";
import { declared } from "./word.ts";

/** Keys that the book holds, or a row showed, and the read leaves out; not those in flight, nor dust. */
export function absentKeys(context: PassContext): PositionKey[] {
  return leftOutKeys(context).filter((key) => !context.inFlight.has(splitPositionKey(key).instrument));
}

/** The same with those in flight: nothing closes these, but a list that leaves out many is as doubtful. */
export function leftOutKeys(context: PassContext): PositionKey[] {
  const absent: PositionKey[] = [];
  for (const { key, ledger, row } of positionPairs(context)) {
    if (row || !ledger || isZero(ledger.holding.qty)) continue;
    const { instrument } = splitPositionKey(key);
    const isDust = compare(abs(ledger.holding.qty), instrumentIn(context.book, instrument).qtyStep) < 0;
    if (!isDust) absent.push(key);
  }
  return [...absent, ...shownBefore(context).keys()];
}

/** The row of a key that this read may be believed; undefined where there is none, or several that differ. */
export function listedRow(context: PassContext, key: PositionKey): PositionRow | undefined {
  const section = context.observation.positions;
  return section && isUsable(section.quality) ? positionRows(context).rows.get(key) : undefined;
}

/**
 * What the read suggests of a key, absence taken for zero. Never a proof (R1): it only chooses between two readings
 * of what the venue did report, and the comparison judges the result.
 */
export function suggestedQty(context: PassContext, key: PositionKey): Decimal | undefined {
  const row = listedRow(context, key);
  if (row) return row.qty;
  const isSuspect = positionRows(context).suspects.some((one) => one.key === key);
  const { absentRowMeansFlat } = context.capabilities;
  const mayMeanFlat = absentRowMeansFlat === "yes" || absentRowMeansFlat === "onlyIfScopeComplete";
  return isComplete(context.observation.positions) && mayMeanFlat && !isSuspect ? ZERO : undefined;
}

export function reconcilePositions(context: PassContext, absence: AbsenceVerdict): Outcome {
  const section = context.observation.positions;
  if (!section) return { drafts: [], tally: EMPTY_TALLY, sighted: [] };
  return new PositionComparison(context, absence, section.quality).run();
}

export function positionKindOf(localQty: Decimal, venueQty: Decimal): DiscrepancyKind {
  if (isZero(venueQty)) return "phantom_position";
  return isZero(localQty) ? "missing_position" : "position_mismatch";
}

/** One comparison at work: collects records, buckets and sightings. */
class PositionComparison {
  private readonly tallier = new Tallier();
  private readonly drafts: Draft[] = [];
  private readonly sighted: Sighted[] = [];
  private readonly context: PassContext;
  private readonly absence: AbsenceVerdict;
  private readonly quality: Quality;

  constructor(context: PassContext, absence: AbsenceVerdict, quality: Quality) {
    this.context = context;
    this.absence = absence;
    this.quality = quality;
  }

  run(): Outcome {
    const { book } = this.context;
    const { duplicates, suspects } = positionRows(this.context);
    let held = 0;
    for (const { key, rows } of suspects) {
      const qty = positionQty(book, key as PositionKey);
      if (!isZero(qty)) held += 1;
      this.contradictory(key as PositionKey, isZero(qty) ? undefined : qty, rows);
    }
    let verified = 0;
    const others: PositionPair[] = [];
    for (const pair of positionPairs(this.context)) {
      const { ledger, row } = pair;
      // Nearly every pair: nothing differs, so that nothing is to be said of it and no order matters.
      if (ledger && this.isVerified(pair, ledger)) verified += 1;
      else if (row || (ledger && !isZero(ledger.holding.qty))) others.push(pair);
    }
    held += verified;
    this.tallier.both("verified", verified);
    for (const { key, ledger, row } of others.sort(byKey)) {
      const isHeld = ledger !== undefined && !isZero(ledger.holding.qty);
      if (isHeld) held += 1;
      this.pair(key, isHeld ? ledger : undefined, row);
    }
    for (const [key, shown] of shownBefore(this.context)) this.leftOut(key, shown);
    this.netOut();
    for (const count of duplicates.values())
      for (let n = 0; n < count; n += 1) this.tallier.onlyVenue("duplicate");
    const venueRows = (this.context.observation.positions?.rows.length ?? 0) + this.lookedUpRows();
    const tally = this.tallier.finish(held, venueRows);
    return { drafts: this.drafts, tally, sighted: this.sighted };
  }

  private lookedUpRows(): number {
    return [...this.context.positionLookups.values()].filter(({ kind }) => kind === "row").length;
  }

  /** @param ledger Of a position that is held; undefined where the book holds nothing. */
  private pair(key: PositionKey, ledger: Ledger | undefined, row: PositionRow | undefined): void {
    const { instrument } = splitPositionKey(key);
    const localQty = ledger?.holding.qty;
    const step = instrumentIn(this.context.book, instrument).qtyStep;
    const local = localQty ?? ZERO;
    const venue = row?.qty ?? ZERO;
    const isEqual = isVenueQty(local, venue, step);
    if (!isUsable(this.quality) && !(row && isEqual)) {
      if (localQty !== undefined) this.tallier.onlyLocal("unavailable");
      if (row) this.tallier.onlyVenue("watched");
    } else if (isEqual) this.equal(key, ledger, row);
    else if (this.context.inFlight.has(instrument)) this.bucket("inFlight", localQty, row);
    else if (row === undefined) this.absent(key, local);
    else this.differs(key, local, row);
  }

  private equal(key: PositionKey, ledger: Ledger | undefined, row: PositionRow | undefined): void {
    if (ledger === undefined) this.tallier.onlyVenue("flat");
    else if (row === undefined) this.tallier.onlyLocal("verified");
    else {
      this.tallier.both("verified");
      this.flagEntryPrice(key, ledger, row);
    }
  }

  /** Held here, left out there. */
  private absent(key: PositionKey, local: Decimal): void {
    const witness = this.absence.witnesses.get(key);
    if (witness === undefined && this.quality !== "complete") {
      this.tallier.onlyLocal("unavailable");
      return;
    }
    const refusal = witness === undefined ? { code: "unwitnessed", detail: this.absence.missing } : null;
    const isRepaired = this.repair(key, local, ZERO, undefined, refusal, witness);
    const { stage } = this.last();
    this.tallier.onlyLocal(isRepaired ? "closed" : stage === "refused" ? "refused" : "watched");
  }

  /** Held by neither now, but a row showed it before: without a witness that is no agreement. */
  private leftOut(key: PositionKey, { venueQty }: Discrepancy): void {
    const { instrument, leg } = splitPositionKey(key);
    const isMoving = this.context.inFlight.has(instrument);
    if (isMoving || this.quality !== "complete" || this.absence.witnesses.has(key)) return;
    const detail = `the venue listed ${venueQty} of it and leaves it out now; ${this.absence.missing}. If you see at the venue that it is flat: trueup gate --set open --instrument ${instrument}`;
    const local = positionQty(this.context.book, key);
    this.see("missing_position", { type: "position", instrument, leg }, local, venueQty, {
      refusal: { code: "unwitnessed", detail },
    });
  }

  private differs(key: PositionKey, local: Decimal, row: PositionRow): void {
    const isRepaired = this.repair(key, local, row.qty, row, null, "row");
    if (isZero(row.qty)) {
      this.tallier.onlyLocal(isRepaired ? "closed" : "watched");
      this.tallier.onlyVenue("flat");
    } else if (isZero(local)) this.tallier.onlyVenue(isRepaired ? "added" : "watched");
    else this.tallier.both(isRepaired ? "corrected" : "watched");
  }

  private repair(
    key: PositionKey,
    localQty: Decimal,
    venueQty: Decimal,
    row: PositionRow | undefined,
    refusal: { code: string; detail: string } | null,
    witness: string | undefined,
  ): boolean {
    const { context } = this;
    const kind = positionKindOf(localQty, venueQty);
    const explanation = explain(context, key, subtract(venueQty, localQty));
    const seen = this.see(kind, { type: "position", ...splitPositionKey(key) }, localQty, venueQty, {
      refusal,
      explanation,
      witness: isZero(venueQty) ? (witness ?? null) : null,
      remark: witness === "person" ? declared(this.absence.missing) : null,
    });
    if (!seen.mayRepair || !context.capabilities.heals || context.unexplored?.has(key)) return false;
    const change = subtract(venueQty, localQty);
    const given = givingWay(context, key, change);
    // What has not been read may be the difference just as well: that is for a pass that can read it.
    if (given && !isHistoryTold(context)) return false;
    const records = [...(given?.drafts ?? [])];
    const startQty = add(localQty, given?.qtyDelta ?? ZERO);
    if (startQty !== venueQty) {
      const estimate = adjustTo(context.book, {
        key,
        localQty: startQty,
        venueQty,
        evidence: this.evidence(key, row),
        asOfMs: context.observation.startedAtMs,
        cause: "unexplained",
        causeId: seen.discrepancy.id,
      });
      records.push(...estimate);
    }
    const before = { qty: localQty, entryPrice: positionView(context.book, key)?.entryPrice ?? null };
    const facts = { action: "adjusted", before, after: { qty: venueQty }, cause: "unexplained" } as const;
    this.drafts.push(...records, ...repaired(context, seen.discrepancy, facts));
    return true;
  }

  /** Only where the venue's quantity is the book's, and where nothing that could be an estimate is still to be told. */
  private netOut(): void {
    const { context } = this;
    const { book, capabilities, inFlight, unexplored } = context;
    if (this.quality !== "complete" || !capabilities.heals || !isHistoryTold(context)) return;
    for (const { key, drafts } of nettedOut(context)) {
      const { instrument } = splitPositionKey(key);
      const { qtyStep } = instrumentIn(book, instrument);
      const venueQty = listedRow(context, key)?.qty ?? ZERO;
      const isSuspect = positionRows(context).suspects.some((one) => one.key === key);
      if (isSuspect || inFlight.has(instrument) || unexplored?.has(key)) continue;
      if (isVenueQty(positionQty(book, key), venueQty, qtyStep)) this.drafts.push(...drafts);
    }
  }

  private contradictory(
    key: PositionKey,
    localQty: Decimal | undefined,
    group: readonly PositionRow[],
  ): void {
    const quantities = group.map((row) => row.qty).join(", ");
    const detail = `the venue lists it ${group.length} times with different content (${quantities}) and nothing tells which is newer`;
    this.see(
      "position_mismatch",
      { type: "position", ...splitPositionKey(key) },
      localQty ?? ZERO,
      group[0]?.qty ?? null,
      {
        refusal: { code: "contradictory_rows", detail },
      },
    );
    if (localQty !== undefined) this.tallier.onlyLocal("refused");
    for (const _ of group) this.tallier.onlyVenue("refused");
  }

  private see(
    kind: DiscrepancyKind,
    subject: Subject,
    localQty: Decimal | null,
    venueQty: Decimal | null,
    more: {
      readonly refusal?: { code: string; detail: string } | null;
      readonly explanation?: Explanation | null;
      readonly witness?: string | null;
      readonly fields?: Record<string, { local: string | null; venue: string | null }>;
      readonly remark?: { code: string; detail: string } | null;
    },
  ): Sighted {
    const { context } = this;
    const seen = sight(
      context.book,
      { of: BOOK, kind, subject, localQty, venueQty, ...more },
      context,
      context.causeId,
    );
    this.drafts.push(...seen.drafts);
    this.sighted.push(seen);
    return seen;
  }

  /** Quantity agrees, cost basis does not: a flag that blocks nothing (R7). */
  private flagEntryPrice(key: PositionKey, ledger: Ledger, row: PositionRow): void {
    if (!this.hasOtherEntryPrice(ledger, row)) return;
    const entryPrice = { local: entryPriceOf(ledger), venue: row.entryPrice ?? null };
    const subject: Subject = { type: "position", ...splitPositionKey(key) };
    this.see("entry_price_mismatch", subject, ledger.holding.qty, row.qty, { fields: { entryPrice } });
  }

  /** Whether both hold the same at the same price; looked at again only when the book's side has changed. */
  private isVerified(pair: PositionPair, ledger: Ledger): boolean {
    const { holding } = ledger;
    if (pair.verified === holding) return true;
    const { row } = pair;
    if (!row || row.qty !== holding.qty || isZero(row.qty) || this.hasOtherEntryPrice(ledger, row))
      return false;
    pair.verified = holding;
    return true;
  }

  private hasOtherEntryPrice(ledger: Ledger, { entryPrice: venue }: PositionRow): boolean {
    const { capabilities, policy } = this.context;
    if (capabilities.entryPriceBasis !== "average" || venue === undefined || sign(venue) <= 0) return false;
    const local = entryPriceOf(ledger);
    if (local === null || local === venue) return false;
    const tolerance = multiply(policy.entryPriceToleranceRatio, venue);
    return compare(abs(subtract(local, venue)), tolerance) > 0;
  }

  private evidence(key: PositionKey, row: PositionRow | undefined): PriceEvidence {
    return priceEvidence(this.context, key, row);
  }

  private bucket(name: "inFlight", localQty: Decimal | undefined, row: PositionRow | undefined): void {
    if (localQty !== undefined && row) this.tallier.both(name);
    else if (row) this.tallier.onlyVenue(name);
    else this.tallier.onlyLocal(name);
  }

  private last(): Sighted["discrepancy"] {
    const last = this.sighted.at(-1);
    if (!last) throw new Error("a position was repaired without a discrepancy");
    return last.discrepancy;
  }
}

export function priceEvidence(
  context: PassContext,
  key: PositionKey,
  row: PositionRow | undefined,
): PriceEvidence {
  const { book, capabilities, lastPrices } = context;
  const { instrument } = splitPositionKey(key);
  const average = row?.entryPrice;
  return {
    localAverage: positionView(book, key)?.entryPrice ?? null,
    venueAverage: average !== undefined && sign(average) > 0 ? average : null,
    venueAverageScale: row?.entryPriceScale ?? null,
    lastPrice: lastPrices.get(instrument) ?? row?.lastPrice ?? null,
    isAverageBasis: capabilities.entryPriceBasis === "average",
    payoff: payoffOf(instrumentIn(book, instrument)),
  };
}

/** What the backfill found for this key, and what is left. */
function explain(context: PassContext, key: PositionKey, rest: Decimal): Explanation | null {
  const parts = context.news.get(key) ?? [];
  return parts.length === 0 ? null : { parts, unexplained: rest };
}

/** Whether this pass read all that the account has of fills and ledger entries. */
function isHistoryTold({ observation: { fills, ledger } }: PassContext): boolean {
  return (!fills || isComplete(fills)) && (!ledger || isComplete(ledger));
}

/**
 * Differences that were there before this pass's backfill and are gone after it: found, explained by what the
 * venue reported, and closed.
 */
export function explainedPositions(
  context: PassContext,
  isNews: boolean,
): Pick<Outcome, "drafts" | "sighted"> {
  const drafts: Draft[] = [];
  const sighted: Sighted[] = [];
  for (const [key, parts] of [...context.news].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const before = context.qtyBefore.get(key) ?? ZERO;
    const after = positionQty(context.book, key);
    const venueQty = suggestedQty(context, key);
    const subject: Subject = { type: "position", ...splitPositionKey(key) };
    if (venueQty === undefined || before === venueQty || after !== venueQty) continue;
    const kind = positionKindOf(before, venueQty);
    const seen = sight(
      context.book,
      {
        of: BOOK,
        kind,
        subject,
        localQty: before,
        venueQty,
        cause: parts[0]?.cause ?? null,
        explanation: { parts, unexplained: ZERO },
      },
      { ...context, isForced: true },
      context.causeId,
    );
    // Beside the bot, what its account did is news and not a difference, unless it was seen as one before.
    if (isNews && seen.isNew) continue;
    sighted.push(seen);
    drafts.push(
      ...seen.drafts,
      closeDiscrepancy(seen.discrepancy, "explained", context.nowMs, context.causeId),
    );
  }
  return { drafts, sighted };
}
