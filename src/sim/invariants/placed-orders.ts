// I22: an exit that lies at the venue protects and does nothing else. When it leaves, the mode has it, nobody is killed or
// flattening, it closes what the records hold and no more, and nothing else of its place may still trade; no exit's trade,
// wherever the order lay, takes a position across zero; and under a kill that leaves what reduces, trueup takes none away.
import {
  isActive,
  type JournalRecord,
  type Order,
  type OrderKey,
  orderStatus,
  type PlacedRole,
  positionKey,
  UNATTRIBUTED,
} from "../../core/index.ts";
import { exact, magnitude, plain, signOf } from "../oracle/exact.ts";
import type { RefereeEvent } from "../referee/referee.ts";
import { type Course, nameOf } from "./course.ts";
import type { VenueRequest, Watch } from "./world.ts";

/** Where no flag bounds an order, it follows what others do within this time, and cannot sooner. In ms. */
const FOLLOWED_WITHIN_MS = 60_000;

type Submit = VenueRequest & { readonly kind: "submit" };
type Amend = VenueRequest & { readonly kind: "amend" };
type Cancel = VenueRequest & { readonly kind: "cancel" };

export interface Place {
  readonly slot: string;
  readonly role: PlacedRole;
}

/** The place at the venue that an intent is for; null for every other intent. Told by its name alone, as SPEC says it. */
export function placeOf(intentId: string | null | undefined): Place | null {
  const found = /^((backstop|stop|target)_[0-9a-f]{20})-\d+$/.exec(intentId ?? "");
  return found ? { slot: found[1] ?? "", role: found[2] as PlacedRole } : null;
}

export class PlacedOrders implements Watch {
  private readonly course: Course;
  /** What each leg held after the last thing that happened to it, by `LEG:INSTRUMENT`. */
  private readonly held = new Map<string, bigint>();
  /** When something that trueup did not send moved it last, monotonic ms. */
  private readonly movedMs = new Map<string, number>();
  /** Who asked first for the cancel of each order: trueup asks again for what did not go. */
  private readonly canceledBy = new Map<OrderKey, string>();
  private readonly flattening = new Map<string, readonly string[]>();

  constructor(course: Course) {
    this.course = course;
    const { referee } = course.world;
    for (const { instrument, leg = "net", qty } of referee.positionRows()) {
      this.held.set(`${leg}:${instrument}`, exact(qty));
    }
  }

  onRestart(): void {
    this.flattening.clear();
  }

  onRecord({ kind, payload }: JournalRecord): void {
    if (kind === "flatten_started") {
      this.flattening.set(
        payload.planId,
        payload.legs.map(({ instrument }) => instrument),
      );
    } else if (kind === "flatten_finished") this.flattening.delete(payload.planId);
    else if (kind === "intent_recorded" && payload.intent.action === "cancel") {
      if (!this.canceledBy.has(payload.orderKey)) this.canceledBy.set(payload.orderKey, payload.by);
    }
  }

  onRequest(request: VenueRequest): void {
    if (request.kind === "submit") this.submitted(request);
    else if (request.kind === "amend") this.amended(request);
    else if (request.kind === "cancel") this.canceled(request);
  }

  onVenueEvent(event: RefereeEvent): void {
    const { world, trail } = this.course;
    const row =
      event.kind === "ledger"
        ? event.row
        : event.kind === "fill" || event.kind === "reversed"
          ? event.fill
          : null;
    if (row?.instrument === undefined) return;
    const { instrument, leg = "net" } = row;
    const key = `${leg}:${instrument}`;
    const before = this.held.get(key) ?? 0n;
    const after = exact(world.referee.qty(instrument, leg));
    this.held.set(key, after);
    const id = event.kind === "fill" ? event.fill.clientOrderId : undefined;
    const meant = id === undefined ? undefined : trail.meant.get(id)?.at(-1);
    if (id === undefined || !meant) {
      this.movedMs.set(key, world.monotonicMs());
      return;
    }
    const order = this.course.shadow.orders.get(meant.orderKey);
    const isExit = placeOf(order?.intentId) !== null || meant.by === "exit";
    if (!isExit) return;
    // A rebate in kind leaves dust.
    const isDust = magnitude(after) < this.stepOf(instrument);
    const crossed = !isDust && (before === 0n || signOf(after) !== signOf(before));
    if (world.capabilities.commands.reduceOnlyFlag || !this.isInDoubt(key, id)) {
      world.check("I22");
      if (!crossed) return;
      world.violate(
        "I22",
        `the order ${id} of an exit took ${key} from ${plain(before)} to ${plain(after)}: it opened what it was to close`,
      );
    }
  }

