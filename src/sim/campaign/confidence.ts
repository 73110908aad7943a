// How often something may fail at most, after so many independent tries: bounds of 95 % confidence, one-sided.

/** Chance that the true rate lies above the bound. */
const DOUBT = 0.05;
/** Halvings: far below what is ever shown. */
const HALVINGS = 60;

/**
 * The highest rate of failure that `tries` tries with `failures` failures leave plausible, from 0 to 1. Without a failure it is
 * the rule of three, 3/N; with failures the bound of Clopper and Pearson.
 * @see https://en.wikipedia.org/wiki/Rule_of_three_(statistics) (read 2026-11)
 */
export function failureRateMax(failures: number, tries: number): number {
  if (tries <= 0 || failures >= tries) return 1;
  if (failures === 0) return Math.min(1, 3 / tries);
  let [low, high] = [failures / tries, 1];
  for (let n = 0; n < HALVINGS; n += 1) {
    const middle = (low + high) / 2;
    if (chanceOfAtMost(failures, tries, middle) > DOUBT) low = middle;
    else high = middle;
  }
  return high;
}

/** That of `tries` at most `failures` fail where each fails with probability `rate`. Sums in logarithms: the terms are tiny. */
function chanceOfAtMost(failures: number, tries: number, rate: number): number {
  if (rate >= 1) return 0;
  const odds = Math.log(rate) - Math.log1p(-rate);
  const terms = [tries * Math.log1p(-rate)];
  for (let n = 0; n < failures; n += 1) {
    terms.push((terms[n] ?? 0) + Math.log((tries - n) / (n + 1)) + odds);
  }
  const largest = terms.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);
  return Math.exp(largest) * terms.reduce((sum, term) => sum + Math.exp(term - largest), 0);
}

/** A rate as a percentage of two digits, rounded up: a bound must not look better than it is. */
export function percentText(rate: number): string {
  const percent = rate * 100;
  if (percent <= 0) return "0 %";
  const unit = 10 ** (Math.floor(Math.log10(percent)) - 1);
  // 3/1000 is 0.30000000000000004 %, which is not 0.31 %.
  const digits = Math.ceil(percent / unit - 1e-9);
  return `${decimalText(Number((digits * unit).toExponential(1)))} %`;
}

function decimalText(value: number): string {
  const [digits = "", exponent] = String(value).split("e-");
  if (exponent === undefined) return digits;
  return `0.${digits.replace(".", "").padStart(Number(exponent) + digits.replace(".", "").length - 1, "0")}`;
}
