// I17: an exit's order closes its own lot and no more, and once. When it leaves, its trigger is durable, it is for what the
// trigger says, no earlier order of the same exit may still trade, it says reduce-only where the venue has that flag, and
// it is for no more than its strategy's lot. Under a kill only those leave that were armed before it, and none where it
// says so. That it makes the position smaller under all that the records know is held with the gate (I7).
import { isActive, lotKey, orderStatus, positionKey } from "../../core/index.ts";
import { exact, magnitude, signOf } from "../oracle/exact.ts";
import { type Course, nameOf } from "./course.ts";
import { placeOf } from "./placed-orders.ts";
import type { VenueRequest, Watch } from "./world.ts";

export class ExitOrders implements Watch {
  private readonly course: Course;

  constructor(course: Course) {
    this.course = course;
  }

  onRequest(request: VenueRequest): void {
    if (request.kind !== "submit") return;
    const { world, trail } = this.course;
    const { command } = request;
    const meant = trail.meant.get(command.clientOrderId)?.at(-1);
    if (meant?.by !== "exit" || placeOf(meant.intent.action === "submit" ? meant.intent.intentId : ""))
      return;
    world.check("I17");
    const name = `the order ${command.clientOrderId} of an exit (${command.side} ${command.qty} ${command.instrument})`;
    const trigger = trail.exits.triggers.get(meant.intent.action === "submit" ? meant.intent.intentId : "");
    if (!trigger) {
      this.violate(`${name} left, and no durable record says that an exit has come to pass`);
      return;
    }
    const { facts } = trigger;
    if (command.qty !== facts.qty) this.violate(`${name} is not for ${facts.qty}, as its trigger says`);
    if (world.capabilities.commands.reduceOnlyFlag && !command.reduceOnly) {
      this.violate(`${name} does not say reduceOnly, and the venue has that flag`);
    }
    this.isOnly(name, facts.exitId, facts.intentId);
    this.isOwn(name, facts);
    this.mayPass(name, facts.exitId);
  }

  /** No earlier order of the same exit may still trade. */
  private isOnly(name: string, exitId: string, intentId: string): void {
    const { trail, shadow } = this.course;
    for (const other of trail.exits.intents.get(exitId) ?? []) {
      if (other === intentId) continue;
      for (const id of trail.idsOfIntent.get(other) ?? []) {
        const key = trail.meant.get(id)?.at(-1)?.orderKey;
        const order = key === undefined ? undefined : shadow.orders.get(key);
        if (!order || !isActive(order)) continue;
        this.violate(
          `${name} left while ${nameOf(order.orderKey, id)} of the same exit is ${orderStatus(order)}`,
        );
      }
    }
  }

  /** No more than its strategy has of it, on its side. */
  private isOwn(
    name: string,
    {
      instrument,
      leg,
      strategy,
      qty,
    }: { instrument: string; leg: "net" | "long" | "short"; strategy: string; qty: string },
  ): void {
    const key = positionKey(instrument, leg);
    const lot = exact(this.course.shadow.ledgers.get(key)?.lots.get(strategy)?.qty ?? "0");
    const side = this.course.shadow.exits.get(lotKey(key, strategy))?.facts.side;
    const isSide = side === undefined || signOf(lot) === (side === "long" ? 1 : -1);
    if (isSide && exact(qty) <= magnitude(lot)) return;
    this.violate(`${name} is for more than what ${strategy} has of it (record ${this.course.trail.seq})`);
  }

  private mayPass(name: string, exitId: string): void {
    const { beforeKill, isNoExits } = this.course.trail.exits;
    if (beforeKill === undefined) return;
    if (isNoExits) this.violate(`${name} left while the account is killed, and the kill lets no exit act`);
    else if (!beforeKill.has(exitId)) {
      this.violate(`${name} left while the account is killed, and its exit was not armed before that`);
    }
  }

  private violate(text: string): void {
    this.course.world.violate("I17", text);
  }
}
