// Records as log lines: one event for each thing that a person or a dashboard may wait for. Stable names, both
// sides of a difference as fields; sentences are made here and nowhere deeper.
import {
  BOOK,
  type Discrepancy,
  foundText,
  type JournalRecord,
  NOTES_SOURCE,
  type Payloads,
} from "../core/index.ts";
import type { Log } from "../runtime/index.ts";
import type { PassReport } from "./report.ts";

export function narrateRecord(log: Log, record: JournalRecord): void {
  const { account } = record;
  switch (record.kind) {
    case "discrepancy_opened":
      log.event(
        "warn",
        "discrepancy.opened",
        { account, ...fieldsOf(record.payload) },
        sentence(record.payload),
      );
      narrateRefusal(log, account, record.payload);
      break;
    case "discrepancy_closed": {
      const { resolution } = record.payload;
      const fields = { account, ...fieldsOf(record.payload), resolution };
      log.event("info", "discrepancy.closed", fields, `${sentence(record.payload)}: ${resolution}`);
      break;
    }
    case "discrepancy_changed":
      if (record.payload.stage === "seen") break;
      log.event(
        "warn",
        "discrepancy.confirmed",
        { account, ...fieldsOf(record.payload) },
        sentence(record.payload),
      );
      narrateRefusal(log, account, record.payload);
      break;
    case "intent_recorded": {
      const { by, intent } = record.payload;
      const fields = { account, by, ...intent };
      log.event("info", "order.intended", fields, `${intent.action} in ${intent.instrument}, asked by ${by}`);
      break;
    }
    case "order_sent":
      log.event("info", "order.sent", { account, ...record.payload }, `${record.payload.action} leaves`);
      break;
    case "order_state_observed":
      if (record.payload.source === "command") narrateAnswer(log, account, record.payload);
      break;
    case "fill_recorded": {
      const { instrument, side, qty, price, fillKey, source, cause, strategy, timestamp } = record.payload;
      const fields = { account, instrument, side, qty, price, fillKey, source, cause, strategy, timestamp };
      log.event(
        "info",
        "fill.recorded",
        fields,
        `${side} ${qty} ${instrument} at ${price ?? "an unknown price"}`,
      );
      break;
    }
    case "repair_applied": {
      const { of, action, repairId, discrepancyId, before, after, by = null } = record.payload;
      log.event(
        "info",
        "repair.applied",
        { account, of, action, repairId, discrepancyId, before, after, by },
        `${of}: ${action}`,
      );
      break;
    }
    case "gate_changed": {
      const { scope, from, to, reasons } = record.payload;
      const name = scope.type === "account" ? account : scope.instrument;
      const why = reasons.map(({ text }) => text).join("; ");
      const fields = {
        account,
        scope: scope.type,
        instrument: scope.type === "account" ? null : name,
        from,
        to,
        reasons,
      };
      log.event(
        to === "open" ? "info" : "warn",
        "gate.changed",
        fields,
        `gate of ${name}: ${from === to ? to : `${from} -> ${to}`}${why === "" ? "" : `, ${why}`}`,
      );
      break;
    }
    case "exit_armed": {
      const { exitId, instrument, strategy, side, qty, entryPrice, stop, target, timeStopAtMs } =
        record.payload;
      const { source, why } = record.payload;
      const levels = { entryPrice, stop, target, timeStopAtMs };
      const fields = { account, exitId, instrument, strategy, side, qty, ...levels, source, why };
      log.event("info", "exit.armed", fields, `an exit of ${instrument} is armed for ${qty}`);
      break;
    }
    case "exit_disarmed": {
      const { exitId, instrument, strategy, why } = record.payload;
      const fields = { account, exitId, instrument, strategy, why };
      log.event("info", "exit.disarmed", fields, `an exit of ${instrument} is no longer armed: ${why}`);
      break;
    }
    case "exit_triggered": {
      const { leg: _, ...told } = record.payload;
      const at = told.price === null ? "" : ` at ${told.price}`;
      const text = `${told.condition} of ${told.instrument}${at}: ${told.qty} are closed`;
      log.event("warn", "exit.triggered", { account, ...told }, text);
      break;
    }
    case "exit_plan_set": {
      const { instrument, leg, strategy, plan, by } = record.payload;
      const fields = { account, instrument, leg, strategy, plan, by };
      log.event("info", "exit.plan", fields, `${by} said when ${instrument} is to be closed`);
      break;
    }
    case "kill_engaged":
      log.event("error", "kill.engaged", { account, ...record.payload }, `killed: ${record.payload.reason}`);
      break;
    case "kill_released":
      log.event(
        "warn",
        "kill.released",
        { account, ...record.payload },
        `released: ${record.payload.reason}`,
      );
      break;
    case "repair_undone": {
      const { of, action, repairId, instrument, by, before, after } = record.payload;
      const fields = { account, of, action, repairId, instrument, by, before, after };
      log.event("warn", "repair.undone", fields, `${by} undid ${repairId} in ${of}`);
      break;
    }
    case "watch_ended": {
      const { of, repairId, instrument, why, by } = record.payload;
      const fields = { account, of, repairId, instrument, why, by };
      log.event("info", "watch.ended", fields, `${instrument} in ${of} is repaired again (${why})`);
      break;
    }
    case "flatten_started": {
      const { planId, by, instrument, legs } = record.payload;
      const fields = { account, planId, by, instrument, legs };
      log.event("warn", "flatten.started", fields, `${by} closes ${legs.length} positions by ${planId}`);
      break;
    }
    case "flatten_finished": {
      const { planId, by, isFlat, legs } = record.payload;
      const text = isFlat ? `${planId}: flat, proven by a complete read` : `${planId}: not flat`;
      log.event(isFlat ? "warn" : "error", "flatten.finished", { account, planId, by, isFlat, legs }, text);
      break;
    }
    case "lot_reattributed": {
      const { instrument, leg, from, to, qty, by, reason } = record.payload;
      const fields = { account, instrument, leg, from, to, qty, by, reason };
      log.event("info", "lot.moved", fields, `${by}: ${qty} of ${instrument} from ${from} to ${to}`);
      break;
    }
    case "note_set": {
      const { instrument, leg, source, fields: noted } = record.payload;
      // What bots note in their stores changes at every tick.
      if (source !== NOTES_SOURCE) break;
      const fields = { account, instrument, leg, fields: Object.keys(noted), causeId: record.causeId };
      log.event("info", "note.set", fields, `a note on ${instrument}`);
      break;
    }
    case "plan_applied": {
      const { planId, by, steps, rows } = record.payload;
      log.event("warn", "plan.applied", { account, planId, by, steps, rows }, `${by} applies ${planId}`);
      break;
    }
    case "mirror_written": {
      const { mirror, rows, backup } = record.payload;
      const counts = countBy(rows.map(({ action }) => action));
      log.event(
        "info",
        "mirror.written",
        { account, mirror, ...counts, backup },
        `${rows.length} row${rows.length === 1 ? "" : "s"} of ${mirror}`,
      );
      break;
    }
    default:
      break;
  }
}

