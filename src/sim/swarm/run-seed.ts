// One simulated run: the real engine, unchanged, on a venue that lies, with bots and people that trade and a process
// that dies. First with faults; then all is well, time passes, and everything must be as the venue has it.
import {
  type AccountPolicy,
  balanceTotal,
  compare,
  type Decimal,
  decimal,
  digestHex,
  type JournalRecord,
  orderStatus,
  POLICY_DEFAULT,
  positionKey,
  positionQty,
  type Side,
  toState,
} from "../../core/index.ts";
import { type CommandResult, restoreBook, Session } from "../../engine/index.ts";
import type { AppendRequest, AppendResult } from "../../journal/index.ts";
import { MemoryJournal } from "../../journal/memory/index.ts";
import { MemoryMirror } from "../../mirrors/memory/index.ts";
import { SILENT } from "../../runtime/index.ts";
import { newPaperState, PaperAccount } from "../../venues/paper/index.ts";
import { VirtualRuntime } from "../virtual-runtime.ts";
import { type FaultId, FaultPlan } from "./faults.ts";
import { LyingVenue } from "./lying-venue.ts";
import { SeededRandom } from "./random.ts";

const START_MS = Date.UTC(2026, 0, 5, 15);
const ACCOUNT = "sim";
const INSTRUMENTS = ["AAA", "BBB", "CCC"] as const;
/** With faults, and then without: enough for every order of unknown outcome to be found out about. In ms. */
const HEALED_MS = 300_000;

export interface SeedOptions {
  readonly seed: number;
  /** How many things happen before all is well. */
  readonly steps: number;
  /** Only these faults may be drawn; all unless given. */
  readonly only?: readonly FaultId[];
  /** For a test of the simulation itself: the venue tells of no fill. */
  readonly isBlind?: boolean;
  /** Resolves when every promise that is under way has come to rest: a turn of the event loop, as all timers are virtual. */
  readonly settle: () => Promise<unknown>;
}

export interface SeedResult {
  readonly seed: number;
  /** What must never be, and was; empty when all held. */
  readonly violations: readonly string[];
  readonly enabled: readonly FaultId[];
  readonly fired: Readonly<Record<string, number>>;
  /** Of every record of the journal: two runs of one seed have the same. */
  readonly traceHash: string;
  readonly records: number;
  readonly virtualMs: number;
}

/** A journal whose process may lose power: what is not durable yet is lost. */
class PowerJournal extends MemoryJournal {
  private hasPower = true;

  override async append(request: AppendRequest): Promise<AppendResult> {
    if (!this.hasPower) throw new Error("the power is gone");
    return super.append(request);
  }

  cut(): void {
    this.hasPower = false;
  }

  restore(): void {
    this.hasPower = true;
  }
}

export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  return new SeedRun(options).run();
}

class SeedRun {
  private readonly options: SeedOptions;
  private readonly random: SeededRandom;
  private readonly faults: FaultPlan;
  private readonly runtime = new VirtualRuntime(START_MS);
  private readonly journal = new PowerJournal();
  private readonly account: PaperAccount;
  private readonly venue: LyingVenue;
  private readonly mirror = new MemoryMirror({ name: "bot", rows: [], mayAdd: true });
  private readonly policy: AccountPolicy;
  private readonly violations: string[] = [];
  private readonly intents: string[] = [];
  private session: Session | undefined;
  /** Our clock, ahead of the venue's. */
  private aheadMs = 0;
  private failure: Error | undefined;
  private readonly truths = new Map<string, { readonly atMs: number; readonly qty: Decimal }[]>();

  constructor(options: SeedOptions) {
    this.options = options;
    this.random = new SeededRandom(options.seed);
    this.faults = new FaultPlan(this.random, options.only);
    const habits = { lagMs: this.random.pick([0, 500, 2_000]), lateMs: this.random.pick([0, 1_000, 4_000]) };
    this.account = new PaperAccount({
      state: newPaperState("sim-1", "USD", decimal("100000")),
      feeRatio: decimal(this.random.pick(["0", "0.001"])),
      nowMs: () => this.runtime.clock.monotonicMs(),
      onEvent: (event) => {
        if (event.kind === "fill") this.noteTruth();
        this.venue.publish(event);
      },
    });
    const { isBlind = false } = options;
    this.venue = new LyingVenue(this.account, this.runtime, this.random, this.faults, { ...habits, isBlind });
    this.policy = {
      ...POLICY_DEFAULT,
      mode: "executor",
      confirmations: this.random.pick([1, 2, 3]),
      graceMs: this.random.pick([0, 2_000, 5_000]),
      intervalMs: this.random.pick([2_000, 5_000, 15_000]),
      strategies: { momentum: "mom-" },
      limits: {
        orderValueMax: null,
        positionValueMax: null,
        exposureMax: null,
        openOrdersMax: null,
        ordersPerMinuteMax: null,
      },
    };
  }

