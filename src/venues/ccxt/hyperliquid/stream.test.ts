// What a conversation on Hyperliquid's stream lets through: when it is live, and fills of what is read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentOf } from "../../../core/index.ts";
import type { Step } from "../../wire/conversation.ts";
import type { Coins } from "./coins.ts";
import { protocolOf, SUBSCRIPTIONS } from "./stream.ts";

const USER = "0x1111111111111111111111111111111111111111";
const COIN = { name: "PURR/USDC", isSpot: true, dex: "", instrument: instrumentOf("PURR/USDC") };
const COINS: Coins = {
  of: (name) => (name === COIN.name ? COIN : undefined),
  bySymbol: (symbol) => (symbol === COIN.instrument.symbol ? COIN : undefined),
  settleOf: () => "USDC",
};

async function talk(hasSpot: boolean) {
  const parts = { url: "wss://hyperliquid.test", user: USER, coins: () => COINS, hasSwap: true, hasSpot };
  const { conversation } = await protocolOf(parts).begin();
  conversation.opened();
  return (message: object): readonly Step[] => conversation.received(JSON.stringify(message));
}

const FILL = {
  ...{ coin: "PURR/USDC", px: "1", sz: "2", side: "B", time: 1704262888911, startPosition: "0", dir: "Buy" },
  ...{ hash: "0x01", oid: 39, crossed: true, fee: "0", feeToken: "USDC", tid: 128423918764978 },
};

function fills(one: object, isSnapshot?: true): object {
  return { channel: "userFills", data: { user: USER, fills: [one], ...(isSnapshot && { isSnapshot }) } };
}

function acknowledgements(): object[] {
  return SUBSCRIPTIONS.map((type) => ({
    channel: "subscriptionResponse",
    data: { method: "subscribe", subscription: { type, user: USER } },
  }));
}

test("an old fill of a coin that is gone does not keep the stream from becoming live", async () => {
  const say = await talk(true);
  assert.deepEqual(say(fills({ ...FILL, coin: "#10" }, true)), []);
  const told = acknowledgements().flatMap((one) => say(one));
  assert.deepEqual(told, [{ kind: "live" }]);
  const [step] = say(fills({ ...FILL, coin: "#10" }));
  assert.equal(step?.kind, "lost", "a new one may be a fill of ours");
});

test("a fill on spot is not told where the account is read for perpetuals", async () => {
  const all = await talk(true);
  const [step] = all(fills(FILL));
  assert.deepEqual(step?.kind === "events" && step.events.map(({ kind }) => kind), ["fill"]);
  const swaps = await talk(false);
  assert.deepEqual(swaps(fills(FILL)), []);
});
