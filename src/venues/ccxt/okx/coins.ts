// Coins as positions. A coin in the account is held once, however it came there, so it is one position: that of its pair
// with USDT. Money is a balance alone. Whatever changes a coin without a fill of that very pair (a transfer, interest, a
// contract that is settled in it, a trade against another currency) changes the position by an entry of the ledger.
import { isCash, isZero, type LedgerRow, negate, type PositionRow } from "../../../core/index.ts";

const HOME_QUOTE = "USDT";

/** The pair that a coin's position has its name from; undefined for money. */
export function homePair(coin: string): string | undefined {
  return isCash(coin) || coin.startsWith("USD") ? undefined : `${coin}/${HOME_QUOTE}`;
}

/** @param total Of the account's own: what is borrowed for it is negative. */
export function coinPosition(asset: string, total: PositionRow["qty"]): PositionRow | undefined {
  const instrument = homePair(asset);
  return instrument === undefined ? undefined : { instrument, leg: "net", qty: total };
}

/**
 * What a bill changes of positions, where no fill does.
 * @param symbol Of the pair that was traded; undefined where the bill is of no spot trade.
 * @param isBase Whether the bill is of the pair's first currency.
 */
export function coinChanges(
  entry: LedgerRow,
  symbol: string | undefined,
  isBase: boolean,
): readonly LedgerRow[] {
  const { id, cause, timestamp, asset, amount, text } = entry;
  const home = asset === undefined ? undefined : homePair(asset);
  if (amount === undefined || isZero(amount)) return [];
  // The fill of the coin's own pair has changed it already.
  if (isBase && symbol === home) return [];
  const rows: LedgerRow[] = [];
  const note = text === undefined ? {} : { text };
  if (home !== undefined) {
    rows.push({ id: `${id}|coin`, cause, timestamp, instrument: home, qtyDelta: amount, ...note });
  }
  // What was bought in a pair with another currency is held under its home pair, and leaves the one it was bought in.
  if (isBase && symbol !== undefined) {
    rows.push({ id: `${id}|pair`, cause, timestamp, instrument: symbol, qtyDelta: negate(amount), ...note });
  }
  return rows;
}
