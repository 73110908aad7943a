// What is certain about a command that failed, and that no package can send it twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientOptions, Package } from "./client.ts";
import { wordsOf } from "./client.ts";
import { isBeforeSending, openSender } from "./sender.ts";

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
    ["a text", false],
  ];
  for (const [error, expected] of cases) assert.equal(isBeforeSending(error), expected, String(error));
});

test("a package that asks twice is stopped, and the first answer counts", async () => {
  type FetchApi = (url: string, init: object) => Promise<Response>;
  class Configuration {
    readonly fetchApi: FetchApi;
    constructor(parameters: { fetchApi: FetchApi }) {
      this.fetchApi = parameters.fetchApi;
    }
  }
  class OrdersApi {
    private readonly configuration: Configuration;
    constructor(configuration: Configuration) {
      this.configuration = configuration;
    }
    async postOrderRaw(): Promise<{ raw: Response }> {
      await this.configuration.fetchApi("http://127.0.0.1/v2/orders", {});
      return { raw: await this.configuration.fetchApi("http://127.0.0.1/v2/orders", {}) };
    }
  }
  let requests = 0;
  const options: ClientOptions = {
    keyId: "k",
    secret: "s",
    keyNames: { keyId: "K", secret: "S" },
    environment: "paper",
    baseUrl: "http://127.0.0.1",
    timing: { timeoutMs: 1_000, retries: 3 },
    fetch: async () => {
      requests += 1;
      return new Response("busy", { status: 503 });
    },
  };
  const alpaca = { trading: { Configuration, OrdersApi } } as unknown as Package;
  const reply = await openSender(alpaca, options, wordsOf(options)).post({
    type: "market",
    timeInForce: "day",
  });
  assert.deepEqual([requests, reply], [1, { kind: "answer", status: 503, text: "busy" }]);
});
