// L6: an exit that was reached sends its order, or it is told what holds it up. Looked at for as long as the process knows a
// fresh price beyond a level, or the time of a time stop is over: within a minute a trigger is durable and its order is
// under way, or the position is open as unprotected, or an alert names it.
import { isActive, type Order } from "../../core/index.ts";
import type { Session } from "../../engine/index.ts";
import { exact, signOf, times } from "../oracle/exact.ts";
import type { Course } from "./course.ts";
import type { Armed } from "./exit-trail.ts";
import { leftOf, placeOf } from "./placed-orders.ts";
import type { Watch } from "./world.ts";

/** From its being reached to its order, or to somebody's being told; and to a later order of it. In ms. */
const FIRED_WITHIN_MS = 60_000;
const AGAIN_WITHIN_MS = 130_000;
/** Our clock must have been steady for so long before anything acts by it. In ms. */
const STEADY_MS = 70_000;

interface Due {
  readonly what: string;
  sinceMs: number;
  isTold: boolean;
}

export class Reached implements Watch {
  private readonly course: Course;
  private readonly due = new Map<string, Due>();

  constructor(course: Course) {
    this.course = course;
  }

  onRestart(): void {
    this.due.clear();
  }

  afterEvent(): void {
    const { world, trail } = this.course;
    const session = world.session();
    const mayAct = session && !session.hasStopped && world.policy.exits?.owns === true;
    if (!mayAct || trail.exits.armed.size === 0) {
      this.due.clear();
      return;
    }
    const nowMs = world.monotonicMs();
    for (const id of this.due.keys()) if (!trail.exits.armed.has(id)) this.due.delete(id);
    for (const [id, exit] of trail.exits.armed) {
      const what = this.mayBeSent(exit) ? this.reached(session, exit) : null;
      const known = this.due.get(id);
      if (known && !known.isTold && exit.trigger && exit.trigger.atMs >= known.sinceMs) {
        world.check("L6");
        known.isTold = true;
      }
      if (what === null) this.due.delete(id);
      else if (known?.what !== what) this.due.set(id, { what, sinceMs: nowMs, isTold: false });
      // While an order's outcome is awaited nobody knows what there is to be closed.
      else if (this.course.isWaited(session.book, exit.facts.instrument)) known.sinceMs = nowMs;
      else if (nowMs - known.sinceMs > (exit.trigger ? AGAIN_WITHIN_MS : FIRED_WITHIN_MS)) {
        this.overdue(exit, known);
      }
    }
  }

  private overdue(exit: Armed, due: Due): void {
    if (due.isTold) return;
    const { world } = this.course;
    const { facts } = exit;
    const { instrument } = facts;
    due.isTold = true;
    world.check("L6");
    if (this.isUnderWay(exit, due.sinceMs) || this.isNamed(exit)) return;
    world.violate(
      "L6",
      `${due.what} of the exit ${facts.exitId} (${facts.side} ${facts.qty} ${instrument} of ${facts.strategy}) has been reached for ${world.monotonicMs() - due.sinceMs} ms; no order of it is under way, and nobody is told why`,
    );
  }

  /** A kill keeps back what was not armed before it. */
  private mayBeSent({ facts }: Armed): boolean {
    const { beforeKill, isNoExits } = this.course.trail.exits;
    return beforeKill === undefined || (!isNoExits && beforeKill.has(facts.exitId));
  }

  /** What of it has been reached, by what the process knows; null where nothing has. */
  private reached(session: Session, exit: Armed): string | null {
    const { facts } = exit;
    const isLong = facts.side === "long";
    const price = this.priceOf(session, facts.instrument);
    const isAt = (level: bigint, isUpward: boolean) =>
      price !== null && (isUpward ? price >= level : price <= level);
    const isOwn = (role: "stop" | "target") => exit.trigger !== null || !this.isAtVenue(exit, role);
    if (facts.stop !== null && isAt(exact(facts.stop), !isLong) && isOwn("stop")) return "the stop";
    if (!this.isOver(facts.holdUntilMs ?? 0)) return null;
    if (facts.target !== null && isAt(exact(facts.target), isLong) && isOwn("target")) return "the target";
    const trail = trailOf(exit);
    if (trail !== null && isAt(trail, !isLong)) return "the trailing stop";
    if (facts.timeStopAtMs === null || !this.isOver(facts.timeStopAtMs)) return null;
    // What ran out before the process was there waits until its clock was watched for long enough.
    const { world, aliveSinceMs } = this.course;
    return world.monotonicMs() - aliveSinceMs > STEADY_MS ? "the time stop" : null;
  }

  /** Whether the venue itself is to act on it: by an order that lies there for all of the share. */
  private isAtVenue({ facts }: Armed, role: "stop" | "target"): boolean {
    const { shadow, world } = this.course;
    if (world.policy.exits?.mode !== "venue") return false;
    const lying = [...shadow.orders.values()].filter(
      (order) =>
        placeOf(order.intentId)?.role === role &&
        order.instrument === facts.instrument &&
        (order.leg ?? "net") === facts.leg &&
        (order.strategy ?? "unattributed") === facts.strategy &&
        isActive(order),
    );
    return lying.reduce((sum, order) => sum + leftOf(order), 0n) >= exact(facts.qty);
  }

  private priceOf(session: Session, instrument: string): bigint | null {
    const view = session.prices.priceOf(instrument);
    const last = view?.isFresh ? view.tick.last : undefined;
    return last === undefined || signOf(exact(last)) <= 0 ? null : exact(last);
  }

  /** By our clock, once that has been steady for long enough. */
  private isOver(atMs: number): boolean {
    const { world, wasClockOff, clockSetAtMs, aliveSinceMs } = this.course;
    if (atMs === 0) return true;
    const sinceMs = Math.max(aliveSinceMs, clockSetAtMs);
    return world.nowMs() > atMs && (!wasClockOff || world.monotonicMs() - sinceMs > STEADY_MS);
  }

  private isUnderWay({ trigger }: Armed, sinceMs: number): boolean {
    if (trigger === null) return false;
    if (trigger.atMs >= sinceMs) return true;
    return this.ordersOf(trigger.facts.intentId).some(isActive);
  }

  private ordersOf(intentId: string): Order[] {
    const { trail, shadow } = this.course;
    return [...(trail.idsOfIntent.get(intentId) ?? [])].flatMap((id) => {
      const key = trail.meant.get(id)?.at(-1)?.orderKey;
      const order = key === undefined ? undefined : shadow.orders.get(key);
      return order ? [order] : [];
    });
  }

  /** Also by what was told since it is armed as it is: nobody is told the same again. */
  private isNamed({ facts: { exitId, instrument }, changedMs }: Armed): boolean {
    const { trail } = this.course;
    if (trail.exitProblemsOf(instrument).length > 0) return true;
    return (trail.alertsOf.get(exitId) ?? []).some(({ atMs }) => atMs >= changedMs);
  }
}

/** By the best price that was written down: what a process has seen since is at least as near. */
function trailOf({ facts: { trailing, side, entryPrice }, best: written }: Armed): bigint | null {
  const best = written ?? entryPrice;
  if (trailing === null || best === null) return null;
  const distance =
    "distance" in trailing ? exact(trailing.distance) : times(exact(best), exact(trailing.ratio));
  return side === "long" ? exact(best) - distance : exact(best) + distance;
}
