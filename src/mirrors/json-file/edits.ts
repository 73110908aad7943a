// Edits of a text by offset, all made in one pass: what no edit names stays as it is, to the byte.

export interface Edit {
  readonly start: number;
  /** Equal to `start` for an insertion. */
  readonly end: number;
  readonly text: string;
}

export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const parts: string[] = [];
  let at = 0;
  for (const edit of sorted) {
    if (edit.start < at) throw new Error(`edits must not overlap, and two do at offset ${edit.start}`);
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  parts.push(text.slice(at));
  return parts.join("");
}

/** The white space right before an offset. */
export function gapBefore(text: string, offset: number): string {
  let start = offset;
  while (start > 0 && isSpace(text.charCodeAt(start - 1))) start -= 1;
  return text.slice(start, offset);
}

/** The white space that the line of an offset begins with. */
export function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? "";
}

/** The indentation that a gap ends with; null when it has no line break. */
export function indentOfGap(gap: string): string | null {
  const at = gap.lastIndexOf("\n");
  return at === -1 ? null : gap.slice(at + 1);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}
