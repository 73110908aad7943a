// The two markets of Binance that are spoken to, and where each is in each environment. One account of the configuration is
// one market: they have other addresses, other endpoints and other words for the same things.
import { checkedAddress } from "../wire/address.ts";

export type Market = "usdm" | "spot";
export type Environment = "live" | "testnet" | "demo";

export interface Addresses {
  /** Of the market itself. */
  readonly rest: string;
  /** Of the user data stream: `/private` of futures, the WebSocket API of spot. */
  readonly stream: string;
  /** Of the market's prices, with its path. */
  readonly prices: string;
  /** Of `/sapi`, which tells a key's rights; null where the environment has none. */
  readonly sapi: string | null;
}

/**
 * @see node_modules/binance 3.6.5, lib/util/requestUtils.js (BINANCE_BASE_URLS, BINANCE_DEMO_BASE_URLS)
 * @see node_modules/binance 3.6.5, lib/util/websockets/websocket-util.js (WS_BASE_URL_MAP and its demo map)
 * @see https://github.com/binance/binance-spot-api-docs testnet/general-info.md ("only the /api endpoints") and
 * demo-mode/general-info.md (all read 2026-11)
 */
const ADDRESSES: Readonly<Record<Market, Readonly<Record<Environment, Addresses>>>> = {
  usdm: {
    live: {
      rest: "https://fapi.binance.com",
      stream: "wss://fstream.binance.com",
      prices: "wss://fstream.binance.com",
      sapi: "https://api.binance.com",
    },
    testnet: {
      rest: "https://testnet.binancefuture.com",
      stream: "wss://stream.binancefuture.com",
      prices: "wss://stream.binancefuture.com",
      sapi: null,
    },
    demo: {
      rest: "https://demo-fapi.binance.com",
      stream: "wss://fstream.binancefuture.com",
      prices: "wss://fstream.binancefuture.com",
      sapi: null,
    },
  },
  spot: {
    live: {
      rest: "https://api.binance.com",
      stream: "wss://ws-api.binance.com",
      prices: "wss://stream.binance.com:9443",
      sapi: "https://api.binance.com",
    },
    testnet: {
      rest: "https://testnet.binance.vision",
      stream: "wss://ws-api.testnet.binance.vision",
      prices: "wss://stream.testnet.binance.vision",
      sapi: null,
    },
    demo: {
      rest: "https://demo-api.binance.com",
      stream: "wss://demo-ws-api.binance.com",
      prices: "wss://demo-stream.binance.com:9443",
      sapi: null,
    },
  },
};

/**
 * Quotes of futures are told under `/public` since Binance split its addresses (2026-04-23).
 * @see node_modules/ccxt 4.5.84, js/src/pro/binance.js (getFutureWsCategory: bookTicker is public) and node_modules/binance
 * 3.6.5, lib/util/websockets/websocket-util.js ("usdmPublic"; both read 2026-11)
 */
const PRICES_PATH: Readonly<Record<Market, string>> = { usdm: "/public/ws", spot: "/ws" };

/**
 * The addresses, checked: keys go to them. Where the REST address is one's own, `/sapi` is there too.
 * @throws VenueError `venue_config`
 */
export function addressesOf(
  market: Market,
  environment: Environment,
  own: { readonly baseUrl?: string | undefined; readonly wsUrl?: string | undefined },
): Addresses {
  const { rest, stream, prices, sapi } = ADDRESSES[market][environment];
  const checkedRest = checkedAddress("the address of Binance's API", own.baseUrl ?? rest);
  return {
    rest: checkedRest,
    stream: checkedAddress("the address of Binance's stream", own.wsUrl ?? stream, "ws"),
    prices: `${checkedAddress("the address of Binance's prices", own.wsUrl ?? prices, "ws")}${PRICES_PATH[market]}`,
    sapi: own.baseUrl === undefined ? sapi : checkedRest,
  };
}
