// Numbers as people read them, the same in every locale.

/** Thousands apart: 12,345. */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** One digit behind the point where the number is small. */
export function rounded(value: number): string {
  return value >= 100 ? grouped(value) : String(Math.round(value * 10) / 10);
}

/** Of what is far below one: three digits behind the point. */
export function fine(value: number): string {
  return String(Math.round(value * 1_000) / 1_000);
}
