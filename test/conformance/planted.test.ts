// The suite is no better than what it sees: each wrong change of the template that is listed is put into it while it is loaded,
// and the sentence that must fail then does. That every
// sentence is true without a bug is shown in test/venues/template.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ADAPTER_BUGS } from "./planted/bugs.ts";
import { runWith } from "./planted/run.ts";

describe("the suite sees that an adapter has", { concurrency: 2 }, () => {
  for (const bug of ADAPTER_BUGS) {
    test(bug.id, async () => {
      const { failed, output } = await runWith(bug, bug.seenBy);
      assert.ok(
        failed.some((name) => name.includes(bug.seenBy)),
        `nothing failed that has "${bug.seenBy}" in its name; node test/conformance/planted/hunt.ts "${bug.id}" tells what sees it\n${output.slice(-1_000)}`,
      );
    });
  }
});
