// The menu of faults: what the local Alpaca sends instead of the answer that it would have given.
import type { Reply } from "./endpoints.ts";
import type { Row } from "./state.ts";

/** What goes over the wire. */
export interface Wire {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Each fault by name, from the good reply; undefined means no answer, ever. */
const MENU = {
  timeout: () => undefined,
  "500": () => failure(500, 50010000, "internal server error occurred"),
  "429": () => ({ ...failure(429, 42910000, "rate limit exceeded"), headers: { "Retry-After": "7" } }),
  /** `[]`, whatever was asked. */
  "empty-list": () => wire({ status: 200, body: [] }),
  /** Half of the body, as if it were all. */
  half: (reply: Reply) => {
    const { status, text } = wire(reply);
    return { status, text: text.slice(0, text.length / 2) };
  },
  /** A page for people, with status 200. */
  html: () => ({
    status: 200,
    text: "<html><body>Please log in</body></html>",
    headers: { "Content-Type": "text/html" },
  }),
  /** Another account's id in the account's row. */
  "other-account": ({ status, body }: Reply) =>
    wire({ status, body: { ...(body as Row), id: "ffffffff-0000-4000-8000-00000000dead" } }),
  /** An object where a list should be, a row without what it must have. */
  "wrong-schema": ({ body }: Reply) =>
    wire({ status: 200, body: Array.isArray(body) ? {} : { unexpected: true } }),
  /** No positions, with a straight face; the account's totals stay as they are. */
  "empty-positions": () => wire({ status: 200, body: [] }),
  /** 404 with a code that says nothing about positions or orders. */
  "404-other": () => failure(404, 40410001, "asset not found"),
} as const satisfies Record<string, (reply: Reply) => Wire | undefined>;

/**
 * Faults of commands. Those `before` the effect answer instead of it; the others come after it: the order is placed,
 * and the answer is lost or is another one. `"reset"` cuts the connection.
 */
const COMMAND_MENU = {
  "reset-before": { isBefore: true, answer: () => "reset" },
  "reset-after": { isBefore: false, answer: () => "reset" },
  "timeout-before": { isBefore: true, answer: () => undefined },
  "timeout-after": { isBefore: false, answer: () => undefined },
  "500-after": { isBefore: false, answer: () => failure(500, 50010000, "internal server error occurred") },
  "504-after": { isBefore: false, answer: () => failure(504, 50410000, "upstream timed out") },
  "408-after": { isBefore: false, answer: () => failure(408, 40810000, "request timeout") },
  "half-after": {
    isBefore: false,
    answer: (reply: Reply) => ({ ...wire(reply), text: wire(reply).text.slice(0, 60) }),
  },
  "html-after": {
    isBefore: false,
    answer: () => ({ status: 200, text: "<html>moved</html>", headers: { "Content-Type": "text/html" } }),
  },
  "other-order-after": {
    isBefore: false,
    answer: ({ body }: Reply) =>
      wire({ status: 200, body: { ...(body as Row), client_order_id: "another" } }),
  },
  "400": { isBefore: true, answer: () => failure(400, 40010000, "request body format is invalid") },
  "403": { isBefore: true, answer: () => failure(403, 40310000, "insufficient buying power") },
  "404": { isBefore: true, answer: () => failure(404, 40410000, "order not found") },
  "404-other": { isBefore: true, answer: () => failure(404, 40410001, "endpoint not found") },
  "422": { isBefore: true, answer: () => failure(422, 42210000, "invalid order type for crypto order") },
  "429": { isBefore: true, answer: () => failure(429, 42910000, "rate limit exceeded") },
  /** As a gateway refuses, without Alpaca's error body. */
  "403-html": {
    isBefore: true,
    answer: () => ({ status: 403, text: "<html>Forbidden</html>", headers: { "Content-Type": "text/html" } }),
  },
  redirect: {
    isBefore: true,
    answer: () => ({ status: 307, text: "", headers: { Location: "http://127.0.0.1:9/v2/orders" } }),
  },
} as const satisfies Record<
  string,
  { isBefore: boolean; answer: (reply: Reply) => Wire | "reset" | undefined }
>;

export type CommandFault = keyof typeof COMMAND_MENU;
export const COMMAND_FAULTS = Object.keys(COMMAND_MENU) as CommandFault[];

export function isBeforeEffect(fault: CommandFault): boolean {
  return COMMAND_MENU[fault].isBefore;
}

export function misbehaveCommand(fault: CommandFault, reply: Reply): Wire | "reset" | undefined {
  return COMMAND_MENU[fault].answer(reply);
}

export type Fault = keyof typeof MENU;
export const FAULTS = Object.keys(MENU) as Fault[];

export function misbehave(fault: Fault, reply: Reply): Wire | undefined {
  return MENU[fault](reply);
}

export function wire({ status, body }: Reply): Wire {
  return { status, text: body === undefined ? "" : JSON.stringify(body) };
}

export function failure(status: number, code: number, message: string): Wire {
  return wire({ status, body: { code, message } });
}
