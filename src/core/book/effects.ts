// What one fill moves: the position's quantity, its value, and the balances. A fee that is paid in the bought
// asset reduces the position; every other fee is taken from its own asset.
import { abs, add, type Decimal, multiply, negate, ZERO } from "../decimal.ts";
import type { FillRow, LedgerRow } from "../facts.ts";
import type { Instrument } from "../instrument.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Payloads } from "../records.ts";

/** Signed change of the position. */
export function fillQtyDelta(
  instrument: Instrument,
  fill: Pick<FillRow, "side" | "qty" | "fee" | "feeCurrency">,
): Decimal {
  const traded = fill.side === "buy" ? fill.qty : negate(fill.qty);
  return isFeeInKind(instrument, fill) ? add(traded, negate(fill.fee ?? ZERO)) : traded;
}

/** Quantity × price, whatever the instrument's payoff; not signed. Null when the price is not known. */
export function fillValue(fill: {
  readonly qty: Decimal;
  readonly price?: Decimal | undefined;
}): Decimal | null {
  return fill.price === undefined ? null : multiply(abs(fill.qty), fill.price);
}

/** What a fill is in its position's ledger. */
export function entryOfFill(instrument: Instrument, facts: Payloads["fill_recorded"]): Entry {
  return {
    id: facts.fillKey,
    source: "fill",
    timestamp: facts.timestamp,
    venueSeq: facts.venueSeq ?? 0,
    qtyDelta: fillQtyDelta(instrument, facts),
    value: fillValue(facts),
    price: facts.price ?? null,
    strategy: facts.strategy,
    isEstimate: false,
    cause: facts.cause,
    orderKey: facts.orderKey,
  };
}

/** What a ledger entry that moves a quantity is there. Without a price nothing was paid: a fee in kind, a split, an expiry. */
export function entryOfLedgerRow(row: LedgerRow & { readonly qtyDelta: Decimal }, strategy: string): Entry {
  return {
    id: row.id,
    source: "ledger",
    timestamp: row.timestamp,
    venueSeq: 0,
    qtyDelta: row.qtyDelta,
    value: fillValue({ qty: row.qtyDelta, price: row.price ?? ZERO }),
    price: row.price ?? null,
    strategy,
    isEstimate: false,
    cause: row.cause,
    orderKey: null,
  };
}

export interface Move {
  readonly asset: string;
  readonly delta: Decimal;
}

/** Changes of balances, given what the fill realised in the asset that pays. Cash is paid for by quantity × price alone. */
export function cashMoves(instrument: Instrument, fill: FillRow, realizedPnl: Decimal): readonly Move[] {
  const moves: Move[] = [];
  const { base, quote, settlement, multiplier } = instrument;
  const value = fillValue(fill);
  if (settlement === "cash") {
    if (base !== null) moves.push({ asset: base, delta: fillQtyDelta(instrument, fill) });
    if (quote !== null && value !== null) {
      const paid = multiply(value, multiplier);
      moves.push({ asset: quote, delta: fill.side === "buy" ? negate(paid) : paid });
    }
  }
  if (settlement === "margin" && quote !== null) moves.push({ asset: quote, delta: realizedPnl });
  const isFeeApart =
    fill.fee !== undefined && fill.feeCurrency !== undefined && !isFeeInKind(instrument, fill);
  if (isFeeApart && fill.feeCurrency !== undefined) {
    moves.push({ asset: fill.feeCurrency, delta: negate(fill.fee ?? ZERO) });
  }
  return moves;
}

function isFeeInKind(instrument: Instrument, fill: Pick<FillRow, "fee" | "feeCurrency">): boolean {
  return fill.fee !== undefined && instrument.base !== null && fill.feeCurrency === instrument.base;
}
