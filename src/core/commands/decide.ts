// May this command be sent, and as what? The gate and the limits are asked here, and nowhere else; what is decided
// becomes an intent in the journal before anything leaves. Pure: the sending is the engine's.
import { type Admission, admit } from "../admit.ts";
import type { Book, Order } from "../book/book.ts";
import { filledQty, findOrder, isActive, orderStatus } from "../book/orders.ts";
import type { Capabilities } from "../capabilities.ts";
import { compare, type Decimal, subtract } from "../decimal.ts";
import { isNamedLikeExit } from "../exits/slots.ts";
import type { Instrument } from "../instrument.ts";
import { type OrderKey, orderKeyOfClientId, type PositionKey, positionKey } from "../keys.ts";
import type { AccountPolicy } from "../policy.ts";
import { type Draft, draft } from "../records.ts";
import { openQty } from "./exposure.ts";
import {
  type AmendIntent,
  clientOrderIdOf,
  digestOfIntent,
  type OrderIntent,
  problemOfAmendment,
  problemOfIntent,
} from "./intent.ts";
import { limitProblem } from "./limits.ts";

/** Stable codes of refusals; docs/errors.md has each with what to do. */
export type RefusalCode =
  | "bad_order"
  | "gate_closed"
  | "intent_conflict"
  | "limit_exceeded"
  | "limits_missing"
  | "no_order"
  | "no_price"
  | "not_amendable"
  | "not_executor"
  | "observing";

export type Decision =
  | {
      readonly kind: "send";
      readonly orderKey: OrderKey;
      readonly clientOrderId: string;
      readonly drafts: readonly Draft[];
    }
  /** This very intent is in the journal already: it is not sent again, whatever became of it. */
  | { readonly kind: "known"; readonly orderKey: OrderKey }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly reasons: readonly string[] };

/** An order that trueup sends by itself: of an exit that is armed, or of a plan that a person confirmed. */
export type OwnOrder =
  | { readonly kind: "exit"; readonly exitId: string }
  /** Of an exit that is to lie at the venue: none is placed, and none changed, while the account is killed. */
  | { readonly kind: "placed" }
  | { readonly kind: "flatten" };

export interface CommandContext {
  readonly book: Book;
  readonly policy: AccountPolicy;
  readonly capabilities: Capabilities;
  readonly positionMode: "net" | "hedge";
  readonly instrument: (symbol: string) => Instrument;
  readonly lastPrices: ReadonlyMap<string, Decimal>;
  /** At what a position could be closed now, by a price that is young enough; null where none is known. */
  readonly priceOf?: (instrument: string, side: "long" | "short") => Decimal | null;
  readonly venueQty: (key: PositionKey) => Decimal | null;
  readonly nowMs: number;
  readonly by: string;
  /** Set by trueup alone, for an order of its own; a bot's has none. */
  readonly own?: OwnOrder;
}

export function decideSubmission(intent: OrderIntent, context: CommandContext): Decision {
  const { book, policy, by } = context;
  const known = knownIntent(book, intent);
  if (known) return known;
  const closed = notOpenForOrders(policy, context.own);
  if (closed) return closed;
  const reserved = reservedName(intent, context.own);
  if (reserved) return reserved;
  const problem = problemOfIntent(intent, {
    account: book.account,
    policy,
    commands: context.capabilities.commands,
    positionMode: context.positionMode,
    instrument: context.instrument(intent.instrument),
    ...(context.priceOf && { priceOf: context.priceOf }),
    isOwn: context.own !== undefined,
  });
  if (problem !== null) return refused("bad_order", problem);
  const refusal = refusalOfOrder(intent, context);
  if (refusal) return refusal;
  const { commands } = context.capabilities;
  const clientOrderId = clientOrderIdOf(book.account, policy, intent.intentId, intent.strategy, commands);
  const orderKey = orderKeyOfClientId(intent.instrument, clientOrderId);
  const recorded = { ...intent, action: "submit" as const, clientOrderId };
  const drafts = [draft("intent_recorded", { orderKey, by, intent: recorded }, `by:${by}`)];
  return { kind: "send", orderKey, clientOrderId, drafts };
}

