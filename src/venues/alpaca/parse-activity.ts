// Alpaca's activities into rows of ours: fills, and everything else that moved money or quantity (fees, dividends,
// transfers, options' ends). Pure; paging and proof of completeness are in activities.ts and fills.ts.
import {
  abs,
  type Cause,
  type Decimal,
  divide,
  type FillRow,
  isLess,
  isZero,
  type LedgerRow,
  sign,
} from "../../core/index.ts";
import { type Fields, type Parsed, parseRow, reject } from "../wire/fields.ts";
import { SIDE } from "./parse.ts";
import { instrumentName, tradedName } from "./symbols.ts";
import { newYorkDayEnd, newYorkDayStart, parseInstant } from "./time.ts";

/** A fill, with what puts it in its order's chain of fills. */
export interface FillFacts {
  readonly row: FillRow;
  readonly tradeId: string;
  readonly venueOrderId: string;
  /** What the order had filled after it. */
  readonly cumulative: Decimal;
  /** Its time beyond the ms, in nanoseconds. */
  readonly nanosBeyond: number;
}

/**
 * Reads a FILL. Its time is `transaction_time` in UTC: the id's prefix is New York's local time, which runs twice
 * through an hour in autumn. The join to other sources is the order with its cumulative quantity (R6).
 * @see https://github.com/alpacahq/alpaca-docs data/webapi/entities/account-trade-activity-v2.yaml (read 2026-11)
 */
export function parseFill(value: unknown): Parsed<FillFacts> {
  return parseRow("the fill", value, (fields) => {
    fields.word("activity_type", { FILL: true });
    fields.word("type", { fill: true, partial_fill: true });
    const symbol = tradedName(fields.text("symbol"));
    const time = fields.text("transaction_time");
    const instant =
      parseInstant(time) ?? reject(fields.expected("transaction_time", "a timestamp with a zone"));
    const tradeId = fields.text("id");
    const venueOrderId = fields.text("order_id");
    const qty = fields.positive("qty");
    const cumulative = fields.positive("cum_qty");
    if (isLess(cumulative, qty)) reject(fields.expected("cum_qty", `at least the fill's own ${qty}`));
    return {
      row: {
        instrument: symbol,
        tradeId,
        joinKey: cumulative,
        venueOrderId,
        side: fields.word("side", SIDE),
        qty,
        price: fields.positive("price"),
        timestamp: instant.ms,
      },
      tradeId,
      venueOrderId,
      cumulative,
      nanosBeyond: instant.nanosBeyond,
    };
  });
}

/**
 * What each type of activity is in our words. A type that is not listed is `unexplained`: its money is documented for
 * every type, so it is booked, and its quantity is left to the position read.
 * @see https://github.com/alpacahq/alpaca-docs content/api-references/trading-api/account-activities.md (read 2026-11)
 * @see https://docs.alpaca.markets/docs/non-trade-activities-for-option-events (read 2026-11)
 */
const CAUSE: Readonly<Record<string, Cause>> = {
  CFEE: "fee",
  FEE: "fee",
  DIVFEE: "fee",
  PTC: "fee",
  PTR: "fee",
  INT: "funding",
  INTNRA: "funding",
  INTTW: "funding",
  ACATC: "transfer",
  ACATS: "transfer",
  CSD: "transfer",
  CSW: "transfer",
  JNL: "transfer",
  JNLC: "transfer",
  JNLS: "transfer",
  OPEXP: "expiry",
  OPASN: "assignment",
  OPEXC: "exercise",
  OPXRC: "exercise",
  // The trade in the underlying that an exercise or an assignment makes; ledger.ts says which of them it was.
  OPTRD: "settlement",
  SPLIT: "split",
  SSP: "split",
  CGD: "corporate_action",
  DIV: "corporate_action",
  DIVCGL: "corporate_action",
  DIVCGS: "corporate_action",
  DIVFT: "corporate_action",
  DIVNRA: "corporate_action",
  DIVROC: "corporate_action",
  DIVTW: "corporate_action",
  DIVTXEX: "corporate_action",
  MA: "corporate_action",
  NC: "corporate_action",
  OPCA: "corporate_action",
  OPCSH: "corporate_action",
  REORG: "corporate_action",
  SC: "corporate_action",
  SPIN: "corporate_action",
  SSO: "corporate_action",
};

/**
 * What became of an activity. One that was canceled, or that corrects another, is reported without an effect: the row
 * does not say what it undoes, and the position and balance reads state the result.
 * @see node_modules/@alpacahq/alpaca-trade-api 4.0.2, NonTradeActivitiesStatusEnum (read 2026-11)
 */
const HAS_EFFECT: Readonly<Record<string, boolean>> = { executed: true, correct: false, canceled: false };

/** A ledger entry, with what ties it to others of the same event. */
export interface LedgerFacts {
  readonly row: LedgerRow;
  /** Alpaca's activity type. */
  readonly type: string;
  readonly group: string;
}

