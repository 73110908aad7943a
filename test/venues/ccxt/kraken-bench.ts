// The conformance bench of Kraken's spot market: a server of this machine that renders the neutral account in Kraken's
// words. Every request's signature and its number, which must be above the last one's, are looked at again here.
import { createHash, createHmac } from "node:crypto";
import {
  type AccountView,
  type Bench,
  json,
  type ModelFill,
  type ModelInstrument,
  type ModelOrder,
  numeric,
  type PageOf,
  type Part,
  type Route,
  type WireReply,
  type WireRequest,
  WireServer,
} from "../../../src/conformance/index.ts";
import { add, type Decimal, decimal, multiply, negate, sign } from "../../../src/core/index.ts";
import { PROFILE_DECLARATIONS } from "../../../src/venues/ccxt/declaration.ts";
import { openCcxt, readPayload } from "../../../src/venues/ccxt/index.ts";
import { declarationOf, type Row } from "./support.ts";

const COINS: Readonly<Record<string, readonly [id: string, name: string]>> = {
  BTC: ["XXBT", "XBT"],
  ETH: ["XETH", "ETH"],
  USD: ["ZUSD", "USD"],
};

function coin(code: string, price: string, qtyStep: string): ModelInstrument {
  const id = COINS[code]?.[0] ?? code;
  return {
    instrument: {
      symbol: `${code}/USD`,
      qtyStep: decimal(qtyStep),
      priceStep: decimal("0.1"),
      multiplier: decimal("1"),
      base: code,
      quote: "USD",
      settlement: "cash",
    },
    kind: "spot",
    venueSymbol: `${id}ZUSD`,
    price: decimal(price),
    lot: decimal("0.1"),
  };
}

export const KRAKEN_KEYS = {
  apiKey: "canary-kraken-key-5b2f-000000000001",
  secret: Buffer.from("CANARY SECRET KRAKEN 0000000001").toString("base64"),
} as const;

/** Fees are told by the ledger, entries besides trades by a second bench: the counter of a key is too small for both at once. */
export function krakenBench(kind: "fees" | "fees in coins" | "entries"): Bench {
  const feeRatio = kind === "entries" ? {} : { feeRatio: decimal("0.0026") };
  return {
    name: `ccxt kraken ${kind}`,
    declaration: declarationOf(PROFILE_DECLARATIONS, "ccxt:kraken"),
    positionMode: "net",
    instruments: [coin("BTC", "30000", "0.00000001"), coin("ETH", "2000", "0.00000001")],
    accountId: "AA88 N84G WOAK NMOI",
    balances: { USD: decimal("5000000") },
    account: {
      ...feeRatio,
      feeIn: kind === "fees in coins" ? "base" : "quote",
      idOf: (of, number) => `${of === "order" ? "O" : of === "trade" ? "T" : "L"}AAAAA-BBBBB-${number}`,
    },
    keys: KRAKEN_KEYS,
    happenings: kind === "entries" ? ["manual", "transfer"] : ["manual"],
    pageMax: { fills: 50 },
    readPayload: (payload, hint) => readPayload(payload, hint === undefined ? "kraken" : `kraken ${hint}`),
    server: (model) => new KrakenWire(model),
    open: ({ url, keys, fetch, clock }) =>
      openCcxt({
        exchange: "kraken",
        environment: "live",
        baseUrl: url,
        credentials: keys,
        options: { tier: "intermediate" },
        fetch,
        clock,
        timeoutMs: 30_000,
      }),
  };
}

type Rows = readonly (readonly [id: string, row: Row])[];

export class KrakenWire extends WireServer {
  /** Rows besides the account's. */
  extraBalances: Row = {};
  extraOrders: Row = {};
  extraTrades: Rows = [];
  extraLedger: Rows = [];
  extraPairs: Row = {};
  margin: Row = {};
  permissions: readonly string[] = [
    "query-funds",
    "query-open-trades",
    "query-closed-trades",
    "query-ledger",
  ];
  /** What is answered in place of anything, with status 200. */
  errors: readonly string[] = [];
  /** What is said beside every answer. */
  warnings: readonly string[] = [];
  /** Called between two pages. */
  onPage: (path: string) => void = () => undefined;
  private lastNonce = 0;

