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
const UNITS = 20;
/**
 * Lists cost one unit more for each twenty rows; how many there will be is not known before. A page of 500, which most
 * never reach, is 25.
 */
const LIST_UNITS = UNITS + 25;
const LISTS: ReadonlySet<string> = new Set(["userFillsByTime", "userFunding", "userNonFundingLedgerUpdates"]);

export function unitsOf(type: string): number {
  if (LIGHT.has(type)) return LIGHT_UNITS;
  return LISTS.has(type) ? LIST_UNITS : UNITS;
}

export function askInfo(client: Client, what: string, params: Params & { type: string }): Promise<Answer> {
  return client.read(what, {
    path: "info",
    api: "public",
    method: "POST",
    params,
    units: unitsOf(params.type),
  });
}
