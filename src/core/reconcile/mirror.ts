// A bot's own store against the book (R12): which of its rows are true, which are phantoms, which are missing,
// and the changes that bring it in line. The book was brought to the venue before this; a row of the mirror is
// a claim, and it is closed only on the same proof that the book would ask for (R1).
import type { Book, BookLedger } from "../book/book.ts";
import { historyViews, metadataOf, positionView } from "../book/positions.ts";
import { RowsByLedger } from "../book/rows-by-ledger.ts";
import { abs, compare, type Decimal, isZero, sign, subtract, ZERO } from "../decimal.ts";
import { byKey, type Deduplicated, deduplicate, type Pair } from "../diff.ts";
import type { Discrepancy, Explanation, Subject } from "../discrepancy.ts";
import { isComplete, type MirrorRow } from "../facts.ts";
import { isSameJson } from "../json.ts";
import { type FillKey, type PositionKey, positionKey, splitPositionKey } from "../keys.ts";
import { currentLife, type Ledger } from "../ledger/ledger.ts";
import { type Draft, draft, type MirrorClaim } from "../records.ts";
import { Tallier, type Tally } from "../summary.ts";
import type { Cause, DiscrepancyKind, Leg, Policy, Quality } from "../words.ts";
import { instrumentIn, isUsable, type PassContext } from "./context.ts";
import { positionRows } from "./position-rows.ts";
import { listedRow, positionKindOf } from "./positions.ts";
import { shownBefore, toldGone } from "./shown-before.ts";
import { RETURNS_MAX, type Seen, type Sighted, sight } from "./sight.ts";
import { isAwaiting, isDisputed, type Standing } from "./standing.ts";
import { elapsedMs, latestMoment } from "./steady.ts";
import { undoneOf, undoneRemark, watchText } from "./watch.ts";
import { type AbsenceVerdict, isEmptyBesideValue } from "./witness.ts";
import { type AbsenceSeen, declared } from "./word.ts";

export type MirrorScope =
  | { readonly type: "account" }
  | { readonly type: "strategy"; readonly strategy: string };

export interface MirrorFacts {
  readonly name: string;
  /** Compared with the account's positions, or with one strategy's lots. */
  readonly scope: MirrorScope;
  /** Keeps no quantities: only phantoms and missing rows can be seen. */
  readonly isPresenceOnly: boolean;
  /** Whether missing rows may be added. */
  readonly mayAdd: boolean;
  /** Whether a row must carry the venue's reference of the fill that opened the life. */
  readonly demandsVenueReference: boolean;
  readonly rows: readonly MirrorRow[];
}

export interface MirrorChange {
  readonly action: "removed" | "corrected" | "added";
  readonly rowId: string | null;
  readonly instrument: string;
  readonly leg: Leg;
  /** Signed quantity that the row shall have; zero for a removed one. */
  readonly qty: Decimal;
  readonly entryPrice: Decimal | null;
  readonly venueOrderId: string | null;
  readonly openedAt: number | null;
  /** The bot's own fields: as they are, or for an added row what is known of the life. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly discrepancy: Discrepancy;
  readonly claim?: MirrorClaim;
}

export interface MirrorOutcome {
  readonly drafts: readonly Draft[];
  readonly tally: Tally;
  readonly sighted: readonly Sighted[];
  readonly changes: readonly MirrorChange[];
  /** Keys that were not compared because something about them moves. */
  readonly moving: readonly PositionKey[];
}

/** One row of each key, and what was wrong where there were several. */
interface MirrorRows extends Omit<Deduplicated<MirrorRow>, "rows"> {
  readonly book: Book;
  readonly rows: RowsByLedger<MirrorRow>;
}

const ROWS = new WeakMap<readonly MirrorRow[], MirrorRows>();

/** Rows by key, made once for each read; rows that cannot be read are apart. */
function mirrorRows(book: Book, { rows }: MirrorFacts): MirrorRows {
  const known = ROWS.get(rows);
  if (known?.book === book) return known;
  const made = oneOfEachKey(book, rows);
  ROWS.set(rows, made);
  return made;
}

