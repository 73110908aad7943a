// Prices of Binance: the best bid and ask of each symbol. The stream's list of subscriptions is asked for now and then, so
// that what it follows is known and not assumed; without a stream, or where it is silent, the quotes are asked for.
import type { PriceTick } from "../venue.ts";
import type { Step } from "../wire/conversation.ts";
import { isObject } from "../wire/fields.ts";
import type { PriceCodec, PriceNews, PriceProtocol } from "../wire/price-feed.ts";
import { optionalPrice, optionalTimeMs, parsedMessage } from "../wire/price-fields.ts";
import type { BinanceClient } from "./client.ts";
import type { Symbols } from "./symbols.ts";

/**
 * A connection takes 1024 streams, and five messages a second (spot) or ten (futures): many streams are one message.
 * @see https://github.com/binance/binance-spot-api-docs web-socket-streams.md "WebSocket Limits", "Live
 * Subscribing/Unsubscribing to streams" and "Individual Symbol Book Ticker Streams" (all read 2026-11)
 */
const STREAMS_PER_MESSAGE = 200;
const SUFFIX = "@bookTicker";
/** Symbols of one question, and so of one address. */
const ASKED_MAX = 50;

export function priceProtocol(url: string, symbols: Symbols): PriceProtocol {
  return {
    name: "Binance's price feed",
    url,
    refusalOf: (instrument) =>
      symbols.symbolOf(instrument) === undefined ? "it is no instrument of this market" : undefined,
    codec: () => new BookTickerCodec(symbols),
  };
}

interface Said {
  readonly kind: "subscribed" | "unsubscribed" | "listed";
  readonly instruments: readonly string[];
}

class BookTickerCodec implements PriceCodec {
  private readonly symbols: Symbols;
  private readonly said = new Map<string, Said>();
  /** What is told under a stream's name, which is in small letters. */
  private readonly names = new Map<string, string>();
  private count = 0;

  constructor(symbols: Symbols) {
    this.symbols = symbols;
  }

  subscribe(instruments: readonly string[]): readonly Step[] {
    return this.say("SUBSCRIBE", "subscribed", instruments);
  }

  unsubscribe(instruments: readonly string[]): readonly Step[] {
    return this.say("UNSUBSCRIBE", "unsubscribed", instruments);
  }

  heartbeat(): readonly Step[] {
    return [this.message("LIST_SUBSCRIPTIONS", { kind: "listed", instruments: [] })];
  }

  received(text: string): readonly PriceNews[] {
    const message = parsedMessage(text);
    if (!isObject(message)) return [];
    if ("id" in message) return this.answered(String(message.id), message);
    if (message.e === "serverShutdown") return [{ kind: "end", reason: "the server shuts down" }];
    const instrument = this.names.get(`${String(message.s).toLowerCase()}${SUFFIX}`);
    const tick = instrument === undefined ? undefined : tickOf(instrument, message, "b", "a", "E");
    return tick ? [{ kind: "tick", tick }] : [];
  }

  private answered(id: string, message: Readonly<Record<string, unknown>>): readonly PriceNews[] {
    const said = this.said.get(id);
    this.said.delete(id);
    const failure = isObject(message.error) ? message.error : message;
    if (typeof failure.msg === "string") {
      // An error is about the whole message: which of its streams it was for, it does not say.
      return [{ kind: "end", reason: `a subscription was refused: ${failure.msg.slice(0, 200)}` }];
    }
    if (!said) return [{ kind: "answered" }];
    if (said.kind !== "listed") return [{ kind: said.kind, instruments: said.instruments }];
    if (!Array.isArray(message.result)) return [{ kind: "answered" }];
    const instruments = message.result.map((stream) => this.names.get(String(stream)) ?? String(stream));
    return [{ kind: "listed", instruments }];
  }

  private say(
    method: "SUBSCRIBE" | "UNSUBSCRIBE",
    kind: Said["kind"],
    instruments: readonly string[],
  ): readonly Step[] {
    const steps: Step[] = [];
    for (let from = 0; from < instruments.length; from += STREAMS_PER_MESSAGE) {
      const some = instruments.slice(from, from + STREAMS_PER_MESSAGE);
      steps.push(
        this.message(
          method,
          { kind, instruments: some },
          some.map((one) => this.streamOf(one)),
        ),
      );
    }
    return steps;
  }

  private message(method: string, said: Said, params?: readonly string[]): Step {
    this.count += 1;
    this.said.set(String(this.count), said);
    const text = JSON.stringify({ method, ...(params && { params }), id: this.count });
    return { kind: "send", text, expects: `an answer to ${method}` };
  }

  /** What the list tells and nobody asked for is unsubscribed under its own name. */
  private streamOf(instrument: string): string {
    const symbol = this.symbols.symbolOf(instrument);
    if (symbol === undefined) return instrument;
    const stream = `${symbol.toLowerCase()}${SUFFIX}`;
    this.names.set(stream, instrument);
    return stream;
  }
}

/** Both sides as they stand at the answer; a symbol that is not answered, or not readable, is left out. */
export async function readQuotes(
  client: BinanceClient,
  symbols: Symbols,
  instruments: readonly string[],
): Promise<readonly PriceTick[]> {
  const named = instruments.slice(0, ASKED_MAX).flatMap((instrument) => {
    const symbol = symbols.symbolOf(instrument);
    return symbol === undefined ? [] : [{ instrument, symbol }];
  });
  const path = client.market === "usdm" ? "/fapi/v1/ticker/bookTicker" : "/api/v3/ticker/bookTicker";
  const answers = await Promise.all(
    named.map(async ({ instrument, symbol }) => {
      const request = { method: "GET", path, params: { symbol }, security: "none" } as const;
      const answer = await client.ask(`the quote of ${symbol}`, request);
      if (answer.kind !== "answer" || !isObject(answer.value) || answer.value.symbol !== symbol) return [];
      // They stand now, whenever they were set: the moment of the answer is theirs, which the engine knows best.
      return tickOf(instrument, answer.value, "bidPrice", "askPrice", null) ?? [];
    }),
  );
  return answers.flat();
}

function tickOf(
  instrument: string,
  row: Readonly<Record<string, unknown>>,
  bidField: string,
  askField: string,
  timeField: string | null,
): PriceTick | undefined {
  const bid = optionalPrice(row[bidField]);
  const ask = optionalPrice(row[askField]);
  if (bid === undefined && ask === undefined) return undefined;
  const atMs = timeField === null ? undefined : optionalTimeMs(row[timeField]);
  return {
    instrument,
    ...(bid !== undefined && { bid }),
    ...(ask !== undefined && { ask }),
    ...(atMs !== undefined && { atMs }),
  };
}
