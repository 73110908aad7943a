// How a pass is told to a person: what was read, what was found and why, what was done, and that it adds up.
import { type Discrepancy, type Summary, sidesText } from "../../core/index.ts";
import { EXIT, type ExitCode } from "../../daemon/exit.ts";
import { fieldsOf, type PassReport } from "../../engine/index.ts";
import { moreText, SHOWN_MAX } from "../capped.ts";
import { counted, type Output } from "../output.ts";
import { witnessWords } from "../witness-words.ts";

/** The stable fields of a pass in --json; docs/cli.md lists them. */
export function passJson(report: PassReport): Record<string, unknown> {
  const { record: _, discrepancies, mirrors, ...plain } = report;
  return {
    ...plain,
    mirrors: mirrors.map(({ isConflict: __, ...mirror }) => mirror),
    discrepancies: discrepancies.map((one) => ({ ...fieldsOf(one), ...outcomeOf(one) })),
  };
}

function outcomeOf(one: Discrepancy): Record<string, unknown> {
  const { resolution, explanation, sightings, firstSeenMs, closedMs, repairId = null } = one;
  const state = closedMs === null ? "open" : "closed";
  return { state, resolution, repairId, explanation, sightings, firstSeenMs };
}

export function tellPass(out: Output, report: PassReport, isCheck: boolean): void {
  const { account, sections, summaries, mirrors, gate } = report;
  const code = exitOf(report, isCheck);
  out.line(`${out.tone("bold", account)}: ${verdictText(out, code, isCheck)}`);
  for (const { section, quality, rows, problem } of sections) {
    if (quality === "complete") continue;
    out.line(`  ${out.tone("bad", `${section} ${quality}`)} (${rows} rows): ${problem ?? "no reason given"}`);
  }
  for (const { mirror, place, problem } of mirrors) {
    if (problem !== null)
      out.line(`  ${out.tone("bad", `mirror ${mirror}`)}${placeText(place, problem)}: ${problem}`);
  }
  tellDiscrepancies(out, report);
  tellWays(out, report);
  for (const summary of summaries) out.line(`  ${summaryText(summary)}`);
  for (const { mirror, written, backup } of mirrors) {
    if (written > 0)
      out.line(
        `  ${mirror}: ${counted(written, "row")} written${backup === null ? "" : `; as it was: ${backup}`}`,
      );
  }
  if (!isCheck) out.line(`  gate ${gate}`);
}

/** What only a person may do about what is open (R2, R5). */
function tellWays(out: Output, { account, discrepancies }: PassReport): void {
  const needing = discrepancies.filter(
    ({ closedMs, code, kind }) => closedMs === null && (code === "unwitnessed" || kind === "unknown_order"),
  );
  if (needing.length === 0) return;
  out.line(
    `  if you know better than the witnesses: trueup plan --account ${account}, then apply it with your word`,
  );
}

/** What several in a row have in common is said once, below the last of them. */
function tellDiscrepancies(out: Output, { discrepancies, mirrors }: PassReport): void {
  const groups = new Map<string, Discrepancy[]>();
  for (const one of discrepancies) {
    const group = `${one.kind} ${one.of} ${one.resolution ?? one.stage}`;
    const known = groups.get(group);
    if (known) known.push(one);
    else groups.set(group, [one]);
  }
  for (const group of groups.values()) tellGroup(out, group, mirrors);
}

/** What several in a row have in common is said once, below the last of them. */
function tellGroup(out: Output, group: readonly Discrepancy[], mirrors: PassReport["mirrors"]): void {
  const shown = group.slice(0, SHOWN_MAX);
  const remarks = shown.map((one) => remarksOn(one, mirrors).map((remark) => `    ${remark}`));
  for (const [index, one] of shown.entries()) {
    tellDiscrepancy(out, one);
    const own = remarks[index] ?? [];
    if (remarks[index + 1]?.join("\n") !== own.join("\n")) for (const remark of own) out.line(remark);
  }
  const more = moreText(group.length);
  if (more !== undefined) out.line(`  ${more}`);
}

/** Where a mirror is, unless what is wrong with it says so. */
function placeText(place: string, problem: string): string {
  return problem.includes(place) ? "" : ` ${place}`;
}

function remarksOn(
  { witness, detail, of, stage, code }: Discrepancy,
  mirrors: PassReport["mirrors"],
): string[] {
  // What is wrong in a mirror's file is found by its path; a missing witness is no matter of the file.
  const isOfFile = stage === "refused" && code !== "unwitnessed";
  const place = isOfFile ? mirrors.find(({ mirror }) => mirror === of)?.place : undefined;
  return [
    ...(witness === null ? [] : [`proven flat by ${witnessWords(witness)}`]),
    ...(detail === null ? [] : [place === undefined ? detail : `${place}, ${detail}`]),
  ];
}

function tellDiscrepancy(out: Output, one: Discrepancy): void {
  const { kind, of, subject, cause, resolution, id, stage, repairId } = one;
  const name = subject.type === "balance" ? subject.asset : subject.instrument;
  const state = resolution ?? (stage === "seen" ? "not settled yet" : stage);
  const tone = resolution !== null ? "good" : stage === "refused" ? "bad" : "warn";
  const why = cause === null ? "" : `, cause ${cause}`;
  out.line(
    `  ${out.tone(tone, kind)} ${name} in ${of}${sides(one)}${why} → ${state}  [${id}]${repairId === undefined ? "" : ` [${repairId}]`}`,
  );
}

/** A row that cannot be read says nothing of either side, and neither is said to be empty then. */
function sides(one: Discrepancy): string {
  const isUnread = one.stage === "refused" && one.localQty === null && one.venueQty === null;
  return isUnread ? "" : `: ${sidesText(one)}`;
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
  return `${of}: ${rows(local, "local")}, ${rows(venue, "venue")}: ${problem !== null && local === 0 ? "not compared" : counts}`;
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
  const open = discrepancies.filter((one) => one.closedMs === null && !isAgreement(one));
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

/** Both sides agree on what is held and ordered: a price is a flag, and exits that are not trueup's are only watched. */
function isAgreement({ kind, stage }: Discrepancy): boolean {
  if (kind === "entry_price_mismatch") return true;
  return stage === "watched" && (kind === "unprotected_position" || kind === "foreign_exit_order");
}

/** Of several accounts the worst decides: unreadable before undecided before different. */
export function worstExit(codes: readonly ExitCode[]): ExitCode {
  const order: readonly ExitCode[] = [EXIT.venue, EXIT.unresolved, EXIT.discrepancy];
  return order.find((code) => codes.includes(code)) ?? EXIT.done;
}

function rows(count: number, side: "local" | "venue"): string {
  return counted(count, `${side} row`);
}