  async run(): Promise<SeedResult> {
    for (const instrument of INSTRUMENTS) this.account.setPrice(instrument, decimal("100"));
    this.noteTruth();
    await this.open();
    for (let step = 0; step < this.options.steps; step += 1) {
      await this.happen();
      await this.advance(this.random.pick([10, 200, 1_000, 5_000, 20_000]));
      await this.live();
    }
    this.faults.heal();
    // Somebody sets the clock right.
    if (this.aheadMs !== 0) this.runtime.jump(-this.aheadMs);
    await this.live();
    await this.advance(HEALED_MS);
    await this.live();
    // What only a person may release is released.
    await this.session?.setGate("open", null, "looked at it", "ann").catch(() => undefined);
    await this.advance(HEALED_MS);
    await this.judge();
    return this.result();
  }

  private async open(): Promise<void> {
    this.journal.restore();
    this.failure = undefined;
    const session = await Session.open({
      account: ACCOUNT,
      journal: this.journal,
      venue: this.venue,
      mirrors: [this.mirror],
      policy: this.policy,
      positionMode: "net",
      runtime: this.runtime,
      log: SILENT,
      onFailure: (error) => {
        this.failure = error;
      },
    });
    this.session = session;
    session.start({ bootPass: true, timers: true }).catch((error: unknown) => {
      this.failure ??= error as Error;
    });
    await this.options.settle();
  }

  /** An account that stopped by itself without a crash of ours is a violation, and is opened again. */
  private async live(): Promise<void> {
    if (!this.failure) return;
    this.violations.push(`the account stopped: ${this.failure.message}`);
    await this.crash(false);
  }

  private async crash(isUnsynced: boolean): Promise<void> {
    if (isUnsynced) this.journal.cut();
    this.runtime.clear();
    this.venue.disconnect();
    this.session = undefined;
    await this.options.settle();
    await this.open();
  }

  private async happen(): Promise<void> {
    if (this.faults.strikes("crash")) return this.crash(false);
    if (this.faults.strikes("crash_unsynced")) return this.crash(true);
    if (this.faults.strikes("clock_jump")) this.jump();
    const instrument = this.random.pick(INSTRUMENTS);
    const what = this.random.int(0, 9);
    if (what <= 3) this.botOrders(instrument);
    else if (what === 4) this.repeat();
    else if (what === 5) this.cancels();
    else if (what === 6) this.byHand(instrument);
    else if (what === 7) this.account.transfer(decimal(this.random.pick(["-50", "25", "100"])), "transfer");
    else this.moves(instrument);
  }

  private jump(): void {
    const byMs = this.random.pick([-600_000, -5_000, 5_000, 3_600_000]);
    this.aheadMs += byMs;
    this.runtime.jump(byMs);
  }

  private botOrders(instrument: string): void {
    const intentId = `i-${this.intents.length}`;
    this.intents.push(intentId);
    this.submit(intentId, instrument);
  }

  /** The bot did not hear, and says it again. */
  private repeat(): void {
    if (this.intents.length === 0) return;
    const index = this.random.int(0, this.intents.length - 1);
    this.submit(`i-${index}`, this.ordered.get(`i-${index}`)?.instrument ?? "AAA");
  }

  private readonly ordered = new Map<string, Parameters<Session["submit"]>[0]>();

  private submit(intentId: string, instrument: string): void {
    const known = this.ordered.get(intentId);
    const isLimit = this.random.chance(0.4);
    const order = known ?? {
      intentId,
      instrument,
      leg: "net" as const,
      side: this.random.pick<Side>(["buy", "sell"]),
      type: isLimit ? ("limit" as const) : ("market" as const),
      qty: decimal(String(this.random.int(1, 9))),
      ...(isLimit && { price: decimal(String(this.random.int(90, 110))) }),
      timeInForce: "gtc" as const,
      reduceOnly: false,
      strategy: "momentum",
    };
    this.ordered.set(intentId, order);
    this.session?.submit(order, "bot").then(
      (result) => this.look(intentId, result),
      () => undefined,
    );
  }

  private look(intentId: string, { outcome, order }: CommandResult): void {
    const there = this.account.state.orders.filter((row) => row.clientOrderId === order?.clientOrderId);
    if (outcome === "accepted" && order && there.length === 0) {
      this.violations.push(`${intentId} is told as accepted, and the venue does not have it`);
    }
  }

  private cancels(): void {
    const open = this.account.state.orders.filter(({ status }) => status === "open");
    if (open.length === 0) return;
    const { instrument, clientOrderId } = this.random.pick(open);
    if (clientOrderId === undefined) return;
    this.session?.cancel({ instrument, clientOrderId }, "bot").catch(() => undefined);
  }

  /** Somebody else trades on the account. */
  private byHand(instrument: string): void {
    const side = this.random.pick<Side>(["buy", "sell"]);
    this.account.submit({ instrument, side, type: "market", qty: decimal(String(this.random.int(1, 5))) });
  }

