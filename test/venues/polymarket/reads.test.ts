// What is read from Polymarket, and what it is worth when the venue misbehaves.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CREDENTIALS } from "./server.ts";
import { COND, KEY, NO, NOW, openWorld, SIGNER, submit, WALLET, YES } from "./support.ts";

const SEC = 1_000;
const settled = async () => undefined;

describe("the positions", () => {
  test("are the wallet's tokens, dust included, with all of their digits", async (t) => {
    const { venue, server } = await openWorld(t);
    server.exchange.hold(YES, "10.123456");
    server.exchange.hold(NO, "0.05");
    const { positions, venueAccountId } = await venue.snapshot();
    assert.equal(positions?.quality, "complete", positions?.problem);
    assert.deepEqual(
      positions?.rows.map(({ instrument, qty }) => [instrument, qty]),
      [
        [YES, "10.123456"],
        [NO, "0.05"],
      ],
    );
    assert.equal(venueAccountId, WALLET);
  });

  test("come in pages, and are whole only when the last one was seen", async (t) => {
    const { venue, server } = await openWorld(t);
    for (let at = 1; at <= 7; at += 1) server.exchange.hold(String(1_000 + at), String(at));
    server.pageSize = 2;
    assert.equal((await venue.snapshot()).positions?.rows.length, 7);
    server.fail("GET /v2/positions", { kind: "answer", status: 500, body: { error: "x" } }, { good: 2 });
    const broken = (await venue.snapshot()).positions;
    assert.equal(broken?.quality, "partial");
    assert.equal(broken?.rows.length, 4);
  });

  test("of a page that does not say whether it goes on are partial", async (t) => {
    const { venue, server } = await openWorld(t);
    server.fail("GET /v2/positions", { kind: "answer", status: 200, body: { data: [] } });
    const { positions } = await venue.snapshot();
    assert.equal(positions?.quality, "unavailable");
    assert.match(positions?.problem ?? "", /do not say whether they go on/);
  });

  test("that come as the older list, an error in a success, half an answer or a page for people are no answer", async (t) => {
    const { venue, server } = await openWorld(t);
    const faults = [
      { kind: "answer", status: 200, body: [] },
      { kind: "answer", status: 200, body: { error: "upstream" } },
      { kind: "half" },
      { kind: "text", status: 200, body: "<html>Just a moment...</html>" },
      { kind: "text", status: 403, body: "<html>Attention Required! | Cloudflare</html>" },
      { kind: "reset" },
    ] as const;
    for (const fault of faults) {
      server.fail("GET /v2/positions", fault);
      const { positions } = await venue.snapshot();
      assert.equal(positions?.quality, "unavailable", JSON.stringify(fault));
      assert.equal(positions?.rows.length, 0);
    }
  });

  test("of another wallet are suspect, all of them", async (t) => {
    const { venue, server } = await openWorld(t);
    const row = { proxy_wallet: `0x${"8".repeat(40)}`, token_id: YES, current_size: 1 };
    server.fail("GET /v2/positions", {
      kind: "answer",
      status: 200,
      body: { data: [row], pagination: { next_cursor: null } },
    });
    assert.equal((await venue.snapshot()).positions?.quality, "suspect");
  });
});

describe("another wallet", () => {
  test("that the activity names is the account's id from then on, and nothing that is looked up counts", async (t) => {
    const { venue, server } = await openWorld(t);
    const other = `0x${"9".repeat(40)}`;
    const row = {
      type: "DEPOSIT",
      proxy_wallet: other,
      timestamp: Math.floor(NOW / SEC),
      usdc_size: 5,
      transaction_hash: "0x1",
    };
    server.exchange.activity.push(row);
    assert.equal((await venue.history(NOW - 60_000)).ledger?.quality, "suspect");
    assert.equal((await venue.position?.(YES, "net"))?.kind, "unknown");
    assert.equal((await venue.snapshot()).venueAccountId, other);
    server.exchange.activity.length = 0;
    await venue.history(NOW - 60_000);
    assert.equal((await venue.snapshot()).venueAccountId, WALLET);
  });
});

