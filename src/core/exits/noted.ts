// A person's word about an exit that nothing has acted on yet: it was written down while trueup was not at work, and what is
// armed in the book is still as it was before. The next look at what is to be armed (arm.ts) takes it up.
import type { Book, BookLedger } from "../book/book.ts";
import { abs, type Decimal, isZero, sign } from "../decimal.ts";
import { positionKey } from "../keys.ts";
import { currentLife } from "../ledger/ledger.ts";
import type { Leg } from "../words.ts";
import { personsPlan } from "./arm.ts";
import { canonicalPlan, type ExitPlan } from "./plan.ts";
import { lotKey } from "./state.ts";

export interface NotedExit {
  readonly instrument: string;
  readonly leg: Leg;
  readonly strategy: string;
  /** Of the share. Not signed. */
  readonly qty: Decimal;
  /** `none`: no exit is wanted; null where a person's word was taken back. */
  readonly plan: ExitPlan | "none" | null;
  /** Who said it, and when by our clock, ms; null of what was taken back. */
  readonly by: string | null;
  readonly setAtMs: number | null;
  /** What is armed in its place as yet; null where nothing is. */
  readonly replaces: string | null;
}

/** In the order of positions and strategies. */
export function notedExits(book: Book): NotedExit[] {
  return [...book.ledgers.values()]
    .filter(({ holding }) => !isZero(holding.qty))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap((ledger) => notedOf(book, ledger));
}

function notedOf(book: Book, ledger: BookLedger): NotedExit[] {
  const { instrument, leg, lots } = ledger;
  const life = currentLife(ledger);
  if (!life) return [];
  const key = positionKey(instrument, leg);
  return [...lots]
    .filter(([, { qty }]) => sign(qty) === life.direction)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([strategy, lot]) => {
      const set = personsPlan(book, { key, ledger, life, strategy });
      const armed = book.exits.get(lotKey(key, strategy))?.facts;
      const plan = set?.plan ?? null;
      const now = armed?.source === "person" ? armed.plan : null;
      // Where nothing is armed, the last pass has said why of all that was set before it.
      const isNew = set !== undefined && set.tsMs > (book.lastPass?.finishedAtMs ?? Number.NEGATIVE_INFINITY);
      const isWaiting = armed ? !isSamePlan(plan, now) : isNew && plan !== "none";
      if (!isWaiting) return [];
      const said = { plan, by: set?.by ?? null, setAtMs: set?.tsMs ?? null };
      return [{ instrument, leg, strategy, qty: abs(lot.qty), ...said, replaces: armed?.exitId ?? null }];
    });
}

function isSamePlan(a: ExitPlan | "none" | null, b: ExitPlan | null): boolean {
  const text = (plan: ExitPlan | "none" | null) =>
    plan === null || plan === "none" ? String(plan) : JSON.stringify(canonicalPlan(plan));
  return text(a) === text(b);
}
