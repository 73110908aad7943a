// From the bot's spelling of a symbol to the instrument and back. The configured table comes first, then what the venue
// knows; what may mean several instruments, or none, is not guessed.
import type { Document } from "./document.ts";
import type { Layout } from "./layout.ts";

/** The instrument, or all that the text may mean. */
export type Meant = { readonly instrument: string } | { readonly mayBe: readonly string[] };

export function venueSymbol({ symbols, named }: Layout, botSymbol: string): Meant {
  if (symbols !== undefined && Object.hasOwn(symbols, botSymbol)) {
    return { instrument: symbols[botSymbol] ?? botSymbol };
  }
  const mayBe = named?.(botSymbol) ?? [botSymbol];
  const [only] = mayBe;
  return only !== undefined && mayBe.length === 1 ? { instrument: only } : { mayBe };
}

/** Writes an instrument in one way; undefined where that way does not fit it. */
type Way = (instrument: string) => string;

const short: Way = (name) => name.replace(/^([^/:]+\/[^/:]+):[^/:-]+/, "$1");
const joined =
  (separator: string): Way =>
  (name) =>
    short(name).replace(/[/:]/g, separator);

const WAYS: readonly Way[] = [
  (name: string) => name,
  short,
  ...["", "-", "_", "/", ":"].map(joined),
  ...["", "-", "_"].map(
    (separator): Way =>
      (name) =>
        name.replace(/[/:]/g, separator),
  ),
].flatMap((way): Way[] => [way, (name) => way(name).toLowerCase()]);

/**
 * How the bot would spell an instrument: the table's way, else the way of all its readable rows, where the venue
 * understands that text as this very instrument; else the instrument's own name.
 */
export type Speller = (instrument: string) => string;

export function spellerOf(layout: Layout, rows: Iterable<SpelledRow>): Speller {
  const { symbols = {}, named } = layout;
  const byTable = new Map(
    Object.entries(symbols)
      .map(([bot, venue]) => [venue, bot] as const)
      .reverse(),
  );
  let ways: readonly Way[] | undefined;
  const waysOfRows = (): readonly Way[] => {
    const spelled = [...rows].filter(({ text }) => !Object.hasOwn(symbols, text));
    if (spelled.length === 0) return [];
    return WAYS.filter((way) => spelled.every(({ text, instrument }) => way(instrument) === text));
  };
  return (instrument) => {
    const known = byTable.get(instrument);
    if (known !== undefined || named === undefined) return known ?? instrument;
    ways ??= waysOfRows();
    const texts = new Set(ways.map((way) => way(instrument)));
    const [text] = texts;
    // Two ways that fit all rows and spell this one differently: neither is sure.
    if (text === undefined || texts.size > 1 || Object.hasOwn(symbols, text)) return instrument;
    const meant = named(text);
    return meant.length === 1 && meant[0] === instrument ? text : instrument;
  };
}

export interface SpelledRow {
  readonly text: string;
  readonly instrument: string;
}

const SPELLERS = new WeakMap<Document, Speller>();

/** Worked out once for each text, and only where a symbol is to be written. */
export function spellerIn(document: Document, layout: Layout): Speller {
  const known = SPELLERS.get(document);
  if (known) return known;
  const rows = document.entries.flatMap(({ reading }) =>
    reading.kind === "row" && reading.row.problem === undefined && reading.symbol !== undefined
      ? [{ text: reading.symbol, instrument: reading.row.instrument }]
      : [],
  );
  const speller = spellerOf(layout, rows);
  SPELLERS.set(document, speller);
  return speller;
}
