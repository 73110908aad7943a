// Text into rows of a given width: cut, padded, wrapped, side by side. Counts code points, so what is laid out must be
// plain text without wide letters; nothing here knows what it is about.
import type { Tone } from "../output.ts";

export interface Span {
  readonly text: string;
  readonly tone?: Tone | undefined;
}
/** One row of the screen. */
export type Row = readonly Span[];

export function widthOf(text: string): number {
  return [...text].length;
}

/** At the end of what was cut: a number that lost its last digit must not look like another number. */
const CUT = "~";

/** Exactly so wide: cut, and marked, where it is too long; padded where it is too short. */
export function fit(text: string, width: number): string {
  const letters = [...text];
  if (letters.length <= width) return text + " ".repeat(width - letters.length);
  return width <= 0 ? "" : letters.slice(0, width - 1).join("") + CUT;
}

/** Lines of at most this width, broken at spaces where there are some; later ones begin where the first text does. */
export function wrap(text: string, width: number): string[] {
  if (width <= 0) return [];
  const indent = Math.min(/^ */.exec(text)?.[0].length ?? 0, Math.floor(width / 2));
  const lines: string[] = [];
  let rest = text;
  while (widthOf(rest) > width) {
    const letters = [...rest];
    const space = letters.slice(0, width + 1).lastIndexOf(" ");
    const at = space > indent ? space : width;
    lines.push(letters.slice(0, at).join("").trimEnd());
    rest = " ".repeat(indent) + letters.slice(at).join("").trimStart();
  }
  return [...lines, rest];
}

/** Columns beside each other, each as wide as it is told, with a bar between them. */
export function beside(columns: readonly (readonly Span[])[], widths: readonly number[], bar: string): Row[] {
  const height = Math.max(0, ...columns.map((column) => column.length));
  return Array.from({ length: height }, (_, index) =>
    columns.flatMap((column, at): Span[] => {
      const span = column[index] ?? { text: "" };
      const cell = { ...span, text: fit(span.text, widths[at] ?? 0) };
      return at === 0 ? [cell] : [{ text: ` ${bar} `, tone: "dim" }, cell];
    }),
  );
}

/** The first so many; where there are more, the last row says how many are left out. */
export function atMost(rows: readonly Span[], height: number): Span[] {
  if (rows.length <= height) return [...rows];
  const shown = Math.max(0, height - 1);
  const rest: Span = { text: `  and ${rows.length - shown} more`, tone: "dim" };
  return [...rows.slice(0, shown), rest].slice(0, Math.max(0, height));
}
