// What trueup's history says of an instrument whose position is over, in a sentence.
import { type Book, claimViews, type HistoryView, historyViews, positionKey } from "../../core/index.ts";
import { money } from "./tally.ts";

/** Of the last life that ended, or of the last row that only a file spoke of; null when there is neither. */
export function historyText(book: Book | undefined, instrument: string): string | null {
  if (!book) return null;
  const key = positionKey(instrument, "net");
  const view = historyViews(book, key).at(-1) ?? claimViews(book, key).at(-1);
  return view === undefined ? null : `${instrument}: ${lifeText(view)}${fieldsText(view)}`;
}

function lifeText({
  qty,
  side,
  entryPrice,
  exitPrice,
  realizedPnl,
  closeCause,
  source,
}: HistoryView): string {
  const held = qty === null ? "held, no quantity kept" : `${qty} ${side ?? ""}`.trim();
  const cause = closeCause === null ? "" : `, closed by ${closeCause}`;
  if (source !== "book") return `${held}, known from ${source} alone${cause}`;
  const prices = entryPrice && exitPrice ? `, ${money(entryPrice)} to ${money(exitPrice)}` : "";
  const result = realizedPnl === null ? "" : `, realised ${money(realizedPnl)}`;
  return `${held}${prices}${result}${cause}`;
}

function fieldsText({ metadata }: HistoryView): string {
  const fields = Object.entries(metadata).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return fields.length === 0 ? "" : `; kept: ${fields.join(", ")}`;
}
