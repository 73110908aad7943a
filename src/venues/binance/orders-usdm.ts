// Orders of USD-M futures, of both services: open ones, and single ones by either id. A conditional order that has fired is
// told as the order that goes on in its place, with its own id as the one before.
import type { FillRow, OrderLookup, OrderRow, Section } from "../../core/index.ts";
import { type OrderQuery, unavailable } from "../venue.ts";
import type { Answer } from "../wire/answer.ts";
import type { Parsed } from "../wire/fields.ts";
import { listOf, partialIf } from "../wire/sections.ts";
import type { BinanceClient } from "./client.ts";
import { algoIdOf, asFired, type OrderFacts, parseAlgoOrder, parseOrder } from "./parse-usdm-order.ts";
import type { Symbols } from "./symbols.ts";

/** Conditional orders that fired and are remembered; the oldest go first. */
const FIRED_MAX = 5_000;

export class UsdmOrders {
  private readonly symbols: Symbols;
  /** By instrument and the id of the order that goes on: the conditional one. */
  private readonly fired = new Map<string, OrderRow>();

  constructor(symbols: Symbols) {
    this.symbols = symbols;
  }

  /** A conditional order became this one. */
  noteFired(algo: OrderRow, orderId: string): void {
    const [oldest] = this.fired.keys();
    if (this.fired.size >= FIRED_MAX && oldest !== undefined) this.fired.delete(oldest);
    this.fired.set(`${algo.instrument}|${orderId}`, algo);
  }

  /** The order as one, where it is known to have been a conditional one. */
  whole(order: OrderRow): OrderRow {
    const algo = this.fired.get(`${order.instrument}|${order.venueOrderId}`);
    return algo === undefined ? order : asFired(order, algo);
  }

  /** A trade of an order that was a conditional one is of whoever sent that one: the client's id is the first's. */
  ofWhole(fill: FillRow): FillRow {
    const algo = this.fired.get(`${fill.instrument}|${fill.venueOrderId}`);
    const { clientOrderId } = algo ?? {};
    return clientOrderId === undefined ? fill : { ...fill, clientOrderId };
  }

  /** Two lists; where one is missing, the other's rows count and nothing is concluded from absence. */
  async open(client: BinanceClient): Promise<Section<OrderRow>> {
    const [plain, algo] = await Promise.all([
      client.get("the open orders", "/fapi/v1/openOrders"),
      client.get("the open conditional orders", "/fapi/v1/openAlgoOrders"),
    ]);
    const orders = factsOf("the open orders", plain, (item) => parseOrder(item, this.symbols));
    const conditional = factsOf("the open conditional orders", algo, (item) =>
      parseAlgoOrder(item, this.symbols),
    );
    const problems = [...orders.problems, ...conditional.problems];
    if (orders.isMissing && conditional.isMissing) return unavailable(problems.join("; "));
    for (const { row, firedAs } of conditional.facts) if (firedAs !== undefined) this.noteFired(row, firedAs);
    const rows = [...orders.facts, ...conditional.facts.filter(({ firedAs }) => firedAs === undefined)];
    return partialIf(
      rows.map(({ row }) => this.whole(row)),
      problems,
    );
  }

  async find(client: BinanceClient, query: OrderQuery): Promise<OrderLookup> {
    const { instrument, venueOrderId, clientOrderId } = query;
    const symbol = this.symbols.symbolOf(instrument);
    if (symbol === undefined) return unknown(`${instrument} is no instrument of USD-M futures`);
    const algoId = algoIdOf(venueOrderId);
    if (venueOrderId !== undefined) {
      const found =
        algoId === undefined
          ? await this.plain(client, instrument, { symbol, orderId: venueOrderId })
          : await this.conditional(client, instrument, { algoId });
      if (found.kind !== "none" || clientOrderId === undefined) return found;
    }
    if (clientOrderId === undefined) return unknown("an order cannot be looked up without an id");
    const plain = await this.plain(client, instrument, { symbol, origClientOrderId: clientOrderId });
    if (plain.kind !== "none") return ofClientId(plain, clientOrderId);
    return ofClientId(
      await this.conditional(client, instrument, { clientAlgoId: clientOrderId }),
      clientOrderId,
    );
  }

  private async plain(
    client: BinanceClient,
    instrument: string,
    params: Readonly<Record<string, string>>,
  ): Promise<OrderLookup> {
    const answer = await client.get("the order", "/fapi/v1/order", params);
    const found = lookup(answer, instrument, (item) => parseOrder(item, this.symbols));
    if ("kind" in found) return found;
    if (params.orderId !== undefined && found.row.venueOrderId !== params.orderId) {
      return unknown(`asked for the order ${params.orderId}, Binance answered for ${found.row.venueOrderId}`);
    }
    return { kind: "row", row: this.whole(found.row) };
  }

  private async conditional(
    client: BinanceClient,
    instrument: string,
    params: Readonly<Record<string, string>>,
  ): Promise<OrderLookup> {
    const answer = await client.get("the conditional order", "/fapi/v1/algoOrder", params);
    const found = lookup(answer, instrument, (item) => parseAlgoOrder(item, this.symbols));
    if ("kind" in found) return found;
    const { row, firedAs } = found;
    if (params.algoId !== undefined && algoIdOf(row.venueOrderId) !== params.algoId) {
      return unknown(
        `asked for the conditional order ${params.algoId}, Binance answered for ${row.venueOrderId}`,
      );
    }
    if (firedAs === undefined) return { kind: "row", row };
    this.noteFired(row, firedAs);
    const symbol = this.symbols.symbolOf(instrument) ?? "";
    const order = await this.plain(client, instrument, { symbol, orderId: firedAs });
    if (order.kind !== "none") return order;
    return unknown(`the order ${firedAs}, which ${row.venueOrderId} became, is not found`);
  }
}

interface Listed {
  readonly facts: readonly OrderFacts[];
  readonly problems: readonly string[];
  readonly isMissing: boolean;
}

export function factsOf(what: string, answer: Answer, parse: (item: unknown) => Parsed<OrderFacts>): Listed {
  const listed = listOf(what, answer);
  if (listed.kind === "failed") return { facts: [], problems: [listed.problem], isMissing: true };
  const parsed = listed.items.map(parse);
  const facts = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  const problems = [
    ...parsed.flatMap((one) => (one.kind === "problem" ? [one.problem] : [])),
    ...facts.flatMap(({ doubt }) => (doubt === undefined ? [] : [doubt])),
  ];
  return { facts, problems, isMissing: false };
}

/** One order of the instrument that was asked for, or what is known instead. */
export function lookup(
  answer: Answer,
  instrument: string,
  parse: (item: unknown) => Parsed<OrderFacts>,
): OrderFacts | Exclude<OrderLookup, { kind: "row" }> {
  if (answer.kind === "failed") return unknown(answer.problem);
  if (answer.kind === "notFound") return { kind: "none" };
  const parsed = parse(answer.value);
  if (parsed.kind === "problem") return unknown(parsed.problem);
  const { row } = parsed.row;
  if (row.instrument === instrument) return parsed.row;
  return unknown(`asked for an order of ${instrument}, Binance answered for ${row.instrument}`);
}

export function ofClientId(found: OrderLookup, clientOrderId: string): OrderLookup {
  if (found.kind !== "row" || found.row.clientOrderId === clientOrderId) return found;
  return unknown(
    `asked for the order ${clientOrderId}, Binance answered for ${found.row.clientOrderId ?? "none"}`,
  );
}

function unknown(problem: string): Exclude<OrderLookup, { kind: "row" } | { kind: "none" }> {
  return { kind: "unknown", problem };
}
