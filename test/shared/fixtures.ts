// A venue's recorded and documented payloads (../shared/fixtures, with their sources in its INDEX.md) through its
// adapter: every file is listed with what it must become, so none throws, and no row of any is dropped without a word.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { ReadPayload } from "../../src/venues/index.ts";
import { parseExact } from "../../src/venues/wire/json.ts";
import { ROOT } from "../tidy/source.ts";
import { linesOf } from "./payload-lines.ts";

/** Lines by the file's name; a line that begins with `/` and ends with it is a pattern. */
export type Expected = Readonly<Record<string, readonly string[]>>;

/** @param folder Below ../shared/fixtures. */
export function accountsFor(folder: string, readPayload: ReadPayload, expected: Expected): void {
  const path = pathOf(folder);
  const counts = new Map<string, number>();

  areAllListed(folder, Object.keys(expected));

  describe(`the payload of ${folder}`, () => {
    for (const [name, lines] of Object.entries(expected)) {
      test(`${name} becomes ${lines.length} items`, () => {
        const reading = readPayload(parseExact(readFileSync(join(path, name), "utf8")));
        for (const { kind } of reading.items) counts.set(kind, (counts.get(kind) ?? 0) + 1);
        const found = linesOf(reading);
        assert.deepEqual(
          found.map((line, at) => (isMatch(line, lines[at]) ? lines[at] : line)),
          lines,
          found.join("\n"),
        );
      });
    }
    after(() => {
      const told = [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
      console.log(`${folder}: ${Object.keys(expected).length} payloads, ${told}`);
    });
  });
}

/** No file of the folder is left out, and none is gone. */
export function areAllListed(folder: string, names: readonly string[]): void {
  test(`the payloads of ${folder} are there, and each of them is accounted for`, () => {
    const path = pathOf(folder);
    assert.ok(
      existsSync(path),
      `${path} does not exist; this test needs the shared folder beside the project`,
    );
    assert.deepEqual(
      [...names].sort(),
      readdirSync(path).sort(),
      "a file that is not listed is not held against the adapter: list it with what it must become",
    );
  });
}

export function pathOf(folder: string): string {
  return join(ROOT, "..", "shared", "fixtures", folder);
}

function isMatch(line: string, expected: string | undefined): boolean {
  if (expected === undefined || !/^\/.*\/$/.test(expected)) return line === expected;
  return new RegExp(expected.slice(1, -1)).test(line);
}
