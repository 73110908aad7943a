// Whose a trade is, and why it happened: read from the order, its client id and the configured prefixes, never
// guessed from the symbol. Where it cannot be told, the answer is "unattributed" and no cause.
import type { Book, Order } from "../book/book.ts";
import { isBracketExit } from "../book/orders.ts";
import { placedRoleOf } from "../exits/slots.ts";
import type { FillRow, OrderRow } from "../facts.ts";
import type { AccountPolicy } from "../policy.ts";
import { type Cause, UNATTRIBUTED } from "../words.ts";

/** The strategy whose prefix a client order id carries; the longest prefix wins. */
export function strategyOfClientId(policy: AccountPolicy, clientOrderId: string | null): string | undefined {
  if (clientOrderId === null) return undefined;
  const matching = Object.entries(policy.strategies).filter(([, prefix]) => clientOrderId.startsWith(prefix));
  return matching.sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

/** A fill's order: as the book has it, or as this read reports it when the book does not know it yet. */
export interface OrderOfFill {
  readonly known: Order | undefined;
  readonly row: OrderRow | undefined;
}

export function strategyOf(policy: AccountPolicy, row: FillRow, order: OrderOfFill): string {
  const stated = row.strategy ?? order.known?.strategy ?? order.row?.strategy;
  return stated ?? strategyOfClientId(policy, clientIdOf(row, order)) ?? UNATTRIBUTED;
}

/** Why the trade happened, when it was not the strategy's own doing; null when it was, or cannot be told. */
export function causeOfFill(
  book: Book,
  policy: AccountPolicy,
  row: FillRow,
  order: OrderOfFill,
): Cause | null {
  if (row.forced !== undefined) return row.forced;
  const role = order.known ? placedRoleOf(order.known) : null;
  // An exit of ours that lies at the venue: whatever the venue hangs it on, nobody else placed it.
  if (role !== null) return role === "backstop" ? "backstop" : null;
  const parentId = order.known?.parentVenueOrderId ?? order.row?.parentVenueOrderId ?? null;
  if (isBracketExit(book, row.instrument, parentId)) return "bracket_exit";
  if (order.known?.isOurs || strategyOf(policy, row, order) !== UNATTRIBUTED) return null;
  // A bot beside trueup whose prefix nobody stated looks like anyone else: say nothing rather than accuse.
  const isTellable = policy.mode === "executor" || Object.keys(policy.strategies).length > 0;
  if (!isTellable) return null;
  return isMachineMade(clientIdOf(row, order)) ? "other_bot" : "manual_trade";
}

function clientIdOf(row: FillRow, { known, row: reported }: OrderOfFill): string | null {
  return row.clientOrderId ?? known?.clientOrderId ?? reported?.clientOrderId ?? null;
}

/** A client id that somebody's program chose. None, or a bare UUID, is what venues fill in for their own pages. */
function isMachineMade(clientOrderId: string | null): boolean {
  if (clientOrderId === null || clientOrderId === "") return false;
  return !/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(clientOrderId);
}
