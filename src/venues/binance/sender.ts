// Sends one command, once (../wire/once.ts): the package only signs, and nothing here tries again.

import { parsed } from "../wire/json.ts";
import { type Reply, sendOnce, timeLimited } from "../wire/once.ts";
import type { FailureWords } from "../wire/words.ts";
import { CLOCK_CODES } from "./client.ts";
import { errorBody } from "./outcome.ts";
import type { Params, Request, Transport, VenueClock } from "./transport.ts";

export interface SenderParts {
  readonly transport: Transport;
  readonly fetch: typeof fetch;
  readonly venueClock: VenueClock;
  readonly words: FailureWords;
}

export type Send = (method: Request["method"], path: string, params: Params) => Promise<Reply>;

export function openSender({ transport, fetch: send, venueClock, words }: SenderParts): Send {
  return async (method, path, params) => {
    const limited = timeLimited(send, words.timeoutMs);
    const reply = await sendOnce({ fetch: limited, words }, (once) =>
      transport.send(once, { method, path, params }),
    );
    // The next read measures the clock again, and the next command is in time.
    const code = reply.kind === "answer" ? errorBody(parsed(reply.text))?.code : undefined;
    if (code !== undefined && CLOCK_CODES.has(code)) venueClock.doubt();
    return reply;
  };
}
