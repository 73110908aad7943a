// The API while one account has stopped by an error of ours: the other goes on, and of the stopped one it is said
// that nothing is known and that its gate is closed.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type AccountHost, createApi } from "../../src/api/index.ts";
import { AccountStopped, healthOf, NOTHING_CANCELED, stoppedStatus } from "../../src/engine/index.ts";
import type { EventName, Log } from "../../src/runtime/index.ts";
import { hostOf } from "../support/host.ts";
import { TestWorld } from "../support/world.ts";

const TOKEN = "tru_0123456789abcdef0123456789abcdef0123456789a";
const TEXT = "account broken has stopped: the disk is full";

function stoppedHost(): AccountHost {
  const fail = async (): Promise<never> => {
    throw new AccountStopped("broken", "the disk is full");
  };
  const status = () =>
    stoppedStatus({ account: "broken", venue: "paper", text: TEXT, kill: null, sinceMs: 1_000 });
  return {
    name: "broken",
    book: fail,
    admit: () => ({ isAdmitted: false, gate: "halted", isReducing: false, reasons: [TEXT] }),
    status,
    health: () => healthOf(status(), null),
    check: async () => {
      throw new Error("a secret place on the disk");
    },
    reconcile: fail,
    plan: fail,
    planFlatten: fail,
    flatten: fail,
    apply: fail,
    undo: fail,
    release: fail,
    kill: async () => ({ isEngaged: false, ...NOTHING_CANCELED }),
    drillKill: fail,
    resume: fail,
    submit: fail,
    amend: fail,
    cancel: fail,
    resolve: fail,
    setExitPlan: fail,
    moveLot: fail,
    note: fail,
    setGate: fail,
  };
}

describe("the API beside a stopped account", () => {
  const world = new TestWorld();
  const events: { readonly name: EventName; readonly text: string }[] = [];
  const log: Log = { event: (_level, name, _fields, text) => events.push({ name, text }) };
  let app: ReturnType<typeof createApi>;

  before(async () => {
    await world.open();
    app = createApi({
      hosts: [hostOf(world, "test"), stoppedHost()],
      token: TOKEN,
      log,
      nowMs: () => 1_000,
      version: "0",
    });
  });
  after(() => app.close());

  async function call(method: "GET" | "POST", url: string, body?: object) {
    const headers = { host: "127.0.0.1", authorization: `Bearer ${TOKEN}`, "x-trueup": "1" };
    const answer = await app.inject({ method, url, headers, ...(body && { payload: body }) });
    return { status: answer.statusCode, body: answer.json() as Record<string, unknown> };
  }

  interface Told {
    readonly account: string;
    readonly verdict?: string;
    readonly state?: string;
    readonly isEngaged?: boolean;
  }
  const told = (answer: { body: Record<string, unknown> }, field: keyof Told) =>
    (answer.body.accounts as Told[]).map((one) => [one.account, one[field]]);

  test("status and health say unknown of the stopped account and what is so of the other", async () => {
    for (const path of ["/v1/status", "/v1/health"]) {
      const answer = await call("GET", path);
      assert.equal(answer.status, 200);
      assert.deepEqual(told(answer, "verdict"), [
        ["test", "in_sync"],
        ["broken", "unknown"],
      ]);
    }
  });

  test("[R10] the gate of a stopped account is closed, with the reason", async () => {
    const answer = await call("GET", "/v1/gate");
    assert.deepEqual(told(answer, "state"), [
      ["test", "open"],
      ["broken", "halted"],
    ]);
    assert.match(JSON.stringify(answer.body), /the disk is full/);
    const ask = { account: "broken", instrument: "AAPL", side: "sell", qty: "1" };
    assert.equal((await call("POST", "/v1/gate/ask", ask)).body.isAdmitted, false);
  });

  test("a kill reaches every account and says which are only latched", async () => {
    const answer = await call("POST", "/v1/kill", { reason: "rehearsal" });
    assert.equal(answer.status, 200);
    assert.deepEqual(told(answer, "isEngaged"), [
      ["test", true],
      ["broken", false],
    ]);
  });

  test("a pass of all accounts is made where it can be, and the rest is named", async () => {
    const answer = await call("POST", "/v1/reconcile", {});
    assert.equal(answer.status, 200);
    assert.deepEqual(
      (answer.body.passes as Told[]).map(({ account }) => account),
      ["test"],
    );
    assert.deepEqual(answer.body.failures, [{ account: "broken", code: "account_stopped", message: TEXT }]);
  });

  test("what is asked of the stopped account alone answers 503", async () => {
    for (const [path, body] of [
      ["/v1/reconcile", { account: "broken" }],
      ["/v1/resume", { account: "broken", reason: "r", confirm: "broken" }],
    ] as const) {
      const answer = await call("POST", path, body);
      assert.deepEqual([answer.status, answer.body.error], [503, { code: "account_stopped", message: TEXT }]);
    }
  });

  test("an error of ours is told in the log and not in the answer", async () => {
    const answer = await call("POST", "/v1/check", { account: "broken" });
    assert.equal(answer.status, 500);
    assert.doesNotMatch(JSON.stringify(answer.body), /secret place/);
    const logged = events.filter(({ name }) => name === "api.failed").map(({ text }) => text);
    assert.match(logged.join("\n"), /a secret place on the disk/);
  });
});
