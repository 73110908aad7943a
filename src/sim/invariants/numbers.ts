// I15: no NaN, no infinity, no minus zero, no exponent and no floating-point number in what is kept. A JSON number may
// stand only where whole numbers are meant (times, sequences, counts); whatever is an amount is a canonical decimal.
import { type JournalRecord, toState } from "../../core/index.ts";
import { isCanonical } from "../oracle/exact.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

/** Names of fields that hold whole numbers. */
const WHOLE =
  /(?:Ms|At|Seq|Max|Index|Scale)$|^(?:seq|v|version|timestamp|lastMs|rows|count|counts|sightings|attempt|recurrences|repairs|steps|notMade|number|index)$/;
/** Objects whose every number is a count. */
const COUNTS: ReadonlySet<string> = new Set([
  "metrics",
  "mirrors",
  "before",
  "after",
  "summaries",
  "sides",
  "local",
  "venue",
  "orders",
  "balances",
  "lastPass",
  "appliedPlans",
  "lastChange",
]);
/** Names of fields that hold amounts. */
const AMOUNT =
  /(?:qty|price|total|amount|fee|cost|value|delta|notional|remaining|free|unexplained|multiplier|step)$/i;
/** What a bot wrote, or an adapter said, in its own words. */
const FOREIGN: ReadonlySet<string> = new Set(["metadata", "fields", "image", "imageBefore", "claim", "tags"]);
/** Kinds whose `before` and `after` are rows of a bot's own store. */
const OF_MIRRORS: ReadonlySet<string> = new Set(["mirror_written", "mirror_write_intended", "repair_undone"]);
const LOOKS_LIKE_A_NUMBER = /^\s*[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$|^[+-]?(?:NaN|Infinity)$/i;

export class Numbers implements Watch {
  private readonly course: Course;

  constructor(course: Course) {
    this.course = course;
  }

  onRecord(record: JournalRecord): void {
    const { world } = this.course;
    world.check("I15");
    const isForeign = OF_MIRRORS.has(record.kind);
    const problem = problemIn(record.payload, record.kind, "", isForeign);
    if (problem !== null) world.violate("I15", `record ${record.seq} (${record.kind}): ${problem}`);
  }

  async judge(): Promise<void> {
    const { world } = this.course;
    const book = world.session()?.book;
    if (!book) return;
    world.check("I15");
    const { mirrorIntents: _, notes: __, claims: ___, ...state } = toState(book);
    for (const [part, value] of Object.entries(state)) {
      const problem = wildIn(value, part);
      if (problem !== null) world.violate("I15", `the book at record ${book.seq}: ${problem}`);
    }
  }
}

/** The first number that may not be there; null where there is none. */
export function problemIn(
  value: unknown,
  place: string,
  name: string,
  isForeign: boolean,
  isCounts = false,
): string | null {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return `${place} is the number ${spell(value)}`;
    if (AMOUNT.test(name) && !isCounts) return `${place} is the number ${value}; an amount is a decimal`;
    if (isCounts || WHOLE.test(name)) return null;
    return `${place} is the number ${value}, where no whole number is known to stand`;
  }
  if (typeof value === "string") return AMOUNT.test(name) ? amountProblem(value, place) : null;
  if (value === null || typeof value !== "object") return null;
  if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) {
      const problem = problemIn(one, `${place}[${index}]`, name, isForeign, isCounts);
      if (problem !== null) return problem;
    }
    return null;
  }
  for (const [field, one] of Object.entries(value)) {
    if (FOREIGN.has(field) && field !== "fields") continue;
    if (isForeign && (field === "before" || field === "after")) continue;
    const problem =
      field === "fields"
        ? differingProblem(one, `${place}.fields`)
        : problemIn(one, `${place}.${field}`, field, isForeign, isCounts || COUNTS.has(field));
    if (problem !== null) return problem;
  }
  return null;
}

/** Fields that differ, by name, as both sides have them. */
function differingProblem(fields: unknown, place: string): string | null {
  for (const [name, sides] of Object.entries(fields ?? {})) {
    if (!AMOUNT.test(name)) continue;
    for (const side of Object.values((sides ?? {}) as object)) {
      const problem = typeof side === "string" ? amountProblem(side, `${place}.${name}`) : null;
      if (problem !== null) return problem;
    }
  }
  return null;
}

function amountProblem(text: string, place: string): string | null {
  if (isCanonical(text)) return null;
  return LOOKS_LIKE_A_NUMBER.test(text) ? `${place} is "${text}", which is no canonical decimal` : null;
}

/** For the book as a whole, whose maps have no field names: nothing that is not a whole number or a text. */
function wildIn(value: unknown, place: string): string | null {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && !Object.is(value, -0)
      ? null
      : `${place} is the number ${spell(value)}`;
  }
  if (value === null || typeof value !== "object") return null;
  for (const [field, one] of Object.entries(value)) {
    if (field === "metadata") continue;
    const problem =
      typeof one === "string" && AMOUNT.test(field)
        ? amountProblem(one, `${place}.${field}`)
        : wildIn(one, `${place}.${field}`);
    if (problem !== null) return problem;
  }
  return null;
}

function spell(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
