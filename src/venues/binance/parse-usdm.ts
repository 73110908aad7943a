// USD-M futures' words end here: positions, balances, trades and listed contracts as Binance writes them, into rows of
// ours. Pure; no paging, no judgement. Orders are in parse-usdm-order.ts, income in parse-income.ts.
import {
  type BalanceRow,
  compare,
  type FillRow,
  type PositionRow,
  parseDecimal,
  sign,
} from "../../core/index.ts";
import { type Fields, isObject, type Parsed, parseRow } from "../wire/fields.ts";
import { instrumentOfRow, LEG, optionalPositive, optionalTime, positive, SIDE, timeOf } from "./parse.ts";
import type { Listed, Symbols } from "./symbols.ts";

/**
 * Reads one row of `GET /fapi/v3/positionRisk` (or v2, or `positions` of the account). The amount is signed, shorts are
 * negative in every mode; a row of zero says that there is none, and whether a row is zero is told by the amount alone:
 * an entry price of 0 or a time of 0 says nothing.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Position-Information-V3
 * (read 2026-11)
 */
export function parsePosition(value: unknown, symbols: Symbols): Parsed<PositionRow> {
  return parseRow("the position", value, (fields) => {
    const entryPrice = optionalPositive(fields, "entryPrice");
    const scale = fields.scale("entryPrice");
    const lastPrice = optionalPositive(fields, "markPrice");
    const updatedAt = optionalTime(fields, "updateTime");
    return {
      instrument: instrumentOfRow(fields, symbols),
      leg: fields.optionalText("positionSide") === undefined ? "net" : fields.word("positionSide", LEG),
      qty: fields.decimal("positionAmt"),
      ...(entryPrice !== undefined && { entryPrice }),
      ...(entryPrice !== undefined && scale !== undefined && { entryPriceScale: scale }),
      ...(lastPrice !== undefined && { lastPrice }),
      ...(updatedAt !== undefined && { updatedAt }),
    };
  });
}

/** A balance, and whose it is. */
export interface BalanceFacts {
  readonly row: BalanceRow;
  /** Binance's own short name of the account. */
  readonly accountAlias?: string;
}

/**
 * Reads one row of `GET /fapi/v3/balance`, or of `assets` of the account. The wallet's balance: unrealised profit is in no
 * balance of ours. What is available of one asset counts the others too in multi-assets mode, so it can exceed the
 * balance: then it says nothing of this asset and is left out.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Futures-Account-Balance-V3
 * (read 2026-11)
 */
export function parseBalance(value: unknown): Parsed<BalanceFacts> {
  return parseRow("the balance", value, (fields) => {
    const total = fields.optionalDecimal("walletBalance") ?? fields.decimal("balance");
    const free = fields.optionalDecimal("availableBalance");
    const accountAlias = fields.optionalText("accountAlias");
    const isOfThis = free !== undefined && compare(free, total) <= 0;
    return {
      row: { asset: fields.text("asset"), total, ...(isOfThis && { free }) },
      ...(accountAlias !== undefined && { accountAlias }),
    };
  });
}

/**
 * Reads one row of `GET /fapi/v1/userTrades`. The trade id is unique within its symbol; of one ms it orders the fills. What
 * is paid is positive, a rebate negative.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Account-Trade-List
 * (read 2026-11)
 */
export function parseTrade(value: unknown, symbols: Symbols): Parsed<FillRow> {
  return parseRow("the trade", value, (fields) => {
    const tradeId = fields.text("id");
    return {
      instrument: instrumentOfRow(fields, symbols),
      leg: fields.optionalText("positionSide") === undefined ? "net" : fields.word("positionSide", LEG),
      tradeId,
      venueOrderId: fields.text("orderId"),
      side: fields.word("side", SIDE),
      qty: positive(fields, "qty"),
      price: positive(fields, "price"),
      ...feeOf(fields, "commission", "commissionAsset"),
      timestamp: timeOf(fields, "time"),
      venueSeq: Number(tradeId),
    };
  });
}

/** Both or none: a fee without its asset cannot be booked. It may be missing where Binance closes a position by itself. */
export function feeOf(
  fields: Fields,
  amountField: string,
  assetField: string,
): Pick<FillRow, "fee" | "feeCurrency"> {
  const fee = fields.optionalDecimal(amountField);
  const feeCurrency = fields.optionalText(assetField);
  if (fee === undefined || sign(fee) === 0 || feeCurrency === undefined) return {};
  return { fee, feeCurrency };
}

/**
 * Reads one symbol of `GET /fapi/v1/exchangeInfo`.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information
 * (read 2026-11)
 */
export function parseContract(value: unknown): Parsed<Listed> {
  return parseRow("the contract", value, (fields) => {
    const symbol = fields.text("symbol");
    return {
      symbol,
      base: fields.text("baseAsset"),
      quote: fields.text("quoteAsset"),
      settle: fields.optionalText("marginAsset"),
      expiry: /_(\d{6})$/.exec(symbol)?.[1],
      ...stepsOf(fields),
    };
  });
}

/** The smallest steps of quantity and price, from the filters of a symbol of either market. */
export function stepsOf(fields: Fields): Pick<Listed, "qtyStep" | "priceStep"> {
  const filters = fields.optionalList("filters") ?? [];
  const step = (filterType: string, field: string) => {
    const filter = filters.find((one) => isObject(one) && one.filterType === filterType);
    const value = isObject(filter) ? parseDecimal(filter[field]) : undefined;
    return value !== undefined && sign(value) > 0 ? value : undefined;
  };
  const qtyStep = step("LOT_SIZE", "stepSize");
  const priceStep = step("PRICE_FILTER", "tickSize");
  return { ...(qtyStep !== undefined && { qtyStep }), ...(priceStep !== undefined && { priceStep }) };
}