/** @param except The order itself, where it is in the book already. */
function admissionOf(intent: SizedOrder, context: CommandContext, except?: OrderKey): Admission {
  const { instrument, leg, side, qty, reduceOnly } = intent;
  const { book, capabilities, venueQty } = context;
  const question = {
    instrument,
    leg,
    side,
    reduceOnly,
    hasReduceOnlyFlag: capabilities.commands.reduceOnlyFlag,
    ...(qty !== undefined && { qty }),
    ...(except !== undefined && { except }),
    ...(context.own !== undefined && { own: { mayPassKill: mayPassKill(book, context.own) } }),
  };
  return admit(book, question, venueQty(positionKey(instrument, leg)));
}

/**
 * A kill lets a person's plan close positions, and those exits act that were armed before it, unless it says that none
 * may (R10).
 */
export function mayPassKill({ kill, exitsBeforeKill }: Book, own: OwnOrder): boolean {
  if (own.kind !== "exit") return own.kind === "flatten";
  const { exitId } = own;
  return kill?.isNoExits !== true && exitsBeforeKill.has(exitId);
}

/** Asked again right before it leaves, as a kill may have come meanwhile: why it may not; null when it may. */
export function submissionGate(
  intent: OrderIntent,
  context: CommandContext,
  orderKey: OrderKey,
): readonly string[] | null {
  const { isAdmitted, reasons } = admissionOf(intent, context, orderKey);
  return isAdmitted ? null : reasons;
}

type Refusal = Decision & { readonly kind: "refused" };
/** What the gate and the limits look at. */
type SizedOrder = Omit<OrderIntent, "intentId" | "type" | "timeInForce" | "strategy">;

function refusalOfOrder(intent: SizedOrder, context: CommandContext, except?: OrderKey): Refusal | null {
  const { policy } = context;
  const { instrument, leg, side, qty, notional, price, triggerPrice, referencePrice } = intent;
  const admission = admissionOf(intent, context, except);
  if (!admission.isAdmitted) return refused("gate_closed", ...admission.reasons);
  // What trueup itself closes must not wait for anybody to say how large orders may be.
  if (context.own !== undefined) return null;
  if (policy.limits === null) return refused("limits_missing", LIMITS_MISSING);
  // Whatever makes a position smaller is always allowed.
  if (admission.isReducing) return null;
  const problem = limitProblem(
    {
      instrument,
      leg,
      side,
      prices: [price, triggerPrice, referencePrice].filter((one) => one !== undefined),
      arePricesBound: referencePrice !== undefined || (side === "buy" && price !== undefined),
      ...(qty !== undefined && { qty }),
      ...(notional !== undefined && { notional }),
      ...(except !== undefined && { except }),
    },
    { ...context, limits: policy.limits },
  );
  return problem ? refused(problem.code, problem.text) : null;
}

export function decideAmendment(intent: AmendIntent, context: CommandContext): Decision {
  const { book, policy, capabilities, by } = context;
  const known = knownIntent(book, intent);
  if (known) return known;
  const closed = notOpenForOrders(policy, context.own) ?? reservedName(intent, context.own);
  if (closed) return closed;
  const problem = problemOfAmendment(intent, context.instrument(intent.instrument));
  if (problem !== null) return refused("bad_order", problem);
  const order = findOrder(book, intent);
  if (!order) return refused("no_order", `no order ${nameOf(intent)} in ${intent.instrument} is known`);
  const reason = notAmendable(order, intent, capabilities);
  if (reason !== null) return refused("not_amendable", reason);
  const refusal = refusalOfAmendment(order, intent, context);
  if (refusal) return refusal;
  const own = clientOrderIdOf(book.account, policy, intent.intentId, order.strategy, capabilities.commands);
  const { orderKey } = order;
  const recorded = { ...intent, action: "amend" as const, newClientOrderId: own };
  const drafts = [draft("intent_recorded", { orderKey, by, intent: recorded }, `by:${by}`)];
  return { kind: "send", orderKey, clientOrderId: own, drafts };
}

/** An amended order passes like a new one that takes the place of the old; making it only smaller always passes. */
function refusalOfAmendment(order: Order, intent: AmendIntent, context: CommandContext): Refusal | null {
  const asNew = newSize(order, intent, context);
  return asNew ? refusalOfOrder(asNew, context, order.orderKey) : null;
}

/** The same question as submissionGate(), of an amendment. */
export function amendmentGate(
  intent: AmendIntent,
  context: CommandContext,
  orderKey: OrderKey,
): readonly string[] | null {
  const order = context.book.orders.get(orderKey);
  const asNew = order && newSize(order, intent, context);
  if (!asNew) return null;
  const { isAdmitted, reasons } = admissionOf(asNew, context, orderKey);
  return isAdmitted ? null : reasons;
}

