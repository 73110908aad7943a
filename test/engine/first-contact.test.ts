// First contact with an account that trades at that moment: reads lag behind fills, the history lags behind both, the
// stream comes when it likes. What was held before and the fills that happened make up the venue's quantity, cost and
// result in the end, and nothing that was estimated on the way is left.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  abs,
  CAPABILITIES_DEFAULT,
  type Capabilities,
  type Decimal,
  decimal,
  type FillRow,
  fromInteger,
  type Instrument,
  isZero,
  multiply,
  POLICY_DEFAULT,
  type PositionRow,
  positionKey,
} from "../../src/core/index.ts";
import { averagePrice } from "../../src/core/ledger/holding.ts";
import { emptyLedger, insertEntry, type Ledger } from "../../src/core/ledger/ledger.ts";
import { LINEAR } from "../../src/core/ledger/worth.ts";
import { Session } from "../../src/engine/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import { SILENT } from "../../src/runtime/index.ts";
import { VirtualRuntime } from "../../src/sim/index.ts";
import type { History, Snapshot, StreamEvent, StreamHandle, Venue } from "../../src/venues/index.ts";

const START_MS = Date.UTC(2026, 0, 5, 15);
const LAG_MS = 5_000;
/** A late fill turns up in the history within this: before what is missing is estimated. */
const HISTORY_LAG_MS = 5_000;
const KEY = positionKey("X", "net");
/** Enough for every lag, grace and confirmation. */
const REST_MS = 150_000;

interface Trade {
  /** From the first read on. */
  readonly atMs: number;
  readonly qty: number;
  readonly price: number;
  /** Undefined where the stream does not tell it. */
  readonly toldAfterMs: number | undefined;
}

interface Read {
  /** What the positions and the history lack at a read. */
  readonly lagMs: number;
  readonly historyLagMs: number;
  readonly beforeMs: number;
  readonly afterMs: number;
}

interface Account {
  /** Held before the history begins, at 100. */
  readonly held: number;
  readonly trades: readonly Trade[];
  /** One after the other, the last one for ever. */
  readonly reads: readonly Read[];
}

const CALM: Read = { lagMs: 0, historyLagMs: 0, beforeMs: 0, afterMs: 0 };

/** Shows at each read what it is told to lack, in the order of time: never a later trade without an earlier one. */
class LaggingVenue implements Venue {
  readonly name = "lagging";
  readonly capabilities: Capabilities = {
    ...CAPABILITIES_DEFAULT,
    readAfterFillLagMs: LAG_MS,
    fills: { lateArrivalMs: 60_000, revisable: false },
  };
  private readonly account: Account;
  private readonly runtime: VirtualRuntime;
  private count = 0;
  private read = CALM;

  constructor(account: Account, runtime: VirtualRuntime) {
    this.account = account;
    this.runtime = runtime;
  }

  instrument(): Instrument | undefined {
    return undefined;
  }

  async snapshot(): Promise<Snapshot> {
    this.read = this.account.reads[this.count] ?? CALM;
    this.count += 1;
    await this.pass(this.read.beforeMs);
    const ledger = ledgerOf(this.account, this.runtime.clock.nowMs() - this.read.lagMs);
    await this.pass(this.read.afterMs);
    const { qty } = ledger.holding;
    const entryPrice = averagePrice(ledger.holding, "linear");
    const other: PositionRow = { instrument: "K", leg: "net", qty: decimal("1"), entryPrice: decimal("9") };
    const row = { instrument: "X", leg: "net", qty, ...(entryPrice !== null && { entryPrice }) } as const;
    return { positions: { quality: "complete", rows: isZero(qty) ? [other] : [other, row] } };
  }

  async history(fromMs: number): Promise<History> {
    const toMs = this.runtime.clock.nowMs();
    const rows = fillsOf(this.account)
      .filter(({ timestamp }) => timestamp >= fromMs && timestamp <= toMs - this.read.historyLagMs)
      .map(({ toldAfterMs: _, ...row }) => row);
    return { fills: { quality: "complete", rows, coverage: { fromMs, toMs } } };
  }

  async stream(listener: (event: StreamEvent) => void): Promise<StreamHandle> {
    for (const { toldAfterMs, ...fill } of fillsOf(this.account)) {
      const inMs = fill.timestamp + (toldAfterMs ?? 0) - this.runtime.clock.nowMs();
      if (toldAfterMs === undefined || inMs < 0) continue;
      this.runtime.timers.after(inMs, () => listener({ kind: "fill", fill }));
    }
    return { close: async () => undefined };
  }

  private pass(ms: number): Promise<void> {
    return ms === 0 ? Promise.resolve() : new Promise((resolve) => this.runtime.timers.after(ms, resolve));
  }
}

