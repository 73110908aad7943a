// What a position may become: the book's quantity and the venue's last one, with and without what open orders may
// still trade. An order whose outcome is not known counts like one that is open, and an amendment that is under way
// counts with whichever quantity is larger.
import type { Book, Order } from "../book/book.ts";
import { filledQty, isActive } from "../book/orders.ts";
import { positionQty } from "../book/positions.ts";
import { abs, add, type Decimal, max, min, sign, subtract, sum, ZERO } from "../decimal.ts";
import { type OrderKey, type PositionKey, splitPositionKey } from "../keys.ts";

/** What the open orders of one position may still trade. Quantities and notionals are not signed. */
export interface OpenInterest {
  readonly bought: Decimal;
  readonly sold: Decimal;
  /** Of orders by notional, whose quantity is not known. */
  readonly boughtNotional: Decimal;
  readonly soldNotional: Decimal;
  /** False while an order is open of which neither quantity nor notional is known. */
  readonly isKnown: boolean;
}

/** @param except What is left out: the order that is about to be amended, or every order of which this is true. */
export function openInterest(
  book: Book,
  key: PositionKey,
  except?: OrderKey | ((order: Order) => boolean),
): OpenInterest {
  const { instrument, leg } = splitPositionKey(key);
  const isLeftOut = (order: Order) =>
    typeof except === "function" ? except(order) : order.orderKey === except;
  const open = [...book.orders.values()].filter(
    (order) =>
      order.instrument === instrument &&
      (order.leg === null || order.leg === leg) &&
      isActive(order) &&
      !isLeftOut(order),
  );
  const buys = open.filter(({ side }) => side !== "sell");
  const sells = open.filter(({ side }) => side !== "buy");
  return {
    bought: sum(buys.map(openQty)),
    sold: sum(sells.map(openQty)),
    boughtNotional: sum(buys.map(openNotional)),
    soldNotional: sum(sells.map(openNotional)),
    isKnown: open.every(({ qty, notional }) => qty !== null || notional !== null),
  };
}

/** What an order may still trade; zero where its quantity is not known. */
export function openQty(order: Order): Decimal {
  const { qty, amendment } = order;
  if (qty === null) return ZERO;
  const most = max(qty, amendment?.qty ?? qty);
  const rest = subtract(most, filledQty(order));
  return sign(rest) > 0 ? rest : ZERO;
}

function openNotional({ qty, notional }: Order): Decimal {
  return qty === null && notional !== null ? notional : ZERO;
}

/** The book's quantity and, where it has said one, the venue's. Signed. */
export function baseQuantities(book: Book, key: PositionKey, venueQty: Decimal | null): Decimal[] {
  const known = positionQty(book, key);
  return venueQty === null ? [known] : [known, venueQty];
}

/** The furthest from flat that the position may get, long and short. Signed: `long` >= `short`. */
export function reach(
  bases: readonly Decimal[],
  { bought, sold }: Pick<OpenInterest, "bought" | "sold">,
): { readonly long: Decimal; readonly short: Decimal } {
  const [first = ZERO, ...others] = bases;
  return {
    long: add(others.reduce(max, first), bought),
    short: subtract(others.reduce(min, first), sold),
  };
}

export function furthest({ long, short }: { readonly long: Decimal; readonly short: Decimal }): Decimal {
  return max(abs(long), abs(short));
}
