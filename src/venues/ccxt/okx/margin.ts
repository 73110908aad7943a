// Margin on OKX, which this adapter does not cover: what tells that there is some, so that no section of an account that has
// it is taken for whole.
import { isZero, parseDecimal } from "../../../core/index.ts";
import { isObject } from "../../wire/fields.ts";
import { homePair } from "./coins.ts";

/** Of orders, fills, bills and positions alike. @see https://www.okx.com/docs-v5/en/ `instType` (read 2026-11) */
export function isOnMargin(value: unknown): boolean {
  return isObject(value) && value.instType === "MARGIN";
}

/**
 * What is owed of a currency: `liab` is all of it, the others are its parts in some account modes.
 * @see https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-balance (read 2026-11)
 */
const DEBTS = ["liab", "crossLiab", "isoLiab"] as const;

export interface Debts {
  /** Why the balances are not whole. */
  readonly ofBalances: readonly string[];
  /** Why the positions are not: a coin that is owed is one that was sold on margin. */
  readonly ofPositions: readonly string[];
}

/** @param details Of the account's balance. */
export function debtsOf(details: readonly unknown[]): Debts {
  const owed = details.flatMap((one) => {
    if (!isObject(one) || typeof one.ccy !== "string") return [];
    // A debt that cannot be read is one all the same.
    const amount = DEBTS.map((name) => one[name]).find((stated) => !isNone(stated));
    return amount === undefined ? [] : [{ ccy: one.ccy, text: `${String(amount)} ${one.ccy}` }];
  });
  const why = (text: string) => `the account owes ${text}; margin is not covered by this adapter`;
  return {
    ofBalances: owed.map(({ text }) => why(text)),
    ofPositions: owed.flatMap(({ ccy, text }) => (homePair(ccy) === undefined ? [] : [why(text)])),
  };
}

function isNone(stated: unknown): boolean {
  if (stated === undefined || stated === null || stated === "") return true;
  const amount = typeof stated === "string" ? parseDecimal(stated) : undefined;
  return amount !== undefined && isZero(amount);
}
