// One account at work: its book restored, its stream connected, its passes one after another. Timers, the stream
// and operators wake it; a wake during a pass means one more pass. Fills from the stream are journaled at once.
import type { AlertChannel } from "../alerts/index.ts";
import {
  type AccountPolicy,
  type Admission,
  type AmendIntent,
  admit,
  BOOK,
  type Book,
  type Copy,
  type Decimal,
  draft,
  type FillRow,
  forgottenDrafts,
  type GateReason,
  type GateState,
  gateFor,
  isKnownFill,
  isUsable,
  type JournalRecord,
  type LotMove,
  type Metrics,
  type NoteRequest,
  type Order,
  type OrderIntent,
  type OrderQuestion,
  type Payloads,
  positionKey,
  reversedFill,
  sight,
  UNKNOWN_ESCALATED_MS,
  unknownSinceMs,
  type Word,
} from "../core/index.ts";
import { type Journal, JournalError } from "../journal/index.ts";
import type { Mirror } from "../mirrors/index.ts";
import type { Log, Runtime } from "../runtime/index.ts";
import type { StreamEvent, Venue } from "../venues/index.ts";
import { type AlertFacts, alertDraft, onsetAlerts } from "./alerting.ts";
import { type AnchorChain, type BrokenLink, linkFill } from "./anchors.ts";
import {
  type Applied,
  appliedDraft,
  appliedSteps,
  assertMayApply,
  assertUnmoved,
  type Confirmation,
  verifiedDraft,
  wordOf,
} from "./apply.ts";
import { restoreBook, saveCheckpoint } from "./boot.ts";
import type { KillOutcome } from "./cancel-risk.ts";
import { ClockWatch } from "./clock-watch.ts";
import { DeadMan, type DeadManReport } from "./dead-man.ts";
import { noteEnd } from "./ends-told.ts";
import {
  decideExitPlan,
  type ExitPlanAnswer,
  type ExitPlanGiven,
  needsPrice,
  unpriced,
} from "./exit-plans.ts";
import { exitsReport } from "./exit-report.ts";
import { Exits } from "./exits.ts";
import type { Flattened, FlattenGiven, FlattenPlan } from "./flatten.ts";
import { Flattenings } from "./flattenings.ts";
import { behindDrafts, bootDraft, operatorDraft, releasedDrafts } from "./hold.ts";
import { ingestFills } from "./ingest.ts";
import { KeyWatch } from "./key-watch.ts";
import { KillCancels } from "./kill-cancels.ts";
import { type KillLatch, killDrafts, releaseDrafts } from "./killing.ts";
import { MassCancels } from "./mass-cancel.ts";
import { countsOf } from "./metrics.ts";
import { narratePass, narrateRecord } from "./narrate.ts";
import { problemOf } from "./observe.ts";
import { type CommandResult, OrderDesk, type OrderHandle, type OrderReport } from "./order-desk.ts";
import { runPass } from "./pass.ts";
import { newMemory, quietDrafts } from "./pass-memory.ts";
import {
  type LotMoved,
  lotMove,
  type NotesOfPosition,
  noteChange,
  type PersonChange,
} from "./person-changes.ts";
import type { Plan } from "./plan.ts";
import { Prices } from "./prices.ts";
import { planAccount } from "./rehearsal.ts";
import type { PassReport } from "./report.ts";
import { allMeantBy, meantBy } from "./spelled.ts";
import { StreamLink } from "./stream-link.ts";
import { NO_TAIL, readTail, type TailState, tailAfter } from "./tail.ts";
import { findRepair, type Released, releaseDraft, type Undoing, undoRepair } from "./undo.ts";
import { AccountWriter } from "./writer.ts";

/** Quiet passes are written down at least this often. In ms. */
const QUIET_WRITTEN_MS = 3_600_000;
/** The first look after an order whose outcome is not known; each further one after twice the time. In ms. */
const UNKNOWN_LOOK_MS = 2_000;
/** Records after which a checkpoint is made. */
const CHECKPOINT_EVERY = 10_000;

/** Records by which a position may open or end. */
const MOVING_KINDS: ReadonlySet<JournalRecord["kind"]> = new Set([
  "fill_recorded",
  "fill_reversed",
  "ledger_entry_recorded",
  "adjustment_inferred",
  "adjustment_replaced",
] as const);

