// Sends one command, once. A package may sign it and write the body; the answer is taken as the text that came, before the
// package could read it. A second request within one command is refused here, so that no policy of a package, now or in
// a later version, can place an order twice.
import { RateRefused } from "./metered.ts";
import { type FailureWords, isTimeout, rootCause, wordOf } from "./words.ts";

export type Reply =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly text: string;
      /** How long the venue said to wait; absent where it said nothing of it. */
      readonly retryAfterMs?: number;
    }
  /** Nothing left this machine: certain, not likely. `retryAfterMs`: for the rate alone. */
  | { readonly kind: "notSent"; readonly problem: string; readonly retryAfterMs?: number }
  /** It may have arrived. */
  | { readonly kind: "lost"; readonly problem: string };

export interface OnceOptions {
  readonly fetch: typeof fetch;
  readonly words: FailureWords;
  /** What the package is given in place of the answer; an empty success unless given. */
  readonly standIn?: (answer: { readonly status: number; readonly text: string }) => Response;
}

/**
 * @param call Makes the request through the transport that it is given; whatever it makes of the answer is not asked for.
 * The time limit is its own, and must run until the body is read.
 */
export async function sendOnce(
  { fetch: send, words, standIn }: OnceOptions,
  call: (once: typeof fetch) => Promise<unknown>,
): Promise<Reply> {
  let isSent = false;
  let answer: Omit<Extract<Reply, { kind: "answer" }>, "kind"> | undefined;
  const once: typeof fetch = async (input, init) => {
    if (isSent) throw new Error("a command is sent once; a second request for it was stopped");
    isSent = true;
    // The keys go to the address that was checked, and an order to one place.
    const response = await send(input, { redirect: "error", ...init });
    answer = { status: response.status, text: await response.text(), ...waitOf(response) };
    return standIn?.(answer) ?? new Response(null, { status: 204 });
  };
  try {
    await call(once);
  } catch (error) {
    if (answer === undefined) {
      return isSent && !isBeforeSending(error) ? lost(error, words) : notSent(error, words);
    }
  }
  if (answer === undefined) {
    return isSent
      ? { kind: "lost", problem: "the answer did not come" }
      : { kind: "notSent", problem: "nothing was sent: the client made no request" };
  }
  return { kind: "answer", ...answer };
}

/** In seconds, as nearly all write it: a date would need a clock, and is left to the budget. */
function waitOf({ headers }: Response): { readonly retryAfterMs?: number } {
  const header = headers.get("Retry-After") ?? "";
  return /^\d+(\.\d+)?$/.test(header.trim()) ? { retryAfterMs: Math.ceil(Number(header) * 1_000) } : {};
}

/** Ends a request, and the reading of its body, after so long: the error's name is `TimeoutError`. */
export function timeLimited(send: typeof fetch, timeoutMs: number): typeof fetch {
  return (input, init) => {
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
    return send(input, { ...init, signal });
  };
}

/**
 * Whether a failure came before a connection stood: the name was not found, nobody took the connection, or the rate budget
 * gave nothing. The system names the call that failed; of several addresses every one must have failed so. A TLS
 * failure, a reset or a time-out may come after the request was written.
 */
export function isBeforeSending(error: unknown): boolean {
  const ends = endsOf(error, 0);
  return ends.length > 0 && ends.every(isEndBeforeSending);
}

const BEFORE_SENDING = new Set(["getaddrinfo", "connect"]);

/** How deep errors wrap one another: the package, fetch, the sockets of several addresses. */
const DEPTH_MAX = 6;

function isEndBeforeSending(end: object): boolean {
  return end instanceof RateRefused || ("syscall" in end && BEFORE_SENDING.has(String(end.syscall)));
}

function endsOf(error: unknown, depth: number): readonly object[] {
  if (!(error instanceof Error) || depth > DEPTH_MAX) return [];
  if (error instanceof AggregateError) return error.errors.flatMap((one) => endsOf(one, depth + 1));
  return error.cause instanceof Error ? endsOf(error.cause, depth + 1) : [error];
}

function notSent(error: unknown, words: FailureWords): Reply {
  const waits = endsOf(error, 0).flatMap((end) => (end instanceof RateRefused ? [end.retryAfterMs] : []));
  const problem = `nothing was sent: ${wordOf(error, words)}`;
  return { kind: "notSent", problem, ...(waits.length > 0 && { retryAfterMs: Math.max(...waits) }) };
}

function lost(error: unknown, words: FailureWords): Reply {
  if (isTimeout(rootCause(error))) {
    return { kind: "lost", problem: `no answer within ${words.timeoutMs / 1_000} s` };
  }
  return { kind: "lost", problem: `the answer was lost: ${wordOf(error, words)}` };
}