  /** Without the venue's flag nobody can keep an order from opening what somebody else closed a moment ago. */
  private isInDoubt(key: string, clientOrderId: string): boolean {
    const { world, aliveSinceMs, wasClockOff } = this.course;
    const sinceMs = world.monotonicMs() - FOLLOWED_WITHIN_MS;
    const session = world.session();
    if (!session || session.hasStopped || wasClockOff || world.areReadsTrue?.() !== true) return true;
    if ((this.movedMs.get(key) ?? 0) > sinceMs || aliveSinceMs > sinceMs) return true;
    const row = world.referee.find({ clientOrderId });
    // Filled beyond its own quantity by the venue.
    return row?.qty === undefined || exact(row.filledQty ?? "0") > exact(row.qty);
  }

  private submitted({ command }: Submit): void {
    const { trail, world } = this.course;
    const { clientOrderId, instrument, leg, side, qty } = command;
    const meant = trail.meant.get(clientOrderId)?.at(-1);
    if (meant?.intent.action !== "submit") return;
    const place = placeOf(meant.intent.intentId);
    const name = `the order ${clientOrderId} (${side} ${qty} ${instrument})`;
    if (place === null) {
      if (meant.by === "exit") this.hasMadeWay(name, meant.intent.intentId);
      return;
    }
    world.check("I22");
    const what = `${name}, a ${place.role},`;
    if (world.capabilities.commands.reduceOnlyFlag && !command.reduceOnly) {
      this.violate(`${what} does not say reduceOnly, and the venue has that flag`);
    }
    const { mode } = world.policy.exits ?? {};
    const isOfMode = place.role === "backstop" ? mode === "managed+backstop" : mode === "venue";
    if (!isOfMode) this.violate(`${what} left in mode ${mode}`);
    if (trail.kill !== null) this.violate(`${what} was placed while the account is killed`);
    if ([...this.flattening.values()].some((all) => all.includes(instrument))) {
      this.violate(`${what} was placed while a person's plan closes ${instrument}`);
    }
    this.isAlone(what, place, meant.orderKey);
    this.isCovered(what, {
      place,
      instrument,
      leg,
      side,
      qty: exact(qty ?? "0"),
      strategy: meant.intent.strategy,
    });
  }

  private amended({ command }: Amend): void {
    const { trail, shadow, world } = this.course;
    const meant = trail.meant.get(command.newClientOrderId ?? "")?.at(-1);
    const order = meant && shadow.orders.get(meant.orderKey);
    const place = placeOf(order?.intentId);
    // What a bot makes of it is not trueup's doing.
    if (!order || place === null || meant.by !== "exit" || command.qty === undefined || order.side === null)
      return;
    world.check("I22");
    const { instrument, leg, side, orderKey, strategy } = order;
    const row = world.referee.find({ clientOrderId: order.clientOrderId ?? "" });
    const qty = exact(command.qty) - exact(row?.filledQty ?? "0");
    const what = `an amendment of ${nameOf(orderKey, order.clientOrderId)}, a ${place.role},`;
    this.isCovered(what, { place, instrument, leg: leg ?? "net", side, qty, strategy });
  }

  /** Nothing else of its place is at the venue, on its way there, or may be for all that the records say. */
  private isAlone(what: string, { slot }: Place, own: OrderKey): void {
    const { shadow, world } = this.course;
    for (const order of shadow.orders.values()) {
      const { orderKey, clientOrderId } = order;
      if (orderKey === own || placeOf(order.intentId)?.slot !== slot) continue;
      const id = clientOrderId ?? "";
      const row = world.referee.find({ clientOrderId: id });
      const isThere = row?.status === "open" || row?.status === "partially_filled" || world.isOnItsWay(id);
      if (isActive(order)) {
        this.violate(`${what} left while ${nameOf(orderKey, id)} of the same place is ${orderStatus(order)}`);
      } else if (isThere) {
        this.violate(`${what} left while ${nameOf(orderKey, id)} of the same place is still at the venue`);
      }
    }
  }

  /** It is for no more than what is held, nor than its share, on the side that closes it. */
  private isCovered(
    what: string,
    asked: {
      readonly place: Place;
      readonly instrument: string;
      readonly leg: "net" | "long" | "short";
      readonly side: string;
      readonly qty: bigint;
      readonly strategy: string | null | undefined;
    },
  ): void {
    const { trail, shadow } = this.course;
    const { place, instrument, leg, side, qty, strategy } = asked;
    const key = positionKey(instrument, leg);
    const held = trail.quantities.qty(key);
    if (held === 0n || signOf(held) !== (side === "sell" ? 1 : -1)) {
      this.violate(`${what} closes nothing: ${plain(held)} is held`);
      return;
    }
    // Where no flag bounds them, what all of them come to together is the gate's (I7).
    const lot = exact(shadow.ledgers.get(key)?.lots.get(strategy ?? UNATTRIBUTED)?.qty ?? "0");
    // Of several lots the fractions may be a step together.
    const step = this.stepOf(instrument);
    const most = place.role === "backstop" ? magnitude(held) : magnitude(lot) + step;
    if (qty <= most && qty <= magnitude(held)) return;
    this.violate(`${what} is for ${plain(qty)}; ${plain(most)} of ${plain(held)} is its own`);
  }

