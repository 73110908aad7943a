// Fills that an account may have seen: many instruments, both sides, positions that open, grow, shrink and close.
import {
  type Decimal,
  decimal,
  type FillRow,
  fillKeyOf,
  type JournalRecordOf,
  UNATTRIBUTED,
} from "../src/core/index.ts";
import { STARTED_MS, symbolOf } from "./holdings.ts";

/** Instruments that one account trades. */
const INSTRUMENTS = 500;

export function fillRow(index: number): FillRow {
  return {
    instrument: symbolOf(index % INSTRUMENTS),
    tradeId: `T-${index}`,
    venueOrderId: `V-${index >> 1}`,
    side: (index / INSTRUMENTS) % 5 < 3 ? "buy" : "sell",
    qty: qtyOf(index),
    price: priceOf(index),
    timestamp: STARTED_MS + index,
  };
}

function qtyOf(index: number): Decimal {
  return decimal(`${(index % 37) + 1}.${index % 10}`);
}

function priceOf(index: number): Decimal {
  return decimal(`${100 + (index % 41)}.${String(index % 100).padStart(2, "0")}`);
}

export function fillRecord(index: number, seq: number): JournalRecordOf<"fill_recorded"> {
  const row = fillRow(index);
  const { instrument, venueOrderId = "", tradeId = "", side } = row;
  return {
    kind: "fill_recorded",
    payload: {
      ...row,
      fillKey: fillKeyOf(instrument, venueOrderId, tradeId, side),
      leg: "net",
      strategy: UNATTRIBUTED,
      orderKey: null,
      cause: null,
      source: "stream",
      isProvisional: false,
    },
    causeId: "stream",
    account: "A-1",
    seq,
    tsMs: row.timestamp,
    v: 1,
  };
}
