// Plan, apply, verify: what a plan says is what happens, nothing else, once, with a person's word where one is
// needed, and not at all when the world has moved meanwhile.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decimal, instrumentOf, type MirrorRow } from "../../src/core/index.ts";
import { type Confirmation, type Plan, PlanError } from "../../src/engine/index.ts";
import { fill, held, resting, type StubOptions, StubWorld } from "../support/stub-venue.ts";
import { botMirror, row } from "../support/world.ts";

const ANN: Confirmation = { by: "ann", confirm: null, rows: null };
const withWord = (rows: number): Confirmation => ({ by: "ann", confirm: "test", rows });
const SLOW = { policy: { confirmations: 99, graceMs: 0 } };

/** A world in which the bot's file differs and no pass repairs it yet. */
async function differing(options: StubOptions = SLOW) {
  const world = new StubWorld(options);
  const bot = botMirror([row("K", "1", { score: 7 }), row("GONE", "2", { note: "mine" })], true);
  world.mirrors = [bot];
  world.venue.positions = [held("K", "3"), held("NEW", "1")];
  await world.open();
  return { world, bot };
}

/** A venue whose list is empty, and which will not say of any position that it is flat. */
async function unwitnessed() {
  const world = new StubWorld();
  const bot = botMirror([row("A", "1", { note: 1 }), row("B", "2", { note: 2 })]);
  world.mirrors = [bot];
  world.venue.positions = [held("A", "1"), held("B", "2")];
  await world.open();
  world.venue.positions = [];
  await world.session.pass("test", true);
  assert.deepEqual(world.holds(), ["suspect_read reduce_only"]);
  return { world, bot };
}

const rowsOf = async (bot: ReturnType<typeof botMirror>) => (await bot.read()).rows;
const code = (expected: PlanError["code"]) => (error: unknown) =>
  error instanceof PlanError && error.code === expected;

