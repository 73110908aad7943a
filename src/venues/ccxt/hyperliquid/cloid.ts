// Our client order ids as Hyperliquid takes them: 16 bytes in hex, and nothing else. Ours are a short prefix, which tells
// whose an order is, and 24 hex digits; the prefix becomes three bytes and a zero, so that it can be read back. A short
// id becomes its letters, behind a byte that no prefix begins with. A bot's own 16 bytes stay as they are.
//   tu-4f0c…(24)  ->  0x 74752d00 4f0c…(24)
//   exit-7        ->  0x 01 657869742d37 00…
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint "c: Optional<Cloid>, 128 bit hex
// string" (read 2026-11)

/** Three characters of prefix and 24 hex digits. */
export const CLIENT_ID_LENGTH_MAX = 27;
export const CLIENT_ID_CHARACTERS = "A-Za-z0-9_-";

const OURS = /^([A-Za-z0-9_-]{1,3})([0-9a-f]{24})$/;
const SHORT = /^[A-Za-z0-9_-]{1,15}$/;
const CLOID = /^0x[0-9a-f]{32}$/;
const BYTES = 16;
const PREFIX_BYTES = 4;
const SHORT_MARK = "01";

/** Undefined for an id that has none of these forms. */
export function cloidOf(clientOrderId: string): string | undefined {
  if (CLOID.test(clientOrderId)) return clientOrderId;
  const [, prefix, digits] = OURS.exec(clientOrderId) ?? [];
  if (prefix !== undefined && digits !== undefined) return `0x${hexOf(prefix, PREFIX_BYTES)}${digits}`;
  return SHORT.test(clientOrderId) ? `0x${SHORT_MARK}${hexOf(clientOrderId, BYTES - 1)}` : undefined;
}

/** What Hyperliquid's id is called by us. */
export function clientIdOf(cloid: string): string {
  if (!CLOID.test(cloid)) return cloid;
  const hex = cloid.slice(2);
  if (hex.startsWith(SHORT_MARK)) {
    const text = textOf(hex.slice(SHORT_MARK.length));
    return SHORT.test(text) ? text : cloid;
  }
  const digits = hex.slice(PREFIX_BYTES * 2);
  const id = `${textOf(hex.slice(0, PREFIX_BYTES * 2))}${digits}`;
  return OURS.test(id) ? id : cloid;
}

function hexOf(text: string, bytes: number): string {
  const hex = [...text].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return hex.padEnd(bytes * 2, "0");
}

/** Zeros at the end are filling. */
function textOf(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  return String.fromCharCode(...bytes.map((byte) => Number.parseInt(byte, 16))).replace(/\0+$/, "");
}
