// From a list of parsed rows to a section with its worth: an answer that is no list is no answer, and a row that
// cannot be read makes the whole section partial, so that nothing is ever concluded from its absence.
import type { Section } from "../../core/index.ts";
import { unavailable } from "../venue.ts";
import type { Answer } from "./answer.ts";
import { describe, type Parsed } from "./fields.ts";

/** Problems that are told in full; the others are counted. */
const PROBLEMS_TOLD = 3;

/** A list as the venue gave it, or why there is none. */
export type Listed =
  | { readonly kind: "list"; readonly items: readonly unknown[] }
  | { readonly kind: "failed"; readonly problem: string };

/** @param what The list's name for a person, such as "the positions". */
export function listOf(what: string, answer: Answer): Listed {
  if (answer.kind === "failed") return answer;
  if (answer.kind === "notFound") {
    return {
      kind: "failed",
      problem: `${what} were answered with HTTP 404 (${answer.message}); expected a list`,
    };
  }
  const { value } = answer;
  if (Array.isArray(value)) return { kind: "list", items: value };
  return { kind: "failed", problem: `${what} were answered with ${describe(value)}; expected a list` };
}

export function sectionOf<Row>(parsed: readonly Parsed<Row>[]): Section<Row> {
  const rows = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  return partialIf(rows, problemsOf(parsed));
}

/** The same rows, partial where there is a problem with what was read. */
export function partialIf<Row>(rows: readonly Row[], problems: readonly string[]): Section<Row> {
  if (problems.length === 0) return { quality: "complete", rows };
  return { quality: "partial", rows, problem: tell(problems) };
}

export function problemsOf(parsed: readonly Parsed<unknown>[]): string[] {
  return parsed.flatMap((one) => (one.kind === "problem" ? [one.problem] : []));
}

function tell(problems: readonly string[]): string {
  const more = problems.length - PROBLEMS_TOLD;
  const told = problems.slice(0, PROBLEMS_TOLD).join("; ");
  return more > 0 ? `${told}; and ${more} more like this` : told;
}

export function sectionOfList<Row>(
  what: string,
  answer: Answer,
  parse: (item: unknown) => Parsed<Row>,
): Section<Row> {
  const listed = listOf(what, answer);
  return listed.kind === "failed" ? unavailable(listed.problem) : sectionOf(listed.items.map(parse));
}
