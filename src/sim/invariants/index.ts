// All that must always be true of a run, as watches: I1 to I23, L1 to L7, and the oracles. One of them stands before the
// others: it brings records into their order, also those that became durable when their process was already dead.
import type { JournalRecord, OrderIntent } from "../../core/index.ts";
import type { CommandResult, Flattened, PassReport } from "../../engine/index.ts";
import type { RefereeEvent } from "../referee/referee.ts";
import { Absence } from "./absence.ts";
import { Alerts } from "./alerts.ts";
import { ArmedOrTold } from "./armed.ts";
import { Convergence } from "./convergence.ts";
import { Course } from "./course.ts";
import { DeadManSwitch } from "./dead-man.ts";
import { Divergence } from "./divergence.ts";
import { Doubts } from "./doubts.ts";
import { Ends } from "./ends.ts";
import { Estimates } from "./estimates.ts";
import { ExitOrders } from "./exit-orders.ts";
import { ExitTruth } from "./exit-truth.ts";
import { Feed } from "./feed.ts";
import { Fills } from "./fills.ts";
import { Flattenings } from "./flattenings.ts";
import { Folding } from "./folding.ts";
import { ForcedTrades } from "./forced.ts";
import { Forgotten } from "./forgotten.ts";
import { Gates } from "./gate.ts";
import { Intents } from "./intents.ts";
import { Chain } from "./journal.ts";
import { Kills } from "./kill.ts";
import { Leftovers } from "./leftovers.ts";
import { Limits } from "./limits.ts";
import { MirrorWrites } from "./mirror-writes.ts";
import { Balances } from "./money.ts";
import { Numbers } from "./numbers.ts";
import { Oracles } from "./oracles.ts";
import { Orders } from "./orders.ts";
import { PlacedOrders } from "./placed-orders.ts";
import { PlacedRest } from "./placed-rest.ts";
import { Positions } from "./positions.ts";
import { Pulse } from "./pulse.ts";
import { Reached } from "./reached.ts";
import { Refusals } from "./refusals.ts";
import { Repairs } from "./repairs.ts";
import { Reversals } from "./reversals.ts";
import { Secrets } from "./secrets.ts";
import { Settled } from "./settled.ts";
import { Tampering } from "./tampering.ts";
import { UnknownOrders } from "./unknown-orders.ts";
import type { DeadManEvent, VenueRequest, Watch, World } from "./world.ts";

export type { VenueRequest, Watch, World } from "./world.ts";

/** Every watch of a run. To be called when the referee stands and nothing has happened yet. */
export function allWatches(world: World): Watch[] {
  return [new InOrder(world)];
}

/** Gives each watch every record exactly once and in the order of the journal. */
class InOrder implements Watch {
  private readonly course: Course;
  private readonly chain: Chain;
  private readonly convergence: Convergence;
  private readonly watches: readonly Watch[];

  constructor(world: World) {
    const course = new Course(world);
    this.course = course;
    this.chain = new Chain(course);
    this.convergence = new Convergence(course);
    this.watches = [
      this.chain,
      new Intents(course),
      new Fills(course),
      new Feed(course),
      new Folding(course),
      new Positions(course),
      new Orders(course),
      new Gates(course),
      new Absence(course),
      new Divergence(course),
      new Secrets(course),
      new Balances(course),
      new Numbers(course),
      new UnknownOrders(course),
      new Kills(course),
      new Alerts(course),
      new Repairs(course),
      new Oracles(course),
      new Ends(course),
      new Limits(course),
      new ForcedTrades(course),
      new Settled(course),
      new Estimates(course),
      new Pulse(course),
      new Reversals(course),
      new Doubts(course),
      new MirrorWrites(course),
      new Forgotten(course),
      new Tampering(course),
      new Leftovers(course),
      new ExitOrders(course),
      new ExitTruth(course),
      new ArmedOrTold(course),
      new Reached(course),
      new Refusals(course),
      new Flattenings(course),
      new PlacedOrders(course),
      new PlacedRest(course),
      new DeadManSwitch(course),
      this.convergence,
    ];
  }

  get cycles(): number | null {
    return this.convergence.cycles;
  }

  onRecord(record: JournalRecord): void {
    this.course.look();
    this.chain.heard(record);
    // One that does not follow waits until the journal is read: the one before it was told to a process that died.
    if (record.seq === this.course.trail.seq + 1) this.take(record);
  }

  onRequest(request: VenueRequest): void {
    this.course.look();
    for (const watch of this.watches) watch.onRequest?.(request);
  }

  onVenueEvent(event: RefereeEvent): void {
    for (const watch of this.watches) watch.onVenueEvent?.(event);
  }

  onDeadMan(event: DeadManEvent): void {
    this.course.look();
    for (const watch of this.watches) watch.onDeadMan?.(event);
  }

  onAnswer(intent: OrderIntent, result: CommandResult): void {
    this.course.look();
    for (const watch of this.watches) watch.onAnswer?.(intent, result);
  }

  onFlattened(result: Flattened): void {
    this.course.look();
    for (const watch of this.watches) watch.onFlattened?.(result);
  }

  onPass(report: PassReport): void {
    this.course.passed();
    for (const watch of this.watches) watch.onPass?.(report);
  }

  async onRestart(): Promise<void> {
    this.course.restarted();
    await this.catchUp();
    this.course.caughtUp();
    for (const watch of this.watches) await watch.onRestart?.();
  }

  afterEvent(): void {
    this.course.look();
    for (const watch of this.watches) watch.afterEvent?.();
  }

  async judge(): Promise<void> {
    await this.catchUp();
    this.afterEvent();
    for (const watch of this.watches) await watch.judge?.();
  }

  private async catchUp(): Promise<void> {
    const { world, trail } = this.course;
    for (const record of await world.journal.read(world.account, trail.seq, Number.MAX_SAFE_INTEGER)) {
      this.take(record);
    }
  }

  private take(record: JournalRecord): void {
    this.course.take(record);
    for (const watch of this.watches) watch.onRecord?.(record);
  }
}
