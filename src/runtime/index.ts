// The seams, by name.
export { FileError, type FileFacts, type Files } from "./files.ts";
export { EVENTS, type EventName, type Level, type Log, SILENT } from "./log.ts";
export type { Clock, Randomness, Runtime, Timers } from "./runtime.ts";
