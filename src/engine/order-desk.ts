// Where commands leave for the venue. Each is decided, written down, made durable, and only then sent; once. What the
// venue answers is written down; what it does not answer is unknown, looked up by its client order id, and never sent
// again (R5, R16).
//
//   decide -> intent durable -> still in time, still admitted? -> order_sent -> venue -> answer -> order's state
//                                        | no                                     | none in time
//                                        v                                        v
//                              rejected, never sent                     unknown -> look-up -> passes
import {
  type AccountPolicy,
  type AmendIntent,
  amendmentDrafts,
  amendmentGate,
  type Book,
  type CommandContext,
  type Decimal,
  type Decision,
  decideAmendment,
  decideSubmission,
  draft,
  findOrder,
  foundDrafts,
  instrumentIn,
  isActive,
  type Leg,
  type Order,
  type OrderIntent,
  type OrderKey,
  type OrderView,
  type OutcomeKind,
  type OwnOrder,
  orderKeyOfClientId,
  orderView,
  type PositionKey,
  type RecordedIntent,
  type RefusalCode,
  type Side,
  strategyOfClientId,
  submissionDrafts,
  submissionGate,
} from "../core/index.ts";
import type { Log, Runtime } from "../runtime/index.ts";
import type { AmendCommand, CommandOutcome, OrderQuery, SubmitCommand, Venue } from "../venues/index.ts";
import { guarded, problemOf } from "./observe.ts";
import { meantBy, misspelledReason } from "./spelled.ts";
import type { AccountWriter } from "./writer.ts";

/** After this a command's answer is not waited for; one that comes later still counts. In ms. */
export const COMMAND_TIMEOUT_MS = 15_000;
/** A request without an answer is taken to be on its way for this long at most. In ms. */
export const ON_ITS_WAY_MS_MAX = 60_000;

export type CommandCode =
  | RefusalCode
  /** Decided too long ago when it could have left. */
  | "too_late"
  /** The venue's adapter has no such command. */
  | "not_supported"
  /** The order has ended already. */
  | "not_active"
  /** The venue proved that it never had it. */
  | "never_arrived"
  | "venue_rejected";

/** What became of a command, as far as it is known. */
export interface CommandResult {
  readonly outcome: OutcomeKind;
  /** False when nothing has left for the venue. */
  readonly isSent: boolean;
  /** Why it was rejected; null otherwise. */
  readonly code: CommandCode | null;
  /** For a person: why it was rejected or is not known. */
  readonly reasons: readonly string[];
  /** Whether this intent was known already: nothing was sent this time. */
  readonly isRepeat: boolean;
  /** The order as it is now; null where there is none. */
  readonly order: OrderView | null;
}

/** An order by its ids; one of them at least. */
export interface OrderHandle {
  readonly instrument: string;
  readonly venueOrderId?: string;
  readonly clientOrderId?: string;
}

/** What a bot knows of an order that it sent itself and got no answer for. */
export interface OrderReport {
  readonly instrument: string;
  readonly clientOrderId: string;
  readonly leg?: Leg;
  readonly side?: Side;
  readonly qty?: Decimal;
  readonly price?: Decimal;
}

export interface DeskInputs {
  readonly writer: AccountWriter;
  readonly venue: Venue;
  readonly runtime: Runtime;
  readonly policy: AccountPolicy;
  readonly positionMode: "net" | "hedge";
  readonly log: Log;
  readonly lastPrices: () => ReadonlyMap<string, Decimal>;
  /** At what a position could be closed now, by a price that is young enough; null where none is known. */
  readonly priceOf: (instrument: string, side: "long" | "short") => Decimal | null;
  readonly venueQty: (key: PositionKey) => Decimal | null;
  readonly hasStopped: () => boolean;
  readonly isStreamLive: () => boolean;
  /** What has to be done at the venue before an order may leave: why it may not, for a person; null when it may. */
  readonly prepare: (instrument: string) => Promise<readonly string[] | null>;
  /** Asks for a pass soon. */
  readonly wake: (trigger: string) => void;
}

export class OrderDesk {
  private readonly inputs: DeskInputs;
  /** Orders whose request may still be on its way. */
  readonly sending = new Set<OrderKey>();
  /** Orders with a change that is written down and has not left: under a kill it does not. */
  readonly unchanged = new Set<OrderKey>();
  private readonly onTheirWay = new Map<OrderKey, Set<symbol>>();
  private readonly running = new Map<OrderKey, Promise<CommandResult>>();