describe("one token alone", () => {
  test("is asked for at the CLOB, after it has looked at the chain again", async (t) => {
    const { venue, server } = await openWorld(t);
    server.exchange.hold(YES, "3.5");
    assert.deepEqual(await venue.position?.(YES, "net"), {
      kind: "row",
      row: { instrument: YES, leg: "net", qty: "3.5" },
    });
    const asked = server.requests.filter((one) => one.includes("balance-allowance"));
    assert.deepEqual(
      asked.map((one) => one.split("?")[0]),
      ["GET /balance-allowance/update", "GET /balance-allowance"],
    );
    assert.match(asked[1] ?? "", /asset_type=CONDITIONAL&token_id=7132.*signature_type=1/);
  });

  test("that is not held is flat only once the CLOB has shown that it speaks of this wallet", async (t) => {
    const { venue, server } = await openWorld(t);
    server.knowsWallet = false;
    const first = await venue.position?.(YES, "net");
    assert.equal(first?.kind, "unknown");
    assert.match(first?.kind === "unknown" ? first.problem : "", /wrong signature_type looks the same/);
    server.knowsWallet = true;
    // It names the wallet's money.
    assert.deepEqual(await venue.position?.(YES, "net"), { kind: "none" });
  });

  test("is never flat where the CLOB says zero to everything", async (t) => {
    const { venue, server } = await openWorld(t);
    server.knowsWallet = false;
    server.exchange.hold(NO, "5");
    await venue.snapshot();
    assert.equal((await venue.position?.(YES, "net"))?.kind, "unknown");
  });

  test("is shown by a token that is listed where there is no money", async (t) => {
    const { venue, server } = await openWorld(t);
    server.exchange.collateral = 0n;
    assert.equal((await venue.position?.(YES, "net"))?.kind, "unknown");
    server.exchange.hold(NO, "5");
    await venue.snapshot();
    assert.deepEqual(await venue.position?.(YES, "net"), { kind: "none" });
  });

  test("is not known where the CLOB does not look again", async (t) => {
    const { venue, server } = await openWorld(t);
    await venue.snapshot();
    server.fail("GET /balance-allowance/update", { kind: "answer", status: 500, body: { error: "x" } });
    assert.equal((await venue.position?.(YES, "net"))?.kind, "unknown");
  });
});

