// The one pure hash of the core: ids of what trueup infers are derived from facts, so that a replay finds them
// again instead of adding them twice. Not the journal's hash chain, and not for secrets.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** Characters of the hash that an id keeps: 80 bits, enough for 10^9 ids without a collision in practice. */
const ID_HEX_DIGITS = 20;

/**
 * An id such as `adj_0b2c…`: the prefix and a hash of the parts, each part length-framed, so that
 * ("ab", "c") and ("a", "bc") differ.
 */
export function deriveId(prefix: string, parts: readonly (string | number | null)[]): string {
  const framed = parts.map((part) => {
    const text = part === null ? "\u0000" : String(part);
    return `${text.length}:${text}`;
  });
  return `${prefix}_${digestHex(framed.join("|")).slice(0, ID_HEX_DIGITS)}`;
}

/** SHA-256 of a text, 64 hex digits. */
export function digestHex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
