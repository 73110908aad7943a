// Trades that the venue made against the account's will, as a read shows them: found before anything else is asked or
// entered, because whatever is asked may take its time and the account must be halted meanwhile.
import {
  type Draft,
  decideFill,
  decideLedgerEntry,
  type Observation,
  substituteGroup,
  undecidedEntries,
} from "../core/index.ts";
import { forcedTradeDrafts, isForcedCause, isForcedTrade } from "./hold.ts";
import { containedRows, fillContext, type IngestContext, inVenueOrder } from "./ingest.ts";

/** What halts the account for the forced trades of a read that it does not know yet; entering them adds nothing. */
export function forcedTradesIn({ fills, ledger }: Observation, context: IngestContext): Draft[] {
  const { book } = context.writer;
  const found = [...forcedFills(fills?.rows ?? [], context), ...forcedEntries(ledger?.rows ?? [], context)];
  return found.flatMap((forced) => forcedTradeDrafts(book, forced, context.nowMs, context.causeId));
}

type Forced = Parameters<typeof forcedTradeDrafts>[1];

function forcedFills(
  rows: NonNullable<Observation["fills"]>["rows"],
  context: IngestContext,
): readonly Forced[] {
  if (rows.every(({ forced }) => !isForcedCause(forced ?? null))) return [];
  const { book } = context.writer;
  const ordered = inVenueOrder(rows);
  const contained = containedRows(book, ordered, context);
  const occurrences = new Map<string, number>();
  return ordered.flatMap((row): Forced[] => {
    const group = substituteGroup(row);
    const occurrence = occurrences.get(group) ?? 0;
    occurrences.set(group, occurrence + 1);
    if (!isForcedCause(row.forced ?? null)) return [];
    const isContainedByStatement = contained.has(row);
    const decision = decideFill(row, { ...fillContext(context), occurrence, isContainedByStatement });
    if (decision.kind !== "recorded" || !isForcedTrade(book, decision.facts)) return [];
    const { cause, instrument, fillKey } = decision.facts;
    return cause === null ? [] : [{ cause, instrument, evidence: fillKey }];
  });
}

function forcedEntries(
  rows: NonNullable<Observation["ledger"]>["rows"],
  context: IngestContext,
): readonly Forced[] {
  const { writer, lagMs, nowMs, causeId, listedQty } = context;
  const { book } = writer;
  return undecidedEntries(book, rows).flatMap((row): Forced[] => {
    const { cause, instrument, id } = row;
    if (instrument === undefined || !isForcedCause(cause)) return [];
    const facts = { book, lagMs, nowMs, causeId, ...(listedQty && { venueQty: listedQty }) };
    return decideLedgerEntry(row, facts).key ? [{ cause, instrument, evidence: id }] : [];
  });
}
