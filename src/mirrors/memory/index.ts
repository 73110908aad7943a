// The mirror in memory, by name.
export { MemoryMirror, type MemoryMirrorOptions } from "./memory-mirror.ts";
