// Undoing a repair (R13): the copy gets back what it had, and its row is watched until what the venue has of it
// changes or a person releases it. What a read of the venue proves is not undone.
import {
  BOOK,
  type Book,
  type Decimal,
  type Draft,
  type DraftOf,
  deriveId,
  draft,
  isActive,
  type JournalRecord,
  type JournalRecordOf,
  type Leg,
  type MirrorIntent,
  type MirrorRowIntended,
  type MirrorRowWritten,
  orderStatus,
  type Payloads,
  positionKey,
  positionQty,
  splitPositionKey,
  ZERO,
} from "../core/index.ts";
import type { Journal } from "../journal/index.ts";
import type { Mirror } from "../mirrors/index.ts";
import { dropped, settleIntent, undoneDraft } from "./mirror-intents.ts";
import { problemOf } from "./observe.ts";
import { PlanError } from "./plan-error.ts";
import type { PassReport } from "./report.ts";
import type { AccountWriter } from "./writer.ts";

export interface Undoing {
  readonly account: string;
  readonly repairId: string;
  readonly of: string;
  readonly action: Payloads["repair_applied"]["action"];
  readonly instrument: string | null;
  readonly leg: Leg | null;
  readonly by: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly isWatched: boolean;
  /** Where the store as it was before the undo is kept. */
  readonly backup: string | null;
  /** The pass that read everything again. */
  readonly verified: PassReport;
}

/** A repair and all that the journal has of it. */
export interface KnownRepair {
  readonly repair: JournalRecordOf<"repair_applied">;
  /** What was written into the mirror; undefined for the book. */
  readonly row: MirrorRowWritten | undefined;
  readonly closed: JournalRecordOf<"discrepancy_closed"> | undefined;
  /** Records of the same pass and the same discrepancy: what the repair consisted of. */
  readonly parts: readonly JournalRecord[];
  readonly undone: JournalRecordOf<"repair_undone"> | undefined;
}

/** Records read at once. */
const PAGE = 5_000;
/** So that a short beginning of an id does not match everything. */
const ID_LENGTH_MIN = 8;

/**
 * Finds a repair by its id, or by its beginning, or by the id of the difference that it closed.
 * @throws PlanError when there is none, or several.
 */
export async function findRepair(journal: Journal, account: string, id: string): Promise<KnownRepair> {
  const repairs: JournalRecordOf<"repair_applied">[] = [];
  const others: JournalRecord[] = [];
  for (let seq = 0; ; ) {
    const page = await journal.read(account, seq, PAGE);
    for (const record of page) {
      if (record.kind === "repair_applied" && isNamed(record.payload, id)) repairs.push(record);
      else if (CONCERNS.has(record.kind)) others.push(record);
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) break;
    seq = last.seq;
  }
  const [repair, ...more] = repairs;
  if (!repair || id.length < ID_LENGTH_MIN) throw unknown(account, id);
  if (more.length > 0) {
    const ids = repairs.map(({ payload }) => payload.repairId).join(", ");
    throw new PlanError(
      "no_such_repair",
      `"${id}" is the beginning of several repairs: ${ids}; give one of them`,
    );
  }
  return withParts(repair, others);
}

const CONCERNS: ReadonlySet<JournalRecord["kind"]> = new Set<JournalRecord["kind"]>([
  "mirror_written",
  "repair_undone",
  "discrepancy_closed",
  "adjustment_inferred",
  "order_state_observed",
]);

function isNamed({ repairId, discrepancyId }: Payloads["repair_applied"], id: string): boolean {
  return repairId.startsWith(id) || discrepancyId === id;
}

function unknown(account: string, id: string): PlanError {
  const text = `account ${account} has no repair "${id}"; "trueup explain ID", "trueup passes" and "trueup discrepancies --all" show them. What "check" and "plan" print has not been made`;
  return new PlanError("no_such_repair", text);
}

function withParts(repair: JournalRecordOf<"repair_applied">, others: readonly JournalRecord[]): KnownRepair {
  const { repairId, discrepancyId } = repair.payload;
  const written = others.flatMap((one) => (one.kind === "mirror_written" ? one.payload.rows : []));
  return {
    repair,
    row: written.find((row) => row.repairId === repairId),
    closed: others.find(
      (one): one is JournalRecordOf<"discrepancy_closed"> =>
        one.kind === "discrepancy_closed" && one.payload.id === discrepancyId,
    ),
    parts: others.filter((one) => one.causeId === discrepancyId && one.seq < repair.seq),
    undone: others.findLast(
      (one): one is JournalRecordOf<"repair_undone"> =>
        one.kind === "repair_undone" && one.payload.repairId === repairId,
    ),
  };
}

