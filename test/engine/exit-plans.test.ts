// A person's word about when a position is to be closed, as a record, against what becomes known of that position later.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AccountPolicy,
  applyRecord,
  armable,
  type Draft,
  decimal,
  type ExitPlan,
  type ExitPolicy,
  emptyBook,
  type JournalRecord,
  POLICY_DEFAULT,
} from "../../src/core/index.ts";
import { decideExitPlan } from "../../src/engine/index.ts";
import { strategyTrade } from "../support/strategy-trade.ts";

const EXITS: ExitPolicy = {
  owns: true,
  mode: "managed",
  default: { stop: { ratio: decimal("0.1") } },
  strategies: {},
};
const POLICY: AccountPolicy = { ...POLICY_DEFAULT, mode: "executor", exits: EXITS };

/** A book of one strategy's trades, told in any order. */
class Trades {
  readonly book = emptyBook("test");
  private seq = 0;

  trade(side: "buy" | "sell", qty: string, timestamp: number): void {
    const id = `${side}-${timestamp}`;
    this.enter([strategyTrade({ side, qty: decimal(qty), id, timestamp })]);
  }

  say(plan: ExitPlan | null): void {
    const given = { instrument: "X", leg: "net", strategy: "grid", plan } as const;
    const decided = decideExitPlan(this.book, POLICY, given, { quote: null, by: "ann", nowMs: 10_000 });
    assert.ok("drafts" in decided, JSON.stringify(decided));
    this.enter(decided.drafts);
  }

  sources(): string[] {
    const { exits } = armable({ book: this.book, exits: EXITS, venueQty: () => null, notPossible: null });
    return exits.map(({ source, stop }) => `${source} ${stop}`);
  }

  private enter(drafts: readonly Draft[]): void {
    for (const one of drafts) {
      this.seq += 1;
      const record = { ...one, account: "test", seq: this.seq, tsMs: 10_000, v: 1 };
      applyRecord(this.book, record as JournalRecord);
    }
  }
}

test("a person's plan stays with what is held when late trades show that the position was closed in between", () => {
  const account = new Trades();
  account.trade("buy", "10", 1_000);
  account.trade("buy", "5", 3_000);
  account.say({ stop: { price: decimal("95") } });
  account.trade("sell", "10", 2_000);
  assert.deepEqual(account.sources(), ["person 95"]);
});

test("a person's plan ends with the position that it was set for, told late or not", () => {
  const account = new Trades();
  account.trade("buy", "10", 1_000);
  account.say({ stop: { price: decimal("95") } });
  account.trade("buy", "5", 3_000);
  assert.deepEqual(account.sources(), ["person 95"]);
  account.trade("sell", "10", 2_000);
  assert.deepEqual(account.sources(), ["default 90"]);
});

test("of two plans for one position the later one counts, and taken back are both", () => {
  const account = new Trades();
  account.trade("buy", "10", 1_000);
  account.say({ stop: { price: decimal("95") } });
  account.trade("buy", "5", 3_000);
  account.say({ stop: { price: decimal("96") } });
  assert.deepEqual(account.sources(), ["person 96"]);
  account.say(null);
  assert.deepEqual(account.sources(), ["default 90"]);
});
