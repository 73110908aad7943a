// What closes positions in the default story: a stop, a target that the venue fills in two parts, a time stop. The bot says
// so with its order, trueup does it, and the bot's own file hears of it last.
import { BOOK, type Decimal, decimal, type ExitPlan, ZERO } from "../../core/index.ts";
import type { Cast } from "./cast.ts";
import type { Fault } from "./faults.ts";
import { money } from "./tally.ts";
import type { Trader } from "./trader.ts";

/** How long the time stop lets it be held, at the default speed. In ms. */
const HELD_MS = 1_500;
/** The least, so that it is seen to be armed. In ms. */
const HELD_MS_MIN = 1_000;

export const stop: Fault = async (cast) => {
  const { stage } = cast;
  const qty = cast.units(5, 9);
  stage.act("A stop", `momo buys ${qty} CRM through trueup, and says with the order when to sell them`);
  await enter(cast, cast.momo, "CRM", qty, {
    stop: { ratio: decimal("0.02") },
    target: { ratio: decimal("0.06") },
  });
  stage.say("CRM falls by 3 %");
  stage.market.move("CRM", -300);
  await closed(cast, cast.momo, "CRM", "the stop");
};

export const targetInParts: Fault = async (cast) => {
  const { stage } = cast;
  const qty = cast.units(6, 9);
  const first = cast.units(2, 4);
  stage.act("A target, filled in part", `dip buys ${qty} ADBE; there are buyers for ${first} at first`);
  await enter(cast, cast.dip, "ADBE", qty, {
    stop: { ratio: decimal("0.05") },
    target: { ratio: decimal("0.02") },
  });
  stage.venue.account.thin("ADBE", first);
  stage.say("ADBE rises by 3 %");
  stage.market.move("ADBE", 300);
  await closed(cast, cast.dip, "ADBE", "the target");
};

export const timeStop: Fault = async (cast) => {
  const { stage } = cast;
  const qty = cast.units(20, 40);
  const timeStopMs = Math.max(HELD_MS_MIN, stage.scaled(HELD_MS));
  stage.act("A time stop", `dip buys ${qty} INTC, to be held for a moment only, whatever the price does`);
  await enter(cast, cast.dip, "INTC", qty, { timeStopMs });
  await closed(cast, cast.dip, "INTC", "the time stop");
};

async function enter(
  cast: Cast,
  bot: Trader,
  instrument: string,
  qty: Decimal,
  exit: ExitPlan,
): Promise<void> {
  const { stage } = cast;
  const refused = await bot.trade("buy", instrument, qty, cast.score(), exit);
  if (refused !== null) return stage.fail(`${bot.name} may not buy ${instrument}: ${refused}`);
  await stage.untilSeen(() => stage.exitOf(instrument)?.qty === qty, `an exit for ${qty} ${instrument}`);
  const armed = stage.exitOf(instrument);
  if (!armed) return;
  const { stop: low, target, timeStopAtMs } = armed;
  const levels = [
    low === null ? [] : [`stop ${money(low)}`],
    target === null ? [] : [`target ${money(target)}`],
    timeStopAtMs === null ? [] : ["time stop"],
  ];
  stage.say(`armed     ${instrument} ${qty}: ${levels.flat().join(", ")}`);
}

/** Waits until the exit has sold all of it, and then until the bot's own file has heard of that. */
async function closed({ stage }: Cast, bot: Trader, instrument: string, by: string): Promise<void> {
  const sold = () =>
    stage.venue.account.state.fills.filter((fill) => fill.instrument === instrument && fill.side === "sell");
  const isSold = () => stage.venue.account.state.positions[instrument] === undefined;
  await stage.untilSeen(() => sold().length > 0, `${by} of ${instrument}`);
  tellSold(sold().slice(0, 1));
  if (!isSold()) {
    const left = stage.venue.account.state.positions[instrument]?.qty ?? ZERO;
    await stage.untilSeen(
      () => isSold() || stage.exitOf(instrument)?.qty === left,
      `an exit for ${left} ${instrument}`,
    );
    stage.say(`armed     ${instrument} ${left}: what is left`);
    await stage.untilSeen(isSold, `${by} of ${instrument}`);
    tellSold(sold().slice(1));
  }
  const names = [instrument];
  const inParts = [
    { kind: "order_mismatch", of: BOOK, names, isOptional: true },
    { kind: "position_mismatch", of: bot.name, names, isOptional: true },
  ] as const;
  await stage.settle(...(sold().length > 1 ? inParts : []), {
    kind: "phantom_position",
    of: bot.name,
    names,
  });
  stage.tellHistory(instrument);

  function tellSold(fills: ReturnType<typeof sold>): void {
    for (const { qty, price } of fills) {
      stage.say(
        `sold      ${instrument} ${qty} at ${price === undefined ? "?" : money(price)}, by trueup: ${by}`,
      );
    }
  }
}
