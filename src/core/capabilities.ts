// What a venue declares about itself, so that the deciding code never asks which venue it is. An adapter states
// these; a scenario overrides them. docs/venues.md says for each what it changes.
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
  /** Whether the adapter can send and cancel orders. */
  readonly commands: boolean;
  /** Whether what this venue says may change a copy. Where not, trueup only raises alerts. */
  readonly heals: boolean;
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
  commands: true,
  heals: true,
};
