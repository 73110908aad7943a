// Windows and their proof: none is counted as read before it was read whole.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Asking } from "../wire/asking.ts";
import { type Window, walkWindows, windowsOf } from "./pages.ts";

const ALWAYS: Asking = { mayAsk: () => true, until: () => ALWAYS };

test("windows touch and do not overlap, and none is wider than allowed", () => {
  const windows = windowsOf(1_000, 10_500, 3_000);
  assert.deepEqual(windows, [
    { fromMs: 1_000, toMs: 4_000 },
    { fromMs: 4_001, toMs: 7_001 },
    { fromMs: 7_002, toMs: 10_002 },
    { fromMs: 10_003, toMs: 10_500 },
  ]);
  assert.deepEqual(windowsOf(5, 5, 100), [{ fromMs: 5, toMs: 5 }]);
});

test("a window with more than one read takes is read as halves, and proves the whole", async () => {
  const asked: Window[] = [];
  const walked = await walkWindows(windowsOf(0, 100_000, 100_000), ALWAYS, async (window) => {
    asked.push(window);
    const isWide = window.toMs - window.fromMs > 30_000;
    return {
      items: isWide ? [-1] : [window.fromMs],
      end: isWide ? "bound" : "whole",
      timeMs: undefined,
    };
  });
  assert.deepEqual(walked, { items: [0, 25_001, 50_001, 75_001], provenToMs: 100_000 });
  assert.deepEqual(
    asked.map(({ fromMs, toMs }) => toMs - fromMs),
    [100_000, 50_000, 25_000, 24_999, 49_999, 24_999, 24_999],
  );
});

test("where the time for asking ends, what was whole before is proven, and the rest is not", async () => {
  let left = 2;
  const asking: Asking = { mayAsk: () => left > 0, until: () => asking };
  const walked = await walkWindows(windowsOf(0, 299, 99), asking, async ({ fromMs }) => {
    left -= 1;
    return left >= 0
      ? { items: [fromMs], end: "whole", timeMs: undefined }
      : { items: [fromMs], end: "bound", problem: "no more time", timeMs: undefined };
  });
  assert.deepEqual(walked, { items: [0, 100, 200], provenToMs: 199, problem: "no more time" });
});

test("the last window is proven no further than Bybit's own clock", async () => {
  const walked = await walkWindows([{ fromMs: 0, toMs: 10_000 }], ALWAYS, async () => ({
    ...{ items: [], end: "whole", timeMs: 7_000 },
  }));
  assert.equal(walked.provenToMs, 7_000);
});
