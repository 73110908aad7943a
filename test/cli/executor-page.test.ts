// docs/executor.md, run from top to bottom as a reader would: the configuration that it shows, the daemon, each command, and
// what it says, but for times, ids of plans and what a rehearsal took.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CONFIG, type Folder, openFolder } from "./support.ts";

const PAGE = readFileSync(join(import.meta.dirname, "..", "..", "docs", "executor.md"), "utf8");

interface Shown {
  readonly command: string;
  readonly output: string;
}

/** The fenced blocks of one language, in order. */
function blocks(page: string, language: string): string[] {
  // Every second part lies between two fences; its first line is the language.
  const fenced = page.split(/^```/m).filter((_, index) => index % 2 === 1);
  return fenced.flatMap((part) => {
    const end = part.indexOf("\n");
    return part.slice(0, end) === language ? [part.slice(end + 1)] : [];
  });
}

function shown(page: string): Shown[] {
  return blocks(page, "").flatMap((block) =>
    block
      .split(/^\$ /m)
      .filter((part) => part !== "")
      .map((part) => {
        const end = part.indexOf("\n");
        return { command: part.slice(0, end), output: part.slice(end + 1) };
      }),
  );
}

/** What no two runs have in common is left out; columns are as wide as what is in them. */
function comparable(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/flat_[0-9a-f]+/g, "PLAN")
    .replaceAll(/\b\d+ (ms|s|retries)\b/g, "N $1")
    .replaceAll(/\d+ of \d+ calls/g, "N of N calls")
    .replaceAll(/ +/g, " ")
    .trim();
}

async function outputOf(folder: Folder, command: string): Promise<string> {
  const [program, ...args] = command.split(" ");
  if (program === "cat") return folder.read(args[0] ?? "");
  const { stdout, stderr } = await folder.run(args);
  return stdout + stderr;
}

test("docs/executor.md says what its commands say, one after another", async (t) => {
  const folder = openFolder(t);
  const [config = ""] = blocks(PAGE, "toml");
  folder.write(CONFIG, config);
  const daemon = await folder.start();
  const all = shown(PAGE);
  assert.ok(all.length > 10);
  for (const { command, output } of all) {
    if (command.startsWith("cat ")) folder.write(command.slice(4), output);
    const said = await outputOf(folder, command);
    assert.equal(comparable(said), comparable(output), `$ ${command}\n${said}`);
  }
  assert.ok(daemon);
});
