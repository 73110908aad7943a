// The conformance benches of Binance: futures one-way and in hedge mode, and spot.
import type { Bench, BenchParts, ModelInstrument } from "../../../src/conformance/index.ts";
import { decimal } from "../../../src/core/index.ts";
import {
  DECLARATION,
  type Market,
  openBinance,
  readPayload,
  SPOT_CAPABILITIES,
} from "../../../src/venues/binance/index.ts";
import { LIFE_MS } from "../../../src/venues/binance/stream.ts";
import { STREAM_TIMING, type StreamTiming } from "../../../src/venues/wire/stream.ts";
import { SpotWire } from "./spot-wire.ts";
import { UsdmWire } from "./usdm-wire.ts";

const KEYS = { keyId: "CanaryKey0001CanaryKey0001CanaryKey0001", secret: "canary-secret-4b7d19e2f0" };

export function openOn(
  parts: BenchParts,
  market: Market,
  positionMode: "net" | "hedge" = "net",
  timing: Partial<StreamTiming> = {},
) {
  const { url, wsUrl, keys, fetch, clock, timers, random, openSocket } = parts;
  return openBinance({
    market,
    environment: "live",
    keyId: keys.keyId ?? "",
    secret: keys.secret ?? "",
    positionMode,
    ...(market === "spot" && { symbols: ["BTC/USDT", "ETH/USDT"] }),
    baseUrl: url,
    wsUrl,
    fetch,
    clock,
    timeoutMs: 30_000,
    stream: { timers, random, openSocket, timing: { ...STREAM_TIMING, lifeMs: LIFE_MS, ...timing } },
  });
}

function contract(base: string, price: string, lot: string): ModelInstrument {
  return {
    instrument: {
      symbol: `${base}/USDT:USDT`,
      qtyStep: decimal("0.001"),
      priceStep: decimal("0.1"),
      multiplier: decimal("1"),
      base: null,
      quote: "USDT",
      settlement: "margin",
    },
    kind: "linear",
    venueSymbol: `${base}USDT`,
    price: decimal(price),
    lot: decimal(lot),
  };
}

function pair(base: string, price: string, lot: string): ModelInstrument {
  return {
    instrument: {
      symbol: `${base}/USDT`,
      qtyStep: decimal("0.00001"),
      priceStep: decimal("0.01"),
      multiplier: decimal("1"),
      base,
      quote: "USDT",
      settlement: "cash",
    },
    kind: "spot",
    venueSymbol: `${base}USDT`,
    price: decimal(price),
    lot: decimal(lot),
  };
}

const CONTRACTS = [contract("BTC", "64250.5", "0.01"), contract("ETH", "3120.4", "0.2")];

export const USDM_BENCH: Bench = {
  name: "binance usdm",
  declaration: DECLARATION,
  positionMode: "net",
  instruments: CONTRACTS,
  accountId: "SgCafedead",
  balances: { USDT: decimal("100000"), BNB: decimal("5") },
  account: { feeRatio: decimal("0.0004") },
  keys: KEYS,
  // The key in its address is the whole subscription; nothing is said for it.
  isStreamAcknowledged: false,
  happenings: ["manual", "liquidation", "adl", "funding", "transfer", "fee"],
  readPayload,
  server: (model, keys) => new UsdmWire(model, keys),
  open: (parts) => openOn(parts, "usdm"),
};

export const HEDGE_BENCH: Bench = {
  ...USDM_BENCH,
  name: "binance usdm hedge",
  positionMode: "hedge",
  open: (parts) => openOn(parts, "usdm", "hedge"),
};

export const SPOT_BENCH: Bench = {
  name: "binance spot",
  declaration: { ...DECLARATION, capabilities: SPOT_CAPABILITIES },
  positionMode: "net",
  instruments: [pair("BTC", "64250.5", "0.01"), pair("ETH", "3120.4", "0.2")],
  accountId: "354930000",
  balances: { USDT: decimal("100000"), BNB: decimal("5") },
  account: { feeRatio: decimal("0.001") },
  keys: KEYS,
  happenings: ["manual", "transfer"],
  readPayload,
  server: (model, keys) => new SpotWire(model, keys),
  open: (parts) => openOn(parts, "spot"),
};
