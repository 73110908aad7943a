// GET /v1/events: a stream for each reader, of the accounts that it asked for, with bounds, ended when the API ends.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createApi, type EventSource } from "../../src/api/index.ts";
import { SILENT } from "../../src/runtime/index.ts";
import { hostOf } from "../support/host.ts";
import { TestWorld } from "../support/world.ts";

const TOKEN = "tru_0123456789abcdef0123456789abcdef0123456789a";
type Listener = Parameters<EventSource>[0];

async function open(t: TestContext) {
  const listeners = new Set<Listener>();
  const events: EventSource = (listener) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      for (const resolve of left.splice(0)) resolve();
    };
  };
  const left: (() => void)[] = [];
  const world = new TestWorld();
  const hosts = [hostOf(world, "one"), hostOf(world, "two")];
  const app = createApi({ hosts, token: TOKEN, log: SILENT, nowMs: () => 1_000, version: "0", events });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  t.after(() => app.close());
  const read = (query = "", token = TOKEN) =>
    fetch(`${url}/v1/events${query}`, { headers: { authorization: `Bearer ${token}` } });
  const publish = (event: { account: string; kind: string }) => {
    for (const listener of listeners) listener(event);
  };
  const whenLeft = () => new Promise<void>((resolve) => left.push(resolve));
  return { app, read, publish, listeners, whenLeft };
}

async function firstEvent(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const part of response.body ?? []) {
    text += decoder.decode(part);
    const found = /data: (.+)\n\n/.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`the stream ended without an event: ${text}`);
}

test("a reader hears of the account that it asked for, and of no other", async (t) => {
  const { read, publish } = await open(t);
  const response = await read("?account=two");
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  publish({ account: "one", kind: "pass" });
  publish({ account: "two", kind: "pass" });
  assert.equal(await firstEvent(response), '{"account":"two","kind":"pass"}');
});

test("a reader that leaves is forgotten", async (t) => {
  const { read, listeners, whenLeft } = await open(t);
  const response = await read();
  assert.equal(listeners.size, 1);
  const left = whenLeft();
  await response.body?.cancel();
  await left;
  assert.equal(listeners.size, 0);
});

test("who has no token, or asks for an account that is not there, gets no stream", async (t) => {
  const { read, listeners } = await open(t);
  assert.equal((await read("", "wrong")).status, 401);
  assert.equal((await read("?account=three")).status, 404);
  assert.equal((await read("?acount=one")).status, 422);
  assert.equal(listeners.size, 0);
});

test("the thirty-third reader is refused with its reason, and may come when another has left", async (t) => {
  const { read, whenLeft } = await open(t);
  const readers = await Promise.all(Array.from({ length: 32 }, () => read()));
  const refused = await read();
  assert.equal(refused.status, 503);
  assert.equal(((await refused.json()) as { error: { code: string } }).error.code, "too_many_streams");
  const left = whenLeft();
  await readers[0]?.body?.cancel();
  await left;
  assert.equal((await read()).status, 200);
});

test("the API ends although readers are connected, and their streams end with it", async (t) => {
  const { app, read } = await open(t);
  const response = await read();
  await app.close();
  assert.equal(await response.text(), ": connected\n\n");
});
