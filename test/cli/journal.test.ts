// The journal as an auditor meets it on the command line: what was altered behind trueup's back is named, and what a
// newer trueup wrote is refused and left as it is.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import {
  accountWith,
  alpacaAccount,
  type Cleaning,
  CONFIG,
  type Folder,
  openFolder,
  paperAccount,
  startAlpaca,
  writeConfig,
} from "./support.ts";

const JOURNAL = "state/journal.db";
const VERIFY = ["journal", "verify", "--config", CONFIG];

/** One journal with fills in it; each test alters a copy. */
const original = openFolder({ after });
const alpaca = await startAlpaca({ after }, accountWith(3));
const accounts = [alpacaAccount("live", alpaca.url), paperAccount("other")];
writeConfig(original, { accounts });
await original.run(["reconcile", "--force", "--config", CONFIG]);

function openCopy(t: Cleaning, alter: (db: DatabaseSync) => void): Folder {
  const folder = openFolder(t);
  writeConfig(folder, { accounts });
  mkdirSync(folder.at("state"), { mode: 0o700 });
  copyFileSync(original.at(JOURNAL), folder.at(JOURNAL));
  const db = new DatabaseSync(folder.at(JOURNAL));
  for (const trigger of ["update", "delete"]) db.exec(`DROP TRIGGER records_are_append_only_${trigger}`);
  alter(db);
  db.close();
  return folder;
}

/** The sequence of the second fill of the account. */
function seqOfFill(db: DatabaseSync): number {
  const rows = db.prepare("SELECT seq FROM records WHERE kind = 'fill_recorded' ORDER BY seq").all();
  return Number(rows[1]?.seq);
}

function checkpointSeq(db: DatabaseSync): number {
  return Number(db.prepare("SELECT seq FROM checkpoints WHERE account = 'live'").get()?.seq);
}

interface Altered {
  readonly what: string;
  /** Alters the journal; the result is the sequence that must be named. */
  readonly alter: (db: DatabaseSync) => number;
  readonly says: (seq: number) => RegExp;
}

const ALTERED: readonly Altered[] = [
  {
    what: "one digit of a fill",
    alter: (db) => {
      const seq = seqOfFill(db);
      db.exec(`UPDATE records SET payload = replace(payload, '"100"', '"101"') WHERE seq = ${seq}`);
      return seq;
    },
    says: (seq) =>
      new RegExp(`^live: altered: record ${seq} \\(fill_recorded\\) is not what was written$`, "m"),
  },
  {
    what: "the time of a record",
    alter: (db) => {
      db.exec("UPDATE records SET ts_ms = ts_ms + 1 WHERE account = 'live' AND seq = 2");
      return 2;
    },
    says: () => /^live: altered: record 2 /m,
  },
  {
    what: "a record left out",
    alter: (db) => {
      const seq = seqOfFill(db);
      db.exec(`DELETE FROM records WHERE account = 'live' AND seq = ${seq}`);
      return seq;
    },
    says: (seq) => new RegExp(`^live: missing: record ${seq} is missing$`, "m"),
  },
  {
    what: "the last record cut off",
    alter: (db) => {
      const seq = Number(db.prepare("SELECT max(seq) AS seq FROM records WHERE account = 'live'").get()?.seq);
      db.exec(`DELETE FROM records WHERE account = 'live' AND seq = ${seq}`);
      return seq;
    },
    says: (seq) =>
      new RegExp(`^live: missing: the chain ends at record ${seq - 1}, but ${seq} were written$`, "m"),
  },
  {
    what: "the last records cut off, and the note of the last with them",
    alter: (db) => {
      const seq = Number(db.prepare("SELECT max(seq) AS seq FROM records WHERE account = 'live'").get()?.seq);
      db.exec(`DELETE FROM checkpoints; DELETE FROM records WHERE account = 'live' AND seq > ${seq - 2}`);
      db.exec(
        `UPDATE heads SET seq = ${seq - 2}, hash = (SELECT hash FROM records WHERE account = 'live' AND seq = ${seq - 2}) WHERE account = 'live'`,
      );
      return seq - 1;
    },
    says: (seq) =>
      new RegExp(
        `^live: missing: the chain ends at record ${seq - 1}, but the table passes names record`,
        "m",
      ),
  },
  {
    what: "the note of the last record taken away",
    alter: (db) => {
      db.exec("DELETE FROM heads WHERE account = 'live'");
      return Number(db.prepare("SELECT max(seq) AS seq FROM records WHERE account = 'live'").get()?.seq);
    },
    says: (seq) => new RegExp(`^live: head: .* is gone; the chain ends at record ${seq}$`, "m"),
  },
  {
    what: "every record of an account taken away, and the note with them",
    alter: (db) => {
      db.exec("DELETE FROM heads WHERE account = 'live'; DELETE FROM records WHERE account = 'live'");
      return 1;
    },
    says: () => /^live: missing: the chain ends at record 0, but a checkpoint names record \d+$/m,
  },
  {
    what: "a quantity in the checkpoint",
    alter: (db) => {
      db.exec(`UPDATE checkpoints SET state = replace(state, '"qtyDelta":"1"', '"qtyDelta":"2"')`);
      return checkpointSeq(db);
    },
    says: (seq) =>
      new RegExp(
        `^live: checkpoint: the checkpoint of record ${seq} is not what was written; it is not used`,
        "m",
      ),
  },
  {
    what: "a quantity in the checkpoint, with its digest made anew",
    alter: (db) => {
      const row = db.prepare("SELECT state FROM checkpoints WHERE account = 'live'").get();
      const body = String(row?.state).replace(/^\w+ /, "").replace('"qtyDelta":"1"', '"qtyDelta":"2"');
      const digest = createHash("sha256").update(body).digest("hex");
      db.prepare("UPDATE checkpoints SET state = ? WHERE account = 'live'").run(`${digest} ${body}`);
      return checkpointSeq(db);
    },
    says: (seq) =>
      new RegExp(
        `^live: checkpoint: the checkpoint of record ${seq} is not what the records up to it make: ledgers$`,
        "m",
      ),
  },
  {
    what: "the checkpoint of another record",
    alter: (db) => {
      db.exec(`UPDATE checkpoints SET hash = '${"b".repeat(64)}' WHERE account = 'live'`);
      return checkpointSeq(db);
    },
    says: (seq) =>
      new RegExp(`^live: checkpoint: the checkpoint of record ${seq} belongs to another record`, "m"),
  },
  {
    what: "a record in the place of another, with a hash of its own",
    alter: (db) => {
      const seq = seqOfFill(db);
      db.exec(`UPDATE records SET hash = '${"a".repeat(64)}' WHERE account = 'live' AND seq = ${seq}`);
      return seq;
    },
    says: (seq) =>
      new RegExp(`^live: altered: record ${seq} [\\s\\S]*^live: reordered: record ${seq + 1} `, "m"),
  },
];

