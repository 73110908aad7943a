// The journal's contract, held against every backend: the same sentences must be true of each.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { type Draft, draft, type ViewChanges } from "../../src/core/index.ts";
import { restoreBook } from "../../src/engine/index.ts";
import { digestOf, GENESIS_HASH, type Journal, type JournalError } from "../../src/journal/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/index.ts";
import { MIGRATIONS } from "../../src/journal/sqlite/schema.ts";
import { journalTrouble } from "../../src/journal/sqlite/trouble.ts";
import { realRuntime } from "../../src/runtime/real.ts";

const folder = mkdtempSync(join(tmpdir(), "trueup-journal-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

function newFile(): string {
  files += 1;
  return join(folder, `journal-${files}.db`);
}

function openFile(file: string, readOnly = false): Journal {
  return openSqliteJournal({ file, timers: realRuntime.timers, readOnly });
}

const HELD = /Another process holds the file/;
const PAGE_BYTES = 4_096;
const NO_VIEWS: ViewChanges = { deletions: [], rows: [] };

function note(text: string): Draft {
  return draft("kill_released", { reason: text, by: "test" }, "test");
}

function stamp(drafts: readonly Draft[], tsMs: number) {
  return drafts.map((one) => ({ draft: one, tsMs }));
}

/** A file as a trueup of that layout left it. */
function laidOut(file: string, layout: number): DatabaseSync {
  const db = new DatabaseSync(file);
  db.exec(MIGRATIONS.slice(0, layout).join(""));
  db.exec(`PRAGMA user_version = ${layout}`);
  return db;
}

function append(journal: Journal, expectedSeq: number, drafts: readonly Draft[], views = NO_VIEWS) {
  return journal.append({ account: "a", expectedSeq, entries: stamp(drafts, 1_000), views });
}

const backends: readonly { readonly name: string; readonly open: () => Journal }[] = [
  { name: "memory", open: () => new MemoryJournal() },
  { name: "sqlite", open: () => openFile(newFile()) },
];

for (const { name, open } of backends) {
  describe(`the ${name} journal`, () => {
    test("an account without records ends at sequence 0", async () => {
      const journal = open();
      assert.deepEqual(await journal.head("a"), { seq: 0, hash: GENESIS_HASH });
      assert.deepEqual(await journal.read("a", 0, 10), []);
      await journal.close();
    });

    test("records come back in order, gap-free from 1, with what was written", async () => {
      const journal = open();
      const result = await append(journal, 0, [note("one"), note("two")]);
      assert.equal(result.kind, "appended");
      assert.equal(result.head.seq, 2);
      await append(journal, 2, [note("three")]);
      const records = await journal.read("a", 0, 10);
      assert.deepEqual(
        records.map(({ seq, tsMs, kind, payload }) => ({ seq, tsMs, kind, payload })),
        ["one", "two", "three"].map((reason, index) => ({
          seq: index + 1,
          tsMs: 1_000,
          kind: "kill_released",
          payload: { reason, by: "test" },
        })),
      );
      assert.deepEqual(
        (await journal.read("a", 1, 1)).map((record) => record.seq),
        [2],
      );
      await journal.close();
    });

    test("an append that expects another sequence is refused and writes nothing", async () => {
      const journal = open();
      await append(journal, 0, [note("one")]);
      const views: ViewChanges = {
        deletions: [],
        rows: [{ view: "balances", row: { asset: "USD", total: "1", free: null, as_of: 1 } }],
      };
      for (const wrong of [0, 2, 99]) {
        const result = await append(journal, wrong, [note("late")], views);
        assert.equal(result.kind, "conflict");
        assert.equal(result.head.seq, 1);
      }
      assert.equal((await journal.read("a", 0, 10)).length, 1);
      assert.deepEqual(await journal.view("balances", "a"), []);
      await journal.close();
    });

    test("of two writers that expect the same sequence one wins, and the rest of the group is written", async () => {
      const journal = open();
      const results = await Promise.all([
        append(journal, 0, [note("first")]),
        append(journal, 0, [note("second")]),
        append(journal, 1, [note("third")]),
        journal.append({
          account: "b",
          expectedSeq: 0,
          entries: stamp([note("other account")], 1),
          views: NO_VIEWS,
        }),
      ]);
      assert.deepEqual(
        results.map(({ kind }) => kind),
        ["appended", "conflict", "appended", "appended"],
      );
      assert.equal((await journal.head("a")).seq, 2);
      assert.equal((await journal.head("b")).seq, 1);
      assert.deepEqual(await journal.accounts(), ["a", "b"]);
      await journal.close();
    });

    test("what a writer handed over after an append that was refused is refused too, though its sequence fits by now (seed 889828474)", async () => {
      const journal = open();
      const by = (writer: object, expectedSeq: number, name: string) =>
        journal.append({
          account: "a",
          writer,
          expectedSeq,
          entries: stamp([note(name)], 1),
          views: NO_VIEWS,
        });
      const [one, other] = [{}, {}];
      const results = await Promise.all([
        by(other, 0, "the other's"),
        by(one, 0, "refused"),
        by(one, 1, "on top of what was refused"),
        by(other, 1, "the other's next"),
      ]);
      assert.deepEqual(
        results.map(({ kind }) => kind),
        ["appended", "conflict", "conflict", "appended"],
      );
      assert.equal((await by(one, 2, "much later")).kind, "conflict");
      assert.equal((await by({}, 2, "whoever begins anew")).kind, "appended");
      await journal.close();
    });

    test("views are written with the records: rows replace rows, deletions go first", async () => {
      const journal = open();
      const life = (number: number, source = "book") => ({
        view: "position_history" as const,
        row: {
          instrument: "X",
          leg: "net",
          source,
          number,
          life_id: `l${number}`,
          closed_at: number,
          strategy: "s",
          entries: "[]",
          is_estimate: 0,
          metadata: "{}",
        },
      });
      await append(journal, 0, [note("a")], {
        deletions: [],
        rows: [life(0), life(1), life(10), life(2), life(0, "bot")],
      });
      await append(journal, 1, [note("b")], {
        deletions: [
          {
            view: "position_history",
            where: { instrument: "X", leg: "net", source: "book" },
            from: { column: "number", value: 2 },
          },
        ],
        rows: [{ view: "position_history", row: { ...life(1).row, closed_at: 77 } }],
      });
      const rows = await journal.view("position_history", "a");
      assert.deepEqual(
        rows.map((row) => [row.source, row.number, row.closed_at]),
        [
          ["book", 0, 0],
          ["book", 1, 77],
          ["bot", 0, 0],
        ],
      );
      assert.deepEqual(await journal.view("position_history", "b"), []);
      await journal.close();
    });

    test("a checkpoint is used only while the chain has its record", async () => {
      const journal = open();
      const { head } = await append(journal, 0, [note("one")]);
      assert.equal(await journal.loadCheckpoint("a"), undefined);
      await journal.saveCheckpoint("a", { seq: head.seq, hash: head.hash, state: "good" }, 1);
      await journal.saveCheckpoint(
        "a",
        { seq: head.seq + 5, hash: "f".repeat(64), state: "of another chain" },
        2,
      );
      assert.equal((await journal.loadCheckpoint("a"))?.state, "good");
      await journal.close();
    });

    test("[R15] rows of a read are kept once under their digest and expire without touching the chain", async () => {
      const journal = open();
      const attachments = [{ digest: "d1", section: "positions", rows: "[1]" }];
      const base = { account: "a", views: NO_VIEWS, attachments };
      await journal.append({ ...base, expectedSeq: 0, entries: stamp([note("x")], 1_000) });
      await journal.append({ ...base, expectedSeq: 1, entries: stamp([note("x")], 5_000) });
      assert.equal(await journal.attachment("d1"), "[1]");
      assert.equal(await journal.expireAttachments(2_000), 0);
      assert.equal(await journal.expireAttachments(6_000), 1);
      assert.equal(await journal.attachment("d1"), undefined);
      assert.deepEqual((await journal.verify("a")).problems, []);
      await journal.close();
    });

    test("the tail is replaced in place and is no record", async () => {
      const journal = open();
      await journal.setTail("a", { state: "1" });
      await journal.setTail("a", { state: "2" });
      assert.equal((await journal.tail("a"))?.state, "2");
      assert.equal((await journal.head("a")).seq, 0);
      await journal.close();
    });

    test("a chain that nobody touched verifies", async () => {
      const journal = open();
      await append(journal, 0, [note("one"), note("two")]);
      const { records, problems, head } = await journal.verify("a");
      assert.deepEqual({ records, problems, seq: head.seq }, { records: 2, problems: [], seq: 2 });
      await journal.close();
    });
  });
}

describe("the sqlite journal's file", () => {
  async function tampered(sql: string): Promise<string[]> {
    const file = newFile();
    const journal = openFile(file);
    await append(journal, 0, [note("one"), note("two"), note("three"), note("four")]);
    await journal.close();
    const db = new DatabaseSync(file);
    db.exec("DROP TRIGGER records_are_append_only_update; DROP TRIGGER records_are_append_only_delete;");
    db.exec(sql);
    db.close();
    const again = openFile(file);
    const { problems } = await again.verify("a");
    await again.close();
    return problems.map(({ kind, seq }) => `${kind} ${seq}`);
  }

  test("[H11] one changed letter is found and named", async () => {
    assert.deepEqual(
      await tampered("UPDATE records SET payload = replace(payload, 'two', 'tvo') WHERE seq = 2"),
      ["altered 2"],
    );
    assert.deepEqual(await tampered("UPDATE records SET ts_ms = ts_ms + 1 WHERE seq = 4"), ["altered 4"]);
  });

  test("a record that is taken out is found and named", async () => {
    assert.deepEqual(await tampered("DELETE FROM records WHERE seq = 2"), ["missing 2"]);
    assert.deepEqual(await tampered("DELETE FROM records WHERE seq = 4"), ["missing 4"]);
  });

  test("two records that changed places are found and named", async () => {
    const swap =
      "UPDATE records SET seq = 99 WHERE seq = 2; UPDATE records SET seq = 2 WHERE seq = 3; UPDATE records SET seq = 3 WHERE seq = 99";
    assert.deepEqual(await tampered(swap), [
      "reordered 2",
      "altered 2",
      "reordered 3",
      "altered 3",
      "reordered 4",
    ]);
  });

  test("a record that was forged together with its hash breaks the one after it", async () => {
    const forged = "UPDATE records SET payload = '{}', hash = 'f' WHERE seq = 2";
    assert.deepEqual(await tampered(forged), ["altered 2", "reordered 3"]);
  });

  test("records cannot be changed or deleted by SQL as it is", async () => {
    const file = newFile();
    const journal = openFile(file);
    await append(journal, 0, [note("one")]);
    const db = new DatabaseSync(file);
    assert.throws(() => db.exec("UPDATE records SET payload = '{}'"), /append-only/);
    assert.throws(() => db.exec("DELETE FROM records"), /append-only/);
    db.close();
    await journal.close();
  });

  test("another client reads the views while the journal is open", async () => {
    const file = newFile();
    const journal = openFile(file);
    const row = { asset: "USD", total: "12.5", free: null, as_of: 1 };
    await append(journal, 0, [note("one")], { deletions: [], rows: [{ view: "balances", row }] });
    const client = new DatabaseSync(file, { readOnly: true });
    assert.equal(client.prepare("SELECT total FROM balances WHERE asset = 'USD'").get()?.total, "12.5");
    client.close();
    await journal.close();
  });

  test("[G02] what append answered is there after the process is gone, and what it did not is not", async () => {
    const file = newFile();
    const journal = openFile(file);
    await append(journal, 0, [note("durable")]);
    // A second connection sees exactly what is committed; the first is never closed.
    const other = openFile(file);
    assert.equal((await other.head("a")).seq, 1);
    assert.equal((await append(other, 1, [note("from elsewhere")])).kind, "appended");
    assert.equal((await append(journal, 1, [note("too late")])).kind, "conflict");
    await other.close();
    await journal.close();
  });

  test("concurrent appends share one sync: as many as are made in one turn are one transaction", async () => {
    const file = newFile();
    let turns = 0;
    const timers = {
      soon(work: () => void) {
        turns += 1;
        realRuntime.timers.soon(work);
      },
    };
    const journal = openSqliteJournal({ file, timers });
    const many = Array.from({ length: 100 }, (_, seq) => append(journal, seq, [note(`n${seq}`)]));
    const results = await Promise.all(many);
    assert.ok(results.every(({ kind }) => kind === "appended"));
    assert.equal(turns, 1);
    assert.equal((await journal.head("a")).seq, 100);
    await journal.close();
  });

  test("a journal of an older layout is brought up to date by whoever writes, and left alone by a reader", async () => {
    for (let layout = 1; layout < MIGRATIONS.length; layout += 1) {
      const file = newFile();
      laidOut(file, layout).close();
      assert.throws(() => openFile(file, true), {
        code: "journal_older",
        message: new RegExp(`layout ${layout}, of an older trueup; .*nothing was changed`),
      });
      await openFile(file).close();
      await openFile(file, true).close();
      const db = new DatabaseSync(file, { readOnly: true });
      assert.equal(db.prepare("PRAGMA user_version").get()?.user_version, MIGRATIONS.length);
      db.close();
    }
  });

  test("a journal from before lots were rows has them after it is brought up to date, and the order of each fill", async () => {
    const file = newFile();
    const db = laidOut(file, 2);
    const lots = JSON.stringify([
      { strategy: "grid", qty: "3", entryPrice: "1.5" },
      { strategy: "unattributed", qty: "-1", entryPrice: null },
    ]);
    db.prepare(
      `INSERT INTO positions (account, instrument, leg, qty, side, origin, lots, life_id, opened_at, updated_at,
        is_estimate, metadata) VALUES ('a', 'X', 'net', '2', 'long', 'signal', ?, 'L', 1, 1, 0, '{}')`,
    ).run(lots);
    const fill = (key: string, order: string, seq: number) => {
      db.prepare(
        `INSERT INTO fills (account, fill_key, instrument, leg, venue_order_id, side, qty, timestamp, strategy, source,
          is_provisional, is_reversed, seq) VALUES ('a', ?, 'X', 'net', ?, 'buy', '1', 1, 'grid', 'venue', 0, 0, ?)`,
      ).run(key, order, seq);
    };
    fill("by record", "V-1", 1);
    fill("by id", "V-2", 2);
    const payload = (orderKey: string | null) => JSON.stringify({ orderKey });
    for (const [seq, orderKey] of [
      [1, "order one"],
      [2, null],
    ] as const) {
      db.prepare("INSERT INTO records VALUES ('a', ?, 1, 'fill_recorded', 1, 'test', ?, 'p', 'h')").run(
        seq,
        payload(orderKey),
      );
    }
    db.exec(`INSERT INTO orders (account, order_key, instrument, venue_order_id, previous_venue_order_ids, filled_qty,
      status, status_source) VALUES ('a', 'order two', 'X', 'V-2', '[]', '1', 'open', 'venue')`);
    db.close();
    const journal = openFile(file);
    assert.deepEqual(await journal.view("lots", "a"), [
      { instrument: "X", leg: "net", strategy: "grid", qty: "3", entry_price: "1.5", position_qty: "2" },
      {
        instrument: "X",
        leg: "net",
        strategy: "unattributed",
        qty: "-1",
        entry_price: null,
        position_qty: "2",
      },
    ]);
    const orders = (await journal.view("fills", "a")).map((row) => [row.fill_key, row.order_key]);
    assert.deepEqual(orders, [
      ["by id", "order two"],
      ["by record", "order one"],
    ]);
    await journal.close();
  });

  test("[G14] a journal of a newer layout, or with a newer record, is refused with what to do", async () => {
    const newer = newFile();
    await openFile(newer).close();
    const db = new DatabaseSync(newer);
    db.exec("PRAGMA user_version = 99");
    db.close();
    assert.throws(() => openFile(newer), {
      code: "journal_newer",
      message: /layout 99.*newer one; nothing was changed/,
    });

    const record = newFile();
    const journal = openFile(record);
    await append(journal, 0, [note("one")]);
    const other = new DatabaseSync(record);
    other.exec("DROP TRIGGER records_are_append_only_update; UPDATE records SET v = 9");
    other.close();
    await assert.rejects(journal.read("a", 0, 10), { code: "journal_newer", message: /version 9/ });
    await journal.close();
  });

  test("[G15] a file that another process holds is busy, to every open and append, and not damaged", async () => {
    const file = newFile();
    const open = (readOnly: boolean) =>
      openSqliteJournal({ file, timers: realRuntime.timers, readOnly, busyTimeoutMs: 1 });
    const journal = open(false);
    await append(journal, 0, [note("one")]);
    const writer = new DatabaseSync(file);
    writer.exec("BEGIN IMMEDIATE");
    await assert.rejects(append(journal, 1, [note("two")]), { code: "journal_busy", message: HELD });
    await assert.rejects(journal.setTail("a", { state: "{}" }), { code: "journal_busy", message: HELD });
    writer.exec("ROLLBACK");
    // What was refused is not written later, and nothing is lost by trying again.
    assert.equal((await append(journal, 1, [note("two")])).kind, "appended");
    await journal.close();
    writer.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    for (const readOnly of [true, false]) {
      assert.throws(() => open(readOnly), { code: "journal_busy", message: HELD });
    }
    writer.close();
    const again = open(false);
    assert.equal((await again.head("a")).seq, 2);
    await again.close();
  });

  test("[G05] each trouble that SQLite reports has its own code and advice", () => {
    const told = (doing: "open" | "read" | "write", errcode: number) => {
      const cause = Object.assign(new Error("as SQLite says it"), { errcode });
      const { code, message, isFinal } = journalTrouble("j.db", doing, cause) as JournalError;
      assert.match(message, /j\.db .*as SQLite says it\. .*\w\.$/);
      assert.equal(/Restore a backup/.test(message), code === "journal_corrupt", message);
      const isUnsure = [10, 11, 26].includes(errcode & 0xff);
      assert.equal(isFinal, doing === "write" && isUnsure, message);
      assert.equal(/Nothing was written/.test(message), doing === "write" && !isUnsure, message);
      assert.equal(/Nothing of it was acknowledged/.test(message), isFinal, message);
      return code;
    };
    const READONLY = 8;
    const BUSY_SNAPSHOT = 5 + (2 << 8);
    const IOERR_READ = 10 + (1 << 8);
    const rows: readonly (readonly [number, string, string, string])[] = [
      [BUSY_SNAPSHOT, "journal_busy", "journal_busy", "journal_busy"],
      [READONLY, "journal_open", "journal_open", "journal_write"],
      [IOERR_READ, "journal_read", "journal_read", "journal_write"],
      [11, "journal_corrupt", "journal_corrupt", "journal_corrupt"],
      [13, "journal_write", "journal_write", "journal_write"],
      [14, "journal_open", "journal_open", "journal_write"],
      [26, "journal_corrupt", "journal_corrupt", "journal_corrupt"],
      [1, "journal_corrupt", "journal_corrupt", "journal_write"],
    ];
    for (const [errcode, open, read, write] of rows) {
      assert.deepEqual(
        [told("open", errcode), told("read", errcode), told("write", errcode)],
        [open, read, write],
        `result code ${errcode}`,
      );
    }
    const ours = new TypeError("a mistake of ours");
    assert.equal(journalTrouble("j.db", "read", ours), ours);
  });

  test("a record that is missing, moved or altered ends a read as corrupt, and names the way out", async () => {
    const tampers: readonly (readonly [string, RegExp])[] = [
      ["DELETE FROM records WHERE seq = 2", /record 3 \(kill_released\).*is missing/],
      ["DELETE FROM records WHERE seq = 1", /record 2 \(kill_released\).*is missing/],
      ["UPDATE records SET hash = 'f' WHERE seq = 2", /record 2 .*is not what was written/],
      ["UPDATE records SET prev_hash = 'f' WHERE seq = 3", /record 3 .*moved or replaced/],
      ["UPDATE records SET payload = replace(payload, 'two', 'tvo')", /record 2 .*is not what was written/],
      ["UPDATE records SET payload = '{\"reas' WHERE seq = 2", /account a: record 2 .*not what was written/],
    ];
    for (const [sql, message] of tampers) {
      const file = newFile();
      const journal = openFile(file);
      await append(journal, 0, [note("one"), note("two"), note("three")]);
      const other = new DatabaseSync(file);
      other.exec("DROP TRIGGER records_are_append_only_update; DROP TRIGGER records_are_append_only_delete;");
      other.exec(sql);
      other.close();
      await assert.rejects(journal.read("a", 0, 10), { code: "journal_corrupt", message });
      await assert.rejects(journal.read("a", 0, 10), { message: /trueup journal verify/ });
      await journal.close();
    }
  });

  test("the end of a chain that is not where the journal notes it is corrupt, and no start goes on from there", async () => {
    const tampers: readonly (readonly [string, RegExp])[] = [
      ["DELETE FROM records WHERE seq = 3", /ends at record 2, but it notes record 3/],
      ["UPDATE heads SET seq = 2", /ends at record 3, but it notes record 2/],
      ["UPDATE heads SET hash = 'f'", /notes record 3 as the last, with another hash/],
      ["DELETE FROM heads", /ends at record 3, but it notes record 0/],
      ["DELETE FROM records", /ends at record 0, but it notes record 3/],
    ];
    for (const [sql, message] of tampers) {
      const file = newFile();
      const journal = openFile(file);
      await append(journal, 0, [note("one"), note("two"), note("three")]);
      const other = new DatabaseSync(file);
      other.exec("DROP TRIGGER records_are_append_only_delete");
      other.exec(sql);
      other.close();
      await assert.rejects(journal.head("a"), { code: "journal_corrupt", message });
      await assert.rejects(restoreBook(journal, "a"), { code: "journal_corrupt", message });
      await journal.close();
    }
  });

  test("a read that ends early, as by a damaged index, is corrupt: nothing is started on half of the records", async () => {
    const journal = openFile(newFile());
    await append(journal, 0, [note("one"), note("two"), note("three")]);
    const short = new Proxy(journal, {
      get: (target, name) => {
        if (name === "read") return async () => (await target.read("a", 0, 2)).slice(0, 2);
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await assert.rejects(restoreBook(short, "a"), {
      code: "journal_corrupt",
      message: /ends at record 2, but 3 were written/,
    });
    await journal.close();
  });

  test("verify names what is wrong with the file beside the chain: rows of a read", async () => {
    const file = newFile();
    const journal = openFile(file);
    const rows = JSON.stringify([{ instrument: "X", qty: "1" }]);
    const attachments = [{ digest: digestOf(rows), section: "positions", rows }];
    const entries = stamp([note("one")], 1);
    await journal.append({ account: "a", expectedSeq: 0, entries, views: NO_VIEWS, attachments });
    assert.deepEqual((await journal.verify("a")).problems, []);
    const other = new DatabaseSync(file);
    other.exec("UPDATE observed_rows SET rows = replace(rows, '1', '2')");
    other.close();
    const { problems } = await journal.verify("a");
    assert.deepEqual(
      problems.map(({ kind, seq }) => [kind, seq]),
      [["file", 0]],
    );
    await journal.close();
  });

  test("[G07] a file whose pages were overwritten, or whose tables are gone, is corrupt", async () => {
    const file = newFile();
    const journal = openFile(file);
    await append(journal, 0, [note("one")]);
    await journal.close();
    const bytes = readFileSync(file);
    const page = Math.floor(bytes.indexOf("kill_released") / PAGE_BYTES);
    writeFileSync(file, bytes.fill(0x5a, page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
    const damaged = openFile(file);
    await assert.rejects(damaged.read("a", 0, 10), { code: "journal_corrupt", message: /Restore a backup/ });
    await assert.rejects(damaged.verify("a"), { code: "journal_corrupt" });
    await damaged.close();

    const bare = newFile();
    await openFile(bare).close();
    const db = new DatabaseSync(bare);
    db.exec("DROP TABLE heads");
    db.close();
    assert.throws(() => openFile(bare), { code: "journal_corrupt", message: /no such table/ });
  });

  test("a file that is no database, or cannot be opened, is a clear error", async () => {
    const file = newFile();
    writeFileSync(
      file,
      "this is not a database, it is a sentence that is long enough to look like a header. ".repeat(20),
    );
    assert.throws(() => openFile(file), { code: "journal_corrupt", message: /Restore a backup/ });
    assert.throws(() => openFile(join(folder, "no", "such", "folder.db")), { code: "journal_open" });
    assert.throws(() => openSqliteJournal({ file: newFile(), timers: realRuntime.timers, readOnly: true }), {
      code: "journal_open",
    });
  });
});
