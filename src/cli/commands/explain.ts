// `trueup explain ID`: why something was found or changed, from the journal: a discrepancy, an adjustment, a fill
// or a pass, with its evidence and every record that has to do with it.
import { type Discrepancy, type JournalRecord, sidesText } from "../../core/index.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";
import type { Journal } from "../../journal/index.ts";
import type { Command, Context } from "../context.ts";
import { counted, isoTime, type Output } from "../output.ts";
import { type AccountRead, withAccounts } from "../reader.ts";
import { witnessWords } from "../witness-words.ts";

/** Records read at once while looking for an id. */
const PAGE = 5_000;
/** So that a short beginning of an id does not match everything. */
const ID_LENGTH_MIN = 6;

export const explain: Command = (context, _options, id = "") => {
  if (id.length < ID_LENGTH_MIN) {
    throw new CliError(
      EXIT.usage,
      "short_id",
      `"${id}" is too short for an id; give at least ${ID_LENGTH_MIN} characters of it, as "trueup discrepancies" shows them`,
    );
  }
  return withAccounts(context.parts, context.load(), context.options.account, async (accounts, journal) => {
    for (const account of accounts) {
      const records = await recordsAbout(journal, account.name, id);
      if (records.length > 0) return tell(context, account, records);
    }
    throw new CliError(
      EXIT.usage,
      "no_such_id",
      `Nothing in the journal has the id "${id}". "trueup discrepancies --all" shows ids; those of passes and fills are in their --json. "check" and "plan" record nothing: what they are the first to see has its id in the journal with the next pass ("trueup reconcile").`,
    );
  });
};

async function recordsAbout(journal: Journal, account: string, id: string): Promise<JournalRecord[]> {
  const found: JournalRecord[] = [];
  for (let seq = 0; ; ) {
    const page = await journal.read(account, seq, PAGE);
    found.push(...page.filter((record) => isAbout(record, id)));
    const last = page.at(-1);
    if (!last || page.length < PAGE) return found;
    seq = last.seq;
  }
}

function isAbout(record: JournalRecord, id: string): boolean {
  if (record.causeId.startsWith(id)) return true;
  const isWrite = record.kind === "mirror_written" || record.kind === "mirror_write_intended";
  if (isWrite && record.payload.rows.some(({ repairId }) => repairId?.startsWith(id))) return true;
  return Object.entries(record.payload).some(
    ([name, value]) => /id$|key$/i.test(name) && typeof value === "string" && value.startsWith(id),
  );
}

function tell({ out }: Context, account: AccountRead, records: readonly JournalRecord[]): number {
  const latest = records.findLast(({ kind }) => kind.startsWith("discrepancy_"));
  const discrepancy = latest?.payload as Discrepancy | undefined;
  if (out.isJson) {
    out.json({ account: account.name, discrepancy: discrepancy ?? null, records });
    return EXIT.done;
  }
  if (discrepancy) tellDiscrepancy(out, account, discrepancy);
  out.line("");
  out.table(
    ["seq", "time", "what happened", "follows from"],
    records.map((record) => [String(record.seq), isoTime(record.tsMs), sentenceOf(record), record.causeId]),
  );
  return EXIT.done;
}

function tellDiscrepancy(out: Output, account: AccountRead, one: Discrepancy): void {
  const { subject, explanation } = one;
  const name = subject.type === "balance" ? subject.asset : subject.instrument;
  out.line(`${one.kind} of ${name} in ${one.of} (${account.name})`);
  out.line(`  ${sidesText(one)}`);
  for (const [field, { local, venue }] of Object.entries(one.fields)) {
    out.line(`  ${field}: local ${local ?? "none"}, venue ${venue ?? "none"}`);
  }
  out.line(
    `  first seen ${isoTime(one.firstSeenMs)}, seen by ${one.sightings === 1 ? "1 pass" : `${one.sightings} passes in a row`}, policy ${one.policy}`,
  );
  const end =
    one.resolution === null
      ? `open: ${one.stage}${one.detail ? `, ${one.detail}` : ""}`
      : `${one.resolution} at ${isoTime(one.closedMs)}${one.repairId === undefined ? "" : ` by ${one.repairId}`}`;
  out.line(`  ${end}`);
  if (one.witness !== null) out.line(`  proven flat by ${witnessWords(one.witness)}`);
  if (!explanation) {
    out.line(`  ${causeText(account, one)}`);
    return;
  }
  for (const { cause, qty, evidence, confidence } of explanation.parts) {
    out.line(
      `  ${qty} by ${cause} (${confidence}): ${evidence.map((key) => evidenceText(account, key)).join("; ")}`,
    );
  }
  out.line(`  unexplained remainder ${explanation.unexplained}`);
}

