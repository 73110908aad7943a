// How far a campaign is: a bar on a terminal, drawn in place on stderr; a line now and then where nobody looks at a screen.
import { ageText } from "../../core/age.ts";
import type { Clock } from "../../runtime/index.ts";
import { grouped, rounded, sum, type Tally } from "../../sim/index.ts";
import type { Io, Output } from "../output.ts";

/** Often enough to look alive. In ms. */
const REDRAW_MS = 200;
/** In a pipe, and so in a log that is read later. In ms. */
const LINE_MS = 10_000;
const BAR_CELLS = 20;
const COLUMNS_DEFAULT = 80;
const CLEAR = "\r\u001b[K";

export interface Aim {
  readonly seeds: number;
  readonly forMs: number | undefined;
}

export class Progress {
  private readonly io: Io;
  private readonly out: Output;
  private readonly clock: Clock;
  private readonly aim: Aim;
  private readonly startedMs: number;
  private readonly isDrawn: boolean;
  private toldMs: number;
  private isShown = false;

  constructor(io: Io, out: Output, clock: Clock, aim: Aim) {
    this.io = io;
    this.out = out;
    this.clock = clock;
    this.aim = aim;
    this.startedMs = clock.monotonicMs();
    this.toldMs = this.startedMs;
    this.isDrawn = io.isTty && io.env.TERM !== "dumb";
  }

  get elapsedMs(): number {
    return this.clock.monotonicMs() - this.startedMs;
  }

  /** Tells how far it is, if it is time to. */
  show(tally: Tally): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs - this.toldMs < (this.isDrawn ? REDRAW_MS : LINE_MS)) return;
    this.toldMs = nowMs;
    if (this.isDrawn) this.draw(tally);
    else this.out.note(this.text(tally));
  }

  /** Makes room for lines. */
  clear(): void {
    if (this.isShown) this.io.stderr(CLEAR);
    this.isShown = false;
  }

  private draw(tally: Tally): void {
    const columns = this.io.size?.().columns || COLUMNS_DEFAULT;
    const bar = this.out.plain(`${this.bar(tally)} ${this.text(tally)}`);
    this.io.stderr(`${CLEAR}${[...bar].slice(0, columns - 1).join("")}`);
    this.isShown = true;
  }

  private bar(tally: Tally): string {
    const cells = Math.floor(this.share(tally) * BAR_CELLS);
    return `[${"#".repeat(cells)}${"-".repeat(BAR_CELLS - cells)}]`;
  }

  /** What is done of what there is to do, from 0 to 1. */
  private share({ seeds }: Tally): number {
    const { forMs } = this.aim;
    const ofSeeds = seeds / this.aim.seeds;
    const ofTime = forMs === undefined ? 1 : this.elapsedMs / forMs;
    return Math.min(1, ofSeeds, ofTime);
  }

  private text(tally: Tally): string {
    const { seeds, failed, faults, checked } = tally;
    const struck = sum([...faults.values()].map(({ fired }) => fired));
    const elapsedMs = Math.max(1, this.elapsedMs);
    const share = this.share(tally);
    const leftMs = share === 0 ? undefined : (elapsedMs * (1 - share)) / share;
    const of = this.aim.forMs === undefined ? `/${grouped(this.aim.seeds)}` : "";
    return [
      `${grouped(seeds)}${of} seeds`,
      `${rounded((seeds * 1000) / elapsedMs)}/s`,
      failed === 0 ? "no failure" : `${grouped(failed)} FAILED`,
      ...(leftMs === undefined ? [] : [`${ageText(leftMs)} left`]),
      `${grouped(struck)} faults`,
      `${grouped(sum(checked.values()))} checks`,
    ].join(" · ");
  }
}
