// The conformance bench of Hyperliquid: a server of this machine that renders the neutral account in Hyperliquid's words,
// on its two addresses (/info by `type`, /exchange) and its stream. It checks every signature against the body.
import {
  type AccountView,
  type Bench,
  json,
  type ModelAnswer,
  type ModelEntry,
  type ModelEvent,
  type ModelFill,
  type ModelInstrument,
  type ModelOrder,
  type PageOf,
  type Part,
  type Refusal,
  type Route,
  type WireClient,
  type WireReply,
  type WireRequest,
  WireServer,
} from "../../../src/conformance/index.ts";
import { abs, add, type Decimal, decimal, multiply, negate, subtract } from "../../../src/core/index.ts";
import { PROFILE_DECLARATIONS } from "../../../src/venues/ccxt/declaration.ts";
import { clientIdOf, cloidOf } from "../../../src/venues/ccxt/hyperliquid/cloid.ts";
import { openCcxt, readPayload } from "../../../src/venues/ccxt/index.ts";
import { byIndex, declarationOf, type Row } from "./support.ts";

export const WALLET = "0x8f3a5c7e9b1d2f4a6c8e0b1d3f5a7c9e1b3d5f70";
/** A key of nobody's: its digits are counted. */
export const PRIVATE_KEY = "0xc0ffee0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d";

/** Whom the key signs for: an API wallet of the account's. */
const API_WALLET = "0xca5c8b34f7acb5cfbc8726a1c48fbcfc7da10b5e";

const INSTRUMENTS: readonly ModelInstrument[] = [
  perpetual("BTC", "30000", "0.00001", "1", "0.002"),
  perpetual("ETH", "2000", "0.0001", "0.1", "0.03"),
];

function perpetual(
  coin: string,
  price: string,
  qtyStep: string,
  priceStep: string,
  lot: string,
): ModelInstrument {
  return {
    instrument: {
      symbol: `${coin}/USDC:USDC`,
      qtyStep: decimal(qtyStep),
      priceStep: decimal(priceStep),
      multiplier: decimal("1"),
      base: null,
      quote: "USDC",
      settlement: "margin",
    },
    kind: "linear",
    venueSymbol: coin,
    price: decimal(price),
    lot: decimal(lot),
  };
}

export const HYPERLIQUID_BENCH: Bench = {
  name: "ccxt hyperliquid",
  declaration: declarationOf(PROFILE_DECLARATIONS, "ccxt:hyperliquid"),
  positionMode: "net",
  instruments: INSTRUMENTS,
  accountId: WALLET,
  balances: { USDC: decimal("500000") },
  account: { feeRatio: decimal("0.00045") },
  keys: { privateKey: PRIVATE_KEY },
  happenings: ["manual", "transfer", "funding", "liquidation", "adl", "settlement"],
  tolerances: { isAccountNamedByUs: true },
  readPayload: (payload, hint) =>
    readPayload(payload, hint === undefined ? "hyperliquid" : `hyperliquid ${hint}`),
  server: (model) => new HyperliquidWire(model),
  open: ({ url, keys, fetch, clock, timers, random, openSocket }) =>
    openCcxt({
      exchange: "hyperliquid",
      environment: "live",
      baseUrl: url,
      credentials: { walletAddress: WALLET, privateKey: keys.privateKey ?? "" },
      marketTypes: ["swap"],
      fetch,
      clock,
      timeoutMs: 30_000,
      stream: { timers, random, openSocket },
    }),
};

/** Builders' dexes besides the exchange's own: name, and its coins with their places. */
export interface DexState {
  readonly name: string;
  /** Place of the settling token in the list of tokens. */
  readonly collateral: number;
  readonly coins: readonly string[];
  readonly positions: readonly Row[];
  readonly orders: readonly Row[];
}

const PARTS: Readonly<Record<string, readonly Part[]>> = {
  clearinghouseState: ["positions", "balances", "account"],
  spotClearinghouseState: ["balances"],
  frontendOpenOrders: ["orders"],
  openOrders: ["orders"],
  userFills: ["fills"],
  userFillsByTime: ["fills"],
  userFunding: ["ledger"],
  userNonFundingLedgerUpdates: ["ledger"],
  orderStatus: ["order"],
  userAbstraction: ["account"],
  userRole: ["account"],
  extraAgents: ["account"],
  perpDexs: ["instruments"],
  metaAndAssetCtxs: ["instruments"],
  spotMeta: ["instruments"],
  spotMetaAndAssetCtxs: ["instruments"],
};

