// What the author of an adapter with prices gives, so that their claims can be run: two instruments, one that the venue cannot
// have, the venue's words for prices, and how the adapter is opened.
import type { Decimal } from "../core/index.ts";
import type { Venue, VenueDeclaration } from "../venues/index.ts";
import type { BenchParts } from "./bench.ts";

export interface Quote {
  readonly last: Decimal;
  readonly bid: Decimal;
  readonly ask: Decimal;
}

/** A venue's words, as pure functions. */
export interface PriceWords {
  /** What the server says first. */
  opened?(): readonly string[];
  /** Takes in what the adapter says, notes what is subscribed by our names, and answers. */
  received(
    text: string,
    subscribed: Set<string>,
    quotes: ReadonlyMap<string, Quote>,
    nowMs: number,
  ): readonly string[];
  /** A new price, to whoever is subscribed. */
  told(instrument: string, quote: Quote, nowMs: number): readonly string[];
  /** The answer to a question for prices. */
  answer?(
    request: { readonly url: URL; readonly body: string },
    quotes: ReadonlyMap<string, Quote>,
    nowMs: number,
  ): string;
}

export interface PriceBench {
  readonly name: string;
  readonly declaration: VenueDeclaration;
  readonly instruments: readonly [string, string];
  /** A name that can be no instrument of this venue. */
  readonly stranger: string;
  readonly keys: Readonly<Record<string, string>>;
  /** What the feed tells of a price; empty where there is no feed. */
  readonly streamed: readonly ("last" | "bid" | "ask")[];
  /** What a question is answered with; empty where prices cannot be asked for. */
  readonly answered: readonly ("last" | "bid" | "ask")[];
  readonly words: PriceWords;
  open(parts: PriceBenchParts): Promise<Venue>;
}

/** As for the other claims; the server of prices is the claims' own. */
export type PriceBenchParts = Omit<BenchParts, "server">;
