// The account's money, by asset, and what one execution moves of it.
import type { BalanceRow, Decimal, Instrument, Side } from "../../core/index.ts";
import { type Exact, exact, nearly, rounded, text, times, unitOf } from "./exact.ts";

/** Fees are charged in units of this many digits: finer than any venue does. */
const FEE_DIGITS = 10;

export interface Move {
  readonly asset: string;
  readonly delta: Exact;
}

export interface Fee {
  readonly amount: Exact;
  readonly currency: string;
  /** Taken off what was bought, so that the position is smaller by it. */
  readonly isInKind: boolean;
}

export class Wallet {
  private readonly totals = new Map<string, Exact>();

  constructor(balances: Readonly<Record<string, Decimal>>) {
    for (const [asset, total] of Object.entries(balances)) this.totals.set(asset, exact(total));
  }

  move({ asset, delta }: Move): void {
    this.totals.set(asset, (this.totals.get(asset) ?? 0n) + delta);
  }

  rows(): readonly BalanceRow[] {
    return [...this.totals]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([asset, total]) => Object.freeze({ asset, total: text(total) }));
  }
}

/** Null where nothing is charged. */
export function feeOf(
  instrument: Instrument,
  traded: { readonly qty: Exact; readonly value: Exact },
  ratio: Exact,
  isInKind: boolean,
): Fee | null {
  const currency = isInKind ? instrument.base : instrument.quote;
  const worth = isInKind ? traded.qty : nearly(traded.value, exact(instrument.multiplier));
  const amount = rounded(nearly(worth, ratio), unitOf(FEE_DIGITS));
  return currency === null || amount === 0n ? null : { amount, currency, isInKind };
}

/** What an execution moves; `gain` is what it realised, without the multiplier. */
export function movesOf(
  { base, quote, settlement, multiplier }: Instrument,
  traded: { readonly side: Side; readonly delta: Exact; readonly value: Exact; readonly gain: Exact },
  fee: Fee | null,
): readonly Move[] {
  const moves: Move[] = [];
  const each = exact(multiplier);
  if (settlement === "cash" && base !== null) moves.push({ asset: base, delta: traded.delta });
  if (settlement === "cash" && quote !== null) {
    const paid = times(traded.value, each);
    moves.push({ asset: quote, delta: traded.side === "buy" ? -paid : paid });
  }
  if (settlement === "margin" && quote !== null) {
    moves.push({ asset: quote, delta: nearly(traded.gain, each) });
  }
  if (fee && !fee.isInKind) moves.push({ asset: fee.currency, delta: -fee.amount });
  return moves;
}
