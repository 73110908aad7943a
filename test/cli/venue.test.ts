// `trueup venue …`: the venue's own word, rows and raw, with a daemon and without one, and what it leaves alone.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EXIT } from "../../src/daemon/exit.ts";
import {
  accountWith,
  alpacaAccount,
  CONFIG,
  type Folder,
  NOBODY,
  openFolder,
  paperAccount,
  type Row,
  startAlpaca,
  writeConfig,
} from "./support.ts";

const KEYS = /PKTEST0000000000LOCAL|local-secret-0123456789/;
const venue = (...words: string[]) => ["venue", ...words, "--config", CONFIG];

/** What is kept of a paper account that holds 3 AAPL. */
const PAPER_STATE = JSON.stringify({
  accountId: "paper-demo",
  currency: "USD",
  cash: "4430",
  nextId: 3,
  prices: { AAPL: "200" },
  positions: { AAPL: { qty: "3", entryPrice: "190" } },
  orders: [
    { instrument: "AAPL", venueOrderId: "po-1", side: "buy", type: "market", qty: "3", status: "filled" },
  ],
  fills: [
    {
      instrument: "AAPL",
      tradeId: "pt-2",
      venueOrderId: "po-1",
      side: "buy",
      qty: "3",
      price: "190",
      timestamp: 1,
    },
  ],
  ledger: [],
});

describe("at Alpaca", () => {
  test("each section tells its rows and what they are worth", async (t) => {
    const folder = openFolder(t);
    const { url } = await startAlpaca(t, accountWith(2));
    writeConfig(folder, { accounts: [alpacaAccount("live", url)] });
    const positions = await section(folder, "positions");
    assert.equal(positions.code, EXIT.done);
    assert.equal(positions.answer.quality, "complete");
    assert.equal(positions.answer.venueAccountId, "0f9d2b6e-5a1c-4a63-9d0e-71c2a4b3e581");
    assert.deepEqual(
      positions.rows.map(({ instrument, qty, entryPrice }) => ({ instrument, qty, entryPrice })),
      [{ instrument: "AAPL", qty: "2", entryPrice: "100" }],
    );
    const fills = await section(folder, "fills", "--since", "1h");
    assert.deepEqual([fills.code, fills.rows.length], [EXIT.done, 2]);
    const balances = await section(folder, "balances");
    assert.deepEqual([balances.code, balances.rows], [EXIT.done, [{ asset: "USD", total: "100000" }]]);
    const orders = await section(folder, "orders");
    assert.deepEqual([orders.code, orders.rows], [EXIT.done, []]);
  });

  test("fills from before --since are not told", async (t) => {
    const folder = openFolder(t);
    const { url } = await startAlpaca(t, accountWith(2));
    writeConfig(folder, { accounts: [alpacaAccount("live", url)] });
    assert.equal((await section(folder, "fills", "--since", "1m")).rows.length, 0);
  });

  test("--raw is the text as it came, with the request beside it and without the keys", async (t) => {
    const folder = openFolder(t);
    const { server, url } = await startAlpaca(t, accountWith(1));
    server.state.positions = [{ ...server.state.positions[0], note: "café PKTEST0000000000LOCAL" }];
    writeConfig(folder, { accounts: [alpacaAccount("live", url)] });
    const { code, stdout, stderr } = await folder.run(venue("positions", "--raw"), { LANG: "C" });
    assert.equal(code, EXIT.done);
    assert.equal(
      stdout,
      `${JSON.stringify(server.state.positions).replace("PKTEST0000000000LOCAL", "***")}\n`,
    );
    assert.equal(stderr, "live: GET /v2/positions: HTTP 200\n");
    assert.deepEqual(server.requests, ["/v2/positions"]);
  });

  test("--raw --json has every request that the section takes", async (t) => {
    const folder = openFolder(t);
    const { url } = await startAlpaca(t, accountWith(1));
    writeConfig(folder, { accounts: [alpacaAccount("live", url)] });
    const { document } = await folder.json(venue("orders", "--raw"));
    const [account] = document.accounts as Row[];
    const answers = account?.answers as Row[];
    assert.equal(answers.length, 2);
    for (const { request, status, body, problem } of answers) {
      assert.match(String(request), /^GET \/v2\/orders\?.*nested=(true|false)/);
      assert.deepEqual([status, body, problem], [200, "[]", null]);
    }
  });

  test("a venue that fails ends with 5 and says why, raw too, where half an answer shows as it came", async (t) => {
    const folder = openFolder(t);
    const { server, url } = await startAlpaca(t, accountWith(1));
    writeConfig(folder, { accounts: [alpacaAccount("live", url)] });
    server.setFault("positions", "500");
    const failed = await section(folder, "positions");
    assert.deepEqual([failed.code, failed.answer.quality, failed.rows], [EXIT.venue, "unavailable", []]);
    assert.match(String(failed.answer.problem), /HTTP 500/);
    const raw = await folder.run(venue("positions", "--raw"));
    assert.equal(raw.code, EXIT.venue);
    assert.match(raw.stderr, /GET \/v2\/positions: HTTP 500/);
    server.setFault("positions", "half");
    const half = await folder.run(venue("positions", "--raw"));
    assert.match(half.stdout, /^\[\{"asset_id"/);
    assert.throws(() => JSON.parse(half.stdout));
    assert.equal((await section(folder, "positions")).code, EXIT.venue);
  });

  test("wrong keys end with 5, and are not shown", async (t) => {
    const folder = openFolder(t);
    const { url } = await startAlpaca(t, accountWith(1));
    writeConfig(folder, { accounts: [alpacaAccount("live", url)] });
    for (const more of [[], ["--raw"], ["--raw", "--json"]]) {
      const wrong = { APCA_API_SECRET_KEY: "wrong-secret-987654321" };
      const { code, stdout, stderr } = await folder.run(venue("balances", ...more), wrong);
      assert.equal(code, EXIT.venue);
      assert.doesNotMatch(stdout + stderr, KEYS);
      assert.doesNotMatch(stdout + stderr, /wrong-secret/);
    }
  });

  test("nobody there ends with 5", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [alpacaAccount("live", NOBODY)] });
    assert.equal((await section(folder, "positions")).code, EXIT.venue);
    const raw = await folder.run(venue("positions", "--raw"));
    assert.equal(raw.code, EXIT.venue);
    assert.match(raw.stderr, /ECONNREFUSED/);
  });

  test("one row that cannot be read makes the section partial, and the end 4", async (t) => {
    const folder = openFolder(t);
    const { server, url } = await startAlpaca(t, accountWith(1));
    server.state.positions.push({ symbol: "MSFT" });
    writeConfig(folder, { accounts: [alpacaAccount("live", url)] });
    const { code, answer, rows } = await section(folder, "positions");
    assert.deepEqual([code, answer.quality, rows.length], [EXIT.unresolved, "partial", 1]);
  });

  test("an account without keys decides the exit code and does not keep the others from being asked", async (t) => {
    const folder = openFolder(t);
    const { url } = await startAlpaca(t, accountWith(1));
    const keyless = alpacaAccount("other", url, 'key_id_env = "NOT_SET"\n');
    writeConfig(folder, { accounts: [alpacaAccount("live", url), keyless] });
    const { code, document } = await folder.json(venue("positions"));
    assert.equal(code, EXIT.venue);
    assert.deepEqual(
      (document.accounts as Row[]).map(({ account }) => account),
      ["live"],
    );
    assert.deepEqual(
      (document.failures as Row[]).map(({ account, code: why }) => [account, why]),
      [["other", "venue_auth"]],
    );
  });
});

