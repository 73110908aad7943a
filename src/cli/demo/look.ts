// One look at everything, as plain values: what the files say, what the venue has, what trueup's book has. The view and
// the tally are made from it.
import {
  add,
  type Book,
  balanceTotal,
  type Decimal,
  type GateState,
  isZero,
  type LotView,
  positionView,
  splitPositionKey,
  ZERO,
} from "../../core/index.ts";
import type { PaperState } from "../../venues/paper/index.ts";
import type { Theatre } from "./theatre.ts";

export interface CopyLook {
  readonly name: string;
  readonly file: string;
  readonly strategy: string | null;
  /** Null where the file keeps no quantities. */
  readonly rows: readonly { readonly instrument: string; readonly qty: Decimal | null }[];
  readonly problem: string | null;
}

export interface BookLook {
  readonly positions: readonly {
    readonly instrument: string;
    readonly qty: Decimal;
    readonly lots: readonly LotView[];
  }[];
  /** By strategy. */
  readonly fills: ReadonlyMap<string, number>;
  /** Realised before fees, of everything that was ever closed. */
  readonly realized: Decimal;
  readonly fees: Decimal;
  /** Null while the venue never stated it. */
  readonly cash: Decimal | null;
}

export interface Look {
  readonly copies: readonly CopyLook[];
  readonly venue: PaperState;
  readonly book: BookLook;
  readonly gate: GateState;
  readonly reasons: readonly string[];
}

export async function look({ scenario, copies, venue, host }: Theatre): Promise<Look> {
  const read = await Promise.all(
    copies.map(async (mirror, index): Promise<CopyLook> => {
      const { rows, problem = null } = await mirror.read();
      const copy = scenario.copies[index];
      const { name } = mirror;
      return {
        name,
        file: copy?.file ?? name,
        strategy: copy?.strategy ?? null,
        rows: heldRows(rows),
        problem,
      };
    }),
  );
  const { gate } = host.status();
  const reasons = [gate.reasons, ...Object.values(gate.instruments).map((one) => one.reasons)].flat();
  const book = host.session()?.book;
  return {
    copies: read,
    venue: venue.account.state,
    book: book ? bookLook(book, venue.account.state.currency) : EMPTY,
    gate: gate.state,
    reasons: [...new Set(reasons.map(({ text }) => text))],
  };
}

type Rows = CopyLook["rows"];

/** A row of zero is no claim. */
function heldRows(rows: Rows): Rows {
  return rows
    .filter(({ qty }) => qty === null || !isZero(qty))
    .map(({ instrument, qty }) => ({ instrument, qty }))
    .sort((a, b) => (a.instrument < b.instrument ? -1 : 1));
}

const EMPTY: BookLook = { positions: [], fills: new Map(), realized: ZERO, fees: ZERO, cash: null };

function bookLook(book: Book, currency: string): BookLook {
  const keys = [...book.ledgers.keys()].sort();
  const positions = keys.flatMap((key) => {
    const view = positionView(book, key);
    return view ? [{ instrument: splitPositionKey(key).instrument, qty: view.qty, lots: view.lots }] : [];
  });
  const fills = new Map<string, number>();
  let fees = ZERO;
  for (const { facts, isReversed } of book.fills.values()) {
    if (isReversed) continue;
    fills.set(facts.strategy, (fills.get(facts.strategy) ?? 0) + 1);
    fees = add(fees, facts.fee ?? ZERO);
  }
  const realized = [...book.ledgers.values()].reduce<Decimal>((sum, one) => add(sum, one.realizedPnl), ZERO);
  const balance = book.balances.get(currency);
  return {
    positions,
    fills,
    realized,
    fees,
    cash: balance?.anchorTotal == null ? null : balanceTotal(balance),
  };
}
