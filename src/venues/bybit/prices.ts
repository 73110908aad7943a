// Prices of Bybit: the public tickers of each category, which have a connection of their own each. Contracts tell what changed
// since the last message, so that both sides of a quote are put together here; coins tell the last price alone.
import type { Decimal } from "../../core/index.ts";
import type { PriceFeed, PriceTick, Venue } from "../venue.ts";
import type { Step } from "../wire/conversation.ts";
import { isObject } from "../wire/fields.ts";
import {
  keepPriceFeed,
  type PriceCodec,
  type PriceFeedOptions,
  type PriceNews,
  type PriceProtocol,
} from "../wire/price-feed.ts";
import { optionalPrice, optionalTimeMs, parsedMessage } from "../wire/price-fields.ts";
import { routedFeed } from "../wire/routed-feed.ts";
import type { BybitClient } from "./client.ts";
import type { Instruments } from "./instruments.ts";
import type { Category } from "./symbols.ts";

const TOPIC = "tickers.";
/**
 * Topics of one message: ten of spot; of the others more, by the length of the text.
 * @see https://bybit-exchange.github.io/docs/v5/ws/connect "Public channel - Args limits" (read 2026-11)
 */
const TOPICS_MAX = 10;
/** Symbols of one question. */
const ASKED_MAX = 50;

/** @param url Of the public streams, up to the category: `wss://stream.bybit.com/v5/public`. */
export function pricesOf(
  url: string,
  instruments: Instruments,
  options: PriceFeedOptions,
): NonNullable<Venue["prices"]> {
  const routeOf = (instrument: string): Category | { readonly refused: string } =>
    instruments.named(instrument)?.category ?? { refused: "it is no instrument of Bybit" };
  return (listener): PriceFeed =>
    routedFeed(
      routeOf,
      (category, hear) =>
        keepPriceFeed(options, protocolOf(`${url}/${category}`, category, instruments), hear),
      listener,
    );
}

function protocolOf(url: string, category: Category, instruments: Instruments): PriceProtocol {
  return {
    name: `Bybit's price feed (${category})`,
    url,
    refusalOf: () => undefined,
    codec: () => new TickerCodec(instruments),
  };
}

interface Ticker {
  readonly last?: Decimal;
  readonly bid?: Decimal;
  readonly ask?: Decimal;
}

/** @see https://bybit-exchange.github.io/docs/v5/websocket/public/ticker (snapshot and delta, read 2026-11) */
class TickerCodec implements PriceCodec {
  private readonly instruments: Instruments;
  private readonly said = new Map<
    string,
    { readonly isBegin: boolean; readonly instruments: readonly string[] }
  >();
  private readonly names = new Map<string, string>();
  private readonly tickers = new Map<string, Ticker>();
  private count = 0;

  constructor(instruments: Instruments) {
    this.instruments = instruments;
  }

  subscribe(instruments: readonly string[]): readonly Step[] {
    return this.say(true, instruments);
  }

  unsubscribe(instruments: readonly string[]): readonly Step[] {
    for (const instrument of instruments) this.tickers.delete(instrument);
    return this.say(false, instruments);
  }

  heartbeat(): readonly Step[] {
    return [this.message({ op: "ping" }, "a pong")];
  }

  received(text: string): readonly PriceNews[] {
    const message = parsedMessage(text);
    if (!isObject(message)) return [];
    if (typeof message.topic === "string") return this.ticker(message);
    const { op, ret_msg: said } = message;
    // Options answer a ping with "pong", the others with "ping" and the word.
    if (op === "pong" || said === "pong") return [{ kind: "answered" }];
    if (op === "subscribe" || op === "unsubscribe") return this.answered(message);
    return [];
  }

