// The ledger of spot: what its lists tell becomes entries, and how far it is proven where one of them is not told.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { World } from "../../../src/conformance/world.ts";
import type { LedgerRow } from "../../../src/core/index.ts";
import { readPayload } from "../../../src/venues/binance/index.ts";
import { costOf } from "../../../src/venues/binance/rate.ts";
import { parseExact } from "../../../src/venues/wire/json.ts";
import { SPOT_BENCH } from "./bench.ts";
import type { SpotWire } from "./spot-wire.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function opened(t: Parameters<typeof World.open>[0]) {
  const world = await World.open(t, SPOT_BENCH);
  await world.pass();
  return { world, wallet: (world.server as SpotWire).wallet };
}

async function ledgerOf(world: World, fromMs = world.nowMs - HOUR) {
  const { ledger } = await world.venue.history(fromMs);
  assert.ok(ledger);
  return ledger;
}

function brief(rows: readonly LedgerRow[]): readonly string[] {
  return rows.map(({ id, cause, asset, amount, instrument, qtyDelta }) =>
    [id, cause, asset ?? instrument, amount ?? qtyDelta].join(" "),
  );
}

/** As Binance writes the dates of withdrawals. */
function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

/** A second that is over, as dates have no ms. */
function secondAgo(world: World): number {
  return Math.floor(world.nowMs / 1_000) * 1_000 - 1_000;
}

function askedFor(world: World, path: string): readonly URLSearchParams[] {
  return world.sent
    .map(({ url }) => new URL(url))
    .flatMap((url) => (url.pathname === path ? [url.searchParams] : []));
}

describe("the ledger of spot", () => {
  test("has a deposit once it is credited, at that time, and as a change of the coin's position", async (t) => {
    const { world, wallet } = await opened(t);
    const startedMs = world.nowMs;
    const row = {
      id: "7698",
      amount: "0.5",
      coin: "BTC",
      txId: "a",
      insertTime: world.nowMs - 1,
      walletType: 0,
    };
    wallet.deposits.push({ ...row, status: 0 });
    assert.deepEqual((await ledgerOf(world)).rows, []);
    // Hours later the fills are asked for from then on, and the deposit's own time lies before.
    await world.pass(5 * HOUR);
    wallet.deposits.splice(0, 1, { ...row, status: 1, completeTime: world.nowMs - 1 });
    const { rows, quality, coverage } = await ledgerOf(world, world.nowMs - 60_000);
    assert.equal(quality, "complete");
    assert.deepEqual(brief(rows), [
      "deposit:7698 transfer BTC 0.5",
      "deposit:7698|coin transfer BTC/USDT 0.5",
    ]);
    assert.ok((rows[0]?.timestamp ?? 0) > startedMs);
    assert.equal(coverage?.toMs, world.nowMs);
  });

  test("has a withdrawal from when it is asked for, its fee, and both again where it fails", async (t) => {
    const { world, wallet } = await opened(t);
    const applyTime = dateOf(secondAgo(world));
    const row = { id: "b6ae", amount: "8.91", transactionFee: "0.004", coin: "USDT", applyTime };
    wallet.withdrawals.push({ ...row, status: 4 });
    const out = ["withdrawal:b6ae transfer USDT -8.91", "withdrawal:b6ae:fee fee USDT -0.004"];
    assert.deepEqual(brief((await ledgerOf(world)).rows), out);
    await world.pass(DAY);
    wallet.withdrawals.splice(0, 1, { ...row, status: 5, completeTime: dateOf(secondAgo(world)) });
    const told = brief((await ledgerOf(world, world.nowMs - 60_000)).rows);
    assert.deepEqual(told.toSorted(), [
      "withdrawal:b6ae transfer USDT -8.91",
      "withdrawal:b6ae:fee fee USDT -0.004",
      "withdrawal:b6ae:fee:returned fee USDT 0.004",
      "withdrawal:b6ae:returned transfer USDT 8.91",
    ]);
  });

  test("has transfers in both directions, what is paid out, and what dust became", async (t) => {
    const { world, wallet } = await opened(t);
    const time = world.nowMs - 5;
    const transfer = { asset: "USDT", amount: "3", status: "CONFIRMED", timestamp: time };
    wallet.transfers.push(
      { ...transfer, type: "MAIN_FUNDING", tranId: 1 },
      { ...transfer, type: "OPTION_MAIN", tranId: 2 },
      { ...transfer, type: "MAIN_MARGIN", tranId: 3, status: "FAILED" },
    );
    wallet.dividends.push({
      id: 4,
      amount: "10",
      asset: "BHFT",
      divTime: time,
      enInfo: "BHFT distribution",
      tranId: 29,
      direction: 1,
    });
    const detail = { transId: 43, serviceChargeAmount: "0.00009", amount: "0.009", operateTime: time };
    wallet.dust.push({
      operateTime: time,
      transId: 451,
      userAssetDribbletDetails: [{ ...detail, transferedAmount: "0.00441", fromAsset: "ETH" }],
    });
    const { rows, quality, problem } = await ledgerOf(world);
    assert.equal(quality, "complete", problem);
    assert.deepEqual(brief(rows), [
      "dividend:4 transfer BHFT 10",
      "dust:451:43:ETH dust ETH -0.009",
      "dust:451:43:ETH:got dust BNB 0.00441",
      "dust:451:43:ETH|coin dust ETH/USDT -0.009",
      "transfer:1 transfer USDT -3",
      "transfer:2 transfer USDT 3",
    ]);
  });

  test("of more dividends than one answer holds is read in smaller windows", async (t) => {
    const { world, wallet } = await opened(t);
    for (let count = 0; count < 1_200; count += 1) {
      const row = { id: count, amount: "1", asset: "BHFT", tranId: 1, direction: 1 };
      wallet.dividends.push({ ...row, divTime: world.nowMs - 1_800_000 + count });
    }
    const { rows, quality, problem } = await ledgerOf(world);
    assert.equal(quality, "complete", problem);
    assert.equal(rows.length, 1_200);
  });

  test("is partial in words, and proven for nothing, where the key may not read one of its lists", async (t) => {
    const { world, wallet } = await opened(t);
    world.model.money("USDT", "5" as never, "transfer");
    await world.pass(1);
    wallet.forbidden.push("/sapi/v1/asset/dribblet");
    const { rows, quality, problem, coverage } = await ledgerOf(world);
    assert.equal(quality, "partial");
    assert.match(problem ?? "", /the conversions of dust.*(may read|allow)/);
    assert.equal(coverage, undefined);
    assert.equal(rows.length, 1);
    // That the fills are read does not hang on it.
    assert.equal((await world.venue.history(world.nowMs - HOUR)).fills?.quality, "complete");
  });

  test("keeps what was proven while a list fails, and reads on from there", async (t) => {
    const { world, wallet } = await opened(t);
    const provenMs = (await ledgerOf(world)).coverage?.toMs;
    assert.ok(provenMs);
    wallet.forbidden.push("/sapi/v1/asset/transfer");
    await world.pass(3 * DAY);
    wallet.transfers.push({
      asset: "USDT",
      amount: "7",
      type: "MAIN_FUNDING",
      status: "CONFIRMED",
      tranId: 9,
      timestamp: world.nowMs,
    });
    await world.pass(2 * DAY);
    const failed = await ledgerOf(world, provenMs - 60_000);
    assert.equal(failed.quality, "partial");
    assert.equal(failed.coverage?.toMs, provenMs);
    // The fills went on meanwhile, and are asked for from later.
    wallet.forbidden.splice(0);
    const { rows, quality } = await ledgerOf(world, world.nowMs - 600_000);
    assert.equal(quality, "complete");
    assert.deepEqual(brief(rows), ["transfer:9 transfer USDT -7"]);
  });

  test("asks for the withdrawals, which are dear, no oftener than it may, unless something moved", async (t) => {
    const { world } = await opened(t);
    const path = "/sapi/v1/capital/withdraw/history";
    for (let count = 0; count < 15; count += 1) {
      await world.pass(1_000);
      const { quality, problem, coverage } = await ledgerOf(world);
      assert.equal(quality, "complete", problem);
      assert.ok((coverage?.toMs ?? 0) > world.nowMs - 21_000);
    }
    assert.equal(askedFor(world, path).length, 1);
    assert.equal(costOf("GET", new URL(`https://x${path}`)).account, 18_000);
  });

  test("tells a state that nobody knows instead of guessing what it moved", async (t) => {
    const { world, wallet } = await opened(t);
    wallet.deposits.push({ id: "1", amount: "5", coin: "USDT", status: 99, insertTime: world.nowMs - 1 });
    const { quality, rows, problem, coverage } = await ledgerOf(world);
    assert.equal(quality, "partial");
    assert.deepEqual(rows, []);
    assert.match(problem ?? "", /"status" is "99"/);
    assert.equal(coverage, undefined);
  });
});

