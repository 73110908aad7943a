// The pure core, by name: what outer layers may use of it.
export { type Admission, admit, type OrderQuestion } from "./admit.ts";
export { ageText } from "./age.ts";
export { balanceTotal } from "./book/balances.ts";
export {
  anchorOf,
  type Book,
  type BookLedger,
  emptyBook,
  type Fill,
  type Flattening,
  type Kill,
  type Order,
  type Undone,
  undoneKey,
} from "./book/book.ts";
export { applyRecord } from "./book/fold.ts";
export { type OrderView, orderView } from "./book/order-view.ts";
export {
  avgFillPrice,
  filledQty,
  findOrder,
  isActive,
  isTerminal,
  orderStatus,
  unknownSinceMs,
} from "./book/orders.ts";
export {
  claimViews,
  type HistoryView,
  heldCount,
  heldKeys,
  historyViews,
  type LotView,
  type PositionView,
  positionQty,
  positionView,
  type StrategyLot,
  strategyLots,
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
  viewsAreWritten,
} from "./book/views.ts";
export {
  CAPABILITIES_DEFAULT,
  type Capabilities,
  type CommandCapabilities,
  type DeadManCapability,
  type FillCapabilities,
  NO_COMMANDS,
} from "./capabilities.ts";
export {
  amendmentGate,
  type CommandContext,
  type Decision,
  decideAmendment,
  decideSubmission,
  mayPassKill,
  type OwnOrder,
  type RefusalCode,
  submissionGate,
} from "./commands/decide.ts";
export { openQty } from "./commands/exposure.ts";
export {
  type FlattenContext,
  type FlattenLeg,
  type FlattenStep,
  flattenLegs,
  isFlat,
  nextStep,
  ownOrders,
  workingOn,
} from "./commands/flatten.ts";
export {
  type AmendIntent,
  clientOrderIdOf,
  type OrderIntent,
  problemOfPrefixes,
  type Tags,
} from "./commands/intent.ts";
export {
  atRisk,
  byRisk,
  isOfKill,
  type KillScope,
  mayBeAtVenue,
  type OrderAtRisk,
  ordersToEnd,
  protecting,
} from "./commands/kill-risk.ts";
export { amendmentDrafts, forgottenDrafts, foundDrafts, submissionDrafts } from "./commands/outcome.ts";
export {
  decideLotMove,
  type LotChange,
  type LotMove,
  type LotMoveDecision,
  type LotMoveRefusal,
} from "./commands/reattribution.ts";
export * from "./decimal.ts";
export * from "./discrepancy.ts";
export {
  type Armable,
  armable,
  closingSide,
  type UnarmedCode,
  type UnarmedLot,
  type WantedExit,
} from "./exits/arm.ts";
export {
  armingDrafts,
  closable,
  exitIntent,
  exitIntentId,
  exitsNotPossible,
  tradesByDay,
} from "./exits/decide.ts";
export {
  betterOf,
  closingPrice,
  type ExitCondition,
  type ExitLevels,
  firstBest,
  isWorthWriting,
  type Quote,
  type Triggered,
  trailingLevel,
  triggerOf,
} from "./exits/evaluate.ts";
export { type NotedExit, notedExits } from "./exits/noted.ts";
export {
  attemptsOf,
  isBeyond,
  levelOfPlaced,
  modeNotPossible,
  type PlacedWish,
  placedIntent,
  placedWishes,
  workingPlaced,
} from "./exits/placed.ts";
export {
  canonicalPlan,
  type Distance,
  digestOfPlan,
  EXIT_MODES,
  type ExitMode,
  type ExitPlan,
  type ExitPolicy,
  type Level,
  problemOfPlan,
  problemOfSides,
} from "./exits/plan.ts";
export { type PlacedRole, placedIntentId, placedRoleOf, placedSlotOf } from "./exits/slots.ts";
export { type ArmedExit, type ArmedFacts, type LotKey, lotKey, type TriggerFacts } from "./exits/state.ts";
export * from "./facts.ts";
export * from "./gate.ts";
export { deriveId, digestHex } from "./hash.ts";
export {
  type Instrument,
  instrumentOf,
  isCash,
  isSameInstrument,
  type Payoff,
  payoffOf,
  pricedIn,
  type Settlement,
} from "./instrument.ts";
export * from "./keys.ts";
export type { Entry } from "./ledger/entry.ts";
export { currentLife } from "./ledger/ledger.ts";
export type { Life } from "./ledger/life.ts";
export * from "./notes.ts";
export * from "./notes-import.ts";
export {
  type AccountLimits,
  type AccountPolicy,
  type DeadManPolicy,
  POLICY_DEFAULT,
  UNLIMITED,
} from "./policy.ts";
export { strategyOfClientId } from "./reconcile/attribute.ts";
export { reconcileBalances } from "./reconcile/balances.ts";
export { containedCount } from "./reconcile/contained.ts";
export { instrumentIn, isUsable, type Outcome, type PassContext } from "./reconcile/context.ts";
export { isVenueQty } from "./reconcile/equal-qty.ts";
export { type ExitTroubles, reconcileExits } from "./reconcile/exits.ts";

export { decideFill, type FillContext, type FillDecision, isLaterThanNew } from "./reconcile/fills.ts";
export { type GateFindings, gateAfterPass, gateDrafts, tightened } from "./reconcile/gate-reasons.ts";
export { isKnownFill, reversedFill, substituteGroup } from "./reconcile/identify.ts";
export { decideLedgerEntry, undecidedEntries } from "./reconcile/ledger-entries.ts";
export {
  type MirrorChange,
  type MirrorFacts,
  type MirrorOutcome,
  type MirrorScope,
  mirrorAbsenceSeen,
  mirrorAbsentKeys,
  mirrorHeld,
  nettedKeys,
  reconcileMirror,
  scopeQty,
} from "./reconcile/mirror.ts";
export { type Answered, movedOn } from "./reconcile/moved-on.ts";
export { anchorKey, openingOf, replaceOpening } from "./reconcile/opening.ts";
export {
  instrumentsDenied,
  reconcileOrders,
  UNKNOWN_ESCALATED_MS,
  unseenOrders,
} from "./reconcile/orders.ts";
export { positionRows } from "./reconcile/position-rows.ts";
export {
  absentKeys,
  explainedPositions,
  leftOutKeys,
  listedRow,
  priceEvidence,
  reconcilePositions,
  suggestedQty,
} from "./reconcile/positions.ts";
export { byWhom } from "./reconcile/repair.ts";
export {
  differingKeys,
  REREAD_MS_MAX,
  reopenedPerhaps,
  reversals,
  reversibleFrom,
  unlistedFills,
} from "./reconcile/reversals.ts";
export { type Awaited, instrumentsFilledLate, instrumentsInFlight } from "./reconcile/settle.ts";
export { shownBefore, toldGone, wasShown } from "./reconcile/shown-before.ts";
export { closeDiscrepancy, RETURNS_MAX, type Seen, type Sighted, sight } from "./reconcile/sight.ts";
export { provenQty, type Standing, standingOf } from "./reconcile/standing.ts";
export { elapsedMs, type Steady } from "./reconcile/steady.ts";
export { undoneOf, watchText } from "./reconcile/watch.ts";
export {
  type AbsenceCase,
  type AbsenceVerdict,
  isEmptyBesideValue,
  judgeAbsence,
  lookupsWanted,
} from "./reconcile/witness.ts";
export { type AbsenceSeen, declaredFlat, isInPlan, type StepFacts, type Word } from "./reconcile/word.ts";
export * from "./records.ts";
export * from "./summary.ts";
export * from "./words.ts";
