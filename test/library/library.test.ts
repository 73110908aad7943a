// The library: both ways to have trueup answer alike, events reach whoever listens, and an end is an end.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { EventHub, type TrueupEvent } from "../../src/daemon/events.ts";
import { connectTrueup, decimal, openTrueup, type Trueup, TrueupError } from "../../src/index.ts";
import { EventQueue, WAITING_MAX } from "../../src/library/event-queue.ts";
import { newPaperVenue } from "../../src/library/paper.ts";

const POLICY = { confirmations: 1, grace_ms: 0, interval_ms: 3_600_000 };

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "trueup-library-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A paper account with a price, opened with an API on any port. */
async function open(t: TestContext, folder = newFolder(t)) {
  const venue = newPaperVenue({ cash: "5000" });
  venue.account.setPrice("AAPL", decimal("190"));
  const accounts = { demo: { venue, policy: POLICY } };
  const trueup = await openTrueup({
    folder,
    config: { state_dir: "state", api: { port: 0 }, accounts },
    api: true,
  });
  t.after(() => trueup.close());
  const buy = (qty: string) =>
    venue.account.submit({ instrument: "AAPL", side: "buy", type: "market", qty: decimal(qty) });
  return { trueup, venue, buy, folder, stateDir: join(folder, "state") };
}

async function next(trueup: Trueup, kind: TrueupEvent["kind"], work: () => unknown): Promise<TrueupEvent> {
  const events = trueup.events();
  work();
  for await (const event of events) if (event.kind === kind) return event;
  throw new Error(`the events ended without ${kind}`);
}

const codeOf = (error: unknown) => (error instanceof TrueupError ? error.code : error);

