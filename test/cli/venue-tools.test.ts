// What is for a venue's users before they trust it with money: the matrix, the look at the connection, recordings and
// what the adapter makes of them. On the local Alpaca, through the command line.
import assert from "node:assert/strict";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { EXIT } from "../../src/daemon/exit.ts";
import {
  accountWith,
  alpacaAccount,
  type Cleaning,
  CONFIG,
  type Folder,
  NOBODY,
  oneDocument,
  openFolder,
  paperAccount,
  type Row,
  startAlpaca,
  writeConfig,
} from "./support.ts";

async function open(t: Cleaning) {
  const folder = openFolder(t);
  const { server, url } = await startAlpaca(t, accountWith(3));
  writeConfig(folder, { accounts: [alpacaAccount("live", url)] });
  return { folder, server };
}

const run = (folder: Folder, ...words: string[]) => folder.run([...words, "--config", CONFIG]);

function findings(folder: Row): readonly Row[] {
  const [account] = folder.accounts as Row[];
  return (account?.findings ?? []) as Row[];
}

const finding = (document: Row, check: string, at = 0) =>
  findings(document).filter((one) => one.check === check)[at] ?? {};

describe("trueup venue doctor", () => {
  test("of a good connection says ok for each thing it looked at, and ends with 0", async (t) => {
    const { folder } = await open(t);
    const ended = await run(folder, "venue", "doctor", "--json");
    const document = oneDocument(ended);
    assert.deepEqual(
      findings(document).map(({ check, level }) => `${check} ${level}`),
      ["connection ok", "account ok", "rate ok", "account ok", "permissions ok", "clock ok"],
    );
    assert.equal(ended.code, EXIT.done);
    assert.match(String(finding(document, "account").found), /not pinned yet/);
  });

  test("after a first pass compares with the pinned account, and refuses another one", async (t) => {
    const { folder, server } = await open(t);
    await run(folder, "reconcile");
    const pinned = oneDocument(await run(folder, "venue", "doctor", "--json"));
    assert.match(String(finding(pinned, "account").found), /as pinned in the journal/);
    server.setFault("account", "other-account");
    const ended = await run(folder, "venue", "doctor", "--json");
    assert.equal(ended.code, EXIT.permission);
    const other = finding(oneDocument(ended), "account");
    assert.equal(other.level, "refuse");
    assert.match(String(other.found), /0000dead answered, and this journal is about/);
  });

  test("says how far the clocks are apart, and that an account is blocked", async (t) => {
    const { folder, server } = await open(t);
    server.state.clockMs = Date.now() - 60_000;
    server.state.account = { ...server.state.account, trading_blocked: true };
    const ended = await run(folder, "venue", "doctor");
    assert.equal(ended.code, EXIT.done);
    assert.match(ended.stdout, /warn {3}clock {9}ours is (?:59|6\d)\.?\d* s ahead of Alpaca's/);
    assert.match(ended.stdout, /warn {3}account {7}status ACTIVE, trading_blocked\n.*orders will be refused/);
  });

  test("of a venue that cannot be reached says so once, and nothing of rights or clock, and ends with 5", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [alpacaAccount("live", NOBODY)] });
    const { code, stdout } = await run(folder, "venue", "doctor");
    assert.equal(code, EXIT.venue, stdout);
    assert.equal(stdout.match(/could not be asked/g)?.length, 1, stdout);
    assert.doesNotMatch(stdout, /permissions|clock/);
    assert.match(stdout, /refuse connection {4}nothing could be read; .*ECONNREFUSED/);
  });

  test("of a paper account says that it cannot ask what a key may do", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("paper")] });
    const { code, stdout } = await run(folder, "venue", "doctor");
    assert.equal(code, EXIT.done, stdout);
    assert.match(stdout, /warn {3}permissions {3}this adapter cannot ask/);
  });
});

