// Which answers prove that a command had no effect, and which prove nothing.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Command, outcomeOf } from "./outcome.ts";

const words = {
  venue: "Binance",
  environment: "live",
  keyNames: { keyId: "K", secret: "S" },
  timeoutMs: 6_000,
  secrets: ["canary"],
};

function outcome(
  status: number,
  body: unknown,
  { market = "usdm", command = "submit" }: { market?: "usdm" | "spot"; command?: Command } = {},
) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return outcomeOf(command, { kind: "answer", status, text }, { market, words }, () => ({
    kind: "accepted",
  }));
}

const error = (code: number, msg = "") => ({ code, msg });

describe("an answer to a command", () => {
  for (const code of [
    -1013, -1021, -1022, -1111, -1121, -2010, -2015, -2019, -2022, -4003, -4015, -4061, -4120, -4164, -5022,
  ]) {
    test(`of code ${code} is a refusal, with the code`, () => {
      const found = outcome(400, error(code));
      assert.equal(found.kind, "rejected");
      assert.equal(found.kind === "rejected" && found.code, String(code));
    });
  }

  for (const [status, code] of [
    [400, -1000],
    [400, -1001],
    [400, -1006],
    [408, -1007],
    [400, -1016],
    [400, -2020],
    [400, -9999],
    [500, -2010],
    [503, -1001],
  ] as const) {
    test(`of HTTP ${status} and code ${code} proves nothing`, () => {
      assert.equal(outcome(status, error(code)).kind, "unknown");
    });
  }

  test("of 503 is told apart by its text, of futures only", () => {
    const throttled = error(
      -1008,
      "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again.",
    );
    assert.equal(outcome(503, throttled).kind, "rejected");
    assert.equal(outcome(503, throttled, { market: "spot" }).kind, "unknown");
    assert.equal(outcome(503, error(-1001, "Service Unavailable.")).kind, "rejected");
    const timedOut = error(-1000, "Unknown error, please check your request or try again later.");
    assert.equal(outcome(503, timedOut).kind, "unknown");
    // Reported to have come for an order that was placed.
    assert.equal(
      outcome(503, error(-1008, "Server is currently overloaded with other requests.")).kind,
      "unknown",
    );
    assert.equal(outcome(503, "<html>Service Unavailable</html>").kind, "unknown");
  });

  for (const status of [418, 429]) {
    test(`of HTTP ${status} is a refusal also without a body`, () => {
      assert.equal(outcome(status, "").kind, "rejected");
    });
  }

  test("of HTTP 403 proves nothing: what stands between answers so too", () => {
    assert.equal(outcome(403, "<html>403 Forbidden</html>").kind, "unknown");
  });

  test("that the client order id is there already is unknown: that order may be at work", () => {
    assert.equal(outcome(400, error(-4116, "ClientOrderId is duplicated.")).kind, "unknown");
    assert.equal(outcome(400, error(-2010, "Duplicate order sent."), { market: "spot" }).kind, "unknown");
  });

  test("of a cancel of what is not open is a refusal, and says nothing of the order", () => {
    const found = outcome(400, error(-2011, "Unknown order sent."), { command: "cancel" });
    assert.equal(found.kind === "rejected" && found.code, "-2011");
  });

  test("without Binance's error body proves nothing", () => {
    assert.equal(outcome(400, "<html>Bad request</html>").kind, "unknown");
    assert.equal(outcome(400, { message: "no" }).kind, "unknown");
    assert.equal(outcome(200, '{"orderId":1').kind, "unknown");
  });

  test("that is an error with status 200 is none that counts", () => {
    assert.equal(outcome(200, error(-2010)).kind, "unknown");
  });

  test("shows no secret, whatever the venue repeats", () => {
    const found = outcome(400, error(-1102, "Param 'canary' was empty"));
    assert.ok(found.kind === "rejected" && !found.reason.includes("canary"));
  });

  test("codes of one market do not count at the other", () => {
    assert.equal(outcome(400, error(-2019), { market: "spot" }).kind, "unknown");
    assert.equal(outcome(400, error(-2039)).kind, "unknown");
  });
});
