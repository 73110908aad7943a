// The referee's executions by what identifies them, so that a record's fill is found without walking all. Built again
// only when the referee's lists have grown or shrunk.
import type { FillRow } from "../../core/index.ts";
import type { Referee } from "../referee/referee.ts";

type Facts = Pick<
  FillRow,
  "instrument" | "venueOrderId" | "tradeId" | "joinKey" | "side" | "qty" | "timestamp" | "venueSeq"
>;

export interface Execution {
  readonly row: FillRow;
  readonly isReversed: boolean;
  /** Its place among the referee's own: one object an execution for as long as the lists stay. */
  readonly id: string;
}

export class Executions {
  private readonly referee: Referee;
  private readonly known = new Map<string, Execution>();
  private counts = "";

  constructor(referee: Referee) {
    this.referee = referee;
  }

  /** By trade id where the row has one, else by what joins the venue's sources, else by its content. */
  find(facts: Facts): Execution | undefined {
    this.refresh();
    for (const name of namesOf(facts)) {
      const found = this.known.get(name);
      if (found) return found;
      // A trade id that the venue does not know is no other execution's.
      if (facts.tradeId !== undefined) return undefined;
    }
    return undefined;
  }

  private refresh(): void {
    const standing = this.referee.fills();
    const reversed = this.referee.reversed();
    const counts = `${standing.length} ${reversed.length}`;
    if (counts === this.counts) return;
    this.counts = counts;
    this.known.clear();
    for (const row of reversed) this.add(row, true);
    for (const row of standing) this.add(row, false);
  }

  private add(row: FillRow, isReversed: boolean): void {
    const names = namesOf(row);
    const execution = { row, isReversed, id: names[0] ?? "" };
    for (const name of names) this.known.set(name, execution);
  }
}

/** Most certain first. */
function namesOf(facts: Facts): readonly string[] {
  const { instrument, venueOrderId = "", tradeId, joinKey, side, qty, timestamp, venueSeq } = facts;
  const names: string[] = [];
  if (tradeId !== undefined) names.push(["t", instrument, venueOrderId, tradeId, side].join("|"));
  if (joinKey !== undefined) names.push(["j", instrument, venueOrderId, joinKey, side].join("|"));
  // Parts of one order may be alike to the millisecond.
  if (venueSeq !== undefined) names.push(["s", instrument, venueOrderId, side, venueSeq].join("|"));
  names.push(["c", instrument, venueOrderId, side, qty, timestamp].join("|"));
  return names;
}
