// A process that is really killed, again and again, at moments that a seed draws by counting what it says; it comes back
// on the same files. No fill that it had acknowledged is lost, no order is sent twice, and the book is what the journal
// folds to. A kill takes the process and nothing else: what the system holds of its files stays (unsynced.ts is for that).
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { emptyBook, type JournalRecord, positionKey, positionQty, ZERO } from "../../src/core/index.ts";
import { foldOn } from "../../src/engine/checkpoint.ts";
import { restoreBook, verifyCheckpoint } from "../../src/engine/index.ts";
import { SeededRandom } from "../../src/sim/swarm/random.ts";
import { ACCOUNT } from "./account.ts";
import { bookText } from "./content.ts";
import { INSTRUMENTS, Referee } from "./referee.ts";
import { openFile } from "./replay.ts";
import { runByHand, type SuiteResult, Tally } from "./result.ts";
import type { Line, Question, ToWriter } from "./wire.ts";

const WRITER = join(import.meta.dirname, "writer.ts");
/** After so many of its messages a writer is killed at the latest; about a third of them are of its start. */
const MESSAGES_MAX = 60;
/** Passes within which everything must be as the venue has it, once nothing happens any more. */
const PASSES_MAX = 300;

export interface KillsOptions extends Record<string, number> {
  readonly seed: number;
  readonly kills: number;
}

