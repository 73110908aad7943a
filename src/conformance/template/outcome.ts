// What an answer to a command proves. Only what is documented as a refusal is one; everything else may have come after the
// order was placed, and is unknown (R5).
import type { CommandOutcome } from "../../venues/index.ts";
import { isObject } from "../../venues/wire/fields.ts";
import { parsed } from "../../venues/wire/json.ts";
import type { Reply } from "../../venues/wire/once.ts";
import { unknown, unsent } from "../../venues/wire/outcome.ts";
import { cleanMessage, type FailureWords } from "../../venues/wire/words.ts";
import { parseOrder } from "./parse.ts";

const REFUSALS = new Set([
  "invalid",
  "unknown_symbol",
  "no_order",
  "order_ended",
  "reduce_only",
  "insufficient",
  "rate_limited",
  "unauthorized",
]);

/** @param isOurs Whether the order that came back is the one that was meant. */
export function outcomeOf(
  reply: Reply,
  words: FailureWords,
  isOurs: (row: { readonly venueOrderId?: string; readonly clientOrderId?: string }) => boolean,
): CommandOutcome {
  if (reply.kind === "notSent") return unsent(reply.problem, reply.retryAfterMs);
  if (reply.kind === "lost") return unknown(reply.problem);
  const { status, text } = reply;
  const body = parsed(text);
  if (status === 200) {
    const order = parseOrder(body);
    if (order.kind === "problem") return unknown(`HTTP 200 without an order: ${order.problem}`);
    const { row } = order;
    if (!isOurs(row)) return unknown(`HTTP 200 for another order (${row.venueOrderId})`);
    return {
      kind: "accepted",
      ...(row.venueOrderId !== undefined && { venueOrderId: row.venueOrderId }),
      row,
    };
  }
  const code = isObject(body) && typeof body.error === "string" ? body.error : undefined;
  const said = `HTTP ${status}${code === undefined ? "" : `, ${cleanMessage(code, words)}`}`;
  if (code !== undefined && status >= 400 && status < 500 && REFUSALS.has(code)) {
    return { kind: "rejected", sent: true, reason: said, code };
  }
  return unknown(`${said}; nothing says that the command had no effect`);
}
