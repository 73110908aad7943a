// One simulated run: the real engine, unchanged, on a venue that lies, with bots and people that trade and a process that
// dies. First with faults; then all is well, time passes, and everything must be as the venue has it.

import type { Alert } from "../../alerts/index.ts";
import {
  type AccountPolicy,
  type CommandCapabilities,
  decimal,
  digestHex,
  type FillRow,
  heldCount,
  type JournalRecord,
  type OrderIntent,
  orderStatus,
  type Payloads,
  POLICY_DEFAULT,
  positionKey,
  positionQty,
} from "../../core/index.ts";
import { type CommandResult, Session } from "../../engine/index.ts";
import { MemoryJournal } from "../../journal/memory/index.ts";
import type { EventName } from "../../runtime/index.ts";
import { HABITS } from "../faults/index.ts";
import { allWatches } from "../invariants/index.ts";
import type { VenueRequest, Watch, World } from "../invariants/world.ts";
import { SimReferee } from "../referee/index.ts";
import type { RefereeEvent } from "../referee/referee.ts";
import { VirtualRuntime } from "../virtual-runtime.ts";
import { Answers } from "./answers.ts";
import { drawDeclared, impossibleFor } from "./declared.ts";
import { drawDeadMan, drawExits, drawMode } from "./exit-habits.ts";
import { type FaultId, FaultPlan } from "./faults.ts";
import { drawHabits, type Habits } from "./habits.ts";
import { type Asked, FORTY_MINUTES_MS, LyingVenue, SECRET } from "./lying-venue.ts";
import { BotStore } from "./mirrors.ts";
import { People } from "./people.ts";
import { ProcessJournal } from "./process-journal.ts";
import { PROFILE_TRAITS } from "./profiles.ts";
import { SeededRandom } from "./random.ts";
import {
  type InvariantId,
  type Profile,
  type SeedOptions,
  type SeedResult,
  UNASKED_CLOSINGS,
  type Violation,
} from "./result.ts";
import { StopTrouble } from "./stop-trouble.ts";
import { OTHER_STRATEGY, STRATEGIES, Workload } from "./workload.ts";

const START_MS = Date.UTC(2026, 0, 5, 15);
const ACCOUNT = "sim";
const FEED_CHANCE = 0.4;
/** Once nothing goes wrong any more: enough for every order of unknown outcome to be found out about. In ms. */
const HEALED_MS = 90_000;
/** After what a person did: enough to see it, confirm it and put it right. In ms. */
const AFTER_PERSON_MS = 60_000;
/** Plans that a person makes in the end, one after the other. */
const PLANS_MAX = 3;
/** How often what an exit has just traded is waited for before all is judged. */
const TRADES_MAX = 5;
/** How often an order trades in part and is cancelled while nobody hears of it, and its fills are out of reach afterwards. */
const TRADES_WHILE_AWAY = 0.5;
/** How an account stops that is not alone on its journal, or whose disk fails. */
const DUE_STOPS = ["Another writer is at work", "its disk failed"];
/** What closes a gate as it must: something was not answered, somebody asked for it, the venue traded by itself. */
const DUE: ReadonlySet<string> = new Set([
  "incomplete_read",
  "wrong_account",
  "operator",
  "kill",
  "forced_trade",
]);
/** Faults by which a read says of positions or orders what is not so. */
const READS_LIE: readonly FaultId[] = [
  "positions_empty",
  "positions_short",
  "positions_partial",
  "positions_lag",
  "positions_stale",
  "rows_doubled",
  "orders_missing",
  "orders_partial",
  "order_backwards",
  "other_account",
  "lookup_wrong_row",
];
/** A run in which more goes wrong than this tells nothing more. */
const VIOLATIONS_MAX = 20;

export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  return new SeedRun(options).run();
}

