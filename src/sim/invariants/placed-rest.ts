// L7: once all is well, what should lie at the venue lies there, or it is told why not, and nothing else does. A backstop
// for all that is held, or each share's stop, at its level and for its quantity; no exit of a position that is gone.
// Looked at after every complete pass, a few of which may end with it otherwise, and in the end.
import {
  isActive,
  type Order,
  type PlacedRole,
  type PositionKey,
  splitPositionKey,
  UNATTRIBUTED,
} from "../../core/index.ts";
import type { PassReport } from "../../engine/index.ts";
import { exact, magnitude, plain, signOf } from "../oracle/exact.ts";
import type { Course } from "./course.ts";
import type { Armed } from "./exit-trail.ts";
import { leftOf, placeOf } from "./placed-orders.ts";
import type { Watch } from "./world.ts";

/** Complete passes in a row that may end with it, and for how long it may be so. The second in ms. */
const PASSES_MAX = 5;
const LASTS_MS = 60_000;

interface Lying {
  readonly clientOrderId: string;
  readonly slot: string;
  readonly role: string;
  readonly instrument: string;
  readonly leg: "net" | "long" | "short";
  readonly strategy: string | null;
  readonly side: string;
  readonly left: bigint;
  readonly level: bigint | null;
}

export class PlacedRest implements Watch {
  private readonly course: Course;
  private readonly found = new Map<string, { passes: number; readonly sinceMs: number }>();

  constructor(course: Course) {
    this.course = course;
  }

  private get isOwner(): boolean {
    const { policy } = this.course.world;
    const mode = policy.exits?.mode ?? "managed";
    return policy.exits?.owns === true && mode !== "managed" && policy.mode === "executor";
  }

  onRestart(): void {
    this.found.clear();
  }

  onPass({ isComplete }: PassReport): void {
    const { world } = this.course;
    const book = this.course.book();
    if (!this.isOwner || !book || !world.isHealed()) return;
    if (!isComplete || this.course.isWaited(book)) {
      this.found.clear();
      return;
    }
    const problems = this.problems();
    for (const name of [...this.found.keys()]) if (!problems.has(name)) this.found.delete(name);
    for (const [name, text] of problems) {
      const nowMs = world.monotonicMs();
      const known = this.found.get(name) ?? { passes: 0, sinceMs: nowMs };
      known.passes += 1;
      this.found.set(name, known);
      if (known.passes <= PASSES_MAX || nowMs - known.sinceMs <= LASTS_MS) continue;
      this.found.delete(name);
      world.violate("L7", `${text}, for ${known.passes} complete passes`);
    }
  }

  async judge(): Promise<void> {
    const { world } = this.course;
    if (!this.isOwner || !this.course.book() || !world.isHealed()) return;
    for (const text of this.problems().values()) world.violate("L7", `long after all was well, ${text}`);
  }

  /** What is wrong now, each under a name that stays the same while it lasts. */
  private problems(): Map<string, string> {
    const { world, trail } = this.course;
    const problems = new Map<string, string>();
    const lying = this.lying();
    for (const one of lying) {
      const held = exact(world.referee.qty(one.instrument, one.leg));
      world.check("L7");
      if (held !== 0n && signOf(held) === (one.side === "sell" ? 1 : -1)) continue;
      const what = `the ${one.role} ${one.clientOrderId} lies at the venue`;
      problems.set(one.clientOrderId, `${what} and ${plain(held)} of ${one.leg}:${one.instrument} is held`);
    }
    // Nothing is placed then.
    if (trail.kill !== null) return problems;
    for (const key of trail.quantities.positions.keys() as Iterable<PositionKey>) {
      const { instrument, leg } = splitPositionKey(key);
      const held = trail.quantities.qty(key);
      if (held === 0n || exact(world.referee.qty(instrument, leg)) !== held) continue;
      const here = lying.filter((one) => one.instrument === instrument && one.leg === leg);
      const missing =
        world.policy.exits?.mode === "venue" ? this.ofShares(key, held, here) : this.ofWhole(key, held, here);
      for (const [name, text] of missing) problems.set(name, text);
    }
    return problems;
  }

  private lying(): Lying[] {
    const { world, trail, shadow } = this.course;
    return world.referee.orders().flatMap((row) => {
      const { clientOrderId = "", status, instrument, leg = "net", side = "sell" } = row;
      if (status !== "open" && status !== "partially_filled") return [];
      const key = trail.meant.get(clientOrderId)?.at(-1)?.orderKey;
      const order = key === undefined ? undefined : shadow.orders.get(key);
      const place = placeOf(order?.intentId);
      if (!order || place === null) return [];
      const left = exact(row.qty ?? "0") - exact(row.filledQty ?? "0");
      const level = row.triggerPrice ?? row.price;
      const { strategy } = order;
      return [
        {
          ...place,
          clientOrderId,
          instrument,
          leg,
          strategy,
          side,
          left,
          level: level === undefined ? null : exact(level),
        },
      ];
    });
  }

