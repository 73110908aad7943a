// Does it add up? Every number of the end is counted twice, on trueup's side and on the venue's, and set side by side:
// positions, lots, fills, money, discrepancies. Values in, values out.
import {
  abs,
  add,
  compare,
  type Decimal,
  type Discrepancy,
  decimal,
  multiply,
  subtract,
  sum,
  UNATTRIBUTED,
  ZERO,
} from "../../core/index.ts";
import type { Look } from "./look.ts";
import type { Party, Scenario } from "./scenario.ts";

/** An average price that does not come out even is rounded at its 34th digit; money at its second. */
const MONEY_TOLERANCE = decimal("0.005");

export interface Check {
  /** What is compared, such as `AAPL` or `cash`. */
  readonly name: string;
  /** Both sides in full: where each number comes from. */
  readonly text: string;
  readonly isOk: boolean;
}

export interface Tally {
  readonly positions: readonly Check[];
  readonly files: readonly Check[];
  readonly fills: readonly Check[];
  readonly money: readonly Check[];
  readonly discrepancies: Check;
  /** What went otherwise than the story expected. */
  readonly problems: readonly string[];
  readonly isOk: boolean;
}

export interface TallyFacts {
  readonly scenario: Pick<Scenario, "cash" | "parties">;
  readonly look: Pick<Look, "copies" | "venue" | "book">;
  readonly discrepancies: readonly Pick<
    Discrepancy,
    "kind" | "localQty" | "venueQty" | "cause" | "resolution"
  >[];
  readonly problems: readonly string[];
}

export function tallyOf(facts: TallyFacts): Tally {
  const checks = {
    positions: positionChecks(facts),
    files: fileChecks(facts),
    fills: fillChecks(facts),
    money: moneyChecks(facts),
    discrepancies: discrepancyCheck(facts),
  };
  const all = [...checks.positions, ...checks.files, ...checks.fills, ...checks.money, checks.discrepancies];
  const isOk = all.every((one) => one.isOk) && facts.problems.length === 0;
  return { ...checks, problems: facts.problems, isOk };
}

/** Lots of the strategies and what nobody claims sum to the venue's quantity. */
function positionChecks({ look: { venue, book }, scenario: { parties } }: TallyFacts): Check[] {
  const names = new Set([
    ...Object.keys(venue.positions),
    ...book.positions.map(({ instrument }) => instrument),
  ]);
  return [...names].sort().map((name) => {
    const lots = book.positions.find(({ instrument }) => instrument === name)?.lots ?? [];
    const held = venue.positions[name]?.qty ?? ZERO;
    const parts = lots.map(({ strategy, qty }) => `${nameOfLot(strategy, parties)} ${qty}`).join(" + ");
    const total = sum(lots.map(({ qty }) => qty));
    const isOk = total === held && bookQty(book, name) === held;
    return { name, text: `${parts || "nothing"} ${isOk ? "=" : "IS NOT"} venue ${held}`, isOk };
  });
}

function bookQty({ positions }: Look["book"], name: string): Decimal {
  return positions.find(({ instrument }) => instrument === name)?.qty ?? ZERO;
}

/** A file is compared with its lot, or with the whole account; without quantities, with what is held at all. */
function fileChecks({ look: { copies, book, venue } }: TallyFacts): Check[] {
  return copies.map(({ file, strategy, rows, problem }) => {
    if (problem !== null) return { name: file, text: problem, isOk: false };
    const held = strategy === null ? venueQuantities(venue) : lotQuantities(book, strategy);
    const isSame =
      rows.length === held.size &&
      rows.every(({ instrument, qty }) => {
        const actual = held.get(instrument);
        return actual !== undefined && (qty === null || qty === actual);
      });
    const mine = rows
      .map(({ instrument, qty }) => `${instrument}${qty === null ? "" : ` ${qty}`}`)
      .join(", ");
    const theirs = [...held].map(([name, qty]) => `${name} ${qty}`).join(", ");
    const scope = strategy === null ? "the account" : "its lot";
    const text = isSame
      ? `${mine || "nothing"} = ${scope}`
      : `${mine || "nothing"} IS NOT ${scope}: ${theirs || "nothing"}`;
    return { name: file, text, isOk: isSame };
  });
}

function venueQuantities({ positions }: Look["venue"]): ReadonlyMap<string, Decimal> {
  return new Map(Object.entries(positions).map(([name, { qty }]) => [name, qty]));
}

function lotQuantities({ positions }: Look["book"], strategy: string): ReadonlyMap<string, Decimal> {
  return new Map(
    positions.flatMap(({ instrument, lots }) => {
      const lot = lots.find((one) => one.strategy === strategy);
      return lot ? [[instrument, lot.qty] as const] : [];
    }),
  );
}

