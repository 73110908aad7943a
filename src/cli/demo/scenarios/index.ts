// What the demo can play, the default first.
import type { Scenario } from "../scenario.ts";
import { betweenChecks } from "./between-checks.ts";
import { orderDesync } from "./order-desync.ts";
import { phantomRows } from "./phantom-rows.ts";
import { predictionMarket } from "./prediction-market.ts";
import { stockBot } from "./stock-bot.ts";
import { story } from "./story.ts";

export const SCENARIOS: readonly [Scenario, ...Scenario[]] = [
  story,
  stockBot,
  predictionMarket,
  phantomRows,
  betweenChecks,
  orderDesync,
];
