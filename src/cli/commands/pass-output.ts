// How a pass is told to a person: what was read, what was found and why, what was done, and that it adds up.
import { type Discrepancy, type Summary, sidesText } from "../../core/index.ts";
import { fieldsOf, type PassReport } from "../../engine/index.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import type { Output } from "../output.ts";
import { witnessWords } from "../witness-words.ts";

/** The stable fields of a pass in --json; docs/cli.md lists them. */
export function passJson(report: PassReport): Record<string, unknown> {
  const { record: _, discrepancies, ...plain } = report;
  return { ...plain, discrepancies: discrepancies.map((one) => ({ ...fieldsOf(one), ...outcomeOf(one) })) };
}

function outcomeOf(one: Discrepancy): Record<string, unknown> {
  const { resolution, explanation, sightings, firstSeenMs, closedMs } = one;
  return { state: closedMs === null ? "open" : "closed", resolution, explanation, sightings, firstSeenMs };
}

export function tellPass(out: Output, report: PassReport, isCheck: boolean): void {
  const { account, sections, summaries, discrepancies, mirrors, gate } = report;
  const code = exitOf(report, isCheck);
  out.line(`${out.tone("bold", account)}: ${verdictText(out, code, isCheck)}`);
  for (const { section, quality, rows, problem } of sections) {
    if (quality === "complete") continue;
    out.line(`  ${out.tone("bad", `${section} ${quality}`)} (${rows} rows): ${problem ?? "no reason given"}`);
  }
  for (const { mirror, place, problem } of mirrors) {
    if (problem !== null) out.line(`  ${out.tone("bad", `mirror ${mirror}`)} ${place}: ${problem}`);
  }
  tellDiscrepancies(out, discrepancies);
  for (const summary of summaries) out.line(`  ${summaryText(summary)}`);
  for (const { mirror, written, backup } of mirrors) {
    if (written > 0)
      out.line(`  ${mirror}: ${written} rows written${backup === null ? "" : `; as it was: ${backup}`}`);
  }
  if (!isCheck) out.line(`  gate ${gate}`);
}

/** What several in a row have in common is said once, below the last of them. */
function tellDiscrepancies(out: Output, discrepancies: readonly Discrepancy[]): void {
  for (const [index, one] of discrepancies.entries()) {
    tellDiscrepancy(out, one);
    const next = discrepancies[index + 1];
    const remarks = remarksOn(one);
    if (next && remarksOn(next).join("\n") === remarks.join("\n")) continue;
    for (const remark of remarks) out.line(`    ${remark}`);
  }
}

function remarksOn({ witness, detail }: Discrepancy): string[] {
  return [
    ...(witness === null ? [] : [`proven flat by ${witnessWords(witness)}`]),
    ...(detail === null ? [] : [detail]),
  ];
}

function tellDiscrepancy(out: Output, one: Discrepancy): void {
  const { kind, of, subject, cause, resolution, id, stage } = one;
  const name = subject.type === "balance" ? subject.asset : subject.instrument;
  const state = resolution ?? (stage === "seen" ? "not settled yet" : stage);
  const tone = resolution !== null ? "good" : stage === "refused" ? "bad" : "warn";
  const why = cause === null ? "" : `, cause ${cause}`;
  out.line(`  ${out.tone(tone, kind)} ${name} in ${of}: ${sidesText(one)}${why} → ${state}  [${id}]`);
}

export function summaryText(summary: Summary): string {
  const { of, local, venue, problem } = summary;
  const buckets = (
    [
      "verified",
      "closed",
      "added",
      "corrected",
      "inFlight",
      "watched",
      "refused",
      "unavailable",
      "flat",
      "duplicate",
    ] as const
  )
    .filter((bucket) => summary[bucket] > 0)
    .map((bucket) => `${bucket} ${summary[bucket]}`);
  const counts = buckets.length > 0 ? buckets.join(", ") : "nothing to compare";
  return `${of}: ${local} local rows, ${venue} venue rows: ${problem !== null && local === 0 ? "not compared" : counts}`;
}

function verdictText(out: Output, code: ExitCode, isCheck: boolean): string {
  if (code === EXIT.done) return out.tone("good", isCheck ? "in sync" : "in sync after this pass");
  if (code === EXIT.discrepancy) return out.tone("warn", isCheck ? "they differ" : "differences remain");
  if (code === EXIT.venue) return out.tone("bad", "the venue could not be read");
  return out.tone("bad", "not settled: something is in flight, unwitnessed, unknown or unreadable");
}

/** What a script is told: 0 agree, 3 differ, 4 not to be decided now, 5 the venue does not answer. */
export function exitOf(report: PassReport, isCheck: boolean): ExitCode {
  const { sections, summaries, mirrors, discrepancies } = report;
  const positions = sections.find(({ section }) => section === "positions");
  if (sections.length > 0 && positions?.quality === "unavailable") return EXIT.venue;
  const open = discrepancies.filter(
    ({ closedMs, kind }) => closedMs === null && kind !== "entry_price_mismatch",
  );
  const settled = open.filter(({ stage }) => stage !== "refused");
  const isUndecided =
    sections.some(({ quality }) => quality !== "complete") ||
    mirrors.some(({ problem }) => problem !== null) ||
    open.length > settled.length ||
    summaries.some(({ inFlight, unavailable }) => inFlight > 0 || unavailable > 0);
  if (isCheck && settled.length > 0) return EXIT.discrepancy;
  if (isUndecided) return EXIT.unresolved;
  return settled.length > 0 ? EXIT.discrepancy : EXIT.done;
}

/** Of several accounts the worst decides: unreadable before undecided before different. */
export function worstExit(codes: readonly ExitCode[]): ExitCode {
  const order: readonly ExitCode[] = [EXIT.venue, EXIT.unresolved, EXIT.discrepancy];
  return order.find((code) => codes.includes(code)) ?? EXIT.done;
}
