// A bot's spelling of an instrument where somebody asks for something: what only looks or lowers risk is understood, an order
// that is to be sent must name its instrument itself.
import type { Venue } from "../venues/index.ts";

type Spelling = Pick<Venue, "named">;

/** The instrument that a text means; the text itself where that is not one. */
export function meantBy(text: string, venue: Spelling): string {
  const names = venue.named?.(text) ?? [];
  return names.length === 1 ? (names[0] ?? text) : text;
}

/** All that a text may mean; the text itself where nothing is spelled so. */
export function allMeantBy(text: string, venue: Spelling): readonly string[] {
  const names = venue.named?.(text) ?? [];
  return names.length === 0 ? [text] : names;
}

/** Why an order may not be sent for this text; undefined where it is a name, or nothing is known to be spelled so. */
export function misspelledReason(text: string, venue: Spelling): string | undefined {
  const names = venue.named?.(text) ?? [];
  if (names.length === 0 || names.includes(text)) return undefined;
  const found = names.length === 1 ? `means ${names[0]}` : `may mean ${names.join(" or ")}`;
  return `"${text}" ${found} here; an order is sent for the name alone: give the instrument as ${names.join(" or ")}`;
}
