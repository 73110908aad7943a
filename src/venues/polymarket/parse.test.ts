// Polymarket's rows, retyped with invented ids. Shapes: https://docs.polymarket.com/trading/orders/overview,
// https://docs.polymarket.com/api-reference/core/get-user-activity and
// https://github.com/Polymarket/ts-sdk packages/bindings/src/data (v2), all read 2026-11.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseExact } from "../wire/json.ts";
import { parseOrder, parsePosition, parseUnits } from "./parse.ts";
import { entriesOf, parseActivity } from "./parse-activity.ts";
import { parseTrade } from "./parse-trade.ts";
import { readMessage } from "./stream-events.ts";
import { assetTypeOf, tokenId } from "./symbols.ts";

const YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563";
const NO = "52114319501245915516055106046884209969926127482827954674443846427813813222426";
const WALLET = "0xAAAAaaaaAAAAaaaaAAAAaaaaAAAAaaaaAAAAaaaa";
const OTHER = "0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

function exact(value: unknown): unknown {
  return parseExact(JSON.stringify(value));
}

describe("a token's number", () => {
  test("survives with all of its 77 digits, as a number and as a text", () => {
    const read = parsePosition(parseExact(`{"asset": ${YES}, "size": 1.5, "proxyWallet": "${WALLET}"}`));
    assert.equal(read.kind === "row" && read.row.row.instrument, YES);
  });

  test("is the same one in hexadecimal", () => {
    assert.equal(tokenId("0x0a"), "10");
    assert.equal(tokenId("asset_xyz"), undefined);
    assert.equal(tokenId("0"), undefined);
  });

  test("of protocol V2 is told from a hash by its form", () => {
    const binary = ((1n << 248n) + (0xabcdefn << 120n) + 1n).toString();
    assert.equal(assetTypeOf(binary), "CONDITIONAL-V2");
    assert.equal(assetTypeOf(YES), "CONDITIONAL");
  });
});

describe("a position", () => {
  test("of a market that is decided against it stays held, worth nothing", () => {
    const read = parsePosition(
      exact({
        proxy_wallet: WALLET,
        token_id: NO,
        current_size: 12.345678,
        avg_price: 0.31,
        current_price: 0,
        redeemable: true,
        status: "REDEEMABLE",
        last_event_at: 1790000000,
        slug: "will-it-rain",
        outcome: "No",
      }),
    );
    assert.deepEqual(read, {
      kind: "row",
      row: {
        row: {
          instrument: NO,
          leg: "net",
          qty: "12.345678",
          entryPrice: "0.31",
          updatedAt: 1_790_000_000_000,
        },
        wallet: WALLET,
        alias: "will-it-rain/No",
      },
    });
  });

  test("below zero is a problem, because no token can be sold short", () => {
    const read = parsePosition(exact({ asset: YES, size: -1 }));
    assert.match(read.kind === "problem" ? read.problem : "", /sold short/);
  });
});

describe("an order", () => {
  const live = {
    id: "0x01",
    status: "LIVE",
    owner: "key",
    maker_address: WALLET,
    market: "0x02",
    asset_id: YES,
    side: "buy",
    original_size: "10.0",
    size_matched: "2.5",
    price: "0.45",
    outcome: "Yes",
    created_at: 1705322096,
    expiration: "0",
    order_type: "GTC",
  };

  test("that is partly filled is open in part, whatever the case of its words", () => {
    const read = parseOrder(exact(live));
    assert.equal(read.kind === "row" && read.row.row.status, "partially_filled");
    assert.equal(read.kind === "row" && read.row.row.side, "buy");
    assert.equal(read.kind === "row" && read.row.row.createdAt, 1_705_322_096_000);
  });

  test("that matched in part and is over was cancelled for the rest", () => {
    const read = parseOrder(exact({ ...live, status: "ORDER_STATUS_MATCHED" }));
    assert.equal(read.kind === "row" && read.row.row.status, "canceled");
  });

  test("whose state is not known says nothing of it, and is told", () => {
    const read = parseOrder(exact({ ...live, status: "PONDERING" }));
    assert.equal(read.kind === "row" && read.row.row.status, undefined);
    assert.equal(read.kind === "row" && read.row.row.venueStatus, "PONDERING");
    assert.match((read.kind === "row" && read.row.oddity) || "", /PONDERING/);
  });

  test("that a cancellation ends is over although its message still calls it invalid or live", () => {
    for (const status of ["INVALID", "LIVE", undefined]) {
      const read = parseOrder(exact({ ...live, type: "CANCELLATION", status }));
      assert.equal(read.kind === "row" && read.row.row.status, "canceled");
    }
  });
});