function oneOfEachKey(book: Book, all: readonly MirrorRow[]): MirrorRows {
  const readable = all.filter((row) => row.problem === undefined);
  const single = RowsByLedger.of(book, readable);
  if (single) return { book, rows: single, duplicates: new Map(), suspects: [] };
  const { rows, duplicates, suspects } = deduplicate(
    readable,
    (row) => positionKey(row.instrument, row.leg),
    (a, b) => a.qty === b.qty && a.entryPrice === b.entryPrice,
    () => undefined,
  );
  return { book, rows: RowsByLedger.ofDistinct(book, rows.values()), duplicates, suspects };
}

/** Keys that the mirror holds and neither the book nor this read of the venue does. */
export function mirrorAbsentKeys(context: PassContext, facts: MirrorFacts): PositionKey[] {
  const listed = positionRows(context);
  const suspect = new Set(listed.suspects.map(({ key }) => key));
  const { rows } = mirrorRows(context.book, facts);
  const absent: PositionKey[] = [];
  const consider = (key: PositionKey, row: MirrorRow) => {
    const isClaimed = row.qty === null || !isZero(row.qty);
    if (isClaimed && !suspect.has(key) && !isMoving(context, key)) absent.push(key);
  };
  for (const ledger of context.book.ledgers.values()) {
    const row = rows.ofLedger(ledger);
    const qty = scopeQty(ledger, facts.scope);
    const isKnown = !isDust(context, ledger.key, qty) || listed.rows.ofLedger(ledger) !== undefined;
    // Less than a step is as good as nothing, and no row of it is to be expected.
    const isAsClaimed =
      row?.qty != null &&
      isDust(context, ledger.key, subtract(row.qty, qty)) &&
      (facts.scope.type !== "account" || isDust(context, ledger.key, row.qty));
    if (row && !isKnown && (isZero(qty) || !isAsClaimed)) consider(ledger.key, row);
  }
  for (const [key, row] of rows.unknown()) if (!listed.rows.has(key)) consider(key, row);
  return absent;
}

/** How the mirror's differences of such keys are seen: beside the less than a step that the book may hold of them. */
export function mirrorAbsenceSeen(
  context: PassContext,
  facts: MirrorFacts,
  keys: readonly PositionKey[],
): ReadonlyMap<PositionKey, AbsenceSeen> {
  const { rows } = mirrorRows(context.book, facts);
  return new Map(
    keys.map((key) => {
      const localQty = rows.get(key)?.qty ?? null;
      const venueQty = scopeQty(context.book.ledgers.get(key), facts.scope);
      const kind = isZero(venueQty) ? "phantom_position" : positionKindOf(localQty ?? ZERO, venueQty);
      return [key, { kind, localQty, venueQty }];
    }),
  );
}

/**
 * Keys that the journal's own fills and ledger entries net to zero: proof that needs no look-up (R1 b), where the
 * history is read up to this very moment. An opening or an estimate at the end is no fill.
 */
export function nettedKeys(
  context: PassContext,
  facts: MirrorFacts,
  keys: readonly PositionKey[],
): Set<PositionKey> {
  const { book, observation } = context;
  const { rows } = mirrorRows(book, facts);
  if (!isComplete(observation.fills) || isEmptyBesideValue(observation)) return new Set();
  const shown = shownBefore(context);
  const gone = toldGone(context);
  return new Set(
    keys.filter((key) => {
      // What a row showed since is not what older fills netted.
      if (shown.has(key)) return gone.has(key);
      const ledger = book.ledgers.get(key);
      const closing = ledger?.entries.at(-1);
      if (!ledger || !isZero(ledger.holding.qty)) return false;
      const isUnclear = isDisputed(book, key) || isAwaiting(book, key);
      if (!isComplete(observation.positions) && isUnclear) return false;
      // Nothing is left of it because all that was traded was taken back: that nets to zero as well.
      if (closing === undefined) return hasTakenBack(book, key);
      // A trade from before the first read, by our clock, in the very direction of what is claimed has not closed it.
      const isOld = book.fills.get(closing.id as FillKey)?.facts.isContained === true;
      if (isOld && sign(closing.qtyDelta) === sign(rows.get(key)?.qty ?? ZERO)) return false;
      return closing.source !== "opening" && !closing.isEstimate;
    }),
  );
}

