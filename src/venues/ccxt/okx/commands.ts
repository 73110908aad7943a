// Orders, cancellations and amendments on OKX. The body is written here, with the exact numbers and our own client order id;
// ccxt signs it. Stops are read and cancelled, and not sent: ccxt writes an id and a tag of its own into every one.
// @see https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order (read 2026-11)
import type { OrderType, TimeInForce } from "../../../core/index.ts";
import type { Clock } from "../../../runtime/index.ts";
import type {
  AmendCommand,
  CancelCommand,
  CommandOutcome,
  DeadManCommand,
  SubmitCommand,
} from "../../venue.ts";
import { unsent } from "../../wire/outcome.ts";
import type { Ask, Client } from "../client.ts";
import type { Params } from "../exchange.ts";
import { unitsOf } from "./ask.ts";
import { type InstId, instIdOf } from "./instruments.ts";
import { outcomeOf, outcomeOfSwitch } from "./outcome.ts";
import { ALGO, algoOrderId } from "./parse.ts";

export interface CommandParts {
  readonly client: Client;
  readonly clock: Clock;
  /** Margin of contracts: `cross` or `isolated`. */
  readonly marginMode: string;
  /** How spot is traded: `cash`, or `cross` in the account modes with one margin for all. */
  readonly spotMode: string;
}

/**
 * How long an order is good for: OKX refuses a request that it takes up later, so that one that is held up on its way cannot
 * be carried out when nobody expects it. In ms.
 * @see https://www.okx.com/docs-v5/en/#overview-websocket ("expTime", read 2026-11)
 */
export const EXPIRES_MS = 20_000;

export async function submit(command: SubmitCommand, parts: CommandParts): Promise<CommandOutcome> {
  const inst = instIdOf(command.instrument);
  if (!inst) return unsent(`OKX has no instrument ${command.instrument}`);
  const body = orderOf(command, inst, parts);
  if (typeof body === "string") return unsent(body);
  return send("trade/order", body, "trade", parts, ordId);
}

export async function cancel(command: CancelCommand, parts: CommandParts): Promise<CommandOutcome> {
  const inst = instIdOf(command.instrument);
  if (!inst) return unsent(`OKX has no instrument ${command.instrument}`);
  const { venueOrderId, clientOrderId } = command;
  if (venueOrderId?.startsWith(ALGO)) {
    const stops = [{ instId: inst.instId, algoId: venueOrderId.slice(ALGO.length) }];
    return send("trade/cancel-algos", stops, "cancel", parts, ({ algoId }) =>
      typeof algoId === "string" ? algoOrderId(algoId) : undefined,
    );
  }
  const named = nameOf(venueOrderId, clientOrderId);
  if (!named) return unsent("an order is cancelled by one of its ids");
  return send("trade/cancel-order", { instId: inst.instId, ...named }, "cancel", parts, ordId);
}

export async function amend(command: AmendCommand, parts: CommandParts): Promise<CommandOutcome> {
  const inst = instIdOf(command.instrument);
  if (!inst) return unsent(`OKX has no instrument ${command.instrument}`);
  const { venueOrderId, clientOrderId, qty, price, triggerPrice } = command;
  if (venueOrderId?.startsWith(ALGO) || triggerPrice !== undefined) {
    return unsent("stops are not amended through this adapter; cancel it and send another");
  }
  const named = nameOf(venueOrderId, clientOrderId);
  if (!named) return unsent("an order is amended by one of its ids");
  const body = {
    instId: inst.instId,
    ...named,
    // It stays as it was where the amendment fails.
    cxlOnFail: false,
    // "the newSz should include the amount that has been filled": as ours does.
    ...(qty !== undefined && { newSz: qty }),
    ...(price !== undefined && { newPx: price }),
  };
  return send("trade/amend-order", body, "trade", parts, ordId);
}

/**
 * The countdown of the account: at its end OKX cancels what is pending in the order books, of every instrument. Whole seconds,
 * from 10 to 120; 0 turns it off. Whether stops of the algo service go too is not documented.
 * @see https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-cancel-all-after (one a second; read 2026-11)
 * @see node_modules/ccxt 4.5.84, js/src/okx.js (cancelAllOrdersAfter)
 */
export async function deadMan(
  { timeoutMs, instrument }: DeadManCommand,
  { client }: CommandParts,
): Promise<CommandOutcome> {
  if (instrument !== undefined) return unsent("OKX counts down for the whole account");
  const path = "trade/cancel-all-after";
  const params = { timeOut: String(Math.floor(timeoutMs / 1_000)) };
  const ask: Ask = { path, api: "private", method: "POST", params, units: unitsOf(path) };
  const reply = await client.command(ask, "cancel");
  return outcomeOfSwitch(reply, client.words, timeoutMs > 0);
}

function nameOf(venueOrderId: string | undefined, clientOrderId: string | undefined): Params | undefined {
  if (venueOrderId !== undefined) return { ordId: venueOrderId };
  return clientOrderId === undefined ? undefined : { clOrdId: clientOrderId };
}

function ordId(row: Readonly<Record<string, unknown>>): string | undefined {
  return typeof row.ordId === "string" && row.ordId !== "" ? row.ordId : undefined;
}

/** A resting limit has a type of its own for each time in force; an order at the market has none. */
const TYPES: Readonly<Partial<Record<OrderType, Readonly<Partial<Record<TimeInForce, string>>>>>> = {
  limit: { gtc: "limit", ioc: "ioc", fok: "fok" },
  market: { gtc: "market", ioc: "market" },
};

function orderOf(command: SubmitCommand, inst: InstId, parts: CommandParts): Params | string {
  const { type, timeInForce, side, leg, qty, notional, price, reduceOnly, clientOrderId } = command;
  const ordType = TYPES[type]?.[timeInForce];
  if (ordType === undefined) return `OKX takes no ${type} order with time in force ${timeInForce} from here`;
  const isSpot = inst.instType === "SPOT";
  if (isSpot && leg !== "net") return `OKX has no ${leg} leg of ${command.instrument}`;
  if (notional !== undefined && !(isSpot && type === "market")) {
    return "OKX takes orders by notional at the market, of spot pairs";
  }
  const sz = notional ?? qty;
  if (sz === undefined) return "an order has either qty or notional";
  return {
    instId: inst.instId,
    tdMode: isSpot ? parts.spotMode : parts.marginMode,
    clOrdId: clientOrderId,
    side,
    ...(!isSpot && leg !== "net" && { posSide: leg }),
    ordType,
    sz,
    // Without it a spot order to buy at the market would be sized in the quote currency.
    ...(isSpot && type === "market" && { tgtCcy: notional === undefined ? "base_ccy" : "quote_ccy" }),
    ...(isSpot && type === "market" && { banAmend: true }),
    ...(price !== undefined && { px: price }),
    // Closing a leg is reduce-only by itself, and the flag is refused there.
    ...(reduceOnly && !isSpot && leg === "net" && { reduceOnly: true }),
  };
}

async function send(
  path: string,
  body: Params | readonly Params[],
  purpose: "trade" | "cancel",
  { client, clock }: CommandParts,
  idOf: (row: Readonly<Record<string, unknown>>) => string | undefined,
): Promise<CommandOutcome> {
  const ask: Ask = {
    path,
    api: "private",
    method: "POST",
    params: body as Params,
    units: unitsOf(path),
    ...(purpose === "trade" && { headers: { expTime: String(clock.nowMs() + EXPIRES_MS) } }),
  };
  return outcomeOf(await client.command(ask, purpose), client.words, idOf);
}
