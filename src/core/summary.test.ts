// The summary (R14): every row in exactly one bucket, and a sum that is wrong ends the pass.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LOCAL_BUCKETS, SHARED_BUCKETS, Tallier, VENUE_BUCKETS } from "./summary.ts";

const placed = fc.oneof(
  fc.record({ side: fc.constant("both" as const), bucket: fc.constantFrom(...SHARED_BUCKETS) }),
  fc.record({
    side: fc.constant("local" as const),
    bucket: fc.constantFrom(...SHARED_BUCKETS, ...LOCAL_BUCKETS),
  }),
  fc.record({
    side: fc.constant("venue" as const),
    bucket: fc.constantFrom(...SHARED_BUCKETS, ...VENUE_BUCKETS),
  }),
);

test("[R14] the buckets of each side sum to the rows of that side", () => {
  fc.assert(
    fc.property(fc.array(placed), (rows) => {
      const tallier = new Tallier();
      for (const row of rows) {
        if (row.side === "both") tallier.both(row.bucket);
        else if (row.side === "local") tallier.onlyLocal(row.bucket);
        else tallier.onlyVenue(row.bucket);
      }
      const local = rows.filter(({ side }) => side !== "venue").length;
      const venue = rows.filter(({ side }) => side !== "local").length;
      const tally = tallier.finish(local, venue);
      const total = (counts: Readonly<Record<string, number>>) =>
        Object.values(counts).reduce((a, b) => a + b, 0);
      assert.deepEqual([total(tally.sides.local), total(tally.sides.venue)], [local, venue]);
      const { local: _, venue: __, sides: ___, ...flat } = tally;
      assert.equal(total(flat), rows.length);
    }),
  );
});

test("[R14] a summary that does not add up is an error, not a number", () => {
  const tallier = new Tallier();
  tallier.both("verified");
  assert.throws(() => tallier.finish(2, 1), /does not add up: 2 local rows, 1 in buckets/);
  assert.throws(() => tallier.finish(1, 0), /does not add up: 0 venue rows, 1 in buckets/);
});
