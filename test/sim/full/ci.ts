// What CI simulates, `npm run sim:ci`: a window of seeds that was most likely never run before, for so long and so many at least.
//   --for 240 --seeds 2000 --workers 2   --from SEED: this window instead of a fresh one
// Ends as `trueup simulate` does: 0 all held, 3 something did not.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../tidy/source.ts";

/** More than one minute's seeds: windows that begin in different minutes lie apart. */
const SEEDS_A_MINUTE = 4_000;
/** Seeds end at 2^32; what is left behind this is longer than any window. */
const WINDOWS = 1_000_000;

const { values } = parseArgs({
  options: {
    for: { type: "string", default: "240" },
    seeds: { type: "string", default: "2000" },
    workers: { type: "string", default: "2" },
    from: { type: "string", default: String(freshWindow(Date.now())) },
  },
});
const flags = Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);
const program = [join(ROOT, "src", "cli", "main.ts"), "simulate", ...flags];
process.stderr.write(`sim:ci: trueup simulate ${flags.join(" ")}\n`);
const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...program], {
  cwd: ROOT,
  stdio: "inherit",
});
child.once("close", (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 130;
});

function freshWindow(nowMs: number): number {
  return (Math.floor(nowMs / 60_000) % WINDOWS) * SEEDS_A_MINUTE;
}
