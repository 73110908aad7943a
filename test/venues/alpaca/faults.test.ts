// Every endpoint with every fault: what the venue gets wrong becomes a quality and a sentence, never an exception and
// never an empty answer. No key and no secret is in any sentence.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AUTH_PROBLEM, openAlpaca } from "../../../src/venues/alpaca/index.ts";
import type { EndpointName } from "./endpoints.ts";
import { FAULTS, type Fault } from "./faults.ts";
import { ENDPOINTS } from "./server.ts";
import { endingHangs, fill, NOW, openWorld, order, position, uuid, type World } from "./support.ts";

const STATE = {
  positions: [position()],
  orders: [order()],
  activities: [
    fill({ ms: NOW - 1_000, uuid: uuid(1) }),
    {
      id: "20260422000000000::1",
      activity_type: "CSD",
      date: "2026-04-22",
      net_amount: "5",
      status: "executed",
    },
  ],
};

/** What one endpoint's trouble shows in: a quality, or the kind of a look-up's answer, with its sentence. */
async function seen(
  { venue }: World,
  endpoint: Exclude<EndpointName, "clock">,
): Promise<{ word: string; problem: string; rows: number }> {
  const lookup = (answer: { kind: string; problem?: string } | undefined) => ({
    word: answer?.kind ?? "absent",
    problem: answer?.problem ?? "",
    rows: answer?.kind === "row" ? 1 : 0,
  });
  const section = (one: { quality: string; problem?: string; rows: readonly unknown[] } | undefined) => ({
    word: one?.quality ?? "absent",
    problem: one?.problem ?? "",
    rows: one?.rows.length ?? 0,
  });
  const query = { instrument: "AAPL" };
  switch (endpoint) {
    case "account":
      return section((await venue.snapshot()).balances);
    case "positions":
      return section((await venue.snapshot()).positions);
    case "orders":
      return section((await venue.snapshot()).orders);
    case "fills":
      return section((await venue.history(NOW - 60_000)).fills);
    case "activities":
      return section((await venue.history(NOW - 60_000)).ledger);
    case "position":
      return lookup(await venue.position?.("AAPL", "net"));
    case "order":
      return lookup(await venue.order?.({ ...query, venueOrderId: String(order().id) }));
    case "orderByClientId":
      return lookup(await venue.order?.({ ...query, clientOrderId: "client-1" }));
  }
}

const LISTS: readonly EndpointName[] = ["positions", "orders", "fills", "activities"];
const LOOKUPS: readonly EndpointName[] = ["position", "order", "orderByClientId"];

/** The word and the sentence that a fault must show as. */
function expected(endpoint: EndpointName, fault: Fault): { word: string; problem: RegExp; rows: number } {
  const failed = LOOKUPS.includes(endpoint) ? "unknown" : "unavailable";
  const bad = (problem: RegExp) => ({ word: failed, problem, rows: 0 });
  switch (fault) {
    case "timeout":
      return bad(/no answer within 30 s when asked for the /);
    case "500":
      return bad(/were answered with HTTP 500 \(internal server error occurred\); expected 200/);
    case "429":
      return bad(/rate limited when asked for the .*, retry after 7 s/);
    case "half":
      return bad(
        /were answered with \d+ characters of application\/json.* that are not JSON, or only with a part/,
      );
    case "html":
      return bad(/were answered with \d+ characters of text\/html that are not JSON/);
    case "404-other":
      return bad(/HTTP 404.*asset not found/);
    case "empty-list":
    case "empty-positions":
      // For a list that is an answer; whether it proves anything is the engine's to judge (R1).
      return LISTS.includes(endpoint)
        ? { word: "complete", problem: /^$/, rows: 0 }
        : bad(/is a list of 0; expected an object/);
    case "wrong-schema":
      return LISTS.includes(endpoint)
        ? bad(/were answered with an object; expected a list/)
        : bad(/is missing; expected/);
    case "other-account":
      return bad(/./);
  }
}

describe("a fault", () => {
  for (const endpoint of ENDPOINTS) {
    // Nothing but the look at the connection asks for it.
    if (endpoint === "clock") continue;
    for (const fault of FAULTS.filter((one) => one !== "other-account")) {
      test(`[C13] "${fault}" of ${endpoint} is told, and is not an empty answer`, async (t) => {
        const world = await openWorld(
          t,
          STATE,
          fault === "timeout" ? { fetch: endingHangs(() => world) } : {},
        );
        world.server.setFault(endpoint, fault);
        const { word, problem, rows } = expected(endpoint, fault);
        const found = await seen(world, endpoint);
        assert.deepEqual([found.word, found.rows], [word, rows], found.problem);
        assert.match(found.problem, problem);
        assert.equal(
          found.problem.includes(world.server.keyId) || found.problem.includes(world.server.secret),
          false,
        );
      });
    }
  }

  test("of one endpoint leaves the others complete", async (t) => {
    const world = await openWorld(t, STATE);
    world.server.setFault("positions", "html");
    const { positions, orders, balances, totals } = await world.venue.snapshot();
    assert.equal(positions?.quality, "unavailable");
    assert.deepEqual(
      [orders?.quality, balances?.quality, totals?.quality],
      ["complete", "complete", "complete"],
    );
  });

  test("of the account leaves no totals to witness anything", async (t) => {
    const world = await openWorld(t, STATE);
    world.server.setFault("account", "500");
    const { totals, venueAccountId } = await world.venue.snapshot();
    assert.deepEqual(
      [totals?.quality, totals?.positionValue, venueAccountId],
      ["unavailable", undefined, undefined],
    );
  });

  test("that lets another account answer shows by its id", async (t) => {
    const world = await openWorld(t, STATE);
    world.server.setFault("account", "other-account");
    assert.equal((await world.venue.snapshot()).venueAccountId, "ffffffff-0000-4000-8000-00000000dead");
  });
});

