// What a bot wants done at the venue, before anything is done. An order's client order id follows from its intent
// alone: the same intent names the same order after a crash, on another machine, or said twice.
import type { CommandCapabilities } from "../capabilities.ts";
import { type Decimal, isMultiple, sign } from "../decimal.ts";
import {
  canonicalPlan,
  type ExitPlan,
  problemOfPlan,
  problemOfPriceNow,
  problemOfSides,
} from "../exits/plan.ts";
import { digestHex } from "../hash.ts";
import type { Instrument } from "../instrument.ts";
import type { AccountPolicy } from "../policy.ts";
import { type Leg, type OrderType, type Side, type TimeInForce, UNATTRIBUTED } from "../words.ts";

export interface OrderIntent {
  /** The sender's own name for it, unique in the account for ever: the same id is the same order, sent once. */
  readonly intentId: string;
  readonly instrument: string;
  readonly leg: Leg;
  readonly side: Side;
  readonly type: OrderType;
  /** Not signed; exactly one of `qty` and `notional`. */
  readonly qty?: Decimal;
  /** What it may cost, in the quote currency. Not signed. */
  readonly notional?: Decimal;
  /** Of the limit types. */
  readonly price?: Decimal;
  /** Of the stop types. */
  readonly triggerPrice?: Decimal;
  readonly timeInForce: TimeInForce;
  readonly reduceOnly: boolean;
  /** Whose it is; `unattributed` where nobody's. */
  readonly strategy: string;
  /** What the sender takes for the price now: values the order where trueup has seen no price. */
  readonly referencePrice?: Decimal;
  /** When what this order opens is to be closed. */
  readonly exit?: ExitPlan;
  /** The signal that it follows: the sender's own name for it. It belongs to the life that the order opens. */
  readonly signalId?: string;
  /** The sender's own words on it, by name. Never sent to the venue. */
  readonly tags?: Tags;
}

export type Tags = Readonly<Record<string, string>>;

export interface AmendIntent {
  readonly intentId: string;
  readonly instrument: string;
  readonly venueOrderId?: string;
  readonly clientOrderId?: string;
  /** The whole quantity, filled part included. Not signed. */
  readonly qty?: Decimal;
  readonly price?: Decimal;
  readonly triggerPrice?: Decimal;
}

/** Longest intent id, in characters. */
const INTENT_ID_LENGTH_MAX = 128;
/** Longest signal id, in characters. */
const SIGNAL_ID_LENGTH_MAX = 128;
const TAGS_MAX = 16;
const TAG_LENGTH_MAX = 256;
const TAG_NAME = /^[A-Za-z0-9_.-]{1,64}$/;
/** Hex digits of the hash in a client order id: 96 bits. */
const ID_HEX_DIGITS = 24;
/** As few as a long prefix may leave where the venue takes short ids only: 64 bits. */
const ID_HEX_DIGITS_MIN = 16;
/** What ids begin with where the strategy has no prefix of its own, and what at a venue that takes no hyphen. */
const PREFIX_DEFAULT = "tu-";
const PREFIX_OF_LETTERS = "tu";

/**
 * The client order id of an intent: the strategy's prefix, so that its owner can be read from it, and a hash, shorter where
 * the venue takes short ids only.
 */
export function clientOrderIdOf(
  account: string,
  policy: Pick<AccountPolicy, "strategies">,
  intentId: string,
  strategy: string | null,
  commands?: CommandCapabilities,
): string {
  const isTaken = commands === undefined || problemOfClientId(PREFIX_DEFAULT, commands) === null;
  const usual = isTaken ? PREFIX_DEFAULT : PREFIX_OF_LETTERS;
  const prefix = policy.strategies[strategy ?? UNATTRIBUTED] ?? usual;
  const room = (commands?.clientOrderIdLengthMax ?? Number.POSITIVE_INFINITY) - prefix.length;
  const digits = Math.max(ID_HEX_DIGITS_MIN, Math.min(ID_HEX_DIGITS, room));
  return `${prefix}${digestHex(JSON.stringify([account, intentId])).slice(0, digits)}`;
}