  private answered({
    req_id: id,
    success,
    ret_msg: told,
  }: Readonly<Record<string, unknown>>): readonly PriceNews[] {
    const said = this.said.get(String(id));
    if (!said) return [];
    this.said.delete(String(id));
    const { isBegin, instruments } = said;
    if (success === true) return [{ kind: isBegin ? "subscribed" : "unsubscribed", instruments }];
    const reason = `Bybit refused it: ${String(told).slice(0, 200)}`;
    if (!isBegin) return [{ kind: "end", reason }];
    const [first] = instruments;
    if (instruments.length === 1 && first !== undefined)
      return [{ kind: "refused", instrument: first, reason }];
    // One topic that is not known refuses all of its message: each is said by itself.
    return [{ kind: "say", steps: instruments.flatMap((one) => this.say(true, [one])) }];
  }

  private ticker({ topic, type, data, ts }: Readonly<Record<string, unknown>>): readonly PriceNews[] {
    const instrument = this.names.get(String(topic));
    if (instrument === undefined || !isObject(data)) return [];
    const before = type === "delta" ? this.tickers.get(instrument) : {};
    // A change of what was never told in whole is none to go by.
    if (!before) return [];
    const ticker: Ticker = {
      ...changed("last", data.lastPrice, before.last),
      ...changed("bid", data.bid1Price ?? data.bidPrice, before.bid),
      ...changed("ask", data.ask1Price ?? data.askPrice, before.ask),
    };
    this.tickers.set(instrument, ticker);
    const atMs = optionalTimeMs(ts);
    if (Object.keys(ticker).length === 0) return [];
    return [{ kind: "tick", tick: { instrument, ...ticker, ...(atMs !== undefined && { atMs }) } }];
  }

  private say(isBegin: boolean, instruments: readonly string[]): readonly Step[] {
    const steps: Step[] = [];
    for (let from = 0; from < instruments.length; from += TOPICS_MAX) {
      const some = instruments.slice(from, from + TOPICS_MAX);
      const op = isBegin ? "subscribe" : "unsubscribe";
      const step = this.message({ op, args: some.map((one) => this.topicOf(one)) }, `an answer to ${op}`);
      this.said.set(String(this.count), { isBegin, instruments: some });
      steps.push(step);
    }
    return steps;
  }

  private message(body: Readonly<Record<string, unknown>>, expects: string): Step {
    this.count += 1;
    return { kind: "send", text: JSON.stringify({ req_id: String(this.count), ...body }), expects };
  }

  private topicOf(instrument: string): string {
    const topic = `${TOPIC}${this.instruments.named(instrument)?.symbol ?? instrument}`;
    this.names.set(topic, instrument);
    return topic;
  }
}

/** What a message leaves out is as it was; what it tells and is no price is none any more. */
function changed(name: keyof Ticker, told: unknown, before: Decimal | undefined): Ticker {
  const value = told === undefined || told === null ? before : optionalPrice(told);
  return value === undefined ? {} : { [name]: value };
}

/**
 * Both sides and the last trade as they stand at the answer; what is not answered, or not readable, is left out.
 * @see https://bybit-exchange.github.io/docs/v5/market/tickers (read 2026-11)
 */
export async function readTickers(
  client: BybitClient,
  instruments: Instruments,
  asked: readonly string[],
): Promise<readonly PriceTick[]> {
  const answers = await Promise.all(
    asked.slice(0, ASKED_MAX).map(async (instrument): Promise<readonly PriceTick[]> => {
      const contract = instruments.named(instrument);
      if (!contract) return [];
      const { category, symbol } = contract;
      const answer = await client.askPublic(`the ticker of ${symbol}`, "/v5/market/tickers", {
        category,
        symbol,
      });
      const list = answer.kind === "answer" && isObject(answer.result) ? answer.result.list : undefined;
      const row: unknown = Array.isArray(list) && list.length === 1 ? list[0] : undefined;
      if (!isObject(row) || row.symbol !== symbol) return [];
      const ticker: Ticker = {
        ...changed("last", row.lastPrice, undefined),
        ...changed("bid", row.bid1Price, undefined),
        ...changed("ask", row.ask1Price, undefined),
      };
      // They stand now, whenever they were set: the moment of the answer is theirs, which the engine knows best.
      return Object.keys(ticker).length === 0 ? [] : [{ instrument, ...ticker }];
    }),
  );
  return answers.flat();
}