// Shapes of Binance's documentation, with invented ids.
// https://github.com/binance/binance-connector-js a9de9a99, clients/wallet/tests/unit/rest-api (read 2026-11)
test("recorded lists of the wallet are read as entries, or left out for a reason", () => {
  const read = (text: string) =>
    readPayload(parseExact(text)).items.map((item) =>
      item.kind === "ledger" ? brief([item.row])[0] : item.kind === "ignored" ? item.reason : item,
    );
  const deposit = (more: string) =>
    `[{"id":"76","amount":"0.001","coin":"BNB","network":"BNB","address":"bnb1","txId":"98A3","insertTime":1661493146000,"transferType":0,"confirmTimes":"1/1",${more}}]`;
  assert.deepEqual(read(deposit('"status":6')), ["deposit:76 transfer BNB 0.001"]);
  assert.deepEqual(read(deposit('"status":7')), ["a deposit that is not credited"]);
  assert.deepEqual(read(deposit('"status":1,"walletType":1')), [
    "of the funding wallet, from which nothing is traded",
  ]);
  assert.deepEqual(
    read(
      '{"total":1,"rows":[{"asset":"USDT","amount":"1","type":"UMFUTURE_MARGIN","status":"CONFIRMED","tranId":11,"timestamp":1544433328000}]}',
    ),
    ["UMFUTURE_MARGIN: not of the spot wallet"],
  );
  assert.deepEqual(read('{"total":0}'), ["an empty list"]);
  assert.deepEqual(
    read(
      '[{"id":"b6","amount":"8.9","transactionFee":"0.1","coin":"USDT","status":6,"applyTime":"2019-10-12 11:12:02","network":"ETH"}]',
    ),
    ["withdrawal:b6 transfer USDT -8.9", "withdrawal:b6:fee fee USDT -0.1"],
  );
});
