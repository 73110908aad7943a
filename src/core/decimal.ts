// Exact decimals as canonical strings: what money, prices and quantities are made of everywhere.
// A canonical decimal has no exponent, no "+", no leading or trailing zeros and no "-0", so that equal numbers
// are equal strings. Nothing here rounds but `divide` and `roundToStep`, and they say to what.
/** A canonical decimal: `-?(0|[1-9]\d*)(\.\d*[1-9])?`, never "-0". Travels as a string. */
export type Decimal = string & { readonly __decimal: unique symbol };

/** Digits before the point; uint256 has 78. A longer number is a mistake or an attack. */
const INTEGER_DIGITS_MAX = 96;
/** Digits after the point; on-chain tokens have 18, some venues quote 30. */
const FRACTION_DIGITS_MAX = 60;
/** Longer texts are none of the common ones, and may break a limit above. In characters. */
const PLAIN_LENGTH_MAX = 40;
/** Significant digits of a quotient that does not come out even. */
const QUOTIENT_DIGITS = 34;

const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Reads a decimal as a venue or a person wrote it: `"5.0"`, `" 1"`, `"+1"`, `"1e-7"`, `"0E-8"`, `"-0"`.
 * `undefined` when the text is not a number or is larger than any real quantity (96 digits before the point,
 * 60 after it).
 */
export function parseDecimal(text: unknown): Decimal | undefined {
  if (typeof text !== "string") return undefined;
  return parsePlain(text) ?? parseAny(text);
}

const MINUS = 45;
const POINT = 46;
const DIGIT_0 = 48;
const DIGIT_9 = 57;

/**
 * The common case in one look at each character: digits, perhaps a minus and a point, nothing to take off but zeros
 * at the end. `undefined` says that it is another case, not that the text is no number.
 */
function parsePlain(text: string): Decimal | undefined {
  const { length } = text;
  if (length > PLAIN_LENGTH_MAX) return undefined;
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  let point = -1;
  /** Just behind the last digit that counts. */
  let end = start;
  for (let at = start; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === POINT && point < 0) point = at;
    else if (code < DIGIT_0 || code > DIGIT_9) return undefined;
    else if (point < 0 || code !== DIGIT_0) end = at + 1;
  }
  const whole = (point < 0 ? length : point) - start;
  const startsWithZero = text.charCodeAt(start) === DIGIT_0;
  if (whole === 0 || (startsWithZero && whole > 1)) return undefined;
  if (startsWithZero && end === start + 1) return ZERO;
  return (end === length ? text : text.slice(0, end)) as Decimal;
}

function parseAny(text: string): Decimal | undefined {
  const match = SHAPE.exec(text.trim());
  if (!match) return undefined;
  const [, sign = "", integer = "", fraction = "", exponent = "0"] = match;
  if (integer === "" && fraction === "") return undefined;
  return shift(sign === "-", integer, fraction, Number(exponent));
}

function shift(
  isNegative: boolean,
  integer: string,
  fraction: string,
  exponent: number,
): Decimal | undefined {
  const digits = integer + fraction;
  const point = integer.length + exponent;
  const whole = (point > 0 ? digits.slice(0, point).padEnd(point, "0") : "").replace(/^0+/, "");
  const rest = (point < 0 ? "0".repeat(-point) + digits : digits.slice(point)).replace(/0+$/, "");
  if (whole.length > INTEGER_DIGITS_MAX || rest.length > FRACTION_DIGITS_MAX) return undefined;
  const magnitude = (whole === "" ? "0" : whole) + (rest === "" ? "" : `.${rest}`);
  return (isNegative && magnitude !== "0" ? `-${magnitude}` : magnitude) as Decimal;
}

/**
 * A decimal from text that must be one: a literal of ours, or text that was checked before.
 * @throws RangeError when it is not.
 */
export function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  if (value === undefined) throw new RangeError(`"${text.slice(0, 40)}" is not a decimal number`);
  return value;
}

/** A whole number of things (rows, fills) as a decimal. */
export function fromInteger(count: number): Decimal {
  if (!Number.isSafeInteger(count)) throw new RangeError(`${count} is not a safe integer`);
  return String(count === 0 ? 0 : count) as Decimal;
}

