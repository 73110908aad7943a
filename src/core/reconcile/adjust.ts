// The estimate that brings a key from the book's quantity to the venue's: one record, or two where it flips
// through zero. Only for what fills and ledger entries do not explain.
import type { Book } from "../book/book.ts";
import { positionView } from "../book/positions.ts";
import { add, type Decimal, isZero, negate, sign, subtract, ZERO } from "../decimal.ts";
import { deriveId } from "../hash.ts";
import { type PositionKey, splitPositionKey } from "../keys.ts";
import { type Draft, draft, type PositionAdjustment } from "../records.ts";
import { type Cause, UNATTRIBUTED } from "../words.ts";
import {
  type Priced,
  type PriceEvidence,
  priceOfIncrease,
  priceOfOpening,
  priceOfReduction,
} from "./price.ts";

export interface Adjusting {
  readonly key: PositionKey;
  readonly localQty: Decimal;
  readonly venueQty: Decimal;
  readonly evidence: PriceEvidence;
  /** Start of the observation behind it. */
  readonly asOfMs: number;
  readonly cause: Cause;
  readonly causeId: string;
}

export function adjustTo(book: Book, facts: Adjusting): Draft[] {
  const { localQty, venueQty, evidence } = facts;
  const isFlip = sign(localQty) * sign(venueQty) < 0;
  if (isFlip) {
    return [
      estimate(book, facts, localQty, ZERO, 0, priceOfReduction(evidence)),
      estimate(book, facts, ZERO, venueQty, 1, priceOfOpening(evidence)),
    ];
  }
  return [estimate(book, facts, localQty, venueQty, 0, priceOf(localQty, venueQty, evidence))];
}

function priceOf(localQty: Decimal, venueQty: Decimal, evidence: PriceEvidence): Priced {
  if (isZero(localQty)) return priceOfOpening(evidence);
  const change = subtract(venueQty, localQty);
  const isReduction = sign(change) !== sign(localQty);
  return isReduction ? priceOfReduction(evidence) : priceOfIncrease(localQty, venueQty, evidence);
}

function estimate(
  book: Book,
  facts: Adjusting,
  qtyBefore: Decimal,
  qtyAfter: Decimal,
  venueSeq: number,
  priced: Priced,
): Draft {
  const place = splitPositionKey(facts.key);
  const life = positionView(book, facts.key)?.lifeId ?? "flat";
  const lastChange = book.lastChange.get(facts.key) ?? 0;
  const payload: PositionAdjustment = {
    subject: "position",
    adjustmentId: deriveId("adj", [
      book.account,
      place.instrument,
      place.leg,
      life,
      qtyBefore,
      qtyAfter,
      lastChange,
    ]),
    basis: "estimate",
    ...place,
    qtyDelta: add(qtyAfter, negate(qtyBefore)),
    ...priced,
    asOfMs: facts.asOfMs,
    venueSeq,
    qtyBefore,
    qtyAfter,
    cause: facts.cause,
    strategy: UNATTRIBUTED,
    orderKey: null,
  };
  return draft("adjustment_inferred", payload, facts.causeId);
}
