// Exposure that nobody expected: on an account whose orders go through trueup, a position that no order of trueup's and no
// strategy's explains. Told once: what was there at first contact, and what the stream brought since. What the history
// alone told is told as a missing fill, and what nothing explains as the difference that it is (R11).
import {
  anchorOf,
  type Book,
  type BookLedger,
  currentLife,
  type Decimal,
  type Entry,
  type Fill,
  type FillKey,
  type PassContext,
  type PositionKey,
  positionKey,
  sign,
  UNATTRIBUTED,
} from "../core/index.ts";
import type { AlertFacts } from "./alerting.ts";
import type { PassMemory } from "./pass-memory.ts";

/** How many positions one message names. */
const NAMED_MAX = 10;

export function exposureAlerts(context: PassContext, memory: PassMemory): AlertFacts[] {
  const { book, policy, inFlight } = context;
  if (policy.mode !== "executor") return [];
  const adopted: Found[] = [];
  const traded: Found[] = [];
  for (const key of keysToLookAt(book, memory)) {
    const ledger = book.ledgers.get(key);
    const life = ledger && currentLife(ledger);
    if (!ledger || !life) continue;
    // Whose order a fill is may be known a moment later.
    if (inFlight.has(ledger.instrument)) {
      memory.exposure.waiting.add(key);
      continue;
    }
    for (const entry of ledger.entries.slice(life.firstIndex)) {
      if (sign(entry.qtyDelta) !== life.direction || book.toldExposure.has(entry.id)) continue;
      const where = isAdopted(book, key, entry) ? adopted : isNobodys(book, entry) ? traded : undefined;
      where?.push({ ledger, entry });
    }
  }
  memory.exposure.seq = book.seq;
  return [
    ...alertOf("missing_position", adopted, "it was held when trueup first looked"),
    ...alertOf("missing_local_order", traded, "it was traded by an order that trueup did not send"),
  ];
}

interface Found {
  readonly ledger: BookLedger;
  readonly entry: Entry;
}

/** Of positions that changed since the last look, and of those that could not be looked at. */
function keysToLookAt(book: Book, { exposure }: PassMemory): PositionKey[] {
  const keys = new Set(exposure.waiting);
  for (const [key, seq] of book.lastChange) if (seq > exposure.seq) keys.add(key);
  exposure.waiting.clear();
  return [...keys].sort();
}

/** It was there at first contact: as an opening, or as a fill that was told with the first read of the key. */
function isAdopted(book: Book, key: PositionKey, entry: Entry): boolean {
  if (entry.source === "opening") return true;
  const fill = entry.source === "fill" ? book.fills.get(entry.id as FillKey) : undefined;
  if (!fill || entry.strategy !== UNATTRIBUTED || isOurs(book, fill)) return false;
  return fill.seq < (anchorOf(book, key)?.seq ?? 0);
}

function isNobodys(book: Book, { id, source, strategy }: Entry): boolean {
  if (source !== "fill" || strategy !== UNATTRIBUTED) return false;
  const fill: Fill | undefined = book.fills.get(id as FillKey);
  if (fill?.facts.source !== "stream" || fill.facts.isContained) return false;
  return !isOurs(book, fill);
}

function isOurs(book: Book, { orderKey }: Fill): boolean {
  return orderKey !== null && book.orders.get(orderKey)?.isOurs === true;
}

function alertOf(kind: AlertFacts["kind"], found: readonly Found[], why: string): AlertFacts[] {
  const [first] = found;
  if (!first) return [];
  const byPlace = Map.groupBy(found, ({ ledger }) => positionKey(ledger.instrument, ledger.leg));
  const names = [...byPlace.values()].map((ones) => {
    const [{ ledger }] = ones as [Found];
    const parts = ones.map(({ entry }) => entry.qtyDelta).slice(0, NAMED_MAX);
    return `${ledger.instrument} ${ledger.holding.qty} (${parts.map(signed).join(", ")}${ones.length > parts.length ? ", …" : ""})`;
  });
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : "";
  return [
    {
      kind,
      subject: byPlace.size === 1 ? first.ledger.instrument : null,
      text: `unexpected exposure: ${names.slice(0, NAMED_MAX).join("; ")}${more}: ${why}, and no strategy claims it`,
      // All of them: by these the book knows what was told.
      evidence: found.map(({ entry }) => entry.id),
    },
  ];
}

function signed(qty: Decimal): string {
  return sign(qty) > 0 ? `+${qty}` : qty;
}
