// Whose a position is and what is noted on it, from the command line, with a daemon and without one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CONFIG, type Folder, openFolder, paperAccount, type Row, writeConfig } from "./support.ts";

const ON = ["--config", CONFIG];
const ACCOUNT = `mode = "executor"
limits = { order_value_max = "unlimited", position_value_max = "unlimited", exposure_max = "unlimited", open_orders_max = 20, orders_per_minute_max = 60 }
strategies = { grid = "grid-" }
`;
const STATE = JSON.stringify({
  cash: 12,
  positions: {
    AAPL: { shares: 9, entryPrice: 1.5, pnl: 3, thesis: "cheap", stop_loss: 90, mood: "fine" },
    GONE: { shares: 1, thesis: "was cheap" },
  },
});

async function holding(t: Parameters<typeof openFolder>[0]): Promise<Folder> {
  const folder = openFolder(t);
  writeConfig(folder, { accounts: [paperAccount("paper", ACCOUNT)], intervalMs: 500 });
  const order =
    "order submit -i AAPL --side buy --qty 4 --reference-price 100 --signal wave-3 --tag desk=a --id";
  assert.equal((await folder.run([...order.split(" "), "one", ...ON])).code, 0);
  return folder;
}

const attribute = (...more: string[]) => [
  ..."positions attribute -i AAPL --from unattributed --to grid --reason why --by ann".split(" "),
  ...ON,
  ...more,
];

test("[R18] a person gives a part of nobody's lot to a strategy, and --strategy lists it with its share", async (t) => {
  const folder = await holding(t);
  const moved = await folder.json(attribute("--qty", "3"));
  assert.equal(moved.code, 0, moved.stderr);
  assert.deepEqual(
    [moved.document.qty, moved.document.from, moved.document.to, moved.document.by],
    [
      "3",
      { strategy: "unattributed", before: "4", after: "1" },
      { strategy: "grid", before: "0", after: "3" },
      "ann",
    ],
  );
  const { document } = await folder.json(["positions", "--strategy", "grid", ...ON]);
  assert.deepEqual(document.lots, [
    {
      account: "paper",
      instrument: "AAPL",
      leg: "net",
      strategy: "grid",
      qty: "3",
      entryPrice: "100",
      positionQty: "4",
      share: "0.75",
    },
  ]);
  const none = await folder.run(["positions", "--strategy", "grid", "--origin", "adopted", ...ON]);
  assert.match(none.stdout, /no such lots of the strategy grid/);
  const misspelled = await folder.run(["positions", "--strategy", "gird", ...ON]);
  assert.match(misspelled.stdout, /no lots of the strategy gird; lots are of grid, unattributed/);
  const told = await folder.run(["explain", String(moved.document.reattributionId), ...ON]);
  assert.match(told.stdout, /ann gave 3 of AAPL from unattributed to grid: why/);
  const more = await folder.json(attribute("--qty", "2"));
  assert.deepEqual([more.code, (more.document.error as Row).code], [4, "lot_too_small"]);
  const unnamed = attribute().filter((word) => word !== "--by" && word !== "ann");
  const nobody = await folder.json(unnamed, { USER: "", LOGNAME: "" });
  assert.deepEqual([nobody.code, (nobody.document.error as Row).code], [2, "no_person"]);
});

test("[G7] with a daemon the same is said through it, and refused by it", async (t) => {
  const folder = await holding(t);
  await folder.start();
  const moved = await folder.json(attribute("--qty", "1"));
  assert.deepEqual([moved.code, moved.document.to], [0, { strategy: "grid", before: "0", after: "1" }]);
  const more = await folder.json(attribute("--qty", "9"));
  assert.deepEqual([more.code, (more.document.error as Row).code], [4, "lot_too_small"]);
  const set = (instrument: string) =>
    folder.json(["notes", "set", "-i", instrument, "--by", "ann", "thesis=cheap", ...ON]);
  assert.deepEqual((await set("AAPL")).document.notes, { thesis: "cheap" });
  const flat = await set("MSFT");
  assert.deepEqual([flat.code, (flat.document.error as Row).code], [4, "not_held"]);
  const { document } = await folder.json(["positions", ...ON]);
  assert.deepEqual((document.positions as readonly Row[])[0]?.notes, { thesis: "cheap" });
});