export interface UndoInputs {
  readonly writer: AccountWriter;
  readonly mirrors: readonly Mirror[];
  readonly by: string;
  readonly nowMs: number;
}

export type Undone = Omit<Undoing, "verified">;

/** @throws PlanError when it cannot be undone; nothing was changed then. */
export async function undoRepair(known: KnownRepair, inputs: UndoInputs): Promise<Undone> {
  const { repair, undone } = known;
  const { repairId, of } = repair.payload;
  if (undone) {
    const { by } = undone.payload;
    const text = `the repair ${repairId} was undone already, by ${by} at ${new Date(undone.tsMs).toISOString()}`;
    throw new PlanError("already_undone", text);
  }
  return of === BOOK ? undoInBook(known, inputs) : undoInMirror(known, inputs);
}

async function undoInMirror(known: KnownRepair, inputs: UndoInputs): Promise<Undone> {
  const { writer, mirrors, by, nowMs } = inputs;
  const { repair, row } = known;
  const { repairId, of, discrepancyId, action } = repair.payload;
  const { book } = writer;
  const mirror = mirrors.find(({ name }) => name === of);
  if (!mirror) throw stuck(repairId, `the account has no mirror "${of}" any more`);
  if (!row?.image || !mirror.restore)
    throw stuck(repairId, `what the row was is not kept, or "${of}" cannot put rows back`);
  const read = await mirror.read().catch((error: unknown) => ({ problem: problemOf(error) }));
  if (!("rows" in read) || read.quality !== "complete") {
    throw stuck(repairId, `the mirror ${of} cannot be read (${read.problem ?? "no reason given"})`);
  }
  // A write whose outcome is not known is found out first: the intent of this one would take its place.
  writer.stage(settleIntent({ mirror, read }, { book, causeId: `by:${by}`, nowMs }));
  const { instrument, leg, image } = row;
  const rowId = String(row.before?.rowId ?? "") || null;
  const wasQty = (row.before?.qty ?? null) as Decimal | null;
  const qty = ((row.after?.qty ?? row.before?.qty) as Decimal | null | undefined) ?? ZERO;
  const undoes = { action, by };
  const intent = intentOfUndo(book, read.version, of, {
    row,
    repairId,
    discrepancyId,
    rowId,
    wasQty,
    undoes,
  });
  writer.stage([draft("mirror_write_intended", intent, repairId)]);
  await writer.flush();
  const place = { instrument, leg, rowId, qty };
  const result = await mirror.restore({ place, ...image }, read.version).catch((error: unknown) => ({
    kind: "failed" as const,
    detail: problemOf(error),
  }));
  if (result.kind !== "written") {
    const again = await mirror.read().catch(() => null);
    // A failure that came after the exchange may have put it back all the same: then the next look tells.
    if (again?.version === read.version || result.kind === "conflict") {
      writer.stage([dropped(intent, result.detail, repairId)]);
      await writer.flush();
    }
    const text = `the repair ${repairId} is not undone: ${result.detail}. Nothing was changed`;
    throw new PlanError("row_changed", text);
  }
  const words = {
    action: "restored",
    instrument,
    leg,
    before: row.after,
    after: row.before,
    repairId,
  } as const;
  const written = { mirror: of, writeId: intent.writeId, rows: [words], backup: result.backup };
  writer.stage([
    draft("mirror_written", written, `by:${by}`),
    ...intent.rows.map((one) => undoneDraft(book, one, mirror, `by:${by}`)),
  ]);
  await writer.flush();
  const { account } = book;
  const changed = { before: row.after, after: row.before };
  return {
    account,
    repairId,
    of,
    action,
    instrument,
    leg,
    by,
    ...changed,
    isWatched: true,
    backup: result.backup,
  };
}

/** The intent of an undo: as of any write, so that a process that dies over it does not forget what it wrote. */
function intentOfUndo(
  book: Book,
  version: string,
  of: string,
  facts: Pick<MirrorRowIntended, "repairId" | "discrepancyId" | "rowId" | "undoes"> & {
    readonly row: MirrorRowWritten;
    readonly wasQty: Decimal | null;
  },
): MirrorIntent {
  const { row, wasQty, ...ids } = facts;
  const { instrument, leg, before, after, image } = row;
  const changed = { before: after, after: before, qty: wasQty, imageBefore: image?.after ?? null };
  const writeId = deriveId("wri", [book.account, of, version, book.seq]);
  return {
    writeId,
    mirror: of,
    version,
    rows: [{ action: "restored", instrument, leg, ...changed, ...ids }],
  };
}