describe("the fills", () => {
  test("of a maker are its own part, and a taker's cost what the market says", async (t) => {
    const world = await openWorld(t);
    const { venue, server } = world;
    server.exchange.book(YES, [{ price: "0.39", size: "100" }], [{ price: "0.41", size: "100" }]);
    server.exchange.markets.set(COND, {
      c: COND,
      t: [
        { t: YES, o: "Yes" },
        { t: NO, o: "No" },
      ],
      mts: 0.01,
      fd: { r: 0.07, e: 1, to: true },
    });
    const outcome = await submit(world, { qty: "108" as never, price: "0.36" as never });
    assert.equal(outcome.kind, "accepted", JSON.stringify(outcome));
    const hash = outcome.kind === "accepted" ? (outcome.venueOrderId ?? "") : "";
    server.exchange.match(hash, "5", "0.36", "MAKER");
    server.exchange.match(hash, "103", "0.36", "TAKER");
    const { fills } = await venue.history(NOW - 60 * SEC);
    assert.equal(fills?.quality, "complete", fills?.problem);
    assert.deepEqual(fills?.coverage, { fromMs: NOW - 60 * SEC, toMs: NOW });
    assert.deepEqual(
      fills?.rows
        .map(({ tradeId, joinKey, venueOrderId, clientOrderId, qty, fee }) => [
          tradeId,
          joinKey,
          venueOrderId === hash,
          clientOrderId,
          qty,
          fee,
        ])
        .sort(),
      [
        ["trade-1", "trade-1", true, "tu-1", "5", "0"],
        // 103 × 0.07 × 0.36 × 0.64
        ["trade-2", "trade-2", true, "tu-1", "103", "1.66118"],
      ],
    );
  });

  test("of a trade that failed are none", async (t) => {
    const world = await openWorld(t);
    const { venue, server } = world;
    server.exchange.book(YES, [], []);
    const outcome = await submit(world);
    const hash = outcome.kind === "accepted" ? (outcome.venueOrderId ?? "") : "";
    server.exchange.settle(server.exchange.match(hash, "10", "0.4"), "FAILED");
    const { fills } = await venue.history(NOW - 60 * SEC);
    assert.deepEqual(fills?.rows, []);
    assert.equal(fills?.quality, "complete");
  });

  test("are whole over many pages, and without proof where one is missing", async (t) => {
    const world = await openWorld(t);
    const { venue, server } = world;
    server.exchange.book(YES, [], []);
    const outcome = await submit(world, { qty: "50" as never });
    const hash = outcome.kind === "accepted" ? (outcome.venueOrderId ?? "") : "";
    for (let at = 0; at < 9; at += 1) server.exchange.match(hash, "1", "0.4");
    server.pageSize = 2;
    assert.equal((await venue.history(NOW - 60 * SEC)).fills?.rows.length, 9);
    server.fail(
      "GET /data/trades",
      { kind: "answer", status: 429, body: { error: "Too Many Requests" }, headers: { "Retry-After": "3" } },
      { good: 2 },
    );
    const { fills } = await venue.history(NOW - 60 * SEC);
    assert.equal(fills?.quality, "partial");
    assert.equal(fills?.coverage, undefined);
    assert.equal(fills?.rows.length, 4);
    assert.match(fills?.problem ?? "", /rate limited.*3 s/);
    assert.equal(venue.rateLeft?.(), 0);
  });

  test("go on from where one read ended when there are more than it takes", async (t) => {
    const { venue, server, runtime } = await openWorld(t);
    for (let at = 0; at < 300; at += 1) {
      const seconds = String(Math.floor(NOW / SEC) - 400 + at);
      server.exchange.trades.unshift({
        id: `t${at}`,
        taker_order_id: "0xo",
        market: COND,
        asset_id: YES,
        side: "BUY",
        size: "1",
        price: "0.4",
        status: "CONFIRMED",
        match_time: seconds,
        trader_side: "TAKER",
        owner: CREDENTIALS.apiKey,
        maker_address: WALLET,
        bucket_index: 0,
        maker_orders: [],
      });
    }
    server.pageSize = 2;
    const fromMs = NOW - 401 * SEC;
    const { fills } = await venue.history(fromMs);
    assert.equal(fills?.quality, "partial");
    assert.equal(fills?.coverage?.fromMs, fromMs);
    const toMs = fills?.coverage?.toMs ?? 0;
    const proven = server.exchange.trades
      .filter(({ match_time }) => Number(match_time) * SEC <= toMs)
      .map(({ id }) => id);
    assert.ok(proven.length > 10, `${proven.length} trades are within what is proven`);
    const read = new Set(fills?.rows.map(({ tradeId }) => tradeId));
    assert.deepEqual(
      proven.filter((id) => !read.has(String(id))),
      [],
    );
    // The rate's window is over.
    await runtime.advance(11 * SEC, settled);
    server.exchange.trades.splice(0, 200);
    const all = (await venue.history(fromMs)).fills;
    assert.deepEqual(
      [all?.quality, all?.rows.length, all?.coverage],
      ["complete", 100, { fromMs, toMs: NOW + 11 * SEC }],
    );
  });
});

describe("a trade that is matched and not settled", () => {
  test("keeps its token from being compared once it is late, until it is settled", async (t) => {
    const world = await openWorld(t);
    const { venue, server, runtime } = world;
    server.exchange.book(YES, [], []);
    server.exchange.hold(YES, "2");
    server.exchange.hold(NO, "7");
    const outcome = await submit(world);
    const hash = outcome.kind === "accepted" ? (outcome.venueOrderId ?? "") : "";
    const trade = server.exchange.match(hash, "10", "0.4");
    await venue.history(NOW - 60 * SEC);
    assert.equal((await venue.snapshot()).positions?.quality, "complete");
    await runtime.advance(61 * SEC, settled);
    const { positions } = await venue.snapshot();
    assert.equal(positions?.quality, "partial");
    assert.deepEqual(
      positions?.rows.map(({ instrument }) => instrument),
      [NO],
    );
    assert.match(positions?.problem ?? "", /matched 61 s ago and is not settled/);
    assert.equal((await venue.position?.(YES, "net"))?.kind, "unknown");
    server.exchange.settle(trade);
    // The window no longer has it: it is asked for by its id.
    await venue.history(NOW + 30 * SEC);
    assert.deepEqual((await venue.snapshot()).positions?.rows.map(({ qty }) => qty).sort(), ["12", "7"]);
  });
});

