// GET /v1/events: what happens, as it happens, as server-sent events. Losing one costs time, never truth: a reader that
// does not keep up is cut off, connects again and reads the state afresh.
import type { FastifyInstance, FastifyReply } from "fastify";
import { ApiError } from "./errors.ts";

/** Calls the listener with each event from now on; the result ends that. */
export type EventSource = (listener: (event: { readonly account: string }) => void) => () => void;

/** Readers at once. */
const STREAMS_MAX = 32;
/** A reader for whom more than this waits to be sent is cut off. In bytes. */
const WAITING_BYTES_MAX = 4 * 1_024 * 1_024;

export interface EventStreams {
  /** @throws ApiError 503 `too_many_streams` */
  open(reply: FastifyReply, accounts: readonly string[]): void;
}

export function streamEvents(app: FastifyInstance, source: EventSource): EventStreams {
  const open = new Set<FastifyReply["raw"]>();
  // A server closes only when its connections have ended.
  app.addHook("preClose", async () => {
    for (const stream of open) stream.end();
  });
  return {
    open(reply, accounts) {
      if (open.size >= STREAMS_MAX) {
        throw new ApiError(503, "too_many_streams", `${STREAMS_MAX} readers of events are connected already`);
      }
      reply.hijack();
      const stream = reply.raw;
      open.add(stream);
      stream.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      // So that a reader knows that it misses nothing from here on.
      stream.write(": connected\n\n");
      const end = source((event) => {
        if (!accounts.includes(event.account)) return;
        if (stream.writableLength > WAITING_BYTES_MAX) stream.destroy();
        else stream.write(`data: ${JSON.stringify(event)}\n\n`);
      });
      stream.once("close", () => {
        open.delete(stream);
        end();
      });
    },
  };
}
