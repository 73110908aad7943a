// An order of ours in Bybit's words. What Bybit's documentation excludes is refused here, before anything is sent;
// everything else is for Bybit to judge. Quantities and prices go out as the exact strings that they are.
// @see https://bybit-exchange.github.io/docs/v5/order/create-order (read 2026-11)
import type { Leg } from "../../core/index.ts";
import type { SubmitCommand } from "../venue.ts";
import type { Category, Contract } from "./symbols.ts";

export type OrderRequest =
  | { readonly kind: "request"; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: "problem"; readonly problem: string };

/** @see https://bybit-exchange.github.io/docs/v5/enum#positionidx (read 2026-11) */
const INDEX_OF_LEG: Readonly<Record<Leg, number>> = { net: 0, long: 1, short: 2 };

const TIME_IN_FORCE: Readonly<Record<string, string>> = { gtc: "GTC", ioc: "IOC", fok: "FOK" };

export function orderRequest(command: SubmitCommand, contract: Contract): OrderRequest {
  const problem = problemOf(command, contract.category);
  if (problem !== undefined) return { kind: "problem", problem };
  const { category, symbol } = contract;
  const { side, type, qty, notional, price, clientOrderId, leg, reduceOnly, timeInForce } = command;
  const isMarket = type === "market" || type === "stop";
  const isContract = category !== "spot";
  return {
    kind: "request",
    body: {
      category,
      symbol,
      side: side === "buy" ? "Buy" : "Sell",
      orderType: isMarket ? "Market" : "Limit",
      qty: notional ?? qty,
      ...(price !== undefined && { price }),
      ...(isMarket ? {} : { timeInForce: TIME_IN_FORCE[timeInForce] }),
      orderLinkId: clientOrderId,
      ...(isContract && { positionIdx: INDEX_OF_LEG[leg], reduceOnly }),
      // Without it Bybit takes the quantity of a market buy for what it may cost.
      ...(!isContract && isMarket && { marketUnit: notional === undefined ? "baseCoin" : "quoteCoin" }),
      ...(!isContract && { isLeverage: 0 }),
      ...triggerOf(command, category),
    },
  };
}

/** A stop is passed by a price that runs away: upwards to buy, downwards to sell. */
function triggerOf(
  { side, triggerPrice }: SubmitCommand,
  category: Category,
): Readonly<Record<string, unknown>> {
  if (triggerPrice === undefined) return {};
  if (category === "spot") return { triggerPrice, orderFilter: "StopOrder" };
  return { triggerPrice, triggerDirection: side === "buy" ? 1 : 2, triggerBy: "LastPrice" };
}

function problemOf(command: SubmitCommand, category: Category): string | undefined {
  const { leg, type, side, timeInForce, qty, notional, price, triggerPrice, reduceOnly } = command;
  const isLimit = type === "limit" || type === "stop_limit";
  const isStop = type === "stop" || type === "stop_limit";
  if ((qty === undefined) === (notional === undefined)) return "an order has either qty or notional";
  if (leg !== "net" && (category === "spot" || category === "option")) {
    return `Bybit has no ${leg} leg in category ${category}; expected net`;
  }
  if (category === "spot" && reduceOnly && side === "buy") {
    return "Bybit has no reduce-only flag on spot, and a buy there may buy more than was short; found a reduce-only buy";
  }
  if (notional !== undefined && (category !== "spot" || type !== "market")) {
    return `Bybit takes orders by notional only as market orders on spot; found ${type} in category ${category}`;
  }
  if (isStop && category === "option")
    return `Bybit takes no ${type} orders on options; expected market or limit`;
  if (!Object.hasOwn(TIME_IN_FORCE, timeInForce)) {
    return `Bybit takes orders with timeInForce gtc, ioc, fok; found ${timeInForce}`;
  }
  if (!isLimit && timeInForce === "fok") {
    return "Bybit executes every market order as ioc; found fok, which it would not keep to";
  }
  if (isLimit !== (price !== undefined)) return `a ${type} order has ${isLimit ? "a" : "no"} price`;
  if (isStop !== (triggerPrice !== undefined))
    return `a ${type} order has ${isStop ? "a" : "no"} triggerPrice`;
  return undefined;
}
