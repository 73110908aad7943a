// The venue's dead-man switch: kept set while this process is at work, so that the venue itself cancels what is open when
// nobody is any more. Set before the first order may leave and three times in its time; turned off by an orderly stop
// alone, and only where nothing of ours is open. What it took is found by the passes: nothing is placed again.
import { type AccountPolicy, type Book, type DeadManCapability, isActive } from "../core/index.ts";
import type { Log, Runtime } from "../runtime/index.ts";
import type { CommandOutcome, Venue } from "../venues/index.ts";
import type { AlertFacts } from "./alerting.ts";
import { guarded, problemOf } from "./observe.ts";

/** So many times in its time it is set anew … */
const PARTS = 3;
/** … and, after a failure, so many times, until its time is over. */
const PARTS_FAILED = 9;
/** What failed for longer is tried so often: some venues count every call against the account. In ms. */
const TIRED_MS = 60_000;
/** Turning it off is waited for no longer. In ms. */
const OFF_MS = 5_000;
/** Failures running of which a person is told. */
const FAILURES_TOLD = 2;

/** What the switch is given by the account's session. */
export interface DeadManInputs {
  readonly account: string;
  readonly venue: Venue;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly policy: AccountPolicy;
  readonly book: () => Book;
  readonly tell: (alert: AlertFacts) => void;
}

/** The switch as it is now. */
export interface DeadManReport {
  readonly timeoutMs: number;
  readonly scope: "account" | "instrument";
  /** Instruments for which it is set; empty where it is the account's. */
  readonly instruments: readonly string[];
  /** Whether every one that is needed is set, as far as the venue has answered. */
  readonly isSet: boolean;
  /** Since the oldest of them was set, in ms; null where none is. */
  readonly ageMs: number | null;
  /** Why one could not be set; null where all could. */
  readonly problem: string | null;
}

interface Switch {
  /** Null is the account's. */
  readonly instrument: string | null;
  /** When the call left that the venue took, monotonic ms; null before the first. */
  setAtMs: number | null;
  failures: number;
  problem: string | null;
  /** One call after another: a late one must not undo the next. */
  work: Promise<void>;
}

/** The switch of one account, from its start to its stop. */
export class DeadMan {
  private readonly inputs: DeadManInputs;
  private readonly timeoutMs: number;
  private readonly scope: DeadManCapability["scope"];
  private readonly turnsOff: boolean;
  private readonly switches = new Map<string | null, Switch>();
  private cancelTimer: (() => void) | undefined;
  private isOver = false;
  private isTold = false;

  private constructor(inputs: DeadManInputs, timeoutMs: number, { scope, turnsOff }: DeadManCapability) {
    this.inputs = inputs;
    this.timeoutMs = timeoutMs;
    this.scope = scope;
    this.turnsOff = turnsOff;
  }

  /** Null where none is wanted, or nothing is sent, or the venue has none. */
  static of(inputs: DeadManInputs): DeadMan | null {
    const { policy, venue } = inputs;
    const { deadMan: declared } = venue.capabilities.commands;
    if (!policy.deadMan || policy.mode !== "executor" || policy.observe) return null;
    if (declared === "none" || !venue.deadMan) return null;
    return new DeadMan(inputs, policy.deadMan.timeoutMs, declared);
  }

  /** Sets it for what is open already: the switch of the process before may be running out. */
  start(): void {
    if (this.isOver) return;
    this.round().catch(() => undefined);
  }

  /** Why an order in this instrument may not leave, for a person; null when the switch is set. */
  async ready(instrument: string): Promise<readonly string[] | null> {
    const one = this.switchOf(instrument);
    if (!this.isFresh(one)) await this.set(one);
    if (this.isFresh(one)) return null;
    const why = one.problem ?? "the account is stopping";
    return [
      `the dead-man switch is wanted and could not be set: ${why}; look at the venue, and send it again`,
    ];
  }