export interface SessionOptions {
  readonly account: string;
  readonly journal: Journal;
  readonly venue: Venue;
  readonly mirrors: readonly Mirror[];
  readonly policy: AccountPolicy;
  readonly positionMode: "net" | "hedge";
  readonly runtime: Runtime;
  readonly log: Log;
  /** Such as `live` or `paper`: shown to whoever is about to trade by hand; the venue's name unless given. */
  readonly environment?: string;
  readonly alerts?: readonly AlertChannel[];
  /** A kill that was asked for while nothing ran: the account starts killed. */
  readonly latch?: KillLatch | null;
  /** Why the journal is not the one that was left, in words: the account is held until a person has looked. */
  readonly behind?: string;
  readonly onPass?: (report: PassReport) => void;
  /** Called with every record once it is durable. */
  readonly onRecord?: (record: JournalRecord) => void;
  /** Called once when the account cannot go on. */
  readonly onFailure?: (error: Error) => void;
}

/** The account has stopped by an error of ours: nothing can be asked of it until it is opened again. */
export class AccountStopped extends Error {
  readonly code = "account_stopped";

  constructor(account: string, reason: string, options?: ErrorOptions) {
    super(`account ${account} has stopped: ${reason}`, options);
    this.name = "AccountStopped";
  }
}

export interface StartOptions {
  /** Whether a pass runs before start() resolves; the gate stays closed until one has. */
  readonly bootPass: boolean;
  /** Whether passes run by themselves afterwards. */
  readonly timers: boolean;
}

export class Session {
  private readonly options: SessionOptions;
  private readonly writer: AccountWriter;
  private readonly stream: StreamLink;
  private readonly memory = newMemory();
  private readonly watch: ClockWatch;
  /** What instruments are worth now, and the feed that tells it. */
  readonly prices: Prices;
  private readonly desk: OrderDesk;
  private readonly deadMan: DeadMan | null;
  private readonly keyWatch: KeyWatch;
  private readonly massCancels: MassCancels;
  private readonly exits: Exits;
  private readonly commands = new Set<Promise<unknown>>();
  private running: Promise<unknown> | undefined;
  /** Who asked for the next pass; undefined while nobody did. */
  private wokenBy: string | undefined;
  private cancelTimer: (() => void) | undefined;
  private liveSinceMs: number | null = null;
  private readonly anchors: AnchorChain = new Map();
  /** What the halts for trades by force were for that people could have heard of. */
  private readonly toldForced = new Set<string>();
  private isStopping = false;
  private failure: Error | undefined;
  private withTimers = false;
  private isFlushDue = false;
  private checkpointSeq: number;
  private readonly killCancels: KillCancels;
  private readonly flattenings: Flattenings;
  /** Whether the last pass has read what is held. */
  private hasShownNow = false;
  private state: TailState = NO_TAIL;

  private constructor(options: SessionOptions, book: Book) {
    this.options = options;
    this.writer = new AccountWriter(book, options.journal, options.runtime.clock);
    this.stream = new StreamLink(options.venue, options.runtime, (event) => this.receive(event));
    this.checkpointSeq = book.seq;
    const guards = {
      ...options,
      book: () => this.book,
      tell: (alert: AlertFacts) => this.tellOf(alert, "guard"),
    };
    this.deadMan = DeadMan.of(guards);
    this.keyWatch = new KeyWatch(guards);
    this.massCancels = new MassCancels(() => this.book);
    this.desk = new OrderDesk({
      ...options,
      // One command alone has nobody who would set it anew: it would only take back what a person has just sent.
      prepare: async (instrument) => (this.withTimers && this.deadMan?.ready(instrument)) || null,
      writer: this.writer,
      lastPrices: () => this.lastPrices(),
      priceOf: (instrument, side) => this.exits.freshPrice(instrument, side),
      venueQty: (key) => this.memory.venueQty?.(key) ?? null,
      hasStopped: () => this.hasStopped,
      isStreamLive: () => this.isStreamLive,
      wake: (trigger) => this.wake(trigger),
    });
    this.prices = new Prices({
      ...options,
      book: () => this.book,
      tell: (alert) => this.tellOf(alert, "feed"),
      fail: (error) => this.fail(error),
    });
    this.writer.onRecord((record) => {
      if (MOVING_KINDS.has(record.kind)) this.prices.checkSoon();
      this.massCancels.onRecord(record);
    });
    this.killCancels = new KillCancels({
      ...options,
      writer: this.writer,
      lastPrices: () => this.lastPrices(),
      isAccountKnown: () => this.isAccountKnown,
      unchanged: this.desk.unchanged,
      hasStopped: () => this.hasStopped,
      flush: () => this.flushInBackground(),
    });
    this.flattenings = new Flattenings({
      ...options,
      writer: this.writer,
      lastPrices: () => this.lastPrices(),
      venueQty: (key) => this.memory.venueQty?.(key) ?? null,
      hasReadNow: () => this.hasShownNow,
      alone: (work) => this.alone(work),
      pass: () => this.runOnce("flatten", true),
      submit: (intent, by) => this.command(() => this.desk.submit(intent, by, { kind: "flatten" })),
      cancel: (order, by) => this.command(() => this.desk.cancel(handleOf(order), by)),
      assertAtWork: () => {
        if (this.isStopping) throw new AccountStopped(this.name, "it is being closed");
      },
    });
    this.watch = new ClockWatch(options.runtime.clock, book.seq);
    this.exits = new Exits({
      ...options,
      writer: this.writer,
      prices: this.prices,
      venueQty: (key) => this.memory.venueQty?.(key) ?? null,
      hasRead: () => this.memory.venueQty !== null,
      isRunning: () => this.withTimers,
      hasStopped: () => this.hasStopped,
      steady: () => {
        if (this.lookAtClock()) this.wake("clock");
        return this.watch.steady;
      },
      submit: (intent, exitId) =>
        this.command(() => this.desk.submit(intent, "exit", { kind: "exit", exitId })),
      cancel: (handle) => this.command(() => this.desk.cancel(handle, "exit")),
      wake: (trigger) => this.wake(trigger),
      flush: () => this.flushInBackground(),
      fail: (error) => this.fail(error),
      placed: {
        isFlattening: (instrument) => this.flattenings.isOn(instrument),
        place: (intent) => this.command(() => this.desk.submit(intent, "exit", { kind: "placed" })),
        amend: (intent) => this.command(() => this.desk.amend(intent, "exit", { kind: "placed" })),
        cancel: (handle) => this.command(() => this.desk.cancel(handle, "exit")),
      },
    });
    this.writer.onFailure((error) => this.fail(error));
    this.noteTold(this.book.gate.account);
    this.writer.onDurable((record) => {
      if (record.kind === "gate_changed") this.noteTold(record.payload.reasons);
      narrateRecord(options.log, record);
      this.exits.noted(record);
      options.onRecord?.(record);
      if (record.kind === "alert_raised") this.tell(record.tsMs, record.payload);
    });
  }

