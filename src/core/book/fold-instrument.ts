// The part of the fold that learns what an instrument is. A venue may say it after the first fills: costs and
// results are then worked out again, and money that moved since its balance was last stated is put right. The
// quantities of entries stay: they have been compared with the venue as they are.
import { type Decimal, negate, ZERO } from "../decimal.ts";
import { type Instrument, payoffOf } from "../instrument.ts";
import { type FillKey, positionKey } from "../keys.ts";
import { emptyLedger, insertEntry, type Ledger, setTerms } from "../ledger/ledger.ts";
import { termsOf } from "../ledger/worth.ts";
import type { JournalRecordOf } from "../records.ts";
import { LEGS } from "../words.ts";
import { moveCash } from "./balances.ts";
import type { Book } from "./book.ts";
import { cashMoves } from "./effects.ts";
import { specOf, valueOrdersAgain } from "./fold-positions.ts";
import type { Touched } from "./touched.ts";

export function applyInstrument(
  book: Book,
  { payload: { instrument }, tsMs }: JournalRecordOf<"instrument_observed">,
  touched: Touched,
): void {
  const before = specOf(book, instrument.symbol);
  book.instruments.set(instrument.symbol, instrument);
  if (isSameMoney(before, instrument)) return;
  if (payoffOf(before) !== payoffOf(instrument)) valueOrdersAgain(book, instrument.symbol, touched);
  for (const leg of LEGS) {
    const key = positionKey(instrument.symbol, leg);
    const ledger = book.ledgers.get(key);
    if (!ledger) continue;
    moveMoneyAgain(book, ledger, { before, after: instrument, nowMs: tsMs }, touched);
    setTerms(ledger, termsOf(instrument));
    touched.positions.add(key);
  }
}

function isSameMoney(a: Instrument, b: Instrument): boolean {
  return (
    a.multiplier === b.multiplier &&
    a.settlement === b.settlement &&
    a.base === b.base &&
    a.quote === b.quote &&
    payoffOf(a) === payoffOf(b)
  );
}

/** What each fill moved by the old terms is taken back, and what it moves by the new ones is booked. */
function moveMoneyAgain(
  book: Book,
  ledger: Ledger,
  { before, after, nowMs }: { before: Instrument; after: Instrument; nowMs: number },
  touched: Touched,
): void {
  const old = emptyLedger(termsOf(before));
  const now = emptyLedger(termsOf(after));
  for (const entry of ledger.entries) {
    const [realizedBefore, realizedAfter] = [old, now].map(
      (one) => insertEntry(one, entry)[0]?.delta ?? ZERO,
    );
    const fill = entry.source === "fill" ? book.fills.get(entry.id as FillKey)?.facts : undefined;
    if (!fill || fill.isContained) continue;
    const move = (asset: string, delta: Decimal) => {
      const cash = { id: fill.fillKey, asset, timestamp: fill.timestamp, delta, nowMs };
      if (moveCash(book, cash) === "counted") touched.balances.add(asset);
    };
    for (const { asset, delta } of cashMoves(before, fill, realizedBefore ?? ZERO)) {
      move(asset, negate(delta));
    }
    for (const { asset, delta } of cashMoves(after, fill, realizedAfter ?? ZERO)) {
      move(asset, delta);
    }
  }
}
