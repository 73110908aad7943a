// What goes wrong in the default story. Each changes the account, the venue or somebody's file, says so to whoever
// watches, and waits; trueup is told nothing. What it must find is written beside it.
import { BOOK, decimal } from "../../core/index.ts";
import type { Cast } from "./cast.ts";
import type { Expected } from "./expected.ts";
import { jsonNumber } from "./json.ts";
import type { Trader } from "./trader.ts";

export type Fault = (cast: Cast) => Promise<void>;

/** An order of a bot is filled; neither the bot nor the stream hears of it. */
export const lostFill: Fault = async (cast) => {
  const { stage } = cast;
  const bot = stage.random.pick(cast.bots);
  const [instrument = "AAPL"] = stage.random.shuffled([...bot.file.held().keys()]);
  const qty = cast.units(2, 5);
  const isHeld = bot.file.held().has(instrument);
  stage.act(
    "A lost fill",
    `${bot.name} buys ${qty} more ${instrument}; the stream says nothing, ${bot.name} never hears of it`,
  );
  await stage.during({ isStreamSilent: true }, () => bot.order("buy", instrument, qty));
  await stage.settle(
    { kind: "missing_fill", of: BOOK, names: [instrument], cause: "missed_fill" },
    ...seenEarly([instrument]),
    { kind: isHeld ? "position_mismatch" : "missing_position", of: bot.name, names: [instrument] },
  );
};

/** The owner sells by hand what a bot holds alone. */
export const manualClose: Fault = async (cast) => {
  const { stage } = cast;
  const { bot, instrument } = await heldAlone(cast);
  const qty = bot.file.qty(instrument);
  stage.act(
    "A manual close",
    `the owner sells ${bot.name}'s ${qty} ${instrument} by hand; ${bot.name}.json still has them, and a stop is armed for them`,
  );
  await cast.owner.order("sell", instrument, qty);
  await stage.settle({ kind: "phantom_position", of: bot.name, names: [instrument], cause: "manual_trade" });
  const isArmed = stage.exitOf(instrument) !== undefined;
  const isFollowed = stage.followed().includes(instrument);
  if (isArmed || isFollowed)
    stage.fail(`${instrument} is closed, and its ${isArmed ? "exit" : "price"} is not let go`);
  else stage.say(`its stop is disarmed with it, and the price of ${instrument} is followed no more`);
};

/** After a crash a bot restores an old copy of its file. */
export const phantom: Fault = async (cast) => {
  const { stage } = cast;
  const bot = stage.random.pick(cast.bots);
  const qty = cast.units(3, 9);
  stage.act(
    "A phantom after a crash",
    `${bot.name} restores an old file: ${qty} TSLA that the account never had`,
  );
  bot.file.put("TSLA", {
    qty: jsonNumber(qty),
    entry_price: jsonNumber(stage.market.price("TSLA")),
    ...cast.score(),
  });
  await stage.settle({ kind: "phantom_position", of: bot.name, names: ["TSLA"] });
};

/** A trade opens and closes between two of trueup's looks while the stream is silent. */
export const betweenChecks: Fault = async (cast) => {
  const { stage } = cast;
  const qty = cast.units(2, 6);
  stage.act(
    "Open and closed between two checks",
    `the owner buys and sells ${qty} AMD by hand while nobody looks and the stream is silent`,
  );
  await stage.during({ isStreamSilent: true }, () => {
    // All one moment, so that no pass comes in between.
    stage.order({ side: "buy", instrument: "AMD", qty });
    stage.market.step();
    stage.order({ side: "sell", instrument: "AMD", qty });
  });
  await stage.settle({ kind: "missing_fill", of: BOOK, names: ["AMD", "AMD"], cause: "manual_trade" });
  stage.tellHistory("AMD");
};

/** The stream is up and says nothing: the bots know what they did, trueup does not. */
export const silentStream: Fault = async (cast) => {
  const { stage } = cast;
  const traded = stage.random.shuffled(["AAPL", "GOOG", "MSFT"]);
  stage.act(
    "A silent stream",
    "three trades, each rightly noted by its bot, and trueup's stream does not tell of one",
  );
  await stage.during({ isStreamSilent: true }, async () => {
    const trades = traded.map((instrument) => {
      const bot = stage.random.pick(cast.bots);
      const qty = cast.units(1, 3);
      stage.say(`${bot.name} buys ${qty} ${instrument}`);
      return bot.trade("buy", instrument, qty, cast.score());
    });
    await Promise.all(trades);
  });
  await stage.settle(
    { kind: "missing_fill", of: BOOK, names: traded, cause: "missed_fill" },
    ...seenEarly(traded),
  );
};

