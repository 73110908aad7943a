// The live view on a terminal: drawn in place on the alternate screen, several times a second and whenever the terminal
// changes its size, and taken back however the program ends. Plain ANSI; nothing is drawn where it would not be understood.
import type { Timers } from "../../runtime/index.ts";
import type { Io, Output } from "../output.ts";
import type { Row } from "./layout.ts";

const ESC = "\u001b[";
const ENTER = `${ESC}?1049h${ESC}?25l${ESC}2J`;
const LEAVE = `${ESC}?25h${ESC}?1049l`;
/** Often enough for a clock and a price. In ms. */
const REDRAW_MS = 200;
/** What a terminal has that does not say. */
const SIZE_DEFAULT = { columns: 80, rows: 24 };

export interface ScreenOptions {
  readonly io: Io;
  readonly out: Pick<Output, "tone">;
  readonly timers: Timers;
  readonly frame: (size: { readonly columns: number; readonly rows: number }) => Promise<readonly Row[]>;
}

/** Whether this terminal can be drawn on. */
export function isDrawable(io: Io): boolean {
  return io.isTty && io.env.TERM !== "dumb";
}

export class Screen {
  private readonly options: ScreenOptions;
  private isOpen = true;
  private cancelTimer: (() => void) | undefined;
  private readonly closers: (() => void)[] = [];

  constructor(options: ScreenOptions) {
    this.options = options;
    const { io } = options;
    io.stdout(ENTER);
    // Also when somebody ends the process at once, or it fails: a terminal without a cursor is nobody's.
    this.listen("exit", () => this.leave());
    this.listen("SIGTSTP", () => {
      io.stdout(LEAVE);
      process.kill(process.pid, "SIGSTOP");
    });
    this.listen("SIGCONT", () => {
      if (this.isOpen) io.stdout(ENTER);
    });
    const unlisten = io.onResize?.(() => {
      if (!this.isOpen) return;
      io.stdout(`${ESC}2J`);
      this.drawSoon(0);
    });
    if (unlisten) this.closers.push(unlisten);
    this.drawSoon(0);
  }

  close(): void {
    this.leave();
    this.cancelTimer?.();
    for (const close of this.closers.splice(0)) close();
  }

  private leave(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.options.io.stdout(LEAVE);
  }

  private drawSoon(delayMs: number): void {
    this.cancelTimer?.();
    if (!this.isOpen) return;
    this.cancelTimer = this.options.timers.after(delayMs, () => {
      this.draw().then(
        () => this.drawSoon(REDRAW_MS),
        // A look that failed (a file being replaced) is taken again; the story tells what is really wrong.
        () => this.drawSoon(REDRAW_MS),
      );
    });
  }

  private async draw(): Promise<void> {
    const { io, out, frame } = this.options;
    const { columns, rows } = io.size?.() ?? SIZE_DEFAULT;
    const size = { columns: columns || SIZE_DEFAULT.columns, rows: rows || SIZE_DEFAULT.rows };
    const lines = (await frame(size)).map((row) =>
      row.map(({ text, tone }) => (tone === undefined ? text : out.tone(tone, text))).join(""),
    );
    if (!this.isOpen) return;
    // Each row clears what is left of the one that was there; nothing is ever blank in between.
    io.stdout(`${ESC}H${lines.map((line) => `${line}${ESC}K`).join("\r\n")}${ESC}J`);
  }

  private listen(event: "exit" | "SIGTSTP" | "SIGCONT", work: () => void): void {
    process.on(event, work);
    this.closers.push(() => process.off(event, work));
  }
}
