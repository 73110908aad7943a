// What is certain about a command that failed, and that no package can send it twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RateRefused } from "./metered.ts";
import { isBeforeSending, sendOnce } from "./once.ts";

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(code), { code, syscall });
}

const wrapped = (cause: unknown) =>
  new Error("the package", { cause: new TypeError("fetch failed", { cause }) });

test("only a failure before a connection stood is certain to have sent nothing", () => {
  const refused = systemError("ECONNREFUSED", "connect");
  const cases: [unknown, boolean][] = [
    [refused, true],
    [wrapped(refused), true],
    [wrapped(systemError("ENOTFOUND", "getaddrinfo")), true],
    [wrapped(systemError("EAI_AGAIN", "getaddrinfo")), true],
    [wrapped(new AggregateError([refused, systemError("ENETUNREACH", "connect")])), true],
    [wrapped(new AggregateError([refused, systemError("ECONNRESET", "read")])), false],
    [wrapped(new AggregateError([])), false],
    [wrapped(systemError("ECONNRESET", "read")), false],
    [wrapped(systemError("EPIPE", "write")), false],
    [wrapped(Object.assign(new Error("certificate has expired"), { code: "CERT_HAS_EXPIRED" })), false],
    [wrapped(new DOMException("late", "TimeoutError")), false],
    [new RateRefused("enough", 1), true],
    ["a text", false],
  ];
  for (const [error, expected] of cases) assert.equal(isBeforeSending(error), expected, String(error));
});

const WORDS = {
  venue: "Somewhere",
  environment: "test",
  keyNames: { keyId: "K", secret: "S" },
  timeoutMs: 1_000,
  secrets: ["hidden"],
};

test("a package that asks twice is stopped, and the first answer counts", async () => {
  let requests = 0;
  const answering: typeof fetch = async () => {
    requests += 1;
    return new Response("busy", { status: 503 });
  };
  const reply = await sendOnce({ fetch: answering, words: WORDS }, async (once) => {
    await once("http://127.0.0.1/orders");
    await once("http://127.0.0.1/orders");
  });
  assert.deepEqual([requests, reply], [1, { kind: "answer", status: 503, text: "busy" }]);
});

test("a command whose client made no request is certain not to be sent", async () => {
  const never: typeof fetch = () => Promise.reject(new Error("not asked"));
  const silent = await sendOnce({ fetch: never, words: WORDS }, async () => undefined);
  const failing = await sendOnce({ fetch: never, words: WORDS }, () =>
    Promise.reject(new Error("hidden is no number")),
  );
  assert.deepEqual(
    [silent, failing],
    [
      { kind: "notSent", problem: "nothing was sent: the client made no request" },
      { kind: "notSent", problem: "nothing was sent: *** is no number" },
    ],
  );
});

test("a command that got no answer is lost, also where the body broke off and where a redirect came", async () => {
  const broken: typeof fetch = async () =>
    new Response(new ReadableStream({ start: (body) => body.error(new Error("cut, hidden")) }));
  const lost = await sendOnce({ fetch: broken, words: WORDS }, (once) => once("http://127.0.0.1/orders"));
  assert.deepEqual(lost, { kind: "lost", problem: "the answer was lost: cut, ***" });
  const redirects: unknown[] = [];
  const noting: typeof fetch = async (_, init) => {
    redirects.push(init?.redirect);
    return new Response("{}");
  };
  await sendOnce({ fetch: noting, words: WORDS }, (once) =>
    once("http://127.0.0.1/orders", { method: "POST" }),
  );
  assert.deepEqual(redirects, ["error"]);
});
