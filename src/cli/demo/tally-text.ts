// The tally for a person: what was compared, side by side, and the verdict last.
import type { Line } from "./line.ts";
import type { Check, Tally } from "./tally.ts";

export function tallyLines({ positions, files, fills, money, discrepancies, problems, isOk }: Tally): Line[] {
  return [
    { text: isOk ? "It adds up:" : "It does NOT add up:", tone: "bold" },
    ...section("positions", positions, "flat on both sides"),
    ...section("files", files, "none"),
    ...section("fills", fills, "none"),
    ...section("money", money, "none"),
    ...section("discrepancies", [discrepancies], "none"),
    ...problems.map((text) => ({ text: `  PROBLEM        ${text}`, tone: "bad" as const })),
  ];
}

function section(title: string, checks: readonly Check[], none: string): Line[] {
  if (checks.length === 0) return [{ text: `  ${title.padEnd(14)} ${none}` }];
  return checks.map(({ name, text, isOk }, index) => {
    const label = name === title ? "" : `${name}: `;
    const line = `  ${(index === 0 ? title : "").padEnd(14)} ${label}${text}`;
    return isOk ? { text: line } : { text: line, tone: "bad" };
  });
}
