// One connection of a stream, from opening to its end: it carries out what the conversation says, and holds every answer
// to its time. An acknowledgement shows that the subscription stands, which an answer to a mere ping would not.
import type { Timers } from "../../runtime/index.ts";
import type { StreamEvent } from "../venue.ts";
import { type Beginning, lost, type Step } from "./conversation.ts";
import { type OpenSocket, type Socket, textOf } from "./socket.ts";
import { withoutSecrets } from "./words.ts";

export interface StreamTiming {
  /** How long each answer of the server may take. In ms. */
  readonly answerMs: number;
  /** Pause between an answer and asking again. In ms. */
  readonly heartbeatMs: number;
  /** So long without news of the account, and a pass looks whether there was none. In ms. */
  readonly idleMs: number;
  /** First wait before connecting again; it doubles up to `retryMsMax`. In ms. */
  readonly retryMs: number;
  readonly retryMsMax: number;
  /** A connection is given up after so long, before the venue does it. Absent: it lives as long as it can. In ms. */
  readonly lifeMs?: number;
}

/**
 * A dead connection is seen within 30 s; two minutes of silence are normal and cost one pass. Waits as the engine's
 * for a first connection.
 */
export const STREAM_TIMING: StreamTiming = {
  answerMs: 10_000,
  heartbeatMs: 20_000,
  idleMs: 120_000,
  retryMs: 1_000,
  retryMsMax: 60_000,
};

export interface ConnectionOptions {
  /** Who speaks, for sentences: "Alpaca's stream". */
  readonly name: string;
  readonly openSocket: OpenSocket;
  readonly timers: Timers;
  readonly timing: StreamTiming;
  readonly secrets: readonly string[];
}

export interface ConnectionListener {
  live(): void;
  events(events: readonly StreamEvent[]): void;
  /** Every message as it came, without secrets. */
  frame(text: string): void;
  /** It is over; called once, not after close(). */
  ended(reason: string): void;
}

export class Connection {
  private readonly options: ConnectionOptions;
  private readonly beginning: Beginning;
  private readonly listener: ConnectionListener;
  private readonly socket: Socket;
  private state: "opening" | "talking" | "live" | "over" = "opening";
  private cancelTimer: () => void;
  private cancelLife: () => void = () => undefined;
  private cancelKeepAlive: () => void = () => undefined;

  constructor(options: ConnectionOptions, beginning: Beginning, listener: ConnectionListener) {
    this.options = options;
    this.beginning = beginning;
    this.listener = listener;
    this.socket = options.openSocket(beginning.url);
    this.socket.binaryType = "arraybuffer";
    this.cancelTimer = this.expect("a connection");
    this.socket.addEventListener("open", () => this.opened());
    this.socket.addEventListener("message", ({ data }) => this.received(data));
    this.socket.addEventListener("close", ({ code }) => this.end(`the connection closed (${code})`));
    this.socket.on("pong", () => this.ponged());
    // A close follows, with the code; without a listener it would be an exception.
    this.socket.addEventListener("error", () => undefined);
  }

  close(): void {
    if (this.isOver()) return;
    this.state = "over";
    this.cancelTimer();
    this.cancelLife();
    this.cancelKeepAlive();
    this.socket.close();
  }

  /** Says something that no message asked for; nothing where it has not opened yet, or is over. */
  say(decide: () => readonly Step[]): void {
    if (this.state === "talking" || this.state === "live") this.carryOut(decide);
  }

  private isOver(): boolean {
    return this.state === "over";
  }

  private opened(): void {
    if (this.state !== "opening") return;
    this.state = "talking";
    const { timers, timing } = this.options;
    if (timing.lifeMs !== undefined) {
      this.cancelLife = timers.after(timing.lifeMs, () =>
        this.end("the connection is as old as it may become"),
      );
    }
    this.keepAlive();
    this.carryOut(() => this.beginning.conversation.opened());
  }

  private ponged(): void {
    if (this.isOver()) return;
    this.answered();
    this.carryOut(() => this.beginning.conversation.pingAnswered?.() ?? []);
  }

  private received(data: unknown): void {
    if (this.isOver()) return;
    const text = textOf(data);
    const secrets = [...this.options.secrets, ...(this.beginning.secrets ?? [])];
    this.listener.frame(
      text === undefined ? "(bytes that are no UTF-8 text)" : withoutSecrets(text, secrets),
    );
    this.carryOut(() => this.beginning.conversation.received(text));
  }

  private carryOut(decide: () => readonly Step[]): void {
    for (const step of decide()) {
      if (this.isOver()) return;
      this.take(step);
    }
  }

  private take(step: Step): void {
    switch (step.kind) {
      case "send":
        if (step.expects !== undefined) this.wait(step.expects);
        this.socket.send(step.text);
        break;
      case "ping":
        this.wait("a pong");
        this.socket.ping();
        break;
      case "answered":
        this.answered();
        break;
      case "live":
        this.live();
        break;
      case "events":
        this.listener.events(step.events);
        break;
      case "lost":
        if (this.state === "live") this.listener.events(lost(step.problem));
        else this.end(step.problem);
        break;
      case "end":
        this.end(step.reason);
    }
  }

  private live(): void {
    const wasLive = this.state === "live";
    this.state = "live";
    this.answered();
    if (!wasLive) this.listener.live();
  }

  private answered(): void {
    this.cancelTimer();
    if (this.state !== "live") return;
    const { timers, timing } = this.options;
    this.cancelTimer = timers.after(timing.heartbeatMs, () => this.beat());
  }

  /** Where the conversation has nothing to ask, the next beat asks again. */
  private beat(): void {
    this.answered();
    this.carryOut(() => this.beginning.conversation.heartbeat());
  }

  private keepAlive(): void {
    const { keepAlive } = this.beginning;
    if (!keepAlive) return;
    this.cancelKeepAlive = this.options.timers.after(keepAlive.everyMs, () => {
      keepAlive.work().then(
        () => this.isOver() || this.keepAlive(),
        (error: unknown) => this.end(`the stream's key was not extended: ${wordsOf(error)}`),
      );
    });
  }

  private wait(what: string): void {
    this.cancelTimer();
    this.cancelTimer = this.expect(what);
  }

  private expect(what: string): () => void {
    const { timers, timing, name } = this.options;
    return timers.after(timing.answerMs, () =>
      this.end(`${name} did not give ${what} within ${timing.answerMs / 1_000} s`),
    );
  }

  private end(reason: string): void {
    if (this.isOver()) return;
    this.close();
    const secrets = [...this.options.secrets, ...(this.beginning.secrets ?? [])];
    this.listener.ended(withoutSecrets(reason, secrets));
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
