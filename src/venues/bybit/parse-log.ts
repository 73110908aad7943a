// One row of Bybit's transaction log: what moved money in one currency, and how large the position was after it. What
// becomes of it is in ledger.ts.
// @see https://bybit-exchange.github.io/docs/v5/account/transaction-log (read 2026-11)
import { type Decimal, ZERO } from "../../core/index.ts";
import { type Fields, type Parsed, parseRow } from "../wire/fields.ts";
import { contractIn, msOf, optionalWord } from "./fields.ts";
import type { Names } from "./instruments.ts";
import { CATEGORIES, type Contract } from "./symbols.ts";

export interface LogRow {
  /** Ours: Bybit's own id is the same for several rows. */
  readonly id: string;
  readonly type: string;
  readonly contract: Contract | undefined;
  readonly currency: string;
  readonly timestamp: number;
  /** All that it changed: cashFlow + funding - fee. Signed. */
  readonly change: Decimal;
  /** Without fee and funding: result, payment, transfer. Signed. */
  readonly cashFlow: Decimal;
  /** Positive comes in: the other way round than in an execution. */
  readonly funding: Decimal;
  /** The execution that it belongs to; undefined where it belongs to none. */
  readonly tradeId: string | undefined;
  /** Signed size of the position right after it; undefined where there is no position. */
  readonly sizeAfter: Decimal | undefined;
}

export function parseLogRow(value: unknown, names: Names): Parsed<LogRow> {
  return parseRow("the transaction", value, (fields): LogRow => {
    const type = fields.text("type");
    const currency = fields.text("currency");
    const contract = contractOfRow(fields, names);
    const tradeId = fields.optionalText("tradeId");
    const timestamp = msOf(fields, "transactionTime");
    const cashFlow = fields.optionalDecimal("cashFlow") ?? ZERO;
    const sizeAfter = contract?.category === "spot" ? undefined : fields.optionalDecimal("size");
    return {
      // The documented example gives one id to a settlement and a trade; a spot trade has a row for each coin.
      id: [fields.text("id"), type, tradeId ?? timestamp, currency].join("|"),
      type,
      contract,
      currency,
      timestamp,
      change: fields.optionalDecimal("change") ?? cashFlow,
      cashFlow,
      funding: fields.optionalDecimal("funding") ?? ZERO,
      tradeId,
      sizeAfter: contract === undefined ? undefined : sizeAfter,
    };
  });
}

/** A transfer has no symbol, and some rows have one without a category. */
function contractOfRow(fields: Fields, names: Names): Contract | undefined {
  const category = CATEGORIES.find((one) => one === optionalWord(fields, "category"));
  if (category === undefined || optionalWord(fields, "symbol") === undefined) return undefined;
  return contractIn(fields, category, names);
}
