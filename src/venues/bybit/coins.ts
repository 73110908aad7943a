// Coins as positions. A coin in the wallet is held once, however it came there, so it is one position: that of its pair
// with USDT. Money (what prices are in) is a balance alone. Whatever changes a coin without a fill of that very pair (a
// transfer, interest, a fee of a contract, a trade against another coin) changes the position by a ledger entry. Pure.
import { type Cause, isCash, isZero, type LedgerRow, negate, type PositionRow } from "../../core/index.ts";
import type { CoinFacts } from "./parse.ts";
import type { LogRow } from "./parse-log.ts";

const HOME_QUOTE = "USDT";

/** The pair that a coin's position has its name from; undefined for money. */
export function homePair(coin: string): string | undefined {
  return isCash(coin) ? undefined : `${coin}/${HOME_QUOTE}`;
}

export function coinPosition({ row }: CoinFacts): PositionRow | undefined {
  const instrument = homePair(row.asset);
  return instrument === undefined ? undefined : { instrument, leg: "net", qty: row.total };
}

/** Changes of positions that a row of the log tells and no fill does. */
export function coinChanges(log: LogRow, cause: Cause): readonly LedgerRow[] {
  const { currency, change, contract, timestamp, id } = log;
  if (isZero(change)) return [];
  const home = homePair(currency);
  const isOfPair = contract?.category === "spot" && contract.base === currency;
  // The fill of the coin's own pair has changed it already.
  if (isOfPair && contract.name === home) return [];
  const text = `${log.type}: ${currency} is held as ${home ?? "money"}`;
  const rows: LedgerRow[] = [];
  if (home !== undefined) {
    rows.push({ id: `${id}|coin`, cause, timestamp, instrument: home, qtyDelta: change, text });
  }
  // What was bought in a pair with another coin is held under its home pair, so it leaves the pair that it was bought in.
  if (isOfPair) {
    const away = { instrument: contract.name, qtyDelta: negate(change) };
    rows.push({ id: `${id}|pair`, cause, timestamp, ...away, text });
  }
  return rows;
}
