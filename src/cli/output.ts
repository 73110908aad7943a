// How the command line writes: data to stdout, messages to stderr, colour only for a terminal that wants it,
// letters beyond ASCII only where the locale can show them.
import { styleText } from "node:util";
import type { Surroundings } from "../daemon/parts.ts";

export interface Io extends Surroundings {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** To be called by what works on when nobody reads its output any more; all else ends with its reader. */
  readonly outliveReader?: () => void;
  readonly isTty: boolean;
  /** The terminal's size, where there is a terminal. */
  readonly size?: () => { readonly columns: number; readonly rows: number };
  /** Calls `work` when the terminal changes its size; the result ends that. */
  readonly onResize?: (work: () => void) => () => void;
  /** Asks the person at the terminal; undefined when nobody is there. */
  readonly ask?: (question: string) => Promise<string>;
}

export type Tone = "good" | "warn" | "bad" | "dim" | "bold";

const STYLES = { good: "green", warn: "yellow", bad: "red", dim: "gray", bold: "bold" } as const;

export class Output {
  private readonly io: Io;
  private readonly hasColor: boolean;
  readonly isUnicode: boolean;
  readonly isJson: boolean;

  constructor(io: Io, options: { readonly json?: boolean; readonly color?: boolean }) {
    this.io = io;
    this.isJson = options.json ?? false;
    const isWanted = options.color !== false && !io.env.NO_COLOR && io.env.TERM !== "dumb";
    this.hasColor = io.isTty && isWanted;
    const locale = io.env.LC_ALL || io.env.LC_CTYPE || io.env.LANG || "";
    this.isUnicode = /utf-?8/i.test(locale);
  }

  line(text = ""): void {
    this.io.stdout(`${this.plain(text)}\n`);
  }

  json(value: unknown): void {
    this.io.stdout(`${JSON.stringify(value)}\n`);
  }

  /** A remark beside the data. */
  note(text: string): void {
    this.io.stderr(`${this.plain(text)}\n`);
  }

  tone(tone: Tone, text: string): string {
    return this.hasColor ? styleText(STYLES[tone], text, { validateStream: false }) : text;
  }

  /** Columns as wide as their widest cell; a header only when there are rows, and columns have names. */
  table(columns: readonly string[], rows: readonly (readonly (string | null | undefined)[])[]): void {
    if (rows.length === 0) return;
    const hasHeader = columns.length > 0;
    const cells = [columns, ...rows.map((row) => row.map((cell) => this.plain(cell ?? "-")))];
    const widths = (rows[0] ?? []).map((_, index) =>
      Math.max(...cells.map((row) => [...(row[index] ?? "")].length)),
    );
    for (const [number, row] of cells.entries()) {
      if (number === 0 && !hasHeader) continue;
      const text = row
        .map((cell, index) => (cell ?? "").padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd();
      this.io.stdout(`${number === 0 ? this.tone("dim", text) : text}\n`);
    }
  }

  /** The text as this terminal's locale can show it. */
  plain(text: string): string {
    const clean = text.replace(CONTROL, "?");
    return this.isUnicode ? clean : clean.replace(/\P{ASCII}/gu, (letter) => ASCII[letter] ?? "?");
  }
}

/** A number with its noun: "1 row", "3 rows". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

const ESCAPE = String.fromCharCode(27);
/**
 * What could move the cursor or ring the bell has no place in a venue's symbol or a bot's field; only a change of
 * colour may pass.
 */
const CONTROL = new RegExp(`(?!${ESCAPE}\\[\\d{1,2}m)[^\\P{Cc}\\n\\t]`, "gu");

const ASCII: Readonly<Record<string, string>> = {
  "·": "|",
  "→": "->",
  "…": "...",
  "×": "x",
  "–": "-",
  "—": "-",
  "✓": "ok",
  "“": '"',
  "”": '"',
  "’": "'",
  Δ: "d",
  "│": "|",
  "─": "-",
};

export function isoTime(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? "-" : new Date(ms).toISOString().replace(".000Z", "Z");
}
