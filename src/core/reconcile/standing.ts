// How far this pass may rely on the book's quantity of a key when it brings other copies in line with it. A mirror
// is never written from a book that the venue did not confirm in the same pass: the bot may know better.
import type { Book } from "../book/book.ts";
import { positionQty } from "../book/positions.ts";
import { type Decimal, isZero, ZERO } from "../decimal.ts";
import { BOOK, type Subject, slotOf } from "../discrepancy.ts";
import { isComplete } from "../facts.ts";
import { type PositionKey, positionKey, splitPositionKey } from "../keys.ts";
import { instrumentIn, isUsable, type PassContext } from "./context.ts";
import { isVenueQty } from "./equal-qty.ts";
import { positionRows } from "./position-rows.ts";
import { listedRow } from "./positions.ts";
import { openIn } from "./sight.ts";
import { isPerhapsTwice } from "./told-after.ts";
import type { AbsenceVerdict } from "./witness.ts";

/**
 * `confirmed`: the venue's row agrees, or its fills alone tell the whole quantity. `differs`: the book is not where
 * the venue is, and comes first. `doubted`: the read contradicts itself, or leaves the key out without proof.
 * `unread`: this read does not say.
 */
export type Standing = "confirmed" | "differs" | "doubted" | "unread";

export function standingOf(context: PassContext, key: PositionKey, absence: AbsenceVerdict): Standing {
  const section = context.observation.positions;
  if (section === undefined || !isUsable(section.quality)) {
    return isToldByFills(context, key) ? "confirmed" : "unread";
  }
  if (positionRows(context).suspects.some((one) => one.key === key)) return "doubted";
  const row = listedRow(context, key);
  const held = positionQty(context.book, key);
  const { qtyStep } = instrumentIn(context.book, splitPositionKey(key).instrument);
  if (row) return isVenueQty(held, row.qty, qtyStep) ? "confirmed" : "differs";
  // What a row showed and the book never had is not gone because this read leaves it out.
  if (isVenueQty(held, ZERO, qtyStep)) return absence.unwitnessed.includes(key) ? "doubted" : "confirmed";
  if (absence.witnesses.has(key)) return "differs";
  if (isComplete(section)) return "doubted";
  return isToldByFills(context, key) ? "confirmed" : "unread";
}

/** What the venue says of a key, zero only with proof; undefined where it does not say. */
export function provenQty(
  context: PassContext,
  key: PositionKey,
  absence: AbsenceVerdict,
): Decimal | undefined {
  return listedRow(context, key)?.qty ?? (absence.witnesses.has(key) ? ZERO : undefined);
}

/**
 * Whether an earlier read showed another quantity than the book's, and nothing has settled that yet: what fills add up to
 * is then not the whole quantity.
 */
export function isDisputed(book: Book, key: PositionKey): boolean {
  const subject: Subject = { type: "position", ...splitPositionKey(key) };
  const kinds = ["position_mismatch", "missing_position", "phantom_position"] as const;
  return kinds.some((kind) => openIn(book, slotOf(BOOK, kind, subject)) !== undefined);
}

/**
 * Whether the history was read completely and the last thing that moved the key is a trade that it reports. Where fills
 * may be taken back, or some are no longer told, the last pass's worth of it says nothing of the older ones; nor does it
 * of an estimate below them, which may rest on a person's word alone, nor of a fill that the opening may have had.
 */
function isToldByFills(context: PassContext, key: PositionKey): boolean {
  if (context.capabilities.fills.revisable || context.book.historyGap !== null) return false;
  if (!isComplete(context.observation.fills) || isDisputed(context.book, key)) return false;
  if (isEstimated(context.book, key) || isAwaiting(context.book, key)) return false;
  if (isPerhapsTwice(context, key)) return false;
  return context.book.ledgers.get(key)?.entries.at(-1)?.source === "fill";
}

/** Whether a ledger entry of it waits for a row of the venue's to say whether the quantity has it. */
export function isAwaiting(book: Book, key: PositionKey): boolean {
  return [...book.awaited.values()].some(
    ({ row }) => row.instrument !== undefined && positionKey(row.instrument, row.leg ?? "net") === key,
  );
}

/** Whether part of the quantity is still what no fill and no entry has told. */
function isEstimated(book: Book, key: PositionKey): boolean {
  for (const { facts, remaining } of book.adjustments.values()) {
    const isOfKey = positionKey(facts.instrument, facts.leg) === key;
    if (isOfKey && facts.basis !== "opening" && !isZero(remaining)) return true;
  }
  return false;
}
