// I13: what a balance changed by is the cash of fills, fees, funding, transfers and what a record explains, and nothing
// else. At each moment the book's total is what the records add up to; in the end it is the venue's; and "unexplained" is
// said only where the venue's money moved without a word, or before the journal was told what moved it.
import { balanceTotal, isCash, type JournalRecord, type LedgerRow, type Payloads } from "../../core/index.ts";
import { exact, magnitude, plain } from "../oracle/exact.ts";
import { Money } from "../oracle/money.ts";
import { type Beginning, beginningOf, driftOf, Naive, ROUNDING } from "../oracle/naive.ts";
import { balanceDifferences, textOf, toleranceOf } from "./compare.ts";
import type { Course } from "./course.ts";
import { Executions } from "./executions.ts";
import type { Watch } from "./world.ts";

type Stated = Extract<Payloads["adjustment_inferred"], { readonly subject: "balance" }>;

export class Balances implements Watch {
  private readonly course: Course;
  private readonly money = new Money();
  private readonly beginning: Beginning;
  private readonly executions: Executions;
  private readonly booked = new Set<string>();
  private isTouched = false;
  /** Differences that were taken over without an explanation, and not taken back since. */
  private readonly unexplained: bigint[] = [];
  private drifted = false;
  /** Instruments whose quantity a person's plan has moved. */
  private readonly declared = new Set<string>();
  /** Assets that have been found to be wrong: once each. */
  private readonly wrong = new Set<string>();

  constructor(course: Course) {
    this.course = course;
    this.beginning = beginningOf(course.world.referee);
    this.executions = new Executions(course.world.referee);
  }

  onRecord(record: JournalRecord): void {
    const { kind, payload, seq } = record;
    if (kind === "adjustment_inferred" && payload.subject === "balance") this.stated(payload, seq);
    if (kind === "adjustment_inferred" && payload.subject === "position" && this.course.trail.isByPlan) {
      this.declared.add(payload.instrument);
    }
    if (kind === "fill_recorded") {
      const execution = this.executions.find(payload);
      if (execution) this.booked.add(execution.id);
    }
    this.money.apply(record);
    this.isTouched ||= MOVING.has(kind);
  }

  afterEvent(): void {
    if (this.isTouched) this.compare();
  }

  onRestart(): void {
    this.compare();
  }

  async judge(): Promise<void> {
    const { world } = this.course;
    this.compare();
    const book = world.session()?.book;
    if (!book) return;
    world.check("I13", world.referee.balances().length);
    for (const one of balanceDifferences(world, book)) {
      world.violate("I13", `balance: ${textOf(one)} (record ${book.seq})`);
    }
  }

  private compare(): void {
    const { world } = this.course;
    const book = this.course.book();
    if (!book) return;
    this.isTouched = false;
    for (const asset of this.money.assets()) {
      const wanted = this.money.total(asset);
      const balance = book.balances.get(asset);
      if (wanted === undefined || this.wrong.has(asset)) continue;
      world.check("I13");
      const total = balance ? balanceTotal(balance) : "0";
      if (exact(total) === wanted) continue;
      this.wrong.add(asset);
      world.violate(
        "I13",
        `${asset} is ${total} in the book at record ${book.seq}; what the venue stated and the records since add up to ${plain(wanted)}`,
      );
    }
  }

  private stated({ asset, cause, totalBefore, totalAfter, adjustmentId }: Stated, seq: number): void {
    const { world } = this.course;
    // What drifted before the first statement may drift back after it.
    if (totalBefore === null) this.hasDrifted(asset);
    if (cause !== "unexplained" || totalBefore === null) return;
    world.check("I13");
    const delta = exact(totalAfter) - exact(totalBefore);
    if (isCash(asset) && magnitude(delta) <= toleranceOf(world, asset)) {
      world.violate(
        "I13",
        `record ${seq} (${adjustmentId}) takes ${asset} from ${totalBefore} to ${totalAfter}, which is within the tolerance`,
      );
    }
    const opposite = this.unexplained.indexOf(-delta);
    if (opposite >= 0) this.unexplained.splice(opposite, 1);
    else this.unexplained.push(delta);
    // What an earlier one took over and a late fill then counted again is only taken back.
    if (opposite >= 0) return;
    // Times of the venue's and of ours cannot be told apart by a clock that is wrong.
    if (this.course.wasClockOff || this.isUntold(asset) || this.hasDrifted(asset)) return;
    if (this.isByWord(asset)) return;
    world.violate(
      "I13",
      `record ${seq} (${adjustmentId}) takes ${asset} from ${totalBefore} to ${totalAfter} without an explanation; the venue's money never moved without a word, and the journal has all fills and ledger entries that moved it`,
    );
  }

  /** A person who says wrongly that a position is flat gives it another cost, and every later result of it another size. */
  private isByWord(asset: string): boolean {
    const { instruments } = this.course.world.referee;
    return instruments.some(
      ({ symbol, settlement, quote }) =>
        settlement === "margin" && quote === asset && this.declared.has(symbol),
    );
  }

  private hasDrifted(asset: string): boolean {
    const { referee } = this.course.world;
    const naive = new Naive(referee, this.beginning);
    const drift = driftOf(referee, naive).get(asset) ?? 0n;
    this.drifted ||= magnitude(drift) > ROUNDING;
    return this.drifted;
  }

  /** Whether something that moved it at the venue is not in the journal, or was told after the read. */
  private isUntold(asset: string): boolean {
    const { world, trail } = this.course;
    const moves = (symbol: string) => {
      const spec = world.referee.instruments.find((one) => one.symbol === symbol);
      return spec === undefined || spec.base === asset || spec.quote === asset;
    };
    for (const fill of world.referee.fills()) {
      const isOfAsset = fill.feeCurrency === asset || moves(fill.instrument);
      const id = this.executions.find(fill)?.id;
      if (isOfAsset && (id === undefined || !this.booked.has(id))) return true;
    }
    // The money of a fill that an opening is taken to contain is nowhere in the book.
    for (const { isContained } of trail.fills.values()) if (isContained) return true;
    // What was taken back moved money twice, and the book may have seen it once.
    if (world.referee.reversed().length > 0) return true;
    // A split that nobody told leaves the position another cost, and its later results another size.
    const isOfAsset = (row: LedgerRow) =>
      row.asset === asset || (row.qtyDelta !== undefined && moves(row.instrument ?? ""));
    return world.referee.ledger().some((row) => isOfAsset(row) && !trail.ledgerIds.has(row.id));
  }
}

const MOVING: ReadonlySet<string> = new Set([
  "adjustment_inferred",
  "fill_recorded",
  "fill_reversed",
  "ledger_entry_recorded",
]);