describe("what people call a token", () => {
  test("is its spelling once a position or an activity has named it, and never before", async (t) => {
    const { venue, server } = await openWorld(t);
    assert.deepEqual(venue.named?.("will-it-rain/No"), []);
    assert.deepEqual(venue.named?.(NO), [NO]);
    server.exchange.activity.push({
      ...{ proxy_wallet: WALLET, timestamp: Math.floor(NOW / SEC) - 10, condition_id: COND },
      ...{ slug: "will-it-rain", outcome: "No", type: "TRADE", size: 5, usdc_size: 2, price: 0.4 },
      ...{ side: "BUY", token_id: NO, transaction_hash: "0x1" },
    });
    await venue.history(NOW - 60 * SEC);
    assert.deepEqual(venue.named?.("will-it-rain/No"), [NO]);
    assert.deepEqual(venue.named?.("will-it-rain/Yes"), []);
    assert.equal((await venue.position?.("will-it-rain/No", "net"))?.kind, "unknown");
  });
});

describe("the ledger", () => {
  test("has what moved the wallet and was no trade", async (t) => {
    const { venue, server } = await openWorld(t);
    const row = {
      proxy_wallet: WALLET,
      timestamp: Math.floor(NOW / SEC) - 10,
      condition_id: COND,
      slug: "rain",
    };
    server.exchange.markets.set(COND, {
      c: COND,
      t: [
        { t: YES, o: "Yes" },
        { t: NO, o: "No" },
      ],
      mts: 0.01,
    });
    server.exchange.activity.push(
      {
        ...row,
        type: "TRADE",
        size: 5,
        usdc_size: 2,
        price: 0.4,
        side: "BUY",
        token_id: YES,
        transaction_hash: "0x1",
      },
      {
        ...row,
        type: "SPLIT",
        size: 20,
        usdc_size: 20,
        transaction_hash: "0x2",
        token_id: "",
        side: "",
        outcome_index: 999,
      },
      { ...row, type: "REDEEM", size: 3, usdc_size: 3, token_id: YES, transaction_hash: "0x3" },
      { ...row, type: "REDEEM", size: 3, usdc_size: 3, token_id: YES, transaction_hash: "0x3" },
      { ...row, type: "MAKER_REBATE", size: 0.5, usdc_size: 0.5, condition_id: "", transaction_hash: "0x4" },
    );
    const { ledger } = await venue.history(NOW - 60 * SEC);
    assert.equal(ledger?.quality, "complete", ledger?.problem);
    assert.deepEqual(
      ledger?.rows.map(({ cause, instrument, amount, qtyDelta }) => [cause, instrument, amount, qtyDelta]),
      [
        ["settlement", undefined, "-20", undefined],
        ["settlement", YES, undefined, "20"],
        ["settlement", NO, undefined, "20"],
        ["redemption", YES, "3", "-3"],
        ["redemption", YES, "3", "-3"],
        ["fee", undefined, "0.5", undefined],
      ],
    );
    assert.equal(new Set(ledger?.rows.map(({ id }) => id)).size, 6);
  });

  test("with a type that is not known is partial, and the rest is told", async (t) => {
    const { venue, server } = await openWorld(t);
    const row = {
      proxy_wallet: WALLET,
      timestamp: Math.floor(NOW / SEC) - 10,
      transaction_hash: "0x1",
      size: 1,
      usdc_size: 1,
    };
    server.exchange.activity.push({ ...row, type: "DEPOSIT" }, { ...row, type: "LEVITATE" });
    const { ledger } = await venue.history(NOW - 60 * SEC);
    assert.equal(ledger?.quality, "partial");
    assert.equal(ledger?.rows.length, 1);
    assert.match(ledger?.problem ?? "", /LEVITATE/);
  });
});

describe("orders and balances", () => {
  test("are read with the credentials, over all pages", async (t) => {
    const world = await openWorld(t);
    const { venue, server } = world;
    server.exchange.book(YES, [], []);
    for (let at = 0; at < 5; at += 1) await submit(world, { clientOrderId: `tu-${at}` });
    server.pageSize = 2;
    const { orders, balances } = await venue.snapshot();
    assert.equal(orders?.quality, "complete", orders?.problem);
    assert.deepEqual(
      orders?.rows.map(({ clientOrderId, status, qty }) => [clientOrderId, status, qty]),
      [0, 1, 2, 3, 4].map((at) => [`tu-${at}`, "open", "10"]),
    );
    assert.deepEqual(balances, { quality: "complete", rows: [{ asset: "pUSD", total: "1000" }] });
  });

  test("are unavailable where the credentials are refused, which is told as that", async (t) => {
    const { venue } = await openWorld(t, {
      credentials: { ...CREDENTIALS, passphrase: "wrong-canary-passphrase" },
    });
    const { orders, positions } = await venue.snapshot();
    assert.equal(orders?.quality, "unavailable");
    assert.match(orders?.problem ?? "", /^Polymarket refused the keys/);
    assert.doesNotMatch(orders?.problem ?? "", /canary/);
    assert.equal(positions?.quality, "complete");
  });

  test("are read with credentials that were derived by the wallet's key, asked for once", async (t) => {
    const { venue, server } = await openWorld(t, { credentials: undefined as never });
    assert.equal((await venue.snapshot()).orders?.quality, "complete");
    await venue.snapshot();
    assert.equal(server.requests.filter((one) => one.includes("derive-api-key")).length, 1);
  });
});

