// The look at an Alpaca account: whether orders are taken from it, as far as its flags say so.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Row } from "./state.ts";
import { openWorld } from "./support.ts";

async function told(t: Parameters<typeof openWorld>[0], account: Row): Promise<boolean | undefined> {
  const { venue, server } = await openWorld(t);
  server.state.account = { ...server.state.account, ...account };
  return ((await venue.checkup?.()) ?? []).find(({ check }) => check === "account")?.mayTrade;
}

test("an account may trade that is active and not blocked, and not while any flag blocks it", async (t) => {
  assert.equal(await told(t, {}), true);
  for (const flag of ["trading_blocked", "account_blocked", "trade_suspended_by_user"])
    assert.equal(await told(t, { [flag]: true }), false, flag);
});

test("what another status keeps an account from is not documented, and not said", async (t) => {
  assert.equal(await told(t, { status: "ACCOUNT_UPDATED" }), undefined);
  assert.equal(await told(t, { status: "ACCOUNT_UPDATED", trading_blocked: true }), false);
});
