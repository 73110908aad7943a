// Fills by the id of their execution, for a bust or a correction that names one. The stream of trade updates and the log
// of activities name the same executions.
import type { FillRow } from "../../core/index.ts";

const REMEMBERED_MAX = 5_000;

export class Executions {
  private readonly fills = new Map<string, FillRow>();

  remember(executionId: string | undefined, fill: FillRow): void {
    if (executionId === undefined) return;
    const [oldest] = this.fills.keys();
    if (this.fills.size >= REMEMBERED_MAX && oldest !== undefined) this.fills.delete(oldest);
    this.fills.set(executionId, fill);
  }

  /** The fill of the first id that is known; it is forgotten then, so that nothing takes it back twice. */
  takeBack(ids: readonly unknown[]): FillRow | undefined {
    for (const id of ids) {
      const fill = typeof id === "string" ? this.fills.get(id) : undefined;
      if (fill === undefined) continue;
      this.fills.delete(id as string);
      return fill;
    }
    return undefined;
  }
}