describe("an account that is only an address", () => {
  test("is read as far as it is public, and offers nothing else", async (t) => {
    const { venue, server } = await openWorld(t, { isAddressOnly: true });
    server.exchange.hold(YES, "3");
    const row = {
      proxy_wallet: WALLET,
      timestamp: Math.floor(NOW / SEC) - 10,
      condition_id: COND,
      type: "TRADE",
      size: 3,
      usdc_size: 1.2,
      price: 0.4,
      side: "BUY",
      token_id: YES,
      transaction_hash: "0x1",
    };
    server.exchange.activity.push(row, row);
    const snapshot = await venue.snapshot();
    assert.deepEqual(Object.keys(snapshot).sort(), ["positions", "venueAccountId"]);
    const { fills } = await venue.history(NOW - 60 * SEC);
    assert.deepEqual(
      fills?.rows.map(({ tradeId }) => tradeId),
      [`0x1:${COND}:TRADE:${YES}:0`, `0x1:${COND}:TRADE:${YES}:1`],
    );
    for (const call of ["submit", "cancel", "order", "position", "stream"] as const)
      assert.equal(venue[call], undefined);
    assert.equal(venue.capabilities.commands.submit, false);
    assert.ok(
      server.requests.every((one) => one.startsWith("GET /v2/")),
      server.requests.join("\n"),
    );
  });
});

describe("opening", () => {
  test("refuses what does not fit together, and never shows a key", async (t) => {
    const refusals = [
      [{ privateKey: "0xcanary-private-key" }, /expected 0x and 64/],
      [{ signatureType: "eoa" as const }, /funder 0x2222.* is another address than the signer/],
      [{ funder: undefined as never }, /set it to the wallet's address/],
      [{ signer: `0x${"5".repeat(40)}` }, /the private key belongs to/],
      [{ privateKey: undefined as never }, /there are API credentials and no signer/],
      [{ credentials: { ...CREDENTIALS, secret: "" } }, /secret is missing/],
      [{ baseUrl: "http://example.com" }, /expected https/],
    ] as const;
    for (const [options, pattern] of refusals) {
      const error = await openWorld(t, options).then(
        () => undefined,
        (reason: Error) => reason,
      );
      assert.match(error?.message ?? "", pattern);
      assert.doesNotMatch(error?.message ?? "", /canary/);
    }
  });

  test("with credentials and the signer's address alone cancels and does not sign", async (t) => {
    const { venue } = await openWorld(t, { privateKey: undefined as never, signer: SIGNER });
    assert.equal(venue.submit, undefined);
    assert.ok(venue.cancel);
    assert.equal(venue.capabilities.commands.cancel, true);
    assert.equal((await venue.snapshot()).orders?.quality, "complete");
  });
});

describe("no secret is in what is recorded or told", () => {
  test("not in raw answers either, which have every request", async (t) => {
    const { venue, server } = await openWorld(t, { credentials: undefined as never });
    const leak = `${KEY} ${CREDENTIALS.secret} ${CREDENTIALS.passphrase} ${CREDENTIALS.apiKey}`;
    await venue.snapshot();
    server.fail("GET /data/orders", { kind: "answer", status: 500, body: { error: leak } });
    const told = JSON.stringify([
      await venue.raw?.("orders", 0),
      await venue.snapshot(),
      await venue.checkup?.(),
    ]);
    for (const secret of [KEY, KEY.slice(2), CREDENTIALS.secret, CREDENTIALS.passphrase, CREDENTIALS.apiKey])
      assert.ok(!told.includes(secret), secret);
    assert.ok(told.includes("***"));
  });
});
