// Comparing JSON values without writing them down: the same answer as comparing their texts.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isSameJson } from "./json.ts";

test("two values are the same JSON when their texts are", () => {
  const value = fc.jsonValue({ maxDepth: 3 }).map((made) => JSON.parse(JSON.stringify(made)));
  fc.assert(
    fc.property(value, value, (a, b) => {
      assert.equal(isSameJson(a, b), JSON.stringify(a) === JSON.stringify(b));
      assert.equal(isSameJson(a, structuredClone(a)), true);
    }),
  );
  assert.equal(isSameJson({ a: 1, b: 2 }, { b: 2, a: 1 }), false);
  assert.equal(isSameJson([], {}), false);
  assert.equal(isSameJson({ a: null }, { a: {} }), false);
});
