// What a real session asks of its journal, one call after another: recorded once in memory, from the engine unchanged
// on a paper account on which much happens, and then made of a real file in every suite of this folder.
import { setImmediate } from "node:timers/promises";
import { decimal, type Side } from "../../src/core/index.ts";
import { saveCheckpoint } from "../../src/engine/index.ts";
import type { AppendRequest, AppendResult, Checkpoint, Tail } from "../../src/journal/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import type { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import { SeededRandom } from "../../src/sim/swarm/random.ts";
import { botMirror, row, TestWorld } from "../support/world.ts";
import { POLICY } from "./account.ts";

export type Step =
  | { readonly kind: "append"; readonly request: AppendRequest }
  | { readonly kind: "tail"; readonly tail: Tail }
  | { readonly kind: "checkpoint"; readonly checkpoint: Checkpoint; readonly nowMs: number };

const INSTRUMENTS = ["AAA", "BBB", "CCC"] as const;
/** The session makes one every 10,000 records, and when it stops: too rarely for a short history. */
const CHECKPOINT_EVERY_EVENTS = 20;
const NOTE_EVERY_EVENTS = 7;

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
  const world = new TestWorld(POLICY, journal);
  const bot = botMirror([row("AAA", "3", { note: "mine", score: 7 }), row("GONE", "1")], true);
  world.mirrors = [bot];
  const random = new SeededRandom(seed);
  for (const instrument of INSTRUMENTS) world.account.setPrice(instrument, decimal("100"));
  await world.open();
  for (let event = 1; journal.appends < appends; event += 1) {
    await happen(world, random, event);
    if (event % NOTE_EVERY_EVENTS === 0) await note(bot, event);
    await world.runtime.advance(random.pick([10, 500, 3_000]), settle);
    if (event % CHECKPOINT_EVERY_EVENTS !== 0) continue;
    await world.session.whenIdle();
    await saveCheckpoint(journal, world.session.book, world.runtime.clock.nowMs());
  }
  if (world.failure) throw world.failure;
  return journal.steps;
}

async function happen(world: TestWorld, random: SeededRandom, event: number): Promise<void> {
  const instrument = random.pick(INSTRUMENTS);
  const what = random.int(0, 11);
  if (what <= 4) return order(world, random, `i-${event}`, instrument);
  if (what === 5) return byHand(world, instrument, random);
  if (what === 6) return burst(world, instrument, random);
  if (what === 7) return void world.account.transfer(decimal(random.pick(["-50", "25"])), "transfer");
  if (what === 8) return missed(world, instrument, random);
  if (what === 9) return world.session.setGate("reduce_only", instrument, "drill", "ann");
  if (what === 10) return world.session.setGate("open", instrument, "drilled", "ann");
  world.account.setPrice(instrument, decimal(String(random.int(85, 115))));
}

function order(world: TestWorld, random: SeededRandom, intentId: string, instrument: string): void {
  const isLimit = random.chance(0.4);
  const intent = {
    intentId,
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

function byHand(world: TestWorld, instrument: string, random: SeededRandom): void {
  if (random.chance(0.5)) world.buy(instrument, "2");
  else world.sell(instrument, "1");
}

/** Fills that come together are one append. */
function burst(world: TestWorld, instrument: string, random: SeededRandom): void {
  for (let n = random.int(2, 5); n > 0; n -= 1) world.buy(instrument, "1");
}

/** The stream says nothing of it: a pass finds it. */
function missed(world: TestWorld, instrument: string, random: SeededRandom): void {
  world.venue.misbehave({ isStreamSilent: true });
  byHand(world, instrument, random);
  world.venue.misbehave({});
}

/** The bot writes down something of its own on every row that it has. */
async function note(bot: MemoryMirror, event: number): Promise<void> {
  const { rows } = await bot.read();
  bot.set(rows.map((one) => ({ ...one, metadata: { ...one.metadata, note: `seen ${event}` } })));
}

/** Everything that can go on without time has gone on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) await setImmediate();
}
