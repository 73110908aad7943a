// How a server of this machine says what its venue has where: a list of routes, each of which renders the account in the
// venue's words. What goes wrong is not theirs: faults lie around every route (faults.ts).
import type { AccountView } from "../model/facts.ts";

/** What an endpoint is for; a fault of a part befalls every route that serves it. One endpoint may serve several. */
export const PARTS = [
  "account",
  "positions",
  "orders",
  "balances",
  "fills",
  "ledger",
  "position",
  "order",
  "submit",
  "cancel",
  "amend",
  /** Listen keys, API keys, tokens of a stream. */
  "key",
  "instruments",
  "clock",
] as const;
export type Part = (typeof PARTS)[number];

export const COMMANDS = ["submit", "cancel", "amend"] as const satisfies readonly Part[];
export type Command = (typeof COMMANDS)[number];

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** What the route's pattern caught, decoded. */
  readonly caught: readonly string[];
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** `json` is written as JSON (`numeric` writes a number with all its digits); else `text` as it is. */
export interface WireReply {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  /** What it is for; the first is its name in messages. */
  readonly of: readonly Part[];
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The whole path. */
  readonly path: RegExp;
  /** Tells one endpoint from another where a body or a query decides; matched after the path. */
  readonly when?: (request: WireRequest) => boolean;
  /** @param account What to render: the account as it is, or as a fault has it. Commands change the server's model. */
  readonly reply: (request: WireRequest, account: AccountView, page: PageOf) => WireReply;
}

/**
 * Rows of one page: the venue's own rule, or a fault's smaller cut.
 * @param asked As the request has it; null where it says nothing.
 * @param most What the venue gives at most, and what it gives when nothing is asked.
 */
export type PageOf = (asked: string | null, most: number, unasked?: number) => number;

export function json(body: unknown, status = 200): WireReply {
  return { status, json: body };
}

/** In `json`, a number without quotes that keeps every digit. @see https://tc39.es/proposal-json-parse-with-source (read 2026-11) */
export function numeric(digits: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(digits);
}
