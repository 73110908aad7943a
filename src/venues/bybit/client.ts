// Asking Bybit: the package bybit-api signs every request; it is sent over the fetch that is given, and the answer is taken
// as the text that came. The package's own reading is not used: it would turn numbers into floats, and its errors carry
// the keys. Trouble at the venue's side is an answer too; nothing here throws for it.
import type { Clock } from "../../runtime/index.ts";
import { RateRefused } from "../wire/metered.ts";
import { type Reply, sendOnce, timeLimited } from "../wire/once.ts";
import { loadClient } from "../wire/package.ts";
import type { RateBudget } from "../wire/rate.ts";
import { describeFailure, type FailureWords, httpText, type KeyNames, notJsonText } from "../wire/words.ts";
import { type Envelope, envelopeIn } from "./envelope.ts";
import { refusalText } from "./failure.ts";
import { isBan } from "./outcome.ts";

export type Package = Pick<typeof import("bybit-api"), "RestClientV5"> &
  Pick<typeof import("bybit-api/lib/util/webCryptoAPI.js"), "signMessage">;
export type Params = Readonly<Record<string, string | number>>;

export type Asked =
  | { readonly kind: "answer"; readonly result: Envelope["result"]; readonly timeMs: number | undefined }
  /** Bybit's own code, and its words for a person. */
  | { readonly kind: "refused"; readonly code: string; readonly problem: string }
  | { readonly kind: "failed"; readonly problem: string };

export interface BybitClient {
  /** @param what For a person: "the positions". */
  ask(what: string, path: string, params?: Params): Promise<Asked>;
  /** Without keys: what everybody may know. */
  askPublic(what: string, path: string, params?: Params): Promise<Asked>;
  /** One command, sent once. */
  command(path: string, body: Readonly<Record<string, unknown>>): Promise<Reply>;
}

/** How long one call may take; tests make it short. */
export interface CallTiming {
  /** For one attempt. In ms. */
  readonly timeoutMs: number;
  /** Further attempts of a read after a failure of the network or a 5xx. */
  readonly retries: number;
}

/** 6 s and one more attempt: a call ends within 13 s, two in a row within the engine's 30 s. */
export const CALL_TIMING: CallTiming = { timeoutMs: 6_000, retries: 1 };

/** How long a request counts after its timestamp: Bybit's own default. In ms. */
export const RECV_WINDOW_MS = 5_000;

export interface ClientOptions {
  readonly key: string;
  readonly secret: string;
  readonly keyNames: KeyNames;
  readonly environment: string;
  readonly baseUrl: string;
  /** Keeps to the rate budget already. */
  readonly fetch: typeof fetch;
  /** Of reads alone: told when Bybit says that there were too many, which keeps no order from going out. */
  readonly reads: RateBudget;
  /** Of everything from this address: told when Bybit refuses it for some minutes. */
  readonly address: RateBudget;
  readonly clock: Clock;
  readonly timing: CallTiming;
}

/** @throws VenueError `venue_package` when it is not installed. */
export function loadPackage(load: () => Promise<Package> = loadBoth): Promise<Package> {
  return loadClient({ name: "bybit-api", version: "4.7.7", does: "speaks to Bybit" }, load);
}

/** The stream is signed by the package too, whose index does not export that. */
async function loadBoth(): Promise<Package> {
  const [{ RestClientV5 }, { signMessage }] = await Promise.all([
    import("bybit-api"),
    import("bybit-api/lib/util/webCryptoAPI.js"),
  ]);
  return { RestClientV5, signMessage };
}

export function wordsOf({ environment, keyNames, timing, key, secret }: ClientOptions): FailureWords {
  const { timeoutMs } = timing;
  return { venue: "Bybit", environment, keyNames, timeoutMs, secrets: [key, secret] };
}

interface Received {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export function openClient(bybit: Package, options: ClientOptions): BybitClient {
  const words = wordsOf(options);
  const limited = timeLimited(options.fetch, options.timing.timeoutMs);

  /** One signed request over a transport; whatever fails in it is thrown as the transport gave it. */
  async function request(
    send: typeof fetch,
    call: (client: InstanceType<Package["RestClientV5"]>) => Promise<unknown>,
  ): Promise<Received> {
    let received: Received | undefined;
    let failure: unknown;
    const adapter = async (config: AxiosConfig) => {
      try {
        const { url, method = "get", data } = config;
        const response = await send(url ?? "", {
          method: method.toUpperCase(),
          headers: headersOf(config),
          redirect: "error",
          ...(typeof data === "string" && { body: data }),
        });
        received = { status: response.status, text: await response.text(), headers: response.headers };
      } catch (error) {
        failure = error;
        throw error;
      }
      // What the package would make of the answer is not asked for.
      return { data: {}, status: 200, statusText: "OK", headers: {}, config };
    };
    const { key, secret, baseUrl } = options;
    const given = { key, secret, baseUrl, recv_window: RECV_WINDOW_MS };
    try {
      await call(new bybit.RestClientV5(given, { adapter } as never));
    } catch (error) {
      if (received === undefined) throw failure ?? error;
    }
    if (received === undefined) throw new Error("the client made no request");
    return received;
  }

