// Whose order a trade was of: the list of trades names only the order's number. Its client order id says which strategy sent
// it, or that Binance itself closed the position. Asked for once per order and remembered.
import type { Cause, FillRow } from "../../core/index.ts";
import type { Asking } from "../wire/asking.ts";
import type { Parsed } from "../wire/fields.ts";
import { listOf } from "../wire/sections.ts";
import type { BinanceClient } from "./client.ts";
import { forcedBy } from "./parse.ts";
import type { OrderFacts } from "./parse-usdm-order.ts";
import type { Symbols } from "./symbols.ts";
import type { Params } from "./transport.ts";

/** Orders that are remembered; the oldest go first. */
const REMEMBERED_MAX = 20_000;
const ORDERS_PAGE = 1_000;
/** Pages of orders of one symbol in one read. */
const PAGES_MAX = 3;

interface Origin {
  readonly clientOrderId?: string;
  readonly forced?: Cause;
}

export interface OriginSource {
  readonly symbols: Symbols;
  readonly path: string;
  /** Where forced closes are listed by themselves; they need not be among the account's own orders. */
  readonly forcedPath?: string;
  readonly parse: (item: unknown) => Parsed<OrderFacts>;
}

export class Origins {
  private readonly source: OriginSource;
  private readonly byOrder = new Map<string, Origin>();

  constructor(source: OriginSource) {
    this.source = source;
  }

  note(instrument: string, venueOrderId: string, clientOrderId: string | undefined): void {
    const forced = forcedBy(clientOrderId);
    const [oldest] = this.byOrder.keys();
    if (this.byOrder.size >= REMEMBERED_MAX && oldest !== undefined) this.byOrder.delete(oldest);
    this.byOrder.set(keyOf(instrument, venueOrderId), {
      ...(clientOrderId !== undefined && { clientOrderId }),
      ...(forced !== undefined && { forced }),
    });
  }

  /** The fills with what is known of their orders, and why it is not known of some. */
  async of(
    client: BinanceClient,
    fills: readonly FillRow[],
    asking: Asking,
  ): Promise<{ readonly fills: readonly FillRow[]; readonly problems: readonly string[] }> {
    const problems: string[] = [];
    for (const [instrument, ids] of this.missing(fills)) {
      const symbol = this.source.symbols.symbolOf(instrument) ?? instrument;
      const problem = await this.read(client, symbol, ids, asking);
      if (problem !== undefined) problems.push(problem);
    }
    return { fills: fills.map((fill) => this.withOrigin(fill)), problems };
  }

  private withOrigin(fill: FillRow): FillRow {
    const origin = this.byOrder.get(keyOf(fill.instrument, fill.venueOrderId ?? ""));
    return origin === undefined ? fill : { ...fill, ...origin };
  }

  private missing(fills: readonly FillRow[]): ReadonlyMap<string, readonly number[]> {
    const missing = new Map<string, Set<number>>();
    for (const { instrument, venueOrderId = "" } of fills) {
      if (this.byOrder.has(keyOf(instrument, venueOrderId)) || !/^\d+$/.test(venueOrderId)) continue;
      const ids = missing.get(instrument) ?? new Set();
      missing.set(instrument, ids.add(Number(venueOrderId)));
    }
    return new Map([...missing].map(([instrument, ids]) => [instrument, [...ids]]));
  }

  private async read(
    client: BinanceClient,
    symbol: string,
    ids: readonly number[],
    asking: Asking,
  ): Promise<string | undefined> {
    let orderId = Math.min(...ids);
    const instrument = this.source.symbols.instrumentOf(symbol) ?? symbol;
    const isKnown = (id: number) => this.byOrder.has(keyOf(instrument, String(id)));
    for (let page = 0; page < PAGES_MAX && !ids.every(isKnown); page += 1) {
      const found = await this.list(
        client,
        this.source.path,
        { symbol, orderId, limit: ORDERS_PAGE },
        asking,
      );
      if (typeof found === "string") return found;
      if (found.length < ORDERS_PAGE) break;
      orderId = Math.max(...found) + 1;
    }
    const { forcedPath } = this.source;
    if (forcedPath !== undefined && !ids.every(isKnown)) {
      const found = await this.list(client, forcedPath, { symbol, limit: 100 }, asking);
      if (typeof found === "string") return found;
    }
    // What neither list has any more is asked for no second time.
    for (const id of ids.filter((one) => !isKnown(one))) this.note(instrument, String(id), undefined);
    return undefined;
  }

  /** Takes a list in; the ids that were in it, or why there is none. */
  private async list(
    client: BinanceClient,
    path: string,
    params: Params,
    asking: Asking,
  ): Promise<readonly number[] | string> {
    const what = `the orders of ${params.symbol}`;
    if (!asking.mayAsk()) return `there was no time left to ask whose orders of ${params.symbol} were filled`;
    const listed = listOf(what, await client.get(what, path, params));
    if (listed.kind === "failed") return listed.problem;
    return listed.items.flatMap((item) => {
      const parsed = this.source.parse(item);
      if (parsed.kind === "problem") return [];
      const { instrument, venueOrderId = "", clientOrderId } = parsed.row.row;
      this.note(instrument, venueOrderId, clientOrderId);
      return [Number(venueOrderId)];
    });
  }
}

function keyOf(instrument: string, venueOrderId: string): string {
  return `${instrument}|${venueOrderId}`;
}
