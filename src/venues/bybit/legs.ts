// Which contracts are held in two legs. Executions do not say which leg they moved; positions and orders do, so what they
// last said is remembered, and a fill's leg follows from its side and from whether it closed something.
import type { FillRow, Leg } from "../../core/index.ts";
import type { FillFacts } from "./parse-execution.ts";

/** More contracts than an account has at a time. */
const REMEMBERED_MAX = 5_000;

export class LegMemory {
  private readonly isHedged = new Map<string, boolean>();

  /** @param leg As a row of a position or an order has it. */
  note(instrument: string, leg: Leg | undefined): void {
    if (leg === undefined) return;
    if (this.isHedged.size >= REMEMBERED_MAX) this.isHedged.clear();
    this.isHedged.set(instrument, leg !== "net");
  }

  /** Undefined where nothing has told it yet. */
  isNet(instrument: string): boolean | undefined {
    const isHedged = this.isHedged.get(instrument);
    return isHedged === undefined ? undefined : !isHedged;
  }

  /** The fill with its leg; without one where that cannot be told: then the difference decides. */
  legOf({ row, isClosing }: FillFacts): FillRow {
    const isHedged = this.isHedged.get(row.instrument);
    if (row.leg !== undefined || isHedged === undefined) return row;
    if (!isHedged) return { ...row, leg: "net" };
    if (isClosing === undefined) return row;
    return { ...row, leg: (row.side === "buy") === isClosing ? "short" : "long" };
  }
}
