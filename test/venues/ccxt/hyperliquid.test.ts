// What is particular to Hyperliquid: several dexes, coins as positions, chains of fills, signatures, 16 bytes for a name.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { decimal } from "../../../src/core/index.ts";
import { EXPIRES_MS } from "../../../src/venues/ccxt/hyperliquid/commands.ts";
import type { CcxtOptions } from "../../../src/venues/ccxt/index.ts";
import type { SubmitCommand } from "../../../src/venues/index.ts";
import { HYPERLIQUID_BENCH, HyperliquidWire, PRIVATE_KEY, WALLET } from "./hyperliquid-bench.ts";
import { NOW, openOn, packageAt, serve } from "./opened.ts";
import type { Row } from "./support.ts";

const KEYS = { walletAddress: WALLET, privateKey: PRIVATE_KEY };

async function open(
  t: TestContext,
  prepare: (server: HyperliquidWire) => void = () => undefined,
  more: Partial<CcxtOptions> = {},
) {
  const served = await serve(t, HYPERLIQUID_BENCH, (model) => new HyperliquidWire(model));
  prepare(served.server);
  return openOn(served, { exchange: "hyperliquid", credentials: KEYS, ...more });
}

const ORDER: SubmitCommand = {
  instrument: "BTC/USDC:USDC",
  clientOrderId: "tu-0123456789abcdef01234567",
  leg: "net",
  side: "buy",
  type: "limit",
  qty: decimal("0.002"),
  price: decimal("29000"),
  timeInForce: "gtc",
  reduceOnly: false,
};

describe("positions on Hyperliquid", () => {
  const withDexes = (server: HyperliquidWire) => {
    server.dexes = [
      { name: "xyz", collateral: 0, coins: ["xyz:NVDA"], positions: [held("xyz:NVDA", "2")], orders: [] },
      { name: "flx", collateral: 2, coins: ["flx:GOLD"], positions: [held("flx:GOLD", "-1.5")], orders: [] },
    ];
  };

  test("are those of every dex, each in its own currency", async (t) => {
    const { venue } = await open(t, withDexes);
    const { positions, balances, totals } = await venue.snapshot();
    assert.equal(positions?.quality, "complete", positions?.problem);
    assert.deepEqual(
      positions?.rows.map(({ instrument, qty }) => [instrument, qty]),
      [
        ["XYZ-NVDA/USDC:USDC", "2"],
        ["FLX-GOLD/USDH:USDH", "-1.5"],
      ],
    );
    assert.equal(balances?.quality, "complete", balances?.problem);
    assert.equal(totals?.positionValue, "400");
  });

  test("are partial when one dex does not answer, and the others' count", async (t) => {
    const { venue, server } = await open(t, withDexes);
    await venue.snapshot();
    server.deafDex = "flx";
    const { positions, balances, totals } = await venue.snapshot();
    assert.equal(positions?.quality, "partial");
    assert.match(positions?.problem ?? "", /the dex flx/);
    assert.equal(positions?.rows.length, 1);
    assert.equal(balances?.quality, "unavailable", "a sum without one of its parts is another sum");
    assert.equal(totals?.quality, "unavailable");
  });

  test("of a dex that was built since are found within ten minutes", async (t) => {
    const { venue, server, clock } = await open(t);
    await venue.snapshot();
    withDexes(server);
    // The list of dexes is read again with the markets.
    const before = await venue.snapshot();
    assert.deepEqual(before.positions?.rows, []);
    clock.pass(3_600_000);
    const { positions } = await venue.snapshot();
    assert.equal(positions?.rows.length, 2);
  });

  test("are not said to be none by a sum that comes in the same answer", async (t) => {
    const { venue } = await open(t);
    const { positions, totals } = await venue.snapshot();
    assert.deepEqual([positions?.quality, positions?.rows], ["complete", []]);
    assert.equal(totals?.quality, "partial");
  });

  test("of some dexes only are read where the account is narrowed to them", async (t) => {
    const { venue, server } = await open(t, withDexes, { options: { dexes: ["main", "xyz"] } });
    const { positions } = await venue.snapshot();
    assert.deepEqual(
      positions?.rows.map(({ instrument }) => instrument),
      ["XYZ-NVDA/USDC:USDC"],
    );
    assert.ok(!server.requests.some(({ body }) => body.includes("flx")));
  });

  test("have a coin of the spot wallet as the position of its pair, and money as a balance", async (t) => {
    const { venue } = await open(t, (server) => {
      server.spot = [
        { coin: "PURR", total: "120.5", hold: "0.0" },
        { coin: "USDC", total: "10.0", hold: "0.0" },
      ];
    });
    const { positions, balances, totals } = await venue.snapshot();
    assert.deepEqual(positions?.rows, [{ instrument: "PURR/USDC", leg: "net", qty: "120.5" }]);
    assert.equal(balances?.rows.find(({ asset }) => asset === "USDC")?.total, "500010");
    // The sum of all dexes says nothing of coins: it is no witness that nothing is held.
    assert.equal(totals?.quality, "partial");
  });
});

