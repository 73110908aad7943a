// What a look at the connection tells, what the account's mode must be, and what the adapter refuses to start with.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { json } from "../../../src/conformance/index.ts";
import { World } from "../../../src/conformance/world.ts";
import { type BinanceOptions, openBinance } from "../../../src/venues/binance/index.ts";
import { loadPackage } from "../../../src/venues/binance/transport.ts";
import { HEDGE_BENCH, SPOT_BENCH, USDM_BENCH } from "./bench.ts";
import type { BinanceWire } from "./binance-wire.ts";
import type { UsdmWire } from "./usdm-wire.ts";

async function finding(world: World, check: string) {
  return (await world.venue.checkup?.())?.find((one) => one.check === check);
}

describe("a look at an account of Binance", () => {
  for (const bench of [USDM_BENCH, HEDGE_BENCH, SPOT_BENCH]) {
    test(`finds nothing wrong where nothing is (${bench.name}), and shows no key`, async (t) => {
      const world = await World.open(t, bench);
      const findings = (await world.venue.checkup?.()) ?? [];
      assert.ok(findings.length >= 4);
      assert.deepEqual(
        findings.filter(({ level }) => level !== "ok"),
        [],
      );
      for (const secret of Object.values(bench.keys)) assert.ok(!JSON.stringify(findings).includes(secret));
      assert.ok(
        world.sent.every(({ method }) => method === "GET"),
        "it changes nothing",
      );
    });
  }

  test("refuses a key that may withdraw", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    const server = world.server as UsdmWire;
    server.rights = { ...server.rights, enableWithdrawals: true };
    assert.equal((await finding(world, "permissions"))?.level, "refuse");
  });

  test("warns of a key that every address may use", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    const server = world.server as UsdmWire;
    server.rights = { ...server.rights, ipRestrict: false };
    assert.equal((await finding(world, "permissions"))?.level, "warn");
  });

  test("refuses another position mode than the configuration's, and says which", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    (world.server as UsdmWire).isDual = true;
    const found = await finding(world, "position_mode");
    assert.equal(found?.level, "refuse");
    assert.match(found?.advice ?? "", /position_mode = "hedge"/);
  });

  test("warns of a clock that is off", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    (world.server as BinanceWire).skewMs = 3_000;
    const found = await finding(world, "clock");
    assert.deepEqual([found?.level, found?.found], ["warn", "ours is 3000 ms behind Binance's"]);
  });

  test("tells trouble as findings, and keys that are refused as that", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    world.server.stream = { isUnauthorized: true };
    const found = await finding(world, "account");
    assert.equal(found?.level, "warn");
    assert.match(found?.found ?? "", /^Binance refused the keys/);
  });
});

describe("an account in another mode than configured", () => {
  test("has positions that are partial, with what to do", async (t) => {
    const world = await World.open(t, { ...HEDGE_BENCH, open: USDM_BENCH.open });
    await world.pass();
    world.model.trade({
      instrument: world.first.instrument.symbol,
      leg: "long",
      side: "buy",
      qty: world.lots(1),
    });
    const { positions } = await world.venue.snapshot();
    assert.equal(positions?.quality, "partial");
    assert.match(positions?.problem ?? "", /position_mode/);
  });

  test("proves no position flat by the empty row of its own mode's leg", async (t) => {
    const world = await World.open(t, { ...HEDGE_BENCH, open: USDM_BENCH.open });
    await world.pass();
    const { symbol } = world.first.instrument;
    world.model.trade({ instrument: symbol, leg: "long", side: "buy", qty: world.lots(1) });
    const server = world.server as UsdmWire;
    const legs = ["BOTH", "LONG", "SHORT"].map((positionSide) => ({
      ...{ symbol: "BTCUSDT", positionSide, positionAmt: positionSide === "LONG" ? "0.01" : "0.00" },
      ...{ entryPrice: "0.0", updateTime: 0 },
    }));
    const routes = Reflect.get(server, "routes").bind(server);
    const route = {
      of: ["position"],
      method: "GET",
      path: /\/fapi\/v2\/positionRisk/,
      reply: () => json(legs),
    };
    Reflect.set(server, "routes", () => [route, ...routes()]);
    const found = await world.venue.position?.(symbol, "net");
    assert.equal(found?.kind, "unknown");
    assert.match(found?.kind === "unknown" ? found.problem : "", /position_mode/);
  });
});

describe("a position by its name", () => {
  test("is a row of zero where nothing is held, which proves that it is flat", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    const { symbol } = world.first.instrument;
    const found = await world.venue.position?.(symbol, "net");
    assert.equal(found?.kind === "row" && found.row.qty, "0");
  });

  test("is unknown where the read fails, or the leg is not the mode's", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    const { symbol } = world.first.instrument;
    assert.equal((await world.venue.position?.(symbol, "long"))?.kind, "unknown");
    world.server.setReadFault("position", "an empty list");
    assert.equal((await world.venue.position?.("DOGE/USDT:USDT", "net"))?.kind, "unknown");
    world.server.setReadFault("position", "500");
    assert.equal((await world.venue.position?.(symbol, "net"))?.kind, "unknown");
  });
});

describe("Binance is not opened", () => {
  const options: BinanceOptions = {
    market: "usdm",
    environment: "live",
    keyId: "key",
    secret: "secret",
    fetch,
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
  };
  for (const [what, change, code] of [
    ["without keys", { keyId: " " }, "venue_auth"],
    ["at an address that keys must not go to", { baseUrl: "http://example.com" }, "venue_config"],
    ["with a stream that keys must not go to", { wsUrl: "ws://example.com" }, "venue_config"],
    ["as spot without pairs", { market: "spot" }, "venue_config"],
    [
      "as spot with two pairs of one coin",
      { market: "spot", symbols: ["BTC/USDT", "BTC/EUR"] },
      "venue_config",
    ],
    [
      "as spot in hedge mode",
      { market: "spot", symbols: ["BTC/USDT"], positionMode: "hedge" },
      "venue_config",
    ],
    ["as futures with pairs", { symbols: ["BTC/USDT"] }, "venue_config"],
  ] as const) {
    test(what, async () => {
      await assert.rejects(openBinance({ ...options, ...change }), { name: "VenueError", code });
    });
  }

  test("where its package is not installed, and the message names the command", async () => {
    await assert.rejects(
      loadPackage(() => Promise.reject(new Error("not found"))),
      { code: "venue_package", message: /npm install binance@/ },
    );
  });
});

describe("balances of spot", () => {
  test("are told of every coin once, then of those that are or were held", async (t) => {
    const world = await World.open(t, SPOT_BENCH);
    const first = await world.venue.snapshot();
    assert.ok(first.balances?.rows.some(({ asset }) => asset === "QTUM"));
    const second = await world.venue.snapshot();
    assert.deepEqual(second.balances?.rows.map(({ asset }) => asset).sort(), ["BNB", "USDT"]);
  });
});
