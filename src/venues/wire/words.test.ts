// No secret in any sentence, in whichever form it comes; and sentences that say what to do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { VenueError } from "../venue.ts";
import { checkedAddress } from "./address.ts";
import { keepingFetch } from "./kept.ts";
import { RateRefused } from "./metered.ts";
import { describeFailure, isAuthProblem, withoutSecrets } from "./words.ts";

const SECRET = 'a+b/c="q';
const WORDS = {
  venue: "Somewhere",
  environment: "test",
  keyNames: { keyId: "SOME_KEY", secret: "SOME_SECRET" },
  timeoutMs: 6_000,
  secrets: [SECRET, ""],
};

test("a secret is taken out as it is, as an address and as JSON write it, and so is what always is one", () => {
  const texts = [
    `key ${SECRET} refused`,
    `/v1?key=${encodeURIComponent(SECRET)}&x=1`,
    JSON.stringify({ key: SECRET }),
    "/fapi/v1/order?symbol=X&signature=0123abcd&timestamp=1",
    '{"listenKey":"pqia91ma19a5s61cv6a81va65sdf"}',
    "wss://host/ws?listenKey=pqia91ma19a5s61cv6a81va65sdf",
  ];
  for (const text of texts) {
    const clean = withoutSecrets(text, WORDS.secrets);
    assert.match(clean, /\*\*\*/, text);
    assert.doesNotMatch(clean, /a\+b|a%2Bb|0123abcd|pqia/, text);
  }
  assert.equal(withoutSecrets("assigned to design=1", WORDS.secrets), "assigned to design=1");
});

test("a failure says what was asked, what came and what to do", () => {
  const status = (code: number, more: object = {}) =>
    Object.assign(new Error("no"), { status: code, ...more });
  const cases: [unknown, RegExp][] = [
    [status(401), /^Somewhere refused the keys \(HTTP 401\) .* SOME_KEY and SOME_SECRET are set/],
    [status(429, { retryAfterMs: 7_000 }), /retry after 7 s/],
    [status(500), /^the orders were answered with HTTP 500 \(no\); expected 200/],
    [new DOMException("late", "TimeoutError"), /^no answer within 6 s when asked for the orders/],
    [new TypeError("fetch failed", { cause: new Error(`bad ${SECRET}`) }), /\(bad \*\*\*\)/],
    [new RateRefused("rate limited: enough", 1), /^the orders were not asked for: rate limited: enough/],
  ];
  for (const [error, expected] of cases) assert.match(describeFailure("the orders", error, WORDS), expected);
  assert.ok(isAuthProblem(describeFailure("the orders", status(403), WORDS)));
  assert.ok(!isAuthProblem(describeFailure("the orders", status(500), WORDS)));
});

test("an address is taken only where keys may go, and none with a password is shown", () => {
  assert.equal(checkedAddress("it", "https://api.example.com/"), "https://api.example.com");
  assert.equal(
    checkedAddress("it", "ws://127.0.0.1:9/ws", "ws", { mayHavePath: true }),
    "ws://127.0.0.1:9/ws",
  );
  for (const text of ["http://example.com", "https://a/b", "ws://example.com", "nonsense", "https://a?x=1"]) {
    assert.throws(() => checkedAddress("it", text), VenueError, text);
  }
  assert.throws(
    () => checkedAddress("it", "https://ann:pass@example.com"),
    (error: Error) => !error.message.includes("pass@") && /not shown/.test(error.message),
  );
});

test("an answer is kept as it came, without secrets, also when it breaks off", async () => {
  const kept: Parameters<typeof keepingFetch>[1] = [];
  const answers = [
    new Response(`{"mine":"${encodeURIComponent(SECRET)}"}`),
    new Response(new ReadableStream({ start: (body) => body.error(new Error("cut")) })),
  ];
  const keeping = keepingFetch(async () => answers.shift() ?? Response.error(), kept, WORDS.secrets);
  await (await keeping("https://a/b?signature=beef")).text();
  await assert.rejects(keeping("https://a/c", { method: "POST" }));
  assert.deepEqual(kept, [
    { request: "GET /b?signature=***", status: 200, body: '{"mine":"***"}', problem: null },
    { request: "POST /c", status: 200, body: "", problem: "cut" },
  ]);
});
