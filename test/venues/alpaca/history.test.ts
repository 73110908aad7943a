// Reading fills and the ledger: paging over Alpaca's quirks without losing or doubling a row.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Row } from "./state.ts";
import { activityId, asked, fill, NOW, openWorld, uuid } from "./support.ts";

const FROM = NOW - 24 * 3_600_000;
const MINUTE = 60_000;

/** One order in many fills: `sizes[i]` of them in its i-th ms, uuids against the order of execution. */
function chain(orderId: string, startMs: number, sizes: readonly number[]): Row[] {
  const rows: Row[] = [];
  sizes.forEach((size, index) => {
    for (let one = 0; one < size; one += 1) {
      const cum = String(rows.length + 1);
      rows.push(fill({ ms: startMs + index, uuid: uuid(10_000 - rows.length), order: orderId, cum }));
    }
  });
  return rows;
}

describe("the fills", () => {
  test("of a window that fits a page are proven from its start to our clock", async (t) => {
    const { venue, server } = await openWorld(t, {
      activities: [
        fill({ ms: FROM, uuid: uuid(1) }),
        fill({ ms: NOW - MINUTE, uuid: uuid(2) }, { side: "sell_short", symbol: "AMD260501P00277500" }),
        fill({ ms: NOW - MINUTE + 1, uuid: uuid(3) }, { side: "sell", symbol: "LTC/USD" }),
        fill({ ms: FROM - 1, uuid: uuid(4) }),
      ],
    });
    const { fills } = await venue.history(FROM);
    assert.equal(fills?.quality, "complete");
    assert.deepEqual(fills?.coverage, { fromMs: FROM, toMs: NOW });
    assert.deepEqual(
      fills?.rows.map(({ instrument, side, timestamp }) => [instrument, side, timestamp]),
      [
        ["AAPL", "buy", FROM],
        ["AMD260501P00277500", "sell", NOW - MINUTE],
        ["LTC/USD", "sell", NOW - MINUTE + 1],
      ],
    );
    assert.deepEqual(asked(server, "/v2/account/activities/FILL").length, 1);
  });

  test("[R6] of one ms come in the order of execution, not of their uuids", async (t) => {
    const [first, second, third] = chain("order-1", NOW - MINUTE, [3]);
    const other = fill(
      { ms: NOW - MINUTE, uuid: uuid(5) },
      { transaction_time: new Date(NOW - MINUTE).toISOString() },
    );
    const { venue } = await openWorld(t, { activities: [third, first, other, second] as Row[] });
    const { fills } = await venue.history(FROM);
    const ofOrder = fills?.rows.filter(({ venueOrderId }) => venueOrderId === "order-1");
    assert.deepEqual(
      ofOrder?.map(({ joinKey }) => joinKey),
      ["1", "2", "3"],
    );
    assert.deepEqual(
      fills?.rows.map(({ venueSeq }) => venueSeq),
      [0, 1, 2, 3],
    );
  });

  test("over many pages with many in one ms at every edge are all there, none twice", async (t) => {
    // 700 fills: pages of 100 end within a ms again and again.
    const sizes = Array.from({ length: 100 }, (_, index) => [3, 11, 7, 4, 10][index % 5] ?? 0);
    const activities = chain("order-1", NOW - MINUTE, sizes);
    const { venue } = await openWorld(t, { activities });
    const { fills } = await venue.history(FROM);
    assert.equal(fills?.problem, undefined);
    assert.equal(fills?.quality, "complete");
    assert.equal(fills?.rows.length, 700);
    assert.deepEqual(
      fills?.rows.map(({ joinKey }) => joinKey),
      activities.map((row) => row.cum_qty),
    );
  });

  test("of orders with one fill each, which no chain proves, are all there over many pages as well", async (t) => {
    const activities = Array.from({ length: 1_000 }, (_, index) =>
      fill({ ms: NOW - MINUTE + Math.floor(index / 6), uuid: uuid(index) }),
    );
    const { venue } = await openWorld(t, { activities });
    const { fills } = await venue.history(FROM);
    assert.equal(fills?.quality, "complete");
    assert.equal(new Set(fills?.rows.map(({ tradeId }) => tradeId)).size, 1_000);
  });

  test("with more in two ms than a page holds are read by the day", async (t) => {
    const activities = [...chain("order-1", NOW - MINUTE, [150, 130, 5])];
    const { venue, server } = await openWorld(t, { activities });
    const { fills } = await venue.history(FROM);
    assert.equal(fills?.quality, "complete");
    assert.equal(fills?.rows.length, 285);
    assert.match(asked(server, "/v2/account/activities/FILL")[1] ?? "", /[?&]date=2026-04-24(&|$)/);
  });

  test("with more in two ms than a page holds, after pages that were well, are read by the day as well", async (t) => {
    const activities = chain("order-1", NOW - MINUTE, [...Array.from({ length: 100 }, () => 1), 150, 130]);
    const { venue, server } = await openWorld(t, { activities });
    const { fills } = await venue.history(FROM);
    assert.equal(fills?.quality, "complete");
    assert.equal(fills?.rows.length, 380);
    assert.match(asked(server, "/v2/account/activities/FILL").at(-1) ?? "", /date=2026-04-24/);
  });

  test("that a page left out are found because their order does not add up", async (t) => {
    const activities = chain("order-1", NOW - MINUTE, [1, 1, 1]);
    const { venue, server } = await openWorld(t, { activities }, { fetch: withoutMiddle() });
    const { fills } = await venue.history(FROM);
    assert.equal(fills?.quality, "complete");
    assert.deepEqual(fills?.coverage, { fromMs: FROM, toMs: NOW });
    assert.equal(fills?.rows.length, 3);
    assert.match(asked(server, "/v2/account/activities/FILL")[1] ?? "", /date=2026-04-24/);
  });

  test("whose order does not add up whatever is read are partial, without coverage", async (t) => {
    const [first, , third] = chain("order-1", NOW - MINUTE, [1, 1, 1]);
    const { venue } = await openWorld(t, { activities: [first, third] as Row[] });
    const { fills } = await venue.history(FROM);
    assert.equal(fills?.quality, "partial");
    assert.equal(fills?.coverage, undefined);
    assert.equal(fills?.rows.length, 2);
    assert.match(fills?.problem ?? "", /the fills of order order-1 do not add up: 1 are missing between/);
  });

  test("of an order that began before the window lack nothing", async (t) => {
    const activities = [
      fill({ ms: FROM - 1, uuid: uuid(1), order: "order-1", qty: "4", cum: "4" }),
      fill({ ms: NOW - MINUTE, uuid: uuid(2), order: "order-1", qty: "6", cum: "10" }),
    ];
    const { venue } = await openWorld(t, { activities });
    const { fills } = await venue.history(FROM);
    assert.equal(fills?.quality, "complete");
    assert.equal(fills?.rows.length, 1);
  });

  test("that are more than one read takes are proven as far as they were read, and the next read goes on", async (t) => {
    const activities = Array.from({ length: 6_000 }, (_, index) =>
      fill({ ms: NOW - 10 * MINUTE + index, uuid: uuid(index) }),
    );
    const { venue } = await openWorld(t, { activities });
    const first = await venue.history(FROM);
    assert.equal(first.fills?.quality, "partial");
    assert.match(first.fills?.problem ?? "", /more of the fills than one read takes/);
    const provenMs = first.fills?.coverage?.toMs ?? 0;
    const isRead = new Set(first.fills?.rows.map(({ timestamp }) => timestamp));
    for (let ms = NOW - 10 * MINUTE; ms <= provenMs; ms += 1) assert.ok(isRead.has(ms), `${ms} was not read`);
    const second = await venue.history(provenMs);
    assert.equal(second.fills?.quality, "complete");
    assert.equal(second.fills?.rows.at(-1)?.timestamp, NOW - 10 * MINUTE + 5_999);
  });

  test("of an hour that New York's clocks have twice are proven by no bound", async (t) => {
    // The second 01:00 hour begins at 06:00 UTC; its ids are written like the first one's.
    const night = Date.parse("2026-11-01T05:00:00Z");
    const activities = Array.from({ length: 5_200 }, (_, index) => {
      const ms = night + (index % 2) * 3_600_000 + index;
      return fill({ ms, uuid: uuid(index) }, { id: activityId(night + index, uuid(index)) });
    });
    const { venue } = await openWorld(t, { activities });
    const { fills } = await venue.history(night - MINUTE);
    assert.equal(fills?.quality, "partial");
    assert.equal(fills?.coverage, undefined);
  });

  test("with a row that cannot be read are partial, without coverage", async (t) => {
    const { venue } = await openWorld(t, {
      activities: [
        fill({ ms: NOW - 2, uuid: uuid(1) }),
        fill({ ms: NOW - 1, uuid: uuid(2) }, { type: "trade_correct" }),
      ],
    });
    const { fills } = await venue.history(FROM);
    assert.equal(fills?.quality, "partial");
    assert.equal(fills?.coverage, undefined);
    assert.equal(fills?.rows.length, 1);
    assert.match(fills?.problem ?? "", /"type" is "trade_correct"/);
  });

  test("whose second page fails are partial with the first page's rows, without coverage", async (t) => {
    const activities = Array.from({ length: 250 }, (_, index) =>
      fill({ ms: NOW - MINUTE + index, uuid: uuid(index) }),
    );
    const { venue, server } = await openWorld(t, { activities });
    server.setFault("fills", "500", 1);
    const { fills } = await venue.history(FROM);
    assert.equal(fills?.quality, "partial");
    assert.equal(fills?.rows.length, 100);
    assert.equal(fills?.coverage, undefined);
    assert.match(fills?.problem ?? "", /the fills were answered with HTTP 500/);
  });

  test("without ids cannot be paged, and are not taken for few", async (t) => {
    const { venue } = await openWorld(t, { activities: [fill({ ms: NOW - 1, uuid: uuid(1) }, { id: 7 })] });
    const { fills } = await venue.history(FROM);
    assert.equal(fills?.quality, "unavailable");
    assert.match(fills?.problem ?? "", /1 of 1 rows of the fills have no id/);
  });
});

