// The daemon as its operator sees it: what it logs, what it leaves in the state folder, how commands find it, how it
// ends, and that an end by kill -9 at any moment costs nothing that was known.
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { newState } from "../venues/alpaca/state.ts";
import {
  accountWith,
  alpacaAccount,
  type Cleaning,
  CONFIG,
  type Folder,
  type LocalAlpaca,
  mirror,
  openFolder,
  paperAccount,
  type Row,
  RunningDaemon,
  startAlpaca,
  writeConfig,
} from "./support.ts";

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

const FILE = "bots/positions.json";
const SHARES = 5;

async function openTrading(t: Cleaning): Promise<{ folder: Folder; alpaca: LocalAlpaca }> {
  const folder = openFolder(t);
  const alpaca = await startAlpaca(t, accountWith(SHARES));
  const bot = mirror("live", FILE, '[accounts.live.mirrors.fields]\nquantity = "qty"\n');
  writeConfig(folder, { accounts: [alpacaAccount("live", alpaca.url, bot)], intervalMs: 100 });
  folder.write(
    FILE,
    '{"_owner": "bot", "AAPL": {"qty": 3, "score": 7}, "GONE": {"qty": 1, "note": "mine"}}\n',
  );
  return { folder, alpaca };
}

describe("the daemon", { concurrency: 3 }, () => {
  test("run logs JSON lines with stable events, guards what it writes, and ends cleanly on SIGTERM", async (t) => {
    const folder = openFolder(t);
    const config = writeConfig(folder, { accounts: [paperAccount("main"), paperAccount("other")] });
    const daemon = await folder.start(2);

    const started = await daemon.until(({ event }) => event === "daemon.started");
    assert.deepEqual(started.accounts, ["main", "other"]);
    assert.equal(started.config, config);
    assert.match(String(started.url), /^http:\/\/127\.0\.0\.1:\d+$/);
    const pass = await daemon.until(({ event, account }) => event === "pass.finished" && account === "other");
    const names =
      "level ts event account passId trigger forced complete clean gate durationMs positions orders";
    assert.deepEqual(
      Object.keys(pass).join(" "),
      `${names} balances repairs discrepancies open summaries msg`,
    );
    assert.deepEqual(
      [pass.level, pass.trigger, pass.complete, pass.clean, pass.gate],
      ["info", "boot", true, true, "open"],
    );
    for (const line of daemon.lines) {
      assert.match(line.event, /^[a-z]+\.[a-z]+$/);
      assert.match(String(line.ts), /^\d{4}-\d\d-\d\dT.*Z$/);
      assert.ok(["debug", "info", "warn", "error"].includes(String(line.level)), JSON.stringify(line));
    }

    assert.equal(mode(folder.at("state")), "700");
    assert.equal(mode(folder.at("state/api.token")), "600");
    assert.equal(mode(folder.at("state/daemon.json")), "600");
    const token = folder.read("state/api.token").trim();

    // Named by nothing: the daemon that was started from this folder is found.
    const status = await folder.json(["status"]);
    const accounts = status.document.accounts as readonly Row[];
    assert.deepEqual(
      accounts.map(({ account, isLive, verdict }) => [account, isLive, verdict]),
      [
        ["main", true, "in_sync"],
        ["other", true, "in_sync"],
      ],
    );
    assert.match((await folder.run(["status", "--account", "main"])).stdout, /daemon running/);
    assert.equal((await folder.run(["gate"])).code, 0);
    assert.equal((await folder.run(["health"])).code, 0);
    assert.equal((await folder.run(["reconcile", "--force"])).code, 0);
    await daemon.until(({ event, trigger }) => event === "pass.finished" && trigger === "operator");

    const second = await folder.run(["run", "--config", CONFIG]);
    assert.equal(second.code, 75);
    assert.match(
      second.stderr,
      new RegExp(`the daemon with pid ${daemon.pid} is at work on .*; only one may be`),
    );
    assert.equal((await folder.run(["gate"])).code, 0, "the first is not disturbed");

    const ended = await daemon.end("SIGTERM");
    assert.deepEqual([ended.code, ended.stderr], [0, ""]);
    assert.deepEqual(
      daemon.lines.slice(-2).map(({ event }) => event),
      ["daemon.stopping", "daemon.stopped"],
    );
    assert.equal(folder.has("state/daemon.json"), false);
    assert.deepEqual(readdirSync(folder.at(".trueup/daemons")), []);
    assert.ok(!ended.stdout.includes(token), "the log has no token in it");

    const after = await folder.run(["status", "--config", CONFIG]);
    assert.equal(after.code, 0);
    assert.match(after.stdout, /no daemon running/);
    assert.equal((await folder.run(["gate", "--config", CONFIG])).code, 6);
  });

  test("[G16] goes on when whoever read its log is gone", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main")] });
    const daemon = await folder.start(1);
    daemon.leaveUnread();
    // Each of them makes it write log lines that nobody takes.
    for (let n = 0; n < 2; n += 1) assert.equal((await folder.run(["reconcile"])).code, 0);
    const { document } = await folder.json(["status"]);
    assert.deepEqual(
      (document.accounts as readonly Row[]).map(({ isLive }) => isLive),
      [true],
    );
    assert.equal((await daemon.end("SIGTERM")).code, 0);
  });

  test("SIGINT ends it with 0 between two passes, and read commands work from the journal after it", async (t) => {
    const { folder } = await openTrading(t);
    const daemon = await folder.start();
    await daemon.nextPass();
    const ended = await daemon.end("SIGINT");
    assert.deepEqual([ended.code, ended.stderr], [0, ""]);
    assert.equal(folder.has("state/daemon.json"), false);
    const { document } = await folder.json(["fills", "--config", CONFIG]);
    assert.equal((document.fills as readonly Row[]).length, SHARES);
    await isComplete(folder, SHARES);
  });

  test("SIGTERM ends it with 0 while its first pass waits for the venue, and leaves no daemon.json", async (t) => {
    const { folder, alpaca } = await openTrading(t);
    alpaca.server.setFault("positions", "timeout");
    const slow = alpaca.server.nextHanging();
    const daemon = new RunningDaemon(folder.spawn(["run", "--config", CONFIG]));
    await slow;
    const { code, signal, stderr } = await daemon.end("SIGTERM");
    assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: "" });
    assert.equal(folder.has("state/daemon.json"), false);
    assert.deepEqual(readdirSync(folder.at(".trueup/daemons")), []);
  });

  test("a daemon.json of a process that is gone misleads nobody", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main")] });
    const daemon = await folder.start();
    const left = folder.read("state/daemon.json");
    await daemon.end("SIGKILL");
    assert.equal(folder.read("state/daemon.json"), left, "kill -9 leaves it behind");
    const status = await folder.run(["status", "--config", CONFIG]);
    assert.equal(status.code, 0);
    assert.match(status.stdout, /no daemon running/);
    assert.equal((await folder.run(["gate", "--config", CONFIG])).code, 6);
    assert.equal((await folder.run(["reconcile", "--config", CONFIG])).code, 0);
    const again = await folder.start();
    assert.notEqual(again.pid, daemon.pid);
    assert.match((await folder.run(["status"])).stdout, /daemon running/);
    assert.equal((await again.end("SIGTERM")).code, 0);
  });

  test("kill -9 in the middle of a pass changes nothing that is known, and the next run goes on from there", async (t) => {
    const { folder, alpaca } = await openTrading(t);
    const daemon = await folder.start();
    await daemon.nextPass();
    const before = known(folder);
    const told = await folder.json(["positions", "--config", CONFIG]);
    assert.equal(before.fills?.length, SHARES);
    const slow = alpaca.server.nextHanging();
    alpaca.server.setFault("positions", "timeout");
    await slow;
    assert.equal((await daemon.end("SIGKILL")).signal, "SIGKILL");

    const verified = await folder.run(["journal", "verify", "--config", CONFIG]);
    assert.equal(verified.code, 0, verified.stdout);
    assert.deepEqual(known(folder), before);
    const toldAgain = await folder.json(["positions", "--config", CONFIG]);
    assert.deepEqual(toldAgain.document, told.document);

    alpaca.server.state = newState(accountWith(SHARES + 1, Date.now()));
    isWell(alpaca, "positions");
    const next = await folder.start();
    await next.until(({ event }) => event === "mirror.written");
    await next.nextPass();
    assert.equal((await next.end("SIGTERM")).code, 0);
    await isComplete(folder, SHARES + 1);
    const after = known(folder);
    assert.deepEqual(after.position_history, before.position_history);
  });

  test("[R12] kill -9 right after the bot's file was replaced keeps what the bot had noted on the row that went", async (t) => {
    const { folder } = await openTrading(t);
    const preload = folder.write("die.mjs", DIES_AFTER_RENAME);
    const daemon = new RunningDaemon(
      folder.spawn(["run", "--config", CONFIG], { NODE_OPTIONS: `--import ${preload}` }),
    );
    assert.equal((await daemon.ended).signal, "SIGKILL");
    assert.equal(folder.read(FILE), `{"_owner": "bot", "AAPL": {"qty": ${SHARES}, "score": 7}}\n`);
    assert.deepEqual(known(folder).position_history, [], "the journal does not know yet that it was written");
    const verified = await folder.run(["journal", "verify", "--config", CONFIG]);
    assert.equal(verified.code, 0, verified.stdout);

    const next = await folder.start();
    await next.nextPass();
    await next.end("SIGTERM");
    await isComplete(folder, SHARES);
  });

  for (const event of ["account.started", "fill.recorded", "pass.finished"]) {
    test(`kill -9 when the log says ${event} loses nothing: the chain is whole, the next run ends where it would have ended`, async (t) => {
      const { folder } = await openTrading(t);
      const daemon = new RunningDaemon(folder.spawn(["run", "--config", CONFIG]));
      await daemon.until((line) => line.event === event);
      assert.equal((await daemon.end("SIGKILL")).signal, "SIGKILL");

      const verified = await folder.run(["journal", "verify", "--config", CONFIG]);
      assert.equal(verified.code, 0, verified.stdout + verified.stderr);
      assert.equal(
        (JSON.parse(folder.read(FILE)) as Row)._owner,
        "bot",
        "the file is the old or the new one",
      );
      const next = await folder.start();
      await next.nextPass();
      await next.end("SIGTERM");
      await isComplete(folder, SHARES);
    });
  }
});

