// A scenario file, checked: every key that it has is known, every number is a number. What is not like this is
// no scenario, and is never run in part. docs/scenarios.md explains the format.
import { z } from "zod";
import { decimalText, exitsSchema, policyFields } from "../../config/index.ts";
import {
  CAUSES,
  GATE_STATES,
  LEGS,
  ORDER_STATUSES,
  ORDER_TYPES,
  QUALITIES,
  SIDES,
  TIMES_IN_FORCE,
} from "../../core/index.ts";

const time = z.int().min(0);
const text = z.string();

const orderFields = {
  instrument: text,
  leg: z.enum(LEGS).optional(),
  clientOrderId: text.optional(),
  venueOrderId: text.optional(),
  previousVenueOrderIds: z.array(text).optional(),
  parentVenueOrderId: text.optional(),
  side: z.enum(SIDES).optional(),
  type: text.optional(),
  qty: decimalText.optional(),
  notional: decimalText.optional(),
  filledQty: decimalText.optional(),
  price: decimalText.nullable().optional(),
  triggerPrice: decimalText.nullable().optional(),
  avgPrice: z.union([text, z.number()]).nullable().optional(),
  status: z.enum(ORDER_STATUSES).optional(),
  reduceOnly: z.boolean().optional(),
  strategy: text.optional(),
  createdAt: time.optional(),
  updatedAt: time.optional(),
  timestamp: time.optional(),
};
const orderRow = z.strictObject(orderFields);

const fillRow = z.strictObject({
  instrument: text,
  leg: z.enum(LEGS).optional(),
  tradeId: text.optional(),
  venueOrderId: text.optional(),
  clientOrderId: text.optional(),
  side: z.enum(SIDES),
  qty: decimalText,
  price: decimalText.nullable().optional(),
  fee: decimalText.nullable().optional(),
  feeCurrency: text.nullable().optional(),
  strategy: text.optional(),
  /** Why the venue traded by itself. */
  forced: z.enum(CAUSES).optional(),
  timestamp: time.optional(),
});

const positionRow = z.strictObject({
  instrument: text,
  leg: z.enum(LEGS).optional(),
  qty: decimalText,
  entryPrice: z.union([text, z.number()]).nullable().optional(),
  lastPrice: decimalText.optional(),
  strategy: text.optional(),
  metadata: z.record(text, z.unknown()).optional(),
  positionId: text.optional(),
  updatedAt: time.optional(),
});

const balanceRow = z.strictObject({ asset: text, total: decimalText, free: decimalText.optional() });

const mirrorRow = z.strictObject({
  instrument: text,
  leg: z.enum(LEGS).optional(),
  qty: decimalText.optional(),
  entryPrice: decimalText.optional(),
  strategy: text.optional(),
  metadata: z.record(text, z.unknown()).optional(),
});

function section<Row extends z.ZodType>(row: Row) {
  const rows = z.array(row);
  return z.union([
    rows.transform((list) => ({ quality: "complete" as const, rows: list, problem: undefined })),
    z
      .strictObject({ quality: z.enum(QUALITIES), rows: rows.optional(), problem: text.optional() })
      .transform(({ quality, rows: list, problem }) => ({ quality, rows: list ?? [], problem })),
  ]);
}

const lookup = z.union([z.literal("none"), positionRow, orderRow]);

const venue = z
  .strictObject({
    orders: section(orderRow),
    fills: section(fillRow),
    positions: section(positionRow),
    balances: section(balanceRow),
    lookups: z.record(text, lookup),
    totals: z.strictObject({ positionValue: decimalText }),
  })
  .partial();

const capabilities = z
  .strictObject({
    absentRowMeansFlat: z.enum(["yes", "onlyIfScopeComplete", "no", "unknown"]),
    positionMode: z.enum(["net", "hedge", "both"]),
    entryPriceBasis: z.enum(["average", "fifo", "unknown"]),
    readAfterFillLagMs: time,
    positionAnchorOnFill: z.enum(["after", "before", "none"]),
    orderLookup: z.enum(["conclusive", "inconclusive", "none"]),
    settleMs: time,
    forgetsClosedOrders: z.boolean(),
    heals: z.boolean(),
    fills: z.strictObject({ retentionMs: time, lateArrivalMs: time, revisable: z.boolean() }).partial(),
  })
  .partial();

const policy = z
  .strictObject({
    ...policyFields,
    mode: z.enum(["beside", "executor"]),
    observe: z.boolean(),
    strategies: z.record(text, text),
    exits: exitsSchema,
  })
  .partial();

const level = z.union([z.strictObject({ price: decimalText }), z.strictObject({ ratio: decimalText })]);
const distance = z.union([z.strictObject({ distance: decimalText }), z.strictObject({ ratio: decimalText })]);

