// Whether a composed text says what was meant: it is read as the bot's file is, before it becomes it.
import type { MirrorRow } from "../../core/index.ts";
import type { Composed, Expected } from "./compose.ts";
import { type Document, type Entry, openDocument } from "./document.ts";
import type { Layout } from "./layout.ts";

/** The first difference between what was meant and what would be read, in words; undefined when there is none. */
export function misread(
  place: string,
  before: Document,
  { content, expected }: Composed,
  layout: Layout,
): string | undefined {
  const opened = openDocument(place, content, layout);
  if (opened.kind === "unreadable") return opened.problem;
  const after = opened.document;
  if (after.entries.length !== expected.length) {
    return `it has ${after.entries.length} entries instead of ${expected.length}`;
  }
  if (frameOf(before) !== frameOf(after)) return "what stands around the rows has changed";
  for (const [index, entry] of after.entries.entries()) {
    const one = expected[index];
    const difference = one && differenceOf(one, entry, before.text, after.text, layout);
    if (difference !== undefined) return `the entry ${JSON.stringify(entry.rowId)} ${difference}`;
  }
  return undefined;
}

/** All that is not in the container. */
function frameOf({ mark, text, container }: Document): string {
  return mark + text.slice(0, container.start + 1) + text.slice(container.end - 1);
}

function differenceOf(
  expected: Expected,
  entry: Entry,
  before: string,
  after: string,
  layout: Layout,
): string | undefined {
  if (expected.kind === "same") {
    const old = before.slice(expected.entry.start, expected.entry.end);
    return old === after.slice(entry.start, entry.end) ? undefined : "was not to be changed, and is";
  }
  const { reading } = entry;
  if (expected.kind === "closed") {
    return reading.kind === "row"
      ? "would still be read as a position after it was marked as closed"
      : undefined;
  }
  if (reading.kind !== "row") return "would not be read as a row of this mirror; look at template and where";
  if (reading.row.problem) return `would be refused (${reading.row.problem.detail})`;
  return differenceOfRow(expected, reading.row, layout);
}

function differenceOfRow(
  expected: Extract<Expected, { readonly kind: "corrected" | "added" }>,
  row: MirrorRow,
  { fields }: Layout,
): string | undefined {
  const { change } = expected;
  if (row.instrument !== change.instrument || row.leg !== change.leg) {
    return `would be read as ${row.leg}:${row.instrument} instead of ${change.leg}:${change.instrument}`;
  }
  if (fields.quantity !== undefined && row.qty !== change.qty) {
    return `would be read as ${row.qty} instead of ${change.qty}`;
  }
  if (expected.kind === "added") return undefined;
  if (row.entryPrice !== expected.entryPrice) return `would have the entry price ${row.entryPrice ?? "none"}`;
  const own = expected.entry.reading.kind === "row" ? expected.entry.reading.row.metadata : {};
  return JSON.stringify(own) === JSON.stringify(row.metadata) ? undefined : "would lose fields of the bot";
}
