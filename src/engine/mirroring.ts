// Bringing a mirror in line: read, compare, write if nobody wrote in between, read again and look whether it
// took. What was written is in the journal with the rows as they were.
import {
  type AbsenceVerdict,
  closeDiscrepancy,
  type Draft,
  deriveId,
  draft,
  EMPTY_TALLY,
  type MirrorChange,
  type MirrorFacts,
  type MirrorOutcome,
  type PassContext,
  type PositionKey,
  reconcileMirror,
  type Sighted,
  type Standing,
  type Summary,
  sight,
} from "../core/index.ts";
import type { Mirror, MirrorRead } from "../mirrors/index.ts";
import { problemOf } from "./observe.ts";
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
  readonly sighted: readonly Sighted[];
}

export async function lookAt(mirror: Mirror): Promise<MirrorLook> {
  const read = await readSafely(mirror);
  const { name, scope, isPresenceOnly, mayAdd, demandsVenueReference } = mirror;
  return {
    mirror,
    read,
    facts: { name, scope, isPresenceOnly, mayAdd, demandsVenueReference, rows: read.rows },
  };
}

async function readSafely(mirror: Mirror): Promise<MirrorRead> {
  try {
    return await mirror.read();
  } catch (error) {
    return { quality: "unavailable", rows: [], version: "", problem: problemOf(error) };
  }
}

export async function bringInLine(
  look: MirrorLook,
  context: PassContext,
  absence: AbsenceVerdict,
  standing: (key: PositionKey) => Standing,
  writer: AccountWriter,
): Promise<Mirrored> {
  const { mirror, read, facts } = look;
  const base = { mirror: mirror.name, place: mirror.place };
  if (read.quality !== "complete") {
    const problem = read.problem ?? "it could not be read";
    const summary = summaryOf(mirror.name, EMPTY_TALLY, problem);
    return {
      report: { ...base, written: 0, backup: null, problem, isConflict: false },
      summary,
      sighted: [],
    };
  }
  const outcome = reconcileMirror(context, facts, absence, standing);
  writer.stage(outcome.drafts);
  const summary = summaryOf(mirror.name, outcome.tally, null);
  if (outcome.changes.length === 0) {
    return {
      report: { ...base, written: 0, backup: null, problem: null, isConflict: false },
      summary,
      sighted: outcome.sighted,
    };
  }
  return write(look, outcome, summary, context, writer);
}

async function write(
  { mirror, read, facts }: MirrorLook,
  outcome: MirrorOutcome,
  summary: Summary,
  context: PassContext,
  writer: AccountWriter,
): Promise<Mirrored> {
  const base = { mirror: mirror.name, place: mirror.place };
  const { changes, sighted } = outcome;
  // What is about to be done, and why, is durable before the bot's store is touched.
  await writer.flush();
  const result = await mirror.write(changes, read.version).catch((error: unknown) => ({
    kind: "failed" as const,
    detail: problemOf(error),
  }));
  if (result.kind !== "written") {
    const isConflict = result.kind === "conflict";
    const report = { ...base, written: 0, backup: null, problem: result.detail, isConflict };
    return { report, summary: moved(summary, changes), sighted };
  }
  const failed = await unverified(mirror, facts, changes);
  const taken = changes.filter((change) => !failed.has(change));
  writer.stage([
    ...(taken.length > 0 ? [writtenDraft(mirror.name, taken, read, result.backup, context.causeId)] : []),
    ...changes.flatMap((change) =>
      failed.has(change) ? refuted(change, context) : repaired(change, context, mirror.name),
    ),
  ]);
  const problem =
    failed.size > 0 ? `${failed.size} rows are not as they were written; is another program writing?` : null;
  return {
    report: { ...base, written: taken.length, backup: result.backup, problem, isConflict: false },
    summary: moved(summary, [...failed]),
    sighted,
  };
}

/** Reads again: changes that did not take. */
async function unverified(
  mirror: Mirror,
  facts: MirrorFacts,
  changes: readonly MirrorChange[],
): Promise<ReadonlySet<MirrorChange>> {
  const again = await readSafely(mirror);
  if (again.quality !== "complete") return new Set(changes);
  // A row that cannot be read was refused before and is not what was written.
  const readable = again.rows.filter(({ problem }) => problem === undefined);
  const found = new Map(readable.map((row) => [`${row.leg}:${row.instrument}`, row]));
  return new Set(
    changes.filter((change) => {
      const row = found.get(`${change.leg}:${change.instrument}`);
      if (change.action === "removed") return row !== undefined && (row.qty === null || row.qty !== "0");
      return row === undefined || (!facts.isPresenceOnly && row.qty !== change.qty);
    }),
  );
}

function repaired(change: MirrorChange, context: PassContext, name: string): Draft[] {
  const { discrepancy } = change;
  return [
    draft(
      "repair_applied",
      {
        repairId: deriveId("rep", [discrepancy.id, context.book.seq]),
        discrepancyId: discrepancy.id,
        of: name,
        action: change.action,
        before: { qty: discrepancy.localQty },
        after: change.action === "removed" ? null : { qty: change.qty },
      },
      discrepancy.id,
    ),
    closeDiscrepancy(discrepancy, "repaired", context.nowMs, context.causeId),
  ];
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

function writtenDraft(
  mirror: string,
  changes: readonly MirrorChange[],
  read: MirrorRead,
  backup: string | null,
  causeId: string,
): Draft {
  const before = new Map(read.rows.map((row) => [row.rowId, row]));
  const rows = changes.map((change) => {
    const row = change.rowId === null ? undefined : before.get(change.rowId);
    const { action, instrument, leg, claim } = change;
    return {
      action,
      instrument,
      leg,
      before: row ? { rowId: row.rowId, qty: row.qty, ...row.metadata } : null,
      after:
        action === "removed" ? null : { qty: change.qty, entryPrice: change.entryPrice, ...change.metadata },
      ...(claim !== undefined && { claim }),
    };
  });
  return draft("mirror_written", { mirror, rows, backup }, causeId);
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