export class HyperliquidWire extends WireServer {
  dexes: readonly DexState[] = [];
  /** What the spot wallet holds, besides the account's money. */
  spot: readonly Row[] = [];
  tokens: readonly string[] = ["USDC", "PURR", "USDH"];
  pairs: readonly { readonly name: string; readonly tokens: readonly [number, number] }[] = [
    { name: "PURR/USDC", tokens: [1, 0] },
  ];
  /** What the private key's address is. */
  roleOfKey: Row = { role: "agent", data: { user: WALLET } };
  /** Until when the key may sign; null where it is not listed. */
  keyEndsMs: number | null = null;
  /** Fills besides the account's. */
  extraFills: readonly Row[] = [];
  extraUpdates: readonly Row[] = [];
  /** A dex that answers nothing but an error. */
  deafDex: string | undefined;
  /** The key signs for another wallet. */
  refusesWallet = false;
  /** What was traded so far is too little for a scheduled cancel. */
  hasTradedLittle = false;
  /** Actions that were signed and sent, in order. */
  readonly actions: Row[] = [];

  protected override routes(): readonly Route[] {
    const infos = Object.entries(PARTS).map(
      ([type, of]): Route => ({
        of,
        method: "POST",
        path: /\/info/,
        when: ({ body }) => (JSON.parse(body) as Row).type === type,
        reply: (request, account, page) => this.info(JSON.parse(request.body) as Row, account, page),
      }),
    );
    const actions = (
      [
        ["order", "submit"],
        ["cancel", "cancel"],
        ["cancelByCloid", "cancel"],
        ["scheduleCancel", "cancel"],
      ] as const
    ).map(
      ([type, part]): Route => ({
        of: [part],
        method: "POST",
        path: /\/exchange/,
        when: ({ body }) => actionOf(body).type === type,
        reply: ({ body }) => this.exchange(JSON.parse(body) as Row),
      }),
    );
    // What ccxt sends by itself before an order: it is written down, and answered.
    const others: Route = {
      of: ["key"],
      method: "POST",
      path: /\/exchange/,
      reply: ({ body }) => {
        this.actions.push(actionOf(body));
        return json({ status: "ok", response: { type: "default" } });
      },
    };
    return [...infos, ...actions, others];
  }

  protected override notFound(request: WireRequest): WireReply {
    return { status: 422, text: `Failed to deserialize the JSON body: ${request.body.slice(0, 80)}` };
  }

  private info(asked: Row, account: AccountView, page: PageOf): WireReply {
    const dex = this.dexes.find(({ name }) => name === asked.dex);
    const isOurs = String(asked.user).toLowerCase() === account.accountId;
    switch (asked.type) {
      case "perpDexs":
        return json([null, ...this.dexes.map(({ name }) => ({ name, fullName: name.toUpperCase() }))]);
      case "metaAndAssetCtxs":
        return json(this.meta(account, dex));
      case "spotMeta":
        return json(this.spotMeta());
      case "spotMetaAndAssetCtxs":
        return json([this.spotMeta(), this.pairs.map(() => ({ midPx: "1.5", markPx: "1.5" }))]);
      case "userAbstraction":
        return json("disabled");
      case "userRole":
        if (asked.user === API_WALLET) return json(this.roleOfKey);
        return json({ role: isOurs ? "user" : "missing" });
      case "extraAgents":
        return json(
          this.keyEndsMs === null ? [] : [{ name: "one", address: API_WALLET, validUntil: this.keyEndsMs }],
        );
      case "clearinghouseState":
        if (this.deafDex !== undefined && asked.dex === this.deafDex)
          return { status: 500, text: "internal error" };
        return json(
          dex ? stateOf(dex.positions, []) : stateOf(isOurs ? this.positions(account) : [], account.balances),
        );
      case "spotClearinghouseState":
        return json({ balances: this.spot });
      case "frontendOpenOrders":
      case "openOrders":
        return json(dex ? dex.orders : openOrders(account).map((order) => this.orderRow(order)));
      case "userFills":
        return json(this.fills(account).toReversed().slice(0, page(null, 2_000)));
      case "userFillsByTime":
        return json(window(this.fills(account), asked).slice(0, page(null, 2_000)));
      case "userFunding":
        return json(
          window(account.ledger.filter(isFunding).map(fundingRow), asked).slice(0, page(null, 500)),
        );
      case "userNonFundingLedgerUpdates": {
        const own = account.ledger.filter((entry) => !isFunding(entry)).map(updateRow);
        return json(window([...own, ...this.extraUpdates], asked).slice(0, page(null, 500)));
      }
      case "orderStatus":
        return json(this.orderStatus(asked.oid, account));
      default:
        return { status: 422, text: "unknown type" };
    }
  }