  protected override refusalOf({ path, headers, body }: WireRequest): WireReply | undefined {
    if (path.startsWith("/0/public/")) return undefined;
    if (headers["api-key"] !== KRAKEN_KEYS.apiKey) return failed("EAPI:Invalid key");
    const nonce = Number(new URLSearchParams(body).get("nonce"));
    const digest = createHash("sha256").update(`${nonce}${body}`).digest();
    const signature = createHmac("sha512", Buffer.from(KRAKEN_KEYS.secret, "base64"))
      .update(Buffer.concat([Buffer.from(path), digest]))
      .digest("base64");
    if (headers["api-sign"] !== signature) return failed("EAPI:Invalid signature");
    if (nonce <= this.lastNonce) return failed("EAPI:Invalid nonce");
    this.lastNonce = nonce;
    return this.errors.length > 0 ? failed(...this.errors) : undefined;
  }

  protected override routes(): readonly Route[] {
    const post = (
      path: string,
      of: readonly Part[],
      result: (query: URLSearchParams, account: AccountView, page: PageOf) => unknown,
    ): Route => ({
      of,
      method: "POST",
      path: new RegExp(`/0/private/${path}`),
      reply: ({ body }, account, page) => {
        const value = result(new URLSearchParams(body), account, page);
        return value === undefined
          ? failed("EOrder:Unknown order")
          : json({ error: this.warnings, result: value });
      },
    });
    return [
      {
        of: ["instruments"],
        method: "GET",
        path: /\/0\/public\/AssetPairs/,
        reply: (_, account) => json({ error: [], result: this.pairs(account) }),
      },
      post("GetApiKeyInfo", ["account"], (_, { accountId }) => ({
        apiKeyName: "trueup",
        permissions: this.permissions,
        iban: accountId,
        validUntil: "0",
        queryFrom: "0",
        queryTo: "0",
        ipAllowlist: ["203.0.113.9"],
      })),
      post("BalanceEx", ["positions", "balances"], (_, { balances }) => ({
        ...Object.fromEntries(
          balances.map(({ asset, total }) => [idOf(asset), { balance: total, hold_trade: "0.0000" }]),
        ),
        ...this.extraBalances,
      })),
      post("OpenPositions", ["positions"], () => this.margin),
      post("OpenOrders", ["orders"], (query, account) => {
        const id = query.get("cl_ord_id");
        const rows = account.orders.filter((one) => isOpen(one) && (id === null || one.clientOrderId === id));
        return { open: { ...byId(rows), ...(id === null && this.extraOrders) } };
      }),
      post("ClosedOrders", ["order"], (query, account) => {
        const rows = account.orders.filter(
          (one) => !isOpen(one) && one.clientOrderId === query.get("cl_ord_id"),
        );
        return { closed: byId(rows), count: numeric(String(rows.length)) };
      }),
      post("QueryOrders", ["order"], (query, account) => {
        const rows = account.orders.filter(({ venueOrderId }) => venueOrderId === query.get("txid"));
        return rows.length === 0 ? undefined : byId(rows);
      }),
      post("TradesHistory", ["fills"], (query, account, page) => {
        this.onPage("TradesHistory");
        const rows = [...account.fills.map(tradeRow), ...this.extraTrades];
        return paged("trades", rows, query, page);
      }),
      post("Ledgers", ["ledger"], (query, account, page) => {
        this.onPage("Ledgers");
        return paged("ledger", [...ledgerRows(account), ...this.extraLedger], query, page);
      }),
    ];
  }

  protected override notFound(): WireReply {
    return failed("EGeneral:Unknown method");
  }

  private pairs({ instruments }: AccountView): Row {
    const own = instruments.map(({ venueSymbol, instrument: { base } }) => {
      const [id, name] = COINS[base ?? ""] ?? ["", ""];
      return [
        venueSymbol,
        {
          altname: `${name}USD`,
          wsname: `${name}/USD`,
          aclass_base: "currency",
          base: id,
          aclass_quote: "currency",
          quote: "ZUSD",
          pair_decimals: 1,
          lot_decimals: 8,
          leverage_buy: [],
          leverage_sell: [],
          fees: [[0, 0.26]],
          fees_maker: [[0, 0.16]],
          ordermin: "0.0001",
          costmin: "0.5",
          status: "online",
        },
      ];
    });
    return { ...Object.fromEntries(own), ...this.extraPairs };
  }
}

function failed(...errors: readonly string[]): WireReply {
  return json({ error: errors });
}

function idOf(asset: string): string {
  return COINS[asset]?.[0] ?? asset;
}