export const ZERO = "0" as Decimal;
export const ONE = "1" as Decimal;

/** A number as the integer `digits` × 10^-`scale`: exact whatever its size. */
interface Scaled {
  readonly digits: bigint;
  readonly scale: number;
}

function scaledOf(a: Decimal): Scaled {
  const point = a.indexOf(".");
  if (point < 0) return { digits: BigInt(a), scale: 0 };
  return { digits: BigInt(a.slice(0, point) + a.slice(point + 1)), scale: a.length - point - 1 };
}

function tenTo(power: number): bigint {
  const known = BIG_POWERS[power] ?? 10n ** BigInt(power);
  BIG_POWERS[power] = known;
  return known;
}
const BIG_POWERS: bigint[] = [];

/** `digits` × 10^-`scale` in its one spelling. */
function canonical(digits: bigint | number, scale: number): Decimal {
  const isNegative = digits < 0;
  const text = String(isNegative ? -digits : digits).padStart(scale + 1, "0");
  const point = text.length - scale;
  let end = text.length;
  while (end > point && text.charCodeAt(end - 1) === DIGIT_0) end -= 1;
  const magnitude =
    end === point ? text.slice(0, point) : `${text.slice(0, point)}.${text.slice(point, end)}`;
  return (isNegative ? `-${magnitude}` : magnitude) as Decimal;
}

/** Texts up to this length have no more digits than a double holds exactly, whichever they are. */
const SHORT_LENGTH_MAX = 15;
const POWERS = Array.from({ length: SHORT_LENGTH_MAX + 1 }, (_, power) => 10 ** power);
/** A sum of two integers up to this is exact. */
const SUMMAND_MAX = 2 ** 52;

/** The digits of a short number as an integer; its scale is left in `shortScale`. NaN for a longer one. */
function shortOf(a: Decimal): number {
  const { length } = a;
  if (length > SHORT_LENGTH_MAX) return Number.NaN;
  const isNegative = a.charCodeAt(0) === MINUS;
  let digits = 0;
  shortScale = 0;
  for (let at = isNegative ? 1 : 0; at < length; at += 1) {
    const code = a.charCodeAt(at);
    if (code === POINT) shortScale = length - at - 1;
    else digits = digits * 10 + (code - DIGIT_0);
  }
  return isNegative ? -digits : digits;
}
/** The second result of `shortOf`: a pair for each number would cost more than the sum. */
let shortScale = 0;

export function add(a: Decimal, b: Decimal): Decimal {
  if (b === ZERO) return a;
  if (a === ZERO) return b;
  const shortA = shortOf(a);
  const scaleA = shortScale;
  const shortB = shortOf(b);
  const scale = Math.max(scaleA, shortScale);
  const first = shortA * (POWERS[scale - scaleA] ?? Number.NaN);
  const second = shortB * (POWERS[scale - shortScale] ?? Number.NaN);
  // False for what is not short: nothing compares with NaN.
  if (Math.abs(first) <= SUMMAND_MAX && Math.abs(second) <= SUMMAND_MAX)
    return canonical(first + second, scale);
  return addLong(scaledOf(a), scaledOf(b));
}

function addLong(a: Scaled, b: Scaled): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return canonical(a.digits * tenTo(scale - a.scale) + b.digits * tenTo(scale - b.scale), scale);
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return a === b ? ZERO : add(a, negate(b));
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  if (a === ZERO || b === ZERO) return ZERO;
  if (a === ONE) return b;
  if (b === ONE) return a;
  const shortA = shortOf(a);
  const scaleA = shortScale;
  const product = shortA * shortOf(b);
  if (Math.abs(product) <= Number.MAX_SAFE_INTEGER) return canonical(product, scaleA + shortScale);
  const [longA, longB] = [scaledOf(a), scaledOf(b)];
  return canonical(longA.digits * longB.digits, longA.scale + longB.scale);
}

