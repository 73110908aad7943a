// I7: while the gate is not open nothing leaves that adds risk. I14: a kill holds across every restart until a person
// releases it. Reckoned here from the records and the venue's truth, without the code that admits orders.
import type { GateReason, GateState, JournalRecord, Leg, PositionKey, Side } from "../../core/index.ts";
import type { PassReport } from "../../engine/index.ts";
import { exact, magnitude, plain, signOf } from "../oracle/exact.ts";
import type { Course } from "./course.ts";
import { placeOf } from "./placed-orders.ts";
import { Readiness } from "./readiness.ts";
import type { VenueRequest, Watch } from "./world.ts";

const STRICTNESS: readonly GateState[] = ["open", "reduce_only", "halted", "killed"];

/** From the record of a release to the person's hearing of it, at most. In ms. */
const RELEASE_MS = 60_000;

interface Asked {
  readonly name: string;
  readonly instrument: string;
  readonly leg: Leg;
  readonly side: Side;
  /** What it may trade; undefined where it is sized by what it costs. */
  readonly qty: bigint | undefined;
  readonly isReduceOnly: boolean;
  /**
   * Sent by trueup for an exit or for a person's plan to close: one that surely reduces may leave in every state of the gate.
   * Whether a kill lets an exit through is I17's.
   */
  readonly isOwn?: boolean;
  /** The order that it takes the place of. */
  readonly except?: string;
}

export class Gates implements Watch {
  private readonly course: Course;
  private readonly readiness: Readiness;
  private isKillTold = false;
  /** Whether the process at work has written what every start writes about the gate. */
  private hasStarted = false;

  constructor(course: Course) {
    this.course = course;
    this.readiness = new Readiness(course);
  }

  onRecord(record: JournalRecord): void {
    if (record.kind === "gate_changed" && record.causeId === "boot") this.hasStarted = true;
    this.readiness.onRecord(record);
  }

  onPass(report: PassReport): void {
    this.readiness.onPass(report);
  }

  onRequest(request: VenueRequest): void {
    if (request.kind === "submit") {
      const { instrument, leg, side, qty, reduceOnly, clientOrderId } = request.command;
      const isOwn = this.course.trail.isOwn(clientOrderId);
      this.leaves(request, {
        name: `order ${clientOrderId} (${side} ${qty ?? "by notional"} ${instrument})`,
        instrument,
        leg,
        side,
        qty: qty === undefined ? undefined : exact(qty),
        isReduceOnly: reduceOnly,
        isOwn,
      });
    } else if (request.kind === "amend") {
      const asked = this.amended(request.command);
      if (asked) this.leaves(request, asked);
    }
  }

  afterEvent(): void {
    this.holdsKill();
  }

  onRestart(): void {
    this.hasStarted = false;
    if (this.course.world.killed() !== null) this.course.world.check("I14");
    this.isKillTold = false;
  }

  private holdsKill(): void {
    const { world } = this.course;
    const killed = world.killed();
    const book = this.course.book();
    const isHeld = book?.kill != null && book.gate.account.some(({ state }) => state === "killed");
    if (killed === null || !book || !this.hasStarted || isHeld) {
      this.isKillTold = false;
      return;
    }
    // The person who releases it hears of it a moment after the journal.
    const { released } = this.course.trail;
    const isBeingReleased = released !== null && world.monotonicMs() - released.atMs <= RELEASE_MS;
    if (this.isKillTold || isBeingReleased) return;
    this.isKillTold = true;
    const what = book.kill === null ? "the book" : "its gate";
    world.violate(
      "I14",
      `a kill by ${killed.by} (${killed.reason}) was confirmed and never released; at record ${book.seq} ${what} is not killed`,
    );
  }

  private leaves({ atMs, durableSeq, kind }: VenueRequest, asked: Asked): void {
    const { world } = this.course;
    if (asked.isOwn === true) {
      this.ownLeaves(asked, atMs);
      return;
    }
    const killed = world.killed();
    if (killed !== null) {
      world.check("I14");
      world.violate(
        "I14",
        `${asked.name} left (${kind}) at ${atMs} ms while the account is killed by ${killed.by}; only cancels may`,
      );
    }
    const state = this.stateFor(asked.instrument);
    const risk = this.riskOf(asked);
    if (state !== "open" || risk !== null) world.check("I7");
    const missed = risk === null ? null : this.readiness.reason(asked.instrument);
    if (missed !== null) {
      world.violate(
        "I7",
        `${asked.name} left (${kind}) at ${atMs} ms and adds risk (${risk}), while ${missed}`,
      );
    }
    if (state === "open") return;
    if (state === "reduce_only" && risk === null) return;
    const why = this.reasonsFor(asked.instrument)
      .map(({ code, state: held }) => `${code} (${held})`)
      .join(", ");
    world.violate(
      "I7",
      `${asked.name} left (${kind}) at ${atMs} ms, durable record ${durableSeq}, while the gate is ${state} by ${why}: ${risk ?? "it reduces, which this state does not let through"}`,
    );
  }

