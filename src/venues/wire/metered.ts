// A transport that keeps to the rate budget: it takes the cost before a request leaves, and learns from the answer what the
// venue counted and whether it said to wait. What the budget refuses is never sent.
import type { Clock } from "../../runtime/index.ts";
import { type Purpose, type RateBudgets, type Refusal, retryAfterMs, WAIT_MS_DEFAULT } from "./rate.ts";
import { RATE_REFUSED } from "./words.ts";

/** Nothing left this machine. Its message is for a person. */
export class RateRefused extends Error {
  readonly retryAfterMs: number;

  constructor(problem: string, retryAfterMs: number) {
    super(`${problem}; nothing was sent`);
    this.name = RATE_REFUSED;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface Metering {
  readonly fetch: typeof fetch;
  readonly budgets: RateBudgets;
  readonly clock: Clock;
  /** What a request costs of each budget, and what it is for. */
  readonly costOf: (request: { readonly method: string; readonly url: URL }) => {
    readonly units: number | readonly number[];
    readonly purpose: Purpose;
  };
  /** Reads what the venue says of its count; 429 and 418 are understood without it. */
  readonly learn?: (response: Response) => Refusal | undefined;
}

export function meteredFetch({ fetch: send, budgets, clock, costOf, learn }: Metering): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    const method = (init?.method ?? (input instanceof Request ? input.method : "GET")).toUpperCase();
    const { units, purpose } = costOf({ method, url });
    const taken = budgets.take(units, purpose);
    if (taken.kind === "refused") throw new RateRefused(taken.problem, taken.retryAfterMs);
    const response = await send(input, init);
    const refusal = learn?.(response) ?? refusalOf(response, clock);
    if (refusal) budgets.refuse(refusal);
    return response;
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc6585#section-4 (429); 418 is what Binance answers to a banned address. */
function refusalOf({ status, headers }: Response, clock: Clock): Refusal | undefined {
  if (status !== 429 && status !== 418) return undefined;
  const forMs = retryAfterMs(headers.get("Retry-After"), clock.nowMs()) ?? WAIT_MS_DEFAULT;
  return { kind: status === 418 ? "ban" : "limit", forMs };
}
