// How long a person waits for the command line to say anything, beyond what node itself takes.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Findings } from "../comparison.ts";
import { type Rounds, sideBySide } from "../measure.ts";

const TRUEUP = join(import.meta.dirname, "..", "..", "bin", "trueup.js");

export async function measureColdStart(rounds: Rounds): Promise<Findings> {
  const figures = await sideBySide(
    {
      node: { run: () => start(["-e", "0"]) },
      version: { run: () => start([TRUEUP, "--version"]) },
      help: { run: () => start([TRUEUP, "--help"]) },
    },
    rounds,
  );
  const reference = "node -e 0";
  const goal = { longerByMsMax: 150 };
  return {
    comparisons: [
      { work: "trueup --version", ours: figures.version, reference, theirs: figures.node, goal },
      { work: "trueup --help", ours: figures.help, reference, theirs: figures.node, goal },
    ],
    facts: [],
  };
}

function start(args: readonly string[]): void {
  const run = spawnSync(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  if (run.status !== 0) throw new Error(`node ${args.join(" ")} ended with ${run.status}: ${run.stderr}`);
}
