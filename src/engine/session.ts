// One account at work: its book restored, its stream connected, its passes one after another. Timers, the stream
// and operators wake it; a wake during a pass means one more pass. Fills from the stream are journaled at once.
import type { AlertChannel } from "../alerts/index.ts";
import {
  type AccountPolicy,
  type Book,
  type Decimal,
  type Draft,
  draft,
  type FillRow,
  GATE_CLOSED_TEXT,
  type GateReason,
  type GateState,
  isActive,
  type Kill,
  type Order,
  type Payloads,
  stateOf,
} from "../core/index.ts";
import type { Journal } from "../journal/index.ts";
import type { Mirror } from "../mirrors/index.ts";
import type { Log, Runtime } from "../runtime/index.ts";
import type { CommandOutcome, StreamEvent, StreamHandle, Venue } from "../venues/index.ts";
import { restoreBook, saveCheckpoint } from "./boot.ts";
import { ingestFills } from "./ingest.ts";
import { narratePass, narrateRecord } from "./narrate.ts";
import { problemOf } from "./observe.ts";
import { newMemory, type PassMemory, quietDrafts, runPass } from "./pass.ts";
import type { PassReport } from "./report.ts";
import { AccountWriter } from "./writer.ts";

/** Quiet passes are written down at least this often. In ms. */
const QUIET_WRITTEN_MS = 3_600_000;
/** Records after which a checkpoint is made. */
const CHECKPOINT_EVERY = 10_000;
/** A stream that did not connect is tried again after this; it doubles up to the second. In ms. */
const RECONNECT_MS = { first: 1_000, most: 60_000 };

export interface SessionOptions {
  readonly account: string;
  readonly journal: Journal;
  readonly venue: Venue;
  readonly mirrors: readonly Mirror[];
  readonly policy: AccountPolicy;
  readonly positionMode: "net" | "hedge";
  readonly runtime: Runtime;
  readonly log: Log;
  readonly alerts?: readonly AlertChannel[];
  /** A kill that was asked for while nothing ran. */
  readonly latch?: Kill | null;
  readonly onPass?: (report: PassReport) => void;
  /** Called once when the account cannot go on. */
  readonly onFailure?: (error: Error) => void;
}

export interface StartOptions {
  /** Whether a pass runs before start() resolves; the gate stays closed until one has. */
  readonly bootPass: boolean;
  /** Whether passes run by themselves afterwards. */
  readonly timers: boolean;
}

export interface KillReport {
  readonly canceled: readonly { readonly order: string; readonly outcome: CommandOutcome }[];
  /** Orders that could add risk and that this venue's adapter cannot cancel. */
  readonly uncancelable: readonly string[];
}

/** What status commands show between two records: kept outside the chain. */
export interface TailState {
  readonly lastPassMs: number;
  readonly isLastComplete: boolean;
  readonly quiet: PassMemory["quiet"];
}

export class Session {
  private readonly options: SessionOptions;
  private readonly writer: AccountWriter;
  private readonly memory = newMemory();
  private readonly lastPrices = new Map<string, Decimal>();
  private running: Promise<PassReport> | undefined;
  /** Who asked for the next pass; undefined while nobody did. */
  private wokenBy: string | undefined;
  private cancelTimer: (() => void) | undefined;
  private cancelReconnect: (() => void) | undefined;
  private stream: StreamHandle | undefined;
  private liveSinceMs: number | null = null;
  private isStopping = false;
  private isFailed = false;
  private withTimers = false;
  private checkpointSeq: number;
  private lastReport: PassReport | undefined;

  private constructor(options: SessionOptions, book: Book) {
    this.options = options;
    this.writer = new AccountWriter(book, options.journal, options.runtime.clock);
    this.checkpointSeq = book.seq;
    this.writer.onRecord((record) => {
      narrateRecord(options.log, record);
      if (record.kind === "alert_raised") this.tell(record.tsMs, record.payload);
    });
  }

  /** Restores the account from its journal. Nothing runs before start(). */
  static async open(options: SessionOptions): Promise<Session> {
    const book = await restoreBook(options.journal, options.account);
    const session = new Session(options, book);
    await session.restoreQuiet();
    return session;
  }

  get book(): Book {
    return this.writer.book;
  }

  get name(): string {
    return this.options.account;
  }

  get policy(): AccountPolicy {
    return this.options.policy;
  }

  get report(): PassReport | undefined {
    return this.lastReport;
  }

  get isStreamLive(): boolean {
    return this.liveSinceMs !== null;
  }

