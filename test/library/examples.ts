// The examples of docs/library.md: each block of TypeScript with the output that the page shows behind it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../tidy/source.ts";

export interface Example {
  /** The heading that it stands under. */
  readonly heading: string;
  readonly code: string;
  readonly output: string;
  /** Whether a daemon is to run on state/ meanwhile. */
  readonly needsDaemon: boolean;
}

const BLOCK = /(<!-- with a daemon on state\/ -->\n)?```ts\n([\s\S]+?)```\n\n```\n([\s\S]*?)```/g;

/** @throws when a block of TypeScript has no output behind it. */
export function libraryExamples(): Example[] {
  const page = readFileSync(join(ROOT, "docs", "library.md"), "utf8");
  const examples = page.split(/^## /m).flatMap((section) =>
    [...section.matchAll(BLOCK)].map(([, daemon, code = "", output = ""]) => ({
      heading: section.split("\n")[0] ?? "",
      code,
      output,
      needsDaemon: daemon !== undefined,
    })),
  );
  const blocks = page.match(/^```ts$/gm)?.length ?? 0;
  if (examples.length !== blocks) throw new Error(`${blocks} blocks, but ${examples.length} with an output`);
  return examples;
}
