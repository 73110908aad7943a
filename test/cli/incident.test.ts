// The incident that trueup was made for, from beginning to end on the command line: a stock bot's file says six
// positions, its Alpaca account holds none. And its twin, where the list is empty but the account is not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readState } from "../venues/alpaca/state.ts";
import {
  alpacaAccount,
  CONFIG,
  type Folder,
  mirror,
  openFolder,
  type Row,
  startAlpaca,
  writeConfig,
} from "./support.ts";

const FILE = "state/position_metadata.json";

/** As the bot writes it: no quantities, scores of its own, keys with _ that are no positions. */
const WRITTEN = `{
  "_last_updated": "2026-01-05T14:35:07.123456+00:00",
  "AAPL": {
    "entry_score": 4.35,
    "entry_ts": "2025-12-31T14:35:07+00:00",
    "components": {"flow": 0.70, "insider": null}
  },
  "MSFT": {
    "entry_score": 3.10
  },
  "NVDA": {
    "entry_score": 5.0
  },
  "SPY": {
    "entry_score": 2.5
  },
  "TSLA": {
    "entry_score": 2.8
  },
  "GOOGL": {
    "entry_score": 3.3
  },
  "_schema": {"version":  2}
}
`;

const REPAIRED = `{
  "_last_updated": "2026-01-05T14:35:07.123456+00:00",
  "_schema": {"version":  2}
}
`;

const SCORES = { AAPL: 4.35, GOOGL: 3.3, MSFT: 3.1, NVDA: 5, SPY: 2.5, TSLA: 2.8 };
const SYMBOLS = Object.keys(SCORES);

async function open(
  t: { after: (work: () => void | Promise<void>) => void },
  state: string,
): Promise<Folder> {
  const folder = openFolder(t);
  const stated = readState(new URL(`../venues/alpaca/states/${state}`, import.meta.url).pathname);
  const { url } = await startAlpaca(t, stated);
  writeConfig(folder, { accounts: [alpacaAccount("live", url, mirror("live", FILE))] });
  folder.write(FILE, WRITTEN);
  return folder;
}

test("[A1] [A4] six phantoms are named by check, closed by one forced pass, and kept in the history", async (t) => {
  const folder = await open(t, "empty-account.json");

  const found = await folder.run(["check", "--config", CONFIG]);
  assert.equal(found.code, 3, found.stdout);
  for (const symbol of SYMBOLS) assert.match(found.stdout, new RegExp(`phantom_position ${symbol} in bot`));
  assert.match(found.stdout, /proven flat by account totals/);
  assert.equal(folder.read(FILE), WRITTEN, "check changes nothing");
  assert.equal(folder.has("state/journal.db"), false, "check leaves no journal behind");

  const repaired = await folder.run(["reconcile", "--force", "--config", CONFIG]);
  assert.equal(repaired.code, 0, repaired.stdout);
  assert.equal(folder.read(FILE), REPAIRED);
  const backups = folder.backups(FILE);
  assert.equal(backups.length, 1);
  assert.equal(folder.read(`state/${backups[0]}`), WRITTEN);
  assert.ok(repaired.stdout.includes(folder.at(`state/${backups[0]}`)), "the output names the backup");

  const again = await folder.run(["check", "--config", CONFIG]);
  assert.equal(again.code, 0, again.stdout);
  assert.match(again.stdout, /in sync/);

  const history = await folder.run(["history", "--config", CONFIG]);
  for (const [symbol, score] of Object.entries(SCORES)) {
    assert.match(history.stdout, new RegExp(`${symbol} .*entry_score=${score}\\b`));
  }
  const { document } = await folder.json(["history", "--config", CONFIG]);
  const lives = document.history as readonly (Row & { metadata: Row })[];
  const scores = lives.map(({ instrument, metadata }) => [instrument, metadata.entry_score]);
  assert.deepEqual(Object.fromEntries(scores), SCORES);
  assert.deepEqual(lives.find(({ instrument }) => instrument === "AAPL")?.metadata, {
    entry_score: 4.35,
    entry_ts: "2025-12-31T14:35:07+00:00",
    components: { flow: 0.7, insider: null },
  });

  const status = await folder.run(["status", "--config", CONFIG]);
  assert.equal(status.code, 0);
  assert.match(status.stdout, /^IN SYNC /);

  const second = await folder.run(["reconcile", "--force", "--config", CONFIG]);
  assert.equal(second.code, 0);
  assert.deepEqual(folder.backups(FILE), backups, "a second run has nothing to do");
  assert.equal(folder.read(FILE), REPAIRED);
});

test("[R1] [R2] with a position value left in the account nothing is closed, and the missing witness is named", async (t) => {
  const folder = await open(t, "totals-not-zero.json");
  for (const args of [["check"], ["reconcile", "--force"], ["reconcile"]]) {
    const { code, stdout } = await folder.run([...args, "--config", CONFIG]);
    assert.equal(code, 4, stdout);
    assert.match(
      stdout,
      /no witness that it is flat: .*account totals still show a position value of 42\.69/,
    );
    for (const symbol of SYMBOLS)
      assert.match(stdout, new RegExp(`phantom_position ${symbol} in bot.*refused`));
    assert.equal(folder.read(FILE), WRITTEN);
  }
  assert.deepEqual(folder.backups(FILE), []);
  const status = await folder.run(["status", "--config", CONFIG]);
  assert.match(status.stdout, /^DRIFT · 6 open/);
  const { document } = await folder.json(["history", "--config", CONFIG]);
  assert.deepEqual(document.history, []);
});

test("[R1] a position that nobody has proven flat is not shown as one of quantity 0 at the venue", async (t) => {
  const folder = await open(t, "totals-not-zero.json");
  const { stdout } = await folder.run(["check", "--config", CONFIG]);
  assert.doesNotMatch(stdout, /venue 0/);
});
