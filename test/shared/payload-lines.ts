// One line for each item of a payload that an adapter read: what tests of recorded payloads compare.
import type { BalanceRow, FillRow, LedgerRow, OrderRow, PositionRow } from "../../src/core/index.ts";
import type { PayloadItem, PayloadReading, StreamEvent } from "../../src/venues/index.ts";

export function linesOf({ items }: PayloadReading): readonly string[] {
  return items.map(lineOf);
}

export function lineOf(item: PayloadItem): string {
  switch (item.kind) {
    case "position":
      return positionLine(item.row);
    case "order":
      return orderLine(item.row);
    case "fill":
      return fillLine(item.row);
    case "balance":
      return balanceLine(item.row);
    case "ledger":
      return ledgerLine(item.row);
    case "instrument":
      return line("instrument", item.row.symbol, "step", item.row.qtyStep, "x", item.row.multiplier);
    case "totals":
      return line("totals", item.row.positionValue ?? item.row.quality);
    case "event":
      return `event ${eventLine(item.event)}`;
    case "outcome":
      return line(
        "outcome",
        item.outcome.kind,
        item.outcome.kind === "rejected" ? item.outcome.code : undefined,
      );
    case "ignored":
      return `ignored: ${item.reason}`;
    case "problem":
      return `problem: ${item.problem}`;
  }
}

function eventLine(event: StreamEvent): string {
  switch (event.kind) {
    case "fill":
      return fillLine(event.fill);
    case "fillReversed":
      return `reversed ${fillLine(event.fill)}`;
    case "order":
      return orderLine(event.order);
    case "position":
      return line(positionLine(event.position), event.cause);
    case "balance":
      return balanceLine(event.balance);
    case "ledger":
      return ledgerLine(event.entry);
    case "price":
      return line("price", event.instrument, event.last);
    case "gap":
    case "wake":
      return line(event.kind, event.reason);
    case "live":
      return "live";
  }
}

function positionLine(row: PositionRow): string {
  const leg = row.leg === "net" ? undefined : row.leg;
  const entry =
    row.entryPrice && line("at", row.entryPrice, row.entryPriceScale && `(${row.entryPriceScale})`);
  return line("position", row.instrument, leg, row.qty, entry);
}

function orderLine(row: OrderRow): string {
  const leg = row.leg === undefined || row.leg === "net" ? undefined : row.leg;
  const size = row.qty ? line("qty", row.qty) : row.notional && line("notional", row.notional);
  const filled = row.avgPrice && line(row.filledQty, "at", row.avgPrice);
  return line(
    ...["order", row.instrument, leg, row.side, row.type, size, row.price && line("at", row.price)],
    ...[row.triggerPrice && line("trigger", row.triggerPrice), row.status, filled],
  );
}

function fillLine(row: FillRow): string {
  const leg = row.leg === undefined || row.leg === "net" ? undefined : row.leg;
  const fee = row.fee && line("fee", row.fee, row.feeCurrency);
  return line(
    ...["fill", row.instrument, leg, row.side, row.qty, "at", row.price, fee, row.forced],
    row.positionAfter && line("position", row.positionAfter),
  );
}

function balanceLine(row: BalanceRow): string {
  return line("balance", row.asset, row.total, row.free && line("free", row.free));
}

function ledgerLine(row: LedgerRow): string {
  const qty = row.qtyDelta && line("qty", row.qtyDelta);
  return line(
    "ledger",
    row.cause,
    row.instrument,
    row.asset,
    row.amount,
    qty,
    row.price && line("at", row.price),
  );
}

function line(...words: readonly unknown[]): string {
  return words.filter((word) => word !== undefined && word !== "").join(" ");
}
