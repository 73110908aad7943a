// The referee: the contract of referee.ts over the account's books. It turns decimals into its own numbers and back, and
// decides nothing.
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
import { Account, ORDER_DIGITS_MAX } from "./account.ts";
import { Desk } from "./desk.ts";
import { exact, fractionDigits, rounded, text, unitOf } from "./exact.ts";
import { Happenings } from "./happenings.ts";
import type { Holding } from "./holding.ts";
import { AVERAGE_DIGITS } from "./order.ts";
import type { QtyMoment, Referee, RefereeOptions } from "./referee.ts";

export class SimReferee implements Referee {
  readonly accountId: string;
  readonly instruments: readonly Instrument[];
  readonly positionMode: "net" | "hedge";
  private readonly account: Account;
  private readonly desk: Desk;
  private readonly happenings: Happenings;

  constructor(options: RefereeOptions) {
    this.accountId = options.accountId;
    this.instruments = options.instruments;
    this.positionMode = options.positionMode;
    this.account = new Account(options);
    this.desk = new Desk(this.account);
    this.happenings = new Happenings(this.account, this.desk);
  }

  positionRows(): readonly PositionRow[] {
    return this.account
      .allMarkets()
      .flatMap(({ legs, last }) =>
        [...legs.values()]
          .filter(({ qty }) => qty !== 0n)
          .map((holding) => positionRow(holding, last === undefined ? undefined : text(last))),
      );
  }

  qty(instrument: string, leg: Leg): Decimal {
    return text(this.account.holding(instrument, leg).qty);
  }

  quantities(instrument: string, leg: Leg): readonly QtyMoment[] {
    return this.account.holding(instrument, leg).moments.list();
  }

  orders(): readonly OrderRow[] {
    return this.account.orders.rows(this.account.isHedge);
  }

  find(id: { readonly venueOrderId?: string; readonly clientOrderId?: string }): OrderRow | undefined {
    return this.account.orders.find(id)?.row(this.account.isHedge);
  }

  fills(): readonly FillRow[] {
    return this.account.fills.list();
  }

  reversed(): readonly FillRow[] {
    return this.account.reversed.list();
  }

  ledger(): readonly LedgerRow[] {
    return this.account.ledger.list();
  }

  balances(): readonly BalanceRow[] {
    return this.account.wallet.rows();
  }

  lastPrice(instrument: string): Decimal {
    return text(this.account.lastPrice(this.account.market(instrument)));
  }

  placements(): ReadonlyMap<string, number> {
    return this.account.orders.placements();
  }

  submit(command: SubmitCommand): CommandOutcome {
    return this.desk.submit(command);
  }

  cancel(command: CancelCommand): CommandOutcome {
    return this.desk.cancel(command);
  }

  amend(command: AmendCommand): CommandOutcome {
    return this.desk.amend(command);
  }

  setPrice(instrument: string, last: Decimal): void {
    const price = exact(last);
    if (price <= 0n || fractionDigits(last) > ORDER_DIGITS_MAX) {
      throw new RangeError(
        `a price of ${last}: give one above zero, with at most ${ORDER_DIGITS_MAX} digits after its point`,
      );
    }
    this.desk.setPrice(this.account.market(instrument), price);
  }

  trade(by: { instrument: string; leg: Leg; side: Side; qty: Decimal; clientOrderId?: string }): boolean {
    return (
      this.desk.place({ ...by, type: "market", timeInForce: "gtc", reduceOnly: false }).kind === "accepted"
    );
  }

  force(instrument: string, leg: Leg, cause: Cause, part: "all" | "half"): boolean {
    return this.happenings.force(instrument, leg, cause, part);
  }

  bust(instrument: string): boolean {
    return this.happenings.bust(instrument);
  }

  overfill(instrument: string): boolean {
    return this.happenings.overfill(instrument);
  }

  expire(instrument: string, status: "canceled" | "expired"): boolean {
    return this.happenings.expire(instrument, status);
  }

  cancelAll(): boolean {
    return this.happenings.cancelAll();
  }

  amendHalf(command: AmendCommand): CommandOutcome {
    return this.desk.amendHalf(command);
  }

  money(asset: string, amount: Decimal, cause: Cause): void {
    this.account.enterMoney(cause, { asset, delta: exact(amount) });
  }

  drift(asset: string, amount: Decimal): void {
    this.account.drift({ asset, delta: exact(amount) });
  }

  split(instrument: string, leg: Leg, times: number): boolean {
    return this.happenings.split(instrument, leg, times);
  }

  settle(instrument: string, leg: Leg): boolean {
    return this.happenings.settle(instrument, leg);
  }
}

function positionRow(holding: Holding, lastPrice: Decimal | undefined): PositionRow {
  const average = rounded(holding.averagePrice(), unitOf(AVERAGE_DIGITS));
  return Object.freeze({
    instrument: holding.instrument.symbol,
    leg: holding.leg,
    qty: text(holding.qty),
    // An average of zero or less is none.
    ...(average > 0n && { entryPrice: text(average), entryPriceScale: AVERAGE_DIGITS }),
    ...(lastPrice !== undefined && { lastPrice }),
    updatedAt: holding.updatedAt,
  });
}
