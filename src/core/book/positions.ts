// Positions and their history as people and bots read them: one row for each key that is not flat, one for each
// life that ended. Derived from the ledgers at every call; nothing is stored.
import type { Tags } from "../commands/intent.ts";
import { abs, type Decimal, divide, isZero, multiply, sign } from "../decimal.ts";
import { placedRoleOf } from "../exits/slots.ts";
import { deriveId } from "../hash.ts";
import { type FillKey, type PositionKey, splitPositionKey } from "../keys.ts";
import type { Entry } from "../ledger/entry.ts";
import { averagePrice } from "../ledger/holding.ts";
import { currentLife, findEntry, type Ledger } from "../ledger/ledger.ts";
import { averageOf, type Life } from "../ledger/life.ts";
import { NOTES_SOURCE, type Notes, notesOf, ownerOf } from "../notes.ts";
import { type Cause, type Leg, type Origin, UNATTRIBUTED } from "../words.ts";
import type { Book, Claim } from "./book.ts";
import { isBracketExit } from "./orders.ts";

export interface LotView {
  readonly strategy: string;
  /** Signed. */
  readonly qty: Decimal;
  readonly entryPrice: Decimal | null;
}

export interface PositionView {
  readonly instrument: string;
  readonly leg: Leg;
  /** Signed: + long, - short. Never zero here. */
  readonly qty: Decimal;
  readonly side: "long" | "short";
  /** Average; null when a price in it is not known. */
  readonly entryPrice: Decimal | null;
  /** Entry price × quantity × multiplier, not signed; of an inverse contract quantity × multiplier ÷ entry price, in its coin. */
  readonly costBasis: Decimal | null;
  /** Realised in this life so far, before fees, in the asset that pays. */
  readonly realizedPnl: Decimal | null;
  readonly origin: Origin;
  /** The only strategy that holds it; null where several do, `unattributed` where none does. */
  readonly strategy: string | null;
  readonly lots: readonly LotView[];
  readonly lifeId: string;
  /** The venue order id of the fill that opened the life; null where none is known. Never made up. */
  readonly venueOrderId: string | null;
  /** What the order that opened the life was called by its sender; null and none where it was not trueup's. */
  readonly signalId: string | null;
  readonly tags: Tags;
  readonly openedAt: number;
  /** Whether an estimate or an opening is part of it. */
  readonly isEstimate: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What people noted on it. */
  readonly notes: Notes;
}

export interface HistoryView {
  readonly instrument: string;
  readonly leg: Leg;
  /** `book`, or the mirror that alone spoke of it. */
  readonly source: string;
  /** Counts the lives of this key and source from 0; a late fill may shift it. */
  readonly number: number;
  readonly side: "long" | "short" | null;
  /** The largest quantity that it had, not signed; null where a mirror did not say. */
  readonly qty: Decimal | null;
  readonly entryPrice: Decimal | null;
  readonly exitPrice: Decimal | null;
  readonly realizedPnl: Decimal | null;
  /** Null where only a mirror spoke of it. */
  readonly openedAt: number | null;
  readonly closedAt: number;
  readonly holdMs: number | null;
  /** Why it was closed, when it was not the strategy's own doing. */
  readonly closeCause: Cause | null;
  readonly origin: Origin | null;
  readonly strategy: string;
  readonly lifeId: string;
  readonly venueOrderId: string | null;
  /** What the order that opened the life was called by its sender; null and none where it was not trueup's. */
  readonly signalId: string | null;
  readonly tags: Tags;
  /** Fill keys, ledger ids and adjustment ids, in venue order. */
  readonly entries: readonly string[];
  readonly isEstimate: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What people noted on it. */
  readonly notes: Notes;
}

export function positionQty(book: Book, key: PositionKey): Decimal {
  return book.ledgers.get(key)?.holding.qty ?? ("0" as Decimal);
}

