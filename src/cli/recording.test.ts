// What a recording makes of answers, and reads again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readPayload } from "../venues/ccxt/index.ts";
import { parseExact } from "../venues/wire/json.ts";
import { readRecording, recordingText } from "./recording.ts";

const HEAD = { venue: "v", client: null, version: "0", recordedAt: "2026-11-20T00:00:00.000Z" };

function again(body: string): string | undefined {
  const answer = { source: "POST /info", status: 200, body, problem: null };
  return readRecording(recordingText(HEAD, [answer], (value) => value))?.[0]?.body;
}

test("an answer is read again as it came: numbers, texts with quotes, what is no JSON", () => {
  const numbers = '{"a":1.10,"b":[1e-7,"1"]}';
  assert.deepEqual(parseExact(again(numbers) ?? ""), parseExact(numbers));
  for (const body of ['"unifiedAccount"', "12.50", "null", "PONG", '{"half":']) {
    assert.equal(again(body), body, body);
  }
});

test("what Hyperliquid says of the kind of an account and of its dexes is no problem", () => {
  for (const body of ['"unifiedAccount"', '[null,{"name":"xyz","fullName":"XYZ"}]']) {
    const { takenFor, items } = readPayload(parseExact(again(body) ?? ""), "hyperliquid POST /info");
    assert.notEqual(takenFor, null);
    assert.deepEqual(
      items.map(({ kind }) => kind),
      ["ignored"],
    );
  }
});
