// Alpaca's times: timestamps with up to nine digits after the second, and business dates of New York.

export interface Instant {
  /** Ms since the epoch, UTC. */
  readonly ms: number;
  /** What the timestamp has beyond the ms, in nanoseconds: 0 to 999 999. */
  readonly nanosBeyond: number;
}

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;
const DAY_MS = 24 * 3_600_000;

/** Undefined when the text is not a timestamp with a zone. Nothing is rounded: ns are kept beside the ms. */
export function parseInstant(text: string): Instant | undefined {
  const [, second, fraction = "", zone] = TIMESTAMP.exec(text) ?? [];
  const digits = fraction.padEnd(9, "0");
  const ms = Date.parse(`${second}.${digits.slice(0, 3)}${zone}`);
  return Number.isNaN(ms) ? undefined : { ms, nanosBeyond: Number(digits.slice(3)) };
}

const NEW_YORK_HOUR = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  hour: "2-digit",
  hourCycle: "h23",
});

/** Midnight in New York at the start of a date such as `2026-04-22`; undefined when it is not a date. */
export function newYorkDayStart(date: string): number | undefined {
  const utc = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(utc)) return undefined;
  // New York is four hours behind UTC in summer and five in winter; the clocks change at two, not at midnight.
  return [4, 5]
    .map((hours) => utc + hours * 3_600_000)
    .find((ms) => Number(NEW_YORK_HOUR.format(new Date(ms))) === 0);
}

/** The last ms of a date in New York. */
export function newYorkDayEnd(date: string): number | undefined {
  const utc = Date.parse(`${date}T00:00:00Z`);
  const next = Number.isNaN(utc) ? undefined : newYorkDayStart(dateText(utc + DAY_MS));
  return next === undefined ? undefined : next - 1;
}

/** Dates from one to another, both included; none when the first is later. */
export function datesBetween(first: string, last: string): string[] {
  const end = Date.parse(`${last}T00:00:00Z`);
  const dates: string[] = [];
  for (let at = Date.parse(`${first}T00:00:00Z`); at <= end; at += DAY_MS) dates.push(dateText(at));
  return dates;
}

/** The date of a moment in UTC; New York is never on a later one. */
export function utcDate(ms: number): string {
  return dateText(ms);
}

function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