/** Seconds with a fraction, as a number. */
export function seconds(ms: number): unknown {
  return numeric(`${Math.floor(ms / 1_000)}.${String(ms % 1_000).padStart(3, "0")}4321`);
}

/** Newest first, so many of a page, behind the offset. */
function paged(field: string, rows: Rows, query: URLSearchParams, page: PageOf): Row {
  const start = Number(query.get("start"));
  const end = Number(query.get("end"));
  const unique = new Map(rows);
  const all = [...unique].filter(([, { time }]) => {
    const at = Number(JSON.stringify(time));
    return at > start && at <= end;
  });
  const ofs = Number(query.get("ofs") ?? 0);
  const shown = all.toReversed().slice(ofs, ofs + page(null, 50));
  return { [field]: Object.fromEntries(shown), count: numeric(String(all.length)) };
}

function isOpen({ status }: ModelOrder): boolean {
  return status === "open" || status === "partially_filled";
}

function byId(orders: readonly ModelOrder[]): Row {
  return Object.fromEntries(orders.map((one) => [one.venueOrderId, orderRow(one)]));
}

const STATES: Readonly<Record<string, string>> = { filled: "closed", partially_filled: "open" };

function orderRow(order: ModelOrder): Row {
  const [base = ""] = order.instrument.split("/");
  return {
    refid: null,
    userref: null,
    cl_ord_id: order.clientOrderId,
    status: STATES[order.status] ?? order.status,
    opentm: seconds(order.createdAt),
    starttm: 0,
    expiretm: 0,
    descr: {
      pair: `${COINS[base]?.[1] ?? base}USD`,
      aclass: "forex",
      type: order.side,
      ordertype: order.type,
      price: order.price ?? "0",
      price2: "0",
      leverage: "none",
      order: "",
      close: "",
    },
    vol: order.qty,
    vol_exec: order.filledQty,
    cost: "0.00000",
    fee: "0.00000",
    price: order.avgPrice ?? "0.00000",
    stopprice: "0.00000",
    limitprice: "0.00000",
    misc: "",
    oflags: "fciq",
  };
}

function tradeRow(fill: ModelFill): Rows[number] {
  const [base = ""] = fill.instrument.split("/");
  return [
    fill.tradeId,
    {
      ordertxid: fill.venueOrderId,
      postxid: "TKH2SE-M7IF5-CFI7LT",
      pair: `${idOf(base)}ZUSD`,
      time: seconds(fill.timestamp),
      type: fill.side,
      ordertype: "limit",
      price: fill.price,
      cost: multiply(fill.qty, fill.price),
      fee: fill.fee,
      vol: fill.qty,
      margin: "0.00000",
      leverage: "0",
      misc: "",
      trade_id: fill.seq,
      maker: true,
    },
  ];
}

/** Two of each trade, in the order in which things happened. */
function ledgerRows({ fills, ledger }: AccountView): Rows {
  const trades = fills.flatMap((fill): { readonly at: number; readonly row: Rows[number] }[] => {
    const [base = ""] = fill.instrument.split("/");
    const cost = multiply(fill.qty, fill.price);
    const isBuy = fill.side === "buy";
    const entry = (asset: string, amount: Decimal): Row => ({
      refid: fill.tradeId,
      time: seconds(fill.timestamp),
      type: "trade",
      subtype: "",
      aclass: "currency",
      asset: idOf(asset),
      amount,
      fee: fill.feeCurrency === asset ? fill.fee : "0.0000",
      balance: "0.0000",
    });
    return [
      { at: fill.timestamp, row: [`L${fill.tradeId}-1`, entry(base, isBuy ? fill.qty : negate(fill.qty))] },
      { at: fill.timestamp, row: [`L${fill.tradeId}-2`, entry("USD", isBuy ? negate(cost) : cost)] },
    ];
  });
  const others = ledger.map(({ id, timestamp, asset, amount }) => ({
    at: timestamp,
    row: [
      id,
      {
        refid: `R${id}`,
        time: seconds(timestamp),
        type: sign(amount ?? decimal("0")) < 0 ? "withdrawal" : "deposit",
        subtype: "",
        aclass: "currency",
        asset: idOf(asset ?? ""),
        amount: add(amount ?? decimal("0"), decimal("0")),
        fee: "0.0000",
        balance: "0.0000",
      },
    ] as Rows[number],
  }));
  return [...trades, ...others].sort((a, b) => a.at - b.at).map(({ row }) => row);
}
