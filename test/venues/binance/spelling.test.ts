// A bot's file that spells symbols as Binance does, beside an account whose instruments have ccxt's names.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { World } from "../../../src/conformance/world.ts";
import { decimal, POLICY_DEFAULT } from "../../../src/core/index.ts";
import type { JsonFileOptions } from "../../../src/mirrors/json-file/index.ts";
import { engineOn } from "../../support/engine-on.ts";
import { MemoryFiles } from "../../support/memory-files.ts";
import { jsonMirror } from "../../support/mirror-change.ts";
import { openOn, USDM_BENCH } from "./bench.ts";

/** No pings: a virtual clock that runs through passes does not wait for the pongs of a real socket. */
const QUIET = { heartbeatMs: 10 * 24 * 3_600_000 };
const BENCH = {
  ...USDM_BENCH,
  open: (parts: Parameters<typeof USDM_BENCH.open>[0]) => openOn(parts, "usdm", "net", QUIET),
};
const BTC = "BTC/USDT:USDT";
const ETH = "ETH/USDT:USDT";

interface Given {
  readonly file: Record<string, { qty: string }>;
  readonly held: readonly string[];
  readonly options?: Partial<JsonFileOptions>;
}

async function start(t: TestContext, { file, held, options }: Given) {
  const world = await World.open(t, BENCH);
  for (const instrument of held) {
    world.model.trade({ instrument, side: "buy", qty: world.model.of(instrument).lot });
  }
  const files = new MemoryFiles();
  files.install("bot.json", JSON.stringify(file));
  const named = world.venue.named?.bind(world.venue);
  assert.ok(named, "the venue knows spellings");
  const session = await engineOn(t, {
    venue: world.venue,
    runtime: world.runtime,
    mirrors: [jsonMirror(files, { fields: { quantity: "qty" }, named, ...options })],
  });
  for (let pass = 0; pass < 8; pass += 1) {
    await world.runtime.advance(POLICY_DEFAULT.intervalMs, () => session.whenIdle());
  }
  const report = await session.pass("test", false);
  const rows = JSON.parse(files.read("bot.json")?.text ?? "") as Record<string, { qty: string }>;
  return { world, session, rows, report };
}

describe("a bot's file that says BTCUSDT", () => {
  test("is in sync with an account that holds BTC/USDT:USDT, and is not touched", async (t) => {
    const file = { BTCUSDT: { qty: "0.01" }, "eth-usdt": { qty: "0.2" } };
    const { session, rows } = await start(t, { file, held: [BTC, ETH], options: { mayAdd: true } });
    assert.deepEqual(rows, file);
    assert.deepEqual([...session.book.discrepancies.values()], []);
  });

  test("loses a phantom, and keeps the row of what is held", async (t) => {
    const file = { BTCUSDT: { qty: "0.01" }, ETHUSDT: { qty: "0.2" } };
    const { rows } = await start(t, { file, held: [BTC] });
    assert.deepEqual(rows, { BTCUSDT: { qty: "0.01" } });
  });

  test("gets a missing row in its own spelling", async (t) => {
    const { rows } = await start(t, {
      file: { BTCUSDT: { qty: "0.01" } },
      held: [BTC, ETH],
      options: { mayAdd: true },
    });
    assert.deepEqual(rows, { BTCUSDT: { qty: "0.01" }, ETHUSDT: { qty: "0.2" } });
  });
});

test("a row that no instrument is spelled like is neither proven flat nor doubled by an added one", async (t) => {
  const file = { XBTUSDTM: { qty: "0.01" } };
  const { rows, session } = await start(t, { file, held: [BTC, ETH], options: { mayAdd: true } });
  assert.deepEqual(rows, file);
  const [refused] = [...session.book.discrepancies.values()].filter(
    (one) => one.subject.type === "position" && one.subject.instrument === "XBTUSDTM",
  );
  assert.equal(refused?.stage, "refused");
});

test("a row that may mean two instruments is refused; what neither of them is gets its row all the same", async (t) => {
  const file = { SOMEBTC: { qty: "0.01" } };
  const may = (text: string) => (text === "SOMEBTC" ? ["BTC/USDT", BTC] : [text]);
  const { rows } = await start(t, { file, held: [BTC, ETH], options: { mayAdd: true, named: may } });
  assert.deepEqual(rows, { ...file, [ETH]: { qty: 0.2 } });
});

test("asked for a spelling, the venue does not witness that anything is flat", async (t) => {
  const world = await World.open(t, BENCH);
  await world.venue.snapshot();
  for (const text of ["BTCUSDT", "BTC/USDT", "btc-usdt", "XBTUSDTM"]) {
    assert.equal((await world.venue.position?.(text, "net"))?.kind, "unknown", text);
  }
});

test("symbols are known by shape before the list was read, and by the same names after it", async (t) => {
  const world = await World.open(t, BENCH);
  const before = ["BTCUSDT", BTC].map((text) => world.venue.named?.(text));
  await world.venue.snapshot();
  assert.deepEqual(before, [[BTC], [BTC]]);
  assert.deepEqual(
    ["BTCUSDT", BTC, "BTC/USDT", "WBTC"].map((text) => world.venue.named?.(text)),
    [[BTC], [BTC], [BTC], []],
  );
});

test("the gate understands BTCUSDT, and an order must say BTC/USDT:USDT", async (t) => {
  const { world, session } = await start(t, { file: { BTCUSDT: { qty: "0.01" } }, held: [BTC] });
  const asked = { instrument: "BTCUSDT", side: "buy", leg: "net", hasReduceOnlyFlag: false } as const;
  assert.equal(session.admit(asked).isAdmitted, true);
  await session.setGate("halted", BTC, "looked at by hand", "test");
  assert.equal(session.admit(asked).isAdmitted, false);
  const before = world.sent.length;
  const order = { intentId: "i-1", instrument: "BTCUSDT", leg: "net", side: "buy", type: "market" } as const;
  const rest = {
    qty: decimal("0.01"),
    timeInForce: "gtc",
    reduceOnly: false,
    strategy: "unattributed",
  } as const;
  const { code, isSent, reasons } = await session.submit({ ...order, ...rest }, "test");
  assert.deepEqual([code, isSent, world.sent.length], ["bad_order", false, before]);
  assert.match(reasons.join(), /"BTCUSDT" means BTC\/USDT:USDT here/);
});
