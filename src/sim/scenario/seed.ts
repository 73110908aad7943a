// What the journal knows before a scenario's first step: orders, fills, the positions that the file states
// (whatever the fills say) and balances, as the records that would have said so.
import {
  add,
  type Decimal,
  type Draft,
  deriveId,
  draft,
  filledQty,
  type Instrument,
  instrumentOf,
  isZero,
  type OrderRow,
  orderKeyOfClientId,
  orderKeyOfVenueId,
  POLICY_DEFAULT,
  parseDecimal,
  positionKey,
  positionView,
  sign,
  subtract,
  sum,
  UNATTRIBUTED,
  ZERO,
} from "../../core/index.ts";
import { type AccountWriter, ingestFills } from "../../engine/index.ts";
import { fillRow, orderRow, positionRow } from "./rows.ts";
import type { Scenario, ScenarioPosition } from "./schema.ts";

const SEED = "seed";

export async function seed(
  scenario: Scenario,
  writer: AccountWriter,
  instruments: ReadonlyMap<string, Instrument>,
  startMs: number,
  fillsMs: number,
): Promise<void> {
  const { local, account } = scenario;
  const { book } = writer;
  const symbols = new Set([
    ...instruments.keys(),
    ...(local.orders ?? []).map((row) => row.instrument),
    ...(local.positions ?? []).map((row) => row.instrument),
  ]);
  for (const symbol of symbols) {
    writer.stage([
      draft("instrument_observed", { instrument: instruments.get(symbol) ?? instrumentOf(symbol) }, SEED),
    ]);
  }
  for (const row of local.orders ?? []) writer.stage([orderDraft(orderRow(row))]);
  ingestFills(
    (local.fills ?? []).map((row, index) => fillRow(row, index, fillsMs)),
    {
      writer,
      policy: { ...POLICY_DEFAULT, mode: "executor" },
      positionMode: account.mode,
      lagMs: 0,
      source: "seed",
      nowMs: startMs,
      causeId: SEED,
      instrument: (symbol) => instruments.get(symbol),
    },
  );
  for (const row of local.orders ?? []) stageUnbacked(writer, orderRow(row));
  for (const row of local.positions ?? []) stagePosition(writer, row, account.mode, startMs);
  for (const { asset, total, free } of local.balances ?? []) {
    const id = deriveId("adj", [book.account, SEED, asset]);
    const stated = { totalBefore: null, totalAfter: total, freeAfter: free ?? null, asOfMs: startMs };
    const facts = {
      subject: "balance" as const,
      adjustmentId: id,
      asset,
      ...stated,
      isWitnessed: false,
      cause: null,
    };
    writer.stage([draft("adjustment_inferred", facts, SEED)]);
  }
  writer.stage([draft("account_anchored", { anchor: { asOfMs: startMs, isWitnessed: false } }, SEED)]);
  await writer.flush();
}

function orderDraft(row: OrderRow): Draft {
  const { instrument, avgPrice: _, avgPriceScale: __, filledQty: ___, ...fields } = row;
  const change = { ...fields, isOurs: true };
  return draft("order_state_observed", { orderKey: keyOf(row), instrument, change, source: SEED }, SEED);
}

function keyOf(row: OrderRow) {
  return row.venueOrderId === undefined
    ? orderKeyOfClientId(row.instrument, row.clientOrderId ?? "")
    : orderKeyOfVenueId(row.instrument, row.venueOrderId);
}

/** What an order has filled beyond its fills is a fact without effect on positions. */
function stageUnbacked(writer: AccountWriter, row: OrderRow): void {
  const orderKey = keyOf(row);
  const order = writer.book.orders.get(orderKey);
  if (!order || row.filledQty === undefined) return;
  const unbackedQty = subtract(row.filledQty, filledQty(order));
  if (sign(unbackedQty) <= 0) return;
  const { instrument } = row;
  writer.stage([
    draft("order_state_observed", { orderKey, instrument, change: { unbackedQty }, source: SEED }, SEED),
  ]);
}

/** The position is what the file states: an opening makes up for what the fills do not say. */
function stagePosition(
  writer: AccountWriter,
  stated: ScenarioPosition,
  mode: Scenario["account"]["mode"],
  startMs: number,
): void {
  const { book } = writer;
  const row = positionRow(stated, mode);
  const key = positionKey(row.instrument, row.leg);
  const strategy = stated.strategy ?? UNATTRIBUTED;
  const ledger = book.ledgers.get(key);
  const already =
    stated.strategy === undefined ? (ledger?.holding.qty ?? ZERO) : (ledger?.lots.get(strategy)?.qty ?? ZERO);
  const others = stated.strategy === undefined ? ZERO : otherLots(ledger?.lots, strategy);
  const qtyDelta = subtract(row.qty, already);
  const { instrument, leg } = row;
  if (!isZero(qtyDelta)) {
    const price = parseDecimal(
      stated.entryPrice === undefined || stated.entryPrice === null ? "" : String(stated.entryPrice),
    );
    writer.stage([
      draft(
        "adjustment_inferred",
        {
          subject: "position",
          adjustmentId: deriveId("adj", [book.account, SEED, key, strategy]),
          basis: "opening",
          instrument,
          leg,
          qtyDelta,
          price: price ?? null,
          priceSource: price === undefined ? "none" : "venue_average",
          asOfMs: startMs,
          venueSeq: 0,
          qtyBefore: add(already, others),
          qtyAfter: add(row.qty, others),
          cause: null,
          strategy,
          orderKey: null,
          ...(stated.metadata && { metadata: stated.metadata }),
        },
        SEED,
      ),
    ]);
  } else if (stated.metadata && positionView(book, key)) {
    const entryId = ledger?.lives.at(-1)?.opener ?? "";
    writer.stage([
      draft("note_set", { instrument, leg, entryId, source: SEED, fields: stated.metadata }, SEED),
    ]);
  }
}

function otherLots(
  lots: ReadonlyMap<string, { readonly qty: Decimal }> | undefined,
  strategy: string,
): Decimal {
  return sum([...(lots ?? [])].flatMap(([name, lot]) => (name === strategy ? [] : [lot.qty])));
}
