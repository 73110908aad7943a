// One token's order book: what an order has to fit (tick, least size, contract), and what is offered right now. It is read
// right before an order is made: ticks change when a price comes near 0 or 1.
import {
  add,
  compare,
  type Decimal,
  divide,
  multiply,
  parseDecimal,
  type Side,
  sign,
  subtract,
  ZERO,
} from "../../core/index.ts";
import { Fields, isObject, type Parsed, parseRow, reject } from "../wire/fields.ts";
import { positive, tokenOf } from "./parse.ts";

export interface Level {
  readonly price: Decimal;
  readonly qty: Decimal;
}

export interface Book {
  readonly token: string;
  readonly tick: Decimal;
  /** Shares. */
  readonly leastSize: Decimal;
  readonly isNegRisk: boolean;
  /** Best first. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** @see node_modules/@polymarket/clob-client-v2 1.1.0, types/clob.d.ts OrderBookSummary (read 2026-11) */
export function parseBook(value: unknown): Parsed<Book> {
  return parseRow("the order book", value, (fields) => {
    const negRisk = isObject(value) ? value.neg_risk : undefined;
    if (typeof negRisk !== "boolean") reject(fields.expected("neg_risk", "true or false"));
    return {
      token: tokenOf(fields, ["asset_id"]),
      tick: positive(fields, "tick_size"),
      leastSize: fields.optionalDecimal("min_order_size") ?? ZERO,
      isNegRisk: negRisk === true,
      bids: levelsOf(fields, "bids", -1),
      asks: levelsOf(fields, "asks", 1),
    };
  });
}

/** The venue lists the best last; whatever order they come in. */
function levelsOf(fields: Fields, side: string, direction: 1 | -1): readonly Level[] {
  const levels = (fields.optionalList(side) ?? []).map((item) => {
    const level = isObject(item) ? new Fields(item) : reject(`one of its ${side} is no object`);
    return { price: positive(level, "price"), qty: positive(level, "size") };
  });
  return levels.sort((a, b) => direction * compare(a.price, b.price));
}

/** Up to where an order at any price would go: the price of the last level that it needs, and whether all is there. */
export interface Reach {
  readonly price: Decimal;
  readonly isWhole: boolean;
}

/** @param isMoney Whether the size is in pUSD, and not in shares. Undefined where nothing is offered. */
export function reachOf(book: Book, side: Side, size: Decimal, isMoney: boolean): Reach | undefined {
  const levels = side === "buy" ? book.asks : book.bids;
  let taken = ZERO;
  let price: Decimal | undefined;
  for (const level of levels) {
    price = level.price;
    taken = add(taken, isMoney ? multiply(level.qty, level.price) : level.qty);
    if (compare(taken, size) >= 0) return { price, isWhole: true };
  }
  return price === undefined ? undefined : { price, isWhole: false };
}

/** Whether a price can be ordered at: a whole number of ticks, at least one away from 0 and from 1. */
export function isOnTick({ tick }: Book, price: Decimal): boolean {
  const ticks = divide(price, tick);
  const isWhole = !ticks.includes(".");
  const most = subtract(parseDecimal("1") as Decimal, tick);
  return isWhole && sign(subtract(price, tick)) >= 0 && compare(price, most) <= 0;
}
