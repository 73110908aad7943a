// The real engine on the local Bybit, where an account is not one list: coins that came another way than by their own
// pair, money that only the log tells, options that end without an execution, and a settle coin that fails.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { balanceTotal, POLICY_DEFAULT, positionKey, positionQty } from "../../../src/core/index.ts";
import type { Session } from "../../../src/engine/index.ts";
import { VirtualRuntime } from "../../../src/sim/index.ts";
import { engineOn } from "../../support/engine-on.ts";
import { type AccountState, coin, execution, logRow, NOW, pair, position } from "./rows.ts";
import { type BybitServer, failure } from "./server.ts";
import { openWorld } from "./support.ts";

const INTERVAL = POLICY_DEFAULT.intervalMs;

interface Running {
  readonly server: BybitServer;
  readonly session: Session;
  readonly runtime: VirtualRuntime;
}

async function run(context: TestContext, stated: Partial<AccountState>): Promise<Running> {
  const runtime = new VirtualRuntime(NOW);
  const { venue, server } = await openWorld(context, stated, { clock: runtime.clock });
  server.nowMs = () => runtime.clock.nowMs();
  const session = await engineOn(context, { venue, runtime });
  const running = { server, session, runtime };
  await intervals(running, 2);
  return running;
}

async function intervals({ runtime, session }: Running, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await runtime.advance(INTERVAL, () => session.whenIdle());
}

function held({ session: { book } }: Running, instrument: string): string {
  return positionQty(book, positionKey(instrument, "net"));
}

function open({ session: { book } }: Running): string[] {
  return [...book.discrepancies.values()].map(({ kind, subject }) => `${kind} ${JSON.stringify(subject)}`);
}

/** What an unexplained repair would leave in the book. */
function estimates({ session: { book } }: Running): number {
  return [...book.ledgers.values()]
    .flatMap(({ entries }) => entries)
    .filter(({ source }) => source === "adjustment").length;
}

function now({ runtime }: Running): string {
  return String(runtime.clock.nowMs() - 1_000);
}

test("coins bought in their own pair and in another one are one position, without an estimate", async (context) => {
  const running = await run(context, {
    instruments: [pair("BTCUSDT", "BTC", "USDT"), pair("BTCUSDC", "BTC", "USDC")],
    coins: [coin("USDT", "10000"), coin("USDC", "10000"), coin("BTC", "0.2")],
  });
  assert.equal(held(running, "BTC/USDT"), "0.2");
  const { state } = running.server;
  const at = { execTime: now(running), execFee: "0", orderId: "" };
  const log = { transactionTime: now(running), size: "" };
  state.executions.push(
    execution(["spot", "", "BTCUSDT"], "own", { ...at, execQty: "0.1", execPrice: "60000" }),
    execution(["spot", "", "BTCUSDC"], "other", { ...at, execQty: "0.05", execPrice: "60000" }),
  );
  state.log.push(
    logRow("spot", "TRADE", { ...log, tradeId: "own", currency: "BTC", change: "0.1" }),
    logRow("spot", "TRADE", { ...log, tradeId: "own", currency: "USDT", change: "-6000" }),
    logRow("spot", "TRADE", { ...log, tradeId: "other", symbol: "BTCUSDC", currency: "BTC", change: "0.05" }),
    logRow("spot", "TRADE", {
      ...log,
      tradeId: "other",
      symbol: "BTCUSDC",
      currency: "USDC",
      change: "-3000",
    }),
  );
  state.coins = [coin("USDT", "4000"), coin("USDC", "7000"), coin("BTC", "0.35")];
  await intervals(running, 4);
  assert.deepEqual(
    [held(running, "BTC/USDT"), held(running, "BTC/USDC"), open(running), estimates(running)],
    ["0.35", "0", [], 0],
  );
  const entries = running.session.book.ledgers.get(positionKey("BTC/USDC", "net"))?.entries ?? [];
  assert.deepEqual(
    entries.map(({ source, qtyDelta }) => [source, qtyDelta]),
    [
      ["fill", "0.05"],
      ["ledger", "-0.05"],
    ],
  );
});