  private ownLeaves(asked: Asked, atMs: number): void {
    const { world } = this.course;
    world.check("I7");
    const risk = this.riskOf(asked);
    if (risk === null) return;
    world.violate(
      "I7",
      `${asked.name}, which trueup itself sends, left at ${atMs} ms, and it does not surely reduce: ${risk}`,
    );
  }

  /** By the records, and by what the process itself knew. */
  private reasonsFor(instrument: string): readonly GateReason[] {
    const { trail, world } = this.course;
    const durable = [...trail.gateOfAccount, ...(trail.gates.get(instrument) ?? [])];
    const gate = world.session()?.book.gate;
    return [...durable, ...(gate?.account ?? []), ...(gate?.instruments[instrument] ?? [])];
  }

  private stateFor(instrument: string): GateState {
    const states = this.reasonsFor(instrument).map(({ state }) => STRICTNESS.indexOf(state));
    return STRICTNESS[Math.max(0, ...states)] ?? "killed";
  }

  /** Why it may add risk; null when it surely reduces. */
  private riskOf({ instrument, leg, side, qty, isReduceOnly, except }: Asked): string | null {
    const { world, trail } = this.course;
    if (qty === undefined) return "its quantity is not known";
    if (world.capabilities.commands.reduceOnlyFlag && !isReduceOnly) return "it does not say reduceOnly";
    const delta = side === "buy" ? qty : -qty;
    const held = trail.quantities.qty(`${leg}:${instrument}` as PositionKey);
    const open = this.openQty(instrument, leg, side, except);
    // Orders of the same side may trade before it.
    const least = held + (side === "buy" ? open : -open);
    for (const base of [held, least]) {
      const after = base + delta;
      const isSmaller = magnitude(after) < magnitude(base);
      if (!isSmaller || (after !== 0n && signOf(after) !== signOf(base))) {
        return `from ${plain(base)} it leads to ${plain(after)}`;
      }
    }
    return null;
  }

  /** What our own orders of that side may still trade at the venue; no less than the book knows of. Not signed. */
  private openQty(instrument: string, leg: Leg, side: Side, except: string | undefined): bigint {
    const { world, trail } = this.course;
    let open = 0n;
    for (const order of world.referee.orders()) {
      const isOpen = order.status === "open" || order.status === "partially_filled";
      if (!isOpen || order.instrument !== instrument || order.side !== side || order.leg !== leg) continue;
      const id = order.clientOrderId;
      // Orders of others the book may not know of yet.
      if (id === undefined || id === except || !trail.meant.has(id) || order.qty === undefined) continue;
      // What the venue itself bounds takes nothing away from what others may close.
      if (world.capabilities.commands.reduceOnlyFlag && this.isPlaced(id)) continue;
      const left = exact(order.qty) - exact(order.filledQty ?? "0");
      if (left > 0n) open += left;
    }
    return open;
  }

  /** Whether it is an exit of trueup's that lies at the venue. */
  private isPlaced(clientOrderId: string): boolean {
    const { trail, shadow } = this.course;
    const key = trail.meant.get(clientOrderId)?.at(-1)?.orderKey;
    return key !== undefined && placeOf(shadow.orders.get(key)?.intentId) !== null;
  }

  /** What an amended order may trade, as an order of its own; undefined where it only becomes smaller. */
  private amended(command: Extract<VenueRequest, { readonly kind: "amend" }>["command"]): Asked | undefined {
    const { world } = this.course;
    const { instrument, clientOrderId, venueOrderId, qty, price, triggerPrice } = command;
    const row = world.referee.find({
      ...(venueOrderId !== undefined && { venueOrderId }),
      ...(clientOrderId !== undefined && { clientOrderId }),
    });
    if (!row?.side || row.qty === undefined) return undefined;
    const asked = exact(qty ?? row.qty);
    const isSmaller =
      price === undefined && triggerPrice === undefined && asked <= exact(row.qty) && world.killed() === null;
    if (isSmaller) return undefined;
    const left = asked - exact(row.filledQty ?? "0");
    // Filled that far already, if only in this moment: nothing of it can trade any more.
    if (left <= 0n) return undefined;
    return {
      name: `an amendment of ${clientOrderId ?? venueOrderId} (${row.side} ${qty ?? row.qty} ${instrument})`,
      instrument,
      leg: row.leg ?? "net",
      side: row.side,
      qty: left,
      isReduceOnly: row.reduceOnly === true,
      isOwn: this.course.trail.isOwn(command.newClientOrderId ?? ""),
      ...(row.clientOrderId !== undefined && { except: row.clientOrderId }),
    };
  }
}