function narrateAnswer(
  log: Log,
  account: string,
  { orderKey, instrument, change }: Payloads["order_state_observed"],
): void {
  const { status = "open", statusReason = null, venueOrderId = null } = change;
  const isBad = status === "rejected" || status === "unknown";
  const fields = { account, orderKey, instrument, status, statusReason, venueOrderId };
  const why = statusReason === null ? "" : `: ${statusReason}`;
  log.event(isBad ? "warn" : "info", "order.answered", fields, `order in ${instrument} is ${status}${why}`);
}

/** The one result event of a pass, with counts of orders, positions, balances and repairs. */
export function narratePass(log: Log, report: PassReport): void {
  const { account, passId, trigger, isForced, isComplete, isClean, gate, summaries, repairs } = report;
  const book = summaries[0];
  const open = report.discrepancies.filter(({ closedMs }) => closedMs === null);
  const fields = {
    account,
    passId,
    trigger,
    forced: isForced,
    complete: isComplete,
    clean: isClean,
    gate,
    durationMs: report.finishedAtMs - report.startedAtMs,
    positions: book?.venue ?? 0,
    orders: book?.orders.venue ?? 0,
    balances: book?.balances.venue ?? 0,
    repairs: repairs.length,
    discrepancies: report.discrepancies.map(fieldsOf),
    open: open.length,
    summaries,
  };
  const text = `${isClean ? "clean" : isComplete ? "complete" : "incomplete"}: ${open.length} open, ${repairs.length} repaired`;
  log.event(isClean ? "info" : "warn", "pass.finished", fields, text);
  for (const { section, quality, problem } of report.sections) {
    if (quality === "complete") continue;
    log.event(
      "warn",
      "read.incomplete",
      { account, passId, section, quality },
      `${section} ${quality}: ${problem}`,
    );
  }
  const instruments = suspectInstruments(report);
  if (instruments.length > 0) {
    const what = `the read leaves out ${instruments.join(", ")}, and nothing proves that they are flat; nothing is repaired`;
    log.event("warn", "read.suspect", { account, passId, instruments }, what);
  }
  for (const { mirror, place, problem, isConflict } of report.mirrors) {
    if (problem === null) continue;
    const name = isConflict ? "mirror.conflict" : "mirror.problem";
    log.event("warn", name, { account, passId, mirror, place }, `${place}: ${problem}`);
  }
}

/** What the book holds, the read left out, and nothing proves to be flat. */
function suspectInstruments({ discrepancies }: PassReport): string[] {
  return discrepancies.flatMap(({ of, code, subject, resolution }) =>
    of === BOOK && code === "unwitnessed" && subject.type === "position" && resolution === null
      ? [subject.instrument]
      : [],
  );
}

/** A fill that is not booked is worth a line of its own: the position follows the venue without it. */
function narrateRefusal(log: Log, account: string, one: Discrepancy): void {
  const { kind, code, detail, subject, venueQty } = one;
  if (kind !== "missing_fill" || one.stage !== "refused" || subject.type !== "fill") return;
  const { instrument, fillKey } = subject;
  const fields = { account, instrument, fillKey, venueQty, code, discrepancyId: one.id };
  log.event("warn", "fill.refused", fields, `a fill of ${instrument} is not booked: ${detail ?? code}`);
}

export function fieldsOf(discrepancy: Discrepancy): Record<string, unknown> {
  const { id, of, kind, subject, localQty, venueQty, cause, stage, code, detail, policy, witness } =
    discrepancy;
  return {
    discrepancyId: id,
    of,
    kind,
    instrument: subject.type === "balance" ? null : subject.instrument,
    ...(subject.type === "position" && { leg: subject.leg }),
    ...(subject.type === "balance" && { asset: subject.asset }),
    ...(subject.type === "order" && {
      clientOrderId: subject.clientOrderId,
      venueOrderId: subject.venueOrderId,
    }),
    localQty,
    venueQty,
    cause,
    witness,
    stage,
    policy,
    code,
    detail,
  };
}

function sentence(one: Discrepancy): string {
  const { kind, of, subject } = one;
  const name = subject.type === "balance" ? subject.asset : subject.instrument;
  return `${kind} of ${name} in ${of}: ${foundText(one)}`;
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
