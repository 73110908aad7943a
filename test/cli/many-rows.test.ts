// A mirror's file of a hundred thousand rows: it is done with, and a row goes only where it is proven that it may.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import {
  accountWith,
  alpacaAccount,
  CONFIG,
  mirror,
  openFolder,
  paperAccount,
  startAlpaca,
  writeConfig,
} from "./support.ts";

const FILE = "bots/many.json";
const FIELDS = '[accounts.main.mirrors.fields]\nquantity = "qty"\n';
const rows = Array.from({ length: 100_000 }, (_, index) => {
  const symbol = index === 0 ? "AAPL" : `S${index}`;
  return `"${symbol}": {"qty": ${index + 3}}`;
});
const TEXT = `{"_by": "bot",\n${rows.join(",\n")}\n}\n`;

const alpaca = await startAlpaca({ after }, accountWith(3));

describe("a hundred thousand rows", { concurrency: 2 }, () => {
  test("of an account that holds one of them stay without proof, and check ends with 4", async (t) => {
    const folder = openFolder(t);
    folder.write(FILE, TEXT);
    const account = alpacaAccount("main", alpaca.url, mirror("main", FILE, FIELDS));
    writeConfig(folder, { accounts: [account], top: "witness_lookups = 0\n" });
    const { code, stdout, stderr } = await folder.run(["check", "--config", CONFIG]);
    assert.equal(code, 4, stdout.slice(-2_000) + stderr);
    assert.match(stdout, /^ {2}bot: 100000 local rows, 1 venue rows?: verified 1, refused 99999$/m);
    assert.equal(folder.read(FILE), TEXT);
  });

  test("of an account that is provably empty go in one pass, and are kept beside", async (t) => {
    const folder = openFolder(t);
    folder.write(FILE, TEXT);
    writeConfig(folder, { accounts: [paperAccount("main", mirror("main", FILE, FIELDS))] });
    const { code, stdout, stderr } = await folder.run(["reconcile", "--force", "--config", CONFIG]);
    assert.equal(code, 0, stdout.slice(-2_000) + stderr);
    assert.deepEqual(JSON.parse(folder.read(FILE)), { _by: "bot" });
    const [backup] = folder.backups(FILE);
    assert.equal(folder.read(`bots/${backup}`), TEXT);
  });
});
