// The suite is no better than what it sees: each wrong change of an adapter that is listed is put into it while it is loaded,
// and the sentence that must fail then does. A few a run, other ones with every rotation; `npm run conformance:planted`
// takes all of them. That every sentence is true without a bug is shown by the adapters' own tests.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ROOT } from "../tidy/source.ts";
import { ADAPTER_BUGS } from "./planted/bugs.ts";
import { runWith } from "./planted/run.ts";

/** Bugs that one run of the tests plants. */
const A_RUN = 6;
/** Which ones: a number that grows, such as that of a day or of a run in CI; "all" for all of them. */
const rotation = process.env.TRUEUP_ROTATION ?? "0";
const first = (Number(rotation) * A_RUN) % ADAPTER_BUGS.length;
const inTurn =
  rotation === "all" ? ADAPTER_BUGS : [...ADAPTER_BUGS, ...ADAPTER_BUGS].slice(first, first + A_RUN);

test("every wrong change fits the adapter in exactly one place", () => {
  for (const bug of ADAPTER_BUGS) {
    const folder = bug.adapter === undefined ? "conformance/template" : `venues/${bug.adapter}`;
    const text = readFileSync(join(ROOT, "src", folder, bug.file), "utf8");
    assert.equal(text.split(bug.before).length - 1, 1, `${bug.id}: bring planted/bugs.ts in line`);
  }
});

describe("the suite sees that an adapter has", { concurrency: 2 }, () => {
  for (const bug of inTurn) {
    test(bug.id, async () => {
      const { failed, output } = await runWith(bug, bug.seenBy);
      assert.ok(
        failed.some((name) => name.includes(bug.seenBy)),
        `nothing failed that has "${bug.seenBy}" in its name; node test/conformance/planted/hunt.ts "${bug.id}" tells what sees it\n${output.slice(-1_000)}`,
      );
    });
  }
});
