// A disk, a file or a neighbour that refuses a write, at seeded moments of a session's life: the account stops at once,
// nothing of the refused transaction is acknowledged, no order leaves any more, and the next start is as whole as what
// was acknowledged. Errors of the sync are made by a seam in the backend, not by the disk: node:sqlite lets nobody
// stand between SQLite and the system. The others are real: refusals.ts.
import type { DatabaseSync } from "node:sqlite";
import { emptyBook, positionKey, positionQty, ZERO } from "../../src/core/index.ts";
import { foldOn } from "../../src/engine/checkpoint.ts";
import { restoreBook } from "../../src/engine/index.ts";
import type { AppendRequest, Journal, JournalError } from "../../src/journal/index.ts";
import { SeededRandom } from "../../src/sim/swarm/random.ts";
import { ACCOUNT } from "./account.ts";
import { BusyAccount, INSTRUMENTS, settle } from "./busy-account.ts";
import { bookText } from "./content.ts";
import { Bench } from "./images.ts";
import { REFUSALS, type Refusal } from "./refusals.ts";
import { openFile } from "./replay.ts";
import { runByHand, type SuiteResult, Tally } from "./result.ts";

/** Things that happen before the error, at most. */
const BEFORE_MAX = 25;
/** Transactions that are still taken then, at most: so that it comes in the middle of whatever happens. */
const TAKEN_MAX = 4;
/** Things that happen until it has come: nothing needs a new page of a full file for a while. */
const UNTIL_MAX = 200;
/** Things that happen after the account has stopped: none may reach the journal or the venue. */
const AFTERLIFE = 5;
/** After the next start: enough for everything to be found out about. In ms. */
const AT_REST_MS = 60_000;

export interface CommitErrorsOptions extends Record<string, number> {
  readonly seed: number;
  /** How often each kind of error comes. */
  readonly each: number;
}

interface Counts {
  acknowledged: number;
  orders: number;
  foundLater: number;
}

export async function commitErrors({ seed, each }: CommitErrorsOptions): Promise<SuiteResult> {
  const bench = new Bench();
  const tally = new Tally();
  const counts: Counts = { acknowledged: 0, orders: 0, foundLater: 0 };
  const random = new SeededRandom(seed);
  try {
    for (const refusal of REFUSALS) {
      for (let n = 1; n <= each; n += 1) {
        const trial = new Trial(bench.newFile(), refusal, random, counts);
        tally.case(`${refusal.name}, try ${n}`, await trial.run(random.int(1, 1_000_000)));
      }
    }
    return tally.result("commit-errors", { ...counts, kinds: REFUSALS.map(({ name }) => name), each });
  } finally {
    bench.close();
  }
}

class Trial {
  private readonly file: string;
  private readonly refusal: Refusal;
  private readonly random: SeededRandom;
  private readonly counts: Counts;
  private readonly problems: string[] = [];
  private db: DatabaseSync | undefined;
  private taken = 0;
  private isStruck = false;
  private left = 0;
  private acknowledgedSeq = 0;
  private refused: JournalError | undefined;

  constructor(file: string, refusal: Refusal, random: SeededRandom, counts: Counts) {
    this.file = file;
    this.refusal = refusal;
    this.random = random;
    this.counts = counts;
  }

  async run(seed: number): Promise<string[]> {
    const { refusal, random, problems } = this;
    const journal = this.watched(openFile(this.file, { busyTimeoutMs: 1, commit: (db) => this.commit(db) }));
    const account = await BusyAccount.open(journal, seed);
    this.watchDoor(account);
    for (let n = random.int(0, BEFORE_MAX); n > 0; n -= 1) await account.live();
    await account.world.session.whenIdle();
    this.left = random.int(0, TAKEN_MAX);
    const heal = await refusal.strike(this.db as DatabaseSync, this.file);
    this.isStruck = true;
    for (let n = 0; n < UNTIL_MAX && !this.refused; n += 1) await live(account);
    this.judgeStopped(account);
    await this.judgeAfterlife(account);
    await heal();
    this.isStruck = false;
    if (refusal.isFinal) await this.judgeHandle(journal);
    await this.judgeFile(account);
    await this.judgeNextStart(account, refusal.isFinal ? openFile(this.file) : journal);
    await journal.close();
    return problems;
  }

  private commit(db: DatabaseSync): void {
    this.db = db;
    const isRefused = this.isStruck && this.left <= 0;
    if (this.isStruck) this.left -= 1;
    if (isRefused) this.refusal.commit(db);
    else db.exec("COMMIT");
    this.taken += 1;
  }