class SeedRun {
  private readonly options: SeedOptions;
  private readonly profile: Profile;
  private readonly random: SeededRandom;
  private readonly faults: FaultPlan;
  private habits: Habits;
  private policy: AccountPolicy;
  private readonly runtime = new VirtualRuntime(START_MS);
  private readonly store = new MemoryJournal();
  private readonly referee: SimReferee;
  private readonly venue: LyingVenue;
  private readonly mirror: BotStore;
  private readonly mirrors: readonly BotStore[];
  private readonly workload: Workload;
  private readonly people: People;
  private readonly answers: Answers;
  private readonly watches: readonly Watch[];
  private readonly violations: Violation[] = [];
  private readonly checked: Partial<Record<InvariantId, number>> = {};
  private readonly counts: Record<string, number> = {};
  private readonly told: { readonly atMs: number; readonly alert: Alert }[] = [];
  private readonly logged: string[] = [];
  private jumpsNoticed = 0;
  private readonly commanded = new Map<string, number>();
  private readonly ofBot: SeededRandom;
  private readonly ofAway: SeededRandom;
  /** What everything about exits is drawn from; null where nobody closes positions by them. */
  private readonly ofExits: SeededRandom | null;
  /** Whether exits may lie at the venue. */
  private readonly arePlaced: boolean;
  private readonly steps: number;
  private readonly writeMs: number;
  private readonly withViews: boolean;
  private journal: ProcessJournal | undefined;
  private session: Session | undefined;
  private failure: Error | undefined;
  private durableSeq = 0;
  /** Processes that another one has come beside, and that have not noticed yet. */
  private readonly rivals = new Set<number>();
  /** Counts processes: one that dies while it starts never comes up. */
  private generation = 0;
  private events = 0;
  private trace = "";
  /** Our clock, ahead of the venue's. */
  private aheadMs = 0;

