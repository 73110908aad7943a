// Real kills of a real process. TRUEUP_KILLS sets how many; by hand: kills.ts --kills N --seed S --json.
import assert from "node:assert/strict";
import { test } from "node:test";
import { kills } from "./kills.ts";

const KILLS = Number(process.env.TRUEUP_KILLS ?? 20);
/** A kill takes less than a second where the machine is not busy. In ms. */
const TIMEOUT_MS = 120_000 + KILLS * 5_000;

test(`after ${KILLS} kills no acknowledged fill is lost and no order was sent twice`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const { n, failures, detail } = await kills({ seed: 1, kills: KILLS });
  assert.deepEqual([failures, detail.problems], [0, []]);
  assert.deepEqual([n, detail.lost, detail.doubled, detail.sentTwice], [KILLS, 0, 0, 0]);
  // Kills of a process that does nothing prove nothing.
  assert.ok(
    Number(detail.fillsAcknowledged) > KILLS && Number(detail.ordersSent) > KILLS / 2,
    JSON.stringify(detail),
  );
});
