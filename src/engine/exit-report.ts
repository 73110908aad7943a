// Exits in one document: what is armed, what has come to pass, what nothing would close. From the book alone, so that it
// is the same with a daemon and without one.
import {
  type ArmedExit,
  type Book,
  type Discrepancy,
  type ExitLevels,
  firstBest,
  type Leg,
  trailingLevel,
} from "../core/index.ts";

/** An exit that is armed, for people and programs. */
export interface ExitView extends ExitLevels {
  readonly exitId: string;
  readonly instrument: string;
  readonly leg: Leg;
  readonly strategy: string;
  readonly state: "armed" | "triggered";
  /** Not signed. */
  readonly qty: string;
  readonly entryPrice: string | null;
  /** The best price so far, as it was last written down, and where the trailing stop lies with it. */
  readonly best: string | null;
  readonly trailingAt: string | null;
  /** Where its plan comes from. */
  readonly source: ArmedExit["facts"]["source"];
  readonly invalidation: string | null;
  readonly armedAtMs: number;
  /** The last order that it asked for; null while it only waits. */
  readonly trigger: ArmedExit["trigger"];
}

/** A position that nothing would close, or an order of somebody else that would. */
export interface ExitMatter {
  readonly discrepancyId: string;
  readonly instrument: string;
  readonly qty: string | null;
  readonly code: string | null;
  /** For a person: what is missing, and what to do. */
  readonly detail: string | null;
  readonly policy: Discrepancy["policy"];
  readonly sinceMs: number;
}

/** Everything that is known of the exits of one account. */
export interface ExitsReport {
  readonly account: string;
  readonly exits: readonly ExitView[];
  readonly unprotected: readonly ExitMatter[];
  readonly foreign: readonly ExitMatter[];
}

/** Sorted by instrument, leg and strategy. */
export function exitsReport(book: Book): ExitsReport {
  const open = [...book.discrepancies.values()];
  const of = (kind: Discrepancy["kind"]) => open.filter((one) => one.kind === kind).map(matterOf);
  return {
    account: book.account,
    exits: [...book.exits.values()].map(exitView).sort(byName),
    unprotected: of("unprotected_position"),
    foreign: of("foreign_exit_order"),
  };
}

function exitView({ facts, armedAtMs, best, trigger }: ArmedExit): ExitView {
  const { lifeId: _, plan, planDigest: __, why: ___, ...told } = facts;
  const from = best ?? firstBest(facts);
  return {
    ...told,
    state: trigger === null ? "armed" : "triggered",
    best,
    trailingAt: trailingLevel(facts, from),
    invalidation: plan.invalidation ?? null,
    armedAtMs,
    trigger,
  };
}

function matterOf(one: Discrepancy): ExitMatter {
  const { id, subject, localQty, venueQty, code, detail, policy, firstSeenMs } = one;
  return {
    discrepancyId: id,
    instrument: subject.type === "balance" ? subject.asset : subject.instrument,
    qty: localQty ?? venueQty,
    code,
    detail,
    policy,
    sinceMs: firstSeenMs,
  };
}

function byName(a: ExitView, b: ExitView): number {
  const [x, y] = [`${a.instrument} ${a.leg} ${a.strategy}`, `${b.instrument} ${b.leg} ${b.strategy}`];
  return x < y ? -1 : x > y ? 1 : 0;
}
