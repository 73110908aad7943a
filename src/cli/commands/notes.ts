// `trueup notes set|show|import`: what a person notes on a position: why it is held, and when it shall end. By the daemon
// where one runs, else by this process, which asks nothing of the venue.
import { readFileSync, statSync } from "node:fs";
import {
  type Book,
  type ImportedNote,
  type ImportedNotes,
  isZero,
  type Leg,
  NOTE_FIELDS,
  type NoteChange,
  type RefusedField,
  readNotes,
} from "../../core/index.ts";
import { daemonClient } from "../../daemon/daemon-client.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";
import { heldNotes, type NotesOfPosition, noteChange } from "../../engine/index.ts";
import type { Command, Context } from "../context.ts";
import { counted } from "../output.ts";
import { withAccounts } from "../reader.ts";
import { changeHere, legOf, namedPerson } from "./attribute.ts";
import { oneAccount } from "./gate.ts";
import { exitText, type ImportedExit, importExit } from "./notes-exits.ts";

export interface NoteOptions {
  readonly instrument?: string;
  readonly leg?: string;
  readonly by?: string;
  readonly dryRun?: boolean;
  readonly exits?: boolean;
}

export const setNotes: Command<NoteOptions> = async (context, options, ...words) => {
  const account = await oneAccount(context);
  const { instrument = "" } = options;
  const fields = fieldsIn(words);
  const set = await write(context, account, {
    instrument,
    leg: legOf(options.leg),
    fields,
    by: namedPerson(context, options.by),
  });
  if (context.out.isJson) context.out.json(set);
  else tell(context, [set]);
  return EXIT.done;
};

export const showNotes: Command<NoteOptions> = (context, { instrument }) =>
  withAccounts(context.parts, context.load(), context.options.account, async (accounts) => {
    const all = accounts.flatMap(({ book }) => heldNotes(book));
    const notes = all.filter((one) => instrument === undefined || one.instrument === instrument);
    if (context.out.isJson) context.out.json({ notes });
    else if (notes.length === 0) context.out.line("no notes on what is held");
    else tell(context, notes);
    return EXIT.done;
  });

/** Larger ones are not read: people write these files. */
const FILE_BYTES_MAX = 4 * 1_024 * 1_024;

/** What became of one position of the file. */
interface Taken extends Omit<ImportedNote, "leg"> {
  readonly leg: Leg | null;
  readonly isTaken: boolean;
  /** Why its notes were not taken; null where they were, or where there are none. */
  readonly code: string | null;
  readonly reason: string | null;
  /** Of the exit that its notes wish; left out where none was asked for or they wish none. */
  readonly exit?: ImportedExit;
}

export const importNotes: Command<NoteOptions> = async (
  context,
  { by, dryRun = false, exits = false },
  file = "",
) => {
  const account = await oneAccount(context);
  const person = namedPerson(context, by);
  const read = notesIn(file);
  const legs = await heldLegs(context, account);
  const taken: Taken[] = [];
  for (const entry of read.entries) {
    const one = await take(context, account, entry, { legs, by: person, isDry: dryRun });
    const { instrument, leg, isTaken } = one;
    const place = { account, instrument, leg: leg ?? "net", by: person, isDry: dryRun };
    const exit = exits && isTaken ? await importExit(context, one.notes, place) : null;
    taken.push(exit === null ? one : { ...one, exit });
  }
  tellImport(context, { account, file, isDry: dryRun, taken, refused: read.refused });
  // Position data is refused wherever it stands, and all is well; an entry of which nobody knows whose it is is lost.
  const isNamed = read.refused.every(({ code }) => code !== "no_instrument");
  const isWhole = taken.every(
    ({ code, exit }) => code === null && (exit === undefined || (exit.isSet && exit.refused.length === 0)),
  );
  return isNamed && isWhole ? EXIT.done : EXIT.unresolved;
};

interface TakeOptions {
  readonly legs: ReadonlyMap<string, readonly Leg[]>;
  readonly by: string;
  readonly isDry: boolean;
}

async function take(
  context: Context,
  account: string,
  entry: ImportedNote,
  { legs, by, isDry }: TakeOptions,
): Promise<Taken> {
  const { instrument, notes } = entry;
  const held = legs.get(instrument) ?? [];
  const leg = entry.leg ?? (held.length === 1 ? (held[0] ?? null) : null);
  const not = (code: string, reason: string) => ({ ...entry, leg, isTaken: false, code, reason });
  if (Object.keys(notes).length === 0) return { ...entry, leg, isTaken: false, code: null, reason: null };
  if (held.length === 0 || (leg !== null && !held.includes(leg))) {
    return not("not_held", "it is not held: a note belongs to a position that is");
  }
  if (leg === null) return not("which_leg", `held on ${held.join(" and ")}: give the entry a "leg"`);
  if (isDry) return { ...entry, leg, isTaken: true, code: null, reason: null };
  try {
    await write(context, account, { instrument, leg, fields: notes, by });
    return { ...entry, leg, isTaken: true, code: null, reason: null };
  } catch (error) {
    // It may have been closed since, or a text is none that can be kept; the others are taken all the same.
    const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: string };
    if (code !== "not_held" && code !== "bad_note") throw error;
    return not(code, message ?? code);
  }
}

