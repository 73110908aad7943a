// Where the copies and the venue differ at this moment: the book's positions, the mirror's rows, the book's balances.
// The truth is the referee's; nothing here waits, excuses or explains.
import { type Book, balanceTotal, type Decimal, isCash, type Leg, positionKey } from "../../core/index.ts";
import { exact, magnitude, UNIT } from "../oracle/exact.ts";
import type { World } from "./world.ts";

export interface Difference {
  /** `book`, or the mirror's name. */
  readonly of: string;
  /** Position key, or the asset of a balance. */
  readonly key: string;
  /** Null for a balance. */
  readonly instrument: string | null;
  readonly local: string;
  readonly venue: string;
}

export function legsOf({ positionMode }: Pick<World, "positionMode">): readonly Leg[] {
  return positionMode === "net" ? ["net"] : ["long", "short"];
}

export function positionDifferences(world: World, book: Book): Difference[] {
  const found: Difference[] = [];
  for (const { symbol: instrument, qtyStep } of world.referee.instruments) {
    for (const leg of legsOf(world)) {
      const key = positionKey(instrument, leg);
      const venue = world.referee.qty(instrument, leg);
      const local = book.ledgers.get(key)?.holding.qty ?? "0";
      if (isEqual(local, venue, qtyStep)) continue;
      found.push({ of: "book", key, instrument, local, venue });
    }
  }
  return found;
}

/** Against what the mirror keeps: a quantity, or only that there is a row. */
export function mirrorDifferences(world: World): Difference[] {
  const { mirror, referee } = world;
  if (mirror.scope.type !== "account") return [];
  const { held } = mirror;
  const found: Difference[] = [];
  for (const { symbol: instrument, qtyStep } of referee.instruments) {
    for (const leg of legsOf(world)) {
      const rows = held.filter((row) => row.instrument === instrument && row.leg === leg);
      // What cannot be read nobody may change.
      if (rows.some(({ problem }) => problem !== undefined)) continue;
      const venue = referee.qty(instrument, leg);
      const key = positionKey(instrument, leg);
      const quantities = rows.flatMap(({ qty }) => qty ?? []);
      const isPresenceOnly = quantities.length < rows.length || (rows.length === 0 && mirror.isPresenceOnly);
      const isSame = isPresenceOnly
        ? rows.length > 0 === (venue !== "0")
        : (quantities.length === 0 ? ["0"] : quantities).every((qty) => isEqual(qty, venue, qtyStep));
      if (isSame) continue;
      const local = isPresenceOnly ? `${rows.length} rows` : quantities.join(" and ") || "no row";
      found.push({ of: mirror.name, key, instrument, local, venue });
    }
  }
  return found;
}

export function balanceDifferences(world: World, book: Book): Difference[] {
  return world.referee.balances().flatMap(({ asset, total }): Difference[] => {
    const known = book.balances.get(asset);
    const local = known && known.anchorTotal !== null ? balanceTotal(known) : null;
    const difference = magnitude(exact(total) - exact(local ?? "0"));
    if (difference <= toleranceOf(world, asset)) return [];
    return [{ of: "book", key: asset, instrument: null, local: local ?? "none", venue: total }];
  });
}

/** In units of the asset, fixed point. */
export function toleranceOf({ policy, referee }: Pick<World, "policy" | "referee">, asset: string): bigint {
  const own = policy.balanceTolerances[asset];
  if (own !== undefined) return exact(own);
  if (isCash(asset)) return exact(policy.balanceTolerance);
  const inverse = referee.instruments.find(({ quote, payoff }) => quote === asset && payoff === "inverse");
  const bought = referee.instruments.find(({ base }) => base === asset);
  const listed = bought ?? inverse;
  if (!listed) return exact("0.000000001");
  const last = exact(referee.lastPrice(listed.symbol));
  // What is worth less than 0.01 at the last price; never less than a quantity step.
  const worth = last > 0n ? (exact("0.01") * UNIT) / last : 0n;
  // Of an inverse contract it counts no coins.
  const step = bought ? exact(bought.qtyStep) : 0n;
  return worth > step ? worth : step;
}

export function textOf({ of, key, local, venue }: Difference): string {
  return `${key} in ${of} is ${local}, at the venue ${venue}`;
}

function isEqual(a: Decimal | string, b: Decimal | string, step: Decimal): boolean {
  return a === b || magnitude(exact(a) - exact(b)) < exact(step);
}