describe("fills on Hyperliquid", () => {
  test("of which one is missing do not follow from one another, and nothing is claimed to be whole", async (t) => {
    const { venue, server, model } = await open(t);
    for (const price of ["30000", "30001", "30002"]) buy(model, price);
    server.view = (account) => ({ ...account, fills: account.fills.filter((_, index) => index !== 1) });
    const { fills } = await venue.history(NOW - 60_000);
    assert.equal(fills?.quality, "partial");
    assert.match(fills?.problem ?? "", /after \d+:\d+ the position was 0\.002, before \d+:\d+ it was 0\.004/);
    assert.equal(fills?.coverage, undefined);
  });

  test("of one ms come as they follow from one another, whatever the order of the list is", async (t) => {
    const { venue, server, model } = await open(t);
    for (const price of ["30000", "30001", "30002"]) buy(model, price);
    server.view = (account) => ({ ...account, fills: account.fills.toReversed() });
    const { fills } = await venue.history(NOW - 60_000);
    assert.equal(fills?.quality, "complete", fills?.problem);
    assert.deepEqual(
      fills?.rows.map(({ price, venueSeq, positionAfter }) => [price, venueSeq, positionAfter]),
      [
        ["30000", 0, "0.002"],
        ["30001", 1, "0.004"],
        ["30002", 2, "0.006"],
      ],
    );
  });

  test("on spot leave what is held as the venue holds it: money, coins of another pair, the coin that paid", async (t) => {
    const { venue, server } = await open(t);
    server.tokens = ["USDC", "PURR", "USDH", "HYPE", "TOK"];
    server.pairs = [
      { name: "PURR/USDC", tokens: [1, 0] },
      { name: "@1", tokens: [2, 0] },
      { name: "@2", tokens: [3, 0] },
      { name: "@3", tokens: [1, 3] },
      { name: "@4", tokens: [4, 3] },
    ];
    const spot = (tid: string, coin: string, side: string, more: Row): Row => ({
      ...{ coin, side, time: NOW - 1_000, startPosition: "0.0", dir: side === "B" ? "Buy" : "Sell" },
      ...{ hash: "0x01", oid: Number(tid) + 100, tid: Number(tid), crossed: true, closedPnl: "0.0" },
      ...more,
    });
    server.extraFills = [
      spot("1", "@1", "B", { sz: "100", px: "1", fee: "0.07", feeToken: "USDH" }),
      spot("2", "@3", "B", { sz: "10", px: "0.1", fee: "0.01", feeToken: "PURR" }),
      spot("3", "@4", "A", { sz: "5", px: "2", fee: "0.02", feeToken: "HYPE" }),
      spot("4", "PURR/USDC", "B", { sz: "7", px: "1", fee: "0.01", feeToken: "PURR" }),
    ];
    server.extraUpdates = [
      {
        ...{ time: NOW - 500, hash: "0x02" },
        delta: { type: "spotGenesis", token: "TOK", amount: "3" },
      },
    ];
    const { fills, ledger } = await venue.history(NOW - 60_000);
    assert.equal(fills?.quality, "complete", fills?.problem);
    assert.equal(ledger?.quality, "complete", ledger?.problem);
    const held = new Map<string, number>();
    const add = (name: string, qty: number) => held.set(name, (held.get(name) ?? 0) + qty);
    for (const { instrument, side, qty, fee, feeCurrency } of fills?.rows ?? []) {
      const inKind = feeCurrency === venue.instrument(instrument)?.base ? Number(fee) : 0;
      add(instrument, (side === "buy" ? Number(qty) : -Number(qty)) - inKind);
    }
    for (const { instrument, qtyDelta } of ledger?.rows ?? []) {
      if (instrument !== undefined && qtyDelta !== undefined) add(instrument, Number(qtyDelta));
    }
    const left = [...held]
      .map(([name, qty]) => [name, qty.toFixed(6)])
      .filter(([, qty]) => !/^-?0\.0+$/.test(qty ?? ""));
    assert.deepEqual(left.toSorted(), [
      ["HYPE/USDC", "8.980000"],
      ["PURR/USDC", "16.980000"],
    ]);
  });

  test("of one ms that fill a page are not taken for all of that ms", async (t) => {
    const { venue, server } = await open(t);
    const one = { coin: "BTC", side: "B", time: NOW - 1_000, px: "30000", sz: "0.001", dir: "Open Long" };
    server.extraFills = Array.from({ length: 2_300 }, (_, index) => ({
      ...one,
      ...{ startPosition: (index / 1_000).toFixed(3), oid: 1, tid: index + 1, hash: "0x01", crossed: true },
      ...{ closedPnl: "0.0", fee: "0", feeToken: "USDC" },
    }));
    const { fills } = await venue.history(NOW - 60_000);
    assert.equal(fills?.quality, "partial");
    assert.match(fills?.problem ?? "", /rows in the ms/);
    assert.ok((fills?.coverage?.toMs ?? 0) < NOW - 1_000, JSON.stringify(fills?.coverage));
  });

  test("that two pages both have are one", async (t) => {
    const { venue, server, model, clock } = await open(t);
    for (let count = 0; count < 7; count += 1) {
      buy(model, "30000");
      clock.pass(10);
    }
    server.cutPages("fills", 3);
    const { fills } = await venue.history(NOW - 60_000);
    assert.equal(fills?.quality, "complete", fills?.problem);
    assert.equal(fills?.rows.length, 7);
    assert.equal(fills?.coverage?.fromMs, NOW - 60_000);
  });
});

