// Incident: a stock bot's metadata file names six positions, the broker has none. Keys with _ are not positions, and
// the bot's entry scores survive in trueup's history.
import { join } from "node:path";
import { BOOK, decimal } from "../../../core/index.ts";
import { readJson, writeJson } from "../json.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const FILE = "position_metadata.json";
const SIX = ["AAPL", "AMD", "GOOG", "META", "NVDA", "TSLA"];
const START = { _version: 3, _note: "keys with _ are not positions" };

export const stockBot: Scenario = {
  name: "stock-bot",
  isIncident: true,
  title: "the bot's file says six positions, the broker says none",
  about: [
    `A stock bot keeps ${FILE}: a key for each position, with its entry score, and a few keys with _ that are none.`,
    "One morning it named six positions, and the broker held none; the bot went on as if it were invested.",
  ],
  mode: "beside",
  currency: "USD",
  cash: "50000",
  fee: "0",
  prices: {
    AAPL: "189.20",
    AMD: "158.60",
    GOOG: "172.80",
    META: "502.10",
    MSFT: "411.10",
    NVDA: "131.40",
    TSLA: "242.00",
  },
  parties: [{ name: "bot", strategy: "bot", prefix: "bot-" }],
  copies: [{ name: "bot", file: FILE, start: START, strategy: null, toml: "" }],
  async play(stage) {
    await sixPhantoms(stage);
    await emptyList(stage);
  },
};

async function sixPhantoms(stage: Stage): Promise<void> {
  const path = join(stage.folder, FILE);
  const scores = SIX.map((name) => [name, { entry_score: stage.random.between(50, 99) / 100 }] as const);
  stage.act("Six in the file, none at the broker", `${FILE} names ${SIX.join(", ")}; the account is empty`);
  writeJson(path, { ...START, ...Object.fromEntries(scores) });
  await stage.settle({ kind: "phantom_position", of: "bot", names: SIX });
  stage.say(`what is left in ${FILE}: ${Object.keys(readJson(path) as object).join(", ")}`);
  for (const name of SIX.slice(0, 2)) stage.tellHistory(name);
  stage.say("and so on for the other four: the entry scores are in the history, not lost with the rows");
  await stage.standing();
}

async function emptyList(stage: Stage): Promise<void> {
  const path = join(stage.folder, FILE);
  const two = stage.random.shuffled(SIX).slice(0, 2).sort();
  stage.act(
    "The other way round",
    `the bot really holds ${two.join(" and ")}, and the broker's list comes back empty by mistake`,
  );
  for (const [index, instrument] of two.entries()) {
    stage.order({ side: "buy", instrument, qty: decimal("10"), clientOrderId: `bot-${index + 1}` });
  }
  writeJson(path, { ...START, ...Object.fromEntries(two.map((name) => [name, { entry_score: 0.7 }])) });
  await stage.settle();
  stage.venue.misbehave({ isEmpty: true, isBlind: true });
  await stage.until(({ gate }) => gate !== "open", "trueup to doubt it");
  stage.say(
    "the totals still show a value, so the empty list proves nothing: both rows stay, the gate closes",
  );
  await stage.standing();
  stage.venue.misbehave({});
  await stage.settle({ kind: "phantom_position", of: BOOK, names: two, end: "vanished" });
  stage.say("the list is back, and the gate opens by itself");
  await stage.standing();
}
