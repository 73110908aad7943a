// Ledger entries are told before, with or after what they did, and dated by the day: nothing is counted twice, and a
// person is not told of a difference that they explain.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AccountPolicy,
  balanceTotal,
  decimal,
  type LedgerRow,
  positionKey,
  positionView,
} from "../../src/core/index.ts";
import type { Mirror } from "../../src/mirrors/index.ts";
import { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import { settled } from "../support/stub-venue.ts";
import { bought, position, START_MS, ToldWorld } from "../support/told-world.ts";

const KEY = positionKey("X", "net");
const DAY_MS = Date.UTC(2026, 0, 5);
const K = position("K", "1");

function split(timestamp: number): LedgerRow {
  return { id: "SPLIT-1", cause: "split", timestamp, instrument: "X", qtyDelta: decimal("10") };
}

function dividend(id: string, amount: string, timestamp = DAY_MS): LedgerRow {
  return { id, cause: "corporate_action", timestamp, asset: "USD", amount: decimal(amount) };
}

async function holding(
  qty: string,
  price: string,
  balance = "1000",
  policy: Partial<AccountPolicy> = {},
  mirrors: readonly Mirror[] = [],
): Promise<ToldWorld> {
  const world = new ToldWorld(policy);
  world.mirrors = mirrors;
  world.positions(position("X", qty, price), K);
  world.balance(balance);
  await world.open();
  await world.advance(15_000);
  return world;
}

function usd(world: ToldWorld): string | undefined {
  const balance = world.session.book.balances.get("USD");
  return balance && balanceTotal(balance);
}

async function assertCalm(world: ToldWorld, closed: readonly unknown[] = []): Promise<void> {
  assert.deepEqual(await world.closed(), closed);
  assert.deepEqual([...world.session.book.discrepancies.values()], []);
  assert.deepEqual(world.session.book.gate, { account: [], instruments: {} });
  assert.equal(await world.isWhatIsFolded(), true);
}

for (const passes of [1, 4]) {
  test(`[R8] a split that is told ${passes} passes before the position has it leaves the cost as it was`, async () => {
    const world = await holding("10", "100");
    world.venue.ledger = [split(world.nowMs)];
    await world.advance(15_000 * passes);
    assert.equal(positionView(world.session.book, KEY)?.qty, "10");
    world.venue.ledger = [];
    world.positions(position("X", "20", "50"), K);
    await world.advance(60_000);
    const view = positionView(world.session.book, KEY);
    assert.deepEqual([view?.qty, view?.costBasis, view?.entryPrice], ["20", "1000", "50"]);
    await assertCalm(world);
  });
}

for (const timestamp of [DAY_MS, undefined]) {
  test(`[R8] a split that is told after the position has it, dated ${timestamp ? "by its day" : "now"}, takes the estimate's place`, async () => {
    const world = await holding("10", "100");
    world.positions(position("X", "20", "50"), K);
    await world.advance(45_000);
    assert.equal(positionView(world.session.book, KEY)?.isEstimate, true);
    world.venue.ledger = [split(timestamp ?? world.nowMs)];
    await world.advance(45_000);
    const view = positionView(world.session.book, KEY);
    assert.deepEqual([view?.qty, view?.costBasis, view?.entryPrice], ["20", "1000", "50"]);
    // The estimate's price was not the venue's average; with the split it is.
    await assertCalm(world, [
      ["position_mismatch", "unexplained", "repaired"],
      ["entry_price_mismatch", null, "vanished"],
    ]);
  });
}

for (const shown of ["0", "10"]) {
  test(`[R8] a split dated after the estimate that might stand for it waits until a row says: ${shown} (seed 3914840703)`, async () => {
    const mirror = new MemoryMirror({
      name: "bot",
      rows: [{ rowId: "1", instrument: "X", leg: "net", qty: decimal("20"), metadata: {} }],
    });
    const world = await holding("10", "100", "1000", {}, [mirror]);
    world.positions(position("X", "20", "50"), K);
    await world.advance(45_000);
    const problem = "a page is missing";
    world.venue.report({ positions: { quality: "partial", rows: [K], problem } });
    world.venue.ledger = [split(world.nowMs)];
    world.fills({ ...bought("X", "1", "20", "50", world.nowMs), side: "sell" });
    await world.advance(45_000);
    assert.equal(positionView(world.session.book, KEY)?.qty ?? "0", "0");
    const noted = () => mirror.held.find(({ instrument }) => instrument === "X")?.qty;
    assert.equal(noted(), "20", "the fills alone say nothing while an entry waits");
    world.fills();
    world.positions(...(shown === "0" ? [] : [position("X", shown, "50")]), K);
    await world.advance(45_000);
    assert.equal(positionView(world.session.book, KEY)?.qty ?? "0", shown);
    assert.equal(noted() ?? "0", shown);
  });
}

test("[R1] an assignment that is told beside an empty list is booked: absence does not say that it is there", async () => {
  const world = await holding("10", "100");
  const row: LedgerRow = {
    id: "ASN-1",
    cause: "assignment",
    timestamp: world.nowMs,
    instrument: "Z",
    qtyDelta: decimal("100"),
    price: decimal("30"),
  };
  world.venue.ledger = [row];
  world.positions();
  await world.advance(15_000);
  world.positions(position("X", "10", "100"), position("Z", "100", "30"), K);
  await world.advance(45_000);
  const view = positionView(world.session.book, positionKey("Z", "net"));
  assert.deepEqual([view?.qty, view?.costBasis, view?.isEstimate], ["100", "3000", false]);
});

test("a dividend that is dated by its day and credited later on it is no mismatch", async () => {
  const world = await holding("10", "100");
  world.venue.ledger = [dividend("DIV-1", "25")];
  world.balance("1025");
  await world.advance(60_000);
  assert.equal(usd(world), "1025");
  await assertCalm(world);
});

test("[E09] a dividend that is told before it is credited waits for the total that has it", async () => {
  const world = await holding("10", "100");
  // With its tax, and beside one that the first total had already.
  world.venue.ledger = [dividend("DIV-0", "7"), dividend("DIV-1", "25"), dividend("TAX-1", "-4")];
  await world.advance(60_000);
  assert.equal(usd(world), "1000");
  world.balance("1021");
  await world.advance(60_000);
  assert.equal(usd(world), "1021");
  await assertCalm(world);
});

test("[R3] money whose reason is told a moment later is in flight: nothing is told of it and the gate stays open", async () => {
  const world = await holding("10", "100");
  world.balance("1025");
  await world.advance(15_000);
  assert.equal(usd(world), "1000");
  await assertCalm(world);
  world.venue.ledger = [dividend("DIV-1", "25")];
  await world.advance(60_000);
  assert.equal(usd(world), "1025");
  await assertCalm(world);
});

test("[R3] money that nothing explains is taken over no later than if it had been compared at once, and told", async () => {
  const world = await holding("10", "100");
  world.balance("1025");
  await world.advance(30_000);
  assert.equal(usd(world), "1025");
  await assertCalm(world, [["balance_mismatch", "unexplained", "repaired"]]);
});

test("[R3] a balance that is another one at every read is not in flight for ever", async () => {
  const world = await holding("10", "100");
  for (const total of ["1001", "1002", "1003"]) {
    world.balance(total);
    await world.advance(15_000);
  }
  assert.deepEqual(
    [...world.session.book.discrepancies.values()].map(({ kind, venueQty }) => `${kind} ${venueQty}`),
    ["balance_mismatch 1003"],
  );
  assert.equal(world.session.book.gate.account.length, 1);
});

test("a dividend that is told while its difference is open explains it", async () => {
  const world = await holding("10", "100", "1000", { confirmations: 3 });
  world.balance("1025");
  await world.advance(30_000);
  assert.equal(world.session.book.gate.account.length, 1);
  world.venue.ledger = [dividend("DIV-1", "25")];
  await world.advance(60_000);
  assert.equal(usd(world), "1025");
  await assertCalm(world, [["balance_mismatch", "corporate_action", "explained"]]);
});

test("a dividend that is told after its difference was taken over does not wait to explain another", async () => {
  const world = await holding("10", "100");
  world.balance("1025");
  await world.advance(60_000);
  world.venue.ledger = [dividend("DIV-1", "25")];
  await world.advance(60_000);
  assert.deepEqual(world.session.book.balances.get("USD")?.waiting, []);
  world.balance("1050");
  await world.advance(60_000);
  assert.equal(usd(world), "1050");
  const unexplained = ["balance_mismatch", "unexplained", "repaired"];
  await assertCalm(world, [unexplained, unexplained]);
});

for (const laterMs of [0, 2_000]) {
  test(`funding dated ${laterMs} ms after the read began whose total had it without a word is not counted again`, async () => {
    const world = await holding("10", "100");
    world.balance("1025");
    await world.advance(60_000);
    const { asOfMs = 0 } = world.session.book.balances.get("USD") ?? {};
    world.venue.ledger = [dividend("FND-1", "25", asOfMs + laterMs)];
    await world.advance(60_000);
    assert.equal(usd(world), "1025");
    await assertCalm(world, [["balance_mismatch", "unexplained", "repaired"]]);
  });
}

test("money that no total ever shows was there before, and is forgotten after a week", async () => {
  // A pass every ten minutes: a week of them is soon over.
  const intervalMs = 600_000;
  const world = await holding("10", "100", "1000", { intervalMs });
  world.venue.ledger = [dividend("DIV-1", "25")];
  await world.advance(8 * 24 * 3_600_000);
  world.balance("1025");
  await world.advance(4 * intervalMs);
  assert.equal(usd(world), "1025");
  await assertCalm(world, [["balance_mismatch", "unexplained", "repaired"]]);
});

test("money that is dated now counts at once", async () => {
  const world = await holding("10", "100");
  world.venue.ledger = [dividend("FND-1", "-3", world.nowMs)];
  world.balance("997");
  await world.advance(15_000);
  assert.deepEqual(world.session.book.balances.get("USD")?.waiting, []);
  assert.equal(usd(world), "997");
  await assertCalm(world);
});

test("[R3] a balance whose first read has a fill inside it is stated by the next one", async () => {
  const world = new ToldWorld();
  world.positions(position("X", "1", "100"));
  world.balance("1000");
  world.venue.meanwhile = async () => {
    await new Promise<void>((resolve) => {
      world.runtime.timers.after(200, resolve);
    });
    world.positions(position("X", "2", "100"));
    world.balance("900");
    world.fills(bought("X", "1", "1", "100", world.nowMs - 50));
  };
  const opened = world.open();
  await world.runtime.advance(1_000, async () => {
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  });
  await opened;
  assert.equal(world.session.book.balances.get("USD")?.anchorTotal, null);
  await world.advance(60_000);
  assert.equal(usd(world), "900");
  await assertCalm(world);
});

test("[R8] the cash of a fill dated at the first moment of the read that stated the total is not counted again (seed 60841)", async () => {
  const world = new ToldWorld();
  world.positions(position("X", "1", "100"));
  world.balance("900");
  const firstMs = world.nowMs;
  world.venue.meanwhile = () =>
    new Promise<void>((resolve) => {
      world.runtime.timers.after(200, resolve);
    });
  const opened = world.open();
  await world.runtime.advance(1_000, settled);
  await opened;
  world.fills(bought("X", "1", "1", "100", firstMs));
  await world.advance(45_000);
  assert.equal(usd(world), "900");
  assert.equal(JSON.stringify(await world.closed()).includes("balance_mismatch"), false);
});

test("[R3][F14] what is free in a balance that moves is brought up to date when it does not, and nothing counts twice", async () => {
  const world = await holding("1", "100");
  world.balance("1000", "1000");
  await world.advance(15_000);
  world.venue.meanwhile = async () => {
    world.venue.emit({ kind: "fill", fill: bought("X", "1", "1", "100", world.nowMs + 1) });
    world.positions(position("X", "2", "100"), K);
    world.balance("900", "700");
  };
  await world.advance(60_000);
  assert.equal(usd(world), "900");
  assert.equal(world.session.book.balances.get("USD")?.free, "700");
  await assertCalm(world);
});

test("[R3] funding inside a read is not counted twice when what is free changes with it", async () => {
  const world = await holding("1", "100");
  world.balance("1000", "1000");
  await world.advance(15_000);
  world.venue.meanwhile = async () => {
    world.venue.ledger = [dividend("FND-1", "-3", world.nowMs + 1)];
    world.balance("997", "700");
  };
  await world.advance(60_000);
  assert.equal(usd(world), "997");
  await assertCalm(world);
});

/** The next read takes half a second; something happens in the middle of it, after our clock was noted. */
async function readAround(world: ToldWorld, happens: () => void): Promise<void> {
  const pause = () => new Promise<void>((resolve) => world.runtime.timers.after(250, resolve));
  world.venue.meanwhile = async () => {
    await pause();
    happens();
    await pause();
  };
  await world.runtime.advance(16_000, async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  });
}

