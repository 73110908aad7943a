// Inverse contracts as Bybit states them: averages, worths and results of its documented rows come out of our own sums, to the
// digits that it writes; and the real engine on the local Bybit finds the same average after several fills.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  abs,
  compare,
  type Decimal,
  decimal,
  historyViews,
  POLICY_DEFAULT,
  positionKey,
  positionView,
  subtract,
} from "../../../src/core/index.ts";
import type { Entry } from "../../../src/core/ledger/entry.ts";
import { emptyLedger, entryPriceOf, insertEntry, type Ledger } from "../../../src/core/ledger/ledger.ts";
import { termsOf } from "../../../src/core/ledger/worth.ts";
import { Session } from "../../../src/engine/index.ts";
import { MemoryJournal } from "../../../src/journal/memory/index.ts";
import { SILENT } from "../../../src/runtime/index.ts";
import { VirtualRuntime } from "../../../src/sim/index.ts";
import { specOf } from "../../../src/venues/bybit/instruments.ts";
import { contractOf } from "../../../src/venues/bybit/symbols.ts";
import { coin, execution, logRow, NOW, position } from "./rows.ts";
import { openWorld } from "./support.ts";

const BTCUSD = ["inverse", "BTC", "BTCUSD"] as const;

function traded(...trades: readonly (readonly [qty: string, price: string])[]): Ledger {
  const contract = contractOf("inverse", "BTCUSD");
  assert.ok(contract);
  const ledger = emptyLedger(termsOf(specOf(contract)));
  for (const [index, [qty, price]] of trades.entries()) {
    const entry: Entry = {
      ...{ id: `F${index}`, source: "fill", timestamp: index, venueSeq: 0, strategy: "a", isEstimate: false },
      ...{ cause: null, orderKey: null, qtyDelta: decimal(qty), price: decimal(price), value: null },
    };
    insertEntry(ledger, entry);
  }
  return ledger;
}

/** Equal to the last digit that Bybit wrote. */
function isStated(value: Decimal | null | undefined, stated: string): void {
  const half = decimal(`5e-${(stated.split(".")[1] ?? "").length + 1}`);
  assert.ok(
    value != null && compare(abs(subtract(value, decimal(stated))), half) <= 0,
    `${value} is not ${stated}`,
  );
}

// https://www.bybit.com/en/help-center/article?id=000001113 (read 2026-11)
test("the average entry price is the one of Bybit's own example", () => {
  const ledger = traded(["50", "10000"], ["50", "15000"]);
  isStated(ledger.holding.cost, "0.00833333");
  isStated(entryPriceOf(ledger), "12000.0000");
});

// https://bybit-exchange.github.io/docs/v5/position (read 2026-11): 300 sold at 27464.50441675, the mark at 28224.50
test("what a documented position is worth, and its result at the mark price, are what Bybit states", () => {
  isStated(traded(["-300", "27464.50441675"]).holding.cost, "0.01092319");
  // Bybit takes the rounded worths' difference.
  const atMark = traded(["-300", "27464.50441675"], ["300", "28224.50"]).realizedPnl;
  assert.ok(compare(abs(subtract(atMark, decimal("-0.00029413"))), decimal("0.00000001")) <= 0, atMark);
});

// "closed-pnl/list" of Bybit's API v2 (github.com/bybit-exchange/bybit-official-api-docs, read 2026-11): 113 of 226 bought at
// 1600 and sold at 1707; taken at 0.075%, and made at -0.025%.
test("a documented closed result is ours less the fees of both its trades", () => {
  const { lives, realizedPnl } = traded(["113", "1600"], ["-113", "1707"]);
  isStated(lives[0]?.openedValue, "0.070625");
  isStated(lives[0]?.closedValue, "0.066198");
  const fees = 0.066198 * 0.00075 - 0.070625 * 0.00025;
  assert.ok(Math.abs(Number(realizedPnl) - fees - 0.004395) < 5e-9, realizedPnl);
});

test("several fills of an inverse contract cost what Bybit says, and close with a result in the coin", async (context) => {
  const runtime = new VirtualRuntime(NOW);
  const { venue, server } = await openWorld(context, { coins: [coin("BTC", "1")] }, { clock: runtime.clock });
  server.nowMs = () => runtime.clock.nowMs();
  const session = await Session.open({
    ...{ account: "test", journal: new MemoryJournal(), venue, mirrors: [] },
    ...{ policy: POLICY_DEFAULT, positionMode: "net", runtime, log: SILENT },
  });
  context.after(() => session.stop());
  await session.start({ bootPass: true, timers: true });
  const intervals = async (count: number) => {
    for (let done = 0; done < count; done += 1) {
      await runtime.advance(POLICY_DEFAULT.intervalMs, () => session.whenIdle());
    }
  };
  const trade = (id: string, side: "Buy" | "Sell", execQty: string, execPrice: string) => {
    const execTime = String(runtime.clock.nowMs() - 1_000);
    const row = { side, execQty, execPrice, execTime, orderId: "", execFee: "0" };
    server.state.executions.push(execution(BTCUSD, id, row));
  };
  await intervals(2);
  trade("a", "Buy", "50", "10000");
  await intervals(1);
  trade("b", "Buy", "50", "15000");
  server.state.positions = [position(BTCUSD, "Buy", "100", { avgPrice: "12000" })];
  await intervals(3);
  const { book } = session;
  const key = positionKey("BTC/USD:BTC", "net");
  const held = positionView(book, key);
  isStated(held?.entryPrice, "12000.0000");
  isStated(held?.costBasis, "0.00833333");
  assert.deepEqual(
    [...book.discrepancies.values()].map(({ kind }) => kind),
    [],
  );
  trade("c", "Sell", "100", "20000");
  const log = { symbol: "BTCUSD", currency: "BTC", tradeId: "c", cashFlow: "0.00333333", size: "0" };
  const transactionTime = String(runtime.clock.nowMs() - 1_000);
  server.state.log.push(
    logRow("inverse", "TRADE", { ...log, fee: "0", change: "0.00333333", transactionTime }),
  );
  server.state.positions = [];
  server.state.coins = [coin("BTC", "1.00333333")];
  await intervals(4);
  const [life] = historyViews(book, key);
  isStated(life?.realizedPnl, "0.00333333");
  isStated(life?.entryPrice, "12000.0000");
  assert.equal(life?.exitPrice, "20000");
  assert.deepEqual(
    [...book.discrepancies.values()].map(({ kind }) => kind),
    [],
  );
});
