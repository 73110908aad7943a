// How the story reaches whoever watches: drawn in place on a terminal, line by line anywhere else. Where it is drawn,
// its lines are kept in a file too, so that they can be read when the screen is gone.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock, Timers } from "../../runtime/index.ts";
import type { Io, Output } from "../output.ts";
import { findingLines, nameOf } from "./findings.ts";
import type { Line } from "./line.ts";
import { look } from "./look.ts";
import type { Play } from "./play.ts";
import type { Scenario } from "./scenario.ts";
import { isDrawable, Screen } from "./screen.ts";
import type { Teller } from "./stage.ts";
import { render, type ViewState } from "./view.ts";

export interface ShowOptions {
  readonly io: Io;
  readonly out: Output;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly speed: number;
  readonly runtime: { readonly clock: Clock; readonly timers: Timers };
}

/** Whoever waits longer than this is told for what. In ms. */
const SILENT_MS = 1_500;
/** Lines that the screen remembers; no terminal has more rows. */
const LINES_MAX = 500;

export class Show implements Teller {
  private readonly options: ShowOptions;
  private readonly lines: Line[] = [];
  /** When something was last told, ms. */
  private toldMs = 0;
  private waitingText: string | null = null;
  private screen: Screen | undefined;
  private storyFile: string | undefined;

  constructor(options: ShowOptions) {
    this.options = options;
  }

  line(line: Line): void {
    const { out } = this.options;
    const { text, tone } = line;
    this.toldMs = this.options.runtime.clock.monotonicMs();
    if (!line.isStanding) this.lines.push(line);
    if (this.lines.length > LINES_MAX) this.lines.shift();
    if (this.storyFile !== undefined) appendFileSync(this.storyFile, `${out.plain(text)}\n`);
    if (!this.screen) out.line(tone === undefined || text === "" ? text : out.tone(tone, text));
  }

  waiting(text: string | null): void {
    this.waitingText = text;
    const nowMs = this.options.runtime.clock.monotonicMs();
    if (this.screen || text === null || nowMs - this.toldMs < SILENT_MS) return;
    // Beside the story, so that the story is the same however long anything takes.
    this.options.out.note(`   … ${text}`);
    this.toldMs = nowMs;
  }

  /** From here on it is drawn, where that is possible. Where the lines are kept then; undefined where they are printed. */
  raise(play: Play): string | undefined {
    const { io, out, runtime } = this.options;
    if (!isDrawable(io)) return undefined;
    const startMs = runtime.clock.monotonicMs();
    this.storyFile = join(play.theatre.folder, "story.txt");
    const view = { isUnicode: out.isUnicode, plain: (text: string) => out.plain(text) };
    this.screen = new Screen({
      io,
      out,
      timers: runtime.timers,
      frame: async (size) => {
        const elapsedMs = runtime.clock.monotonicMs() - startMs;
        return render(await this.state(play, elapsedMs), { ...view, ...size });
      },
    });
    return this.storyFile;
  }

  /** Gives the terminal back; lines are printed again. */
  lower(): void {
    this.screen?.close();
    this.screen = undefined;
  }

  private async state({ theatre, stage }: Play, elapsedMs: number): Promise<ViewState> {
    const { scenario, seed, speed } = this.options;
    const all = stage.findings.all();
    const ended = stage.recent.filter(({ state }) => state === "ended");
    return {
      title: scenario.title,
      seed,
      speed,
      elapsedMs,
      waiting: this.waitingText,
      look: await look(theatre),
      passes: stage.passes,
      open: all.filter(({ closedMs }) => closedMs === null).map((one) => `${one.kind} ${nameOf(one)}`),
      found: all.length,
      repairs: ended.map((finding) => {
        const [first] = finding.ones;
        const names = finding.ones.length > 1 ? `${finding.ones.length} x` : nameOf(first);
        const [why] = findingLines(finding, stage.place);
        return `${first.kind} ${names} in ${stage.place(first.of)}: ${why?.text.trim().replace(/ +/g, " ")}`;
      }),
      log: this.lines,
    };
  }
}
