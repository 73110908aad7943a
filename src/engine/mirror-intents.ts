// What is about to be written into a mirror, durable before its store is touched. A process that dies between the
// write and its record leaves the intent: the next look at the store tells whether the write was made, and what the
// bot had noted on the rows that went is in the journal either way.
import {
  type Book,
  byWhom,
  closeDiscrepancy,
  type Decimal,
  type Draft,
  deriveId,
  draft,
  type MirrorChange,
  type MirrorIntent,
  type MirrorRow,
  type MirrorRowIntended,
  type MirrorRowWritten,
  type PassContext,
  positionKey,
  scopeQty,
  watchText,
} from "../core/index.ts";
import type { Mirror, MirrorRead } from "../mirrors/index.ts";
import type { MirrorLook } from "./mirroring.ts";

/** The intent of these changes: the one that is in the journal already where a write is only tried again. */
export function intentOf(
  { mirror, read, facts }: MirrorLook,
  changes: readonly MirrorChange[],
  { book }: PassContext,
): { readonly intent: MirrorIntent; readonly drafts: readonly Draft[] } {
  const rowsById = new Map(read.rows.map((row) => [row.rowId, row]));
  const rows = changes.map((change) => {
    const row = change.rowId === null ? undefined : rowsById.get(change.rowId);
    return intendedRow(change, row, facts.isPresenceOnly, read, book.seq);
  });
  const known = book.mirrorIntents.get(mirror.name);
  if (known?.version === read.version && wordsOf(known.rows) === wordsOf(rows)) {
    return { intent: known, drafts: [] };
  }
  const writeId = deriveId("wri", [book.account, mirror.name, read.version, book.seq]);
  const intent = { writeId, mirror: mirror.name, version: read.version, rows };
  return { intent, drafts: [draft("mirror_write_intended", intent, changes[0]?.discrepancy.id ?? writeId)] };
}

function intendedRow(
  change: MirrorChange,
  row: MirrorRow | undefined,
  isPresenceOnly: boolean,
  read: MirrorRead,
  seq: number,
): MirrorRowIntended {
  const { action, rowId, instrument, leg, claim, discrepancy, qty } = change;
  const isGone = action === "removed";
  return {
    action,
    rowId,
    instrument,
    leg,
    qty: isGone || isPresenceOnly ? null : qty,
    before: row ? { rowId: row.rowId, qty: row.qty, ...row.metadata } : null,
    after: isGone ? null : { qty, entryPrice: change.entryPrice, ...change.metadata },
    ...(claim !== undefined && { claim }),
    repairId: deriveId("rep", [discrepancy.id, seq]),
    discrepancyId: discrepancy.id,
    imageBefore: read.imageOf?.(change) ?? null,
  };
}

/** Whatever makes two intents the same; ids of repairs grow out of the moment at which they were meant. */
function wordsOf(rows: readonly MirrorRowIntended[]): string {
  return JSON.stringify(rows.map(({ repairId: _, ...words }) => words));
}

/** The row as the journal keeps it once it is written. */
export function writtenRow(row: MirrorRowIntended, again: MirrorRead): MirrorRowWritten {
  const { rowId, qty, discrepancyId: _, imageBefore, ...words } = row;
  const place = { instrument: row.instrument, leg: row.leg, rowId, qty: qty ?? ("0" as Decimal) };
  return { ...words, image: { before: imageBefore, after: again.imageOf?.(place) ?? null } };
}

/** The rows that the store shows as they were meant to be written; none where it cannot be read. */
export function writtenRows(rows: readonly MirrorRowIntended[], again: MirrorRead): MirrorRowIntended[] {
  if (again.quality !== "complete") return [];
  // A row that cannot be read was refused before and is not what was written.
  const readable = again.rows.filter(({ problem }) => problem === undefined);
  const found = new Map(readable.map((row) => [positionKey(row.instrument, row.leg), row]));
  return rows.filter(({ action, instrument, leg, qty, after }) => {
    const row = found.get(positionKey(instrument, leg));
    const isGone = action === "removed" || after === null;
    if (isGone) return row === undefined || row.qty === "0";
    return row !== undefined && (qty === null || row.qty === qty);
  });
}

/**
 * What became of an intent that has no outcome: nobody looks twice at a store that is still as it was. Where the bot
 * itself took a row out in between, that counts as written: its notes are kept, which is what the intent is for.
 */
export function settleIntent(
  { mirror, read }: Pick<MirrorLook, "mirror" | "read">,
  { book, causeId, nowMs }: Pick<PassContext, "book" | "causeId" | "nowMs">,
): Draft[] {
  const intent = book.mirrorIntents.get(mirror.name);
  if (!intent || read.quality !== "complete" || read.version === intent.version) return [];
  const taken = writtenRows(intent.rows, read);
  if (taken.length === 0) return [dropped(intent, "the store shows none of it", causeId)];
  return [
    draft(
      "mirror_written",
      {
        mirror: mirror.name,
        writeId: intent.writeId,
        isRecovered: true,
        rows: taken.map((row) => writtenRow(row, read)),
        backup: null,
      },
      causeId,
    ),
    ...taken.flatMap((row) =>
      row.undoes
        ? [undoneDraft(book, row, mirror, causeId)]
        : repairDrafts(book, row, mirror.name, { nowMs, causeId }),
    ),
  ];
}

/** That a row has been put back, and is watched from now on (R13). */
export function undoneDraft(
  book: Book,
  { repairId, discrepancyId, instrument, leg, before, after, undoes }: MirrorRowIntended,
  { name, scope }: Pick<Mirror, "name" | "scope">,
  causeId: string,
): Draft {
  const key = positionKey(instrument, leg);
  const held = scopeQty(book.ledgers.get(key), scope);
  const { action = "corrected", by = "operator" } = undoes ?? {};
  const place = { of: name, action, instrument, leg, by, before, after };
  return draft(
    "repair_undone",
    { repairId, discrepancyId, ...place, watch: watchText(book, key, held) },
    causeId,
  );
}

export function dropped({ writeId, mirror }: MirrorIntent, reason: string, causeId: string): Draft {
  return draft("mirror_write_dropped", { writeId, mirror, reason }, causeId);
}

/** The repair, and the end of the difference that it was about. */
export function repairDrafts(
  book: Book,
  { action, repairId, discrepancyId, before, after, qty }: MirrorRowIntended,
  of: string,
  { nowMs, causeId, ...context }: Pick<PassContext, "nowMs" | "causeId" | "word">,
): Draft[] {
  const who = byWhom(context);
  if (action === "restored") return [];
  const open = book.discrepancies.get(discrepancyId);
  const repair = draft(
    "repair_applied",
    {
      repairId,
      discrepancyId,
      of,
      action,
      before: { qty: open?.localQty ?? before?.qty ?? null },
      after: after === null ? null : { qty: after.qty ?? qty },
      ...(open && { witness: open.witness }),
      ...who,
    },
    discrepancyId,
  );
  return open ? [repair, closeDiscrepancy(open, "repaired", nowMs, causeId, repairId)] : [repair];
}
