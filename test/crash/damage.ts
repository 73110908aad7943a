// Damage to the file and to its log, in every kind of page: flipped bits, lost, torn, misdirected and swapped pages, a
// file that ends early. Whatever was acknowledged reads back as it was, or the damage is found: a start refuses it, or
// `journal verify` names it. What a start takes is right; nothing is accepted in silence.

import { DatabaseSync } from "node:sqlite";
import { restoring } from "../../src/daemon/trouble.ts";
import { restoreBook, verifyCheckpoint, verifyViews } from "../../src/engine/index.ts";
import { digestOf, type Journal, JournalError } from "../../src/journal/index.ts";
import { SeededRandom } from "../../src/sim/swarm/random.ts";
import { ACCOUNT } from "./account.ts";
import { Acknowledged, bookText, type Content, contentOf, differences } from "./content.ts";
import { recordSteps } from "./history.ts";
import { Bench, type Image, layImage, takeImage } from "./images.ts";
import { pagesOf } from "./pages.ts";
import { carryOut, openFile } from "./replay.ts";
import { runByHand, type SuiteResult, Tally } from "./result.ts";

const PAGE_BYTES = 4_096;
const HEADER_BYTES = 100;
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;
const APPENDS = 120;
/** Flipped bits for one damage of every other kind. */
const FLIPS = 5;

export interface DamageOptions extends Record<string, number> {
  readonly seed: number;
  /** How often each kind of damage strikes each kind of page. */
  readonly each: number;
}

/** A stretch of one of the two files. */
interface Place {
  readonly file: "main" | "wal";
  readonly area: string;
  readonly from: number;
  readonly bytes: number;
  /** In the log: of the last transaction, or the end of the one before. */
  readonly isOfLast?: boolean;
}

type Damage = (bytes: Buffer, place: Place, run: DamageRun) => Buffer;

const KINDS: Readonly<Record<string, Damage>> = {
  flip: (bytes, place, { random }) => {
    const at = usedByte(bytes, place, random);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.int(0, 7)), at);
    return bytes;
  },
  zeroed: (bytes, { from, bytes: length }) => bytes.fill(0, from, from + length),
  half: (bytes, { from, bytes: length }) => bytes.fill(0, from + Math.floor(length / 2), from + length),
  noise: (bytes, { from, bytes: length }, { random }) => {
    for (let at = from; at < from + length; at += 1) bytes.writeUInt8(random.int(0, 255), at);
    return bytes;
  },
  swapped: (bytes, place, run) => {
    const other = run.otherThan(place);
    const own = Buffer.from(bytes.subarray(place.from, place.from + place.bytes));
    bytes.copy(bytes, place.from, other.from, other.from + place.bytes);
    own.copy(bytes, other.from);
    return bytes;
  },
  misdirected: (bytes, place, run) => {
    const other = run.otherThan(place);
    bytes.copy(bytes, place.from, other.from, other.from + place.bytes);
    return bytes;
  },
  /** The disk took an earlier version of it, and never this one. */
  lost: (bytes, { file, from, bytes: length }, { targets }) => {
    targets[file].earlier.copy(bytes, from, from, from + length);
    return bytes;
  },
  ends: (bytes, { from }) => bytes.subarray(0, from),
};

/** How a damaged file was met; `rolledBack`: taken as it was at an earlier moment, whole. */
type Ending = "harmless" | "refused" | "found" | "rolledBack" | "silent";

export async function damage({ seed, each }: DamageOptions): Promise<SuiteResult> {
  const bench = new Bench();
  try {
    return await (await DamageRun.prepare(bench, seed)).run(each);
  } finally {
    bench.close();
  }
}

interface Target {
  readonly image: Image;
  /** The file that is damaged, as it was before some of its pages were written again. */
  readonly earlier: Buffer;
}

class DamageRun {
  readonly random: SeededRandom;
  readonly targets: Readonly<Record<"main" | "wal", Target>>;
  private readonly places: readonly Place[];
  private readonly states: readonly Content[];
  private readonly digests: Iterable<string>;
  private readonly copy: string;
  private readonly tally = new Tally();
  private readonly endings: Record<Ending, number> = {
    harmless: 0,
    refused: 0,
    found: 0,
    rolledBack: 0,
    silent: 0,
  };
  private readonly silentParts: Record<string, number> = {};
  private readonly refusals: Record<string, number> = {};
  private earlierTails = 0;

  private constructor(
    copy: string,
    random: SeededRandom,
    targets: Readonly<Record<"main" | "wal", Target>>,
    places: readonly Place[],
    known: { readonly states: readonly Content[]; readonly digests: Iterable<string> },
  ) {
    this.copy = copy;
    this.random = random;
    this.targets = targets;
    this.places = places;
    this.states = known.states;
    this.digests = known.digests;
  }