  constructor(options: SeedOptions) {
    this.options = options;
    this.profile = options.profile ?? "swarm";
    this.random = new SeededRandom(options.seed);
    const { random } = this;
    const traits = PROFILE_TRAITS[this.profile];
    const place = () => ({ atMs: this.runtime.clock.monotonicMs(), seq: this.durableSeq });
    this.faults = new FaultPlan(random.fork("faults"), place, traits.faults, options.only);
    const declared = this.profile === "declared" ? drawDeclared(random.fork("declared")) : undefined;
    if (declared) this.faults.leaveOut(impossibleFor(declared.capabilities));
    this.habits = { ...drawHabits(random.fork("habits"), this.faults, declared), ...traits.habits };
    const draws = random.fork("policy");
    // Drawn also where it is given, so that all else is drawn as without it.
    const steps = draws.pick(traits.steps);
    this.steps = options.steps ?? steps;
    this.writeMs = draws.pick([0, 1, 5, 40]);
    this.withViews = draws.chance(0.05);
    const policy = fitting({ ...drawPolicy(draws), ...traits.policy }, this.habits.capabilities.commands);
    const ofExits = random.fork("exits");
    const hasExits = ofExits.chance(traits.exits.chance) && policy.mode === "executor";
    this.ofExits = hasExits ? ofExits : null;
    this.policy = this.ofExits ? { ...policy, ...drawExits(this.ofExits) } : policy;
    this.arePlaced = this.ofExits !== null && traits.exits.atVenue;
    if (this.arePlaced) this.policy = this.placedBy(random.fork("modes"));
    const { habits, faults } = this;
    const note = (text: string) => this.line(`- ${text}`);
    const stops = this.arePlaced
      ? new StopTrouble({
          random: random.fork("stops"),
          isHealed: () => faults.isHealed,
          note,
          count: (what) => this.count(what),
        })
      : null;
    this.referee = new SimReferee({
      accountId: "sim-1",
      instruments: habits.instruments,
      positionMode: habits.positionMode,
      balances: Object.fromEntries(
        ["USD", "USDT", ...coinsThatPay(habits.instruments)].map((asset) => [asset, decimal("1000000")]),
      ),
      feeRatio: habits.feeRatio,
      isFeeInBase: habits.isFeeInBase,
      amend: habits.capabilities.commands.amend === "replaces" ? "replaces" : "in_place",
      partialChance: habits.partialChance,
      ...(stops && { restOfStop: () => stops.restOfStop() }),
      random: random.fork("referee"),
      nowMs: () => this.runtime.clock.monotonicMs(),
      onEvent: (event) => this.happened(event),
    });
    this.venue = new LyingVenue({
      referee: this.referee,
      runtime: this.runtime,
      random: random.fork("venue"),
      ofFeed: this.ofFeed(),
      faults,
      habits,
      stops,
      onDeadMan: (event) => {
        if (event.kind === "fired") {
          note(
            `the dead-man switch of ${event.instrument ?? "the account"} cancels ${event.orders.length} orders`,
          );
          this.count("dead-man switches fired");
        }
        for (const watch of this.watches) watch.onDeadMan?.(event);
      },
      leastMissing: () => {
        const { blastRadiusRows, blastRadiusRatio } = this.policy;
        const held = this.session ? heldCount(this.session.book) : 0;
        return Math.max(blastRadiusRows, Math.floor(held * Number(blastRadiusRatio))) + 1;
      },
      isKnown: ({ instrument, leg = "net" }) =>
        this.session !== undefined && positionQty(this.session.book, positionKey(instrument, leg)) !== "0",
      isMet: () => this.session !== undefined && this.session.book.venueAccountId !== null,
      isSettled: () => this.isSettled(),
      onRequest: (asked, isOfLatest) => this.asked(asked, isOfLatest),
    });
    this.ofBot = random.fork("bot");
    this.ofAway = random.fork("away");
    const ofMirrors = random.fork("mirrors");
    this.mirror = new BotStore(faults, this.runtime, ofMirrors);
    // A store of one strategy's lots beside the account's, which nobody but trueup keeps: on calm days each bot keeps its own.
    this.mirrors =
      draws.chance(0.3) && this.profile !== "calm"
        ? [this.mirror, new BotStore(faults, this.runtime, ofMirrors, "momentum")]
        : [this.mirror];
    const session = () => this.session;
    this.workload = new Workload({
      account: ACCOUNT,
      random: random.fork("workload"),
      faults,
      habits,
      referee: this.referee,
      mirror: this.mirror,
      orderShare: traits.orderShare,
      ofGrid: this.ofGrid(),
      ofExits: this.ofExits,
      stops,
      onOrder: (intentId) => this.ordered(intentId),
      session,
      onFlattened: (result) => {
        this.line(`- ann is told that ${result.planId} is ${result.isFlat ? "flat" : "not flat"}`);
        for (const watch of this.watches) watch.onFlattened?.(result);
      },
      onAnswer: (intent, result) => this.answered(intent, result),
      note,
    });
    this.people = new People({
      account: ACCOUNT,
      random: random.fork("people"),
      ofExits: this.ofExits?.fork("kills") ?? null,
      faults,
      habits,
      venue: this.venue,
      session,
      nowMs: () => this.runtime.clock.nowMs(),
      monotonicMs: () => this.runtime.clock.monotonicMs(),
      note,
    });
    const world = this.world();
    this.watches = allWatches(world);
    this.answers = new Answers(world);
  }

  /** Exits may lie at the venue, and the owner may use the dead-man switch that it then has. */
  private placedBy(random: SeededRandom): AccountPolicy {
    const { exits } = this.policy;
    const mode = drawMode(random);
    const deadMan = drawDeadMan(random);
    const { capabilities } = this.habits;
    const commands = { ...capabilities.commands, deadMan: deadMan?.declared ?? ("none" as const) };
    const names = [...this.habits.names, mode.mode, ...(deadMan ? ["dead_man"] : [])];
    this.habits = { ...this.habits, names, capabilities: { ...capabilities, commands } };
    return {
      ...this.policy,
      ...(exits && { exits: { ...exits, ...mode } }),
      deadMan: deadMan && { timeoutMs: deadMan.timeoutMs },
    };
  }

  /** Not every venue has a price feed. */
  private ofFeed(): SeededRandom | null {
    const draws = this.random.fork("feed");
    const chance = this.ofExits ? PROFILE_TRAITS[this.profile].exits.streams : FEED_CHANCE;
    return draws.chance(chance) ? draws : null;
  }

  /** Where an amendment can go wrong, a bot is likely to make some. */
  private ofGrid(): SeededRandom | null {
    const { grids } = PROFILE_TRAITS[this.profile];
    const random = this.random.fork("grid");
    if (this.policy.mode !== "executor") return null;
    const isAmending = this.faults.isEnabled("amend_lost") || this.faults.isEnabled("amend_half");
    return random.chance(isAmending ? grids.whereAmendmentsFail : grids.elsewhere) ? random : null;
  }

