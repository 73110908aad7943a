// The menu of what goes wrong on the wire, at no venue in particular. A fault of a read lies in the answer or in the view
// that is rendered; one of a command says whether the order was placed before the answer was lost.
import type { AccountView } from "../model/facts.ts";
import type { WireReply } from "./route.ts";

/** What becomes of an answer: another one, a connection that is cut, half of it and then a cut, or nothing ever. */
export type Wired = WireReply | "reset" | "hang" | { readonly halfThenReset: WireReply };

interface ReadFault {
  /** Whether an adapter can see that something is wrong. Where not, the engine must stand it. */
  readonly isVisible: boolean;
  readonly view?: (account: AccountView) => AccountView;
  /** The same reply where there is nothing in it that could be made wrong. @param echo Which keys the request had in it. */
  readonly wire?: (reply: WireReply, echo: readonly string[]) => Wired;
}

/** Where a redirect leads: to the suite's own server, under another name, which counts who comes. */
export const ELSEWHERE = "elsewhere";

const HTML = "<!doctype html><html><body>Please log in</body></html>";
const HTML_HEADERS = { "Content-Type": "text/html" };

export const READ_FAULTS = {
  "500": { isVisible: true, wire: () => ({ status: 500, text: "internal error" }) },
  "503 with a page for people": {
    isVisible: true,
    wire: () => ({ status: 503, text: HTML, headers: HTML_HEADERS }),
  },
  "429 with Retry-After": {
    isVisible: true,
    wire: () => ({ status: 429, text: "{}", headers: { "Retry-After": "7" } }),
  },
  "a page for people with status 200": {
    isVisible: true,
    wire: () => ({ status: 200, text: HTML, headers: HTML_HEADERS }),
  },
  "half an answer": { isVisible: true, wire: (reply) => half(reply) },
  "half an answer and then a reset": { isVisible: true, wire: (reply) => ({ halfThenReset: reply }) },
  "an object that nobody knows": {
    isVisible: true,
    wire: () => ({ status: 200, json: { unexpected: true } }),
  },
  null: { isVisible: true, wire: () => ({ status: 200, json: null }) },
  "one row more that says nothing": { isVisible: true, wire: (reply) => withEmptyRow(reply) },
  "an error that repeats the keys": { isVisible: true, wire: (_, echo) => repeating(echo) },
  "a reset": { isVisible: true, wire: () => "reset" },
  "no answer": { isVisible: true, wire: () => "hang" },
  "a redirect": {
    isVisible: true,
    wire: () => ({ status: 307, text: "", headers: { Location: ELSEWHERE } }),
  },
  /** 200 and nothing in it, in the right shape. */
  "an empty list": { isVisible: false, view: (account) => emptied(account) },
  /** As it was when the fault began. */
  "a stale answer": { isVisible: false },
} as const satisfies Record<string, ReadFault>;
export type ReadFaultName = keyof typeof READ_FAULTS;
export const READ_FAULT_NAMES = Object.keys(READ_FAULTS) as ReadFaultName[];

export function readFault(name: ReadFaultName): ReadFault {
  return READ_FAULTS[name];
}

interface CommandFault {
  /** Whether the command has had its effect when this happens. */
  readonly isAfter: boolean;
  readonly wire: (reply: WireReply, echo: readonly string[]) => Wired;
  /** Whether it may be a documented refusal at some venues; at the others it is unknown. */
  readonly mayRefuse?: true;
}

