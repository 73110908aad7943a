// What is particular to OKX: two margin modes of one instrument, rows of size zero, windows of fills, coins as positions,
// stops in lists of their own, money of contracts that a fill cannot tell.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { decimal } from "../../../src/core/index.ts";
import type { CcxtOptions } from "../../../src/venues/ccxt/index.ts";
import { EXPIRES_MS } from "../../../src/venues/ccxt/okx/commands.ts";
import type { StreamEvent, SubmitCommand } from "../../../src/venues/index.ts";
import { OKX_KEYS, OkxWire, okxBench } from "./okx-bench.ts";
import { NOW, openOn, serve } from "./opened.ts";
import type { Row } from "./support.ts";

async function open(
  t: TestContext,
  prepare: (server: OkxWire) => void = () => undefined,
  more: Partial<CcxtOptions> & { readonly mode?: "net" | "hedge" } = {},
) {
  const { mode = "net", ...options } = more;
  const served = await serve(t, okxBench(mode), (model) => new OkxWire(model));
  prepare(served.server);
  return openOn(served, { exchange: "okx", credentials: OKX_KEYS, ...options });
}

const ORDER: SubmitCommand = {
  instrument: "BTC/USDT:USDT",
  clientOrderId: "tu0123456789abcdef01234567",
  leg: "net",
  side: "buy",
  type: "limit",
  qty: decimal("2"),
  price: decimal("29000"),
  timeInForce: "gtc",
  reduceOnly: false,
};

test("orders on OKX are those of every list of stops, also of orders that chase the price", async (t) => {
  const { venue, server } = await open(t);
  const chase = { instType: "SWAP", instId: "BTC-USDT-SWAP", algoId: "77", ordType: "chase", side: "buy" };
  server.stops = [{ ...chase, posSide: "net", state: "live", sz: "3", cTime: String(NOW) }];
  const { orders } = await venue.snapshot();
  assert.equal(orders?.quality, "complete", orders?.problem);
  assert.deepEqual(
    orders?.rows.map(({ venueOrderId, type, qty }) => [venueOrderId, type, qty]),
    [["algo:77", "chase", "3"]],
  );
});

