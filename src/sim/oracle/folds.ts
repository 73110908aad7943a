// One book by several ways: as it grew record by record, folded again from the first, from a checkpoint and the rest.
// All must be the same to the last field; where they are not, this names the parts that differ.
import {
  applyRecord,
  type Book,
  emptyBook,
  fromState,
  type JournalRecord,
  nothingTouched,
  toState,
} from "../../core/index.ts";

/** Text of each part of a book, with every object's keys in order. */
export type BookText = ReadonlyMap<string, string>;

/** Every field that a book has, also what a checkpoint would leave out; of its ledgers what they say, not what they keep. */
export function textOfBook({ ledgers, ledgersOf: _, ...rest }: Book): BookText {
  const told = [...ledgers].map(([key, { terms, entries, holding, lots }]) => {
    return [key, { terms, entries, holding, lots }] as const;
  });
  const parts = Object.entries({ ...rest, ledgers: new Map(told) });
  return new Map(parts.map(([name, part]) => [name, canonical(part)]));
}

export function foldAll(account: string, records: readonly JournalRecord[]): Book {
  return foldOnto(emptyBook(account), records);
}

/** Through a checkpoint's text after `count` records. */
export function foldThrough(account: string, records: readonly JournalRecord[], count: number): Book {
  const text = JSON.stringify(toState(foldAll(account, records.slice(0, count))));
  return foldOnto(fromState(JSON.parse(text) as Record<string, unknown>), records.slice(count));
}

function foldOnto(book: Book, records: readonly JournalRecord[]): Book {
  const touched = nothingTouched();
  for (const record of records) applyRecord(book, record, touched);
  return book;
}

/** Where two books differ, each part with the first place that does; empty when they are the same. */
export function differences(a: BookText, b: BookText): string[] {
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  return names.flatMap((name) => {
    const [one = "none", other = "none"] = [a.get(name), b.get(name)];
    if (one === other) return [];
    const at = firstDifference(one, other);
    return [`${name}: …${excerpt(one, at)} against …${excerpt(other, at)}`];
  });
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}

function excerpt(text: string, at: number): string {
  return text.slice(Math.max(0, at - 60), at + 60);
}

function canonical(value: unknown): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "undefined";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value instanceof Set) return canonical([...value].sort());
  if (value instanceof Map) {
    const entries = [...value].sort(([one], [other]) => (one < other ? -1 : 1));
    return `{${entries.map(([name, one]) => `${canonical(name)}=${canonical(one)}`).join(",")}}`;
  }
  const fields = Object.entries(value).filter(([, one]) => one !== undefined);
  fields.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(",")}}`;
}