  async start({ bootPass, timers }: StartOptions): Promise<void> {
    const { latch, log, account, venue } = this.options;
    this.withTimers = timers;
    if (latch && !this.book.kill) this.writer.stage([this.killDraft(latch)]);
    this.closeAtBoot();
    await this.writer.flush();
    log.event(
      "info",
      "account.started",
      { account, venue: venue.name, seq: this.book.seq },
      `${account} is restored`,
    );
    // The stream is connected first, so that nothing happens unseen between it and the snapshot.
    await this.connect();
    if (bootPass) await this.pass("boot", false);
    else this.arm();
  }

  /** Runs a pass; one at a time. A forced one waits for the one that runs, then runs. */
  async pass(trigger: string, isForced: boolean): Promise<PassReport> {
    while (this.running) await this.running.catch(() => undefined);
    if (this.isFailed) throw new Error(`account ${this.name} has stopped; see its log`);
    const run = this.runOnce(trigger, isForced);
    this.running = run;
    try {
      return await run;
    } finally {
      this.running = undefined;
      this.arm();
    }
  }

  /** Asks for a pass soon. */
  wake(trigger: string): void {
    if (this.isStopping || this.isFailed) return;
    this.wokenBy ??= trigger;
    if (!this.running) this.arm();
  }

  /** Resolves when no pass is running and everything entered is durable. */
  async whenIdle(): Promise<void> {
    while (this.running) await this.running.catch(() => undefined);
    if (!this.isFailed) await this.writer.flush();
  }

  async kill(reason: string, by: string, isAll: boolean): Promise<KillReport> {
    this.writer.stage([this.killDraft({ reason, by, atMs: this.nowMs() })]);
    this.holdAccount({ code: "kill", state: "killed", text: `killed by ${by}: ${reason}` }, by);
    this.writer.stage([alert("killed", `killed by ${by}: ${reason}`, by)]);
    await this.writer.flush();
    const report = await this.cancelRisk(isAll);
    this.wake("kill");
    return report;
  }

  async resume(reason: string, by: string): Promise<void> {
    this.writer.stage([draft("kill_released", { reason, by }, `by:${by}`)]);
    const text = "released from kill; a clean pass opens it";
    this.holdAccount({ code: "boot", state: "reduce_only", text }, by, "kill");
    this.memory.hasCompletePass = false;
    await this.writer.flush();
    this.wake("resume");
  }

  /** Sets or (with `open`) releases what a person holds: the account, or one instrument. */
  async setGate(state: GateState, instrument: string | null, reason: string, by: string): Promise<void> {
    const before =
      instrument === null ? this.book.gate.account : (this.book.gate.instruments[instrument] ?? []);
    const kept = before.filter(({ code }) => !["operator", "forced_trade", "wrong_account"].includes(code));
    const held: GateReason[] =
      state === "open" || state === "killed"
        ? []
        : [
            {
              code: "operator",
              state,
              text: `${by}: ${reason}`,
              evidence: [],
              sinceMs: this.nowMs(),
              deadlineMs: null,
            },
          ];
    const scope =
      instrument === null ? ({ type: "account" } as const) : ({ type: "instrument", instrument } as const);
    const reasons = [...kept, ...held];
    this.writer.stage([
      draft("gate_changed", { scope, from: stateOf(before), to: stateOf(reasons), reasons }, `by:${by}`),
    ]);
    await this.writer.flush();
  }

  /** A price from outside: what R7 calls the last price. */
  price(instrument: string, last: Decimal): void {
    this.lastPrices.set(instrument, last);
  }