  constructor(inputs: DeskInputs) {
    this.inputs = inputs;
  }

  /** @throws the error that stopped the account; whether the order left is then found out after the next start. */
  async submit(intent: OrderIntent, by: string, own?: OwnOrder): Promise<CommandResult> {
    const decision = decideSubmission(intent, this.context(by, own));
    if (decision.kind === "known") return this.repeat(decision.orderKey);
    const misspelled = misspelledReason(intent.instrument, this.inputs.venue);
    if (misspelled !== undefined) {
      const refusal = { kind: "refused", code: "bad_order", reasons: [misspelled] } as const;
      return this.tellRefusal(refusal, intent.instrument, intent.intentId);
    }
    if (decision.kind === "refused") return this.tellRefusal(decision, intent.instrument, intent.intentId);
    const { orderKey } = decision;
    const { clientOrderId } = decision;
    return this.run(orderKey, () =>
      this.send(decision, {
        instrument: intent.instrument,
        action: "submit",
        mayLeave: () => submissionGate(intent, this.context(by, own), orderKey),
        call: (venue) => venue.submit?.(submitCommand(intent, clientOrderId)),
        drafts: (answer) => submissionDrafts(this.book, orderKey, answer),
        lookUp: { instrument: intent.instrument, clientOrderId },
        // What only reduces is never held up by what guards what adds.
        isPrepared: intent.reduceOnly,
      }),
    );
  }

  /** Changes an open order. */
  async amend(
    intent: AmendIntent,
    by: string,
    own?: OwnOrder & { readonly kind: "placed" },
  ): Promise<CommandResult> {
    const decision = decideAmendment(intent, this.context(by, own));
    if (decision.kind === "refused") return this.tellRefusal(decision, intent.instrument, intent.intentId);
    const { orderKey } = decision;
    if (decision.kind === "known") return this.repeatAmendment(intent.intentId, orderKey);
    if (this.running.has(orderKey)) {
      const reasons = ["a command for this order still waits for the venue's answer; amend it after that"];
      return this.tellRefusal(
        { kind: "refused", code: "not_amendable", reasons },
        intent.instrument,
        intent.intentId,
      );
    }
    const command = amendCommand(this.book, orderKey, intent, decision.clientOrderId);
    this.unchanged.add(orderKey);
    return this.run(orderKey, () =>
      this.send(decision, {
        instrument: intent.instrument,
        action: "amend",
        mayLeave: () => {
          this.unchanged.delete(orderKey);
          return amendmentGate(intent, this.context(by, own), orderKey);
        },
        call: (venue) => venue.amend?.(command),
        drafts: (answer) => amendmentDrafts(this.book, orderKey, intent.intentId, answer),
      }),
    );
  }

  /** Cancels an order, whatever the gate says. That it is cancelled, its row or the stream says. */
  async cancel(given: OrderHandle, by: string): Promise<CommandResult> {
    const { writer, venue } = this.inputs;
    const handle = { ...given, instrument: meantBy(given.instrument, venue) };
    const known = findOrder(this.book, handle);
    // What has not been answered yet may not be there to be cancelled.
    if (known) await this.running.get(known.orderKey)?.catch(() => undefined);
    if (!venue.cancel) return this.result("not_supported", ["this venue's adapter cannot cancel orders"]);
    if (known && !isActive(known)) {
      const { status } = orderView(known);
      return { ...this.result("not_active", [`the order is ${status}`]), order: orderView(known) };
    }
    if (known) writer.stage(cancelDrafts(known.orderKey, known.instrument, by));
    await writer.flush();
    const answer = await this.answerOf(() => venue.cancel?.(handleOf(handle, known)));
    this.lookAgain(answer);
    const order = findOrder(this.book, handle);
    return {
      outcome: answer.kind,
      isSent: answer.kind !== "rejected" || answer.sent,
      code: answer.kind === "rejected" ? "venue_rejected" : null,
      reasons: answer.kind === "accepted" ? [] : [answer.reason],
      isRepeat: false,
      order: order ? orderView(order) : null,
    };
  }