  /** Restores the account from its journal. Nothing runs before start(). */
  static async open(options: SessionOptions): Promise<Session> {
    const book = await restoreBook(options.journal, options.account);
    const session = new Session(options, book);
    await session.restoreTail();
    return session;
  }

  get book(): Book {
    return this.writer.book;
  }

  get name(): string {
    return this.options.account;
  }

  get tail(): TailState {
    return this.state;
  }

  /** Null where the venue keeps no dead-man switch for this account. */
  get deadManReport(): DeadManReport | null {
    return this.deadMan?.report() ?? null;
  }

  get isStreamLive(): boolean {
    return this.liveSinceMs !== null;
  }

  /** Why it stopped by itself; undefined while it runs, and after stop(). */
  get stoppedBy(): Error | undefined {
    return this.failure;
  }

  get hasStopped(): boolean {
    return this.failure !== undefined || this.isStopping;
  }

  async start({ bootPass, timers }: StartOptions): Promise<void> {
    const { latch, log, account, venue, policy, behind } = this.options;
    this.withTimers = timers;
    if (latch && !this.book.kill) this.writer.stage(killDrafts(this.book, latch));
    if (behind !== undefined) this.writer.stage(behindDrafts(this.book, behind, this.nowMs()));
    this.writer.stage(forgottenDrafts(this.book));
    this.writer.stage([bootDraft(this.book, this.nowMs(), this.nowMs() + policy.intervalMs)]);
    // What is known to be open waits neither for the journal nor for a pass, which a slow venue may hold up for a minute.
    const { kill } = this.book;
    if (kill) this.killCancels.cancel(kill.isAll === true, false).catch((error: unknown) => this.fail(error));
    await this.writer.flush();
    log.event(
      "info",
      "account.started",
      { account, venue: venue.name, seq: this.book.seq },
      `${account} is restored`,
    );
    // The stream is connected first, so that nothing happens unseen between it and the snapshot.
    await this.stream.connect();
    if (timers) {
      this.prices.start();
      this.deadMan?.start();
      this.keyWatch.start();
    }
    if (bootPass) await this.pass("boot", false);
    else this.arm();
  }

  /** Runs a pass; one at a time. It waits for the one that runs. @throws the error that stopped the account. */
  async pass(trigger: string, isForced: boolean): Promise<PassReport> {
    return this.alone(() => this.runOnce(trigger, isForced));
  }

  /** What trueup would do now, and what it refuses. Changes nothing. */
  async plan(copies: readonly Copy[] | null): Promise<Plan> {
    await this.whenDurable();
    this.lookAtClock();
    const lastPrices = this.prices.lastTrades();
    return planAccount({ ...this.options, lastPrices, steady: this.watch.steady, copies });
  }

