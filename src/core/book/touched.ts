// Which parts of the book a batch of records changed, so that exactly those rows of the SQL views are written.
import type { ExitEntry } from "../exits/state.ts";
import type { FillKey, OrderKey, PositionKey } from "../keys.ts";
import type { PassRecord } from "../records.ts";

export interface Touched {
  readonly positions: Set<PositionKey>;
  readonly orders: Set<OrderKey>;
  readonly fills: Set<FillKey>;
  readonly balances: Set<string>;
  readonly discrepancies: Set<string>;
  readonly notes: Set<PositionKey>;
  readonly claims: Set<PositionKey>;
  /** Exits by id, also those that have ended. */
  readonly exits: Map<string, ExitEntry>;
  readonly passes: { readonly seq: number; readonly pass: PassRecord }[];
}

export function nothingTouched(): Touched {
  return {
    positions: new Set(),
    orders: new Set(),
    fills: new Set(),
    balances: new Set(),
    discrepancies: new Set(),
    notes: new Set(),
    claims: new Set(),
    exits: new Map(),
    passes: [],
  };
}