/** As the API takes it. */
const exitPlan = z
  .strictObject({
    stop: level,
    target: level,
    trailing: distance,
    timeStopMs: time,
    minimumHoldMs: time,
    invalidation: text,
  })
  .partial();

const submitted = z.strictObject({
  /** Its own name; its client order id is then `intent:` and this, wherever one stands. */
  intentId: text,
  instrument: text,
  leg: z.enum(LEGS).optional(),
  side: z.enum(SIDES),
  type: z.enum(ORDER_TYPES).optional(),
  qty: decimalText,
  price: decimalText.optional(),
  triggerPrice: decimalText.optional(),
  referencePrice: decimalText.optional(),
  timeInForce: z.enum(TIMES_IN_FORCE).optional(),
  reduceOnly: z.boolean().optional(),
  strategy: text.optional(),
  exit: exitPlan.optional(),
  signalId: text.optional(),
  tags: z.record(text, text).optional(),
});

const outcome = {
  outcome: z.enum(["accepted", "rejected", "unknown"]).optional(),
  reached: z.boolean().optional(),
};

const command = z.union([
  z.strictObject({ submit: submitted, ...outcome }),
  z.strictObject({
    cancel: z.strictObject({
      instrument: text,
      clientOrderId: text.optional(),
      venueOrderId: text.optional(),
    }),
    ...outcome,
  }),
]);

const setExits = z.strictObject({
  set: z.strictObject({
    instrument: text,
    leg: z.enum(LEGS).optional(),
    strategy: text.optional(),
    /** `none`: no exit is wanted; null takes a person's word back. */
    plan: z.union([exitPlan, z.literal("none"), z.null()]),
  }),
});

const stream = z.union([
  z.strictObject({ fill: fillRow }),
  z.strictObject({ order: orderRow }),
  z.strictObject({ gap: z.union([text, z.looseObject({}), z.literal(true)]) }),
]);

const step = z.union([
  z.strictObject({ pass: z.strictObject({ force: z.boolean().optional() }) }),
  z.strictObject({ venue }),
  z.strictObject({ afterOrders: z.array(venue) }),
  z.strictObject({ stream }),
  z.strictObject({ command }),
  z.strictObject({ exits: setExits }),
  z.strictObject({ price: z.strictObject({ instrument: text, last: decimalText }) }),
  z.strictObject({ advanceMs: time }),
  z.strictObject({ restart: z.literal(true) }),
  z.strictObject({
    kill: z.strictObject({ reason: text, all: z.boolean().optional(), flatten: z.boolean().optional() }),
  }),
  z.strictObject({ resume: z.strictObject({ reason: text }) }),
  z.strictObject({
    gate: z.strictObject({ set: z.enum(GATE_STATES), instrument: text.optional(), reason: text.optional() }),
  }),
]);

/** Expected rows name any of the fields that the copies end with; they are compared, not interpreted. */
const expectedRows = z.array(z.record(text, z.unknown()));

export const scenarioSchema = z.strictObject({
  id: text.min(1),
  title: text.optional(),
  account: z
    .strictObject({
      mode: z.enum(["net", "hedge"]).default("net"),
      instruments: z
        .record(
          text,
          z.strictObject({ qtyStep: decimalText, priceStep: decimalText, multiplier: decimalText }).partial(),
        )
        .default({}),
      feed: z.boolean().default(false),
    })
    .default({ mode: "net", instruments: {}, feed: false }),
  capabilities: capabilities.optional(),
  policy: policy.optional(),
  local: z
    .strictObject({
      orders: z.array(orderRow),
      fills: z.array(fillRow),
      positions: z.array(positionRow),
      balances: z.array(balanceRow),
    })
    .partial()
    .default({}),
  mirrors: z
    .array(
      z.strictObject({
        name: text,
        rows: z.array(mirrorRow),
        scope: text.optional(),
        add: z.boolean().optional(),
        demandsVenueReference: z.boolean().optional(),
      }),
    )
    .default([]),
  venue: venue.default({}),
  steps: z.array(step).default([{ pass: { force: true } }]),
  expect: z
    .strictObject({
      positions: expectedRows,
      orders: expectedRows,
      balances: expectedRows,
      fills: expectedRows,
      history: expectedRows,
      mirrors: z.array(z.strictObject({ name: text, rows: expectedRows })),
      discrepancies: expectedRows,
      changes: z.int(),
      summary: z.union([z.record(text, z.unknown()), z.array(z.record(text, z.unknown()))]),
      gate: z.enum(GATE_STATES),
      alerts: z.array(text),
      submitted: z.int(),
      exits: expectedRows,
      feed: z.array(text),
      flattened: z.boolean(),
    })
    .partial(),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type ScenarioStep = Scenario["steps"][number];
export type ScenarioOrder = z.output<typeof orderRow>;
export type ScenarioFill = z.output<typeof fillRow>;
export type ScenarioPosition = z.output<typeof positionRow>;
export type ScenarioVenue = z.output<typeof venue>;
