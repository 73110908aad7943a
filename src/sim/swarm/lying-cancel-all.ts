// One call that cancels all, at a venue that lies: lost before it arrives, carried out by half and not answered, or taken
// with a word and carried out by half. Which orders are gone, only rows say.
import type { CancelAllCommand, CommandOutcome } from "../../venues/index.ts";
import type { Referee } from "../referee/referee.ts";
import type { FaultPlan } from "./faults.ts";
import type { SeededRandom } from "./random.ts";

export interface CancelAllParts {
  readonly referee: Referee;
  readonly faults: FaultPlan;
  /** Draws of its own: whatever else is drawn stays as it is. */
  readonly random: SeededRandom;
  readonly isLost: () => boolean;
  /** Told as it leaves, and whether it will be said to be taken. */
  readonly ask: (command: CancelAllCommand, isTaken: boolean) => void;
  readonly takeTime: () => Promise<void>;
}

type Fate = "carried out" | "lost" | "half, not answered" | "half, taken";

export async function lyingCancelAll(
  command: CancelAllCommand,
  { referee, faults, random, isLost, ask, takeTime }: CancelAllParts,
): Promise<CommandOutcome> {
  const fate = fateOf(faults, random, isLost());
  const isTaken = fate === "carried out" || fate === "half, taken";
  ask(command, isTaken);
  await takeTime();
  if (fate !== "lost") {
    for (const { status, instrument, venueOrderId } of referee.orders()) {
      const isOpen = status === "open" || status === "partially_filled";
      const isMeant = command.instrument === undefined || command.instrument === instrument;
      if (!isOpen || !isMeant || venueOrderId === undefined) continue;
      if (fate === "carried out" || random.chance(0.5)) referee.cancel({ instrument, venueOrderId });
    }
  }
  return isTaken ? { kind: "accepted" } : { kind: "unknown", reason: "no answer: the connection was reset" };
}

function fateOf(faults: FaultPlan, random: SeededRandom, isLost: boolean): Fate {
  if (isLost) return "lost";
  if (faults.isHealed || !faults.isEnabled("cancel_lost")) return "carried out";
  return random.pick(["carried out", "carried out", "lost", "half, not answered", "half, taken"]);
}
