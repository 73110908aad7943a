// A bot's file as the bot reads and writes it: the whole of it, at once.
import { readFileSync, writeFileSync } from "node:fs";
import type { Decimal } from "../../core/index.ts";

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

export function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** As bots write quantities and prices; trueup itself never counts in such numbers. */
export function jsonNumber(value: Decimal): unknown {
  return Number(value);
}
