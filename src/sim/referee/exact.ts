// The referee's own numbers: whole numbers of 10^-30. Sums and products are exact or refused, quotients say how they
// round. It shares nothing with the core's decimals but the spelling, so that a mistake there shows as a difference here.
import type { Decimal } from "../../core/index.ts";
import { kept } from "../kept.ts";

/** A number of 10^-30. */
export type Exact = bigint;

const DIGITS = 30;
const POWERS = Array.from({ length: DIGITS + 1 }, (_, power) => 10n ** BigInt(power));
const ONE = powerOfTen(DIGITS);
const CANONICAL = /^-?(?:0|[1-9]\d*)(?:\.(\d*[1-9]))?$/;

/** @throws RangeError when it is no canonical decimal, or finer than the referee can reckon. */
export function exact(text: Decimal): Exact {
  const match = CANONICAL.exec(text);
  const fraction = match?.[1] ?? "";
  if (!match || text === "-0" || fraction.length > DIGITS) {
    throw new RangeError(`"${text}" is no canonical decimal with up to ${DIGITS} digits after its point`);
  }
  const whole = fraction === "" ? text : text.slice(0, -fraction.length - 1);
  return BigInt(whole + fraction) * powerOfTen(DIGITS - fraction.length);
}

/** In the one spelling that the core reads: no exponent, no zeros at the end, no "-0". */
export const text: (value: Exact) => Decimal = kept(spellingOf);

function spellingOf(value: Exact): Decimal {
  const digits = String(magnitude(value)).padStart(DIGITS + 1, "0");
  const fraction = digits.slice(-DIGITS).replace(/0+$/, "");
  const unsigned = digits.slice(0, -DIGITS) + (fraction === "" ? "" : `.${fraction}`);
  return (value < 0n ? `-${unsigned}` : unsigned) as Decimal;
}

/** How many digits after the point a decimal is written with. */
export function fractionDigits(written: Decimal): number {
  const point = written.indexOf(".");
  return point < 0 ? 0 : written.length - point - 1;
}

/** @throws RangeError when the product is finer than the referee can reckon. */
export function times(a: Exact, b: Exact): Exact {
  const product = a * b;
  const result = product / ONE;
  if (result * ONE !== product) throw new RangeError(`${text(a)} × ${text(b)} is finer than 10^-${DIGITS}`);
  return result;
}

/** a × b, rounded half to even at the last digit. */
export function nearly(a: Exact, b: Exact): Exact {
  return quotient(a * b, ONE);
}

/** a × b ÷ c, rounded half to even at the last digit. */
export function share(a: Exact, b: Exact, c: Exact): Exact {
  return quotient(a * b, c);
}

/** a ÷ b, rounded half to even at the last digit. */
export function over(a: Exact, b: Exact): Exact {
  return quotient(a * ONE, b);
}

/** The nearest multiple of the step, half to even. */
export function rounded(a: Exact, step: Exact): Exact {
  return quotient(a, step) * step;
}

/** The multiple of the step next to it, towards zero. */
export function floored(a: Exact, step: Exact): Exact {
  return (a / step) * step;
}

/** The unit of so many digits after the point. */
export function unitOf(digits: number): Exact {
  return powerOfTen(DIGITS - digits);
}

export function magnitude(a: Exact): Exact {
  return a < 0n ? -a : a;
}

export function least(a: Exact, b: Exact): Exact {
  return a < b ? a : b;
}

function quotient(top: bigint, bottom: bigint): bigint {
  const down = top / bottom;
  const rest = magnitude(top - down * bottom) * 2n;
  const half = magnitude(bottom);
  if (rest < half || (rest === half && down % 2n === 0n)) return down;
  return top < 0n === bottom < 0n ? down + 1n : down - 1n;
}

function powerOfTen(power: number): bigint {
  return POWERS[power] ?? 10n ** BigInt(power);
}
