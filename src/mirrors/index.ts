// Mirrors, by name: the contract. Stores are opened by whoever composes the program.
export type { Mirror, MirrorRead, MirrorWrite } from "./mirror.ts";