  /** Notes what is acknowledged, and what is refused first. */
  private watched(journal: Journal): Journal {
    const noted = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } catch (error) {
        this.refused ??= error as JournalError;
        throw error;
      }
    };
    const append = async (request: AppendRequest) => {
      const result = await noted(journal.append(request));
      if (result.kind === "appended") this.acknowledgedSeq = Math.max(this.acknowledgedSeq, result.head.seq);
      return result;
    };
    return new Proxy(journal, {
      get: (target, name) => {
        if (name === "append") return append;
        const value = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        const bound = value.bind(target) as (...given: unknown[]) => Promise<unknown>;
        return name === "setTail" ? (...given: unknown[]) => noted(bound(...given)) : bound;
      },
    });
  }

  /** No order may leave once a write was refused. */
  private watchDoor({ world: { venue } }: BusyAccount): void {
    const submit = venue.submit.bind(venue);
    venue.submit = (command) => {
      this.counts.orders += 1;
      if (this.refused) this.problems.push(`${command.clientOrderId} left after a write was refused`);
      return submit(command);
    };
  }

  private judgeStopped({ world }: BusyAccount): void {
    const { refusal, refused, problems } = this;
    if (!refused) return void problems.push("no write was refused");
    if (refused.code !== refusal.code)
      problems.push(`${refused.code} instead of ${refusal.code}: ${refused}`);
    if (refused.isFinal !== refusal.isFinal) problems.push(`isFinal is ${refused.isFinal}`);
    if (!world.session.hasStopped) problems.push("a write was refused, and the account goes on");
  }

  private async judgeAfterlife(account: BusyAccount): Promise<void> {
    const { taken } = this;
    for (let n = 0; n < AFTERLIFE; n += 1) await live(account);
    if (this.taken !== taken) this.problems.push("something was committed after the account had stopped");
  }

  /** Though the disk would take it again. */
  private async judgeHandle(journal: Journal): Promise<void> {
    const { taken } = this;
    const error = await journal.setTail(ACCOUNT, { state: "{}" }).catch((refused: unknown) => refused);
    if (error !== this.refused || this.taken !== taken) this.problems.push("the journal was tried again");
  }

  private async judgeFile({ world }: BusyAccount): Promise<void> {
    const journal = openFile(this.file, { readOnly: true });
    const { problems, acknowledgedSeq } = this;
    const { problems: found, head } = await journal.verify(ACCOUNT);
    problems.push(...found.map(({ detail }) => detail));
    if (head.seq < acknowledgedSeq) problems.push(`lost: acknowledged ${acknowledgedSeq}, there ${head.seq}`);
    if (head.seq > acknowledgedSeq) this.counts.foundLater += 1;
    if (head.seq > acknowledgedSeq && !this.refusal.mayArrive) {
      problems.push(`record ${head.seq} is there, and was refused`);
    }
    const book = await restoreBook(journal, ACCOUNT);
    const folded = emptyBook(ACCOUNT);
    await foldOn(journal, folded);
    if (bookText(folded) !== bookText(book)) problems.push("the book is not what its records fold to");
    const intended = new Set([...book.orders.values()].map(({ clientOrderId }) => clientOrderId));
    for (const { clientOrderId } of world.account.state.orders) {
      const isOurs = clientOrderId !== undefined;
      if (isOurs && !intended.has(clientOrderId))
        problems.push(`${clientOrderId} was sent, its intent is lost`);
    }
    this.counts.acknowledged += acknowledgedSeq;
    await journal.close();
  }

  private async judgeNextStart({ world }: BusyAccount, journal: Journal): Promise<void> {
    Object.assign(world, { journal });
    world.failure = undefined;
    await world.restart();
    await world.advance(AT_REST_MS);
    if (world.session.hasStopped) this.problems.push(`the next start has stopped: ${world.failure}`);
    for (const instrument of INSTRUMENTS) {
      const venue = world.account.state.positions[instrument]?.qty ?? ZERO;
      const local = positionQty(world.session.book, positionKey(instrument, "net"));
      if (local !== venue) this.problems.push(`${instrument}: the book has ${local}, the venue ${venue}`);
    }
    const { problems } = await journal.verify(ACCOUNT);
    this.problems.push(...problems.map(({ detail }) => detail));
    await world.session.stop();
    if (this.refusal.isFinal) await journal.close();
  }
}

/** Whoever asks something of an account that has stopped is told so. */
async function live(account: BusyAccount): Promise<void> {
  await account.live().catch((error: unknown) => {
    account.world.failure ??= error as Error;
  });
  await settle();
}

if (import.meta.main) await runByHand({ seed: 1, each: 40 }, commitErrors);