  private meta(account: AccountView, dex: DexState | undefined): unknown {
    if (dex) {
      const universe = dex.coins.map((name) => ({ name, szDecimals: 3, maxLeverage: 10 }));
      return [{ universe, collateralToken: dex.collateral }, universe.map(() => ({ markPx: "100" }))];
    }
    const universe = account.instruments.map(({ venueSymbol, instrument }) => ({
      name: venueSymbol,
      szDecimals: instrument.qtyStep.split(".")[1]?.length ?? 0,
      maxLeverage: 50,
    }));
    return [{ universe, collateralToken: 0 }, account.instruments.map(({ price }) => ({ markPx: price }))];
  }

  private spotMeta(): unknown {
    return {
      tokens: this.tokens.map((name, index) => ({ name, index, szDecimals: 2, weiDecimals: 8 })),
      universe: this.pairs.map(({ name, tokens }, index) => ({ name, tokens, index })),
    };
  }

  private positions(account: AccountView): Row[] {
    return account.positions.map(({ instrument, qty, entryPrice }) => {
      const price = account.prices[instrument] ?? decimal("0");
      const entry = entryPrice ?? price;
      return {
        type: "oneWay",
        position: {
          coin: coinOf(instrument),
          szi: qty,
          entryPx: entry,
          positionValue: abs(multiply(qty, price)),
          unrealizedPnl: multiply(qty, subtract(price, entry)),
        },
      };
    });
  }

  private orderRow(order: ModelOrder): Row {
    const isTrigger = order.triggerPrice !== null;
    const words = { market: "Market", limit: "Limit", stop: "Stop Market", stop_limit: "Stop Limit" };
    return {
      coin: coinOf(order.instrument),
      side: order.side === "buy" ? "B" : "A",
      limitPx: order.price ?? "0.0",
      sz: subtract(order.qty ?? decimal("0"), order.filledQty),
      oid: Number(order.venueOrderId),
      timestamp: order.createdAt,
      triggerCondition: isTrigger ? `Price below ${order.triggerPrice}` : "N/A",
      isTrigger,
      triggerPx: order.triggerPrice ?? "0.0",
      children: [],
      isPositionTpsl: false,
      reduceOnly: order.reduceOnly,
      orderType: words[order.type],
      origSz: order.qty,
      tif: "Gtc",
      cloid: cloidOf(order.clientOrderId ?? "") ?? null,
    };
  }

  private fills(account: AccountView): Row[] {
    return [...account.fills.map(fillRow), ...this.extraFills].toSorted(
      (a, b) => Number(a.time) - Number(b.time),
    );
  }

  private orderStatus(oid: unknown, account: AccountView): unknown {
    const order = account.orders.find((one) =>
      typeof oid === "number" ? one.venueOrderId === String(oid) : cloidOf(one.clientOrderId ?? "") === oid,
    );
    if (!order) return { status: "unknownOid" };
    return { status: "order", order: { order: this.orderRow(order), ...statusOf(order) } };
  }

  private exchange(body: Row): WireReply {
    const action = body.action as Row;
    this.actions.push(action);
    if (!isSigned(body) || this.refusesWallet) {
      return json({ status: "err", response: `User or API Wallet ${WALLET} does not exist.` });
    }
    if (action.type === "scheduleCancel") return this.schedule(action);
    return action.type === "order" ? this.submit(action) : this.cancel(action);
  }