  async run(): Promise<SeedResult> {
    const { random } = this;
    const draws = random.fork("run");
    const traits = PROFILE_TRAITS[this.profile];
    for (const { symbol } of this.habits.instruments) {
      this.referee.setPrice(symbol, this.habits.prices[symbol] ?? decimal("100"));
    }
    this.line(
      `seed ${this.options.seed}, ${this.profile}: ${this.habits.names.join(" ")}; faults ${this.faults.enabled.join(" ")}`,
    );
    // The account has a history before anybody looks at it.
    for (let trades = draws.int(0, 4); trades > 0; trades -= 1) {
      this.workload.trade();
      await this.runtime.advance(draws.pick([1_000, 100_000]), this.options.settle);
    }
    await this.start();
    for (let step = 0; step < this.steps && !this.isOver(); step += 1) {
      this.count("steps");
      await this.happen(draws);
      await this.advance(draws.pick(traits.paces));
    }
    this.heal();
    await this.settleDown();
    await this.judge();
    return this.result();
  }

  private isOver(): boolean {
    return this.violations.length >= VIOLATIONS_MAX;
  }

  /** From here on nothing goes wrong any more. */
  private heal(): void {
    this.line("- all faults are over");
    this.faults.heal();
    // A stop that traded in part goes on with the next trade of others.
    for (const { symbol } of this.arePlaced ? this.habits.instruments : []) {
      this.referee.setPrice(symbol, this.referee.lastPrice(symbol));
    }
    // Somebody sets the clock right.
    if (this.aheadMs !== 0) this.runtime.jump(-this.aheadMs);
    this.aheadMs = 0;
  }

  private async settleDown(): Promise<void> {
    await this.advance(0);
    await this.advance(HEALED_MS);
    // What was said an hour ago may be said again.
    if (this.faults.struck.some(({ fault }) => fault === "stream_doubled_late"))
      await this.advance(FORTY_MINUTES_MS);
    // Whoever finds nothing running starts it.
    if (!this.session) {
      await this.start();
      await this.advance(HEALED_MS);
    }
    // What only a person may release is released, and what only a person can know is settled by plan.
    await this.during(this.people.finish());
    await this.advance(AFTER_PERSON_MS);
    // What one plan settles may show what it hid: an order of unknown outcome keeps its instrument from being compared.
    for (let plans = 0; plans < PLANS_MAX && this.session; plans += 1) {
      const before = this.durableSeq;
      await this.during(this.people.plan(this.session));
      const isDone = this.durableSeq === before;
      await this.advance(AFTER_PERSON_MS);
      if (isDone) break;
    }
    // What an exit has closed meanwhile needs its passes, too.
    for (let times = 0; times < TRADES_MAX && this.hasJustTraded(); times += 1) {
      await this.advance(AFTER_PERSON_MS);
    }
  }

  private hasJustTraded(): boolean {
    const sinceMs = this.runtime.clock.monotonicMs() - AFTER_PERSON_MS;
    return this.referee.fills().some(({ timestamp }) => timestamp > sinceMs);
  }

  private async happen(draws: SeededRandom): Promise<void> {
    const { faults } = this;
    if (faults.strikes("crash")) this.dieSoon(draws, "crash");
    if (faults.strikes("crash_unsynced")) this.dieSoon(draws, "crash_unsynced");
    if (faults.strikes("stop")) await this.restart();
    if (faults.strikes("fills_window", null, 0.3)) await this.stayAway(draws.int(1_300_000, 4_000_000));
    if (faults.strikes("kill_while_down")) await this.killWhileDown();
    if (faults.strikes("second_writer", null, 0.3)) await this.start();
    if (faults.strikes("clock_jump")) this.jump(draws);
    if (PROFILE_TRAITS[this.profile].hasPeople) this.people.next();
    this.workload.next();
  }

  /** At any moment, in the middle of whatever is being done by then. */
  private dieSoon(draws: SeededRandom, fault: "crash" | "crash_unsynced"): void {
    this.runtime.outside.after(draws.int(0, 3_000), () => {
      this.line(`- the process dies (${fault})`);
      this.end();
      this.runtime.outside.after(draws.pick([0, 50, 2_000, 30_000, 120_000]), () => {
        if (!this.session) void this.opened();
      });
    });
  }

