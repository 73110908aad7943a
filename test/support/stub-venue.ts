// A venue whose answers a test sets field by field, and an account on it that may lose power at any record: for
// attacks on the account's money, where an answer is wrong, late, missing or from somebody else.
import { setImmediate } from "node:timers/promises";
import {
  type AccountPolicy,
  type BalanceRow,
  CAPABILITIES_DEFAULT,
  type Capabilities,
  decimal,
  type FillRow,
  type HistorySection,
  type Instrument,
  type JournalRecord,
  type LedgerRow,
  type Leg,
  type OrderLookup,
  type OrderRow,
  POLICY_DEFAULT,
  type PositionLookup,
  type PositionRow,
  positionKey,
  positionView,
  type Section,
  type Side,
  type Totals,
} from "../../src/core/index.ts";
import { type KillLatch, type PassReport, Session } from "../../src/engine/index.ts";
import type { AppendRequest, AppendResult } from "../../src/journal/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import type { Mirror } from "../../src/mirrors/index.ts";
import { SILENT } from "../../src/runtime/index.ts";
import { VirtualRuntime } from "../../src/sim/index.ts";
import type {
  CancelAllCommand,
  CancelCommand,
  CommandOutcome,
  History,
  OrderQuery,
  Snapshot,
  StreamEvent,
  StreamHandle,
  Venue,
} from "../../src/venues/index.ts";

export const START_MS = Date.UTC(2026, 0, 5, 15);

/** An answer that never comes. */
export function never<T>(): Promise<T> {
  return Promise.withResolvers<T>().promise;
}

export class StubVenue implements Venue {
  readonly name = "stub";
  readonly capabilities: Capabilities;
  /** Sections of the answers; an undefined one is left out of them. History leaves out what is before its window. */
  positions: readonly PositionRow[] | undefined = [];
  orders: readonly OrderRow[] | undefined = [];
  balances: readonly BalanceRow[] | undefined;
  fills: readonly FillRow[] | undefined = [];
  ledger: readonly LedgerRow[] | undefined;
  totals: Totals | undefined;
  venueAccountId: string | undefined;
  /** What a single look-up answers, by instrument; none is "unknown". */
  readonly lookups = new Map<string, PositionLookup>();
  /** What happens before an answer is given; it may take as long as it likes. */
  beforeSnapshot: () => Promise<void> = async () => undefined;
  beforeLookup: (instrument: string) => Promise<void> = async () => undefined;
  beforeStream: () => Promise<void> = async () => undefined;
  beforeOrder: () => Promise<void> = async () => undefined;
  /** What a cancel comes to. */
  outcome: () => Promise<CommandOutcome> = async () => ({ kind: "accepted" });
  /** What was asked of it. */
  readonly canceled: string[] = [];
  /** Instruments whose orders were cancelled by one call; empty for the whole account. */
  readonly canceledAll: string[] = [];
  outcomeOfAll: () => Promise<CommandOutcome> = async () => ({ kind: "accepted" });
  readonly lookedUp: string[] = [];
  readonly historyFrom: number[] = [];
  /** Absent where the capabilities say that the adapter cannot command. */
  readonly cancel?: (command: CancelCommand) => Promise<CommandOutcome>;
  readonly cancelAll?: (command: CancelAllCommand) => Promise<CommandOutcome>;
  private readonly nowMs: () => number;
  private listener: ((event: StreamEvent) => void) | undefined;

  constructor(nowMs: () => number, capabilities: Partial<Capabilities>) {
    this.nowMs = nowMs;
    this.capabilities = { ...CAPABILITIES_DEFAULT, ...capabilities };
    if (this.capabilities.commands.cancel) this.cancel = (command) => this.noteCancel(command);
    if (this.capabilities.commands.cancelAll !== "none") {
      this.cancelAll = ({ instrument = "" }) => {
        this.canceledAll.push(instrument);
        return this.outcomeOfAll();
      };
    }
  }

  emit(event: StreamEvent): void {
    this.listener?.(event);
  }

  instrument(_symbol: string): Instrument | undefined {
    return undefined;
  }

  async snapshot(): Promise<Snapshot> {
    await this.beforeSnapshot();
    const { positions, orders, balances, totals, venueAccountId } = this;
    return {
      ...(venueAccountId !== undefined && { venueAccountId }),
      ...(positions && { positions: complete(positions) }),
      ...(orders && { orders: complete(orders) }),
      ...(balances && { balances: complete(balances) }),
      ...(totals && { totals }),
    };
  }

  async history(fromMs: number): Promise<History> {
    this.historyFrom.push(fromMs);
    const { fills, ledger } = this;
    return {
      ...(fills && { fills: this.since(fills, fromMs) }),
      ...(ledger && { ledger: this.since(ledger, fromMs) }),
    };
  }

  async position(instrument: string, _leg: Leg): Promise<PositionLookup> {
    this.lookedUp.push(instrument);
    await this.beforeLookup(instrument);
    return this.lookups.get(instrument) ?? { kind: "unknown", problem: "no answer is set" };
  }

  async order({ instrument, venueOrderId }: OrderQuery): Promise<OrderLookup> {
    this.lookedUp.push(`${instrument} ${venueOrderId ?? ""}`);
    await this.beforeOrder();
    return { kind: "unknown", problem: "no answer is set" };
  }

  async stream(listener: (event: StreamEvent) => void): Promise<StreamHandle> {
    await this.beforeStream();
    this.listener = listener;
    listener({ kind: "live" });
    return { close: async () => this.disconnect() };
  }

