// What moved money in USD-M futures without being a trade: rows of `/fapi/v1/income` into ledger entries. What a trade moved
// (its profit and its fee) is in the trade already, and would be counted twice.
import type { Cause, LedgerRow } from "../../core/index.ts";
import { isObject, type Parsed, parseRow } from "../wire/fields.ts";
import { timeOf } from "./parse.ts";
import type { Symbols } from "./symbols.ts";

/**
 * Kinds of income in our words; null is what trades tell themselves. A dated contract's settlement is a trade of Binance's
 * own, so its money is counted with that.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Get-Income-History
 * @see https://github.com/binance/binance-connector-js a9de9a99,
 * clients/derivatives-trading-usds-futures/src/rest-api/modules/account-api.ts (GetIncomeHistoryIncomeTypeEnum; both read
 * 2026-11)
 */
const CAUSES: Readonly<Record<string, Cause | null>> = {
  REALIZED_PNL: null,
  COMMISSION: null,
  DELIVERED_SETTELMENT: null,
  FUNDING_FEE: "funding",
  INSURANCE_CLEAR: "liquidation",
  TRANSFER: "transfer",
  INTERNAL_TRANSFER: "transfer",
  CROSS_COLLATERAL_TRANSFER: "transfer",
  STRATEGY_UMFUTURES_TRANSFER: "transfer",
  COIN_SWAP_DEPOSIT: "transfer",
  COIN_SWAP_WITHDRAW: "transfer",
  AUTO_EXCHANGE: "transfer",
  WELCOME_BONUS: "transfer",
  CONTEST_REWARD: "transfer",
  BFUSD_REWARD: "transfer",
  REFERRAL_KICKBACK: "fee",
  COMMISSION_REBATE: "fee",
  API_REBATE: "fee",
  FEE_RETURN: "fee",
  POSITION_LIMIT_INCREASE_FEE: "fee",
  OPTIONS_PREMIUM_FEE: "fee",
  OPTIONS_SETTLE_PROFIT: "settlement",
};

export type Income =
  /** Something that is booked. */
  | { readonly kind: "entry"; readonly entry: LedgerRow; readonly isKnown: boolean }
  /** A trade tells it itself; the symbol traded. */
  | { readonly kind: "ofTrade"; readonly incomeType: string };

/** One row, and its symbol as Binance writes it: where there was income, there may have been a trade. */
export interface IncomeFacts {
  readonly income: Income;
  readonly symbol: string | undefined;
  /** Tells two rows apart, also where pages overlap. */
  readonly key: string;
  readonly timestamp: number;
}

/**
 * `tranId` is unique within one kind of income, as Binance says; symbol and asset are in the id as well, so that nothing
 * is lost if it should not be. A kind that is not known moved money all the same: it is booked without a cause.
 */
export function parseIncome(value: unknown, symbols: Symbols): Parsed<IncomeFacts> {
  return parseRow("the income", value, (fields) => {
    const incomeType = fields.text("incomeType");
    const asset = fields.text("asset");
    const symbol = fields.optionalText("symbol");
    const timestamp = timeOf(fields, "time");
    const amount = fields.decimal("income");
    const key = [incomeType, fields.text("tranId"), symbol ?? "", asset].join(":");
    const known = Object.hasOwn(CAUSES, incomeType) ? CAUSES[incomeType] : undefined;
    if (known === null) return { income: { kind: "ofTrade", incomeType }, symbol, key, timestamp };
    const instrument = symbol === undefined ? undefined : symbols.instrumentOf(symbol);
    const entry: LedgerRow = {
      id: key,
      cause: known ?? "unexplained",
      timestamp,
      asset,
      amount,
      ...(instrument !== undefined && { instrument }),
      text: fields.optionalText("info") ?? incomeType,
    };
    return { income: { kind: "entry", entry, isKnown: known !== undefined }, symbol, key, timestamp };
  });
}

export function isIncome(value: unknown): boolean {
  return isObject(value) && "incomeType" in value && "tranId" in value;
}
