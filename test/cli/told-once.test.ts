// What a person reads: a cause is told once, a path is named once, a hundred things of one kind are not a hundred
// lines, and what is probably a mistake is said.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, statSync } from "node:fs";
import { describe, test } from "node:test";
import {
  accountWith,
  alpacaAccount,
  CONFIG,
  mirror,
  openFolder,
  paperAccount,
  type Row,
  startAlpaca,
  writeConfig,
} from "./support.ts";

const occurrences = (text: string, part: string) => text.split(part).length - 1;

describe("a person is told", { concurrency: 3 }, () => {
  test("of many findings of one kind the first fifty and how many more there are; --json has them all", async (t) => {
    const folder = openFolder(t);
    const rows = Array.from({ length: 120 }, (_, index) => [`S${index}`, { qty: 1 }]);
    folder.write("bots/many.json", JSON.stringify(Object.fromEntries(rows)));
    const fields = '[accounts.main.mirrors.fields]\nquantity = "qty"\n';
    const { url } = await startAlpaca(t, accountWith(3));
    const bot = mirror("main", "bots/many.json", fields);
    writeConfig(folder, { accounts: [alpacaAccount("main", url, bot)], top: "witness_lookups = 0\n" });
    const { stdout } = await folder.run(["reconcile", "--config", CONFIG]);
    assert.equal(occurrences(stdout, "phantom_position"), 50, stdout);
    assert.match(stdout, /^ {2}… and 70 more; --json has them all$/m);
    const status = await folder.run(["status", "--config", CONFIG]);
    assert.equal(status.stdout.match(/^(phantom|missing)_position /gm)?.length, 50, status.stdout);
    assert.match(status.stdout, /^… and \d+ more; --json has them all$/m);
    const health = await folder.run(["health", "--config", CONFIG]);
    assert.match(health.stdout, /S\d+ … and 70 more; --json has them all$/m);
    const { document } = await folder.json(["check", "--config", CONFIG]);
    const [pass] = document.passes as readonly { readonly discrepancies: readonly Row[] }[];
    assert.equal(pass?.discrepancies.filter(({ kind }) => kind === "phantom_position").length, 120);
  });

  test("one cause once, with the sections that could not be read for it", async (t) => {
    const folder = openFolder(t);
    const { server, url } = await startAlpaca(t, accountWith(3));
    writeConfig(folder, { accounts: [alpacaAccount("main", url)], intervalMs: 100 });
    const daemon = await folder.start();
    server.setFault("account", "other-account");
    await daemon.nextPass();
    const status = await folder.run(["status"]);
    const once = /^ {2}positions, orders, balances, fills, ledger suspect: the venue answered for account/m;
    assert.match(status.stdout, once);
    assert.doesNotMatch(status.stdout, / are suspect/);
    const health = await folder.run(["health"]);
    assert.match(health.stdout, once);
  });

  test("the path of a mirror that cannot be read once on a line", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main", mirror("main", "bots/gone.json"))] });
    const { stdout } = await folder.run(["reconcile", "--config", CONFIG]);
    const status = await folder.run(["status", "--config", CONFIG]);
    const lines = `${stdout}${status.stdout}`.split("\n").filter((line) => line.includes("gone.json"));
    assert.ok(lines.length >= 2, stdout + status.stdout);
    for (const line of lines) assert.equal(occurrences(line, "gone.json"), 1, line);
  });

  test("that an instrument whose gate is set was never seen, and it is set all the same", async (t) => {
    const folder = openFolder(t);
    const { url } = await startAlpaca(t, accountWith(3));
    writeConfig(folder, { accounts: [alpacaAccount("main", url)] });
    await folder.start();
    const set = (symbol: string) =>
      folder.run(["gate", "--set", "halted", "--instrument", symbol, "--reason", "drill"]);
    assert.equal((await set("AAPL")).stderr, "");
    const { code, stdout, stderr } = await set("APPL");
    assert.equal(code, 6);
    assert.match(stderr, /^trueup: "APPL" is set, but main has never held, ordered or traded it/);
    assert.match(stdout, /APPL halted: /);
  });

  test("that others may look into the state folder, which is left as it was", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main")] });
    mkdirSync(folder.at("state"));
    chmodSync(folder.at("state"), 0o755);
    const { stderr } = await folder.run(["reconcile", "--config", CONFIG]);
    assert.match(stderr, /^trueup: others may read the state folder .*state \(mode 755\).*chmod 700 /);
    const daemon = await folder.start();
    const told = await daemon.until(({ event }) => event === "state.readable");
    assert.equal(told.stateDir, folder.at("state"));
    assert.equal(statSync(folder.at("state")).mode & 0o777, 0o755);
    await daemon.end("SIGTERM");
    chmodSync(folder.at("state"), 0o700);
    assert.equal((await folder.run(["reconcile", "--config", CONFIG])).stderr, "");
  });

  test("the time of a pass under one name, whoever tells it", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main")] });
    const made = await folder.json(["reconcile", "--config", CONFIG]);
    const listed = await folder.json(["passes", "--config", CONFIG]);
    const [pass] = made.document.passes as readonly Row[];
    const [row] = listed.document.passes as readonly Row[];
    for (const field of ["startedAtMs", "finishedAtMs", "lastFinishedAtMs", "passId"]) {
      assert.equal(row?.[field], pass?.[field], field);
    }
  });
});