  /**
   * Carries out a plan: reads afresh, compares, repairs what it says, reads again. No pass runs beside it.
   * @throws PlanError when it may not be applied; nothing was changed then.
   */
  async apply(plan: Plan, given: Confirmation): Promise<Applied> {
    return this.alone(async () => {
      const { account, venue, policy } = this.options;
      assertMayApply(plan, {
        account,
        nowMs: this.nowMs(),
        isApplied: this.book.appliedPlans.has(plan.id),
        isObserving: policy.observe || !venue.capabilities.heals,
        given,
      });
      assertUnmoved(plan, await this.plan(plan.copies));
      this.writer.stage([appliedDraft(plan, given)]);
      await this.writer.flush();
      const pass = await this.runOnce("apply", true, wordOf(plan, given.by));
      const verified = await this.runOnce("verify", false);
      const steps = appliedSteps(plan, pass);
      const after = this.counts(verified);
      const metrics = { before: pass.metrics?.before ?? after, after };
      const applied = { planId: plan.id, account, by: given.by, steps, metrics, pass, verified };
      this.writer.stage([verifiedDraft(applied)]);
      await this.writer.flush();
      return applied;
    });
  }

  /** What closing these positions would trade, after a fresh read. Trades nothing. @param instrument Null for all. */
  planFlatten(instrument: string | null): Promise<FlattenPlan> {
    return this.flattenings.plan(instrument);
  }

  /** Closes the positions of a plan that a person confirmed. @throws PlanError when it may not be; nothing was done then. */
  flatten(plan: FlattenPlan, given: FlattenGiven): Promise<Flattened> {
    return this.flattenings.carryOut(plan, given);
  }

  /** Takes a repair back (R13). @throws PlanError when it cannot; nothing was changed then. */
  async undo(id: string, by: string): Promise<Undoing> {
    return this.alone(async () => {
      await this.writer.flush();
      const { journal, account, mirrors } = this.options;
      const known = await findRepair(journal, account, id);
      const undone = await undoRepair(known, { writer: this.writer, mirrors, by, nowMs: this.nowMs() });
      return { ...undone, verified: await this.runOnce("undo", false) };
    });
  }

  /** Ends the watch of a row whose repair was undone: the next pass compares and repairs it again. */
  async release(id: string, by: string): Promise<Released> {
    return this.alone(async () => {
      const draft = releaseDraft(this.book, id, by);
      this.writer.stage([draft]);
      await this.writer.flush();
      this.wake("release");
      return { account: this.name, ...draft.payload };
    });
  }

  /** Asks for a pass soon. */
  wake(trigger: string): void {
    if (this.hasStopped) return;
    this.wokenBy ??= trigger;
    if (!this.running) this.arm();
  }

  /** Resolves when everything entered so far is durable. */
  async whenDurable(): Promise<void> {
    await this.writer.flush();
  }

  /** Resolves when no pass is running and everything entered is durable. */
  async whenIdle(): Promise<void> {
    while (this.running) await this.running.catch(() => undefined);
    if (!this.failure) await this.writer.flush();
  }

  /**
   * Closes the gate and cancels, at once and whatever becomes of the journal. Where that does not take it no alert is told
   * from here: what is told must be durable; whoever runs the session tells it.
   */
  async kill(reason: string, by: string, isAll: boolean, isNoExits = false): Promise<KillOutcome> {
    const kill = { reason, by, isAll, isNoExits, atMs: this.nowMs() };
    this.killCancels.begin();
    // What the kill before has go is asked for again, whatever this one leaves.
    const hasAllGo = isAll || this.book.kill?.isAll === true;
    const written = this.writeKill(kill);
    const report = await this.killCancels.cancel(hasAllGo, true);
    const isEngaged = await written;
    if (isEngaged) this.wake("kill");
    return { isEngaged, ...report };
  }

