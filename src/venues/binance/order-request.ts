// An order of ours in Binance's words. What its documentation excludes is refused here, before anything is sent; everything
// else is for Binance to judge. Quantities and prices go out as the exact texts that they are.
import { compare, type OrderRow, type OrderType } from "../../core/index.ts";
import type { AmendCommand, SubmitCommand } from "../venue.ts";
import type { Params } from "./transport.ts";

export type UsdmRequest =
  | { readonly kind: "request"; readonly service: "order" | "algo"; readonly params: Params }
  | { readonly kind: "problem"; readonly problem: string };

export type PlainRequest =
  | { readonly kind: "request"; readonly params: Params }
  | { readonly kind: "problem"; readonly problem: string };

const USDM_TYPES: Readonly<Record<OrderType, string>> = {
  market: "MARKET",
  limit: "LIMIT",
  stop: "STOP_MARKET",
  stop_limit: "STOP",
};

const SPOT_TYPES: Readonly<Record<OrderType, string>> = {
  market: "MARKET",
  limit: "LIMIT",
  stop: "STOP_LOSS",
  stop_limit: "STOP_LOSS_LIMIT",
};

/**
 * Stops go to the algo service since 2025-12; the other endpoint refuses them (-4120).
 * @see https://developers.binance.com/docs/derivatives/change-log (2025-11-06)
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/New-Algo-Order (both read 2026-11)
 */
export function usdmRequest(
  command: SubmitCommand,
  symbol: string | undefined,
  positionMode: "net" | "hedge",
): UsdmRequest {
  const { instrument, leg, side, type, qty, notional, price, triggerPrice, reduceOnly, clientOrderId } =
    command;
  if (symbol === undefined) return problem(`${instrument} is no instrument of USD-M futures`);
  if (qty === undefined || notional !== undefined)
    return problem("USD-M futures take orders by qty, not by notional");
  if ((leg === "net") !== (positionMode === "net")) {
    return problem(`the account's position_mode is "${positionMode}"; found an order for the ${leg} leg`);
  }
  const isClosing = (leg === "long" && side === "sell") || (leg === "short" && side === "buy");
  if (leg !== "net" && reduceOnly && !isClosing) {
    return problem(`a ${side} of the ${leg} leg opens it; found reduceOnly`);
  }
  const shape = shapeProblem(command);
  if (shape !== undefined) return problem(shape);
  const isStop = type === "stop" || type === "stop_limit";
  const common = {
    symbol,
    side: side.toUpperCase(),
    ...(leg !== "net" && { positionSide: leg.toUpperCase() }),
    type: USDM_TYPES[type],
    quantity: qty,
    ...(price !== undefined && { price, timeInForce: command.timeInForce.toUpperCase() }),
    // In hedge mode the flag is not taken; an order that closes a leg cannot open the other.
    ...(reduceOnly && leg === "net" && { reduceOnly: "true" }),
  };
  if (!isStop)
    return { kind: "request", service: "order", params: { ...common, newClientOrderId: clientOrderId } };
  return {
    kind: "request",
    service: "algo",
    params: {
      algoType: "CONDITIONAL",
      ...common,
      ...(triggerPrice !== undefined && { triggerPrice }),
      clientAlgoId: clientOrderId,
    },
  };
}

/**
 * `RESULT` brings the whole order back for every type; without it stops are answered with their number alone.
 * @see https://github.com/binance/binance-spot-api-docs rest-api.md "New order" (read 2026-11)
 */
export function spotRequest(command: SubmitCommand, symbol: string | undefined): PlainRequest {
  const { instrument, leg, side, type, qty, notional, price, triggerPrice, clientOrderId } = command;
  if (symbol === undefined) {
    return problem(`${instrument} is none of this account's symbols; add it to \`symbols\` of the account`);
  }
  if (leg !== "net") return problem(`spot has no ${leg} leg of ${instrument}`);
  if ((qty === undefined) === (notional === undefined)) return problem("an order has either qty or notional");
  if (notional !== undefined && type !== "market") {
    return problem(`Binance takes orders by notional only as market orders; found ${type}`);
  }
  const shape = shapeProblem(command);
  if (shape !== undefined) return problem(shape);
  return {
    kind: "request",
    params: {
      symbol,
      side: side.toUpperCase(),
      type: SPOT_TYPES[type],
      ...(qty !== undefined && { quantity: qty }),
      ...(notional !== undefined && { quoteOrderQty: notional }),
      ...(price !== undefined && { price, timeInForce: command.timeInForce.toUpperCase() }),
      ...(triggerPrice !== undefined && { stopPrice: triggerPrice }),
      newClientOrderId: clientOrderId,
      newOrderRespType: "RESULT",
    },
  };
}

export function amendRequest(
  { qty, price, triggerPrice }: AmendCommand,
  row: OrderRow,
  symbol: string | undefined,
): PlainRequest {
  if (symbol === undefined || row.venueOrderId === undefined || row.side === undefined) {
    return problem("the order's symbol, id or side is not known; cancel it and send a new one");
  }
  if (row.type !== "limit")
    return problem(`Binance amends limit orders only; found ${row.type ?? "no type"}`);
  if (triggerPrice !== undefined) return problem("a limit order has no triggerPrice");
  if (qty === undefined && price === undefined) return problem("nothing is to be changed");
  const quantity = qty ?? row.qty;
  const newPrice = price ?? row.price;
  if (quantity === undefined || newPrice === undefined) {
    return problem("the order's own quantity or price is not known; cancel it and send a new one");
  }
  if (row.filledQty !== undefined && compare(quantity, row.filledQty) <= 0) {
    return problem(
      `${row.filledQty} are filled already; a whole quantity of ${quantity} would cancel the order`,
    );
  }
  const side = row.side.toUpperCase();
  return { kind: "request", params: { symbol, orderId: row.venueOrderId, side, quantity, price: newPrice } };
}

/** What both markets ask of every order. */
function shapeProblem({ type, timeInForce, price, triggerPrice }: SubmitCommand): string | undefined {
  const isLimit = type === "limit" || type === "stop_limit";
  const isStop = type === "stop" || type === "stop_limit";
  if (timeInForce === "day") return "Binance has no orders for the day; use gtc, ioc or fok";
  if (type === "stop" && timeInForce !== "gtc")
    return `a stop order works until it is cancelled; found ${timeInForce}`;
  if (isLimit !== (price !== undefined)) return `a ${type} order has ${isLimit ? "a" : "no"} price`;
  if (isStop !== (triggerPrice !== undefined))
    return `a ${type} order has ${isStop ? "a" : "no"} triggerPrice`;
  return undefined;
}

function problem(text: string): { readonly kind: "problem"; readonly problem: string } {
  return { kind: "problem", problem: text };
}
