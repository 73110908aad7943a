// The venue of a simulated run: a paper account is the truth, the referee, and what is said of it may be late, partial,
// doubled or wrong in every way that the fault plan draws, but never beyond what its capabilities declare.
import {
  CAPABILITIES_DEFAULT,
  type Capabilities,
  type Instrument,
  instrumentOf,
  type Leg,
  type OrderLookup,
  type OrderRow,
  type PositionLookup,
  type PositionRow,
} from "../../core/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  type AmendCommand,
  type CancelCommand,
  type CommandOutcome,
  type History,
  type OrderQuery,
  type Snapshot,
  type StreamEvent,
  type StreamHandle,
  type SubmitCommand,
  unavailable,
  type Venue,
} from "../../venues/index.ts";
import type { PaperAccount, PaperEvent } from "../../venues/paper/index.ts";
import type { FaultPlan } from "./faults.ts";
import type { SeededRandom } from "./random.ts";

/** How long a command may be on its way at most; what the venue declares as its settle time is longer. In ms. */
const ON_ITS_WAY_MS_MAX = 8_000;
const RESET = "no answer: the connection was reset";

export interface Habits {
  /** How far behind the fills a list of positions may be. In ms. */
  readonly lagMs: number;
  /** How late a fill may turn up in the history. In ms. */
  readonly lateMs: number;
  /** Whether no fill is ever told. */
  readonly isBlind: boolean;
}

export class LyingVenue implements Venue {
  readonly name = "simulated";
  readonly capabilities: Capabilities;
  private readonly account: PaperAccount;
  private readonly runtime: Runtime;
  private readonly random: SeededRandom;
  private readonly faults: FaultPlan;
  private readonly habits: Habits;
  private listener: ((event: StreamEvent) => void) | undefined;
  /** Counts connections and processes: what belongs to an earlier one reaches nobody. */
  private connection = 0;
  private isSilent = false;
  private reads = 0;
  /** The positions after each fill. */
  private readonly past: { readonly atMs: number; readonly rows: readonly PositionRow[] }[] = [];

  constructor(
    account: PaperAccount,
    runtime: Runtime,
    random: SeededRandom,
    faults: FaultPlan,
    habits: Habits,
  ) {
    this.account = account;
    this.runtime = runtime;
    this.random = random;
    this.faults = faults;
    this.habits = habits;
    this.capabilities = {
      ...CAPABILITIES_DEFAULT,
      readAfterFillLagMs: habits.lagMs,
      settleMs: ON_ITS_WAY_MS_MAX + 2_000,
      fills: { lateArrivalMs: habits.lateMs + 60_000, revisable: false },
    };
  }

  /** To be called with what happens in the account. */
  publish(event: PaperEvent): void {
    if (event.kind === "fill")
      this.past.push({ atMs: this.account.nowMs(), rows: this.account.positionRows() });
    const message: StreamEvent = event.kind === "ledger" ? { kind: "wake", reason: "transfer" } : event;
    if (this.habits.isBlind && event.kind === "fill") return;
    if (!this.listener || this.isSilent || this.faults.strikes("stream_lost")) return;
    if (this.faults.strikes("stream_cut")) this.cut();
    else if (this.faults.strikes("stream_late")) this.later(this.random.int(100, 5_000), message);
    else {
      this.tell(message);
      if (this.faults.strikes("stream_doubled")) this.later(this.random.int(0, 2_000), message);
    }
  }

  /** The process on the other side is gone. */
  disconnect(): void {
    this.connection += 1;
    this.listener = undefined;
  }

  instrument(symbol: string): Instrument {
    return instrumentOf(symbol, { base: null, quote: this.account.state.currency, settlement: "cash" });
  }

  async snapshot(): Promise<Snapshot> {
    await this.takeTime();
    if (this.faults.strikes("read_down")) {
      const down = unavailable("the simulated venue does not answer");
      return { positions: down, orders: down, balances: down };
    }
    const { accountId, currency, cash, orders } = this.account.state;
    const open = orders.filter(({ status }) => status === "open" || status === "partially_filled");
    return {
      venueAccountId: this.isOther() ? `${accountId}-other` : accountId,
      positions: this.positions(),
      orders: { quality: "complete", rows: this.faults.strikes("orders_missing") ? open.slice(1) : open },
      balances: { quality: "complete", rows: [{ asset: currency, total: cash }] },
    };
  }

  /** Never at first contact: whoever answers then is the account. */
  private isOther(): boolean {
    this.reads += 1;
    return this.reads > 1 && this.faults.strikes("other_account");
  }

  private positions(): NonNullable<Snapshot["positions"]> {
    const rows = this.faults.strikes("positions_lag") ? this.earlierRows() : this.account.positionRows();
    if (this.faults.strikes("positions_empty")) return { quality: "complete", rows: [] };
    if (this.faults.strikes("positions_partial")) {
      return { quality: "partial", rows: rows.slice(1), problem: "a page is missing" };
    }
    return { quality: "complete", rows };
  }

