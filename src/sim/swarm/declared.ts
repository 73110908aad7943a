// The simulated venue as real ones are: its habits are what an adapter declares, instead of being drawn. A seed of the
// profile `declared` is one of these venues, under all the faults that it can have.
import type { Capabilities } from "../../core/index.ts";
import { ALPACA_CAPABILITIES } from "../../venues/alpaca/index.ts";
import { DECLARATION as BINANCE } from "../../venues/binance/index.ts";
import { DECLARATION as BYBIT } from "../../venues/bybit/index.ts";
import { PROFILE_DECLARATIONS } from "../../venues/ccxt/index.ts";
import { DECLARATION as POLYMARKET } from "../../venues/polymarket/index.ts";
import type { FaultId } from "./faults.ts";
import type { SeededRandom } from "./random.ts";

export interface DeclaredVenue {
  /** The venue and its market. */
  readonly name: string;
  /** Kinds of market that it has; names of habits.ts. */
  readonly markets: readonly string[];
  readonly capabilities: Capabilities;
}

/** Profiles that read coins alone; the others have contracts too. */
const SPOT_PROFILES: ReadonlySet<string> = new Set(["ccxt:kraken"]);

const VENUES: readonly DeclaredVenue[] = [
  { name: "alpaca", markets: ["shares", "many", "options", "coins"], capabilities: ALPACA_CAPABILITIES },
  ...marketsOf(BINANCE, { usdm: ["contracts"], spot: ["coins", "tiny"] }),
  ...marketsOf(BYBIT, { linear: ["contracts"], spot: ["coins", "tiny"] }),
  // Shares of outcomes are bought for cash, and never owed.
  { name: "polymarket", markets: ["shares", "many"], capabilities: POLYMARKET.capabilities },
  // Without a profile nothing is repaired, so that nothing would converge.
  ...PROFILE_DECLARATIONS.map(({ name, capabilities }) => ({
    name,
    markets: SPOT_PROFILES.has(name) ? ["coins"] : ["contracts"],
    capabilities,
  })),
];

/** The venue's own capabilities, or those of a market that declares others. */
function marketsOf(
  { name, capabilities, variants = {} }: typeof BINANCE,
  markets: Readonly<Record<string, readonly string[]>>,
): DeclaredVenue[] {
  return Object.entries(markets).map(([market, kinds]) => ({
    name: `${name} ${market}`,
    markets: kinds,
    capabilities: variants[market] ?? capabilities,
  }));
}

export function drawDeclared(random: SeededRandom): DeclaredVenue {
  return random.pick(VENUES);
}

/** Faults that a venue of these capabilities cannot have. */
export function impossibleFor({ fills }: Capabilities): readonly FaultId[] {
  return fills.revisable ? [] : ["fill_reversed"];
}
