// The journal in memory, by name.
export { MemoryJournal } from "./memory-journal.ts";
