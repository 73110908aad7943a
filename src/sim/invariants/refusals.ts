// I20: an order that surely reduces passes a gate that lets reducing orders through. Looked at where nothing is in doubt: the
// records and the venue have had the same quantity for long, no read has lied, the last one is not from before that quantity,
// and no other order may trade on the position.
import { isActive, type OrderIntent, positionKey } from "../../core/index.ts";
import type { CommandResult, PassReport } from "../../engine/index.ts";
import { exact, magnitude, plain, signOf } from "../oracle/exact.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

export class Refusals implements Watch {
  private readonly course: Course;
  /** When the last complete list of positions of the process at work was begun; null where it has none. */
  private readMs: number | null = null;

  constructor(course: Course) {
    this.course = course;
  }

  onPass(report: PassReport): void {
    const isRead = report.sections.some(
      ({ section, quality }) => section === "positions" && quality === "complete",
    );
    if (isRead) this.readMs = this.course.ended(report).beganMs;
  }

  onRestart(): void {
    this.readMs = null;
  }

  onAnswer(intent: OrderIntent, { outcome, code, order, reasons }: CommandResult): void {
    const { world, trail } = this.course;
    const { instrument, leg, side, qty, reduceOnly } = intent;
    // One that has an order was decided before; the gate has been asked again since.
    const isRefused = outcome === "rejected" && code === "gate_closed";
    if (isRefused && order !== null) return;
    const book = this.course.book();
    if (!book || qty === undefined || world.areReadsTrue?.() !== true) return;
    const gate = [...book.gate.account, ...(book.gate.instruments[instrument] ?? [])];
    if (gate.length === 0 || gate.some(({ state }) => state !== "reduce_only")) return;
    if (world.capabilities.commands.reduceOnlyFlag && !reduceOnly) return;
    const key = positionKey(instrument, leg);
    const held = trail.quantities.qty(key);
    if (!this.isAtRest(instrument, leg, held)) return;
    const others = [...book.orders.values()].filter((one) => one.instrument === instrument);
    const working = others.some((one) => isActive(one) && one.clientOrderId !== order?.clientOrderId);
    if (working) return;
    const after = held + (side === "buy" ? exact(qty) : -exact(qty));
    const isReducing = magnitude(after) < magnitude(held) && (after === 0n || signOf(after) === signOf(held));
    if (!isReducing) return;
    world.check("I20");
    if (!isRefused) return;
    world.violate(
      "I20",
      `the order ${intent.intentId} (${side} ${qty} ${instrument}) was refused (${reasons.join("; ")}) although the gate lets reducing orders through and ${plain(held)} is held`,
    );
  }

  /** Whether the venue has had this quantity for so long that every read shows it. */
  private isAtRest(instrument: string, leg: "net" | "long" | "short", held: bigint): boolean {
    const { world, aliveSinceMs } = this.course;
    if (exact(world.referee.qty(instrument, leg)) !== held) return false;
    const movedMs = world.referee.quantities(instrument, leg).at(-1)?.atMs ?? 0;
    // What the venue's last read says is possible too (R10), and while it does not answer that is what was held before.
    if (this.readMs !== null && this.readMs <= movedMs + world.capabilities.readAfterFillLagMs) return false;
    const restMs = world.capabilities.readAfterFillLagMs + 2 * world.policy.intervalMs + 5_000;
    return world.monotonicMs() - Math.max(movedMs, aliveSinceMs) > restMs;
  }
}