function stuck(repairId: string, why: string): PlanError {
  return new PlanError(
    "cannot_restore",
    `the repair ${repairId} cannot be undone: ${why}. Nothing was changed`,
  );
}

/** Only what rests on a person's word; what the venue's own read, look-up, totals or fills prove stays. */
async function undoInBook(known: KnownRepair, { writer, by }: UndoInputs): Promise<Undone> {
  const { repair, closed, parts } = known;
  const { repairId, discrepancyId, of, action, before, after, witness } = repair.payload;
  const { book } = writer;
  const isDeclared = witness === "person" || closed?.payload.code === "declared";
  if (!isDeclared) {
    const proof =
      witness == null ? "a row of a read of the venue" : `the witness "${witness}" of a complete read`;
    const text = `the repair ${repairId} is not undone: ${proof} proves it, and the book follows the venue. If the venue's state is wrong, it changes there, and the next pass follows`;
    throw new PlanError("repair_proven", text);
  }
  const subject = closed?.payload.subject;
  const isPosition = subject?.type === "position";
  const place = { instrument: isPosition ? subject.instrument : null, leg: isPosition ? subject.leg : null };
  const drafts = isPosition
    ? takeBack(book, known, repairId)
    : reopen(book, parts, before as { readonly status: never }, repairId);
  const facts = { repairId, discrepancyId, of, action, ...place, by, before: after, after: before };
  writer.stage([...drafts, draft("repair_undone", { ...facts, watch: null }, `by:${by}`)]);
  await writer.flush();
  return { account: book.account, ...facts, isWatched: false, backup: null };
}

/** The estimate that stood for the person's word goes, and the position is unwitnessed again. */
function takeBack(book: Book, { parts, repair }: KnownRepair, repairId: string): Draft[] {
  const estimates = parts.flatMap((one) =>
    one.kind === "adjustment_inferred" && one.payload.subject === "position" ? [one.payload] : [],
  );
  const [first] = estimates;
  const open = first && book.adjustments.get(first.adjustmentId);
  const key = first && positionKey(first.instrument, first.leg);
  const isUnchanged =
    open && key && open.remaining === first.qtyDelta && positionQty(book, key) === first.qtyAfter;
  if (!isUnchanged) {
    const now = key === undefined ? "not known" : positionQty(book, key);
    const text = `the repair ${repairId} is not undone: the position has changed since (it left ${JSON.stringify(repair.payload.after)}, it is ${now} now)`;
    throw new PlanError("row_changed", text);
  }
  const { adjustmentId, instrument, leg } = first;
  const replaced = { adjustmentId, instrument, leg, by: `undo:${repairId}`, qtyDelta: ZERO, price: null };
  return [draft("adjustment_replaced", replaced, repairId)];
}

/** The order is again what it was: its outcome is not known. */
function reopen(
  book: Book,
  parts: readonly JournalRecord[],
  { status }: { readonly status: never },
  repairId: string,
): Draft[] {
  const change = parts.findLast((one) => one.kind === "order_state_observed");
  const orderKey = change?.kind === "order_state_observed" ? change.payload.orderKey : undefined;
  const order = orderKey && book.orders.get(orderKey);
  if (!order || !orderKey || order.statusSource !== "person" || isActive(order)) {
    const now = order ? `${orderStatus(order)} (${order.statusSource})` : "not known";
    const text = `the repair ${repairId} is not undone: the order has changed since, it is ${now}`;
    throw new PlanError("row_changed", text);
  }
  const { instrument } = order;
  return [
    draft("order_state_observed", { orderKey, instrument, change: { status }, source: "person" }, repairId),
  ];
}

/** A row that is compared and repaired again. */
export type Released = { readonly account: string } & Payloads["watch_ended"];

/** @throws PlanError when the row of this repair is not watched. */
export function releaseDraft(book: Book, repairId: string, by: string): DraftOf<"watch_ended"> {
  const undone = [...book.undone.values()].find(
    (one) => repairId.length >= ID_LENGTH_MIN && one.repairId.startsWith(repairId),
  );
  if (!undone) {
    const known = [...book.undone.values()].map((one) => one.repairId);
    const list = known.length === 0 ? "no row is watched" : `watched are: ${known.join(", ")}`;
    const text = `the row of the repair ${repairId} is not watched: it was not undone, or what the venue has of it changed since; ${list}`;
    throw new PlanError("nothing_to_release", text);
  }
  const { of, key } = undone;
  const ended = { repairId: undone.repairId, of, ...splitPositionKey(key), why: "released", by } as const;
  return { kind: "watch_ended", payload: ended, causeId: `by:${by}` };
}