/** The legs on which the account holds each instrument. */
function heldLegs(context: Context, account: string): Promise<Map<string, Leg[]>> {
  return withAccounts(context.parts, context.load(), account, async ([one]) => {
    const held = new Map<string, Leg[]>();
    const ledgers = (one as { readonly book: Book }).book.ledgers.values();
    for (const { instrument, leg, holding } of ledgers) {
      if (!isZero(holding.qty)) held.set(instrument, [...(held.get(instrument) ?? []), leg]);
    }
    return held;
  });
}

async function write(
  context: Context,
  account: string,
  note: { readonly instrument: string; readonly leg: Leg; readonly fields: NoteChange; readonly by: string },
): Promise<NotesOfPosition> {
  const client = daemonClient(context.load().stateDir);
  if (client) return client.put<NotesOfPosition>("/v1/notes", { account, ...note });
  return changeHere(context, account, (book) => noteChange(book, note));
}

/** `thesis="it is cheap" stop=` takes the words of the one and takes away the other. */
function fieldsIn(words: readonly string[]): NoteChange {
  const fields: Record<string, string | null> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1) {
      throw new CliError(
        EXIT.usage,
        "bad_note_field",
        `"${word}" is no field: write FIELD=TEXT, of ${NOTE_FIELDS.join(", ")}`,
      );
    }
    fields[word.slice(0, at)] = at === word.length - 1 ? null : word.slice(at + 1);
  }
  return fields;
}

function notesIn(file: string): ImportedNotes {
  const wrong = (text: string, cause?: unknown) =>
    new CliError(EXIT.usage, "bad_notes_file", `${file}: ${text}; nothing was changed`, { cause });
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > FILE_BYTES_MAX) throw wrong(`it has ${size} bytes, at most ${FILE_BYTES_MAX} are read`);
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw wrong(`it cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`, error);
  }
  try {
    return readNotes(JSON.parse(text.replace(/^\uFEFF/, "")));
  } catch (error) {
    if (error instanceof RangeError) throw wrong(error.message, error);
    throw wrong(`it is not JSON: ${(error as Error).message}`, error);
  }
}

function tell({ out }: Context, notes: readonly NotesOfPosition[]): void {
  for (const { account, instrument, leg, notes: fields } of notes) {
    out.line(`${out.tone("bold", account)}: ${instrument}${leg === "net" ? "" : ` ${leg}`}`);
    const rows = NOTE_FIELDS.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]]));
    if (rows.length === 0) out.line("  nothing is noted");
    for (const [name, value] of rows) out.line(`  ${name}: ${indented(value)}`);
  }
}

/** Lines of a text under their field: none of them can pass for one of ours. */
function indented(text = ""): string {
  return text.replaceAll("\n", "\n    ");
}

interface Imported {
  readonly account: string;
  readonly file: string;
  readonly isDry: boolean;
  readonly taken: readonly Taken[];
  readonly refused: ImportedNotes["refused"];
}

function tellImport({ out }: Context, { account, file, isDry, taken, refused }: Imported): void {
  if (out.isJson) {
    out.json({ account, file, isDryRun: isDry, positions: taken, refused });
    return;
  }
  const count = taken.filter(({ isTaken }) => isTaken).length;
  const verb = isDry ? "would be taken; nothing was changed" : "taken";
  out.line(`${out.tone("bold", account)}: notes on ${counted(count, "position")} ${verb}`);
  for (const { instrument, leg, notes, isTaken, reason, exit, refused: fields } of taken) {
    const place = `${instrument}${leg === null || leg === "net" ? "" : ` ${leg}`}`;
    const names = Object.keys(notes).join(", ");
    if (isTaken) out.line(`  ${place}: ${names}`);
    else out.line(`  ${place}: ${names === "" ? "no notes in it" : `not taken: ${names}: ${reason ?? ""}`}`);
    for (const one of fields) out.line(`    refused ${refusalText(one)}`);
    if (exit) out.line(`    ${exitText(exit, isDry)}`);
    for (const one of exit?.refused ?? []) out.line(`    refused for the exit ${refusalText(one)}`);
  }
  for (const one of refused) out.line(`  refused ${one.at}: ${one.reason}`);
}

function refusalText({ field, reason }: Pick<RefusedField, "field" | "reason">): string {
  return `${field ?? "the entry"}: ${reason}`;
}
