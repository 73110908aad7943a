// Several workers on one list of seeds: handed out in order, one at a time, and handed back in order, whoever was faster. So what
// is made of the answers does not depend on how many workers there are.
import type { Attempt } from "../../sim/index.ts";
import { type Answer, SeedWorker, type SeedWorkerOptions } from "./seed-worker.ts";

export interface Answered {
  readonly attempt: Attempt;
  readonly answer: Answer;
}

/** How far a fast worker may be ahead of a slow seed, in seeds. */
const AHEAD_MAX = 1_000;

export class Crew {
  private readonly workers: readonly SeedWorker[];

  constructor(count: number, options: SeedWorkerOptions) {
    this.workers = Array.from({ length: count }, () => new SeedWorker(options));
  }

  /** Runs what `next` gives until it gives nothing more; what has been handed out by then still comes. */
  async *run(next: () => Attempt | undefined): AsyncGenerator<Answered, void, undefined> {
    const idle = [...this.workers];
    const pending: Promise<Answered>[] = [];
    const handOut = () => {
      while (idle.length > 0 && pending.length < AHEAD_MAX) {
        const attempt = next();
        const worker = attempt && idle.pop();
        if (!attempt || !worker) return;
        pending.push(
          worker.run(attempt).then((answer) => {
            idle.push(worker);
            handOut();
            return { attempt, answer };
          }),
        );
      }
    };
    handOut();
    for (let first = pending.shift(); first; first = pending.shift()) {
      yield await first;
      handOut();
    }
  }

  /** A single run, beside a list or after it. */
  async one(attempt: Attempt): Promise<Answer> {
    const [worker] = this.workers;
    if (!worker) throw new Error("a crew has at least one worker");
    return worker.run(attempt);
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close()));
  }
}
