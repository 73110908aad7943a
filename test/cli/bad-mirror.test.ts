// Mirror files in every state of disrepair: one clear line that names the file, not a byte of it lost, and another
// account in the same configuration is repaired all the same.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
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

const FILE = "bots/bad.json";
const FIELDS = '[accounts.bad.mirrors.fields]\nquantity = "qty"\n';
const SIDED = `${FIELDS}side = "side"\n`;
const ARRAY = 'shape = "array"\n[accounts.bad.mirrors.fields]\ninstrument = "symbol"\nquantity = "qty"\n';

/** Holds three shares of AAPL, as the good row of each file says. */
const alpaca = await startAlpaca({ after }, accountWith(3));

interface Bad {
  readonly what: string;
  /** The file; nothing for one that is not there. */
  readonly content: string | Buffer | undefined;
  readonly options?: string;
  /** What is said of it, in one line. */
  readonly says: RegExp;
}

const STRICT = /only strict JSON is read/;

/** Of these nothing can be read: the line names the file. */
const UNREADABLE: readonly Bad[] = [
  { what: "is missing", content: undefined, says: /there is no file/ },
  { what: "is empty", content: "", says: /is empty/ },
  { what: "has nothing but white space", content: "\n \n", says: /has nothing but spaces in it/ },
  { what: "is not JSON", content: "AAPL,3\nMSFT,1\n", says: STRICT },
  { what: "is half written", content: '{\n  "AAPL": {"qty": 3},\n  "MSFT": {"qt', says: /line 3/ },
  { what: "is JSON of another shape", content: '["AAPL"]\n', says: /array/ },
  {
    what: "is not UTF-8",
    content: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x7b, 0x7d, 0x7d]),
    says: /is not UTF-8: line 1/,
  },
  { what: "is UTF-16", content: Buffer.from('{"AAPL": {"qty": 3}}', "utf16le"), says: STRICT },
  {
    what: "is nested without end",
    content: `{"AAPL": ${"[".repeat(100_000)}`,
    says: /nesting of more than 200 levels/,
  },
];

/** Of these the row of AAPL cannot be read. */
const BAD_ROWS: readonly Bad[] = [
  {
    what: "has a key twice",
    content: '{"AAPL": {"qty": 3}, "AAPL": {"qty": 4}}\n',
    says: /rows AAPL, AAPL \(2\) are about the same position and differ; leave one of them/,
  },
  {
    what: "has two rows of one instrument",
    content: '[{"symbol": "AAPL", "qty": 3}, {"symbol": "AAPL", "qty": 4}]\n',
    options: ARRAY,
    says: /rows \[0\], \[1\] are about the same position and differ; leave one of them/,
  },
  {
    what: "has a quantity that is no number",
    content: '{"AAPL": {"qty": "three"}}\n',
    says: /line 1, column 18: .*"qty" is "three"/,
  },
  { what: "has a quantity that is null", content: '{"AAPL": {"qty": null}}\n', says: /"qty" is null/ },
  { what: "has a row without a quantity", content: '{"AAPL": {"note": 1}}\n', says: /"qty" is missing/ },
  { what: "has a row that is a number", content: '{"AAPL": 3}\n', says: /the row is the number "3"/ },
  {
    what: "has a negative quantity where a side says the direction",
    content: '{"AAPL": {"qty": -3, "side": "long"}}\n',
    options: SIDED,
    says: /"qty" is "-3".*must not be negative/,
  },
  {
    what: "has a side that is no word for one",
    content: '{"AAPL": {"qty": 3, "side": "up"}}\n',
    options: SIDED,
    says: /"side" is "up"/,
  },
  {
    what: "has a number of 10,000 digits",
    content: `{"AAPL": {"qty": ${"9".repeat(10_000)}}}\n`,
    says: /"qty" is "9+…"/,
  },
  {
    what: "has an exponent out of this world",
    content: '{"AAPL": {"qty": 1e999999999}}\n',
    says: /"qty" is "1e999999999"/,
  },
];

const ALL = [...UNREADABLE, ...BAD_ROWS];
const nameOf = (bad: Bad) => `bad-${ALL.indexOf(bad)}`;
const fileOf = (bad: Bad) => `bots/${nameOf(bad)}.json`;

/** One pass over an account for each bad file, and at last over one whose file has a phantom and is fine. */
const folder = openFolder({ after });
for (const bad of ALL) if (bad.content !== undefined) folder.write(fileOf(bad), bad.content);
folder.write("bots/good.json", '{"_by": "bot", "TSLA": {"score": 1}}\n');
writeConfig(folder, {
  accounts: [
    ...ALL.map((bad) => {
      const options = (bad.options ?? FIELDS).replaceAll("accounts.bad", `accounts.${nameOf(bad)}`);
      return alpacaAccount(nameOf(bad), alpaca.url, mirror(nameOf(bad), fileOf(bad), options));
    }),
    paperAccount("good", mirror("good", "bots/good.json")),
  ],
});
const ended = await folder.run(["reconcile", "--force", "--config", CONFIG]);

