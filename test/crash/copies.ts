// A power cut at any append: the file and its log are copied before, within and after each transaction, and between the
// steps of moving the log into the main file; every copy must open as whole as what was acknowledged until then.
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { SeededRandom } from "../../src/sim/swarm/random.ts";
import { Acknowledged, type Content } from "./content.ts";
import { recordSteps, type Step } from "./history.ts";
import { Bench, type Image, layImage, takeImage } from "./images.ts";
import { carryOut, checkpointWal, judge, openFile, Turns } from "./replay.ts";
import { runByHand, type SuiteResult, Tally } from "./result.ts";

/** The most appends that share one transaction. */
const GROUP_MAX = 3;
/** How often, on average, the log is moved, and a transaction copied from within. */
const SOMETIMES = 0.1;

export interface CopiesOptions extends Record<string, number> {
  readonly seed: number;
  /** Copies of the file after an append was acknowledged. */
  readonly copies: number;
}

export async function copies({ seed, copies }: CopiesOptions): Promise<SuiteResult> {
  const steps = await recordSteps(seed, copies * GROUP_MAX);
  const bench = new Bench();
  try {
    const files = { file: bench.newFile(), copy: bench.newFile() };
    return await new CopiesRun(files, new SeededRandom(seed)).run(steps, copies);
  } finally {
    bench.close();
  }
}

/** Before a transaction's turn is ended, within it, after its answer, and after the log was moved. */
type Look = "unended" | "within" | "copies" | "moved";

interface Files {
  readonly file: string;
  readonly copy: string;
}

class CopiesRun {
  private readonly random: SeededRandom;
  private readonly tally = new Tally();
  private readonly acknowledged = new Acknowledged();
  private readonly turns = new Turns();
  private readonly file: string;
  private readonly copy: string;
  private readonly counts = { copies: 0, within: 0, unended: 0, moved: 0, appends: 0 };
  private within: Image | undefined;

  constructor({ file, copy }: Files, random: SeededRandom) {
    this.file = file;
    this.copy = copy;
    this.random = random;
  }

  async run(steps: readonly Step[], copies: number): Promise<SuiteResult> {
    const journal = openFile(this.file, {
      timers: this.turns,
      commit: (db) => {
        this.within = takeImage(this.file);
        db.exec("COMMIT");
      },
    });
    const other = new DatabaseSync(this.file);
    let before = await this.acknowledged.content();
    for (const group of groupsOf(steps, this.random)) {
      const isAppend = group[0]?.kind === "append";
      const answers: unknown[] = [];
      const carried = group.map((step) => carryOut(journal, step).then(() => answers.push(step)));
      await setImmediate();
      if (isAppend && answers.length > 0) {
        this.tally.case(this.name("unended"), ["acknowledged before its transaction was ended"]);
      }
      if (isAppend && this.random.chance(SOMETIMES)) await this.look("unended", before);
      this.turns.end();
      await Promise.all(carried);
      if (this.within && this.random.chance(SOMETIMES)) await this.look("within", before, this.within);
      for (const step of group) await this.acknowledged.take(step);
      const after = await this.acknowledged.content();
      if (isAppend) this.counts.appends += group.length;
      if (isAppend) await this.look("copies", after);
      if (this.random.chance(SOMETIMES)) {
        checkpointWal(other, this.random.pick(["PASSIVE", "TRUNCATE"]));
        await this.look("moved", after);
      }
      if (this.counts.copies >= copies) break;
      before = after;
    }
    other.close();
    await journal.close();
    return this.tally.result("sqlite-copies", this.counts);
  }

  private async look(what: Look, expected: Content, image = takeImage(this.file)): Promise<void> {
    this.counts[what] += 1;
    layImage(this.copy, image);
    this.tally.case(this.name(what), await judge(this.copy, expected, this.acknowledged.digests));
  }

  private name(what: string): string {
    return `${what} at record ${this.acknowledged.head.seq}`;
  }
}

/** Appends that follow each other are sometimes one transaction; everything else is one of its own. */
function* groupsOf(steps: readonly Step[], random: SeededRandom): Generator<readonly Step[]> {
  let group: Step[] = [];
  for (const step of steps) {
    const isJoining = step.kind === "append" && group[0]?.kind === "append" && group.length < GROUP_MAX;
    if (group.length > 0 && !(isJoining && random.chance(0.2))) {
      yield group;
      group = [];
    }
    group.push(step);
  }
  yield group;
}

if (import.meta.main) await runByHand({ seed: 1, copies: 200 }, copies);