describe("a command to Hyperliquid", () => {
  test("is signed as it is sent, by the private key, and expires", async (t) => {
    const { venue, server, url } = await open(t);
    const outcome = await venue.submit?.(ORDER);
    assert.equal(outcome?.kind, "accepted", JSON.stringify(outcome));
    const sent = server.requests.filter(({ path }) => path === "/exchange");
    assert.equal(sent.length, 1, "a command is sent once");
    const body = JSON.parse(sent[0]?.body ?? "") as Row;
    assert.equal(body.expiresAfter, NOW + EXPIRES_MS);
    const signer = (await packageAt(url, "hyperliquid", KEYS)) as unknown as {
      signL1Action(action: unknown, nonce: unknown, vault: undefined, expiresAfter: unknown): unknown;
    };
    assert.deepEqual(
      body.signature,
      signer.signL1Action(body.action, body.nonce, undefined, body.expiresAfter),
    );
    assert.deepEqual((body.action as Row).orders, [
      {
        ...{ a: 0, b: true, p: "29000", s: "0.002", r: false, t: { limit: { tif: "Gtc" } } },
        c: "0x74752d000123456789abcdef01234567",
      },
    ]);
  });

  test("has nonces that ascend, also within one ms", async (t) => {
    const { venue, server } = await open(t);
    for (const digit of ["1", "2", "3"]) {
      await venue.submit?.({ ...ORDER, clientOrderId: `tu-${digit.repeat(24)}` });
    }
    const nonces = server.requests
      .filter(({ path }) => path === "/exchange")
      .map(({ body }) => (JSON.parse(body) as { nonce: number }).nonce);
    assert.deepEqual(nonces, [NOW, NOW + 1, NOW + 2]);
  });

  test("is not there without the private key, and neither is the capability", async (t) => {
    const { venue } = await open(t, undefined, { credentials: { walletAddress: WALLET } });
    assert.equal(venue.submit, undefined);
    assert.equal(venue.cancel, undefined);
    assert.equal(venue.capabilities.commands.submit, false);
    assert.equal((await venue.snapshot()).positions?.quality, "complete");
  });

  test("with a key that may not sign for the wallet is refused with that reason", async (t) => {
    const { venue, server } = await open(t);
    server.refusesWallet = true;
    const outcome = await venue.submit?.(ORDER);
    assert.ok(outcome?.kind === "rejected" && outcome.sent, JSON.stringify(outcome));
    assert.match(outcome.reason, /refused the keys/);
  });

  test("is not sent with the key of another account, which it would be an order of", async (t) => {
    const others = "0x1111111111111111111111111111111111111111";
    for (const role of [
      { role: "agent", data: { user: others } },
      { role: "user" },
      { role: "missing" },
      "odd",
    ] as Row[]) {
      const { venue, server } = await open(t);
      server.roleOfKey = role;
      const outcome = await venue.submit?.(ORDER);
      assert.ok(outcome?.kind === "rejected" && !outcome.sent, JSON.stringify(outcome));
      assert.match(outcome.reason, /the private key/);
      assert.equal(server.countOf("submit"), 0);
      // What was wrong may be put right at the exchange.
      server.roleOfKey = { role: "agent", data: { user: WALLET.toUpperCase().replace("0X", "0x") } };
      assert.equal((await venue.submit?.(ORDER))?.kind, "accepted");
    }
  });

  test("is not sent with a private key that is none, and the key is not repeated", async (t) => {
    const { venue } = await open(t, undefined, { credentials: { ...KEYS, privateKey: "0xcanary-of-a-key" } });
    const outcome = await venue.submit?.(ORDER);
    assert.ok(outcome?.kind === "rejected" && !outcome.sent, JSON.stringify(outcome));
    assert.doesNotMatch(JSON.stringify(outcome), /canary/);
  });

  test("at the market is a limit five percent from the reference price, and nothing without one", async (t) => {
    const { venue, server } = await open(t);
    const { price: _, ...market } = { ...ORDER, type: "market" as const };
    const without = await venue.submit?.(market);
    assert.ok(without?.kind === "rejected" && !without.sent);
    await venue.submit?.({ ...market, referencePrice: decimal("30000") });
    const [order] = (server.actions.at(-1) as { orders: Row[] }).orders;
    assert.deepEqual([order?.p, order?.t], ["31500", { limit: { tif: "Ioc" } }]);
  });

  test("with an id that cannot be 16 bytes is not sent", async (t) => {
    const { venue, server } = await open(t);
    const outcome = await venue.submit?.({ ...ORDER, clientOrderId: "an-id-that-is-too-long-for-it" });
    assert.ok(outcome?.kind === "rejected" && !outcome.sent);
    assert.equal(server.countOf("submit"), 0);
  });
});

