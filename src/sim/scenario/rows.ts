// Rows of a scenario as facts: absent stays absent, null means not reported, an average of zero or less is not
// reported either. What an adapter's parser does for a venue, this does for a file.
import {
  type Decimal,
  type FillRow,
  type MirrorRow,
  type OrderRow,
  type PositionRow,
  parseDecimal,
  sign,
} from "../../core/index.ts";
import type { Scenario, ScenarioFill, ScenarioOrder, ScenarioPosition } from "./schema.ts";

type HedgeOrNet = Scenario["account"]["mode"];

/** Drops what was not reported, so that no field is there and undefined or null. */
function reported<T extends object>(fields: T): { [K in keyof T]: NonNullable<T[K]> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as { [K in keyof T]: NonNullable<T[K]> };
}

function average(written: string | number | null | undefined): { value: Decimal; scale: number } | undefined {
  const text = written === undefined || written === null ? undefined : String(written);
  const value = parseDecimal(text);
  if (text === undefined || value === undefined || sign(value) <= 0) return undefined;
  return { value, scale: /\.(\d+)/.exec(text)?.[1]?.length ?? 0 };
}

export function orderRow(row: ScenarioOrder): OrderRow {
  const { avgPrice, timestamp, createdAt, price, triggerPrice, ...plain } = row;
  const avg = average(avgPrice);
  return {
    ...reported({ ...plain, price, triggerPrice, createdAt: createdAt ?? timestamp }),
    ...(avg && { avgPrice: avg.value, avgPriceScale: avg.scale }),
  } as OrderRow;
}

export function positionRow(row: ScenarioPosition, mode: HedgeOrNet): PositionRow {
  const { entryPrice, leg, strategy: _, metadata: __, ...plain } = row;
  const avg = average(entryPrice);
  const side = sign(row.qty) < 0 ? "short" : "long";
  return {
    ...reported(plain),
    leg: leg ?? (mode === "net" ? "net" : side),
    ...(avg && { entryPrice: avg.value, entryPriceScale: avg.scale }),
  } as PositionRow;
}

/** A fill without a timestamp happened at `otherwiseMs`, in file order. */
export function fillRow(row: ScenarioFill, index: number, otherwiseMs: number): FillRow {
  return { ...reported(row), timestamp: row.timestamp ?? otherwiseMs, venueSeq: index } as FillRow;
}

export function mirrorRow(row: Scenario["mirrors"][number]["rows"][number], mode: HedgeOrNet): MirrorRow {
  const { instrument, qty, entryPrice, metadata = {}, strategy } = row;
  const side = qty !== undefined && sign(qty) < 0 ? "short" : "long";
  const leg = row.leg ?? (mode === "net" ? "net" : side);
  return {
    rowId: `${leg}:${instrument}`,
    instrument,
    leg,
    qty: qty ?? null,
    ...(entryPrice !== undefined && { entryPrice }),
    metadata: { ...metadata, ...(strategy !== undefined && { strategy }) },
  };
}
