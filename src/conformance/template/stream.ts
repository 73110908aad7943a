// What is said on Harbour's stream: a key is fetched, the server welcomes, channels are subscribed to and acknowledged; from
// then on it is live. How the connection is kept is the wire layer's.
import type { StreamEvent } from "../../venues/index.ts";
import type { Conversation, Step, StreamProtocol } from "../../venues/wire/conversation.ts";
import { isObject, type Parsed } from "../../venues/wire/fields.ts";
import { parsed } from "../../venues/wire/json.ts";
import type { HarbourClient } from "./client.ts";
import { parseBalance, parseEntry, parseFill, parseOrder, parsePosition } from "./parse.ts";

const CHANNELS = ["fills", "money", "orders", "positions"];

/** Half of an hour, for which a key lives. In ms. */
const EXTENDED_MS = 1_800_000;

export function protocolOf(client: HarbourClient, wsUrl: string): StreamProtocol {
  return {
    name: "Harbour's stream",
    begin: async () => {
      const answer = await client.key("POST", "/stream-keys");
      if (answer.kind !== "answer")
        throw new Error(answer.kind === "failed" ? answer.problem : answer.message);
      const key = isObject(answer.value) ? answer.value.key : undefined;
      if (typeof key !== "string" || key === "") throw new Error("Harbour gave no key for its stream");
      return {
        url: `${wsUrl}/stream?key=${encodeURIComponent(key)}`,
        conversation: new HarbourConversation(),
        keepAlive: {
          everyMs: EXTENDED_MS,
          work: async () => {
            const extended = await client.key("PUT", `/stream-keys/${encodeURIComponent(key)}`);
            if (extended.kind !== "answer") throw new Error("Harbour does not know the key any more");
          },
        },
        secrets: [key],
      };
    },
  };
}

class HarbourConversation implements Conversation {
  opened(): readonly Step[] {
    return [say({ op: "subscribe", channels: CHANNELS }, "an acknowledgement of the subscription")];
  }

  heartbeat(): readonly Step[] {
    return [say({ op: "ping" }, "a pong")];
  }

  received(text: string | undefined): readonly Step[] {
    const message = text === undefined ? undefined : parsed(text);
    if (!isObject(message)) return [{ kind: "lost", problem: "a message came that is no object" }];
    switch (message.op) {
      case "subscribed":
        return [this.subscribed(message.channels)];
      case "pong":
        return [{ kind: "answered" }];
      case "refused":
        return [{ kind: "end", reason: "Harbour refused the keys on the stream" }];
      default:
        return this.event(message);
    }
  }

  private subscribed(channels: unknown): Step {
    const isAll = Array.isArray(channels) && CHANNELS.every((one) => channels.includes(one));
    return isAll
      ? { kind: "live" }
      : { kind: "end", reason: `Harbour's stream sends other channels than asked for` };
  }

  private event(message: Readonly<Record<string, unknown>>): readonly Step[] {
    const { event, row } = message;
    switch (event) {
      case "key_expired":
        return [{ kind: "end", reason: "the stream's key has expired" }];
      case "fill":
        return told(parseFill(row), (fill) => ({ kind: "fill", fill }));
      case "fill_reversed":
        return told(parseFill(row), (fill) => ({
          kind: "fillReversed",
          fill,
          reason: "Harbour took it back",
        }));
      case "order":
        return told(parseOrder(row), (order) => ({ kind: "order", order }));
      case "position":
        return told(parsePosition(row), (position) => ({ kind: "position", position }));
      case "balance":
        return told(parseBalance(row), (balance) => ({ kind: "balance", balance }));
      case "entry":
        return told(parseEntry(row), (entry) => ({ kind: "ledger", entry }));
      default:
        return events({ kind: "wake", reason: `unknown message "${String(event).slice(0, 40)}"` });
    }
  }
}

function told<Row>(row: Parsed<Row>, event: (row: Row) => StreamEvent): readonly Step[] {
  return row.kind === "row" ? events(event(row.row)) : [{ kind: "lost", problem: row.problem }];
}

function events(...list: readonly StreamEvent[]): readonly Step[] {
  return [{ kind: "events", events: list }];
}

function say(message: object, expects: string): Step {
  return { kind: "send", text: JSON.stringify(message), expects };
}
