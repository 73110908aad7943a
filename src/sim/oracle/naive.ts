// The naive model: positions, balances and orders from the referee's lists of executions and ledger entries alone, added
// up with integers of our own. It keeps no history, knows no faults and decides nothing. The referee is held against it,
// so that whoever judges is judged too.
import type { FillRow, Instrument, LedgerRow } from "../../core/index.ts";
import type { Referee } from "../referee/referee.ts";
import { exact, magnitude, plain, signOf, times, UNIT } from "./exact.ts";

/** What was there before anything happened. */
export interface Beginning {
  readonly positions: ReadonlyMap<string, bigint>;
  readonly balances: ReadonlyMap<string, bigint>;
}

export function beginningOf(referee: Referee): Beginning {
  const positions = referee
    .positionRows()
    .map(({ instrument, leg, qty }) => [`${leg}:${instrument}`, exact(qty)] as const);
  const balances = referee.balances().map(({ asset, total }) => [asset, exact(total)] as const);
  return { positions: new Map(positions), balances: new Map(balances) };
}

/** A position at average cost, for what realises results. Multiplier included; of an inverse contract in its coin. */
export interface Held {
  qty: bigint;
  /** Of all that is held, not signed. */
  cost: bigint;
  /** By all executions and entries, before fees. */
  realized: bigint;
  /** When each of them was, in the order in which they count. */
  readonly times: number[];
}

export class Naive {
  readonly positions: Map<string, bigint>;
  readonly balances: Map<string, bigint>;
  /** Filled quantity by venue order id. */
  readonly filled = new Map<string, bigint>();
  /** By key; of what was there before anything happened, nothing is known. */
  readonly held = new Map<string, Held>();
  private readonly instruments: ReadonlyMap<string, Instrument>;

  constructor(referee: Referee, beginning: Beginning) {
    this.positions = new Map(beginning.positions);
    this.balances = new Map(beginning.balances);
    this.instruments = new Map(referee.instruments.map((one) => [one.symbol, one]));
    const all = [
      ...referee.fills().map((fill) => ({ atMs: fill.timestamp, seq: fill.venueSeq ?? 0, fill })),
      ...referee.ledger().map((entry) => ({ atMs: entry.timestamp, seq: 0, entry })),
    ];
    for (const one of all.sort((a, b) => a.atMs - b.atMs || a.seq - b.seq)) {
      if ("fill" in one) this.fill(one.fill);
      else this.entry(one.entry);
    }
  }

  private fill({
    instrument,
    leg = "net",
    side,
    qty,
    price,
    fee,
    feeCurrency,
    venueOrderId,
    timestamp,
  }: FillRow): void {
    const spec = this.instruments.get(instrument);
    const isInKind = fee !== undefined && spec?.base != null && feeCurrency === spec.base;
    const traded = side === "buy" ? exact(qty) : -exact(qty);
    const delta = isInKind ? traded - exact(fee) : traded;
    const multiplier = exact(spec?.multiplier ?? "1");
    const value = times(worthOf(spec, magnitude(traded), exact(price ?? "0")), multiplier);
    const realized = this.move(`${leg}:${instrument}`, delta, value, timestamp);
    if (spec?.settlement === "cash") {
      this.pay(spec.base, delta);
      this.pay(spec.quote, side === "buy" ? -value : value);
    }
    if (spec?.settlement === "margin") this.pay(spec.quote, realized);
    if (fee !== undefined && !isInKind) this.pay(feeCurrency ?? null, -exact(fee));
    if (venueOrderId === undefined) return;
    this.filled.set(venueOrderId, (this.filled.get(venueOrderId) ?? 0n) + exact(qty));
  }

