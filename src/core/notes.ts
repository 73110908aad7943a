// What a person notes on a position: why it is held, and when it shall end. Words only: quantities, prices paid and results
// are the book's, and a note that repeated them would be one more copy to go wrong. Notes belong to a position's life.
import type { Book, Note } from "./book/book.ts";
import { type PositionKey, positionKey } from "./keys.ts";
import { currentLife, type Ledger, lifeOfEntry } from "./ledger/ledger.ts";
import type { Life } from "./ledger/life.ts";
import { type DraftOf, draft } from "./records.ts";
import type { Leg } from "./words.ts";

/** The fields that a note may have, in the order in which they are shown. */
export const NOTE_FIELDS = ["thesis", "invalidation", "timeStop", "stop", "target", "text"] as const;
export type NoteField = (typeof NOTE_FIELDS)[number];
export type Notes = Readonly<Partial<Record<NoteField, string>>>;
/** What is set; null takes a field away. */
export type NoteChange = Readonly<Partial<Record<NoteField, string | null>>>;

/** The source under which the journal has what people noted. */
export const NOTES_SOURCE = "notes";
/** Longest text of one field, in characters. */
export const NOTE_LENGTH_MAX = 2_000;

export interface NoteRequest {
  readonly instrument: string;
  readonly leg: Leg;
  readonly fields: NoteChange;
  readonly by: string;
}

export type NoteDecision =
  | { readonly kind: "set"; readonly draft: DraftOf<"note_set"> }
  | { readonly kind: "refused"; readonly code: NoteRefusal; readonly text: string };

/** docs/errors.md has each with what to do. */
export type NoteRefusal = "bad_note" | "not_held";

/** A note needs a life to belong to: on what is flat there is none, and what comes next may be another matter. */
export function decideNote(book: Book, { instrument, leg, fields, by }: NoteRequest): NoteDecision {
  const problem = problemOfFields(fields) ?? (by.trim() === "" ? "say who notes it: a person's name" : null);
  if (problem !== null) return { kind: "refused", code: "bad_note", text: problem };
  const key = positionKey(instrument, leg);
  const ledger = book.ledgers.get(key);
  const life = ledger && currentLife(ledger);
  if (!ledger || !life) {
    const text = `${instrument} is not held${leg === "net" ? "" : ` (${leg})`}: a note belongs to a position that is; set it once there is one`;
    return { kind: "refused", code: "not_held", text };
  }
  const own = notesOfLife(book, key, ledger, life);
  const known = own.findLast(({ entryId }) => lifeOf(book, ledger, entryId) === life);
  const merged: Record<string, unknown> = {};
  for (const note of own) Object.assign(merged, note.fields);
  const payload = {
    instrument,
    leg,
    // The earlier note's place: it is taken by this one, which has all that it had.
    entryId: known?.entryId ?? life.opener,
    source: NOTES_SOURCE,
    fields: { ...merged, ...fields },
  };
  return { kind: "set", draft: draft("note_set", payload, `by:${by}`) as DraftOf<"note_set"> };
}

/** What is wrong with the fields of a note; null when nothing is. */
export function problemOfFields(fields: NoteChange): string | null {
  const all = Object.entries(fields);
  if (all.length === 0) return `name a field: ${NOTE_FIELDS.join(", ")}`;
  for (const [name, value] of all) {
    if (!NOTE_FIELDS.some((field) => field === name)) return refusalOfField(name);
    if (value === null || value === undefined) continue;
    if (value.length === 0 || value.length > NOTE_LENGTH_MAX) {
      return `${name} has ${value.length} characters; give 1 to ${NOTE_LENGTH_MAX}`;
    }
    if (HIDDEN.test(value)) return `${name} has a control character; lines and tabs are fine, others are not`;
  }
  return null;
}

/** What people noted on a life: later words take the place of earlier ones. */
export function notesOf(book: Book, key: PositionKey, life: Life): Notes {
  const ledger = book.ledgers.get(key);
  const fields: Record<string, string> = {};
  if (!ledger) return fields;
  for (const note of notesOfLife(book, key, ledger, life)) {
    for (const [name, value] of Object.entries(note.fields)) {
      if (value === null) delete fields[name];
      else fields[name] = String(value);
    }
  }
  return Object.fromEntries(NOTE_FIELDS.flatMap((name) => (name in fields ? [[name, fields[name]]] : [])));
}

