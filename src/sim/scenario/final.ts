// How a scenario ended: the copies as plain rows, under the names that expectations use.
import {
  avgFillPrice,
  type Book,
  balanceTotal,
  claimViews,
  type Discrepancy,
  filledQty,
  type GateState,
  heldKeys,
  historyViews,
  type JournalRecord,
  type MirrorRow,
  orderStatus,
  overallState,
  positionView,
} from "../../core/index.ts";
import { exitsReport } from "../../engine/index.ts";

export type Row = Readonly<Record<string, unknown>>;

export interface Final {
  readonly positions: readonly Row[];
  readonly orders: readonly Row[];
  readonly balances: readonly Row[];
  readonly fills: readonly Row[];
  readonly history: readonly Row[];
  readonly mirrors: readonly { readonly name: string; readonly rows: readonly Row[] }[];
  readonly discrepancies: readonly Row[];
  readonly gate: GateState;
  /** What would close each position, and what nothing would close. */
  readonly exits: readonly Row[];
}

export function finalState(
  book: Book,
  records: readonly JournalRecord[],
  mirrors: readonly { readonly name: string; readonly rows: readonly MirrorRow[] }[],
): Final {
  return {
    positions: heldKeys(book).flatMap((key): Row[] => {
      const view = positionView(book, key);
      return view ? [{ ...view }] : [];
    }),
    orders: [...book.orders.values()].map((order) => {
      const {
        fillsQty: _,
        fillsValue: __,
        fillsPayoff: ___,
        unbackedQty: ____,
        observedStatus: _____,
        ...plain
      } = order;
      return {
        ...plain,
        filledQty: filledQty(order),
        avgPrice: avgFillPrice(order),
        status: orderStatus(order),
      };
    }),
    balances: [...book.balances.values()]
      .filter(({ anchorTotal }) => anchorTotal !== null)
      .map((balance) => ({ asset: balance.asset, total: balanceTotal(balance), free: balance.free })),
    fills: [...book.fills.values()].map(({ facts, isReversed }) => ({ ...facts, isReversed })),
    history: [...new Set([...book.ledgers.keys(), ...book.claims.keys()])].sort().flatMap((key) =>
      [...historyViews(book, key), ...claimViews(book, key)].map((view) => ({
        ...view,
        cause: view.closeCause,
      })),
    ),
    mirrors: mirrors.map(({ name, rows }) => ({
      name,
      rows: rows.map(({ rowId: _, problem: __, ...row }) => row),
    })),
    discrepancies: discrepanciesSeen(records),
    gate: overallState(book.gate),
    exits: exitRows(book),
  };
}

function exitRows(book: Book): Row[] {
  const { exits, unprotected } = exitsReport(book);
  return [
    ...exits.map((exit): Row => ({ ...exit })),
    ...unprotected.map((one): Row => ({ ...one, state: "unarmed" })),
  ];
}

/** Every discrepancy of the run, each as it was last. */
function discrepanciesSeen(records: readonly JournalRecord[]): Row[] {
  const latest = new Map<string, Discrepancy>();
  for (const record of records) {
    const isOne =
      record.kind === "discrepancy_opened" ||
      record.kind === "discrepancy_changed" ||
      record.kind === "discrepancy_closed";
    if (isOne) latest.set(record.payload.id, record.payload);
  }
  return [...latest.values()].map(({ subject, ...rest }) => ({
    ...rest,
    ...subject,
    state: rest.closedMs === null ? "open" : "closed",
  }));
}
