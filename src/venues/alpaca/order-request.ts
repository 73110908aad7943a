// An order of ours in Alpaca's words. What Alpaca's documentation excludes is refused here, before anything is sent;
// everything else is for Alpaca to judge. Quantities and prices go out as the exact strings that they are.
import type { trading } from "@alpacahq/alpaca-trade-api/rest";
import type { OrderType, TimeInForce } from "../../core/index.ts";
import type { SubmitCommand } from "../venue.ts";
import { type AssetKind, kindOfInstrument } from "./symbols.ts";

interface Limits {
  readonly types: readonly OrderType[];
  readonly timesInForce: readonly TimeInForce[];
  /** Times in force of an order sized by what it costs; such orders are market orders. */
  readonly notional: readonly TimeInForce[];
}

/**
 * What can be ordered of each kind. All read 2026-11.
 * @see https://docs.alpaca.markets/docs/crypto-orders (types, gtc and ioc, notional)
 * @see https://docs.alpaca.markets/reference/patchorderbyorderid-1 ("Equity trading: day, gtc, opg, cls, ioc, fok.
 * Options trading: day. Crypto trading: gtc, ioc.")
 * @see node_modules/@alpacahq/alpaca-trade-api 4.0.2, PostOrderRequest.notional ("Can only work for market order
 * types and day for time in force")
 */
const LIMITS: Readonly<Record<AssetKind, Limits>> = {
  equity: {
    types: ["market", "limit", "stop", "stop_limit"],
    timesInForce: ["day", "gtc", "ioc", "fok"],
    notional: ["day"],
  },
  option: { types: ["market", "limit", "stop", "stop_limit"], timesInForce: ["day"], notional: [] },
  crypto: {
    types: ["market", "limit", "stop_limit"],
    timesInForce: ["gtc", "ioc"],
    notional: ["gtc", "ioc"],
  },
};

export type OrderRequest =
  | { readonly kind: "request"; readonly request: trading.PostOrderRequest }
  | { readonly kind: "problem"; readonly problem: string };

export function orderRequest(command: SubmitCommand): OrderRequest {
  const problem = problemOf(command);
  if (problem !== undefined) return { kind: "problem", problem };
  const { instrument, clientOrderId, side, type, timeInForce, qty, notional, price, triggerPrice } = command;
  return {
    kind: "request",
    request: {
      symbol: instrument,
      clientOrderId,
      side,
      type,
      timeInForce,
      ...(qty !== undefined && { qty }),
      ...(notional !== undefined && { notional }),
      ...(price !== undefined && { limitPrice: price }),
      ...(triggerPrice !== undefined && { stopPrice: triggerPrice }),
      ...intentOf(command),
    },
  };
}

/**
 * Alpaca has no reduce-only flag; it refuses an order whose stated intent is not what it infers from the position.
 * That holds when the order comes in and not for its life, so it is a help and no promise. Coins cannot be short.
 * @see https://github.com/alpacahq/Alpaca-API/issues/250 ("position intent mismatch", read 2026-11)
 */
function intentOf({ reduceOnly, side, instrument }: SubmitCommand): Partial<trading.PostOrderRequest> {
  if (!reduceOnly || kindOfInstrument(instrument) === "crypto") return {};
  return { positionIntent: side === "buy" ? "buy_to_close" : "sell_to_close" };
}

function problemOf(command: SubmitCommand): string | undefined {
  const { instrument, leg, type, timeInForce, qty, notional, price, triggerPrice } = command;
  const kind = kindOfInstrument(instrument);
  const limits = LIMITS[kind];
  if (leg !== "net") return `Alpaca nets positions; it has no ${leg} leg of ${instrument}`;
  if ((qty === undefined) === (notional === undefined)) return "an order has either qty or notional";
  if (!limits.types.includes(type)) return excluded(kind, "type", type, limits.types);
  if (!limits.timesInForce.includes(timeInForce)) {
    return excluded(kind, "timeInForce", timeInForce, limits.timesInForce);
  }
  if (notional !== undefined && (type !== "market" || !limits.notional.includes(timeInForce))) {
    const allowed =
      limits.notional.length === 0 ? "none" : `market orders with ${limits.notional.join(" or ")}`;
    return `Alpaca takes notional orders of ${WORDS[kind]} only as ${allowed}; found ${type} with ${timeInForce}`;
  }
  const isLimit = type === "limit" || type === "stop_limit";
  const isStop = type === "stop" || type === "stop_limit";
  if (isLimit !== (price !== undefined)) return `a ${type} order has ${isLimit ? "a" : "no"} price`;
  if (isStop !== (triggerPrice !== undefined))
    return `a ${type} order has ${isStop ? "a" : "no"} triggerPrice`;
  return undefined;
}

const WORDS: Readonly<Record<AssetKind, string>> = { equity: "shares", option: "options", crypto: "coins" };

function excluded(kind: AssetKind, field: string, found: string, allowed: readonly string[]): string {
  return `Alpaca takes orders of ${WORDS[kind]} with ${field} ${allowed.join(", ")}; found ${found}`;
}