function fillsOf({ trades }: Account): (FillRow & { readonly toldAfterMs: number | undefined })[] {
  return trades
    .map(({ atMs, qty, price, toldAfterMs }, index) => ({
      instrument: "X",
      tradeId: `T-${index}`,
      venueOrderId: `V-${index}`,
      side: qty > 0 ? ("buy" as const) : ("sell" as const),
      qty: fromInteger(Math.abs(qty)),
      price: fromInteger(price),
      timestamp: START_MS + atMs,
      venueSeq: index,
      toldAfterMs,
    }))
    .sort((a, b) => a.timestamp - b.timestamp || a.venueSeq - b.venueSeq);
}

/** What really happened until then. */
function ledgerOf(account: Account, untilMs: number, heldAt: Decimal | null = decimal("100")): Ledger {
  const ledger = emptyLedger(LINEAR);
  const enter = (id: string, timestamp: number, venueSeq: number, qtyDelta: Decimal, price: Decimal | null) =>
    insertEntry(ledger, {
      id,
      source: "fill",
      timestamp,
      venueSeq,
      qtyDelta,
      value: price === null ? null : multiply(abs(qtyDelta), price),
      price,
      strategy: "unattributed",
      isEstimate: false,
      cause: null,
      orderKey: null,
    });
  if (account.held !== 0) enter("held", 0, 0, fromInteger(account.held), heldAt);
  for (const { tradeId = "", side, qty, price, timestamp, venueSeq = 0 } of fillsOf(account)) {
    if (timestamp > untilMs) continue;
    const delta = side === "buy" ? qty : (`-${qty}` as Decimal);
    enter(tradeId, timestamp, venueSeq, delta, price ?? decimal("0"));
  }
  return ledger;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function lived(account: Account): Promise<Session> {
  const runtime = new VirtualRuntime(START_MS);
  const session = await Session.open({
    account: "test",
    journal: new MemoryJournal(),
    venue: new LaggingVenue(account, runtime),
    mirrors: [],
    policy: { ...POLICY_DEFAULT, intervalMs: 5_000, graceMs: 5_000 },
    positionMode: "net",
    runtime,
    log: SILENT,
  });
  const started = session.start({ bootPass: true, timers: true });
  await runtime.advance(REST_MS, settled);
  await started;
  assert.equal(session.stoppedBy, undefined);
  return session;
}

const trade = fc.record({
  atMs: fc.integer({ min: -12_000, max: 12_000 }),
  qty: fc.integer({ min: -3, max: 3 }).filter((qty) => qty !== 0),
  price: fc.integer({ min: 90, max: 110 }),
  toldAfterMs: fc.option(fc.integer({ min: 0, max: 8_000 }), { nil: undefined }),
});
const read = fc.record({
  lagMs: fc.integer({ min: 0, max: LAG_MS }),
  historyLagMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: HISTORY_LAG_MS })),
  beforeMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2_000 })),
  afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2_000 })),
});
const accounts: fc.Arbitrary<Account> = fc.record({
  held: fc.constantFrom(0, 0, 2, 5, -4),
  trades: fc.array(trade, { minLength: 1, maxLength: 4 }),
  reads: fc.array(read, { minLength: 1, maxLength: 6 }),
});

test("[R8] an account that trades at first contact ends as the venue's, without an estimate", async () => {
  await fc.assert(
    fc.asyncProperty(accounts, async (account) => {
      const { book } = await lived(account);
      const truth = ledgerOf(account, Number.MAX_SAFE_INTEGER);
      const ledger = book.ledgers.get(KEY);
      assert.equal(ledger?.holding.qty ?? "0", truth.holding.qty);
      const left = [...book.adjustments.values()].filter(({ facts }) => facts.instrument === "X");
      const opening = left.find(({ facts }) => facts.basis === "opening");
      assert.deepEqual(
        left.filter(({ facts, remaining }) => facts.basis !== "opening" && !isZero(remaining)),
        [],
      );
      assert.equal(opening?.remaining ?? "0", String(account.held));
      // What was held may have been closed before its price could be known.
      const told = ledgerOf(account, Number.MAX_SAFE_INTEGER, opening?.price ?? null);
      assert.equal(ledger ? ledger.holding.cost : "0", told.holding.cost);
      assert.equal(ledger?.realizedPnl ?? "0", told.realizedPnl);
      // Of fills that net to zero no quantity tells whether a read had them; the cost is flagged then (R7).
      const open = [...book.discrepancies.values()].map(({ kind }) => kind);
      assert.deepEqual(
        open.filter((kind) => kind !== "entry_price_mismatch"),
        [],
      );
    }),
    { numRuns: 100 },
  );
});