  private async stayAway(ms: number): Promise<void> {
    this.line(`- the process is away for ${ms} ms`);
    this.end();
    if (this.ofAway.chance(TRADES_WHILE_AWAY)) this.workload.tradeAndCancel(this.ofAway);
    for (let part = 0; part < 5; part += 1) {
      this.workload.next();
      await this.advance(Math.floor(ms / 5));
    }
    if (!this.session) await this.start();
  }

  /** Ended in good order: what is under way is finished, and a checkpoint is made. */
  private async restart(): Promise<void> {
    this.line("- the process is stopped");
    const { session } = this;
    if (!session) return;
    await this.during(session.stop());
    // Whoever waits no longer, kills.
    this.end();
    await this.start();
  }

  private async killWhileDown(): Promise<void> {
    this.end();
    this.people.latch();
    await this.start();
  }

  private jump(draws: SeededRandom): void {
    const byMs = draws.pick([-600_000, -5_000, 5_000, 3_600_000]);
    this.line(`- our clock jumps by ${byMs} ms`);
    this.aheadMs += byMs;
    this.runtime.jump(byMs);
  }

  /** The process is gone, with all that it had in its memory. */
  private end(): void {
    this.rivals.clear();
    this.people.askedAtMs = null;
    this.generation += 1;
    this.journal?.end();
    this.venue.disconnect();
    this.runtime.clear();
    this.session = undefined;
    this.failure = undefined;
  }

  /** Starts a process, and waits until it is there. */
  private async start(): Promise<void> {
    await this.during(this.opened());
  }

  private async opened(): Promise<void> {
    for (let tries = 0; tries < 3; tries += 1) {
      try {
        await this.open();
        return;
      } catch (error) {
        // It stopped with a reason, and whoever runs it starts it again.
        if (!(error instanceof Error) || !isDue(error)) return this.stop(error);
        this.end();
      }
    }
  }

  /** Lets time pass until it is done, or nobody would wait any longer. */
  private async during(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    work.then(
      () => {
        isDone = true;
      },
      () => {
        isDone = true;
      },
    );
    await this.options.settle();
    for (let looks = 0; looks < 2_000 && !isDone; looks += 1)
      await this.runtime.advance(100, () => this.rest());
  }

  private async open(): Promise<void> {
    const { runtime, faults, policy, habits, mirrors } = this;
    const isSecond = this.session !== undefined;
    this.generation += 1;
    const { generation } = this;
    if (!isSecond) this.runtime.clear();
    const journal = new ProcessJournal({
      store: this.store,
      runtime,
      writeMs: () => (faults.strikes("journal_slow", null, 0.1) ? 3_000 : this.writeMs),
      isDown: () => faults.strikes("journal_down", null, 0.02),
      withViews: this.withViews,
    });
    const before = this.journal;
    this.journal = journal;
    const session = await Session.open({
      account: ACCOUNT,
      journal,
      venue: this.venue.connect(),
      mirrors,
      policy,
      positionMode: habits.positionMode,
      runtime,
      log: {
        event: (level, name, fields, text) => {
          if (name === "clock.jumped" && generation === this.generation) this.jumpsNoticed += 1;
          this.log(name, `${level} ${name} ${JSON.stringify(fields)} ${text}`);
        },
      },
      alerts: [{ name: "person", send: (alert) => this.tell(alert) }],
      latch: this.people.latched ?? this.people.killed,
      onRecord: (record) => this.durable(record),
      onPass: (report) => {
        if (generation !== this.generation) return;
        this.count("passes");
        for (const watch of this.watches) watch.onPass?.(report);
      },
      onFailure: (error) => {
        if (generation === this.generation) this.failure = error;
        else this.rivals.delete(generation);
      },
    });
    if (generation !== this.generation) return;
    // The first one goes on until the journal tells it that it is not alone; then it must have stopped by itself.
    if (isSecond) {
      this.rivals.add(generation - 1);
      this.runtime.outside.after(60_000, () => {
        before?.end();
        this.rivals.delete(generation - 1);
      });
    }
    this.session = session;
    this.count("starts");
    for (const watch of this.watches) await watch.onRestart?.();
    if (this.people.latched ?? session.book.kill) this.people.askedAtMs = runtime.clock.monotonicMs();
    session.start({ bootPass: true, timers: true }).catch((error: unknown) => {
      if (generation === this.generation) this.failure ??= error as Error;
    });
  }

