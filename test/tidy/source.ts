// Reads the project's TypeScript files for the tidy tests: where they are, which layer they belong to, what they
// import, and their code with comments and strings blanked out. Not a parser; what it cannot read it refuses.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

export const ROOT = join(import.meta.dirname, "..", "..");

export interface SourceFile {
  /** From the project's root, with "/". */
  readonly path: string;
  /** First folder below src/, e.g. `core`. */
  readonly layer: string;
  readonly isTest: boolean;
  readonly text: string;
  /** The text with comments and string contents as blanks; same length and lines. */
  readonly code: string;
  readonly imports: readonly { readonly target: string; readonly line: number }[];
}

export function sourceFiles(folder: string): SourceFile[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) =>
      readSource(
        relative(ROOT, join(ROOT, folder, name))
          .split(sep)
          .join("/"),
      ),
    );
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), "utf8");
  return {
    path,
    layer: path.split("/")[1] ?? "",
    isTest: path.endsWith(".test.ts"),
    text,
    code: blank(text),
    imports: importsOf(text),
  };
}

function importsOf(text: string): SourceFile["imports"] {
  const pattern = /(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)(["'])([^"']+)\1/gm;
  return [...text.matchAll(pattern)].map((match) => ({
    target: match[2] ?? "",
    line: lineAt(text, match.index),
  }));
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** Blanks comments, strings and the text of templates; the code inside `${…}` stays. */
export function blank(text: string): string {
  let out = "";
  let at = 0;
  const depths: number[] = [];
  const keep = (count: number) => {
    out += text.slice(at, at + count);
    at += count;
  };
  const hide = (end: number) => {
    out += text.slice(at, end).replace(/[^\n]/g, " ");
    at = end;
  };
  const template = () => {
    while (at < text.length) {
      if (text[at] === "\\") hide(at + 2);
      else if (text[at] === "`") return keep(1);
      else if (text.startsWith("${", at)) {
        depths.push(0);
        return keep(2);
      } else hide(at + 1);
    }
    throw new Error("a template string does not end");
  };
  while (at < text.length) {
    const char = text[at] ?? "";
    if (text.startsWith("//", at)) hide(endOr(text.indexOf("\n", at), text.length));
    else if (text.startsWith("/*", at)) hide(endOr(text.indexOf("*/", at + 2) + 2, text.length));
    else if (char === '"' || char === "'") hide(endOfString(text, at));
    else if (char === "`") {
      keep(1);
      template();
    } else if (char === "{" && depths.length > 0) {
      depths[depths.length - 1] = (depths.at(-1) ?? 0) + 1;
      keep(1);
    } else if (char === "}" && depths.length > 0) {
      const depth = depths.pop() ?? 0;
      keep(1);
      if (depth > 0) depths.push(depth - 1);
      else template();
    } else if (char === "/" && startsRegex(out)) hide(endOfRegex(text, at));
    else keep(1);
  }
  return out;
}

function endOr(index: number, otherwise: number): number {
  return index < 2 ? otherwise : index;
}

function endOfString(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === quote) return at + 1;
    else if (text[at] === "\n") throw new Error("a string does not end on its line");
  }
  throw new Error("a string does not end");
}

function startsRegex(before: string): boolean {
  return /(?:^|[=(,:[!&|?{};+]|return|case)\s*$/.test(before.slice(-40));
}

function endOfRegex(text: string, start: number): number {
  let isClass = false;
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "[") isClass = true;
    else if (text[at] === "]") isClass = false;
    else if (text[at] === "/" && !isClass) return at + 1;
    else if (text[at] === "\n") return start + 1;
  }
  return start + 1;
}
