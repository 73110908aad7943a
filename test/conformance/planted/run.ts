// Runs the suite with one bug in its adapter, in a process of its own, and tells which of its tests failed.
import { execFile } from "node:child_process";
import { join } from "node:path";
import type { AdapterBug } from "./bugs.ts";

const FOLDER = import.meta.dirname;

export interface SuiteResult {
  readonly failed: readonly string[];
  readonly passed: number;
  /** What the process said, for a person. */
  readonly output: string;
}

/** @param id None: the template as it is. @param pattern Only tests whose name has this in it; all unless given. */
export function runWith(
  { id, adapter, bench = "net" }: Partial<Pick<AdapterBug, "id" | "adapter" | "bench">>,
  pattern?: string,
): Promise<SuiteResult> {
  const only =
    pattern === undefined ? [] : [`--test-name-pattern=${pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}`];
  const args = [
    "--disable-warning=ExperimentalWarning",
    `--import=${join(FOLDER, "plant.ts")}`,
    "--test-reporter=tap",
    ...only,
    join(FOLDER, "suite.ts"),
  ];
  const env = {
    ...process.env,
    ...(id !== undefined && { TRUEUP_ADAPTER_BUG: id }),
    ...(adapter !== undefined && { TRUEUP_ADAPTER: adapter }),
    TRUEUP_ADAPTER_BENCH: bench,
    NODE_TEST_CONTEXT: "",
  };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, timeout: 200_000, maxBuffer: 1e8 }, (_, stdout, stderr) => {
      const lines = stdout.split("\n");
      const failed = lines.flatMap((line) => /^ {4}not ok \d+ - (.*)$/.exec(line)?.[1] ?? []);
      const passed = lines.filter((line) => /^ {4}ok \d+ - /.test(line)).length;
      resolve({ failed, passed, output: `${stdout}\n${stderr}` });
    });
  });
}