  /** Whether it is durable. Where it is not, the account has stopped. */
  private async writeKill(kill: KillLatch): Promise<boolean> {
    try {
      this.writer.stage(killDrafts(this.book, kill));
      await this.writer.flush();
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  /** Releases a kill; the gate opens with the next clean complete pass. False when there was none. */
  async resume(reason: string, by: string): Promise<boolean> {
    if (!this.book.kill) return false;
    this.writer.stage(releaseDrafts(this.book, reason, by, this.nowMs()));
    this.memory.hasCompletePass = false;
    this.memory.releases += 1;
    await this.writer.flush();
    this.wake("resume");
    return true;
  }

  /** Sets or (with `open`) releases what a person holds: the account, or one instrument. */
  async setGate(
    set: Exclude<GateState, "killed">,
    instrument: string | null,
    reason: string,
    by: string,
  ): Promise<void> {
    this.writer.stage([
      operatorDraft(
        this.book,
        { set, instrument, text: `${by}: ${reason}`, wasTold: (one) => this.wasTold(one) },
        this.nowMs(),
        `by:${by}`,
      ),
      ...(set === "open" ? releasedDrafts(this.book, instrument, this.nowMs(), `by:${by}`) : []),
    ]);
    await this.writer.flush();
  }

  /** A halt for a trade by force is told when its record is durable: until then no word of a person is about it. */
  private wasTold({ code, evidence }: GateReason): boolean {
    return code !== "forced_trade" || evidence.every((one) => this.toldForced.has(one));
  }

  private noteTold(reasons: readonly GateReason[]): void {
    for (const { code, evidence } of reasons) {
      if (code === "forced_trade") for (const one of evidence) this.toldForced.add(one);
    }
  }

  /** May this order pass the gate now? Asking changes nothing. Of all that a bot's spelling may mean each must. */
  admit(order: OrderQuestion): Admission {
    const [first, ...others] = allMeantBy(order.instrument, this.options.venue).map((instrument) => {
      const key = positionKey(instrument, order.leg);
      return admit(this.book, { ...order, instrument }, this.memory.venueQty?.(key) ?? null);
    });
    return [first, ...others].find((one) => one?.isAdmitted === false) ?? (first as Admission);
  }

  /** Sends an order for an intent, once. @throws AccountStopped, or the error that stops the account. */
  async submit(intent: OrderIntent, by: string): Promise<CommandResult> {
    return this.command(async () => {
      const { side, leg } = intent;
      const instrument = meantBy(intent.instrument, this.options.venue);
      const gate = gateFor(this.book.gate, instrument);
      const mayLeave = (gate === "open" || gate === "reduce_only") && !this.book.intents.has(intent.intentId);
      // An exit that lies at the venue would close the same quantity, where no flag of the venue's bounds it.
      if (mayLeave) await this.exits.makeWayFor({ instrument, leg, side });
      return this.desk.submit(intent, by);
    });
  }

  /** Changes an open order. @throws like submit. */
  amend(intent: AmendIntent, by: string): Promise<CommandResult> {
    return this.command(() => this.desk.amend(intent, by));
  }

  /** Cancels an order, whatever the gate says. @throws like submit. */
  cancel(handle: OrderHandle, by: string): Promise<CommandResult> {
    return this.command(() => this.desk.cancel(handle, by));
  }

  /** Sets, or takes back, when a person wants a position closed. What is refused is an answer. */
  async setExitPlan(given: ExitPlanGiven, by: string): Promise<ExitPlanAnswer> {
    const { venue, policy } = this.options;
    const instrument = meantBy(given.instrument, venue);
    const hasLevels = given.plan !== null && given.plan !== "none";
    const known = await (hasLevels ? this.prices.ask(instrument) : undefined);
    const quote = known?.isFresh ? known.tick : null;
    const decided = decideExitPlan(
      this.book,
      policy,
      { ...given, instrument },
      {
        quote,
        by,
        nowMs: this.nowMs(),
      },
    );
    const reason = "reason" in decided ? decided.reason : null;
    if ("drafts" in decided) {
      this.writer.stage(decided.drafts);
      await this.writer.flush();
      this.exits.review();
      await this.writer.flush();
      this.wake("exit plan");
    }
    const isUnknown = reason === null && hasLevels && needsPrice(given.plan) && quote === null;
    const caution = isUnknown ? unpriced(instrument) : null;
    return { ...exitsReport(this.book), isSet: reason === null, reason, caution };
  }

  /** Finds out what became of an order that a bot sent itself. @throws like submit. */
  resolve(report: OrderReport, by: string): Promise<CommandResult> {
    return this.command(() => this.desk.resolve(report, by));
  }

  /** A person says whose a part of a position is. @throws ChangeError when it cannot be; nothing was changed then. */
  async moveLot(move: LotMove): Promise<LotMoved> {
    const moved = await this.change((book) => lotMove(book, this.options.policy, move));
    // A copy that keeps one strategy's part is compared with it anew.
    this.wake("lots");
    return moved;
  }

  /** Notes of a person on a position. @throws ChangeError when it is not held; nothing was changed then. */
  note(request: NoteRequest): Promise<NotesOfPosition> {
    return this.change((book) => noteChange(book, request));
  }

  /** A price from outside: what R7 calls the last price. */
  price(instrument: string, last: Decimal): void {
    this.prices.take({ instrument, last });
  }

  /** What the last pass knew, and what was told since it began. */
  private lastPrices(): ReadonlyMap<string, Decimal> {
    const { lastPrices, pricesAtMs } = this.memory;
    return new Map([...lastPrices, ...this.prices.lastTrades(pricesAtMs ?? undefined)]);
  }

  private tellOf(alert: AlertFacts, causeId: string): void {
    if (this.writer.hasFailed) return;
    this.writer.stage([alertDraft(alert, causeId)]);
    this.flushInBackground();
  }

  /** Ends cleanly: no new pass, the running one finishes, everything is durable. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.cancelTimer?.();
    this.exits.stop();
    this.killCancels.stop();
    this.keyWatch.stop();
    // What has left is waited for, so that its answer is written down.
    await Promise.allSettled(this.commands);
    await this.stream.close();
    await this.prices.close();
    while (this.running) await this.running.catch(() => undefined);
    if (this.failure) return;
    await this.deadMan?.stop();
    this.writer.stage(quietDrafts(this.memory));
    await this.writer.flush();
    await this.saveTail({ ...this.state, quiet: null });
    await this.checkpoint();
  }

  /** @throws ChangeError, AccountStopped, or the error that stops the account. */
  private async change<T>(make: (book: Book) => PersonChange<T>): Promise<T> {
    if (this.failure) throw new AccountStopped(this.name, this.failure.message, { cause: this.failure });
    if (this.isStopping) throw new AccountStopped(this.name, "it is being closed");
    const { draft, told } = make(this.book);
    this.writer.stage([draft]);
    const answer = told(this.book);
    await this.writer.flush();
    return answer;
  }

  private async command(work: () => Promise<CommandResult>): Promise<CommandResult> {
    if (this.failure) throw new AccountStopped(this.name, this.failure.message, { cause: this.failure });
    if (this.isStopping) throw new AccountStopped(this.name, "it is being closed");
    const running = work();
    this.commands.add(running);
    try {
      return await running;
    } catch (error) {
      this.fail(error);
      throw error;
    } finally {
      this.commands.delete(running);
    }
  }

  /** Runs alone: no pass, plan or undo of this account beside it. @throws the error that stopped the account. */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.running) await this.running.catch(() => undefined);
    if (this.failure) throw new AccountStopped(this.name, this.failure.message, { cause: this.failure });
    const run = work();
    this.running = run;
    try {
      return await run;
    } finally {
      this.running = undefined;
      this.arm();
    }
  }

