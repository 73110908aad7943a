// Run by hunting.ts in a process of its own that has a bug planted: seeds one after another until one shows a violation.
// Each line on stdout is one JSON: a seed that was run, with what it showed.
import { setImmediate as turn } from "node:timers/promises";
import { parseArgs } from "node:util";
import { PROFILES, type Profile, runSeed } from "../../../src/sim/index.ts";

const { values } = parseArgs({
  options: {
    profile: { type: "string", default: "swarm" },
    seeds: { type: "string", default: "" },
    expect: { type: "string", default: "" },
  },
});
const profile = PROFILES.find((one) => one === values.profile);
if (profile === undefined) {
  throw new Error(`there is no profile "${values.profile}"; there are: ${PROFILES.join(", ")}`);
}
const planted = (globalThis as Record<symbol, unknown>)[Symbol.for("trueup.planted")] ?? "";
if (planted !== values.expect) {
  throw new Error(
    `the bug "${values.expect}" is not in the code that this process runs ("${planted}" is): its file was not loaded`,
  );
}
const settle = () => turn();

for (const seed of seedsOf(values.seeds)) {
  const violations = await violationsOf(seed, profile);
  process.stdout.write(`${JSON.stringify({ seed, violations })}\n`);
  if (violations.length > 0) break;
}

/** A run that does not come to its end shows that something is wrong as well. */
async function violationsOf(seed: number, of: Profile): Promise<readonly string[]> {
  try {
    const { violations } = await runSeed({ seed, profile: of, settle });
    return violations.map(({ invariant, text }) => `${invariant}: ${text}`);
  } catch (error) {
    return [`threw: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** "3,17,1-200": single seeds and runs of them. */
function* seedsOf(text: string): Generator<number> {
  for (const part of text.split(",")) {
    const [from, to] = part.split("-").map(Number);
    if (from === undefined || part === "" || !Number.isSafeInteger(from))
      throw new Error(`"${part}" is no seed`);
    for (let seed = from; seed <= (to ?? from); seed += 1) yield seed;
  }
}
