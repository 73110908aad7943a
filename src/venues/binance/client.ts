// Reads from Binance: each answer as parsed exactly, as Binance's own "there is none", or as why there is none. Trouble at
// the venue's side is an answer too; nothing here throws for it. Commands are in sender.ts.
import type { Clock } from "../../runtime/index.ts";
import type { Answer } from "../wire/answer.ts";
import { isObject } from "../wire/fields.ts";
import { parsed } from "../wire/json.ts";
import { timeLimited } from "../wire/once.ts";
import { retryAfterMs } from "../wire/rate.ts";
import {
  authProblem,
  cleanMessage,
  describeFailure,
  type FailureWords,
  httpText,
  notJsonText,
} from "../wire/words.ts";
import type { Market } from "./markets.ts";
import { errorBody } from "./outcome.ts";
import type { Params, Request, Transport, VenueClock } from "./transport.ts";

/** How long one call may take, until its body is read; tests make it short. In ms. */
export const CALL_TIMEOUT_MS = 6_000;

export interface ClientParts {
  readonly market: Market;
  readonly transport: Transport;
  /** The rate budget is kept in it. */
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly venueClock: VenueClock;
  readonly words: FailureWords;
}

/** Refused for the time that a signed request carried. */
export const CLOCK_CODES: ReadonlySet<string> = new Set(["-1021", "-5028"]);
/** "Order does not exist."; of spot also one that is so old that it is archived. */
const NOT_FOUND_CODES = new Set(["-2013", "-2026"]);
const AUTH_CODES = new Set(["-1002", "-1022", "-2008", "-2014", "-2015", "-2017"]);

export class BinanceClient {
  readonly market: Market;
  private readonly parts: ClientParts;
  private measuring: Promise<string | undefined> | undefined;

  constructor(parts: ClientParts) {
    this.parts = parts;
    this.market = parts.market;
  }

  /** Venue time, ms. */
  nowMs(): number {
    return this.parts.venueClock.nowMs();
  }

  /** Venue time less ours, in ms; undefined until it was measured. */
  offsetMs(): number | undefined {
    return this.parts.venueClock.offsetMs();
  }

  /** The same reads over another transport; the clock is shared. */
  over(wrap: (send: typeof fetch) => typeof fetch): BinanceClient {
    return new BinanceClient({ ...this.parts, fetch: wrap(this.parts.fetch) });
  }

  /**
   * A signed read.
   * @param what Its name for a person, in the plural: "the positions".
   * @param base Another address than the market's own.
   */
  async get(what: string, path: string, params: Params = {}, base?: string): Promise<Answer> {
    await this.measure();
    const request: Request = { method: "GET", path, params, ...(base !== undefined && { base }) };
    const answer = await this.ask(what, request);
    // The time was wrong, not the question: where it can be measured anew, it is asked once more.
    if (answer.kind !== "failed" || !this.parts.venueClock.isDoubted()) return answer;
    const problem = await this.measure();
    return problem === undefined ? this.ask(what, request) : answer;
  }

  /** Measures the venue's clock where that is due; undefined, or why it could not. */
  measure(): Promise<string | undefined> {
    if (!this.parts.venueClock.isDue()) return Promise.resolve(undefined);
    this.measuring ??= this.measureNow().finally(() => {
      this.measuring = undefined;
    });
    return this.measuring;
  }

  private async measureNow(): Promise<string | undefined> {
    const { clock, venueClock, market } = this.parts;
    const path = market === "usdm" ? "/fapi/v1/time" : "/api/v3/time";
    const beforeMs = clock.nowMs();
    const answer = await this.ask("the venue's time", { method: "GET", path, security: "none" });
    if (answer.kind === "failed") return answer.problem;
    const stated = answer.kind === "answer" && isObject(answer.value) ? answer.value.serverTime : undefined;
    if (typeof stated !== "string" || !/^\d{13}$/.test(stated))
      return "the venue did not say what time it is";
    venueClock.measured(Number(stated), beforeMs, clock.nowMs());
    return undefined;
  }

  /** Any request that changes no order. */
  async ask(what: string, request: Request): Promise<Answer> {
    const { transport, words } = this.parts;
    try {
      const response = await transport.send(timeLimited(this.parts.fetch, words.timeoutMs), request);
      return this.read(what, response, await response.text());
    } catch (error) {
      return { kind: "failed", problem: describeFailure(what, error, words) };
    }
  }

  private read(what: string, { status, headers }: Response, text: string): Answer {
    const { words, venueClock, clock } = this.parts;
    const value = parsed(text);
    if (status === 200) {
      if (value !== undefined) return { kind: "answer", value };
      return { kind: "failed", problem: notJsonText(what, text, headers.get("Content-Type"), words.venue) };
    }
    const body = errorBody(value);
    const code = body?.code ?? "";
    const message = cleanMessage(body?.message ?? text, words);
    if (NOT_FOUND_CODES.has(code)) return { kind: "notFound", code, message };
    if (CLOCK_CODES.has(code)) venueClock.doubt();
    return { kind: "failed", problem: this.problemOf(what, status, { code, message }, headers, clock) };
  }

  private problemOf(
    what: string,
    status: number,
    { code, message }: { readonly code: string; readonly message: string },
    headers: Headers,
    clock: Clock,
  ): string {
    const { words } = this.parts;
    const told = `HTTP ${status}, code ${code || "none"}: ${message}`;
    if (AUTH_CODES.has(code) || status === 401) {
      const { keyNames, environment } = words;
      return `${authProblem(words.venue)} (${told}) when asked for ${what}: check that ${keyNames.keyId} and ${keyNames.secret} are set, belong together, were made for the ${environment} environment, may read this market, and that this machine's address is one that they allow`;
    }
    if (CLOCK_CODES.has(code)) {
      return `${what} were refused for the time of the request (${told}); set this machine's clock by NTP, the next pass measures it again`;
    }
    if (status === 403 || status === 418) {
      const why = status === 403 ? "Binance's firewall refused" : "Binance has banned this address when";
      return `${why} the request for ${what} (${told}); nothing more is sent for a while. Look whether other programs of this address ask too much`;
    }
    const retryAfter = retryAfterMs(headers.get("Retry-After"), clock.nowMs());
    return httpText(
      what,
      { status, message: `code ${code || "none"}: ${message}`, retryAfterMs: retryAfter },
      words,
    );
  }
}
