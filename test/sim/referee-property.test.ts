// Whatever happens to a simulated account, its books are what adding up all that it told gives. Added up here with the
// core's decimals and the core's way of reckoning, which the referee uses neither of.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cashMoves, fillQtyDelta } from "../../src/core/book/effects.ts";
import {
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  type FillRow,
  isLess,
  isZero,
  type LedgerRow,
  type Leg,
  multiply,
  negate,
  type OrderRow,
  parseDecimal,
  payoffOf,
  sign,
  subtract,
  sum,
  ZERO,
} from "../../src/core/index.ts";
import { EMPTY, type Holding, trade } from "../../src/core/ledger/holding.ts";
import { worthAt } from "../../src/core/ledger/worth.ts";
import type { RefereeEvent, RefereeOptions } from "../../src/sim/referee/referee.ts";
import { SeededRandom } from "../../src/sim/swarm/random.ts";
import { COIN, FUTURE, INVERSE, RefereeWorld, SHARE, UNKNOWN } from "../support/referee-world.ts";

const INSTRUMENTS = [SHARE, COIN, FUTURE, INVERSE, UNKNOWN];
const BALANCES = { USD: decimal("10000"), USDT: decimal("5000.5"), BTC: decimal("2"), ETH: decimal("3") };

/** What each drift is, since nothing tells its amount. */
const DRIFT = decimal("0.07");

type Step = (world: RefereeWorld, isHedge: boolean) => void;

const instrument = fc.constantFrom(...INSTRUMENTS);
const side = fc.constantFrom("buy" as const, "sell" as const);
/** Prices around 100, in whole cents or steps that every instrument has. */
const price = fc.integer({ min: 90, max: 110 }).map((whole) => decimal(String(whole)));
const steps = fc.integer({ min: 1, max: 30 });
const leg = (isHedge: boolean, isLong: boolean): Leg => (isHedge ? (isLong ? "long" : "short") : "net");

function qtyOf(of: (typeof INSTRUMENTS)[number], count: number): Decimal {
  return multiply(of.qtyStep, decimal(String(count)));
}

const submission = fc
  .record({
    of: instrument,
    side,
    isLong: fc.boolean(),
    type: fc.constantFrom("market", "limit", "stop", "stop_limit"),
    timeInForce: fc.constantFrom("gtc", "day", "ioc", "fok"),
    reduceOnly: fc.boolean(),
    count: steps,
    price,
    triggerPrice: price,
  })
  .map(
    ({ of, isLong, count, type, price: limit, triggerPrice, ...fields }): Step =>
      (world, isHedge) => {
        world.submit({
          ...fields,
          type,
          instrument: of.symbol,
          leg: leg(isHedge, isLong),
          qty: qtyOf(of, count),
          ...(type.endsWith("limit") && { price: limit }),
          ...(type.startsWith("stop") && { triggerPrice }),
        });
      },
  );

const change = fc.record({ which: fc.nat(), price, count: steps, isHalf: fc.boolean() }).map(
  ({ which, price: to, count, isHalf }): Step =>
    (world) => {
      const rows = world.referee.orders();
      const row = rows[which % Math.max(rows.length, 1)];
      const of = INSTRUMENTS.find(({ symbol }) => symbol === row?.instrument);
      if (!row || !of) return;
      const { instrument: symbol, venueOrderId = "" } = row;
      const amendment = { instrument: symbol, venueOrderId, newClientOrderId: `n-${world.events.length}` };
      if (isHalf && count > 20) world.referee.amendHalf(amendment);
      else if (isHalf) world.referee.cancel({ instrument: symbol, venueOrderId });
      else {
        world.referee.amend({
          ...amendment,
          qty: qtyOf(of, count),
          ...(row.price !== undefined && { price: to }),
        });
      }
    },
);

const happening = fc
  .record({
    of: instrument,
    isLong: fc.boolean(),
    side,
    count: steps,
    isAll: fc.boolean(),
    kind: fc.constantFrom(
      "trade",
      "force",
      "bust",
      "overfill",
      "expire",
      "cancelAll",
      "money",
      "drift",
      "split",
      "settle",
    ),
  })
  .map(
    ({ of, isLong, side: by, count, isAll, kind }): Step =>
      (world, isHedge) => {
        const { referee } = world;
        const { symbol } = of;
        const on = leg(isHedge, isLong);
        if (kind === "trade") referee.trade({ instrument: symbol, leg: on, side: by, qty: qtyOf(of, count) });
        if (kind === "force") referee.force(symbol, on, "liquidation", isAll ? "all" : "half");
        if (kind === "bust") referee.bust(symbol);
        if (kind === "overfill") referee.overfill(symbol);
        if (kind === "expire") referee.expire(symbol, isAll ? "canceled" : "expired");
        if (kind === "cancelAll" && count > 25) referee.cancelAll();
        if (kind === "money") referee.money("USD", decimal(`-0.0${count}`), "funding");
        if (kind === "drift") referee.drift("USDT", DRIFT);
        if (kind === "split" && count > 15) referee.split(symbol, on, isAll ? 2 : 0.5);
        if (kind === "settle") referee.settle(symbol, on);
      },
  );

