// The chain of positions that a stream's fills state: a broken link tells exactly what was not told, and a pass follows.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decimal, type FillRow } from "../../src/core/index.ts";
import { type AnchorChain, linkFill } from "../../src/engine/anchors.ts";
import { fill, held, StubWorld } from "../support/stub-venue.ts";

const told = (qty: number, after: number, atMs: number, more: Partial<FillRow> = {}): FillRow => ({
  instrument: "AAA",
  side: qty > 0 ? "buy" : "sell",
  qty: decimal(String(Math.abs(qty))),
  timestamp: atMs,
  positionAfter: decimal(String(after)),
  ...more,
});

describe("a chain of fills", () => {
  test("that begin where the last one ended holds", () => {
    const chain: AnchorChain = new Map();
    assert.equal(linkFill(chain, told(3, 3, 1)), null);
    assert.equal(linkFill(chain, told(-1, 2, 2)), null);
    assert.equal(linkFill(chain, told(-5, -3, 3)), null);
  });

  test("that leaves some out says how much, whatever is left out and wherever", () => {
    const trades = fc.array(
      fc.integer({ min: -9, max: 9 }).filter((qty) => qty !== 0),
      { minLength: 3 },
    );
    fc.assert(
      fc.property(trades, fc.nat(), (qtys, dice) => {
        const left = 1 + (dice % (qtys.length - 2));
        const chain: AnchorChain = new Map();
        let position = 0;
        const broken = qtys.flatMap((qty, at) => {
          position += qty;
          if (at === left) return [];
          const link = linkFill(chain, told(qty, position, at));
          return link ? [link.missingQty] : [];
        });
        assert.deepEqual(broken, [String(qtys[left])]);
      }),
    );
  });

  test("one that comes late or twice, or says nothing of the position, is no broken link", () => {
    const chain: AnchorChain = new Map();
    linkFill(chain, told(3, 3, 10));
    linkFill(chain, told(1, 4, 20));
    assert.equal(linkFill(chain, told(3, 3, 10)), null);
    assert.equal(linkFill(chain, told(1, 4, 20)), null);
    const { positionAfter: _, ...silent } = told(2, 6, 30);
    assert.equal(linkFill(chain, silent), null);
    assert.equal(linkFill(chain, told(1, 7, 40)), null);
  });

  test("of one ms is ordered by the venue's own sequence", () => {
    const chain: AnchorChain = new Map();
    linkFill(chain, told(1, 1, 5, { venueSeq: 1 }));
    assert.equal(linkFill(chain, told(1, 2, 5, { venueSeq: 2 })), null);
    assert.equal(linkFill(chain, told(1, 4, 5, { venueSeq: 3 }))?.missingQty, "1");
  });

  test("of two legs is two chains", () => {
    const chain: AnchorChain = new Map();
    linkFill(chain, told(1, 1, 1, { leg: "long" }));
    assert.equal(linkFill(chain, told(-2, -2, 2, { leg: "short" })), null);
    assert.equal(linkFill(chain, told(1, 2, 3, { leg: "long" })), null);
  });
});

test("a fill that the stream left out is in the book before the next pass is due", async () => {
  const world = new StubWorld();
  await world.open();
  await world.advance(1_000);
  const trades = [told(1, 1, 1), told(2, 3, 2), told(-1, 2, 3)].map((row, at) => ({
    ...fill("AAA", `T-${at}`, row.side, row.qty, "10", world.nowMs + at),
    positionAfter: row.positionAfter ?? decimal("0"),
  }));
  await world.advance(10);
  world.venue.fills = trades;
  world.venue.positions = [held("AAA", "2")];
  const passes = world.reports.length;
  for (const row of [trades[0], trades[2]]) if (row) world.venue.emit({ kind: "fill", fill: row });
  await world.advance(10);
  assert.equal(world.reports.length, passes + 1, "a pass looked at once");
  assert.equal(world.qty("AAA"), "2");
  assert.equal(world.session.book.fills.size, 3);
});
