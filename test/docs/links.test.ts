// Links of the project's pages: each relative one points at a file that is there, and at a heading where it names
// one. Code blocks are no links.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { test } from "node:test";
import { ROOT } from "../tidy/source.ts";

const PLACES = ["*.md", "docs/**/*.md", "src/**/*.md", "scenarios/**/*.md", "test/**/*.md"];
const pages = globSync(PLACES, { cwd: ROOT }).sort();

test("every relative link of a page points at a file, and at a heading of it", () => {
  assert.ok(pages.length > 8, `only ${pages.length} pages were found`);
  const broken = pages.flatMap((page) => brokenLinks(page, readFileSync(join(ROOT, page), "utf8")));
  assert.deepEqual(broken, []);
});

test("no page names a place outside the project", () => {
  const outside = pages.flatMap((page) => {
    const found = /(?:^|[\s`("])((?:\.\.\/)+shared\b[^\s`)"]*)/m.exec(
      readFileSync(join(ROOT, page), "utf8"),
    )?.[1];
    return found === undefined
      ? []
      : [`${page} names ${found}; name what is in the project, or say it in words`];
  });
  assert.deepEqual(outside, []);
});

test("a link to what is not there is noticed", () => {
  const text = "[a](nowhere.md) [b](cli.md#no-heading) [c](cli.md#exit-codes) [d](https://example.org/x)\n";
  assert.deepEqual(brokenLinks("docs/made-up.md", text), [
    "docs/made-up.md links nowhere.md, and docs/nowhere.md is not there",
    'docs/made-up.md links cli.md#no-heading, and docs/cli.md has no heading "#no-heading"',
  ]);
  assert.deepEqual(brokenLinks("docs/made-up.md", "```\n[a](nowhere.md)\n```\n`[a](nowhere.md)`\n"), []);
});

function brokenLinks(page: string, text: string): string[] {
  const prose = withoutCode(text).replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].flatMap(([, link = ""]) => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return [];
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? page : posix.join(posix.dirname(page), decodeURIComponent(file));
    if (file !== "" && !existsSync(join(ROOT, target)))
      return [`${page} links ${link}, and ${target} is not there`];
    if (anchor === undefined || !target.endsWith(".md") || statSync(join(ROOT, target)).isDirectory())
      return [];
    const own = file === "" ? text : readFileSync(join(ROOT, target), "utf8");
    return anchorsOf(own).has(anchor)
      ? []
      : [`${page} links ${link}, and ${target} has no heading "#${anchor}"`];
  });
}

/** As the usual renderers make them: lower case, punctuation gone, spaces as hyphens, a number for the second one. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutCode(text).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

function withoutCode(text: string): string {
  return text.replace(/^( *)(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1\2[ \t]*$/gm, "");
}
