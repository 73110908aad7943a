// Exits in one document: what is armed, what has come to pass, what lies at the venue, what nothing would close. From the
// book alone, so that it is the same with a daemon and without one.
import {
  type ArmedExit,
  type Book,
  type Decimal,
  type Discrepancy,
  type ExitLevels,
  filledQty,
  firstBest,
  isActive,
  type Leg,
  type NotedExit,
  notedExits,
  type Order,
  type OrderStatus,
  openQty,
  orderStatus,
  type PlacedRole,
  placedRoleOf,
  type Side,
  trailingLevel,
} from "../core/index.ts";

/** An exit that is armed, for people and programs. */
export interface ExitView extends ExitLevels {
  readonly exitId: string;
  readonly instrument: string;
  readonly leg: Leg;
  readonly strategy: string;
  readonly state: "armed" | "triggered";
  /** Not signed. */
  readonly qty: string;
  readonly entryPrice: string | null;
  /** The best price so far, as it was last written down, and where the trailing stop lies with it. */
  readonly best: string | null;
  readonly trailingAt: string | null;
  /** Where its plan comes from. */
  readonly source: ArmedExit["facts"]["source"];
  readonly invalidation: string | null;
  readonly armedAtMs: number;
  /** The last order that it asked for; null while it only waits. */
  readonly trigger: ArmedExit["trigger"];
}

/** A position that nothing would close, or an order of somebody else that would. */
export interface ExitMatter {
  readonly discrepancyId: string;
  readonly instrument: string;
  readonly qty: string | null;
  readonly code: string | null;
  /** For a person: what is missing, and what to do. */
  readonly detail: string | null;
  readonly policy: Discrepancy["policy"];
  readonly sinceMs: number;
}

/** An order at the venue that would close a position: one of trueup's own exits, or somebody else's. */
export interface ExitAtVenue {
  readonly instrument: string;
  readonly leg: Leg;
  readonly side: Side | null;
  /** What it is to trueup; `foreign` where trueup did not place it. */
  readonly role: PlacedRole | "foreign";
  /** Whose share it closes; null of a backstop, which is for the whole position, and where nobody said. */
  readonly strategy: string | null;
  readonly type: string | null;
  readonly triggerPrice: Decimal | null;
  readonly price: Decimal | null;
  /** Not signed; null where it is not told. */
  readonly qty: Decimal | null;
  readonly filledQty: Decimal;
  readonly openQty: Decimal;
  readonly status: OrderStatus;
  readonly clientOrderId: string | null;
  readonly venueOrderId: string | null;
}

/** Everything that is known of the exits of one account. */
export interface ExitsReport {
  readonly account: string;
  readonly exits: readonly ExitView[];
  /** As the venue told it last. */
  readonly atVenue: readonly ExitAtVenue[];
  /** What people said that is armed at the next start of `trueup run` only. */
  readonly noted: readonly NotedExit[];
  readonly unprotected: readonly ExitMatter[];
  readonly foreign: readonly ExitMatter[];
}

/** Sorted by instrument, leg and strategy. */
export function exitsReport(book: Book): ExitsReport {
  const open = [...book.discrepancies.values()];
  const of = (kind: Discrepancy["kind"]) => open.filter((one) => one.kind === kind).map(matterOf);
  return {
    account: book.account,
    exits: [...book.exits.values()].map(exitView).sort(byName),
    atVenue: exitsAtVenue(book, open),
    noted: notedExits(book),
    unprotected: of("unprotected_position"),
    foreign: of("foreign_exit_order"),
  };
}

function exitView({ facts, armedAtMs, best, trigger }: ArmedExit): ExitView {
  const { lifeId: _, plan, planDigest: __, why: ___, ...told } = facts;
  const from = best ?? firstBest(facts);
  return {
    ...told,
    state: trigger === null ? "armed" : "triggered",
    best,
    trailingAt: trailingLevel(facts, from),
    invalidation: plan.invalidation ?? null,
    armedAtMs,
    trigger,
  };
}

function exitsAtVenue(book: Book, open: readonly Discrepancy[]): ExitAtVenue[] {
  const foreign = new Set<string>(
    open.flatMap(({ kind, subject }) =>
      kind === "foreign_exit_order" && subject.type === "order" && subject.orderKey !== null
        ? [subject.orderKey]
        : [],
    ),
  );
  const views = [...book.orders.values()].flatMap((order) => {
    if (!isActive(order)) return [];
    const role = foreign.has(order.orderKey) ? "foreign" : placedRoleOf(order);
    return role === null ? [] : [viewAtVenue(order, role)];
  });
  return views.sort((a, b) => byText(placeOf(a), placeOf(b)));
}

function placeOf({ instrument, leg, strategy, role, venueOrderId }: ExitAtVenue): string {
  return `${instrument} ${leg} ${strategy ?? ""} ${role} ${venueOrderId ?? ""}`;
}

function viewAtVenue(order: Order, role: ExitAtVenue["role"]): ExitAtVenue {
  const { instrument, leg, side, strategy, type, triggerPrice, price, qty } = order;
  return {
    instrument,
    leg: leg ?? "net",
    side,
    role,
    strategy: role === "backstop" ? null : strategy,
    type,
    triggerPrice,
    price,
    qty,
    filledQty: filledQty(order),
    openQty: openQty(order),
    status: orderStatus(order),
    clientOrderId: order.clientOrderId,
    venueOrderId: order.venueOrderId,
  };
}

function matterOf(one: Discrepancy): ExitMatter {
  const { id, subject, localQty, venueQty, code, detail, policy, firstSeenMs } = one;
  return {
    discrepancyId: id,
    instrument: subject.type === "balance" ? subject.asset : subject.instrument,
    qty: localQty ?? venueQty,
    code,
    detail,
    policy,
    sinceMs: firstSeenMs,
  };
}

function byName(a: ExitView, b: ExitView): number {
  return byText(`${a.instrument} ${a.leg} ${a.strategy}`, `${b.instrument} ${b.leg} ${b.strategy}`);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