function hasTakenBack(book: Book, key: PositionKey): boolean {
  for (const { facts, isReversed } of book.fills.values()) {
    if (isReversed && positionKey(facts.instrument, facts.leg) === key) return true;
  }
  return false;
}

/** Rows with a quantity that the mirror holds: what the blast radius is counted against. */
export function mirrorHeld(facts: MirrorFacts): number {
  return facts.rows.filter((row) => row.qty === null || !isZero(row.qty)).length;
}

/**
 * @param absence Which keys that only the mirror holds are proven flat.
 * @param standing How far the book's quantity of a key is confirmed by this read.
 */
export function reconcileMirror(
  context: PassContext,
  facts: MirrorFacts,
  absence: AbsenceVerdict,
  standing: (key: PositionKey) => Standing,
): MirrorOutcome {
  return new MirrorComparison(context, facts, absence, standing).run();
}

function isDust(context: PassContext, key: PositionKey, qty: Decimal): boolean {
  if (isZero(qty)) return true;
  return compare(abs(qty), instrumentIn(context.book, splitPositionKey(key).instrument).qtyStep) < 0;
}

/** What this read shows of a key, left out taken for nothing: no proof of that, which a repair still needs. */
function shownQty(context: PassContext, key: PositionKey): Decimal | undefined {
  const row = listedRow(context, key);
  return row ? row.qty : isComplete(context.observation.positions) ? ZERO : undefined;
}

/** What the book holds of a key for the mirror's scope: all of it, or one strategy's lot. */
export function scopeQty(ledger: Ledger | undefined, scope: MirrorScope): Decimal {
  if (!ledger) return ZERO;
  if (scope.type === "account") return ledger.holding.qty;
  return ledger.lots.get(scope.strategy)?.qty ?? ZERO;
}

/** Whether something happened to the key so lately that the bot may not have written it down yet. */
function isMoving(context: PassContext, key: PositionKey): boolean {
  if (context.inFlight.has(splitPositionKey(key).instrument)) return true;
  if (context.isForced) return false;
  const last = context.book.ledgers.get(key)?.entries.at(-1);
  if (last === undefined) return false;
  const { book, nowMs, policy, steady } = context;
  // An opening or an estimate is of our own clock, which may have been set back since: it is never ahead of us.
  const isOurs = last.source !== "fill" && last.source !== "ledger";
  if (isOurs) return elapsedMs(last.timestamp, nowMs, steady) < policy.graceMs;
  const seq = book.fills.get(last.id as never)?.seq ?? Number.POSITIVE_INFINITY;
  const moment = latestMoment(last.timestamp, seq, steady);
  // What the venue dates a little ahead of us has just happened. Where our clock is far behind, its time says nothing:
  // then the sightings wait, and not until our clock is there.
  return elapsedMs(moment, nowMs, steady) < policy.graceMs;
}

const CONTRADICTORY = {
  code: "contradictory_rows",
  detail: "the venue lists it several times with different content, and nothing tells which is newer",
};
const UNCONFIRMED = {
  code: "unconfirmed",
  detail:
    "this read of the venue does not confirm what the book holds; the mirror is left alone until one does",
};

class MirrorComparison {
  private readonly tallier = new Tallier();
  private readonly drafts: Draft[] = [];
  private readonly sighted: Sighted[] = [];
  private readonly changes: MirrorChange[] = [];
  private readonly moving: PositionKey[] = [];
  /** Keys whose watch ends with this read. */
  private readonly ended = new Set<PositionKey>();
  private readonly context: PassContext;
  private readonly facts: MirrorFacts;
  private readonly absence: AbsenceVerdict;
  private readonly standing: (key: PositionKey) => Standing;
  private readonly quality: Quality;
  /** Whose notes the bot's own fields are. */
  private readonly source: string;

  constructor(
    context: PassContext,
    facts: MirrorFacts,
    absence: AbsenceVerdict,
    standing: (key: PositionKey) => Standing,
  ) {
    this.context = context;
    this.facts = facts;
    this.source = `mirror:${facts.name}`;
    this.absence = absence;
    this.standing = standing;
    // An account whose venue keeps no positions is known by its fills alone.
    this.quality = context.observation.positions?.quality ?? "complete";
  }

