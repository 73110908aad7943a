// The journal, by name. Backends are opened by whoever composes the program.
export { digestOf } from "./chain.ts";
export type {
  AppendRequest,
  AppendResult,
  Attachment,
  ChainProblem,
  Checkpoint,
  Head,
  Journal,
  StampedDraft,
  Tail,
  Verification,
} from "./journal.ts";
export { GENESIS_HASH, JournalError } from "./journal.ts";
