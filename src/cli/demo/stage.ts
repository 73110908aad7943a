// What an act may do: move the market, let somebody trade, make the venue misbehave, say what happens, and wait until
// trueup has settled it. It waits for passes, never for a fixed time, so that what follows depends on the seed alone.
import type { Book, Decimal, Discrepancy, OrderIntent } from "../../core/index.ts";
import type { CommandResult, ExitView, PassReport } from "../../engine/index.ts";
import { exitsReport } from "../../engine/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { Misbehaviour, PaperOrder, PaperVenue } from "../../venues/paper/index.ts";
import { compareFound, type Expected } from "./expected.ts";
import { type Finding, Findings, findingLines } from "./findings.ts";
import { historyText } from "./history.ts";
import type { Line } from "./line.ts";
import { Market } from "./market.ts";
import { Random } from "./random.ts";

/** How long is waited for trueup at most, at the default speed and faster. In ms. */
const WAIT_MS_MAX = 20_000;

/** Long enough to read how things stand. In ms at the default speed. */
const READ_MS = 900;

/** Between two looks at what needs no pass. In ms. */
const LOOK_MS = 10;

/** Findings that are remembered for who looks at the screen. */
const RECENT_MAX = 20;

/** Where the story goes. */
export interface Teller {
  line(line: Line): void;
  /** What is being waited for; null when nothing is. */
  waiting(text: string | null): void;
}

export interface StageOptions {
  readonly venue: PaperVenue;
  readonly runtime: Runtime;
  readonly seed: number;
  readonly speed: number;
  readonly prices: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly teller: Teller;
  /** What a copy is called for a person. */
  readonly place: (of: string) => string;
  readonly book: () => Book | undefined;
  /** Sends an order through trueup. */
  readonly submit: (intent: OrderIntent) => Promise<CommandResult>;
  /** Whose prices the feed tells. */
  readonly followed: () => readonly string[];
  /** One line: what everybody believes, what the venue says, the gate. */
  readonly stateText: () => Promise<string>;
}

export class Stage {
  readonly random: Random;
  readonly market: Market;
  readonly venue: PaperVenue;
  readonly folder: string;
  readonly findings = new Findings();
  /** What the story waited for and did not come. */
  readonly problems: string[] = [];
  /** What trueup found and the story did not cause knowingly. */
  readonly unforeseen: Discrepancy[] = [];
  /** How many acts were told, and how many passes trueup has made. */
  acts = 0;
  passes = 0;
  /** The last findings, latest last. */
  readonly recent: Finding[] = [];
  private readonly options: StageOptions;
  private readonly judged = new Set<string>();
  private hasEnded = false;
  private cancelTimer: (() => void) | undefined;
  private onReport: ((report: PassReport) => void) | undefined;

  constructor(options: StageOptions) {
    this.options = options;
    this.random = new Random(options.seed);
    this.venue = options.venue;
    this.folder = options.folder;
    this.market = new Market(options.venue.account, this.random, options.prices);
  }

  /** To be called with every pass. */
  take(report: PassReport): void {
    if (this.hasEnded) return;
    this.passes += 1;
    for (const finding of this.findings.take(report)) {
      this.recent.push(finding);
      if (this.recent.length > RECENT_MAX) this.recent.shift();
      for (const line of findingLines(finding, this.options.place)) this.tell(line);
    }
    this.onReport?.(report);
  }

  /** What a copy is called for a person. */
  get place(): (of: string) => string {
    return this.options.place;
  }

  /** Begins an act. */
  act(title: string, text: string): void {
    this.acts += 1;
    this.tell({ text: "" });
    this.tell({ text: `${this.acts}. ${title}: ${text}.`, tone: "bold" });
  }

  say(text: string): void {
    this.tell({ text: `   ${text}` });
  }

  /** What happens beside the story: an ordinary day. */
  note(text: string): void {
    this.tell({ text: `   ${text}`, tone: "dim" });
  }

  /** The last life of an instrument that ended, as trueup's history has it. */
  tellHistory(instrument: string): void {
    const text = historyText(this.options.book(), instrument);
    if (text !== null) this.tell({ text: `   history   ${text}` });
  }

