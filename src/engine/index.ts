// The engine, by name.
export { restoreBook, saveCheckpoint } from "./boot.ts";
export { type KillReport, NOTHING_CANCELED } from "./cancel-risk.ts";
export { type CheckOptions, checkAccount } from "./check.ts";
export { ingestFills } from "./ingest.ts";
export { type KillLatch, releaseOffline } from "./killing.ts";
export { fieldsOf } from "./narrate.ts";
export { guarded } from "./observe.ts";
export type { MirrorReport, PassReport, SectionReport } from "./report.ts";
export { AccountStopped, Session, type SessionOptions } from "./session.ts";
export {
  type AccountStatus,
  accountStatus,
  ageText,
  type GateView,
  gateView,
  type HealthDocument,
  healthOf,
  type StoppedFacts,
  stoppedStatus,
  type Verdict,
} from "./status.ts";
export { type Reads, readTail, type TailState } from "./tail.ts";
export { AccountWriter } from "./writer.ts";