describe("the transport", () => {
  test("ends a call by itself when nothing comes", async (t) => {
    const world = await openWorld(t, STATE, { timeoutMs: 20 });
    world.server.setFault("position", "timeout");
    const { word, problem } = await seen(world, "position");
    assert.equal(word, "unknown");
    assert.match(problem, /no answer within 0\.02 s/);
  });

  test("[D01] asks once more after a failure of the venue, and not after being told to wait", async (t) => {
    for (const [fault, requests] of [
      ["500", 2],
      ["429", 1],
      ["404-other", 1],
    ] as const) {
      const world = await openWorld(t, STATE, { retries: 1 });
      world.server.setFault("position", fault);
      assert.equal((await seen(world, "position")).word, "unknown");
      assert.equal(world.server.requests.length, requests, fault);
    }
  });

  test("tells refused keys by a prefix of their own, with what to do and without the keys", async (t) => {
    const world = await openWorld(t, STATE, { keyId: "PKWRONG000000000000" });
    const { positions, orders, balances } = await world.venue.snapshot();
    const { fills, ledger } = await world.venue.history(NOW - 1);
    for (const section of [positions, orders, balances, fills, ledger]) {
      assert.equal(section?.quality, "unavailable");
      assert.ok(section?.problem?.startsWith(AUTH_PROBLEM), section?.problem);
      assert.match(
        section?.problem ?? "",
        /HTTP 401.*APCA_API_KEY_ID and APCA_API_SECRET_KEY.*paper environment/,
      );
      assert.doesNotMatch(section?.problem ?? "", /PKWRONG|local-secret/);
    }
  });

  test("[H12] takes the keys out of what the venue says", async (t) => {
    const telling: typeof fetch = async (_, init) => {
      const secret = new Headers(init?.headers).get("APCA-API-SECRET-KEY");
      return Response.json({ code: 1, message: `bad secret ${secret}` }, { status: 400 });
    };
    const { venue } = await openWorld(t, STATE, { fetch: telling });
    assert.match((await venue.snapshot()).balances?.problem ?? "", /bad secret \*\*\*/);
  });

  test("does not follow a redirect, which would carry the keys elsewhere", async (t) => {
    const redirects: RequestInit["redirect"][] = [];
    const watching: typeof fetch = (input, init) => {
      redirects.push(init?.redirect);
      return fetch(input, init);
    };
    const { venue } = await openWorld(t, STATE, { fetch: watching });
    await venue.snapshot();
    assert.deepEqual(new Set(redirects), new Set(["error"]));
  });

  test("that reaches nobody is told with the network's word", async (t) => {
    const world = await openWorld(t, STATE);
    await world.server.stop();
    world.server.stop = async () => undefined;
    const { positions } = await world.venue.snapshot();
    assert.equal(positions?.quality, "unavailable");
    assert.match(
      positions?.problem ?? "",
      /Alpaca \(paper\) could not be asked for the positions \(ECONNREFUSED/,
    );
  });
});

describe("opening the adapter", () => {
  const options = {
    keyId: "PKTEST",
    secret: "secret-of-the-test",
    environment: "paper",
    fetch,
    clock: { nowMs: () => NOW, monotonicMs: () => 0 },
  } as const;

  test("without keys is refused with the settings' names", async () => {
    const keyNames = { keyId: "MY_KEY", secret: "MY_SECRET" };
    await assert.rejects(openAlpaca({ ...options, keyId: " ", keyNames }), {
      name: "VenueError",
      code: "venue_auth",
      message: /the paper environment; set MY_KEY and MY_SECRET/,
    });
  });

  test("on an address that keys must not go to is refused, without showing a password in it", async () => {
    const bad = [
      "http://example.com",
      "ftp://127.0.0.1",
      "https://paper-api.alpaca.markets/v2",
      "nonsense",
      "",
    ];
    for (const baseUrl of bad) {
      await assert.rejects(openAlpaca({ ...options, baseUrl }), {
        code: "venue_config",
        message: /expected https:/,
      });
    }
    await assert.rejects(
      openAlpaca({ ...options, baseUrl: "https://me:hidden@example.com" }),
      (error: Error) => {
        return !error.message.includes("hidden");
      },
    );
  });

  test("[H04] asks the environment's own host unless another is given", async () => {
    const hosts: string[] = [];
    const watching: typeof fetch = async (input) => {
      hosts.push(new URL(String(input)).origin);
      return Response.json({});
    };
    for (const environment of ["paper", "live"] as const) {
      const venue = await openAlpaca({ ...options, environment, fetch: watching });
      await venue.position?.("AAPL", "net");
    }
    assert.deepEqual(hosts, ["https://paper-api.alpaca.markets", "https://api.alpaca.markets"]);
  });
});
