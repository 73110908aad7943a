// The bot's file as a whole: its rows with their places in the text, or in one sentence why it cannot be read.
import type { MirrorRow } from "../../core/index.ts";
import { type JsonArray, type JsonNode, type JsonObject, Lines, parseJson, shown } from "./json.ts";
import type { Layout } from "./layout.ts";
import { type Cell, kindOf, type Reading, RowReader } from "./rows.ts";

export interface Entry extends Cell {
  readonly reading: Reading;
}

export interface Document {
  /** A byte order mark, if the file begins with one; kept as it is and not part of `text`. */
  readonly mark: string;
  readonly text: string;
  readonly container: JsonObject | JsonArray;
  /** All keys or elements of the container, also those that are not of this mirror. */
  readonly entries: readonly Entry[];
}

export type Opened =
  | { readonly kind: "document"; readonly document: Document }
  | { readonly kind: "unreadable"; readonly problem: string };

/** Characters of a file, about 150,000 rows: a write holds two trees of it, which takes most of a heap of 2 GB. */
export const FILE_CHARS_MAX = 32 * 1024 * 1024;

const MARK = "\uFEFF";
const REPAIR =
  "let the bot write it again or restore a copy; trueup changes nothing and looks again at every pass";

/** `place` is the file's name in messages. */
export function openDocument(place: string, content: string, layout: Layout): Opened {
  const mark = content.startsWith(MARK) ? MARK : "";
  const text = content.slice(mark.length);
  const bad = (problem: string): Opened => ({ kind: "unreadable", problem });
  if (text.length > FILE_CHARS_MAX) {
    return bad(
      `${place} has ${text.length} characters, and at most ${FILE_CHARS_MAX} are read; is it the bot's store of positions? Check the path`,
    );
  }
  if (text.trim() === "") {
    const found = text === "" ? "is empty" : "has nothing but spaces in it";
    return bad(`${place} ${found}; a store without positions is {} or []: ${REPAIR}`);
  }
  const lines = new Lines(text);
  const parsed = parseJson(text);
  if (parsed.kind === "bad") return bad(brokenText(place, lines.at(parsed.offset), parsed));
  const found = findContainer(parsed.root, layout);
  if ("problem" in found) return bad(`${place}, ${lines.at(found.at.start)}: ${found.problem}`);
  const { container } = found;
  const reader = new RowReader(layout, lines);
  const entries = cellsOf(container).map((cell) => ({ ...cell, reading: reader.read(cell) }));
  return { kind: "document", document: { mark, text, container, entries } };
}

export function rowsOf({ entries }: Document): MirrorRow[] {
  return entries.flatMap(({ reading }) => (reading.kind === "row" ? [reading.row] : []));
}

function brokenText(
  place: string,
  where: string,
  { isTruncated, found }: { readonly isTruncated: boolean; readonly found: string },
): string {
  return isTruncated
    ? `${place} ends in the middle, at ${where}: it may be half written; if it stays so, ${REPAIR}`
    : `${place}, ${where}: ${found}; only strict JSON is read: ${REPAIR}`;
}

type Found =
  | { readonly container: JsonObject | JsonArray }
  | { readonly at: JsonNode; readonly problem: string };

function findContainer(root: JsonNode, { at, shape }: Layout): Found {
  const path = at === undefined || at === "" ? [] : at.split(".");
  let node = root;
  for (const [index, step] of path.entries()) {
    const inside = childrenNamed(node, step);
    const here = path.slice(0, index + 1).join(".");
    const advice = "correct `at` in the mirror's configuration, or the file";
    if (inside.length > 1) {
      const problem = `the key "${here}" stands ${inside.length} times, and the rows may be in any of them; leave one`;
      return { at: node, problem };
    }
    const [child] = inside;
    if (!child) return { at: node, problem: `there is no "${here}" (${contentOf(node)}); ${advice}` };
    node = child;
  }
  if (node.type === shape.kind) return { container: node as JsonObject | JsonArray };
  const wanted = shape.kind === "object" ? "an object with one key a position" : "an array of rows";
  const what = path.length === 0 ? "the file" : `"${path.join(".")}"`;
  const advice = "correct `shape` or `at` in the mirror's configuration, or the file";
  return { at: node, problem: `${what} is ${kindOf(node)}, and ${wanted} was expected; ${advice}` };
}

function childrenNamed(node: JsonNode, name: string): JsonNode[] {
  if (node.type === "object") {
    return node.properties.filter((property) => property.name === name).map(({ value }) => value);
  }
  const element = node.type === "array" && /^\d+$/.test(name) ? node.elements[Number(name)] : undefined;
  return element ? [element] : [];
}

/** Keys that a message names. */
const KEYS_SHOWN = 8;

function contentOf(node: JsonNode): string {
  if (node.type !== "object") return `it is ${kindOf(node)}`;
  const names = node.properties.slice(0, KEYS_SHOWN).map(({ name }) => shown(name));
  const more = node.properties.length > KEYS_SHOWN ? ", …" : "";
  return names.length === 0 ? "the object is empty" : `the keys there are ${names.join(", ")}${more}`;
}

function cellsOf(container: JsonObject | JsonArray): Cell[] {
  if (container.type === "array") {
    return container.elements.map((value, index) => ({
      rowId: `[${index}]`,
      key: null,
      start: value.start,
      end: value.end,
      value,
    }));
  }
  const names = new Set(container.properties.map(({ name }) => name));
  const counts = new Map<string, number>();
  return container.properties.map(({ name, start, value }) => {
    const rowId = freeId(name, counts, names);
    return { rowId, key: name, start, end: value.end, value };
  });
}

/** A key that stands twice is two rows: JSON.parse would silently take the last. */
function freeId(name: string, counts: Map<string, number>, names: ReadonlySet<string>): string {
  let count = (counts.get(name) ?? 0) + 1;
  while (count > 1 && names.has(`${name} (${count})`)) count += 1;
  counts.set(name, count);
  return count === 1 ? name : `${name} (${count})`;
}
