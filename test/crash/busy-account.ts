// A session of the real engine on a paper account on which much happens, by seed: orders of a bot, trades by hand, fills
// that the stream tells and some that it does not, transfers, gates that a person sets, a mirror that its bot writes.
import { setImmediate } from "node:timers/promises";
import { decimal, type Side } from "../../src/core/index.ts";
import { saveCheckpoint } from "../../src/engine/index.ts";
import type { Journal } from "../../src/journal/index.ts";
import type { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import { SeededRandom } from "../../src/sim/swarm/random.ts";
import { botMirror, row, TestWorld } from "../support/world.ts";
import { POLICY } from "./account.ts";

export const INSTRUMENTS = ["AAA", "BBB", "CCC"] as const;
/** The session makes one every 10,000 records, and when it stops: too rarely for a short history. */
const CHECKPOINT_EVERY_EVENTS = 20;
const NOTE_EVERY_EVENTS = 7;

export class BusyAccount {
  readonly world: TestWorld;
  private readonly bot: MemoryMirror;
  private readonly random: SeededRandom;
  private events = 0;

  private constructor(journal: Journal, seed: number) {
    this.world = new TestWorld(POLICY, journal);
    this.bot = botMirror([row("AAA", "3", { note: "mine", score: 7 }), row("GONE", "1")], true);
    this.world.mirrors = [this.bot];
    this.random = new SeededRandom(seed);
  }

  /** @throws what stops the account while it starts. */
  static async open(journal: Journal, seed: number): Promise<BusyAccount> {
    const account = new BusyAccount(journal, seed);
    for (const instrument of INSTRUMENTS) account.world.account.setPrice(instrument, decimal("100"));
    await account.world.open();
    return account;
  }

  /** One more thing happens, and some time passes. @throws what stops the account, where somebody waits for it. */
  async live(): Promise<void> {
    const { world, random } = this;
    this.events += 1;
    await this.happen(random.pick(INSTRUMENTS));
    if (this.events % NOTE_EVERY_EVENTS === 0) await this.note();
    await world.runtime.advance(random.pick([10, 500, 3_000]), settle);
    if (this.events % CHECKPOINT_EVERY_EVENTS !== 0) return;
    await world.session.whenIdle();
    await saveCheckpoint(world.journal, world.session.book, world.runtime.clock.nowMs());
  }

  private async happen(instrument: string): Promise<void> {
    const { world, random } = this;
    const what = random.int(0, 11);
    if (what <= 4) return this.order(instrument);
    if (what === 5) return this.byHand(instrument);
    if (what === 6) return this.burst(instrument);
    if (what === 7) return void world.account.transfer(decimal(random.pick(["-50", "25"])), "transfer");
    if (what === 8) return this.missed(instrument);
    if (what === 9) return world.session.setGate("reduce_only", instrument, "drill", "ann");
    if (what === 10) return world.session.setGate("open", instrument, "drilled", "ann");
    world.account.setPrice(instrument, decimal(String(random.int(85, 115))));
  }

  private order(instrument: string): void {
    const { world, random } = this;
    const isLimit = random.chance(0.4);
    const intent = {
      intentId: `i-${this.events}`,
      instrument,
      leg: "net" as const,
      side: random.pick<Side>(["buy", "sell"]),
      type: isLimit ? ("limit" as const) : ("market" as const),
      qty: decimal(String(random.int(1, 9))),
      ...(isLimit && { price: decimal(String(random.int(90, 110))) }),
      timeInForce: "gtc" as const,
      reduceOnly: false,
      strategy: "momentum",
    };
    world.session.submit(intent, "bot").catch((error: unknown) => {
      world.failure ??= error as Error;
    });
  }

  private byHand(instrument: string): void {
    if (this.random.chance(0.5)) this.world.buy(instrument, "2");
    else this.world.sell(instrument, "1");
  }

  /** Fills that come together are one append. */
  private burst(instrument: string): void {
    for (let n = this.random.int(2, 5); n > 0; n -= 1) this.world.buy(instrument, "1");
  }

  /** The stream says nothing of it: a pass finds it. */
  private missed(instrument: string): void {
    this.world.venue.misbehave({ isStreamSilent: true });
    this.byHand(instrument);
    this.world.venue.misbehave({});
  }

  /** The bot writes down something of its own on every row that it has. */
  private async note(): Promise<void> {
    const { rows } = await this.bot.read();
    const metadata = { note: `seen ${this.events}` };
    this.bot.set(rows.map((one) => ({ ...one, metadata: { ...one.metadata, ...metadata } })));
  }
}

/** Everything that can go on without time has gone on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) await setImmediate();
}
