// Exits from the command line, without a daemon: said with the order, seen, changed and taken back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CONFIG, openFolder, paperAccount, type Row, writeConfig } from "./support.ts";

const ON = ["--config", CONFIG];
const EXECUTOR = `mode = "executor"
limits = { order_value_max = "unlimited", position_value_max = "unlimited", exposure_max = "unlimited", open_orders_max = 20, orders_per_minute_max = 60 }
`;
const BUY = ["order", "submit", "-i", "AAPL", "--side", "buy", "--qty", "2", "--reference-price", "100"];

test("a plan comes with the order, is seen, changed by a person and taken back", async (t) => {
  const folder = openFolder(t);
  writeConfig(folder, { accounts: [paperAccount("paper", EXECUTOR)], intervalMs: 500 });
  const bad = await folder.json([...BUY, "--id", "i-0", "--stop", "near", ...ON]);
  assert.deepEqual([bad.code, bad.document.error && (bad.document.error as Row).code], [2, "bad_number"]);
  const wrong = await folder.json([...BUY, "--id", "i-0", "--stop", "101", ...ON]);
  assert.deepEqual([wrong.code, wrong.document.code], [2, "bad_order"]);
  const bought = await folder.json([...BUY, "--id", "i-1", "--stop", "2%", "--time-stop", "2h", ...ON]);
  assert.equal(bought.code, 0, bought.stderr);
  const seen = await folder.json(["exits", ...ON]);
  const [exit] = (seen.document.accounts as Row[]).flatMap(({ exits }) => exits as Row[]);
  assert.deepEqual([exit?.qty, exit?.stop, exit?.source, exit?.state], ["2", "98", "intent", "armed"]);
  assert.equal(seen.code, 0);
  const set = await folder.json(["exits", "set", "-i", "AAPL", "--stop", "95", ...ON]);
  assert.deepEqual([set.code, set.document.isSet], [0, true]);
  assert.deepEqual(
    (set.document.noted as Row[]).map(({ strategy, plan }) => [strategy, plan]),
    [["unattributed", { stop: { price: "95" } }]],
  );
  assert.deepEqual(set.document.exits, [], "the levels of before are not said to be armed");
  const before = await folder.run(["exits", "show", ...ON]);
  assert.match(before.stdout, / 98 .* armed, until the next start\n/);
  assert.match(
    before.stdout,
    /\nnoted by tester for AAPL, unattributed: stop 95; armed when trueup run is at work\n/,
  );
  const text = await folder.run(["exits", "set", "-i", "AAPL", "--stop", "3%", "--time-stop", "90m", ...ON]);
  assert.equal(
    text.stdout.trim(),
    "noted for AAPL: stop 3%, time stop 90m\nNothing is armed by that yet: it is when trueup run is at work.",
  );
  const flat = await folder.json(["exits", "set", "-i", "MSFT", "--stop", "95", ...ON]);
  assert.equal(flat.code, 2);
  assert.match(String(flat.document.reason), /MSFT is flat/);
  const nothing = await folder.json(["exits", "set", "-i", "AAPL", ...ON]);
  assert.equal(nothing.code, 2);
  const cleared = await folder.json(["exits", "clear", "-i", "AAPL", ...ON]);
  assert.deepEqual([cleared.code, cleared.document.isSet], [0, true]);
});
