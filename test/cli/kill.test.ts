// The kill switch from outside: latched before anything else, whoever answers or does not; honoured by every boot;
// released only by a person who types the account's name.
import assert from "node:assert/strict";
import { rmSync, statSync } from "node:fs";
import { describe, test } from "node:test";
import { order } from "../venues/alpaca/support.ts";
import {
  alpacaAccount,
  CONFIG,
  eventually,
  type Folder,
  openFolder,
  paperAccount,
  type Row,
  startAlpaca,
  writeConfig,
} from "./support.ts";

const LATCH = "state/kill-main.json";
const KILL = ["kill", "--reason", "drill", "--config", CONFIG];
const RESUME = ["resume", "--reason", "over", "--config", CONFIG];

const gateOf = async (folder: Folder) => {
  const { code, document } = await folder.json(["gate", "--config", CONFIG]);
  const [gate] = document.accounts as readonly (Row & { reasons: readonly Row[] })[];
  return { code, state: gate?.state, codes: gate?.reasons.map((reason) => reason.code) };
};

describe("kill and resume", { concurrency: 3 }, () => {
  test("kill without a daemon leaves a latch that the next boot honours, and resume with one releases it", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main")] });
    const killed = await folder.run(KILL);
    assert.equal(killed.code, 0, killed.stderr);
    assert.match(killed.stdout, /^main: killed, latched: no daemon runs, and the next one starts killed/);
    const latch = JSON.parse(folder.read(LATCH)) as Row;
    assert.deepEqual([latch.reason, latch.by], ["drill", "tester"]);
    assert.equal(statSync(folder.at(LATCH)).mode & 0o777, 0o600);

    const daemon = await folder.start();
    await daemon.until(({ event, reason }) => event === "kill.engaged" && reason === "drill");
    await eventually(() => !folder.has(LATCH));
    const { code, state, codes } = await gateOf(folder);
    assert.deepEqual([code, state], [6, "killed"]);
    assert.ok(codes?.includes("kill"));
    const status = await folder.run(["status"]);
    assert.match(status.stdout, /^gate killed\n {2}killed by tester: drill/m);
    assert.equal(
      (await folder.run(["reconcile", "--force"])).code,
      0,
      "it goes on comparing and repairing copies",
    );
    assert.equal((await gateOf(folder)).state, "killed", "a clean pass does not release it");

    for (const confirm of [[], ["--confirm", "other"], ["--confirm", ""]]) {
      const refused = await folder.run([...RESUME, ...confirm]);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /--confirm main/);
    }
    assert.equal((await gateOf(folder)).state, "killed");
    const resumed = await folder.run([...RESUME, "--confirm", "main"]);
    assert.equal(resumed.code, 0, resumed.stderr);
    await daemon.until(({ event }) => event === "kill.released");
    await daemon.until(({ event, to }) => event === "gate.changed" && to === "open");
    assert.deepEqual(await gateOf(folder), { code: 0, state: "open", codes: [] });
  });

  test("kill with a daemon acts at once, outlives a restart, and is released without a daemon", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main")] });
    const daemon = await folder.start();
    assert.equal((await gateOf(folder)).state, "open");
    const killed = await folder.run(KILL);
    assert.equal(killed.code, 0, killed.stderr);
    assert.match(killed.stdout, /^main: killed/);
    assert.equal(folder.has(LATCH), false, "it is in the journal, so the latch is not needed");
    await daemon.until(({ event, reason }) => event === "kill.engaged" && reason === "drill");
    assert.equal((await gateOf(folder)).state, "killed");
    await daemon.end("SIGKILL");

    const alone = await folder.run(["status", "--config", CONFIG]);
    assert.match(alone.stdout, /^gate killed/m);
    const second = await folder.start();
    assert.equal((await gateOf(folder)).state, "killed");
    await second.end("SIGTERM");

    assert.equal((await folder.run([...RESUME, "--confirm", "main"])).code, 0);
    assert.deepEqual((await gateOf(folder)).codes?.includes("kill"), false);
    const third = await folder.start();
    await third.until(({ event, to }) => event === "gate.changed" && to === "open");
    assert.equal((await gateOf(folder)).code, 0);
  });

  test("kill without a daemon is seen by status and gate at once, and resume takes the latch away again", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main")] });
    await folder.run(["reconcile", "--config", CONFIG]);
    await folder.run(KILL);
    const gate = await folder.run(["gate", "--config", CONFIG]);
    assert.equal(gate.code, 6);
    assert.match(gate.stdout, /^gate killed\n[\s\S]*killed by tester: drill \(latched for the next boot\)/);
    assert.match((await folder.run(["status", "--config", CONFIG])).stdout, /^gate killed/m);
    assert.equal((await folder.run([...RESUME, "--confirm", "main"])).code, 0);
    assert.equal(folder.has(LATCH), false);
    assert.equal((await gateOf(folder)).codes?.includes("kill"), false);
    const verified = await folder.run(["journal", "verify", "--config", CONFIG]);
    assert.equal(verified.code, 0, verified.stdout);
  });

  test("a latch that is empty, half written or says nothing still kills the next boot", async (t) => {
    const folder = openFolder(t);
    const latches = { main: "", half: '{"reason":"dri', bare: "{}" };
    const names = Object.keys(latches);
    writeConfig(folder, { accounts: [...names.map((name) => paperAccount(name)), paperAccount("free")] });
    for (const [name, content] of Object.entries(latches)) folder.write(`state/kill-${name}.json`, content);
    const daemon = await folder.start(4);
    await daemon.untilCount("kill.engaged", 3);
    const { document } = await folder.json(["gate"]);
    assert.deepEqual(
      (document.accounts as readonly Row[]).map(({ account, state }) => [account, state]),
      [...names.map((name) => [name, "killed"]), ["free", "open"]],
    );
  });

  test("kill latches although the journal is damaged", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main")] });
    folder.write("state/journal.db", "no database at all\n".repeat(500));
    const killed = await folder.run(KILL);
    assert.equal(killed.code, 0, killed.stderr);
    assert.ok(folder.has(LATCH));
  });

  test("kill --account stops that account and no other", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main"), paperAccount("other")] });
    const daemon = await folder.start(2);
    assert.equal((await folder.run([...KILL, "--account", "other"])).code, 0);
    const { document } = await folder.json(["gate"]);
    const states = (document.accounts as readonly Row[]).map(({ account, state }) => [account, state]);
    assert.deepEqual(states, [
      ["main", "open"],
      ["other", "killed"],
    ]);
    await daemon.end("SIGTERM");
    await folder.run([...KILL, "--account", "main"]);
    assert.deepEqual([folder.has(LATCH), folder.has("state/kill-other.json")], [true, false]);
  });

  test("[R10] kill at Alpaca cancels the open orders there, and ends with 0", async (t) => {
    const folder = openFolder(t);
    const { server, url } = await startAlpaca(t, { orders: [order({ id: "v-1" })] });
    writeConfig(folder, { accounts: [alpacaAccount("main", url)] });
    await folder.start();
    const killed = await folder.run(KILL);
    assert.equal(killed.code, 0, killed.stdout + killed.stderr);
    assert.match(killed.stdout, /1 orders asked to be cancelled\n {2}client-1: accepted/);
    assert.equal(server.state.orders[0]?.status, "canceled");
    assert.equal((await gateOf(folder)).state, "killed");
  });

  test("[R10] kill at Alpaca that is said twice at once ends with 0 both times: what has ended is not open", async (t) => {
    const folder = openFolder(t);
    const { server, url } = await startAlpaca(t, { orders: [order({ id: "v-1" })] });
    writeConfig(folder, { accounts: [alpacaAccount("main", url)] });
    await folder.start();
    const both = await Promise.all([folder.run(KILL), folder.run(KILL)]);
    for (const { code, stdout, stderr } of both) assert.equal(code, 0, stdout + stderr);
    const once = await folder.run(KILL);
    assert.equal(once.code, 0, once.stdout + once.stderr);
    assert.equal(server.state.orders[0]?.status, "canceled");
  });

  test("[R10] an order whose cancel is not confirmed is named, and the kill ends with 4", async (t) => {
    const folder = openFolder(t);
    const { server, url } = await startAlpaca(t, { orders: [order({ id: "v-1" })] });
    server.setCommandFault("cancel", "reset-before");
    writeConfig(folder, { accounts: [alpacaAccount("main", url)] });
    await folder.start();
    const killed = await folder.run(KILL);
    assert.equal(killed.code, 4, killed.stdout + killed.stderr);
    assert.match(killed.stdout, /client-1: unknown \(the answer was lost: /);
    assert.equal((await gateOf(folder)).state, "killed");
  });
});

