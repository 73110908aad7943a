// Two option positions that brackets close after 260 seconds, between two checks of a bot that looks every five minutes:
// at the local Alpaca, with the stream up, with the stream down, and with nobody there at all.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { historyViews, POLICY_DEFAULT, positionKey } from "../../../src/core/index.ts";
import { Session } from "../../../src/engine/index.ts";
import { MemoryJournal } from "../../../src/journal/memory/index.ts";
import { SILENT } from "../../../src/runtime/index.ts";
import type { Row } from "./state.ts";
import { order, StreamWorld } from "./support.ts";

const FIVE_MINUTES = 300_000;
const BMY = "BMY260515C00055000";
const WMT = "WMT260515C00130000";

/** A bot's entry with the two exits that it left to Alpaca. */
function bracket(name: string, symbol: string, stop: string, target: string): Row {
  const option = { symbol, asset_class: "us_option", qty: "1", order_class: "bracket" };
  const leg = (id: string, change: Row) =>
    order({ ...option, id, client_order_id: `${id}-of-alpaca`, side: "sell", status: "held", ...change });
  return order({
    ...option,
    id: name,
    client_order_id: `dispatch-${name}`,
    type: "market",
    limit_price: null,
    legs: [
      leg(`${name}-stop`, { type: "stop", stop_price: stop, limit_price: null }),
      leg(`${name}-target`, { type: "limit", limit_price: target }),
    ],
  });
}

class Day {
  readonly world: StreamWorld;
  readonly journal = new MemoryJournal();
  private session: Session | undefined;

  private constructor(world: StreamWorld) {
    this.world = world;
  }

  static async begin(t: TestContext): Promise<Day> {
    const day = new Day(await StreamWorld.open(t));
    await day.start();
    t.after(() => day.stop());
    return day;
  }

  async start(): Promise<void> {
    const venue = this.world.world?.venue;
    assert.ok(venue);
    this.session = await Session.open({
      account: "options",
      journal: this.journal,
      venue,
      mirrors: [],
      policy: { ...POLICY_DEFAULT, intervalMs: FIVE_MINUTES },
      positionMode: "net",
      runtime: this.world.runtime,
      log: SILENT,
    });
    await this.session.start({ bootPass: true, timers: true });
  }

  async stop(): Promise<void> {
    await this.session?.stop();
    this.session = undefined;
  }

  advance(ms: number): Promise<void> {
    return this.world.runtime.advance(ms, () => this.session?.whenIdle() ?? Promise.resolve());
  }

  /** 9:06:39 to 9:11:00, one second apart; each step is heard where somebody listens. */
  async trade(isHeard: boolean): Promise<void> {
    const { server } = this.world;
    const steps: readonly (readonly [number, string, string, string?])[] = [
      [0, "bmy", "1.20"],
      [1_000, "wmt", "2.10"],
      [259_000, "bmy-stop", "1.05", "bmy-target"],
      [1_000, "wmt-target", "2.35", "wmt-stop"],
    ];
    server.state.orders = [bracket("bmy", BMY, "1.05", "2.40"), bracket("wmt", WMT, "1.80", "2.35")];
    for (const [ms, id, price, sibling] of steps) {
      await this.advance(ms);
      const before = this.world.heard;
      server.exchange.fill(id, "1", price);
      if (sibling !== undefined) server.exchange.cancel(sibling);
      if (isHeard) await this.world.untilHeard(before + (sibling === undefined ? 1 : 2));
    }
  }

  history(): readonly (readonly unknown[])[] {
    const book = this.session?.book;
    assert.ok(book);
    return [BMY, WMT].flatMap((symbol) =>
      historyViews(book, positionKey(symbol, "net")).map((life) => [
        symbol,
        life.qty,
        life.entryPrice,
        life.exitPrice,
        life.realizedPnl,
        life.holdMs,
        life.closeCause,
        life.isEstimate,
      ]),
    );
  }
}

const LIVES = [
  [BMY, "1", "1.2", "1.05", "-15", 260_000, "bracket_exit", false],
  [WMT, "1", "2.1", "2.35", "25", 260_000, "bracket_exit", false],
];

describe("a position that opened and closed between two checks is in history, with its cause", () => {
  test("at once where the stream is up", async (t) => {
    const day = await Day.begin(t);
    await day.trade(true);
    await day.advance(1);
    assert.deepEqual(day.history(), LIVES);
    await day.advance(2 * FIVE_MINUTES);
    assert.deepEqual(day.history(), LIVES);
  });

  test("after the next check where the stream is down", async (t) => {
    const day = await Day.begin(t);
    day.world.server.stream.faults = { isSilent: true };
    await day.trade(false);
    await day.advance(FIVE_MINUTES);
    assert.deepEqual(day.history(), LIVES);
  });

  test("after the next start where nobody was there", async (t) => {
    const day = await Day.begin(t);
    await day.stop();
    await day.trade(false);
    await day.advance(FIVE_MINUTES);
    await day.start();
    assert.deepEqual(day.history(), LIVES);
  });
});