  private isSettled(): boolean {
    const orders = [...(this.session?.book.orders.values() ?? [])].map(orderStatus);
    return orders.every((status) => status !== "unknown" && status !== "pending");
  }

  private tell(alert: Alert): Promise<void> {
    if (this.faults.strikes("alert_channel_down", alert.kind))
      return Promise.reject(new Error("503 from the messenger"));
    this.told.push({ atMs: this.runtime.clock.monotonicMs(), alert });
    this.line(`! ${alert.kind}: ${alert.text}`);
    return Promise.resolve();
  }

  private async advance(ms: number): Promise<void> {
    await this.runtime.advance(ms, () => this.rest());
    await this.live();
  }

  /** All that is under way comes to rest; then everything is looked at. */
  private async rest(): Promise<void> {
    await this.options.settle();
    this.events += 1;
    if (this.isOver()) return;
    for (const watch of this.watches) watch.afterEvent?.();
  }

  /** An account that stopped by itself must have had a reason, and is opened again. */
  private async live(): Promise<void> {
    if (!this.failure) return;
    const { message } = this.failure;
    if (!isDue(this.failure)) this.violate("stopped", `the account stopped: ${message}`);
    this.line(`- the account stopped: ${message}`);
    this.end();
    await this.start();
    await this.options.settle();
  }

  private stop(error: unknown): void {
    this.violate(
      "stopped",
      `the account does not start: ${error instanceof Error ? error.message : String(error)}`,
    );
  }

  private happened(event: RefereeEvent): void {
    this.line(`< ${JSON.stringify(event)}`);
    this.count(`venue ${event.kind}`);
    for (const watch of this.watches ?? []) watch.onVenueEvent?.(event);
    this.venue.publish(event);
    if (event.kind === "fill" && this.habits.botBooks) this.botBooks(event.fill);
  }

  /** What the bot itself makes of a trade, a moment later. */
  private botBooks({ instrument, leg = "net" }: FillRow): void {
    this.runtime.outside.after(this.ofBot.int(20, 800), () => {
      this.mirror.book(instrument, leg, this.referee.qty(instrument, leg)).catch(() => undefined);
    });
  }

  private asked(asked: Asked, isOfLatest: boolean): void {
    const request = {
      ...asked,
      atMs: this.runtime.clock.monotonicMs(),
      durableSeq: this.durableSeq,
    } as VenueRequest;
    if (request.kind !== "read") {
      this.line(`> ${JSON.stringify(request)}`);
      this.count(request.kind);
    }
    // What a process asks that does not know yet that another one has begun is judged by what it knew: by the journal alone.
    if (!isOfLatest) return;
    for (const watch of this.watches) watch.onRequest?.(request);
  }

  private durable(record: JournalRecord): void {
    this.durableSeq = Math.max(this.durableSeq, record.seq);
    this.line(`= ${record.seq} ${record.kind} ${JSON.stringify(record.payload)}`);
    // A start finds the latch that was left for it, whatever it makes of it.
    const isStart = record.kind === "gate_changed" && record.causeId === "boot";
    if (record.kind === "kill_released") {
      this.people.askedAtMs = null;
      this.people.isAllAsked = false;
    }
    if (record.kind === "kill_engaged" || isStart) this.people.takeUp();
    if (record.kind === "gate_changed") this.gateChanged(record.payload);
    if (record.kind === "repair_applied") this.people.repairs.push(record.payload.repairId);
    for (const watch of this.watches) watch.onRecord?.(record);
    this.answers.onRecord(record);
  }

