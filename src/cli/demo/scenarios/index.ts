// What the demo can play, the default first.
import type { Scenario } from "../scenario.ts";
import { story } from "./story.ts";

export const SCENARIOS: readonly [Scenario, ...Scenario[]] = [story];
