// The contract of the referee: the account as it really is at a simulated venue, and everything that may happen in it. It
// knows nothing of faults and always tells the truth; what reaches trueup of it is the lying venue's business.
// It reckons with integers of its own, so that a wrong decimal in the core cannot hide behind itself.
import type {
  BalanceRow,
  Cause,
  Decimal,
  FillRow,
  Instrument,
  LedgerRow,
  Leg,
  OrderRow,
  PositionRow,
  Side,
} from "../../core/index.ts";
import type { AmendCommand, CancelCommand, CommandOutcome, SubmitCommand } from "../../venues/index.ts";
import type { SeededRandom } from "../swarm/random.ts";

export interface RefereeOptions {
  readonly accountId: string;
  readonly instruments: readonly Instrument[];
  readonly positionMode: "net" | "hedge";
  /** What is there at the beginning, by asset. */
  readonly balances: Readonly<Record<string, Decimal>>;
  /** Part of the traded value, or of the quantity where it is taken in kind; below zero is a rebate. */
  readonly feeRatio: Decimal;
  /** Whether a buy's fee is taken from what is bought, where the instrument has a base asset. */
  readonly isFeeInBase: boolean;
  /** `replaces`: an amended order is another one, with ids of its own. */
  readonly amend: "in_place" | "replaces";
  /** Chance that an order that meets its price is filled in part only, the rest at later prices. */
  readonly partialChance: number;
  /** What becomes of the rest where a stop that was reached trades in part at once: it follows at once unless given. */
  readonly restOfStop?: () => "follows" | "waits" | "ends";
  /** Chance that a fill shares its moment with the one before. */
  readonly random: SeededRandom;
  /** The venue's clock, ms. */
  readonly nowMs: () => number;
  /** Called after each change, with what happened. */
  readonly onEvent: (event: RefereeEvent) => void;
}

export type RefereeEvent =
  | { readonly kind: "fill"; readonly fill: FillRow }
  | { readonly kind: "reversed"; readonly fill: FillRow; readonly reason: string }
  | { readonly kind: "order"; readonly order: OrderRow }
  | { readonly kind: "price"; readonly instrument: string; readonly last: Decimal }
  | { readonly kind: "ledger"; readonly row: LedgerRow }
  /** Money moved, and no ledger says so. */
  | { readonly kind: "drift"; readonly asset: string };

/** A moment of a leg's quantity, for whoever asks whether it was ever so. */
export interface QtyMoment {
  readonly atMs: number;
  readonly qty: Decimal;
}

export interface Referee {
  readonly accountId: string;
  readonly instruments: readonly Instrument[];
  readonly positionMode: "net" | "hedge";

  // What is so now. Rows are in a defined order; legs that are flat are not listed.
  positionRows(): readonly PositionRow[];
  /** Signed: a short leg is below zero. */
  qty(instrument: string, leg: Leg): Decimal;
  /** Every quantity that the leg ever had, with its moment, oldest first. */
  quantities(instrument: string, leg: Leg): readonly QtyMoment[];
  /** All orders that there ever were, oldest first; a replaced one under its latest ids. */
  orders(): readonly OrderRow[];
  find(id: { readonly venueOrderId?: string; readonly clientOrderId?: string }): OrderRow | undefined;
  /** Executions that stand, oldest first. */
  fills(): readonly FillRow[];
  /** Executions that were taken back. */
  reversed(): readonly FillRow[];
  ledger(): readonly LedgerRow[];
  balances(): readonly BalanceRow[];
  lastPrice(instrument: string): Decimal;
  /** Every client order id that arrived, as often as it arrived and made an order (I2). */
  placements(): ReadonlyMap<string, number>;

  // What bots ask for.
  submit(command: SubmitCommand): CommandOutcome;
  cancel(command: CancelCommand): CommandOutcome;
  amend(command: AmendCommand): CommandOutcome;

  // What happens by itself, or by others' hands. Each returns false where there was nothing that it could happen to.
  setPrice(instrument: string, last: Decimal): void;
  /** A market order of somebody else, without a client order id of ours unless given. */
  trade(by: { instrument: string; leg: Leg; side: Side; qty: Decimal; clientOrderId?: string }): boolean;
  /** The venue closes (part of) a leg itself: a fill of no order, with its cause. */
  force(instrument: string, leg: Leg, cause: Cause, part: "all" | "half"): boolean;
  /** Takes back the latest fill of an instrument. */
  bust(instrument: string): boolean;
  /** An open order is filled beyond its quantity. */
  overfill(instrument: string): boolean;
  /** The venue ends an open order by itself. */
  expire(instrument: string, status: "canceled" | "expired"): boolean;
  /** The venue ends all open orders by itself. */
  cancelAll(): boolean;
  /** An amendment whose cancel succeeds and whose new order is refused. */
  amendHalf(command: AmendCommand): CommandOutcome;
  /** Money that is told in the ledger: `funding`, `fee`, `transfer`. */
  money(asset: string, amount: Decimal, cause: Cause): void;
  /** Money that no ledger tells. */
  drift(asset: string, amount: Decimal): void;
  /** A leg's quantity is multiplied (a split), told in the ledger; open orders of it are cancelled. */
  split(instrument: string, leg: Leg, times: number): boolean;
  /** A leg is closed by the ledger at the last price (expiry, settlement). */
  settle(instrument: string, leg: Leg): boolean;
}