  /** @see node_modules/ccxt 4.5.84, js/src/hyperliquid.js, cancelAllOrdersAfter (the refusal; read 2026-11) */
  private schedule({ time }: Row): WireReply {
    const refused = (response: string) => json({ status: "err", response });
    if (this.hasTradedLittle) {
      return refused(
        "Cannot set scheduled cancel time until enough volume traded. Required: $1000000. Traded: $373.47205.",
      );
    }
    const inMs = time === undefined ? 0 : Number(time) - this.model.nowMs;
    if (time !== undefined && inMs < 5_000) return refused("invented: the time is too near");
    this.model.setSwitch(null, inMs);
    return json({ status: "ok", response: { type: "default" } });
  }

  private submit(action: Row): WireReply {
    const [order] = action.orders as Row[];
    const type = order?.t as { limit?: { tif: string }; trigger?: { isMarket: boolean; triggerPx: Decimal } };
    const isAtMarket = type.limit?.tif === "Ioc";
    const of = byIndex(this.model.instruments, Number(order?.a));
    const placed = this.model.place({
      instrument: of?.instrument.symbol ?? "",
      clientOrderId: clientIdOf(String(order?.c)),
      side: order?.b === true ? "buy" : "sell",
      type: type.trigger ? (type.trigger.isMarket ? "stop" : "stop_limit") : isAtMarket ? "market" : "limit",
      qty: order?.s as Decimal,
      price: isAtMarket || type.trigger?.isMarket ? null : (order?.p as Decimal),
      triggerPrice: type.trigger?.triggerPx ?? null,
      timeInForce: isAtMarket ? "ioc" : "gtc",
      reduceOnly: order?.r === true,
    });
    return this.answered("order", placed, ({ venueOrderId, status, filledQty, avgPrice, triggerPrice }) => {
      const oid = Number(venueOrderId);
      if (triggerPrice !== null) return { resting: { oid } };
      return status === "filled"
        ? { filled: { totalSz: filledQty, avgPx: avgPrice, oid } }
        : { resting: { oid } };
    });
  }

  private cancel(action: Row): WireReply {
    const [one] = action.cancels as Row[];
    const name =
      action.type === "cancel"
        ? { venueOrderId: String(one?.o) }
        : { clientOrderId: clientIdOf(String(one?.cloid)) };
    return this.answered("cancel", this.model.cancel(name), () => "success");
  }

  private answered(type: string, answer: ModelAnswer, of: (order: ModelOrder) => unknown): WireReply {
    const status = answer.kind === "order" ? of(answer.order) : { error: `${REFUSALS[answer.why]} asset=0` };
    return json({ status: "ok", response: { type, data: { statuses: [status] } } });
  }

  protected override said(client: WireClient, text: string): void {
    const message = JSON.parse(text) as { method: string; subscription?: { type: string; user: string } };
    if (message.method === "ping") client.answer(JSON.stringify({ channel: "pong" }));
    const { subscription } = message;
    if (message.method !== "subscribe" || !subscription) return;
    client.act(() => {
      client.notes.set(subscription.type, true);
      client.isSubscribed = ["orderUpdates", "userFills"].every((type) => client.notes.has(type));
    });
    client.answer(
      JSON.stringify({ channel: "subscriptionResponse", data: { method: "subscribe", subscription } }),
    );
    if (subscription.type === "userFills") {
      const data = { isSnapshot: true, user: subscription.user, fills: this.fills(this.model) };
      client.answer(JSON.stringify({ channel: "userFills", data }));
    }
  }

  protected override framesOf(event: ModelEvent): readonly string[] {
    switch (event.kind) {
      case "order":
        return [this.orderFrame(event.order)];
      case "fill": {
        const data = { user: WALLET, fills: [fillRow(event.fill)] };
        const fill = JSON.stringify({ channel: "userFills", data });
        return event.order ? [fill, this.orderFrame(event.order)] : [fill];
      }
      case "ledger":
        return isFunding(event.entry)
          ? [JSON.stringify({ channel: "userFundings", data: { user: WALLET, fundings: [] } })]
          : [JSON.stringify({ channel: "userNonFundingLedgerUpdates", data: { user: WALLET, updates: [] } })];
      default:
        return [];
    }
  }

  private orderFrame(order: ModelOrder): string {
    return JSON.stringify({
      channel: "orderUpdates",
      data: [{ order: this.orderRow(order), ...statusOf(order) }],
    });
  }
}

