// Workers of the simulation: order, deaths, and a run that never ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { Crew } from "../../src/cli/simulate/crew.ts";
import type { Timers } from "../../src/runtime/index.ts";
import type { Attempt } from "../../src/sim/index.ts";

const PROGRAM = pathToFileURL(`${import.meta.dirname}/failing-worker.ts`);

/** Timers that fire when the test says so. */
class HeldTimers implements Timers {
  readonly works = new Set<() => void>();

  after(_delayMs: number, work: () => void): () => void {
    this.works.add(work);
    return () => this.works.delete(work);
  }

  soon(work: () => void): void {
    setImmediate(work);
  }
}

function attempts(seeds: readonly number[]): () => Attempt | undefined {
  const left = [...seeds];
  return () => {
    const seed = left.shift();
    return seed === undefined ? undefined : { seed, profile: "swarm" };
  };
}

async function outcomes(workers: number, seeds: readonly number[]): Promise<string[]> {
  const crew = new Crew(workers, { timers: new HeldTimers(), program: PROGRAM });
  const told: string[] = [];
  try {
    for await (const { attempt, answer } of crew.run(attempts(seeds))) {
      const text = answer.kind === "result" ? answer.result.traceHash : (answer.text.split("\n")[0] ?? "");
      told.push(`${attempt.seed} ${text}`);
    }
  } finally {
    await crew.close();
  }
  return told;
}

test("answers come in the order of the seeds, whoever was faster, and a worker that dies loses its seed alone", async () => {
  const expected = [
    "1 trace-1",
    "2 trace-2",
    "3 its worker ended with 9",
    "4 trace-4",
    "5 its worker died: Error: nobody catches this",
    "7 trace-7",
    "8 trace-8",
  ];
  for (const workers of [1, 2, 3]) {
    assert.deepEqual(await outcomes(workers, [1, 2, 3, 4, 5, 7, 8]), expected, `${workers} workers`);
  }
});

test("a run that never ends is ended, and the next seed gets a new thread", async (t) => {
  const timers = new HeldTimers();
  const crew = new Crew(1, { timers, program: PROGRAM, msMax: 120_000 });
  t.after(() => crew.close());
  const first = await crew.one({ seed: 1, profile: "swarm" });
  assert.equal(timers.works.size, 0);
  const hanging = crew.one({ seed: 6, profile: "swarm" });
  for (const work of timers.works) work();
  assert.deepEqual(await hanging, { kind: "lost", text: "the run did not end within 120 s" });
  const next = await crew.one({ seed: 7, profile: "swarm" });
  assert.ok(first.kind === "result" && next.kind === "result");
  assert.notDeepEqual(next.result.habits, first.result.habits);
});

test("whoever stops asking leaves no thread behind", async () => {
  const crew = new Crew(2, { timers: new HeldTimers(), program: PROGRAM });
  for await (const { attempt } of crew.run(attempts([1, 2, 4, 7, 8]))) if (attempt.seed === 2) break;
  await crew.close();
  assert.deepEqual((await crew.one({ seed: 1, profile: "swarm" })).kind, "result");
  await crew.close();
});
