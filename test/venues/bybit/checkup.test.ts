// What a look at a Bybit connection finds.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../../../src/venues/index.ts";
import { NOW, newState, position } from "./rows.ts";
import { openWorld } from "./support.ts";

function of(findings: readonly Finding[] | undefined, check: Finding["check"]): string[] {
  return (findings ?? [])
    .filter((one) => one.check === check)
    .map(({ level, found }) => `${level}: ${found}`);
}

test("a good key on a unified account is nothing to worry about", async (context) => {
  const { venue, server } = await openWorld(context, {
    positions: [position(["linear", "USDT", "BTCUSDT"], "Buy", "1")],
  });
  const findings = await venue.checkup?.();
  assert.deepEqual(
    findings?.filter(({ level }) => level !== "ok"),
    [],
  );
  assert.deepEqual(of(findings, "account"), ["ok: unified account 2.0, margin mode REGULAR_MARGIN"]);
  assert.deepEqual(of(findings, "scope"), ["ok: watched: linear USDC, linear USDT, inverse, spot, option"]);
  assert.deepEqual(of(findings, "position_mode"), ["ok: 1 positions, all in one-way mode"]);
  assert.deepEqual(server.bodies, []);
});

test("a key that may withdraw is refused, one that may move money is warned of", async (context) => {
  const { key } = newState();
  const withdraws = { ...key, permissions: { Wallet: ["AccountTransfer", "Withdraw"] } };
  const moves = { ...key, permissions: { Wallet: ["AccountTransfer", "SubMemberTransferList"] }, ips: ["*"] };
  const first = await openWorld(context, { key: withdraws });
  assert.ok(of(await first.venue.checkup?.(), "permissions").includes("refuse: the key may withdraw"));
  const second = await openWorld(context, {
    key: { ...moves, readOnly: 1, expiredAt: "2026-04-26T15:00:00Z" },
  });
  const found = of(await second.venue.checkup?.(), "permissions");
  assert.deepEqual(found.slice(0, 1), [
    "warn: the key may move money between accounts (Wallet.AccountTransfer)",
  ]);
  assert.ok(found.includes("warn: the key can be used from any address"));
  assert.ok(found.includes("warn: the key expires at 2026-04-26T15:00:00Z, in 2 days"), found.join("\n"));
});

test("an account that is not unified, a wrong clock and a hedged position are found", async (context) => {
  const { venue, server } = await openWorld(context, {
    account: { unifiedMarginStatus: 1, marginMode: "REGULAR_MARGIN" },
    positions: [position(["linear", "USDT", "BTCUSDT"], "Buy", "1", { positionIdx: 1 })],
  });
  server.nowMs = () => NOW - 3_000;
  const findings = await venue.checkup?.();
  assert.match(of(findings, "account")[0] ?? "", /^refuse: .*unifiedMarginStatus is "1"/);
  assert.match(of(findings, "clock")[0] ?? "", /^refuse: .*ms ahead of Bybit's/);
  assert.deepEqual(of(findings, "position_mode"), ["ok: 1 of 1 positions are in hedge mode"]);
});

test("trouble at Bybit's side is a warning, not an exception, and keeps no account closed", async (context) => {
  const { venue, server } = await openWorld(context);
  await server.stop();
  server.stop = async () => undefined;
  const findings = await venue.checkup?.();
  assert.match(
    of(findings, "connection")[0] ?? "",
    /^warn: Bybit \(testnet\) could not be asked for the time/,
  );
});

test("settle coins that the configuration leaves out are named", async (context) => {
  const { venue } = await openWorld(context, {}, { settleCoins: ["USDT"] });
  assert.match(
    of(await venue.checkup?.(), "scope")[0] ?? "",
    /^warn: .*contracts settled in USDC are not watched/,
  );
});
