// Incident: a prediction-market bot has three truths: its executor, its price feed and its state file. After sells only
// the executor knows; the feed goes on watching and the state file goes on believing.
import { join } from "node:path";
import { decimal } from "../../../core/index.ts";
import { jsonNumber, readJson, writeJson } from "../json.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const EXECUTOR = "executor.json";
const FEED = "feed.json";
const STATE = "TRADING-STATE.json";
const TOKENS: Readonly<Record<string, string>> = {
  "CEASEFIRE-MAR/NO": "0.71",
  "CPI-ABOVE-3/NO": "0.55",
  "CUP-FINAL/HOME": "0.44",
  "ELECTION-A/YES": "0.62",
  "ETF-APPROVED/YES": "0.83",
  "GDP-Q1/DOWN": "0.27",
  "HURRICANE-JUN/NO": "0.91",
  "MERGER-XY/YES": "0.36",
  "OSCAR-BEST/B": "0.18",
  "RATE-CUT-MAR/YES": "0.48",
  "SHUTDOWN/NO": "0.67",
  "STRIKE-ENDS/YES": "0.52",
};
const NAMES = Object.keys(TOKENS);
const SHARES = decimal("40");
const SOLD_SHARES = decimal("15");

export const predictionMarket: Scenario = {
  name: "prediction-market",
  isIncident: true,
  title: "executor, price feed and state file disagree after sells",
  about: [
    "A prediction-market bot keeps its positions in three places: the executor, the price feed's subscriptions and a state file with its reasons.",
    `Here ${EXECUTOR} stands for the executor's endpoint and ${FEED} for the feed's list in memory: the stores that trueup itself can write are JSON files.`,
  ],
  mode: "beside",
  currency: "USDC",
  cash: "1000",
  fee: "0",
  prices: TOKENS,
  parties: [{ name: "executor", strategy: "executor", prefix: "exec-" }],
  copies: [
    {
      name: "executor",
      file: EXECUTOR,
      start: { positions: [] },
      strategy: null,
      toml: `shape = "array"
at = "positions"
[accounts.paper.mirrors.fields]
instrument = "asset"
quantity = "size"`,
    },
    {
      name: "feed",
      file: FEED,
      start: { subscribed: [] },
      strategy: null,
      toml: 'shape = "array"\nat = "subscribed"',
    },
    {
      name: "state",
      file: STATE,
      start: { positions: {} },
      strategy: null,
      toml: 'at = "positions"\n[accounts.paper.mirrors.fields]\nquantity = "shares"',
    },
  ],
  async play(stage) {
    await buyTwelve(stage);
    await sellSix(stage);
    await sellPart(stage);
  },
};

async function buyTwelve(stage: Stage): Promise<void> {
  stage.act("Twelve bought", "the executor buys twelve tokens; all three places know them");
  for (const instrument of NAMES) trade(stage, "buy", instrument, SHARES);
  const state = NAMES.map((name) => [
    name,
    { shares: jsonNumber(SHARES), thesis: `why ${name.toLowerCase()}` },
  ]);
  write(stage, EXECUTOR, { positions: NAMES.map((asset) => ({ asset, size: jsonNumber(SHARES) })) });
  write(stage, FEED, { subscribed: NAMES });
  write(stage, STATE, { mode: "auto", positions: Object.fromEntries(state) });
  await stage.settle();
  stage.say("nothing to find: three times twelve rows, all of them true");
  await stage.pause(READ_MS);
}

async function sellSix(stage: Stage): Promise<void> {
  const sold = stage.random.shuffled(NAMES).slice(0, 6).sort();
  stage.act(
    "Six sold",
    `the executor sells six, and lists them with size 0; the feed and ${STATE} are not told`,
  );
  for (const instrument of sold) {
    stage.market.nudge(instrument, stage.random.between(-6, 9));
    trade(stage, "sell", instrument, SHARES);
  }
  const sizes = NAMES.map((asset) => ({ asset, size: sold.includes(asset) ? 0 : jsonNumber(SHARES) }));
  write(stage, EXECUTOR, { positions: sizes });
  await stage.settle(
    { kind: "phantom_position", of: "feed", names: sold },
    { kind: "phantom_position", of: "state", names: sold },
  );
  const feed = read(stage, FEED) as { readonly subscribed: readonly string[] };
  stage.say(
    `the feed watches ${feed.subscribed.length} instead of ${NAMES.length}; rows of size 0 were no positions, and stay`,
  );
  stage.tellHistory(sold[0] ?? "");
  await stage.pause(READ_MS);
}

async function sellPart(stage: Stage): Promise<void> {
  const { positions } = read(stage, STATE) as { readonly positions: Readonly<Record<string, unknown>> };
  const instrument = stage.random.pick(Object.keys(positions));
  stage.act(
    "A part sold by hand",
    `somebody sells ${SOLD_SHARES} of the ${SHARES} ${instrument} on the web page; no program knows`,
  );
  stage.order({ side: "sell", instrument, qty: SOLD_SHARES });
  await stage.settle(
    { kind: "position_mismatch", of: "executor", names: [instrument], cause: "manual_trade" },
    { kind: "position_mismatch", of: "state", names: [instrument], cause: "manual_trade" },
  );
  const row = (read(stage, STATE) as typeof positions & { positions: Record<string, unknown> }).positions[
    instrument
  ];
  stage.say(
    `in ${STATE} now: ${JSON.stringify(row)}: the quantity is right, the thesis is still the bot's own`,
  );
}

/** Long enough to read a sentence. In ms at the default speed. */
const READ_MS = 1_500;

function trade(stage: Stage, side: "buy" | "sell", instrument: string, qty: typeof SHARES): void {
  const number = stage.venue.account.state.orders.length + 1;
  stage.order({ side, instrument, qty, clientOrderId: `exec-${number}` });
}

function read(stage: Stage, file: string): unknown {
  return readJson(join(stage.folder, file));
}

function write(stage: Stage, file: string, value: unknown): void {
  writeJson(join(stage.folder, file), value);
}