  private moves(instrument: string): void {
    this.account.setPrice(instrument, decimal(String(this.random.int(85, 115))));
  }

  private advance(ms: number): Promise<void> {
    return this.runtime.advance(ms, async () => void (await this.options.settle()));
  }

  private noteTruth(): void {
    const atMs = this.runtime.clock.monotonicMs();
    for (const instrument of INSTRUMENTS) {
      const qty = this.account.state.positions[instrument]?.qty ?? decimal("0");
      const known = this.truths.get(instrument) ?? [];
      if (known.at(-1)?.qty !== qty) known.push({ atMs, qty });
      this.truths.set(instrument, known);
    }
  }

  /** What must hold when all has been well for a while. */
  private async judge(): Promise<void> {
    const { session, violations, account } = this;
    if (!session) return;
    await session.whenIdle();
    const { book } = session;
    for (const instrument of INSTRUMENTS) {
      const venue = account.state.positions[instrument]?.qty ?? decimal("0");
      const local = positionQty(book, positionKey(instrument, "net"));
      if (local !== venue) violations.push(`${instrument}: the book has ${local}, the venue ${venue}`);
    }
    const total = book.balances.get("USD");
    const cash = account.state.cash;
    if (!total || compare(balanceTotal(total), cash) !== 0) {
      violations.push(`balance: the book has ${total ? balanceTotal(total) : "none"}, the venue ${cash}`);
    }
    const counts = new Map<string, number>();
    for (const { clientOrderId } of account.state.orders) {
      if (clientOrderId) counts.set(clientOrderId, (counts.get(clientOrderId) ?? 0) + 1);
    }
    for (const [id, count] of counts) if (count > 1) violations.push(`I2: ${count} orders under ${id}`);
    for (const order of book.orders.values()) {
      const status = orderStatus(order);
      if (status === "unknown" || status === "pending") violations.push(`L2: ${order.orderKey} is ${status}`);
      const row =
        order.clientOrderId === null ? undefined : account.find({ clientOrderId: order.clientOrderId });
      const truth = row?.status ?? "absent";
      const isSame = row ? status === truth : status === "rejected";
      if (order.clientOrderId !== null && !isSame) {
        violations.push(`order ${order.orderKey} is ${status}, at the venue ${truth}`);
      }
    }
    const booked = new Set([...book.fills.values()].map(({ facts }) => facts.tradeId));
    for (const { tradeId } of account.state.fills) {
      if (!booked.has(tradeId)) violations.push(`I3: fill ${tradeId} is not booked`);
    }
    if (book.fills.size > account.state.fills.length) violations.push("I3: more fills than the venue has");
    if (book.gate.account.length > 0 || Object.keys(book.gate.instruments).length > 0) {
      violations.push(`gate: ${JSON.stringify(book.gate)}`);
    }
    const open = [...book.discrepancies.values()].filter(({ kind }) => kind !== "entry_price_mismatch");
    for (const { kind, subject } of open) violations.push(`open: ${kind} ${JSON.stringify(subject)}`);
    const folded = toState(await restoreBook(this.journal, ACCOUNT));
    if (JSON.stringify(folded) !== JSON.stringify(toState(book)))
      violations.push("I4: fold(journal) is not memory");
    const { problems } = await this.journal.verify(ACCOUNT);
    if (problems.length > 0) violations.push(`I11: ${problems[0]?.detail}`);
    const rows = (await this.mirror.read()).rows.map(({ instrument, qty }) => `${instrument} ${qty}`).sort();
    const held = account
      .positionRows()
      .map(({ instrument, qty }) => `${instrument} ${qty}`)
      .sort();
    if (rows.join() !== held.join()) violations.push(`mirror: ${rows.join()} is not ${held.join()}`);
    for (const record of await this.records()) this.judgeRecord(record);
  }

  /** I8: nothing is ever inferred that was not so at the venue in the time that the read was about. */
  private judgeRecord(record: JournalRecord): void {
    if (record.kind !== "adjustment_inferred" || record.payload.subject !== "position") return;
    const { instrument, qtyAfter, basis } = record.payload;
    // An opening says what was there before fills that came later; an order's fill, what its order says.
    if (basis !== "estimate") return;
    const truths = this.truths.get(instrument) ?? [];
    if (!truths.some(({ qty }) => qty === qtyAfter)) {
      this.violations.push(`I8: ${basis} of ${instrument} to ${qtyAfter}, which the venue never had`);
    }
  }

  private records(): Promise<JournalRecord[]> {
    return this.journal.read(ACCOUNT, 0, Number.MAX_SAFE_INTEGER);
  }

  private async result(): Promise<SeedResult> {
    const records = await this.records();
    return {
      seed: this.options.seed,
      violations: this.violations,
      enabled: this.faults.enabled,
      fired: Object.fromEntries(this.faults.fired),
      traceHash: digestHex(JSON.stringify(records)),
      records: records.length,
      virtualMs: this.runtime.clock.monotonicMs() - START_MS,
    };
  }
}
