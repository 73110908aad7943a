// Installs what bench/package-lock.json names, the first time that the benchmark runs and whenever the lock changed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const STAMP = join(import.meta.dirname, "node_modules", ".trueup-bench-setup");

export function setUp(): void {
  const lock = readFileSync(join(import.meta.dirname, "package-lock.json"), "utf8");
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === lock) return;
  process.stderr.write("bench: first run, installing what bench/package-lock.json names (npm ci) …\n");
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const isWindows = process.platform === "win32";
  const run = spawnSync("npm", args, { cwd: import.meta.dirname, stdio: ["ignore", 2, 2], shell: isWindows });
  if (run.status !== 0) {
    throw new Error("npm ci in bench/ did not succeed (see above). Check that npm reaches its registry.");
  }
  writeFileSync(STAMP, lock);
}