function actionOf(body: string): Row {
  return (JSON.parse(body) as { action: Row }).action;
}

/** A signature of the right form; that it is of this very body is held by a test of its own. */
function isSigned({ signature }: Row): boolean {
  const { r, s, v } = signature as { r: unknown; s: unknown; v: unknown };
  return [r, s].every((one) => /^0x[0-9a-f]{1,64}$/.test(String(one))) && (v === 27 || v === 28);
}

const REFUSALS: Readonly<Record<Refusal, string>> = {
  unknown_instrument: "Order has invalid size.",
  unknown_order: "Order was never placed, already canceled, or filled.",
  order_ended: "Order was never placed, already canceled, or filled.",
  duplicate_client_id: "Cloid is in use.",
  reduce_only: "Reduce only order would increase position.",
  funds: "Insufficient margin to place order.",
  invalid: "Order has zero size.",
};

function coinOf(symbol: string): string {
  return symbol.split("/")[0] ?? "";
}

function openOrders({ orders }: AccountView): readonly ModelOrder[] {
  return orders.filter(({ status }) => status === "open" || status === "partially_filled");
}

function statusOf({ status, updatedAt }: ModelOrder): Row {
  return { status: status === "partially_filled" ? "open" : status, statusTimestamp: updatedAt };
}

const DIRS: Readonly<Record<string, string>> = {
  liquidation: "Liquidated Cross Long",
  adl: "Auto-Deleveraging",
  settlement: "Settlement",
};

function fillRow(fill: ModelFill): Row {
  return {
    coin: coinOf(fill.instrument),
    px: fill.price,
    sz: fill.qty,
    side: fill.side === "buy" ? "B" : "A",
    time: fill.timestamp,
    startPosition: fill.positionBefore,
    dir: DIRS[fill.cause ?? ""] ?? "Open Long",
    closedPnl: "0.0",
    hash: "0x0000000000000000000000000000000000000000000000000000000000000000",
    oid: Number(fill.venueOrderId ?? 900_000 + fill.seq),
    crossed: true,
    fee: fill.fee,
    feeToken: fill.feeCurrency,
    tid: Number(fill.tradeId),
    cloid: cloidOf(fill.clientOrderId ?? "") ?? null,
  };
}

function isFunding({ cause }: ModelEntry): boolean {
  return cause === "funding";
}

function fundingRow({ timestamp, amount, instrument }: ModelEntry): Row {
  return {
    time: timestamp,
    hash: "0x0000000000000000000000000000000000000000000000000000000000000000",
    delta: {
      type: "funding",
      coin: coinOf(instrument ?? "BTC/"),
      usdc: amount,
      szi: "1.0",
      fundingRate: "0.0001",
    },
  };
}

function updateRow({ id, timestamp, amount }: ModelEntry): Row {
  const isIn = !String(amount).startsWith("-");
  const delta = isIn
    ? { type: "deposit", usdc: amount }
    : { type: "withdraw", usdc: negate(amount ?? decimal("0")), nonce: 1, fee: "0.0" };
  return { time: timestamp, hash: `0x${id.padStart(64, "0")}`, delta };
}

function window(rows: readonly Row[], { startTime, endTime }: Row): Row[] {
  const isIn = ({ time }: Row) =>
    Number(time) >= Number(startTime) && Number(time) <= Number(endTime ?? Infinity);
  return rows.filter(isIn).toSorted((a, b) => Number(a.time) - Number(b.time));
}

function stateOf(positions: readonly Row[], balances: readonly { asset: string; total: Decimal }[]): Row {
  const inner = positions.map(
    ({ position }) => position as { unrealizedPnl: Decimal; positionValue: Decimal },
  );
  const cash = balances.find(({ asset }) => asset === "USDC")?.total ?? decimal("0");
  const profit = inner.reduce((sum, one) => add(sum, one.unrealizedPnl), decimal("0"));
  const value = inner.reduce((sum, one) => add(sum, one.positionValue), decimal("0"));
  const summary = {
    accountValue: add(cash, profit),
    totalNtlPos: value,
    totalMarginUsed: "0.0",
    totalRawUsd: cash,
  };
  return {
    assetPositions: positions,
    marginSummary: summary,
    crossMarginSummary: summary,
    withdrawable: cash,
    time: 1_777_042_800_000,
  };
}
