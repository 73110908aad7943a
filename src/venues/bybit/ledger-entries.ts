// What a row of the transaction log becomes in the book. A fill tells its own money where it can (specOf); the log tells
// the rest: funding, sessions, deliveries, transfers, interest, and results of contracts that no fill can tell. Coins
// that are held as positions change with everything that moves them (coins.ts). Pure.
import { type Cause, type Decimal, isZero, type LedgerRow, ZERO } from "../../core/index.ts";
import { coinChanges } from "./coins.ts";
import { specOf } from "./instruments.ts";
import type { LogRow } from "./parse-log.ts";

/**
 * What each type of the log is in our words. One that is not here is `unexplained`: its money is documented for every
 * type, so it is booked. `null`: a trade, whose fill may tell the money.
 * @see https://bybit-exchange.github.io/docs/v5/enum#typeuta-translog (read 2026-11)
 */
const TYPES: Readonly<Record<string, Cause | null>> = {
  TRADE: null,
  SETTLEMENT: "funding",
  DELIVERY: "settlement",
  LIQUIDATION: "liquidation",
  ADL: "adl",
  TRANSFER_IN: "transfer",
  TRANSFER_OUT: "transfer",
  TRANSFER_IN_INS_LOAN: "transfer",
  TRANSFER_OUT_INS_LOAN: "transfer",
  AIRDROP: "transfer",
  BONUS: "transfer",
  BONUS_RECOLLECT: "transfer",
  BONUS_TRANSFER_IN: "transfer",
  BONUS_TRANSFER_OUT: "transfer",
  PEF_TRANSFER_IN: "transfer",
  PEF_TRANSFER_OUT: "transfer",
  CURRENCY_BUY: "transfer",
  CURRENCY_SELL: "transfer",
  CONVERT: "transfer",
  SPOT_REPAYMENT_BUY: "transfer",
  SPOT_REPAYMENT_SELL: "transfer",
  BORROW: "transfer",
  REPAY: "transfer",
  FEE_REFUND: "fee",
  SPREAD_FEE_OUT: "fee",
  BROKER_ABACCOUNT_FEE: "fee",
  CUSTODY_NETWORK_FEE: "fee",
  CUSTODY_SETTLE_FEE: "fee",
  INTEREST: "funding",
};

/**
 * Borrowing puts the same amount into the wallet and into the debt; a balance is counted without it (parse.ts). The
 * types that belong to an execution: their fill carries the fee, and where it can the result.
 */
const DEBTS = new Set(["BORROW", "REPAY"]);
const OF_EXECUTION = new Set(["TRADE", "LIQUIDATION", "ADL", "DELIVERY"]);

/** @param isSpotHeld Whether coins are held as positions: where spot is one of the account's categories. */
export function ledgerRowsOf(log: LogRow, isSpotHeld: boolean): readonly LedgerRow[] {
  const { id, type, currency, timestamp, contract } = log;
  const known = Object.hasOwn(TYPES, type) ? TYPES[type] : "unexplained";
  const cause: Cause = known ?? "settlement";
  const amount = amountOf(log);
  const hasMoney = !isZero(amount);
  const isTold = known === null && !hasMoney;
  const row: LedgerRow = {
    id,
    cause,
    timestamp,
    ...(hasMoney && { asset: currency, amount }),
    ...(contract && { instrument: contract.name }),
    text: textOf(log),
  };
  const coins = isSpotHeld && !DEBTS.has(type) ? coinChanges(log, cause) : [];
  return [...(isTold ? [] : [row]), ...coins];
}

function amountOf(log: LogRow): Decimal {
  const { type, contract, change, cashFlow } = log;
  if (DEBTS.has(type)) return ZERO;
  if (contract === undefined || !OF_EXECUTION.has(type)) return change;
  // The end of an option is no execution: nothing but the log tells it.
  if (contract.category === "option" && type === "DELIVERY") return change;
  return specOf(contract).settlement === "none" ? cashFlow : ZERO;
}

function textOf({ type, contract, cashFlow, funding }: LogRow): string {
  const symbol = contract === undefined ? "" : ` ${contract.symbol}`;
  const isBoth = type === "SETTLEMENT" && !isZero(cashFlow);
  return isBoth
    ? `${type}${symbol} (funding ${funding}, result of the session ${cashFlow})`
    : `${type}${symbol}`;
}