  run(): MirrorOutcome {
    const { book } = this.context;
    const { rows, duplicates, suspects } = mirrorRows(book, this.facts);
    this.endWatches();
    const refused = this.refuseUnclear(rows, suspects);
    let verified = 0;
    let venueRows = 0;
    const others: Pair<MirrorRow, Decimal>[] = [];
    for (const ledger of book.ledgers.values()) {
      const row = rows.ofLedger(ledger);
      const qty = scopeQty(ledger, this.facts.scope);
      const held = isZero(qty) ? undefined : qty;
      if (held !== undefined) venueRows += 1;
      // Nearly every row: it is as the book has it, and so are the bot's own fields.
      if (row && row.qty === held && !this.isNoteDue(ledger, row)) verified += 1;
      else if (row || (held !== undefined && !refused.has(ledger.key))) {
        others.push({ key: ledger.key, local: row, venue: held });
      }
    }
    for (const [key, row] of rows.unknown()) others.push({ key, local: row, venue: undefined });
    this.tallier.both("verified", verified);
    for (const { key, local, venue } of others.sort(byKey)) this.pair(key as PositionKey, local, venue);
    for (const count of duplicates.values())
      for (let n = 0; n < count; n += 1) this.tallier.onlyLocal("duplicate");
    const tally = this.tallier.finish(this.facts.rows.length, venueRows);
    return { drafts: this.drafts, tally, sighted: this.sighted, changes: this.changes, moving: this.moving };
  }

  /** Rows that cannot be read, or contradict each other; the keys that the book holds of them are no missing rows. */
  private refuseUnclear(
    rows: MirrorRows["rows"],
    suspects: MirrorRows["suspects"],
  ): ReadonlySet<PositionKey> {
    const refused = new Set<PositionKey>();
    const refuse = (key: PositionKey) => {
      if (isZero(this.scopeQtyOf(key)) || refused.has(key)) return;
      refused.add(key);
      this.tallier.onlyVenue("refused");
    };
    const unreadable = this.facts.rows.filter((row) => row.problem !== undefined);
    for (const row of unreadable) if (row.problem) this.unreadable(row, row.problem);
    for (const { key, rows: group } of suspects as readonly { key: PositionKey; rows: MirrorRow[] }[]) {
      const held = this.scopeQtyOf(key);
      this.contradictory(key, group, isZero(held) ? undefined : held);
      refuse(key);
    }
    for (const row of unreadable) {
      const key = positionKey(row.instrument, row.leg);
      if (!rows.has(key)) refuse(key);
    }
    // A position whose row may be there under another spelling is not missing.
    const mayBe = unreadable.flatMap((row) => row.problem?.mayBe ?? []);
    const mayBeAny = unreadable.some((row) => row.problem?.mayBe?.length === 0);
    if (mayBe.length === 0 && !mayBeAny) return refused;
    for (const { key } of this.context.book.ledgers.values()) {
      const isMeant = mayBeAny || mayBe.includes(splitPositionKey(key).instrument);
      if (isMeant && !rows.has(key)) refuse(key);
    }
    return refused;
  }

  private scopeQtyOf(key: PositionKey): Decimal {
    return scopeQty(this.context.book.ledgers.get(key), this.facts.scope);
  }

  private pair(key: PositionKey, row: MirrorRow | undefined, held: Decimal | undefined): void {
    const step = instrumentIn(this.context.book, splitPositionKey(key).instrument).qtyStep;
    const claimed = row === undefined ? ZERO : row.qty;
    const actual = held ?? ZERO;
    const isEqual =
      claimed === null
        ? !isZero(actual)
        : compare(abs(subtract(claimed, actual)), step) < 0 &&
          (!isZero(actual) || isZero(claimed)) &&
          !(row && this.isBeyondVenue(key, claimed, step));
    if (isEqual) this.equal(key, row, held);
    else if (isMoving(this.context, key)) {
      this.moving.push(key);
      this.bucket("inFlight", row, held);
    } else if (row !== undefined && held !== undefined) this.mismatch(key, row, held);
    else if (row !== undefined) this.phantom(key, row);
    else if (held !== undefined) this.missing(key, held);
  }