const AT_ONCE = { confirmations: 1, graceMs: 0 };

for (const isIn of [true, false]) {
  test(`[R8] money that moved inside a read, told after it, counts once where its total ${isIn ? "has" : "lacks"} it`, async () => {
    const world = new ToldWorld(AT_ONCE);
    world.positions(K);
    world.balance("1000");
    await world.open();
    await world.advance(15_000);
    let movedMs = 0;
    // Something else moved it too, so that the total is stated anew.
    await readAround(world, () => {
      movedMs = world.nowMs;
      world.balance(isIn ? "977" : "980");
    });
    world.balance("977");
    world.venue.ledger = [dividend("FND-1", "-3", movedMs)];
    await world.advance(60_000);
    assert.equal(usd(world), "977");
    await assertCalm(world, [["balance_mismatch", "unexplained", "repaired"]]);
  });

  test(`[R8] a fill inside a read, told after it, is paid once where its total ${isIn ? "has" : "lacks"} it`, async () => {
    const world = new ToldWorld(AT_ONCE);
    world.positions(K);
    world.balance("1000");
    await world.open();
    await world.advance(15_000);
    let filledMs = 0;
    await readAround(world, () => {
      filledMs = world.nowMs;
      world.balance(isIn ? "880" : "980");
    });
    world.balance("880");
    world.positions(K, position("X", "1", "100"));
    world.fills(bought("X", "1", "1", "100", filledMs));
    await world.advance(60_000);
    assert.equal(usd(world), "880");
    assert.deepEqual(world.session.book.balances.get("USD")?.waiting, []);
    await assertCalm(world, [["balance_mismatch", "unexplained", "repaired"]]);
  });
}