function notesOfLife(book: Book, key: PositionKey, ledger: Ledger, life: Life): Note[] {
  return (book.notes.get(key) ?? []).filter(
    (note) => note.source === NOTES_SOURCE && ownerOf(book, ledger, note) === life,
  );
}

/** The life that a note, or an exit plan, belongs to: that of its entry, or of what replaced it; where that is gone, the one of its time. */
export function ownerOf(
  book: Book,
  ledger: Ledger,
  { entryId, tsMs }: Pick<Note, "entryId" | "tsMs">,
): Life | undefined {
  return (
    lifeOf(book, ledger, entryId) ?? ledger.lives.findLast((life) => life.openedAt <= tsMs) ?? ledger.lives[0]
  );
}

function lifeOf(book: Book, ledger: Ledger, entryId: string): Life | undefined {
  return lifeOfEntry(ledger, book.successors.get(entryId) ?? entryId);
}

/** What moves a cursor, or turns the direction of what follows: text that shows something else than it says. */
const HIDDEN = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u;

/** What a field of somebody's file is: a note under one of our names, something that a note may not have, or not known. */
export type FieldMeaning =
  | { readonly kind: "note"; readonly field: NoteField }
  | { readonly kind: "refused"; readonly code: "position_data" | "unknown_field"; readonly reason: string };

export function meaningOf(name: string): FieldMeaning {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  const field = NOTE_FIELDS.find((one) => NAMES[one].includes(plain));
  if (field !== undefined) return { kind: "note", field };
  const found = Object.entries(POSITION_DATA).find(([, names]) => names.includes(plain));
  if (found)
    return { kind: "refused", code: "position_data", reason: `${found[0]}; trueup positions has it` };
  const reason = `no field of a note (${NOTE_FIELDS.join(", ")}); put it into text`;
  return { kind: "refused", code: "unknown_field", reason };
}

function refusalOfField(name: string): string {
  const meaning = meaningOf(name);
  const shown = JSON.stringify(name.slice(0, 64));
  if (meaning.kind === "note") return `${shown} is written ${meaning.field}`;
  return `${shown} cannot be noted: it is ${meaning.reason}`;
}

/** How people call what a note may have; letters and digits alone, in lower case. */
const NAMES: Readonly<Record<NoteField, readonly string[]>> = {
  thesis: ["thesis", "thesisnotes", "why", "rationale", "reason", "entryreason"],
  invalidation: [
    "invalidation",
    "invalidations",
    "invalidationcondition",
    "invalidationconditions",
    "invalidatedif",
    "invalidif",
  ],
  timeStop: ["timestop", "exitby", "timeexit", "holduntil", "timelimit"],
  stop: ["stop", "stoploss", "customstop", "customstoploss", "sl"],
  target: ["target", "takeprofit", "customtarget", "customtakeprofit", "pricetarget", "tp"],
  text: ["text", "note", "notes", "comment", "comments", "freetext"],
};

/** What belongs to the book, by what it is. */
const POSITION_DATA: Readonly<Record<string, readonly string[]>> = {
  "a quantity": [
    "qty",
    "quantity",
    "size",
    "shares",
    "amount",
    "contracts",
    "units",
    "position",
    "positionamt",
    "filled",
  ],
  "a side": ["side", "direction", "positionside"],
  "a price paid": [
    "entry",
    "entryprice",
    "avgprice",
    "averageprice",
    "avgentryprice",
    "buyprice",
    "openprice",
  ],
  "a price of the market": ["price", "currentprice", "markprice", "lastprice", "curprice"],
  "what it cost": ["cost", "costbasis", "invested", "initialvalue", "usdcspent"],
  "what it is worth": ["value", "currentvalue", "marketvalue", "notional", "exposure"],
  "a result": [
    "pnl",
    "upnl",
    "profit",
    "unrealizedpnl",
    "unrealisedpnl",
    "realizedpnl",
    "realisedpnl",
    "cashpnl",
    "pnlpct",
    "pnlpercent",
    "percentpnl",
    "roi",
    "returnpct",
  ],
  "a state of the position": [
    "status",
    "state",
    "open",
    "closed",
    "openedat",
    "entrytime",
    "entrydate",
    "closedat",
    "exitprice",
  ],
  "money of the account": ["balance", "cash", "equity", "margin", "leverage", "liquidationprice"],
};
