// The pure core, by name: what outer layers may use of it.
export { type Admission, admit, type OrderQuestion } from "./admit.ts";
export { balanceTotal } from "./book/balances.ts";
export { anchorOf, type Book, emptyBook, type Fill, type Order } from "./book/book.ts";
export { applyRecord } from "./book/fold.ts";
export { avgFillPrice, filledQty, findOrder, isActive, isTerminal, orderStatus } from "./book/orders.ts";
export {
  claimViews,
  type HistoryView,
  heldKeys,
  historyViews,
  type LotView,
  noteAnchor,
  type PositionView,
  positionQty,
  positionView,
} from "./book/positions.ts";
export { BOOK_STATE_VERSION, fromState, toState } from "./book/state.ts";
export { nothingTouched, type Touched } from "./book/touched.ts";
export {
  type Cell,
  type Deletion,
  VIEWS,
  type ViewChanges,
  type ViewName,
  type ViewRow,
  viewChanges,
} from "./book/views.ts";
export { CAPABILITIES_DEFAULT, type Capabilities, type FillCapabilities } from "./capabilities.ts";
export * from "./decimal.ts";
export * from "./discrepancy.ts";
export * from "./facts.ts";
export * from "./gate.ts";
export { deriveId, digestHex } from "./hash.ts";
export { type Instrument, instrumentOf, isCash, type Settlement } from "./instrument.ts";
export * from "./keys.ts";
export { type AccountPolicy, POLICY_DEFAULT } from "./policy.ts";
export * from "./records.ts";
export * from "./summary.ts";
export * from "./words.ts";