  /** Ends cleanly: no new pass, the running one finishes, everything is durable. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.cancelTimer?.();
    this.cancelReconnect?.();
    await this.stream?.close().catch(() => undefined);
    while (this.running) await this.running.catch(() => undefined);
    if (this.isFailed) return;
    this.writer.stage(quietDrafts(this.memory));
    await this.writer.flush();
    await this.saveTail();
    await saveCheckpoint(this.options.journal, this.book, this.nowMs());
  }

  private async runOnce(trigger: string, isForced: boolean): Promise<PassReport> {
    const { log, account, onPass } = this.options;
    try {
      const report = await runPass({
        writer: this.writer,
        venue: this.options.venue,
        mirrors: this.options.mirrors,
        runtime: this.options.runtime,
        policy: this.options.policy,
        positionMode: this.options.positionMode,
        trigger,
        isForced,
        lastPrices: this.lastPrices,
        liveSinceMs: this.liveSinceMs,
        memory: this.memory,
      });
      this.lastReport = report;
      narratePass(log, report);
      await this.writeDownQuiet();
      await this.saveTail();
      if (this.book.seq - this.checkpointSeq >= CHECKPOINT_EVERY) await this.checkpoint();
      onPass?.(report);
      return report;
    } catch (error) {
      log.event("error", "pass.failed", { account, trigger }, problemOf(error));
      this.fail(error);
      throw error;
    }
  }

  /** Sets the timer of the next pass: at once when somebody asked for it, else after the interval. */
  private arm(): void {
    this.cancelTimer?.();
    if (this.isStopping || this.isFailed) return;
    const { runtime, policy } = this.options;
    const trigger = this.wokenBy;
    if (trigger === undefined && !this.withTimers) return;
    this.cancelTimer = runtime.timers.after(trigger === undefined ? policy.intervalMs : 0, () => {
      this.wokenBy = undefined;
      // pass() has logged what went wrong and stopped the account; there is nobody else to tell.
      this.pass(trigger ?? "interval", false).catch(() => undefined);
    });
  }

  private fail(error: unknown): void {
    if (this.isFailed) return;
    this.isFailed = true;
    this.cancelTimer?.();
    this.cancelReconnect?.();
    const { log, account, onFailure } = this.options;
    log.event("error", "account.failed", { account }, problemOf(error));
    onFailure?.(error instanceof Error ? error : new Error(String(error)));
  }

  /** Unknown means closed: until a complete pass of this very process has been made. */
  private closeAtBoot(): void {
    const { gate, kill } = this.book;
    const others = gate.account.filter(({ code }) => code !== "boot");
    const boot: GateReason = {
      code: "boot",
      state: "reduce_only",
      text: GATE_CLOSED_TEXT,
      evidence: [],
      sinceMs: this.nowMs(),
      deadlineMs: this.nowMs() + this.options.policy.intervalMs,
    };
    const reasons = [...others, boot];
    if (kill && !others.some(({ code }) => code === "kill")) {
      reasons.push({
        ...boot,
        code: "kill",
        state: "killed",
        text: `killed by ${kill.by}: ${kill.reason}`,
        deadlineMs: null,
      });
    }
    const scope = { type: "account" } as const;
    this.writer.stage([
      draft("gate_changed", { scope, from: stateOf(gate.account), to: stateOf(reasons), reasons }, "boot"),
    ]);
  }

  private holdAccount(
    reason: Pick<GateReason, "code" | "state" | "text">,
    by: string,
    instead: string = reason.code,
  ): void {
    const before = this.book.gate.account;
    const held: GateReason = { ...reason, evidence: [], sinceMs: this.nowMs(), deadlineMs: null };
    const reasons = [...before.filter(({ code }) => code !== instead && code !== reason.code), held];
    const scope = { type: "account" } as const;
    this.writer.stage([
      draft("gate_changed", { scope, from: stateOf(before), to: stateOf(reasons), reasons }, `by:${by}`),
    ]);
  }

  private killDraft({ reason, by, atMs }: Kill): Draft {
    return draft("kill_engaged", { reason, by, atMs }, `by:${by}`);
  }

  /** Cancels at once everything that could add risk; reduce-only stops stay unless all is asked for. */
  private async cancelRisk(isAll: boolean): Promise<KillReport> {
    const { venue } = this.options;
    const risky = [...this.book.orders.values()].filter(
      (order) => isActive(order) && (isAll || order.reduceOnly !== true),
    );
    const cancel = venue.cancel?.bind(venue);
    if (!cancel) return { canceled: [], uncancelable: risky.map(nameOf) };
    const canceled = await Promise.all(
      risky.map(async (order) => {
        const outcome = await cancel({
          instrument: order.instrument,
          ...(order.venueOrderId !== null && { venueOrderId: order.venueOrderId }),
          ...(order.clientOrderId !== null && { clientOrderId: order.clientOrderId }),
        }).catch((error: unknown): CommandOutcome => ({ kind: "unknown", reason: problemOf(error) }));
        const change = { cancelRequestedAt: this.nowMs() };
        const { orderKey, instrument } = order;
        this.writer.stage([
          draft("order_state_observed", { orderKey, instrument, change, source: "venue" }, "kill"),
        ]);
        return { order: nameOf(order), outcome };
      }),
    );
    await this.writer.flush();
    return { canceled, uncancelable: [] };
  }

