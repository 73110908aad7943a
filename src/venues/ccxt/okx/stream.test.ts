// What a conversation on OKX's stream lets through: fills of what is read, and nothing that would be booked beside it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Step } from "../../wire/conversation.ts";
import type { InstType } from "./instruments.ts";
import { CHANNELS, protocolOf } from "./stream.ts";

const WORDS = {
  venue: "OKX",
  environment: "live",
  keyNames: { keyId: "KEY", secret: "SECRET" },
  timeoutMs: 1_000,
  secrets: [],
};

async function talk(instTypes: readonly InstType[], isLive = true) {
  const protocol = protocolOf({ url: "wss://okx.test", words: WORDS, instTypes, login: () => "{}" });
  const { conversation } = await protocol.begin();
  const say = (message: object): readonly Step[] => conversation.received(JSON.stringify(message));
  conversation.opened();
  say({ event: "login", code: "0" });
  if (isLive) for (const arg of CHANNELS) say({ event: "subscribe", arg });
  return say;
}

const ORDER = {
  ...{ ordId: "7", clOrdId: "", side: "buy", posSide: "net", ordType: "limit", sz: "2", px: "100" },
  ...{ state: "filled", accFillSz: "2", category: "normal", algoId: "", cTime: "1777042799000" },
  ...{
    tradeId: "11",
    fillSz: "2",
    fillPx: "100",
    fillTime: "1777042799000",
    fillFee: "0",
    fillFeeCcy: "USDT",
  },
};
const orders = (more: object) => ({
  arg: { channel: "orders", instType: "ANY" },
  data: [{ ...ORDER, ...more }],
});

function kindsOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) =>
    step.kind === "events" ? step.events.map(({ kind }) => kind) : [`step ${step.kind}`],
  );
}

const SWAP = { instType: "SWAP", instId: "BTC-USDT-SWAP" };
const SPOT = { instType: "SPOT", instId: "BTC-USDT" };

test("a fill of a kind that is not read is not told: nobody would see that its position is closed again", async () => {
  const say = await talk(["SWAP"]);
  assert.deepEqual(kindsOf(say(orders(SWAP))), ["fill", "order"]);
  assert.deepEqual(kindsOf(say(orders(SPOT))), []);
  const all = await talk(["SPOT", "SWAP"]);
  assert.deepEqual(kindsOf(all(orders(SPOT))), ["fill", "order"]);
});

test("a fill on margin is not one of coins, although its id is that of the spot pair", async () => {
  const say = await talk(["SPOT", "SWAP"]);
  assert.deepEqual(kindsOf(say(orders({ ...SPOT, instType: "MARGIN" }))), ["wake"]);
});

test("margin positions, which are told over and over, are no gap", async () => {
  const say = await talk(["SWAP"]);
  const positions = { arg: { channel: "positions", instType: "ANY" } };
  say({ ...positions, data: [] });
  const row = { ...SPOT, instType: "MARGIN", posSide: "net", pos: "1", mgnMode: "cross" };
  assert.deepEqual(kindsOf(say({ ...positions, data: [row] })), []);
});

test("a row of the snapshot that cannot be read does not keep the stream from becoming live", async () => {
  const say = await talk(["SWAP"], false);
  const odd = { instType: "SWAP", instId: "BTC-USD_UM-SWAP", posSide: "net", pos: "1", mgnMode: "cross" };
  const positions = { arg: { channel: "positions", instType: "ANY" }, data: [odd] };
  assert.deepEqual(kindsOf(say(positions)), []);
  assert.deepEqual(kindsOf(say(positions)), ["step lost"]);
});

test("a subscription that OKX ends because there are too many ends the connection", async () => {
  const say = await talk(["SWAP"]);
  const ended = say({ event: "channel-conn-count-error", channel: "orders", connCount: "30", connId: "a" });
  assert.deepEqual(kindsOf(ended), ["step end"]);
  assert.deepEqual(kindsOf(say({ event: "channel-conn-count", channel: "orders", connCount: "1" })), []);
});
