// Trades of the CLOB into fills of ours. What stands on top of a trade is the taker's: its whole size, at its price. A
// maker's part is an element of `maker_orders`, with a token, a side and a price of its own; an order to sell NO may be
// matched by one to buy YES. So first it is settled whose the parts are.
import { type FillRow, type Side, ZERO } from "../../core/index.ts";
import { Fields, isObject, type Parsed, parseRow, reject } from "../wire/fields.ts";
import { bare, epochOf, first, positive, SIDE, sideOf, tokenOf } from "./parse.ts";
import { COLLATERAL, isSameAddress } from "./symbols.ts";

/** Whose trades are read: the wallet that holds the tokens, and the API key's own id. */
export interface Owner {
  readonly wallet?: string | undefined;
  readonly apiKey?: string | undefined;
}

/**
 * How far a trade has come. `matched` may still fail: then it never happened.
 * @see https://docs.polymarket.com/trading/orders/overview "Trade History" (MATCHED, MINED, CONFIRMED, RETRYING, FAILED)
 * @see https://github.com/Polymarket/ts-sdk packages/bindings/src/subscriptions/clob.ts TradeStatus
 * (TRADE_STATUS_MATCHED_NOT_BROADCASTED too; both read 2026-11)
 */
export type Settlement = "matched" | "mined" | "confirmed" | "failed";

const SETTLEMENT: Readonly<Record<string, Settlement>> = {
  MATCHED: "matched",
  MATCHED_NOT_BROADCASTED: "matched",
  RETRYING: "matched",
  MINED: "mined",
  CONFIRMED: "confirmed",
  FAILED: "failed",
};

export interface TradePart {
  /** With the trade's id and without a fee, where it was the taker. */
  readonly row: FillRow;
  readonly role: "taker" | "maker";
}

export interface TradeFacts {
  readonly tradeId: string;
  readonly conditionId?: string;
  readonly settlement: Settlement;
  /** The venue's own word. */
  readonly status: string;
  /** This account's parts; none where it is nobody of them. */
  readonly parts: readonly TradePart[];
  /** When it was matched; in ms. */
  readonly timestamp: number;
}

/**
 * Reads a trade of `GET /data/trades` or of the user channel. Makers never pay; what a taker paid is not in it.
 * @see https://docs.polymarket.com/trading/orders/overview "Trade Object", "MakerOrder Fields" (read 2026-11)
 * @see https://docs.polymarket.com/trading/fees "Makers are never charged fees" (read 2026-11)
 */
export function parseTrade(value: unknown, owner: Owner): Parsed<TradeFacts> {
  return parseRow("the trade", value, (fields) => {
    const word = bare(fields.text("status"), "TRADE_STATUS_");
    const settlement =
      SETTLEMENT[word] ?? reject(fields.expected("status", Object.keys(SETTLEMENT).join(", ")));
    const tradeId = idOf(fields);
    const timestamp = epochOf(fields, ["match_time", "matchtime", "last_update", "timestamp"]);
    const trade: Trade = {
      fields,
      tradeId,
      timestamp,
      taker: sideOf(fields),
      token: tokenOf(fields, ["asset_id"]),
    };
    const conditionId = fields.optionalText("market");
    return {
      tradeId,
      settlement,
      status: word,
      timestamp,
      parts: [...takerPart(trade, owner), ...makerParts(trade, owner)],
      ...(conditionId !== undefined && { conditionId }),
    };
  });
}

interface Trade {
  readonly fields: Fields;
  readonly tradeId: string;
  readonly timestamp: number;
  readonly taker: Side;
  readonly token: string;
}

/**
 * A trade that does not fit into one transaction is several rows, which are told apart by a bucket. So are their messages:
 * under one join key the second of them would be taken for another account of the first, and never be booked.
 * @see https://docs.polymarket.com/api-reference/trade/get-trades "bucket_index" (read 2026-11)
 */
