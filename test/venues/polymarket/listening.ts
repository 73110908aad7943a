// The adapter's stream over a real connection and a virtual clock: what it tells, in order, and how a test waits for it.
import type { TestContext } from "node:test";
import type { VirtualRuntime } from "../../../src/sim/index.ts";
import type { StreamEvent, StreamHandle, Venue } from "../../../src/venues/index.ts";
import { loadSockets } from "../../../src/venues/wire/socket.ts";
import type { PolymarketServer } from "./server.ts";
import { newRuntime, openWorld } from "./support.ts";

export class StreamWorld {
  readonly server: PolymarketServer;
  readonly venue: Venue;
  readonly runtime: VirtualRuntime;
  readonly events: StreamEvent[] = [];
  readonly frames: string[] = [];
  private readonly counts: Counts;

  static async open(test: TestContext, options: Parameters<typeof openWorld>[1] = {}): Promise<StreamWorld> {
    const runtime = newRuntime();
    const counts = new Counts();
    const open = await loadSockets();
    const openSocket = (url: string) => {
      const socket = open(url);
      // After the adapter's own listener, which is there when this turn ends.
      queueMicrotask(() => {
        socket.addEventListener("message", () => counts.hear());
        socket.addEventListener("close", () => counts.miss());
      });
      return socket;
    };
    const { timers, random } = runtime;
    const world = await openWorld(test, { ...options, stream: { timers, random, openSocket } }, runtime);
    return new StreamWorld(world, counts);
  }

  private constructor(
    { server, venue, runtime }: { server: PolymarketServer; venue: Venue; runtime: VirtualRuntime },
    counts: Counts,
  ) {
    this.server = server;
    this.venue = venue;
    this.runtime = runtime;
    this.counts = counts;
  }

  async connect(test: TestContext): Promise<StreamHandle> {
    const handle = await this.venue.stream?.(
      (event) => {
        this.events.push(event);
        this.counts.look();
      },
      (frame) => this.frames.push(frame),
    );
    if (!handle) throw new Error("the venue has no stream");
    test.after(() => handle.close());
    return handle;
  }

  get heard(): number {
    return this.counts.heard;
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  of<Kind extends StreamEvent["kind"]>(kind: Kind): Extract<StreamEvent, { kind: Kind }>[] {
    return this.events.filter((one): one is Extract<StreamEvent, { kind: Kind }> => one.kind === kind);
  }

  /** Resolves when so many events of a kind have come; at once if they have. */
  until(kind: StreamEvent["kind"], count = 1): Promise<void> {
    return this.counts.until(() => this.of(kind).length >= count);
  }

  untilHeard(count: number): Promise<void> {
    return this.counts.until(() => this.counts.heard >= count);
  }

  untilMissed(count: number): Promise<void> {
    return this.counts.until(() => this.counts.missed >= count);
  }

  /** Lets the virtual clock pass; nothing real is waited for. */
  advance(ms: number): Promise<void> {
    return this.runtime.advance(ms, () => Promise.resolve());
  }
}

/** Messages that the adapter has taken in, and connections that it has seen end. */
class Counts {
  heard = 0;
  missed = 0;
  private waiting: { readonly isDone: () => boolean; readonly done: () => void }[] = [];

  hear(): void {
    this.heard += 1;
    this.look();
  }

  miss(): void {
    this.missed += 1;
    this.look();
  }

  look(): void {
    const done = this.waiting.filter(({ isDone }) => isDone());
    this.waiting = this.waiting.filter((one) => !done.includes(one));
    for (const one of done) one.done();
  }

  until(isDone: () => boolean): Promise<void> {
    return isDone() ? Promise.resolve() : new Promise((done) => this.waiting.push({ isDone, done }));
  }
}
