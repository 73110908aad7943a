// When two quantities of a position count as the same: rounding and dust, but no trade.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal } from "../decimal.ts";
import { isVenueQty } from "./equal-qty.ts";

for (const [local, venue, isSame, why] of [
  ["9", "10", false, "a step"],
  ["10.988", "10", true, "a venue that rounds to steps"],
  ["0.999", "0", true, "a venue that does not list less than a step"],
  ["10.4", "10.1", true, "dust"],
  ["9.989", "10.988", false, "a trade of one step, less its fee in kind (seed 3686228051)"],
  ["-0.0000525", "-1.0005", false, "the same of a short position"],
] as const) {
  test(`[R9] ${local} in the book and ${venue} at the venue ${isSame ? "are the same" : "differ"}: ${why}`, () => {
    assert.equal(isVenueQty(decimal(local), decimal(venue), decimal("1")), isSame);
  });
}