describe("kill where a daemon is there and cannot be spoken to", { concurrency: 3 }, () => {
  for (const { what, hasApi, cut } of [
    { what: "its API is switched off", hasApi: false, cut: [] },
    { what: "its token is missing", hasApi: true, cut: ["state/api.token"] },
  ]) {
    test(`because ${what}: it is latched, 69 says so, and the daemon takes it up by itself`, async (t) => {
      const folder = openFolder(t);
      writeConfig(folder, { accounts: [paperAccount("main")], intervalMs: 100, hasApi });
      const daemon = await folder.start();
      for (const file of cut) rmSync(folder.at(file));
      const killed = await folder.run(KILL);
      assert.equal(killed.code, 69, killed.stdout + killed.stderr);
      assert.match(killed.stdout, /^main: killed, latched: the daemon does not answer; it looks for a latch/);
      assert.match(killed.stderr, /API switched off|token .* is not there/);
      await daemon.until(({ event, reason }) => event === "kill.engaged" && reason === "drill");
      await eventually(() => !folder.has(LATCH));
      const pass = await daemon.nextPass();
      assert.equal(pass.gate, "killed");
      await daemon.end("SIGTERM");
      assert.equal((await gateOf(folder)).state, "killed");
    });
  }

  test("because it hangs: the latch is there before any answer, and what comes after the daemon honours it", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main")] });
    const daemon = await folder.start();
    process.kill(daemon.pid, "SIGSTOP");
    const killing = folder.run(KILL);
    await eventually(() => folder.has(LATCH));
    await daemon.end("SIGKILL");
    const killed = await killing;
    assert.equal(killed.code, 69, killed.stdout + killed.stderr);
    assert.match(killed.stdout, /^main: killed, latched: /);
    assert.ok(folder.has(LATCH));
    await folder.start();
    assert.equal((await gateOf(folder)).state, "killed");
  });

  test("status and gate of a daemon without an API are read from its journal", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main")], hasApi: false });
    await folder.start();
    const status = await folder.run(["status", "--config", CONFIG]);
    assert.equal(status.code, 0, status.stderr);
    assert.match(status.stdout, /^IN SYNC .*\n.*daemon running/);
    const gate = await folder.run(["gate", "--config", CONFIG]);
    assert.equal(gate.code, 0, gate.stdout + gate.stderr);
  });
});