describe("the scheduled cancel of Hyperliquid", () => {
  test("is one signed action with the moment at which it fires, and one without a moment turns it off", async (t) => {
    const { venue, server, url } = await open(t);
    const set = await venue.deadMan?.({ timeoutMs: 60_000 });
    assert.equal(set?.kind, "accepted", JSON.stringify(set));
    assert.equal((await venue.deadMan?.({ timeoutMs: 0 }))?.kind, "accepted");
    const sent = server.requests.filter(({ path }) => path === "/exchange");
    const bodies = sent.map(({ body }) => JSON.parse(body) as Row);
    assert.deepEqual(
      bodies.map(({ action }) => action),
      [{ type: "scheduleCancel", time: NOW + 60_000 }, { type: "scheduleCancel" }],
    );
    const signer = (await packageAt(url, "hyperliquid", KEYS)) as unknown as {
      signL1Action(action: unknown, nonce: unknown, vault: undefined, expiresAfter: unknown): unknown;
    };
    for (const { action, nonce, signature, expiresAfter } of bodies)
      assert.deepEqual(signature, signer.signL1Action(action, nonce, undefined, expiresAfter));
  });

  test("of an account that has traded too little is refused, with what is required", async (t) => {
    const { venue, server } = await open(t);
    server.hasTradedLittle = true;
    const outcome = await venue.deadMan?.({ timeoutMs: 60_000 });
    assert.ok(outcome?.kind === "rejected" && outcome.sent, JSON.stringify(outcome));
    assert.match(outcome.reason, /has not traded enough.*Required: \$1000000\. Traded: \$373/);
  });

  test("that was refused in words of which nothing is documented is not taken for set, nor for refused", async (t) => {
    const { venue } = await open(t);
    const outcome = await venue.deadMan?.({ timeoutMs: 4_000 });
    assert.equal(outcome?.kind, "unknown", JSON.stringify(outcome));
  });

  test("is not set with the key of another account, whose orders it would cancel", async (t) => {
    const { venue, server } = await open(t);
    server.roleOfKey = { role: "agent", data: { user: "0x1111111111111111111111111111111111111111" } };
    const outcome = await venue.deadMan?.({ timeoutMs: 60_000 });
    assert.ok(outcome?.kind === "rejected" && !outcome.sent, JSON.stringify(outcome));
    assert.deepEqual(server.actions, []);
  });
});