for (const isIn of [true, false]) {
  const where = isIn ? "has" : "lacks";
  for (const [says, price, left] of [
    [
      `a fill in the very millisecond of a read, told after it, is paid once where its total ${where} it (seed 201756)`,
      "100",
      "900",
    ],
    [
      `less than the tolerance is paid once too where the first total ${where} it (seed 6096)`,
      "0.004",
      "999.996",
    ],
  ] as const) {
    test(`[R8] ${says}`, async () => {
      const world = new ToldWorld();
      world.positions(K);
      world.balance(isIn ? left : "1000");
      await world.open();
      world.balance(left);
      world.positions(K, position("X", "1", price));
      world.fills(bought("X", "1", "1", price, START_MS));
      await world.advance(60_000);
      assert.equal(usd(world), left);
      assert.deepEqual(world.session.book.balances.get("USD")?.waiting, []);
      await assertCalm(world);
    });
  }
}

for (const isIn of [true, false]) {
  test(`[R8] a transfer in the very millisecond of a read, told after it, counts once where its total ${isIn ? "has" : "lacks"} it (seed 205832)`, async () => {
    const world = new ToldWorld();
    world.positions(K);
    world.balance(isIn ? "1003" : "1000");
    await world.open();
    world.balance("1003");
    world.venue.ledger = [dividend("TRF-1", "3", START_MS)];
    await world.advance(60_000);
    assert.equal(usd(world), "1003");
    await assertCalm(world);
  });
}