  private ofShares(key: PositionKey, held: bigint, here: readonly Lying[]): [string, string][] {
    const { world, trail } = this.course;
    const { instrument, leg } = splitPositionKey(key);
    const shares = [...trail.exits.of(instrument, leg)].sort((a, b) =>
      a.facts.strategy < b.facts.strategy ? -1 : 1,
    );
    // What others may close they take from the position, once: not from each share of it.
    const isBounded = world.capabilities.commands.reduceOnlyFlag;
    let free = this.free(magnitude(held), instrument, leg, held > 0n ? "sell" : "buy");
    return shares.flatMap(({ facts, trigger }): [string, string][] => {
      const { stop, strategy, side } = facts;
      // What has come to pass is trueup's to carry out.
      if (trigger !== null || stop === null) return [];
      const qty = exact(facts.qty);
      const wanted = isBounded || qty < free ? qty : free;
      free = wanted < free ? free - wanted : 0n;
      world.check("L7");
      const own = here.filter((one) => one.role === "stop" && (one.strategy ?? "unattributed") === strategy);
      const left = own.reduce((sum, one) => sum + one.left, 0n);
      const isThere = left === wanted && own.every(({ level }) => level === null || level === exact(stop));
      if (isThere || this.isTold(key, side) || this.isWaitedFor(key, "stop", strategy)) return [];
      const levels = own.map(({ level }) => (level === null ? "?" : plain(level))).join(", ");
      const text = `the stop of ${strategy} in ${key} (${facts.qty} at ${stop}) lies at the venue for ${plain(left)}${own.length > 0 ? ` at ${levels}` : ""}, and nobody is told why`;
      return [[`${key} ${strategy}`, text]];
    });
  }

  private ofWhole(key: PositionKey, held: bigint, here: readonly Lying[]): [string, string][] {
    const { world, shadow } = this.course;
    const { instrument, leg } = splitPositionKey(key);
    // What somebody wants no exit for has no backstop.
    if (shadow.exitPlans.get(key)?.some(({ plan }) => plan === "none")) return [];
    const step = this.stepOf(instrument);
    const side = held > 0n ? "long" : "short";
    const all = (magnitude(held) / step) * step;
    if (all === 0n) return [];
    world.check("L7");
    const left = here.filter(({ role }) => role === "backstop").reduce((sum, one) => sum + one.left, 0n);
    const wanted = this.free(all, instrument, leg, held > 0n ? "sell" : "buy");
    if (left === wanted || this.isTold(key, side) || this.isWaitedFor(key, "backstop")) return [];
    return [
      [
        `${key} backstop`,
        `the backstop of ${key} lies at the venue for ${plain(left)} of ${plain(held)}, and nobody is told why`,
      ],
    ];
  }

  /** Without the venue's flag other working orders that close take away from it. */
  private free(qty: bigint, instrument: string, leg: string, side: string): bigint {
    const { world } = this.course;
    if (world.capabilities.commands.reduceOnlyFlag) return qty;
    const others = world.referee.orders().filter((row) => {
      const isOpen = row.status === "open" || row.status === "partially_filled";
      return isOpen && row.instrument === instrument && (row.leg ?? "net") === leg && row.side === side;
    });
    const placed = new Set(this.lying().map(({ clientOrderId }) => clientOrderId));
    const taken = others
      .filter(({ clientOrderId = "" }) => !placed.has(clientOrderId))
      .reduce((sum, row) => sum + exact(row.qty ?? "0") - exact(row.filledQty ?? "0"), 0n);
    // What nobody can find out about may still trade, for all that is known.
    const waiting = this.waiting(instrument, leg).filter(
      (order) => order.side === side && placeOf(order.intentId) === null,
    );
    const all = waiting.reduce((sum, order) => sum + leftOf(order), taken);
    return all >= qty ? 0n : qty - all;
  }

  /** Orders that wait for a person, and are told: not at the venue any more, and nobody can find out how they ended. */
  private waiting(instrument: string, leg: string): Order[] {
    const { trail, shadow, world } = this.course;
    return trail.openOf(instrument).flatMap(({ kind, subject }) => {
      if (kind !== "stale_local_order" || subject.type !== "order" || subject.orderKey === null) return [];
      const order = shadow.orders.get(subject.orderKey);
      if (!order || !isActive(order) || (order.leg ?? "net") !== leg) return [];
      const { clientOrderId } = order;
      const row = clientOrderId === null ? undefined : world.referee.find({ clientOrderId });
      return row?.status === "open" || row?.status === "partially_filled" ? [] : [order];
    });
  }

  /** Whether an order that waits for a person was in this very place: it keeps it, as it may still be there. */
  private isWaitedFor(key: PositionKey, role: PlacedRole, strategy?: string): boolean {
    const { instrument, leg } = splitPositionKey(key);
    return this.waiting(instrument, leg).some(
      (order) =>
        placeOf(order.intentId)?.role === role &&
        (strategy === undefined || (order.strategy ?? UNATTRIBUTED) === strategy),
    );
  }

  /** Told, and truly: where its level is said to be reached, it is. */
  private isTold(key: PositionKey, side: Armed["facts"]["side"]): boolean {
    const { world, trail } = this.course;
    const { instrument, leg } = splitPositionKey(key);
    const about = trail.exitProblemsOf(instrument);
    const told = about.filter(({ subject }) => subject.type === "position" && subject.leg === leg);
    return told.some(({ detail }) => {
      const said = /does not lie at the venue: its level (\S+) is reached already/.exec(detail ?? "")?.[1];
      if (said === undefined) return true;
      const last = exact(world.lastPrice(instrument));
      const level = exact(said as Parameters<typeof exact>[0]);
      return side === "long" ? last <= level : last >= level;
    });
  }

  private stepOf(symbol: string): bigint {
    const known = this.course.world.referee.instruments.find((one) => one.symbol === symbol);
    return exact(known?.qtyStep ?? "1");
  }
}
