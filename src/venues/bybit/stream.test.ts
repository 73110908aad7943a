// What is said on Bybit's private stream, message by message: nothing is live before every topic is acknowledged, and
// nothing that may have been a fill passes unseen. Messages are as documented, with invented ids.
// @see https://bybit-exchange.github.io/docs/v5/ws/connect (read 2026-11)
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Conversation, Step } from "../wire/conversation.ts";
import { RULES } from "./instruments.ts";
import { LegMemory } from "./legs.ts";
import { SpotFilters } from "./spot-filters.ts";
import { protocolOf } from "./stream.ts";

const WORDS = {
  venue: "Bybit",
  environment: "testnet",
  keyNames: { keyId: "BYBIT_API_KEY", secret: "BYBIT_API_SECRET" },
  timeoutMs: 6_000,
  secrets: ["canary-key", "canary-secret"],
};

async function begin(filters = new SpotFilters()): Promise<Conversation> {
  const protocol = protocolOf({
    url: "wss://127.0.0.1/v5/private",
    key: "canary-key",
    sign: async (text) => `signed(${text})`,
    words: WORDS,
    clock: { nowMs: () => 1_000, monotonicMs: () => 0 },
    names: RULES,
    legs: new LegMemory(),
    filters,
  });
  const { conversation, secrets } = await protocol.begin();
  assert.deepEqual(secrets, ["signed(GET/realtime31000)"]);
  return conversation;
}

function say(conversation: Conversation, message: unknown): readonly Step[] {
  return conversation.received(typeof message === "string" ? message : JSON.stringify(message));
}

const AUTHORIZED = { success: true, ret_msg: "", op: "auth", conn_id: "c" };
const acknowledged = (topic?: string) => ({
  ...{ success: true, ret_msg: "", op: "subscribe", conn_id: "c" },
  ...(topic !== undefined && { req_id: topic }),
});
const TOPICS = ["order", "execution", "position", "wallet"];

async function live(): Promise<Conversation> {
  const conversation = await begin();
  conversation.opened();
  for (const message of [AUTHORIZED, ...TOPICS.map((topic) => acknowledged(topic))])
    say(conversation, message);
  return conversation;
}

test("the signature is of a moment ahead, and the topics are asked for when the keys are accepted", async () => {
  const conversation = await begin();
  const [auth] = conversation.opened();
  assert.deepEqual(auth?.kind === "send" && JSON.parse(auth.text), {
    op: "auth",
    args: ["canary-key", 31_000, "signed(GET/realtime31000)"],
  });
  const asked = say(conversation, AUTHORIZED);
  assert.deepEqual(
    asked.map((step) => step.kind === "send" && JSON.parse(step.text)),
    TOPICS.map((topic) => ({ req_id: topic, op: "subscribe", args: [topic] })),
  );
});

test("it is live when the last topic is acknowledged, by name or without one, and not before", async () => {
  for (const named of [true, false]) {
    const conversation = await begin();
    say(conversation, AUTHORIZED);
    const steps = TOPICS.map((topic) => say(conversation, acknowledged(named ? topic : undefined)));
    assert.deepEqual(steps, [[], [], [], [{ kind: "live" }]]);
  }
  const twice = await begin();
  say(twice, AUTHORIZED);
  const same = TOPICS.map(() => say(twice, acknowledged("order")));
  assert.deepEqual(same, [[], [], [], []], "one topic acknowledged four times is one topic");
});

test("refused keys and refused topics end the connection, without the keys", async () => {
  const first = await begin();
  const [end] = say(first, { success: false, ret_msg: "Params Error canary-key", op: "auth" });
  assert.ok(end?.kind === "end");
  assert.match(
    end.reason,
    /^Bybit refused the keys on the stream \(Params Error \*\*\*\): check that BYBIT_API_KEY/,
  );
  const second = await begin();
  say(second, AUTHORIZED);
  const [refused] = say(second, { success: false, ret_msg: "no", op: "subscribe", req_id: "wallet" });
  assert.deepEqual(refused, { kind: "end", reason: "Bybit's stream refuses wallet: no" });
});

test("a ping has an id and must be answered, in either form of the answer", async () => {
  const conversation = await live();
  const [ping] = conversation.heartbeat();
  assert.deepEqual(ping, { kind: "send", text: '{"req_id":"1","op":"ping"}', expects: "a pong" });
  const pongs = [
    { req_id: "1", op: "pong", args: ["1675418560633"], conn_id: "c" },
    { success: true, ret_msg: "pong", op: "ping", conn_id: "c" },
  ];
  for (const pong of pongs) assert.deepEqual(say(conversation, pong), [{ kind: "answered" }]);
});

