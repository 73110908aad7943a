// What the CLOB says of a market: its tokens, and what a taker pays. Asked for once for each market and process; a market's
// tokens never change, and what a fill cost is put down when it is first read.
import {
  type Decimal,
  divide,
  type FillRow,
  multiply,
  ONE,
  parseDecimal,
  subtract,
  ZERO,
} from "../../core/index.ts";
import type { Asking } from "../wire/asking.ts";
import { isObject, parseRow, reject } from "../wire/fields.ts";
import type { PolymarketClient } from "./client.ts";
import { COLLATERAL, tokenId } from "./symbols.ts";

export interface MarketFacts {
  readonly tokens: readonly string[];
  readonly feeRate: Decimal;
  readonly exponent: number;
}

/** Markets that are asked for in one read. */
const ASKED_MAX = 25;
/** Markets that are remembered; the oldest goes first. */
const REMEMBERED_MAX = 5_000;

/** Fees are rounded to five decimals. @see https://docs.polymarket.com/trading/fees "Fee Precision" (read 2026-11) */
const FEE_STEP = parseDecimal("0.00001") as Decimal;

export class Markets {
  private readonly client: PolymarketClient;
  private readonly known = new Map<string, MarketFacts>();

  constructor(client: PolymarketClient) {
    this.client = client;
  }

  of(conditionId: string): MarketFacts | undefined {
    return this.known.get(conditionId);
  }

  /** Asks for those that are not known, as many as there is time for. */
  async learn(conditionIds: Iterable<string>, asking: Asking): Promise<void> {
    const missing = [...new Set(conditionIds)].filter((id) => !this.known.has(id)).slice(0, ASKED_MAX);
    for (const id of missing) {
      if (!asking.mayAsk()) return;
      const answer = await this.client.market(id);
      const facts = answer.kind === "answer" ? marketFacts(answer.value) : undefined;
      if (facts) this.remember(id, facts);
    }
  }

  private remember(id: string, facts: MarketFacts): void {
    this.known.set(id, facts);
    const [oldest] = this.known.keys();
    if (this.known.size > REMEMBERED_MAX && oldest !== undefined) this.known.delete(oldest);
  }
}

/** @see node_modules/@polymarket/clob-client-v2 1.1.0, types/clob.d.ts MarketDetails (read 2026-11) */
export function marketFacts(value: unknown): MarketFacts | undefined {
  const parsed = parseRow("the market", value, (fields): MarketFacts => {
    const tokens = (fields.optionalList("t") ?? []).map((token) => {
      const id = isObject(token) && typeof token.t === "string" ? tokenId(token.t) : undefined;
      return id ?? reject("one of its tokens has no number");
    });
    if (tokens.length !== 2) reject(`it has ${tokens.length} tokens; expected two`);
    const fee = isObject(value) && isObject(value.fd) ? value.fd : {};
    const feeRate = fee.r === undefined ? ZERO : (parseDecimal(fee.r) ?? reject("its fee rate is no number"));
    const exponent = Number(fee.e ?? 0);
    if (!Number.isInteger(exponent) || exponent < 0 || exponent > 8)
      reject("its fee exponent is no small whole number");
    return { tokens, feeRate, exponent };
  });
  return parsed.kind === "row" ? parsed.row : undefined;
}

/**
 * What a taker paid: shares × rate × (price × (1 − price))^exponent, which the operator sets when orders match.
 * @see https://docs.polymarket.com/trading/fees "Fee Structure"
 * @see node_modules/@polymarket/clob-client-v2 1.1.0, fees/index.js (the exponent; both read 2026-11)
 */
export function takerFee(qty: Decimal, price: Decimal, { feeRate, exponent }: MarketFacts): Decimal {
  const curve = multiply(price, subtract(ONE, price));
  let fee = multiply(qty, feeRate);
  for (let at = 0; at < exponent; at += 1) fee = multiply(fee, curve);
  return toStep(fee);
}

/** A taker's fill with what it cost, where the market is known. */
export function withTakerFee(row: FillRow, market: MarketFacts | undefined): FillRow {
  if (market === undefined || row.price === undefined) return row;
  return { ...row, fee: takerFee(row.qty, row.price, market), feeCurrency: COLLATERAL };
}

/** To the nearest step, halves away from zero. */
function toStep(value: Decimal): Decimal {
  const steps = divide(value, FEE_STEP);
  const [whole = "0", rest = ""] = steps.split(".");
  const rounded = BigInt(whole) + (rest >= "5" ? 1n : 0n);
  return multiply(parseDecimal(rounded.toString()) ?? ZERO, FEE_STEP);
}
