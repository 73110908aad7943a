// Reads scenario files: JSON, then the schema. Whatever is not a scenario is named with its path and what was
// wrong, and never run in part.
import type { z } from "zod";
import { type Scenario, scenarioSchema } from "./schema.ts";

export type Loaded =
  | { readonly kind: "scenario"; readonly scenario: Scenario }
  | { readonly kind: "invalid"; readonly problem: string };

const STEPS = [
  "pass",
  "venue",
  "afterOrders",
  "stream",
  "command",
  "price",
  "exits",
  "advanceMs",
  "restart",
  "kill",
  "resume",
  "gate",
];
/** How many of a file's problems are told. */
const PROBLEMS_MAX = 5;

export function loadScenario(text: string): Loaded {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { kind: "invalid", problem: `not JSON: ${(error as Error).message}` };
  }
  const step = unknownStep(json);
  if (step) return { kind: "invalid", problem: step };
  const parsed = scenarioSchema.safeParse(json);
  if (parsed.success) return { kind: "scenario", scenario: parsed.data };
  return { kind: "invalid", problem: describe(parsed.error) };
}

/** A step that is not one of those above is named by itself: a union's error says too little. */
function unknownStep(json: unknown): string | undefined {
  const steps = (json as { steps?: unknown } | null)?.steps;
  if (!Array.isArray(steps)) return undefined;
  for (const [index, step] of steps.entries()) {
    const keys = step !== null && typeof step === "object" ? Object.keys(step) : [];
    const isKnown = keys.length === 1 && STEPS.includes(keys[0] ?? "");
    if (!isKnown) {
      return `steps[${index}] is ${JSON.stringify(step)?.slice(0, 80)}; a step has exactly one of ${STEPS.join(", ")}`;
    }
  }
  return undefined;
}

function describe(error: z.ZodError): string {
  const lines = error.issues.flatMap((issue) => flatten(issue, issue.path));
  const more = lines.length > PROBLEMS_MAX ? ` (and ${lines.length - PROBLEMS_MAX} more)` : "";
  return lines.slice(0, PROBLEMS_MAX).join("; ") + more;
}

/** Of a union that did not match, the alternative that came closest tells the most. */
function flatten(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): string[] {
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const depth = (issues: readonly z.core.$ZodIssue[]) => Math.max(...issues.map((one) => one.path.length));
    // One that does not know the value's own keys is another thing altogether.
    const isOther = (issues: readonly z.core.$ZodIssue[]) =>
      Number(issues.some(({ code, path: at }) => code === "unrecognized_keys" && at.length === 0));
    const closest = [...issue.errors].sort((a, b) => isOther(a) - isOther(b) || depth(b) - depth(a))[0] ?? [];
    return closest.flatMap((inner) => flatten(inner, [...path, ...inner.path]));
  }
  const place = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return [`${place.replace(/^\./, "") || "the file"}: ${issue.message}`];
}