const MAKER_TRADE = {
  id: "trade-1",
  taker_order_id: "0xtaker",
  market: "0xcond",
  asset_id: YES,
  side: "BUY",
  size: "1096.87",
  fee_rate_bps: "0",
  price: "0.40",
  status: "MATCHED",
  match_time: "1705322096",
  last_update: "1705322130",
  outcome: "Yes",
  bucket_index: 0,
  owner: "their-key",
  maker_address: OTHER,
  trader_side: "MAKER",
  maker_orders: [
    {
      order_id: "0xtheirs",
      owner: "their-key",
      maker_address: OTHER,
      matched_amount: "1091.87",
      price: "0.40",
      asset_id: YES,
      side: "SELL",
    },
    {
      order_id: "0xmine",
      owner: "my-key",
      maker_address: WALLET.toLowerCase(),
      matched_amount: "5",
      price: "0.60",
      asset_id: NO,
      side: "BUY",
    },
  ],
} as const;

describe("a trade", () => {
  const owner = { wallet: WALLET, apiKey: "my-key" };

  test("of a maker is the maker's own part: its token, side, price and size", () => {
    const read = parseTrade(exact(MAKER_TRADE), owner);
    const parts = read.kind === "row" ? read.row.parts : [];
    assert.deepEqual(
      parts.map(({ row }) => row),
      [
        {
          instrument: NO,
          tradeId: "trade-1",
          joinKey: "trade-1",
          venueOrderId: "0xmine",
          side: "buy",
          qty: "5",
          price: "0.6",
          fee: "0",
          feeCurrency: "pUSD",
          timestamp: 1_705_322_096_000,
        },
      ],
    );
  });

  test("can hold several of the account's orders, each a fill of its own", () => {
    const [theirs, mine] = MAKER_TRADE.maker_orders;
    const two = {
      ...MAKER_TRADE,
      maker_orders: [
        theirs,
        mine,
        { ...mine, order_id: "0xsecond", matched_amount: "7" },
        { ...mine, matched_amount: "1" },
      ],
    };
    const read = parseTrade(exact(two), owner);
    const parts = read.kind === "row" ? read.row.parts : [];
    assert.deepEqual(
      parts.map(({ row }) => [row.venueOrderId, row.tradeId, row.qty]),
      [
        ["0xmine", "trade-1", "5"],
        ["0xsecond", "trade-1", "7"],
        ["0xmine", "trade-1#1", "1"],
      ],
    );
  });

  test("of a taker is the top of it, and no fee is made up", () => {
    const read = parseTrade(
      exact({
        ...MAKER_TRADE,
        trader_side: "TAKER",
        maker_address: WALLET,
        maker_orders: [MAKER_TRADE.maker_orders[0]],
      }),
      owner,
    );
    const [part, ...rest] = read.kind === "row" ? read.row.parts : [];
    assert.equal(rest.length, 0);
    assert.equal(part?.row.qty, "1096.87");
    assert.equal(part?.row.fee, undefined);
  });

  test("of a taker with the same API key and another wallet is nobody's of this account", () => {
    const read = parseTrade(exact({ ...MAKER_TRADE, trader_side: "TAKER", owner: "my-key" }), {
      ...owner,
      wallet: "0x9999999999999999999999999999999999999999",
    });
    assert.deepEqual(read.kind === "row" ? read.row.parts : read.problem, []);
  });

  test("that is split into buckets is told apart by them", () => {
    const read = parseTrade(exact({ ...MAKER_TRADE, bucket_index: 2 }), owner);
    const [part] = read.kind === "row" ? read.row.parts : [];
    assert.equal(part?.row.tradeId, "trade-1.2");
    const message = readMessage(exact({ ...MAKER_TRADE, event_type: "trade", bucket_index: 2 }), owner);
    const [event] = message.kind === "events" ? message.events : [];
    const told = event?.kind === "fill" ? event.fill : undefined;
    assert.equal(told?.joinKey, part?.row.joinKey, "the stream's and the list's are one");
    const whole = parseTrade(exact(MAKER_TRADE), owner);
    const [other] = whole.kind === "row" ? whole.row.parts : [];
    assert.notEqual(other?.row.joinKey, part?.row.joinKey, "two buckets are two");
  });

  test("where a maker's side is not said, it follows from the tokens", () => {
    const [, mine] = MAKER_TRADE.maker_orders;
    const { side: _, ...silent } = mine;
    const sideFor = (asset_id: string) => {
      const read = parseTrade(exact({ ...MAKER_TRADE, maker_orders: [{ ...silent, asset_id }] }), owner);
      return read.kind === "row" ? read.row.parts[0]?.row.side : undefined;
    };
    assert.equal(sideFor(YES), "sell");
    assert.equal(sideFor(NO), "buy");
  });

  test("in which the account should be a maker and is not found is a problem, never nothing", () => {
    const read = parseTrade(exact(MAKER_TRADE), {
      wallet: "0xcccccccccccccccccccccccccccccccccccccccc",
      apiKey: "x",
    });
    assert.match(read.kind === "problem" ? read.problem : "", /none of its 2 maker orders/);
  });

  test("with a status that is not known is a problem", () => {
    const read = parseTrade(exact({ ...MAKER_TRADE, status: "TRADE_STATUS_WOBBLING" }), owner);
    assert.match(read.kind === "problem" ? read.problem : "", /WOBBLING/);
  });

  test("is one fill on the stream however often its states are told, and is taken back when it fails", () => {
    const told = (status: string) => {
      const reading = readMessage(
        exact({ ...MAKER_TRADE, event_type: "trade", type: "TRADE", status }),
        owner,
      );
      return reading.kind === "events" ? reading.events : [];
    };
    const [matched] = told("MATCHED");
    for (const status of ["MINED", "CONFIRMED", "RETRYING", "TRADE_STATUS_CONFIRMED"])
      assert.deepEqual(told(status), [matched]);
    assert.equal(matched?.kind === "fill" && matched.fill.tradeId, undefined);
    const [failed] = told("FAILED");
    assert.equal(failed?.kind, "fillReversed");
    assert.deepEqual(
      failed?.kind === "fillReversed" && failed.fill,
      matched?.kind === "fill" && matched.fill,
    );
  });
});

