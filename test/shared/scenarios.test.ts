// The scenarios beside the project (../shared/scenarios), taken from the behaviour of other systems: all pass.
// Run only where that folder is; the project's own tests never need it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadScenario, runScenario } from "../../src/sim/index.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "shared", "scenarios");

for (const name of readdirSync(FOLDER).sort()) {
  test(`${name} ends as it must`, async () => {
    const loaded = loadScenario(readFileSync(join(FOLDER, name), "utf8"));
    if (loaded.kind === "invalid") assert.fail(loaded.problem);
    const { failures } = await runScenario(loaded.scenario);
    assert.deepEqual(failures, []);
  });
}
