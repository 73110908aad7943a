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