describe("positions on OKX", () => {
  test("in cross and isolated margin of one instrument are one, without an entry price", async (t) => {
    const { venue } = await open(t, (server) => {
      server.extraPositions = [
        position({ mgnMode: "cross", pos: "5" }),
        position({ mgnMode: "isolated", pos: "-2" }),
      ];
    });
    const { positions } = await venue.snapshot();
    assert.deepEqual(positions?.rows, [{ instrument: "BTC/USDT:USDT", leg: "net", qty: "3" }]);
  });

  test("and balances are not whole where the account owes something", async (t) => {
    const { venue, server } = await open(t);
    const detail = { eq: "1", availBal: "1", crossLiab: "", isoLiab: "0" };
    const qualities = async () => {
      const { positions, balances } = await venue.snapshot();
      return [positions?.quality, balances?.quality, balances?.problem ?? ""];
    };
    server.extraDetails = [{ ...detail, ccy: "ETH", cashBal: "1", liab: "0" }];
    assert.deepEqual(await qualities(), ["complete", "complete", ""]);
    server.extraDetails = [{ ...detail, ccy: "ETH", cashBal: "-2", liab: "2" }];
    const problem = "the account owes 2 ETH; margin is not covered by this adapter";
    assert.deepEqual(await qualities(), ["partial", "partial", problem]);
    // Money that is owed is no coin that was sold: the positions are whole.
    server.extraDetails = [{ ...detail, ccy: "USDC", cashBal: "-5", isoLiab: "5" }];
    assert.deepEqual((await qualities()).slice(0, 2), ["complete", "partial"]);
  });

  test("of the margin kind make the section partial: their unit depends on their direction", async (t) => {
    const { venue } = await open(t, (server) => {
      server.extraPositions = [
        position({ instType: "MARGIN", instId: "BTC-USDT", pos: "0.1", posCcy: "USDT" }),
      ];
    });
    const { positions } = await venue.snapshot();
    assert.equal(positions?.quality, "partial");
    assert.match(positions?.problem ?? "", /margin positions are not covered/);
  });

  test("have coins as the position of their pair, what was borrowed as a short one", async (t) => {
    const { venue } = await open(t, (server) => {
      server.extraDetails = [detail("BTC", "0.75"), detail("ETH", "-2")];
    });
    const { positions, balances } = await venue.snapshot();
    assert.deepEqual(
      positions?.rows.map(({ instrument, qty }) => [instrument, qty]),
      [
        ["BTC/USDT", "0.75"],
        ["ETH/USDT", "-2"],
      ],
    );
    assert.equal(balances?.rows.length, 3);
  });

  test("of a dated future keep the price that the daily settlement does not move", async (t) => {
    const { venue } = await open(t, (server) => {
      server.extraPositions = [
        position({
          instType: "FUTURES",
          instId: "BTC-USD-261225",
          avgPx: "31000",
          nonSettleAvgPx: "28500.5",
        }),
      ];
    });
    const [row] = (await venue.snapshot()).positions?.rows ?? [];
    assert.deepEqual(
      [row?.instrument, row?.entryPrice, row?.entryPriceScale],
      ["BTC/USD:BTC-261225", "28500.5", 1],
    );
  });

  test("asked for one by one are flat by a row of size zero, and by nothing else", async (t) => {
    const { venue, model } = await open(t);
    model.trade({ instrument: "BTC/USDT:USDT", side: "buy", qty: decimal("2") });
    model.trade({ instrument: "BTC/USDT:USDT", side: "sell", qty: decimal("2") });
    const flat = await venue.position?.("BTC/USDT:USDT", "net");
    assert.ok(flat?.kind === "row" && flat.row.qty === "0", JSON.stringify(flat));
    const never = await venue.position?.("ETH/USDT:USDT", "net");
    assert.equal(never?.kind, "unknown", "an empty list is no answer");
  });
});

describe("history on OKX", () => {
  test("of more than three days is asked for by kind of instrument", async (t) => {
    const { venue, server } = await open(t, undefined, { marketTypes: ["spot", "swap"] });
    await venue.history(NOW - 3_600_000);
    assert.ok(server.requests.some(({ path }) => path.startsWith("/api/v5/trade/fills?")));
    server.requests.length = 0;
    await venue.history(NOW - 10 * 86_400_000);
    const asked = server.requests
      .filter(({ path }) => path.includes("fills"))
      .map(({ path }) => new URL(path, "http://x"));
    assert.deepEqual(
      asked.map(({ pathname, searchParams }) => [pathname.split("/").at(-1), searchParams.get("instType")]),
      [
        ["fills-history", "SPOT"],
        ["fills-history", "SWAP"],
      ],
    );
    assert.ok(server.requests.some(({ path }) => path.includes("bills-archive")));
  });

  test("of more than three months claims only what OKX keeps", async (t) => {
    const { venue } = await open(t, undefined, { marketTypes: ["swap"] });
    const { fills } = await venue.history(NOW - 200 * 86_400_000);
    assert.equal(fills?.coverage?.fromMs, NOW - 89 * 86_400_000);
  });

  test("has the result of an inverse contract as an entry, less the fee that the fill has", async (t) => {
    const { venue } = await open(t, (server) => {
      server.extraBills = [
        bill({
          type: "2",
          subType: "6",
          instId: "BTC-USD-SWAP",
          ccy: "BTC",
          balChg: "0.0123",
          fee: "-0.0002",
        }),
        bill({
          billId: "1777042799000000002",
          type: "2",
          instId: "BTC-USDT-SWAP",
          ccy: "USDT",
          balChg: "5",
          fee: "-1",
        }),
      ];
    });
    const { ledger } = await venue.history(NOW - 60_000);
    assert.deepEqual(
      ledger?.rows
        .filter(({ amount }) => amount !== undefined)
        .map(({ asset, amount, instrument }) => [asset, amount, instrument]),
      [["BTC", "0.0125", "BTC/USD:BTC"]],
    );
  });

  test("moves a coin that was bought with another coin to the position that it is held as", async (t) => {
    const { venue } = await open(t, (server) => {
      server.extraBills = [
        bill({ type: "2", subType: "1", instType: "SPOT", instId: "ETH-BTC", ccy: "ETH", balChg: "2" }),
      ];
    });
    const { ledger } = await venue.history(NOW - 60_000);
    assert.deepEqual(
      ledger?.rows.map(({ instrument, qtyDelta }) => [instrument, qtyDelta]),
      [
        ["ETH/USDT", "2"],
        ["ETH/BTC", "-2"],
      ],
    );
  });

  test("of a bill that nobody knows has its money, unexplained", async (t) => {
    const { venue } = await open(t, (server) => {
      server.extraBills = [bill({ type: "999", ccy: "USDT", balChg: "-3.5" })];
    });
    const [entry] = (await venue.history(NOW - 60_000)).ledger?.rows ?? [];
    assert.deepEqual([entry?.cause, entry?.amount, entry?.text], ["unexplained", "-3.5", "bill type 999"]);
  });
});

