// One account at Kraken, which is read and never changed: joins the other files into what a venue is asked for.
import type { Instrument, OrderLookup } from "../../../core/index.ts";
import type { Finding } from "../../finding.ts";
import { type History, type OrderQuery, type Snapshot, unavailable } from "../../venue.ts";
import { newAsking } from "../../wire/asking.ts";
import { isObject } from "../../wire/fields.ts";
import { describeFailure } from "../../wire/words.ts";
import type { Exchange } from "../exchange.ts";
import type { Account, ProfileParts } from "../profile.ts";
import { Spelled } from "../spelled.ts";
import { ask } from "./ask.ts";
import { checkup } from "./checkup.ts";
import { readHistory } from "./history.ts";
import { MarketNames, spotInstrument } from "./names.ts";
import { parseOrder } from "./parse.ts";
import { readSnapshot, rowsOf } from "./reads.ts";

export class KrakenAccount implements Account {
  private readonly parts: ProfileParts;
  private readonly spelled: Spelled;
  private readonly names: MarketNames;

  constructor(parts: ProfileParts) {
    this.parts = parts;
    this.names = new MarketNames(parts.markets);
    this.spelled = new Spelled(parts.markets, {
      marketTypes: parts.marketTypes,
      idOf: ({ id }) => id,
      isName: (text) => parts.markets.of(text) !== undefined,
    });
    // The list of pairs names every asset that is traded; one of currencies alone would cost another request.
    Object.assign(parts.exchange.has, { fetchCurrencies: false });
    countUp(parts.exchange);
  }

  instrument(symbol: string): Instrument | undefined {
    return spotInstrument(symbol, this.parts.markets.of(symbol));
  }

  named(spelling: string): readonly string[] {
    return this.spelled.named(spelling);
  }

  /** Without the list of pairs no name of Kraken's can be told from another. */
  async snapshot(): Promise<Snapshot> {
    const problem = await this.withoutMarkets();
    if (problem === undefined) return readSnapshot({ client: this.parts.client, names: this.names });
    return { positions: unavailable(problem), orders: unavailable(problem), balances: unavailable(problem) };
  }

  async history(fromMs: number): Promise<History> {
    const problem = await this.withoutMarkets();
    if (problem !== undefined) return { fills: unavailable(problem), ledger: unavailable(problem) };
    const { client, clock } = this.parts;
    return readHistory({ client, names: this.names, asking: newAsking(clock) }, fromMs, clock.nowMs());
  }

  /** By Kraken's id whatever has become of it; by the client's among the open ones and the latest closed ones. */
  async order({ venueOrderId, clientOrderId }: OrderQuery): Promise<OrderLookup> {
    const problem = await this.withoutMarkets();
    if (problem !== undefined) return unknown(problem);
    if (venueOrderId !== undefined)
      return this.orderIn("QueryOrders", { txid: venueOrderId }, undefined, venueOrderId);
    if (clientOrderId === undefined) return unknown("an order cannot be looked up without an id");
    const query = { cl_ord_id: clientOrderId };
    const open = await this.orderIn("OpenOrders", query, "open", clientOrderId);
    return open.kind === "none" ? this.orderIn("ClosedOrders", query, "closed", clientOrderId) : open;
  }

  checkup(): Promise<readonly Finding[]> {
    const { client, clock } = this.parts;
    return checkup(client, clock);
  }

  private async orderIn(
    path: string,
    query: Readonly<Record<string, string>>,
    field: string | undefined,
    name: string,
  ): Promise<OrderLookup> {
    const answer = await ask(this.parts.client, "the order", path, query);
    if (answer.kind === "notFound") return { kind: "none" };
    if (answer.kind === "failed") return unknown(answer.problem);
    const value =
      field === undefined ? answer.value : isObject(answer.value) ? answer.value[field] : undefined;
    const listed = rowsOf("the order", { kind: "answer", value });
    if (listed.kind === "failed") return unknown(listed.problem);
    const [found, ...more] = listed.rows;
    if (!found) return { kind: "none" };
    if (more.length > 0) return unknown(`the order was answered with ${listed.rows.length} rows`);
    const parsed = parseOrder(found, this.names);
    if (parsed.kind === "problem") return unknown(parsed.problem);
    const { row } = parsed;
    const isAsked = field === undefined ? row.venueOrderId === name : row.clientOrderId === name;
    return isAsked ? parsed : unknown(`asked for the order ${name}, Kraken answered for ${row.venueOrderId}`);
  }

  private async withoutMarkets(): Promise<string | undefined> {
    const { markets, client } = this.parts;
    const problem = await markets.ready();
    return problem === undefined
      ? undefined
      : describeFailure("the markets", new Error(problem), client.words);
  }
}

/**
 * Kraken refuses a number that is not above the key's last one. ccxt takes the time in ms, and two requests of one ms are
 * the same to it.
 * @see node_modules/ccxt 4.5.84 js/src/kraken.js nonce (read 2026-11)
 */
function countUp(exchange: Exchange): void {
  const kraken = exchange as Exchange & { nonce: () => number };
  const { options } = exchange;
  kraken.nonce = () => {
    const last = typeof options.lastNonce === "number" ? options.lastNonce : 0;
    const next = Math.max(last + 1, exchange.milliseconds());
    options.lastNonce = next;
    return next;
  };
}

function unknown(problem: string): { readonly kind: "unknown"; readonly problem: string } {
  return { kind: "unknown", problem };
}