export async function kills({ seed, kills }: KillsOptions): Promise<SuiteResult> {
  const folder = mkdtempSync(join(tmpdir(), "trueup-kills-"));
  try {
    return await new KillsRun(join(folder, "journal.db"), seed).run(kills);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Told {
  readonly outcome: string;
  readonly clientOrderId: string | null;
}

class KillsRun {
  private readonly file: string;
  private readonly random: SeededRandom;
  private readonly referee: Referee;
  private readonly tally = new Tally();
  /** What the writers have acknowledged: trade ids by the sequence of their record. */
  private readonly fills = new Map<number, string>();
  private readonly told = new Map<string, Told>();
  private readonly recoveryMs: number[] = [];
  private sentDurable = 0;
  private seqMax = 0;
  private failures: string[] = [];

  constructor(file: string, seed: number) {
    this.file = file;
    this.random = new SeededRandom(seed);
    this.referee = new Referee(new SeededRandom(seed + 1));
  }

  async run(kills: number): Promise<SuiteResult> {
    const startMs = performance.now();
    let beforeReady = 0;
    for (let kill = 1; kill <= kills; kill += 1) {
      const life = new Life(this.file, this.referee, this.random, (line) => this.note(line));
      this.failures.push(...(await life.untilKilled(this.random.int(1, MESSAGES_MAX))));
      if (life.readyMs !== null) this.recoveryMs.push(life.readyMs);
      else beforeReady += 1;
      this.tally.case(`kill ${kill}`, [...this.failures.splice(0), ...(await this.behind())]);
    }
    const minutes = (performance.now() - startMs) / 60_000;
    const last = new Life(this.file, this.referee, this.random, (line) => this.note(line));
    const problems = await last.untilAtRest(PASSES_MAX);
    const { lost, doubled, found, records } = await this.judge();
    const sentTwice = [...this.referee.sent.values()].filter((count) => count > 1).length;
    if (sentTwice > 0) problems.push(`${sentTwice} orders were sent twice`);
    this.tally.case("at the end", [...this.failures, ...problems, ...found]);
    const sorted = this.recoveryMs.toSorted((a, b) => a - b).map(Math.round);
    return {
      ...this.tally.result("kills", {
        kills,
        lost,
        doubled,
        sentTwice,
        silent: 0,
        beforeReady,
        fillsAcknowledged: this.fills.size,
        ordersSent: this.referee.sent.size,
        intentsTold: this.told.size,
        sentDurable: this.sentDurable,
        records,
        killsPerMinute: Math.round(kills / minutes),
        recoveryMs: { median: sorted[Math.floor(sorted.length / 2)] ?? null, max: sorted.at(-1) ?? null },
      }),
      n: kills,
    };
  }

  private note(line: Line): void {
    if (line.kind === "fill") this.fills.set(line.seq, line.tradeId);
    if (line.kind === "sent") this.sentDurable += 1;
    if (line.kind === "failed") this.failures.push(`the account stopped by itself: ${line.reason}`);
    if (line.kind === "fill" || line.kind === "sent") this.seqMax = Math.max(this.seqMax, line.seq);
    if (line.kind !== "told") return;
    this.told.set(line.intentId, line);
    if (line.outcome !== "unknown") this.referee.heard(line.intentId);
  }

  /** Whether the file, as the kill left it, ends before what was acknowledged. */
  private async behind(): Promise<string[]> {
    if (this.seqMax === 0) return [];
    const journal = openFile(this.file, { readOnly: true });
    try {
      const { seq } = await journal.head(ACCOUNT);
      return seq < this.seqMax ? [`record ${this.seqMax} was acknowledged, the file ends at ${seq}`] : [];
    } finally {
      await journal.close();
    }
  }

  private async judge(): Promise<{ lost: number; doubled: number; found: string[]; records: number }> {
    const journal = openFile(this.file);
    try {
      const { problems, records } = await journal.verify(ACCOUNT);
      const found = problems.map(({ detail }) => detail);
      const checkpoint = await verifyCheckpoint(journal, ACCOUNT);
      if (checkpoint) found.push(checkpoint.detail);
      const book = await restoreBook(journal, ACCOUNT);
      const folded = emptyBook(ACCOUNT);
      await foldOn(journal, folded);
      if (bookText(folded) !== bookText(book)) found.push("the book is not what its records fold to");
      const all = await journal.read(ACCOUNT, 0, Number.MAX_SAFE_INTEGER);
      const lost = [...this.fills].filter(([seq, tradeId]) => tradeIdOf(all[seq - 1]) !== tradeId).length;
      if (lost > 0) found.push(`${lost} acknowledged fills are lost`);
      const keys = all.flatMap((one) => (one.kind === "fill_recorded" ? [one.payload.fillKey] : []));
      const doubled = keys.length - new Set(keys).size;
      if (doubled > 0) found.push(`${doubled} fills were recorded twice`);
      const { state } = this.referee.account;
      const booked = new Set([...book.fills.values()].map(({ facts }) => facts.tradeId));
      const missing = state.fills.filter(({ tradeId }) => !booked.has(tradeId));
      if (missing.length > 0) found.push(`${missing.length} fills of the venue are not in the book`);
      for (const instrument of INSTRUMENTS) {
        const venue = state.positions[instrument]?.qty ?? ZERO;
        const local = positionQty(book, positionKey(instrument, "net"));
        if (local !== venue) found.push(`${instrument}: the book has ${local}, the venue ${venue}`);
      }
      for (const [intentId, { outcome, clientOrderId }] of this.told) {
        const isThere = clientOrderId !== null && this.referee.account.find({ clientOrderId }) !== undefined;
        if (outcome === "accepted" && !isThere)
          found.push(`${intentId} is told as accepted, and is not there`);
      }
      return { lost, doubled, found, records };
    } finally {
      await journal.close();
    }
  }
}

function tradeIdOf(record: JournalRecord | undefined): string | undefined {
  return record?.kind === "fill_recorded" ? record.payload.tradeId : undefined;
}

/** One process, from its start to its end. */
class Life {
  /** How long it took until its first pass was done; null where it did not come to that. */
  readyMs: number | null = null;
  private readonly child: ChildProcess;
  private readonly referee: Referee;
  private readonly random: SeededRandom;
  private readonly onLine: (line: Line) => void;
  private readonly ended: Promise<unknown>;
  private readonly startedMs = performance.now();
  private messages = 0;
  private killAt = Number.POSITIVE_INFINITY;
  private isQuiet = false;
  private isKilled = false;
  private onPass: (line: Line & { kind: "pass" }) => void = () => undefined;

  constructor(file: string, referee: Referee, random: SeededRandom, onLine: (line: Line) => void) {
    this.referee = referee;
    this.random = random;
    this.onLine = onLine;
    this.child = fork(WRITER, [file], {
      execArgv: ["--disable-warning=ExperimentalWarning"],
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") },
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    const ended = (name: string) => new Promise((resolve) => this.child.once(name, resolve));
    this.child.on("message", (question: Question) => this.asked(question));
    const lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => this.said(line));
    // All that it has ever said is read before another one starts.
    this.ended = Promise.all([
      ended("close"),
      ended("disconnect"),
      new Promise((done) => lines.once("close", done)),
    ]);
  }

  /** @returns Why it was not the kill that ended it. */
  async untilKilled(atMessage: number): Promise<string[]> {
    this.killAt = atMessage;
    await this.ended;
    this.referee.disconnect();
    const { exitCode, signalCode } = this.child;
    return this.isKilled && signalCode === "SIGKILL"
      ? []
      : [`it ended by itself with ${exitCode ?? signalCode}`];
  }

  /** Nothing happens any more. @returns Why it did not come to rest. */
  async untilAtRest(passesMax: number): Promise<string[]> {
    this.isQuiet = true;
    let passes = 0;
    let quiet = 0;
    const problems: string[] = [];
    this.onPass = ({ isClean, unresolved }) => {
      passes += 1;
      quiet = isClean && unresolved === 0 && this.referee.openIntents.length === 0 ? quiet + 1 : 0;
      // What was unknown when the bot asked may be known by now.
      for (const intent of this.referee.openIntents) this.tell({ kind: "intent", intent });
      if (quiet === 2) this.tell({ kind: "stop" });
      else if (passes === passesMax) {
        problems.push(
          `not at rest after ${passes} passes: ${unresolved} orders unresolved, clean ${isClean}`,
        );
        this.tell({ kind: "stop" });
      }
    };
    await this.ended;
    if (this.child.exitCode !== 0)
      problems.push(`it ended with ${this.child.exitCode ?? this.child.signalCode}`);
    return problems;
  }

  private said(text: string): void {
    const line = lineOf(text);
    // Its last words, cut off.
    if (!line) return;
    this.onLine(line);
    if (line.kind === "ready") {
      this.readyMs = performance.now() - this.startedMs;
      for (const intent of this.referee.openIntents) this.tell({ kind: "intent", intent });
    }
    if (line.kind === "pass") this.onPass(line);
    this.count();
    if (this.readyMs !== null && !this.isQuiet && !this.isKilled && this.random.chance(0.5)) {
      this.referee.happen((message) => this.tell(message));
    }
  }

  private asked(question: Question): void {
    this.referee.note(question);
    const wasAlive = !this.isKilled;
    this.count();
    // The request that it was killed at may be lost on its way, or arrive; what it sent before that does arrive.
    if (wasAlive && this.isKilled && this.random.chance(0.5)) return;
    this.referee
      .answer(question, (message) => this.tell(message))
      .catch((error: unknown) => {
        throw error;
      });
  }

  private count(): void {
    this.messages += 1;
    if (this.messages !== this.killAt) return;
    this.isKilled = true;
    this.child.kill("SIGKILL");
  }

  private tell(message: ToWriter): void {
    // One that has just died hears nothing.
    if (!this.isKilled && this.child.connected) this.child.send(message, () => undefined);
  }
}

function lineOf(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

if (import.meta.main) await runByHand({ seed: 1, kills: 1_000 }, kills);