/** What the amended order may still trade, as an order of its own; null where it is only smaller. */
function newSize(order: Order, intent: AmendIntent, context: CommandContext): SizedOrder | null {
  const { price, triggerPrice } = intent;
  const isOnlySmaller =
    price === undefined &&
    triggerPrice === undefined &&
    intent.qty !== undefined &&
    order.qty !== null &&
    compare(intent.qty, order.qty) <= 0;
  if (isOnlySmaller && context.book.kill === null) return null;
  const rest = intent.qty === undefined ? openQty(order) : subtract(intent.qty, filledQty(order));
  return {
    instrument: order.instrument,
    leg: order.leg ?? "net",
    side: order.side ?? "buy",
    qty: rest,
    reduceOnly: order.reduceOnly === true,
    ...pricesAfter(order, intent),
  };
}

function pricesAfter(order: Order, { price, triggerPrice }: AmendIntent) {
  const limit = price ?? order.price;
  const trigger = triggerPrice ?? order.triggerPrice;
  return { ...(limit !== null && { price: limit }), ...(trigger !== null && { triggerPrice: trigger }) };
}

function notAmendable(order: Order, { qty, price, triggerPrice }: AmendIntent, { commands }: Capabilities) {
  const status = orderStatus(order);
  if (commands.amend === "none")
    return "this venue's adapter cannot amend orders; cancel it and send another";
  if (status === "pending" || status === "unknown") {
    return "it is not known yet whether the order is at the venue; amend it when that is resolved";
  }
  if (!isActive(order)) return `the order is ${status}`;
  if (order.amendment !== null) return "an amendment of this order is under way already";
  if (order.side === null) return "the venue has not said on which side the order is";
  const filled = filledQty(order);
  if (qty !== undefined && order.qty === null) return "an order by notional has no quantity to amend";
  if (qty !== undefined && compare(qty, filled) <= 0) {
    return `${filled} is filled already: a quantity of ${qty} leaves nothing; cancel the order instead`;
  }
  if (price !== undefined && order.price === null) return `a ${order.type ?? "market"} order has no price`;
  if (triggerPrice !== undefined && order.triggerPrice === null) {
    return `a ${order.type ?? "market"} order has no trigger price`;
  }
  // While such a request is on its way nothing would show that; arriving late it would take back what followed it.
  const isAsIs = (asked: Decimal | undefined, present: Decimal | null) =>
    asked === undefined || asked === present;
  if (isAsIs(qty, order.qty) && isAsIs(price, order.price) && isAsIs(triggerPrice, order.triggerPrice)) {
    return "the order is so already; there is nothing to change";
  }
  return null;
}

/** Which orders are trueup's own exits is read from their intents' names. */
function reservedName({ intentId }: { readonly intentId: string }, own?: OwnOrder): Refusal | null {
  if (own !== undefined || !isNamedLikeExit(intentId)) return null;
  return refused(
    "bad_order",
    `the intent id ${intentId} is of the form of trueup's own exits; choose another one`,
  );
}

function knownIntent(book: Book, intent: OrderIntent | AmendIntent): Decision | null {
  const known = book.intents.get(intent.intentId);
  if (!known) return null;
  if (known.digest === digestOfIntent(intent)) return { kind: "known", orderKey: known.orderKey };
  return refused(
    "intent_conflict",
    `intent ${intent.intentId} is in the journal already and asks for something else; a new order needs a new intent id`,
  );
}

function notOpenForOrders({ mode, observe }: AccountPolicy, own?: OwnOrder): Decision | null {
  // A person may close what is held also where a bot sends its own orders.
  if (mode !== "executor" && own?.kind !== "flatten") {
    return refused(
      "not_executor",
      'the account is in mode "beside": its bot sends its own orders. Set mode = "executor" to send them through trueup',
    );
  }
  return observe ? refused("observing", "the account is only observed: set observe = false to trade") : null;
}

const LIMITS_MISSING =
  'the account has no limits, and none is not infinity: set [accounts.NAME.limits], each to a number or to "unlimited"';

function nameOf({ venueOrderId, clientOrderId }: AmendIntent): string {
  return clientOrderId ?? venueOrderId ?? "without an id";
}

function refused(code: RefusalCode, ...reasons: readonly string[]): Refusal {
  return { kind: "refused", code, reasons };
}
