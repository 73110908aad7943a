// What commands load decides how fast they start. Times are not measured here, they depend on the machine: what is held is
// that the quick commands load nothing that they do not need.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { CONFIG, type Folder, openFolder, paperAccount, writeConfig } from "./support.ts";

const ROOT = pathToFileURL(join(import.meta.dirname, "..", "..")).href;
const HOOK = pathToFileURL(join(import.meta.dirname, "print-loaded.mjs")).href;

/** All that --version and --help load: no package but the one that parses options, and no core, engine or schema. */
const BARE = [
  "commander",
  "src/cli/main.ts",
  "src/cli/output.ts",
  "src/cli/program.ts",
  "src/daemon/exit.ts",
  "src/daemon/real-parts.ts",
  "src/runtime/files.ts",
  "src/runtime/real.ts",
  "src/venues/index.ts",
  "src/venues/venue.ts",
];

/** What asking a running daemon takes on top. */
const ASKING = [
  "src/cli/capped.ts",
  "src/cli/commands/status.ts",
  "src/cli/context.ts",
  "src/core/age.ts",
  "src/core/discrepancy.ts",
  "src/daemon/daemon-client.ts",
  "src/daemon/lock.ts",
  "src/daemon/registry.ts",
  "src/daemon/state-dir.ts",
];

test("--version and --help load the parser of options and nothing that works", async (t) => {
  const folder = openFolder(t);
  for (const args of [["--version"], ["--help"], ["status", "--help"], ["nonsense", "--help"]]) {
    assert.deepEqual(await loaded(folder, args), BARE, args.join(" "));
  }
});

test("status, health and gate of a running daemon read no configuration, and fold nothing", async (t) => {
  const folder = openFolder(t);
  writeConfig(folder, { accounts: [paperAccount("demo")] });
  await folder.start();
  const known = [...BARE, ...ASKING].sort();
  assert.deepEqual(await loaded(folder, ["status"]), known);
  assert.deepEqual(await loaded(folder, ["health", "--config", CONFIG]), known);
  const more = ["commands/gate.ts", "patience.ts"].map((file) => `src/cli/${file}`);
  more.push("src/core/words.ts", "src/daemon/latch.ts");
  assert.deepEqual(await loaded(folder, ["gate"]), [...known, ...more].sort());
});

test("status without a daemon loads no venue, no mirror, no server and no log", async (t) => {
  const folder = openFolder(t);
  writeConfig(folder, { accounts: [paperAccount("demo")] });
  assert.equal((await folder.run(["reconcile", "--force", "--config", CONFIG])).code, 0);
  const files = await loaded(folder, ["status", "--config", CONFIG]);
  assert.deepEqual(
    files.filter((name) => !name.startsWith("src/")),
    ["@noble/hashes", "commander", "smol-toml", "zod"],
  );
  const needless = /^src\/(?:api|mirrors|sim|alerts|library|venues\/\w+\/|daemon\/(?:daemon|log)\.ts)/;
  assert.deepEqual(
    files.filter((name) => needless.test(name)),
    [],
  );
});

/** Files of ours and packages that a command loads, sorted, each once. */
async function loaded(folder: Folder, args: readonly string[]): Promise<string[]> {
  const list = folder.write("loaded.txt", "");
  await folder.run(args, { NODE_OPTIONS: `--import=${HOOK}`, TRUEUP_TEST_LOADED: list });
  const names = folder
    .read("loaded.txt")
    .split("\n")
    .filter((url) => url.startsWith(ROOT))
    .map((url) => url.slice(ROOT.length + 1));
  const places = names.map((name) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? name);
  return [...new Set(places)].sort();
}
