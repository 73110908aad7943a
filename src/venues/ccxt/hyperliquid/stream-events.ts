// Messages of Hyperliquid's stream into events of ours. Of the fills the first message is a replay, which is the history's
// to read: it is known there, with its proof, and here it would come again with every connection.
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions (read 2026-11)
import type { StreamEvent } from "../../venue.ts";
import { isObject, type Parsed } from "../../wire/fields.ts";
import type { Coins } from "./coins.ts";
import { parseOrder, parsePosition, parseSpotBalance } from "./parse.ts";
import { parseFill } from "./parse-history.ts";

export interface StreamContext {
  readonly coins: Coins;
  readonly user?: string;
}

/** An event, what says nothing of the account, or what may have been a fill and cannot be read. */
export type News = StreamEvent | { readonly kind: "ignored"; readonly reason: string };

/** @param message Parsed with its exact numbers. */
export function eventsOf(
  message: Readonly<Record<string, unknown>>,
  { coins, user }: StreamContext,
): readonly News[] {
  const { channel, data } = message;
  const content = isObject(data) ? data : {};
  switch (channel) {
    case "orderUpdates":
      return listIn(data).map((one) =>
        of(parseOrder(one, coins), (order): StreamEvent => ({ kind: "order", order })),
      );
    case "userFills":
      return fillsOf(content, coins, user);
    case "clearinghouseState":
      return stateOf(content, coins);
    case "spotState":
      return balancesOf(content);
    case "userFundings":
    case "userNonFundingLedgerUpdates":
      return content.isSnapshot === true
        ? [ignored("a replay: the history tells it")]
        : [wake(`${channel} tells of money`)];
    case "user":
    case "userEvents":
    case "notification":
      return [wake(`${channel} tells of the account`)];
    case "pong":
    case "subscriptionResponse":
    case "error":
    case "post":
      return [ignored(`${channel}: an answer, nothing of the account`)];
    default:
      return [wake(`unknown message "${String(channel).slice(0, 40)}"`)];
  }
}

function fillsOf(content: Readonly<Record<string, unknown>>, coins: Coins, user?: string): readonly News[] {
  const whose = typeof content.user === "string" ? content.user : user;
  const fills = listIn(content.fills);
  if (content.isSnapshot === true) {
    return fills.map((one) => {
      const parsed = parseFill(one, coins, whose);
      // An old fill of a coin that is gone would come with every connection, and keep it from becoming live.
      return ignored(parsed.kind === "problem" ? parsed.problem : "a replay: the history tells it");
    });
  }
  return fills.map((one) =>
    of(parseFill(one, coins, whose), ({ row }): StreamEvent => ({ kind: "fill", fill: row })),
  );
}

function stateOf(content: Readonly<Record<string, unknown>>, coins: Coins): readonly News[] {
  const state = isObject(content.clearinghouseState) ? content.clearinghouseState : {};
  return listIn(state.assetPositions).map((one) =>
    of(parsePosition(one, coins), (position): StreamEvent => ({ kind: "position", position })),
  );
}

function balancesOf(content: Readonly<Record<string, unknown>>): readonly News[] {
  const state = isObject(content.spotState) ? content.spotState : {};
  return listIn(state.balances).map((one) =>
    of(parseSpotBalance(one), (balance): StreamEvent => ({ kind: "balance", balance })),
  );
}

function of<Row>(parsed: Parsed<Row>, event: (row: Row) => StreamEvent): News {
  return parsed.kind === "problem" ? lost(parsed.problem) : event(parsed.row);
}

/** What cannot be read may have been a fill. */
function lost(problem: string): StreamEvent {
  return { kind: "gap", reason: problem };
}

function wake(reason: string): StreamEvent {
  return { kind: "wake", reason };
}

function ignored(reason: string): News {
  return { kind: "ignored", reason };
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
