// Takes out of a recorded payload what tells who somebody is: names of accounts and people, addresses, wallets, keys. The
// shape stays: each is replaced by another of the same length and alphabet, the same one for the same value, so that
// what belonged together still does. Quantities, prices, times, order ids and trade ids stay: they are the payload.
import { createHmac, randomBytes } from "node:crypto";

/** Fields, by what their names have in them, that name a person, an account, a wallet or a key. */
const NAMING =
  /key|secret|passphrase|password|signature|^sign$|^auth|token$|email|phone|account|^uid$|user_?id|^users?$|owner$|member|wallet|funder|address$|^addr$|^ips?$|^name$|nick|^bio$|profile|pseudonym|proxy|^hash$|transaction_?hash|^tx_?(?:hash|id)$/i;
/** Fields with such a name that hold numbers of the account, or words of the protocol. */
const KEPT =
  /status|type|mode|asset_id|level|margin|accounts?value|value$|blocked|multiplier|ratio|rate|balance|joinkey|idempot/i;
/** What is no name of anybody, whatever the field is called: words of the protocol, currencies, amounts, "there is none". */
const WORD =
  /^(?:true|false|null|UNIFIED|CONTRACT|SPOT|FUND|OPTION|LINEAR|INVERSE|[A-Z]{2,6}|[A-Z]{2,5}\d|-?\d+\.\d+|0x0+)$/;
/**
 * What tells who somebody is wherever it stands, in sentences and in addresses of requests too: wallets, mail, and
 * the addresses that venues put into their refusals ("request ip: 203.0.113.9"). No number has three points.
 */
const TELLING =
  /\b0x[0-9a-f]{40}\b|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])|(?<![\w:])(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}(?![\w:])/gi;

export type Redact = (value: unknown) => unknown;

/**
 * @param known Texts that are replaced wherever they stand, also inside others: ids of the account.
 * @param salt Of one recording; without it nobody can try out what a replaced value was.
 */
export function redactor(known: readonly string[], salt: Buffer = randomBytes(32)): Redact {
  const secrets = known.filter((one) => one.length >= 4);
  const inText = (text: string) =>
    secrets.reduce(
      (rest, secret) => rest.replaceAll(secret, alike(secret, salt)),
      text.replace(TELLING, (found) => alike(found, salt)),
    );
  const redact = (value: unknown, isNaming: boolean): unknown => {
    if (Array.isArray(value)) return value.map((one) => redact(one, isNaming));
    if (typeof value === "object" && value !== null) {
      const fields = Object.entries(value).map(([name, field]): [string, unknown] => [
        inText(name),
        redact(field, NAMING.test(name) && !KEPT.test(name)),
      ]);
      return Object.fromEntries(fields);
    }
    if (typeof value === "string") {
      return isNaming && value !== "" && !WORD.test(value) ? alike(value, salt) : inText(value);
    }
    return value;
  };
  return (value) => redact(value, false);
}

/** Another text of the same length: letters for letters, digits for digits, the rest as it is. */
function alike(text: string, salt: Buffer): string {
  const prefix = /^0x/i.exec(text)?.[0] ?? "";
  // A wallet is the same however its letters are written.
  const isWallet = prefix !== "" && /^[0-9a-f]+$/i.test(text.slice(prefix.length));
  const dice = createHmac("sha256", salt)
    .update(isWallet ? text.toLowerCase() : text)
    .digest();
  const isHex = prefix !== "" || /^[0-9a-f-]{16,}$/.test(text);
  const letters = isHex ? "abcdef" : "abcdefghijklmnopqrstuvwxyz";
  const pick = (alphabet: string, at: number) =>
    alphabet[((dice[at % dice.length] ?? 0) + at) % alphabet.length] ?? "x";
  // A number does not begin with a zero.
  let hasDigit = false;
  const changed = [...text.slice(prefix.length)].map((letter, at) => {
    if (/\d/.test(letter)) {
      const digits = hasDigit ? "0123456789" : "123456789";
      hasDigit = true;
      return pick(digits, at);
    }
    if (/[a-z]/.test(letter)) return pick(letters, at);
    if (/[A-Z]/.test(letter)) return pick(letters.toUpperCase(), at);
    // Names are written in every script.
    return /\p{L}/u.test(letter) ? pick(letters, at) : letter;
  });
  return prefix + changed.join("");
}