  /** Closings are counted by what closed; a start is none. */
  private gateChanged({ from, to, reasons }: Payloads["gate_changed"]): void {
    if (from !== "open" || to === "open" || reasons.every(({ code }) => code === "boot")) return;
    this.count("gate closings");
    if (!reasons.some(({ code }) => DUE.has(code))) this.count(UNASKED_CLOSINGS);
    for (const { code } of reasons) this.count(`gate closed by ${code}`);
  }

  private ordered(intentId: string): void {
    // One that was refused, or lost with its process, is decided anew when it is given again.
    const isKnown = this.session?.book.intents.has(intentId) === true;
    if (!isKnown) this.commanded.set(intentId, this.runtime.clock.monotonicMs());
    // In the same moment somebody may think better of it: it is decided by then, and may not be durable.
    if (PROFILE_TRAITS[this.profile].hasPeople && this.ofBot.chance(0.05)) {
      this.runtime.outside.after(0, () => this.people.interfere());
    }
  }

  /** What a bot is told of its order must be so at the venue, or on its way. */
  private answered(intent: OrderIntent, result: CommandResult): void {
    const { intentId } = intent;
    const { outcome, order, isRepeat, isSent, code } = result;
    this.line(`- the bot is told that ${intentId} is ${outcome}`);
    this.count(`told ${outcome}`);
    for (const watch of this.watches) watch.onAnswer?.(intent, result);
    const id = order?.clientOrderId;
    if (id == null || isRepeat) return;
    const row = this.referee.find({ clientOrderId: id });
    if (outcome === "accepted" && !row) {
      this.violate("oracle", `${intentId} is told as accepted, and the venue does not have it`);
    }
    if (outcome === "rejected" && (row || this.venue.isOnItsWay(id))) {
      const how = isSent ? "after it was sent" : "before it was sent";
      this.violate(
        "oracle",
        `${intentId} is told as rejected (${code}, ${how}), and the venue has it: ${row?.status}`,
      );
    }
  }

  private log(name: EventName, text: string): void {
    this.logged.push(text);
    this.answers.onLog(name);
  }

  private line(text: string): void {
    const atMs = this.runtime.clock.monotonicMs() - START_MS;
    const line = `${atMs} ${text}`;
    this.trace = digestHex(this.trace + line);
    this.options.onTrace?.(line);
  }

  private count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  private violate(invariant: Violation["invariant"], text: string): void {
    if (this.isOver()) return;
    const atMs = this.runtime.clock.monotonicMs() - START_MS;
    this.line(`# ${invariant}: ${text}`);
    this.violations.push({ invariant, text, atMs });
  }

  private world(): World {
    const { clock } = this.runtime;
    return {
      account: ACCOUNT,
      referee: this.referee,
      journal: this.store,
      policy: this.policy,
      positionMode: this.habits.positionMode,
      capabilities: this.habits.capabilities,
      mirror: this.mirror,
      secrets: [SECRET],
      monotonicMs: () => clock.monotonicMs(),
      nowMs: () => clock.nowMs(),
      // While two are at work neither is the account's.
      session: () => (this.rivals.size === 0 ? this.session : undefined),
      isHealed: () => this.faults.isHealed,
      killed: () => this.people.killed,
      killAskedAtMs: () => this.people.askedAtMs,
      isAllAsked: () => this.people.isAllAsked,
      told: () => this.told,
      log: () => this.logged,
      jumpsNoticed: () => this.jumpsNoticed,
      commandedAtMs: (intentId) => this.commanded.get(intentId),
      isOnItsWay: (clientOrderId) => this.venue.isOnItsWay(clientOrderId),
      isUnanswered: (clientOrderId) => this.venue.isUnanswered(clientOrderId),
      deniedAtMs: (what) => this.venue.deniedAtMs(what),
      reversalsTold: () => this.venue.reversalsTold,
      listedAtMs: (tradeId) => this.venue.listedAtMs(tradeId),
      clientOrderIdOf: (intentId, strategy) => this.idOf(intentId, strategy),
      lastPrice: (instrument) => this.referee.lastPrice(instrument),
      extremePrice: (instrument, isHighest, sinceMs) =>
        this.venue.extremePrice(instrument, isHighest, sinceMs),
      areReadsTrue: () => READS_LIE.every((fault) => !this.faults.isEnabled(fault)),
      wasPrice: (instrument, last, sinceMs) => this.venue.wasPrice(instrument, last, sinceMs),
      check: (invariant, times = 1) => {
        this.checked[invariant] = (this.checked[invariant] ?? 0) + times;
      },
      count: (what) => this.count(what),
      violate: (invariant, text) => this.violate(invariant, text),
    };
  }

