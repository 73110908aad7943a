// The configuration that a scenario runs with: what a person would write, so that the folder can be looked into and
// tried again with `trueup run`.
import type { Scenario } from "./scenario.ts";

export const ACCOUNT = "paper";

/** Passes follow quickly, so that nobody waits; at another speed so much faster or slower. In ms. */
const INTERVAL_MS = 800;
const GRACE_MS = 350;
/** The least that a configuration allows, and a grace that is longer than a pass on a busy machine. In ms. */
const INTERVAL_MS_MIN = 100;
const GRACE_MS_MIN = 150;

/** An executor has to say its limits, also where there are none. */
const LIMITS = `limits = { order_value_max = "unlimited", position_value_max = "unlimited", exposure_max = "unlimited", open_orders_max = "unlimited", orders_per_minute_max = "unlimited" }
`;

export function theatreConfig(scenario: Scenario, speed: number): string {
  const { mode, exits, currency, cash, fee, parties, copies } = scenario;
  const strategies = parties.flatMap(({ strategy, prefix }) =>
    prefix === null ? [] : [`${quoted(strategy)} = ${quoted(prefix)}`],
  );
  return `# Written by "trueup demo" for the scenario "${scenario.name}".
state_dir = "state"
[api]
port = 0
[policy]
confirmations = 2
grace_ms = ${Math.max(GRACE_MS_MIN, Math.round(GRACE_MS / speed))}
interval_ms = ${Math.max(INTERVAL_MS_MIN, Math.round(INTERVAL_MS / speed))}
[accounts.${ACCOUNT}]
venue = "paper"
mode = "${mode}"
${mode === "executor" ? LIMITS : ""}cash = "${cash}"
currency = "${currency}"
fee_ratio = "${fee}"
[accounts.${ACCOUNT}.strategies]
${strategies.join("\n")}
${exits === undefined ? "" : `[accounts.${ACCOUNT}.exits]\n${exits}\n`}${copies
  .map(
    ({ name, file, strategy, toml }) => `[[accounts.${ACCOUNT}.mirrors]]
name = "${name}"
type = "json-file"
path = "${file}"
scope = "${strategy === null ? "account" : `strategy:${strategy}`}"
${toml}
`,
  )
  .join("")}`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