const EXECUTION = {
  ...{
    category: "linear",
    symbol: "BTCUSDT",
    execId: "e1",
    orderId: "o1",
    orderLinkId: "mine",
    side: "Sell",
  },
  ...{ execType: "Trade", execPrice: "60000", execQty: "0.5", execFee: "16.5", execTime: "1777042800000" },
  ...{ isMaker: false, feeCurrency: "USDT", closedSize: "0.5", leavesQty: "0", seq: 140612148849382 },
};
const topic = (name: string, ...data: readonly unknown[]) => ({
  topic: name,
  id: "1",
  creationTime: 1,
  data,
});

test("an execution is a fill under the id that the history has; funding only wakes", async () => {
  const conversation = await live();
  const [step] = say(conversation, topic("execution", EXECUTION, { ...EXECUTION, execType: "Funding" }));
  assert.deepEqual(step?.kind === "events" && step.events, [
    {
      kind: "fill",
      fill: {
        ...{
          instrument: "BTC/USDT:USDT",
          tradeId: "e1",
          venueOrderId: "o1",
          clientOrderId: "mine",
          side: "sell",
        },
        ...{ qty: "0.5", price: "60000", fee: "16.5", feeCurrency: "USDT", timestamp: 1_777_042_800_000 },
        venueSeq: 140_612_148_849_382,
      },
    },
    { kind: "wake", reason: "funding of BTC/USDT:USDT" },
  ]);
});

test("a position is absolute, with the cause where Bybit closes it, and tells the leg of later fills", async () => {
  const conversation = await live();
  const row = {
    ...{ category: "linear", symbol: "BTCUSDT", positionIdx: 1, side: "Buy", size: "2", entryPrice: "60000" },
    ...{ positionStatus: "Liq", updatedTime: "1777042800000" },
  };
  const [step] = say(conversation, topic("position", row));
  assert.deepEqual(step?.kind === "events" && step.events, [
    {
      kind: "position",
      position: {
        ...{ instrument: "BTC/USDT:USDT", leg: "long", qty: "2", entryPrice: "60000", entryPriceScale: 0 },
        updatedAt: 1_777_042_800_000,
      },
      cause: "liquidation",
    },
  ]);
  const [fills] = say(conversation, topic("execution", EXECUTION));
  const [event] = fills?.kind === "events" ? fills.events : [];
  assert.equal(event?.kind === "fill" && event.fill.leg, "long");
});

test("the second Filled of a cancel that came too late is the same order once more", async () => {
  const conversation = await live();
  const order = {
    ...{ category: "linear", symbol: "BTCUSDT", orderId: "o1", side: "Buy", orderType: "Limit", price: "5" },
    ...{ qty: "1", cumExecQty: "1", avgPrice: "5", orderStatus: "Filled", rejectReason: "EC_NoError" },
  };
  const late = { ...order, cancelType: "CancelByUser", rejectReason: "EC_OrigClOrdIDDoesNotExist" };
  const [step] = say(conversation, topic("order", order, late));
  const events = step?.kind === "events" ? step.events : [];
  assert.deepEqual(
    events.map((event) => event.kind === "order" && [event.order.venueOrderId, event.order.status]),
    [
      ["o1", "filled"],
      ["o1", "filled"],
    ],
  );
});

test("what cannot be read may have been a fill: a gap, and live again; other trouble wakes a pass", async () => {
  const conversation = await live();
  const lost: unknown[] = ["{nonsense", "[]", { topic: "execution", data: {} }];
  for (const one of lost) assert.equal(say(conversation, one)[0]?.kind, "lost", JSON.stringify(one));
  const kindsOf = (message: unknown) => {
    const [step] = say(conversation, message);
    return step?.kind === "events" ? step.events.map(({ kind }) => kind) : step?.kind;
  };
  assert.deepEqual(kindsOf(topic("execution", { ...EXECUTION, execType: "Teleport" })), ["gap", "live"]);
  assert.deepEqual(kindsOf(topic("execution", { ...EXECUTION, symbol: "?" })), ["gap", "live"]);
  assert.deepEqual(kindsOf(topic("position", { symbol: "?" })), ["wake"]);
  assert.deepEqual(kindsOf(topic("brand.new", {})), ["wake"]);
  assert.deepEqual(kindsOf({ op: "unknown-op" }), ["wake"]);
});

test("what comes before the keys are accepted is nothing of the account", async () => {
  const conversation = await begin();
  conversation.opened();
  assert.deepEqual(say(conversation, topic("execution", EXECUTION)), []);
});

test("an order on spot tells whether it is a conditional one", async () => {
  const filters = new SpotFilters();
  const conversation = await begin(filters);
  say(conversation, AUTHORIZED);
  const order = {
    category: "spot",
    symbol: "BTCUSDT",
    orderId: "o1",
    orderLinkId: "mine",
    stopOrderType: "Stop",
  };
  say(conversation, topic("order", { ...order, orderStatus: "Untriggered" }));
  assert.equal(filters.of("o1"), "StopOrder");
  say(conversation, topic("order", { ...order, orderStatus: "New" }));
  assert.equal(filters.of(undefined, "mine"), "Order");
});
