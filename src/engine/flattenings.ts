// Plans to close positions, as an account carries them out: alone, each to its one result, also after a crash and when it is
// asked for twice. What a plan is and how its positions are closed is in flatten.ts.
import {
  type AccountPolicy,
  type Decimal,
  draft,
  type FlattenContext,
  instrumentIn,
  type Order,
  type OrderIntent,
  type PositionKey,
} from "../core/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { Venue } from "../venues/index.ts";
import { alertDraft } from "./alerting.ts";
import {
  assertMayFlatten,
  type Flattened,
  type FlattenGiven,
  type FlattenPlan,
  flattenLegsNow,
  flattenStartedDraft,
  heldBesides,
  makeFlattenPlan,
  unflatAlert,
} from "./flatten.ts";
import type { PassReport } from "./report.ts";
import type { AccountWriter } from "./writer.ts";

/** What it is given by the account's session. */
export interface FlatteningsInputs {
  readonly account: string;
  readonly venue: Venue;
  /** Shown to whoever is about to trade by hand; the venue's name unless given. */
  readonly environment?: string;
  readonly policy: AccountPolicy;
  readonly runtime: Runtime;
  readonly writer: AccountWriter;
  readonly lastPrices: () => ReadonlyMap<string, Decimal>;
  /** What the venue said last of a position, signed; null where it has said nothing. */
  readonly venueQty: (key: PositionKey) => Decimal | null;
  /** Whether the last pass has read what is held. */
  readonly hasReadNow: () => boolean;
  /** Runs this while no pass, plan or undo of the account runs. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  readonly pass: () => Promise<PassReport>;
  readonly submit: (intent: OrderIntent, by: string) => Promise<{ readonly reasons: readonly string[] }>;
  readonly cancel: (order: Order, by: string) => Promise<unknown>;
  /** @throws AccountStopped when nobody is at work any more. */
  readonly assertAtWork: () => void;
}

/** The plans of one account. */
export class Flattenings {
  private readonly inputs: FlatteningsInputs;
  /** Those that are being carried out, by their ids. */
  private readonly running = new Map<string, Promise<Flattened>>();
  private readonly instruments = new Set<string>();

  constructor(inputs: FlatteningsInputs) {
    this.inputs = inputs;
  }

  /** Whether a plan is closing positions in it right now: nothing is placed at the venue on it meanwhile. */
  isOn(instrument: string): boolean {
    return this.instruments.has(instrument);
  }

  /** What closing these positions would trade, after a fresh read. Trades nothing. @param instrument Null for all. */
  async plan(instrument: string | null): Promise<FlattenPlan> {
    const { alone, account, venue, environment = venue.name, pass } = this.inputs;
    return alone(async () => {
      const report = await pass();
      const facts = { account, venue: venue.name, environment, instrument, nowMs: this.nowMs };
      return makeFlattenPlan(facts, this.context(), report);
    });
  }

  /**
   * Closes the positions of a plan that a person confirmed, whatever the gate says. The same plan again, also while it is
   * under way, tells its one result; one that a crash cut off is finished.
   * @throws PlanError when it may not be carried out; nothing was done then.
   */
  async carryOut(plan: FlattenPlan, given: FlattenGiven): Promise<Flattened> {
    const { account, policy, venue, writer, alone } = this.inputs;
    const known = writer.book.flattenings.get(plan.id);
    const isObserving = policy.observe || !venue.capabilities.heals;
    assertMayFlatten(plan, given, { account, nowMs: this.nowMs, isObserving, isKnown: known !== undefined });
    const under = this.running.get(plan.id);
    if (under) return { ...(await under), isRepeat: true };
    if (known?.result) return { ...known.result, account, isRepeat: true, others: [] };
    const work = alone(() => this.carryOutNow(plan, known?.by ?? given.by));
    this.running.set(plan.id, work);
    for (const { instrument } of plan.legs) this.instruments.add(instrument);
    try {
      return await work;
    } finally {
      this.running.delete(plan.id);
      for (const { instrument } of plan.legs) this.instruments.delete(instrument);
    }
  }

  private async carryOutNow(plan: FlattenPlan, by: string): Promise<Flattened> {
    const { account, runtime, writer, pass, submit, cancel, assertAtWork } = this.inputs;
    if (!writer.book.flattenings.has(plan.id)) writer.stage([flattenStartedDraft(plan, by)]);
    await writer.flush();
    const result = await flattenLegsNow(plan, by, {
      context: () => this.context(),
      pass,
      submit: (intent) => submit(intent, by),
      cancel: (order) => cancel(order, by),
      timers: runtime.timers,
      nowMs: () => this.nowMs,
      assertAtWork,
    });
    const open = result.isFlat ? [] : [unflatAlert(result)];
    const alerts = open.map((alert) => alertDraft(alert, `by:${by}`));
    writer.stage([draft("flatten_finished", result, `by:${by}`), ...alerts]);
    await writer.flush();
    return { ...result, account, isRepeat: false, others: heldBesides(this.context(), plan) };
  }

  private context(): FlattenContext {
    const { venue, writer, lastPrices, venueQty, hasReadNow } = this.inputs;
    const { book } = writer;
    return {
      book,
      instrument: (symbol) => venue.instrument(symbol) ?? instrumentIn(book, symbol),
      commands: venue.capabilities.commands,
      lastPrices: lastPrices(),
      venueQty,
      hasReadNow: hasReadNow(),
    };
  }

  private get nowMs(): number {
    return this.inputs.runtime.clock.nowMs();
  }
}