  /** As SPEC says it (R16), without the code that commands go through. */
  private idOf(intentId: string, strategy: string | null): string {
    const { clientOrderIdCharacters, clientOrderIdLengthMax: most } = this.habits.capabilities.commands;
    const isDashTaken = new RegExp(`^[${clientOrderIdCharacters}]$`).test("-");
    const prefix = this.policy.strategies[strategy ?? ""] ?? (isDashTaken ? "tu-" : "tu");
    const hash = digestHex(JSON.stringify([ACCOUNT, intentId]));
    return prefix + hash.slice(0, Math.max(16, Math.min(24, most - prefix.length)));
  }

  private async judge(): Promise<void> {
    if (!this.session) return;
    await this.during(this.session.whenIdle());
    for (const watch of this.watches) await watch.judge?.();
    const isAgreed = this.violations.length === 0;
    const habits = this.habits.names.filter((name) => name in HABITS);
    this.answers.judge(this.faults.struck, habits, isAgreed);
    for (const text of this.answers.unanswered) this.line(`- not answered: ${text}`);
  }

  private async result(): Promise<SeedResult> {
    const { faults, answers } = this;
    const fired: Record<string, number> = {};
    const names = [
      ...faults.struck.map(({ fault }) => fault),
      ...this.habits.names.filter((name) => name in HABITS),
    ];
    for (const name of names) fired[name] = (fired[name] ?? 0) + 1;
    const head = await this.store.head(ACCOUNT);
    return {
      seed: this.options.seed,
      profile: this.profile,
      violations: this.violations,
      enabled: faults.enabled,
      fired,
      answered: answers.answered,
      checked: this.checked,
      habits: this.habits.names,
      counts: this.counts,
      cycles: this.watches.find(({ cycles }) => cycles !== undefined)?.cycles ?? null,
      traceHash: this.trace,
      events: this.events,
      records: head.seq,
      virtualMs: this.runtime.clock.monotonicMs() - START_MS,
    };
  }
}

/** What inverse contracts pay in; of all else the dollars are there. */
function coinsThatPay(instruments: Habits["instruments"]): readonly string[] {
  return instruments.flatMap(({ payoff, quote }) => (payoff === "inverse" && quote !== null ? [quote] : []));
}

function isDue({ message }: Error): boolean {
  return DUE_STOPS.some((text) => message.includes(text));
}

/** Prefixes that this venue takes: a configuration with others is refused before anything runs. */
function fitting(policy: AccountPolicy, commands: CommandCapabilities): AccountPolicy {
  const allowed = new RegExp(`[${commands.clientOrderIdCharacters}]`);
  const plain = (prefix: string) => [...prefix].filter((one) => allowed.test(one)).join("");
  const entries = Object.entries(policy.strategies).map(([name, prefix]) => [name, plain(prefix)]);
  return { ...policy, strategies: Object.fromEntries(entries) };
}

function drawPolicy(random: SeededRandom): AccountPolicy {
  const some = random.chance(0.5);
  return {
    ...POLICY_DEFAULT,
    mode: random.pick(["executor", "executor", "executor", "beside"]),
    confirmations: random.pick([1, 2, 3]),
    graceMs: random.pick([0, 2_000, 5_000]),
    intervalMs: random.pick([3_000, 6_000, 15_000]),
    blastRadiusRows: random.pick([1, 2, 3]),
    blastRadiusRatio: decimal(random.pick(["0", "0.2", "0.5"])),
    sendDeadlineMs: random.pick([100, 2_000]),
    strategies: { ...STRATEGIES, ...OTHER_STRATEGY },
    limits: {
      orderValueMax: some ? decimal("500") : null,
      positionValueMax: some ? decimal("600") : null,
      exposureMax: some ? decimal("1500") : null,
      openOrdersMax: some ? 6 : null,
      ordersPerMinuteMax: some ? 20 : null,
    },
  };
}