  /** The positions as they were a moment ago, within the declared lag. */
  private earlierRows(): readonly PositionRow[] {
    const atMs = this.account.nowMs() - this.random.int(0, this.habits.lagMs);
    return this.past.findLast((one) => one.atMs <= atMs)?.rows ?? [];
  }

  async history(fromMs: number): Promise<History> {
    await this.takeTime();
    const { fills, ledger } = this.account.state;
    const nowMs = this.account.nowMs();
    if (this.faults.strikes("fills_down"))
      return { fills: unavailable("no history"), ledger: unavailable("no history") };
    const untilMs = this.faults.strikes("fills_late")
      ? nowMs - this.random.int(0, this.habits.lateMs)
      : nowMs;
    const coverage = { fromMs, toMs: nowMs };
    const told = this.habits.isBlind ? [] : fills;
    const within = ({ timestamp }: { timestamp: number }) => timestamp >= fromMs && timestamp <= untilMs;
    return {
      fills: { quality: "complete", rows: told.filter(within), coverage },
      ledger: { quality: "complete", rows: ledger.filter(within), coverage },
    };
  }

  async position(instrument: string, _leg: Leg): Promise<PositionLookup> {
    await this.takeTime();
    if (this.faults.strikes("read_down")) return { kind: "unknown", problem: "no answer" };
    const row = this.account.positionRows().find((one: PositionRow) => one.instrument === instrument);
    return row ? { kind: "row", row } : { kind: "none" };
  }

  async order({ venueOrderId, clientOrderId }: OrderQuery): Promise<OrderLookup> {
    await this.takeTime();
    if (this.faults.strikes("read_down")) return { kind: "unknown", problem: "no answer" };
    const row: OrderRow | undefined = this.account.find({
      ...(venueOrderId !== undefined && { venueOrderId }),
      ...(clientOrderId !== undefined && { clientOrderId }),
    });
    return row ? { kind: "row", row } : { kind: "none" };
  }

  async stream(listener: (event: StreamEvent) => void): Promise<StreamHandle> {
    this.connection += 1;
    const { connection } = this;
    this.listener = listener;
    this.isSilent = false;
    this.tell({ kind: "live" });
    return {
      close: async () => {
        if (this.connection === connection) this.listener = undefined;
      },
    };
  }

  async submit({ qty, ...command }: SubmitCommand): Promise<CommandOutcome> {
    if (qty === undefined) return { kind: "rejected", sent: true, reason: "give a quantity" };
    const carryOut = () => this.account.submit({ ...command, qty });
    if (this.faults.strikes("request_lost")) return this.silence();
    if (this.faults.strikes("request_late")) {
      this.runtime.timers.after(this.random.int(0, ON_ITS_WAY_MS_MAX), carryOut);
      return this.silence();
    }
    await this.takeTime();
    const outcome = carryOut();
    return this.faults.strikes("answer_lost") ? this.silence() : outcome;
  }

  async cancel(command: CancelCommand): Promise<CommandOutcome> {
    await this.takeTime();
    if (this.faults.strikes("cancel_lost")) {
      if (this.random.chance(0.5)) this.account.cancel(command);
      return { kind: "unknown", reason: RESET };
    }
    return this.account.cancel(command);
  }

  async amend(command: AmendCommand): Promise<CommandOutcome> {
    await this.takeTime();
    if (this.faults.strikes("request_lost")) return { kind: "unknown", reason: RESET };
    const outcome = this.account.amend(command);
    return this.faults.strikes("answer_lost") ? { kind: "unknown", reason: RESET } : outcome;
  }

  /** An answer that does not come: now, after a while, or never. */
  private async silence(): Promise<CommandOutcome> {
    await this.pause(this.random.int(0, 20_000));
    return { kind: "unknown", reason: RESET };
  }

  private async takeTime(): Promise<void> {
    if (this.faults.strikes("read_slow")) await this.pause(this.random.int(100, 5_000));
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.runtime.timers.after(ms, resolve);
    });
  }

  private later(ms: number, message: StreamEvent): void {
    const { connection } = this;
    this.runtime.timers.after(ms, () => {
      if (this.connection === connection) this.tell(message);
    });
  }

  /** Nothing is told until the stream stands again; then that something may have been lost. */
  private cut(): void {
    const { connection } = this;
    this.isSilent = true;
    this.runtime.timers.after(this.random.int(500, 20_000), () => {
      if (this.connection !== connection) return;
      this.isSilent = false;
      this.tell({ kind: "gap", reason: "the stream was cut" });
      this.tell({ kind: "live" });
    });
  }

  private tell(message: StreamEvent): void {
    this.listener?.(message);
  }
}