/** By the client order id at the venue, and by the strategy in the journal. */
function fillChecks({ look: { venue, book }, scenario: { parties } }: TallyFacts): Check[] {
  const all = [...parties];
  if (all.every(({ strategy }) => strategy !== UNATTRIBUTED)) {
    all.push({ name: "others", strategy: UNATTRIBUTED, prefix: null });
  }
  const count = (strategy: string) =>
    venue.fills.filter(({ clientOrderId }) => ownerOf(clientOrderId, parties) === strategy).length;
  const own = all.map(({ name, strategy }) => check(name, book.fills.get(strategy) ?? 0, count(strategy)));
  const known = [...book.fills.values()].reduce((a, b) => a + b, 0);
  return [
    ...own.filter(({ text, isOk }) => !isOk || !text.startsWith("0 ")),
    check("account", known, venue.fills.length),
  ];
}

function check(name: string, known: number, atVenue: number): Check {
  const isOk = known === atVenue;
  return { name, text: `${known} in the journal ${isOk ? "=" : "IS NOT"} ${atVenue} at the venue`, isOk };
}

function ownerOf(clientOrderId: string | undefined, parties: readonly Party[]): string {
  const owner = parties.find(({ prefix }) => prefix !== null && clientOrderId?.startsWith(prefix));
  return owner?.strategy ?? UNATTRIBUTED;
}

/**
 * start + realised - fees + transfers + what nobody explained = cash + what the positions cost. The left side is of
 * trueup's journal (but for transfers, which only the venue's ledger has), the right side is the venue's.
 */
function moneyChecks({ scenario: { cash: start }, look, discrepancies }: TallyFacts): Check[] {
  const { venue, book } = look;
  const { currency, cash } = venue;
  const transfers = sum(venue.ledger.map(({ amount }) => amount ?? ZERO));
  const drift = sum(
    discrepancies
      .filter(({ kind, cause }) => kind === "balance_mismatch" && cause === "unexplained")
      .map(({ localQty, venueQty }) => subtract(venueQty ?? ZERO, localQty ?? ZERO)),
  );
  const cost = sum(Object.values(venue.positions).map(({ qty, entryPrice }) => multiply(qty, entryPrice)));
  const left = sum([decimal(start), book.realized, subtract(ZERO, book.fees), transfers, drift]);
  const right = add(cash, cost);
  const isOk = isNear(left, right);
  const terms = [
    `${money(decimal(start))} start`,
    signedTerm("realised", book.realized),
    signedTerm("fees", subtract(ZERO, book.fees)),
    ...(venue.ledger.length > 0 ? [signedTerm("transfers", transfers)] : []),
    ...(drift === ZERO ? [] : [signedTerm("unexplained", drift)]),
  ];
  const middle = isOk ? `= ${money(left)} =` : `= ${money(left)} IS NOT ${money(right)} =`;
  const isCashOk = book.cash !== null && isNear(book.cash, cash);
  const known = book.cash === null ? "unknown" : money(book.cash);
  return [
    {
      name: "account",
      text: `${terms.join(" ")} ${middle} ${money(cash)} cash ${signedTerm("positions at cost", cost)}`,
      isOk,
    },
    {
      name: `cash ${currency}`,
      text: `${known} in the journal ${isCashOk ? "=" : "IS NOT"} ${money(cash)} at the venue`,
      isOk: isCashOk,
    },
  ];
}

function discrepancyCheck({ discrepancies }: TallyFacts): Check {
  const count = (resolution: Discrepancy["resolution"]) =>
    discrepancies.filter((one) => one.resolution === resolution).length;
  const parts = [
    `${count("repaired")} repaired`,
    `${count("explained")} explained`,
    `${count("vanished") + count("released")} gone by themselves`,
    `${count(null)} open`,
  ];
  const text = `${discrepancies.length} found = ${parts.join(" + ")}`;
  return { name: "discrepancies", text, isOk: count(null) === 0 };
}

function nameOfLot(strategy: string, parties: readonly Party[]): string {
  if (strategy !== UNATTRIBUTED) return parties.find((one) => one.strategy === strategy)?.name ?? strategy;
  return UNATTRIBUTED;
}

function isNear(a: Decimal, b: Decimal): boolean {
  return compare(abs(subtract(a, b)), MONEY_TOLERANCE) < 0;
}

function signedTerm(name: string, value: Decimal): string {
  return `${compare(value, ZERO) < 0 ? "-" : "+"} ${money(abs(value))} ${name}`;
}

/** With two digits: it is to be read, and what is compared is exact. */
export function money(value: Decimal): string {
  const [whole = "0", fraction = ""] = roundedToCents(value).split(".");
  return `${whole}.${fraction.padEnd(2, "0")}`;
}

function roundedToCents(value: Decimal): string {
  const [whole = "0", fraction = ""] = abs(value).split(".");
  const cents = BigInt(whole + fraction.padEnd(2, "0").slice(0, 2)) + ((fraction[2] ?? "0") >= "5" ? 1n : 0n);
  const text = `${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`;
  return compare(value, ZERO) < 0 && cents > 0n ? `-${text}` : text;
}