test("inside and beside, an account answers the same", async (t) => {
  const { trueup: inside, buy, stateDir } = await open(t);
  const beside = await connectTrueup({ stateDir });
  t.after(() => beside.close());
  await next(inside, "pass", () => buy("3"));
  assert.deepEqual(beside.accounts, inside.accounts);
  const [a, b] = [inside.account(), beside.account("demo")];
  const ageless = (text: unknown) =>
    JSON.stringify(text).replace(/"(ageMs|oldestReadMs|oldestAgeMs)":[\d.]+|\d+ s"/g, "");
  assert.equal(ageless(await a.status()), ageless(await b.status()));
  assert.equal(ageless(await a.health()), ageless(await b.health()));
  assert.deepEqual(await a.positions(), await b.positions());
  assert.equal((await b.positions())[0]?.qty, "3");
  const leaseless = ({ validUntilMs, ...answer }: { validUntilMs: number }) => {
    assert.ok(validUntilMs > Date.UTC(2020));
    return answer;
  };
  assert.deepEqual(leaseless(await a.gate()), leaseless(await b.gate()));
  const order = { instrument: "AAPL", side: "sell", qty: "2" } as const;
  assert.deepEqual(leaseless(await a.ask(order)), leaseless(await b.ask(order)));
  const held = await b.setGate({ set: "halted", instrument: "AAPL", reason: "lunch" });
  assert.equal(held.instruments.AAPL?.state, "halted");
  assert.deepEqual(leaseless(await a.gate()), leaseless(held));
  for (const account of [a, b]) {
    const check = await account.check();
    assert.deepEqual([check.trigger, check.account, check.isComplete], ["check", "demo", true]);
    assert.equal((await account.reconcile({ force: true })).isForced, true);
  }
});

test("[R18] lots are moved and notes are set alike inside and beside, and refused with the same code", async (t) => {
  const { trueup: inside, buy, stateDir } = await open(t);
  const beside = await connectTrueup({ stateDir });
  t.after(() => beside.close());
  await next(inside, "pass", () => buy("3"));
  const [a, b] = [inside.account(), beside.account()];
  const move = { instrument: "AAPL", from: "unattributed", to: "grid", reason: "signal 12", by: "ann" };
  for (const account of [a, b]) {
    const moved = await account.moveLot({ ...move, qty: "1" });
    assert.deepEqual([moved.qty, moved.by, moved.to.strategy], ["1", "ann", "grid"]);
    assert.equal(await account.moveLot({ ...move, qty: "4" }).catch(codeOf), "lot_too_small");
    assert.equal(await account.moveLot({ ...move, qty: "x" }).catch(codeOf), "bad_request");
    assert.equal(await account.moveLot({ ...move, by: "" }).catch(codeOf), "bad_request");
  }
  assert.deepEqual(await a.lots(), await b.lots());
  const [grid, ...others] = await b.lots({ strategy: "grid" });
  assert.deepEqual([grid?.qty, grid?.positionQty, others.length], ["2", "3", 0]);
  await a.setNotes({ instrument: "AAPL", fields: { thesis: "cheap", stop: "180" } });
  const { notes } = await b.setNotes({ instrument: "AAPL", fields: { stop: null, target: "210" } });
  assert.deepEqual(notes, { thesis: "cheap", target: "210" });
  assert.deepEqual(await a.notes(), await b.notes());
  for (const account of [a, b]) {
    const wrong = { instrument: "AAPL", fields: { qty: "3" } } as never;
    assert.equal(await account.setNotes(wrong).catch(codeOf), "bad_request");
    const flat = { instrument: "MSFT", fields: { thesis: "cheap" } };
    assert.equal(await account.setNotes(flat).catch(codeOf), "not_held");
  }
});

test("a kill from beside is told inside, and both need the account's name to release it", async (t) => {
  const { trueup: inside, stateDir } = await open(t);
  const beside = await connectTrueup({ stateDir });
  t.after(() => beside.close());
  const [a, b] = [inside.account(), beside.account()];
  let answer: Promise<unknown> | undefined;
  const told = await next(inside, "killed", () => {
    answer = b.kill({ reason: "runaway orders", by: "ann" });
  });
  assert.ok(told.kind === "killed" && told.reason === "runaway orders" && told.by === "ann");
  assert.equal((await a.gate()).state, "killed");
  assert.deepEqual(await answer, {
    isEngaged: true,
    canceled: [],
    canceledAll: [],
    uncancelable: [],
    problem: null,
  });
  for (const account of [a, b]) {
    const wrong = account.resume({ reason: "looked", confirm: "other" }).catch(codeOf);
    assert.equal(await wrong, "not_confirmed");
  }
  assert.equal(await b.resume({ reason: "looked", confirm: "demo" }), true);
  assert.equal(await a.resume({ reason: "looked", confirm: "demo" }), false);
  await a.reconcile();
  assert.equal((await b.gate()).state, "open");
});

test("events are the same inside and beside, the durable ones with their sequence", async (t) => {
  const { trueup: inside, buy, stateDir } = await open(t);
  const beside = await connectTrueup({ stateDir });
  t.after(() => beside.close());
  const heard: TrueupEvent[] = [];
  const stop = inside.onEvent((event) => heard.push(event));
  const told: TrueupEvent[] = [];
  const events = beside.events();
  buy("1");
  for await (const event of events) {
    told.push(event);
    if (event.kind === "pass") break;
  }
  stop();
  assert.deepEqual(told, JSON.parse(JSON.stringify(heard.slice(0, told.length))));
  const fill = told.find((event) => event.kind === "fill");
  assert.ok(fill?.kind === "fill" && fill.seq > 0 && fill.fill.qty === "1" && fill.account === "demo");
});

test("[G12] a listener is called until it is ended, and one that throws harms nobody else", async () => {
  const later: (() => void)[] = [];
  const hub = new EventHub({ after: () => () => undefined, soon: (work) => later.push(work) });
  const seen: string[] = [];
  hub.listen(() => {
    throw new Error("a mistake of the program");
  });
  const stop = hub.listen(({ account }) => seen.push(account));
  hub.publish(stopped("a"));
  stop();
  hub.publish(stopped("b"));
  assert.deepEqual(seen, ["a"]);
  assert.equal(later.length, 2);
  assert.throws(() => later[0]?.(), /a mistake of the program/);
});

test("a loop that is too slow gets one gap in the place of what was dropped", async () => {
  const queue = new EventQueue(() => undefined);
  for (let count = 0; count <= WAITING_MAX; count += 1) queue.push(stopped("x"));
  queue.push(stopped("after"));
  queue.end();
  const got: TrueupEvent[] = [];
  for await (const event of queue) got.push(event);
  assert.deepEqual(
    got.map(({ kind }) => kind),
    ["gap", "stopped"],
  );
  assert.match((got[0] as { reason: string }).reason, new RegExp(`^${WAITING_MAX + 1} events were dropped`));
});

test("a loop ends with its signal, when it is left, and with close()", async (t) => {
  const { trueup } = await open(t);
  const controller = new AbortController();
  const bySignal = trueup.events({ signal: controller.signal });
  const waiting = bySignal.next();
  controller.abort();
  assert.equal((await waiting).done, true);
  assert.equal((await trueup.events({ signal: controller.signal }).next()).done, true);
  const byClose = trueup.events().next();
  await trueup.close();
  assert.equal((await byClose).done, true);
  assert.equal((await trueup.events().next()).done, true);
});

test("only one may be at work on a state folder, and after close() another may", async (t) => {
  const folder = newFolder(t);
  const { trueup, buy, stateDir } = await open(t, folder);
  await next(trueup, "pass", () => buy("2"));
  assert.equal(await open(t, folder).catch(codeOf), "state_locked");
  await trueup.close();
  await trueup.close();
  assert.equal(await trueup.account().status().catch(codeOf), "closed");
  assert.equal(existsSync(join(stateDir, "daemon.json")), false);
  const again = await open(t, folder);
  assert.equal((await again.trueup.account().health()).account, "demo");
});

test("a TOML file is read as a daemon reads it, with its folder as the place of its paths", async (t) => {
  const folder = newFolder(t);
  writeFileSync(
    join(folder, "bot.toml"),
    'state_dir = "kept"\n[accounts.one]\nvenue = "paper"\n[accounts.two]\nvenue = "paper"\n',
  );
  const trueup = await openTrueup({ config: "bot.toml", folder });
  t.after(() => trueup.close());
  assert.deepEqual(trueup.accounts, ["one", "two"]);
  assert.ok(existsSync(join(folder, "kept", "journal.db")));
  assert.throws(
    () => trueup.account(),
    (error) => codeOf(error) === "which_account",
  );
  assert.throws(
    () => trueup.account("three"),
    (error) => codeOf(error) === "no_account",
  );
  assert.equal(await connectTrueup({ stateDir: join(folder, "kept") }).catch(codeOf), "daemon_without_api");
});

test("a file cannot name a venue of a program's own", async (t) => {
  const folder = newFolder(t);
  writeFileSync(join(folder, "bot.toml"), 'state_dir = "kept"\n[accounts.one]\nvenue = "own"\n');
  assert.equal(await openTrueup({ config: "bot.toml", folder }).catch(codeOf), "config_invalid");
});

test("beside a daemon that ends, questions fail with a code, and events tell a gap and go on with the next daemon", async (t) => {
  const folder = newFolder(t);
  const first = await open(t, folder);
  const beside = await connectTrueup({ stateDir: first.stateDir });
  t.after(() => beside.close());
  const gap = await next(beside, "gap", () => first.trueup.close());
  assert.ok(gap.kind === "gap" && gap.account === "");
  assert.match(String(await beside.account().status().catch(codeOf)), /^no_daemon$/);
  const events = beside.events();
  const second = await open(t, folder);
  for await (const event of events) {
    if (event.kind === "pass") break;
    if (event.kind === "gap" && /again; read/.test(event.reason)) second.buy("1");
  }
  assert.ok((await beside.account().positions()).length === 1);
});

function stopped(account: string): TrueupEvent {
  return { kind: "stopped", account, atMs: 1, reason: "a test" };
}