/** @param currency What `net_amount` is in where the row does not say: the account's. */
export function parseNonTrade(value: unknown, currency: string): Parsed<LedgerFacts> {
  return parseRow("the activity", value, (fields) => {
    const type = fields.text("activity_type");
    const hasEffect = fields.optionalText("status") === undefined || fields.word("status", HAS_EFFECT);
    const quantity = hasEffect ? quantityOf(type, fields) : {};
    const instrument = instrumentOfActivity(type, fields);
    const row: LedgerRow = {
      id: ledgerId(type, fields),
      cause: Object.hasOwn(CAUSE, type) ? (CAUSE[type] ?? "unexplained") : "unexplained",
      timestamp: effectiveAt(fields, quantity.qtyDelta !== undefined),
      ...(hasEffect && moneyOf(fields, currency)),
      ...(instrument !== undefined && { instrument }),
      ...quantity,
      text: textOf(type, fields),
    };
    // The documented examples tie an event's rows by one id, recorded rows by a group_id.
    return { row, type, group: fields.optionalText("group_id") ?? fields.text("id") };
  });
}

/**
 * Unique and the same at every reading. The venue's id alone is not: its own examples give one id to all rows of an
 * event. @see https://docs.alpaca.markets/docs/non-trade-activities-for-option-events (read 2026-11)
 */
function ledgerId(type: string, fields: Fields): string {
  const rest = ["symbol", "qty", "status"].map((field) => fields.optionalText(field) ?? "");
  return [fields.text("id"), type, ...rest].join("|");
}

function instrumentOfActivity(type: string, fields: Fields): string | undefined {
  const symbol = fields.optionalText("symbol");
  return symbol && instrumentName(symbol, type === "CFEE" ? "crypto" : undefined);
}

function moneyOf(fields: Fields, currency: string): Pick<LedgerRow, "asset" | "amount"> {
  const amount = fields.optionalDecimal("net_amount");
  if (amount === undefined || isZero(amount)) return {};
  return { asset: fields.optionalText("currency") ?? currency, amount };
}

/**
 * The change of the position, where the row alone tells it with its sign:
 * - CFEE without money: a fee taken in the coin, written negative.
 * - OPTRD: shares bought or sold by an option's end; its price is the money over the quantity, because `price` is
 *   not reliable (the documented exercise at 150 says 90).
 * - JNLS, ACATS: shares in or out, signed as written.
 * Not for options' ends (OPEXP, OPASN, OPEXC): the documents write an exercise of two as -2 and an assignment of two
 * as 2, accounts write 1 for either; nor for splits and mergers, which replace quantities. There the position read
 * says what is held.
 * @see https://alpaca.markets/docs/crypto/activities/ (CFEE)
 * @see https://docs.alpaca.markets/docs/non-trade-activities-for-option-events (OPTRD; both read 2026-11)
 */
function quantityOf(type: string, fields: Fields): Pick<LedgerRow, "qtyDelta" | "price"> {
  const qty = fields.optionalDecimal("qty");
  if (qty === undefined || isZero(qty) || fields.optionalText("symbol") === undefined) return {};
  const money = fields.optionalDecimal("net_amount");
  const isPaid = money !== undefined && !isZero(money);
  if (type === "CFEE") return !isPaid && sign(qty) < 0 ? { qtyDelta: qty } : {};
  if (type === "OPTRD") {
    const isConsistent = isPaid && sign(money) === -sign(qty);
    return isConsistent ? { qtyDelta: qty, price: divide(abs(money), abs(qty)) } : {};
  }
  return type === "JNLS" || type === "ACATS" ? { qtyDelta: qty } : {};
}

/**
 * When it took effect, from its business date: activities are posted up to several days later, while positions and
 * balances were updated at once, so the time of posting would count them twice. Dates are New York's, as the id's
 * prefix is. Money counts from the start of the day, because a balance read on that day may have it already.
 * Quantities count from its end: fees in coins are worked out when the day is over, options end after the close, and
 * a fee that stood before the purchase it was taken from would turn the position short for that time.
 * @see https://docs.alpaca.markets/docs/options-trading "your balance and positions are updated instantly, NTAs on
 * PAPER will be visible in the Activities endpoint only the next day"
 * @see https://alpaca.markets/docs/crypto/activities/ "calculated and posted end of day" (both read 2026-11)
 */
function effectiveAt(fields: Fields, hasQuantity: boolean): number {
  const date = fields.text("date");
  // Some rows have a time in the date: that says more.
  const instant = parseInstant(date);
  const ms = instant?.ms ?? (hasQuantity ? newYorkDayEnd(date) : newYorkDayStart(date));
  return ms ?? reject(fields.expected("date", "a date such as 2026-04-22"));
}

function textOf(type: string, fields: Fields): string {
  const parts = [type, fields.optionalText("activity_sub_type"), fields.optionalText("description")];
  const status = fields.optionalText("status");
  const said = parts.filter((part) => part !== undefined).join(" ");
  return status === undefined || status === "executed" ? said : `${said} (${status}; no effect booked)`;
}
