// An order of ours in Polymarket's words: what is given and what is wanted, in whole units of the chain. What the venue
// documents that it does not take is refused here, before anything is sent; nothing is rounded to make it fit.
import { compare, type Decimal, type OrderType, type TimeInForce } from "../../core/index.ts";
import type { SubmitCommand } from "../venue.ts";
import { type Book, isOnTick, reachOf } from "./book.ts";
import { toUnits } from "./symbols.ts";

export interface OrderRequest {
  readonly makerAmount: bigint;
  readonly takerAmount: bigint;
  readonly orderType: "GTC" | "FAK" | "FOK";
}

export type Wanted =
  | { readonly kind: "request"; readonly request: OrderRequest }
  | { readonly kind: "problem"; readonly problem: string };

const ORDER_TYPES: Readonly<Partial<Record<TimeInForce, OrderRequest["orderType"]>>> = {
  gtc: "GTC",
  ioc: "FAK",
  fok: "FOK",
};

const TYPES: readonly OrderType[] = ["market", "limit"];

/** Shares are ordered in hundredths. @see node_modules/@polymarket/clob-client-v2 1.1.0, roundingConfig.js (read 2026-11) */
const SIZE_DECIMALS = 2;
/**
 * What an order that fills at once may ask for: money in hundredths, shares or money for it in ten-thousandths.
 * @see https://github.com/Polymarket/py-clob-client-v2/issues/99 ("a flat 4 decimals whatever the tick", read 2026-11)
 */
const MONEY_DECIMALS = 2;
const WANTED_DECIMALS = 4;

/** What can be said without the book. */
export function problemOf(command: SubmitCommand): string | undefined {
  const { leg, type, timeInForce, qty, notional, price, side, triggerPrice, instrument } = command;
  if (leg !== "net") return `Polymarket has no legs; found ${leg} of ${instrument}`;
  if ((qty === undefined) === (notional === undefined)) return "an order has either qty or notional";
  if (!TYPES.includes(type) || triggerPrice !== undefined)
    return `Polymarket takes orders of type ${TYPES.join(", ")}; found ${type}`;
  const orderType = ORDER_TYPES[timeInForce];
  if (orderType === undefined)
    return `Polymarket takes timeInForce ${Object.keys(ORDER_TYPES).join(", ")}; found ${timeInForce}`;
  if ((type === "limit") !== (price !== undefined))
    return `a ${type} order has ${type === "limit" ? "a" : "no"} price`;
  if (notional !== undefined && orderType === "GTC")
    return "an order with notional fills at once: timeInForce ioc or fok; found gtc";
  if (notional !== undefined && (type !== "market" || side !== "buy")) {
    return "Polymarket takes notional only of market orders to buy";
  }
  // The venue spends what is given, and may buy more shares than were asked for.
  if (orderType !== "GTC" && side === "buy" && notional === undefined) {
    return `an order to buy with ${timeInForce} is sized by what it costs; send a market order with notional, or any order with gtc`;
  }
  return undefined;
}

export function orderRequest(command: SubmitCommand, book: Book): Wanted {
  const { side, qty, notional, timeInForce } = command;
  const problem = problemOf(command) ?? decimalsProblem(command);
  if (problem !== undefined) return { kind: "problem", problem };
  const size = qty ?? notional;
  const orderType = ORDER_TYPES[timeInForce];
  if (size === undefined || orderType === undefined)
    return { kind: "problem", problem: "an order has a size" };
  const found = priceOf(command, book, size);
  if ("problem" in found) return { kind: "problem", problem: found.problem };
  if (orderType === "GTC" && qty !== undefined && compare(qty, book.leastSize) < 0) {
    return {
      kind: "problem",
      problem: `qty is ${qty}; this market takes orders of ${book.leastSize} shares at least`,
    };
  }
  const units = toUnits(size);
  const priceUnits = toUnits(found.price);
  if (units === undefined || priceUnits === undefined)
    return { kind: "problem", problem: "the size or the price has more than six decimals" };
  if (notional !== undefined) {
    const shares = floorTo((units * UNITS) / priceUnits, WANTED_DECIMALS);
    return request(units, shares, orderType);
  }
  // Exact: shares in hundredths times a price of four decimals at most.
  const money = (units * priceUnits) / UNITS;
  if (orderType === "GTC")
    return side === "buy" ? request(money, units, orderType) : request(units, money, orderType);
  return request(units, floorTo(money, WANTED_DECIMALS), orderType);
}

const UNITS = 1_000_000n;

function priceOf(
  { type, side, price, timeInForce }: SubmitCommand,
  book: Book,
  size: Decimal,
): { readonly price: Decimal } | { readonly problem: string } {
  if (type === "limit" && price !== undefined) {
    if (isOnTick(book, price)) return { price };
    return {
      problem: `price is ${price}; this market takes multiples of ${book.tick} between ${book.tick} and one tick below 1`,
    };
  }
  // With gtc it is sized in shares, and is a limit order at the price that the book asks for the whole of it.
  const isMoney = side === "buy" && timeInForce !== "gtc";
  const reach = reachOf(book, side, size, isMoney);
  const where = side === "buy" ? "offered" : "bid for";
  if (reach === undefined)
    return { problem: `nothing is ${where} in this market; a market order has nothing to fill with` };
  if (!reach.isWhole && timeInForce !== "ioc")
    return { problem: `less is ${where} than the order's size; send it with ioc to fill what is there` };
  return { price: reach.price };
}

function decimalsProblem({ qty, notional, instrument }: SubmitCommand): string | undefined {
  if (qty !== undefined && decimalsOf(qty) > SIZE_DECIMALS) {
    return `qty is ${qty}; Polymarket orders hundredths of a share, what is finer of ${instrument.slice(0, 12)}… cannot be ordered`;
  }
  if (notional !== undefined && decimalsOf(notional) > MONEY_DECIMALS) {
    return `notional is ${notional}; Polymarket takes hundredths of a pUSD`;
  }
  return undefined;
}

function decimalsOf(value: Decimal): number {
  return (/\.(\d+)$/.exec(value)?.[1] ?? "").length;
}

function floorTo(units: bigint, decimals: number): bigint {
  const step = 10n ** BigInt(6 - decimals);
  return (units / step) * step;
}

function request(makerAmount: bigint, takerAmount: bigint, orderType: OrderRequest["orderType"]): Wanted {
  if (makerAmount <= 0n || takerAmount <= 0n)
    return { kind: "problem", problem: "the order is too small to be ordered" };
  return { kind: "request", request: { makerAmount, takerAmount, orderType } };
}