test("[B5] a state file's notes are taken, its position data is refused by name, and a dry run changes nothing", async (t) => {
  const folder = await holding(t);
  const file = folder.write("TRADING-STATE.json", STATE);
  for (const words of [["--dry-run"], []]) {
    const ended = await folder.json(["notes", "import", file, "--by", "ann", ...words, ...ON]);
    assert.equal(ended.code, 4, "one note could not be taken");
    const [held, gone] = ended.document.positions as readonly Row[];
    assert.deepEqual([held?.isTaken, held?.notes], [true, { thesis: "cheap", stop: "90" }]);
    assert.deepEqual(
      ((held?.refused ?? []) as readonly Row[]).map(({ field, code }) => [field, code]),
      [
        ["shares", "position_data"],
        ["entryPrice", "position_data"],
        ["pnl", "position_data"],
        ["mood", "unknown_field"],
      ],
    );
    assert.deepEqual([gone?.isTaken, gone?.code], [false, "not_held"]);
    assert.deepEqual((ended.document.refused as readonly Row[])[0]?.code, "position_data");
    const shown = await folder.json(["notes", "show", ...ON]);
    assert.equal((shown.document.notes as readonly Row[]).length, words.length === 0 ? 1 : 0);
  }
  const sell = "order submit -i AAPL --side sell --qty 4 --reduce-only --reference-price 100 --id two";
  assert.equal((await folder.run([...sell.split(" "), ...ON])).code, 0);
  const { stdout } = await folder.run(["history", ...ON]);
  assert.match(stdout, /thesis=cheap stop=90 signal=wave-3 desk=a/);
  assert.equal((await folder.run(["journal", "verify", ...ON])).code, 0);
});

test("[B5] what is noted cannot pass for the terminal's own, and a file that is none is refused whole", async (t) => {
  const folder = await holding(t);
  const set = (...words: string[]) =>
    folder.json(["notes", "set", "-i", "AAPL", "--by", "ann", ...words, ...ON]);
  assert.equal(((await set("thesis=\u001b[2Jgone")).document.error as Row).code, "bad_note");
  assert.equal(((await set("thesis")).document.error as Row).code, "bad_note_field");
  assert.equal(((await set("shares=3")).document.error as Row).code, "bad_note");
  await set("thesis=cheap\npaper: killed");
  const { stdout } = await folder.run(["notes", "show", ...ON]);
  assert.match(stdout, /^ {4}paper: killed$/m);
  for (const text of ["{", '"text"', "3"]) {
    const file = folder.write("bad.json", text);
    const ended = await folder.json(["notes", "import", file, "--by", "ann", ...ON]);
    assert.deepEqual([ended.code, (ended.document.error as Row).code], [2, "bad_notes_file"]);
  }
  const file = folder.write("list.json", JSON.stringify([{ thesis: "whose?" }]));
  const nameless = await folder.json(["notes", "import", file, "--by", "ann", ...ON]);
  assert.equal(nameless.code, 4);
  const missing = await folder.json(["notes", "import", "none.json", "--by", "ann", ...ON]);
  assert.equal((missing.document.error as Row).code, "bad_notes_file");
});

test("trueup resolve is order resolve under a name of its own", async (t) => {
  const folder = await holding(t);
  for (const words of [["resolve"], ["order", "resolve"]]) {
    const ended = await folder.json([...words, "-i", "AAPL", "--client-id", "never-sent", ...ON]);
    assert.deepEqual([ended.code, ended.document.outcome], [4, "unknown"]);
  }
});

test("with --exits noted levels become an exit plan; what is no level is refused by name, and a dry run sets nothing", async (t) => {
  const folder = await holding(t);
  const entry = { thesis: "cheap", stop: "90", target: "when it feels right", timeStop: "5d" };
  const file = folder.write("notes.json", JSON.stringify({ positions: { AAPL: entry } }));
  for (const words of [["--dry-run"], []]) {
    const ended = await folder.json(["notes", "import", file, "--exits", "--by", "ann", ...words, ...ON]);
    assert.equal(ended.code, 4, "the target could not be taken");
    const [held] = ended.document.positions as readonly Row[];
    const exit = held?.exit as Row;
    assert.deepEqual(exit.plan, { stop: { price: "90" }, timeStopMs: 432_000_000 });
    assert.deepEqual([exit.isSet, exit.reason], [true, null]);
    assert.deepEqual(
      (exit.refused as readonly Row[]).map(({ field }) => field),
      ["target"],
    );
    await folder.run(["reconcile", ...ON]);
    const { document } = await folder.json(["exits", "show", ...ON]);
    const [{ exits: armed = [] } = {}] = document.accounts as readonly Row[];
    assert.deepEqual(
      (armed as readonly Row[]).map(({ source, stop }) => [source, stop]),
      words.length === 0 ? [["person", "90"]] : [],
    );
  }
  const text = await folder.run(["notes", "import", file, "--exits", "--by", "ann", "--dry-run", ...ON]);
  assert.match(text.stdout, /exit would be set: stop price 90, timeStopMs 432000000/);
  assert.match(text.stdout, /refused for the exit target: when it feels right is neither a price/);
});
