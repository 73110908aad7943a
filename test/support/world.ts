// A small world for engine tests: the paper account as the truth, a virtual clock, a journal in memory, a session.
import {
  type AccountPolicy,
  decimal,
  type JournalRecord,
  type MirrorRow,
  POLICY_DEFAULT,
  toState,
} from "../../src/core/index.ts";
import { type KillLatch, restoreBook, Session } from "../../src/engine/index.ts";
import type { Journal } from "../../src/journal/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import type { Mirror } from "../../src/mirrors/index.ts";
import { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import type { EventName, Log } from "../../src/runtime/index.ts";
import { VirtualRuntime } from "../../src/sim/index.ts";
import { newPaperState, PaperAccount, PaperVenue } from "../../src/venues/paper/index.ts";

export interface Line {
  readonly name: EventName;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export const START_MS = Date.UTC(2026, 0, 5, 15, 0, 0);

export class TestWorld {
  readonly runtime = new VirtualRuntime(START_MS);
  readonly lines: Line[] = [];
  readonly journal: Journal;
  readonly account: PaperAccount;
  readonly venue: PaperVenue;
  readonly policy: AccountPolicy;
  mirrors: readonly Mirror[] = [];
  failure: Error | undefined;
  private current: Session | undefined;

  constructor(policy: Partial<AccountPolicy> = {}, journal: Journal = new MemoryJournal()) {
    this.journal = journal;
    this.policy = { ...POLICY_DEFAULT, ...policy };
    this.account = new PaperAccount({
      state: newPaperState("paper-1", "USD", decimal("100000")),
      feeRatio: decimal("0"),
      nowMs: () => this.runtime.clock.nowMs(),
      onEvent: (event) => this.venue.publish(event),
    });
    this.venue = new PaperVenue(this.account);
  }

  get session(): Session {
    if (!this.current) throw new Error("the world has no session yet");
    return this.current;
  }

  /** @param latch A kill that was asked for while nothing ran. */
  async open(bootPass = true, latch: KillLatch | null = null, timers = true): Promise<Session> {
    const log: Log = { event: (_level, name, fields, text) => this.lines.push({ name, fields, text }) };
    this.current = await Session.open({
      account: "test",
      journal: this.journal,
      venue: this.venue,
      mirrors: this.mirrors,
      policy: this.policy,
      positionMode: "net",
      runtime: this.runtime,
      log,
      latch,
      onFailure: (error) => {
        this.failure = error;
      },
    });
    await this.current.start({ bootPass, timers });
    return this.current;
  }

  /** The process dies without a word, and comes back. */
  async restart(): Promise<Session> {
    this.runtime.clear();
    this.venue.disconnect();
    return this.open();
  }

  async advance(ms: number): Promise<void> {
    await this.runtime.advance(ms, () => this.session.whenIdle());
  }

  buy(instrument: string, qty: string, clientOrderId?: string): void {
    this.trade(instrument, "buy", qty, clientOrderId);
  }

  sell(instrument: string, qty: string, clientOrderId?: string): void {
    this.trade(instrument, "sell", qty, clientOrderId);
  }

  records(): Promise<JournalRecord[]> {
    return this.journal.read("test", 0, Number.MAX_SAFE_INTEGER);
  }

  /** The book as a fresh fold of the journal sees it. */
  async replayed(): Promise<unknown> {
    return toState(await restoreBook(this.journal, "test"));
  }

  private trade(
    instrument: string,
    side: "buy" | "sell",
    qty: string,
    clientOrderId: string | undefined,
  ): void {
    const outcome = this.account.submit({
      instrument,
      side,
      type: "market",
      qty: decimal(qty),
      ...(clientOrderId !== undefined && { clientOrderId }),
    });
    if (outcome.kind !== "accepted") throw new Error(`the paper account refused: ${JSON.stringify(outcome)}`);
  }
}

export function row(
  instrument: string,
  qty: string | null,
  metadata: Record<string, unknown> = {},
): MirrorRow {
  return {
    rowId: `net:${instrument}`,
    instrument,
    leg: "net",
    qty: qty === null ? null : decimal(qty),
    metadata,
  };
}

export function botMirror(rows: readonly MirrorRow[], mayAdd = false): MemoryMirror {
  return new MemoryMirror({ name: "bot", rows, mayAdd });
}
