// Brings a fresh clone to a state in which everything runs: installs what package-lock.json names,
// the pinned Node among it, and does nothing when that has already been done. Runs on an older Node.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(fileURLToPath(import.meta.url), "..", "..");
const stampFile = join(root, "node_modules", ".trueup-setup");
const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");

/** Whether node_modules is what package-lock.json names. */
function isReady() {
  if (!existsSync(join(root, "node_modules", "node", "bin", "node"))) return false;
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === lock;
}

if (!isReady()) {
  process.stderr.write(
    "trueup: first run in this folder, installing what package-lock.json names (npm ci) …\n",
  );
  const run = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (run.status !== 0) {
    process.stderr.write(
      "trueup: npm ci did not succeed (see above). Check that npm reaches its registry, then run the same command again.\n",
    );
    process.exit(run.status ?? 1);
  }
  writeFileSync(stampFile, lock);
}