  private async connect(): Promise<void> {
    const { venue, runtime } = this.options;
    if (!venue.stream) return;
    let delayMs = RECONNECT_MS.first;
    const attempt = async (): Promise<void> => {
      if (this.isStopping || !venue.stream) return;
      try {
        this.stream = await venue.stream((event) => this.receive(event));
      } catch (error) {
        this.gap(problemOf(error));
        this.cancelReconnect = runtime.timers.after(delayMs, () => {
          attempt().catch((again: unknown) => this.fail(again));
        });
        delayMs = Math.min(RECONNECT_MS.most, delayMs * 2);
      }
    };
    await attempt();
  }

  private receive(event: StreamEvent): void {
    if (this.isStopping || this.isFailed) return;
    const { log, account } = this.options;
    switch (event.kind) {
      case "fill":
        this.enterFill(event.fill);
        break;
      case "fillReversed":
        this.reverseFill(event.fill, event.reason);
        break;
      case "price":
        this.price(event.instrument, event.last);
        break;
      case "live":
        this.liveSinceMs = this.nowMs();
        log.event("info", "stream.live", { account }, "the stream delivers");
        break;
      case "gap":
        this.gap(event.reason);
        break;
      case "order":
        this.wake("stream");
        break;
      case "wake":
        this.wake(event.reason);
        break;
    }
  }

  private gap(reason: string): void {
    const { log, account } = this.options;
    this.liveSinceMs = null;
    log.event("warn", "stream.gap", { account }, reason);
    this.wake("gap");
  }

  private enterFill(row: FillRow): void {
    const { policy, positionMode, venue } = this.options;
    const { problems } = ingestFills([row], {
      writer: this.writer,
      policy,
      positionMode,
      lagMs: venue.capabilities.readAfterFillLagMs,
      source: "stream",
      nowMs: this.nowMs(),
      causeId: "stream",
      instrument: (symbol) => venue.instrument(symbol),
    });
    this.flushInBackground();
    // What the stream says and the book cannot take is for a pass to look into.
    if (problems.length > 0) this.wake("stream");
  }

  private reverseFill(row: FillRow, reason: string): void {
    const fill = [...this.book.fills.values()].find(
      ({ facts }) => facts.tradeId === row.tradeId && facts.venueOrderId === row.venueOrderId,
    );
    if (fill) this.writer.stage([draft("fill_reversed", { fillKey: fill.facts.fillKey, reason }, "stream")]);
    this.flushInBackground();
    this.wake("stream");
  }

  private flushInBackground(): void {
    this.writer.flush().catch((error: unknown) => this.fail(error));
  }

  private tell(atMs: number, facts: Payloads["alert_raised"]): void {
    const { account, log, alerts = [] } = this.options;
    for (const channel of alerts) {
      channel.send({ account, ...facts, atMs }).catch((error: unknown) => {
        log.event(
          "error",
          "alert.raised",
          { account, channel: channel.name },
          `not delivered: ${problemOf(error)}`,
        );
      });
    }
  }

  private async writeDownQuiet(): Promise<void> {
    const { quiet } = this.memory;
    if (!quiet || quiet.lastMs - quiet.firstMs < QUIET_WRITTEN_MS) return;
    this.writer.stage(quietDrafts(this.memory));
    await this.writer.flush();
  }

  private async saveTail(): Promise<void> {
    const { journal, account } = this.options;
    const state: TailState = {
      lastPassMs: this.lastReport?.startedAtMs ?? 0,
      isLastComplete: this.lastReport?.isComplete ?? false,
      quiet: this.memory.quiet,
    };
    await journal.setTail(account, { state: JSON.stringify(state) });
  }

  /** Quiet passes that the last process counted and did not come to write down. */
  private async restoreQuiet(): Promise<void> {
    const tail = await this.options.journal.tail(this.options.account);
    const quiet = tail && (JSON.parse(tail.state) as TailState).quiet;
    if (!quiet || quiet.record.passId === this.book.lastPass?.passId) return;
    this.memory.quiet = quiet;
    this.writer.stage(quietDrafts(this.memory));
    await this.writer.flush();
  }

  private async checkpoint(): Promise<void> {
    await saveCheckpoint(this.options.journal, this.book, this.nowMs());
    this.checkpointSeq = this.book.seq;
  }

  private nowMs(): number {
    return this.options.runtime.clock.nowMs();
  }
}

function nameOf(order: Order): string {
  return order.clientOrderId ?? order.venueOrderId ?? order.orderKey;
}

function alert(kind: "killed", text: string, by: string): Draft {
  return draft("alert_raised", { kind, subject: null, text, evidence: [] }, `by:${by}`);
}
