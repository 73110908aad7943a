// What adapters share, by name: `trueup/wire` for adapters that live elsewhere. Inside the project the files themselves are
// imported, so that an adapter loads no more than it needs.
export { checkedAddress } from "./address.ts";
export type { Answer } from "./answer.ts";
export { type Asking, newAsking } from "./asking.ts";
export { type Beginning, type Conversation, lost, type Step, type StreamProtocol } from "./conversation.ts";
export { describe, Fields, isObject, type Parsed, parseRow, quote, reject } from "./fields.ts";
export { parsed, parseExact } from "./json.ts";
export { keepingFetch } from "./kept.ts";
export { type Metering, meteredFetch, RateRefused } from "./metered.ts";
export { isBeforeSending, type OnceOptions, type Reply, sendOnce, timeLimited } from "./once.ts";
export { unknown, unsent } from "./outcome.ts";
export { loadClient } from "./package.ts";
export {
  type Purpose,
  RateBudget,
  RateBudgets,
  type RateLimit,
  type Refusal,
  retryAfterMs,
  sharedBudget,
  type Taken,
} from "./rate.ts";
export { type Listed, listOf, partialIf, problemsOf, sectionOf, sectionOfList } from "./sections.ts";
export { loadSockets, type OpenSocket, type Socket } from "./socket.ts";
export { type Spelled, Spellings, type SpellingsOptions } from "./spellings.ts";
export { keepStream, STREAM_TIMING, type StreamOptions, type StreamTiming } from "./stream.ts";
export {
  authProblem,
  cleanMessage,
  describeFailure,
  type FailureWords,
  httpText,
  isAuthProblem,
  type KeyNames,
  networkText,
  notJsonText,
  withoutSecrets,
} from "./words.ts";