  /**
   * Whether a row is a step or more from the venue, though less from the book and the book less from the venue: both rests
   * together are a trade that one of them does not have. It follows the book then, which this read confirms.
   */
  private isBeyondVenue(key: PositionKey, claimed: Decimal, step: Decimal): boolean {
    if (this.facts.scope.type !== "account") return false;
    const venue = shownQty(this.context, key);
    if (venue === undefined || compare(abs(subtract(claimed, venue)), step) < 0) return false;
    return this.standing(key) === "confirmed";
  }

  private equal(key: PositionKey, row: MirrorRow | undefined, held: Decimal | undefined): void {
    if (row && held !== undefined) {
      this.tallier.both("verified");
      this.noteMetadata(key, row);
    } else if (row) this.tallier.onlyLocal("verified");
    else this.tallier.onlyVenue("verified");
  }

  private phantom(key: PositionKey, row: MirrorRow): void {
    const standing = this.standing(key);
    if (standing === "differs") {
      // The venue has it and the book does not yet: the book comes first.
      this.tallier.onlyLocal("watched");
      return;
    }
    const isListed = listedRow(this.context, key) !== undefined;
    // A row that agrees with the book, which has nothing in this scope: the whole quantity is other lots'.
    const proof = isListed && standing === "confirmed" ? "row" : (this.absence.witnesses.get(key) ?? null);
    if (proof === null && !isUsable(this.quality)) {
      this.tallier.onlyLocal("unavailable");
      return;
    }
    const refusal = proof === null ? this.refusalOfPhantom(key) : null;
    const explanation = this.explainClosed(key, row);
    const cause = explanation?.parts[0]?.cause ?? "unexplained";
    const seen = this.see("phantom_position", key, row.qty, ZERO, {
      refusal,
      explanation,
      cause,
      witness: proof,
      remark: proof === "person" ? declared(this.absence.missing) : null,
    });
    const isDone = seen.mayRepair && this.context.capabilities.heals;
    if (isDone) {
      const life = this.lastLife(key);
      this.changes.push({
        ...this.changeOf("removed", key, row, ZERO, seen),
        ...(life === undefined && {
          claim: { qty: row.qty, entryPrice: row.entryPrice ?? null, cause, metadata: row.metadata },
        }),
      });
      if (life !== undefined) this.note(key, life.opener, row.metadata);
    }
    this.tallier.onlyLocal(isDone ? "closed" : seen.discrepancy.stage === "refused" ? "refused" : "watched");
  }

  private refusalOfPhantom(key: PositionKey): { readonly code: string; readonly detail: string } {
    const isSuspect = positionRows(this.context).suspects.some((one) => one.key === key);
    return isSuspect ? CONTRADICTORY : { code: "unwitnessed", detail: this.absence.missing };
  }

  /**
   * Whether the book may be written into the mirror. Where it may not, the row is counted as what it waits for, and
   * a doubt is seen as a refused difference.
   */
  private mayFollowBook(key: PositionKey, row: MirrorRow | undefined, held: Decimal): boolean {
    const standing = this.standing(key);
    if (standing === "confirmed") return true;
    if (standing === "doubted") {
      const kind = row === undefined ? "missing_position" : positionKindOf(row.qty ?? ZERO, held);
      this.see(kind, key, row?.qty ?? null, held, { refusal: UNCONFIRMED });
    }
    this.bucket(standing === "doubted" ? "refused" : "watched", row, held);
    return false;
  }

  private missing(key: PositionKey, held: Decimal): void {
    if (!this.mayFollowBook(key, undefined, held)) return;
    const view = positionView(this.context.book, key);
    const hasReference = !this.facts.demandsVenueReference || view?.venueOrderId != null;
    const refusal = hasReference
      ? null
      : {
          code: "no_venue_reference",
          detail:
            "the mirror demands the venue order id of the fill that opened the position, and none is known",
        };
    const more = { refusal, explanation: this.explainOpen(key, held) };
    const seen = this.see("missing_position", key, null, held, {
      ...more,
      cause: more.explanation?.parts[0]?.cause ?? "unexplained",
      // Reported only: nothing here could repair it, so it does not hold the gate.
      ...(!this.facts.mayAdd && { policy: "watch" as const }),
    });
    const isDone = seen.mayRepair && this.context.capabilities.heals && this.facts.mayAdd;
    if (isDone) this.changes.push(this.changeOf("added", key, undefined, held, seen));
    this.tallier.onlyVenue(isDone ? "added" : seen.discrepancy.stage === "refused" ? "refused" : "watched");
  }

