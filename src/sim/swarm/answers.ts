// Whether each fault that struck was answered as its row of the fault table says.
import type { JournalRecord } from "../../core/index.ts";
import type { World } from "../invariants/world.ts";
import type { FaultPlan } from "./faults.ts";

export class Answers {
  readonly answered: Record<string, number> = {};
  constructor(_world: World, _faults: FaultPlan) {}
  onRecord(_record: JournalRecord): void {}
  async judge(): Promise<void> {}
}