export const COMMAND_FAULTS = {
  "a reset before": { isAfter: false, wire: () => "reset" },
  "a reset after": { isAfter: true, wire: () => "reset" },
  "no answer before": { isAfter: false, wire: () => "hang" },
  "no answer after": { isAfter: true, wire: () => "hang" },
  "500 before": { isAfter: false, wire: () => ({ status: 500, text: "internal error" }) },
  "500 after": { isAfter: true, wire: () => ({ status: 500, text: "internal error" }) },
  "502 with a page for people after": {
    isAfter: true,
    wire: () => ({ status: 502, text: HTML, headers: HTML_HEADERS }),
  },
  "503 after": { isAfter: true, wire: () => ({ status: 503, text: "" }) },
  "504 after": { isAfter: true, wire: () => ({ status: 504, text: "timed out" }) },
  "408 after": { isAfter: true, wire: () => ({ status: 408, text: "timed out" }) },
  "half an answer after": { isAfter: true, wire: (reply) => half(reply) },
  "half an answer and then a reset after": { isAfter: true, wire: (reply) => ({ halfThenReset: reply }) },
  "a page for people with status 200 after": {
    isAfter: true,
    wire: () => ({ status: 200, text: HTML, headers: HTML_HEADERS }),
  },
  "an object that nobody knows after": {
    isAfter: true,
    wire: () => ({ status: 200, json: { unexpected: true } }),
  },
  "an empty answer after": { isAfter: true, wire: () => ({ status: 200, text: "" }) },
  "a redirect": {
    isAfter: false,
    wire: () => ({ status: 307, text: "", headers: { Location: ELSEWHERE } }),
  },
  "an error that repeats the keys": { isAfter: false, wire: (_, echo) => repeating(echo), mayRefuse: true },
  /** A gateway's refusal: some venues document that it stands in front of them, at others nothing says so. */
  "403 with a page for people": {
    isAfter: false,
    wire: () => ({ status: 403, text: HTML, headers: HTML_HEADERS }),
    mayRefuse: true,
  },
} as const satisfies Record<string, CommandFault>;
export type CommandFaultName = keyof typeof COMMAND_FAULTS;
export const COMMAND_FAULT_NAMES = Object.keys(COMMAND_FAULTS) as CommandFaultName[];

export function commandFault(name: CommandFaultName): CommandFault {
  return COMMAND_FAULTS[name];
}

/** What the stream does wrong, until told otherwise. */
export interface StreamFaults {
  /** Connections are refused with HTTP 503. */
  isDown?: boolean;
  /** Connections are taken and then nothing at all is said, not even an acknowledgement. */
  isMute?: boolean;
  /** What is asked is answered, pings too; nothing of the account goes out: an expired key, a subscription that is lost. */
  isSilent?: boolean;
  /** Acknowledgements are held back until `release()`. */
  isSlow?: boolean;
  /** The keys are refused; a protocol asks for it. */
  isUnauthorized?: boolean;
  /** Every message of the account goes out twice. */
  isDoubled?: boolean;
  /** Messages of the account are held back, and go out last first with `release()`. */
  isReversed?: boolean;
}

export function textOf(reply: WireReply): string {
  return reply.text ?? (reply.json === undefined ? "" : JSON.stringify(reply.json));
}

/** The first list of rows in an answer gets one more, of nothing: a row that cannot be read. */
function withEmptyRow(reply: WireReply): WireReply {
  let isDone = false;
  const grow = (value: unknown): unknown => {
    if (isDone || typeof value !== "object" || value === null || "rawJSON" in value) return value;
    if (Array.isArray(value) && isRow(value[0])) {
      isDone = true;
      return [...value, {}];
    }
    if (Array.isArray(value)) return value.map(grow);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, grow(one)]));
  };
  const json = grow(reply.json);
  return isDone ? { ...reply, json } : reply;
}

function isRow(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** In every field that a venue is known to put its words in. */
function repeating(echo: readonly string[]): WireReply {
  const words = `invalid key ${echo.join(" ")}`;
  const json = { code: -2014, retCode: 10003, message: words, msg: words, retMsg: words, error: words };
  return { status: 400, json };
}

function half(reply: WireReply): Wired {
  const text = textOf(reply);
  // Half of nothing would be all of it.
  if (text === "") return "reset";
  return { status: reply.status, text: text.slice(0, Math.max(1, Math.floor(text.length / 2))) };
}

function emptied(account: AccountView): AccountView {
  return { ...account, positions: [], flat: [], orders: [], fills: [], ledger: [], balances: [] };
}