for (const parts of [["2"], ["1", "1"]]) {
  test(`[R8] an order's ${parts.length} fills inside a read, told after it, take the place of the estimate that was made of them (seed 1122)`, async () => {
    const world = new ToldWorld(AT_ONCE);
    world.positions(K, position("X", "10", "100"));
    await world.open();
    await world.advance(60_000);
    let filledMs = 0;
    await readAround(world, () => {
      filledMs = world.nowMs;
      world.positions(K, position("X", "12", "100"));
    });
    assert.equal(positionView(world.session.book, KEY)?.isEstimate, true);
    world.fills(...parts.map((qty, index) => bought("X", `${index}`, qty, "100", filledMs)));
    await world.advance(60_000);
    const estimates = (await world.records()).flatMap(({ kind, payload }) =>
      kind === "adjustment_inferred" && payload.subject === "position" && payload.basis === "estimate"
        ? [payload.qtyDelta]
        : [],
    );
    assert.deepEqual([positionView(world.session.book, KEY)?.qty, estimates], ["12", ["2"]]);
    assert.equal([...world.session.book.adjustments.values()].length, 2, "the openings");
  });
}

test("[R4] a balance's difference is not taken over by a pass that could not read what would explain it", async () => {
  const world = new ToldWorld(AT_ONCE);
  world.positions(K);
  world.balance("1000");
  await world.open();
  await world.advance(15_000);
  world.venue.report({ fills: { quality: "unavailable", rows: [], problem: "503" } });
  world.venue.ledgerQuality = "unavailable";
  world.balance("970");
  const movedMs = world.nowMs;
  await world.advance(60_000);
  assert.equal(usd(world), "1000");
  assert.deepEqual(
    [...world.session.book.discrepancies.values()].map(({ kind, stage }) => [kind, stage]),
    [["balance_mismatch", "confirmed"]],
  );
  world.fills();
  world.venue.ledgerQuality = "complete";
  world.venue.ledger = [dividend("OUT-1", "-30", movedMs)];
  await world.advance(60_000);
  assert.equal(usd(world), "970");
  await assertCalm(world, [["balance_mismatch", null, "vanished"]]);
});