  private entry(row: LedgerRow): void {
    const { instrument, leg = "net", qtyDelta, price, cause, asset, amount, timestamp } = row;
    if (asset !== undefined && amount !== undefined) this.pay(asset, exact(amount));
    if (instrument === undefined || qtyDelta === undefined) return;
    const delta = exact(qtyDelta);
    const key = `${leg}:${instrument}`;
    if (cause !== "split") {
      const spec = this.instruments.get(instrument);
      const value = worthOf(spec, magnitude(delta), exact(price ?? "0"));
      this.move(key, delta, times(value, exact(spec?.multiplier ?? "1")), timestamp);
      return;
    }
    this.positions.set(key, (this.positions.get(key) ?? 0n) + delta);
    const held = this.held.get(key);
    if (!held) return;
    held.qty += delta;
    held.times.push(timestamp);
  }

  /** What the change realises at average cost. */
  private move(key: string, delta: bigint, value: bigint, atMs: number): bigint {
    this.positions.set(key, (this.positions.get(key) ?? 0n) + delta);
    const held = this.held.get(key) ?? { qty: 0n, cost: 0n, realized: 0n, times: [] };
    this.held.set(key, held);
    held.times.push(atMs);
    const isSameSide = held.qty === 0n || signOf(held.qty) === signOf(delta);
    if (isSameSide) {
      held.qty += delta;
      held.cost += value;
      return 0n;
    }
    const closed = magnitude(delta) < magnitude(held.qty) ? magnitude(delta) : magnitude(held.qty);
    const cost = (held.cost * closed) / magnitude(held.qty);
    const got = (value * closed) / magnitude(delta);
    const gain = held.qty > 0n ? got - cost : cost - got;
    // Of an inverse contract the value is coins that who is long owes.
    const isInverse = this.instruments.get(key.slice(key.indexOf(":") + 1))?.payoff === "inverse";
    const realized = isInverse ? -gain : gain;
    held.realized += realized;
    const isFlip = magnitude(delta) > closed;
    held.qty += delta;
    held.cost = isFlip ? value - got : held.cost - cost;
    return realized;
  }

  private pay(asset: string | null, delta: bigint): void {
    if (asset !== null) this.balances.set(asset, (this.balances.get(asset) ?? 0n) + delta);
  }
}

function worthOf(spec: Instrument | undefined, qty: bigint, price: bigint): bigint {
  if (spec?.payoff !== "inverse") return times(qty, price);
  return price === 0n ? 0n : (qty * UNIT) / price;
}

/** Where the referee disagrees with the sum of its own lists; drift is what no list tells, so balances are left out. */
export function refereeProblems(referee: Referee, naive: Naive): string[] {
  const problems: string[] = [];
  const rows = new Map(
    referee.positionRows().map(({ leg, instrument, qty }) => [`${leg}:${instrument}`, exact(qty)]),
  );
  for (const key of new Set([...rows.keys(), ...naive.positions.keys()])) {
    const [told = 0n, wanted = 0n] = [rows.get(key), naive.positions.get(key)];
    if (told !== wanted) {
      problems.push(`the referee says ${key} is ${plain(told)}; its executions add up to ${plain(wanted)}`);
    }
  }
  for (const { venueOrderId, previousVenueOrderIds = [], clientOrderId, filledQty } of referee.orders()) {
    const ids = [...(venueOrderId === undefined ? [] : [venueOrderId]), ...previousVenueOrderIds];
    const wanted = ids.reduce((total, id) => total + (naive.filled.get(id) ?? 0n), 0n);
    if (filledQty === undefined || exact(filledQty) === wanted) continue;
    problems.push(
      `the referee says ${filledQty} of order ${clientOrderId ?? venueOrderId} is filled; its executions add up to ${plain(wanted)}`,
    );
  }
  return problems;
}

/** What no list tells, by asset: the referee's balance less all that its lists say. */
export function driftOf(referee: Referee, naive: Naive): ReadonlyMap<string, bigint> {
  const told = referee.balances().map(({ asset, total }) => [asset, exact(total)] as const);
  return new Map(told.map(([asset, total]) => [asset, total - (naive.balances.get(asset) ?? 0n)]));
}

/** Less than this no division of ours is off. */
export const ROUNDING = UNIT / 1_000_000_000n;
