// Plan, apply, undo and release as their operator sees them, without a daemon and with one: what is printed, what is
// written, which exit codes follow, and what every wrong input comes to.
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { describe, test } from "node:test";
import { newState } from "../venues/alpaca/state.ts";
import {
  accountWith,
  alpacaAccount,
  type Cleaning,
  CONFIG,
  type Folder,
  type LocalAlpaca,
  mirror,
  openFolder,
  paperAccount,
  type Row,
  startAlpaca,
  writeConfig,
} from "./support.ts";

const FILE = "bots/positions.json";
const BEFORE = '{"_owner": "bot",  "AAPL": {"qty": 3, "score": 7}, "GONE": {"qty": 1, "note": "mine"}}\n';
const AFTER = '{"_owner": "bot",  "AAPL": {"qty": 5, "score": 7}}\n';

/** A bot whose file differs from its account in two rows; no pass repairs it by itself. */
async function open(t: Cleaning, more = ""): Promise<{ folder: Folder; alpaca: LocalAlpaca }> {
  const folder = openFolder(t);
  const alpaca = await startAlpaca(t, accountWith(5));
  const bot = mirror("live", FILE, '[accounts.live.mirrors.fields]\nquantity = "qty"\n');
  const accounts = [alpacaAccount("live", alpaca.url, more + bot), paperAccount("other")];
  writeConfig(folder, { accounts, intervalMs: 3_600_000 });
  folder.write(CONFIG, folder.read(CONFIG).replace("confirmations = 1", "confirmations = 100"));
  folder.write(FILE, BEFORE);
  return { folder, alpaca };
}

const of = (folder: Folder) => ({
  run: (...args: string[]) => folder.run([...args, "--config", CONFIG]),
  json: (...args: string[]) => folder.json([...args, "--config", CONFIG]),
});

async function planOf(folder: Folder): Promise<Row & { id: string; rows: number }> {
  const { document } = await of(folder).json("plan", "--account", "live");
  return (document.plans as (Row & { id: string; rows: number })[])[0] as Row & { id: string; rows: number };
}

const errorOf = ({ code, document }: { code: number | null; document: Row }) => [
  code,
  (document.error as Row | undefined)?.code,
];

