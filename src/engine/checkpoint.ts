// A checkpoint: the book as text behind its own digest, so that one which was damaged or altered is not used, and the
// proof that it is what a fold of the journal from the first record makes.
import {
  applyRecord,
  BOOK_STATE_VERSION,
  type Book,
  emptyBook,
  fromState,
  nothingTouched,
  toState,
} from "../core/index.ts";
import { type ChainProblem, digestOf, type Journal } from "../journal/index.ts";

/** Records that are read at once. */
const PAGE = 5_000;

/**
 * Undefined where the text would be longer than any string may be (about 850,000 fills). The account goes on without
 * a newer checkpoint: every record is there, and only its next start takes longer.
 */
export function checkpointText(book: Book): string | undefined {
  try {
    const text = JSON.stringify(toState(book));
    return `${digestOf(text)} ${text}`;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

type Opened =
  | { readonly kind: "book"; readonly book: Book }
  /** Of another version of this program. */
  | { readonly kind: "other" }
  | { readonly kind: "damaged" };

/** One of another version, or damaged, is no loss: the records are all there. */
export function openCheckpoint(text: string): Opened {
  const space = text.indexOf(" ");
  const body = text.slice(space + 1);
  try {
    const state = JSON.parse(body) as Record<string, unknown>;
    if (state.version !== BOOK_STATE_VERSION) return { kind: "other" };
    if (text.slice(0, space) !== digestOf(body)) return { kind: "damaged" };
    return { kind: "book", book: fromState(state) };
  } catch {
    return { kind: "damaged" };
  }
}

/** Folds records into the book, up to a sequence or to the end. */
export async function foldOn(
  journal: Pick<Journal, "read">,
  book: Book,
  untilSeq: number = Number.POSITIVE_INFINITY,
): Promise<void> {
  while (book.seq < untilSeq) {
    const limit = Math.min(PAGE, untilSeq - book.seq);
    const records = await journal.read(book.account, book.seq, limit);
    // The views hold all of this already; what it touched is collected once a page, not once a record.
    const touched = nothingTouched();
    for (const record of records) applyRecord(book, record, touched);
    if (records.length < limit) return;
  }
}

/** Whether the checkpoint that the next start would use is what its records make. Undefined when it is, or there is none. */
export async function verifyCheckpoint(
  journal: Pick<Journal, "read" | "loadCheckpoint">,
  account: string,
): Promise<ChainProblem | undefined> {
  const checkpoint = await journal.loadCheckpoint(account);
  if (!checkpoint) return undefined;
  const { seq, state } = checkpoint;
  const opened = openCheckpoint(state);
  if (opened.kind === "other") return undefined;
  const problem = (found: string): ChainProblem => ({
    account,
    seq,
    kind: "checkpoint",
    detail: `the checkpoint of record ${seq} ${found}`,
  });
  if (opened.kind === "damaged") return problem("is not what was written; it is not used");
  const folded = emptyBook(account);
  await foldOn(journal, folded, seq);
  const differing = differences(toState(folded), toState(opened.book));
  return differing.length === 0
    ? undefined
    : problem(`is not what the records up to it make: ${differing.join(", ")}`);
}

/** Names of the parts in which two books differ. */
function differences(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return names.filter((name) => canonical(a[name]) !== canonical(b[name]));
}

/** JSON text with every object's keys in order: in which order fields were set is no difference. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    one !== null && typeof one === "object" && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
