// The state folder is made with its parents, for this user alone; where that cannot be, it is said at once.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CliError } from "./exit.ts";
import { prepareStateDir } from "./state-dir.ts";

test("a state folder is made with its parents, for its owner alone, and one that is there is left as it is", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "trueup-state-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const state = join(folder, "a", "b");
  prepareStateDir(state);
  prepareStateDir(state);
  assert.equal(statSync(state).mode & 0o777, 0o700);
});

test("a state folder that cannot be made is refused at once, with what to set", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "trueup-state-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "file"), "");
  // Below /proc Node's own recursive mkdir never comes back.
  for (const place of [join(folder, "file"), join(folder, "file", "state"), "/proc/nowhere/state"]) {
    assert.throws(
      () => prepareStateDir(place),
      (error) =>
        error instanceof CliError &&
        error.code === "state_dir" &&
        /Set state_dir to a folder/.test(error.message),
      place,
    );
  }
});
