// Bybit's executions into fills. Not each of them is one: funding is written as an execution too, with the size of the
// position, and moves none of it. What Bybit did by itself keeps its cause.
// @see https://bybit-exchange.github.io/docs/v5/order/execution
// @see https://bybit-exchange.github.io/docs/v5/enum#exectype, #createtype (all read 2026-11)
import { add, type Cause, type Decimal, type FillRow, isZero, sign } from "../../core/index.ts";
import { type Fields, isObject, type Parsed, parseRow, reject } from "../wire/fields.ts";
import { BYBIT_SIDE, booleanOf, categoryOf, contractIn, msOf, optionalPrice, positive } from "./fields.ts";
import type { Around } from "./parse.ts";
import type { Contract } from "./symbols.ts";

export interface FillFacts {
  readonly kind: "fill";
  readonly row: FillRow;
  readonly contract: Contract;
  readonly tradeId: string;
  /** Whether it closed something; undefined where Bybit does not say. Tells the leg of a hedging account. */
  readonly isClosing: boolean | undefined;
  /** What the order had left after it: of fills of one moment the one with more left is first. */
  readonly leaves: Decimal | undefined;
}

/** An execution that is no trade. */
export interface NoFill {
  readonly kind: "funding";
  readonly contract: Contract;
}

/**
 * What kind of execution it is: a trade of one's own (null), a trade that Bybit made, with its cause, or funding. A block
 * trade and the leg of a spread were agreed to by the account's owner.
 */
const EXECUTIONS: Readonly<Record<string, Cause | "funding" | null>> = {
  Trade: null,
  BlockTrade: null,
  FutureSpread: null,
  AdlTrade: "adl",
  BustTrade: "liquidation",
  Delivery: "settlement",
  Settle: "settlement",
  MovePosition: "transfer",
  CorporateAction: "corporate_action",
  Funding: "funding",
};

/**
 * Why the order of a plain trade came to be, where it was not the bot's. A close in Bybit's app is its owner's hand.
 * An administrator's close has no cause that anybody is told.
 */
const CREATED: Readonly<Record<string, Cause>> = {
  CreateByLiq: "liquidation",
  CreateByTakeOver_PassThrough: "liquidation",
  CreateByAdl_PassThrough: "adl",
  CreateBySettle: "settlement",
  CreateByAdminClosing: "unexplained",
  CreateByClosing: "manual_trade",
  CreateByMmRateClose: "manual_trade",
  CreateByBlockTradeMovePosition_PassThrough: "transfer",
};

export function parseExecution(value: unknown, { names, category }: Around): Parsed<FillFacts | NoFill> {
  return parseRow("the execution", value, (fields): FillFacts | NoFill => {
    const contract = contractIn(fields, categoryOf(fields, category), names);
    const type = fields.word("execType", EXECUTIONS);
    if (type === "funding") return { kind: "funding", contract };
    const forced = type ?? CREATED[fields.optionalText("createType") ?? ""];
    const tradeId = fields.text("execId");
    const closed = fields.optionalDecimal("closedSize");
    const price = optionalPrice(fields, "execPrice");
    return {
      kind: "fill",
      contract,
      tradeId,
      isClosing: closed === undefined ? undefined : !isZero(closed),
      leaves: fields.optionalDecimal("leavesQty"),
      row: {
        instrument: contract.name,
        ...(contract.category === "spot" && { leg: "net" as const }),
        tradeId,
        ...idsOf(fields),
        side: fields.word("side", BYBIT_SIDE),
        qty: positive(fields, "execQty"),
        ...(price !== undefined && { price }),
        ...feeOf(value, fields, contract),
        timestamp: msOf(fields, "execTime"),
        ...sequence(fields),
        ...(forced !== undefined && { forced }),
      },
    };
  });
}

function idsOf(fields: Fields): Pick<FillRow, "venueOrderId" | "clientOrderId"> {
  const venueOrderId = fields.optionalText("orderId");
  const clientOrderId = fields.optionalText("orderLinkId");
  return {
    ...(venueOrderId !== undefined && { venueOrderId }),
    ...(clientOrderId !== undefined && { clientOrderId }),
  };
}

/** "The seq will be the same when conclude multiple transactions at the same time": it orders, and names nothing. */
function sequence(fields: Fields): Pick<FillRow, "venueSeq"> {
  const seq = Number(fields.optionalText("seq") ?? Number.NaN);
  return Number.isSafeInteger(seq) ? { venueSeq: seq } : {};
}

/** Positive is paid. Taxes in the same coin belong to it; others only the transaction log tells. */
function feeOf(value: unknown, fields: Fields, contract: Contract): Pick<FillRow, "fee" | "feeCurrency"> {
  const fee = fields.optionalDecimal("execFee");
  if (fee === undefined) return {};
  const feeCurrency = fields.optionalText("feeCurrency") ?? feeCoin(value, fields, contract, fee);
  return { fee: taxes(value, feeCurrency).reduce(add, fee), feeCurrency };
}

/**
 * Contracts pay in what they are settled in. On spot the fee is paid in what is received; a rebate, which only a maker
 * gets, in what is given.
 * @see https://bybit-exchange.github.io/docs/v5/enum#spot-fee-currency-instruction (read 2026-11)
 */
function feeCoin(value: unknown, fields: Fields, { base, quote, settle }: Contract, fee: Decimal): string {
  if (settle !== null) return settle;
  const isBuy = fields.word("side", BYBIT_SIDE) === "buy";
  const isRebate = sign(fee) < 0 && booleanOf(value, "isMaker") === true;
  return isBuy === isRebate ? quote : base;
}

/** `extraFees` is a list, or that list as a text, or empty. @see execution.mdx of the docs, "extraFees" (read 2026-11) */
function taxes(value: unknown, currency: string): readonly Decimal[] {
  const given = isObject(value) ? value.extraFees : undefined;
  if (!Array.isArray(given)) return [];
  return given.flatMap((one) => {
    const tax = parseRow("the tax", one, (fields) => ({
      coin: fields.text("feeCoin"),
      fee: fields.decimal("fee"),
    }));
    if (tax.kind === "problem") return reject(tax.problem);
    return tax.row.coin === currency ? [tax.row.fee] : [];
  });
}