/** Where nothing had to be accounted for: of a fill the fill itself is the answer. */
function causeText(account: AccountRead, { cause, subject }: Discrepancy): string {
  const known = cause === null ? "not explained yet" : `cause ${cause}`;
  if (subject.type === "fill") {
    const fill = evidenceText(account, subject.fillKey);
    return `${known}; ${fill === subject.fillKey ? "the journal does not have the fill" : `the journal has the fill: ${fill}`}`;
  }
  return cause === "unexplained" ? `${known}: no fill or ledger entry accounts for it` : known;
}

function evidenceText({ book }: AccountRead, key: string): string {
  const facts = book.fills.get(key as never)?.facts;
  if (!facts) return key;
  return `${facts.side} ${facts.qty} at ${facts.price ?? "?"} on ${isoTime(facts.timestamp)} (order ${facts.venueOrderId ?? "?"}, trade ${facts.tradeId ?? "?"})`;
}

function sentenceOf(record: JournalRecord): string {
  switch (record.kind) {
    case "discrepancy_opened":
      return `found: ${sidesText(record.payload)}`;
    case "discrepancy_changed":
      return `${record.payload.stage}${record.payload.code ? ` (${record.payload.code})` : ""}`;
    case "discrepancy_closed":
      return `closed: ${record.payload.resolution}`;
    case "adjustment_inferred":
      return record.payload.subject === "position"
        ? `estimate ${record.payload.qtyDelta} ${record.payload.instrument} at ${record.payload.price ?? "no price"} (${record.payload.priceSource})`
        : `balance of ${record.payload.asset} set to ${record.payload.totalAfter}`;
    case "adjustment_replaced":
      return `estimate gave way to ${record.payload.by}, ${record.payload.qtyDelta} left`;
    case "repair_applied": {
      const { of, action, repairId, by } = record.payload;
      return `repaired ${of}: ${action} (${repairId})${by === undefined ? "" : `, by the plan of ${by}`}`;
    }
    case "repair_undone":
      return `${record.payload.by} undid ${record.payload.repairId}`;
    case "watch_ended":
      return record.payload.by === null
        ? "watched no longer: what the venue has changed"
        : `released by ${record.payload.by}`;
    case "lot_reattributed": {
      const { by, qty, instrument, from, to, reason } = record.payload;
      return `${by} gave ${qty} of ${instrument} from ${from} to ${to}: ${reason}`;
    }
    case "plan_applied":
      return `${record.payload.by} applied ${record.payload.planId}: ${counted(record.payload.steps, "step")}`;
    case "flatten_started":
      return `${record.payload.by} closes ${counted(record.payload.legs.length, "position")} by ${record.payload.planId}`;
    case "flatten_finished":
      return `${record.payload.planId} ended ${record.payload.isFlat ? "flat, by a complete read" : "not flat"}`;
    case "plan_verified":
      return `everything was read again after ${record.payload.planId}`;
    case "mirror_write_intended":
      return `is about to write ${counted(record.payload.rows.length, "row")} of ${record.payload.mirror}`;
    case "mirror_write_dropped":
      return `wrote nothing into ${record.payload.mirror}: ${record.payload.reason}`;
    case "fill_recorded":
      return `${record.payload.side} ${record.payload.qty} ${record.payload.instrument} at ${record.payload.price ?? "?"}`;
    case "mirror_written":
      return `wrote ${counted(record.payload.rows.length, "row")} of ${record.payload.mirror}`;
    case "alert_raised":
      return `alert ${record.payload.kind}: ${record.payload.text}`;
    case "gate_changed":
      return `gate ${record.payload.from} → ${record.payload.to}`;
    default:
      return record.kind.replaceAll("_", " ");
  }
}