/** Takes the middle row out of every page that is not a whole day, as issue 176 shows it. */
function withoutMiddle(): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const url = String(input);
    if (!url.includes("/FILL") || url.includes("date=")) return response;
    const rows = (await response.json()) as unknown[];
    return Response.json(rows.filter((_, index) => index !== 1));
  };
}

describe("the ledger", () => {
  const activity = (change: Row): Row => ({
    id: activityId(Date.parse("2026-04-22T04:00:00Z"), uuid(1)),
    activity_type: "DIV",
    date: "2026-04-22",
    net_amount: "1.02",
    symbol: "T",
    status: "executed",
    ...change,
  });

  test("has what was posted late under a date from before the window, and no fills", async (t) => {
    const { venue, server } = await openWorld(t, {
      activities: [
        activity({ created_at: "2026-04-24T08:23:24.973256Z" }),
        activity({ id: activityId(NOW - 30 * 24 * 3_600_000, uuid(2)), date: "2026-03-25" }),
        fill({ ms: NOW - MINUTE, uuid: uuid(3) }),
      ],
    });
    const { ledger } = await venue.history(NOW - 10 * MINUTE);
    assert.equal(ledger?.quality, "complete");
    assert.equal(ledger?.coverage, undefined);
    assert.deepEqual(
      ledger?.rows.map(({ cause, amount, timestamp }) => [cause, amount, timestamp]),
      [["corporate_action", "1.02", Date.parse("2026-04-22T04:00:00Z")]],
    );
    assert.match(asked(server, "/v2/account/activities")[0] ?? "", /category=non_trade_activity/);
  });

  test("says of an option's trade in the underlying whether it was an exercise or an assignment", async (t) => {
    const pair = (group: string, type: string, number: number) => [
      activity({
        id: activityId(NOW - 1, uuid(number)),
        activity_type: type,
        symbol: "AAPL260424C00150000",
        qty: "2",
        net_amount: "0",
        group_id: group,
      }),
      activity({
        id: activityId(NOW - 1, uuid(number + 1)),
        activity_type: "OPTRD",
        symbol: "AAPL",
        qty: "-200",
        net_amount: "30000",
        group_id: group,
      }),
    ];
    const { venue } = await openWorld(t, {
      activities: [...pair("g1", "OPASN", 1), ...pair("g2", "OPEXC", 3)],
    });
    const { ledger } = await venue.history(FROM);
    assert.deepEqual(
      ledger?.rows
        .filter(({ qtyDelta }) => qtyDelta !== undefined)
        .map(({ cause, qtyDelta, price }) => [cause, qtyDelta, price]),
      [
        ["assignment", "-200", "150"],
        ["exercise", "-200", "150"],
      ],
    );
  });

  test("keeps rows apart that share one id, as the venue's own examples do", async (t) => {
    const { venue } = await openWorld(t, {
      activities: [
        activity({ activity_type: "OPEXC", symbol: "AAPL260424C00150000", qty: "-2", net_amount: "0" }),
        activity({ activity_type: "OPTRD", symbol: "AAPL", qty: "200", net_amount: "-30000" }),
      ],
    });
    const { ledger } = await venue.history(FROM);
    assert.equal(ledger?.quality, "complete");
    assert.equal(new Set(ledger?.rows.map(({ id }) => id)).size, 2);
    assert.deepEqual(
      ledger?.rows.map(({ cause }) => cause),
      ["exercise", "exercise"],
    );
  });

  test("with two rows of one id that contradict each other is partial", async (t) => {
    const { venue } = await openWorld(t, { activities: [activity({}), activity({ net_amount: "7" })] });
    const { ledger } = await venue.history(FROM);
    assert.equal(ledger?.quality, "partial");
    assert.equal(ledger?.rows.length, 1);
    assert.match(ledger?.problem ?? "", /two activities have the id/);
  });

  test("with more on one day than a page holds is read by the day, all of it", async (t) => {
    const activities = Array.from({ length: 230 }, (_, index) =>
      activity({
        id: activityId(Date.parse("2026-04-22T04:00:00Z"), uuid(index)),
        activity_type: "CFEE",
        symbol: "ETHUSD",
        qty: `-0.${String(index + 1).padStart(6, "0")}`,
        net_amount: "0",
      }),
    );
    const { venue } = await openWorld(t, { activities });
    const { ledger } = await venue.history(FROM);
    assert.equal(ledger?.quality, "complete");
    assert.equal(ledger?.rows.length, 230);
  });
});
