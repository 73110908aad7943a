// Orders from the command line, with a daemon and without one: told in words and by the exit code, sent once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CONFIG, type Folder, openFolder, paperAccount, type Row, writeConfig } from "./support.ts";

const ON = ["--config", CONFIG];
const LIMITS = `mode = "executor"
limits = { order_value_max = "1000", position_value_max = "unlimited", exposure_max = "unlimited", open_orders_max = 20, orders_per_minute_max = 60 }
strategies = { momentum = "mom-" }
exits = { owns = false }
`;

function trading(t: Parameters<typeof openFolder>[0]): Folder {
  const folder = openFolder(t);
  writeConfig(folder, { accounts: [paperAccount("paper", LIMITS)], intervalMs: 500 });
  return folder;
}

const buy = (id: string, ...more: string[]) =>
  [
    "order",
    "submit",
    "-i",
    "AAPL",
    "--side",
    "buy",
    "--qty",
    "2",
    "--reference-price",
    "100",
    "--id",
    id,
    ...ON,
  ].concat(more);

test("an order without a daemon is sent once, and is in the journal when the command ends", async (t) => {
  const folder = trading(t);
  const first = await folder.json(buy("i-1", "--strategy", "momentum"));
  assert.equal(first.code, 0, first.stderr);
  assert.deepEqual(
    [first.document.outcome, first.document.isSent, first.document.isRepeat],
    ["accepted", true, false],
  );
  assert.match(String((first.document.order as Row).clientOrderId), /^mom-/);
  const again = await folder.json(buy("i-1", "--strategy", "momentum"));
  assert.deepEqual([again.code, again.document.isRepeat], [0, true]);
  const { document } = await folder.json(["positions", ...ON]);
  assert.deepEqual(
    (document.positions as readonly Row[]).map(({ instrument, qty, strategy }) => [
      instrument,
      qty,
      strategy,
    ]),
    [["AAPL", "2", "momentum"]],
  );
});

test("what an order cannot be is told by the exit code: usage 2, gate 6, limits 77, configuration 78", async (t) => {
  const folder = trading(t);
  assert.equal((await folder.run(buy("i-1"))).code, 0);
  assert.equal((await folder.run(buy("i-1", "--type", "limit", "--price", "90"))).code, 2);
  const large = await folder.json([
    ...buy("i-2")
      .slice(0, -2)
      .map((word) => (word === "2" ? "20" : word)),
    ...ON,
  ]);
  assert.deepEqual([large.code, large.document.code], [77, "limit_exceeded"]);
  const typo = await folder.json(["order", "submit", "-i", "AAPL", "--side", "hold", "--qty", "1", ...ON]);
  assert.deepEqual([typo.code, (typo.document.error as Row).code], [2, "bad_choice"]);
  await folder.run(["kill", "--reason", "test", ...ON]);
  const killed = await folder.json(buy("i-3"));
  assert.deepEqual([killed.code, killed.document.code], [6, "gate_closed"]);
  writeConfig(folder, { accounts: [paperAccount("paper")] });
  const beside = await folder.json(buy("i-4"));
  assert.deepEqual([beside.code, beside.document.code], [78, "not_executor"]);
});

test("with a daemon an order rests, is amended and cancelled", async (t) => {
  const folder = trading(t);
  const daemon = await folder.start();
  const open = await folder.json(buy("i-1", "--type", "limit", "--price", "90", "--time-in-force", "gtc"));
  assert.equal(open.code, 0, open.stdout);
  const id = String((open.document.order as Row).clientOrderId);
  const named = ["-i", "AAPL", "--client-id", id, ...ON];
  const amended = await folder.json(["order", "amend", ...named, "--qty", "3", "--id", "a-1"]);
  assert.deepEqual([amended.code, (amended.document.order as Row).qty], [0, "3"]);
  const canceled = await folder.json(["order", "cancel", ...named]);
  assert.deepEqual([canceled.code, canceled.document.outcome], [0, "accepted"]);
  await daemon.nextPass();
  const again = await folder.json(["order", "cancel", ...named]);
  assert.deepEqual([again.code, again.document.code], [2, "not_active"]);
  const resolved = await folder.json(["order", "resolve", ...named]);
  assert.equal((resolved.document.order as Row).status, "canceled");
});