  /** As it is now; nothing is asked of the venue. */
  report(): DeadManReport {
    const all = [...this.switches.values()];
    const times = all.flatMap(({ setAtMs }) => setAtMs ?? []);
    return {
      timeoutMs: this.timeoutMs,
      scope: this.scope,
      instruments: all.flatMap(({ instrument }) => instrument ?? []).sort(),
      isSet: all.length > 0 && all.every((one) => this.leftMs(one) > 0),
      ageMs: times.length === 0 ? null : Math.max(0, this.nowMs - Math.min(...times)),
      problem: all.find(({ problem }) => problem !== null)?.problem ?? null,
    };
  }

  /** How it may have fired, for a sentence about orders that ended; null where it was always set in time. */
  suspicion(): string | null {
    const late = [...this.switches.values()].find((one) => one.setAtMs !== null && this.leftMs(one) <= 0);
    return late ? `the dead-man switch was not set anew in its time (${late.problem ?? "no answer"})` : null;
  }

  /** This process cannot go on, and nobody watches: the switch is left to fire. */
  abandon(): void {
    this.isOver = true;
    this.cancelTimer?.();
  }

  /**
   * An orderly end. Where something of ours is open the switch stays set, and fires: nobody would watch those orders. Where
   * nothing is, it is turned off, so that it cannot take what a person or another program places next; said where it cannot.
   */
  async stop(): Promise<void> {
    const isOpen = [...this.inputs.book().orders.values()].some(isActive);
    this.abandon();
    if (isOpen) return;
    await Promise.all([...this.switches.values()].map((one) => this.off(one)));
  }

  private get nowMs(): number {
    return this.inputs.runtime.clock.monotonicMs();
  }

  private get hasFailed(): boolean {
    return [...this.switches.values()].some(({ failures }) => failures > 0);
  }

  private leftMs({ setAtMs }: Switch): number {
    return setAtMs === null ? 0 : setAtMs + this.timeoutMs - this.nowMs;
  }

  /** Long enough for an order that leaves now to be followed by the next setting. */
  private isFresh(one: Switch): boolean {
    return !this.isOver && this.leftMs(one) > this.timeoutMs / 2;
  }

  private switchOf(instrument: string): Switch {
    const name = this.scope === "account" ? null : instrument;
    const known = this.switches.get(name);
    if (known) return known;
    const work = Promise.resolve();
    const one: Switch = { instrument: name, setAtMs: null, failures: 0, problem: null, work };
    this.switches.set(name, one);
    return one;
  }

  private openInstruments(): ReadonlySet<string> {
    const orders = [...this.inputs.book().orders.values()];
    return new Set(orders.filter(isActive).map(({ instrument }) => instrument));
  }

  private async round(): Promise<void> {
    const open = this.openInstruments();
    if (this.scope === "account") this.switchOf("");
    else for (const instrument of open) this.switchOf(instrument);
    this.arm();
    await Promise.all(
      [...this.switches.values()].map((one) =>
        one.instrument === null || open.has(one.instrument) ? this.set(one) : this.drop(one),
      ),
    );
    // A failure is not left for a third of the time.
    if (this.hasFailed) this.arm();
  }

  private arm(): void {
    this.cancelTimer?.();
    if (this.isOver) return;
    const waits = [...this.switches.values()].map(({ failures }) => this.waitAfter(failures));
    const waitMs = Math.min(...waits, ...(waits.length === 0 ? [this.waitAfter(0)] : []));
    this.cancelTimer = this.inputs.runtime.timers.after(waitMs, () => {
      this.round().catch(() => undefined);
    });
  }

  private waitAfter(failures: number): number {
    if (failures === 0) return this.timeoutMs / PARTS;
    return failures <= PARTS_FAILED
      ? this.timeoutMs / PARTS_FAILED
      : Math.max(this.timeoutMs / PARTS, TIRED_MS);
  }

