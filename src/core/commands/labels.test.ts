// What an intent's digest is made of: journals hold digests, so that one without labels stays what it always was.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal } from "../decimal.ts";
import { digestOfIntent, type OrderIntent } from "./intent.ts";

const INTENT: OrderIntent = {
  intentId: "one",
  instrument: "X",
  leg: "net",
  side: "buy",
  type: "limit",
  qty: decimal("1.5"),
  price: decimal("10"),
  timeInForce: "day",
  reduceOnly: false,
  strategy: "grid",
};

test("the digest of an intent without signal and tags is as it was before there were any", () => {
  assert.equal(digestOfIntent(INTENT), "6e2f0011b67e85ff5bbf41dbf91ef081d5ace0bd1699d927998d8dab0afafc82");
  assert.notEqual(digestOfIntent({ ...INTENT, signalId: "s" }), digestOfIntent(INTENT));
  assert.notEqual(
    digestOfIntent({ ...INTENT, tags: { a: "1" } }),
    digestOfIntent({ ...INTENT, tags: { a: "2" } }),
  );
});
