// Keys from files of their own: who may read them decides, and what is told never shows what is in them.
import assert from "node:assert/strict";
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { accountWith, type Cleaning, CONFIG, openFolder, startAlpaca, writeConfig } from "./support.ts";

const CANARY = "canary-Zq81-not-for-anyone";

async function open(t: Cleaning, secret: string, mode = 0o600) {
  const folder = openFolder(t);
  const { server, url } = await startAlpaca(t, accountWith(3));
  const keyId = folder.write("keys/id", `${server.keyId}\n`);
  const file = folder.write("keys/secret", secret === "" ? "" : `${secret || server.secret}\n`);
  chmodSync(keyId, 0o600);
  chmodSync(file, mode);
  const account = `[accounts.live]\nvenue = "alpaca"\nenvironment = "paper"\nbase_url = "${url}"\nkey_id_file = "../keys/id"\nsecret_file = "../keys/secret"\n`;
  writeConfig(folder, { accounts: [account] });
  const ask = () => folder.run(["venue", "positions", "--config", CONFIG]);
  return { folder, server, file, ask };
}

describe("a key file", () => {
  test("that only its owner may read gives the key, white space around it left out", async (t) => {
    const { folder, server, ask } = await open(t, "later");
    chmodSync(folder.write("keys/secret", `  ${server.secret}\n\n`), 0o600);
    const { code, stdout, stderr } = await ask();
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /AAPL/);
  });

  test("that others may read is refused, with what to do and without the key", async (t) => {
    const { file, ask } = await open(t, CANARY, 0o644);
    const { code, stdout, stderr } = await ask();
    assert.equal(code, 5, stderr);
    assert.match(stderr, new RegExp(`${file} can be read by others \\(mode 644\\).*chmod 600`));
    assert.ok(!`${stdout}${stderr}`.includes(CANARY));
  });

  test("that is not there, empty, a folder or far too long is refused by its name", async (t) => {
    const { folder, file, ask } = await open(t, "");
    assert.match((await ask()).stderr, /is empty; expected one key/);
    chmodSync(folder.write("keys/secret", "x".repeat(20_000)), 0o600);
    assert.match((await ask()).stderr, /has 20000 bytes/);
    rmSync(file);
    assert.match((await ask()).stderr, /cannot be read \(ENOENT\)/);
    folder.write(join("keys/secret", "inside"), "x");
    const { code, stderr } = await ask();
    assert.match(stderr, new RegExp(`${file} is not a file`));
    assert.equal(code, 5);
  });

  test("with a wrong key is named as the place to look at", async (t) => {
    const { file, ask } = await open(t, CANARY);
    const { stdout, stderr } = await ask();
    const told = `${stdout}${stderr}`;
    assert.ok(told.includes(file), told);
    assert.ok(!told.includes(CANARY), told);
  });
});
