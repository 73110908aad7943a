// What the integration tests share: the adapter opened on a local Alpaca, and rows in Alpaca's shape. Shapes are
// retyped from github.com/alpacahq/alpaca-docs data/webapi/entities (read 2026-11); ids and numbers are invented.
import type { TestContext } from "node:test";
import type { Clock } from "../../../src/runtime/index.ts";
import { VirtualRuntime } from "../../../src/sim/index.ts";
import { type AlpacaStreamOptions, openAlpaca } from "../../../src/venues/alpaca/index.ts";
import type { StreamEvent, StreamHandle, Venue } from "../../../src/venues/index.ts";
import { loadSockets } from "../../../src/venues/wire/socket.ts";
import { AlpacaServer } from "./server.ts";
import { type AccountState, newState, type Row } from "./state.ts";

/** The adapter's clock stands still here. */
export const NOW = Date.parse("2026-04-24T15:00:00.000Z");

export interface World {
  readonly server: AlpacaServer;
  readonly venue: Venue;
  readonly url: string;
}

export interface WorldOptions {
  readonly fetch?: typeof fetch;
  readonly keyId?: string;
  readonly timeoutMs?: number;
  readonly retries?: number;
  /** How much of the adapter's time each look at the clock takes. In ms. */
  readonly stepMs?: number;
  readonly stream?: AlpacaStreamOptions;
  /** The adapter's and the server's; one that stands still unless given. */
  readonly clock?: Clock;
}

export async function openWorld(
  test: TestContext,
  stated: Partial<AccountState> = {},
  options: WorldOptions = {},
): Promise<World> {
  let monotonicMs = 0;
  const standing = { nowMs: () => NOW, monotonicMs: () => (monotonicMs += options.stepMs ?? 0) };
  const clock = options.clock ?? standing;
  const server = new AlpacaServer({ nowMs: () => clock.nowMs() });
  server.state = newState(stated);
  const url = await server.start();
  test.after(() => server.stop());
  const venue = await openAlpaca({
    keyId: options.keyId ?? server.keyId,
    secret: server.secret,
    environment: "paper",
    baseUrl: url,
    fetch: options.fetch ?? fetch,
    clock,
    timing: { timeoutMs: options.timeoutMs ?? 30_000, retries: options.retries ?? 0 },
    ...(options.stream && { stream: options.stream }),
  });
  return { server, venue, url };
}

/** A world with its stream: a virtual clock, a real connection, and every event that came. */
export class StreamWorld {
  readonly runtime = new VirtualRuntime(NOW);
  readonly events: StreamEvent[] = [];
  world: World | undefined;
  /** Messages that the adapter has taken in. */
  heard = 0;
  /** Connections that it has seen end. */
  missed = 0;
  private waiting: { readonly isDone: () => boolean; readonly done: () => void }[] = [];

  static async open(test: TestContext, stated: Partial<AccountState> = {}): Promise<StreamWorld> {
    const one = new StreamWorld();
    const { timers, random, clock } = one.runtime;
    const open = await loadSockets();
    const openSocket = (url: string) => {
      const socket = open(url);
      // After the adapter's own listener, which is there when this turn ends.
      queueMicrotask(() => {
        socket.addEventListener("message", () => one.hear());
        socket.addEventListener("close", () => one.miss());
      });
      return socket;
    };
    one.world = await openWorld(test, stated, { clock, stream: { timers, random, openSocket } });
    return one;
  }

  get server(): AlpacaServer {
    if (!this.world) throw new Error("the world is not open");
    return this.world.server;
  }

  async connect(test: TestContext): Promise<StreamHandle> {
    const handle = await this.world?.venue.stream?.((event) => this.take(event));
    if (!handle) throw new Error("the venue has no stream");
    test.after(() => handle.close());
    return handle;
  }

  take(event: StreamEvent): void {
    this.events.push(event);
    this.look();
  }

  private hear(): void {
    this.heard += 1;
    this.look();
  }

  private miss(): void {
    this.missed += 1;
    this.look();
  }

