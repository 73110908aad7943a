// The log of activities over real HTTP: it goes on behind the last event whatever breaks, takes trades back by the name of
// their execution, and lets no key out. The shape of an event is the package's ActivityEventV2 (4.0.2); ids are invented.
// @see https://docs.alpaca.markets/reference/subscribetoactivitiessse-1 (read 2026-11)
import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { ActivityLog } from "../../../src/venues/alpaca/activity-log.ts";
import { Executions } from "../../../src/venues/alpaca/executions.ts";
import type { StreamEvent } from "../../../src/venues/index.ts";
import { STREAM_TIMING } from "../../../src/venues/wire/stream.ts";
import type { Cleaning } from "../../cli/support.ts";

const SECRET = "canary-77-secret";

function trade(number: number, more: object = {}, details: object = {}) {
  return {
    activity_type: "FILL",
    at: "2026-11-20T15:00:00.100000Z",
    currency: "USD",
    event_id: `01J${String(number).padStart(23, "0")}`,
    executed_at: `2026-11-20T15:00:0${number}.000000123Z`,
    net_amount: "-100",
    price: "100.5",
    qty: "1",
    ref_id: `exec-${number}`,
    settle_date: "2026-11-23",
    status: "executed",
    ...more,
    details: {
      asset_id: "a-1",
      cum_qty: String(number),
      execution_type: "fill",
      leaves_qty: "0",
      order_id: "order-1",
      order_status: "filled",
      side: "buy",
      symbol: "AAPL",
      ...details,
    },
  };
}

class LogServer {
  readonly queries: string[] = [];
  events: object[] = [];
  status = 200;
  private readonly open = new Set<ServerResponse>();
  private readonly server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://127.0.0.1");
    this.queries.push(url.search);
    response.writeHead(this.status, { "Content-Type": "text/event-stream" });
    if (this.status !== 200) {
      response.end();
      return;
    }
    this.open.add(response);
    const since = url.searchParams.get("since_id");
    response.write(": welcome\n\n");
    for (const event of this.events) {
      if (since === null || (event as { event_id: string }).event_id >= since) this.send(event, response);
    }
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  add(event: object): void {
    this.events.push(event);
    for (const response of this.open) this.send(event, response);
  }

  say(text: string): void {
    for (const response of this.open) response.write(text);
  }

  cut(): void {
    for (const response of this.open) response.destroy();
    this.open.clear();
  }

  stop(): void {
    this.cut();
    this.server.closeAllConnections();
    this.server.close();
  }

  private send(event: object, response: ServerResponse): void {
    response.write(`data: ${JSON.stringify(event)}\n\n`);
  }
}

async function world(t: Cleaning) {
  const server = new LogServer();
  const url = await server.start();
  const events: StreamEvent[] = [];
  const frames: string[] = [];
  const waits: { readonly ms: number; readonly work: () => void }[] = [];
  const log = new ActivityLog(
    {
      open: (query, signal) => fetch(`${url}/v2beta1/events/activities?${query}`, { signal }),
      executions: new Executions(),
      clock: { nowMs: () => Date.UTC(2026, 10, 20, 15), monotonicMs: () => 0 },
      timers: {
        soon: (work) => work(),
        after: (ms, work) => {
          const wait = { ms, work };
          waits.push(wait);
          return () => void (waits.includes(wait) && waits.splice(waits.indexOf(wait), 1));
        },
      },
      random: { bytes: (count) => new Uint8Array(count) },
      timing: STREAM_TIMING,
      secrets: [SECRET],
    },
    (event) => events.push(event),
    (frame) => frames.push(frame),
  );
  t.after(() => {
    log.close();
    server.stop();
  });
  const until = async (isTrue: () => boolean) => {
    while (!isTrue()) await setImmediate();
  };
  /** The pause before the next connection is over. */
  const reconnect = async () => {
    await until(() => waits.length > 0 && waits[0]?.ms !== 300_000);
    waits.shift()?.work();
  };
  return { server, log, events, frames, waits, until, reconnect };
}

const told = (events: readonly StreamEvent[]) =>
  events.map((event) =>
    event.kind === "fill" || event.kind === "fillReversed"
      ? `${event.kind} ${event.fill.side} ${event.fill.qty} ${event.fill.instrument} after ${event.fill.joinKey}`
      : event.kind === "wake"
        ? `wake ${event.reason}`
        : event.kind,
  );

