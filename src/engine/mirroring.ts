// Bringing a mirror in line: read, compare, write if nobody wrote in between, read again and look whether it
// took. What was written is in the journal with the rows as they were.
import {
  type AbsenceVerdict,
  type Draft,
  draft,
  EMPTY_TALLY,
  type MirrorChange,
  type MirrorFacts,
  type MirrorOutcome,
  type MirrorRowIntended,
  type PassContext,
  type PositionKey,
  reconcileMirror,
  type Sighted,
  type Standing,
  type Summary,
  sight,
} from "../core/index.ts";
import type { Mirror, MirrorRead } from "../mirrors/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { dropped, intentOf, repairDrafts, settleIntent, writtenRow, writtenRows } from "./mirror-intents.ts";
import { guarded, problemOf } from "./observe.ts";
import type { MirrorReport } from "./report.ts";
import type { AccountWriter } from "./writer.ts";

export interface MirrorLook {
  readonly mirror: Mirror;
  readonly read: MirrorRead;
  readonly facts: MirrorFacts;
}

export interface Mirrored {
  readonly report: MirrorReport;
  readonly summary: Summary;
  /** Keys that were not compared because something about them moves. */
  readonly moving: readonly PositionKey[];
}

/** A store that does not answer (a disk that is gone, a pipe) is unavailable after a while: nothing else waits for it. */
const MIRROR_READ_MS = 10_000;

export async function lookAt(mirror: Mirror, runtime: Runtime): Promise<MirrorLook> {
  const read = await readSafely(mirror, runtime);
  const { name, scope, isPresenceOnly, mayAdd, demandsVenueReference } = mirror;
  return {
    mirror,
    read,
    facts: { name, scope, isPresenceOnly, mayAdd, demandsVenueReference, rows: read.rows },
  };
}

async function readSafely(mirror: Mirror, runtime: Runtime): Promise<MirrorRead> {
  try {
    return await guarded(mirror.read(), runtime, MIRROR_READ_MS);
  } catch (error) {
    return { quality: "unavailable", rows: [], version: "", problem: problemOf(error) };
  }
}

/** A mirror held against the venue: entered, but nothing is written to the store yet. */
export interface Compared {
  readonly sighted: readonly Sighted[];
  readonly summary: Summary;
  /** Null where it could not be read. */
  readonly outcome: MirrorOutcome | null;
}

export function compareMirror(
  look: MirrorLook,
  context: PassContext,
  absence: AbsenceVerdict,
  standing: (key: PositionKey) => Standing,
  writer: AccountWriter,
): Compared {
  const { mirror, read, facts } = look;
  if (read.quality !== "complete") {
    return { sighted: [], summary: summaryOf(mirror.name, EMPTY_TALLY, problemIn(read)), outcome: null };
  }
  writer.stage(settleIntent(look, context));
  const outcome = reconcileMirror(context, facts, absence, standing);
  writer.stage(outcome.drafts);
  return { sighted: outcome.sighted, summary: summaryOf(mirror.name, outcome.tally, null), outcome };
}

export async function bringInLine(
  look: MirrorLook,
  { summary, outcome }: Compared,
  context: PassContext,
  writer: AccountWriter,
  runtime: Runtime,
): Promise<Mirrored> {
  const { mirror, read } = look;
  const untouched = { mirror: mirror.name, place: mirror.place, written: 0, backup: null, isConflict: false };
  if (!outcome) {
    return { report: { ...untouched, problem: problemIn(read) }, summary, moving: [] };
  }
  if (outcome.changes.length > 0) return write(look, outcome, summary, context, writer, runtime);
  const left = context.book.mirrorIntents.get(mirror.name);
  if (left) writer.stage([dropped(left, "there is nothing to write any more", context.causeId)]);
  return { report: { ...untouched, problem: null }, summary, moving: outcome.moving };
}

