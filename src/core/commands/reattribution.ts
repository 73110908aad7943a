// May a person give part of one strategy's lot to another? What is decided is a record; the position's quantity stays as
// it is, and nothing is sent. Pure: writing it down is the engine's.
import type { Book } from "../book/book.ts";
import { abs, compare, type Decimal, isZero, negate, sign, ZERO } from "../decimal.ts";
import { deriveId } from "../hash.ts";
import { positionKey } from "../keys.ts";
import { type Lots, reattribute } from "../ledger/lots.ts";
import type { AccountPolicy } from "../policy.ts";
import { type DraftOf, draft } from "../records.ts";
import { type Leg, UNATTRIBUTED } from "../words.ts";

export interface LotMove {
  readonly instrument: string;
  readonly leg: Leg;
  readonly from: string;
  readonly to: string;
  /** Not signed; absent for the whole lot. */
  readonly qty?: Decimal;
  readonly reason: string;
  /** The person whose word it is. */
  readonly by: string;
}

/** Of one strategy, signed. */
export interface LotChange {
  readonly strategy: string;
  readonly before: Decimal;
  readonly after: Decimal;
}

export type LotMoveDecision =
  | {
      readonly kind: "move";
      readonly draft: DraftOf<"lot_reattributed">;
      readonly from: LotChange;
      readonly to: LotChange;
    }
  | { readonly kind: "refused"; readonly code: LotMoveRefusal; readonly text: string };

/** docs/errors.md has each with what to do. */
export type LotMoveRefusal = "bad_lot_move" | "no_such_strategy" | "no_such_lot" | "lot_too_small";

/** Longest reason, in characters. */
const REASON_LENGTH_MAX = 500;

export function decideLotMove(
  move: LotMove,
  { book, policy }: { readonly book: Book; readonly policy: Pick<AccountPolicy, "strategies"> },
): LotMoveDecision {
  const { instrument, leg, from, to, reason, by } = move;
  const problem = problemOfMove(move);
  if (problem !== null) return refused("bad_lot_move", problem);
  const known = Object.keys(policy.strategies);
  if (to !== UNATTRIBUTED && known.length > 0 && !known.includes(to)) {
    return refused(
      "no_such_strategy",
      `there is no strategy "${to}"; there are: ${[...known, UNATTRIBUTED].join(", ")}`,
    );
  }
  const key = positionKey(instrument, leg);
  const ledger = book.ledgers.get(key);
  const lots = ledger?.lots ?? new Map();
  const before = qtyIn(lots, from);
  if (!ledger || isZero(before)) {
    return refused("no_such_lot", `${from} has no lot in ${instrument}; it has: ${lotsText(lots)}`);
  }
  const qty = move.qty ?? abs(before);
  if (compare(qty, abs(before)) > 0) {
    return refused(
      "lot_too_small",
      `${from} has ${abs(before)} of ${instrument}, not ${qty}; there are: ${lotsText(lots)}`,
    );
  }
  const signed = sign(before) < 0 ? negate(qty) : qty;
  // After whatever has moved the position up to now, by the venue's own clock: what comes is not meant.
  const asOfMs = Math.max(...ledger.entries.map(({ timestamp }) => timestamp));
  const facts = [book.account, key, from, to, signed, book.lastChange.get(key) ?? 0];
  const payload = {
    reattributionId: deriveId("lot", facts),
    instrument,
    leg,
    from,
    to,
    qty: signed,
    asOfMs,
    reason,
    by,
  };
  const after = reattribute(lots, payload, isZero(ledger.holding.qty));
  return {
    kind: "move",
    draft: draft("lot_reattributed", payload, `by:${by}`) as DraftOf<"lot_reattributed">,
    from: { strategy: from, before, after: qtyIn(after, from) },
    to: { strategy: to, before: qtyIn(lots, to), after: qtyIn(after, to) },
  };
}

function problemOfMove({ from, to, qty, reason, by }: LotMove): string | null {
  if (from === to) return `from and to are both "${from}"`;
  if (from === "" || to === "") return "name both lots: a strategy, or unattributed";
  if (qty !== undefined && sign(qty) <= 0) return `a quantity of ${qty} is not above zero`;
  if (by.trim() === "") return "say whose word it is: a person's name";
  if (reason.trim() === "") return "say why: a reason";
  return reason.length > REASON_LENGTH_MAX
    ? `the reason has ${reason.length} characters; give at most ${REASON_LENGTH_MAX}`
    : null;
}

function qtyIn(lots: Lots, strategy: string): Decimal {
  return lots.get(strategy)?.qty ?? ZERO;
}

function lotsText(lots: Lots): string {
  if (lots.size === 0) return "no lots";
  return [...lots].map(([name, { qty }]) => `${name} ${qty}`).join(", ");
}

function refused(code: LotMoveRefusal, text: string): LotMoveDecision {
  return { kind: "refused", code, text };
}
