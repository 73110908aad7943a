// Failures of a call in words for a person: what is Alpaca's own of them. The sentences are those of every venue
// (../wire/words.ts).
import { authProblem } from "../wire/words.ts";

export const AUTH_PROBLEM = authProblem("Alpaca");

export { cleanMessage, describeFailure, type FailureWords, type KeyNames } from "../wire/words.ts";