test("a coin that is transferred in is explained, and one that pays a fee too", async (context) => {
  const running = await run(context, {
    coins: [coin("USDT", "10000"), coin("BTC", "0.2"), coin("MNT", "50")],
  });
  const { state } = running.server;
  const log = { transactionTime: now(running), symbol: "", category: "" };
  state.log.push(
    logRow("", "TRANSFER_IN", { ...log, id: "t", currency: "BTC", change: "0.3" }),
    logRow("", "INTEREST", { ...log, id: "i", currency: "MNT", change: "-1.5" }),
  );
  state.coins = [coin("USDT", "10000"), coin("BTC", "0.5"), coin("MNT", "48.5")];
  await intervals(running, 4);
  assert.deepEqual(
    [held(running, "BTC/USDT"), held(running, "MNT/USDT"), open(running), estimates(running)],
    ["0.5", "48.5", [], 0],
  );
});

test("what an inverse contract pays comes from the log, and its coin stays one position", async (context) => {
  const inverse = ["inverse", "BTC", "BTCUSD"] as const;
  const running = await run(context, {
    coins: [coin("BTC", "1")],
    positions: [position(inverse, "Buy", "300")],
  });
  const { state } = running.server;
  const at = { execTime: now(running), orderId: "", closedSize: "300" };
  state.executions.push(
    execution(inverse, "close", {
      ...at,
      side: "Sell",
      execQty: "300",
      execPrice: "61000",
      execFee: "0.00001",
    }),
  );
  const trade = { symbol: "BTCUSD", currency: "BTC", tradeId: "close", cashFlow: "0.0002", fee: "0.00001" };
  state.log.push(
    logRow("inverse", "TRADE", { ...trade, change: "0.00019", size: "0", transactionTime: now(running) }),
  );
  state.positions = [];
  state.coins = [coin("BTC", "1.00019")];
  await intervals(running, 4);
  const balance = running.session.book.balances.get("BTC");
  assert.deepEqual(
    [held(running, "BTC/USD:BTC"), held(running, "BTC/USDT"), open(running), estimates(running)],
    ["0", "1.00019", [], 0],
  );
  assert.deepEqual([balance && balanceTotal(balance), balance?.unexplained], ["1.00019", []]);
});

test("an option that ended is flat by the log's word, and by no silence", async (context) => {
  const option = ["option", "USDC", "BTC-24APR26-90000-C"] as const;
  const name = "BTC/USDC:USDC-260424-90000-C";
  const running = await run(context, {
    coins: [coin("USDC", "1000")],
    positions: [position(option, "Buy", "1", { avgPrice: "20" })],
  });
  const { state } = running.server;
  state.positions = [];
  running.server.setFault("/v5/position/list", (good, query) =>
    query.get("symbol") === null ? good() : failure(10001, "symbol invalid"),
  );
  await intervals(running, 4);
  assert.equal(held(running, name), "1", "an empty list alone closes nothing");
  const over = { symbol: "BTC-24APR26-90000-C", currency: "USDC", size: "0", transactionTime: now(running) };
  state.log.push(logRow("option", "DELIVERY", { ...over, id: "d", change: "35" }));
  state.coins = [coin("USDC", "1035")];
  await intervals(running, 5);
  assert.deepEqual([held(running, name), open(running)], ["0", []]);
});

test("a settle coin that is not answered closes nothing that is settled in it", async (context) => {
  const running = await run(context, {
    positions: [
      position(["linear", "USDT", "BTCUSDT"], "Buy", "0.5"),
      position(["linear", "USDC", "BTCPERP"], "Sell", "0.2"),
    ],
  });
  running.server.setFault("/v5/position/list", (good, query) =>
    query.get("settleCoin") === "USDC" || query.get("symbol") !== null
      ? failure(10016, "Server error.")
      : good(),
  );
  await intervals(running, 6);
  assert.deepEqual([held(running, "BTC/USDC:USDC"), held(running, "BTC/USDT:USDT")], ["-0.2", "0.5"]);
});