const move = fc.record({ of: instrument, price }).map(
  ({ of, price: last }): Step =>
    (world) =>
      world.price(of.symbol, last),
);

const history = fc.record({
  isHedge: fc.boolean(),
  isFeeInBase: fc.boolean(),
  feeRatio: fc.constantFrom("0", "0.001", "-0.00025", "0.0000333"),
  amend: fc.constantFrom("in_place" as const, "replaces" as const),
  partialChance: fc.constantFrom(0, 0.4, 1),
  seed: fc.nat({ max: 9_999 }),
  steps: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: submission },
      { weight: 4, arbitrary: move },
      { weight: 2, arbitrary: change },
      { weight: 3, arbitrary: happening },
    ),
    { minLength: 1, maxLength: 60, size: "max" },
  ),
});

/** What a run of told rows comes to; the core's holding is trusted with the cost alone. */
class AddedUp {
  private readonly isHedge: boolean;
  private readonly told: (FillRow | LedgerRow)[] = [];
  private drifts = 0;

  constructor(isHedge: boolean) {
    this.isHedge = isHedge;
  }

  add(event: RefereeEvent): void {
    if (event.kind === "fill") this.told.push(event.fill);
    if (event.kind === "ledger") this.told.push(event.row);
    if (event.kind === "drift") this.drifts += 1;
    if (event.kind !== "reversed") return;
    const index = this.told.findIndex((row) => "tradeId" in row && row.tradeId === event.fill.tradeId);
    assert.ok(index >= 0, "what is taken back was told before");
    this.told.splice(index, 1);
  }

  qty(symbol: string, on: Leg): Decimal {
    const spec = INSTRUMENTS.find((one) => one.symbol === symbol);
    return sum(
      this.told
        .filter((row) => row.instrument === symbol && (row.leg ?? "net") === on)
        .map((row) => ("side" in row && spec ? fillQtyDelta(spec, row) : deltaOf(row))),
    );
  }

  balances(): Map<string, Decimal> {
    const totals = new Map<string, Decimal>(Object.entries(BALANCES));
    const pay = (asset: string, amount: Decimal) => totals.set(asset, add(totals.get(asset) ?? ZERO, amount));
    const holdings = new Map<string, Holding>();
    for (const row of this.told) {
      if ("amount" in row && row.asset !== undefined && row.amount !== undefined) pay(row.asset, row.amount);
      const spec = INSTRUMENTS.find((one) => one.symbol === row.instrument);
      if (!spec) continue;
      const key = `${row.instrument} ${row.leg ?? "net"}`;
      const before = holdings.get(key) ?? EMPTY;
      if (!("side" in row)) {
        const delta = deltaOf(row);
        const isSplit = row.cause === "split";
        const value = worthAt(payoffOf(spec), absolute(delta), row.price ?? ZERO);
        holdings.set(
          key,
          isSplit ? { qty: add(before.qty, delta), cost: before.cost } : trade(before, delta, value).after,
        );
        continue;
      }
      const value = worthAt(payoffOf(spec), row.qty, row.price ?? ZERO);
      const { after, closed } = trade(before, fillQtyDelta(spec, row), value);
      holdings.set(key, after);
      const gain = closed ? subtract(closed.value ?? ZERO, closed.cost ?? ZERO) : ZERO;
      const isLoss = sign(before.qty) < 0 === (payoffOf(spec) === "linear");
      const realized = multiply(isLoss ? negate(gain) : gain, spec.multiplier);
      for (const { asset, delta } of cashMoves(spec, row, realized)) pay(asset, delta);
    }
    pay("USDT", multiply(DRIFT, decimal(String(this.drifts))));
    return totals;
  }

  legs(): Leg[] {
    return this.isHedge ? ["long", "short"] : ["net"];
  }
}

function deltaOf(row: FillRow | LedgerRow): Decimal {
  return "qtyDelta" in row && row.qtyDelta !== undefined ? row.qtyDelta : ZERO;
}

function absolute(value: Decimal): Decimal {
  return sign(value) < 0 ? negate(value) : value;
}

/** A quotient of either side is rounded at its own last digit. */
const ROUNDING = decimal("0.000000000000001");

