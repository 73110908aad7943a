// What is traded at Polymarket: shares of one outcome, each a token with a number of up to 78 digits. The number is the
// instrument, as text; what people call it (the market's slug and the outcome) is an alias and decides nothing.
import { type Decimal, decimal, type Instrument, multiply, parseDecimal } from "../../core/index.ts";

/**
 * What pays: Polymarket USD. Data that still speaks of USDC means it.
 * @see https://docs.polymarket.com/v2-migration (pUSD since 2026-04-28, read 2026-11)
 */
export const COLLATERAL = "pUSD";

/**
 * Shares and pUSD have six decimals, and so has everything that a position can come to.
 * @see node_modules/@polymarket/clob-client-v2 1.1.0, config.js COLLATERAL_TOKEN_DECIMALS, CONDITIONAL_TOKEN_DECIMALS
 */
const UNIT = decimal("0.000001");
/** The finest tick that the package knows (roundingConfig.js); a market's own may be coarser. */
const PRICE_STEP = decimal("0.0001");

const UINT256 = 2n ** 256n;

/** The token's number without leading zeros; hexadecimal is the same number. Undefined for anything else. */
export function tokenId(text: string): string | undefined {
  const trimmed = text.trim();
  if (!/^\d{1,78}$/.test(trimmed) && !/^0x[0-9a-f]{1,64}$/i.test(trimmed)) return undefined;
  const number = BigInt(trimmed);
  return number > 0n && number < UINT256 ? number.toString() : undefined;
}

/**
 * Whether the number is a position of Polymarket's protocol V2, which ExchangeV3 settles, and not one of the older
 * conditional tokens, whose numbers are hashes: its module stands in the top byte, its outcome in the lowest, and 64
 * bits between are reserved as zero.
 * @see https://github.com/Polymarket/ts-sdk packages/bindings/src/protocol/ids.ts (read 2026-11)
 */
export function isPositionId(token: string): boolean {
  const number = BigInt(token);
  const module = number >> 248n;
  const reserved = (number >> 40n) & (2n ** 64n - 1n);
  return module >= 1n && module <= 4n && reserved === 0n && (number & 0xffn) <= 1n;
}

/** @see https://docs.polymarket.com/protocol-v2-migration ("requests for V2 positions use CONDITIONAL-V2", read 2026-11) */
export function assetTypeOf(token: string): "CONDITIONAL" | "CONDITIONAL-V2" {
  return isPositionId(token) ? "CONDITIONAL-V2" : "CONDITIONAL";
}

/** What people call a token: `will-it-rain/Yes`. */
export function aliasOf(slug: string | undefined, outcome: string | undefined): string | undefined {
  return slug === undefined || outcome === undefined ? undefined : `${slug}/${outcome}`;
}

/** From whole units of the chain, as balances are told. Undefined for what is no whole number. */
export function fromUnits(text: string): Decimal | undefined {
  const units = /^\d{1,78}$/.test(text) ? parseDecimal(text) : undefined;
  return units === undefined ? undefined : multiply(units, UNIT);
}

/** In whole units of the chain; undefined where it has more than six decimals. */
export function toUnits(value: Decimal): bigint | undefined {
  const units = multiply(value, decimal("1000000"));
  return /^\d+$/.test(units) ? BigInt(units) : undefined;
}

export function instrumentSpec(token: string): Instrument {
  return {
    symbol: token,
    qtyStep: UNIT,
    priceStep: PRICE_STEP,
    multiplier: decimal("1"),
    base: null,
    quote: COLLATERAL,
    settlement: "cash",
  };
}

/** Addresses are written with capitals as a checksum or without; they are the same. */
export function isSameAddress(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a.toLowerCase() === b.toLowerCase();
}
