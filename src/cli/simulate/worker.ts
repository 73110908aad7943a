// A worker of the simulation: runs the seeds that it is given, one after the other, and says what came of each.
import { setImmediate as turn } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { type Attempt, runSeed } from "../../sim/index.ts";
import type { Answer } from "./seed-worker.ts";

if (!parentPort) throw new Error("this file is a worker; trueup simulate starts it");
const port = parentPort;

async function answerTo(attempt: Attempt): Promise<Answer> {
  try {
    return { kind: "result", result: await runSeed({ ...attempt, settle: () => turn() }) };
  } catch (error) {
    return { kind: "lost", text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

port.on("message", (attempt: Attempt) => {
  answerTo(attempt).then(
    (answer) => port.postMessage(answer),
    (error: unknown) => port.postMessage({ kind: "lost", text: String(error) } satisfies Answer),
  );
});