  /** Takes up an order that a bot sent itself and whose outcome it does not know; asks the venue for it at once. */
  async resolve(given: OrderReport, by: string): Promise<CommandResult> {
    const { writer, venue } = this.inputs;
    const report = { ...given, instrument: meantBy(given.instrument, venue) };
    const { instrument, clientOrderId } = report;
    const orderKey = findOrder(this.book, report)?.orderKey ?? orderKeyOfClientId(instrument, clientOrderId);
    await this.running.get(orderKey)?.catch(() => undefined);
    if (!this.book.orders.has(orderKey)) {
      const strategy = strategyOfClientId(this.inputs.policy, clientOrderId);
      const change = {
        ...report,
        instrument: undefined,
        status: "unknown" as const,
        statusReason: "its sender has no answer",
        ...(strategy !== undefined && { strategy, isOurs: true }),
      };
      const { instrument: _, ...told } = change;
      writer.stage([
        draft("order_state_observed", { orderKey, instrument, change: told, source: "report" }, `by:${by}`),
      ]);
      await writer.flush();
    }
    if (orderView(this.orderOf(orderKey)).status === "unknown") {
      await this.lookUp(orderKey, { instrument, clientOrderId });
      this.inputs.wake("unknown_order");
    }
    return this.resultOf(orderKey, true);
  }

  private get book(): Book {
    return this.inputs.writer.book;
  }

  /** @param own Whose order it is where trueup itself sends it: it may pass where a bot's may not. */
  private context(by: string, own?: OwnOrder): CommandContext {
    const { policy, venue, positionMode, runtime, lastPrices, priceOf, venueQty } = this.inputs;
    return {
      book: this.book,
      policy,
      capabilities: venue.capabilities,
      positionMode,
      instrument: (symbol) => venue.instrument(symbol) ?? instrumentIn(this.book, symbol),
      lastPrices: lastPrices(),
      priceOf,
      venueQty,
      nowMs: runtime.clock.nowMs(),
      by,
      ...(own !== undefined && { own }),
    };
  }

  private async run(orderKey: OrderKey, work: () => Promise<CommandResult>): Promise<CommandResult> {
    const running = work();
    this.running.set(orderKey, running);
    try {
      return await running;
    } finally {
      if (this.running.get(orderKey) === running) this.running.delete(orderKey);
    }
  }

  private async send(decision: Decision & { kind: "send" }, command: Command): Promise<CommandResult> {
    const { writer, runtime, policy, venue, hasStopped, wake } = this.inputs;
    const { orderKey } = decision;
    const { instrument } = command;
    const untilMs = runtime.clock.monotonicMs() + policy.sendDeadlineMs;
    writer.stage(decision.drafts);
    const isSubmit = command.action === "submit" && command.isPrepared !== true;
    const preparing = isSubmit ? this.inputs.prepare(instrument) : null;
    await writer.flush();
    const unprepared = await preparing;
    const held = hasStopped() ? ["the account is stopping"] : (command.mayLeave() ?? unprepared);
    const isLate = runtime.clock.monotonicMs() > untilMs;
    if (held || isLate) {
      const late = `it took longer than ${policy.sendDeadlineMs} ms (send_deadline_ms) until it could leave`;
      const reasons = held ?? [late];
      return this.keepBack(orderKey, command, held ? "gate_closed" : "too_late", reasons);
    }
    writer.stage([draft("order_sent", { orderKey, instrument, action: command.action }, "command")]);
    writer.flush().catch(() => undefined);
    const answer = await this.answerOf(() => command.call(venue), orderKey, command.drafts);
    writer.stage(command.drafts(answer));
    await writer.flush();
    if (answer.kind === "unknown") {
      if (command.lookUp) await this.lookUp(orderKey, command.lookUp);
      wake("unknown_order");
    }
    this.lookAgain(answer);
    if (command.action === "submit") {
      const hasLeft = answer.kind !== "rejected" || answer.sent;
      const result = this.resultOf(orderKey, false);
      return result.outcome === "rejected" ? { ...result, isSent: hasLeft } : result;
    }
    return { ...this.resultOf(orderKey, false), ...told(answer) };
  }

