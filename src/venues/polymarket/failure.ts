// Failures of a call in words for a person, with Polymarket's name in them (../wire/words.ts).
import { authProblem } from "../wire/words.ts";

export { cleanMessage, describeFailure, type FailureWords, type KeyNames } from "../wire/words.ts";

/** How every problem begins that says that the keys were refused. */
export const AUTH_PROBLEM = authProblem("Polymarket");