  async function read(
    what: string,
    call: (client: InstanceType<Package["RestClientV5"]>) => Promise<unknown>,
  ): Promise<Asked> {
    let asked: Asked = { kind: "failed", problem: `${what} were not asked for` };
    for (let attempt = 0; attempt <= options.timing.retries; attempt += 1) {
      const again = await once();
      if (!again) return asked;
    }
    return asked;

    /** True where one more attempt may help. */
    async function once(): Promise<boolean> {
      try {
        const received = await request(limited, call);
        asked = answerOf(what, received);
        return received.status >= 500;
      } catch (error) {
        asked = { kind: "failed", problem: describeFailure(what, error, words) };
        return !(error instanceof RateRefused) && !(error instanceof Error && error.name === "TimeoutError");
      }
    }
  }

  function answerOf(what: string, { status, text, headers }: Received): Asked {
    noteBan(status, text);
    if (status !== 200) {
      return { kind: "failed", problem: httpText(what, { status, message: text.slice(0, 200) }, words) };
    }
    const envelope = envelopeIn(text);
    if (envelope === undefined) {
      return { kind: "failed", problem: notJsonText(what, text, headers.get("Content-Type"), "Bybit") };
    }
    const { code, result, timeMs } = envelope;
    if (code === "0") return { kind: "answer", result, timeMs };
    if (code === TOO_MANY) options.reads.refuse({ kind: "limit", forMs: resetMs(headers, options.clock) });
    return { kind: "refused", code, problem: refusalText(what, envelope, words) };
  }

  function noteBan(status: number, text: string): void {
    if (isBan(status, text)) options.address.refuse({ kind: "ban", forMs: BAN_MS });
  }

  return {
    ask: (what, path, params = {}) => read(what, (client) => client.getPrivate(path, { ...params })),
    askPublic: (what, path, params = {}) => read(what, (client) => client.get(withQuery(path, params))),
    command: async (path, body) => {
      const reply = await sendOnce({ fetch: limited, words }, (send) =>
        request(send, (client) => client.postPrivate(path, { ...body })),
      );
      if (reply.kind === "answer") noteBan(reply.status, reply.text);
      return reply;
    },
  };
}

/**
 * "terminate all HTTP sessions and wait for at least 10 minutes", cancels too. In ms.
 * @see https://bybit-exchange.github.io/docs/v5/rate-limit (read 2026-11)
 */
const BAN_MS = 10 * 60_000;

/** What is used of an axios request. */
interface AxiosConfig {
  readonly url?: string;
  readonly method?: string;
  readonly data?: unknown;
  readonly headers?: Iterable<readonly [string, unknown]>;
}

/**
 * The package credits its authors with whatever is traded through it (`x-referer`); that header is no part of what is
 * signed, and is left out.
 */
function headersOf({ headers }: AxiosConfig): [string, string][] {
  return [...(headers ?? [])].flatMap(([name, value]): [string, string][] =>
    /^(?:x-referer|content-length)$/i.test(name) || value == null ? [] : [[name, String(value)]],
  );
}

/** The package would leave the parameters of an open request to its own transport. */
function withQuery(path: string, params: Params): string {
  const pairs = Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]);
  const query = new URLSearchParams(pairs);
  return query.size === 0 ? path : `${path}?${query}`;
}

/** @see https://bybit-exchange.github.io/docs/v5/rate-limit "Too many visits" (read 2026-11) */
const TOO_MANY = "10006";
/** Limits count by the second. In ms. */
const RESET_MS_LEAST = 1_000;
const RESET_MS_MOST = 10_000;

/** By the venue's clock, so no further than some seconds. */
function resetMs(headers: Headers, clock: Clock): number {
  const atMs = Number(headers.get("X-Bapi-Limit-Reset-Timestamp") ?? Number.NaN);
  const forMs = Number.isFinite(atMs) ? atMs - clock.nowMs() : 0;
  return Math.min(RESET_MS_MOST, Math.max(RESET_MS_LEAST, forMs));
}
