// Asks an exchange: ccxt signs and knows the address, the given transport sends, and the answer is the text that came. So
// numbers stay exact, the package can repeat nothing, and what an answer means is decided by the profile's own table and
// not by the package's error classes, which have what was refused and what is not known under one.
import type { Clock } from "../../runtime/index.ts";
import type { Answer } from "../wire/answer.ts";
import { parsed } from "../wire/json.ts";
import { meteredFetch } from "../wire/metered.ts";
import { type Reply, sendOnce, timeLimited } from "../wire/once.ts";
import type { Purpose, RateBudgets, Refusal } from "../wire/rate.ts";
import { describeFailure, type FailureWords, isTimeout, notJsonText, rootCause } from "../wire/words.ts";
import type { Exchange, Params } from "./exchange.ts";

export interface Ask {
  readonly path: string;
  /** ccxt's name of the part of the API. */
  readonly api: string;
  readonly method: "GET" | "POST";
  readonly params: Params;
  /** Of each of the exchange's budgets. */
  readonly units: number | readonly number[];
  /** What an answer costs besides, once it is there; of the first budget. */
  readonly unitsOfAnswer?: (value: unknown) => number;
  /** What the exchange says in a body of having been asked too much. */
  readonly refusalIn?: (value: unknown) => Refusal | undefined;
  /** Besides those that are signed: a deadline. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the exchange means by an answer to a read: the value, "there is none", or why there is nothing. */
export type Judge = (what: string, status: number, value: unknown, words: FailureWords) => Answer;

export interface ClientParts {
  readonly exchange: Exchange;
  readonly fetch: typeof fetch;
  readonly budgets: RateBudgets;
  readonly clock: Clock;
  readonly words: FailureWords;
  readonly judge: Judge;
  /** One request after another: where each carries a number that must be above the last one's. */
  readonly isSerial?: boolean;
}

/** Attempts of one read: a failure of the network, or of the exchange itself, is tried once more. */
const ATTEMPTS = 2;

export class Client {
  private readonly parts: ClientParts;
  /** Shared with those that are made of it: they have the same key. */
  private readonly turn: { last: Promise<unknown> };

  constructor(parts: ClientParts, turn: { last: Promise<unknown> } = { last: Promise.resolve() }) {
    this.parts = parts;
    this.turn = turn;
  }

  get words(): FailureWords {
    return this.parts.words;
  }

  /** The same over another transport. */
  over(transport: typeof fetch): Client {
    return new Client({ ...this.parts, fetch: transport }, this.turn);
  }

  async read(what: string, ask: Ask): Promise<Answer> {
    let answer: Answer = { kind: "failed", problem: `${what} were not asked for` };
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { isFinal, ...found } = await this.attempt(what, ask);
      answer = found.answer;
      if (isFinal) break;
    }
    return answer;
  }

  /** Sends one command, once. @param purpose A cancel lowers risk, and may use what is kept back for it. */
  command(ask: Ask, purpose: Exclude<Purpose, "read">): Promise<Reply> {
    const { words } = this.parts;
    return this.inTurn(() =>
      sendOnce({ fetch: this.transport(ask, purpose), words }, async (once) => {
        const { url, init } = this.signed(ask);
        const response = await once(url, init);
        await response.text();
      }),
    );
  }

  private async attempt(
    what: string,
    ask: Ask,
  ): Promise<{ readonly answer: Answer; readonly isFinal: boolean }> {
    const { words, judge } = this.parts;
    try {
      const { status, text, type } = await this.inTurn(async () => {
        const { url, init } = this.signed(ask);
        const response = await this.transport(ask, "read")(url, { ...init, redirect: "error" });
        const body = await response.text();
        return { status: response.status, text: body, type: response.headers.get("Content-Type") };
      });
      const value = parsed(text);
      // A page for people in the exchange's place: its status is all that it says.
      if (value === undefined && status < 400) {
        return {
          answer: { kind: "failed", problem: notJsonText(what, text, type, words.venue) },
          isFinal: true,
        };
      }
      // It is spent, whoever it was kept back for.
      const more = ask.unitsOfAnswer?.(value) ?? 0;
      if (more > 0) this.parts.budgets.take(more, "cancel");
      const refusal = ask.refusalIn?.(value);
      if (refusal) this.parts.budgets.refuse(refusal);
      return { answer: judge(what, status, value ?? text, words), isFinal: status < 500 };
    } catch (error) {
      // What the budget refused is refused again; what took all its time has used up this read's.
      const isFinal = isRefused(error) || isTimeout(rootCause(error));
      return { answer: { kind: "failed", problem: describeFailure(what, error, words) }, isFinal };
    }
  }

  private signed({ path, api, method, params, headers = {} }: Ask): { url: string; init: RequestInit } {
    const { exchange } = this.parts;
    const request = exchange.sign(path, api, method, params);
    const init: RequestInit = {
      method: request.method,
      headers: { ...exchange.headers, ...request.headers, ...headers },
      ...(request.body !== undefined && { body: request.body }),
    };
    return { url: request.url, init };
  }

  private transport({ units }: Ask, purpose: Purpose): typeof fetch {
    const { fetch: send, budgets, clock, words } = this.parts;
    const metered = meteredFetch({ fetch: send, budgets, clock, costOf: () => ({ units, purpose }) });
    return timeLimited(metered, words.timeoutMs);
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (!this.parts.isSerial) return work();
    const done = this.turn.last.then(work, work);
    this.turn.last = done.catch(() => undefined);
    return done;
  }
}

function isRefused(error: unknown): boolean {
  return rootCause(error).name === "RateRefused";
}
