// The book as plain JSON and back: what a checkpoint holds, and what two books are compared by. Ledgers are
// stored as their entries; what follows from those is folded again, so that a checkpoint cannot disagree with it.
import { type PositionKey, splitPositionKey } from "../keys.ts";
import type { Entry } from "../ledger/entry.ts";
import { addReattribution, insertEntry } from "../ledger/ledger.ts";
import type { Reattribution } from "../ledger/reattribution.ts";
import type { Terms } from "../ledger/worth.ts";
import { addLedger, type Book, emptyBook } from "./book.ts";

/** Grows by one with every change of the book's shape; an older checkpoint is then not used. */
export const BOOK_STATE_VERSION = 23;

type Stored = Record<string, unknown>;

const MAPS = [
  "instruments",
  "keyAnchors",
  "newFromMs",
  "datedAhead",
  "orders",
  "ordersByVenueId",
  "ordersByClientId",
  "intents",
  "fills",
  "fillsByJoin",
  "lastReversals",
  "orphans",
  "adjustments",
  "successors",
  "predecessors",
  "awaited",
  "balances",
  "notes",
  "claims",
  "exitPlans",
  "orderPlans",
  "exits",
  "mirrorIntents",
  "appliedPlans",
  "flattenings",
  "undone",
  "discrepancies",
  "openSlots",
  "leftAs",
  "repairsBySlot",
  "lastChange",
  "sections",
] as const;
const SETS = ["unanchored", "ledgerIds", "exitsBeforeKill", "toldExposure"] as const;
const PLAIN = [
  "seq",
  "lastTsMs",
  "venueAccountId",
  "amendedAtMs",
  "accountAnchor",
  "historyGap",
  "gate",
  "kill",
  "killSeq",
  "lastPass",
] as const;

export function toState(book: Book): Stored {
  const state: Stored = { version: BOOK_STATE_VERSION, account: book.account };
  for (const name of PLAIN) state[name] = book[name];
  for (const name of SETS) state[name] = [...book[name]].sort();
  for (const name of MAPS) state[name] = sortedEntries(book[name] as Map<string, unknown>);
  state.ledgers = sortedEntries(book.ledgers).map(([key, ledger]) => [
    key,
    {
      terms: ledger.terms,
      entries: ledger.entries,
      ...(ledger.reattributions.length > 0 && { reattributions: ledger.reattributions }),
    },
  ]);
  return state;
}

/** @throws RangeError when the state is of another version. */
export function fromState(state: Stored): Book {
  if (state.version !== BOOK_STATE_VERSION) {
    throw new RangeError(`a book state of version ${BOOK_STATE_VERSION} is needed, this is ${state.version}`);
  }
  const book = emptyBook(String(state.account));
  const target = book as unknown as Record<string, unknown>;
  for (const name of PLAIN) target[name] = state[name];
  for (const name of SETS) target[name] = new Set(state[name] as string[]);
  for (const name of MAPS) target[name] = new Map(state[name] as [string, unknown][]);
  for (const [key, stored] of state.ledgers as [string, StoredLedger][]) {
    const { terms, entries, reattributions = [] } = stored;
    const { instrument, leg } = splitPositionKey(key as PositionKey);
    const ledger = addLedger(book, instrument, leg, terms);
    for (const entry of entries) insertEntry(ledger, entry);
    for (const one of reattributions) addReattribution(ledger, one);
  }
  return book;
}

interface StoredLedger {
  readonly terms: Terms;
  readonly entries: readonly Entry[];
  readonly reattributions?: readonly Reattribution[];
}

function sortedEntries<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
