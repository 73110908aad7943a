// Everything that a journal has of one account, part by part as a digest: two journals with the same content give the
// same parts, whatever they are made of.
import {
  applyRecord,
  type Book,
  emptyBook,
  type JournalRecord,
  nothingTouched,
  toState,
  VIEWS,
  type ViewName,
} from "../../src/core/index.ts";
import { restoreBook } from "../../src/engine/index.ts";
import { digestOf, type Head, type Journal } from "../../src/journal/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import { ACCOUNT } from "./account.ts";
import type { Step } from "./history.ts";

/** Digests by the name of the part: `head`, `records`, `book`, `attachments`, `tail`, `checkpoint`, `view NAME`. */
export type Content = ReadonlyMap<string, string>;

const VIEW_NAMES = Object.keys(VIEWS) as ViewName[];

export function bookText(book: Book): string {
  return canonical(toState(book));
}

/** @param digests Of every attachment that was ever made. */
export async function contentOf(journal: Journal, digests: Iterable<string>): Promise<Content> {
  return new Map([
    ...(await partsOf(journal, digests)),
    ["book", digestOf(bookText(await restoreBook(journal, ACCOUNT)))],
  ]);
}

async function partsOf(journal: Journal, digests: Iterable<string>): Promise<[string, string][]> {
  const rows: (readonly [string, string])[] = [];
  for (const digest of digests) {
    const found = await journal.attachment(digest);
    if (found !== undefined) rows.push([digest, found]);
  }
  const parts: [string, unknown][] = [
    ["head", await journal.head(ACCOUNT)],
    ["records", await journal.read(ACCOUNT, 0, Number.MAX_SAFE_INTEGER)],
    ["attachments", rows],
    ["tail", (await journal.tail(ACCOUNT))?.state],
    ["checkpoint", await journal.loadCheckpoint(ACCOUNT)],
  ];
  for (const name of VIEW_NAMES) {
    const texts = (await journal.view(name, ACCOUNT)).map((row) => canonical(withoutNulls(row)));
    parts.push([`view ${name}`, texts.sort()]);
  }
  return parts.map(([name, value]) => [name, digestOf(JSON.stringify(value ?? null))]);
}

/** Names of the parts in which two contents differ. */
export function differences(a: Content, b: Content): string[] {
  return [...a.keys()].filter((name) => a.get(name) !== b.get(name));
}

/** What is acknowledged so far: the same steps in memory, and the book that they make record by record. */
export class Acknowledged {
  readonly digests = new Set<string>();
  private readonly journal = new MemoryJournal();
  private readonly book = emptyBook(ACCOUNT);
  private known: Head = { seq: 0, hash: "" };

  get head(): Head {
    return this.known;
  }

  async take(step: Step): Promise<void> {
    if (step.kind === "tail") return this.journal.setTail(ACCOUNT, step.tail);
    if (step.kind === "checkpoint") return this.journal.saveCheckpoint(ACCOUNT, step.checkpoint);
    const { request } = step;
    for (const { digest } of request.attachments ?? []) this.digests.add(digest);
    const result = await this.journal.append(request);
    if (result.kind === "conflict") throw new Error(`the steps do not follow: ${JSON.stringify(result)}`);
    this.known = result.head;
    const records = await this.journal.read(ACCOUNT, this.book.seq, Number.MAX_SAFE_INTEGER);
    for (const record of records) this.fold(record);
  }

  /** The book is folded from the records themselves, never restored. */
  async content(): Promise<Content> {
    const parts = await partsOf(this.journal, this.digests);
    return new Map([...parts, ["book", digestOf(bookText(this.book))]]);
  }

  private fold(record: JournalRecord): void {
    applyRecord(this.book, record, nothingTouched());
  }
}

function withoutNulls(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== null && cell !== undefined));
}

/** JSON text with every object's keys in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    one !== null && typeof one === "object" && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
