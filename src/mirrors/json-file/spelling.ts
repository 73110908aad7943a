// How a bot spells things: `BUY` or `long`, seconds or ISO. What trueup writes follows what stands there.
import type { Leg } from "../../core/index.ts";
import type { JsonNode } from "./json.ts";

const DIRECTIONS: ReadonlyMap<string, 1 | -1> = new Map([
  ["long", 1],
  ["buy", 1],
  ["short", -1],
  ["sell", -1],
]);

/** +1 for long, -1 for short; undefined for any other word. */
export function signOfSide(word: string): 1 | -1 | undefined {
  return DIRECTIONS.get(word.toLowerCase());
}

export function legOfWord(word: string): Leg | undefined {
  if (/^(?:net|both)$/i.test(word)) return "net";
  const sign = signOfSide(word);
  return sign === undefined ? undefined : sign > 0 ? "long" : "short";
}

/** The word for a side, in the vocabulary and case of another word for a side. */
export function sideWord(sign: 1 | -1, like: string | undefined): string {
  const isTrade = like !== undefined && /^(?:buy|sell)$/i.test(like);
  const word = sign > 0 ? (isTrade ? "buy" : "long") : isTrade ? "sell" : "short";
  return inCaseOf(word, like);
}

export function legWord(leg: Leg, like: string | undefined): string {
  if (leg !== "net") return sideWord(leg === "long" ? 1 : -1, like);
  return inCaseOf(like !== undefined && /^both$/i.test(like) ? "both" : "net", like);
}

function inCaseOf(word: string, like: string | undefined): string {
  if (like === undefined || like === like.toLowerCase()) return word;
  if (like === like.toUpperCase()) return word.toUpperCase();
  return (word[0] ?? "").toUpperCase() + word.slice(1);
}

/** A number of seconds since 1970 stays below this until the year 5138; one of milliseconds was above it in 1973. */
const SECONDS_MAX = 1e11;

/** A time as JSON text: seconds or milliseconds where the bot keeps numbers, else ISO 8601 in UTC. */
export function timeText(timeMs: number, like: JsonNode | undefined): string {
  if (like?.type !== "number") return JSON.stringify(new Date(timeMs).toISOString());
  return Number(like.content) < SECONDS_MAX ? String(timeMs / 1_000) : String(timeMs);
}
