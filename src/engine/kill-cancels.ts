// The cancels of a killed account, from the kill to its release: at once, after every pass, and again where it is not known
// what came of them. What may still be open is told when that changes. What is cancelled, and how, is in cancel-risk.ts.
import {
  type AccountPolicy,
  byRisk,
  type Decimal,
  type Draft,
  type OrderAtRisk,
  type OrderKey,
} from "../core/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { CommandOutcome, Venue } from "../venues/index.ts";
import { CancelRetries } from "./cancel-retries.ts";
import { cancelEach, cancelRisk, type KillReport, uncanceledAlert, unconfirmed } from "./cancel-risk.ts";
import type { AccountWriter } from "./writer.ts";

/** What it is given by the account's session. */
export interface KillCancelsInputs {
  readonly venue: Venue;
  readonly policy: AccountPolicy;
  readonly runtime: Runtime;
  readonly writer: AccountWriter;
  readonly lastPrices: () => ReadonlyMap<string, Decimal>;
  /** Orders with a change that has not left yet. */
  readonly unchanged: ReadonlySet<OrderKey>;
  /** Whether this process has read the positions of this very account. */
  readonly isAccountKnown: () => boolean;
  readonly hasStopped: () => boolean;
  /** Has what was staged become durable soon. */
  readonly flush: () => void;
}

/** The cancels of one account's kills. */
export class KillCancels {
  private readonly inputs: KillCancelsInputs;
  private readonly retries: CancelRetries;
  /** Orders that a kill could not cancel, as they were last told. */
  private toldOpen = "";
  /** Whether the venue has taken a call for all under this kill: what is left is cancelled one by one. */
  private isAllCanceled = false;

  constructor(inputs: KillCancelsInputs) {
    const { runtime, writer, hasStopped } = inputs;
    this.inputs = inputs;
    this.retries = new CancelRetries({
      runtime,
      book: writer.book,
      isWanted: () => writer.book.kill !== null && !hasStopped(),
      cancel: (orders) => this.again(orders),
    });
  }

  /** A person kills: one call may cancel all once more. */
  begin(): void {
    this.isAllCanceled = false;
    // Whoever kills anew is told anew of what may be open.
    this.toldOpen = "";
  }

  /**
   * Waits for the venue only: neither cancels nor their notes wait for the journal.
   * @param isAll Whether stops that only reduce go too.
   * @param isReading Whether the venue's own list of open orders is asked for as well.
   */
  async cancel(isAll: boolean, isReading: boolean): Promise<KillReport> {
    const { venue, runtime, policy, writer, lastPrices, isAccountKnown, unchanged, flush } = this.inputs;
    const note = (drafts: readonly Draft[]) => {
      if (writer.hasFailed) return;
      writer.stage(drafts);
      flush();
    };
    const report = await cancelRisk({
      book: writer.book,
      note,
      onOutcome: (order, outcome) => this.noteCanceled(order, outcome),
      venue,
      runtime,
      lastPrices: lastPrices(),
      isAll,
      isReading,
      mayCancelAll: isAccountKnown() && !this.isAllCanceled,
      knowsAllOrders: policy.mode === "executor",
      unchanged,
    });
    this.isAllCanceled ||= report.canceledAll.some(({ outcome }) => outcome.kind === "accepted");
    const open = unconfirmed(report);
    const told = open.join(", ");
    if (told !== this.toldOpen && open.length > 0) note([uncanceledAlert(open)]);
    this.toldOpen = told;
    return report;
  }

  /** Asks for nothing any more. */
  stop(): void {
    this.retries.stop();
  }

  private noteCanceled(order: OrderAtRisk, outcome: CommandOutcome): void {
    const { writer, hasStopped } = this.inputs;
    if (writer.book.kill && !hasStopped()) this.retries.note(order, outcome);
  }

  private again(orders: readonly OrderAtRisk[]): Promise<unknown> {
    const { venue, runtime, writer, lastPrices } = this.inputs;
    const onOutcome = (order: OrderAtRisk, outcome: CommandOutcome) => this.noteCanceled(order, outcome);
    return cancelEach(byRisk(writer.book, orders, lastPrices()), { venue, runtime, onOutcome });
  }
}