describe("plan, apply, undo", { concurrency: 3 }, () => {
  for (const isLive of [false, true]) {
    test(`[R2][R13] ${isLive ? "by the daemon" : "without a daemon"}: planned, applied, undone byte for byte, released`, async (t) => {
      const { folder } = await open(t);
      const daemon = isLive ? await folder.start(2) : undefined;
      const { run, json } = of(folder);

      const planned = await run("plan", "--account", "live", "--out", "plan.json");
      assert.equal(planned.code, 3, planned.stderr);
      const id = /\[(plan_[0-9a-f]{20})\]/.exec(planned.stdout)?.[1] ?? "";
      assert.match(planned.stdout, /1\. phantom_position GONE in bot: local 1, venue 0 → removed/);
      assert.match(
        planned.stdout,
        /2\. position_mismatch AAPL in bot: local 3, venue 5 → corrected to qty 5/,
      );
      assert.match(planned.stdout, new RegExp(`to apply it: trueup apply ${id} --config ${CONFIG}\\n`));
      assert.equal(folder.read(FILE), BEFORE);
      assert.equal(statSync(folder.at(`state/plans/${id}.json`)).mode & 0o777, 0o600);
      if (!isLive) assert.ok(!folder.has("state/journal.db"), "a plan makes no journal");

      const applied = isLive ? await json("apply", id) : await json("apply", "plan.json");
      assert.equal(applied.code, 0, applied.stderr);
      assert.equal(folder.read(FILE), AFTER);
      const steps = applied.document.steps as Row[];
      const [removed, corrected] = steps.map(({ repairId }) => String(repairId));
      assert.deepEqual(applied.document.by, "tester");
      assert.deepEqual((applied.document.metrics as Row).before, {
        positions: 1,
        orders: 0,
        discrepancies: 2,
        mirrors: { bot: 2 },
      });
      assert.deepEqual(errorOf(await json("apply", id)), [4, "plan_applied"]);

      const listed = await run("discrepancies", "--all", "--account", "live");
      assert.ok(
        listed.stdout.includes(removed ?? "-") && listed.stdout.includes(corrected ?? "-"),
        listed.stdout,
      );
      const explained = await run("explain", removed ?? "");
      assert.match(explained.stdout, /repaired bot: removed \(rep_[0-9a-f]+\), by the plan of tester/);

      for (const repair of [corrected, removed]) {
        const undone = await run("undo", repair ?? "");
        assert.equal(undone.code, 0, undone.stderr);
        assert.match(undone.stdout, /undone by tester/);
      }
      assert.equal(folder.read(FILE), BEFORE);
      assert.deepEqual(errorOf(await json("undo", removed ?? "")), [4, "already_undone"]);
      assert.equal((await run("reconcile", "--force")).code, 3);
      assert.equal(folder.read(FILE), BEFORE, "what was undone is left alone");
      assert.equal((await run("release", removed ?? "")).code, 0);
      assert.equal((await run("release", corrected ?? "")).code, 0);
      assert.equal((await run("reconcile", "--force")).code, 0);
      assert.equal(folder.read(FILE), AFTER);
      if (daemon) assert.equal((await daemon.end("SIGTERM")).code, 0);
      const verified = await run("journal", "verify");
      assert.equal(verified.code, 0, verified.stdout);
    });
  }

  test("[R2] what nothing proves flat needs the account's name and the number of rows, and is done by nothing else", async (t) => {
    const { folder, alpaca } = await open(t);
    const { run, json } = of(folder);
    assert.equal((await run("reconcile", "--force", "--account", "live")).code, 0);
    alpaca.server.state = newState({ ...accountWith(5), positions: [] });
    const forced = await run("reconcile", "--force", "--account", "live");
    assert.equal(forced.code, 4);
    assert.match(forced.stdout, /if you know better than the witnesses: trueup plan --account live/);
    const planned = await run("plan", "--account", "live");
    assert.equal(planned.code, 4, planned.stdout);
    const id = /\[(plan_[0-9a-f]+)\]/.exec(planned.stdout)?.[1] ?? "";
    assert.match(planned.stdout, /needs your word: no witness that it is flat: the positions read is empty/);
    assert.match(planned.stdout, new RegExp(`trueup apply ${id} --confirm live --rows 2 --config `));
    assert.deepEqual(errorOf(await json("apply", id)), [2, "plan_not_confirmed"]);
    assert.deepEqual(errorOf(await json("apply", id, "--confirm", "other", "--rows", "2")), [
      2,
      "plan_not_confirmed",
    ]);
    assert.deepEqual(errorOf(await json("apply", id, "--confirm", "live", "--rows", "1")), [
      2,
      "plan_wrong_rows",
    ]);
    assert.deepEqual(errorOf(await json("apply", id, "--confirm", "live", "--rows", "two")), [2, "bad_rows"]);
    assert.equal(folder.read(FILE), AFTER);
    const applied = await run("apply", id, "--confirm", "live", "--rows", "2");
    assert.equal(applied.code, 0, applied.stdout + applied.stderr);
    assert.match(applied.stdout, /before: positions 1, .*bot 1 row, .*; after: positions 0, .*bot 0 rows/);
    assert.deepEqual(JSON.parse(folder.read(FILE)), { _owner: "bot" });
  });

  test("a venue that cannot be read leaves nothing to say about what there is to do; a presence-only row is held", async (t) => {
    const { folder, alpaca } = await open(t);
    const { run } = of(folder);
    folder.write(CONFIG, folder.read(CONFIG).replace('quantity = "qty"\n', ""));
    const planned = await run("plan", "--account", "live");
    assert.match(planned.stdout, /phantom_position GONE in bot: local held, venue 0 → removed/);
    for (const endpoint of ["account", "positions", "orders", "fills"] as const) {
      alpaca.server.setFault(endpoint, "500");
    }
    const blind = await run("plan", "--account", "live");
    assert.equal(blind.code, 5, blind.stdout);
    assert.match(blind.stdout, /^live: the venue could not be read, 0 refused/m);
    assert.match(blind.stdout, /not read: positions unavailable: /);
    assert.doesNotMatch(blind.stdout, /nothing to do/);
  });

  test("a world that moved ends it with 4, old and new, and nothing written", async (t) => {
    const { folder } = await open(t);
    const { run } = of(folder);
    const { id } = await planOf(folder);
    const moved = BEFORE.replace('"qty": 3', '"qty": 4');
    folder.write(FILE, moved);
    const { code, stderr } = await run("apply", id);
    assert.equal(code, 4);
    assert.match(stderr, /rows of bot, AAPL: was net:AAPL 3, is net:AAPL 4/);
    assert.equal(folder.read(FILE), moved);
  });

  test("[X04] two commands that apply one plan at once: one does it, the other is refused", async (t) => {
    const { folder } = await open(t);
    await folder.start(2);
    const { id } = await planOf(folder);
    const both = await Promise.all([of(folder).json("apply", id), of(folder).json("apply", id)]);
    assert.deepEqual(both.map(({ code }) => code).sort(), [0, 4]);
    assert.equal(folder.read(FILE), AFTER);
  });

  test("wrong inputs are told by a code, with 2, and change nothing", async (t) => {
    const { folder } = await open(t);
    const { json } = of(folder);
    const { id } = await planOf(folder);
    const text = folder.read(`state/plans/${id}.json`);
    folder.write("corrupt.json", text.slice(0, text.length / 2));
    folder.write("other.json", '{"a": 1}');
    folder.write("tampered.json", text.replace('"qty":"5"', '"qty":"500"'));
    folder.write("longer.json", text.replace(/"expiresAtMs":\d+/, '"expiresAtMs":99999999999999'));
    const cases: readonly [readonly string[], string][] = [
      [["apply", "plan_00000000"], "no_such_plan"],
      [["apply", "no-such-file.json"], "no_such_plan"],
      [["apply", "../state/api.token"], "no_such_plan"],
      [["apply", "corrupt.json"], "plan_unreadable"],
      [["apply", "other.json"], "plan_unreadable"],
      [["apply", "tampered.json"], "plan_tampered"],
      [["apply", "longer.json"], "plan_tampered"],
      [["apply", id, "--account", "other"], "plan_of_other_account"],
      [["plan", "--mirror", "none"], "no_mirror"],
      [["plan", "--out", "both.json"], "which_account"],
    ];
    for (const [args, expected] of cases) {
      assert.deepEqual(errorOf(await json(...args)), [2, expected], args.join(" "));
    }
    assert.equal(folder.read(FILE), BEFORE);
    assert.ok(!folder.has("state/journal.db"));
    assert.deepEqual(readdirSync(folder.at("state/plans")).length > 0, true);
    assert.deepEqual(errorOf(await json("undo", "rep_00000000", "--account", "live")), [2, "no_such_repair"]);
    assert.deepEqual(errorOf(await json("release", "rep_00000000", "--account", "live")), [
      4,
      "nothing_to_release",
    ]);
  });

  test("an account that observes is planned for reading, and no plan is applied; a killed one may be brought in line", async (t) => {
    const { folder } = await open(t, "observe = true\n");
    const { run, json } = of(folder);
    const planned = await run("plan", "--account", "live");
    assert.match(planned.stdout, /this account only observes; nothing of it is applied/);
    const { id } = await planOf(folder);
    assert.deepEqual(errorOf(await json("apply", id)), [4, "observing"]);
    assert.equal(folder.read(FILE), BEFORE);

    folder.write(CONFIG, folder.read(CONFIG).replace("observe = true", "observe = false"));
    assert.equal((await run("kill", "--account", "live")).code, 0);
    const killed = await planOf(folder);
    const applied = await run("apply", killed.id);
    assert.match(applied.stdout, /gate killed/);
    assert.equal(folder.read(FILE), AFTER);
  });
});