/**
 * `a / b`, rounded half-even to at least 34 significant digits where it does not come out even.
 * @throws RangeError when `b` is zero.
 */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b === ZERO) throw new RangeError("division by zero");
  if (a === ZERO || b === ONE) return a;
  const dividend = scaledOf(a);
  const divisor = scaledOf(b);
  const wanted = QUOTIENT_DIGITS - (exponentOf(a) - exponentOf(b));
  const scale = Math.min(FRACTION_DIGITS_MAX, Math.max(0, wanted));
  const shift = scale + divisor.scale - dividend.scale;
  const [top, bottom] =
    shift >= 0
      ? [dividend.digits * tenTo(shift), divisor.digits]
      : [dividend.digits, divisor.digits * tenTo(-shift)];
  return canonical(quotientHalfEven(top, bottom), scale);
}

function quotientHalfEven(top: bigint, bottom: bigint): bigint {
  const quotient = top / bottom;
  const rest = top - quotient * bottom;
  const twice = magnitudeOf(rest) * 2n - magnitudeOf(bottom);
  const isUp = twice > 0n || (twice === 0n && quotient % 2n !== 0n);
  if (!isUp) return quotient;
  return top < 0n === bottom < 0n ? quotient + 1n : quotient - 1n;
}

function magnitudeOf(digits: bigint): bigint {
  return digits < 0n ? -digits : digits;
}

/** Of the first digit that is not zero, as a power of ten: 0 for 5, 2 for 500, -2 for 0.05. */
function exponentOf(a: Decimal): number {
  const start = a.charCodeAt(0) === MINUS ? 1 : 0;
  const point = a.indexOf(".");
  if (a.charCodeAt(start) !== DIGIT_0) return (point < 0 ? a.length : point) - start - 1;
  let zeros = 0;
  while (a.charCodeAt(point + 1 + zeros) === DIGIT_0) zeros += 1;
  return -zeros - 1;
}

/** Whether it is a whole number of steps. */
export function isMultiple(value: Decimal, step: Decimal): boolean {
  const count = divide(value, step);
  // A quotient that does not come out even is rounded: only multiplying it back shows that it is exact.
  return !count.includes(".") && multiply(count, step) === value;
}

export function negate(a: Decimal): Decimal {
  if (a === ZERO) return a;
  return (a.startsWith("-") ? a.slice(1) : `-${a}`) as Decimal;
}

export function abs(a: Decimal): Decimal {
  return a.startsWith("-") ? negate(a) : a;
}

/** -1, 0 or 1. */
export function sign(a: Decimal): -1 | 0 | 1 {
  if (a === ZERO) return 0;
  return a.startsWith("-") ? -1 : 1;
}

export function isZero(a: Decimal): boolean {
  return a === ZERO;
}

/** -1 when a < b, 0 when equal, 1 when a > b. */
export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  if (a === b) return 0;
  const signA = sign(a);
  const signB = sign(b);
  if (signA !== signB) return signA < signB ? -1 : 1;
  // Of the same sign, and in their one spelling: the longer whole part is larger, else the texts decide.
  const longer = wholeLength(a) - wholeLength(b);
  const isLarger = longer === 0 ? a > b : longer > 0;
  return isLarger === signA > 0 ? 1 : -1;
}

function wholeLength(a: Decimal): number {
  const point = a.indexOf(".");
  return point < 0 ? a.length : point;
}

export function isLess(a: Decimal, b: Decimal): boolean {
  return compare(a, b) < 0;
}

export function min(a: Decimal, b: Decimal): Decimal {
  return compare(a, b) <= 0 ? a : b;
}

export function max(a: Decimal, b: Decimal): Decimal {
  return compare(a, b) >= 0 ? a : b;
}

/** Sum of any number of decimals. */
export function sum(values: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const value of values) total = add(total, value);
  return total;
}

/** Half a unit of the last decimal that the number was written with: 0.5599 -> 0.00005, 60000 -> 0.5. */
export function halfLastUnit(written: string): Decimal {
  const fraction = /\.(\d+)/.exec(written)?.[1] ?? "";
  return fraction === "" ? ("0.5" as Decimal) : (`0.${"0".repeat(fraction.length)}5` as Decimal);
}
