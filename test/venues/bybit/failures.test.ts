// What a person is told when Bybit does not answer as it should, and that no key is in it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualRuntime } from "../../../src/sim/index.ts";
import { openBybit } from "../../../src/venues/bybit/index.ts";
import type { Venue } from "../../../src/venues/index.ts";
import { VenueError } from "../../../src/venues/index.ts";
import { failure, type Wire } from "./server.ts";
import { openWorld, standing } from "./support.ts";

async function problemOf(venue: Venue): Promise<string> {
  return (await venue.snapshot()).balances?.problem ?? "";
}

test("refused keys, a wrong clock and a full rate are told as that, with what to do", async (context) => {
  const { venue, server } = await openWorld(context);
  const cases: [number, RegExp][] = [
    [10003, /^Bybit refused the keys \(code 10003.*BYBIT_API_KEY and BYBIT_API_SECRET.*testnet/],
    [10010, /^Bybit refused the keys \(code 10010/],
    [10002, /this machine's clock must be within 5 s behind and 1 s ahead/],
    [10016, /were answered with code 10016 \(no\); expected 0/],
  ];
  for (const [code, expected] of cases) {
    server.setFault("/v5/account/wallet-balance", () => failure(code, "no"));
    assert.match(await problemOf(venue), expected);
  }
});

test("no key, secret or signature is in any problem, outcome or raw answer", async (context) => {
  const { venue, server } = await openWorld(context);
  const canaries = [server.key, server.secret];
  const told = `origin_string[1700000000000${server.key}5000] sign ${server.secret}`;
  for (const path of [
    "/v5/account/wallet-balance",
    "/v5/position/list",
    "/v5/order/create",
    "/v5/order/realtime",
  ]) {
    server.setFault(path, () => failure(10004, told));
  }
  const words = [
    JSON.stringify(await venue.snapshot()),
    JSON.stringify(await venue.raw?.("positions", 0)),
    JSON.stringify(await venue.checkup?.()),
    JSON.stringify(
      await venue.submit?.({
        ...{ instrument: "BTC/USDT:USDT", clientOrderId: "a", leg: "net", side: "buy", type: "market" },
        ...{ qty: "1" as never, timeInForce: "ioc", reduceOnly: false },
      }),
    ),
  ].join("\n");
  assert.match(words, /\*\*\*/);
  for (const canary of canaries) assert.ok(!words.includes(canary), canary);
});

test("a read is tried once more after HTTP 5xx and a reset, and not after a refusal", async (context) => {
  const { venue, server } = await openWorld(context, {}, { timing: { timeoutMs: 30_000, retries: 1 } });
  const askedWith = async (wire: Wire) => {
    let asked = 0;
    server.setFault("/v5/account/wallet-balance", () => {
      asked += 1;
      return wire;
    });
    await venue.snapshot();
    return asked;
  };
  assert.equal(await askedWith({ status: 503, text: "" }), 2);
  assert.equal(await askedWith("reset"), 2);
  assert.equal(await askedWith({ status: 401, text: "" }), 1);
  assert.equal(await askedWith(failure(10016, "Server error.")), 1);
});

test("after HTTP 403 nothing more goes out for ten minutes", async (context) => {
  const { venue, server } = await openWorld(context);
  server.setFault("/v5/account/wallet-balance", () => ({ status: 403, text: "access too frequent" }));
  await venue.snapshot();
  const asked = server.requests.length;
  assert.match(await problemOf(venue), /not asked for: rate limited: the venue has banned/);
  assert.equal(server.requests.length, asked);
  assert.equal(venue.rateLeft?.(), 0);
});

test("keys go nowhere but to an encrypted address or this machine, and missing ones are named", async () => {
  const open = (more: object) =>
    openBybit({
      ...{ key: "k", secret: "s", environment: "live", fetch, clock: standing() },
      ...{ timers: { after: () => () => undefined, soon: () => undefined } },
      ...more,
    });
  const isConfig = (error: unknown) => error instanceof VenueError && error.code === "venue_config";
  await assert.rejects(open({ baseUrl: "http://api.bybit.com" }), isConfig);
  await assert.rejects(open({ baseUrl: "https://api.bybit.com/v5" }), isConfig);
  await assert.rejects(
    open({
      wsUrl: "ws://stream.bybit.com/v5/private",
      stream: new VirtualRuntime(0),
    }),
    isConfig,
  );
  await assert.rejects(open({ secret: " " }), /set BYBIT_API_KEY and BYBIT_API_SECRET/);
  assert.equal((await open({})).name, "bybit");
});

test("the raw answers of a section are as they came, with their requests", async (context) => {
  const { venue } = await openWorld(context);
  const answers = await venue.raw?.("orders", 0);
  assert.deepEqual(answers?.map(({ request, status }) => [request.replace(/&.*/, ""), status]).sort(), [
    ["GET /v5/order/realtime?category=inverse", 200],
    ["GET /v5/order/realtime?category=linear", 200],
    ["GET /v5/order/realtime?category=linear", 200],
    ["GET /v5/order/realtime?category=option", 200],
    ["GET /v5/order/realtime?category=spot", 200],
  ]);
  assert.ok(answers?.every(({ body }) => body.includes('"retCode":0')));
});
