// One worker thread that runs seeds. It may die (memory, a crash of ours) or never come back: then the seed that it was on is
// lost, which is a failure like any other, and the next seed gets a new thread.
import { Worker } from "node:worker_threads";
import type { Timers } from "../../runtime/index.ts";
import type { Attempt, SeedResult } from "../../sim/index.ts";

/** What came of a seed. */
export type Answer =
  | { readonly kind: "result"; readonly result: SeedResult }
  /** There is no result; why. */
  | { readonly kind: "lost"; readonly text: string };

/** Most runs take less than a second, a long one of the profile calm a minute; what takes so long hangs. In ms. */
export const SEED_MS_MAX = 600_000;

export interface SeedWorkerOptions {
  readonly timers: Timers;
  /** The worker's program; that of this folder unless given. */
  readonly program?: URL;
  readonly msMax?: number;
}

/** In a checkout it is TypeScript, in the package JavaScript: what this file itself is. */
export function workerProgram(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
}

export class SeedWorker {
  private readonly timers: Timers;
  private readonly program: URL;
  private readonly msMax: number;
  private thread: Worker | undefined;

  constructor({ timers, program = workerProgram(), msMax = SEED_MS_MAX }: SeedWorkerOptions) {
    this.timers = timers;
    this.program = program;
    this.msMax = msMax;
  }

  /** Never rejects. One at a time. */
  async run(attempt: Attempt): Promise<Answer> {
    const thread = this.thread ?? new Worker(this.program);
    this.thread = thread;
    const answer = await this.answerOf(thread, attempt);
    // By name: Node has listeners of its own there.
    for (const event of ["message", "error", "exit"]) thread.removeAllListeners(event);
    if (answer.kind === "lost") await this.close();
    return answer;
  }

  async close(): Promise<void> {
    const { thread } = this;
    this.thread = undefined;
    // What a thread that is being ended still says is no news.
    thread?.on("error", () => undefined);
    await thread?.terminate();
  }

  private answerOf(thread: Worker, attempt: Attempt): Promise<Answer> {
    return new Promise((resolve) => {
      const lose = (text: string) => end({ kind: "lost", text });
      const cancel = this.timers.after(this.msMax, () =>
        lose(`the run did not end within ${this.msMax / 1000} s`),
      );
      const end = (answer: Answer) => {
        cancel();
        resolve(answer);
      };
      thread.once("message", end);
      thread.once("error", (error) => lose(`its worker died: ${textOf(error)}`));
      thread.once("exit", (code) => lose(`its worker ended with ${code}`));
      thread.postMessage(attempt);
    });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
