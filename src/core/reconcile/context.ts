// What the deciding steps of a pass work from, and what they hand back. Everything a decision depends on is in
// here, so that the same inputs give the same decision, today or in a replay.
import type { Book } from "../book/book.ts";
import type { Capabilities } from "../capabilities.ts";
import type { Decimal } from "../decimal.ts";
import type { ExplanationPart } from "../discrepancy.ts";
import type { Observation, OrderLookup, PositionLookup } from "../facts.ts";
import { type Instrument, instrumentOf } from "../instrument.ts";
import type { OrderKey, PositionKey } from "../keys.ts";
import type { Draft } from "../records.ts";
import type { Tally } from "../summary.ts";
import type { Quality } from "../words.ts";
import type { Awaited, SettleContext } from "./settle.ts";
import type { Sighted } from "./sight.ts";

export interface PassContext extends SettleContext {
  readonly book: Book;
  readonly capabilities: Capabilities;
  readonly positionMode: "net" | "hedge";
  readonly observation: Observation;
  /** The last record when the read began; left out where nothing else happens meanwhile. */
  readonly readSeq?: number;
  readonly positionLookups: ReadonlyMap<PositionKey, PositionLookup>;
  readonly orderLookups: ReadonlyMap<OrderKey, OrderLookup>;
  /** By when those were answered; left out where there were none. Our clock, ms. */
  readonly lookedUpByMs?: number;
  readonly lastPrices: ReadonlyMap<string, Decimal>;
  /** Orders whose answer is awaited right now: they may still be on their way to the venue. */
  readonly sending: ReadonlySet<OrderKey>;
  /** Instruments with an order or a fill that the read may not have caught (R3). */
  readonly inFlight: ReadonlySet<string>;
  /** Instruments of which a fill was taken back since the read began: its rows may have it still. */
  readonly takenBack?: ReadonlySet<string>;
  /** Quantities of the book before this pass's own backfill, of the keys that it may have moved. */
  readonly qtyBefore: ReadonlyMap<PositionKey, Decimal>;
  /** What the backfill brought, by key: the parts of an explanation. */
  readonly news: ReadonlyMap<PositionKey, readonly ExplanationPart[]>;
  /** The last pass that read the positions completely: what was known before its read, and what it compared. */
  readonly lastRead?: { readonly seq: number; readonly inFlight: ReadonlySet<string> };
  /** Keys that nothing is estimated for in this pass: the history is read further back for them first. */
  readonly unexplored?: ReadonlySet<PositionKey>;
  /** Balances whose difference the pass before saw, and whose reason the history may not have told yet: by asset. */
  readonly awaitedMoney?: ReadonlyMap<string, Awaited>;
  /** The pass: cause of every record that it writes. */
  readonly causeId: string;
}

/** What one comparison decided. */
export interface Outcome {
  readonly drafts: readonly Draft[];
  readonly tally: Tally;
  /** Discrepancies seen in this pass, new or not. */
  readonly sighted: readonly Sighted[];
}

/** Rows of these qualities are facts; others tell only that something is wrong. */
export function isUsable(quality: Quality): boolean {
  return quality === "complete" || quality === "partial";
}

export function instrumentIn(book: Book, symbol: string): Instrument {
  return book.instruments.get(symbol) ?? instrumentOf(symbol);
}
