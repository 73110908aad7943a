// --json is a contract with scripts: exactly one document on stdout, and these names of fields, for every command.
// A field that is new, gone or renamed fails here, so that it is a decision and not an accident.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { activityId, order, position, uuid } from "../venues/alpaca/support.ts";
import {
  alpacaAccount,
  CONFIG,
  mirror,
  openFolder,
  paperAccount,
  type Row,
  startAlpaca,
  writeConfig,
} from "./support.ts";

/** Names of fields by the place of their object; "[]" stands for each element. */
type Shapes = Readonly<Record<string, string>>;

const TALLY =
  "local venue verified closed added corrected inFlight watched refused unavailable flat duplicate sides";

/** The summary of one comparison (R14), wherever it stands. */
function summaryAt(path: string): Shapes {
  const tallies = ["", ".orders", ".balances"].map((part) => ({
    [path + part]: part === "" ? `of ${TALLY} orders balances flagged problem` : TALLY,
    [`${path + part}.sides`]: "local venue",
    [`${path + part}.sides.local`]:
      "verified corrected inFlight watched refused duplicate closed unavailable",
    [`${path + part}.sides.venue`]: "verified corrected inFlight watched refused duplicate added flat",
  }));
  return Object.assign({}, ...tallies);
}

const GATE_REASON = "code state text evidence sinceMs deadlineMs";
const SECTION = "section quality ageMs problem";
const DISCREPANCY =
  "id of kind subject localQty venueQty fields cause explanation witness policy stage code detail firstSeenMs lastSeenMs sightings closedMs resolution recurrences";
const RECORD = "account seq tsMs kind v causeId payload";

const PASS: Shapes = {
  "": "exitCode passes failures",
  "passes[]":
    "passId trigger isForced startedAtMs finishedAtMs isComplete isClean summaries repairs metrics gate count lastFinishedAtMs account sections feed mirrors discrepancies",
  ...summaryAt("passes[].summaries[]"),
  "passes[].sections[]": "section quality rows problem",
  "passes[].mirrors[]": "mirror place written backup problem",
  "passes[].discrepancies[]":
    "discrepancyId of kind instrument leg localQty venueQty cause witness stage policy code detail state resolution repairId explanation sightings firstSeenMs",
};

const STATUS: Shapes = {
  "": "accounts",
  "accounts[]":
    "account venue instruments oldestReadMs sections mirrors isLive verdict line feed exits deadMan open gate kill unconfirmed isKillRead",
  "accounts[].sections[]": SECTION,
  "accounts[].mirrors[]": "mirror place problem",
  "accounts[].open[]":
    "discrepancyId of kind instrument leg localQty venueQty cause witness stage policy code detail",
  "accounts[].gate": "state accountState reasons instruments",
  "accounts[].gate.reasons[]": GATE_REASON,
};

const GATE: Shapes = {
  "": "accounts",
  "accounts[]": "account state accountState reasons instruments",
  "accounts[].reasons[]": GATE_REASON,
};

const SCENARIO: Shapes = {
  "": "id passed failures final passes journal",
  final: "positions orders balances fills history mirrors discrepancies gate exits",
  "passes[]":
    "passId trigger isForced startedAtMs finishedAtMs isComplete isClean summaries repairs metrics gate count lastFinishedAtMs",
  ...summaryAt("passes[].summaries[]"),
  "journal[]": RECORD,
};

