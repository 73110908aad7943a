// What is taken out of a recorded payload, and what stays.
import assert from "node:assert/strict";
import { test } from "node:test";
import { redactor } from "./redact.ts";

const SALT = Buffer.alloc(32, 7);
const redact = redactor(["acc-12345"], SALT) as (value: object) => Readonly<Record<string, unknown>>;

test("names of people, accounts, wallets and keys are replaced by others of the same shape", () => {
  const before = {
    account_number: "PA0000000001",
    email: "me@example.com",
    uid: "\u000112345678",
    maker_address: "0x00112233445566778899aabbccddeeff00112233",
    apiKey: "abcDEF123",
    proxyWallet: "0xabcdef0011",
  };
  const after = redact(before);
  for (const [name, value] of Object.entries(before)) {
    const changed = String(after[name]);
    assert.notEqual(changed, value, name);
    assert.equal(changed.length, value.length, name);
    const shape = (text: string) => text.replace(/[a-z]/g, "a").replace(/[A-Z]/g, "A").replace(/\d/g, "0");
    if (!value.startsWith("0x")) assert.equal(shape(changed), shape(value), name);
    else assert.match(changed, /^0x[0-9a-f]+$/, name);
  }
  assert.notEqual(String(after.uid)[1], "0", "a number does not begin with a zero");
});

test("the same value becomes the same, so that what belonged together still does", () => {
  const { rows } = redact({ rows: [{ owner: "alice-1" }, { owner: "alice-1" }, { owner: "bob-2" }] });
  const [first, second, third] = (rows as { owner: string }[]).map(({ owner }) => owner);
  assert.equal(first, second);
  assert.notEqual(first, third);
  const other = redactor([])({ owner: "alice-1" }) as { owner: string };
  assert.notEqual(other.owner, first, "another recording replaces by others");
});

test("an id of the account is replaced wherever it stands, also inside other texts and as a field's name", () => {
  const after = redact({ note: "of acc-12345, today", "acc-12345": "1", list: ["acc-12345"] });
  assert.doesNotMatch(JSON.stringify(after), /acc-12345/);
});

test("quantities, prices, times, symbols, statuses and ids of orders stay", () => {
  const row = {
    symbol: "BTCUSDT",
    qty: "0.5",
    avgPrice: "64000.10",
    account_status: "ACTIVE",
    accountType: "UNIFIED",
    orderId: "b28e2b24",
    client_order_id: "tu-1",
    execId: "x-1",
    updatedTime: "1700000000000",
    asset_id: "71321045679252212594626385532706912750332728571942532289631379312455583992563",
    marginMode: "cross",
  };
  assert.deepEqual(redact(row), row);
});

test("a wallet is replaced in addresses of requests too, and by the same one however its letters are written", () => {
  const wallet = "0xAbCdEf0123456789aBcDeF0123456789AbCdEf01";
  const known = redactor([wallet.toLowerCase()], SALT);
  const query = String(known(`GET /v2/positions?user=${wallet}&limit=5`));
  const { proxyWallet } = known({ proxyWallet: wallet.toLowerCase() }) as { proxyWallet: string };
  assert.doesNotMatch(query, new RegExp(wallet, "i"));
  assert.match(query, /^GET \/v2\/positions\?user=0x[0-9a-f]{40}&limit=5$/i);
  assert.equal(/0x[0-9a-f]{40}/i.exec(query)?.[0].toLowerCase(), proxyWallet);
});

test("what tells who somebody is goes out of sentences too: internet addresses and mail", () => {
  const said = "Invalid API-key, IP, or permissions for action, request ip: 203.0.113.97";
  const { msg, hint, six, note } = redact({
    msg: said,
    hint: "write to jane.doe+x@example.co.uk",
    six: "Your IP 2001:db8:0:1::7f3a is not bound",
    note: "at 12:30:45 version 1.2.3, 20260422093000123::0a1b of BTC/USD:BTC-261225",
  }) as Record<string, string>;
  assert.doesNotMatch(msg ?? "", /203\.0\.113\.97/);
  assert.match(msg ?? "", /^Invalid API-key, IP, or permissions for action, request ip: [\d.]{12}$/);
  assert.doesNotMatch(hint ?? "", /jane|example/);
  assert.doesNotMatch(six ?? "", /2001:db8|7f3a/);
  assert.equal(note, "at 12:30:45 version 1.2.3, 20260422093000123::0a1b of BTC/USD:BTC-261225");
});

test("transactions that everybody can look up are replaced, and keys of whoever traded with whom", () => {
  const hash = `0x${"ab12".repeat(16)}`;
  const rows = {
    transaction_hash: hash,
    transactionHash: hash,
    hash,
    trade_owner: "9180014b-33c8",
    users: [hash],
  };
  assert.ok(!JSON.stringify(redact(rows)).includes("ab12ab12"));
  assert.ok(!JSON.stringify(redact(rows)).includes("9180014b"));
  // No transaction at all is a fact of the payload: it tells a conversion of dust from a trade.
  const none = { hash: `0x${"0".repeat(64)}` };
  assert.deepEqual(redact(none), none);
});

test("names are replaced in every script, and amounts and currencies under such names stay", () => {
  const { name } = redact({ name: "José Müller 李" });
  assert.doesNotMatch(String(name), /é|ü|李/);
  const kept = { feeToken: "USDT0", accountLTV: "0.0123" };
  assert.deepEqual(redact(kept), kept);
});
