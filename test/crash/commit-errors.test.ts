// What a journal that refuses a write does to the account on it; larger runs: commit-errors.ts --each N --seed S.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, test } from "node:test";
import { commitErrors } from "./commit-errors.ts";
import { Bench } from "./images.ts";
import type { Limited } from "./limited-file.ts";
import { openFile } from "./replay.ts";

const EACH = 8;
const PROGRAM = join(import.meta.dirname, "limited-file.ts");

const bench = new Bench();
after(() => bench.close());

test("a write that is refused stops the account at once, and nothing that was acknowledged is lost", async () => {
  const { n, failures, detail } = await commitErrors({ seed: 1, each: EACH });
  assert.deepEqual([failures, detail.problems], [0, []]);
  assert.equal(n, EACH * 5);
  assert.ok(Number(detail.orders) > 0 && Number(detail.foundLater) > 0, JSON.stringify(detail));
});

test("an error of the system itself in the middle of a write ends the journal, which is whole at the next start", async () => {
  // In blocks of 512 or 1,024 bytes, as the shell counts.
  for (const blocks of [600, 1_500]) {
    const file = bench.newFile();
    const limited = `ulimit -f ${blocks}; exec "$0" --disable-warning=ExperimentalWarning "$1" "$2"`;
    const printed = execFileSync("sh", ["-c", limited, process.execPath, PROGRAM, file], {
      encoding: "utf8",
    });
    const { acknowledged, ...how } = JSON.parse(printed) as Limited;
    assert.deepEqual(how, {
      code: "journal_write",
      isFinal: true,
      cause: "disk I/O error",
      again: "the same error",
    });
    const journal = openFile(file);
    const { head, problems } = await journal.verify("a");
    assert.deepEqual([head.seq, problems], [acknowledged, []]);
    assert.ok(acknowledged > 0);
    await journal.close();
  }
});