  private look(): void {
    const done = this.waiting.filter(({ isDone }) => isDone());
    this.waiting = this.waiting.filter((one) => !done.includes(one));
    for (const one of done) one.done();
  }

  /** Resolves when so many events of a kind have come; at once if they have. */
  until(kind: StreamEvent["kind"], count = 1): Promise<void> {
    return this.untilTrue(() => this.kinds().filter((one) => one === kind).length >= count);
  }

  untilHeard(count: number): Promise<void> {
    return this.untilTrue(() => this.heard >= count);
  }

  untilMissed(count: number): Promise<void> {
    return this.untilTrue(() => this.missed >= count);
  }

  private untilTrue(isDone: () => boolean): Promise<void> {
    return isDone() ? Promise.resolve() : new Promise((done) => this.waiting.push({ isDone, done }));
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  /** Lets the virtual clock pass; nothing real is waited for. */
  advance(ms: number): Promise<void> {
    return this.runtime.advance(ms, () => Promise.resolve());
  }
}

export function position(change: Row = {}): Row {
  return {
    asset_id: "904837e3-2222-47ec-b432-046db6215701",
    symbol: "AAPL",
    exchange: "NASDAQ",
    asset_class: "us_equity",
    avg_entry_price: "100.25",
    qty: "5",
    qty_available: "5",
    side: "long",
    market_value: "600.0",
    cost_basis: "501.25",
    current_price: "120.0",
    ...change,
  };
}

export function order(change: Row = {}): Row {
  return {
    id: "61e69015-3333-4bfd-b9c3-01e75843f401",
    client_order_id: "client-1",
    created_at: "2026-04-24T14:00:00.100001Z",
    updated_at: "2026-04-24T14:00:00.200002Z",
    submitted_at: "2026-04-24T14:00:00.100001Z",
    filled_at: null,
    replaced_by: null,
    replaces: null,
    symbol: "AAPL",
    asset_class: "us_equity",
    notional: null,
    qty: "10",
    filled_qty: "0",
    filled_avg_price: null,
    order_class: "",
    type: "limit",
    side: "buy",
    time_in_force: "day",
    limit_price: "99.5",
    stop_price: null,
    status: "new",
    legs: null,
    ...change,
  };
}

/** Id as Alpaca makes it: New York's local time in ms, here four hours behind UTC, and a uuid. */
export function activityId(ms: number, uuid: string): string {
  const local = new Date(ms - 4 * 3_600_000).toISOString();
  return `${local.replace(/[-:TZ.]/g, "")}::${uuid}`;
}

/** A uuid whose order among others is the number's. */
export function uuid(number: number): string {
  return `${number.toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`;
}

export interface FillOf {
  readonly ms: number;
  readonly uuid: string;
  readonly order?: string;
  readonly qty?: string;
  readonly cum?: string;
}

/** A fill that is its order's only one unless `cum` says otherwise. */
export function fill({ ms, uuid: id, order: orderId, qty = "1", cum = qty }: FillOf, change: Row = {}): Row {
  return {
    id: activityId(ms, id),
    activity_type: "FILL",
    transaction_time: new Date(ms).toISOString(),
    type: "fill",
    price: "10.5",
    qty,
    side: "buy",
    symbol: "AAPL",
    leaves_qty: "0",
    order_id: orderId ?? `order-of-${id}`,
    cum_qty: cum,
    order_status: "filled",
    ...change,
  };
}

/** What was asked of one path, as query strings. */
export function asked(server: AlpacaServer, path: string): string[] {
  return server.requests
    .filter((one) => one === path || one.startsWith(`${path}?`))
    .map((one) => one.slice(path.length));
}

/** As a time limit does it, at the moment when the server leaves a request without an answer. */
export function endingHangs(world: () => World): typeof fetch {
  return (input, init) => {
    const hang = world().server.nextHanging();
    const late = hang.then(() => Promise.reject(new DOMException("the limit is over", "TimeoutError")));
    return Promise.race([fetch(input, init), late]);
  };
}
