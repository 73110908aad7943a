// The prices that Hyperliquid takes: five significant figures, and no more digits after the point than the size leaves
// (6 for a perpetual, 8 on spot, less the digits of a size); whole numbers always. It has no orders at the market: such an
// order is a limit that is sure to trade, so far from the price as somebody is willing to pay.
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/tick-and-lot-size (read 2026-11)
import { type Decimal, decimal, divide, multiply, type Side } from "../../../core/index.ts";

const SIGNIFICANT = 5;
const DECIMALS = { swap: 6, spot: 8 } as const;

/** How far from the reference price an order at the market may trade. @see ccxt 4.5.84, options.defaultSlippage */
const SLIPPAGE = decimal("0.05");
/** How far from its trigger a stop may trade; the venue's own front end gives so much. */
export const STOP_SLIPPAGE = decimal("0.1");

/** The worst price that an order at the market accepts, rounded towards the better one. */
export function boundOf(
  price: Decimal,
  side: Side,
  qtyStep: Decimal,
  isSpot: boolean,
  slippage: Decimal = SLIPPAGE,
): Decimal {
  const factor = side === "buy" ? addOne(slippage) : subtractFromOne(slippage);
  return rounded(multiply(price, factor), side, digitsOf(qtyStep), isSpot);
}

function addOne(part: Decimal): Decimal {
  return decimal(`1${part.slice(1)}`);
}

function subtractFromOne(part: Decimal): Decimal {
  const digits = part.slice(2);
  return decimal(`0.${String(10 ** digits.length - Number(digits)).padStart(digits.length, "0")}`);
}

function digitsOf(step: Decimal): number {
  return step.split(".")[1]?.length ?? 0;
}

/** Down for a buy, up for a sell: never beyond what somebody is willing to pay. */
function rounded(price: Decimal, side: Side, sizeDigits: number, isSpot: boolean): Decimal {
  const [whole = "0", fraction = ""] = price.split(".");
  const isBelowOne = whole === "0";
  const zeros = isBelowOne ? (/^0*/.exec(fraction)?.[0].length ?? 0) : 0;
  const bySignificance = isBelowOne ? zeros + SIGNIFICANT : SIGNIFICANT - whole.length;
  const most = (isSpot ? DECIMALS.spot : DECIMALS.swap) - sizeDigits;
  const places = Math.max(0, Math.min(bySignificance, most, fraction.length));
  const step = places === 0 ? decimal("1") : decimal(`0.${"0".repeat(places - 1)}1`);
  const cut = decimal(places === 0 ? whole : `${whole}.${fraction.slice(0, places)}`);
  if (side === "buy" || cut === price) return cut;
  const steps = divide(cut, step);
  return multiply(decimal(String(BigInt(steps) + 1n)), step);
}
