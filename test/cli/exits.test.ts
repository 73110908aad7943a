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
  for (const [given, reason] of [
    ["--stop 105", /^the stop 105 is reached already, the price is 100/],
    ["--target 90", /^the target 90 is reached already, the price is 100/],
  ] as const) {
    const reached = await folder.json(["exits", "set", "-i", "AAPL", ...given.split(" "), ...ON]);
    assert.deepEqual([reached.code, reached.document.isSet], [2, false]);
    assert.match(String(reached.document.reason), reason);
  }
  const flat = await folder.json(["exits", "set", "-i", "MSFT", "--stop", "95", ...ON]);
  assert.equal(flat.code, 2);
  assert.match(String(flat.document.reason), /MSFT is flat/);
  const nothing = await folder.json(["exits", "set", "-i", "AAPL", ...ON]);
  assert.equal(nothing.code, 2);
  const cleared = await folder.json(["exits", "clear", "-i", "AAPL", ...ON]);
  assert.deepEqual([cleared.code, cleared.document.isSet], [0, true]);
});

test("what cannot be set is refused with what was found, what there is and that nothing was changed", async (t) => {
  const folder = openFolder(t);
  writeConfig(folder, { accounts: [paperAccount("paper", EXECUTOR)], intervalMs: 500 });
  await folder.run([...BUY, "--id", "i-1", "--stop", "2%", ...ON]);
  const rows: readonly (readonly [string, RegExp])[] = [
    ["set -i aapl --stop 95", /^refused: aapl is flat: .* Now held: AAPL\nNothing was changed/],
    ["set -i AAPL --leg long --stop 95", /^refused: AAPL long is flat: .* Now held: AAPL\n/],
    [
      "set -i AAPL --strategy nope --stop 95",
      /^refused: nope holds nothing of AAPL; there are: unattributed\n/,
    ],
    ["set -i AAPL --time-stop 0s", /^refused: a time stop of 0 ms is not from 1 ms to 10 years/],
    [
      "set -i AAPL --stop 95 --none",
      /^trueup: --none says .*, and stop 95 that it has one: give one of them/,
    ],
    ["clear -i AAPL", /^refused: nobody has set a plan for all of AAPL\n/],
  ];
  for (const [given, message] of rows) {
    const { code, stdout, stderr } = await folder.run(["exits", ...given.split(" "), ...ON]);
    assert.equal(code, 2, given);
    assert.match(stdout + stderr, message);
  }
  const empty = await folder.run(["exits", "set", "-i", "", "--stop", "95", ...ON]);
  assert.match(empty.stderr, /^trueup: -i has no instrument/);
  await folder.run(["exits", "set", "-i", "AAPL", "--stop", "95", ...ON]);
  const whole = await folder.run(["exits", "clear", "-i", "AAPL", "--strategy", "unattributed", ...ON]);
  assert.match(whole.stdout, /^refused: .*; somebody has: clear it without --strategy\n/);
  const drill = await folder.run(["kill", "--drill", "--flatten", ...ON]);
  assert.deepEqual([drill.code, drill.stdout], [2, ""]);
  assert.match(drill.stderr, /give one of them\. Nothing was killed, nothing closed/);
  for (const given of ["resolve -i AAPL", "order cancel -i AAPL"]) {
    const blank = await folder.run([...given.split(" "), "--client-id", "", ...ON]);
    assert.deepEqual([blank.code, /^trueup: --client-id has no id: /.test(blank.stderr)], [2, true], given);
  }
  const typo = await folder.run(["flatten", "-i", "aapl", ...ON]);
  assert.match(typo.stdout, /aapl is not held; nothing to close \("trueup positions" lists what is/);
});