/** Keys that are not flat, in a fixed order. */
export function heldKeys(book: Book): PositionKey[] {
  const held: PositionKey[] = [];
  for (const [key, ledger] of book.ledgers) if (!isZero(ledger.holding.qty)) held.push(key);
  return held.sort();
}

/** How many keys are not flat. */
export function heldCount(book: Book): number {
  let count = 0;
  for (const ledger of book.ledgers.values()) if (!isZero(ledger.holding.qty)) count += 1;
  return count;
}

export function positionView(book: Book, key: PositionKey): PositionView | undefined {
  const ledger = book.ledgers.get(key);
  const life = ledger && currentLife(ledger);
  if (!ledger || !life) return undefined;
  const { holding, terms } = ledger;
  const lots = lotViews(ledger);
  return {
    ...splitPositionKey(key),
    qty: holding.qty,
    side: sideOf(life),
    entryPrice: averagePrice(holding, terms.payoff),
    costBasis: holding.cost === null ? null : multiply(holding.cost, terms.multiplier),
    realizedPnl: life.realizedPnl,
    origin: originOf(book, ledger, life),
    strategy: lots.length === 1 ? (lots[0]?.strategy ?? null) : lots.length === 0 ? UNATTRIBUTED : null,
    lots,
    lifeId: lifeIdOf(book, key, life),
    venueOrderId: book.fills.get(life.opener as FillKey)?.facts.venueOrderId ?? null,
    ...labelsOf(book, ledger, life),
    openedAt: life.openedAt,
    isEstimate: life.isEstimate,
    metadata: metadataOf(book, key, life),
    notes: notesOf(book, key, life),
  };
}

/** Lives that ended, from the `first`-th of the key on. */
export function historyViews(book: Book, key: PositionKey, first = 0): HistoryView[] {
  const ledger = book.ledgers.get(key);
  if (!ledger) return [];
  return ledger.lives.slice(first).flatMap((life, index) => {
    if (life.closedAt === null) return [];
    const entries = ledger.entries.slice(life.firstIndex, life.lastIndex + 1);
    return {
      ...splitPositionKey(key),
      source: "book",
      number: first + index,
      side: sideOf(life),
      qty: life.qtyMax,
      entryPrice: averageOf(life.openedQty, life.openedValue, ledger.terms.payoff),
      exitPrice: averageOf(life.closedQty, life.closedValue, ledger.terms.payoff),
      realizedPnl: life.realizedPnl,
      openedAt: life.openedAt,
      closedAt: life.closedAt,
      holdMs: Math.max(0, life.closedAt - life.openedAt),
      closeCause: life.closeCause ?? causeByOrder(book, entries.at(-1)),
      origin: originOf(book, ledger, life),
      strategy: entries[0]?.strategy ?? UNATTRIBUTED,
      lifeId: lifeIdOf(book, key, life),
      venueOrderId: book.fills.get(life.opener as FillKey)?.facts.venueOrderId ?? null,
      ...labelsOf(book, ledger, life),
      entries: entries.map((entry) => entry.id),
      isEstimate: life.isEstimate,
      metadata: metadataOf(book, key, life),
      notes: notesOf(book, key, life),
    };
  });
}

/** Positions that only a mirror spoke of, with the bot's own fields. */
export function claimViews(book: Book, key: PositionKey): HistoryView[] {
  return (book.claims.get(key) ?? []).flatMap((claim, number) =>
    // The row was put back; its number stays taken, so that the others keep theirs.
    claim.isUndone ? [] : [claimView(book, key, claim, number)],
  );
}

