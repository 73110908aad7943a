// Orders that took the place of others, told as one order. Alpaca gives the replacing order an id of its own and
// counts its quantity anew: of 10 ordered with 4 filled and then replaced, the new order is one of what was asked for
// then, with nothing filled. Our rows speak of the whole: quantity and filled quantity include what was filled under
// earlier ids.
//   id a: qty 10, filled 4, replaced by b      id b: qty 6, filled 2      the row: qty 10, filled 6, earlier id a
// That it counts anew is a user's word, not the documentation's, and was not measured. So the row is told as a whole
// only where its own numbers say so (less filled than before it); else quantities are left out, and the fills, which
// name their order's id, tell how much was traded.
// @see https://github.com/alpacahq/Alpaca-API/issues/165 (open, read 2026-11)
import {
  add,
  type Decimal,
  divide,
  isLess,
  isZero,
  multiply,
  type OrderRow,
  sign,
  ZERO,
} from "../../core/index.ts";
import type { Asking } from "../wire/asking.ts";
import type { AlpacaClient } from "./client.ts";
import { type OrderFacts, parseOrder } from "./parse.ts";

/** How many orders may have replaced one another before the search ends. */
export const REPLACEMENTS_MAX = 10;
/** Closed orders that are kept in memory, so that each is asked for once. */
const KEPT_MAX = 5_000;

/** What was filled under one earlier id. */
interface Part {
  readonly filled: Decimal;
  readonly avgPrice?: Decimal;
  readonly replaces?: string;
}

export interface Earlier {
  readonly ids: readonly string[];
  readonly filled: Decimal;
  /** Sum of quantity × price; undefined where a price is missing. */
  readonly value?: Decimal;
}

export type Whole =
  | { readonly kind: "row"; readonly row: OrderRow }
  | { readonly kind: "problem"; readonly problem: string };

export class Replacements {
  private readonly client: Pick<AlpacaClient, "order">;
  /** Orders that are replaced change no more. */
  private readonly kept = new Map<string, Part>();

  constructor(client: Pick<AlpacaClient, "order">) {
    this.client = client;
  }

  /** The row with what its earlier ids add to it. Without `asking` it may take as long as it takes. */
  async whole(facts: OrderFacts, asking?: Asking): Promise<Whole> {
    const ids: string[] = [];
    let filled: Decimal = ZERO;
    let value: Decimal | undefined = ZERO;
    for (let next = facts.replaces; next !== undefined; ) {
      if (ids.length === REPLACEMENTS_MAX || ids.includes(next)) return this.problem(facts, "too many");
      const part = await this.part(next, asking);
      if (typeof part === "string") return this.problem(facts, part);
      ids.unshift(next);
      filled = add(filled, part.filled);
      value = valueWith(value, part);
      next = part.replaces;
    }
    if (ids.length === 0) return { kind: "row", row: facts.row };
    return { kind: "row", row: asWhole(facts.row, { ids, filled, ...(value !== undefined && { value }) }) };
  }

  private async part(venueOrderId: string, asking: Asking | undefined): Promise<Part | string> {
    const kept = this.kept.get(venueOrderId);
    if (kept) return kept;
    if (asking && !asking.mayAsk()) return "there was no time left to ask";
    const answer = await this.client.order(venueOrderId);
    if (answer.kind === "failed") return answer.problem;
    if (answer.kind === "notFound") return `${venueOrderId} is not found`;
    const first = parseOrder(answer.value)[0];
    if (first?.kind !== "row") return first?.problem ?? "it has no row";
    const { row, replaces } = first.row;
    const part = {
      filled: row.filledQty ?? ZERO,
      ...(row.avgPrice !== undefined && { avgPrice: row.avgPrice }),
      ...(replaces !== undefined && { replaces }),
    };
    if (row.venueStatus === "replaced") this.keep(venueOrderId, part);
    return part;
  }

  private keep(venueOrderId: string, part: Part): void {
    const [oldest] = this.kept.keys();
    if (this.kept.size >= KEPT_MAX && oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(venueOrderId, part);
  }

  private problem({ row, replaces }: OrderFacts, why: string): Whole {
    const text = `the order ${row.venueOrderId} took the place of ${replaces}, and what that one filled could not be read: ${why}`;
    return { kind: "problem", problem: text };
  }
}

export function asWhole(row: OrderRow, { ids, filled, value }: Earlier): OrderRow {
  const own = (row.previousVenueOrderIds ?? []).filter((id) => !ids.includes(id));
  const told = { ...row, previousVenueOrderIds: [...ids, ...own] };
  if (isZero(filled)) return told;
  const { qty, filledQty, avgPrice, avgPriceScale, ...unnumbered } = told;
  if (qty === undefined || filledQty === undefined || !isLess(filledQty, filled)) return unnumbered;
  const price = averageOf({ filled: filledQty, ...(avgPrice !== undefined && { avgPrice }) }, filled, value);
  return {
    ...unnumbered,
    qty: add(qty, filled),
    filledQty: add(filledQty, filled),
    ...(price !== undefined && { avgPrice: price }),
    ...(row.status === "open" && { status: "partially_filled" }),
  };
}

function averageOf(own: Part, filled: Decimal, value: Decimal | undefined): Decimal | undefined {
  const sum = valueWith(value, own);
  return sum === undefined ? undefined : divide(sum, add(own.filled, filled));
}

function valueWith(value: Decimal | undefined, { filled, avgPrice }: Part): Decimal | undefined {
  if (sign(filled) === 0 || value === undefined) return value;
  return avgPrice === undefined ? undefined : add(value, multiply(filled, avgPrice));
}