function problemIn({ problem }: MirrorRead): string {
  return problem ?? "it could not be read";
}

async function write(
  look: MirrorLook,
  outcome: MirrorOutcome,
  summary: Summary,
  context: PassContext,
  writer: AccountWriter,
  runtime: Runtime,
): Promise<Mirrored> {
  const { mirror, read } = look;
  const base = { mirror: mirror.name, place: mirror.place };
  const { changes, moving } = outcome;
  const { intent, drafts } = intentOf(look, changes, context);
  writer.stage(drafts);
  // What is about to be done, and why, is durable before the bot's store is touched.
  await writer.flush();
  const result = await mirror.write(changes, read.version).catch((error: unknown) => ({
    kind: "failed" as const,
    detail: problemOf(error),
  }));
  if (result.kind !== "written") {
    const isConflict = result.kind === "conflict";
    // What failed may have been made all the same: the next look at the store tells.
    if (isConflict) writer.stage([dropped(intent, result.detail, context.causeId)]);
    const report = { ...base, written: 0, backup: null, problem: result.detail, isConflict };
    return { report, summary: moved(summary, changes), moving };
  }
  const again = await readSafely(mirror, runtime);
  const taken = writtenRows(intent.rows, again);
  const isTaken = new Set(taken);
  const failed = changes.filter((_, index) => !isTaken.has(intent.rows[index] as MirrorRowIntended));
  const { writeId } = intent;
  const rows = taken.map((row) => writtenRow(row, again));
  const written = { mirror: mirror.name, writeId, rows, backup: result.backup };
  if (taken.length > 0) writer.stage([draft("mirror_written", written, context.causeId)]);
  // Where it cannot be read again the intent stays: the next look tells.
  else if (again.quality === "complete") {
    writer.stage([dropped(intent, "reading it again shows none of it", context.causeId)]);
  }
  writer.stage([
    ...taken.flatMap((row) => repairDrafts(context.book, row, mirror.name, context)),
    ...failed.flatMap((change) => refuted(change, context)),
  ]);
  const problem =
    failed.length > 0
      ? `${failed.length} rows are not as they were written; is another program writing?`
      : null;
  return {
    report: { ...base, written: taken.length, backup: result.backup, problem, isConflict: false },
    summary: moved(summary, failed),
    moving,
  };
}

/** The store says "written" and shows something else: the repair did not happen. */
function refuted({ discrepancy }: MirrorChange, context: PassContext): Draft[] {
  const { of, kind, subject, localQty, venueQty, cause, explanation } = discrepancy;
  const refusal = {
    code: "verify_failed",
    detail: "the row was written, but reading it again shows the old one",
  };
  const seen = { of, kind, subject, localQty, venueQty, cause, explanation, refusal };
  return [...sight(context.book, seen, context, context.causeId).drafts];
}

function summaryOf(of: string, tally: MirrorOutcome["tally"], problem: string | null): Summary {
  return { of, ...tally, orders: EMPTY_TALLY, balances: EMPTY_TALLY, flagged: 0, problem };
}

/** Rows that were to be changed and were not are refused, not closed, added or corrected. */
function moved(summary: Summary, failed: readonly MirrorChange[]): Summary {
  const count = (wanted: MirrorChange["action"]) => failed.filter(({ action }) => action === wanted).length;
  const [removed, added, corrected] = [count("removed"), count("added"), count("corrected")];
  const { local, venue } = summary.sides;
  return {
    ...summary,
    closed: summary.closed - removed,
    added: summary.added - added,
    corrected: summary.corrected - corrected,
    refused: summary.refused + failed.length,
    sides: {
      local: {
        ...local,
        closed: local.closed - removed,
        corrected: local.corrected - corrected,
        refused: local.refused + removed + corrected,
      },
      venue: {
        ...venue,
        added: venue.added - added,
        corrected: venue.corrected - corrected,
        refused: venue.refused + added + corrected,
      },
    },
  };
}
