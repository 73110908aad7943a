// What people do with trueup on a simulated account: kill and resume, hold a gate and open it, ask for a pass, apply a plan,
// take a repair back. And in the end, what only a person may do.
import type { KillLatch, Session } from "../../engine/index.ts";
import type { FaultPlan } from "./faults.ts";
import type { Habits } from "./habits.ts";
import type { LyingVenue } from "./lying-venue.ts";
import type { SeededRandom } from "./random.ts";

const PERSON = "ann";

export interface PeopleOptions {
  readonly account: string;
  readonly random: SeededRandom;
  /** Draws for what a kill says of exits; null where there are none. */
  readonly ofExits: SeededRandom | null;
  readonly faults: FaultPlan;
  readonly habits: Habits;
  readonly venue: LyingVenue;
  readonly session: () => Session | undefined;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  readonly note: (text: string) => void;
}

export class People {
  /** A kill that was confirmed to the person who asked for it, until it is released. */
  killed: KillLatch | null = null;
  /** A kill that no start has taken up yet. */
  latched: KillLatch | null = null;
  /** When the process at work was asked for a kill, or found one at its start, monotonic ms; null where it was not. */
  askedAtMs: number | null = null;
  /** Whether all orders were asked to go by a kill that was not released since. */
  isAllAsked = false;
  private isResuming = false;
  /** Repairs that could be taken back, latest last. */
  readonly repairs: string[] = [];
  private readonly options: PeopleOptions;

  constructor(options: PeopleOptions) {
    this.options = options;
  }

  next(): void {
    const { random, faults, habits, venue, session } = this.options;
    const live = session();
    if (!live) return;
    if (this.killed && random.chance(0.3)) {
      this.resume(live);
      return;
    }
    if (faults.strikes("kill_during_outage", null, 0.5)) {
      venue.darken(random.int(5_000, 60_000));
      this.kill(live);
      return;
    }
    const { symbol } = random.pick(habits.instruments);
    if (random.chance(0.15) && isHeld(live, symbol)) {
      this.open(live, null);
      this.open(live, symbol);
      return;
    }
    const what = random.int(0, 99);
    if (what === 0) this.kill(live);
    else if (what === 1) this.hold(live, random.pick([symbol, null]));
    else if (what === 2) this.open(live, random.pick([symbol, null]));
    else if (what === 3) this.force(live);
    else if (what === 4) this.plan(live).catch(() => undefined);
    else if (what === 5) this.takeBack(live);
  }

  /** Kill while nobody runs: the latch that the next start finds. */
  latch(): void {
    const { nowMs, note } = this.options;
    note(`${PERSON} kills while nothing runs`);
    this.latched ??= { reason: "stop", by: PERSON, atMs: nowMs(), isAll: false };
  }

  /** The kill that was left for the next start is in the journal. */
  takeUp(): void {
    // Whoever resumes in the same moment has released it already.
    if (!this.isResuming) this.killed ??= this.latched;
    this.latched = null;
  }

  /** What rules leave to a person is decided: kills and gates are released, what nobody can prove is settled by plan. */
  async finish(): Promise<void> {
    const live = this.options.session();
    if (!live) return;
    if (live.book.kill) this.resume(live);
    this.open(live, null);
    for (const instrument of Object.keys(live.book.gate.instruments)) this.open(live, instrument);
    for (const handle of foreignExits(live)) await live.cancel(handle, PERSON).catch(() => undefined);
    for (const id of this.repairs) await live.release(id, PERSON).catch(() => undefined);
  }

  /** Somebody stops what was ordered in this very moment. */
  interfere(): void {
    const { random, habits, session } = this.options;
    const live = session();
    if (!live) return;
    if (random.chance(0.5)) this.kill(live);
    else this.hold(live, random.pick([random.pick(habits.instruments).symbol, null]));
  }

  /** A plan of whatever waits for a person's word, applied by whoever made it. */
  async plan(live: Session): Promise<void> {
    const { account, note } = this.options;
    const plan = await live.plan(null);
    if (plan.steps.length === 0) return;
    note(`${PERSON} applies the plan ${plan.id} of ${plan.steps.length} steps`);
    await live.apply(plan, { by: PERSON, confirm: account, rows: plan.rows });
  }

  private kill(live: Session): void {
    const { random, nowMs, monotonicMs, note, ofExits } = this.options;
    const latch = { reason: "stop", by: PERSON, atMs: nowMs(), isAll: random.chance(0.2) };
    const isNoExits = ofExits?.chance(0.3) ?? false;
    note(`${PERSON} kills${latch.isAll ? " all" : ""}${isNoExits ? " with no exits" : ""}`);
    this.isAllAsked ||= latch.isAll;
    this.askedAtMs = monotonicMs();
    live.kill(latch.reason, PERSON, latch.isAll, isNoExits).then(
      ({ isEngaged }) => {
        // Somebody may have resumed while the orders were being cancelled, or another process have come.
        if (isEngaged && live.book.kill && this.options.session() === live) this.killed = latch;
      },
      () => undefined,
    );
  }

  private resume(live: Session): void {
    this.options.note(`${PERSON} resumes`);
    this.killed = null;
    this.latched = null;
    this.isResuming = true;
    live
      .resume("looked at it", PERSON)
      .catch(() => undefined)
      .finally(() => {
        this.isResuming = false;
      });
  }

  private hold(live: Session, instrument: string | null): void {
    const to = this.options.random.pick(["reduce_only", "halted"] as const);
    this.options.note(`${PERSON} sets ${instrument ?? "the account"} to ${to}`);
    live.setGate(to, instrument, "let me look", PERSON).catch(() => undefined);
  }

  private open(live: Session, instrument: string | null): void {
    this.options.note(`${PERSON} opens ${instrument ?? "the account"}`);
    live.setGate("open", instrument, "looked at it", PERSON).catch(() => undefined);
  }

  private force(live: Session): void {
    this.options.note(`${PERSON} asks for a pass`);
    live.pass("person", true).catch(() => undefined);
  }

  private takeBack(live: Session): void {
    const id = this.repairs.at(-1);
    if (id === undefined) return;
    this.options.note(`${PERSON} takes ${id} back`);
    live.undo(id, PERSON).catch(() => undefined);
  }
}

/** Stops of others that nobody wants any more: whoever leaves closing to trueup cancels them. */
function foreignExits({ book }: Session) {
  return [...book.discrepancies.values()].flatMap(({ kind, subject }) => {
    if (kind !== "foreign_exit_order" || subject.type !== "order") return [];
    const { instrument, clientOrderId, venueOrderId } = subject;
    return [
      {
        instrument,
        ...(clientOrderId !== null && { clientOrderId }),
        ...(venueOrderId !== null && { venueOrderId }),
      },
    ];
  });
}

/** By what only a person releases. */
function isHeld({ book: { gate } }: Session, symbol: string): boolean {
  const codes = ["operator", "forced_trade", "wrong_account"];
  return [...gate.account, ...(gate.instruments[symbol] ?? [])].some(({ code }) => codes.includes(code));
}
