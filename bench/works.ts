// What is measured, by name, and how much of it: the whole, or a smaller run to see how things stand.
import type { Findings } from "./comparison.ts";
import type { Rounds } from "./measure.ts";
import { measureColdStart } from "./work/cold-start.ts";
import { measureDiff } from "./work/diff.ts";
import { measureDurable } from "./work/durable.ts";
import { measureFold } from "./work/fold.ts";
import { measureLargePass, measurePasses } from "./work/passes.ts";
import { measureRestart } from "./work/restart.ts";

const USUAL: Rounds = { warmup: 3, runs: 9 };
/** For what takes seconds. */
const FEW: Rounds = { warmup: 1, runs: 3 };

/** Each runs in a process of its own, so that none pays for another's garbage or profits from its warm code. */
export const WORKS: Readonly<Record<string, (isQuick: boolean) => Promise<Findings>>> = {
  diff: (isQuick) => measureDiff(isQuick ? 20_000 : 100_000, USUAL),
  "diff-large": (isQuick) => measureDiff(isQuick ? 100_000 : 1_000_000, FEW),
  fold: (isQuick) => measureFold(isQuick ? 50_000 : 1_000_000, FEW),
  durable: (isQuick) => measureDurable(isQuick ? 50 : 200, USUAL),
  restart: (isQuick) => measureRestart(isQuick ? 50_000 : 1_000_000, FEW),
  passes: (isQuick) => measurePasses(isQuick ? 50 : 200, USUAL),
  "large-pass": (isQuick) => measureLargePass(isQuick ? 10_000 : 100_000, { warmup: 2, runs: 6 }),
  "cold-start": (isQuick) => measureColdStart({ warmup: 1, runs: isQuick ? 5 : 15 }),
};