  private counts({ summaries }: PassReport): Metrics {
    const mirrors = summaries.filter(({ of, problem }) => of !== BOOK && problem === null);
    return countsOf(
      this.book,
      mirrors.map(({ of, local }) => [of, local]),
    );
  }

  /** Whether this process has read the positions of this very account. */
  private get isAccountKnown(): boolean {
    const isOther = this.book.gate.account.some(({ code }) => code === "wrong_account");
    return this.memory.venueQty !== null && !isOther;
  }

  private async runOnce(trigger: string, isForced: boolean, word: Word | null = null): Promise<PassReport> {
    const { log, account, onPass, venue, mirrors, runtime, policy, positionMode } = this.options;
    const { writer, memory } = this;
    try {
      this.lookAtClock();
      const { liveSinceMs } = this;
      this.exits.passBegins();
      const report = await runPass({
        writer,
        venue,
        mirrors,
        runtime,
        policy,
        positionMode,
        trigger,
        isForced,
        lastPrices: this.prices.lastTrades(),
        checkFeed: () => this.prices.check(),
        sending: this.desk.sending,
        liveSinceMs,
        memory,
        steady: this.watch.steady,
        word,
        exitTroubles: () => this.exits.reasons,
        priceOf: (instrument, side) => this.exits.freshPrice(instrument, side),
      });
      // A pass across a jump has compared by two clocks: another one follows.
      if (this.lookAtClock()) this.wake("clock");
      narratePass(log, report);
      const { kill } = this.book;
      // Until the venue's own rows say that they are gone, and for what was placed since (R10). What a pass of
      // observing did not enter is read.
      if (kill) await this.killCancels.cancel(kill.isAll === true, policy.observe);
      this.hasShownNow = hasShown(report);
      this.exits.passEnded(this.hasShownNow);
      const together = this.massCancels.alert(this.deadMan?.suspicion() ?? null);
      if (together) this.tellOf(together, report.passId);
      await this.keepUp(report);
      onPass?.(report);
      return report;
    } catch (error) {
      log.event("error", "pass.failed", { account, trigger }, problemOf(error));
      this.fail(error);
      throw error;
    }
  }