  /** Before an exit's own order leaves, what lies at the venue for its share was asked to go. */
  private hasMadeWay(name: string, intentId: string): void {
    const { trail, shadow, world } = this.course;
    const facts = trail.exits.triggers.get(intentId)?.facts;
    if (!facts) return;
    const { instrument, leg, strategy } = facts;
    const { reduceOnlyFlag } = world.capabilities.commands;
    for (const order of shadow.orders.values()) {
      const place = placeOf(order.intentId);
      // One that waits for an answer is waited for, and not for ever.
      const isKnown = orderStatus(order) === "open" || orderStatus(order) === "partially_filled";
      if (place === null || !isKnown || order.amendment !== null) continue;
      if (world.isUnanswered?.(order.clientOrderId ?? "") === true) continue;
      if (order.instrument !== instrument || (order.leg ?? "net") !== leg) continue;
      const isOfShare = place.role !== "backstop" && order.strategy === strategy;
      if (reduceOnlyFlag && !isOfShare) continue;
      world.check("I22");
      if (order.cancelRequestedAt !== null) continue;
      const other = nameOf(order.orderKey, order.clientOrderId);
      this.violate(
        `${name} of an exit left, and ${other}, its ${place.role} at the venue, was not asked to go`,
      );
    }
  }

  private canceled({ command }: Cancel): void {
    const { trail, shadow, world } = this.course;
    const { kill } = world.session()?.book ?? {};
    if (kill == null || kill.isAll === true || world.isAllAsked?.() === true) return;
    const order = trail.keysOf(command).flatMap((key) => shadow.orders.get(key) ?? [])[0];
    const place = placeOf(order?.intentId);
    if (!order || place === null) return;
    const { instrument, leg, orderKey, clientOrderId } = order;
    const key = positionKey(instrument, leg ?? "net");
    const held = trail.quantities.qty(key);
    // What has just traded the process may know before its record is durable.
    const both = [held, exact(world.referee.qty(instrument, leg ?? "net"))];
    const isWrong = both.some((one) => one === 0n || signOf(one) !== (order.side === "sell" ? 1 : -1));
    const isTooMuch = both.some((one) => magnitude(one) < this.openOf(order));
    // What was asked before the kill is only asked again.
    const first = trail.cancels.get(orderKey)?.[0];
    if (first && trail.kill && first.seq < trail.kill.seq) return;
    const by = this.canceledBy.get(orderKey) ?? "kill";
    // Until its record is durable the rest of trueup may not have heard of the kill.
    if (by === "exit" && (trail.kill === null || trail.kill.isAll || place.role === "target")) return;
    world.check("I22");
    if (isWrong || (isTooMuch && !world.capabilities.commands.reduceOnlyFlag)) return;
    if (by !== "kill" && by !== "exit") return;
    if (by === "exit" && this.mayGo(order, place)) return;
    this.violate(
      `${nameOf(orderKey, clientOrderId)}, a ${place.role} of ${key} (${plain(held)}), was cancelled by ${by === "exit" ? "trueup" : "a kill"} while the account is killed, and nothing is about to close the position`,
    );
  }

  /** Whether something else closes what it is for, or nobody wants it any more. */
  private mayGo(order: Order, { role }: Place): boolean {
    const { trail } = this.course;
    const { instrument, leg, strategy } = order;
    if ([...this.flattening.values()].some((all) => all.includes(instrument))) return true;
    const exits = trail.exits.of(instrument, leg ?? "net");
    const own = role === "backstop" ? exits : exits.filter(({ facts }) => facts.strategy === strategy);
    // Disarmed by a person's word, or by what became of the share.
    if (own.length === 0 || (role === "target" && own.every(({ facts }) => facts.target === null)))
      return true;
    if (role === "stop" && own.every(({ facts }) => facts.stop === null)) return true;
    const { beforeKill, isNoExits } = trail.exits;
    return !isNoExits && own.some(({ facts }) => beforeKill?.has(facts.exitId) === true);
  }

  /** What all orders at the venue that trueup placed on this side may still trade. */
  private openOf({ instrument, leg, side }: Order): bigint {
    let open = 0n;
    for (const order of this.course.shadow.orders.values()) {
      const isHere = order.instrument === instrument && order.leg === leg && order.side === side;
      if (isHere && isActive(order) && order.intentId !== null) open += leftOf(order);
    }
    return open;
  }

  private stepOf(instrument: string): bigint {
    const known = this.course.world.referee.instruments.find(({ symbol }) => symbol === instrument);
    return exact(known?.qtyStep ?? "1");
  }

  private violate(text: string): void {
    this.course.world.violate("I22", text);
  }
}

export function leftOf({ qty, fillsQty, unbackedQty }: Order): bigint {
  const left = exact(qty ?? "0") - exact(fillsQty) - exact(unbackedQty);
  return left > 0n ? left : 0n;
}
