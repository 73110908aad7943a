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

export type Fault = keyof typeof MENU;
export const FAULTS = Object.keys(MENU) as Fault[];

export function misbehave(fault: Fault, reply: Reply): Wire | undefined {
  return MENU[fault](reply);
}

export function wire({ status, body }: Reply): Wire {
  return { status, text: JSON.stringify(body) };
}

export function failure(status: number, code: number, message: string): Wire {
  return wire({ status, body: { code, message } });
}
