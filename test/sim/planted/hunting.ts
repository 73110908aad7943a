// Hunting one planted bug: a process of its own with the bug in its code runs seeds until one shows it. It is ended
// when a seed takes far longer than any seed may: a run that hangs has not shown what is wrong.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PLANT_OPTION } from "./plant.ts";
import type { PlantedBug } from "./planting.ts";

/** Real time for one seed. In ms. */
const SEED_MS_MAX = 60_000;

export interface Hunted {
  /** The seed that showed it; null when none of them did. */
  readonly seed: number | null;
  readonly violations: readonly string[];
  readonly seedsRun: number;
  /** Why the process ended otherwise; null when it did not. */
  readonly trouble: string | null;
}

/**
 * @param bug Null: the engine as it is.
 * @param seeds "3,17,1-200": in this order, until one shows a violation.
 */
export async function hunt(bug: PlantedBug | null, profile: string, seeds: string): Promise<Hunted> {
  const args = ["--profile", profile, "--seeds", seeds, "--expect", bug?.id ?? ""];
  const before = process.env.NODE_OPTIONS;
  const options = bug === null ? before : [before, PLANT_OPTION].filter(Boolean).join(" ");
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "chase.ts"), ...args],
    {
      env: { ...process.env, NODE_OPTIONS: options ?? "", TRUEUP_PLANTED_BUG: bug?.id ?? "" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    told = (told + text).slice(-4_000);
  });
  let isHung = false;
  const watch = () =>
    setTimeout(() => {
      isHung = true;
      child.kill("SIGKILL");
    }, SEED_MS_MAX);
  let timer = watch();
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  let seedsRun = 0;
  let found: { readonly seed: number; readonly violations: readonly string[] } | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer);
    timer = watch();
    const ran = JSON.parse(line) as { readonly seed: number; readonly violations: readonly string[] };
    seedsRun += 1;
    if (ran.violations.length > 0) found = ran;
  }
  const code = await ended;
  clearTimeout(timer);
  const hung = `seed ${seedsRun + 1} of these did not end within ${SEED_MS_MAX / 1_000} s`;
  const trouble = isHung ? hung : code === 0 ? null : `it ended with code ${code}: ${told.trim()}`;
  return { seed: found?.seed ?? null, violations: found?.violations ?? [], seedsRun, trouble };
}