  private async keepBack(
    orderKey: OrderKey,
    command: Command,
    code: CommandCode,
    reasons: readonly string[],
  ): Promise<CommandResult> {
    const { writer } = this.inputs;
    writer.stage(command.drafts({ kind: "rejected", sent: false, reason: reasons.join("; ") }));
    await writer.flush();
    return { ...this.result(code, reasons), order: orderView(this.orderOf(orderKey)) };
  }

  /** The venue's answer, or that there is none in time. One that comes later is entered when it comes. */
  private async answerOf(
    call: () => Promise<CommandOutcome> | undefined,
    orderKey?: OrderKey,
    drafts?: Command["drafts"],
  ): Promise<CommandOutcome> {
    const { runtime } = this.inputs;
    const release = orderKey ? this.hold(orderKey) : () => undefined;
    let isWaiting = true;
    const forget = runtime.timers.after(ON_ITS_WAY_MS_MAX, release);
    const answered = startedCall(call).then((answer) => {
      forget();
      release();
      if (!isWaiting && drafts) this.enterLate(drafts(answer));
      return answer;
    });
    const answer = await guarded(answered, runtime, COMMAND_TIMEOUT_MS).catch(
      (error: unknown): CommandOutcome => ({ kind: "unknown", reason: problemOf(error) }),
    );
    isWaiting = false;
    return answer;
  }

  /** Until it is released; the answer to one command says nothing of another one for the same order. */
  private hold(orderKey: OrderKey): () => void {
    const requests = this.onTheirWay.get(orderKey) ?? new Set();
    const request = Symbol(orderKey);
    this.onTheirWay.set(orderKey, requests.add(request));
    this.sending.add(orderKey);
    return () => {
      if (!requests.delete(request) || requests.size > 0) return;
      this.onTheirWay.delete(orderKey);
      this.sending.delete(orderKey);
    };
  }

  private enterLate(drafts: ReturnType<Command["drafts"]>): void {
    const { writer, wake, hasStopped } = this.inputs;
    if (hasStopped()) return;
    writer.stage(drafts);
    writer.flush().catch(() => undefined);
    wake("late_answer");
  }

  /** Asks the venue for an order whose outcome is not known: a row settles it, "none" at this moment proves nothing. */
  private async lookUp(orderKey: OrderKey, query: OrderQuery): Promise<void> {
    const { venue, runtime, writer } = this.inputs;
    if (!venue.order) return;
    const found = await guarded(venue.order(query), runtime, COMMAND_TIMEOUT_MS).catch(() => undefined);
    if (found?.kind !== "row") return;
    writer.stage(foundDrafts(this.book, orderKey, found.row));
    await writer.flush();
  }

  /** Without a stream nobody else would tell what came of it; what was not accepted is always looked into. */
  private lookAgain({ kind }: CommandOutcome): void {
    if (kind !== "accepted" || !this.inputs.isStreamLive()) this.inputs.wake("order");
  }

  private async repeat(orderKey: OrderKey): Promise<CommandResult> {
    const running = this.running.get(orderKey);
    if (running) return { ...(await running), isRepeat: true };
    return this.resultOf(orderKey, true);
  }

  /** An amendment has an outcome of its own: that its order lives says nothing of it. */
  private async repeatAmendment(intentId: string, orderKey: OrderKey): Promise<CommandResult> {
    await this.running.get(orderKey)?.catch(() => undefined);
    const amended = this.book.intents.get(intentId)?.amended;
    const outcome = amended === undefined ? "unknown" : amended.isInForce ? "accepted" : "rejected";
    const noAnswer = "the venue has neither shown nor denied the amendment yet";
    const reason = amended === undefined ? noAnswer : amended.reason;
    return {
      outcome,
      isSent: true,
      code: outcome === "rejected" ? "venue_rejected" : null,
      reasons: reason === null ? [] : [reason],
      isRepeat: true,
      order: orderView(this.orderOf(orderKey)),
    };
  }

  private tellRefusal(
    { code, reasons }: Decision & { kind: "refused" },
    instrument: string,
    intentId: string,
  ): CommandResult {
    const { log } = this.inputs;
    const fields = { account: this.book.account, instrument, intentId, code, reasons };
    log.event("warn", "order.refused", fields, reasons.join("; "));
    return this.result(code, reasons);
  }

  private result(code: CommandCode, reasons: readonly string[]): CommandResult {
    return { outcome: "rejected", isSent: false, code, reasons, isRepeat: false, order: null };
  }

