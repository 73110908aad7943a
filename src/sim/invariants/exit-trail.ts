// What the records say of exits so far: which were ever armed and how they stand, what has triggered and under which
// intents, and which were armed when the account was killed. Kept apart from the book's own exits, so that a wrong fold
// of them shows.
import type { JournalRecord, Payloads } from "../../core/index.ts";

export type ArmedRecord = Payloads["exit_armed"];
export type TriggerRecord = Payloads["exit_triggered"];

export interface Armed {
  readonly facts: ArmedRecord;
  /** When its first record became durable, monotonic ms. */
  readonly atMs: number;
  /** When what it is armed for or at changed last. */
  readonly changedMs: number;
  /** The best price as it was written down last. */
  readonly best: string | null;
  readonly trigger: { readonly facts: TriggerRecord; readonly atMs: number } | null;
}

export class ExitTrail {
  /** Exits that are armed now, by their ids. */
  readonly armed = new Map<string, Armed>();
  /** Every trigger that there ever was, by the intent that it asks for, with the exit as it was then. */
  readonly triggers = new Map<string, { readonly facts: TriggerRecord; readonly armed: ArmedRecord }>();
  /** Intents of each exit, in their order. */
  readonly intents = new Map<string, string[]>();
  /** Exits that were armed when the account was killed; undefined while it is not. */
  beforeKill: ReadonlySet<string> | undefined;
  /** Whether the kill lets none of them act. */
  isNoExits = false;

  apply(record: JournalRecord, atMs: number): void {
    if (record.kind === "kill_engaged") {
      this.beforeKill = new Set([...(this.beforeKill ?? []), ...this.armed.keys()]);
      this.isNoExits = record.payload.isNoExits === true;
    } else if (record.kind === "kill_released") this.beforeKill = undefined;
    else if (record.kind === "exit_armed") this.arm(record.payload, atMs);
    else if (record.kind === "exit_disarmed") this.armed.delete(record.payload.exitId);
    else if (record.kind === "exit_trailed")
      this.change(record.payload.exitId, { best: record.payload.best });
    else if (record.kind === "exit_triggered") this.trigger(record.payload, atMs);
  }

  /** Exits that are armed for a position. */
  of(instrument: string, leg: string): Armed[] {
    return [...this.armed.values()].filter(
      ({ facts }) => facts.instrument === instrument && facts.leg === leg,
    );
  }

  private arm(facts: ArmedRecord, atMs: number): void {
    const known = this.armed.get(facts.exitId);
    const fresh = { facts, atMs, changedMs: atMs, best: null, trigger: null };
    this.armed.set(facts.exitId, known ? { ...known, facts, changedMs: atMs } : fresh);
  }

  private trigger(facts: TriggerRecord, atMs: number): void {
    const { exitId, intentId } = facts;
    const known = this.armed.get(exitId);
    if (!known) return;
    this.change(exitId, { trigger: { facts, atMs } });
    this.triggers.set(intentId, { facts, armed: known.facts });
    const before = this.intents.get(exitId) ?? [];
    if (!before.includes(intentId)) this.intents.set(exitId, [...before, intentId]);
  }

  private change(exitId: string, change: Partial<Armed>): void {
    const known = this.armed.get(exitId);
    if (known) this.armed.set(exitId, { ...known, ...change });
  }
}
