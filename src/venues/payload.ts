// What an adapter makes of one payload that somebody recorded: every row of it becomes a row, an event or an outcome, or
// is left out for a stated reason. So a user can send one payload instead of a key. Decides and changes nothing.
import type {
  BalanceRow,
  FillRow,
  Instrument,
  LedgerRow,
  OrderRow,
  PositionRow,
  Totals,
} from "../core/index.ts";
import type { CommandOutcome, StreamEvent } from "./venue.ts";

export type PayloadItem =
  | { readonly kind: "position"; readonly row: PositionRow }
  | { readonly kind: "order"; readonly row: OrderRow }
  | { readonly kind: "fill"; readonly row: FillRow }
  | { readonly kind: "balance"; readonly row: BalanceRow }
  | { readonly kind: "ledger"; readonly row: LedgerRow }
  | { readonly kind: "instrument"; readonly row: Instrument }
  | { readonly kind: "totals"; readonly row: Totals }
  | { readonly kind: "event"; readonly event: StreamEvent }
  | { readonly kind: "outcome"; readonly outcome: CommandOutcome }
  /** Known, and nothing of an account: the reason is for a person. */
  | { readonly kind: "ignored"; readonly reason: string }
  /** Not what the documentation says; told, and never guessed at. */
  | { readonly kind: "problem"; readonly problem: string };

export interface PayloadReading {
  /** What the payload was taken for: an endpoint or a kind of message, as the venue calls it; null where it is none. */
  readonly takenFor: string | null;
  /** In the payload's order; at least one, and none of its rows is left out without an item. */
  readonly items: readonly PayloadItem[];
}

/**
 * Reads one payload, parsed with `parseExact`. It never throws.
 * @param hint Where it came from, such as `GET /v5/position/list`, where the one who asks knows it; without it the shape
 * decides, and what fits nothing is told as that.
 */
export type ReadPayload = (payload: unknown, hint?: string) => PayloadReading;
