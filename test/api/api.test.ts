// The API as a bot and as an attacker meet it: on a real port of the loopback, on a real session.
import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { createApi } from "../../src/api/index.ts";
import { decimal } from "../../src/core/index.ts";
import { SILENT } from "../../src/runtime/index.ts";
import { hostOf } from "../support/host.ts";
import { botMirror, row, TestWorld } from "../support/world.ts";

const TOKEN = "tru_0123456789abcdef0123456789abcdef0123456789a";

describe("the API", () => {
  const world = new TestWorld();
  const mirror = botMirror([row("AAPL", "10"), row("MSFT", "5", { entry_score: 0.6 })]);
  let app: ReturnType<typeof createApi>;
  let url = "";

  before(async () => {
    world.account.setPrice("AAPL", decimal("100"));
    world.buy("AAPL", "10", "o-1");
    world.mirrors = [mirror];
    await world.open();
    app = createApi({
      hosts: [hostOf(world, "test")],
      token: TOKEN,
      log: SILENT,
      nowMs: () => 1_000,
      version: "0",
    });
    url = await app.listen({ host: "127.0.0.1", port: 0 });
  });
  after(() => app.close());

  interface Answer {
    readonly status: number;
    readonly body: Record<string, unknown>;
  }

  function call(
    method: string,
    path: string,
    options: { headers?: Record<string, string>; body?: string } = {},
  ) {
    const { port } = new URL(url);
    return new Promise<Answer>((resolve, reject) => {
      const headers = { host: `127.0.0.1:${port}`, authorization: `Bearer ${TOKEN}`, ...options.headers };
      const outgoing = request(
        { host: "127.0.0.1", port, method, path, headers, setHost: false },
        (incoming) => {
          let text = "";
          incoming.setEncoding("utf8");
          incoming.on("data", (chunk: string) => {
            text += chunk;
          });
          incoming.on("end", () =>
            resolve({ status: incoming.statusCode ?? 0, body: text === "" ? {} : JSON.parse(text) }),
          );
        },
      );
      outgoing.on("error", reject);
      outgoing.end(options.body);
    });
  }

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call("POST", path, {
      headers: { "content-type": "application/json", "x-trueup": "1", ...headers },
      body: JSON.stringify(body),
    });

  test("[B1] positions derive from the fills, for every reader the same", async () => {
    const { status, body } = await call("GET", "/v1/positions");
    assert.equal(status, 200);
    const [position] = body.positions as Record<string, unknown>[];
    assert.deepEqual(
      [position?.account, position?.instrument, position?.qty, position?.entryPrice],
      ["test", "AAPL", "10", "100"],
    );
  });

  test("[A5] health names the symbols that are stale, not just how many", async () => {
    const { body } = await call("GET", "/v1/health");
    const [account] = body.accounts as { copies: { of: string; stale: string[] }[]; line: string }[];
    assert.deepEqual(account?.copies.find(({ of }) => of === "bot")?.stale, ["MSFT"]);
    assert.match(account?.line ?? "", /^DRIFT · 1 open · phantom_position MSFT in bot/);
  });

  test("the gate says its state, why, and until when that is good", async () => {
    const { body } = await call("GET", "/v1/gate?instrument=MSFT");
    const [gate] = body.accounts as Record<string, unknown>[];
    assert.deepEqual([gate?.state, gate?.instrumentState], ["reduce_only", "reduce_only"]);
    assert.equal(body.validUntilMs, 6_000);
  });

  test("[R10] a bot asks before it trades: opening is refused where the gate is closed, elsewhere admitted", async () => {
    const opening = await post("/v1/gate/ask", { instrument: "MSFT", side: "buy", qty: "1" });
    assert.deepEqual([opening.body.isAdmitted, opening.body.gate], [false, "reduce_only"]);
    const other = await post("/v1/gate/ask", { instrument: "AAPL", side: "buy", qty: "1" });
    assert.equal(other.body.isAdmitted, true);
  });

  test("[R2] a plan says what would be done and changes nothing; what cannot be applied is told with its status", async () => {
    const before = (await world.records()).length;
    const planned = await post("/v1/plan", {});
    const [plan] = planned.body.plans as {
      id: string;
      account: string;
      rows: number;
      steps: { instrument: string }[];
    }[];
    assert.deepEqual([planned.status, plan?.account, plan?.rows], [200, "test", 0]);
    assert.deepEqual(
      plan?.steps.map(({ instrument }) => instrument),
      ["MSFT"],
    );
    assert.deepEqual(
      ((await post("/v1/plan", { copies: ["book"] })).body.plans as (typeof plan)[])[0]?.steps,
      [],
    );
    const codeOf = ({ status, body }: Answer) => [
      status,
      (body.error as { code?: string } | undefined)?.code,
    ];
    assert.deepEqual(codeOf(await post("/v1/apply", { plan: "plan_00000000" })), [404, "no_such_plan"]);
    assert.deepEqual(codeOf(await post("/v1/apply", { plan: plan?.id, rows: -1 })), [422, "bad_request"]);
    assert.deepEqual(codeOf(await post("/v1/undo", { repair: "rep_00000000" })), [404, "no_such_repair"]);
    assert.deepEqual(codeOf(await post("/v1/release", { repair: "rep_00000000" })), [
      409,
      "nothing_to_release",
    ]);
    assert.deepEqual(
      codeOf(await post("/v1/apply", { plan: plan?.id }, { "x-trueup": "1", origin: "http://x" })),
      [403, "wrong_origin"],
    );
    assert.equal((await world.records()).length, before);

    const applied = await post("/v1/apply", { plan: plan?.id, by: "ann" });
    const [step] = applied.body.steps as { repairId: string }[];
    assert.deepEqual([applied.status, applied.body.by], [200, "ann"]);
    assert.deepEqual(codeOf(await post("/v1/apply", { plan: plan?.id })), [409, "plan_applied"]);
    const undone = await post("/v1/undo", { repair: step?.repairId, by: "ann" });
    assert.deepEqual([undone.status, undone.body.instrument, undone.body.isWatched], [200, "MSFT", true]);
    assert.deepEqual(codeOf(await post("/v1/undo", { repair: step?.repairId })), [409, "already_undone"]);
    assert.equal((await post("/v1/release", { repair: step?.repairId })).body.why, "released");
    assert.deepEqual((await mirror.read()).rows, [row("AAPL", "10"), row("MSFT", "5", { entry_score: 0.6 })]);
  });

  test("a request that is wrong is told with what was found and what is allowed", async () => {
    const problem = async (body: object) => {
      const answer = await post("/v1/orders", body);
      const { code, message } = answer.body.error as { code: string; message: string };
      assert.deepEqual([answer.status, code], [422, "bad_request"]);
      return message;
    };
    const order = { intentId: "i-1", instrument: "AAPL", side: "buy" };
    assert.match(
      await problem({ ...order, quantity: "1" }),
      /there is no field "quantity"; there are: .*\bqty\b/,
    );
    assert.equal(await problem({ ...order, qty: 1 }), 'qty: it is a decimal as text, such as "1.5"');
    assert.equal(await problem({ ...order, qty: "x1" }), 'qty: "x1" is not a decimal as text, such as "1.5"');
    assert.equal(await problem({ intentId: "i-1", side: "buy" }), "instrument: it is missing (string)");
  });

  test("check changes nothing, reconcile repairs", async () => {
    const before = (await world.records()).length;
    const checked = await post("/v1/check", {});
    assert.equal(checked.status, 200);
    assert.equal((await world.records()).length, before);
    const done = await post("/v1/reconcile", { force: true });
    const [pass] = done.body.passes as { repairs: unknown[]; isClean: boolean }[];
    assert.equal(pass?.repairs.length, 1);
    assert.equal(pass?.isClean, true);
    assert.deepEqual(
      (await mirror.read()).rows.map(({ instrument }) => instrument),
      ["AAPL"],
    );
  });

  test("kill is one call; resume asks for the account's name", async () => {
    const killed = await post("/v1/kill", { reason: "rehearsal" });
    assert.equal(killed.status, 200);
    assert.equal(world.session.book.kill?.reason, "rehearsal");
    const unconfirmed = await post("/v1/resume", { account: "test", reason: "over", confirm: "tset" });
    assert.equal(unconfirmed.status, 422);
    assert.match(JSON.stringify(unconfirmed.body), /confirm with the account's name/);
    const resumed = await post("/v1/resume", { account: "test", reason: "over", confirm: "test" });
    assert.equal(resumed.status, 200);
    assert.equal(world.session.book.kill, null);
  });

  test("without the token nothing is told and nothing is done, whatever the length of the guess", async () => {
    for (const guess of ["", "Bearer ", "Bearer x", `Bearer ${TOKEN}x`, `Basic ${TOKEN}`]) {
      for (const [method, path] of [
        ["GET", "/v1/health"],
        ["POST", "/v1/kill"],
        ["GET", "/nowhere"],
      ] as const) {
        const { status, body } = await call(method, path, { headers: { authorization: guess } });
        assert.equal(status, 401, `${method} ${path} with "${guess}"`);
        assert.equal(JSON.stringify(body).includes(TOKEN), false);
      }
    }
  });

  test("[X02] a foreign Host, an Origin or a cross-site fetch is refused on every route", async () => {
    const foreign: Record<string, string>[] = [
      { host: "evil.example" },
      { host: "" },
      { origin: "https://evil.example" },
      { "sec-fetch-site": "cross-site" },
    ];
    for (const headers of foreign) {
      for (const [method, path] of [
        ["GET", "/v1/health"],
        ["POST", "/v1/kill"],
        ["GET", "/nowhere"],
      ] as const) {
        const { status } = await call(method, path, { headers });
        assert.ok(
          status === 403 || status === 400,
          `${JSON.stringify(headers)} ${method} ${path}: ${status}`,
        );
      }
    }
  });

  test("[X01] a change needs the header that no page can send, and JSON", async () => {
    const bare = await call("POST", "/v1/kill", {
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    assert.equal(bare.status, 403);
    const form = await call("POST", "/v1/kill", {
      headers: { "content-type": "application/x-www-form-urlencoded", "x-trueup": "1" },
      body: "reason=x",
    });
    assert.equal(form.status, 415);
    assert.equal(world.session.book.kill, null);
  });

  test("bad requests are refused with what was wrong", async () => {
    const problems: readonly [string, unknown, number, RegExp][] = [
      ["/v1/kill", {}, 422, /reason/],
      ["/v1/kill", { reason: "x", colour: "red" }, 422, /colour/],
      ["/v1/kill", { reason: "x", account: "nobody" }, 404, /there are: test/],
      ["/v1/gate", { account: "test", set: "killed", reason: "x" }, 422, /set/],
      ["/v1/gate/ask", { instrument: "AAPL", side: "buy", qty: 5 }, 422, /qty/],
    ];
    for (const [path, body, status, text] of problems) {
      const answer = await post(path, body);
      assert.equal(answer.status, status, path);
      assert.match(JSON.stringify(answer.body), text);
    }
    const huge = await post("/v1/kill", { reason: "x".repeat(100_000) });
    assert.equal(huge.status, 413);
    assert.equal(world.session.book.kill, null);
  });

  test("a field that would decide nothing is refused like any unknown one", async () => {
    const ask = { instrument: "AAPL", side: "sell", qty: "1", reduceOnly: true };
    const answer = await post("/v1/gate/ask", ask);
    assert.equal(answer.status, 422);
    assert.match(JSON.stringify(answer.body), /reduceOnly/);
  });

  test("what the HTTP server refuses has codes of our own, in the same shape", async () => {
    const json = { "content-type": "application/json", "x-trueup": "1" };
    const send = (path: string, body: string, headers: Record<string, string> = json) =>
      call("POST", path, { headers, body });
    const answers: readonly (readonly [Answer, number, string, RegExp])[] = [
      [await send("/v1/kill", '{"reason": '), 400, "bad_body", /not JSON/],
      [await send("/v1/kill", '{"__proto__": {"reason": "x"}}'), 400, "bad_body", /not JSON/],
      [await send("/v1/kill", ""), 400, "bad_body", /not JSON/],
      [await send("/v1/kill", `{"reason":"${"x".repeat(70_000)}"}`), 413, "body_too_long", /65536 bytes/],
      [
        await send("/v1/kill", "reason=x", { "x-trueup": "1" }),
        415,
        "wrong_content_type",
        /application\/json/,
      ],
      [
        await send("/v1/kill", "<a/>", { ...json, "content-type": "text/xml" }),
        415,
        "wrong_content_type",
        /JSON/,
      ],
      [await call("GET", "/v1/%zz"), 400, "bad_path", /percent/],
      [
        await call("GET", "/v1/%zz", { headers: { authorization: "Bearer no" } }),
        401,
        "unauthorized",
        /token/,
      ],
      [
        await call("DELETE", "/v1/kill", { headers: { "x-trueup": "1" } }),
        404,
        "not_found",
        /DELETE \/v1\/kill/,
      ],
    ];
    for (const [{ status, body }, expected, code, text] of answers) {
      const { error } = body as { error: { code: string; message: string } };
      assert.deepEqual([status, error.code, Object.keys(body)], [expected, code, ["error"]], error.message);
      assert.match(error.message, text);
    }
    assert.equal(world.session.book.kill, null);
  });

  test("[X12] what is no HTTP, or has endless headers, is answered in the same shape and closed", async () => {
    const { port } = new URL(url);
    const raw = (text: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect({ host: "127.0.0.1", port: Number(port) });
        let answer = "";
        socket.setEncoding("utf8");
        socket.on("data", (part: string) => {
          answer += part;
        });
        socket.on("error", reject);
        socket.on("close", () => resolve(answer));
        socket.end(text);
      });
    const broken = await raw("HELLO\r\n\r\n");
    assert.match(broken, /^HTTP\/1\.1 400 [\s\S]*\{"error":\{"code":"bad_http"/);
    const endless = await raw(`GET / HTTP/1.1\r\nx-long: ${"y".repeat(40_000)}\r\n\r\n`);
    assert.match(endless, /^HTTP\/1\.1 431 [\s\S]*\{"error":\{"code":"headers_too_long"/);
  });

  test("an order that may not be sent is an answer like any other, with its code", async () => {
    const order = { intentId: "i-1", instrument: "AAPL", side: "buy", qty: "1" };
    const { status, body } = await post("/v1/orders", order);
    assert.deepEqual(
      [status, body.outcome, body.code, body.isSent],
      [200, "rejected", "not_executor", false],
    );
    assert.equal((await post("/v1/orders", { ...order, qty: 1 })).status, 422);
    assert.equal((await post("/v1/orders", { ...order, intentId: "" })).status, 422);
    for (const path of ["/v1/orders/cancel", "/v1/orders/amend"]) {
      const unnamed = await post(path, {
        instrument: "AAPL",
        ...(path.endsWith("amend") && { intentId: "a" }),
      });
      assert.equal(unnamed.status, 422);
      assert.match(JSON.stringify(unnamed.body), /name the order/);
    }
    assert.equal((await post("/v1/orders", order, { "x-trueup": "" })).status, 200);
  });

  test("[R5] an order that a bot sent itself is found out about", async () => {
    const { body } = await post("/v1/orders/resolve", { instrument: "AAPL", clientOrderId: "o-1" });
    assert.deepEqual([body.outcome, (body.order as { status: string }).status], ["accepted", "filled"]);
    const found = await call("GET", "/v1/orders?instrument=AAPL&clientOrderId=o-1");
    assert.equal((found.body.orders as readonly unknown[]).length, 1);
  });
});
