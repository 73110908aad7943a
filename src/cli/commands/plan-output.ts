// How a plan is told to a person, and what became of it: each step with both sides, its proof or what is missing, and
// what to type next.

import { localText } from "../../core/discrepancy.ts";
import type { Metrics } from "../../core/index.ts";
import type { Applied, AppliedStep, Plan, PlanStep } from "../../engine/index.ts";
import { counted, isoTime, type Output } from "../output.ts";
import { witnessWords } from "../witness-words.ts";
import { tellPass } from "./pass-output.ts";

/** @param same What must be typed again so that the same configuration is meant; empty where it is found by itself. */
export function tellPlan(out: Output, plan: Plan, same: string): void {
  const { id, account, steps, refused, problems, inFlight, madeOf, expiresAtMs, rows, mayApply } = plan;
  const count = countText(plan);
  out.line(`${out.tone("bold", account)}: ${count}, ${refused.length} refused  [${id}]`);
  out.line(`  made of record ${madeOf.seq} and a read of the venue; good until ${isoTime(expiresAtMs)}`);
  for (const problem of problems) out.line(`  ${out.tone("bad", "not read")}: ${problem}`);
  for (const [index, step] of steps.entries()) tellStep(out, step, index + 1);
  for (const { of, kind, instrument, asset, code, detail } of refused) {
    const why = detail ?? "it is left alone";
    out.line(
      `  ${out.tone("bad", "refused")} ${kind} ${instrument ?? asset} in ${of}${code === null ? "" : ` (${code})`}: ${why}`,
    );
  }
  if (inFlight > 0) out.line(`  ${counted(inFlight, "row")} in flight and not compared`);
  if (steps.length === 0) return;
  if (!mayApply) out.line("  this account only observes; nothing of it is applied before observe = false");
  else
    out.line(
      `  to apply it: trueup apply ${id}${rows > 0 ? ` --confirm ${account} --rows ${rows}` : ""}${same}`,
    );
}

/** Of a venue that was not read nobody knows whether there is something to do. */
function countText({ steps, isReadable }: Plan): string {
  if (steps.length > 0) return counted(steps.length, "step");
  return isReadable ? "nothing to do" : "the venue could not be read";
}

function tellStep(out: Output, step: PlanStep, number: number): void {
  const { needs, missing, cause, witness } = step;
  const why = cause === null ? "" : `, cause ${cause}`;
  out.line(`  ${number}. ${out.tone("warn", stepText(step))}${why}`);
  if (witness !== null) out.line(`     proven flat by ${witnessWords(witness)}`);
  if (needs !== null) out.line(`     ${out.tone("bad", "needs your word")}: ${missing ?? needs}`);
}

function stepText({
  action,
  kind,
  of,
  instrument,
  asset,
  leg,
  localQty,
  venueQty,
  needs,
  after,
}: PlanStep): string {
  const name = `${instrument ?? asset}${leg === null || leg === "net" ? "" : ` ${leg}`}`;
  const venue = needs === "witness" || needs === "outcome" ? "not listed" : (venueQty ?? "none");
  return `${kind} ${name} in ${of}: local ${localText({ of, kind, localQty })}, venue ${venue} → ${action}${afterText(after)}`;
}

function afterText(after: unknown): string {
  const fields = Object.entries((after ?? {}) as Record<string, unknown>);
  return fields.length === 0 ? "" : ` to ${fields.map(([name, value]) => `${name} ${value}`).join(", ")}`;
}

export function tellApplied(out: Output, { planId, account, by, steps, metrics, verified }: Applied): void {
  const made = steps.filter(({ repairId }) => repairId !== null).length;
  out.line(`${out.tone("bold", account)}: ${made} of ${steps.length} steps made by ${by}  [${planId}]`);
  for (const [index, step] of steps.entries()) tellAppliedStep(out, step, index + 1);
  tellMetrics(out, metrics);
  tellPass(out, verified, false);
}

function tellAppliedStep(out: Output, step: AppliedStep, number: number): void {
  const { repairId, code, detail } = step;
  const end = repairId === null ? out.tone("bad", `not made (${code}): ${detail}`) : `[${repairId}]`;
  out.line(`  ${number}. ${stepText(step)}  ${end}`);
}

export function tellMetrics(
  out: Output,
  { before, after }: { readonly before: Metrics; readonly after: Metrics },
): void {
  const counts = (one: Metrics) => [
    `positions ${one.positions}`,
    `orders ${one.orders}`,
    ...Object.entries(one.mirrors).map(([name, rows]) => `${name} ${counted(rows, "row")}`),
    `open ${one.discrepancies}`,
  ];
  out.line(`  before: ${counts(before).join(", ")}; after: ${counts(after).join(", ")}`);
}
