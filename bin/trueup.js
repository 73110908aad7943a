#!/usr/bin/env node
// The command `trueup`. It finds a Node that is new enough and the program (dist/ in the package, src/ in a
// checkout), then runs it. It must itself run on an old Node, so it is plain JavaScript with nothing new in it.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const NODE_MIN = 24;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const isCheckout = existsSync(join(root, "src", "cli", "main.ts"));
const program = isCheckout ? join(root, "src", "cli", "main.ts") : join(root, "dist", "cli", "main.js");
const isNewEnough = Number(process.versions.node.split(".")[0]) >= NODE_MIN;

function setUp() {
  const run = spawnSync(process.execPath, [join(root, "scripts", "setup.mjs")], { stdio: "inherit" });
  if (run.status !== 0) process.exit(run.status === null ? 1 : run.status);
}

/** Runs the program with the Node that the project pins, and ends as it ends. */
function runWithPinnedNode(nodeFile) {
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
if (isCheckout && !existsSync(join(root, "node_modules", ".trueup-setup"))) setUp();
if (isNewEnough) {
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name !== "ExperimentalWarning") process.stderr.write(`${warning.name}: ${warning.message}\n`);
  });
  await import(pathToFileURL(program).href);
} else if (existsSync(pinned)) {
  runWithPinnedNode(pinned);
} else {
  process.stderr.write(
    `trueup needs Node ${NODE_MIN} or newer; this is Node ${process.versions.node}. Install a newer Node, or add the npm package "node" beside trueup.\n`,
  );
  process.exit(1);
}
