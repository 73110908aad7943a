// Bybit's envelope: HTTP 200 says nothing, `retCode` does. Knows no endpoint.
// @see https://bybit-exchange.github.io/docs/v5/guide "Common response parameters" (read 2026-11)
import { isObject } from "../wire/fields.ts";
import { parseExact } from "../wire/json.ts";

export interface Envelope {
  /** "0" is success. */
  readonly code: string;
  readonly message: string;
  readonly result: Readonly<Record<string, unknown>>;
  /** Bybit's clock when it answered, in ms; undefined where it is not told. */
  readonly timeMs: number | undefined;
}

export function isEnvelope(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && "retCode" in value;
}

/** Undefined where it is none, or only a part of one. */
export function envelopeOf(value: unknown): Envelope | undefined {
  if (!isEnvelope(value)) return undefined;
  const { retCode, retMsg, result, time } = value;
  if (typeof retCode !== "string" || !/^-?\d+$/.test(retCode)) return undefined;
  const timeMs = typeof time === "string" && /^\d{12,14}$/.test(time) ? Number(time) : undefined;
  const message = typeof retMsg === "string" ? retMsg : "";
  return { code: retCode, message, result: isObject(result) ? result : {}, timeMs };
}

/** Undefined where it is not JSON, or no envelope. */
export function envelopeIn(text: string): Envelope | undefined {
  try {
    return envelopeOf(parseExact(text));
  } catch {
    return undefined;
  }
}
