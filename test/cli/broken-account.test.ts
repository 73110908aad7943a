// One account that cannot be opened beside one that can: the daemon starts with the other, says loudly what is wrong
// with the broken one, and keeps its gate closed. It refuses to start only when nothing at all could be opened, or when
// the configuration itself is wrong.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import {
  alpacaAccount,
  type Cleaning,
  CONFIG,
  type Folder,
  openFolder,
  paperAccount,
  type Row,
  RunningDaemon,
  writeConfig,
} from "./support.ts";

const NO_KEYS = alpacaAccount("live", "http://127.0.0.1:1", 'key_id_env = "NO_KEY"\n');

interface Broken {
  readonly what: string;
  readonly account: string;
  readonly says: RegExp;
  readonly isTriedAgain: boolean;
  readonly alert: string;
  /** What the same trouble ends the daemon with where nothing else could be opened. */
  readonly exit: number;
  readonly breaks: (folder: Folder) => void;
}

const BROKEN: readonly Broken[] = [
  {
    what: "without keys",
    account: NO_KEYS,
    says: /Alpaca needs a pair of keys.*set NO_KEY/,
    isTriedAgain: true,
    alert: "gate_closed",
    exit: 5,
    breaks: () => undefined,
  },
  {
    what: "whose journal is corrupt",
    account: paperAccount("live"),
    says: /The journal of account live: record 2 .*is not what was written/,
    isTriedAgain: false,
    alert: "journal_corrupt",
    exit: 7,
    breaks: spoilJournal,
  },
  {
    what: "whose paper file is half written",
    account: paperAccount("live"),
    says: /paper-live\.json cannot be read/,
    isTriedAgain: true,
    alert: "gate_closed",
    exit: 5,
    breaks: (folder) => folder.write("state/paper-live.json", '{"accountId": "pap'),
  },
];

function spoilJournal(folder: Folder): void {
  const db = new DatabaseSync(folder.at("state/journal.db"));
  db.exec("DROP TRIGGER records_are_append_only_update; DELETE FROM checkpoints");
  db.exec("UPDATE records SET payload = '{\"half' WHERE account = 'live' AND seq = 2");
  db.close();
}

/** A folder in which both accounts were at work once, and one is broken since. */
async function openBroken(t: Cleaning, broken: Broken, others: readonly string[]): Promise<Folder> {
  const folder = openFolder(t);
  writeConfig(folder, { accounts: [paperAccount("live"), ...others] });
  await folder.run(["reconcile", "--config", CONFIG]);
  writeConfig(folder, { accounts: [broken.account, ...others], intervalMs: 100 });
  broken.breaks(folder);
  return folder;
}

function ask(folder: Folder, path: string, body?: object): Promise<{ status: number; body: Row }> {
  const { url } = JSON.parse(folder.read("state/daemon.json")) as { url: string };
  const token = folder.read("state/api.token").trim();
  return fetch(url + path, {
    method: body ? "POST" : "GET",
    headers: {
      authorization: `Bearer ${token}`,
      "x-trueup": "1",
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }).then(async (answer) => ({ status: answer.status, body: (await answer.json()) as Row }));
}

describe("an account", { concurrency: 3 }, () => {
  for (const broken of BROKEN) {
    const { what, says, isTriedAgain, alert, exit } = broken;
    test(`${what} does not keep the others from starting, and is told of loudly`, async (t) => {
      const folder = await openBroken(t, broken, [paperAccount("fine")]);
      const daemon = new RunningDaemon(folder.spawn(["run", "--config", CONFIG]));
      const failed = await daemon.until(({ event }) => event === "account.failed");
      assert.deepEqual([failed.account, failed.level], ["live", "error"]);
      assert.match(String(failed.msg), says);
      const raised = await daemon.until(({ event }) => event === "alert.raised");
      assert.deepEqual([raised.account, raised.kind], ["live", alert]);
      assert.match(String(raised.msg), says);
      const pass = await daemon.nextPass("fine");
      assert.deepEqual([pass.gate, pass.clean], ["open", true]);

      const health = await folder.json(["health"]);
      assert.equal(health.code, 4);
      const accounts = health.document.accounts as readonly Row[];
      assert.deepEqual(
        accounts.map(({ account, verdict, gate }) => [account, verdict, gate]),
        [
          ["live", "unknown", "halted"],
          ["fine", "in_sync", "open"],
        ],
      );
      const status = await folder.run(["status", "--account", "live"]);
      assert.match(status.stdout, /^UNKNOWN · account live cannot be opened: /);
      assert.match(status.stdout, says);
      assert.match(status.stdout, isTriedAgain ? /tried again within 30 s/ : /not tried again/);
      assert.match(status.stdout, /daemon running, this account is not open/);

      for (const [path, body] of [
        ["/v1/positions?account=live", undefined],
        ["/v1/check", { account: "live" }],
        ["/v1/reconcile", { account: "live" }],
        ["/v1/resume", { account: "live", reason: "r", confirm: "live" }],
      ] as const) {
        const { status: http, body: answer } = await ask(folder, path, body);
        assert.deepEqual([http, (answer.error as Row).code], [503, "account_stopped"], path);
      }
      const order = { account: "live", instrument: "AAPL", side: "sell", qty: "1" };
      assert.equal((await ask(folder, "/v1/gate/ask", order)).body.isAdmitted, false);

      // A kill reaches it as a latch, and the account says that it is killed.
      const killed = await folder.run(["kill", "--reason", "drill", "--account", "live"]);
      assert.match(killed.stdout, /^live: killed, latched/);
      assert.ok(folder.has("state/kill-live.json"));
      assert.match((await folder.run(["gate", "--account", "live"])).stdout, /^gate killed/);
      assert.equal((await daemon.end("SIGTERM")).code, 0);
    });

    test(`${what}, and no other: the daemon does not start, and ends with ${exit}`, async (t) => {
      const folder = await openBroken(t, broken, []);
      const ended = await folder.run(["run", "--config", CONFIG]);
      assert.equal(ended.code, exit, ended.stdout + ended.stderr);
      assert.match(ended.stderr, says);
      assert.doesNotMatch(ended.stderr, /\n\s+at /);
      assert.equal(folder.has("state/daemon.json"), false);
    });
  }

  test("whose configuration is wrong keeps the daemon from starting: 78 says what to correct", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("fine"), alpacaAccount("live", "ftp://example.org")] });
    const ended = await folder.run(["run", "--config", CONFIG]);
    assert.equal(ended.code, 78, ended.stdout + ended.stderr);
    assert.match(ended.stderr, /account live: the address of Alpaca's API is/);
    assert.equal(folder.has("state/daemon.json"), false);
  });

  test("and another, both broken: the gravest decides the exit code and both are named", async (t) => {
    const folder = openFolder(t);
    const accounts = [NO_KEYS.replaceAll("live", "first"), paperAccount("live")];
    writeConfig(folder, { accounts: [paperAccount("live")] });
    await folder.run(["reconcile", "--config", CONFIG]);
    writeConfig(folder, { accounts });
    spoilJournal(folder);
    const ended = await folder.run(["run", "--config", CONFIG]);
    assert.equal(ended.code, 7, ended.stdout + ended.stderr);
    assert.match(ended.stderr, /No account can be opened/);
    assert.match(
      ended.stderr,
      /first: Alpaca needs a pair of keys[\s\S]*live: The journal of account live: record 2/,
    );
  });
});
