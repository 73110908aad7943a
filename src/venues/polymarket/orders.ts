// Orders: those that are open, and one by its id. The CLOB knows no client order id; an order that this process sent is
// known by its hash, and one that an earlier process sent is recognised by hashing what the venue says of it
// (recognise.ts).
import type { OrderLookup, OrderRow, Section } from "../../core/index.ts";
import { type OrderQuery, unavailable } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import { partialIf, problemsOf } from "../wire/sections.ts";
import type { PolymarketClient } from "./client.ts";
import type { OwnOrders } from "./own-orders.ts";
import { walkClob } from "./pages.ts";
import { type OrderFacts, parseOrder } from "./parse.ts";
import { isSameAddress } from "./symbols.ts";

export async function readOpenOrders(
  client: PolymarketClient,
  holder: string,
  own: OwnOrders,
  asking: Asking,
): Promise<Section<OrderRow>> {
  const walk = await walkClob("the orders", (cursor) => client.openOrders(cursor), asking);
  if (walk.end === "broken" && walk.items.length === 0) return unavailable(walk.problem ?? "");
  const parsed = walk.items.map(parseOrder);
  const facts = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  // One key may act for several wallets of its signer; the others' orders are not this account's.
  const mine = facts.filter(({ wallet }) => wallet === undefined || isSameAddress(wallet, holder));
  const oddities = mine.flatMap(({ oddity }) => oddity ?? []);
  const ended = walk.problem === undefined ? [] : [walk.problem];
  return partialIf(uniqueRows(mine, own), [...ended, ...problemsOf(parsed), ...oddities]);
}

/** Pages that shift while they are read show an order twice. */
function uniqueRows(facts: readonly OrderFacts[], own: OwnOrders): OrderRow[] {
  const byId = new Map(facts.map((one) => [one.venueOrderId, own.named(one.row)]));
  return [...byId.values()];
}

export type Recognise = (query: OrderQuery, asking: Asking) => Promise<OrderLookup>;

export async function lookUpOrder(
  client: PolymarketClient,
  query: OrderQuery,
  own: OwnOrders,
  recognise: Recognise,
  asking: Asking,
): Promise<OrderLookup> {
  const { clientOrderId } = query;
  const sent = clientOrderId === undefined ? undefined : own.hashOf(clientOrderId);
  const id = query.venueOrderId ?? sent;
  if (id !== undefined) return orderById(client, id, own);
  if (clientOrderId === undefined) return unknown("an order cannot be looked up without an id");
  return recognise(query, asking);
}

export async function orderById(client: PolymarketClient, id: string, own: OwnOrders): Promise<OrderLookup> {
  const read = await orderFacts(client, id);
  if (read.kind !== "facts") return read;
  const { row, oddity } = read.facts;
  if (oddity !== undefined) return unknown(oddity);
  return { kind: "row", row: own.named(row) };
}

export type OrderAnswer =
  | { readonly kind: "facts"; readonly facts: OrderFacts }
  | Extract<OrderLookup, { kind: "none" | "unknown" }>;

/** "None" only where the CLOB says so in its own words. */
export async function orderFacts(client: PolymarketClient, id: string): Promise<OrderAnswer> {
  const answer = await client.order(id);
  if (answer.kind === "failed") return unknown(answer.problem);
  if (answer.kind === "notFound") {
    if (/order not found/i.test(answer.message)) return { kind: "none" };
    return unknown(`the order ${id} was answered with HTTP 404 (${answer.message})`);
  }
  if (answer.value === null) return unknown(`the order ${id} was answered with nothing`);
  const parsed = parseOrder(answer.value);
  if (parsed.kind === "problem") return unknown(parsed.problem);
  if (parsed.row.venueOrderId.toLowerCase() === id.toLowerCase()) return { kind: "facts", facts: parsed.row };
  return unknown(`asked for the order ${id}, Polymarket answered for ${parsed.row.venueOrderId}`);
}

function unknown(problem: string): Extract<OrderLookup, { kind: "unknown" }> {
  return { kind: "unknown", problem };
}
