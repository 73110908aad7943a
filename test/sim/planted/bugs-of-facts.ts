// Planted bugs in what becomes of facts: fills, fees, ledger entries, orders' rows, and the numbers they are made of.
import type { PlantedBug } from "./planting.ts";

export const BUGS_OF_FACTS: readonly PlantedBug[] = [
  {
    id: "fill-key-has-source",
    what: "A fill of the stream and the same fill of the history are two.",
    file: "src/core/reconcile/fills.ts",
    find: "    fillKey: identity.fillKey,\n    leg,",
    replace: '    fillKey: [identity.fillKey, context.source].join(":") as FillKey,\n    leg,',
  },
  {
    id: "fill-key-by-size",
    what: "Two fills of one order that are of the same size are taken for one.",
    file: "src/core/reconcile/identify.ts",
    find: "  const fillKey = fillKeyOf(row.instrument, venueOrderId, tradeId, row.side);\n  const known",
    replace: "  const fillKey = fillKeyOf(row.instrument, venueOrderId, row.qty, row.side);\n  const known",
  },
  {
    id: "sell-counts-as-buy",
    what: "A sale makes the position larger.",
    file: "src/core/book/effects.ts",
    find: 'const traded = fill.side === "buy" ? fill.qty : negate(fill.qty);',
    replace: "const traded = fill.qty;",
  },
  {
    id: "fee-in-base-ignored",
    what: "A fee that is taken from what is bought is not taken off the position.",
    file: "src/core/book/effects.ts",
    find: "return isFeeInKind(instrument, fill) ? add(traded, negate(fill.fee ?? ZERO)) : traded;",
    replace: "return traded;",
  },
  {
    id: "fee-sign",
    what: "A fee is added to the balance instead of taken off.",
    file: "src/core/book/effects.ts",
    find: "moves.push({ asset: fill.feeCurrency, delta: negate(fill.fee ?? ZERO) });",
    replace: "moves.push({ asset: fill.feeCurrency, delta: fill.fee ?? ZERO });",
  },
  {
    id: "hedge-leg-by-side",
    what: "In hedge mode a sale is booked on the short leg, also where it reduces the long one.",
    file: "src/core/reconcile/fills.ts",
    find: 'if (row.leg !== undefined && row.leg !== "net") return row.leg;',
    replace: 'if (row.leg !== undefined && row.leg !== "net") return row.side === "buy" ? "long" : "short";',
  },
  {
    id: "reversal-ignored",
    what: "A fill that the venue takes back stays booked.",
    file: "src/engine/session.ts",
    find: 'if (fill) this.writer.stage([draft("fill_reversed", { fillKey: fill.facts.fillKey, reason }, "stream")]);',
    replace: "void fill;\n    void reason;",
  },
  {
    id: "estimate-not-consumed",
    what: "A late fill is booked beside the estimate that stood for it.",
    file: "src/core/reconcile/estimates.ts",
    find: `lagMs, nowMs)) continue;
    const taken = rest.take(open);`,
    replace: `lagMs, nowMs)) continue;
    rest.take(open);
    const taken = ZERO;`,
  },
  {
    id: "estimate-taken-whole",
    what: "A late fill removes the whole estimate, also where it is only a part of it.",
    file: "src/core/reconcile/estimates.ts",
    find: "  const qtyDelta = subtract(open.remaining, taken);",
    replace: "  const qtyDelta = subtract(taken, taken);",
  },
  {
    id: "fills-of-orders-lost",
    what: "A canceled order's row brings no fills: what was filled before it was canceled is forgotten.",
    file: "src/core/reconcile/order-rows.ts",
    find: "export function missingQty(order: Order | undefined, row: OrderRow): Decimal {",
    replace:
      'export function missingQty(order: Order | undefined, row: OrderRow): Decimal {\n  if (row.status === "canceled") return ZERO;',
  },
  {
    id: "order-goes-backwards",
    what: "An older row of an order takes back what is known of it.",
    file: "src/core/reconcile/order-rows.ts",
    find: "return rankOf(row.status) < rankOf(local) && !(isInferred && isTerminal(local));",
    replace: "return isInferred && rankOf(row.status) < rankOf(local);",
  },
  {
    id: "late-acceptance-reopens",
    what: "An acceptance that comes late opens an order again that has ended.",
    file: "src/core/commands/outcome.ts",
    find: '  const isByVenue = order.statusSource === "venue" || order.statusSource === "stream";',
    replace: "  const isByVenue = false;",
  },
  {
    id: "opening-counts-fills-twice",
    what: "What was held before the first read is taken whole, beside the fills that led to it.",
    file: "src/core/reconcile/opening.ts",
    find: "const qty = subtract(venueQty, sum(entries.map((entry) => entry.qtyDelta)));",
    replace: "const qty = venueQty;\n  void sum;",
  },
  {
    id: "ledger-entry-twice",
    what: "A ledger entry counts again at every read that has it.",
    file: "src/core/book/fold-positions.ts",
    find: "  book.ledgerIds.add(payload.id);",
    replace: "",
  },
  {
    id: "transfers-ignored",
    what: "Money that is moved in or out is not counted.",
    file: "src/core/book/balances.ts",
    find: "  if (asset === undefined || delta === undefined || isZero(delta)) return false;",
    replace:
      '  if (asset === undefined || delta === undefined || isZero(delta) || cause === "transfer") return false;',
  },
  {
    id: "late-fill-moves-money-twice",
    what: "A fill from before the venue's stated balance moves that balance all the same.",
    file: "src/core/book/balances.ts",
    find: "  if (balance.isWitnessed && timestamp < balance.asOfMs) return false;",
    replace: "",
  },
  {
    id: "fill-of-strategy-unattributed",
    what: "A fill of a bot's order is nobody's, unless the venue names the bot.",
    file: "src/core/reconcile/attribute.ts",
    find: "return stated ?? strategyOfClientId(policy, clientIdOf(row, order)) ?? UNATTRIBUTED;",
    replace: "void stated;\n  return row.strategy ?? UNATTRIBUTED;",
  },
  {
    id: "float-add",
    what: "Decimals are added as floating-point numbers.",
    file: "src/core/decimal.ts",
    find: "    return canonical(first + second, scale);",
    replace: "    return decimal(String(Number(a) + Number(b)));",
  },
  {
    id: "float-multiply",
    what: "Decimals are multiplied as floating-point numbers.",
    file: "src/core/decimal.ts",
    find: "return canonical(product, scaleA + shortScale);",
    replace: "return decimal(String(Number(a) * Number(b)));",
  },
  {
    id: "negative-zero",
    what: "The negative of zero is another zero.",
    file: "src/core/decimal.ts",
    find: "export function negate(a: Decimal): Decimal {\n  if (a === ZERO) return a;",
    replace: "export function negate(a: Decimal): Decimal {",
  },
  {
    id: "compare-as-text",
    what: "9 is larger than 10.",
    file: "src/core/decimal.ts",
    find: "const isLarger = longer === 0 ? a > b : longer > 0;",
    replace: "const isLarger = a > b;\n  void longer;",
  },
];