  private mismatch(key: PositionKey, row: MirrorRow, held: Decimal): void {
    if (!this.mayFollowBook(key, row, held)) return;
    const kind = positionKindOf(row.qty ?? ZERO, held);
    const explanation = this.explainOpen(key, subtract(held, row.qty ?? ZERO));
    const witness = this.isOnlyLeftOut(key, held) ? (this.absence.witnesses.get(key) ?? null) : undefined;
    const seen = this.see(kind, key, row.qty, held, {
      refusal: witness === null ? this.refusalOfPhantom(key) : null,
      explanation,
      cause: explanation?.parts[0]?.cause ?? "unexplained",
      ...(witness != null && { witness }),
      remark: witness === "person" ? declared(this.absence.missing) : null,
    });
    const isDone = seen.mayRepair && this.context.capabilities.heals;
    if (isDone) {
      this.changes.push(this.changeOf("corrected", key, row, held, seen));
      this.noteMetadata(key, row);
    }
    this.tallier.both(isDone ? "corrected" : seen.discrepancy.stage === "refused" ? "refused" : "watched");
  }

  /** Whether it is for want of a row that less than a step is believed: absence is not zero for the mirror either. */
  private isOnlyLeftOut(key: PositionKey, held: Decimal): boolean {
    if (!isDust(this.context, key, held) || !isUsable(this.quality)) return false;
    return listedRow(this.context, key) === undefined;
  }

  private unreadable(row: MirrorRow, problem: NonNullable<MirrorRow["problem"]>): void {
    this.see("position_mismatch", positionKey(row.instrument, row.leg), row.qty, null, { refusal: problem });
    this.tallier.onlyLocal("refused");
  }

  private contradictory(key: PositionKey, group: readonly MirrorRow[], held: Decimal | undefined): void {
    const ids = group.map((row) => row.rowId).join(", ");
    const detail = `rows ${ids} are about the same position and differ; leave one of them`;
    this.see("position_mismatch", key, group[0]?.qty ?? null, held ?? null, {
      refusal: { code: "contradictory_rows", detail },
    });
    for (const _ of group) this.tallier.onlyLocal("refused");
  }

  private see(
    kind: DiscrepancyKind,
    key: PositionKey,
    localQty: Decimal | null,
    venueQty: Decimal | null,
    more: {
      readonly refusal?: { readonly code: string; readonly detail: string } | null;
      readonly explanation?: Explanation | null;
      readonly witness?: string | null;
      readonly cause?: Cause;
      readonly policy?: Policy;
      readonly remark?: { readonly code: string; readonly detail: string } | null;
    },
  ): Sighted {
    const { context, facts } = this;
    const subject: Subject = { type: "position", ...splitPositionKey(key) };
    const base: Seen = { of: facts.name, kind, subject, localQty, venueQty, ...more, ...this.pinned(key) };
    const first = sight(context.book, base, context, context.causeId);
    // What keeps coming back after three repairs is somebody else's writing: watch it and say so.
    const isReturning = first.discrepancy.recurrences >= RETURNS_MAX;
    const seen = isReturning
      ? sight(context.book, { ...base, policy: "watch" }, context, context.causeId)
      : first;
    this.drafts.push(...seen.drafts);
    this.sighted.push(seen);
    return seen;
  }

  /** R13: what a person took back is watched, and nothing repairs it meanwhile. */
  private pinned(key: PositionKey): Partial<Seen> {
    const undone = undoneOf(this.context.book, this.facts.name, key);
    if (!undone || this.ended.has(key)) return {};
    return {
      policy: "watch",
      isPinned: true,
      remark: undoneRemark(undone),
    };
  }

  /** Undone repairs whose key the venue has changed since: its row is one like any other again. */
  private endWatches(): void {
    const { book, causeId } = this.context;
    const of = this.facts.name;
    for (const { of: copy, key, repairId, watch } of book.undone.values()) {
      if (copy !== of) continue;
      if (watchText(book, key, this.scopeQtyOf(key)) === watch) continue;
      this.ended.add(key);
      const ended = { repairId, of, ...splitPositionKey(key), why: "venue_changed", by: null } as const;
      this.drafts.push(draft("watch_ended", ended, causeId));
    }
  }