  /** Whether our clock has jumped; if so the history is read again from before the jump. */
  private lookAtClock(): boolean {
    const byMs = this.watch.look(this.book.seq);
    if (byMs === 0) return false;
    const { log, account, runtime } = this.options;
    const { memory } = this;
    const nowMs = runtime.clock.nowMs();
    const text = `our clock jumped by ${byMs} ms; no duration counts across it`;
    log.event("warn", "clock.jumped", { account, byMs }, text);
    // How far the history is proven was noted by a clock that nobody can vouch for.
    const knownMs = memory.provenToMs ?? this.book.sections.get("fills")?.coverage?.toMs;
    if (knownMs !== undefined) memory.provenToMs = Math.max(0, Math.min(knownMs, nowMs) - Math.abs(byMs));
    // What the stream claims to cover begins anew.
    if (this.liveSinceMs !== null) this.liveSinceMs = nowMs;
    return true;
  }

  /** What is due after a pass: quiet passes written down now and then, the tail, a checkpoint. */
  private async keepUp(report: PassReport): Promise<void> {
    const { quiet } = this.memory;
    if (quiet && quiet.lastMs - quiet.firstMs >= QUIET_WRITTEN_MS) {
      this.writer.stage(quietDrafts(this.memory));
      await this.writer.flush();
    }
    const afterPassId = this.book.lastPass?.passId ?? null;
    await this.saveTail(tailAfter(this.state, report, this.memory.quiet, afterPassId));
    if (this.book.seq - this.checkpointSeq < CHECKPOINT_EVERY) return;
    await this.checkpoint();
    this.checkpointSeq = this.book.seq;
  }

  private async checkpoint(): Promise<void> {
    const { journal, log, account } = this.options;
    if (await saveCheckpoint(journal, this.book, this.nowMs())) return;
    const text = "the book is too large for a checkpoint: the next start folds every record and takes longer";
    log.event("warn", "checkpoint.skipped", { account, seq: this.book.seq }, text);
  }

  /** Sets the timer of the next pass: at once when somebody asked for it, else after the interval. */
  private arm(): void {
    this.cancelTimer?.();
    if (this.hasStopped) return;
    const { runtime, policy } = this.options;
    const trigger = this.wokenBy;
    if (trigger === undefined && !this.withTimers) return;
    this.cancelTimer = runtime.timers.after(
      trigger === undefined ? this.waitMs(policy.intervalMs) : 0,
      () => {
        this.wokenBy = undefined;
        // pass() has logged what went wrong and stopped the account; there is nobody else to tell.
        this.pass(trigger ?? "interval", false).catch(() => undefined);
      },
    );
  }

  /**
   * While an order's outcome is not known the next look comes sooner, less so the longer it lasts, and one comes when a person has to
   * be told.
   */
  private waitMs(intervalMs: number): number {
    const nowMs = this.nowMs();
    const looks = unknownSinceMs(this.book).map((sinceMs) => {
      const lookMs = Math.max(UNKNOWN_LOOK_MS, nowMs - sinceMs);
      const dueMs = sinceMs + UNKNOWN_ESCALATED_MS - nowMs;
      return dueMs > 0 ? Math.min(lookMs, dueMs) : lookMs;
    });
    return Math.min(intervalMs, ...looks);
  }

  private fail(cause: unknown): void {
    if (this.failure) return;
    this.failure = cause instanceof Error ? cause : new Error(String(cause));
    this.cancelTimer?.();
    this.exits.stop();
    this.killCancels.stop();
    this.keyWatch.stop();
    this.deadMan?.abandon();
    const { log, account, onFailure } = this.options;
    if (cause instanceof JournalError)
      log.event("error", "journal.failed", { account, code: cause.code }, cause.message);
    log.event("error", "account.failed", { account }, this.failure.message);
    this.prices.close().catch(() => undefined);
    this.stream.close().then(
      () => onFailure?.(this.failure as Error),
      () => onFailure?.(this.failure as Error),
    );
  }

  /** Also while it is being closed, until the stream is: what is told then, nobody tells again. */
  private receive(event: StreamEvent): void {
    if (this.failure) return;
    try {
      if (this.lookAtClock()) this.wake("clock");
      this.enter(event);
    } catch (error) {
      this.fail(error);
    }
  }

  private enter(event: StreamEvent): void {
    const { log, account } = this.options;
    switch (event.kind) {
      case "fill":
        this.enterFill(event.fill);
        break;
      case "fillReversed":
        this.reverseFill(event.fill, event.reason);
        break;
      case "price":
        this.prices.hearOfStream(event);
        break;
      case "live":
        this.anchors.clear();
        this.liveSinceMs = this.nowMs();
        log.event("info", "stream.live", { account }, "the stream delivers");
        break;
      case "gap":
        this.anchors.clear();
        this.liveSinceMs = null;
        log.event("warn", "stream.gap", { account }, event.reason);
        this.wake("gap");
        break;
      case "order":
        noteEnd(this.memory.endsTold, event.order);
        this.wake("stream");
        break;
      case "position":
      case "balance":
      case "ledger":
        this.wake("stream");
        break;
      case "wake":
        this.wake(event.reason);
        break;
    }
  }

