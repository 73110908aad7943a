// What is said on the two user data streams. USD-M: a key is fetched, its own address is the subscription, and the key is
// extended before its hour is over. Spot: the WebSocket API is told, with a signature, whose events are wanted, and is asked
// now and then whether that still stands.
import type { StreamEvent } from "../venue.ts";
import type { Beginning, Conversation, Step, StreamProtocol } from "../wire/conversation.ts";
import { isObject } from "../wire/fields.ts";
import { parsed } from "../wire/json.ts";
import { authProblem, cleanMessage, type FailureWords } from "../wire/words.ts";
import type { BinanceClient } from "./client.ts";
import { errorBody } from "./outcome.ts";
import type { Transport } from "./transport.ts";

/**
 * A key lives 60 minutes from its last extension; it was seen to die earlier.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams (read 2026-11)
 * @see https://github.com/jaggedsoft/node-binance-api/issues/168
 */
export const KEEP_ALIVE_MS = 25 * 60_000;
/** "A single connection is only valid for 24 hours": it is given up a little before. In ms. */
export const LIFE_MS = 23.5 * 3_600_000;

export type ReadMessage = (message: unknown) => readonly StreamEvent[];

const LISTEN_KEY = "/fapi/v1/listenKey";

/**
 * The key goes as a parameter: with the key in the path the connection stands and answers, but was seen to tell nothing
 * since Binance split its addresses (2026-04-23).
 * @see https://github.com/ccxt/go-binance/pull/812 (from the path to the parameter), node_modules/ccxt 4.5.84,
 * js/src/pro/binance.js (getPrivateWsUrl) and node_modules/binance 3.6.5, lib/util/websockets/websocket-util.js
 * ("usdmPrivate"; all read 2026-11)
 * @param url Without a path.
 * @param learnSecret Told each key: from then on it is taken out of every text.
 */
export function usdmProtocol(
  url: string,
  client: BinanceClient,
  read: ReadMessage,
  learnSecret: (key: string) => void,
): StreamProtocol {
  const askKey = (method: "POST" | "PUT") =>
    client.ask("the stream's key", { method, path: LISTEN_KEY, security: "key" });
  return {
    name: "Binance's stream",
    async begin(): Promise<Beginning> {
      const answer = await askKey("POST");
      const key = answer.kind === "answer" && isObject(answer.value) ? answer.value.listenKey : undefined;
      if (typeof key !== "string" || !/^[\w-]{8,}$/.test(key)) {
        throw new Error(answer.kind === "failed" ? answer.problem : "Binance gave no key for the stream");
      }
      learnSecret(key);
      return {
        url: `${url}/private/ws?listenKey=${key}`,
        conversation: new UsdmConversation(read),
        keepAlive: { everyMs: KEEP_ALIVE_MS, work: async () => extended(await askKey("PUT"), key) },
        secrets: [key],
      };
    },
  };
}

/** A key that is gone (-1125), or has become another one, delivers nothing more. */
function extended(answer: Awaited<ReturnType<BinanceClient["ask"]>>, key: string): void {
  if (answer.kind === "failed") throw new Error(answer.problem);
  const told = answer.kind === "answer" && isObject(answer.value) ? answer.value.listenKey : undefined;
  if (typeof told === "string" && told !== key) throw new Error("Binance has given the account another key");
}

/**
 * The address itself is the subscription, and nothing acknowledges it but that the connection stands and answers: a ping goes
 * out at once, and with its pong the stream is live.
 */
class UsdmConversation implements Conversation {
  private readonly read: ReadMessage;

  constructor(read: ReadMessage) {
    this.read = read;
  }

  opened(): readonly Step[] {
    return [{ kind: "ping" }];
  }

  pingAnswered(): readonly Step[] {
    return [{ kind: "live" }];
  }

  heartbeat(): readonly Step[] {
    return [{ kind: "ping" }];
  }

  received(text: string | undefined): readonly Step[] {
    const message = text === undefined ? undefined : parsed(text);
    if (message === undefined)
      return [{ kind: "lost", problem: "a message that is not JSON came on the stream" }];
    const content = isObject(message) && isObject(message.data) ? message.data : message;
    if (isObject(content) && content.e === "listenKeyExpired") {
      return [{ kind: "end", reason: "the stream's key expired" }];
    }
    return [{ kind: "events", events: this.read(content) }];
  }
}

/** @param url Without a path. */
export function spotProtocol(
  url: string,
  transport: Transport,
  words: FailureWords,
  read: ReadMessage,
): StreamProtocol {
  return {
    name: "Binance's stream",
    begin: async () => ({
      url: `${url}/ws-api/v3`,
      conversation: new SpotConversation(await transport.signedParams(), words, read),
    }),
  };
}

/** @see https://github.com/binance/binance-spot-api-docs web-socket-api.md "User Data Stream requests" (read 2026-11) */
class SpotConversation implements Conversation {
  private readonly params: Readonly<Record<string, string | number>>;
  private readonly words: FailureWords;
  private readonly read: ReadMessage;
  private subscriptionId: string | undefined;

  constructor(params: Readonly<Record<string, string | number>>, words: FailureWords, read: ReadMessage) {
    this.params = params;
    this.words = words;
    this.read = read;
  }

  opened(): readonly Step[] {
    const frame = { id: "subscribe", method: "userDataStream.subscribe.signature", params: this.params };
    return [{ kind: "send", text: JSON.stringify(frame), expects: "an acknowledgement of the subscription" }];
  }

  heartbeat(): readonly Step[] {
    const text = JSON.stringify({ id: "subscriptions", method: "session.subscriptions", params: {} });
    return [{ kind: "send", text, expects: "the list of subscriptions" }];
  }

  received(text: string | undefined): readonly Step[] {
    const message = text === undefined ? undefined : parsed(text);
    if (!isObject(message))
      return [{ kind: "lost", problem: "a message that is not JSON came on the stream" }];
    if (isObject(message.event)) return this.event(message.event);
    if (message.id === "subscribe") return this.subscribed(message);
    if (message.id === "subscriptions") return this.stands(message);
    return [{ kind: "events", events: [{ kind: "wake", reason: "an answer came that nobody asked for" }] }];
  }

  private event(event: Readonly<Record<string, unknown>>): readonly Step[] {
    if (event.e === "eventStreamTerminated") return [end("Binance ended the subscription")];
    if (event.e === "serverShutdown") return [end("Binance's server is about to shut down")];
    return [{ kind: "events", events: this.read(event) }];
  }

  private subscribed({ status, result, error }: Readonly<Record<string, unknown>>): readonly Step[] {
    const id = isObject(result) ? result.subscriptionId : undefined;
    if (status === "200" && typeof id === "string") {
      this.subscriptionId = id;
      return [{ kind: "live" }];
    }
    const body = errorBody(error);
    const told = `${body?.code ?? `status ${String(status)}`}: ${cleanMessage(body?.message ?? "without a word", this.words)}`;
    const isAuth = body !== undefined && /^-(?:1002|1022|2008|2014|2015)$/.test(body.code);
    return [
      end(isAuth ? `${authProblem(this.words.venue)} on the stream (${told})` : `the stream says ${told}`),
    ];
  }

  private stands({ status, result }: Readonly<Record<string, unknown>>): readonly Step[] {
    const ids = Array.isArray(result)
      ? result.map((one) => (isObject(one) ? one.subscriptionId : undefined))
      : [];
    if (status === "200" && ids.includes(this.subscriptionId)) return [{ kind: "answered" }];
    return [end("Binance does not have the subscription any more")];
  }
}

function end(reason: string): Step {
  return { kind: "end", reason };
}
