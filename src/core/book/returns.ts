// Does somebody undo what trueup wrote into a mirror, or has only the position moved on (R12)? A row that is as it was
// left says nothing against anybody, however often it has to be brought in line.
import { BOOK, type Discrepancy } from "../discrepancy.ts";
import { joinParts } from "../keys.ts";
import type { Book } from "./book.ts";

type Facts = Pick<Discrepancy, "of" | "kind" | "subject" | "localQty" | "venueQty">;

/** A row without a quantity: the mirror says only that there is one. */
const PRESENT = "present";
const NONE = "none";

/** Whether the mirror still has of this key what the last repair left there. False where nothing was repaired. */
export function isAsLeft(book: Book, facts: Facts): boolean {
  const left = leftOf(book, facts);
  if (left === undefined) return false;
  if (facts.kind === "missing_position") return left === NONE;
  return facts.localQty === null ? left !== NONE : left === facts.localQty || left === PRESENT;
}

/** Notes what a repair has left in the mirror. */
export function noteLeft(book: Book, facts: Facts): void {
  const key = keyOf(facts);
  if (key === undefined) return;
  book.leftAs.set(key, facts.kind === "phantom_position" ? NONE : (facts.venueQty ?? PRESENT));
}

function leftOf(book: Book, facts: Facts): string | undefined {
  const key = keyOf(facts);
  return key === undefined ? undefined : book.leftAs.get(key);
}

function keyOf({ of, subject }: Facts): string | undefined {
  if (of === BOOK || subject.type !== "position") return undefined;
  return joinParts([of, subject.instrument, subject.leg]);
}
