// Reading prices out of messages that come in masses: what is no price above zero is none, and the message's others count.
import { type Decimal, parseDecimal, sign } from "../../core/index.ts";
import { parseExact } from "./json.ts";

/** A price above zero; undefined for whatever else it is, a side that nobody quotes among them. */
export function optionalPrice(value: unknown): Decimal | undefined {
  const parsed = typeof value === "string" ? parseDecimal(value.trim()) : undefined;
  return parsed !== undefined && sign(parsed) > 0 ? parsed : undefined;
}

/** A time in ms, as a venue writes it: as text or number. Undefined for whatever is none. */
export function optionalTimeMs(value: unknown): number | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const ms = Number(value);
  return Number.isSafeInteger(ms) && ms > 0 ? ms : undefined;
}

/** A message, exactly; undefined for what is no JSON. */
export function parsedMessage(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}
