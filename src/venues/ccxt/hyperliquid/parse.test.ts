// Hyperliquid's rows into ours: what each field means, and what is refused. Shapes are retyped from its documentation
// (https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint, read 2026-11); ids are invented.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { COINS_BY_NAME } from "./coins.ts";
import { parseOpenOrder, parseOrder, parsePosition } from "./parse.ts";
import { parseFill, parseFunding } from "./parse-history.ts";
import { parseUpdate } from "./parse-update.ts";

const USER = "0x1111111111111111111111111111111111111111";
const FILL = {
  ...{ coin: "ETH", px: "2381.1", sz: "0.0841", side: "A", time: "1704262888911", startPosition: "0.0841" },
  ...{
    dir: "Close Long",
    closedPnl: "0.19",
    hash: "0x01",
    oid: "39",
    crossed: true,
    fee: "0.05",
    feeToken: "USDC",
  },
  tid: "128423918764978",
};
const ORDER = {
  ...{ coin: "ETH", side: "B", limitPx: "2000.0", sz: "0.06", oid: "3991", timestamp: "1704346468838" },
  ...{
    origSz: "0.1",
    isTrigger: false,
    triggerPx: "0.0",
    children: [],
    isPositionTpsl: false,
    reduceOnly: false,
  },
  ...{ orderType: "Limit", tif: "Gtc", cloid: null },
};

describe("a fill", () => {
  const read = (more: object = {}, user: string | undefined = USER) => {
    const parsed = parseFill({ ...FILL, ...more }, COINS_BY_NAME, user);
    return parsed.kind === "row" ? parsed.row.row : parsed.problem;
  };

  test("carries the position after it, from the one before it", () => {
    assert.equal((read() as { positionAfter?: string }).positionAfter, "0");
    const bought = read({ side: "B", startPosition: "-0.2" }) as { positionAfter?: string };
    assert.equal(bought.positionAfter, "-0.1159");
  });

  test("on spot carries none: a transfer moves that balance too", () => {
    assert.equal((read({ coin: "PURR/USDC" }) as { positionAfter?: string }).positionAfter, undefined);
  });

  test("names why the exchange traded by itself", () => {
    const causeOf = (dir: string) => (read({ dir }) as { forced?: string }).forced;
    assert.equal(causeOf("Liquidated Cross Long"), "liquidation");
    assert.equal(causeOf("Liquidated Isolated Short"), "liquidation");
    assert.equal(causeOf("Auto-Deleveraging"), "adl");
    assert.equal(causeOf("Settlement"), "settlement");
    assert.equal(causeOf("Spot Dust Conversion"), "dust");
    assert.equal(causeOf("Net Child Vaults"), "transfer");
    for (const dir of ["Open Long", "Close Short", "Long > Short", "Buy", "Something New"]) {
      assert.equal(causeOf(dir), undefined, dir);
    }
  });

  test("of somebody else's liquidation is an ordinary one, and of ours is forced", () => {
    const of = (liquidatedUser: string) =>
      (read({ liquidation: { liquidatedUser, markPx: "1", method: "market" } }) as { forced?: string })
        .forced;
    assert.equal(of("0x2222222222222222222222222222222222222222"), undefined);
    assert.equal(of(USER.toUpperCase().replace("0X", "0x")), "liquidation");
  });

  test("of a coin that nobody lists is a problem, and not a fill of something else", () => {
    assert.match(String(read({ coin: "@107" })), /a coin of the lists of markets/);
    assert.match(String(read({ coin: "xyz:NVDA" })), /a coin of the lists of markets/);
  });
});

