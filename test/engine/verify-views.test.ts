// The SQL views held against what the records make: whole as they are written, and every change of a row is named.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ViewName, ViewRow } from "../../src/core/index.ts";
import { verifyViews } from "../../src/engine/index.ts";
import type { Journal } from "../../src/journal/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import { BusyAccount } from "../crash/busy-account.ts";

async function written(): Promise<Journal> {
  const journal = new MemoryJournal();
  const account = await BusyAccount.open(journal, 3);
  for (let n = 0; n < 60; n += 1) await account.live();
  await account.world.session.stop();
  return journal;
}

/** The journal as it would be if a view had other rows. */
function changed(journal: Journal, view: ViewName, change: (rows: ViewRow[]) => ViewRow[]): Journal {
  const read: Journal["view"] = async (name, account) => {
    const rows = await journal.view(name, account);
    return name === view ? change(rows) : rows;
  };
  return new Proxy(journal, {
    get: (target, name) => {
      if (name === "view") return read;
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

test("the views of an account on which much happened are what its records make", async () => {
  const journal = await written();
  for (const view of ["positions", "position_history", "orders", "fills", "balances", "notes"] as const) {
    assert.ok((await journal.view(view, "test")).length > 0, `${view} has rows to look at`);
  }
  assert.deepEqual(await verifyViews(journal, "test"), []);
});

test("a row of a view that is changed, missing or too many is named with its view and its key", async () => {
  const journal = await written();
  const changes: readonly (readonly [ViewName, (rows: ViewRow[]) => ViewRow[], RegExp])[] = [
    [
      "positions",
      ([one, ...rest]) => [{ ...one, qty: "999" }, ...rest],
      /view positions: the row AAA net is not/,
    ],
    [
      "positions",
      ([one, ...rest]) => [{ ...one, updated_at: 1 }, ...rest],
      /view positions: the row AAA net/,
    ],
    ["balances", ([one, ...rest]) => [{ ...one, total: "1" }, ...rest], /view balances: the row USD is not/],
    ["fills", (rows) => rows.slice(1), /view fills: the row .* is not what the records make/],
    ["passes", (rows) => rows.slice(2), /view passes: 2 rows, the first of them/],
    [
      "orders",
      ([one, ...rest]) => [{ ...one, order_key: "other" }, one ?? {}, ...rest],
      /view orders: the row other/,
    ],
  ];
  for (const [view, change, detail] of changes) {
    const problems = await verifyViews(changed(journal, view, change), "test");
    assert.equal(problems.length, 1, view);
    assert.deepEqual([problems[0]?.kind, problems[0]?.seq], ["view", 0]);
    assert.match(problems[0]?.detail ?? "", detail);
  }
});

test("a row that another process is just writing is no problem, and one that stays wrong is", async () => {
  const journal = await written();
  let looks = 0;
  const head: Journal["head"] = async (account) => {
    const { seq, hash } = await journal.head(account);
    return { seq: seq + 1, hash };
  };
  const busy = changed(journal, "balances", ([one, ...rest]) => {
    looks += 1;
    return [{ ...one, total: String(looks) }, ...rest];
  });
  assert.deepEqual(await verifyViews(new Proxy(busy, { get: moved(head) }), "test"), []);
  const wrong = changed(journal, "balances", ([one, ...rest]) => [{ ...one, total: "1" }, ...rest]);
  assert.equal((await verifyViews(new Proxy(wrong, { get: moved(head) }), "test")).length, 1);
});

function moved(head: Journal["head"]) {
  return (target: Journal, name: string | symbol) => (name === "head" ? head : Reflect.get(target, name));
}