  disconnect(): void {
    this.listener = undefined;
  }

  private async noteCancel({ venueOrderId }: CancelCommand): Promise<CommandOutcome> {
    this.canceled.push(venueOrderId ?? "");
    return this.outcome();
  }

  private since<Row extends { readonly timestamp: number }>(
    rows: readonly Row[],
    fromMs: number,
  ): HistorySection<Row> {
    const { retentionMs } = this.capabilities.fills;
    const toldFromMs = Math.max(fromMs, retentionMs === undefined ? 0 : this.nowMs() - retentionMs);
    const known = rows.filter(({ timestamp }) => timestamp >= toldFromMs);
    return { ...complete(known), coverage: { fromMs: toldFromMs, toMs: this.nowMs() } };
  }
}

/** A journal that loses power: once a record of this kind is durable, nothing else ever becomes so. */
class FragileJournal extends MemoryJournal {
  diesAfter: JournalRecord["kind"] | undefined;
  /** A disk that takes its time: every write waits for this. */
  slowness: Promise<void> = Promise.resolve();
  private isDead = false;

  override async append(request: AppendRequest): Promise<AppendResult> {
    await this.slowness;
    if (this.isDead) throw new Error("the power is gone");
    const result = await super.append(request);
    this.isDead = request.entries.some(({ draft }) => draft.kind === this.diesAfter);
    return result;
  }

  revive(): void {
    this.diesAfter = undefined;
    this.isDead = false;
  }
}

export interface StubOptions {
  readonly capabilities?: Partial<Capabilities>;
  readonly policy?: Partial<AccountPolicy>;
  readonly positionMode?: "net" | "hedge";
}

export class StubWorld {
  readonly runtime = new VirtualRuntime(START_MS);
  readonly journal = new FragileJournal();
  readonly venue: StubVenue;
  readonly reports: PassReport[] = [];
  mirrors: readonly Mirror[] = [];
  /** A kill that was asked for while nothing ran. */
  latch: KillLatch | null = null;
  private readonly policy: AccountPolicy;
  private readonly positionMode: "net" | "hedge";
  private current: Session | undefined;

  constructor({ capabilities = {}, policy = {}, positionMode = "net" }: StubOptions = {}) {
    this.venue = new StubVenue(() => this.nowMs, capabilities);
    this.policy = { ...POLICY_DEFAULT, ...policy };
    this.positionMode = positionMode;
  }

  get session(): Session {
    if (!this.current) throw new Error("the world has no session yet");
    return this.current;
  }

  get nowMs(): number {
    return this.runtime.clock.nowMs();
  }

  async open(bootPass = true): Promise<Session> {
    this.current = await Session.open({
      account: "test",
      journal: this.journal,
      venue: this.venue,
      mirrors: this.mirrors,
      policy: this.policy,
      positionMode: this.positionMode,
      runtime: this.runtime,
      log: SILENT,
      latch: this.latch,
      onPass: (report) => this.reports.push(report),
    });
    await this.current.start({ bootPass, timers: true });
    return this.current;
  }

  /** The process dies without a word, and comes back. */
  async restart(bootPass = true): Promise<Session> {
    this.die();
    return this.open(bootPass);
  }

  die(): void {
    this.runtime.clear();
    this.venue.disconnect();
    this.journal.revive();
  }

  /** Lets time pass, every pass to its end. */
  async advance(ms: number): Promise<void> {
    await this.runtime.advance(ms, () => this.session.whenIdle());
  }

  /** Lets time pass while something hangs: what can go on does, nothing is waited for. */
  async elapse(ms: number): Promise<void> {
    await this.runtime.advance(ms, settled);
  }

  records(): Promise<JournalRecord[]> {
    return this.journal.read("test", 0, Number.MAX_SAFE_INTEGER);
  }

  async alerts(): Promise<string[]> {
    return (await this.records()).flatMap((one) => (one.kind === "alert_raised" ? [one.payload.kind] : []));
  }

  qty(instrument: string, leg: Leg = "net"): string | undefined {
    return positionView(this.session.book, positionKey(instrument, leg))?.qty;
  }

  /** What holds the account's gate, each as `code state`. */
  holds(): string[] {
    return this.session.book.gate.account.map(({ code, state }) => `${code} ${state}`);
  }

  /** Discrepancies that are open, each as `kind code`. */
  openMatters(): string[] {
    return [...this.session.book.discrepancies.values()].map(({ kind, code }) => `${kind} ${code ?? "-"}`);
  }
}

/** Everything that can go on without time has gone on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
}

export function held(instrument: string, qty: string, entryPrice?: string, leg: Leg = "net"): PositionRow {
  return {
    instrument,
    leg,
    qty: decimal(qty),
    ...(entryPrice !== undefined && { entryPrice: decimal(entryPrice) }),
  };
}

export function fill(
  instrument: string,
  tradeId: string,
  side: Side,
  qty: string,
  price: string,
  timestamp: number,
): FillRow {
  const venueOrderId = `V-${tradeId}`;
  return { instrument, tradeId, venueOrderId, side, qty: decimal(qty), price: decimal(price), timestamp };
}

/** An order to buy that rests in the venue's book. */
export function resting(venueOrderId: string, instrument = "X"): OrderRow {
  return {
    instrument,
    venueOrderId,
    side: "buy",
    type: "limit",
    qty: decimal("10"),
    price: decimal("9"),
    status: "open",
  };
}

function complete<Row>(rows: readonly Row[]): Section<Row> {
  return { quality: "complete", rows };
}