  /**
   * Two states of one journal: everything in the main file, as after a clean end; and its later half in the log, as
   * after a kill. Damage to the main file is done to the first, damage to the log to the second.
   */
  static async prepare(bench: Bench, seed: number): Promise<DamageRun> {
    const file = bench.newFile();
    const acknowledged = new Acknowledged();
    const steps = await recordSteps(seed, APPENDS);
    const journal = openFile(file);
    const other = new DatabaseSync(file);
    const moveLog = () => other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    const states: Content[] = [];
    const earlier: Image[] = [];
    for (const [index, step] of steps.entries()) {
      await carryOut(journal, step);
      await acknowledged.take(step);
      states.push(await acknowledged.content());
      const part = Math.floor((4 * index) / steps.length);
      if (part === earlier.length) continue;
      if (part < 3) moveLog();
      earlier.push(takeImage(file));
    }
    const logged = takeImage(file);
    moveLog();
    const clean = takeImage(file);
    other.close();
    await journal.close();
    const whole = bench.newFile();
    layImage(whole, clean);
    const images = {
      main: { image: clean, earlier: padded(earlier[1]?.main, clean.main) },
      wal: { image: logged, earlier: padded(earlier[2]?.wal, logged.wal) },
    };
    const places = [...mainPlaces(whole), ...logPlaces(logged.wal)];
    const random = new SeededRandom(seed);
    return new DamageRun(bench.newFile(), random, images, places, { states, digests: acknowledged.digests });
  }

  async run(each: number): Promise<SuiteResult> {
    for (const { image } of Object.values(this.targets)) await this.strike("nothing", "none", image, false);
    const areas = Map.groupBy(this.places, ({ file, area }) => `${file} ${area}`);
    for (const [area, places] of areas) {
      for (const [kind, work] of Object.entries(KINDS)) {
        // One bit of a page changes little: most flips are harmless, and some change an amount.
        for (let n = 0; n < (kind === "flip" ? FLIPS * each : each); n += 1) {
          const place = this.random.pick(places);
          const { image } = this.targets[place.file];
          const bytes = work(Buffer.from(image[place.file]), place, this);
          // A main file of no bytes is a new journal, as one that is not there.
          if (place.file === "main" && bytes.length === 0) continue;
          const mayRollBack = place.file === "wal" && (kind === "ends" || place.isOfLast === true);
          await this.strike(area, kind, { ...image, [place.file]: bytes }, mayRollBack);
        }
      }
    }
    return this.tally.result("damage", {
      ...this.endings,
      earlierTails: this.earlierTails,
      areas: areas.size,
      silentParts: this.silentParts,
      refusals: this.refusals,
    });
  }

  /** Another stretch of the same length in the same file. */
  otherThan({ file, from, bytes }: Place): Place {
    const others = this.places.filter(
      (other) => other.file === file && other.from !== from && other.bytes === bytes,
    );
    return others.length > 0 ? this.random.pick(others) : { file, area: "", from, bytes };
  }

  /** @param mayRollBack Nothing in the file can tell this from a transaction that never came to be acknowledged. */
  private async strike(area: string, kind: string, image: Image, mayRollBack: boolean): Promise<void> {
    const start = await this.start(image);
    // A checkpoint stands for most records: without it each of them is folded.
    const fromFirst = await this.start(image, false);
    const isFound = start === "refused" || (await this.isFound(image));
    // What cannot be read at all deceives nobody, but `verify` should have said so.
    const found = isFound
      ? undefined
      : await this.read(image).catch((error: Error) => new Map([["unreadable", error.message.slice(-120)]]));
    const last = this.states.at(-1) as Content;
    const differing = found ? differences(last, found) : [];
    const isEarlier = found !== undefined && this.states.some((one) => differences(one, found).length === 0);
    const isRolledBack =
      differing.length > 0 && ((mayRollBack && isEarlier) || this.isEarlierTail(differing, found));
    const problems: string[] = [];
    for (const [taken, from] of [
      [start, "a start"],
      [fromFirst, "a start without a checkpoint"],
    ]) {
      if (taken === "wrong" && !isRolledBack)
        problems.push(`${from} takes a book that was never acknowledged`);
    }
    if (differing.length > 0 && !isRolledBack) {
      problems.push(`not as written, and nobody says so: ${differing.join(", ")}`);
      for (const part of differing) this.silentParts[part] = (this.silentParts[part] ?? 0) + 1;
    }
    this.endings[ending(start, isFound, isRolledBack, problems)] += 1;
    this.tally.case(`${kind} in ${area}`, problems);
  }

