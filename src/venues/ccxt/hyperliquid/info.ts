// Hyperliquid's one address for reading, asked by `type`, with what each question costs.
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits-and-user-limits (read 2026-11)
import type { Answer } from "../../wire/answer.ts";
import type { Client } from "../client.ts";
import type { Params } from "../exchange.ts";

const LIGHT: ReadonlySet<string> = new Set([
  "clearinghouseState",
  "spotClearinghouseState",
  "orderStatus",
  "exchangeStatus",
]);
const LIGHT_UNITS = 2;
const ROLE_UNITS = 60;
const UNITS = 20;
/** Lists cost one unit more for each twenty rows, which is known when they have come. */
const ROWS_PER_UNIT = 20;
const LISTS: ReadonlySet<string> = new Set(["userFillsByTime", "userFunding", "userNonFundingLedgerUpdates"]);

export function askInfo(client: Client, what: string, params: Params & { type: string }): Promise<Answer> {
  const { type } = params;
  return client.read(what, {
    path: "info",
    api: "public",
    method: "POST",
    params,
    units: unitsOf(type),
    ...(LISTS.has(type) && { unitsOfAnswer: rowUnits }),
  });
}

function unitsOf(type: string): number {
  if (type === "userRole") return ROLE_UNITS;
  return LIGHT.has(type) ? LIGHT_UNITS : UNITS;
}

function rowUnits(value: unknown): number {
  return Array.isArray(value) ? Math.ceil(value.length / ROWS_PER_UNIT) : 0;
}
