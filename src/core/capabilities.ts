// What a venue declares about itself, so that the deciding code never asks which venue it is. An adapter states
// these; a scenario overrides them. docs/venues.md says for each what it changes.
import { ORDER_TYPES, type OrderType, TIMES_IN_FORCE, type TimeInForce } from "./words.ts";

export interface Capabilities {
  /** Whether a position that a positions read leaves out is flat. Only the first two may ever prove it (R1 d). */
  readonly absentRowMeansFlat: "yes" | "onlyIfScopeComplete" | "no" | "unknown";
  readonly positionMode: "net" | "hedge" | "both";
  /** How the venue computes an entry price; anything but `average` is never solved and never compared (R7). */
  readonly entryPriceBasis: "average" | "fifo" | "unknown";
  /** How long after a fill a positions read may still lack it, at most. In ms. */
  readonly readAfterFillLagMs: number;
  /** Whether fills carry the position's quantity, and of which moment. */
  readonly positionAnchorOnFill: "after" | "before" | "none";
  /** What a look-up of one order proves when it answers "none". */
  readonly orderLookup: "conclusive" | "inconclusive" | "none";
  /** How long after sending an order may still turn up, at most. In ms. */
  readonly settleMs: number;
  /** Whether closed orders vanish from every order query. */
  readonly forgetsClosedOrders: boolean;
  readonly fills: FillCapabilities;
  readonly commands: CommandCapabilities;
  /** Whether what this venue says may change a copy. Where not, trueup only raises alerts. */
  readonly heals: boolean;
}

/** What orders can be sent through the adapter, and how. */
export interface CommandCapabilities {
  readonly submit: boolean;
  readonly cancel: boolean;
  /** Whether one call cancels all open orders, stops too: of the account, or of one instrument. */
  readonly cancelAll: "account" | "instrument" | "none";
  /** The venue's own switch that cancels what is open once nobody has set it anew for a while. */
  readonly deadMan: DeadManCapability | "none";
  /** `replaces`: the amended order is another one, with a venue order id and a client order id of its own. */
  readonly amend: "none" | "in_place" | "replaces";
  readonly types: readonly OrderType[];
  readonly timesInForce: readonly TimeInForce[];
  /** Whether an order may be sized by what it costs instead of by a quantity. */
  readonly notional: boolean;
  /** Whether the venue itself keeps an order with this flag from opening a position. */
  readonly reduceOnlyFlag: boolean;
  /** Longest client order id, in characters. */
  readonly clientOrderIdLengthMax: number;
  /** Characters that a client order id may have, as the inside of a character class: `A-Za-z0-9_-`. */
  readonly clientOrderIdCharacters: string;
}

export interface DeadManCapability {
  /** What one call sets it for: all open orders of the account, or those of one instrument. */
  readonly scope: "account" | "instrument";
  /** Of how long the venue takes it. In ms. */
  readonly timeoutMs: { readonly min: number; readonly max: number };
  /** Whether it can be turned off again. Where not, it fires once nobody sets it anew, also after an orderly stop. */
  readonly turnsOff: boolean;
}

export interface FillCapabilities {
  /** How far back fills can be read, in ms; absent means without limit. */
  readonly retentionMs?: number;
  /** How late a fill may turn up behind a cursor, at most. Each read overlaps the last by this. In ms. */
  readonly lateArrivalMs: number;
  /** Whether the venue may take a fill back. */
  readonly revisable: boolean;
}

/** A well-behaved venue; the paper venue and the scenarios start from it. */
export const CAPABILITIES_DEFAULT: Capabilities = {
  absentRowMeansFlat: "onlyIfScopeComplete",
  positionMode: "net",
  entryPriceBasis: "average",
  readAfterFillLagMs: 0,
  positionAnchorOnFill: "none",
  orderLookup: "conclusive",
  settleMs: 10_000,
  forgetsClosedOrders: false,
  fills: { lateArrivalMs: 60_000, revisable: false },
  commands: {
    submit: true,
    cancel: true,
    cancelAll: "none",
    deadMan: "none",
    amend: "in_place",
    types: ORDER_TYPES,
    timesInForce: TIMES_IN_FORCE,
    notional: false,
    reduceOnlyFlag: true,
    clientOrderIdLengthMax: 64,
    clientOrderIdCharacters: "A-Za-z0-9._:-",
  },
  heals: true,
};

/** An adapter that only reads. */
export const NO_COMMANDS: CommandCapabilities = {
  submit: false,
  cancel: false,
  cancelAll: "none",
  deadMan: "none",
  amend: "none",
  types: [],
  timesInForce: [],
  notional: false,
  reduceOnlyFlag: false,
  clientOrderIdLengthMax: 64,
  clientOrderIdCharacters: "A-Za-z0-9._:-",
};
