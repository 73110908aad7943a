// `trueup scenario run FILE|DIR…`: replays situations on the real engine, under a virtual clock.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { CliError, EXIT } from "../../daemon/exit.ts";
import type { ScenarioResult } from "../../sim/index.ts";
import type { Command, Context } from "../context.ts";

export const runScenarios: Command = async (context, _options, ...paths) => {
  const { out, parts } = context;
  const { loadScenario, runScenario } = await parts.sim();
  let failed = 0;
  let invalid = 0;
  let passed = 0;
  for (const file of scenarioFiles(context, paths)) {
    const loaded = loadScenario(readFileSync(file, "utf8"));
    if (loaded.kind === "invalid") {
      invalid += 1;
      out.note(`${file}: not a scenario: ${loaded.problem}`);
      continue;
    }
    const result = await runScenario(loaded.scenario);
    if (result.passed) passed += 1;
    else failed += 1;
    if (out.isJson) out.json(result);
    else tell(context, result, loaded.scenario.title);
  }
  if (!out.isJson)
    out.line(`${passed} passed, ${failed} failed${invalid > 0 ? `, ${invalid} not scenarios` : ""}`);
  if (invalid > 0) return EXIT.usage;
  return failed > 0 ? EXIT.discrepancy : EXIT.done;
};

function tell({ out }: Context, { id, passed, failures }: ScenarioResult, title = ""): void {
  out.line(`${passed ? out.tone("good", "pass") : out.tone("bad", "FAIL")} ${id}  ${title}`);
  for (const { path, expected, actual } of failures) {
    out.line(`  ${path}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(actual)}`);
  }
}

function scenarioFiles({ io }: Context, paths: readonly string[]): string[] {
  const files = paths.flatMap((path) => {
    const full = isAbsolute(path) ? path : join(io.cwd, path);
    const facts = statSync(full, { throwIfNoEntry: false });
    if (!facts) throw new CliError(EXIT.usage, "no_such_file", `${path}: there is no such file or folder`);
    if (!facts.isDirectory()) return [full];
    return readdirSync(full, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".json"))
      .sort()
      .map((name) => join(full, name));
  });
  if (files.length === 0)
    throw new CliError(EXIT.usage, "no_scenarios", `There is no .json file in ${paths.join(", ")}`);
  return files;
}
