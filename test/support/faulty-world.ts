// A world in which commands meet every accident: requests and answers that are lost, late or doubled, reads that are
// old when they come, a journal that hangs, a process that dies. It watches at the venue's door what may never happen.
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import {
  type AccountPolicy,
  abs,
  add,
  compare,
  type Decimal,
  gateFor,
  max,
  multiply,
  type OrderRow,
  orderStatus,
  subtract,
  sum,
  ZERO,
} from "../../src/core/index.ts";
import type { Journal } from "../../src/journal/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import type { AmendCommand, CommandOutcome, SubmitCommand } from "../../src/venues/index.ts";
import type { PaperEvent } from "../../src/venues/paper/index.ts";
import { TestWorld } from "./world.ts";

/** Longer than any delay here: what the venue declares must be true, or nothing could end an order. */
const SETTLE_MS = 30_000;
export const DELAY_MS_MAX = 20_000;
/** A request that took so long had not left the process, and dies with it. */
export const QUEUED_MS = 45_000;

/** What happens to the next requests; all of it is over with an empty one. */
export interface Accident {
  readonly isLost?: boolean;
  /** Carried out, and nobody is told. */
  readonly isAnswerLost?: boolean;
  /** The network delivers it twice. */
  readonly isDoubled?: boolean;
  readonly requestMs?: number;
  readonly answerMs?: number;
  /** Reads are taken at once and come this much later. */
  readonly readMs?: number;
  readonly isStreamDoubled?: boolean;
  readonly isStreamSilent?: boolean;
}

interface Parcel {
  readonly sinceMs: number;
  readonly dueMs: number;
  readonly work: () => void;
}

export class FaultyWorld {
  readonly world: TestWorld;
  accident: Accident = {};
  /** How often a session has sent an order, by client order id. */
  readonly sent = new Map<string, number>();
  /** New client order ids of amendments that the venue has carried out. */
  readonly amended = new Set<string>();
  private readonly store = new MemoryJournal();
  private readonly valueMax: Decimal;
  private readonly priceMin: Decimal;
  private parcels: Parcel[] = [];
  /** Which process this is: nothing reaches one that has died. */
  private epoch = 0;
  private trap: { appends: number; readonly isStored: boolean } | undefined;
  hasHung = false;

  /** @param bounds The limit on a position's value, and the lowest price that there will be. */
  constructor(
    policy: Partial<AccountPolicy>,
    bounds: { readonly valueMax: Decimal; readonly priceMin: Decimal },
  ) {
    this.world = new TestWorld(policy);
    this.valueMax = bounds.valueMax;
    this.priceMin = bounds.priceMin;
    this.wireCommands();
    this.wireReads();
  }

  get session() {
    return this.world.session;
  }

  async open(): Promise<void> {
    this.epoch += 1;
    this.hasHung = false;
    this.trap = undefined;
    Object.assign(this.world, { journal: this.journalOf(this.epoch) });
    let isOpen = false;
    const opening = this.world.open().then(() => {
      isOpen = true;
    });
    await settle();
    while (!isOpen && !this.world.failure) await this.advance(1_000);
    await opening;
  }

  /** The process dies; what is on the network goes on. */
  async restart(): Promise<void> {
    // At rest, or where its journal hangs: what has died must not go on here.
    await settle();
    this.world.runtime.clear();
    this.world.venue.disconnect();
    const onTheWay = this.parcels;
    this.parcels = [];
    for (const { sinceMs, dueMs, work } of onTheWay) {
      const isOut = dueMs - sinceMs <= DELAY_MS_MAX;
      if (isOut) this.carry(dueMs - this.nowMs(), work);
    }
    await this.open();
  }

  /** The journal hangs at a write soon; whether that one is still stored is a matter of luck. */
  hangSoon(appends: number, isStored: boolean): void {
    this.trap = { appends, isStored };
  }

  async advance(ms: number): Promise<void> {
    await this.world.runtime.advance(ms, settle);
  }

  private nowMs(): number {
    return this.world.runtime.clock.monotonicMs();
  }

