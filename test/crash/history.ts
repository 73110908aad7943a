// What a real session asks of its journal, one call after another: recorded once in memory, from the engine unchanged
// on a paper account on which much happens, and then made of a real file in every suite of this folder.
import type { AppendRequest, AppendResult, Checkpoint, Tail } from "../../src/journal/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import { BusyAccount } from "./busy-account.ts";

export type Step =
  | { readonly kind: "append"; readonly request: AppendRequest }
  | { readonly kind: "tail"; readonly tail: Tail }
  | { readonly kind: "checkpoint"; readonly checkpoint: Checkpoint; readonly nowMs: number };

class RecordingJournal extends MemoryJournal {
  readonly steps: Step[] = [];
  appends = 0;

  override async append(request: AppendRequest): Promise<AppendResult> {
    this.appends += 1;
    this.steps.push({ kind: "append", request });
    return super.append(request);
  }

  override async setTail(account: string, tail: Tail): Promise<void> {
    this.steps.push({ kind: "tail", tail });
    return super.setTail(account, tail);
  }

  override async saveCheckpoint(account: string, checkpoint: Checkpoint, nowMs = 0): Promise<void> {
    this.steps.push({ kind: "checkpoint", checkpoint, nowMs });
    return super.saveCheckpoint(account, checkpoint);
  }
}

/** Steps with this many appends at least. The same seed gives the same steps. */
export async function recordSteps(seed: number, appends: number): Promise<readonly Step[]> {
  const journal = new RecordingJournal();
  const account = await BusyAccount.open(journal, seed);
  while (journal.appends < appends) await account.live();
  if (account.world.failure) throw account.world.failure;
  return journal.steps;
}