/** The venue lists nothing, with a straight face, and single look-ups say the same. */
export const emptyRead: Fault = async (cast) => {
  const { stage } = cast;
  const bot = stage.random.pick(cast.bots);
  stage.act(
    "An empty answer with a straight face",
    "the venue lists no position at all and calls that complete; every single look-up says none",
  );
  stage.venue.misbehave({ isEmpty: true, isBlind: true });
  await stage.until(({ gate }) => gate !== "open", "trueup to doubt it");
  stage.say(`the files stay as they are; ${await cast.trade(bot, "buy", "NVDA", cast.units(1, 3))}`);
  await stage.pause(READ_MS);
  stage.venue.misbehave({});
  stage.say("the venue lists them again; the gate opens by itself");
  const held = Object.keys(stage.venue.account.state.positions);
  await stage.settle({ kind: "phantom_position", of: BOOK, names: held, end: "vanished" });
};

/** The venue answers nothing at all, and then it does again. */
export const outage: Fault = async (cast) => {
  const { stage } = cast;
  stage.act("An outage", "the venue does not answer; that is no empty account");
  stage.venue.misbehave({ isDown: true });
  await stage.until(({ isComplete }) => !isComplete, "a pass that cannot read");
  stage.say(`nothing is touched; ${await cast.trade(cast.dip, "buy", "AAPL", cast.units(1, 3))}`);
  await stage.pause(READ_MS);
  stage.venue.misbehave({});
  await stage.settle();
};

/** The owner buys by hand and does not note it. */
export const unnoted: Fault = async (cast) => {
  const { stage } = cast;
  const qty = cast.units(1, 4);
  stage.act(
    "A trade by hand, not noted",
    `the owner buys ${qty} META in the venue's own app and forgets to write it down`,
  );
  await cast.owner.order("buy", "META", qty);
  await stage.settle({ kind: "missing_position", of: "owner", names: ["META"], cause: "manual_trade" });
};

/** Money leaves the account: the venue's ledger explains it, so nothing is wrong. */
export const withdrawal: Fault = async (cast) => {
  const { stage } = cast;
  const amount = cast.units(2, 9);
  stage.note(`the owner takes ${amount}00 out; the venue's ledger says so, and nothing is wrong`);
  stage.venue.account.transfer(decimal(`-${amount}00`), "withdrawal");
  await stage.pause(READ_MS);
};

/** The owner sells by hand a part of what both strategies hold: nobody can tell whose it was. */
export const sharedClose: Fault = async (cast) => {
  const { stage } = cast;
  const instrument = await heldByBoth(cast);
  const [mine, theirs] = cast.bots.map((bot) => `${bot.name} ${bot.file.qty(instrument)}`);
  const qty = cast.units(2, 4);
  stage.act(
    "A part of a shared position, closed by hand",
    `the owner sells ${qty} of the ${instrument} that both strategies hold (${mine}, ${theirs})`,
  );
  await cast.owner.order("sell", instrument, qty);
  await stage.settle({ kind: "missing_position", of: "owner", names: [instrument], cause: "manual_trade" });
  stage.say(
    `whose they were, nobody can tell: it stays -${qty} by hand, for a person to decide, and both strategies keep theirs`,
  );
};

/** What else may be seen of fills that the stream did not tell, before they are booked. */
function seenEarly(instruments: readonly string[]): Expected[] {
  const kinds = ["order_mismatch", "position_mismatch", "missing_position"] as const;
  return kinds.map((kind) => ({ kind, of: BOOK, names: instruments, isOptional: true }));
}

/** Long enough to read a sentence. In ms at the default speed. */
const READ_MS = 700;

/** An instrument that one strategy holds and nobody else; where there is none, one is bought. */
async function heldAlone(cast: Cast): Promise<{ bot: Trader; instrument: string }> {
  const { stage } = cast;
  const found = cast.bots.flatMap((bot) =>
    [...bot.file.held().keys()]
      .filter((name) => !cast.other(bot).file.held().has(name) && !cast.owner.file.held().has(name))
      .map((instrument) => ({ bot, instrument })),
  );
  if (found.length > 0) return stage.random.pick(found);
  stage.note(await cast.trade(cast.momo, "buy", "ORCL", cast.units(3, 6)));
  return { bot: cast.momo, instrument: "ORCL" };
}

async function heldByBoth(cast: Cast): Promise<string> {
  const { stage } = cast;
  const [first, second] = cast.bots;
  const enough = [...first.file.held().keys()].filter(
    (name) =>
      Number(first.file.qty(name)) > 4 &&
      Number(second.file.qty(name)) > 4 &&
      !cast.owner.file.held().has(name),
  );
  if (enough.length > 0) return stage.random.pick(enough);
  for (const bot of cast.bots) stage.note(await cast.trade(bot, "buy", "ORCL", cast.units(5, 8)));
  return "ORCL";
}