describe("the log of activities", () => {
  test("tells a trade with what its order had filled after it, at the time of its execution", async (t) => {
    const { server, log, events, until } = await world(t);
    server.add(trade(1, {}, { client_order_id: "mine" }));
    log.start();
    await until(() => events.length === 1);
    assert.deepEqual(events, [
      {
        kind: "fill",
        fill: {
          instrument: "AAPL",
          joinKey: "1",
          venueOrderId: "order-1",
          clientOrderId: "mine",
          side: "buy",
          qty: "1",
          price: "100.5",
          timestamp: Date.UTC(2026, 10, 20, 15, 0, 1),
          venueSeq: 123,
        },
      },
    ]);
    assert.match(server.queries[0] ?? "", /^\?since=2026-11-20T14%3A59%3A00\.000Z$/);
  });

  test("names a coin as its order does, with a slash or without", async (t) => {
    const { server, log, events, until } = await world(t);
    log.start();
    await until(() => server.queries.length === 1);
    const symbols = ["BTC/USD", "BTCUSD", "DOGEUSDT", "AAPL", "BRK.B", "AAPL261218C00200000"];
    for (const [index, symbol] of symbols.entries()) server.add(trade(index + 1, {}, { symbol }));
    await until(() => events.length === symbols.length);
    assert.deepEqual(
      events.map((event) => (event.kind === "fill" ? event.fill.instrument : event.kind)),
      ["BTC/USD", "BTC/USD", "DOGE/USDT", "AAPL", "BRK.B", "AAPL261218C00200000"],
    );
  });

  test("goes on behind the last event after a cut, and tells what came meanwhile", async (t) => {
    const { server, log, events, until, reconnect } = await world(t);
    log.start();
    await until(() => server.queries.length === 1);
    server.add(trade(1));
    await until(() => events.length === 1);
    server.cut();
    server.events.push(trade(2, {}, { execution_type: "partial_fill" }));
    await reconnect();
    await until(() => told(events).includes("fill buy 1 AAPL after 2"));
    assert.equal(server.queries[1], `?since_id=${trade(1).event_id}`);
  });

  test("that says that it dropped messages, or failed, is opened again from the last event", async (t) => {
    for (const comment of [
      ": you are reading too slowly, dropped 10000 messages",
      ": internal server error",
    ]) {
      const { server, log, events, until, reconnect } = await world(t);
      log.start();
      await until(() => server.queries.length === 1);
      server.add(trade(3));
      await until(() => events.length === 1);
      server.say(`${comment}\n\n`);
      await until(() => events.length === 2);
      assert.deepEqual(told(events).slice(1), ["wake the log of activities lost messages"]);
      await reconnect();
      await until(() => server.queries.length === 2);
      assert.equal(server.queries[1], `?since_id=${trade(3).event_id}`);
    }
  });

  test("takes a trade back by its execution, once, and books what it was corrected to", async (t) => {
    const { server, log, events, until } = await world(t);
    log.start();
    await until(() => server.queries.length === 1);
    server.add(trade(1));
    server.add(trade(2));
    server.add(trade(3, { previous_id: "exec-1", ref_id: "bust-1" }, { execution_type: "trade_bust" }));
    server.add(trade(4, { previous_id: "exec-1", ref_id: "bust-2" }, { execution_type: "trade_bust" }));
    server.add(trade(5, { previous_id: "exec-2", qty: "2" }, { execution_type: "trade_correct" }));
    await until(() => events.length === 6);
    assert.deepEqual(told(events).slice(2), [
      "fillReversed buy 1 AAPL after 1",
      "wake trade_bust of an execution that is not known",
      "fillReversed buy 1 AAPL after 2",
      "fill buy 2 AAPL after 5",
    ]);
  });

  test("makes a pass look for what is no trade, cannot be read or is of no kind that is known", async (t) => {
    const { server, log, events, until } = await world(t);
    log.start();
    await until(() => server.queries.length === 1);
    server.add({ activity_type: "CFEE", event_id: "01J1", ref_id: "t-1", details: { symbol: "BTC/USD" } });
    server.add(trade(2, {}, { execution_type: "trade_dance" }));
    server.add(trade(3, { qty: "0" }));
    server.add({ hello: "there" });
    server.say("data: {half\n\n");
    await until(() => events.length === 5);
    assert.deepEqual(
      told(events).map((line) => line.slice(0, 44)),
      [
        "wake activity CFEE",
        'wake unknown execution "trade_dance"',
        'wake the trade of an activity: "qty" is "0";',
        "wake an activity that cannot be read",
        "wake an activity that is not JSON",
      ],
    );
  });

  test("of an account that has none is asked for again after an hour, and tells nothing", async (t) => {
    const { server, log, events, until, waits } = await world(t);
    server.status = 404;
    log.start();
    await until(() => waits.length === 1 && server.queries.length === 1);
    assert.equal(waits[0]?.ms, 3_600_000);
    assert.deepEqual(events, []);
  });

  test("that is silent for long is opened anew", async (t) => {
    const { server, log, waits, until } = await world(t);
    log.start();
    await until(() => waits.some(({ ms }) => ms === 300_000));
    waits.find(({ ms }) => ms === 300_000)?.work();
    await until(() => waits.some(({ ms }) => ms !== 300_000));
    waits.find(({ ms }) => ms !== 300_000)?.work();
    await until(() => server.queries.length === 2);
  });

  test("hands out its messages for a recording without the keys", async (t) => {
    const { server, log, frames, until } = await world(t);
    log.start();
    await until(() => server.queries.length === 1);
    server.add(trade(1, { note: `key ${SECRET}` }));
    await until(() => frames.length === 1);
    assert.match(frames[0] ?? "", /key \*\*\*/);
    assert.ok(!frames.join("").includes(SECRET));
  });

  test("ends when it is closed, also while it waits", async (t) => {
    const { server, log, waits, until } = await world(t);
    log.start();
    await until(() => server.queries.length === 1);
    server.cut();
    await until(() => waits.some(({ ms }) => ms !== 300_000));
    log.close();
    assert.deepEqual(waits, []);
  });
});
