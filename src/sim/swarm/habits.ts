// What a simulated venue is like, drawn by seed: what it trades, what it declares about itself, how late and how much it
// tells. Habits are no faults: they are declared, and stay when all is well.
import {
  CAPABILITIES_DEFAULT,
  type Capabilities,
  type Decimal,
  decimal,
  type Instrument,
  instrumentOf,
} from "../../core/index.ts";
import type { DeclaredVenue } from "./declared.ts";
import type { FaultPlan } from "./faults.ts";
import type { SeededRandom } from "./random.ts";

/** How long a command may be on its way at most; what the venue declares as its settle time is longer. In ms. */
export const ON_ITS_WAY_MS_MAX = 8_000;

export interface Habits {
  readonly names: readonly string[];
  readonly instruments: readonly Instrument[];
  /** A price near which each instrument trades, by symbol. */
  readonly prices: Readonly<Record<string, Decimal>>;
  readonly positionMode: "net" | "hedge";
  readonly capabilities: Capabilities;
  readonly feeRatio: Decimal;
  readonly isFeeInBase: boolean;
  readonly partialChance: number;
  /** Explicit rows for legs that are flat. */
  readonly listsFlat: boolean;
  readonly listsClosedOrders: boolean;
  /** Totals that witness flatness. */
  readonly hasTotals: boolean;
  readonly hasPositionLookup: boolean;
  readonly hasStream: boolean;
  /** Fills carry a key that is the same in each of its sources. */
  readonly namesJoins: boolean;
  /** The bot books its trades in its own store, a moment after them; where not, trueup alone keeps it. */
  readonly botBooks: boolean;
  /** What an order may not use yet is told as not free. */
  readonly locksBalances: boolean;
  /** How late a fill may turn up in the history. In ms. */
  readonly lateMs: number;
  /** One call, there and back. In ms. */
  readonly latencyMs: number;
}

interface Market {
  readonly instrument: Instrument;
  readonly price: Decimal;
}

const MARKETS: Readonly<Record<string, readonly Market[]>> = {
  shares: [share("AAA", "100"), share("BBB", "40"), share("CCC", "250")],
  coins: [coin("BTC/USDT", "0.001", "600"), coin("DOGE/USDT", "1", "2"), coin("ETH/USDT", "0.01", "90")],
  contracts: [
    contract("BTC/USDT:USDT", "0.001", "600", "1"),
    contract("ETH/USDT:USDT", "0.1", "90", "1"),
    contract("SOL/USDT:USDT", "1", "20", "10"),
  ],
  mixed: [share("AAA", "100"), coin("BTC/USDT", "0.001", "600"), contract("ETH/USDT:USDT", "0.1", "90", "1")],
  many: ["80", "12", "5", "40", "33", "250", "7", "19"].map((price, index) => share(`S${index}`, price)),
  options: [option("AAPL261218C00200000", "5"), share("AAPL", "200"), option("AAPL261218P00150000", "3")],
  hostile: [share("A|B\\C", "100"), share("<b>\u200bX</b>", "40"), share("net:AAA:1", "250")],
  tiny: [
    coin("WEI/USDT", "0.000000000001", "3"),
    coin("PEPE/USDT", "1000000000", "1"),
    contract("X/USDT:USDT", "0.00000001", "600", "1"),
  ],
};

function share(symbol: string, price: string): Market {
  return {
    price: decimal(price),
    instrument: instrumentOf(symbol, {
      base: null,
      quote: "USD",
      settlement: "cash",
      qtyStep: decimal("1"),
      priceStep: decimal("0.01"),
    }),
  };
}

function option(symbol: string, price: string): Market {
  const { instrument } = share(symbol, price);
  return { price: decimal(price), instrument: { ...instrument, multiplier: decimal("100") } };
}

function coin(symbol: string, step: string, price: string): Market {
  return {
    price: decimal(price),
    instrument: instrumentOf(symbol, { qtyStep: decimal(step), priceStep: decimal("0.01") }),
  };
}

/**
 * In place of the contract that is paid in dollars the one that is paid in its coin, now and then: as many markets, near
 * the same price, so that all else is drawn as without it.
 */
const INVERSE: Readonly<Record<string, readonly [replaced: string, by: Market]>> = {
  contracts: ["SOL/USDT:USDT", contract("SOL/USD:SOL", "1", "20", "100")],
  mixed: ["ETH/USDT:USDT", contract("ETH/USD:ETH", "1", "90", "10")],
};
const INVERSE_CHANCE = 0.4;

function contract(symbol: string, step: string, price: string, multiplier: string): Market {
  const steps = { qtyStep: decimal(step), priceStep: decimal("0.01"), multiplier: decimal(multiplier) };
  return { price: decimal(price), instrument: instrumentOf(symbol, steps) };
}