describe("an activity", () => {
  const row = {
    proxy_wallet: WALLET,
    timestamp: 1790619864,
    condition_id: "0xcond",
    transaction_hash: "0xhash",
    slug: "rain",
    outcome: "Yes",
  };
  const tokens = () => [YES, NO];
  const entries = (
    more: object,
    occurrence = 0,
    known: (id: string) => readonly string[] | undefined = tokens,
  ) => {
    const read = parseActivity(exact({ ...row, ...more }));
    assert.equal(read.kind, "row", read.kind === "problem" ? read.problem : "");
    return entriesOf((read as Extract<typeof read, { kind: "row" }>).row, occurrence, known);
  };
  const lines = (more: object) => {
    const found = entries(more);
    assert.equal(found.kind, "row");
    return (found.kind === "row" ? found.row : []).map(({ cause, instrument, amount, qtyDelta }) => [
      cause,
      instrument,
      amount,
      qtyDelta,
    ]);
  };

  test("of redeeming burns the outcome that it names, and pays nothing for a loser", () => {
    assert.deepEqual(lines({ type: "REDEEM", size: 150, usdc_size: 150, token_id: YES }), [
      ["redemption", YES, "150", "-150"],
    ]);
    assert.deepEqual(lines({ type: "REDEEM", size: 50, usdc_size: 0, token_id: NO }), [
      ["redemption", NO, "0", "-50"],
    ]);
  });

  test("of redeeming without a token says what came in, and not of what", () => {
    assert.deepEqual(
      lines({
        type: "REDEEM",
        size: 10,
        usdc_size: 10,
        token_id: "",
        side: "",
        outcome_index: 999,
        price: 0,
      }),
      [["redemption", undefined, "10", undefined]],
    );
  });

  test("of splitting and merging moves both outcomes against the money", () => {
    assert.deepEqual(lines({ type: "SPLIT", size: 20, usdc_size: 20 }), [
      ["settlement", undefined, "-20", undefined],
      ["settlement", YES, undefined, "20"],
      ["settlement", NO, undefined, "20"],
    ]);
    assert.deepEqual(lines({ type: "MERGE", size: 20, usdc_size: 20 }), [
      ["settlement", undefined, "20", undefined],
      ["settlement", YES, undefined, "-20"],
      ["settlement", NO, undefined, "-20"],
    ]);
  });

  test("of splitting in a market whose tokens are not known is a problem", () => {
    assert.equal(entries({ type: "SPLIT", size: 20, usdc_size: 20 }, 0, () => undefined).kind, "problem");
  });

  test("of money comes in or goes out by its type", () => {
    assert.deepEqual(lines({ type: "REWARD", size: 1.5, usdc_size: 1.5 }), [
      ["funding", undefined, "1.5", undefined],
    ]);
    assert.deepEqual(lines({ type: "WITHDRAWAL", size: 7, usdc_size: 7 }), [
      ["transfer", undefined, "-7", undefined],
    ]);
    assert.deepEqual(lines({ type: "TIP", side: "OUT", size: 2, usdc_size: 2 }), [
      ["transfer", undefined, "-2", undefined],
    ]);
  });

  test("whose effect is not told says that it was, and moves nothing", () => {
    assert.deepEqual(lines({ type: "CONVERSION", size: 5, usdc_size: 5 }), [
      ["corporate_action", undefined, undefined, undefined],
    ]);
  });

  test("rows of one transaction that are alike in everything are two entries", () => {
    const ids = [0, 1].map((occurrence) => {
      const found = entries({ type: "REDEEM", size: 1, usdc_size: 1, token_id: YES }, occurrence);
      return found.kind === "row" ? found.row[0]?.id : undefined;
    });
    assert.notEqual(ids[0], ids[1]);
  });

  test("of a type that is not known is a problem with the type in it", () => {
    const read = parseActivity(exact({ ...row, type: "LEVITATE", size: 1, usdc_size: 1 }));
    assert.match(read.kind === "problem" ? read.problem : "", /LEVITATE/);
  });
});

test("a balance is told in units of the chain, and anything else is none", () => {
  assert.deepEqual(parseUnits({ balance: "6761230", allowances: {} }), { kind: "row", row: "6.76123" });
  assert.equal(parseUnits({ balance: "6.76", allowances: {} }).kind, "problem");
  assert.equal(parseUnits({ error: "x" }).kind, "problem");
});