/** What is read after one pass that found an account with everything in it, and one row that nobody holds. */
const READS: readonly { readonly args: string; readonly code: number; readonly shapes: Shapes }[] = [
  { args: "check", code: 3, shapes: PASS },
  { args: "status", code: 0, shapes: STATUS },
  {
    args: "health",
    code: 3,
    shapes: {
      "": "accounts",
      "accounts[]": "account isHealthy verdict line copies sections gate",
      "accounts[].copies[]": "of problem stale missing different unwitnessed",
      "accounts[].sections[]": SECTION,
    },
  },
  { args: "gate", code: 6, shapes: GATE },
  {
    args: "positions --strategy unattributed",
    code: 0,
    shapes: {
      "": "lots",
      "lots[]": "account instrument leg strategy qty entryPrice positionQty share",
    },
  },
  {
    args: "positions",
    code: 0,
    shapes: {
      "": "positions",
      "positions[]":
        "account instrument leg qty side entryPrice costBasis realizedPnl origin strategy lots lifeId venueOrderId openedAt updatedAt isEstimate metadata signalId tags notes",
      "positions[].lots[]": "strategy qty entryPrice",
    },
  },
  {
    args: "orders",
    code: 0,
    shapes: {
      "": "orders",
      "orders[]":
        "account orderKey instrument leg clientOrderId venueOrderId previousVenueOrderIds parentVenueOrderId side type qty notional filledQty price triggerPrice avgPrice reduceOnly status statusSource venueStatus strategy createdAt updatedAt cancelRequestedAt statusReason timeInForce intentId sentAt signalId tags",
    },
  },
  {
    args: "fills",
    code: 0,
    shapes: {
      "": "fills",
      "fills[]":
        "account fillKey instrument leg tradeId venueOrderId clientOrderId side qty price fee feeCurrency timestamp strategy cause source isProvisional isReversed seq orderKey",
    },
  },
  {
    args: "balances",
    code: 0,
    shapes: { "": "balances", "balances[]": "account asset total free asOf" },
  },
  {
    args: "history",
    code: 0,
    shapes: {
      "": "history",
      "history[]":
        "account instrument leg source number lifeId side qty entryPrice exitPrice realizedPnl openedAt closedAt holdMs closeCause origin strategy venueOrderId entries isEstimate metadata signalId tags notes",
    },
  },
  {
    args: "passes",
    code: 0,
    shapes: {
      "": "passes",
      "passes[]":
        "account seq passId trigger isForced startedAtMs finishedAtMs isComplete isClean repairs gate count lastFinishedAtMs summaries",
      ...summaryAt("passes[].summaries[]"),
    },
  },
  {
    args: "discrepancies",
    code: 0,
    shapes: {
      "": "discrepancies",
      "discrepancies[]":
        "account discrepancyId of kind instrument leg asset clientOrderId venueOrderId localQty venueQty cause stage policy code state resolution sightings firstSeenMs lastSeenMs closedMs body",
      "discrepancies[].body": DISCREPANCY,
      "discrepancies[].body.subject": "type leg instrument",
    },
  },
  {
    args: "journal verify",
    code: 0,
    shapes: { "": "accounts", "accounts[]": "account records head problems", "accounts[].head": "seq hash" },
  },
  {
    args: "config check",
    code: 0,
    shapes: {
      "": "file isValid accounts",
      "accounts[]": "account venue mode observe intervalMs mirrors ownsExits",
    },
  },
];

const EXPLAINED: Shapes = {
  "": "account discrepancy records",
  discrepancy: DISCREPANCY,
  "discrepancy.subject": "type leg instrument",
  "records[]": RECORD,
};

const FAILURE: Shapes = { "": "error", error: "code message exitCode" };

const folder = openFolder({ after });
const alpaca = await startAlpaca({ after }, account());
writeConfig(folder, {
  accounts: [
    alpacaAccount(
      "live",
      alpaca.url,
      mirror("live", "bot.json", '[accounts.live.mirrors.fields]\nquantity = "qty"\n'),
    ),
  ],
  top: '[policy.kinds]\nphantom_position = "watch"\n',
});
folder.write("bot.json", '{"AAPL": {"qty": 5, "entry_score": 4.5}, "NVDA": {"qty": 1}}');
const first = await folder.json(["reconcile", "--force", "--config", CONFIG]);

describe("after one pass over an account with everything in it", { concurrency: 3 }, () => {
  test("reconcile --json prints one document with the fields of a pass", () => {
    assert.equal(first.stderr, "");
    assert.deepEqual(shapesIn(first.document), PASS);
  });

  for (const { args, code, shapes } of READS) {
    test(`${args} --json prints one document with its stable fields`, async () => {
      const ended = await folder.json([...args.split(" "), "--config", CONFIG]);
      assert.deepEqual(shapesIn(ended.document), shapes);
      assert.deepEqual([ended.code, ended.stderr], [code, ""]);
    });
  }

  test("explain --json prints the discrepancy and its records; an error is a document too", async () => {
    const passes = first.document.passes as readonly { readonly discrepancies: readonly Row[] }[];
    const id = String(passes[0]?.discrepancies[0]?.discrepancyId);
    const told = await folder.json(["explain", id, "--config", CONFIG]);
    assert.deepEqual(shapesIn(told.document), EXPLAINED);
    const unknown = await folder.json(["explain", "dis_0000000000", "--config", CONFIG]);
    assert.deepEqual(shapesIn(unknown.document), FAILURE);
    assert.deepEqual(
      [unknown.code, (unknown.document.error as Row).code, (unknown.document.error as Row).exitCode],
      [2, "no_such_id", 2],
    );
  });
});

test("kill and resume print one document each; status in between has the kill in it", async (t) => {
  const own = openFolder(t);
  writeConfig(own, { accounts: ['[accounts.main]\nvenue = "paper"\n'] });
  await own.run(["reconcile", "--config", CONFIG]);
  const killed = await own.json(["kill", "--reason", "drill", "--config", CONFIG]);
  assert.equal(killed.code, 0);
  assert.deepEqual(shapesIn(killed.document), {
    "": "accounts",
    "accounts[]": "account isEngaged canceled canceledAll uncancelable problem",
  });
  const { document } = await own.json(["status", "--config", CONFIG]);
  assert.equal(shapesIn(document)["accounts[].kill"], "reason by atMs");
  const confirmed = ["--reason", "over", "--confirm", "main"];
  const resumed = await own.json(["resume", ...confirmed, "--config", CONFIG]);
  assert.equal(resumed.code, 0);
  assert.deepEqual(shapesIn(resumed.document), { "": "account wasKilled" });
});

