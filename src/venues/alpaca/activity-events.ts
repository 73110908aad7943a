// Events of Alpaca's log of activities into events of ours. A trade is joined to its other sources by what its order had
// filled after it (R6); everything that is no trade makes a pass read the activities, where its effects are.
// @see https://docs.alpaca.markets/reference/subscribetoactivitiessse-1
// @see https://docs.alpaca.markets/docs/activity-sse
// @see node_modules/@alpacahq/alpaca-trade-api 4.0.2, ActivityEventV2, ActivityV2DetailTRD (all read 2026-11)
import { type FillRow, isLess } from "../../core/index.ts";
import type { StreamEvent } from "../venue.ts";
import { type Fields, isObject, parseRow, reject } from "../wire/fields.ts";
import type { Executions } from "./executions.ts";
import { SIDE } from "./parse.ts";
import { tradedName } from "./symbols.ts";
import { parseInstant } from "./time.ts";

/** What one event of the log is to us, and the id to go on from after it. */
export interface LogEvent {
  /** Undefined where the event does not say: the log is then read on from the one before. */
  readonly id?: string;
  readonly events: readonly StreamEvent[];
}

export function isActivityEvent(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && "activity_type" in value && "ref_id" in value;
}

export function readActivityEvent(value: unknown, executions: Executions): LogEvent {
  if (!isActivityEvent(value)) return { events: [wake("an activity that cannot be read")] };
  const id = typeof value.event_id === "string" && value.event_id !== "" ? { id: value.event_id } : {};
  const { details } = value;
  const type = isObject(details) ? details.execution_type : undefined;
  if (type === undefined)
    return { ...id, events: [wake(`activity ${String(value.activity_type).slice(0, 20)}`)] };
  return { ...id, events: tradeEvents(String(type), value, executions) };
}

function tradeEvents(
  type: string,
  value: Readonly<Record<string, unknown>>,
  executions: Executions,
): readonly StreamEvent[] {
  switch (type) {
    case "fill":
    // Sent for a part of an order since before it was documented (changelog of 2026-11-06).
    case "partial_fill":
      return told(value, executions);
    case "trade_bust":
    case "trade_correct": {
      const fill = executions.takeBack([value.previous_id, value.ref_id]);
      if (!fill) return [wake(`${type} of an execution that is not known`)];
      const reversed: StreamEvent = { kind: "fillReversed", fill, reason: type };
      return type === "trade_bust" ? [reversed] : [reversed, ...told(value, executions)];
    }
    default:
      return [wake(`unknown execution "${type.slice(0, 40)}"`)];
  }
}

function told(value: Readonly<Record<string, unknown>>, executions: Executions): readonly StreamEvent[] {
  const parsed = parseRow("the trade of an activity", value, fillOf);
  if (parsed.kind === "problem") return [wake(parsed.problem)];
  executions.remember(typeof value.ref_id === "string" ? value.ref_id : undefined, parsed.row);
  return [{ kind: "fill", fill: parsed.row }];
}

/** No trade id: the canonical one is the activity's own, which this log does not name. */
function fillOf(fields: Fields): FillRow {
  const details = fields.object("details");
  const time = fields.text("executed_at");
  const instant = parseInstant(time) ?? reject(fields.expected("executed_at", "a timestamp with a zone"));
  const qty = fields.positive("qty");
  const cumulative = details.positive("cum_qty");
  if (isLess(cumulative, qty)) reject(details.expected("cum_qty", `at least the fill's own ${qty}`));
  const clientOrderId = details.optionalText("client_order_id");
  return {
    instrument: tradedName(details.text("symbol")),
    joinKey: cumulative,
    venueOrderId: details.text("order_id"),
    ...(clientOrderId !== undefined && { clientOrderId }),
    side: details.word("side", SIDE),
    qty,
    price: fields.positive("price"),
    timestamp: instant.ms,
    venueSeq: instant.nanosBeyond,
  };
}

function wake(reason: string): StreamEvent {
  return { kind: "wake", reason };
}
