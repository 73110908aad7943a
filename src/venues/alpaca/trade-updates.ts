// Trade updates into events of ours. A fill is joined to its activity by what its order had filled after it (R6): the
// cumulative quantity stands in both. What cannot be read may have been a fill, so it opens a gap.
// @see https://docs.alpaca.markets/docs/websocket-streaming
// @see https://github.com/alpacahq/alpaca-docs content/api-references/trading-api/streaming.md (events; both read 2026-11)
import { type FillRow, isLess } from "../../core/index.ts";
import type { StreamEvent } from "../venue.ts";
import { lost } from "../wire/conversation.ts";
import { type Fields, isObject, type Parsed, parseRow, reject } from "../wire/fields.ts";
import { Executions } from "./executions.ts";
import { parseOrder, SIDE } from "./parse.ts";
import { ASSET_CLASSES, type AssetKind, instrumentName } from "./symbols.ts";
import { parseInstant } from "./time.ts";

/** Everything that only says how an order is. @see streaming.md; `held`, `accepted` and `restated` are seen too. */
const ORDER_EVENTS = new Set([
  "accepted",
  "new",
  "pending_new",
  "canceled",
  "pending_cancel",
  "order_cancel_rejected",
  "replaced",
  "pending_replace",
  "order_replace_rejected",
  "rejected",
  "expired",
  "done_for_day",
  "stopped",
  "suspended",
  "calculated",
  "held",
  "restated",
]);

export class TradeUpdates {
  private readonly executions: Executions;

  constructor(executions = new Executions()) {
    this.executions = executions;
  }

  events(update: unknown): readonly StreamEvent[] {
    const event = isObject(update) ? update.event : undefined;
    if (typeof event !== "string") return lost("a trade update without an event");
    if (event === "fill" || event === "partial_fill") return this.fill(update);
    if (event === "trade_bust" || event === "trade_correct") return this.revised(event, update);
    if (ORDER_EVENTS.has(event)) return orderEvents(event, update);
    return [wake(`unknown trade update "${event.slice(0, 40)}"`)];
  }

  private fill(update: unknown): readonly StreamEvent[] {
    const parsed = parseFillUpdate(update);
    if (parsed.kind === "problem") return lost(parsed.problem);
    const { fill, executionId } = parsed.row;
    this.executions.remember(executionId, fill);
    return [{ kind: "fill", fill }];
  }

  /**
   * Alpaca names both events, and documents for neither what the message carries on this stream. A reversal counts
   * only where it names an execution that this stream delivered, and a correction only where it is readable as a
   * fill too; else it wakes a pass, whose position read shows the result.
   */
  private revised(event: string, update: unknown): readonly StreamEvent[] {
    const named = isObject(update) ? [update.previous_execution_id, update.execution_id] : [];
    const corrected = event === "trade_correct" ? parseFillUpdate(update) : undefined;
    if (corrected?.kind === "problem") return [wake(`${event} that cannot be read`)];
    const fill = this.executions.takeBack(named);
    if (fill === undefined) return [wake(`${event} of an execution that is not known`)];
    const reversed: StreamEvent = { kind: "fillReversed", fill, reason: event };
    if (corrected === undefined) return [reversed];
    this.executions.remember(corrected.row.executionId, corrected.row.fill);
    return [reversed, { kind: "fill", fill: corrected.row.fill }];
  }
}

interface FillUpdate {
  readonly fill: FillRow;
  readonly executionId?: string;
}

/**
 * No trade id: the canonical one is the activity's, and nothing says that its uuid is this message's execution id.
 * Of one ms, what the timestamp has beyond it orders the fills.
 */
function parseFillUpdate(update: unknown): Parsed<FillUpdate> {
  return parseRow("the fill of a trade update", update, (fields) => {
    const order = fields.object("order");
    const time = fields.text("timestamp");
    const instant = parseInstant(time) ?? reject(fields.expected("timestamp", "a timestamp with a zone"));
    const qty = fields.positive("qty");
    const cumulative = order.positive("filled_qty");
    if (isLess(cumulative, qty)) reject(order.expected("filled_qty", `at least the fill's own ${qty}`));
    const clientOrderId = order.optionalText("client_order_id");
    const positionAfter = fields.optionalDecimal("position_qty");
    const executionId = fields.optionalText("execution_id");
    return {
      fill: {
        instrument: instrumentOf(order),
        joinKey: cumulative,
        venueOrderId: order.text("id"),
        ...(clientOrderId !== undefined && { clientOrderId }),
        side: order.word("side", SIDE),
        qty,
        price: fields.positive("price"),
        timestamp: instant.ms,
        venueSeq: instant.nanosBeyond,
        ...(positionAfter !== undefined && { positionAfter }),
      },
      ...(executionId !== undefined && { executionId }),
    };
  });
}

function instrumentOf(order: Fields): string {
  const kind: AssetKind | undefined =
    order.optionalText("asset_class") === undefined ? undefined : order.word("asset_class", ASSET_CLASSES);
  const symbol = order.text("symbol");
  return instrumentName(symbol, kind) ?? reject(order.expected("symbol", "a coin with what it is quoted in"));
}

function orderEvents(event: string, update: unknown): readonly StreamEvent[] {
  const rows = isObject(update) ? parseOrder(update.order) : [];
  const orders = rows.flatMap((one) => (one.kind === "row" ? [one.row.row] : []));
  if (orders.length === 0) return [wake(`${event} of an order that cannot be read`)];
  return orders.map((order) => ({ kind: "order", order }));
}

function wake(reason: string): StreamEvent {
  return { kind: "wake", reason };
}