test("exits prints what is armed, what lies at the venue, what is noted and what is unprotected", async (t) => {
  const own = openFolder(t);
  const executor = `mode = "executor"
limits = { order_value_max = "unlimited", position_value_max = "unlimited", exposure_max = "unlimited", open_orders_max = 20, orders_per_minute_max = 60 }
exits = { mode = "venue" }
`;
  writeConfig(own, { accounts: [paperAccount("main", executor)], intervalMs: 500 });
  const buy = "order submit --side buy --qty 2 --reference-price 100";
  for (const given of [`${buy} -i AAPL --id i-1 --stop 2%`, `${buy} -i MSFT --id i-2`]) {
    await own.run([...given.split(" "), "--config", CONFIG]);
  }
  const daemon = await own.start();
  const seen = async () => (await own.json(["exits", "--config", CONFIG])).document;
  let document = await seen();
  for (let look = 0; look < 100 && shapesIn(document)["accounts[].atVenue[]"] === undefined; look += 1) {
    document = await seen();
  }
  await daemon.end("SIGTERM");
  assert.deepEqual(shapesIn(document), {
    "": "accounts",
    "accounts[]": "account exits atVenue noted unprotected foreign",
    "accounts[].exits[]":
      "exitId instrument leg strategy side qty entryPrice stop target trailing timeStopAtMs holdUntilMs source state best trailingAt invalidation armedAtMs trigger",
    "accounts[].atVenue[]":
      "instrument leg side role strategy type triggerPrice price qty filledQty openQty status clientOrderId venueOrderId",
    "accounts[].unprotected[]": "discrepancyId instrument qty code detail policy sinceMs",
  });
  const set = await own.json(["exits", "set", "-i", "AAPL", "--stop", "90", "--config", CONFIG]);
  assert.deepEqual(Object.keys(set.document), [
    "exitCode",
    ...["account", "exits", "atVenue", "noted", "unprotected", "foreign", "isSet", "reason", "caution"],
  ]);
  assert.equal(shapesIn(set.document)["noted[]"], "instrument leg strategy qty plan by setAtMs replaces");
});

test("scenario run --json prints one document for a scenario", async (t) => {
  const file = join(
    import.meta.dirname,
    "..",
    "..",
    "scenarios",
    "incidents",
    "alpaca-stock-bot-desync.json",
  );
  const { document, code } = await openFolder(t).json(["scenario", "run", file]);
  assert.equal(code, 0);
  const found = shapesIn(document);
  for (const [path, names] of Object.entries(SCENARIO)) assert.equal(found[path], names, path);
});

test("init --json says what it wrote, and a wrong configuration is a document with its code", async (t) => {
  const own = openFolder(t);
  const written = await own.json(["init"]);
  assert.deepEqual(shapesIn(written.document), { "": "written observe" });
  own.write("bad.toml", "state_dirr = 1\n");
  const wrong = await own.json(["config", "check", "bad.toml"]);
  assert.deepEqual(shapesIn(wrong.document), FAILURE);
  assert.equal((wrong.document.error as Row).code, "config_invalid");
});

/** Objects whose keys are the user's, an instrument's, or those of a kind of record. */
const OPEN = /\.(metadata|notes|tags|fields|instruments|payload)$/;

/** The names of the fields of every object in a document, by its place. */
function shapesIn(value: unknown, path = ""): Record<string, string> {
  if (Array.isArray(value)) {
    const each = value.map((one) => shapesIn(one, `${path}[]`));
    const own = new Set(each.map((one) => one[`${path}[]`]));
    assert.ok(own.size <= 1, `${path}: its elements have different fields: ${[...own].join(" / ")}`);
    return Object.assign({}, ...each);
  }
  if (typeof value !== "object" || value === null || OPEN.test(path)) return {};
  const inner = Object.entries(value).map(([name, one]) =>
    shapesIn(one, path === "" ? name : `${path}.${name}`),
  );
  return Object.assign({ [path]: Object.keys(value).join(" ") }, ...inner);
}

/** A position with its fill, an open order, and a life that has ended. */
function account() {
  const nowMs = Date.now();
  const traded = (number: number, symbol: string, side: string, qty: string, price: string) => ({
    id: activityId(nowMs - 60_000 + number, uuid(number)),
    activity_type: "FILL",
    transaction_time: new Date(nowMs - 60_000 + number).toISOString(),
    type: "fill",
    price,
    qty,
    side,
    symbol,
    leaves_qty: "0",
    order_id: `order-${number}`,
    cum_qty: qty,
    order_status: "filled",
  });
  return {
    account: { position_market_value: "600", long_market_value: "600" },
    positions: [position()],
    orders: [order()],
    activities: [
      traded(1, "AAPL", "buy", "5", "100.25"),
      traded(2, "TSLA", "buy", "1", "200"),
      traded(3, "TSLA", "sell", "1", "210"),
    ],
  };
}
