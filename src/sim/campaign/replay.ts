// The one line that runs a seed of the simulation again, to the letter.
import type { Profile } from "../swarm/result.ts";

/** Which run: the seed, and how it was narrowed down. */
export interface Attempt {
  readonly seed: number;
  readonly profile: Profile;
  /** Only these faults; those that the seed draws unless given. */
  readonly only?: readonly string[];
  readonly steps?: number;
}

/** How "no fault at all" is written in a list of faults. */
export const NO_FAULTS = "none";

export function replayLine({ seed, profile, only, steps }: Attempt): string {
  const words = ["trueup simulate", `--seed ${seed}`, "--trace"];
  if (profile !== "swarm") words.push(`--profile ${profile}`);
  if (only !== undefined) words.push(`--faults ${only.length === 0 ? NO_FAULTS : only.join(",")}`);
  if (steps !== undefined) words.push(`--steps ${steps}`);
  return words.join(" ");
}