  private set(one: Switch): Promise<void> {
    one.work = one.work.then(async () => {
      if (this.isOver) return;
      const leftAtMs = this.nowMs;
      const outcome = await this.call(one, this.timeoutMs);
      if (outcome.kind === "accepted") this.noteSet(one, leftAtMs);
      else this.noteFailed(one, outcome.reason);
    });
    return one.work;
  }

  /** Nothing of ours is open in it any more: it must not take what somebody else places there. */
  private async drop(one: Switch): Promise<void> {
    await this.off(one);
    if (one.setAtMs === null && !this.openInstruments().has(one.instrument ?? "")) {
      this.switches.delete(one.instrument);
    }
  }

  private off(one: Switch): Promise<void> {
    one.work = one.work.then(async () => {
      // An order that came to it meanwhile needs it.
      if (!this.isOver && this.openInstruments().has(one.instrument ?? "")) return;
      if (this.turnsOff) {
        const outcome = await this.call(one, 0);
        if (outcome.kind === "rejected" && outcome.sent) return;
      } else this.noteLeft(one);
      // Whatever came of it: it is not relied on, and the next order sets it anew.
      one.setAtMs = null;
      one.failures = 0;
      one.problem = null;
    });
    return one.work;
  }

  private async call({ instrument }: Switch, timeoutMs: number): Promise<CommandOutcome> {
    const { venue, runtime } = this.inputs;
    const command = { timeoutMs, ...(instrument !== null && { instrument }) };
    try {
      const answer = venue.deadMan?.(command);
      if (!answer) return { kind: "rejected", sent: false, reason: "this adapter has no such command" };
      // Turning it off is a courtesy of the end, which nobody waits for.
      return await guarded(answer, runtime, timeoutMs === 0 ? OFF_MS : this.timeoutMs / PARTS);
    } catch (error) {
      return { kind: "unknown", reason: problemOf(error) };
    }
  }

  private noteSet(one: Switch, leftAtMs: number): void {
    const { log, account } = this.inputs;
    const { instrument, failures } = one;
    if (one.setAtMs === null || failures > 0) {
      const text = `the dead-man switch is set: without trueup the venue cancels what is open after ${this.timeoutMs / 1_000} s`;
      log.event("info", "deadman.set", { account, instrument, timeoutMs: this.timeoutMs }, text);
    }
    one.setAtMs = leftAtMs;
    one.failures = 0;
    one.problem = null;
    // An order may have set it while the next round was far off.
    if (failures > 0) this.arm();
    if ([...this.switches.values()].every((other) => other.failures === 0)) this.isTold = false;
  }

  /** It fires, as nothing of ours is open: on what others may have placed meanwhile. */
  private noteLeft(one: Switch): void {
    const leftMs = this.leftMs(one);
    if (leftMs <= 0) return;
    const { log, account } = this.inputs;
    const text = `the venue has no way to turn the dead-man switch off: it fires in about ${Math.ceil(leftMs / 1_000)} s, on whatever is open then`;
    log.event("info", "deadman.left", { account, instrument: one.instrument, leftMs }, text);
  }

  private noteFailed(one: Switch, reason: string): void {
    const { log, account, tell } = this.inputs;
    const { instrument } = one;
    one.failures += 1;
    one.problem = reason;
    const text = `the dead-man switch was not set: ${reason}`;
    log.event("warn", "deadman.failed", { account, instrument, failures: one.failures }, text);
    if (one.failures < FAILURES_TOLD || this.isTold) return;
    this.isTold = true;
    const leftMs = this.leftMs(one);
    const fires =
      leftMs > 0
        ? `unless it can be set within ${Math.ceil(leftMs / 1_000)} s, the venue cancels what is open, stops too`
        : "it is not set, or has fired: no order leaves until it can be set";
    tell({
      kind: "channel_down",
      subject: "dead-man switch",
      text: `the dead-man switch could not be set ${one.failures} times running: ${reason}; ${fires}`,
      evidence: [],
    });
  }
}
