// The file's text with a position's row put back as it was before a write: letter by letter where it stands alone,
// with the gaps that it had. Only over what that write left, and nothing else in the file changes.
import type { Restoration } from "../mirror.ts";
import { type Document, type Entry, openDocument } from "./document.ts";
import { applyEdits, type Edit, gapBefore, indentAt } from "./edits.ts";
import { entriesAt, type ImageEntry, readImage, showsImage } from "./image.ts";
import type { Layout } from "./layout.ts";
import { enclose, styleOf } from "./style.ts";

export type Restored =
  | { readonly kind: "text"; readonly content: string }
  | { readonly kind: "impossible"; readonly detail: string };

/** `place` is the file's name in messages. */
export function restoredText(
  place: string,
  document: Document,
  restoration: Restoration,
  layout: Layout,
): Restored {
  const before = readImage(restoration.before);
  const after = readImage(restoration.after);
  const found = entriesAt(document, restoration.place, layout);
  if (!showsImage(document, found, after)) {
    const { instrument, leg } = restoration.place;
    return impossible(
      `the row of ${leg}:${instrument} is not as trueup left it; somebody has changed it since`,
    );
  }
  let text = document.text;
  const open = (): Document | undefined => {
    const opened = openDocument(place, document.mark + text, layout);
    return opened.kind === "document" ? opened.document : undefined;
  };
  if (before.length === found.length) text = applyEdits(text, replacements(found, before));
  else {
    for (const { rowId } of [...found].reverse()) {
      const now = open();
      const entry = now?.entries.find((one) => one.rowId === rowId);
      if (now && entry) text = applyEdits(text, [removal(now, entry)]);
    }
    for (const entry of before) {
      const now = open();
      if (now) text = applyEdits(text, [insertion(now, entry)]);
    }
  }
  const now = open();
  const isRestored = now && showsImage(now, entriesAt(now, restoration.place, layout), before);
  if (!isRestored || othersOf(document, found) !== othersOf(now, entriesAt(now, restoration.place, layout))) {
    return impossible("the row could not be put where it stood without touching something else");
  }
  return { kind: "text", content: document.mark + text };
}

function impossible(detail: string): Restored {
  return { kind: "impossible", detail };
}

function replacements(found: readonly Entry[], before: readonly ImageEntry[]): Edit[] {
  return found.map(({ start, end }, index) => ({ start, end, text: before[index]?.text ?? "" }));
}

/** With the comma that is its own: the one after it, or for the last entry the one before. */
function removal({ entries, container }: Document, entry: Entry): Edit {
  const index = entries.indexOf(entry);
  const [previous, next] = [entries[index - 1], entries[index + 1]];
  if (next) return { start: entry.start, end: next.start, text: "" };
  if (previous) return { start: previous.end, end: entry.end, text: "" };
  return { start: container.start + 1, end: container.end - 1, text: "" };
}

function insertion(document: Document, image: ImageEntry): Edit {
  const { entries, container } = document;
  const { text, lead, tail } = image;
  const [next, last] = [entries[placeOf(document, image)], entries.at(-1)];
  const gap = lead.replace(",", "");
  if (next) {
    const after = tail.includes(",") ? tail : `,${gap.trim() === "" ? gap : ""}`;
    return { start: next.start, end: next.start, text: text + after };
  }
  if (last) {
    const before = lead.includes(",") ? lead : `,${gapBefore(document.text, last.start)}`;
    return { start: last.end, end: last.end, text: before + text };
  }
  const inside = { start: container.start + 1, end: container.end - 1 };
  const stoodAlone = !lead.includes(",") && !tail.includes(",");
  if (stoodAlone) return { ...inside, text: lead + text + tail };
  const indent = lead.includes("\n") ? indentAt(document.text, container.start) : null;
  return { ...inside, text: enclose("", [text], "", styleOf(document), indent) };
}

/** Where it stood: beside the entries that stood beside it, as far as they are there. */
function placeOf({ entries }: Document, { index, previous, next }: ImageEntry): number {
  const find = (rowId: string | null) =>
    rowId === null ? -1 : entries.findIndex((one) => one.rowId === rowId);
  const after = find(next);
  if (after !== -1) return after;
  const before = find(previous);
  return before === -1 ? index : before + 1;
}

/** All entries but these, as they stand. */
function othersOf({ text, entries, container }: Document, but: readonly Entry[]): string {
  const others = entries.filter((entry) => !but.includes(entry));
  const frame = [text.slice(0, container.start + 1), text.slice(container.end - 1)];
  return JSON.stringify([...frame, ...others.map(({ start, end }) => text.slice(start, end))]);
}
