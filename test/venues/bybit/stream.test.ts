// The private stream over a real connection and a virtual clock: live, a fill, a cut, and back again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualRuntime } from "../../../src/sim/index.ts";
import type { StreamEvent } from "../../../src/venues/index.ts";
import { execution, NOW } from "./rows.ts";
import { openWorld } from "./support.ts";

/** The adapter's own figures, in ms. */
const HEARTBEAT = 20_000;
const ANSWER = 10_000;
/** The dice of the virtual runtime always fall on nought. */
const RETRY = 100;

class Heard {
  readonly events: StreamEvent[] = [];
  readonly frames: string[] = [];
  private waiting: { readonly isDone: () => boolean; readonly done: () => void }[] = [];

  take(event: StreamEvent): void {
    this.events.push(event);
    for (const one of this.waiting) if (one.isDone()) one.done();
    this.waiting = this.waiting.filter(({ isDone }) => !isDone());
  }

  until(isDone: () => boolean): Promise<void> {
    return isDone() ? Promise.resolve() : new Promise((done) => this.waiting.push({ isDone, done }));
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}

test("the stream goes live, tells a fill, opens a gap when it is cut, and comes back with a wake", async (context) => {
  const runtime = new VirtualRuntime(NOW);
  const { clock, timers, random } = runtime;
  const { venue, server } = await openWorld(context, {}, { clock, stream: { timers, random } });
  const heard = new Heard();
  const handle = await venue.stream?.(
    (event) => heard.take(event),
    (frame) => heard.frames.push(frame),
  );
  context.after(() => handle?.close());
  assert.deepEqual(heard.kinds(), ["live"]);
  const { row } = execution(["linear", "USDT", "BTCUSDT"], "e1");
  server.stream.topic("execution", [{ ...row, category: "linear" }]);
  await heard.until(() => heard.kinds().includes("fill"));
  server.stream.cut();
  await heard.until(() => heard.kinds().includes("gap"));
  await runtime.advance(RETRY, () => Promise.resolve());
  await heard.until(() => heard.kinds().includes("wake"));
  assert.deepEqual(heard.kinds(), ["live", "fill", "gap", "live", "wake"]);
  const said = `${JSON.stringify(heard.events)}${heard.frames.join("")}`;
  assert.ok(!said.includes(server.key) && !said.includes(server.secret));
});

test("a server that answers no ping is left within half a minute", async (context) => {
  const runtime = new VirtualRuntime(NOW);
  const { clock, timers, random } = runtime;
  const { venue, server } = await openWorld(context, {}, { clock, stream: { timers, random } });
  const heard = new Heard();
  const handle = await venue.stream?.((event) => heard.take(event));
  context.after(() => handle?.close());
  server.stream.faults = { isDeaf: true };
  await runtime.advance(HEARTBEAT + ANSWER, () => Promise.resolve());
  await heard.until(() => heard.kinds().includes("gap"));
  const [gap] = heard.events.flatMap((event) => (event.kind === "gap" ? [event.reason] : []));
  assert.equal(gap, "Bybit's stream did not give a pong within 10 s");
});

test("a topic that is refused keeps the stream from going live", async (context) => {
  const { timers, random, clock } = new VirtualRuntime(NOW);
  const { venue, server } = await openWorld(context, {}, { clock, stream: { timers, random } });
  server.stream.faults = { refuses: "position" };
  await assert.rejects(
    venue.stream?.(() => undefined) ?? Promise.resolve(),
    /refuses position: topic is not allowed/,
  );
});
