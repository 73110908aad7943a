// OKX's fills and bills. A trade id is unique in its instrument; of a liquidation or deleveraging it is negative in the
// list of fills, and 0 on the order, so only the list tells those apart.
// @see https://www.okx.com/docs-v5/en/#order-book-trading-trade-get-transaction-details-last-3-months
// @see https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-bills-details-last-3-months (both read 2026-11)
import {
  type Cause,
  type FillRow,
  isZero,
  type LedgerRow,
  negate,
  subtract,
  ZERO,
} from "../../../core/index.ts";
import { type Fields, type Parsed, parseRow } from "../../wire/fields.ts";
import { named, optionalTime, positive, time } from "../rows.ts";
import { type InstId, parseInstId } from "./instruments.ts";
import { instOf, legOf, SIDE } from "./parse.ts";

export interface FillFacts {
  readonly row: FillRow;
  /** Where the list goes on: newest first, by bill. */
  readonly billId: string;
}

/** Trades that were none of ours, by their `subType`; what is not here is an ordinary trade, whatever it is called. */
const FORCED: ReadonlyMap<string, Cause> = new Map<string, Cause>([
  ...codes(100, 107, "liquidation"),
  ...codes(110, 111, "liquidation"),
  ...codes(112, 113, "settlement"),
  ...codes(118, 119, "transfer"),
  ...codes(125, 128, "adl"),
  ...codes(324, 329, "transfer"),
  ...codes(376, 377, "liquidation"),
]);

function codes(from: number, to: number, cause: Cause): [string, Cause][] {
  return Array.from({ length: to - from + 1 }, (_, index) => [String(from + index), cause]);
}

export function parseFill(value: unknown): Parsed<FillFacts> {
  return parseRow(named("the fill", value, "instId"), value, (fields) => {
    const forced = FORCED.get(fields.optionalText("subType") ?? "");
    const venueOrderId = fields.optionalText("ordId");
    const clientOrderId = fields.optionalText("clOrdId");
    return {
      billId: fields.text("billId"),
      row: {
        instrument: instOf(fields).symbol,
        leg: legOf(fields),
        tradeId: fields.text("tradeId"),
        ...(venueOrderId !== undefined && { venueOrderId }),
        ...(clientOrderId !== undefined && { clientOrderId }),
        side: fields.word("side", SIDE),
        qty: positive(fields, "fillSz"),
        price: positive(fields, "fillPx"),
        ...feeOf(fields, "fee", "feeCcy"),
        timestamp: optionalTime(fields, "fillTime") ?? time(fields, "ts"),
        ...(forced !== undefined && { forced }),
      },
    };
  });
}

/** OKX writes what it takes as negative; we write what is paid as positive. */
export function feeOf(
  fields: Fields,
  amount: string,
  currency: string,
): Pick<FillRow, "fee" | "feeCurrency"> {
  const fee = fields.optionalDecimal(amount);
  const feeCurrency = fields.optionalText(currency);
  if (fee === undefined) return {};
  return { fee: negate(fee), ...(feeCurrency !== undefined && { feeCurrency }) };
}

/** Why an order exists that nobody placed: its `category`. */
export const CATEGORIES: Readonly<Record<string, Cause>> = {
  full_liquidation: "liquidation",
  partial_liquidation: "liquidation",
  adl: "adl",
  delivery: "settlement",
  auto_conversion: "liquidation",
};

/** Bills of trades: their money is in the fills. @see "Get bills details", `type` */
const OF_FILLS: ReadonlySet<string> = new Set(["2", "5", "9", "14", "24"]);
/** Bills of a delivery that has a fill; an option's end has none. */
const DELIVERIES: ReadonlySet<string> = new Set(["112", "113"]);

/** What moved the money, by `type`. What is not here is told as unexplained, with its amount. */
const CAUSES: Readonly<Record<string, Cause>> = {
  "1": "transfer",
  "3": "settlement",
  "4": "transfer",
  "6": "transfer",
  "7": "fee",
  "8": "funding",
  "10": "settlement",
  "11": "transfer",
  "12": "transfer",
  "15": "transfer",
  "16": "transfer",
  "17": "transfer",
  "18": "transfer",
  "22": "transfer",
  "26": "transfer",
  "27": "transfer",
  "28": "transfer",
};

export type BillRead =
  | { readonly kind: "row"; readonly row: LedgerRow }
  /** Its money is told elsewhere, or there is none; `entry` says which coin it moved. */
  | { readonly kind: "ignored"; readonly reason: string; readonly entry: LedgerRow }
  | { readonly kind: "problem"; readonly problem: string };

/** Of inverse contracts and options a fill's quantity and price do not say what it moved. */
function isMoneyOfFill({ instType, settle, quote }: InstId): boolean {
  return instType === "SPOT" || (instType !== "OPTION" && settle === quote);
}

export function parseBill(value: unknown): BillRead {
  let reason: string | undefined;
  const parsed = parseRow(named("the bill", value, "billId"), value, (fields): LedgerRow => {
    const type = fields.text("type");
    const subType = fields.optionalText("subType") ?? "";
    const change = fields.decimal("balChg");
    const instId = fields.optionalText("instId");
    const inst = instId === undefined ? undefined : parseInstId(instId);
    const instrument = inst?.symbol;
    const isOfFill = OF_FILLS.has(type) || (type === "3" && DELIVERIES.has(subType));
    // A fill carries its fee always, and its result only where a quantity times a price is one.
    const isResult = isOfFill && inst !== undefined && !isMoneyOfFill(inst);
    const amount = isResult ? subtract(change, fields.optionalDecimal("fee") ?? ZERO) : change;
    if (isOfFill && !isResult) reason = "told by its fill";
    else if (isZero(amount)) reason = "no money moved";
    return {
      id: fields.text("billId"),
      cause: CAUSES[type] ?? "unexplained",
      timestamp: time(fields, "ts"),
      asset: fields.text("ccy"),
      amount,
      ...(instrument !== undefined && { instrument }),
      text: `bill type ${type}${subType === "" ? "" : `, subType ${subType}`}`,
    };
  });
  if (parsed.kind === "problem") return parsed;
  return reason === undefined ? parsed : { kind: "ignored", reason, entry: parsed.row };
}