  private journalOf(epoch: number): Journal {
    const { store } = this;
    const never = () => Promise.withResolvers<never>().promise;
    return new Proxy(store, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...given: unknown[]) => {
          if (epoch !== this.epoch || this.hasHung) return never();
          const isWrite = name === "append";
          if (isWrite && this.trap && --this.trap.appends < 0) {
            this.hasHung = true;
            if (this.trap.isStored) value.apply(target, given);
            return never();
          }
          return value.apply(target, given);
        };
      },
    });
  }

  private wireCommands(): void {
    const { venue } = this.world;
    const { submit, cancel, amend } = venue;
    venue.submit = (command) => {
      const { clientOrderId } = command;
      this.sent.set(clientOrderId, (this.sent.get(clientOrderId) ?? 0) + 1);
      this.assertAdmitted(command);
      let hasArrived = false;
      return this.exchange(() => {
        if (!hasArrived) this.assertAwaited(clientOrderId);
        hasArrived = true;
        return submit.call(venue, command);
      });
    };
    venue.cancel = (command) => this.exchange(() => cancel.call(venue, command));
    venue.amend = (command) => {
      this.assertAmendable(command);
      return this.exchange(async () => {
        const outcome = await amend.call(venue, command);
        if (outcome.kind === "accepted") this.amended.add(command.newClientOrderId);
        return outcome;
      });
    };
    venue.publish = (event) => this.publish(event);
    Object.assign(venue, { capabilities: { ...venue.capabilities, settleMs: SETTLE_MS } });
  }

  private wireReads(): void {
    const { venue } = this.world;
    const { snapshot, history, order } = venue;
    venue.snapshot = () => this.read(() => snapshot.call(venue));
    venue.history = (fromMs) => this.read(() => history.call(venue, fromMs));
    venue.order = (query) => this.read(() => order.call(venue, query));
  }

  private exchange(work: () => Promise<CommandOutcome>): Promise<CommandOutcome> {
    const { requestMs = 0, answerMs = 0, isLost, isAnswerLost, isDoubled } = this.accident;
    const { epoch } = this;
    const answer = Promise.withResolvers<CommandOutcome>();
    if (isLost) return answer.promise;
    this.carry(requestMs, () => {
      work().then((outcome) => {
        this.assertWithinLimit();
        // What the venue refused it may take a moment later: that would be another answer to another request.
        if (isDoubled && outcome.kind !== "rejected") this.carry(10, () => work());
        if (isAnswerLost) return;
        this.carry(answerMs, () => {
          if (epoch === this.epoch) answer.resolve(outcome);
        });
      }, answer.reject);
    });
    return answer.promise;
  }

  private async read<T>(work: () => Promise<T>): Promise<T> {
    const { readMs = 0 } = this.accident;
    const { epoch } = this;
    const seen = await work();
    if (readMs === 0 && epoch === this.epoch) return seen;
    const answer = Promise.withResolvers<T>();
    this.carry(readMs, () => {
      if (epoch === this.epoch) answer.resolve(seen);
    });
    return answer.promise;
  }

  private publish(event: PaperEvent): void {
    const { isStreamSilent, isStreamDoubled } = this.accident;
    if (isStreamSilent) return;
    const { publish } = Object.getPrototypeOf(this.world.venue) as typeof this.world.venue;
    publish.call(this.world.venue, event);
    if (isStreamDoubled) this.carry(50, () => publish.call(this.world.venue, event));
  }

  private carry(ms: number, work: () => void): void {
    if (ms === 0) {
      work();
      return;
    }
    const parcel = { sinceMs: this.nowMs(), dueMs: this.nowMs() + ms, work };
    this.parcels.push(parcel);
    this.world.runtime.timers.after(ms, () => {
      this.parcels = this.parcels.filter((one) => one !== parcel);
      work();
    });
  }

  /** I7: what opens leaves only through an open gate. */
  private assertAdmitted({ instrument, reduceOnly }: SubmitCommand): void {
    const gate = gateFor(this.session.book.gate, instrument);
    const isAdmitted = gate === "open" || (gate === "reduce_only" && reduceOnly);
    assert.equal(isAdmitted, true, `an order left while the gate was ${gate}`);
  }

  /** R5: what arrives may not have been given up before. */
  private assertAwaited(clientOrderId: string): void {
    const order = [...this.session.book.orders.values()].find((one) => one.clientOrderId === clientOrderId);
    assert.notEqual(order && orderStatus(order), "rejected", `${clientOrderId} came after it was given up`);
  }

  private assertAmendable({ instrument, venueOrderId, clientOrderId, qty, price }: AmendCommand): void {
    const gate = gateFor(this.session.book.gate, instrument);
    if (gate === "open") return;
    const order = this.world.account.find({
      ...(venueOrderId !== undefined && { venueOrderId }),
      ...(clientOrderId !== undefined && { clientOrderId }),
    });
    const isSmaller = price === undefined && qty !== undefined && compare(qty, order?.qty ?? ZERO) <= 0;
    const isReducing = gate === "reduce_only" && order?.reduceOnly === true;
    assert.equal(isSmaller || isReducing, true, `a larger amendment left while the gate was ${gate}`);
  }

  /** However orders and amendments overlap, the venue never holds more than the owner allows. */
  private assertWithinLimit(): void {
    const { orders, positions } = this.world.account.state;
    const open = orders.filter(({ status }) => status === "open");
    for (const instrument of new Set(orders.map((row) => row.instrument))) {
      const held = positions[instrument]?.qty ?? ZERO;
      const of = (side: string) =>
        sum(open.filter((row) => row.instrument === instrument && row.side === side).map(restOf));
      const furthest = max(abs(add(held, of("buy"))), abs(subtract(held, of("sell"))));
      const worth = multiply(furthest, this.priceMin);
      assert.equal(
        compare(worth, this.valueMax) <= 0,
        true,
        `${instrument} may become worth ${worth} at the venue, position_value_max is ${this.valueMax}`,
      );
    }
  }
}

function restOf({ qty = ZERO, filledQty = ZERO }: OrderRow): Decimal {
  return subtract(qty, filledQty);
}

/** What was started comes to rest: everything here is in memory. */
async function settle(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await setImmediate();
}
