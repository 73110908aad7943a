// Our client order ids as Hyperliquid takes them: 16 bytes in hex, and nothing else. Ours are a short prefix, which tells
// whose an order is, and 24 hex digits; the prefix becomes three bytes and a zero, so that it can be read back. An id
// of any other form, a bot's own, stays as Hyperliquid has it.
//   tu-4f0c…(24)  ->  0x 74752d00 4f0c…(24)
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint "c: Optional<Cloid>, 128 bit hex
// string" (read 2026-11)

/** Three characters of prefix and 24 hex digits. */
export const CLIENT_ID_LENGTH_MAX = 27;
export const CLIENT_ID_CHARACTERS = "A-Za-z0-9_-";

const OURS = /^([A-Za-z0-9_-]{1,3})([0-9a-f]{24})$/;
const CLOID = /^0x[0-9a-f]{32}$/;
const PREFIX_BYTES = 4;

/** Undefined for an id that has no such form. */
export function cloidOf(clientOrderId: string): string | undefined {
  const own = clientOrderId.toLowerCase();
  if (CLOID.test(own)) return own;
  const [, prefix, digits] = OURS.exec(clientOrderId) ?? [];
  if (prefix === undefined || digits === undefined) return undefined;
  const bytes = [...prefix].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return `0x${bytes.padEnd(PREFIX_BYTES * 2, "0")}${digits}`;
}

/** What Hyperliquid's id is called by us. */
export function clientIdOf(cloid: string): string {
  if (!CLOID.test(cloid)) return cloid;
  const head = cloid.slice(2, 2 + PREFIX_BYTES * 2);
  const bytes = [0, 1, 2, 3].map((index) => Number.parseInt(head.slice(index * 2, index * 2 + 2), 16));
  const prefix = String.fromCharCode(...bytes).replace(/\0+$/, "");
  const id = `${prefix}${cloid.slice(2 + PREFIX_BYTES * 2)}`;
  return OURS.test(id) ? id : cloid;
}
