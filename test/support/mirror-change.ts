// Changes of a mirror as the core would ask for them, and mirrors in a file, short enough to read in a test.
import {
  type Decimal,
  type Discrepancy,
  decimal,
  type Leg,
  type MirrorChange,
  ZERO,
} from "../../src/core/index.ts";
import { type JsonFileOptions, openJsonFileMirror } from "../../src/mirrors/json-file/index.ts";
import type { Files } from "../../src/runtime/index.ts";

const DISCREPANCY: Discrepancy = {
  id: "dsc_1",
  of: "bot",
  kind: "phantom_position",
  subject: { type: "position", instrument: "X", leg: "net" },
  localQty: null,
  venueQty: null,
  fields: {},
  cause: null,
  explanation: null,
  witness: null,
  policy: "repair",
  stage: "confirmed",
  code: null,
  detail: null,
  firstSeenMs: 0,
  lastSeenMs: 0,
  sightings: 2,
  closedMs: null,
  resolution: null,
  recurrences: 0,
};

export interface ChangeParts {
  readonly rowId?: string | null;
  readonly leg?: Leg;
  readonly qty?: string | Decimal;
  readonly entryPrice?: string;
  readonly venueOrderId?: string;
  readonly openedAt?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export function changeTo(
  action: MirrorChange["action"],
  instrument: string,
  parts: ChangeParts = {},
): MirrorChange {
  const { rowId, leg = "net", qty, entryPrice, venueOrderId, openedAt, metadata = {} } = parts;
  return {
    action,
    rowId: rowId === undefined ? (action === "added" ? null : instrument) : rowId,
    instrument,
    leg,
    qty: qty === undefined ? ZERO : decimal(qty),
    entryPrice: entryPrice === undefined ? null : decimal(entryPrice),
    venueOrderId: venueOrderId ?? null,
    openedAt: openedAt ?? null,
    metadata,
    discrepancy: DISCREPANCY,
  };
}

export const NOON_MS = Date.UTC(2026, 0, 5, 12, 0, 0);

/** A mirror over the file "bot.json": top-level object, key = symbol, quantity in `qty`. */
export function jsonMirror(files: Files, options: Partial<JsonFileOptions> = {}) {
  return openJsonFileMirror({
    name: "bot",
    path: "bot.json",
    files,
    clock: { nowMs: () => NOON_MS },
    scope: { type: "account" },
    shape: { kind: "object" },
    fields: { quantity: "qty", entry_price: "entry" },
    mayAdd: true,
    demandsVenueReference: false,
    onClose: "remove",
    ...options,
  });
}
