// The engine, by name.

export type { Applied, AppliedStep, Confirmation } from "./apply.ts";
export { restoreBook, saveCheckpoint } from "./boot.ts";
export {
  cancelRisk,
  type KillOutcome,
  type KillReport,
  NOTHING_CANCELED,
  unconfirmed,
  unwrittenKillAlert,
} from "./cancel-risk.ts";
export { type CheckOptions, checkAccount } from "./check.ts";
export { verifyCheckpoint } from "./checkpoint.ts";
export type { DeadManReport } from "./dead-man.ts";
export { decideExitPlan, type ExitPlanAnswer, type ExitPlanGiven } from "./exit-plans.ts";
export {
  type ExitAtVenue,
  type ExitMatter,
  type ExitsReport,
  type ExitView,
  exitsReport,
} from "./exit-report.ts";
export {
  checkedFlattenPlan,
  type Flattened,
  type FlattenGiven,
  type FlattenPlan,
  notionalOf,
} from "./flatten.ts";
export { type HeldPosition, heldPositions } from "./held.ts";
export { ingestFills } from "./ingest.ts";
export { KEY_LOOK_MS } from "./key-watch.ts";
export { type KillLatch, releaseOffline } from "./killing.ts";
export { fieldsOf } from "./narrate.ts";
export { guarded, problemOf } from "./observe.ts";
export type { CommandCode, CommandResult, OrderHandle, OrderReport } from "./order-desk.ts";
export {
  ChangeError,
  changeOffline,
  heldNotes,
  type LotMoved,
  lotMove,
  type NotesOfPosition,
  noteChange,
} from "./person-changes.ts";
export { checkedPlan, type Plan, type PlanRefusal, type PlanStep } from "./plan.ts";
export { PlanError } from "./plan-error.ts";
export type { PriceView } from "./price-board.ts";
export { Prices, type PricesInputs } from "./prices.ts";
export { type PlanOptions, planAccount } from "./rehearsal.ts";
export type { FeedReport, MirrorReport, PassReport, SectionReport } from "./report.ts";
export { AccountStopped, Session, type SessionOptions } from "./session.ts";
export {
  type AccountStatus,
  accountStatus,
  type GateView,
  gateView,
  type HealthDocument,
  healthOf,
  type StoppedFacts,
  stoppedStatus,
  type Verdict,
} from "./status.ts";
export { type Reads, readTail, type TailState } from "./tail.ts";
export type { Released, Undoing } from "./undo.ts";
export { verifyViews } from "./verify-views.ts";
export { AccountWriter } from "./writer.ts";
