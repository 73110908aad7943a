// Run by hunt.ts in a process of its own that has a bug planted: seeds one after another until one shows a violation.
// Each line on stdout is one JSON: a seed that was run, with what it showed.
import { setImmediate as settle } from "node:timers/promises";
import { parseArgs } from "node:util";
import { runSeed } from "../../../src/sim/index.ts";

const { values } = parseArgs({
  options: { seeds: { type: "string" }, steps: { type: "string" }, expect: { type: "string", default: "" } },
});
const steps = Number(values.steps);
const planted = (globalThis as Record<symbol, unknown>)[Symbol.for("trueup.planted")] ?? "";
if (planted !== values.expect) {
  throw new Error(
    `the bug "${values.expect}" is not in the code that this process runs ("${planted}" is): its file was not loaded`,
  );
}

for (const seed of seedsOf(values.seeds ?? "")) {
  const violations = await violationsOf(seed);
  process.stdout.write(`${JSON.stringify({ seed, violations })}\n`);
  if (violations.length > 0) break;
}

/** A run that does not come to its end shows that something is wrong as well. */
async function violationsOf(seed: number): Promise<readonly string[]> {
  try {
    const { violations } = await runSeed({ seed, steps, settle });
    return violations.map(textOf);
  } catch (error) {
    return [`the run threw: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function textOf(violation: string | { readonly invariant: string; readonly text: string }): string {
  return typeof violation === "string" ? violation : `${violation.invariant}: ${violation.text}`;
}

/** "3,17,1-200": single seeds and runs of them. */
function* seedsOf(text: string): Generator<number> {
  for (const part of text.split(",")) {
    const [from, to] = part.split("-").map(Number);
    if (from === undefined || !Number.isSafeInteger(from)) throw new Error(`"${part}" is no seed`);
    for (let seed = from; seed <= (to ?? from); seed += 1) yield seed;
  }
}
