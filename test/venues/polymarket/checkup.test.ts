// The look at the connection before anything is traded: what does not fit together is told, with what to do about it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CREDENTIALS } from "./server.ts";
import { KEY, NOW, openWorld, SIGNER, type World, YES } from "./support.ts";

async function findings({ venue }: World): Promise<Map<string, string>> {
  const all = (await venue.checkup?.()) ?? [];
  return new Map(all.map(({ check, level, found }) => [check, `${level}: ${found}`]));
}

describe("a checkup", () => {
  test("of an account in order says ok of everything, with figures", async (t) => {
    const world = await openWorld(t);
    world.server.exchange.hold(YES, "10");
    const found = await findings(world);
    for (const check of ["connection", "clock", "permissions", "account", "scope", "position_mode", "rate"]) {
      assert.match(found.get(check) ?? "", /^ok: /, check);
    }
    assert.match(found.get("account") ?? "", /1000 pUSD; of token \d+ the Data API says 10 and the CLOB 10/);
    assert.match(found.get("permissions") ?? "", /orders can be signed/);
    assert.deepEqual(world.server.commands, []);
    assert.doesNotMatch(JSON.stringify([...found]), new RegExp(`${CREDENTIALS.secret}|${KEY.slice(2)}`));
  });

  test("refuses a wallet of which the CLOB says nothing while the Data API lists a token", async (t) => {
    const world = await openWorld(t);
    world.server.exchange.hold(YES, "10");
    world.server.knowsWallet = false;
    assert.match((await findings(world)).get("account") ?? "", /^refuse: .*says 10 and the CLOB 0/);
    const empty = await openWorld(t);
    empty.server.knowsWallet = false;
    assert.match((await findings(empty)).get("account") ?? "", /^warn: .*could not be seen/);
  });

  test("refuses credentials that are not taken, and warns where the account may only close", async (t) => {
    const wrong = await openWorld(t, { credentials: { ...CREDENTIALS, passphrase: "another" } });
    assert.match((await findings(wrong)).get("permissions") ?? "", /^refuse: /);
    const closed = await openWorld(t);
    closed.server.closedOnly = true;
    assert.match((await findings(closed)).get("permissions") ?? "", /^warn: the account may only close/);
  });

  test("says whether the credentials may trade, as far as the CLOB says it", async (t) => {
    const told = async ({ venue }: World) =>
      ((await venue.checkup?.()) ?? []).find(({ check }) => check === "permissions")?.mayTrade;
    const world = await openWorld(t);
    assert.equal(await told(world), true);
    world.server.closedOnly = true;
    assert.equal(await told(world), true, "cancels and what closes are taken in that mode");
    world.server.fail("GET /auth/ban-status/closed-only", {
      ...{ kind: "text", status: 403, body: "<html>Cloudflare</html>" },
    });
    assert.equal(await told(world), undefined, "a firewall knows nothing of the credentials");
    const wrong = await openWorld(t, { credentials: { ...CREDENTIALS, passphrase: "another" } });
    assert.equal(await told(wrong), false);
    const keysOnly = await openWorld(t, { privateKey: "", credentials: CREDENTIALS, signer: SIGNER });
    assert.equal(await told(keysOnly), undefined);
  });

  test("says how far the clocks are apart, and refuses what requests would not survive", async (t) => {
    const cases: [number, RegExp][] = [
      [1_500, /^ok: /],
      [-8_000, /^warn: our clock is ahead of the CLOB's by 7\d{3} ms/],
      [60_000, /^refuse: our clock is behind/],
    ];
    for (const [apart, expected] of cases) {
      const world = await openWorld(t);
      const body = Math.floor((NOW + apart) / 1_000);
      world.server.fail("GET /time", { kind: "answer", status: 200, body });
      assert.match((await findings(world)).get("clock") ?? "", expected);
    }
  });

  test("of an address alone says what is missing", async (t) => {
    const world = await openWorld(t, { isAddressOnly: true });
    const found = await findings(world);
    assert.match(found.get("permissions") ?? "", /^warn: there are no API credentials/);
    assert.match(found.get("stream") ?? "", /^warn: /);
    assert.match(found.get("scope") ?? "", /^ok: /);
  });

  test("where nothing answers refuses, and ends", async (t) => {
    const world = await openWorld(t);
    for (const path of ["/time", "/v2/positions", "/auth/ban-status/closed-only"]) {
      world.server.fail(`GET ${path}`, { kind: "text", status: 403, body: "<html>Cloudflare</html>" });
    }
    const found = await findings(world);
    assert.match(found.get("connection") ?? "", /^refuse: .*HTTP 403/);
    assert.match(found.get("scope") ?? "", /^warn: .*unavailable/);
  });
});