/** @param declared What the venue declares, in place of what would be drawn; all else is drawn as without it. */
export function drawHabits(random: SeededRandom, faults: FaultPlan, declared?: DeclaredVenue): Habits {
  const kinds = ["shares", "many", "coins", "contracts", "mixed", "options", "hostile", "tiny"];
  const kind = random.pick(declared?.markets ?? kinds);
  const own = declared?.capabilities;
  const [replaced, inverse] =
    (!declared && random.fork("inverse").chance(INVERSE_CHANCE) && INVERSE[kind]) || [];
  const markets = (MARKETS[kind] ?? []).map((one) =>
    inverse && one.instrument.symbol === replaced ? inverse : one,
  );
  // Only contracts can be held in both directions at once.
  const isHedge = kind === "contracts" && random.chance(0.6) && own?.positionMode !== "net";
  const lagMs = orDrawn(own?.readAfterFillLagMs, random.pick([0, 500, 2_000]));
  const lateMs = random.pick([0, 1_000, 4_000]);
  const absence = orDrawn(
    own?.absentRowMeansFlat,
    random.pick(["onlyIfScopeComplete", "yes", "no", "unknown"] as const),
  );
  const orderLookup = orDrawn(
    own?.orderLookup,
    random.pick(["conclusive", "conclusive", "conclusive", "inconclusive", "none"] as const),
  );
  const basis = orDrawn(
    own?.entryPriceBasis,
    random.pick(["average", "average", "fifo", "unknown"] as const),
  );
  const amend = orDrawn(own?.commands.amend, random.pick(["in_place", "replaces", "none"] as const));
  const fee = random.pick(["0", "0.001", "0.00075", "-0.0002"]);
  const isFeeInBase = random.chance(0.5) && markets.some(({ instrument }) => instrument.base !== null);
  const habits = {
    listsFlat: random.chance(0.25),
    listsClosedOrders: random.chance(0.25),
    hasTotals: random.chance(0.3),
    hasPositionLookup: random.chance(0.6),
    hasStream: random.chance(0.9),
    namesJoins: random.chance(0.4),
    botBooks: random.chance(0.5),
    locksBalances: random.chance(0.3),
    reduceOnlyFlag: random.chance(0.6),
    // One that is declared conclusive does not forget.
    forgetsClosedOrders: random.chance(0.6),
  };
  // A venue that neither lists closed orders nor is asked for them has forgotten them for whoever asks.
  const isForgetful =
    (habits.forgetsClosedOrders && orderLookup === "inconclusive") || orderLookup === "none";
  habits.forgetsClosedOrders = own?.forgetsClosedOrders ?? (isForgetful && !habits.listsClosedOrders);
  if (own) habits.reduceOnlyFlag = own.commands.reduceOnlyFlag;
  if (own?.forgetsClosedOrders) habits.listsClosedOrders = false;
  const cancelAll = orDrawn(
    own?.commands.cancelAll,
    random.fork("cancel all").pick(["none", "account", "instrument"] as const),
  );
  const retentionMs = faults.isEnabled("fills_window") ? 1_200_000 : undefined;
  const names = [
    ...(declared ? [declared.name] : []),
    kind,
    ...Object.entries(habits).flatMap(([name, isOn]) => (isOn ? [name] : [])),
    ...(inverse ? ["inverse"] : []),
    ...(isHedge ? ["hedge_mode"] : []),
    ...(isFeeInBase ? ["fee_in_base"] : []),
    ...(fee.startsWith("-") ? ["fee_rebate"] : []),
    ...(lagMs > 0 ? ["lag"] : []),
    ...(lateMs > 0 ? ["late"] : []),
    ...(basis === "average" ? [] : ["basis_unknown"]),
    ...(orderLookup === "none" ? ["no_lookup"] : []),
    ...(orderLookup === "inconclusive" ? ["inconclusive_lookup"] : []),
    ...(amend === "replaces" ? ["amend_replaces"] : []),
    ...(absence === "no" || absence === "unknown" ? ["absence_says_nothing"] : []),
  ];
  return {
    ...habits,
    names,
    instruments: markets.map(({ instrument }) => instrument),
    prices: Object.fromEntries(markets.map(({ instrument, price }) => [instrument.symbol, price])),
    positionMode: isHedge ? "hedge" : "net",
    feeRatio: decimal(fee),
    isFeeInBase,
    partialChance: random.pick([0, 0.3, 0.6]),
    lateMs,
    latencyMs: random.pick([1, 30, 150]),
    capabilities: {
      ...CAPABILITIES_DEFAULT,
      ...own,
      absentRowMeansFlat: absence,
      positionMode: isHedge ? "hedge" : "net",
      entryPriceBasis: basis,
      readAfterFillLagMs: lagMs,
      orderLookup,
      settleMs: Math.max(own?.settleMs ?? 0, ON_ITS_WAY_MS_MAX + 2_000),
      forgetsClosedOrders: habits.forgetsClosedOrders,
      fills: {
        ...own?.fills,
        lateArrivalMs: Math.max(own?.fills.lateArrivalMs ?? 0, lateMs + 60_000),
        revisable: own?.fills.revisable ?? faults.isEnabled("fill_reversed"),
        ...(retentionMs !== undefined && { retentionMs }),
      },
      commands: {
        ...(own?.commands ?? CAPABILITIES_DEFAULT.commands),
        amend,
        reduceOnlyFlag: habits.reduceOnlyFlag,
        cancelAll,
      },
    },
  };
}

/** What is drawn is drawn in any case, so that all that is drawn after it stays as it is. */
function orDrawn<Value>(declared: Value | undefined, drawn: Value): Value {
  return declared ?? drawn;
}
