// What OKX's codes prove of a command.
import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf, outcomeOf } from "./outcome.ts";

const WORDS = {
  venue: "OKX",
  environment: "live",
  keyNames: { keyId: "KEY", secret: "SECRET" },
  timeoutMs: 6_000,
  secrets: ["canary-secret"],
};

function answered(status: number, body: unknown) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return outcomeOf({ kind: "answer", status, text }, WORDS, ({ ordId }) => ordId as string | undefined);
}

test("a time-out, a busy or failed system and an id that is in use prove nothing", () => {
  for (const code of ["50001", "50004", "50005", "50013", "50026", "51149", "51011", "51016", "51410"]) {
    assert.equal(kindOf(code), "unknown", code);
  }
});

test("a reason of the request's or of the order's own is a refusal", () => {
  for (const code of [
    "50000",
    "50011",
    "50014",
    "50061",
    "50102",
    "50111",
    "50113",
    "51000",
    "51008",
    "51400",
    "51603",
    "54008",
  ]) {
    assert.equal(kindOf(code), "refused", code);
  }
});

test("a code that is in no table proves nothing", () => {
  for (const code of ["1", "2", "50029", "58001", "59999", "60012", "", "abc"])
    assert.equal(kindOf(code), "unknown", code);
});

test("the code of the order in the answer counts, and not the one around it", () => {
  const row = { ordId: "", clOrdId: "a", sCode: "51008", sMsg: "Order failed. Insufficient balance." };
  const outcome = answered(200, { code: "1", data: [row], msg: "All operations failed" });
  assert.deepEqual([outcome.kind, outcome.kind === "rejected" && outcome.code], ["rejected", "51008"]);
  const late = answered(200, {
    code: "1",
    data: [{ ...row, sCode: "51149", sMsg: "Order timed out." }],
    msg: "",
  });
  assert.equal(late.kind, "unknown");
});

test("an acceptance names the order, or proves nothing", () => {
  const row = { ordId: "312269865356374016", sCode: "0", sMsg: "" };
  assert.deepEqual(answered(200, { code: "0", data: [row], msg: "" }), {
    kind: "accepted",
    venueOrderId: "312269865356374016",
  });
  assert.equal(answered(200, { code: "0", data: [], msg: "" }).kind, "unknown");
  assert.equal(answered(200, { code: "0", data: [{ sCode: "0" }], msg: "" }).kind, "unknown");
  assert.equal(answered(200, { code: "0", data: [row, row], msg: "" }).kind, "unknown");
});

test("what is none of OKX's answers proves nothing, whatever its status", () => {
  for (const status of [200, 401, 403, 404, 429, 500, 502]) {
    assert.equal(answered(status, "<html>").kind, "unknown");
    assert.equal(answered(status, { message: "no" }).kind, "unknown");
  }
});

test("no secret is in what is told", () => {
  const row = { ordId: "", sCode: "51000", sMsg: "Parameter canary-secret error" };
  assert.doesNotMatch(JSON.stringify(answered(200, { code: "1", data: [row], msg: "" })), /canary/);
});