function idOf(fields: Fields): string {
  const id = fields.text("id");
  const bucket = fields.optionalText("bucket_index");
  return bucket === undefined || /^0*$/.test(bucket) ? id : `${id}.${bucket}`;
}

function takerPart({ fields, tradeId, timestamp, taker, token }: Trade, owner: Owner): readonly TradePart[] {
  if (!isTaker(fields, owner)) return [];
  const row: FillRow = {
    instrument: token,
    tradeId,
    joinKey: tradeId,
    venueOrderId: fields.text("taker_order_id"),
    side: taker,
    qty: positive(fields, "size"),
    price: positive(fields, "price"),
    timestamp,
  };
  return [{ row, role: "taker" }];
}

/** The venue says which side the account was on; older messages leave it to whose the trade is. */
function isTaker(fields: Fields, { wallet, apiKey }: Owner): boolean {
  const side = fields.optionalText("trader_side")?.toUpperCase();
  if (side === "MAKER") return false;
  if (side !== undefined && side !== "TAKER") return reject(fields.expected("trader_side", "TAKER or MAKER"));
  // An API key may act for several wallets of its signer, and is told of all their trades.
  const address = fields.optionalText("maker_address");
  if (wallet !== undefined && address !== undefined) return isSameAddress(address, wallet);
  if (side === "TAKER") return true;
  return apiKey !== undefined && first(fields, ["trade_owner", "owner"]) === apiKey;
}

function makerParts(trade: Trade, owner: Owner): readonly TradePart[] {
  const elements = trade.fields.optionalList("maker_orders") ?? [];
  const mine = minesOf(trade.fields, elements, owner);
  const counted = new Map<string, number>();
  return mine.map((element) => {
    const orderId = element.text("order_id");
    const occurrence = counted.get(orderId) ?? 0;
    counted.set(orderId, occurrence + 1);
    const suffix = occurrence === 0 ? "" : `#${occurrence}`;
    const row: FillRow = {
      instrument: tokenOf(element, ["asset_id"]),
      tradeId: `${trade.tradeId}${suffix}`,
      joinKey: `${trade.tradeId}${suffix}`,
      venueOrderId: orderId,
      side: makerSide(element, trade),
      qty: positive(element, "matched_amount"),
      price: positive(element, "price"),
      fee: ZERO,
      feeCurrency: COLLATERAL,
      timestamp: trade.timestamp,
    };
    return { row, role: "maker" };
  });
}

function minesOf(fields: Fields, elements: readonly unknown[], owner: Owner): readonly Fields[] {
  const all = elements.map((element) =>
    isObject(element) ? new Fields(element) : reject("one of its maker orders is no object"),
  );
  const mine = all.filter((element) => isMine(element, owner));
  const isMaker = fields.optionalText("trader_side")?.toUpperCase() === "MAKER";
  if (mine.length > 0 || !isMaker) return mine;
  // Who reads a payload without knowing whose it is: a maker who is alone can only be the account.
  if (owner.wallet === undefined && owner.apiKey === undefined && all.length === 1) return all;
  return reject(
    `the account was a maker, and none of its ${all.length} maker orders is known to be the account's; name the wallet or the API key`,
  );
}

/** An API key may act for one wallet only, and an address is the surer sign of the two. */
function isMine(element: Fields, { wallet, apiKey }: Owner): boolean {
  const address = element.optionalText("maker_address");
  if (wallet !== undefined && address !== undefined) return isSameAddress(address, wallet);
  return apiKey !== undefined && element.optionalText("owner") === apiKey;
}

/** Where the side is not said: orders of one token meet from both sides, those of the two outcomes from the same one. */
function makerSide(element: Fields, { taker, token }: Trade): Side {
  const stated = element.optionalText("side")?.toUpperCase();
  if (stated !== undefined) return SIDE[stated] ?? reject(element.expected("side", "BUY or SELL"));
  const isSameToken = tokenOf(element, ["asset_id"]) === token;
  if (!isSameToken) return taker;
  return taker === "buy" ? "sell" : "buy";
}
