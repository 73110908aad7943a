// Decimals as integers of the oracles' own, so that a wrong decimal in the core cannot hide behind itself. Fixed point:
// an integer counts units of 10^-40, which holds any quantity times any price of a simulated venue without rounding.
import { kept } from "../kept.ts";

const SCALE = 80;
export const UNIT = 10n ** BigInt(SCALE);

/** What a decimal may look like: nothing superfluous, no exponent, no minus before a zero. */
const CANONICAL = /^(?:0|-?(?:0|[1-9]\d*)\.\d*[1-9]|-?[1-9]\d*)$/;

export function isCanonical(text: string): boolean {
  return CANONICAL.test(text);
}

/** @throws RangeError where the text is no canonical decimal, or finer than the scale. */
export const exact: (text: string) => bigint = kept(fixedPoint);

function fixedPoint(text: string): bigint {
  if (!isCanonical(text)) throw new RangeError(`"${text}" is not a canonical decimal`);
  const point = text.indexOf(".");
  const digits = point < 0 ? text : text.slice(0, point) + text.slice(point + 1);
  const fraction = point < 0 ? 0 : text.length - point - 1;
  if (fraction > SCALE) throw new RangeError(`"${text}" has more than ${SCALE} digits after the point`);
  return BigInt(digits) * 10n ** BigInt(SCALE - fraction);
}

/** Of two fixed-point numbers; what is finer than the scale is cut off. */
export function times(a: bigint, b: bigint): bigint {
  return (a * b) / UNIT;
}

export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

export function signOf(value: bigint): number {
  return value > 0n ? 1 : value < 0n ? -1 : 0;
}

/** As a canonical decimal, for a person. */
export function plain(value: bigint): string {
  const digits = magnitude(value)
    .toString()
    .padStart(SCALE + 1, "0");
  const fraction = digits.slice(-SCALE).replace(/0+$/, "");
  const whole = digits.slice(0, -SCALE);
  return `${value < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
