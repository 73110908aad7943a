// How a request to Binance looks: address, query and signature. The package signs; the request itself goes out by the fetch
// that we are given and the answer comes back as the text that it is. The package's own client would parse numbers to
// floats, and make its request by axios, out of reach of the rate budget and of the guard that sends a command once.
import type { Clock } from "../../runtime/index.ts";
import { loadClient } from "../wire/package.ts";

export type Package = Pick<typeof import("binance"), "getRESTRequestSignature">;
export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Decimals and ids are texts: nothing is rounded on its way out. */
export type Params = Readonly<Record<string, string | number | boolean>>;

export interface Request {
  readonly method: Method;
  /** Such as `/fapi/v1/order`. */
  readonly path: string;
  readonly params?: Params;
  /** `signed` unless said: `key` names the key without a signature, `none` is public. */
  readonly security?: "signed" | "key" | "none";
  /** Where to; the market's own REST address unless said. */
  readonly base?: string;
}

export interface Keys {
  readonly keyId: string;
  readonly secret: string;
}

/**
 * How long a signed request is good, in ms: one that is held up on its way for longer is refused.
 * @see https://github.com/binance/binance-spot-api-docs rest-api.md "Timing security" (default 5000, read 2026-11)
 */
export const RECV_WINDOW_MS = 5_000;

/** @throws VenueError `venue_package` when it is not installed. */
export function loadPackage(load: () => Promise<Package> = () => import("binance")): Promise<Package> {
  return loadClient({ name: "binance", version: "3.6.5", does: "signs what is sent to Binance" }, load);
}

/** Venue time less ours. Signed requests carry venue time, so that a clock of ours that is off refuses nothing. */
export class VenueClock {
  private readonly clock: Clock;
  private known: { readonly offsetMs: number; readonly atMs: number } | undefined;
  private hasDoubt = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  nowMs(): number {
    return Math.round(this.clock.nowMs() + (this.known?.offsetMs ?? 0));
  }

  /** Undefined until it was measured. */
  offsetMs(): number | undefined {
    return this.known?.offsetMs;
  }

  /** Whether it was never measured, or so long ago that our clock may have drifted, or was doubted. */
  isDue(): boolean {
    if (this.hasDoubt || this.known === undefined) return true;
    return this.clock.monotonicMs() - this.known.atMs > CLOCK_AGE_MS_MAX;
  }

  /** Binance said what time it was between these two of ours. */
  measured(serverMs: number, beforeMs: number, afterMs: number): void {
    this.known = { offsetMs: serverMs - (beforeMs + afterMs) / 2, atMs: this.clock.monotonicMs() };
    this.hasDoubt = false;
  }

  /** A request was refused for its time. */
  doubt(): void {
    this.hasDoubt = true;
  }

  isDoubted(): boolean {
    return this.hasDoubt;
  }
}

/** A usual clock drifts by less than 20 ms in that time. In ms. */
const CLOCK_AGE_MS_MAX = 30 * 60_000;

export interface Transport {
  /** Signs and sends, by the fetch that is given; the answer is nobody's business here. */
  send(send: typeof fetch, request: Request): Promise<Response>;
  /** What a request on the WebSocket API is signed with. */
  signedParams(): Promise<Readonly<Record<string, string | number>>>;
}

export function openTransport(binance: Package, keys: Keys, rest: string, clock: VenueClock): Transport {
  const keyId = keys.keyId.trim();
  // A key in one line, as variables have it.
  const secret = keys.secret.trim().replaceAll("\\n", "\n");
  const options = { recvWindow: RECV_WINDOW_MS, filterUndefinedParams: true };

  async function addressOf({
    path,
    params = {},
    security = "signed",
    base = rest,
  }: Request): Promise<string> {
    if (security !== "signed") {
      const query = new URLSearchParams(
        Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]),
      ).toString();
      return `${base}${path}${query === "" ? "" : `?${query}`}`;
    }
    const signed = await binance.getRESTRequestSignature(params, options, keyId, secret, clock.nowMs());
    return `${base}${path}?${signed.serialisedParams}&signature=${signed.signature}`;
  }

  return {
    async send(send, request) {
      const address = await addressOf(request);
      return send(address, {
        method: request.method,
        // Keys go to the address that was checked, and to no other.
        redirect: "error",
        ...(request.security !== "none" && { headers: { "X-MBX-APIKEY": keyId } }),
      });
    },
    async signedParams() {
      // In alphabetical order, as the WebSocket API signs them; the package keeps the order of what it is given.
      const params = { apiKey: keyId, recvWindow: RECV_WINDOW_MS };
      const timestamp = clock.nowMs();
      const { signature } = await binance.getRESTRequestSignature(params, options, keyId, secret, timestamp);
      return { ...params, timestamp, signature: decodeURIComponent(String(signature)) };
    },
  };
}
