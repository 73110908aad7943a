// The journal's hashes: the fast digest is the core's, so that what one wrote the other finds.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { digestHex } from "../core/index.ts";
import { digestOf } from "./chain.ts";

test("a digest is the same wherever it was made", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      assert.equal(digestOf(text), digestHex(text));
    }),
  );
});
