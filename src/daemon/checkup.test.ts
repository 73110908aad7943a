// The look at a connection before an account is opened: what keeps it from being opened, and what does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { VirtualRuntime } from "../sim/index.ts";
import type { Finding, Venue } from "../venues/index.ts";
import { checkupOf, refuseUnsafe } from "./checkup.ts";

const WITHDRAWS: Finding = {
  check: "permissions",
  level: "refuse",
  found: "the key may withdraw",
  advice: "make one without that right",
};

function look(checkup: Venue["checkup"], mayWithdraw = false) {
  const runtime = new VirtualRuntime(0);
  const venue = { name: "stub", ...(checkup && { checkup }) } as Venue;
  return { runtime, options: { venue, runtime, mayWithdraw } };
}

test("a key that can withdraw keeps its account from being opened, with what to do", async () => {
  const { options } = look(async () => [WITHDRAWS]);
  await assert.rejects(refuseUnsafe(options), {
    code: "account_refused",
    message: "permissions: the key may withdraw; make one without that right",
  });
});

test("the configuration's word allows such a key, and nothing else that is refused", async () => {
  await refuseUnsafe(look(async () => [WITHDRAWS], true).options);
  const [told] = (await checkupOf(look(async () => [WITHDRAWS], true).options)) ?? [];
  assert.equal(told?.level, "warn");
  const mode: Finding = { check: "position_mode", level: "refuse", found: "hedge", advice: "change it" };
  await assert.rejects(refuseUnsafe(look(async () => [mode], true).options), /position_mode: hedge/);
});

test("warnings, an adapter that cannot look and a venue that fails keep nothing from being opened", async () => {
  await refuseUnsafe(look(undefined).options);
  await refuseUnsafe(look(async () => [{ ...WITHDRAWS, level: "warn" }]).options);
  await refuseUnsafe(look(() => Promise.reject(new Error("down"))).options);
});

test("a venue that never answers is waited for ten seconds, and then the first pass's matter", async () => {
  const { runtime, options } = look(() => Promise.withResolvers<readonly Finding[]>().promise);
  const waiting = refuseUnsafe(options);
  await runtime.advance(10_000, () => setImmediate());
  await waiting;
});
