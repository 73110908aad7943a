// Flatten as its operator sees it: the plan first, the account's name, the proof, and which exit codes follow; by the daemon and
// without one, alone and after a kill.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { unlimitedTable } from "../support/config-text.ts";
import { CONFIG, type Folder, openFolder, paperAccount, type Row, writeConfig } from "./support.ts";

const LIMITS = unlimitedTable("main");

/** An account that has bought ten of AAPL. */
async function holding(folder: Folder): Promise<void> {
  const account = paperAccount("main").replace(/(venue = "paper"\n)/, '$1mode = "executor"\n');
  writeConfig(folder, { accounts: [account + LIMITS] });
  const daemon = await folder.start();
  const bought = await folder.run(
    ["order", "submit", "-i", "AAPL", "--side", "buy", "--qty", "10", "--reference-price", "100"].concat(
      "--time-in-force",
      "gtc",
      "--config",
      CONFIG,
    ),
  );
  assert.equal(bought.code, 0, bought.stderr + bought.stdout);
  await folder.run(["reconcile", "--config", CONFIG]);
  await daemon.end("SIGTERM");
}

const heldOf = async (folder: Folder) => {
  const { document } = await folder.json(["venue", "positions", "--config", CONFIG]);
  return JSON.stringify(document).includes("AAPL");
};

describe("flatten", { concurrency: 2 }, () => {
  for (const isLive of [false, true]) {
    test(`[R10][H09] ${isLive ? "by the daemon" : "without a daemon"}: shown, refused without the name, closed, told again`, async (t) => {
      const folder = openFolder(t);
      await holding(folder);
      if (isLive) await folder.start();
      const flatten = (...args: string[]) => folder.run(["flatten", ...args, "--config", CONFIG]);
      const shown = await flatten();
      assert.equal(shown.code, 4);
      assert.match(shown.stdout, /^account main at paper .*environment paper/m);
      assert.match(shown.stdout, /AAPL +net +sell +10 +100 +1000/);
      const id = /flat_[0-9a-f]{20}/.exec(shown.stdout)?.[0] ?? "";
      const wrong = await flatten("--plan", id, "--confirm", "other");
      assert.equal(wrong.code, 2);
      assert.match(wrong.stderr, /--confirm main/);
      assert.equal(await heldOf(folder), true);
      const done = await flatten("--plan", id, "--confirm", "main");
      assert.equal(done.code, 0, done.stderr);
      assert.match(done.stdout, /^main: flat, proven by a complete read\n {2}AAPL: closed 10 of 10; flat/);
      assert.equal(await heldOf(folder), false);
      const again = await folder.json(["flatten", "--plan", id, "--confirm", "main", "--config", CONFIG]);
      const { isRepeat, isFlat } = again.document.flattened as Row;
      assert.deepEqual([again.code, isRepeat, isFlat], [0, true, true]);
      assert.equal((await flatten("--confirm", "main")).code, 0, "nothing is held, and that is read");
    });
  }

  test("[R10] kill --flatten kills at once and closes only by the account's name", async (t) => {
    const folder = openFolder(t);
    await holding(folder);
    await folder.start();
    const kill = ["kill", "--reason", "runaway", "--flatten", "--config", CONFIG];
    const killed = await folder.run(kill);
    assert.equal(killed.code, 4);
    assert.match(killed.stdout, /^main: killed;/);
    assert.match(killed.stderr, /nothing was closed. To close it, within a minute: trueup flatten/);
    assert.equal(await heldOf(folder), true);
    const closed = await folder.json([...kill, "--confirm", "main"]);
    assert.equal(closed.code, 0);
    const [first] = closed.document.flattened as { flattened: Row }[];
    assert.equal(first?.flattened.isFlat, true);
    assert.equal(await heldOf(folder), false);
    const { document } = await folder.json(["gate"]);
    assert.equal((document.accounts as Row[])[0]?.state, "killed");
  });
});
