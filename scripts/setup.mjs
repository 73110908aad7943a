// Brings a fresh clone to a state in which everything runs: installs what package-lock.json names,
// the pinned Node among it, and does nothing when that has already been done. Runs on an older Node.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
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

/** npm ci empties node_modules first; through a link it would empty somebody else's. */
function isLink() {
  return lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** How often it is said that npm is still at work: on a terminal in place, elsewhere a line now and then. In ms. */
const TICK_MS = process.stderr.isTTY ? 1000 : 10000;

/** npm ci says nothing until it is done; a first run that stands still for a minute looks dead. */
function tellProgress() {
  const startedMs = Date.now();
  const tick = () => {
    const text = `trueup: npm ci is at work, ${Math.round((Date.now() - startedMs) / 1000)} s`;
    process.stderr.write(process.stderr.isTTY ? `\r${text} ` : `${text}\n`);
  };
  const timer = setInterval(tick, TICK_MS);
  return () => {
    clearInterval(timer);
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  };
}

function end(status) {
  if (status === 0) {
    writeFileSync(stampFile, lock);
    process.stderr.write("trueup: installed\n");
    return;
  }
  process.stderr.write(
    "trueup: npm ci did not succeed (see above). Check that npm reaches its registry, then run the same command again.\n",
  );
  process.exitCode = status === null ? 1 : status;
}

if (!isReady() && isLink()) {
  process.stderr.write(
    "trueup: node_modules is a link to another folder's, and is not what package-lock.json names. Nothing was installed: run npm ci where it belongs, or remove the link and run the same command again.\n",
  );
  process.exitCode = 1;
} else if (!isReady()) {
  process.stderr.write(
    "trueup: first run in this folder, installing what package-lock.json names (npm ci) …\n",
  );
  const stopTelling = tellProgress();
  const run = spawn("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  run.on("error", (error) => {
    stopTelling();
    process.stderr.write(`trueup: npm cannot be started: ${error.message}\n`);
    end(1);
  });
  run.on("exit", (status) => {
    stopTelling();
    end(status);
  });
}
