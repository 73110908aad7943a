// I21: a person's plan to close positions closes what it names and no more, one order of it at a time and each reduce-only
// where the venue has that flag; and what it says is flat was flat at the venue while it was carried out.
import { isActive, type JournalRecord, type Payloads } from "../../core/index.ts";
import type { Flattened } from "../../engine/index.ts";
import { exact, magnitude, plain } from "../oracle/exact.ts";
import { type Course, nameOf } from "./course.ts";
import { CLOSING } from "./trail.ts";
import type { VenueRequest, Watch } from "./world.ts";

type Started = Payloads["flatten_started"];

export class Flattenings implements Watch {
  private readonly course: Course;
  private readonly plans = new Map<string, { readonly facts: Started; readonly atMs: number }>();
  /** Client order ids that left to close a leg, by side, instrument and leg, of all plans. */
  private readonly sent = new Map<string, string[]>();

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ kind, payload }: JournalRecord): void {
    if (kind !== "flatten_started" || this.plans.has(payload.planId)) return;
    this.plans.set(payload.planId, { facts: payload, atMs: this.course.world.monotonicMs() });
  }

  onRequest(request: VenueRequest): void {
    if (request.kind !== "submit") return;
    const { world, trail } = this.course;
    const { command } = request;
    const { clientOrderId, instrument, leg, side, qty } = command;
    const meant = trail.meant.get(clientOrderId)?.at(-1);
    if (meant?.intent.action !== "submit" || !meant.intent.intentId.startsWith(CLOSING)) return;
    world.check("I21");
    const name = `the order ${clientOrderId} of a plan to close (${side} ${qty} ${instrument})`;
    if (world.capabilities.commands.reduceOnlyFlag && !command.reduceOnly) {
      world.violate("I21", `${name} does not say reduceOnly, and the venue has that flag`);
    }
    const place = `${side} ${leg}:${instrument}`;
    const before = this.sent.get(place) ?? [];
    for (const id of before) this.isOver(name, id);
    this.sent.set(place, [...before, clientOrderId]);
    const planned = [...this.plans.values()].flatMap(({ facts }) =>
      facts.legs.filter((one) => one.instrument === instrument && one.leg === leg && one.side === side),
    );
    const all = planned.reduce((sum, one) => sum + exact(one.qty), 0n);
    const filled = before.reduce((sum, id) => sum + this.filled(id), 0n);
    if (filled + exact(qty ?? "0") <= all) return;
    world.violate(
      "I21",
      `${name} makes more than the plans for it name: ${plain(all)}, ${plain(filled)} of it is closed`,
    );
  }

  onFlattened({ planId, legs }: Flattened): void {
    const { world } = this.course;
    const sinceMs = this.plans.get(planId)?.atMs;
    if (sinceMs === undefined) {
      world.violate("I21", `plan ${planId} is told to be carried out, and no record says that it began`);
      return;
    }
    for (const { instrument, leg, isFlat } of legs) {
      world.check("I21");
      if (!isFlat) continue;
      const step = exact(
        world.referee.instruments.find(({ symbol }) => symbol === instrument)?.qtyStep ?? "1",
      );
      const moments = world.referee.quantities(instrument, leg);
      const first = moments.findLastIndex(({ atMs }) => atMs <= sinceMs);
      const was = moments.slice(Math.max(0, first)).some(({ qty }) => magnitude(exact(qty)) < step);
      if (was || moments.length === 0) continue;
      world.violate(
        "I21",
        `plan ${planId} is told to have closed ${leg}:${instrument}, and since it began the venue never had it flat: ${world.referee.qty(instrument, leg)}`,
      );
    }
  }

  /** An order of a plan that may still trade keeps the next one back. */
  private isOver(name: string, id: string): void {
    const { trail, shadow, world } = this.course;
    const key = trail.meant.get(id)?.at(-1)?.orderKey;
    const order = key === undefined ? undefined : shadow.orders.get(key);
    if (!order || !isActive(order)) return;
    world.violate("I21", `${name} left while ${nameOf(order.orderKey, id)}, of the same, may still trade`);
  }

  private filled(clientOrderId: string): bigint {
    return exact(this.course.world.referee.find({ clientOrderId })?.filledQty ?? "0");
  }
}