function isNear(a: Decimal, b: Decimal): boolean {
  return compare(absolute(subtract(a, b)), ROUNDING) <= 0;
}

test("[I5] [I13] whatever happens, quantities, money and orders are what adding up all that was told gives", () => {
  fc.assert(
    fc.property(history, ({ isHedge, steps: all, seed, feeRatio, ...fields }) => {
      const sums = new AddedUp(isHedge);
      const lastOrder = new Map<string, OrderRow>();
      let atSeq = 0;
      const world: RefereeWorld = new RefereeWorld({
        ...fields,
        instruments: INSTRUMENTS,
        positionMode: isHedge ? "hedge" : "net",
        balances: BALANCES,
        feeRatio: decimal(feeRatio),
        random: new SeededRandom(seed),
        onEvent: (event) => {
          const { referee } = world;
          world.events.push(event);
          sums.add(event);
          if (event.kind === "order") {
            const { venueOrderId = "" } = event.order;
            assert.deepEqual(referee.find({ venueOrderId }), event.order, "an order is told as it is");
            lastOrder.set(venueOrderId, event.order);
            for (const id of event.order.previousVenueOrderIds ?? []) lastOrder.delete(id);
          }
          if (event.kind === "fill") {
            assert.ok((event.fill.venueSeq ?? 0) > atSeq, "venueSeq rises");
            assert.equal(referee.fills().at(-1), event.fill);
            atSeq = event.fill.venueSeq ?? 0;
          }
          // Told when it is done, and before anything else is.
          const symbol = "fill" in event ? event.fill.instrument : SHARE.symbol;
          for (const on of sums.legs()) assert.equal(referee.qty(symbol, on), sums.qty(symbol, on));
        },
      } as Partial<RefereeOptions>);
      const { referee } = world;
      for (const { symbol } of INSTRUMENTS) world.price(symbol, "100");
      for (const step of all) step(world, isHedge);
      const balances = sums.balances();
      for (const { asset, total } of referee.balances()) {
        const added = balances.get(asset) ?? ZERO;
        assert.ok(isNear(total, added), `${asset}: ${total} in the books, ${added} told`);
        assert.equal(parseDecimal(total), total);
      }
      for (const { symbol } of INSTRUMENTS) {
        for (const on of sums.legs()) {
          const qty = referee.qty(symbol, on);
          assert.equal(qty, sums.qty(symbol, on));
          assert.equal(referee.quantities(symbol, on).at(-1)?.qty, qty);
          if (on === "long") assert.ok(sign(qty) >= 0, `the long leg holds ${qty}`);
          if (on === "short") assert.ok(sign(qty) <= 0, `the short leg holds ${qty}`);
          const row = referee.positionRows().find((one) => one.instrument === symbol && one.leg === on);
          assert.equal(row?.qty ?? ZERO, qty);
        }
      }
      assert.equal(new Set(referee.fills().map(({ tradeId }) => tradeId)).size, referee.fills().length);
      for (const row of referee.orders()) checkOrder(row, referee.fills(), lastOrder);
      for (const [id, times] of referee.placements()) assert.equal(times, 1, id);
    }),
    { numRuns: 1_000 },
  );
});

function checkOrder(row: OrderRow, fills: readonly FillRow[], told: ReadonlyMap<string, OrderRow>): void {
  const ids = [row.venueOrderId, ...(row.previousVenueOrderIds ?? [])];
  const own = fills.filter(({ venueOrderId }) => ids.includes(venueOrderId));
  const filled = sum(own.map(({ qty }) => qty));
  assert.equal(row.filledQty, filled);
  assert.deepEqual(told.get(row.venueOrderId ?? ""), row);
  const { qty = ZERO, status, avgPrice } = row;
  assert.equal(status === "filled", !isLess(filled, qty) && status !== "canceled" && status !== "expired");
  if (status === "open") assert.ok(isZero(filled));
  if (status === "partially_filled") assert.ok(!isZero(filled) && isLess(filled, qty));
  if (isZero(filled)) assert.equal(avgPrice, undefined);
  else {
    if (row.instrument === INVERSE.symbol) {
      const coins = sum(own.map((fill) => divide(fill.qty, fill.price ?? ZERO)));
      assert.ok(
        compare(absolute(subtract(avgPrice ?? ZERO, divide(filled, coins))), decimal("0.000000005")) <= 0,
      );
      return;
    }
    const value = sum(own.map((fill) => multiply(fill.qty, fill.price ?? ZERO)));
    const off = absolute(subtract(multiply(avgPrice ?? ZERO, filled), value));
    assert.ok(
      compare(off, multiply(filled, decimal("0.000000005"))) <= 0,
      `${avgPrice} × ${filled} is not ${value}`,
    );
  }
}
