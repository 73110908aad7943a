// Orders and cancels on Hyperliquid. The action is written here and only signed by ccxt: its own createOrder and
// cancelOrder first sign and send two requests more, one that allows its makers a fee on every order and one that names them
// as the account's referrer (js/src/hyperliquid.js, initializeClient; 4.5.84, read 2026-11).
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint (read 2026-11)
import type { Decimal } from "../../../core/index.ts";
import type { Clock } from "../../../runtime/index.ts";
import type { CancelCommand, CommandOutcome, DeadManCommand, SubmitCommand } from "../../venue.ts";
import type { Reply } from "../../wire/once.ts";
import { unsent } from "../../wire/outcome.ts";
import type { Client } from "../client.ts";
import type { Exchange, Params } from "../exchange.ts";
import { cloidOf } from "./cloid.ts";
import type { Coin, Coins } from "./coins.ts";
import { outcomeOf, outcomeOfSchedule } from "./outcome.ts";
import { boundOf, STOP_SLIPPAGE } from "./price.ts";

/** What this exchange of ccxt's has besides the common. */
export interface Signer extends Exchange {
  incrementingNonce(): number;
  ethGetAddressFromPrivateKey(privateKey: string): string;
  signL1Action(action: Params, nonce: number, vault: string | undefined, expiresAfter: number): Params;
}

export interface CommandParts {
  readonly signer: Signer;
  readonly client: Client;
  readonly coins: Coins;
  readonly clock: Clock;
  /** A sub-account or vault that the wallet trades for; undefined where it trades for itself. */
  readonly vault?: string;
}

/**
 * How long a command is good for: "actions … after which the action will be rejected". One that is held up on its way cannot
 * be carried out later, when nobody expects it. In ms.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint "expiresAfter" (read 2026-11)
 */
export const EXPIRES_MS = 20_000;

export async function submit(command: SubmitCommand, parts: CommandParts): Promise<CommandOutcome> {
  const coin = parts.coins.bySymbol(command.instrument);
  if (coin?.asset === undefined) return unsent(`Hyperliquid lists no ${command.instrument}`);
  const order = orderOf(command, coin);
  if (typeof order === "string") return unsent(order);
  return send({ type: "order", orders: [order], grouping: "na" }, "trade", parts);
}

export async function cancel(command: CancelCommand, parts: CommandParts): Promise<CommandOutcome> {
  const coin = parts.coins.bySymbol(command.instrument);
  if (coin?.asset === undefined) return unsent(`Hyperliquid lists no ${command.instrument}`);
  const { venueOrderId, clientOrderId } = command;
  if (venueOrderId !== undefined) {
    if (!/^\d{1,15}$/.test(venueOrderId)) return unsent(`"${venueOrderId}" is no order id of Hyperliquid's`);
    const cancels = [{ a: coin.asset, o: Number(venueOrderId) }];
    return send({ type: "cancel", cancels }, "cancel", parts);
  }
  const cloid = clientOrderId === undefined ? undefined : cloidOf(clientOrderId);
  if (cloid === undefined)
    return unsent("an order is cancelled by its id, or by a client order id of 16 bytes");
  return send({ type: "cancelByCloid", cancels: [{ asset: coin.asset, cloid }] }, "cancel", parts);
}

/**
 * The moment at which Hyperliquid cancels all open orders of the account, of every dex; without one it cancels none. It is
 * stated by our clock. "The time must be at least 5 seconds after the current time", and it fires ten times a day at most,
 * counted from 00:00 UTC. An account that has not traded enough (1 000 000 USDC as of 2026-11) is refused it.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint "Schedule cancel (dead man's
 * switch)" (read 2026-11)
 * @see node_modules/ccxt 4.5.84, js/src/hyperliquid.js (cancelAllOrdersAfter: the refusal; of 0 ms it makes no turning off)
 */
export async function deadMan(
  { timeoutMs, instrument }: DeadManCommand,
  parts: CommandParts,
): Promise<CommandOutcome> {
  if (instrument !== undefined) return unsent("Hyperliquid schedules the cancel of the whole account");
  const at = timeoutMs === 0 ? {} : { time: parts.clock.nowMs() + timeoutMs };
  const reply = await signedReply({ type: "scheduleCancel", ...at }, "cancel", parts);
  return outcomeOfSchedule(reply, parts.client.words);
}

const TIMES_IN_FORCE: ReadonlySet<string> = new Set(["gtc", "ioc"]);

/** In the order of fields that is signed. */
function orderOf(command: SubmitCommand, coin: Coin): Params | string {
  const { leg, side, qty, notional, reduceOnly, clientOrderId } = command;
  if (leg !== "net") return `Hyperliquid nets positions; it has no ${leg} leg of ${command.instrument}`;
  if (qty === undefined || notional !== undefined) return "Hyperliquid takes no orders by notional";
  if (!TIMES_IN_FORCE.has(command.timeInForce)) {
    return `Hyperliquid takes orders with time in force ${[...TIMES_IN_FORCE].join(", ")}; found ${command.timeInForce}`;
  }
  const cloid = cloidOf(clientOrderId);
  if (cloid === undefined) return `"${clientOrderId}" is no client order id for Hyperliquid`;
  const priced = priceOf(command, coin);
  if (typeof priced === "string") return priced;
  const { p, t } = priced;
  return { a: coin.asset, b: side === "buy", p, s: qty, r: reduceOnly, t, c: cloid };
}

type Priced = { readonly p: Decimal; readonly t: Params } | string;

function priceOf(
  { type, side, price, triggerPrice, timeInForce, referencePrice }: SubmitCommand,
  coin: Coin,
): Priced {
  const { qtyStep } = coin.instrument;
  switch (type) {
    case "market":
      if (referencePrice === undefined) {
        return "Hyperliquid has no orders at the market: such an order is a limit 5 % from a reference price, and there is none";
      }
      return { p: boundOf(referencePrice, side, qtyStep, coin.isSpot), t: { limit: { tif: "Ioc" } } };
    case "limit":
      if (price === undefined) return "a limit order has a price";
      return { p: price, t: { limit: { tif: timeInForce === "ioc" ? "Ioc" : "Gtc" } } };
    case "stop":
    case "stop_limit": {
      if (triggerPrice === undefined) return `a ${type} order has a trigger price`;
      const isMarket = type === "stop";
      if (!isMarket && price === undefined) return "a stop_limit order has a price";
      const p = isMarket
        ? boundOf(triggerPrice, side, qtyStep, coin.isSpot, STOP_SLIPPAGE)
        : (price as Decimal);
      return { p, t: { trigger: { isMarket, triggerPx: triggerPrice, tpsl: "sl" } } };
    }
  }
}

async function send(
  action: Params,
  purpose: "trade" | "cancel",
  parts: CommandParts,
): Promise<CommandOutcome> {
  return outcomeOf(await signedReply(action, purpose, parts), parts.client.words);
}

function signedReply(
  action: Params,
  purpose: "trade" | "cancel",
  { signer, client, clock, vault }: CommandParts,
): Promise<Reply> {
  const nonce = signer.incrementingNonce();
  const expiresAfter = clock.nowMs() + EXPIRES_MS;
  const hex = vault?.replace(/^0x/, "");
  const signature = signer.signL1Action(action, nonce, hex, expiresAfter);
  const params = { action, nonce, signature, expiresAfter, ...(hex !== undefined && { vaultAddress: hex }) };
  return client.command({ path: "exchange", api: "private", method: "POST", params, units: 1 }, purpose);
}