describe("journal verify", { concurrency: 3 }, () => {
  test("says of a whole chain how many records it has and where it ends", async () => {
    const { code, stdout } = await original.run(VERIFY);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^live: \d+ records, chain intact, head [0-9a-f]{16}\nother: \d+ records, chain intact/,
    );
    const one = await original.run([...VERIFY, "--account", "other"]);
    assert.match(one.stdout, /^other: .*\n$/);
  });

  for (const { what, alter, says } of ALTERED) {
    test(`ends with 7 and names the record: ${what}`, async (t) => {
      let seq = 0;
      const folder = openCopy(t, (db) => {
        seq = alter(db);
      });
      const { code, stdout } = await folder.run(VERIFY);
      assert.equal(code, 7, stdout);
      assert.match(stdout, says(seq));
      assert.match(stdout, /^other: \d+ records, chain intact/m);
      const { document } = await folder.json(VERIFY);
      const [live] = document.accounts as readonly { problems: readonly { seq: number }[] }[];
      assert.equal(live?.problems[0]?.seq, seq);
    });
  }

  test("a checkpoint that is damaged is not used: what is held is folded from the records", async (t) => {
    const folder = openCopy(t, (db) => {
      db.exec(`UPDATE checkpoints SET state = replace(state, '"qtyDelta":"1"', '"qtyDelta":"2"')`);
    });
    const checked = await folder.run(["check", "--account", "live", "--config", CONFIG]);
    assert.equal(checked.code, 0, checked.stdout);
  });

  test("a record that cannot be read is refused by every command with 7 and its place, not with a stack", async (t) => {
    const folder = openCopy(t, (db) => {
      db.exec("DELETE FROM checkpoints");
      db.exec("UPDATE records SET payload = '{\"half' WHERE account = 'live' AND seq = 2");
    });
    for (const args of [["status"], ["fills"], ["reconcile"], ["check"], ["gate"]]) {
      const { code, stderr } = await folder.run([...args, "--config", CONFIG]);
      assert.equal(code, 7, `${args}: ${stderr}`);
      assert.match(stderr, /record 2\b/);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
  });
});

test("a journal of a newer version is refused with its version by every command, and left as it is", async (t) => {
  const folder = openCopy(t, (db) => db.exec("PRAGMA user_version = 99"));
  const before = folder.bytes(JOURNAL);
  const commands = ["run", "reconcile", "check", "status", "fills", "gate", "journal verify"];
  for (const args of commands) {
    const { code, stdout, stderr } = await folder.run([...args.split(" "), "--config", CONFIG]);
    assert.equal(code, 78, `${args}: ${stdout}${stderr}`);
    assert.match(
      stderr,
      /journal\.db has layout 99; this trueup knows up to \d+\. Use the trueup that wrote it/,
    );
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
  assert.deepEqual(folder.bytes(JOURNAL), before);
  assert.equal(folder.has("state/daemon.json"), false);
});
