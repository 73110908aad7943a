// A bot's state file in which notes and position data stand side by side: the notes are taken out, everything else is
// refused by name. It only reads; which of it may be set is decided note by note (notes.ts).
import { meaningOf, NOTE_LENGTH_MAX, type NoteField, type Notes } from "./notes.ts";
import type { Leg } from "./words.ts";

/** One position of the file. */
export interface ImportedNote {
  readonly instrument: string;
  /** Where the file says it; else the account's only leg of that instrument is meant. */
  readonly leg: Leg | null;
  readonly notes: Notes;
  readonly refused: readonly RefusedField[];
}

export interface RefusedField {
  /** As the file has it; null for the whole entry. */
  readonly field: string | null;
  readonly code: "position_data" | "unknown_field" | "bad_note" | "no_instrument" | "twice";
  readonly reason: string;
}

export interface ImportedNotes {
  readonly entries: readonly ImportedNote[];
  /** What stands beside the positions, or has no instrument. */
  readonly refused: readonly (RefusedField & { readonly at: string })[];
}

/** More than these are not read: a file of notes is one that people write. */
const ENTRIES_MAX = 2_000;
/** How an entry of a list names its instrument, in the order in which they are looked for. */
const IDENTITY = ["instrument", "symbol", "asset_id", "assetId", "token_id", "tokenId", "asset", "ticker"];
/** Where the positions stand, in a file that has more than them. */
const CONTAINERS = ["positions", "holdings", "trades", "notes", "assets"];

/** @throws RangeError when it is no such file: the message says what was found and what can be read. */
export function readNotes(document: unknown): ImportedNotes {
  const [place, rows] = rowsOf(document);
  if (rows.length > ENTRIES_MAX) {
    throw new RangeError(`it has ${rows.length} positions; at most ${ENTRIES_MAX} are read`);
  }
  const entries: ImportedNote[] = [];
  const refused: (RefusedField & { at: string })[] = [...besides(document, place)];
  for (const { at, name, row } of rows) {
    const instrument = name ?? identityOf(row);
    if (instrument === undefined) {
      const reason = `it names no instrument; give one as ${IDENTITY.slice(0, 3).join(", ")}`;
      refused.push({ at, field: null, code: "no_instrument", reason });
      continue;
    }
    if (!isObject(row)) {
      const reason = "it is no position with fields";
      refused.push({ at, field: null, code: "unknown_field", reason });
      continue;
    }
    entries.push({ instrument, leg: legOf(row), ...fieldsOf(row) });
  }
  return { entries, refused };
}

interface Row {
  readonly at: string;
  /** The key that it stands under; undefined in a list. */
  readonly name: string | undefined;
  readonly row: unknown;
}

/** The container's name, empty for the file itself, and what stands in it. */
function rowsOf(document: unknown): readonly [string, readonly Row[]] {
  if (Array.isArray(document)) return ["", listed("", document)];
  if (!isObject(document)) {
    throw new RangeError("it is neither an object nor a list; positions are read from either");
  }
  const place = CONTAINERS.find((name) => isObject(document[name]) || Array.isArray(document[name]));
  const inside = place === undefined ? document : document[place];
  if (Array.isArray(inside)) return [place ?? "", listed(place ?? "", inside)];
  const prefix = place === undefined ? "" : `${place}.`;
  const rows = Object.entries(inside as object)
    // Names that begin with an underscore are the bot's own, and no positions.
    .filter(([name, row]) => !name.startsWith("_") && (place !== undefined || isObject(row)))
    .map(([name, row]) => ({ at: `${prefix}${name}`, name, row }));
  return [place ?? "", rows];
}

function listed(place: string, rows: readonly unknown[]): Row[] {
  return rows.map((row, index) => ({ at: `${place}[${index}]`, name: undefined, row }));
}

/** Fields beside the positions: cash, totals, dates. None of them is a note on a position. */
function besides(document: unknown, place: string): (RefusedField & { at: string })[] {
  if (!isObject(document)) return [];
  return Object.entries(document).flatMap(([field, value]) => {
    if (field === place || field.startsWith("_") || (place === "" && isObject(value))) return [];
    const meaning = meaningOf(field);
    const [code, reason] =
      meaning.kind === "refused" && meaning.code === "position_data"
        ? [meaning.code, meaning.reason]
        : (["unknown_field", "it stands beside the positions and belongs to none"] as const);
    return [{ at: field, field, code, reason }];
  });
}

function fieldsOf(row: Readonly<Record<string, unknown>>): Pick<ImportedNote, "notes" | "refused"> {
  const notes: Partial<Record<NoteField, string>> = {};
  const refused: RefusedField[] = [];
  for (const [field, value] of Object.entries(row)) {
    if (field.startsWith("_") || IDENTITY.includes(field) || field === "leg") continue;
    const meaning = meaningOf(field);
    if (meaning.kind === "refused") {
      refused.push({ field, code: meaning.code, reason: meaning.reason });
      continue;
    }
    if (value === null || value === "") continue;
    const text = textOf(value);
    if (text === null || text.length > NOTE_LENGTH_MAX) {
      const reason = `it is ${text === null ? "no text, number or list of texts" : `${text.length} characters long; at most ${NOTE_LENGTH_MAX} are kept`}`;
      refused.push({ field, code: "bad_note", reason });
    } else if (notes[meaning.field] === undefined) notes[meaning.field] = text;
    else
      refused.push({
        field,
        code: "twice",
        reason: `another field of the entry is its ${meaning.field} already`,
      });
  }
  return { notes, refused };
}

/** A list of texts is a text of lines. A number is taken as it stands: it is a person's word, and nothing reckons with it. */
function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  const isList = Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string");
  return isList ? value.join("\n") : null;
}

function identityOf(row: unknown): string | undefined {
  if (!isObject(row)) return undefined;
  for (const name of IDENTITY) {
    const value = row[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

function legOf({ leg }: Readonly<Record<string, unknown>>): Leg | null {
  return leg === "net" || leg === "long" || leg === "short" ? leg : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an exit plan may be made of, as far as notes say it. */
export type ExitWish = Pick<Notes, "stop" | "target" | "timeStop">;

/**
 * Where exit plans take over what was noted: until somebody turns it into one, it is a person's word that nothing acts on.
 * Null where the notes speak of no exit.
 */
export function exitWishOf({ stop, target, timeStop }: Notes): ExitWish | null {
  if (stop === undefined && target === undefined && timeStop === undefined) return null;
  return {
    ...(stop !== undefined && { stop }),
    ...(target !== undefined && { target }),
    ...(timeStop !== undefined && { timeStop }),
  };
}