describe("trueup record and trueup venue replay", () => {
  test("write every answer without keys or the account's id, and read each of them again", async (t) => {
    const { folder, server } = await open(t);
    const ended = await run(folder, "record", "--out", "live.json", "--since", "7d", "--stream", "1");
    assert.equal(ended.code, EXIT.done, ended.stderr);
    const text = folder.read("live.json");
    for (const canary of [server.keyId, server.secret, String(server.state.account.id)]) {
      assert.ok(!text.includes(canary), `${canary} is in the recording`);
    }
    const replayed = await folder.run(["venue", "replay", "live.json", "--venue", "alpaca", "--json"]);
    assert.equal(replayed.code, EXIT.done, replayed.stdout);
    const payloads = oneDocument(replayed).payloads as Row[];
    const rows = payloads.flatMap(({ items }) => items as Row[]);
    const [position] = rows.filter(({ kind }) => kind === "position");
    const { instrument, qty } = (position?.row ?? {}) as Row;
    assert.deepEqual([instrument, qty], ["AAPL", "3"]);
    assert.equal(rows.filter(({ kind }) => kind === "fill").length, server.state.activities.length);
    assert.ok(rows.some(({ kind, reason }) => kind === "ignored" && /acknowledged/.test(String(reason))));
  });

  test("keep numbers as the venue wrote them", async (t) => {
    const { folder, server } = await open(t);
    const [fill] = server.state.activities;
    assert.ok(fill);
    fill.price = "100.00000000000000000001";
    await run(folder, "record", "--out", "live.json", "--since", "7d");
    assert.match(folder.read("live.json"), /"price":"100\.00000000000000000001"/);
  });

  test("end with 4 where an answer is missing, and with 5 where all are", async (t) => {
    const { folder, server } = await open(t);
    server.setFault("positions", "500");
    const some = await run(folder, "record", "--out", "some.json");
    assert.equal(some.code, EXIT.unresolved, some.stdout);
    assert.match(folder.read("some.json"), /"status":500/);
    const nobody = openFolder(t);
    writeConfig(nobody, { accounts: [alpacaAccount("live", NOBODY)] });
    assert.equal((await run(nobody, "record", "--out", "none.json")).code, EXIT.venue);
  });

  test("do not write through a link that leads nowhere yet", async (t) => {
    const { folder } = await open(t);
    symlinkSync(join(folder.path, "elsewhere.json"), join(folder.path, "live.json"));
    const { code } = await run(folder, "record", "--out", "live.json");
    assert.equal(code, EXIT.usage);
    assert.ok(!existsSync(join(folder.path, "elsewhere.json")));
  });

  test("take no file for a recording whose answers are none", async (t) => {
    const folder = openFolder(t);
    folder.write("odd.json", '{"format":"trueup recording 1","answers":[null]}');
    const { code } = await folder.run(["venue", "replay", "odd.json", "--venue", "alpaca"]);
    assert.equal(code, EXIT.unresolved);
  });

  test("do not write over a file without being told to", async (t) => {
    const { folder } = await open(t);
    folder.write("live.json", "mine");
    const { code, stderr } = await run(folder, "record", "--out", "live.json");
    assert.deepEqual([code, folder.read("live.json")], [EXIT.usage, "mine"]);
    assert.match(stderr, /is there already/);
  });

  test("say of a payload that nobody knows what its fields are, and end with 4", async (t) => {
    const folder = openFolder(t);
    folder.write("odd.json", '[{"colour": "red"}]');
    const { code, stdout } = await folder.run(["venue", "replay", "odd.json", "--venue", "alpaca"]);
    assert.equal(code, EXIT.unresolved);
    assert.match(stdout, /problem .*no row of Alpaca's has the fields colour/);
  });

  test("refuse a file that is missing, empty, half or of a venue that there is not", async (t) => {
    const folder = openFolder(t);
    folder.write("empty.json", "");
    folder.write("half.json", '[{"activity_type": "FI');
    const said = async (...words: string[]) => {
      const { code, stderr } = await folder.run(["venue", "replay", ...words]);
      assert.equal(code, EXIT.usage);
      return stderr;
    };
    assert.match(await said("gone.json", "--venue", "alpaca"), /cannot be read \(ENOENT\)/);
    assert.match(await said("empty.json", "--venue", "alpaca"), /is empty; expected one payload/);
    assert.match(await said("half.json", "--venue", "alpaca"), /not JSON, or only a part of it/);
    assert.match(
      await said("half.json", "--venue", "bitmex"),
      /no adapter "bitmex"; there are paper, alpaca/,
    );
    assert.match(await said("half.json", "--venue", "paper"), /paper speaks to nobody/);
  });
});

describe("trueup venues", () => {
  test("shows every adapter for every fact, and all of one by its name", async (t) => {
    const folder = openFolder(t);
    const { code, stdout } = await folder.run(["venues"]);
    assert.equal(code, EXIT.done);
    assert.equal(stdout.match(/^ {2}alpaca {2}/gm)?.length, stdout.match(/^ {2}paper {3}/gm)?.length);
    const one = await folder.run(["venues", "alpaca"]);
    assert.match(one.stdout, /GET \/v2\/orders +500/);
    assert.match(one.stdout, /the live service +not verified/);
    assert.equal((await folder.run(["venues", "nowhere"])).code, EXIT.usage);
  });
});
