// A campaign's report as lines for a person: the verdict first, then what it rests on, then each failure with the line that shows it.
import { fine, grouped, percentText, rounded, sum } from "../../sim/index.ts";
import { SHOWN_MAX, someNames } from "../capped.ts";
import { counted, type Output } from "../output.ts";
import type { Finding, Report } from "./report.ts";

/** Of one seed, so many violations are shown. */
const VIOLATIONS_SHOWN_MAX = 5;
const TOO_FEW = "too few seeds to demand that all be covered; --json names what was not";

export function tellReport(out: Output, report: Report): void {
  for (const finding of report.findings.slice(0, SHOWN_MAX)) tellFinding(out, finding);
  const { isHeld, isInterrupted, seeds } = report;
  const word = seeds === 0 ? "nothing was run" : verdictWord(out, isHeld);
  const until = isInterrupted ? ", interrupted" : "";
  out.line(`${word}: ${counted(seeds, "seed")}${until}, ${failureText(report)}`);
  for (const [name, text] of rowsOf(report)) out.line(`  ${name.padEnd(12)} ${text}`);
  for (const text of complaints(report)) out.line(`  ${text}`);
}

function verdictWord(out: Output, isHeld: boolean): string {
  return isHeld ? out.tone("good", "held") : out.tone("bad", "DID NOT HOLD");
}

function failureText({ failed, violated }: Report): string {
  if (failed === 0) return "no violation";
  const by = Object.entries(violated).map(([name, seeds]) => `${name} in ${grouped(seeds)}`);
  return `${counted(failed, "seed")} failed: ${by.join(", ")}`;
}

function rowsOf(report: Report): [string, string][] {
  const { faults, invariants, cycles } = report;
  const fired = sum(Object.values(faults).map((one) => one.fired));
  const answered = sum(Object.values(faults).map((one) => one.answered));
  const gaps = (kind: string) => report.notCovered.filter((gap) => gap.kind === kind).length;
  const covered = (all: number, kind: string) => `${all - gaps(kind)} of ${all}`;
  const checks = grouped(sum(Object.values(invariants)));
  return [
    ["seeds", windowText(report)],
    ["ran", speedText(report)],
    [
      "simulated",
      `${rounded(report.simulatedHours)} hours, ${grouped(report.events)} events, ${grouped(report.records)} records`,
    ],
    [
      "faults",
      `${covered(report.faultsInScope, "fault")} covered: struck ${grouped(fired)} times, answered ${grouped(answered)}`,
    ],
    [
      "invariants",
      `${covered(report.invariantsInScope, "invariant")} covered: put to the test ${checks} times`,
    ],
    [
      "convergence",
      `all agreed within ${counted(cycles.p99, "pass").replace("passs", "passes")} in 99 of 100 seeds, ${cycles.most} at most`,
    ],
    ...calmRows(report),
    ["bound", boundText(report)],
    ["trace", report.traceHash === "" ? "-" : report.traceHash],
  ];
}

function calmRows({ falseClosings }: Report): [string, string][] {
  if (!falseClosings) return [];
  const { count, days, perDay } = falseClosings;
  return [
    [
      "calm",
      `the gate closed falsely ${grouped(count)} times in ${rounded(days)} days: ${fine(perDay)} a day`,
    ],
  ];
}

function windowText({ from, to, profile, only, steps, workers, version, commit }: Report): string {
  return [
    to === null ? `from ${from}` : `${from} to ${to}`,
    `profile ${profile}`,
    ...(only === null ? [] : [`only faults ${only.length === 0 ? "none" : someNames(only)}`]),
    ...(steps === null ? [] : [counted(steps, "step")]),
    counted(workers, "worker"),
    commit === null ? `trueup ${version}` : `commit ${commit}`,
  ].join(", ");
}

function speedText({ elapsedMs, seedsPerMinute, simulatedHoursPerSecond }: Report): string {
  const speed = `${grouped(seedsPerMinute)} seeds a minute, ${rounded(simulatedHoursPerSecond)} simulated hours a second`;
  return `${rounded(elapsedMs / 1000)} s: ${speed}`;
}

function boundText({ failed, seeds, failureRateMax }: Report): string {
  if (seeds === 0) return "nothing was run";
  const rule = failed === 0 ? " (3/N)" : "";
  return `${grouped(failed)} of ${grouped(seeds)} failed: with 95 % confidence fewer than ${percentText(failureRateMax)} of all seeds do${rule}`;
}

/** What keeps a campaign without a violation from having held, and what is only to be known. */
function complaints({ notCovered, isCoverageDemanded, slow, restless }: Report): string[] {
  const isNamed = isCoverageDemanded || notCovered.length === 0;
  return [
    ...(slow === null ? [] : [`too slow: ${slow}`]),
    ...(restless === null ? [] : [`too restless: ${restless}`]),
    ...(isNamed ? gapTexts(notCovered).map((text) => `not covered: ${text}`) : [TOO_FEW]),
  ];
}

function gapTexts(notCovered: Report["notCovered"]): string[] {
  const groups = Object.groupBy(notCovered, ({ kind, why }) => `${kind}s ${why}`);
  return Object.entries(groups).map(
    ([what, those = []]) => `${what}: ${someNames(those.map(({ id }) => id))}`,
  );
}

export function tellFinding(out: Output, finding: Finding): void {
  const { seed, violations, faults, steps, shrinkingRuns, replay } = finding;
  out.line(`${out.tone("bad", "FAIL")} seed ${seed}`);
  tellViolations(out, violations);
  if (faults !== null) {
    const few = faults.length === 0 ? "no fault at all" : faults.join(", ");
    const short = steps === null ? "" : `, ${counted(steps, "step")}`;
    out.line(`  it takes     ${few}${short} (narrowed down in ${counted(shrinkingRuns ?? 0, "run")})`);
  }
  out.line(`  see it       ${replay}`);
}

export function tellViolations(out: Output, violations: Finding["violations"]): void {
  for (const { invariant, text, atMs } of violations.slice(0, VIOLATIONS_SHOWN_MAX)) {
    out.line(`  violated     ${invariant} at ${rounded(atMs / 1000)} s: ${text}`);
  }
  const more = violations.length - VIOLATIONS_SHOWN_MAX;
  if (more > 0) out.line(`  violated     … and ${more} more; --json has them all`);
}
