// A small world for engine tests in which the venue says exactly what a test tells it to, ledger entries included:
// for what the paper account, always truthful and in time, never does.
import {
  type AccountPolicy,
  type BalanceRow,
  CAPABILITIES_DEFAULT,
  decimal,
  type FillRow,
  type Instrument,
  instrumentOf,
  type JournalRecord,
  type LedgerRow,
  POLICY_DEFAULT,
  type PositionRow,
  type Quality,
  toState,
} from "../../src/core/index.ts";
import { restoreBook, Session } from "../../src/engine/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import type { Mirror } from "../../src/mirrors/index.ts";
import { SILENT } from "../../src/runtime/index.ts";
import { VirtualRuntime } from "../../src/sim/index.ts";
import type { History, Snapshot } from "../../src/venues/index.ts";
import { ScriptedVenue } from "../../src/venues/scripted/index.ts";

export const START_MS = Date.UTC(2026, 0, 5, 15);

/** Cash is paid for X; 100 USD there at the beginning are what the tests count from. */
export const X: Instrument = instrumentOf("X", { quote: "USD", settlement: "cash" });

class ToldVenue extends ScriptedVenue {
  ledger: readonly LedgerRow[] = [];
  ledgerQuality: Quality = "complete";
  /** Runs once, in the middle of the next snapshot. */
  meanwhile: (() => Promise<void>) | undefined;
  readonly known = new Map<string, Instrument>([["X", X]]);

  override instrument(symbol: string): Instrument | undefined {
    return this.known.get(symbol);
  }

  override async snapshot(): Promise<Snapshot> {
    const { meanwhile } = this;
    this.meanwhile = undefined;
    await meanwhile?.();
    return super.snapshot();
  }

  override async history(fromMs: number): Promise<History> {
    const history = await super.history(fromMs);
    return { ...history, ledger: { quality: this.ledgerQuality, rows: this.ledger } };
  }
}

export class ToldWorld {
  readonly runtime = new VirtualRuntime(START_MS);
  readonly journal = new MemoryJournal();
  readonly venue = new ToldVenue(
    { positionLookups: new Map(), orderLookups: new Map() },
    CAPABILITIES_DEFAULT,
    new Map(),
  );
  readonly policy: AccountPolicy;
  mirrors: readonly Mirror[] = [];
  private current: Session | undefined;

  constructor(policy: Partial<AccountPolicy> = {}) {
    this.policy = { ...POLICY_DEFAULT, ...policy };
  }

  get session(): Session {
    if (!this.current) throw new Error("the world has no session yet");
    return this.current;
  }

  get nowMs(): number {
    return this.runtime.clock.nowMs();
  }

  async open(): Promise<Session> {
    this.current = await Session.open({
      account: "test",
      journal: this.journal,
      venue: this.venue,
      mirrors: this.mirrors,
      policy: this.policy,
      positionMode: "net",
      runtime: this.runtime,
      log: SILENT,
    });
    await this.current.start({ bootPass: true, timers: true });
    return this.current;
  }

  async advance(ms: number): Promise<void> {
    await this.runtime.advance(ms, () => this.session.whenIdle());
  }

  positions(...rows: readonly PositionRow[]): void {
    this.venue.report({ positions: { quality: "complete", rows } });
  }

  fills(...rows: readonly FillRow[]): void {
    this.venue.report({ fills: { quality: "complete", rows } });
  }

  balance(total: string, free?: string): void {
    const row: BalanceRow = {
      asset: "USD",
      total: decimal(total),
      ...(free !== undefined && { free: decimal(free) }),
    };
    this.venue.report({ balances: { quality: "complete", rows: [row] } });
  }

  records(): Promise<JournalRecord[]> {
    return this.journal.read("test", 0, Number.MAX_SAFE_INTEGER);
  }

  /** Differences that a person was told of, with their cause and how they ended. */
  async closed(): Promise<unknown[]> {
    return (await this.records()).flatMap((record) =>
      record.kind === "discrepancy_closed"
        ? [[record.payload.kind, record.payload.cause, record.payload.resolution]]
        : [],
    );
  }

  /** Whether the book in memory is what a fold of the journal, from the start, makes of it. */
  async isWhatIsFolded(): Promise<boolean> {
    const folded = toState(await restoreBook(this.journal, "test"));
    return JSON.stringify(folded) === JSON.stringify(toState(this.session.book));
  }
}

export function position(instrument: string, qty: string, entryPrice?: string): PositionRow {
  return {
    instrument,
    leg: "net",
    qty: decimal(qty),
    ...(entryPrice !== undefined && { entryPrice: decimal(entryPrice) }),
  };
}

export function bought(instrument: string, tradeId: string, qty: string, price: string, timestamp: number) {
  return {
    instrument,
    tradeId,
    venueOrderId: `V-${tradeId}`,
    side: "buy",
    qty: decimal(qty),
    price: decimal(price),
    timestamp,
  } as const satisfies FillRow;
}