function claimView(book: Book, key: PositionKey, claim: Claim, number: number): HistoryView {
  return {
    ...splitPositionKey(key),
    source: claim.mirror,
    number,
    side: claim.qty === null || isZero(claim.qty) ? null : sign(claim.qty) > 0 ? "long" : "short",
    qty: claim.qty === null ? null : abs(claim.qty),
    entryPrice: claim.entryPrice,
    exitPrice: null,
    realizedPnl: null,
    openedAt: null,
    closedAt: claim.removedAtMs,
    holdMs: null,
    closeCause: claim.cause,
    origin: null,
    strategy: UNATTRIBUTED,
    lifeId: deriveId("life", [book.account, key, claim.mirror, number]),
    venueOrderId: null,
    signalId: null,
    tags: {},
    entries: [],
    isEstimate: false,
    metadata: claim.metadata,
    notes: {},
  };
}

/** Fields of all sources but people's notes, later ones last; they follow the life that holds their entry, or what replaced it. */
export function metadataOf(book: Book, key: PositionKey, life: Life): Readonly<Record<string, unknown>> {
  const ledger = book.ledgers.get(key);
  const fields: Record<string, unknown> = {};
  if (!ledger) return fields;
  for (const note of book.notes.get(key) ?? []) {
    if (note.source !== NOTES_SOURCE && ownerOf(book, ledger, note) === life)
      Object.assign(fields, note.fields);
  }
  return fields;
}

function labelsOf(book: Book, ledger: Ledger, { opener }: Life): Pick<PositionView, "signalId" | "tags"> {
  const orderKey = book.fills.get(opener as FillKey)?.orderKey ?? findEntry(ledger, opener)?.orderKey ?? null;
  const order = orderKey === null ? undefined : book.orders.get(orderKey);
  return { signalId: order?.signalId ?? null, tags: order?.tags ?? {} };
}

function sideOf(life: Life): "long" | "short" {
  return life.direction > 0 ? "long" : "short";
}

/** Stays the same when a fact takes the place of the estimate that opened the life. */
export function lifeIdOf(book: Book, key: PositionKey, life: Life): string {
  const first = book.predecessors.get(life.opener) ?? life.opener;
  return deriveId("life", [book.account, key, first]);
}

function originOf(book: Book, ledger: Ledger, life: Life): Origin {
  const entry = findEntry(ledger, life.opener);
  const adjustment = book.adjustments.get(life.opener);
  if (adjustment) return adjustment.facts.basis === "opening" ? "adopted" : "inferred";
  if (entry && entry.strategy !== UNATTRIBUTED) return "signal";
  return "manual";
}

/** A strategy's lot beside the position that it is a part of. */
export interface StrategyLot extends LotView {
  readonly instrument: string;
  readonly leg: Leg;
  readonly positionQty: Decimal;
  /** Its part of the position, 1 for all of it; null where the position is flat and lots stand against each other. */
  readonly share: Decimal | null;
}

/** The lots of a key, also where they stand against each other and the position is flat. */
export function strategyLots(book: Book, key: PositionKey): StrategyLot[] {
  const ledger = book.ledgers.get(key);
  if (!ledger) return [];
  const { qty: positionQty } = ledger.holding;
  return lotViews(ledger).map((lot) => ({
    ...splitPositionKey(key),
    ...lot,
    positionQty,
    share: isZero(positionQty) ? null : divide(lot.qty, positionQty),
  }));
}

function lotViews(ledger: Ledger): LotView[] {
  return [...ledger.lots]
    .map(([strategy, lot]) => ({
      strategy,
      qty: lot.qty,
      entryPrice: averagePrice(lot, ledger.terms.payoff),
    }))
    .sort((a, b) => (a.strategy < b.strategy ? -1 : 1));
}

/** Why a life ended that an exit at the venue closed, where its fill was told before anybody knew its order. */
function causeByOrder(book: Book, last: Entry | undefined): Cause | null {
  const orderKey = book.fills.get(last?.id as FillKey)?.orderKey ?? null;
  const order = orderKey === null ? undefined : book.orders.get(orderKey);
  const role = order ? placedRoleOf(order) : null;
  if (role !== null) return role === "backstop" ? "backstop" : null;
  return order && isBracketExit(book, order.instrument, order.parentVenueOrderId) ? "bracket_exit" : null;
}
