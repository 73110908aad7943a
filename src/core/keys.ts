// Keys under which the book files things. Readable in the journal, and unambiguous whatever a venue puts into
// a symbol or an id. Not ids of inferred things; those are hashes (hash.ts).
import type { Leg, Side } from "./words.ts";

/** `net:AAPL`, `long:ETH/USDT:USDT`. */
export type PositionKey = string & { readonly __positionKey: unique symbol };
/** `v|X|V-1` by the venue's id, `c|X|O-1` by the client's. Given once, at an order's first sight. */
export type OrderKey = string & { readonly __orderKey: unique symbol };
/** `X|V-1|T-1|buy`: instrument, venue order id, trade id, side. The account is the journal's. */
export type FillKey = string & { readonly __fillKey: unique symbol };

export function positionKey(instrument: string, leg: Leg): PositionKey {
  return `${leg}:${instrument}` as PositionKey;
}

export function splitPositionKey(key: PositionKey): { readonly instrument: string; readonly leg: Leg } {
  const colon = key.indexOf(":");
  return { leg: key.slice(0, colon) as Leg, instrument: key.slice(colon + 1) };
}

/** Joins parts with "|", so that no part can pretend to be two. */
export function joinParts(parts: readonly string[]): string {
  return parts.map(escaped).join("|");
}

function escaped(part: string): string {
  // Nearly no id has either; looking is cheaper than replacing.
  return part.includes("|") || part.includes("\\") ? part.replace(/[\\|]/g, "\\$&") : part;
}

export function orderKeyOfVenueId(instrument: string, venueOrderId: string): OrderKey {
  return joinParts(["v", instrument, venueOrderId]) as OrderKey;
}

export function orderKeyOfClientId(instrument: string, clientOrderId: string): OrderKey {
  return joinParts(["c", instrument, clientOrderId]) as OrderKey;
}

export function fillKeyOf(instrument: string, venueOrderId: string, tradeId: string, side: Side): FillKey {
  return joinParts([instrument, venueOrderId, tradeId, side]) as FillKey;
}
