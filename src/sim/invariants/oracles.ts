// The oracles as a watch: the referee against the sum of its own lists, the book against the same sum in the end, and
// the history as a history.
import type { JournalRecord, PositionKey } from "../../core/index.ts";
import { exact, magnitude, plain, times } from "../oracle/exact.ts";
import { History } from "../oracle/history.ts";
import { type Beginning, beginningOf, Naive, ROUNDING, refereeProblems } from "../oracle/naive.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

export class Oracles implements Watch {
  private readonly course: Course;
  private readonly history = new History();
  private readonly beginning: Beginning;

  constructor(course: Course) {
    this.course = course;
    this.beginning = beginningOf(course.world.referee);
  }

  onRecord(record: JournalRecord): void {
    for (const problem of this.history.apply(record)) this.course.world.violate("oracle", problem);
  }

  onRestart(): void {
    this.referee();
  }

  async judge(): Promise<void> {
    const { world, trail } = this.course;
    const naive = this.referee();
    this.results(naive);
    const keys = new Set([...naive.positions.keys(), ...trail.quantities.positions.keys()]);
    for (const key of keys) {
      const wanted = naive.positions.get(key) ?? 0n;
      const told = trail.quantities.qty(key as PositionKey);
      const held = world.session()?.book.ledgers.get(key as PositionKey)?.holding.qty;
      if (told === wanted && (held === undefined || exact(held) === wanted)) continue;
      if (this.isDust(key, told - wanted)) continue;
      world.violate(
        "oracle",
        `${key} is ${held ?? "nothing"} in the book and ${plain(told)} by its records; the venue's executions and entries add up to ${plain(wanted)}`,
      );
    }
  }

  /**
   * Cost and results of what the journal has whole, at the venue's own prices and in the venue's own order, are what the
   * venue's executions come to.
   */
  private results(naive: Naive): void {
    const { world } = this.course;
    const near = (text: string, wanted: bigint) => magnitude(exact(text) - wanted) <= ROUNDING;
    for (const [key, { entries, holding, terms, realizedPnl, lives }] of world.session()?.book.ledgers ??
      []) {
      const told = naive.held.get(key);
      const isWhole = told?.times.length === entries.length && entries.every(({ isEstimate }) => !isEstimate);
      if (!told || !isWhole || new Set(told.times).size < told.times.length) continue;
      if (holding.cost === null || lives.some((life) => life.realizedPnl === null)) continue;
      world.check("I13");
      const cost = times(exact(holding.cost), exact(terms.multiplier));
      if (near(realizedPnl, told.realized) && magnitude(cost - told.cost) <= ROUNDING) continue;
      world.violate(
        "I13",
        `${key} cost ${plain(cost)} and realised ${realizedPnl} in the book; by the venue's executions it cost ${plain(told.cost)} and realised ${plain(told.realized)}`,
      );
    }
  }

  /**
   * What an order filled, where only its row tells it, is known without its fee, and so may a trade of one step be that was
   * taken back unheard out of an opening: less than a step may be left (R9).
   */
  private isDust(key: string, difference: bigint): boolean {
    const { referee, session, capabilities } = this.course.world;
    const instrument = key.slice(key.indexOf(":") + 1);
    const step = referee.instruments.find(({ symbol }) => symbol === instrument)?.qtyStep ?? "0";
    // One that was never told leaves its fee.
    const isTakenBack = referee.reversed().some((row) => row.instrument === instrument);
    const open = [...(session()?.book.adjustments.values() ?? [])];
    const isInferred = open.some(({ facts }) => `${facts.leg}:${facts.instrument}` === key);
    const isForgotten = capabilities.fills.retentionMs !== undefined && this.hasUntold(instrument);
    return (isInferred || isTakenBack || isForgotten) && magnitude(difference) < exact(step);
  }

  /** A trade of one step less its fee, an expiry or its like, that the venue had forgotten before anybody could ask. */
  private hasUntold(instrument: string): boolean {
    const { referee, session } = this.course.world;
    const book = session()?.book;
    const trades = new Set([...(book?.fills.values() ?? [])].map(({ facts }) => facts.tradeId));
    const entries = book?.ledgerIds ?? new Set();
    const isOfIt = (row: { readonly instrument?: string }) => row.instrument === instrument;
    return (
      referee.fills().some((row) => isOfIt(row) && !trades.has(row.tradeId)) ||
      referee.ledger().some((row) => isOfIt(row) && row.qtyDelta !== undefined && !entries.has(row.id))
    );
  }

  private referee(): Naive {
    const { world } = this.course;
    const naive = new Naive(world.referee, this.beginning);
    for (const problem of refereeProblems(world.referee, naive)) world.violate("oracle", problem);
    return naive;
  }
}
