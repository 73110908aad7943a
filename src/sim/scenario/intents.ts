// A scenario names an order that is sent by its intent: `intent:NAME` stands for the client order id that follows from it,
// in whatever the venue reports and in what is expected.
import { clientOrderIdOf, UNATTRIBUTED } from "../../core/index.ts";
import type { Scenario } from "./schema.ts";

const PREFIX = "intent:";

export function spellIntents(scenario: Scenario): Scenario {
  const strategies = scenario.policy?.strategies ?? {};
  const owners = new Map(
    scenario.steps.flatMap((step) =>
      "command" in step && "submit" in step.command
        ? [[step.command.submit.intentId, step.command.submit.strategy ?? UNATTRIBUTED] as const]
        : [],
    ),
  );
  if (owners.size === 0) return scenario;
  const spelled = (text: string) => {
    const name = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : "";
    const owner = owners.get(name);
    return owner === undefined ? text : clientOrderIdOf(scenario.id, { strategies }, name, owner);
  };
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return spelled(value);
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [spelled(name), walk(inner)]));
  };
  return walk(scenario) as Scenario;
}