describe("a paper account", () => {
  test("is read from its file, and nothing is written", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("demo")] });
    folder.write("state/paper-demo.json", PAPER_STATE);
    const { code, rows } = await section(folder, "positions");
    assert.deepEqual(
      [code, rows],
      [EXIT.done, [{ instrument: "AAPL", leg: "net", qty: "3", entryPrice: "190", lastPrice: "200" }]],
    );
    const raw = await folder.run(venue("balances", "--raw"));
    assert.deepEqual(JSON.parse(raw.stdout), { accountId: "paper-demo", currency: "USD", cash: "4430" });
    assert.equal(folder.read("state/paper-demo.json"), PAPER_STATE);
    assert.equal(folder.has("state/journal.db"), false);
    assert.equal(folder.has("state/trueup.lock"), false);
  });

  test("that was never used is told as it would begin, without making its folder", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("demo", 'cash = "77"\n')] });
    assert.deepEqual((await section(folder, "balances")).rows, [{ asset: "USD", total: "77" }]);
    assert.equal(folder.has("state"), false);
  });

  test("is asked beside the daemon that is at work on it", async (t) => {
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("demo")] });
    folder.write("state/paper-demo.json", PAPER_STATE);
    const daemon = await folder.start();
    const { code, rows } = await section(folder, "positions");
    assert.deepEqual([code, rows.length], [EXIT.done, 1]);
    assert.equal(folder.read("state/paper-demo.json"), PAPER_STATE);
    assert.equal((await daemon.end("SIGTERM")).code, EXIT.done);
  });
});

test("--since that is no time before now is refused", async (t) => {
  const folder = openFolder(t);
  writeConfig(folder, { accounts: [paperAccount("demo")] });
  for (const since of ["yesterday", "2999-01-01", "-1h", "2026-13-01"]) {
    const { code, document } = await folder.json(venue("fills", `--since=${since}`));
    assert.equal(code, EXIT.usage);
    assert.equal((document.error as Row).code, "bad_since");
  }
});

async function section(folder: Folder, name: string, ...options: string[]) {
  const { code, document, stdout, stderr } = await folder.json(venue(name, ...options));
  assert.doesNotMatch(stdout + stderr, KEYS);
  const [answer = {}] = document.accounts as Row[];
  return { code, answer, rows: answer.rows as Row[] };
}