describe("an order", () => {
  test("says what is filled by what is left", () => {
    const [parsed] = parseOpenOrder(ORDER, COINS_BY_NAME);
    assert.ok(parsed?.kind === "row");
    const { qty, filledQty, status } = parsed.row;
    assert.deepEqual([qty, filledQty, status], ["0.1", "0.04", "partially_filled"]);
  });

  test("that waits for its parent comes with it, and names it", () => {
    const child = { ...ORDER, oid: "3992", side: "A", sz: "0.1", isTrigger: true, triggerPx: "1900.0" };
    const rows = parseOpenOrder(
      { ...ORDER, children: [{ ...child, orderType: "Stop Market" }] },
      COINS_BY_NAME,
    );
    const [, second] = rows.map((one) => (one.kind === "row" ? one.row : undefined));
    assert.deepEqual(
      [second?.venueOrderId, second?.parentVenueOrderId, second?.type, second?.triggerPrice, second?.price],
      ["3992", "3991", "stop", "1900", undefined],
    );
  });

  test("that stops the whole position has no size of its own", () => {
    const whole = {
      ...ORDER,
      sz: "0.0",
      origSz: "0.0",
      isPositionTpsl: true,
      isTrigger: true,
      triggerPx: "1900.0",
    };
    const [parsed] = parseOpenOrder(whole, COINS_BY_NAME);
    assert.ok(parsed?.kind === "row");
    assert.equal(parsed.row.qty, undefined);
  });

  test("in a state that nobody knows is a problem that names it", () => {
    const parsed = parseOrder(
      { order: ORDER, status: "evaporated", statusTimestamp: "1704346468838" },
      COINS_BY_NAME,
    );
    assert.match(parsed.kind === "problem" ? parsed.problem : "", /"evaporated"/);
  });
});

test("a position is refused with what was found, not read with a default", () => {
  const parsed = parsePosition(
    { type: "oneWay", position: { coin: "ETH", szi: "", entryPx: "1" } },
    COINS_BY_NAME,
  );
  assert.match(parsed.kind === "problem" ? parsed.problem : "", /the position of ETH: "szi"/);
});

test("funding is what was received, of the coin that it is for", () => {
  const delta = {
    type: "funding",
    coin: "SOL",
    usdc: "-75.6",
    szi: "7375.9",
    fundingRate: "0.0001",
    nSamples: null,
  };
  const parsed = parseFunding({ time: "1734026400057", hash: "0x00", delta }, COINS_BY_NAME);
  assert.deepEqual(parsed.kind === "row" && [parsed.row.cause, parsed.row.amount, parsed.row.id], [
    "funding",
    "-75.6",
    "funding:SOL:1734026400057",
  ]);
});

describe("an update of the ledger", () => {
  const read = (delta: object, hasSpot = true) => {
    const found = parseUpdate({ time: "1724762307531", hash: "0x62", delta }, USER, hasSpot);
    if (found.kind !== "row") return found.kind === "ignored" ? "ignored" : found.problem;
    return found.row.map(({ cause, asset, amount }) => `${cause} ${amount} ${asset}`).join(", ");
  };
  const other = "0x2222222222222222222222222222222222222222";

  test("says which way a transfer went, and who paid its fee", () => {
    const sent = { type: "internalTransfer", usdc: "50.0", user: USER, destination: other, fee: "1.0" };
    assert.equal(read(sent), "transfer -50 USDC, fee -1 USDC");
    assert.equal(read({ ...sent, user: other, destination: USER }), "transfer 50 USDC");
    assert.match(read({ ...sent, user: other, destination: "0x33" }), /neither its sender nor its receiver/);
  });

  test("between wallets of the account is none, where both are looked at", () => {
    const moved = { type: "accountClassTransfer", usdc: "50.0", toPerp: false };
    assert.equal(read(moved), "ignored");
    assert.equal(read(moved, false), "transfer -50 USDC");
    assert.equal(read({ ...moved, toPerp: true }, false), "transfer 50 USDC");
  });

  test("of a kind that nobody has looked at is a problem: it may move money in another way", () => {
    assert.match(read({ type: "borrowLend", amount: "1" }), /"borrowLend"/);
  });
});