  /** For who reads along; at another speed it is as much longer or shorter. In ms at the default speed. */
  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.cancelTimer = this.after(ms / this.options.speed, resolve);
    });
  }

  /** A time of the story, as long as it is at this speed. In ms. */
  scaled(ms: number): number {
    return Math.max(1, Math.round(ms / this.options.speed));
  }

  /** Runs `work` while the venue gets something wrong: right after a pass, so that none comes in between. */
  async during(misbehaviour: Misbehaviour, work: () => unknown): Promise<void> {
    await this.until(() => true, "a pass");
    this.venue.misbehave(misbehaviour);
    await work();
    this.venue.misbehave({});
  }

  /** An order of a bot, through trueup. @returns Why it was refused; null when it was taken. */
  async submit(
    order: Pick<OrderIntent, "intentId" | "side" | "instrument" | "strategy" | "reduceOnly"> & {
      readonly qty: Decimal;
    } & Pick<Partial<OrderIntent>, "exit">,
  ): Promise<string | null> {
    const plain = { leg: "net", type: "market", timeInForce: "gtc" } as const;
    const { outcome, code, reasons } = await this.options.submit({ ...plain, ...order });
    if (outcome === "rejected") return code ?? outcome;
    if (outcome === "unknown") this.fail(`nobody knows what became of ${order.intentId}: ${reasons[0]}`);
    return null;
  }

  /** What would close this one's position, as trueup has it now. */
  exitOf(instrument: string): ExitView | undefined {
    const book = this.options.book();
    return book && exitsReport(book).exits.find((exit) => exit.instrument === instrument);
  }

  /** Whose prices trueup's feed tells now. */
  followed(): readonly string[] {
    return this.options.followed();
  }

  /** Waits for what needs no pass. @returns Whether it came. */
  async untilSeen(isSeen: () => boolean, what: string): Promise<boolean> {
    const waitMs = WAIT_MS_MAX / Math.min(1, this.options.speed);
    for (let passedMs = 0; passedMs < waitMs && !isSeen(); passedMs += LOOK_MS) {
      await new Promise<void>((resolve) => {
        this.cancelTimer = this.after(LOOK_MS, resolve);
      });
    }
    if (isSeen()) return true;
    this.fail(`${Math.round(waitMs / 1_000)} s were not enough for ${what}`);
    return false;
  }

  /** Waits until trueup has found, explained and repaired what there is. */
  async settle(...expected: readonly Expected[]): Promise<void> {
    await this.until(isCalm, "both sides to agree");
    const own = this.findings.all().filter(({ id }) => !this.judged.has(id));
    for (const { id } of own) this.judged.add(id);
    const { missing, unforeseen } = compareFound(expected, own);
    for (const text of missing) this.fail(text);
    this.unforeseen.push(...unforeseen);
  }

  /** Says how things stand now. */
  async standing(): Promise<void> {
    this.tell({ text: `   ${await this.options.stateText()}`, tone: "dim", isStanding: true });
    await this.pause(READ_MS);
  }

  /** Waits for a pass that began after now and is as wanted. */
  async until(isWanted: (report: PassReport) => boolean, what: string): Promise<void> {
    const { clock } = this.options.runtime;
    const fromMs = clock.nowMs();
    const waitMs = WAIT_MS_MAX / Math.min(1, this.options.speed);
    let seen = 0;
    this.options.teller.waiting(`waiting for ${what}`);
    const hasCome = await new Promise<boolean>((resolve) => {
      this.cancelTimer = this.after(waitMs, () => resolve(false));
      this.onReport = (report) => {
        seen += 1;
        this.options.teller.waiting(`waiting for ${what}: ${passes(seen)}, ${openText(report)}`);
        if (report.startedAtMs > fromMs && isWanted(report)) resolve(true);
      };
    });
    this.onReport = undefined;
    this.cancelTimer?.();
    this.options.teller.waiting(null);
    if (!hasCome) this.fail(`${Math.round(waitMs / 1_000)} s were not enough for ${what}`);
  }

  /** Nothing is told and nobody waits any more. */
  end(): void {
    this.hasEnded = true;
    this.cancelTimer?.();
  }

  /** A market order of somebody, at the price of the moment; what the venue refuses is a problem of the story. */
  order(
    order: Pick<PaperOrder, "side" | "instrument"> & Partial<PaperOrder> & { readonly qty: Decimal },
  ): string {
    const outcome = this.venue.account.submit({ type: "market", ...order });
    if (outcome.kind === "accepted") return outcome.venueOrderId ?? "";
    this.fail(`the venue did not take ${order.side} ${order.qty} ${order.instrument}: ${outcome.reason}`);
    return "";
  }

  /** Something that the story waited for did not come. */
  fail(text: string): void {
    this.problems.push(text);
    this.tell({ text: `   PROBLEM   ${text}`, tone: "bad" });
  }

  private tell(line: Line): void {
    this.options.teller.line(line);
  }

  /** After the end nothing comes any more: the story stops where it is. */
  private after(ms: number, work: () => void): () => void {
    return this.hasEnded ? () => undefined : this.options.runtime.timers.after(ms, work);
  }
}

/** Everything was read, nothing is open, nothing moves, every file can be read. */
export function isCalm({ isComplete, isClean, summaries, mirrors }: PassReport): boolean {
  const moving = summaries.some(
    ({ inFlight, orders, balances }) => inFlight + orders.inFlight + balances.inFlight > 0,
  );
  return isComplete && isClean && !moving && mirrors.every(({ problem }) => problem === null);
}

function openText({ discrepancies }: PassReport): string {
  const open = discrepancies.filter(({ closedMs }) => closedMs === null).length;
  return open === 0 ? "nothing open" : `${open} open`;
}

function passes(count: number): string {
  return `${count} ${count === 1 ? "pass" : "passes"}`;
}