  private resultOf(orderKey: OrderKey, isRepeat: boolean): CommandResult {
    const order = this.orderOf(orderKey);
    const view = orderView(order);
    const { status, statusReason } = view;
    const isUnknown = status === "pending" || status === "unknown";
    // Kept back, or lost on its way; a look-up that found it rejected has its venue id.
    const isLost = order.statusSource === "lookup" || isKeptBack(order);
    const isNeverArrived = isLost && order.venueOrderId === null;
    const outcome = isUnknown ? "unknown" : status === "rejected" ? "rejected" : "accepted";
    return {
      outcome,
      isSent: !isKeptBack(order),
      code: outcome === "rejected" ? (isNeverArrived ? "never_arrived" : "venue_rejected") : null,
      reasons: outcome !== "accepted" && statusReason !== null ? [statusReason] : [],
      isRepeat,
      order: view,
    };
  }

  private orderOf(orderKey: OrderKey) {
    const order = this.book.orders.get(orderKey);
    if (!order) throw new Error(`an intent is in the journal whose order ${orderKey} is not`);
    return order;
  }
}

interface Command {
  readonly instrument: string;
  readonly action: RecordedIntent["action"];
  /** Why it may not leave after all, for a person; null when it may. */
  readonly mayLeave: () => readonly string[] | null;
  readonly call: (venue: Venue) => Promise<CommandOutcome> | undefined;
  readonly drafts: (answer: CommandOutcome) => ReturnType<typeof submissionDrafts>;
  readonly lookUp?: OrderQuery;
  /** Whether it leaves whatever is still to be prepared. */
  readonly isPrepared?: boolean;
}

/** Whether trueup itself decided that it does not leave. What a crash left without a record may have left (R16). */
function isKeptBack({ intentId, sentAtMs, observedStatus, statusSource }: Order): boolean {
  return (
    intentId !== null && sentAtMs === null && observedStatus === "rejected" && statusSource === "command"
  );
}

/** An adapter that throws says nothing about the order. */
async function startedCall(call: () => Promise<CommandOutcome> | undefined): Promise<CommandOutcome> {
  try {
    return (
      (await call()) ?? { kind: "rejected", sent: false, reason: "this venue's adapter has no such command" }
    );
  } catch (error) {
    return { kind: "unknown", reason: problemOf(error) };
  }
}

function told(answer: CommandOutcome): Partial<CommandResult> {
  if (answer.kind === "accepted") return { outcome: "accepted", code: null, reasons: [] };
  return {
    outcome: answer.kind,
    isSent: answer.kind === "unknown" || answer.sent,
    code: answer.kind === "rejected" ? "venue_rejected" : null,
    reasons: [answer.reason],
  };
}

function submitCommand(intent: OrderIntent, clientOrderId: string): SubmitCommand {
  const { intentId: _, strategy: __, exit: ___, signalId: ____, tags: _____, ...order } = intent;
  return { ...order, clientOrderId };
}

function amendCommand(book: Book, orderKey: OrderKey, intent: AmendIntent, newId: string): AmendCommand {
  const order = book.orders.get(orderKey);
  const { qty, price, triggerPrice, instrument } = intent;
  return {
    instrument,
    newClientOrderId: newId,
    ...idsOf(order),
    ...(qty !== undefined && { qty }),
    ...(price !== undefined && { price }),
    ...(triggerPrice !== undefined && { triggerPrice }),
  };
}

function handleOf(handle: OrderHandle, known: Parameters<typeof idsOf>[0]): OrderHandle {
  return { ...handle, ...idsOf(known) };
}

function idsOf(order: { venueOrderId: string | null; clientOrderId: string | null } | undefined) {
  return {
    ...(order?.venueOrderId != null && { venueOrderId: order.venueOrderId }),
    ...(order?.clientOrderId != null && { clientOrderId: order.clientOrderId }),
  };
}

function cancelDrafts(orderKey: OrderKey, instrument: string, by: string) {
  const intent = { action: "cancel" as const, instrument };
  return [
    draft("intent_recorded", { orderKey, by, intent }, `by:${by}`),
    draft("order_sent", { orderKey, instrument, action: "cancel" as const }, "command"),
  ];
}
