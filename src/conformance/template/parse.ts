// Harbour's rows into ours. Here its words end: a field that is missing or not as documented makes the row a problem.
import type {
  BalanceRow,
  Cause,
  FillRow,
  LedgerRow,
  Leg,
  OrderRow,
  PositionRow,
  Side,
} from "../../core/index.ts";
import { type Fields, type Parsed, parseRow, reject } from "../../venues/wire/fields.ts";
import { symbolOf } from "./symbols.ts";

const LEGS: Readonly<Record<string, Leg>> = { net: "net", long: "long", short: "short" };
const SIDES: Readonly<Record<string, Side>> = { buy: "buy", sell: "sell" };
const STATUSES = {
  open: "open",
  partial: "partially_filled",
  filled: "filled",
  canceled: "canceled",
  expired: "expired",
} as const;
/** Why Harbour closes by itself; an order's own fill has none. */
const REASONS: Readonly<Record<string, Cause>> = { liq: "liquidation", adl: "adl", settle: "settlement" };
const ENTRIES: Readonly<Record<string, Cause>> = { funding: "funding", transfer: "transfer", fee: "fee" };

export function parsePosition(item: unknown): Parsed<PositionRow> {
  return parseRow("a position", item, (fields) => {
    const entryPrice = fields.optionalDecimal("entry");
    const scale = fields.scale("entry");
    return {
      instrument: instrumentIn(fields),
      leg: fields.word("leg", LEGS),
      qty: fields.decimal("size"),
      ...(entryPrice !== undefined && { entryPrice }),
      ...(scale !== undefined && { entryPriceScale: scale }),
      updatedAt: timeIn(fields, "updated"),
    };
  });
}

export function parseOrder(item: unknown): Parsed<OrderRow> {
  return parseRow("an order", item, (fields) => {
    const clientOrderId = fields.optionalText("client_id");
    const price = fields.optionalDecimal("price");
    return {
      instrument: instrumentIn(fields),
      leg: fields.word("leg", LEGS),
      venueOrderId: fields.text("id"),
      ...(clientOrderId !== undefined && { clientOrderId }),
      side: fields.word("side", SIDES),
      type: fields.text("type"),
      qty: fields.decimal("size"),
      filledQty: fields.decimal("filled"),
      ...(price !== undefined && { price }),
      status: fields.word("status", STATUSES),
      venueStatus: fields.text("status"),
      reduceOnly: fields.text("reduce_only") === "yes",
      createdAt: timeIn(fields, "created"),
      updatedAt: timeIn(fields, "updated"),
    };
  });
}

export function parseFill(item: unknown): Parsed<FillRow> {
  return parseRow("a fill", item, (fields) => {
    const clientOrderId = fields.optionalText("client_id");
    const venueOrderId = fields.optionalText("order_id");
    const forced = fields.optionalText("reason") === undefined ? undefined : fields.word("reason", REASONS);
    const feeCurrency = fields.optionalText("fee_asset");
    return {
      instrument: instrumentIn(fields),
      leg: fields.word("leg", LEGS),
      tradeId: fields.text("id"),
      ...(venueOrderId !== undefined && { venueOrderId }),
      ...(clientOrderId !== undefined && { clientOrderId }),
      side: fields.word("side", SIDES),
      qty: fields.decimal("size"),
      price: fields.decimal("price"),
      ...(feeCurrency !== undefined && { fee: fields.decimal("fee"), feeCurrency }),
      timestamp: timeIn(fields, "time"),
      venueSeq: Number(fields.text("seq")),
      positionAfter: fields.decimal("position_after"),
      ...(forced !== undefined && { forced }),
    };
  });
}

export function parseBalance(item: unknown): Parsed<BalanceRow> {
  return parseRow("a balance", item, (fields) => ({
    asset: fields.text("asset"),
    total: fields.decimal("total"),
  }));
}

export function parseEntry(item: unknown): Parsed<LedgerRow> {
  return parseRow("an entry", item, (fields) => ({
    id: fields.text("id"),
    cause: fields.word("type", ENTRIES),
    timestamp: timeIn(fields, "time"),
    asset: fields.text("asset"),
    amount: fields.decimal("amount"),
  }));
}

function instrumentIn(fields: Fields): string {
  return symbolOf(fields.text("symbol")) ?? reject(fields.expected("symbol", "a symbol such as BTC-USDT-P"));
}

/** Times are ms since 1970, written as text by parseExact. */
function timeIn(fields: Fields, field: string): number {
  const text = fields.text(field);
  return /^\d{13}$/.test(text) ? Number(text) : reject(fields.expected(field, "ms since 1970"));
}