describe("a plan", () => {
  test("says each step with both sides, its cause and its proof, and changes nothing", async () => {
    const { world, bot } = await differing();
    const records = (await world.records()).length;
    const before = await rowsOf(bot);
    const plan = await world.session.plan(null);
    assert.deepEqual(
      plan.steps.map(({ of, kind, action, instrument, localQty, venueQty, witness, needs }) =>
        [of, kind, action, instrument, localQty, venueQty, witness, needs].join(" "),
      ),
      [
        "bot missing_position added NEW  1  ",
        "bot phantom_position removed GONE 2 0 absence ",
        "bot position_mismatch corrected K 1 3  ",
      ],
    );
    assert.equal(plan.rows, 0);
    assert.match(plan.id, /^plan_[0-9a-f]{20}$/);
    assert.equal(plan.madeOf.seq, records);
    assert.equal((await world.records()).length, records);
    assert.deepEqual(await rowsOf(bot), before);
  });

  test("of certain mirrors only is about nothing else", async () => {
    const { world } = await differing();
    assert.deepEqual((await world.session.plan(["other"])).steps, []);
    assert.equal((await world.session.plan(["bot"])).steps.length, 3);
  });

  test("lists what it refuses with what is missing", async () => {
    const world = new StubWorld();
    const bad: MirrorRow = {
      ...row("X", null),
      problem: { code: "row_quantity", detail: "line 1: no number" },
    };
    world.mirrors = [botMirror([bad])];
    await world.open();
    const plan = await world.session.plan(null);
    assert.deepEqual(
      plan.refused.map((one) => [one.of, one.instrument, one.code, one.detail]),
      [["bot", "X", "row_quantity", "line 1: no number"]],
    );
    await assert.rejects(world.session.apply(plan, ANN), code("plan_empty"));
  });

  test("[R2] applied does what a forced pass does where both may act", async () => {
    const [a, b] = [await differing(), await differing()];
    const applied = await a.world.session.apply(await a.world.session.plan(null), ANN);
    await b.world.session.pass("operator", true);
    assert.deepEqual(await rowsOf(a.bot), await rowsOf(b.bot));
    assert.deepEqual(
      applied.steps.map(({ repairId }) => /^rep_/.test(repairId ?? "")),
      [true, true, true],
    );
    assert.deepEqual(applied.metrics, {
      before: { positions: 2, orders: 0, discrepancies: 3, mirrors: { bot: 2 } },
      after: { positions: 2, orders: 0, discrepancies: 0, mirrors: { bot: 2 } },
    });
    const records = await a.world.records();
    const by = records.flatMap((one) =>
      one.kind === "repair_applied" ? [one.payload.by, one.payload.planId] : [],
    );
    assert.deepEqual([...new Set(by)], ["ann", applied.planId]);
    const marks = records.filter(({ kind }) => kind === "plan_applied" || kind === "plan_verified");
    assert.deepEqual(
      marks.map(({ kind, causeId }) => [kind, causeId]),
      [
        ["plan_applied", "by:ann"],
        ["plan_verified", "by:ann"],
      ],
    );
  });

  test("counts once: not a second time, not by two at once, not after a crash in the middle", async () => {
    const { world } = await differing();
    const plan = await world.session.plan(null);
    const both = await Promise.allSettled([world.session.apply(plan, ANN), world.session.apply(plan, ANN)]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    await world.restart();
    await assert.rejects(world.session.apply(plan, ANN), code("plan_applied"));

    const other = await differing();
    const second = await other.world.session.plan(null);
    other.world.journal.diesAfter = "plan_applied";
    await assert.rejects(other.world.session.apply(second, ANN), /the power is gone/);
    await other.world.restart();
    await assert.rejects(other.world.session.apply(second, ANN), code("plan_applied"));
    assert.equal((await rowsOf(other.bot)).length, 2);
  });

  test("is refused when it has expired", async () => {
    const { world, bot } = await differing();
    const plan = await world.session.plan(null);
    const before = await rowsOf(bot);
    await world.elapse(plan.expiresAtMs - world.nowMs);
    await assert.rejects(world.session.apply(plan, ANN), code("plan_expired"));
    assert.deepEqual(await rowsOf(bot), before);
  });

  test("is refused where nothing is repaired: observe, or a venue that may not heal", async () => {
    const worlds = [
      await differing({ policy: { ...SLOW.policy, observe: true } }),
      await differing({ ...SLOW, capabilities: { heals: false } }),
    ];
    for (const { world, bot } of worlds) {
      const before = await rowsOf(bot);
      const plan = await world.session.plan(null);
      assert.equal(plan.mayApply, false);
      const made = plan.steps.length > 0 ? plan : { ...plan, steps: [{} as Plan["steps"][number]] };
      await assert.rejects(world.session.apply(made, ANN), code("observing"));
      assert.deepEqual(await rowsOf(bot), before);
    }
  });

  test("of another account is refused", async () => {
    const { world } = await differing();
    const plan = { ...(await world.session.plan(null)), account: "other" };
    await assert.rejects(world.session.apply(plan, ANN), code("plan_of_other_account"));
  });

  test("may be applied while the account is killed: it writes copies and trades nothing", async () => {
    const { world, bot } = await differing();
    await world.session.kill("enough", "ann", false);
    await world.session.apply(await world.session.plan(null), ANN);
    assert.equal((await rowsOf(bot)).find(({ instrument }) => instrument === "K")?.qty, "3");
    assert.ok(world.session.book.kill);
  });

  test("carries out only its own steps: what differs since is left to the passes", async () => {
    const { world } = await differing();
    const plan = await world.session.plan(null);
    const [, second, third] = plan.steps;
    const cut = { ...plan, steps: plan.steps.slice(0, 1) };
    await world.session.apply(cut, ANN);
    assert.equal(second?.instrument, "GONE");
    assert.equal(third?.instrument, "K");
    assert.deepEqual(world.openMatters().sort(), ["phantom_position -", "position_mismatch -"]);
  });
});

describe("[R2] a world that has moved", () => {
  const moves: readonly {
    what: string;
    move: (one: Awaited<ReturnType<typeof differing>>) => void;
    told: RegExp;
  }[] = [
    {
      what: "the venue's quantity",
      move: ({ world }) => {
        world.venue.positions = [held("K", "4"), held("NEW", "1")];
      },
      told: /positions at the venue, net:K: was 3, is 4/,
    },
    {
      what: "a position that appeared",
      move: ({ world }) => {
        world.venue.positions = [held("K", "3"), held("NEW", "1"), held("Z", "9")];
      },
      told: /net:Z: was none, is 9/,
    },
    {
      what: "an order that appeared",
      move: ({ world }) => {
        world.venue.orders = [resting("V-9")];
      },
      told: /orders at the venue, X V-9: was none, is open/,
    },
    {
      what: "the bot's row",
      move: ({ bot }) => bot.set([row("K", "2"), row("GONE", "2", { note: "mine" })]),
      told: /rows of bot, net:K: was net:K 1, is net:K 2/,
    },
    {
      what: "a read that fails",
      move: ({ world }) => {
        world.venue.beforeSnapshot = async () => {
          throw new Error("down");
        };
      },
      told: /positions at the venue, net:K: was 3, is none/,
    },
  ];
  for (const { what, move, told } of moves) {
    test(`${what}: nothing is done, and old and new are told`, async () => {
      const one = await differing();
      const plan = await one.world.session.plan(null);
      move(one);
      const before = await rowsOf(one.bot);
      const records = (await one.world.records()).length;
      await assert.rejects(one.world.session.apply(plan, ANN), (error: PlanError) => {
        assert.equal(error.code, "plan_moved");
        assert.match(error.message, told);
        return true;
      });
      assert.deepEqual(await rowsOf(one.bot), before);
      assert.equal((await one.world.records()).length, records);
    });
  }

  test("a proof that went away moves it too, though every row is as it was", async () => {
    const world = new StubWorld(SLOW);
    const bot = botMirror([row("A", "1")]);
    world.mirrors = [bot];
    world.venue.lookups.set("A", { kind: "none" });
    await world.open();
    const plan = await world.session.plan(null);
    assert.deepEqual(
      plan.steps.map(({ witness }) => witness),
      ["lookup"],
    );
    world.venue.lookups.clear();
    await assert.rejects(world.session.apply(plan, withWord(1)), (error: PlanError) => {
      assert.equal(error.code, "plan_moved");
      assert.match(error.message, /witness lookup, is removed .* needs a person's word \(witness\)/);
      return true;
    });
    assert.equal((await rowsOf(bot)).length, 1);
  });

  test("what moves between the look and the pass is not repaired, and is told; the rest is", async () => {
    const { world, bot } = await differing();
    const plan = await world.session.plan(null);
    let reads = 0;
    world.venue.beforeSnapshot = async () => {
      reads += 1;
      if (reads === 2) world.venue.positions = [held("K", "4"), held("NEW", "1")];
    };
    const { steps } = await world.session.apply(plan, ANN);
    assert.deepEqual(
      steps.map(({ instrument, repairId, code: why }) => [instrument, repairId !== null, why]),
      [
        ["NEW", true, null],
        ["GONE", true, null],
        ["K", false, "not_made"],
      ],
    );
    assert.equal((await rowsOf(bot)).find(({ instrument }) => instrument === "K")?.qty, "1");
  });

  test("[R2] a word that was given for one quantity does not count for another", async () => {
    const { world, bot } = await unwitnessed();
    const plan = await world.session.plan(null);
    let reads = 0;
    const { read } = bot;
    bot.read = async () => {
      reads += 1;
      if (reads === 2) bot.set([row("A", "8", { note: 1 }), row("B", "2", { note: 2 })]);
      return read.call(bot);
    };
    await world.session.apply(plan, withWord(4));
    assert.deepEqual(await rowsOf(bot), [row("A", "8", { note: 1 })]);
    assert.ok(world.openMatters().includes("phantom_position unwitnessed"));
  });

  test("the bot's own fields may move all the time", async () => {
    const { world, bot } = await differing();
    const plan = await world.session.plan(null);
    bot.set([row("K", "1", { score: 8, tick: 99 }), row("GONE", "2", { note: "newer" })]);
    await world.session.apply(plan, ANN);
    assert.deepEqual((await rowsOf(bot)).find(({ instrument }) => instrument === "K")?.metadata, {
      score: 8,
      tick: 99,
    });
  });
});

describe("[R2] a person's word", () => {
  test("takes the place of the missing witness, in the book and in the mirror, by name and number", async () => {
    const { world, bot } = await unwitnessed();
    const plan = await world.session.plan(null);
    assert.deepEqual(
      plan.steps.map(({ of, instrument, action, needs }) => [of, instrument, action, needs].join(" ")),
      [
        "book A adjusted witness",
        "book B adjusted witness",
        "bot A removed witness",
        "bot B removed witness",
      ],
    );
    assert.equal(plan.rows, 4);
    for (const { missing } of plan.steps) assert.match(String(missing), /no witness that it is flat/);
    const records = (await world.records()).length;
    const wrong: readonly [Confirmation, PlanError["code"]][] = [
      [ANN, "plan_not_confirmed"],
      [{ by: "ann", confirm: "tset", rows: 4 }, "plan_not_confirmed"],
      [{ by: "ann", confirm: "test", rows: null }, "plan_wrong_rows"],
      [withWord(3), "plan_wrong_rows"],
    ];
    for (const [given, refused] of wrong)
      await assert.rejects(world.session.apply(plan, given), code(refused));
    assert.equal((await world.records()).length, records);

    await world.session.apply(plan, withWord(4));
    assert.deepEqual([world.qty("A"), world.qty("B")], [undefined, undefined]);
    assert.deepEqual(await rowsOf(bot), []);
    assert.deepEqual(world.holds(), []);
    const repairs = (await world.records()).flatMap((one) =>
      one.kind === "repair_applied" ? [one.payload] : [],
    );
    assert.deepEqual(
      repairs.map(({ by, witness }) => [by, witness]),
      Array.from({ length: 4 }, () => ["ann", "person"]),
    );
    await world.restart();
    assert.deepEqual(world.openMatters(), []);
  });

  test("[R12] takes it also where the book holds less than a step of what a mirror claims (seed 601696)", async () => {
    const world = new StubWorld({ capabilities: { absentRowMeansFlat: "unknown" } });
    world.venue.instrument = (symbol) => instrumentOf(symbol, { qtyStep: decimal("1") });
    const bot = botMirror([row("X", "-8"), row("K", "1")]);
    world.mirrors = [bot];
    world.venue.positions = [held("X", "-8", "100"), held("K", "1", "100")];
    world.venue.fills = undefined;
    await world.open();
    world.venue.positions = [held("K", "1", "100")];
    world.venue.emit({ kind: "fill", fill: fill("X", "1", "buy", "7.6", "100", world.nowMs) });
    await world.advance(60_000);
    assert.deepEqual(world.openMatters(), ["position_mismatch unwitnessed"]);
    const plan = await world.session.plan(null);
    assert.deepEqual(
      plan.steps.map(({ of, kind, needs, witness }) => [of, kind, needs, witness]),
      [["bot", "position_mismatch", "witness", null]],
    );
    await assert.rejects(world.session.apply(plan, ANN), PlanError);
    await world.session.apply(plan, withWord(1));
    assert.equal((await rowsOf(bot))[0]?.qty, "-0.4");
    assert.deepEqual(world.openMatters(), []);
  });

  test("does not count against a look-up that finds the position, or while the list was not read", async () => {
    const { world } = await unwitnessed();
    world.venue.lookups.set("A", { kind: "row", row: held("A", "1") });
    const plan = await world.session.plan(null);
    assert.deepEqual(
      plan.steps.map(({ of, instrument }) => [of, instrument].join(" ")),
      ["book B", "bot B"],
    );
    world.venue.beforeSnapshot = async () => {
      throw new Error("down");
    };
    const blind = await world.session.plan(null);
    assert.deepEqual([blind.steps, blind.isReadable], [[], false]);
  });

  test("what it closed comes back when the venue shows it again", async () => {
    const { world } = await unwitnessed();
    await world.session.apply(await world.session.plan(null), withWord(4));
    world.venue.positions = [held("A", "1"), held("B", "2")];
    await world.session.pass("test", true);
    assert.deepEqual([world.qty("A"), world.qty("B")], ["1", "2"]);
  });

  test("a forced pass never does what needs it", async () => {
    const { world, bot } = await unwitnessed();
    await world.session.pass("operator", true);
    assert.deepEqual([world.qty("A"), (await rowsOf(bot)).length], ["1", 2]);
  });

  test("[R5] closes an order whose outcome nothing tells, and only when it is not shown", async () => {
    const world = new StubWorld({ capabilities: { orderLookup: "inconclusive" } });
    await world.open();
    world.venue.orders = [{ ...resting("V-1"), status: "unknown" }];
    await world.session.pass("test", false);
    assert.deepEqual(statuses(world), ["unknown"]);
    await world.elapse(60_000);
    assert.deepEqual((await world.session.plan(null)).steps, [], "the venue still shows it");
    world.venue.orders = [];
    const plan = await world.session.plan(null);
    assert.deepEqual(
      plan.steps.map(({ kind, action, needs }) => [kind, action, needs].join(" ")),
      ["unknown_order order_state outcome"],
    );
    assert.match(String(plan.steps[0]?.missing), /no proof that it has ended/);
    await assert.rejects(world.session.apply(plan, ANN), code("plan_not_confirmed"));
    const { steps } = await world.session.apply(plan, withWord(1));
    assert.deepEqual(statuses(world), ["canceled"]);
    assert.equal([...world.session.book.orders.values()][0]?.statusSource, "person");
    await world.session.undo(steps[0]?.repairId ?? "", "bob");
    assert.deepEqual(statuses(world), ["unknown"]);
  });

  test("[R5] sees the order that it ends once, also while that was only about to be told (seed 205457)", async () => {
    const capabilities = { orderLookup: "inconclusive", settleMs: 60_000 } as const;
    const world = new StubWorld({ capabilities, policy: { mode: "executor" } });
    world.venue.order = async () => ({ kind: "none" });
    world.venue.orders = [resting("V-1")];
    await world.open();
    world.venue.orders = [];
    await world.advance(15_000);
    await world.session.apply(await world.session.plan(null), withWord(1));
    assert.deepEqual(statuses(world), ["canceled"]);
    const seen = (await world.records()).flatMap(({ kind, payload }) =>
      kind === "discrepancy_opened" ? [payload.kind] : [],
    );
    assert.deepEqual(seen, ["missing_local_order", "stale_local_order"]);
  });

  test("[R5] closes such an order also when our clock was set back since", async () => {
    const world = new StubWorld({ capabilities: { orderLookup: "inconclusive" } });
    await world.open();
    world.venue.orders = [{ ...resting("V-1"), status: "unknown" }];
    await world.session.pass("test", false);
    world.runtime.jump(-3_600_000);
    await world.advance(60_000);
    world.venue.orders = [];
    const plan = await world.session.plan(null);
    assert.deepEqual(
      plan.steps.map(({ kind }) => kind),
      ["unknown_order"],
    );
    await world.session.apply(plan, withWord(1));
    assert.deepEqual(statuses(world), ["canceled"]);
  });

  test("a policy that leaves a kind to a person is held back until the person says so", async () => {
    const kinds = (await import("../../src/core/index.ts")).POLICY_DEFAULT.kinds;
    const world = new StubWorld({ policy: { kinds: { ...kinds, phantom_position: "watch" } } });
    const bot = botMirror([row("K", "1"), row("GONE", "2")]);
    world.mirrors = [bot];
    world.venue.positions = [held("K", "1")];
    await world.open();
    await world.session.pass("operator", true);
    assert.equal((await rowsOf(bot)).length, 2);
    const plan = await world.session.plan(null);
    assert.deepEqual(
      plan.steps.map(({ instrument, needs, missing }) => [instrument, needs, missing].join(" ")),
      ["GONE policy the policy of this kind is watch: it is left to a person"],
    );
    await world.session.apply(plan, withWord(1));
    assert.deepEqual(await rowsOf(bot), [row("K", "1")]);
  });
});

test("[R2][R13] any file: a plan applied equals a forced pass, and undone it gives back what there was", async () => {
  const symbol = fc.constantFrom("A", "B", "C", "D", "E");
  const qty = fc.integer({ min: 1, max: 9 }).map(String);
  const claims = fc.uniqueArray(
    fc.tuple(symbol, qty, fc.dictionary(fc.constantFrom("n", "m"), fc.nat(9), { noNullPrototype: true })),
    {
      selector: ([name]) => name,
      maxLength: 5,
    },
  );
  const truth = fc.uniqueArray(fc.tuple(symbol, qty), {
    selector: ([name]) => name,
    minLength: 1,
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(claims, truth, async (rows, positions) => {
      const make = async () => {
        const world = new StubWorld(SLOW);
        const bot = botMirror(
          rows.map(([name, size, own]) => row(name, size, own)),
          true,
        );
        world.mirrors = [bot];
        world.venue.positions = positions.map(([name, size]) => held(name, size));
        await world.open();
        return { world, bot };
      };
      const [a, b] = [await make(), await make()];
      const plan = await a.world.session.plan(null);
      await b.world.session.pass("operator", true);
      const proven = plan.steps.filter(({ needs }) => needs === null);
      if (plan.steps.length === 0) assert.deepEqual(await rowsOf(a.bot), await rowsOf(b.bot));
      if (plan.steps.length === 0 || proven.length < plan.steps.length) return;
      const before = await rowsOf(a.bot);
      const { steps } = await a.world.session.apply(plan, ANN);
      assert.deepEqual(await rowsOf(a.bot), await rowsOf(b.bot));
      for (const { repairId } of [...steps].reverse()) await a.world.session.undo(repairId ?? "", "ann");
      const byKey = (all: readonly MirrorRow[]) => all.toSorted((x, y) => (x.rowId < y.rowId ? -1 : 1));
      assert.deepEqual(byKey(await rowsOf(a.bot)), byKey(before));
      await a.world.session.pass("operator", true);
      assert.deepEqual(byKey(await rowsOf(a.bot)), byKey(before), "what was undone is left alone");
    }),
    { numRuns: 60 },
  );
});

function statuses(world: StubWorld): string[] {
  return [...world.session.book.orders.values()].map(({ observedStatus }) => observedStatus);
}

test("a plan sees fills that nobody has booked yet, and books none", async () => {
  const { world } = await differing();
  world.venue.fills = [fill("K", "1", "sell", "3", "5", world.nowMs + 10)];
  world.venue.positions = [held("NEW", "1")];
  await world.elapse(1_000);
  const plan = await world.session.plan(null);
  assert.equal(plan.steps.find(({ instrument }) => instrument === "K")?.action, "removed");
  assert.equal(world.session.book.fills.size, 0);
});