describe("a command to OKX", () => {
  test("carries the exact numbers, our id, no tag, and a time after which it is not carried out", async (t) => {
    const { venue, server } = await open(t);
    const outcome = await venue.submit?.(ORDER);
    assert.equal(outcome?.kind, "accepted", JSON.stringify(outcome));
    assert.deepEqual(server.commands, [
      {
        path: "trade/order",
        body: {
          ...{ instId: "BTC-USDT-SWAP", tdMode: "cross", clOrdId: ORDER.clientOrderId, side: "buy" },
          ...{ ordType: "limit", sz: "2", px: "29000" },
        },
        expTime: String(NOW + EXPIRES_MS),
      },
    ]);
  });

  test("of spot at the market says in which currency it is sized", async (t) => {
    const { venue, server } = await open(t);
    const { price: _, ...spot } = { ...ORDER, instrument: "BTC/USDT", type: "market" as const };
    await venue.submit?.(spot);
    const { qty: __, ...byCost } = spot;
    await venue.submit?.({ ...byCost, notional: decimal("100") });
    const bodies = server.commands.map(({ body }) => body as Row);
    assert.deepEqual(
      bodies.map(({ tdMode, tgtCcy, sz, banAmend }) => [tdMode, tgtCcy, sz, banAmend]),
      [
        ["cash", "base_ccy", "2", true],
        ["cash", "quote_ccy", "100", true],
      ],
    );
  });

  test("in an account that hedges names its leg, and leaves out the flag that OKX refuses there", async (t) => {
    const { venue, server } = await open(t, undefined, { mode: "hedge" });
    await venue.submit?.({ ...ORDER, leg: "short", side: "buy", reduceOnly: true });
    const body = server.commands.at(-1)?.body as Row;
    assert.deepEqual([body.posSide, body.reduceOnly], ["short", undefined]);
  });

  test("has no leg of a spot pair", async (t) => {
    const { venue, server } = await open(t, undefined, { mode: "hedge" });
    const outcome = await venue.submit?.({ ...ORDER, instrument: "BTC/USDT", leg: "short" });
    assert.ok(outcome?.kind === "rejected" && !outcome.sent, JSON.stringify(outcome));
    assert.equal(server.countOf("submit"), 0);
  });

  test("cancels a stop where stops are, and an amendment of one is not sent", async (t) => {
    const { venue, server } = await open(t);
    await venue.cancel?.({ instrument: "BTC/USDT:USDT", venueOrderId: "algo:881" });
    assert.deepEqual(server.requests.at(-1)?.path, "/api/v5/trade/cancel-algos");
    const outcome = await venue.amend?.({
      ...{ instrument: "BTC/USDT:USDT", venueOrderId: "algo:881", newClientOrderId: "x" },
      price: decimal("1"),
    });
    assert.ok(outcome?.kind === "rejected" && !outcome.sent);
  });
});

