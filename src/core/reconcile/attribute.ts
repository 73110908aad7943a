// Whose a trade is, and why it happened: read from the order, its client id and the configured prefixes, never
// guessed from the symbol. Where it cannot be told, the answer is "unattributed" and no cause.
import type { Book, Order } from "../book/book.ts";
import { findOrder } from "../book/orders.ts";
import type { FillRow } from "../facts.ts";
import type { AccountPolicy } from "../policy.ts";
import { type Cause, UNATTRIBUTED } from "../words.ts";

/** The strategy whose prefix a client order id carries; the longest prefix wins. */
export function strategyOfClientId(policy: AccountPolicy, clientOrderId: string | null): string | undefined {
  if (clientOrderId === null) return undefined;
  const matching = Object.entries(policy.strategies).filter(([, prefix]) => clientOrderId.startsWith(prefix));
  return matching.sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

export function strategyOf(policy: AccountPolicy, row: FillRow, order: Order | undefined): string {
  const clientOrderId = row.clientOrderId ?? order?.clientOrderId ?? null;
  return row.strategy ?? order?.strategy ?? strategyOfClientId(policy, clientOrderId) ?? UNATTRIBUTED;
}

/** Why the trade happened, when it was not the strategy's own doing; null when it was, or cannot be told. */
export function causeOfFill(
  book: Book,
  policy: AccountPolicy,
  row: FillRow,
  order: Order | undefined,
): Cause | null {
  if (row.forced !== undefined) return row.forced;
  if (order && isChild(book, order)) return "bracket_exit";
  if (order?.isOurs || strategyOf(policy, row, order) !== UNATTRIBUTED) return null;
  // A bot beside trueup whose prefix nobody stated looks like anyone else: say nothing rather than accuse.
  const isTellable = policy.mode === "executor" || Object.keys(policy.strategies).length > 0;
  if (!isTellable) return null;
  return isMachineMade(row.clientOrderId ?? order?.clientOrderId ?? null) ? "other_bot" : "manual_trade";
}

function isChild(book: Book, order: Order): boolean {
  if (order.parentVenueOrderId === null) return false;
  const parent = findOrder(book, { instrument: order.instrument, venueOrderId: order.parentVenueOrderId });
  return parent === undefined || parent.isOurs !== false;
}

/** A client id that somebody's program chose. None, or a bare UUID, is what venues fill in for their own pages. */
function isMachineMade(clientOrderId: string | null): boolean {
  if (clientOrderId === null || clientOrderId === "") return false;
  return !/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(clientOrderId);
}
