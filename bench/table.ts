// The findings as a table for people (Markdown, which a terminal shows well enough).
import { type Comparison, type Findings, goalText, isMet, ratioOf } from "./comparison.ts";
import type { Figure } from "./measure.ts";

const HEAD = ["work", "trueup", "reference", "it takes", "ratio", "goal", ""] as const;

export function tableOf({ comparisons, facts }: Findings): string {
  const rows = comparisons.map(cells);
  const table = [[...HEAD], HEAD.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
  const beside = facts.map(({ what, value }) => `- ${what}: ${value}`);
  return [...table, "", ...beside].join("\n");
}

function cells(one: Comparison): string[] {
  const met = isMet(one);
  return [
    one.work,
    figureText(one.ours),
    one.reference,
    figureText(one.theirs),
    ratioText(one),
    goalText(one.goal),
    met === null ? "" : met ? "met" : "**missed**",
  ];
}

function ratioText(one: Comparison): string {
  const { goal, ours, theirs } = one;
  if (goal && "longerByMsMax" in goal) return `+${msText(ours.median - theirs.median)}`;
  const ratio = ratioOf(one);
  return `${ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2)} ×`;
}

/** Median, and the smallest and largest behind it. */
export function figureText({ median, min, max }: Figure): string {
  return `${msText(median)} (${number(min)}–${number(max)})`;
}

function msText(ms: number): string {
  return `${number(ms)} ms`;
}

function number(ms: number): string {
  return ms >= 100 ? Math.round(ms).toLocaleString("en") : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
}
