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
const PAGES_MAX = 10;
/** Orders of one symbol that are asked for one by one in one read. */
const SINGLE_MAX = 20;

interface Origin {
  readonly clientOrderId?: string;
  readonly forced?: Cause;
}

export interface OriginSource {
  readonly symbols: Symbols;
  /** Orders from an id on; of futures those of the last seven days alone. */
  readonly path: string;
  /** One order by its id. */
  readonly onePath: string;
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
  ): Promise<{
    readonly fills: readonly FillRow[];
    readonly problems: readonly string[];
    /** Before the first fill of which it is not known; infinite where there is none. */
    readonly provenMs: number;
  }> {
    const problems: string[] = [];
    const failed = new Set<string>();
    for (const [instrument, ids] of this.missing(fills)) {
      const symbol = this.source.symbols.symbolOf(instrument) ?? instrument;
      const problem = await this.read(client, symbol, ids, asking);
      if (problem === undefined) continue;
      problems.push(problem);
      failed.add(instrument);
    }
    const provenMs = fills
      .filter(({ instrument }) => failed.has(instrument))
      .filter(({ instrument, venueOrderId = "" }) => !this.byOrder.has(keyOf(instrument, venueOrderId)))
      .reduce((least, { timestamp }) => Math.min(least, timestamp - 1), Number.POSITIVE_INFINITY);
    return { fills: fills.map((fill) => this.withOrigin(fill)), problems, provenMs };
  }

  private withOrigin(fill: FillRow): FillRow {
    const origin = this.byOrder.get(keyOf(fill.instrument, fill.venueOrderId ?? ""));
    return origin === undefined ? fill : { ...fill, ...origin };
  }

  private missing(fills: readonly FillRow[]): ReadonlyMap<string, readonly bigint[]> {
    const missing = new Map<string, Set<bigint>>();
    for (const { instrument, venueOrderId = "" } of fills) {
      if (this.byOrder.has(keyOf(instrument, venueOrderId)) || !/^\d+$/.test(venueOrderId)) continue;
      const ids = missing.get(instrument) ?? new Set();
      missing.set(instrument, ids.add(BigInt(venueOrderId)));
    }
    return new Map([...missing].map(([instrument, ids]) => [instrument, [...ids]]));
  }

  /** Futures number their orders above 2^53, so no id is ever a float here. */
  private async read(
    client: BinanceClient,
    symbol: string,
    ids: readonly bigint[],
    asking: Asking,
  ): Promise<string | undefined> {
    let orderId = ids.reduce((least, id) => (id < least ? id : least));
    const instrument = this.source.symbols.instrumentOf(symbol) ?? symbol;
    const unknown = () => ids.filter((id) => !this.byOrder.has(keyOf(instrument, String(id))));
    for (let page = 0; page < PAGES_MAX && unknown().length > 0; page += 1) {
      const params = { symbol, orderId: String(orderId), limit: ORDERS_PAGE };
      const found = await this.list(client, this.source.path, params, asking);
      if (typeof found === "string") return found;
      // Only an empty page is the end: one that is short may have been cut short.
      if (found.length === 0) break;
      orderId = found.reduce((most, id) => (id > most ? id : most)) + 1n;
      if (ids.every((id) => id < orderId)) break;
    }
    const { forcedPath } = this.source;
    if (forcedPath !== undefined && unknown().length > 0) {
      const found = await this.list(client, forcedPath, { symbol, limit: 100 }, asking);
      if (typeof found === "string") return found;
    }
    return this.readSingly(client, { symbol, instrument, ids: unknown() }, asking);
  }

  /** What no list had: an older order than the list reaches back to, or one behind more orders than were read. */
  private async readSingly(
    client: BinanceClient,
    { symbol, instrument, ids }: { symbol: string; instrument: string; ids: readonly bigint[] },
    asking: Asking,
  ): Promise<string | undefined> {
    for (const id of ids.slice(0, SINGLE_MAX)) {
      const orderId = String(id);
      const what = `the order ${orderId} of ${symbol}`;
      if (!asking.mayAsk()) return noTimeText(symbol);
      const answer = await client.get(what, this.source.onePath, { symbol, orderId });
      if (answer.kind === "failed") return answer.problem;
      const parsed = answer.kind === "answer" ? this.source.parse(answer.value) : undefined;
      const row = parsed?.kind === "row" ? parsed.row.row : undefined;
      // What Binance does not have any more is asked for no second time.
      this.note(instrument, orderId, row?.venueOrderId === orderId ? row.clientOrderId : undefined);
    }
    if (ids.length <= SINGLE_MAX) return undefined;
    return `whose orders of ${symbol} were filled is not known yet of ${ids.length - SINGLE_MAX}`;
  }

  /** Takes a list in; the ids that were in it, or why there is none. */
  private async list(
    client: BinanceClient,
    path: string,
    params: Params,
    asking: Asking,
  ): Promise<readonly bigint[] | string> {
    const what = `the orders of ${params.symbol}`;
    if (!asking.mayAsk()) return noTimeText(String(params.symbol));
    const listed = listOf(what, await client.get(what, path, params));
    if (listed.kind === "failed") return listed.problem;
    return listed.items.flatMap((item) => {
      const parsed = this.source.parse(item);
      if (parsed.kind === "problem") return [];
      const { instrument, venueOrderId = "", clientOrderId } = parsed.row.row;
      this.note(instrument, venueOrderId, clientOrderId);
      return /^\d+$/.test(venueOrderId) ? [BigInt(venueOrderId)] : [];
    });
  }
}

function noTimeText(symbol: string): string {
  return `there was no time left to ask whose orders of ${symbol} were filled`;
}

function keyOf(instrument: string, venueOrderId: string): string {
  return `${instrument}|${venueOrderId}`;
}
