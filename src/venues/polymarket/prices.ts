// Prices of Polymarket: best bid and ask of each token, from the public market channel. Nothing acknowledges a subscription
// but the order book that follows it, so that is what counts; that an unsubscription arrived, the answer to the PING behind
// it shows, and a token that is told of after that is still subscribed.
// @see https://docs.polymarket.com/market-data/websocket/market-channel, /api-reference/wss/market (read 2026-11)
import { compare, type Decimal, ONE } from "../../core/index.ts";
import type { PriceTick } from "../venue.ts";
import type { Step } from "../wire/conversation.ts";
import { isObject } from "../wire/fields.ts";
import type { PriceCodec, PriceNews, PriceProtocol } from "../wire/price-feed.ts";
import { optionalPrice, optionalTimeMs, parsedMessage } from "../wire/price-fields.ts";
import type { PolymarketClient } from "./client.ts";
import { tokenId } from "./symbols.ts";

/** A token that goes on although it was dropped so often is left to another connection. */
const DROPS_MAX = 3;

export function priceProtocol(url: string): PriceProtocol {
  return {
    name: "Polymarket's price feed",
    url,
    refusalOf: (instrument) =>
      tokenId(instrument) === instrument ? undefined : "it is no number of a token",
    codec: () => new MarketChannel(),
  };
}

type Row = Readonly<Record<string, unknown>>;

class MarketChannel implements PriceCodec {
  private readonly followed = new Set<string>();
  private readonly acknowledged = new Set<string>();
  /** Dropped, and the PING behind it not answered yet. */
  private dropping: string[] = [];
  private readonly drops = new Map<string, number>();
  private isFirst = true;

  subscribe(instruments: readonly string[]): readonly Step[] {
    for (const one of instruments) this.followed.add(one);
    const kind = this.isFirst ? { type: "market" } : { operation: "subscribe" };
    this.isFirst = false;
    const message = { ...kind, assets_ids: instruments, custom_feature_enabled: true };
    return [{ kind: "send", text: JSON.stringify(message) }, ping()];
  }

  unsubscribe(instruments: readonly string[]): readonly Step[] {
    for (const one of instruments) {
      this.followed.delete(one);
      this.acknowledged.delete(one);
      this.drops.set(one, (this.drops.get(one) ?? 0) + 1);
    }
    this.dropping.push(...instruments);
    const message = { operation: "unsubscribe", assets_ids: instruments };
    return [{ kind: "send", text: JSON.stringify(message) }, ping()];
  }

  heartbeat(): readonly Step[] {
    return [ping()];
  }

  received(text: string): readonly PriceNews[] {
    if (text.trim() === "PONG") return this.ponged();
    const message = parsedMessage(text);
    return (Array.isArray(message) ? message : [message]).flatMap((one) =>
      isObject(one) ? this.take(one) : [],
    );
  }

  private ponged(): readonly PriceNews[] {
    const instruments = this.dropping;
    this.dropping = [];
    if (instruments.length === 0) return [{ kind: "answered" }];
    return [{ kind: "unsubscribed", instruments }];
  }

  private take(message: Row): readonly PriceNews[] {
    const atMs = optionalTimeMs(message.timestamp);
    switch (message.event_type) {
      case "book": {
        const instrument = tokenOf(message);
        if (instrument === undefined) return [];
        return [...this.shown(instrument), ...this.tick(instrument, quoteOfBook(message), atMs)];
      }
      case "last_trade_price": {
        const instrument = tokenOf(message);
        const last = optionalPrice(message.price);
        return instrument === undefined || last === undefined ? [] : this.tick(instrument, { last }, atMs);
      }
      case "best_bid_ask":
        return this.quoted(message, atMs);
      case "price_change":
        // Of a market both tokens are told, also the one that nobody follows.
        return (Array.isArray(message.price_changes) ? message.price_changes : []).flatMap((one) =>
          isObject(one) ? this.quoted(one, atMs) : [],
        );
      default:
        return [];
    }
  }

  /** A book is told of what is subscribed, and of nothing else. */
  private shown(instrument: string): readonly PriceNews[] {
    if (this.acknowledged.has(instrument) || this.dropping.includes(instrument)) return [];
    if (!this.followed.has(instrument) && (this.drops.get(instrument) ?? 0) >= DROPS_MAX) {
      return [{ kind: "end", reason: "it goes on telling of what was unsubscribed" }];
    }
    this.acknowledged.add(instrument);
    return [{ kind: "subscribed", instruments: [instrument] }];
  }

  private quoted(row: Row, atMs: number | undefined): readonly PriceNews[] {
    const instrument = tokenOf(row);
    return instrument === undefined ? [] : this.tick(instrument, sides(row.best_bid, row.best_ask), atMs);
  }

  private tick(
    instrument: string,
    prices: Omit<PriceTick, "instrument" | "atMs">,
    atMs: number | undefined,
  ): readonly PriceNews[] {
    if (!this.followed.has(instrument) || Object.keys(prices).length === 0) return [];
    return [{ kind: "tick", tick: { instrument, ...prices, ...(atMs !== undefined && { atMs }) } }];
  }
}

/** Both sides of each token's book as they stand at the answer; what is not answered is left out. */
export async function readBooks(
  client: PolymarketClient,
  instruments: readonly string[],
): Promise<readonly PriceTick[]> {
  const tokens = new Set(instruments.filter((instrument) => tokenId(instrument) === instrument));
  if (tokens.size === 0) return [];
  const answer = await client.books([...tokens]);
  const books = answer.kind === "answer" && Array.isArray(answer.value) ? answer.value : [];
  return books.flatMap((book: unknown): readonly PriceTick[] => {
    const instrument = isObject(book) ? tokenOf(book) : undefined;
    if (!isObject(book) || instrument === undefined || !tokens.has(instrument)) return [];
    // They stand now, whenever they were set: the moment of the answer is theirs, which the engine knows best.
    const prices = quoteOfBook(book);
    return Object.keys(prices).length === 0 ? [] : [{ instrument, ...prices }];
  });
}

function tokenOf({ asset_id: token }: Row): string | undefined {
  return typeof token === "string" ? tokenId(token) : undefined;
}

function quoteOfBook({ bids, asks }: Row): Omit<PriceTick, "instrument" | "atMs"> {
  return sides(best(bids, 1), best(asks, -1));
}

/** The best may stand first or last. */
function best(levels: unknown, direction: 1 | -1): Decimal | undefined {
  const prices = (Array.isArray(levels) ? levels : []).flatMap((level: unknown) =>
    isObject(level) ? (optionalPrice(level.price) ?? []) : [],
  );
  return prices.sort((a, b) => -direction * compare(a, b))[0];
}

/** Where nobody offers, the venue writes a bid of 0 and an ask of 1. */
function sides(bidText: unknown, askText: unknown): Omit<PriceTick, "instrument" | "atMs"> {
  const bid = optionalPrice(bidText);
  const ask = optionalPrice(askText);
  const isAsk = ask !== undefined && compare(ask, ONE) < 0;
  return { ...(bid !== undefined && { bid }), ...(isAsk && { ask }) };
}

function ping(): Step {
  return { kind: "send", text: "PING", expects: "a PONG" };
}
