// `trueup simulate`: the real engine, unchanged, on a simulated account that lies in every way; thousands of seeds on a few
// workers, or one seed to the letter.
import { setImmediate as turn } from "node:timers/promises";
import { EXIT, type ExitCode } from "../../daemon/exit.ts";
import type { Attempt, FailedSeed, SeedResult, Shrunk, Tally } from "../../sim/index.ts";
import type { Command, Context } from "../context.ts";
import { ended } from "../ended.ts";
import { counted } from "../output.ts";
import { commitHere } from "../simulate/commit.ts";
import { Crew } from "../simulate/crew.ts";
import { Progress } from "../simulate/progress.ts";
import { reportOf } from "../simulate/report.ts";
import { tellReport, tellViolations } from "../simulate/report-text.ts";
import { lastSeed, type Request, requestOf, type Shape, type SimulateOptions } from "../simulate/request.ts";

type Sim = Awaited<ReturnType<Context["parts"]["sim"]>>;
type Campaign = Extract<Request, { kind: "campaign" }>;

/** Failures of the same kind have mostly one reason: so many, each of another kind, are narrowed down. */
const SHRUNK_MAX = 3;

export const simulate: Command<SimulateOptions> = async (context, options) => {
  const sim = await context.parts.sim();
  const { PROFILES: profiles, FAULT_IDS: faults, NO_FAULTS: noFaults } = sim;
  const request = requestOf(options, { profiles, faults, noFaults });
  return request.kind === "one" ? one(context, sim, request) : campaign(context, sim, request);
};

async function one(
  { out }: Context,
  sim: Sim,
  { seed, shape, isTraced }: Extract<Request, { kind: "one" }>,
): Promise<ExitCode> {
  const result = await sim.runSeed({
    seed,
    ...shape,
    settle: () => turn(),
    ...(isTraced && { onTrace: (line: string) => out.line(line) }),
  });
  const isHeld = result.violations.length === 0;
  if (out.isJson) out.json({ isHeld, ...result });
  else tellSeed({ out }, sim, result);
  return isHeld ? EXIT.done : EXIT.discrepancy;
}

function tellSeed({ out }: Pick<Context, "out">, { grouped, rounded }: Sim, result: SeedResult): void {
  const { seed, profile, violations, enabled, fired, answered, cycles } = result;
  const isHeld = violations.length === 0;
  out.line(`${isHeld ? out.tone("good", "held") : out.tone("bad", "FAIL")} seed ${seed}, profile ${profile}`);
  tellViolations(out, violations);
  const struck = enabled.map((id) => `${id} ${fired[id] ?? 0} (answered ${answered[id] ?? 0})`);
  out.line(`  faults       ${struck.length === 0 ? "none" : struck.join(", ")}`);
  out.line(
    `  simulated    ${rounded(result.virtualMs / 3_600_000)} hours, ${grouped(result.events)} events, ${grouped(result.records)} records`,
  );
  out.line(`  convergence  ${cycles === null ? "never" : `after ${cycles} passes`}`);
  out.line(`  trace        ${result.traceHash}`);
}

async function campaign(context: Context, sim: Sim, request: Campaign): Promise<ExitCode> {
  const { io, out, parts } = context;
  const { shape, from, workers } = request;
  const { timers, clock } = parts.runtime;
  const commit = commitHere();
  let isInterrupted = false;
  ended().then(() => {
    isInterrupted = true;
    out.note("ending: what has begun is still counted; once more ends at once");
  }, undefined);
  out.note(aimText(sim, request));
  const tally = new sim.Tally();
  const crew = new Crew(workers, { timers });
  const progress = new Progress(io, out, clock, request);
  try {
    const next = seedsOf(
      request,
      () => isInterrupted,
      () => progress.elapsedMs,
    );
    for await (const { attempt, answer } of crew.run(next)) {
      const known = tally.failed;
      if (answer.kind === "result") tally.add(answer.result);
      else tally.addLost(attempt.seed, answer.text);
      if (tally.failed > known) tellFound(context, progress, tally.failures.at(-1));
      progress.show(tally);
    }
    const { elapsedMs } = progress;
    progress.clear();
    const shrunk = await shrinkSome(context, sim, { crew, shape, tally, isOver: () => isInterrupted });
    const scope = sim.scopeOf(shape.profile, shape.only);
    const { version } = parts;
    const run = { shape, scope, from, workers, version, commit, elapsedMs, isInterrupted, shrunk };
    const report = reportOf(tally, run);
    if (out.isJson) out.json(report);
    else tellReport(out, report);
    if (isInterrupted) return EXIT.interrupted;
    return report.isHeld ? EXIT.done : EXIT.discrepancy;
  } finally {
    progress.clear();
    await crew.close();
  }
}

function aimText({ grouped }: Sim, { from, seeds, forMs, shape, workers }: Campaign): string {
  const time = forMs === undefined ? "" : `, for ${forMs / 1000} s`;
  const least = forMs === undefined ? grouped(seeds) : `at least ${grouped(seeds)}${time}`;
  return `seeds from ${from} on: ${least}, profile ${shape.profile}, ${counted(workers, "worker")}; Ctrl-C ends it with what was done by then`;
}

/** One seed after the other, until there are enough, the time is over, or somebody ends it. */
function seedsOf(
  { shape, from, seeds, forMs = 0 }: Campaign,
  isOver: () => boolean,
  elapsedMs: () => number,
): () => Attempt | undefined {
  let seed = from;
  return () => {
    const isEnough = seed - from >= seeds && elapsedMs() >= forMs;
    if (isOver() || isEnough || seed > lastSeed()) return undefined;
    seed += 1;
    return { ...shape, seed: seed - 1 };
  };
}

/** At once: whoever waits for a long run wants to know that it has failed. */
function tellFound({ out }: Context, progress: Progress, failed: FailedSeed | undefined): void {
  const [first] = failed?.violations ?? [];
  if (!failed || !first) return;
  progress.clear();
  out.note(`seed ${failed.seed} failed: ${first.invariant}: ${first.text.split("\n")[0]}`);
}

interface Shrinking {
  readonly crew: Crew;
  readonly shape: Shape;
  readonly tally: Tally;
  readonly isOver: () => boolean;
}

/** The first seed of each kind of failure, narrowed down. */
async function shrinkSome(
  { out }: Context,
  sim: Sim,
  { crew, shape, tally, isOver }: Shrinking,
): Promise<Map<number, Shrunk>> {
  const kinds = new Set<string>();
  const shrunk = new Map<number, Shrunk>();
  for (const { seed, result, violations } of tally.failures) {
    const kind = violations[0]?.invariant ?? "";
    // What ended its worker would end every one that tries.
    if (!result || kinds.has(kind) || shrunk.size >= SHRUNK_MAX || isOver()) continue;
    kinds.add(kind);
    out.note(`narrowing down seed ${seed} …`);
    const run = async (attempt: Attempt) => {
      const answer = isOver() ? undefined : await crew.one(attempt);
      return answer?.kind === "result" ? answer.result : null;
    };
    shrunk.set(seed, await sim.shrink({ ...shape, seed }, result, run));
  }
  return shrunk;
}
