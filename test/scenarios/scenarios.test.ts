// The project's own scenarios, run as `trueup scenario run` runs them: the five incidents that trueup began with,
// bugs that others really hit, and the rules. The incident report of the Binance/Bybit synchroniser says "30 rows,
// 18 at the venue, 16 verified, 9 phantoms closed, 2 added": that does not add up (30 - 16 is 14), so the
// scenario closes all 14.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, test } from "node:test";
import { loadScenario, runScenario, type Scenario } from "../../src/sim/index.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "scenarios");

function load(file: string): Scenario {
  const loaded = loadScenario(readFileSync(file, "utf8"));
  if (loaded.kind === "invalid") throw new Error(`${file}: ${loaded.problem}`);
  return loaded.scenario;
}

for (const folder of readdirSync(FOLDER).sort()) {
  describe(`scenarios/${folder}`, () => {
    const files = readdirSync(join(FOLDER, folder)).sort();
    test("there are some", () => assert.ok(files.length > 0));
    for (const name of files) {
      const file = join(FOLDER, folder, name);
      const scenario = load(file);
      test(scenario.title ?? scenario.id, async () => {
        assert.equal(scenario.id, basename(name, ".json"), "a scenario is called as its file");
        const { failures } = await runScenario(scenario);
        assert.deepEqual(failures, [], `npx trueup scenario run ${join("scenarios", folder, name)}`);
      });
      test(`${scenario.id} ends the same when it is run again`, async () => {
        const [first, second] = [await runScenario(scenario), await runScenario(scenario)];
        assert.deepEqual(second.journal, first.journal);
      });
    }
  });
}

describe("what is not a scenario", () => {
  const problems: readonly [string, RegExp][] = [
    ["{", /^not JSON/],
    ["[]", /expected object/],
    ['{"id":"x"}', /expect: /],
    ['{"id":"x","expect":{},"colour":"red"}', /Unrecognized key: "colour"/],
    [
      '{"id":"x","expect":{},"steps":[{"submit":{}}]}',
      /steps\[0\] is {"submit":{}}; a step has exactly one of pass/,
    ],
    [
      '{"id":"x","expect":{},"steps":[{"pass":{"forced":true}}]}',
      /steps\[0\]\.pass: Unrecognized key: "forced"/,
    ],
    ['{"id":"x","expect":{},"steps":[{"command":{}}]}', /steps\[0\]\.command\.\w+: /],
    [
      '{"id":"x","expect":{},"steps":[{"exits":{"set":{"instrument":"X","plan":{"stop":{"at":"9"}}}}}]}',
      /steps\[0\]\.exits\.set\.plan\.stop/,
    ],
    [
      '{"id":"x","expect":{},"local":{"positions":[{"instrument":"X","qty":"five"}]}}',
      /"five" is not a decimal number/,
    ],
    [
      '{"id":"x","expect":{},"venue":{"orders":[{"instrument":"X","status":"done"}]}}',
      /venue\.orders.*status/,
    ],
    ['{"id":"x","expect":{},"policy":{"grace":5}}', /policy: Unrecognized key: "grace"/],
  ];
  for (const [text, expected] of problems) {
    test(`${text.slice(0, 60)} is named with what is wrong`, () => {
      const loaded = loadScenario(text);
      assert.equal(loaded.kind, "invalid");
      assert.match(loaded.kind === "invalid" ? loaded.problem : "", expected);
    });
  }
});
