// One bench, opened for one test: the account, its server, the adapter on it, and a clock that stands until it is told to
// go. What leaves the adapter is counted here, and what hangs is ended as a time limit would end it.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Decimal } from "../core/index.ts";
import { VirtualRuntime } from "../sim/index.ts";
import { exact, text } from "../sim/referee/exact.ts";
import type { StreamEvent, StreamHandle, Venue } from "../venues/index.ts";
import { loadSockets, type OpenSocket } from "../venues/wire/socket.ts";
import type { Bench } from "./bench.ts";
import { AccountModel } from "./model/account-model.ts";
import type { ModelInstrument } from "./model/facts.ts";
import { BARRIER_PATH, REQUEST_HEADER, type WireServer } from "./wire/wire-server.ts";

/** Looks at something that shall come about, each with a few round trips to the server. */
const LOOKS_MAX = 200;

/** A Friday afternoon. */
export const START = Date.parse("2026-04-24T15:00:00.000Z");

export interface Sent {
  readonly method: string;
  readonly url: string;
}

export class World {
  readonly bench: Bench;
  readonly runtime = new VirtualRuntime(START);
  readonly model: AccountModel;
  readonly server: WireServer;
  /** What the adapter sent, as often as it did. */
  readonly sent: Sent[] = [];
  readonly events: StreamEvent[] = [];
  /** What was given to be recorded. */
  readonly frames: string[] = [];
  private opened: Venue | undefined;
  private url = "";
  private requests = 0;
  private heard = 0;
  private waiting: { readonly isDone: () => boolean; readonly done: () => void }[] = [];

  /** @param capabilities Of the bench's declaration, or of the variant that it opens. */
  static async open(test: TestContext, bench: Bench): Promise<World> {
    const world = new World(bench);
    const url = await world.server.start();
    world.url = url;
    test.after(() => world.server.stop());
    const open = await loadSockets();
    const { clock, timers, random } = world.runtime;
    world.opened = await bench.open({
      url,
      wsUrl: url.replace(/^http/, "ws"),
      keys: bench.keys,
      fetch: (input, init) => world.send(input, init),
      clock,
      timers,
      random,
      openSocket: world.listening(open),
      server: world.server,
    });
    test.after(() => world.venue.close?.());
    return world;
  }

  constructor(bench: Bench) {
    this.bench = bench;
    this.model = new AccountModel({
      accountId: bench.accountId,
      instruments: bench.instruments,
      positionMode: bench.positionMode,
      balances: bench.balances,
      amend: bench.declaration.capabilities.commands.amend,
      ...bench.account,
      nowMs: () => this.runtime.clock.nowMs(),
    });
    this.server = bench.server(this.model, bench.keys);
    this.server.secrets = Object.values(bench.keys);
  }

  get venue(): Venue {
    if (!this.opened) throw new Error("the world is not open");
    return this.opened;
  }

  get nowMs(): number {
    return this.runtime.clock.nowMs();
  }

  /** The instrument that most claims trade, and another one. */
  get first(): ModelInstrument {
    return instrumentAt(this.bench, 0);
  }

  get second(): ModelInstrument {
    return instrumentAt(this.bench, 1);
  }

  /** So many lots. */
  lots(count: number, of: ModelInstrument = this.first): Decimal {
    return text(exact(of.lot) * BigInt(count));
  }

  /** So many price steps above the instrument's first price; below where it is negative. */
  priceAt(steps: number, of: ModelInstrument = this.first): Decimal {
    return text(exact(of.price) + exact(of.instrument.priceStep) * BigInt(steps));
  }

  /** Lets the clock go on; nothing real is waited for. */
  async pass(ms = 1_000, settle: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.runtime.advance(ms, settle);
  }

  /** Connects the venue's stream, and notes what it tells. */
  async connect(test: TestContext): Promise<StreamHandle> {
    if (!this.venue.stream) throw new Error("the venue has no stream");
    const handle = await this.venue.stream(
      (event) => {
        this.events.push(event);
        this.look();
      },
      (frame) => this.frames.push(frame),
    );
    test.after(() => handle.close());
    return handle;
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  eventsOf<Kind extends StreamEvent["kind"]>(kind: Kind): Extract<StreamEvent, { kind: Kind }>[] {
    return this.events.filter((event): event is Extract<StreamEvent, { kind: Kind }> => event.kind === kind);
  }

  /** Resolves when something is true; looked at whenever the adapter is told something or loses a connection. */
  until(isDone: () => boolean): Promise<void> {
    return isDone() ? Promise.resolve() : new Promise((done) => this.waiting.push({ isDone, done }));
  }

  /** Resolves when so many events of a kind have come. */
  untilEvents(kind: StreamEvent["kind"], count = 1): Promise<void> {
    return this.until(() => this.eventsOf(kind).length >= count);
  }

  /** Resolves when the adapter has taken in so many messages more. */
  untilHeard(more: number): Promise<void> {
    const whole = this.heard + more;
    return this.until(() => this.heard >= whole);
  }

  /** Lets everything that is under way on this machine arrive: some turns of asking the server for nothing. */
  async settle(turns = 3): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) {
      await (await globalThis.fetch(`${this.url}${BARRIER_PATH}`)).text();
    }
  }

  /**
   * Looks again and again whether something is so, and fails where it does not become so.
   * @param stepMs How much of the world's time each look takes; none unless given.
   */
  async eventually(isSo: () => boolean, what: string, stepMs = 0): Promise<void> {
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      if (isSo()) return;
      if (stepMs > 0) await this.pass(stepMs);
      await this.settle();
    }
    assert.fail(`${what}: this did not come about. What was told: ${JSON.stringify(this.events)}`);
  }

  private look(): void {
    const done = this.waiting.filter(({ isDone }) => isDone());
    this.waiting = this.waiting.filter((one) => !done.includes(one));
    for (const one of done) one.done();
  }

  private send(input: Parameters<typeof fetch>[0], init: Parameters<typeof fetch>[1]): Promise<Response> {
    const url = input instanceof Request ? input.url : String(input);
    const method = init?.method ?? (input instanceof Request ? input.method : "GET");
    this.sent.push({ method, url });
    this.requests += 1;
    const id = String(this.requests);
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    headers.set(REQUEST_HEADER, id);
    const late = new Promise<never>((_, reject) => {
      this.server.onHang(id, () => reject(new DOMException("the limit is over", "TimeoutError")));
    });
    return Promise.race([globalThis.fetch(input, { ...init, headers }), late]);
  }

  /** After the adapter's own listener: it is there when this turn has ended. */
  private listening(open: OpenSocket): OpenSocket {
    return (url) => {
      const socket = open(url);
      const listen = () => {
        socket.addEventListener("message", () => {
          this.heard += 1;
          this.look();
        });
        socket.addEventListener("close", () => this.look());
      };
      Promise.resolve().then(listen, () => undefined);
      return socket;
    };
  }
}

function instrumentAt(bench: Bench, index: number): ModelInstrument {
  const found = bench.instruments[index];
  if (found) return found;
  throw new Error(`the bench "${bench.name}" has ${bench.instruments.length} instruments; give at least two`);
}