/** Says whether two intents of one id are the same: everything that they ask for, in a fixed order. */
export function digestOfIntent(intent: OrderIntent | AmendIntent): string {
  const { referencePrice: _, exit, ...asked } = intent as OrderIntent;
  const fields = Object.entries({ ...asked, exit: exit && canonicalPlan(exit) }).filter(
    ([, value]) => value !== undefined,
  );
  const ordered = fields.map(([name, value]) => [name, name === "tags" ? byName(value) : value] as const);
  return digestHex(JSON.stringify(ordered.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** The same tags said in another order are the same. */
function byName(tags: unknown): unknown {
  return Object.entries(tags as Tags).sort(([a], [b]) => (a < b ? -1 : 1));
}

export interface IntentContext {
  readonly account: string;
  readonly policy: AccountPolicy;
  readonly commands: CommandCapabilities;
  readonly positionMode: "net" | "hedge";
  readonly instrument: Instrument;
  /** At what a position could be closed now, by a price that is young enough; null where none is known. */
  readonly priceOf?: (instrument: string, side: "long" | "short") => Decimal | null;
  /** Set for trueup's own order: it may close for a strategy that the configuration no longer has. */
  readonly isOwn?: boolean;
}

/** Why this order cannot be sent as it is, with what is allowed; null when it can. */
export function problemOfIntent(intent: OrderIntent, context: IntentContext): string | null {
  return (
    problemOfId(intent.intentId) ??
    problemOfKind(intent, context) ??
    problemOfSize(intent, context) ??
    problemOfPrices(intent, context) ??
    problemOfExit(intent, context) ??
    problemOfLabels(intent) ??
    problemOfOwner(intent, context)
  );
}

export function problemOfId(intentId: string): string | null {
  return isPlain(intentId, INTENT_ID_LENGTH_MAX)
    ? null
    : `the intent id has ${intentId.length} characters; give 1 to ${INTENT_ID_LENGTH_MAX}, none of them a control character`;
}

function problemOfKind({ type, timeInForce, leg, instrument }: OrderIntent, context: IntentContext) {
  const { commands, positionMode } = context;
  if (instrument === "") return "the order names no instrument";
  if (!commands.submit) return "this venue's adapter cannot send orders";
  if (!commands.types.includes(type)) {
    return `this venue takes no orders of type "${type}"; it takes ${commands.types.join(", ")}`;
  }
  if (!commands.timesInForce.includes(timeInForce)) {
    return `this venue takes no orders of time in force "${timeInForce}"; it takes ${commands.timesInForce.join(", ")}`;
  }
  if (positionMode === "net" && leg !== "net") return `the account nets: leg must be "net", not "${leg}"`;
  if (positionMode === "hedge" && leg === "net") return 'the account hedges: leg must be "long" or "short"';
  return null;
}

function problemOfSize({ qty, notional }: OrderIntent, { commands, instrument }: IntentContext) {
  if ((qty === undefined) === (notional === undefined)) {
    return "the order needs exactly one of qty and notional";
  }
  if (notional !== undefined) {
    if (!commands.notional) return "this venue takes no orders by notional; give a qty";
    return sign(notional) > 0 ? null : `a notional of ${notional} is not above zero`;
  }
  return problemOfQty(qty as Decimal, instrument);
}

function problemOfQty(qty: Decimal, { symbol, qtyStep }: Instrument): string | null {
  if (sign(qty) <= 0) return `a quantity of ${qty} is not above zero`;
  return isMultiple(qty, qtyStep)
    ? null
    : `a quantity of ${qty} is no multiple of ${symbol}'s step, ${qtyStep}`;
}

function problemOfPrices(intent: OrderIntent, { instrument }: IntentContext) {
  const { type, price, triggerPrice, referencePrice } = intent;
  const needsPrice = type === "limit" || type === "stop_limit";
  const needsTrigger = type === "stop" || type === "stop_limit";
  if (needsPrice !== (price !== undefined)) {
    return needsPrice
      ? `a ${type} order needs a price`
      : `a ${type} order has no price of its own; leave it out`;
  }
  if (needsTrigger !== (triggerPrice !== undefined)) {
    return needsTrigger
      ? `a ${type} order needs a trigger price`
      : `a ${type} order has no trigger price; leave it out`;
  }
  // It values the order: by one of zero or less every limit would be kept.
  if (referencePrice !== undefined && sign(referencePrice) <= 0) {
    return `a reference price of ${referencePrice} is not above zero`;
  }
  return (
    problemOfPrice("price", price, instrument) ?? problemOfPrice("trigger price", triggerPrice, instrument)
  );
}

function problemOfExit(intent: OrderIntent, { priceOf }: IntentContext): string | null {
  const { instrument, type, exit, reduceOnly, side, price, triggerPrice, referencePrice } = intent;
  if (exit === undefined) return null;
  if (reduceOnly) return "an exit plan belongs to an order that opens; this one only reduces";
  const problem = problemOfPlan(exit) ?? problemOfSides(exit, side, price ?? triggerPrice ?? referencePrice);
  // What trades at once would be closed at once; what waits for its price is held against that price alone.
  if (problem !== null || type !== "market") return problem;
  const now = priceOf?.(instrument, side === "buy" ? "long" : "short") ?? null;
  return now === null ? null : problemOfPriceNow(exit, side, now);
}

function problemOfPrice(
  name: string,
  price: Decimal | undefined,
  { symbol, priceStep }: Instrument,
): string | null {
  if (price === undefined) return null;
  if (sign(price) <= 0) return `a ${name} of ${price} is not above zero`;
  return isMultiple(price, priceStep)
    ? null
    : `a ${name} of ${price} is no multiple of ${symbol}'s price step, ${priceStep}`;
}

/** What the sender calls it: kept for good with the order and with the position that it opens, so it is bounded. */
export function problemOfLabels({
  signalId,
  tags = {},
}: Pick<OrderIntent, "signalId" | "tags">): string | null {
  if (signalId !== undefined && !isPlain(signalId, SIGNAL_ID_LENGTH_MAX)) {
    return `the signal id has ${signalId.length} characters; give 1 to ${SIGNAL_ID_LENGTH_MAX}, none of them a control character`;
  }
  const all = Object.entries(tags);
  if (all.length > TAGS_MAX) return `the order has ${all.length} tags; give at most ${TAGS_MAX}`;
  const [name] = all.find(([tag]) => !TAG_NAME.test(tag)) ?? [];
  if (name !== undefined) {
    return `the tag name ${JSON.stringify(name.slice(0, 64))} cannot be; names are 1 to 64 letters, digits, "_", "." or "-"`;
  }
  const [long] = all.find(([, value]) => !isPlain(value, TAG_LENGTH_MAX)) ?? [];
  return long === undefined
    ? null
    : `the tag "${long}" cannot have this value; give 1 to ${TAG_LENGTH_MAX} characters, none of them a control character`;
}

function isPlain(text: string, lengthMax: number): boolean {
  return text.length > 0 && text.length <= lengthMax && !/\p{Cc}/u.test(text);
}

function problemOfOwner(intent: OrderIntent, context: IntentContext): string | null {
  const { account, policy, commands, isOwn = false } = context;
  const { strategy, intentId } = intent;
  const known = Object.keys(policy.strategies);
  if (!isOwn && strategy !== UNATTRIBUTED && known.length > 0 && !known.includes(strategy)) {
    return `there is no strategy "${strategy}"; there are: ${known.join(", ")}`;
  }
  return problemOfClientId(clientOrderIdOf(account, policy, intentId, strategy, commands), commands);
}

function problemOfClientId(id: string, commands: CommandCapabilities): string | null {
  const { clientOrderIdLengthMax: most, clientOrderIdCharacters: characters } = commands;
  if (id.length > most) {
    return `the client order id would have ${id.length} characters, this venue takes ${most}; shorten the strategy's prefix`;
  }
  return new RegExp(`^[${characters}]+$`).test(id)
    ? null
    : `the client order id would be "${id}", this venue takes only ${characters}; change the strategy's prefix`;
}

/** Why no order of one of these strategies could ever be taken by this venue; null where each could. */
export function problemOfPrefixes(
  policy: Pick<AccountPolicy, "strategies">,
  commands: CommandCapabilities,
): string | null {
  for (const [strategy, prefix] of Object.entries(policy.strategies)) {
    const problem = problemOfClientId(clientOrderIdOf("", policy, "", strategy, commands), commands);
    if (problem !== null) return `strategies.${strategy} = "${prefix}": ${problem}`;
  }
  return null;
}

/** What an amendment asks for that no order could be; null when it is possible. */
export function problemOfAmendment(intent: AmendIntent, instrument: Instrument): string | null {
  const { qty, price, triggerPrice } = intent;
  if (qty === undefined && price === undefined && triggerPrice === undefined) {
    return "an amendment needs a qty, a price or a trigger price";
  }
  return (
    problemOfId(intent.intentId) ??
    (qty === undefined ? null : problemOfQty(qty, instrument)) ??
    problemOfPrice("price", price, instrument) ??
    problemOfPrice("trigger price", triggerPrice, instrument)
  );
}
