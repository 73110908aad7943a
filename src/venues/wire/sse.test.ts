// Server-sent events out of pieces: wherever the text is cut, the same events come out.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SseReader } from "./sse.ts";

const TEXT =
  ': hello\r\ndata: {"a":1}\r\n\r\nevent: x\ndata: first\ndata: second\n\n:dropped 3\n\ndata:none\n\nid: 7\n\n';
const ITEMS = ["comment hello", 'event {"a":1}', "event first\nsecond", "comment dropped 3", "event none"];

function itemsOf(pieces: readonly string[]): string[] {
  const reader = new SseReader();
  return pieces
    .flatMap((piece) => reader.take(piece))
    .map((item) => `${item.kind} ${item.kind === "event" ? item.data : item.text}`);
}

test("the text in one piece gives its events and comments", () => {
  assert.deepEqual(itemsOf([TEXT]), ITEMS);
});

test("wherever the text is cut, also inside of a line's end, the same comes out", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(TEXT.length), { maxLength: 8 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), TEXT.length];
      const pieces = at.slice(1).map((end, index) => TEXT.slice(at[index], end));
      assert.deepEqual(itemsOf(pieces), ITEMS);
    }),
  );
});

test("an event that has not ended is not told", () => {
  assert.deepEqual(itemsOf(['data: {"half":']), []);
});

test("an event without an end is refused before it fills the memory", () => {
  const reader = new SseReader();
  assert.throws(() => reader.take(`data: ${"x".repeat(1_000_001)}`), /more than 1000000 characters/);
});
