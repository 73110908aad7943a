// How much may be asked: shared by key, with something kept for cancels, and told by the venue to wait.
import assert from "node:assert/strict";
import { test } from "node:test";
import { meteredFetch, RateRefused } from "./metered.ts";
import { RateBudget, RateBudgets, retryAfterMs, sharedBudget } from "./rate.ts";

function newClock() {
  const clock = { at: 0, nowMs: () => 1_000_000 + clock.at, monotonicMs: () => clock.at };
  return clock;
}

const LIMIT = { unit: "requests", allowed: 10, perMs: 1_000, tradeReserve: 2, cancelReserve: 1 };

test("reading leaves what is kept for orders, and orders what is kept for cancels", () => {
  const budget = new RateBudget(newClock(), LIMIT);
  const kinds = (purpose: "read" | "trade" | "cancel", times: number) =>
    Array.from({ length: times }, () => budget.take(1, purpose).kind);
  assert.deepEqual(kinds("read", 8), [...Array(7).fill("taken"), "refused"]);
  assert.deepEqual(kinds("trade", 3), ["taken", "taken", "refused"]);
  assert.deepEqual(kinds("cancel", 2), ["taken", "refused"]);
  assert.equal(budget.left(), 0);
});

test("what was used comes back when its window is over, and the refusal says when", () => {
  const clock = newClock();
  const budget = new RateBudget(clock, LIMIT);
  budget.take(4, "read");
  clock.at = 600;
  budget.take(3, "read");
  const refused = budget.take(2, "read");
  assert.ok(refused.kind === "refused");
  assert.equal(refused.retryAfterMs, 400);
  assert.match(refused.problem, /7 of 10 requests in 1 s are used, .* again in 1 s$/);
  clock.at = 1_000;
  assert.equal(budget.take(2, "read").kind, "taken");
  assert.equal(budget.take(11, "cancel").kind, "refused", "more than there ever is");
});

test("after a 429 only cancels are sent until the venue's time is over, after a 418 nothing", () => {
  const clock = newClock();
  const budget = new RateBudget(clock, LIMIT);
  budget.refuse({ kind: "limit", forMs: 5_000 });
  assert.deepEqual(
    [budget.take(1, "read").kind, budget.take(1, "trade").kind, budget.take(1, "cancel").kind, budget.left()],
    ["refused", "refused", "taken", 0],
  );
  budget.refuse({ kind: "ban", forMs: 9_000 });
  budget.refuse({ kind: "limit", forMs: 1_000 });
  assert.equal(budget.take(1, "cancel").kind, "refused", "a ban is not shortened by a limit");
  clock.at = 9_000;
  assert.equal(budget.take(1, "read").kind, "taken");
});

test("of two refusals the longer one counts, and a limit goes on behind a ban", () => {
  const clock = newClock();
  const budget = new RateBudget(clock, LIMIT);
  budget.refuse({ kind: "limit", forMs: 600_000 });
  budget.refuse({ kind: "limit", forMs: 60_000 });
  budget.refuse({ kind: "ban", forMs: 9_000 });
  const waitMs = () => {
    const taken = budget.take(1, "read");
    return taken.kind === "refused" ? taken.retryAfterMs : 0;
  };
  assert.equal(budget.take(1, "cancel").kind, "refused", "the ban");
  clock.at = 9_000;
  assert.equal(budget.take(1, "cancel").kind, "taken");
  assert.equal(waitMs(), 591_000, "an answer that names less does not shorten what was said");
  clock.at = 600_000;
  assert.equal(waitMs(), 0);
});

test("what the venue counted is believed where it is more than we know of", () => {
  const budget = new RateBudget(newClock(), LIMIT);
  budget.take(2, "read");
  budget.counted(7);
  assert.equal(budget.take(1, "read").kind, "refused");
  budget.counted(1);
  budget.counted(Number.NaN);
  assert.equal(budget.left().toFixed(6), "0.300000");
});

test("one key has one budget in the process, and another key another one", () => {
  const clock = newClock();
  const [one, same, other] = [
    ["v", "a"],
    ["v", "a"],
    ["v", "b"],
  ].map((key) => sharedBudget(clock, key, LIMIT));
  one?.take(7, "read");
  assert.equal(same?.take(1, "read").kind, "refused");
  assert.equal(other?.take(1, "read").kind, "taken");
  assert.equal(sharedBudget(newClock(), ["v", "a"], LIMIT).take(1, "read").kind, "taken");
});

test("of several budgets none is used where one refuses", () => {
  const clock = newClock();
  const [weight, orders] = [new RateBudget(clock, LIMIT), new RateBudget(clock, { ...LIMIT, allowed: 4 })];
  const both = new RateBudgets([weight, orders]);
  assert.equal(both.take([1, 1], "trade").kind, "taken");
  assert.equal(both.take([1, 3], "trade").kind, "refused");
  assert.equal(weight.left(), 0.9);
  assert.equal(both.take([5, 0], "read").kind, "taken", "what costs nothing of one is not held to it");
});

test("a ban of what is shared holds also what costs nothing of it, and no wait that comes after it lifts it", () => {
  const clock = newClock();
  const address = new RateBudget(clock, LIMIT);
  const [ours, theirs] = [new RateBudget(clock, LIMIT), new RateBudget(clock, LIMIT)];
  new RateBudgets([address, ours]).refuse({ kind: "ban", forMs: 60_000 });
  const others = new RateBudgets([address, theirs]);
  assert.equal(others.take([0, 1], "trade").kind, "refused");
  address.refuse({ kind: "limit", forMs: 90_000 });
  assert.equal(others.take([1, 0], "cancel").kind, "refused");
  clock.at = 60_000;
  assert.equal(others.take([1, 0], "cancel").kind, "taken");
  assert.equal(others.take([1, 0], "read").kind, "refused", "the longer wait still counts for reads");
});

test("Retry-After is read as seconds and as a date", () => {
  const nowMs = Date.parse("2026-11-20T10:00:00Z");
  assert.equal(retryAfterMs("7", nowMs), 7_000);
  assert.equal(retryAfterMs("Fri, 20 Nov 2026 10:00:30 GMT", nowMs), 30_000);
  assert.equal(retryAfterMs("soon", nowMs), undefined);
  assert.equal(retryAfterMs(null, nowMs), undefined);
});

test("a transport over a budget sends nothing that the budget refuses, and learns from what comes", async () => {
  const clock = newClock();
  let sent = 0;
  const send: typeof fetch = async () => {
    sent += 1;
    return new Response("{}", { status: sent === 2 ? 429 : 200, headers: { "Retry-After": "3" } });
  };
  const budgets = new RateBudgets([new RateBudget(clock, LIMIT)]);
  const metered = meteredFetch({
    fetch: send,
    budgets,
    clock,
    costOf: () => ({ units: 1, purpose: "read" }),
  });
  await metered("http://127.0.0.1/a");
  assert.equal((await metered("http://127.0.0.1/b")).status, 429);
  await assert.rejects(metered("http://127.0.0.1/c"), (error: unknown) => {
    assert.ok(error instanceof RateRefused);
    assert.match(error.message, /^rate limited: the venue said to wait, for 3 s more; nothing was sent$/);
    return true;
  });
  assert.equal(sent, 2);
});
