#!/usr/bin/env node
// The command `trueup`. It finds a Node that is new enough and the program (dist/ in the package, src/ in a
// checkout), then runs it. It must itself run on an old Node, so it is plain JavaScript with nothing new in it.
import { existsSync, mkdirSync, statSync } from "node:fs";
import * as module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const NODE_MIN = 24;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const isCheckout = existsSync(join(root, "src", "cli", "main.ts"));
const program = isCheckout ? join(root, "src", "cli", "main.ts") : join(root, "dist", "cli", "main.js");
const isNewEnough = Number(process.versions.node.split(".")[0]) >= NODE_MIN;

async function setUp() {
  const { spawnSync } = await import("node:child_process");
  const run = spawnSync(process.execPath, [join(root, "scripts", "setup.mjs")], { stdio: "inherit" });
  if (run.status !== 0) process.exit(run.status === null ? 1 : run.status);
}

/**
 * Lets Node keep what it compiled, so that the next start is faster. Whoever can write there can make this user run
 * their code: so it is a folder of this user alone, never the shared one for temporary files, and where there is none
 * every start compiles anew.
 */
function keepCompiledCode() {
  const { HOME, XDG_CACHE_HOME, NODE_COMPILE_CACHE } = process.env;
  const home = XDG_CACHE_HOME || (HOME && join(HOME, ".cache"));
  if (NODE_COMPILE_CACHE || !home || !home.startsWith("/") || !module.enableCompileCache) return;
  try {
    const folder = join(home, "trueup", "compiled");
    // Not "recursive": in some places, such as /proc, Node 24 then never comes back.
    for (const made of [home, join(home, "trueup"), folder]) {
      if (!existsSync(made)) mkdirSync(made, 0o700);
    }
    const { uid, mode } = statSync(folder);
    if (uid === process.getuid() && (mode & 0o022) === 0) module.enableCompileCache(folder);
  } catch {
    // A home that cannot be written to: nothing is kept.
  }
}

/** Runs the program with the Node that the project pins, and ends as it ends. */
async function runWithPinnedNode(nodeFile) {
  const { spawn } = await import("node:child_process");
  const child = spawn(
    nodeFile,
    ["--disable-warning=ExperimentalWarning", program].concat(process.argv.slice(2)),
    {
      stdio: "inherit",
    },
  );
  // The terminal sends Ctrl-C to both; a signal sent to this process alone must reach the child.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(signal ? 130 : code));
}

const pinned = join(root, "node_modules", "node", "bin", "node");
if (isCheckout && !existsSync(join(root, "node_modules", ".trueup-setup"))) await setUp();
if (isNewEnough) {
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name !== "ExperimentalWarning") process.stderr.write(`${warning.name}: ${warning.message}\n`);
  });
  keepCompiledCode();
  await import(pathToFileURL(program).href);
} else if (existsSync(pinned)) {
  await runWithPinnedNode(pinned);
} else {
  process.stderr.write(
    `trueup needs Node ${NODE_MIN} or newer; this is Node ${process.versions.node}. Install a newer Node, or add the npm package "node" beside trueup.\n`,
  );
  process.exit(1);
}