test("[R8] an estimate does not give way to a fill from after its read while an entry that cannot be read may be the difference", async () => {
  const world = new ToldWorld(AT_ONCE);
  world.positions(position("X", "19", "20"), K);
  await world.open();
  await world.advance(15_000);
  world.venue.ledgerQuality = "unavailable";
  world.positions(position("X", "0"), K);
  const settledMs = world.nowMs;
  await world.advance(20_000);
  const sold = { ...bought("X", "1", "10", "20", world.nowMs), side: "sell" } as const;
  world.venue.emit({ kind: "fill", fill: sold });
  world.positions(position("X", "-10", "20"), K);
  await world.advance(15_000);
  assert.equal(positionView(world.session.book, KEY)?.qty, "-10");
  world.positions(position("X", "0"), K);
  const expiredMs = world.nowMs;
  await world.advance(45_000);
  const delta = { cause: "settlement", instrument: "X" } as const;
  world.venue.ledgerQuality = "complete";
  world.venue.ledger = [
    { ...delta, id: "SETTLED", timestamp: settledMs, qtyDelta: decimal("-19") },
    { ...delta, id: "EXPIRED", timestamp: expiredMs, qtyDelta: decimal("10") },
  ];
  await world.advance(60_000);
  const left = [...world.session.book.adjustments.values()].map(({ facts }) => facts.basis);
  assert.deepEqual(left, ["opening", "opening"]);
  assert.equal(world.session.book.ledgers.get(KEY)?.holding.qty, "0");
  await assertCalm(world, await world.closed());
});

test("[A14] what a reversed fill had cost explains the balance that has it back, however long ago it was stated", async () => {
  const world = await holding("1", "100");
  world.venue.emit({ kind: "fill", fill: bought("X", "1", "1", "100", world.nowMs) });
  world.positions(position("X", "2", "100"), K);
  world.balance("900");
  await world.advance(60_000);
  // Stated anew since, with what is free.
  world.balance("900", "700");
  await world.advance(30_000);
  world.venue.emit({ kind: "fillReversed", fill: bought("X", "1", "1", "100", world.nowMs), reason: "bust" });
  world.positions(position("X", "1", "100"), K);
  world.balance("1000", "800");
  await world.advance(60_000);
  assert.equal(usd(world), "1000");
  await assertCalm(world);
});
