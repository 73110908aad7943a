// What a list of open orders proves of an order that it leaves out, where single orders cannot be asked for (R5). It is
// one endpoint's word, like a list of positions (R1 d): an outage that answers "nothing" must not end what is open.
import type { Order } from "../book/book.ts";
import { isTerminal } from "../book/orders.ts";
import { compare, fromInteger, multiply } from "../decimal.ts";
import { isComplete } from "../facts.ts";
import type { PassContext } from "./context.ts";
import { elapsedMs } from "./steady.ts";

/** Of the orders that the book holds for active: how many there are, and how many of them the list leaves out. */
export interface LeftOut {
  readonly held: number;
  readonly count: number;
}

/** Why the list does not prove that the order has ended; null where it does. */
export function listProblem(
  order: Order,
  { observation, policy, capabilities, nowMs, steady }: PassContext,
  { held, count }: LeftOut,
): string | null {
  const { orders } = observation;
  if (!orders || !isComplete(orders)) return `the list of open orders is ${orders?.quality ?? "not read"}`;
  // A list that leaves a row out does so again a moment later: it must go on for as long as an order may settle.
  const { absentSinceMs } = order;
  if (absentSinceMs === null || elapsedMs(absentSinceMs, nowMs, steady) < capabilities.settleMs) {
    return `the list has left it out for less than ${capabilities.settleMs} ms`;
  }
  const isEmpty = !orders.rows.some(({ status }) => status === undefined || !isTerminal(status));
  if (isEmpty && order.cancelRequestedAt === null) return "the list of open orders is empty";
  const share = multiply(policy.blastRadiusRatio, fromInteger(held));
  const isSmall = count < policy.blastRadiusRows || compare(fromInteger(count), share) <= 0;
  if (isSmall) return null;
  return `the list leaves out ${count} of ${held} orders at once, more than blast_radius_rows (${policy.blastRadiusRows}) and blast_radius_ratio (${policy.blastRadiusRatio}) allow`;
}
