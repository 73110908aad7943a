// A position's row as it stands in the file, letter by letter, with the place where it stands: what an undo puts
// back. Kept in the journal as JSON, and read by nobody but restore.ts.
import { type PositionKey, positionKey } from "../../core/index.ts";
import type { RowPlace } from "../mirror.ts";
import type { Document, Entry } from "./document.ts";
import type { Layout } from "./layout.ts";
import { newKey } from "./new-row.ts";
import { spellerIn } from "./symbols.ts";

export interface ImageEntry {
  readonly rowId: string;
  /** Its place among all entries of the container. */
  readonly index: number;
  /** Keys of the entries before and after it; null at the ends, and in an array, where the index alone tells. */
  readonly previous: string | null;
  readonly next: string | null;
  /** The entry itself, its key included. */
  readonly text: string;
  /** What stands between the entry before it, or the bracket, and this one. */
  readonly lead: string;
  /** What stands between this one and the next, or the bracket. */
  readonly tail: string;
}

export function imageOf(document: Document, place: RowPlace, layout: Layout): string | null {
  const found = entriesAt(document, place, layout);
  return found.length === 0 ? null : JSON.stringify(found.map((entry) => imageEntry(document, entry)));
}

/** The entries of a position: its readable rows; where there is none, the one that is marked as closed. */
export function entriesAt(document: Document, place: RowPlace, layout: Layout): readonly Entry[] {
  const { byPosition, closedById } = placesOf(document);
  const rows = byPosition.get(positionKey(place.instrument, place.leg));
  if (rows) return rows;
  const closed = closedById.get(place.rowId ?? keyOfNew(document, place, layout) ?? "");
  return closed ? [closed] : [];
}

interface Places {
  readonly byPosition: ReadonlyMap<PositionKey, readonly Entry[]>;
  readonly closedById: ReadonlyMap<string, Entry>;
  readonly indexOf: ReadonlyMap<Entry, number>;
}

/** Worked out once for each text: a write may be about thousands of rows. */
const PLACES = new WeakMap<Document, Places>();

function placesOf(document: Document): Places {
  const known = PLACES.get(document);
  if (known) return known;
  const byPosition = new Map<PositionKey, Entry[]>();
  const closedById = new Map<string, Entry>();
  for (const entry of document.entries) {
    const { reading, rowId } = entry;
    if (reading.kind === "closed") closedById.set(rowId, entry);
    if (reading.kind !== "row" || reading.row.problem) continue;
    const position = positionKey(reading.row.instrument, reading.row.leg);
    const twins = byPosition.get(position);
    if (twins) twins.push(entry);
    else byPosition.set(position, [entry]);
  }
  const indexOf = new Map(document.entries.map((entry, index) => [entry, index]));
  const places = { byPosition, closedById, indexOf };
  PLACES.set(document, places);
  return places;
}

export function readImage(image: string | null): readonly ImageEntry[] {
  return image === null ? [] : (JSON.parse(image) as ImageEntry[]);
}

/** Whether entries say what an image says, wherever they stand. */
export function showsImage(
  { text }: Document,
  entries: readonly Entry[],
  image: readonly ImageEntry[],
): boolean {
  const words = entries.map(({ start, end }) => text.slice(start, end));
  return words.length === image.length && words.every((word, index) => word === image[index]?.text);
}

function imageEntry(document: Document, entry: Entry): ImageEntry {
  const { text, entries, container } = document;
  const index = placesOf(document).indexOf.get(entry) ?? 0;
  const before = entries[index - 1]?.end ?? container.start + 1;
  const after = entries[index + 1]?.start ?? container.end - 1;
  return {
    rowId: entry.rowId,
    index,
    previous: idOf(entries[index - 1]),
    next: idOf(entries[index + 1]),
    text: text.slice(entry.start, entry.end),
    lead: text.slice(before, entry.start),
    tail: text.slice(entry.end, after),
  };
}

function idOf(entry: Entry | undefined): string | null {
  return entry === undefined || entry.key === null ? null : entry.rowId;
}

/** The key that a new row takes; a closed row may have it. */
function keyOfNew(document: Document, { instrument, leg, qty }: RowPlace, layout: Layout): string | null {
  if (layout.shape.kind === "array") return null;
  const facts = { instrument, leg, qty, entryPrice: null, venueOrderId: null, openedAt: null };
  return newKey(facts, layout, spellerIn(document, layout));
}
