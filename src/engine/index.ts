// The engine, by name.
export { restoreBook } from "./boot.ts";
export { ingestFills } from "./ingest.ts";
export { fieldsOf } from "./narrate.ts";
export { guarded } from "./observe.ts";
export type { MirrorReport, PassReport, SectionReport } from "./report.ts";
export { type KillReport, Session, type SessionOptions, type TailState } from "./session.ts";
export { AccountWriter } from "./writer.ts";
