// Open orders of every scope, conditional ones and exits of whole positions among them, and one order by its id. A closed
// order is looked for in the history too; that neither has it proves nothing (declaration.ts).
import type { OrderLookup, OrderRow, Section } from "../../core/index.ts";
import { type OrderQuery, unavailable } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import { partialIf, problemsOf } from "../wire/sections.ts";
import type { BybitClient, Params } from "./client.ts";
import type { LegMemory } from "./legs.ts";
import { type Listed, readPages } from "./pages.ts";
import { parseOrder } from "./parse.ts";
import { given, nameOf, paramsOf, type Scope, type Scopes } from "./scopes.ts";
import type { SpotFilters } from "./spot-filters.ts";
import type { Contract } from "./symbols.ts";

/** @see https://bybit-exchange.github.io/docs/v5/order/open-order "limit [1, 50], default 20" (read 2026-11) */
const ORDERS_PAGE = 50;
const REALTIME = "/v5/order/realtime";
const HISTORY = "/v5/order/history";

export interface OrderParts {
  readonly client: BybitClient;
  readonly scopes: Scopes;
  readonly legs: LegMemory;
  readonly filters: SpotFilters;
}

export async function readOpenOrders(parts: OrderParts, asking: Asking): Promise<Section<OrderRow>> {
  const { client, scopes, legs, filters } = parts;
  const reads = await Promise.all(
    scopes.all().map(async (scope) => ({ scope, listed: await readScope(client, scope, asking) })),
  );
  const parsed = reads.flatMap(({ scope: { category }, listed }) =>
    listed.items.flatMap((item) => {
      if (category === "spot") filters.note(item);
      return parseOrder(item, { names: scopes.instruments, category });
    }),
  );
  const rows = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  for (const { instrument, leg } of rows) legs.note(instrument, leg);
  const problems = [
    ...reads.flatMap(({ listed }) => given(listed.problem)),
    ...problemsOf(parsed),
    ...given(scopes.unknownCoins()),
  ];
  const isAnswered = reads.some(({ listed }) => listed.timeMs !== undefined || listed.items.length > 0);
  if (!isAnswered) return unavailable(problems.join("; ") || "no orders were asked for");
  return partialIf(rows, problems);
}

function readScope(client: BybitClient, scope: Scope, asking: Asking): Promise<Listed> {
  const what = `the open orders of ${nameOf(scope)}`;
  const params = { ...paramsOf(scope), openOnly: 0 };
  return readPages(client, { what, path: REALTIME, params, pageMax: ORDERS_PAGE }, asking);
}

/** Asks for both ids where both are known: Bybit itself looks at the first alone. */
export async function lookUpOrder(
  parts: OrderParts,
  query: OrderQuery,
  asking: Asking,
): Promise<OrderLookup> {
  const contract = parts.scopes.instruments.named(query.instrument);
  if (!contract) return unknown(`Bybit has no contract that is called ${query.instrument}`);
  const ids: Params[] = [
    ...(query.venueOrderId === undefined ? [] : [{ orderId: query.venueOrderId }]),
    ...(query.clientOrderId === undefined ? [] : [{ orderLinkId: query.clientOrderId }]),
  ];
  if (ids.length === 0) return unknown("an order cannot be looked up without an id");
  for (const path of [REALTIME, HISTORY]) {
    for (const id of ids) {
      const found = await lookUpIn(parts, contract, path, id, asking);
      if (found.kind !== "none") return found;
    }
  }
  return { kind: "none" };
}

async function lookUpIn(
  { client, scopes, legs, filters }: OrderParts,
  { category, symbol, name }: Contract,
  path: string,
  id: Params,
  asking: Asking,
): Promise<OrderLookup> {
  const source = {
    what: `the order of ${name}`,
    path,
    params: { category, symbol, ...id },
    pageMax: ORDERS_PAGE,
  };
  const listed = await readPages(client, source, asking);
  if (listed.end !== "whole") return unknown(listed.problem ?? "it was not read to its end");
  if (listed.items.length === 0) return { kind: "none" };
  if (category === "spot") for (const item of listed.items) filters.note(item);
  const parsed = listed.items.flatMap((item) => parseOrder(item, { names: scopes.instruments, category }));
  const [problem] = problemsOf(parsed);
  if (problem !== undefined) return unknown(problem);
  const rows = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  const { orderId, orderLinkId } = id;
  const row = rows.find((one) =>
    orderId === undefined ? one.clientOrderId === orderLinkId : one.venueOrderId === orderId,
  );
  if (row === undefined || row.instrument !== name) {
    const found = rows.map((one) => one.venueOrderId).join(", ");
    return unknown(`asked for the order ${orderId ?? orderLinkId} of ${name}, Bybit answered with ${found}`);
  }
  legs.note(row.instrument, row.leg);
  return { kind: "row", row };
}

function unknown(problem: string) {
  return { kind: "unknown", problem } as const;
}