/** What was said about one account. */
function told(account: string): readonly string[] {
  const lines = ended.stdout.split("\n");
  const first = lines.findIndex((line) => line.startsWith(`${account}: `));
  assert.ok(first >= 0, ended.stdout + ended.stderr);
  const next = lines.findIndex((line, index) => index > first && /^\S/.test(line));
  return lines.slice(first, next < 0 ? undefined : next);
}

describe("a mirror's file that", { concurrency: 3 }, () => {
  for (const bad of ALL) {
    test(`${bad.what} is told in one line and left to the byte`, () => {
      const block = told(nameOf(bad));
      assert.match(block[0] ?? "", /not settled/);
      const lines = block.filter((line) => bad.says.test(line));
      assert.equal(lines.length, 1, block.join("\n"));
      assert.ok((lines[0]?.length ?? 0) < 500, "a line that a person can read");
      if (UNREADABLE.includes(bad)) assert.ok(lines[0]?.includes(folder.at(fileOf(bad))), lines[0]);
      if (bad.content === undefined) assert.equal(folder.has(fileOf(bad)), false);
      else {
        assert.deepEqual(folder.bytes(fileOf(bad)), Buffer.from(bad.content));
        assert.deepEqual(folder.backups(fileOf(bad)), []);
      }
    });
  }

  test("is bad keeps no other account from being repaired, and the whole ends with 4", () => {
    assert.deepEqual([ended.code, ended.stderr], [4, ""]);
    assert.match(told("good")[0] ?? "", /in sync after this pass/);
    assert.equal(folder.read("bots/good.json"), '{"_by": "bot"}\n');
  });

  test("has a row that cannot be read is named by its path, so that it is found", () => {
    for (const bad of BAD_ROWS) {
      const block = told(nameOf(bad)).join("\n");
      assert.ok(block.includes(folder.at(fileOf(bad))), block);
    }
  });

  test("has a row that cannot be read ends with 4 by itself, and says nothing of what the venue has not", async () => {
    const name = nameOf(BAD_ROWS[2] as Bad);
    const alone = await folder.run(["check", "--account", name, "--config", CONFIG]);
    assert.equal(alone.code, 4, alone.stdout);
    assert.doesNotMatch(alone.stdout, /venue none/, "the venue holds 3");
  });

  test("is a folder is named once, and another account is repaired", async (t) => {
    const folder = openFolder(t);
    mkdirSync(folder.at(FILE), { recursive: true });
    folder.write("bots/good.json", '{"TSLA": {}}');
    writeConfig(folder, {
      accounts: [
        paperAccount("bad", mirror("bad", FILE)),
        paperAccount("good", mirror("good", "bots/good.json")),
      ],
    });
    const { code, stdout, stderr } = await folder.run(["reconcile", "--force", "--config", CONFIG]);
    assert.equal(code, 4, stdout + stderr);
    assert.match(stdout, /^ {2}mirror bot: .*bad\.json is not a file/m);
    assert.equal(folder.read("bots/good.json"), "{}");
  });

  test("has one bad row keeps it to the byte, while its good rows are brought in line", async (t) => {
    const folder = openFolder(t);
    folder.write(
      FILE,
      '{\n  "AAPL": {"qty": 2, "score": 1.50},\n  "MSFT": {"qty": "??"},\n  "GONE": {"qty": 1}\n}\n',
    );
    writeConfig(folder, { accounts: [alpacaAccount("bad", alpaca.url, mirror("bad", FILE, FIELDS))] });
    const { code, stdout } = await folder.run(["reconcile", "--force", "--config", CONFIG]);
    assert.equal(code, 4, stdout);
    assert.equal(folder.read(FILE), '{\n  "AAPL": {"qty": 3, "score": 1.50},\n  "MSFT": {"qty": "??"}\n}\n');
    assert.equal(folder.backups(FILE).length, 1);
    assert.match(stdout, /"qty" is "\?\?"/);
  });

  test("has an instrument that the venue does not know, and no witness for it, keeps that row", async (t) => {
    const folder = openFolder(t);
    const unknown = await startAlpaca(t, accountWith(3));
    unknown.server.setFault("position", "404-other");
    const text = '{"AAPL": {"qty": 3}, "NO/SUCH THING": {"qty": 1}}\n';
    folder.write(FILE, text);
    writeConfig(folder, {
      accounts: [alpacaAccount("bad", unknown.url, mirror("bad", FILE, FIELDS))],
      top: "blast_radius_rows = 0\nblast_radius_ratio = 0\n",
    });
    const { code, stdout } = await folder.run(["reconcile", "--force", "--config", CONFIG]);
    assert.equal(code, 4, stdout);
    assert.match(stdout, /position_mismatch NO\/SUCH THING in bot .*refused/);
    assert.equal(folder.read(FILE), text);
  });
});
