// Alpaca's log of activities: server-sent events that can be resumed from the last one that was seen, so that nothing
// of it is lost with a connection. It stands beside the stream of trade updates: what that one missed, this one tells as
// soon as it is back, and only here trades are taken back by name. It makes no promise of its own: no `live`, no `gap`.
import type { Clock, Randomness, Timers } from "../../runtime/index.ts";
import type { StreamEvent } from "../venue.ts";
import { parseExact } from "../wire/json.ts";
import { SseReader } from "../wire/sse.ts";
import { type StreamTiming, waitMs } from "../wire/stream.ts";
import { withoutSecrets } from "../wire/words.ts";
import { readActivityEvent } from "./activity-events.ts";
import type { Executions } from "./executions.ts";

export interface LogParts {
  /** With the keys in its headers; never follows a redirect. */
  readonly open: (query: string, signal: AbortSignal) => Promise<Response>;
  readonly executions: Executions;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Randomness;
  readonly timing: StreamTiming;
  readonly secrets: readonly string[];
}

/** Statuses that say that this account has no such log; asked again after an hour. */
const NOT_OFFERED: readonly number[] = [403, 404, 405, 410, 501];
const NOT_OFFERED_WAIT_MS = 3_600_000;
/** A connection that tells nothing for so long, not even a comment, is opened anew: what it missed is told again. In ms. */
const SILENCE_MS = 300_000;
/** The first connection reads this far back: what was traded while a pass before it was made. In ms. */
const LOOK_BACK_MS = 60_000;

export class ActivityLog {
  private readonly parts: LogParts;
  private readonly listener: (event: StreamEvent) => void;
  private readonly onFrame: (frame: string) => void;
  private readonly startedAtMs: number;
  private lastId: string | undefined;
  private failures = 0;
  private isClosed = false;
  private cancelWait: () => void = () => undefined;
  private abort = new AbortController();

  constructor(
    parts: LogParts,
    listener: (event: StreamEvent) => void,
    onFrame: (frame: string) => void = () => undefined,
  ) {
    this.parts = parts;
    this.listener = listener;
    this.onFrame = onFrame;
    this.startedAtMs = parts.clock.nowMs();
  }

  start(): void {
    void this.follow();
  }

  close(): void {
    this.isClosed = true;
    this.cancelWait();
    this.abort.abort();
  }

  private async follow(): Promise<void> {
    this.abort = new AbortController();
    let waitAtLeastMs = 0;
    try {
      const response = await this.parts.open(this.query(), this.abort.signal);
      if (NOT_OFFERED.includes(response.status)) waitAtLeastMs = NOT_OFFERED_WAIT_MS;
      if (response.status === 200 && response.body) await this.read(response.body);
      else await response.body?.cancel();
    } catch {
      // A connection that broke; the log is resumed where it ended.
    }
    if (this.isClosed) return;
    const { timers, timing, random } = this.parts;
    const wait = Math.max(waitAtLeastMs, waitMs(this.failures, timing, random));
    this.failures += 1;
    this.cancelWait = timers.after(wait, () => void this.follow());
  }

  private query(): string {
    if (this.lastId !== undefined) return `since_id=${encodeURIComponent(this.lastId)}`;
    return `since=${encodeURIComponent(new Date(this.startedAtMs - LOOK_BACK_MS).toISOString())}`;
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const events = new SseReader();
    try {
      for (;;) {
        this.cancelWait();
        this.cancelWait = this.parts.timers.after(SILENCE_MS, () => this.abort.abort());
        const { done, value } = await reader.read();
        if (done || this.isClosed) return;
        for (const item of events.take(decoder.decode(value, { stream: true }))) {
          if (item.kind === "event") this.take(item.data);
          else if (this.comment(item.text)) return;
        }
      }
    } finally {
      this.cancelWait();
      await reader.cancel().catch(() => undefined);
    }
  }

  private take(data: string): void {
    this.onFrame(withoutSecrets(data, this.parts.secrets));
    this.failures = 0;
    let value: unknown;
    try {
      value = parseExact(data);
    } catch {
      this.listener({ kind: "wake", reason: "an activity that is not JSON" });
      return;
    }
    // The log is resumed behind the last event, which is sent again where ids are inclusive: it counts once (R6).
    const { id, events } = readActivityEvent(value, this.parts.executions);
    for (const event of events) this.listener(event);
    if (id !== undefined) this.lastId = id;
  }

  /**
   * Whether the server says that it lost something: then the log is opened again from the last event that came.
   * @see https://docs.alpaca.markets/reference/subscribetoactivitiessse-1 "Comment messages" (read 2026-11)
   */
  private comment(text: string): boolean {
    if (!/dropped|error/i.test(text)) return false;
    this.listener({ kind: "wake", reason: "the log of activities lost messages" });
    return true;
  }
}
