// What the local Alpaca holds: one account as plain JSON, in Alpaca's own words. Tests change it in place; a person
// writes it as a file. Fields that nobody states get values with which the account adds up.
import { readFileSync } from "node:fs";

export type Row = Record<string, unknown>;

export interface AccountState {
  /** `GET /v2/account`. */
  account: Row;
  positions: Row[];
  /** Parents with their `legs` inside; lists are made flat or nested from them. */
  orders: Row[];
  /** FILL and all other types, in any order. */
  activities: Row[];
  /** Its own time, where it is not the machine's. In ms. */
  clockMs?: number;
}

/** Ids are invented. */
export const ACCOUNT_ID = "0f9d2b6e-5a1c-4a63-9d0e-71c2a4b3e581";

export const EMPTY_ACCOUNT: Row = {
  id: ACCOUNT_ID,
  account_number: "PA0000000001",
  status: "ACTIVE",
  crypto_status: "ACTIVE",
  currency: "USD",
  cash: "100000",
  buying_power: "200000",
  non_marginable_buying_power: "100000",
  equity: "100000",
  long_market_value: "0",
  short_market_value: "0",
  position_market_value: "0",
  trading_blocked: false,
  transfers_blocked: false,
  account_blocked: false,
  created_at: "2026-01-02T15:04:05.123456Z",
};

export function newState(stated: Partial<AccountState> = {}): AccountState {
  return {
    account: { ...EMPTY_ACCOUNT, ...stated.account },
    positions: stated.positions ?? [],
    orders: stated.orders ?? [],
    activities: stated.activities ?? [],
    ...(stated.clockMs !== undefined && { clockMs: stated.clockMs }),
  };
}

/** @throws Error with what the file must be, when it is not. */
export function readState(path: string): AccountState {
  const stated: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (typeof stated !== "object" || stated === null || Array.isArray(stated)) {
    throw new Error(`${path} is not an object with account, positions, orders and activities`);
  }
  return newState(stated as Partial<AccountState>);
}
