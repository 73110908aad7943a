// How Harbour is asked: one method, the keys in the headers, the answer as the text that came. Trouble is an answer.
import type { Answer } from "../../venues/wire/answer.ts";
import { isObject } from "../../venues/wire/fields.ts";
import { parsed } from "../../venues/wire/json.ts";
import { type Reply, sendOnce, timeLimited } from "../../venues/wire/once.ts";
import { describeFailure, type FailureWords, httpText, notJsonText } from "../../venues/wire/words.ts";

export interface ClientOptions {
  readonly baseUrl: string;
  readonly keyId: string;
  readonly secret: string;
  /** Over the rate budget. */
  readonly fetch: typeof fetch;
  readonly words: FailureWords;
}

export interface HarbourClient {
  /** @param what Its name for a person: "the orders". */
  get(what: string, path: string, query?: Readonly<Record<string, string>>): Promise<Answer>;
  /** A command: sent once. */
  command(path: string, body: object): Promise<Reply>;
  /** Of a stream's key: no command, and asked for again by whoever needs it. */
  key(method: "POST" | "PUT", path: string): Promise<Answer>;
}

export function openClient(options: ClientOptions): HarbourClient {
  const { baseUrl, words } = options;
  const send = timeLimited(options.fetch, words.timeoutMs);
  const headers = { "harbour-key": options.keyId, "harbour-secret": options.secret };

  async function ask(what: string, method: string, url: string): Promise<Answer> {
    try {
      const response = await send(url, { method, headers, redirect: "error" });
      return answerOf(what, response.status, await response.text(), response.headers, words);
    } catch (error) {
      return { kind: "failed", problem: describeFailure(what, error, words) };
    }
  }

  return {
    get: (what, path, query = {}) => {
      const search = new URLSearchParams(query).toString();
      return ask(what, "GET", `${baseUrl}${path}${search === "" ? "" : `?${search}`}`);
    },
    key: (method, path) => ask("the stream's key", method, `${baseUrl}${path}`),
    command: (path, body) =>
      sendOnce({ fetch: send, words }, (once) =>
        once(`${baseUrl}${path}`, { method: "POST", headers, body: JSON.stringify(body) }),
      ),
  };
}

function answerOf(what: string, status: number, text: string, headers: Headers, words: FailureWords): Answer {
  const value = parsed(text);
  if (status === 404 && isObject(value) && typeof value.error === "string") {
    return { kind: "notFound", code: value.error, message: value.error };
  }
  if (status !== 200) {
    const seconds = Number(headers.get("Retry-After") ?? Number.NaN);
    const retryAfterMs = Number.isNaN(seconds) ? undefined : seconds * 1_000;
    return { kind: "failed", problem: httpText(what, { status, message: text, retryAfterMs }, words) };
  }
  if (value !== undefined) return { kind: "answer", value };
  return { kind: "failed", problem: notJsonText(what, text, headers.get("Content-Type"), words.venue) };
}