  private enterFill(row: FillRow): void {
    const { policy, positionMode, venue } = this.options;
    const isLinked = positionMode === "net" || row.leg !== undefined;
    const broken = isLinked && !isKnownFill(this.book, row) ? linkFill(this.anchors, row) : null;
    const { fills, problems } = ingestFills([row], {
      writer: this.writer,
      policy,
      positionMode,
      lagMs: venue.capabilities.readAfterFillLagMs,
      source: "stream",
      nowMs: this.nowMs(),
      causeId: "stream",
      instrument: (symbol) => venue.instrument(symbol),
    });
    // What contradicts the book is recorded as it comes: the history may never show it (R6).
    for (const problem of problems) {
      const settling = { policy, isForced: false, nowMs: this.nowMs(), steady: this.watch.steady };
      const sighted = sight(this.book, problem, settling, "stream");
      const alerts = onsetAlerts([sighted]).map((alert) => alertDraft(alert, "stream"));
      this.writer.stage([...sighted.drafts, ...alerts]);
    }
    this.flushInBackground();
    if (broken) this.tellBroken(broken);
    // What the stream says and the book cannot take is for a pass to look into.
    if (problems.length > 0) this.wake("stream");
    // Whose it is, and whether it was an exit at the venue, its order tells; nobody here knows that yet.
    if (fills.some(({ orderKey }) => orderKey === null)) this.wake("unknown fill");
  }

  /** A fill was traded and not told: its quantity is known already, the pass reads the rest of it. */
  private tellBroken({ instrument, missingQty, afterMs, beforeMs }: BrokenLink): void {
    const { log, account } = this.options;
    const text = `the stream left out a change of ${missingQty} ${instrument}; the venue's own figures show it`;
    log.event("warn", "stream.missed", { account, instrument, missingQty, afterMs, beforeMs }, text);
    this.wake("missed fill");
  }

  private reverseFill(row: FillRow, reason: string): void {
    // One that was taken back before anybody told of it is booked first: a history that lags may still bring it.
    if (!isKnownFill(this.book, row)) this.enterFill(row);
    const fill = reversedFill(this.book, row);
    if (fill) this.writer.stage([draft("fill_reversed", { fillKey: fill.facts.fillKey, reason }, "stream")]);
    this.flushInBackground();
    this.wake("stream");
  }

  /** Soon, so that all fills of one message, or of one burst, are one write. */
  private flushInBackground(): void {
    if (this.isFlushDue) return;
    this.isFlushDue = true;
    Promise.resolve()
      .then(() => {
        this.isFlushDue = false;
        return this.writer.flush();
      })
      .catch((error: unknown) => this.fail(error));
  }

  private tell(atMs: number, facts: Payloads["alert_raised"]): void {
    const { account, log, alerts = [] } = this.options;
    for (const { name, send } of alerts) {
      send({ account, ...facts, atMs }).catch((error: unknown) => {
        const text = `not delivered by ${name}: ${problemOf(error)}`;
        log.event("error", "alert.raised", { account, kind: facts.kind, channel: name }, text);
      });
    }
  }

  private async saveTail(state: TailState): Promise<void> {
    this.state = state;
    const { journal, account } = this.options;
    await journal.setTail(account, { state: JSON.stringify(state) });
  }

  /** Quiet passes that the last process counted and did not come to write down are written down now. */
  private async restoreTail(): Promise<void> {
    this.state = readTail((await this.options.journal.tail(this.options.account))?.state);
    const { quiet, afterPassId } = this.state;
    const lastPassId = this.book.lastPass?.passId ?? null;
    // The process may have died between the record that told them and the tail that would have said so.
    const isTold =
      quiet?.record.passId === lastPassId || (afterPassId !== undefined && afterPassId !== lastPassId);
    if (!quiet || isTold) return;
    this.memory.quiet = quiet;
    this.writer.stage(quietDrafts(this.memory));
    await this.writer.flush();
  }

  private nowMs(): number {
    return this.options.runtime.clock.nowMs();
  }
}

function handleOf({ instrument, venueOrderId, clientOrderId }: Order): OrderHandle {
  return {
    instrument,
    ...(venueOrderId !== null && { venueOrderId }),
    ...(clientOrderId !== null && { clientOrderId }),
  };
}

/** Whether the pass has read what is held. */
function hasShown({ sections }: PassReport): boolean {
  return sections.some(({ section, quality }) => section === "positions" && isUsable(quality));
}
