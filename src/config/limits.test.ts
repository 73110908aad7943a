// Limits in a configuration: each is said, and a forgotten one is told with its line.
import assert from "node:assert/strict";
import { test } from "node:test";
import { limitsFrom } from "./limits.ts";
import { parseConfig } from "./parse.ts";

const BASE = 'state_dir = "s"\n[accounts.a]\nvenue = "paper"\nmode = "executor"\n';
const LIMITS = `[accounts.a.limits]
order_value_max = "5000"
position_value_max = 10000
exposure_max = "unlimited"
open_orders_max = 20
orders_per_minute_max = "unlimited"
`;

function problemsOf(text: string): string[] {
  const parsed = parseConfig(text, (path) => path);
  return parsed.kind === "ok" ? [] : parsed.problems.map(({ line, text: problem }) => `${line}: ${problem}`);
}

test("an executor without limits is refused with the line and with what to write", () => {
  const [problem = "", ...others] = problemsOf(BASE);
  assert.deepEqual(others, []);
  assert.match(
    problem,
    /^4: accounts\.a: mode = "executor" .* \[accounts\.a\.limits\] with order_value_max, /,
  );
});

test("[H03] a limit that is left out is an error, and unlimited is said", () => {
  assert.deepEqual(problemsOf(`${BASE}${LIMITS}`), []);
  const [problem = ""] = problemsOf(`${BASE}${LIMITS.replace(/open_orders_max.*\n/, "")}`);
  assert.match(problem, /accounts\.a\.limits\.open_orders_max/);
  assert.match(problemsOf(`${BASE}${LIMITS.replace("5000", "lots")}`)[0] ?? "", /order_value_max/);
});

test("limits become the core's, without a number where there is none", () => {
  const parsed = parseConfig(`${BASE}${LIMITS}`, (path) => path);
  assert.equal(parsed.kind, "ok");
  assert.deepEqual(parsed.kind === "ok" && limitsFrom(parsed.config.accounts.a?.limits), {
    orderValueMax: "5000",
    positionValueMax: "10000",
    exposureMax: null,
    openOrdersMax: 20,
    ordersPerMinuteMax: null,
  });
  assert.equal(limitsFrom(undefined), null);
});
