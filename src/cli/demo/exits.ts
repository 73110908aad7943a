// What closes positions in the default story: a stop, a target that the venue fills in two parts, a time stop. The bot says
// so with its order, trueup does it, and the bot's own file hears of it last.
import { BOOK, type Decimal, decimal, type ExitPlan, subtract, ZERO } from "../../core/index.ts";
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
  await sold(cast, "CRM", qty, { by: "the stop" });
  await closed(cast, cast.momo, "CRM");
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
  await sold(cast, "ADBE", first, { by: "the target" });
  const left = subtract(qty, first);
  stage.say("ADBE falls back before the rest is sold");
  stage.market.move("ADBE", -250);
  await stage.settle(
    { kind: "order_mismatch", of: BOOK, names: ["ADBE"], isOptional: true },
    { kind: "position_mismatch", of: "dip", names: ["ADBE"] },
  );
  tellArmed(cast, "ADBE", left);
  stage.say("ADBE rises again");
  stage.market.move("ADBE", 250);
  await sold(cast, "ADBE", left, { by: "the target", count: 2 });
  await closed(cast, cast.dip, "ADBE");
};

export const timeStop: Fault = async (cast) => {
  const { stage } = cast;
  const qty = cast.units(20, 40);
  const timeStopMs = Math.max(HELD_MS_MIN, stage.scaled(HELD_MS));
  stage.act("A time stop", `dip buys ${qty} INTC, to be held for a moment only, whatever the price does`);
  await enter(cast, cast.dip, "INTC", qty, { timeStopMs });
  await sold(cast, "INTC", qty, { by: "the time stop" });
  await closed(cast, cast.dip, "INTC");
};

/** Buys it with its exit; that is armed as soon as the fill is known. */
async function enter(
  cast: Cast,
  bot: Trader,
  instrument: string,
  qty: Decimal,
  exit: ExitPlan,
): Promise<void> {
  const { stage } = cast;
  const refused = await bot.trade("buy", instrument, qty, cast.score(), exit);
  if (refused !== null) stage.fail(`${bot.name} may not buy ${instrument}: ${refused}`);
  const isArmed = () => stage.exitOf(instrument)?.qty === qty;
  if (await stage.untilSeen(isArmed, `an exit for ${qty} ${instrument}`)) tellArmed(cast, instrument, qty);
}

function tellArmed({ stage }: Cast, instrument: string, qty: Decimal): void {
  const armed = stage.exitOf(instrument);
  if (armed?.qty !== qty) {
    stage.fail(`no exit is armed for ${qty} ${instrument}`);
    return;
  }
  const { stop: low, target, timeStopAtMs } = armed;
  const levels = [
    low === null ? [] : [`stop ${money(decimal(low))}`],
    target === null ? [] : [`target ${money(decimal(target))}`],
    timeStopAtMs === null ? [] : ["time stop"],
  ];
  stage.say(`armed     ${instrument} ${qty}: ${levels.flat().join(", ")}`);
}

/** Waits until trueup has sold so many of it in one order. @param count How many orders have sold some of it by then. */
async function sold(
  { stage }: Cast,
  instrument: string,
  qty: Decimal,
  { by, count = 1 }: { readonly by: string; readonly count?: number },
): Promise<void> {
  const { account } = stage.venue;
  const sales = () =>
    account.state.fills.filter((fill) => fill.instrument === instrument && fill.side === "sell");
  if (!(await stage.untilSeen(() => sales().length >= count, `${by} of ${instrument}`))) return;
  const last = sales().at(-1);
  if (last?.qty !== qty) stage.fail(`${last?.qty} ${instrument} were sold, and not ${qty}`);
  stage.say(`sold      ${instrument} ${qty} at ${money(last?.price ?? ZERO)}, by trueup: ${by}`);
}

/** Waits until the bot's own file has heard that nothing is left. */
async function closed({ stage }: Cast, bot: Trader, instrument: string): Promise<void> {
  await stage.settle({ kind: "phantom_position", of: bot.name, names: [instrument] });
  if (stage.exitOf(instrument)) stage.fail(`${instrument} is closed, and its exit is still armed`);
  stage.tellHistory(instrument);
}