  private changeOf(
    action: MirrorChange["action"],
    key: PositionKey,
    row: MirrorRow | undefined,
    qty: Decimal,
    { discrepancy }: Sighted,
  ): MirrorChange {
    const view = positionView(this.context.book, key);
    return {
      action,
      rowId: row?.rowId ?? null,
      ...splitPositionKey(key),
      qty,
      entryPrice: view?.entryPrice ?? null,
      venueOrderId: view?.venueOrderId ?? null,
      openedAt: view?.openedAt ?? null,
      metadata: row?.metadata ?? this.knownMetadata(key),
      discrepancy,
    };
  }

  /** A row that comes back gets the fields that its life had. */
  private knownMetadata(key: PositionKey): Readonly<Record<string, unknown>> {
    const ledger = this.context.book.ledgers.get(key);
    const life = ledger && currentLife(ledger);
    return life ? metadataOf(this.context.book, key, life) : {};
  }

  private noteMetadata(key: PositionKey, row: MirrorRow): void {
    const ledger = this.context.book.ledgers.get(key);
    const opener = ledger && currentLife(ledger)?.opener;
    if (opener !== undefined) this.note(key, opener, row.metadata);
  }

  private note(key: PositionKey, entryId: string, fields: MirrorRow["metadata"]): void {
    const isOpen = currentOpener(this.context.book, key) === entryId;
    if (!this.isNews(key, entryId, fields, isOpen)) return;
    const { source } = this;
    this.drafts.push(
      draft("note_set", { ...splitPositionKey(key), entryId, source, fields }, this.context.causeId),
    );
  }

  private isNoteDue(ledger: BookLedger, row: MirrorRow): boolean {
    const opener = currentLife(ledger)?.opener;
    return opener !== undefined && this.isNews(ledger.key, opener, row.metadata, true);
  }

  private isNews(key: PositionKey, entryId: string, fields: MirrorRow["metadata"], isOpen: boolean): boolean {
    const known = this.context.book.notes.get(key)?.findLast((note) => note.source === this.source);
    const isSameLife = known?.entryId === entryId;
    if (Object.keys(fields).length === 0 || (isSameLife && isSameJson(known.fields, fields))) return false;
    // A bot that writes a changing field at every tick would fill the journal; the closing row is always kept.
    const isFresh = isSameLife && this.context.nowMs - known.tsMs < NOTE_EVERY_MS;
    return !(isFresh && isOpen);
  }

  private lastLife(key: PositionKey) {
    const life = this.context.book.ledgers.get(key)?.lives.at(-1);
    return life?.closedAt == null ? undefined : life;
  }

  private explainClosed(key: PositionKey, row: MirrorRow): Explanation | null {
    const life = historyViews(this.context.book, key).at(-1);
    if (!life) return null;
    const part = {
      cause: life.closeCause ?? ("missed_fill" as const),
      qty: row.qty === null ? ZERO : subtract(ZERO, row.qty),
      evidence: life.entries.slice(1).slice(-3),
      confidence: "certain" as const,
    };
    return { parts: [part], unexplained: ZERO };
  }

  private explainOpen(key: PositionKey, change: Decimal): Explanation | null {
    const last = this.context.book.ledgers.get(key)?.entries.at(-1);
    if (!last) return null;
    const part = {
      cause: last.cause ?? (last.source === "opening" ? ("unexplained" as const) : ("missed_fill" as const)),
      qty: change,
      evidence: [last.id],
      confidence: last.isEstimate ? ("likely" as const) : ("certain" as const),
    };
    return { parts: [part], unexplained: ZERO };
  }

  private bucket(
    name: "inFlight" | "refused" | "watched",
    row: MirrorRow | undefined,
    held: Decimal | undefined,
  ): void {
    if (row && held !== undefined) this.tallier.both(name);
    else if (row) this.tallier.onlyLocal(name);
    else this.tallier.onlyVenue(name);
  }
}

/** How often the bot's own changing fields are taken into the journal, at most. In ms. */
const NOTE_EVERY_MS = 600_000;

function currentOpener(book: Book, key: PositionKey): string | undefined {
  const ledger = book.ledgers.get(key);
  return ledger && currentLife(ledger)?.opener;
}