describe("the look at the private key of Hyperliquid", () => {
  const DAY = 86_400_000;
  const key = async (t: TestContext, prepare: (server: HyperliquidWire) => void, more = {}) => {
    const { venue } = await open(t, prepare, more);
    const found = (await venue.checkup?.()) ?? [];
    return found.find(({ check }) => check === "permissions");
  };

  test("says whether it may trade: as an API wallet of this account that has not ended", async (t) => {
    const cases: readonly [(server: HyperliquidWire) => void, string, boolean | undefined][] = [
      [() => undefined, "ok", true],
      [(server) => (server.keyEndsMs = NOW + 90 * DAY), "ok", true],
      [(server) => (server.keyEndsMs = NOW + 3 * DAY), "warn", true],
      [(server) => (server.keyEndsMs = NOW - 1), "warn", false],
      [(server) => (server.roleOfKey = { role: "missing" }), "warn", false],
      [
        (server) => (server.roleOfKey = { role: "agent", data: { user: `0x${"1".repeat(40)}` } }),
        "warn",
        false,
      ],
      [(server) => (server.roleOfKey = {}), "warn", undefined],
    ];
    for (const [index, [prepare, level, mayTrade]] of cases.entries()) {
      const found = await key(t, prepare);
      assert.deepEqual([found?.level, found?.mayTrade], [level, mayTrade], `${index}: ${found?.found}`);
    }
  });

  test("says nothing of one that is not there, or that trades for a vault", async (t) => {
    assert.equal(await key(t, () => undefined, { credentials: { walletAddress: WALLET } }), undefined);
    const options = { vaultAddress: WALLET };
    assert.equal(await key(t, () => undefined, { options }), undefined);
  });

  test("says of one that is no key that it may not, and does not repeat it", async (t) => {
    const credentials = { ...KEYS, privateKey: "0xcanary-of-a-key" };
    const found = await key(t, () => undefined, { credentials });
    assert.deepEqual([found?.level, found?.mayTrade], ["warn", false]);
    assert.doesNotMatch(JSON.stringify(found), /canary/);
  });
});

test("without the wallet's address the adapter does not open, and says which key is missing", async (t) => {
  const served = await serve(t, HYPERLIQUID_BENCH, (model) => new HyperliquidWire(model));
  const given = { exchange: "hyperliquid", credentials: {}, credentialNames: { walletAddress: "MY_WALLET" } };
  await assert.rejects(openOn(served, given), /set MY_WALLET/);
});

test("a market kind that the profile does not cover is refused by name", async (t) => {
  const served = await serve(t, HYPERLIQUID_BENCH, (model) => new HyperliquidWire(model));
  const given = { exchange: "hyperliquid", credentials: KEYS, marketTypes: ["option"] };
  await assert.rejects(openOn(served, given), /swap, spot; found option/);
});

function held(coin: string, szi: string): Row {
  const value = szi.startsWith("-") ? "150.0" : "250.0";
  const position = { coin, szi, entryPx: "100.0", positionValue: value, unrealizedPnl: "0.0" };
  return { type: "oneWay", position };
}

function buy(model: { trade: (by: never) => unknown }, price: string): void {
  model.trade({
    instrument: "BTC/USDC:USDC",
    side: "buy",
    qty: decimal("0.002"),
    price: decimal(price),
  } as never);
}
