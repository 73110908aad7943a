// Whose order is it? The CLOB keeps no name of ours, but an order's id is the hash of what was signed, and the salt of that
// is made of the client order id. So what the venue says of an order is hashed again, with that salt: where the hash is
// the order's id, it is the order, and no other can be. Nothing of it is remembered anywhere.
import type { OrderLookup } from "../../core/index.ts";
import { multiply } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { OrderQuery } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import { problemsOf } from "../wire/sections.ts";
import type { PolymarketClient } from "./client.ts";
import { orderFacts, type Recognise } from "./orders.ts";
import type { OwnOrders } from "./own-orders.ts";
import { walkClob } from "./pages.ts";
import { type OrderFacts, parseOrder } from "./parse.ts";
import { type Owner, parseTrade } from "./parse-trade.ts";
import { type OrderSigner, saltOf } from "./signing.ts";
import { toUnits } from "./symbols.ts";

/** How far back trades of the token are looked through for orders that are over. In ms. */
const TRADES_BACK_MS = 24 * 3_600_000;
/** Orders that are asked for one by one. */
const ORDERS_MAX = 20;
/** How far the venue's time of an order may be from the one that was signed: clocks differ, and orders may wait. In s. */
const CLOCK_SLACK_S = 90;

export interface RecogniseParts {
  readonly client: PolymarketClient;
  readonly signer: OrderSigner;
  readonly owner: () => Promise<Owner>;
  readonly own: OwnOrders;
  readonly clock: Clock;
}

export function recogniser(parts: RecogniseParts): Recognise {
  return async (query, asking) => {
    const { clientOrderId, instrument } = query;
    if (clientOrderId === undefined) return { kind: "unknown", problem: "there is no client order id" };
    const found = await findOrder(parts, { clientOrderId, instrument }, asking);
    if (found.kind !== "facts") return found;
    const { row, venueOrderId } = found.facts;
    parts.own.remember(clientOrderId, venueOrderId);
    return { kind: "row", row: parts.own.named(row) };
  };
}

type Wanted = Required<Pick<OrderQuery, "clientOrderId" | "instrument">>;

async function findOrder(parts: RecogniseParts, wanted: Wanted, asking: Asking) {
  const { client } = parts;
  const open = await walkClob("the orders", (cursor) => client.openOrders(cursor, wanted.instrument), asking);
  if (open.end !== "whole") return unknown(open.problem ?? "");
  const orders = open.items.map(parseOrder);
  const unread = problemsOf(orders)[0];
  if (unread !== undefined) return unknown(unread);
  const match = orders.find((one) => one.kind === "row" && isIt(parts.signer, one.row, wanted));
  if (match?.kind === "row") return { kind: "facts", facts: match.row } as const;
  return amongTraded(parts, wanted, asking);
}

/** Orders that are over are in no list; those that traded are named by their trades. */
async function amongTraded(parts: RecogniseParts, wanted: Wanted, asking: Asking) {
  const { client, clock } = parts;
  const afterSec = Math.floor((clock.nowMs() - TRADES_BACK_MS) / 1_000);
  const walk = await walkClob(
    "the trades",
    (cursor) => client.trades({ afterSec, token: wanted.instrument }, cursor),
    asking,
  );
  if (walk.end !== "whole") return unknown(walk.problem ?? "");
  const owner = await parts.owner();
  const ids = new Set(
    walk.items.flatMap((item) => {
      const trade = parseTrade(item, owner);
      return trade.kind === "row" ? trade.row.parts.flatMap(({ row }) => row.venueOrderId ?? []) : [];
    }),
  );
  for (const id of [...ids].slice(0, ORDERS_MAX)) {
    if (!asking.mayAsk()) return unknown("there are more orders that traded than could be asked for in time");
    const read = await orderFacts(client, id);
    if (read.kind === "unknown") return read;
    if (read.kind === "facts" && isIt(parts.signer, read.facts, wanted)) return read;
  }
  if (ids.size > ORDERS_MAX)
    return unknown(`more than ${ORDERS_MAX} orders of this token traded within a day`);
  return { kind: "none" } as const;
}

/** Whether the order is the one with this client order id: its hash says so. */
function isIt(signer: OrderSigner, { row, venueOrderId }: OrderFacts, { clientOrderId }: Wanted): boolean {
  const { instrument, side, qty, price, createdAt } = row;
  if (side === undefined || qty === undefined || price === undefined || createdAt === undefined) return false;
  const shares = toUnits(qty);
  const money = toUnits(multiply(qty, price));
  if (shares === undefined || money === undefined) return false;
  const [makerAmount, takerAmount] = side === "buy" ? [money, shares] : [shares, money];
  const salt = saltOf(clientOrderId);
  const second = Math.floor(createdAt / 1_000);
  for (let slack = -CLOCK_SLACK_S; slack <= CLOCK_SLACK_S; slack += 1) {
    const timestampMs = (second + slack) * 1_000;
    for (const isNegRisk of [false, true]) {
      const hash = signer.hash({
        token: instrument,
        side,
        makerAmount,
        takerAmount,
        isNegRisk,
        salt,
        timestampMs,
      });
      if (hash.toLowerCase() === venueOrderId.toLowerCase()) return true;
    }
  }
  return false;
}

function unknown(problem: string): Extract<OrderLookup, { kind: "unknown" }> {
  return { kind: "unknown", problem };
}
