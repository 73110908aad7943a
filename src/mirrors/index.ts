// Mirrors, by name: the contract. Stores are opened by whoever composes the program.
export type { Mirror, MirrorRead, MirrorWrite, Restoration, RowPlace } from "./mirror.ts";