test("a liquidation on OKX's stream wakes a pass, because only the history has its id", async (t) => {
  const { server, model, url, clock } = await open(t);
  const events: StreamEvent[] = [];
  const { realRuntime } = await import("../../../src/runtime/real.ts");
  const { venue } = await openOn(
    { server, model, url, clock },
    {
      exchange: "okx",
      credentials: OKX_KEYS,
      stream: { timers: realRuntime.timers, random: realRuntime.random },
    },
  );
  let seen: () => void = () => undefined;
  const told = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const handle = await venue.stream?.((event) => {
    events.push(event);
    if (event.kind === "position" && event.position.qty === "0") seen();
  });
  t.after(() => handle?.close());
  await server.until(({ subscribers }) => subscribers === 1);
  model.trade({ instrument: "BTC/USDT:USDT", side: "buy", qty: decimal("2") });
  model.force("BTC/USDT:USDT", "net", "liquidation");
  await told;
  const kinds = events.map(({ kind }) => kind);
  assert.equal(kinds.filter((kind) => kind === "fill").length, 1, kinds.join());
  const wake = events.find((event) => event.kind === "wake");
  assert.match(wake?.kind === "wake" ? wake.reason : "", /full_liquidation/);
  assert.equal((await venue.history(NOW - 60_000)).fills?.rows.at(-1)?.forced, "liquidation");
});

function position(more: Row): Row {
  return {
    ...{ instType: "SWAP", instId: "BTC-USDT-SWAP", mgnMode: "cross", posId: "9", posSide: "net", pos: "1" },
    ...{ avgPx: "30000", last: "", uTime: String(NOW - 1_000) },
    ...more,
  };
}

function detail(ccy: string, cashBal: string): Row {
  return { ccy, cashBal, eq: cashBal, availBal: "" };
}

function bill(more: Row): Row {
  return {
    ...{ billId: "1777042799000000001", type: "1", subType: "", instId: "", ccy: "USDT", balChg: "1" },
    ...{ fee: "0", ts: String(NOW - 1_000) },
    ...more,
  };
}

test("an order on margin on OKX makes the orders partial", async (t) => {
  const { venue, server } = await open(t);
  const row = { instType: "MARGIN", instId: "BTC-USDT", ordId: "5", side: "sell", posSide: "net", sz: "1" };
  server.extraOrders = [
    { ...row, ordType: "limit", px: "30000", state: "live", accFillSz: "0", cTime: String(NOW) },
  ];
  const { orders } = await venue.snapshot();
  assert.equal(orders?.quality, "partial");
  assert.match(orders?.problem ?? "", /1 orders are on margin/);
});

test("a fill on margin on OKX is told in words, and its bill tells what it moved", async (t) => {
  const { venue, server } = await open(t);
  const common = { instType: "MARGIN", instId: "BTC-USDT", ts: String(NOW - 1_000) };
  server.extraFills = [
    {
      ...common,
      billId: "900",
      tradeId: "1",
      ordId: "5",
      side: "sell",
      posSide: "net",
      fillSz: "1",
      fillPx: "30000",
    },
  ];
  server.extraBills = [
    { ...common, billId: "900", type: "2", subType: "2", ccy: "BTC", balChg: "-1", fee: "0" },
  ];
  const { fills, ledger } = await venue.history(NOW - 3_600_000);
  assert.equal(fills?.quality, "partial");
  assert.match(fills?.problem ?? "", /1 fills on margin/);
  assert.equal(fills?.coverage?.fromMs, NOW - 3_600_000);
  assert.deepEqual(fills?.rows, []);
  assert.deepEqual(
    ledger?.rows.map(({ id, asset, amount, instrument, qtyDelta }) => [
      id,
      asset ?? instrument,
      amount ?? qtyDelta,
    ]),
    [
      ["900", "BTC", "-1"],
      ["900|coin", "BTC/USDT", "-1"],
    ],
  );
});
