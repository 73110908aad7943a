// A journal that is older than what was written: an older copy put in its place, a file taken away.
import assert from "node:assert/strict";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { describe, test } from "node:test";
import { CONFIG, type Folder, openFolder, paperAccount, type Row, writeConfig } from "./support.ts";

const pass = (folder: Folder) => folder.run(["reconcile", "--force", "--config", CONFIG]);

async function gateOf(folder: Folder) {
  const { document } = await folder.json(["gate", "--config", CONFIG]);
  const [gate] = document.accounts as readonly (Row & { reasons: readonly Row[] })[];
  return { state: gate?.state, reasons: gate?.reasons ?? [] };
}

function journalFiles(folder: Folder): string[] {
  return readdirSync(folder.at("state")).filter((name) => name.startsWith("journal.db"));
}

function copyOf(folder: Folder): () => void {
  for (const name of journalFiles(folder)) cpSync(folder.at(`state/${name}`), folder.at(`kept/${name}`));
  return () => {
    for (const name of journalFiles(folder)) rmSync(folder.at(`state/${name}`));
    for (const name of readdirSync(folder.at("kept"))) {
      cpSync(folder.at(`kept/${name}`), folder.at(`state/${name}`));
    }
  };
}

describe("a journal that ends before what was written", { concurrency: 2 }, () => {
  test("[G08] because an older copy was restored holds the account, by name, until a person releases it", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main"), paperAccount("other")], intervalMs: 200 });
    assert.equal((await pass(folder)).code, 0);
    const restore = copyOf(folder);
    for (let count = 0; count < 2; count += 1) assert.equal((await pass(folder)).code, 0);
    restore();
    const daemon = await folder.start(2);
    const held = await gateOf(folder);
    assert.equal(held.state, "reduce_only");
    assert.match(
      String(held.reasons.find(({ code }) => code === "journal_behind")?.text),
      /^the journal ends at record \d+, and trueup had come to record \d+ \(20.*Z\): an older copy/,
    );
    await daemon.until(({ event, kind }) => event === "alert.raised" && kind === "gate_closed");
    await daemon.end("SIGTERM");
    // What it held is in the journal by now: another start does not release it.
    const again = await folder.start(2);
    assert.equal(
      (await gateOf(folder)).reasons.some(({ code }) => code === "journal_behind"),
      true,
    );
    const open = ["gate", "--set", "open", "--account", "main", "--reason", "looked", "--config", CONFIG];
    assert.equal((await folder.run(open)).code, 0);
    await again.nextPass();
    assert.equal((await gateOf(folder)).state, "open");
    await again.end("SIGTERM");
  });

  test("[G08] because it was taken away holds the account; one that went on does not", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("main")] });
    for (let count = 0; count < 2; count += 1) assert.equal((await pass(folder)).code, 0);
    assert.equal(
      (await gateOf(folder)).reasons.some(({ code }) => code === "journal_behind"),
      false,
    );
    for (const name of journalFiles(folder)) rmSync(folder.at(`state/${name}`));
    await pass(folder);
    const { reasons } = await gateOf(folder);
    assert.match(
      String(reasons.find(({ code }) => code === "journal_behind")?.text),
      /^the journal ends at record 0,/,
    );
  });
});
