// The part of the fold that follows exits: plans that people set, and what is armed, trailed, triggered and disarmed.
import { type ArmedExit, type LotKey, lotKey, type SetPlan } from "../exits/state.ts";
import { positionKey } from "../keys.ts";
import type { JournalRecordOf } from "../records.ts";
import type { Leg } from "../words.ts";
import type { Book } from "./book.ts";
import type { Touched } from "./touched.ts";

interface Named {
  readonly instrument: string;
  readonly leg: Leg;
  readonly strategy: string;
}

export function applyPlan(book: Book, { payload, tsMs }: JournalRecordOf<"exit_plan_set">): void {
  const key = positionKey(payload.instrument, payload.leg);
  const { entryId, strategy, plan, by } = payload;
  // A later word about the same share of the same life takes the place of the earlier one.
  const others = (book.exitPlans.get(key) ?? []).filter(
    (one) => one.entryId !== entryId || one.strategy !== strategy,
  );
  const set: SetPlan[] = plan === null ? others : [...others, { entryId, strategy, plan, by, tsMs }];
  if (set.length > 0) book.exitPlans.set(key, set);
  else book.exitPlans.delete(key);
}

export function applyArmed(
  book: Book,
  { payload, seq, tsMs }: JournalRecordOf<"exit_armed">,
  touched: Touched,
): void {
  const lot = lotOf(payload);
  const known = book.exits.get(lot);
  const isSame = known?.facts.exitId === payload.exitId;
  const exit = isSame
    ? { ...known, facts: payload }
    : { facts: payload, armedSeq: seq, armedAtMs: tsMs, best: null, trigger: null };
  book.exits.set(lot, exit);
  touched.exits.set(payload.exitId, { ...exit, ended: null });
}

export function applyTrailed(
  book: Book,
  { payload }: JournalRecordOf<"exit_trailed">,
  touched: Touched,
): void {
  change(book, payload, { best: payload.best }, touched);
}

export function applyTriggered(
  book: Book,
  { payload, tsMs }: JournalRecordOf<"exit_triggered">,
  touched: Touched,
): void {
  change(book, payload, { trigger: { ...payload, atMs: tsMs } }, touched);
}

export function applyDisarmed(
  book: Book,
  { payload, tsMs }: JournalRecordOf<"exit_disarmed">,
  touched: Touched,
): void {
  const lot = lotOf(payload);
  const known = book.exits.get(lot);
  if (known?.facts.exitId !== payload.exitId) return;
  book.exits.delete(lot);
  book.exitsBeforeKill.delete(payload.exitId);
  touched.exits.set(payload.exitId, { ...known, ended: { atMs: tsMs, why: payload.why } });
}

/** What is said of an exit that the lot has no more, or of an earlier one, changes nothing. */
function change(
  book: Book,
  said: Named & { readonly exitId: string },
  what: Partial<Pick<ArmedExit, "best" | "trigger">>,
  touched: Touched,
): void {
  const lot = lotOf(said);
  const known = book.exits.get(lot);
  if (known?.facts.exitId !== said.exitId) return;
  const exit = { ...known, ...what };
  book.exits.set(lot, exit);
  touched.exits.set(said.exitId, { ...exit, ended: null });
}

function lotOf({ instrument, leg, strategy }: Named): LotKey {
  return lotKey(positionKey(instrument, leg), strategy);
}
