// Trouble that only shows from end to end: a journal that somebody holds or has altered, a lock that is no lock, a kill
// that reaches no daemon, and what explain says of a fill that was missed.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { newState } from "../venues/alpaca/state.ts";
import {
  accountWith,
  alpacaAccount,
  type Cleaning,
  CONFIG,
  type Ended,
  type Folder,
  openFolder,
  paperAccount,
  type Row,
  startAlpaca,
  writeConfig,
} from "./support.ts";

const JOURNAL = "state/journal.db";
const ON = ["--config", CONFIG];

/** A folder whose journal has one pass in it. */
async function openRead(t: Cleaning): Promise<Folder> {
  const folder = openFolder(t);
  writeConfig(folder, { accounts: [paperAccount("main")] });
  assert.equal((await folder.run(["reconcile", ...ON])).code, 0);
  return folder;
}

function isTold({ code, stdout, stderr }: Ended, wanted: { code: number; says: RegExp; what: string }): void {
  assert.equal(code, wanted.code, `${wanted.what}: ${stdout}${stderr}`);
  assert.match(stderr, wanted.says);
  assert.doesNotMatch(stderr, /\n\s+at /, "no stack");
}

describe("trouble with the journal", { concurrency: 3 }, () => {
  test("that another process holds is busy: 75, and no advice to restore anything", async (t) => {
    const folder = await openRead(t);
    const other = new DatabaseSync(folder.at(JOURNAL));
    t.after(() => other.close());
    other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    const commands = ["status", "journal verify", "check", "reconcile", "run"];
    await Promise.all(
      commands.map(async (what) => {
        const ended = await folder.run([...what.split(" "), ...ON]);
        // Two of them want the same folder; whoever comes second is told that.
        if (/state_locked|is at work on/.test(ended.stderr)) assert.equal(ended.code, 75);
        else isTold(ended, { code: 75, says: /Another process holds the file: end what has it open/, what });
        assert.doesNotMatch(ended.stderr, /backup, or move/);
      }),
    );
  });

  test("whose record was altered and is still JSON: 7 from every command that reads it, with its number", async (t) => {
    const folder = await openRead(t);
    const db = new DatabaseSync(folder.at(JOURNAL));
    const { seq } = db.prepare("SELECT seq FROM records WHERE kind = 'pass_finished'").get() ?? {};
    db.exec("DROP TRIGGER records_are_append_only_update; DELETE FROM checkpoints");
    db.exec(`UPDATE records SET payload = 'null', kind = 'fill_recorded' WHERE seq = ${seq}`);
    db.close();
    const says = new RegExp(`account main: record ${seq} \\(fill_recorded\\) is not what was written\\. `);
    for (const what of ["status", "positions", "health", "gate", "check", "reconcile", "run"]) {
      isTold(await folder.run([what, ...ON]), { code: 7, says, what });
    }
    isTold(await folder.run(["resume", "--reason", "x", "--confirm", "main", ...ON]), {
      code: 7,
      says,
      what: "resume",
    });
    const { document } = await folder.json(["status", ...ON]);
    assert.equal((document.error as Row).code, "journal_corrupt");
  });

  test("beside which the lock is no lock: 77, with what to do", async (t) => {
    const folder = await openRead(t);
    folder.write("state/trueup.lock", "this is no lock and never was one\n".repeat(100));
    const ended = await folder.run(["reconcile", ...ON]);
    isTold(ended, { code: 77, says: /trueup\.lock cannot be used: .*remove it\./, what: "reconcile" });
  });
});

const EXECUTOR = `mode = "executor"
exits = { owns = false }
limits = { order_value_max = "unlimited", position_value_max = "unlimited", exposure_max = "unlimited", open_orders_max = "unlimited", orders_per_minute_max = "unlimited" }
`;

test("a kill that reaches no daemon is latched, ends with 69, and its document says why", async (t) => {
  const folder = openFolder(t);
  writeConfig(folder, { accounts: [paperAccount("main")], hasApi: false });
  await folder.start();
  const { code, document } = await folder.json(["kill", "--reason", "rehearsal", ...ON]);
  assert.equal(code, 69);
  const { error, accounts } = document as { error: Row; accounts: readonly Row[] };
  assert.deepEqual([error.code, error.exitCode], ["daemon_without_api", 69]);
  assert.match(String(error.message), /API switched off/);
  assert.deepEqual(
    accounts.map(({ account, isEngaged }) => [account, isEngaged]),
    [["main", false]],
  );
});

test("an account that was killed before anything was read is told so by every command that finds no journal", async (t) => {
  const folder = openFolder(t);
  writeConfig(folder, { accounts: [paperAccount("main")] });
  assert.doesNotMatch((await folder.run(["gate", ...ON])).stderr, /Killed/);
  const killed = await folder.run(["kill", ...ON]);
  assert.match(killed.stdout, /nothing is cancelled yet, look at the venue for open orders/);
  isTold(await folder.run(["gate", ...ON]), {
    code: 4,
    says: /Killed, and so from the first start on: main\./,
    what: "gate",
  });
});

test("explain names the fill that was missed as what it is about", async (t) => {
  const { server, url } = await startAlpaca(t, accountWith(2));
  const folder = openFolder(t);
  writeConfig(folder, { accounts: [alpacaAccount("main", url, EXECUTOR)] });
  assert.equal((await folder.run(["reconcile", "--force", ...ON])).code, 0);
  // Traded after the account was first read: what is older would be part of what it began with.
  server.state = newState(accountWith(3, Date.now()));
  await folder.run(["reconcile", "--force", ...ON]);
  const { document } = await folder.json(["discrepancies", "--all", ...ON]);
  const missed = (document.discrepancies as readonly Row[]).find(({ kind }) => kind === "missing_fill");
  const { stdout } = await folder.run(["explain", String(missed?.discrepancyId), ...ON]);
  assert.match(stdout, /^missing_fill of AAPL in book \(main\)$/m);
  assert.match(
    stdout,
    /^ {2}cause \w+; the journal has the fill: buy 1 at 100 on .*\(order order-3, trade /m,
  );
  assert.doesNotMatch(stdout, /no fill or ledger entry accounts for it/);
});
