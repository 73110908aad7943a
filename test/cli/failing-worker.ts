// A worker of the simulation in which seeds have a fate: 3 ends its thread, 5 throws where nobody catches, 6 never comes back.
// The others answer, the even ones later than those behind them.
import { setImmediate as turn } from "node:timers/promises";
import { parentPort, threadId } from "node:worker_threads";
import type { Attempt } from "../../src/sim/index.ts";
import { result } from "../sim/campaign/support.ts";

async function answer(seed: number): Promise<void> {
  if (seed === 3) process.exit(9);
  if (seed === 6) return;
  if (seed % 2 === 0) for (let n = 0; n < 50; n += 1) await turn();
  parentPort?.postMessage({ kind: "result", result: result(seed, { habits: [`thread ${threadId}`] }) });
}

parentPort?.on("message", ({ seed }: Attempt) => {
  if (seed === 5) throw new Error("nobody catches this");
  answer(seed).catch(() => undefined);
});