  /** The tail is replaced in place, outside the chain: where a write of it is lost, the one before is as good as it. */
  private isEarlierTail(differing: readonly string[], found: Content | undefined): boolean {
    if (differing.join() !== "tail") return false;
    const isEarlier = this.states.some((one) => one.get("tail") === found?.get("tail"));
    if (isEarlier) this.earlierTails += 1;
    return isEarlier;
  }

  /** As the daemon opens an account. */
  private async start(image: Image, hasCheckpoint = true): Promise<"right" | "wrong" | "refused"> {
    return this.opened(image, async (opened) => {
      const journal = hasCheckpoint ? opened : withoutCheckpoint(opened);
      const book = await restoring(journal, ACCOUNT, () => restoreBook(journal, ACCOUNT));
      const head = await journal.head(ACCOUNT);
      const last = this.states.at(-1);
      const isBook = digestOf(bookText(book)) === last?.get("book");
      const isHead = digestOf(JSON.stringify(head)) === last?.get("head");
      return isBook && isHead ? "right" : "wrong";
    }).catch((error: unknown) => {
      const name = error instanceof JournalError ? error.code : (error as Error).name;
      this.refusals[name] = (this.refusals[name] ?? 0) + 1;
      return "refused" as const;
    });
  }

  /** As `trueup journal verify` looks. */
  private isFound(image: Image): Promise<boolean> {
    return this.opened(image, async (journal) => {
      const { problems } = await journal.verify(ACCOUNT);
      if (problems.length > 0 || (await verifyCheckpoint(journal, ACCOUNT)) !== undefined) return true;
      return (await verifyViews(journal, ACCOUNT)).length > 0;
    }).catch(() => true);
  }

  private read(image: Image): Promise<Content> {
    return this.opened(image, (journal) => contentOf(journal, this.digests));
  }

  private async opened<T>(image: Image, work: (journal: Journal) => Promise<T>): Promise<T> {
    layImage(this.copy, image);
    const journal = openFile(this.copy);
    try {
      return await work(journal);
    } finally {
      await journal.close();
    }
  }
}

function withoutCheckpoint(journal: Journal): Journal {
  return new Proxy(journal, {
    get: (target, name) => {
      if (name === "loadCheckpoint") return async () => undefined;
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function ending(start: string, isFound: boolean, isRolledBack: boolean, problems: readonly string[]): Ending {
  if (problems.length > 0) return "silent";
  if (start === "refused") return "refused";
  if (isFound) return "found";
  return isRolledBack ? "rolledBack" : "harmless";
}

function mainPlaces(file: string): Place[] {
  const header: Place = { file: "main", area: "header", from: 0, bytes: HEADER_BYTES };
  const places = pagesOf(file).map(({ number, area }) => {
    return { file: "main" as const, area, from: (number - 1) * PAGE_BYTES, bytes: PAGE_BYTES };
  });
  return [header, ...places];
}

/** Pages in the log: its checksums cover each whole, so that it does not matter what is on it. */
function logPlaces(wal: Buffer): Place[] {
  const places: Place[] = [{ file: "wal", area: "header", from: 0, bytes: WAL_HEADER_BYTES }];
  const ends: number[] = [];
  for (let from = WAL_HEADER_BYTES; from + FRAME_BYTES <= wal.length; from += FRAME_BYTES) {
    if (wal.readUInt32BE(from + 4) !== 0) ends.push(from);
  }
  // The end of the transaction before the last is what tells that it was one.
  const lastFrom = ends.at(-2) ?? 0;
  for (let from = WAL_HEADER_BYTES; from + FRAME_BYTES <= wal.length; from += FRAME_BYTES) {
    const isOfLast = from >= lastFrom;
    const end = from >= lastFrom ? "last " : "";
    places.push({ file: "wal", area: `${end}frame header`, from, bytes: FRAME_HEADER_BYTES, isOfLast });
    places.push({
      file: "wal",
      area: `${end}frame`,
      from: from + FRAME_HEADER_BYTES,
      bytes: PAGE_BYTES,
      isOfLast,
    });
  }
  return places;
}

/** A byte of the place; most often one that is not zero, as most of a page that is not full yet is. */
function usedByte(bytes: Buffer, place: Place, random: SeededRandom): number {
  const draw = () => place.from + random.int(0, place.bytes - 1);
  for (let tries = 0; tries < 20; tries += 1) {
    const at = draw();
    if (bytes[at] !== 0) return at;
  }
  return draw();
}

/** As long as the other, with its bytes where the first has none. */
function padded(short: Buffer | undefined, long: Buffer): Buffer {
  const result = Buffer.from(long);
  short?.subarray(0, long.length).copy(result);
  return result;
}

if (import.meta.main) await runByHand({ seed: 1, each: 8 }, damage);
