// Every example of docs/library.md, run as it stands there, prints what the page says.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { CONFIG, type Folder, openFolder, paperAccount, writeConfig } from "../cli/support.ts";
import { ROOT } from "../tidy/source.ts";
import { libraryExamples } from "./examples.ts";

const SOURCES: Readonly<Record<string, string>> = {
  trueup: "src/index.ts",
  "trueup/paper": "src/library/paper.ts",
};

const examples = libraryExamples();

test("docs/library.md has examples of both ways, of events, of a venue and of errors", () => {
  assert.ok(examples.length >= 5, `only ${examples.length} examples were found`);
  assert.ok(examples.some(({ needsDaemon }) => needsDaemon));
});

for (const { heading, code, output, needsDaemon } of examples) {
  test(`the example under "${heading}" prints what the page says`, async (t) => {
    const folder = openFolder(t);
    if (needsDaemon) {
      writeConfig(folder, { accounts: [paperAccount("demo")] });
      await folder.start(1);
      assert.ok(folder.has(CONFIG));
    }
    const { stdout, stderr, status } = await run(folder, code);
    assert.equal(stdout, output, stderr);
    assert.equal(status, 0);
  });
}

/** Runs a program in the folder, with the sources in the place of the installed package. */
function run(
  folder: Folder,
  code: string,
): Promise<{ stdout: string; stderr: string; status: number | null }> {
  const source = code.replace(/from "(trueup(?:\/paper)?)"/g, (_, name: string) => {
    return `from ${JSON.stringify(pathToFileURL(join(ROOT, SOURCES[name] ?? "")).href)}`;
  });
  const file = folder.write("example.ts", source);
  folder.write("package.json", '{"type":"module"}');
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", file], {
    cwd: folder.path,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (part) => {
    stdout += part;
  });
  child.stderr.on("data", (part) => {
    stderr += part;
  });
  return new Promise((resolve) => {
    child.once("close", (status) => resolve({ stdout, stderr, status }));
  });
}