/** Preloaded into a daemon: it dies by kill -9 in the moment in which the bot's file has been replaced. */
const DIES_AFTER_RENAME = `
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const rename = fs.renameSync;
fs.renameSync = (from, to) => {
  rename(from, to);
  if (String(to).endsWith("${FILE}")) process.kill(process.pid, "SIGKILL");
};
syncBuiltinESMExports();
`;

/** All that the journal says has happened, from its tables for people (docs/sql-views.md). */
function known(folder: Folder): Record<string, readonly Row[]> {
  const db = new DatabaseSync(folder.at("state/journal.db"), { readOnly: true });
  const tables = ["fills", "positions", "position_history", "orders", "balances", "notes"];
  const all = tables.map((name) => [name, db.prepare(`SELECT * FROM ${name}`).all()]);
  db.close();
  return Object.fromEntries(all);
}

/** Every share stands in the journal once, in the mirror's file, and the bot's note of the row that went in the history. */
async function isComplete(folder: Folder, shares: number): Promise<void> {
  const { fills = [], positions = [], position_history: history = [] } = known(folder);
  const orders = fills.map((fill) => String(fill.venue_order_id)).sort();
  assert.deepEqual(
    orders,
    Array.from({ length: shares }, (_, index) => `order-${index + 1}`),
  );
  assert.deepEqual(
    positions.map(({ instrument, qty, is_estimate: isEstimate }) => [instrument, qty, isEstimate]),
    [["AAPL", String(shares), 0]],
  );
  assert.deepEqual(
    history.map(({ instrument, source, metadata }) => [instrument, source, metadata]),
    [["GONE", "bot", '{"note":"mine"}']],
  );
  assert.equal(folder.read(FILE), `{"_owner": "bot", "AAPL": {"qty": ${shares}, "score": 7}}\n`);
  const verified = await folder.run(["journal", "verify", "--config", CONFIG]);
  assert.equal(verified.code, 0, verified.stdout);
}

function isWell({ server }: LocalAlpaca, endpoint: Parameters<LocalAlpaca["server"]["setFault"]>[0]): void {
  server.setFault(endpoint, "500", Number.POSITIVE_INFINITY);
}
