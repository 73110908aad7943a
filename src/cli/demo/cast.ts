// Who trades in the default story, and how: one buys what rises, one buys what falls, both through trueup, and the owner
// trades by hand. What they decide depends on the seed, the prices and their own files, which trueup keeps right.
import { join } from "node:path";
import { type Decimal, decimal, UNATTRIBUTED } from "../../core/index.ts";
import { RowsFile } from "./rows-file.ts";
import type { Party } from "./scenario.ts";
import type { Stage } from "./stage.ts";
import { Trader } from "./trader.ts";

export const MOMO: Party = { name: "momo", strategy: "momo", prefix: "momo-" };
export const DIP: Party = { name: "dip", strategy: "dip", prefix: "dip-" };
export const OWNER: Party = { name: "owner", strategy: UNATTRIBUTED, prefix: null };

/** What both strategies trade all day. */
const TRADED = ["AAPL", "AMZN", "GOOG", "MSFT", "NVDA"] as const;
/** Nobody buys more of something than this once more. */
const ENOUGH = decimal("14");
/** How often a strategy acts at a tick, and the owner. */
const ACTS = 0.55;
const OWNER_ACTS = 0.2;

export class Cast {
  readonly stage: Stage;
  readonly momo: Trader;
  readonly dip: Trader;
  readonly owner: Trader;

  constructor(stage: Stage) {
    this.stage = stage;
    const trader = (party: Party, file: string) =>
      new Trader(party, stage, new RowsFile(join(stage.folder, file)));
    this.momo = trader(MOMO, "momo.json");
    this.dip = trader(DIP, "dip.json");
    this.owner = trader(OWNER, "owner.json");
  }

  get bots(): readonly [Trader, Trader] {
    return [this.momo, this.dip];
  }

  other(bot: Trader): Trader {
    return bot === this.momo ? this.dip : this.momo;
  }

  units(least: number, most: number): Decimal {
    return decimal(String(this.stage.random.between(least, most)));
  }

  /** What a strategy writes beside a row, and nobody else understands. */
  score(): Readonly<Record<string, unknown>> {
    return { entry_score: this.stage.random.between(50, 99) / 100 };
  }

  /** Both begin with a position of their own in three instruments, and share the first. */
  async open(): Promise<void> {
    const [shared, ...rest] = this.stage.random.shuffled(TRADED);
    for (const [index, bot] of this.bots.entries()) {
      for (const instrument of [shared ?? TRADED[0], rest[index] ?? TRADED[1]]) {
        await bot.trade("buy", instrument, this.units(5, 10), this.score());
      }
    }
  }

  /** A moment of an ordinary day; what somebody does in it is told. */
  async tick(): Promise<void> {
    const { stage } = this;
    stage.market.step();
    const [rising = TRADED[0]] = stage.market.byMove(TRADED);
    const [falling = TRADED[0]] = stage.market.byMove(TRADED).reverse();
    const deeds = [
      await this.mayAct(this.momo, rising, falling),
      await this.mayAct(this.dip, falling, rising),
      await this.ownerMayAct(),
    ];
    const told = deeds.filter((deed) => deed !== null);
    if (told.length > 0) stage.note(told.join(" · "));
    await stage.pause(TICK_MS);
  }

  /** Buys what it wants, sells a part of what it does not want. */
  private async mayAct(bot: Trader, wanted: string, unwanted: string): Promise<string | null> {
    const { stage } = this;
    if (!stage.random.chance(ACTS)) return null;
    const isFull = bot.file.above(ENOUGH).includes(wanted);
    const held = bot.file.qty(unwanted);
    if (!isFull) return this.trade(bot, "buy", wanted, this.units(1, 4));
    return Number(held) > 0 ? this.trade(bot, "sell", unwanted, held) : null;
  }

  private async ownerMayAct(): Promise<string | null> {
    const { owner, stage } = this;
    if (!stage.random.chance(OWNER_ACTS)) return null;
    return this.trade(owner, "buy", "NFLX", this.units(1, 2));
  }

  /** A trade that is noted; what is refused is told. */
  async trade(by: Trader, side: "buy" | "sell", instrument: string, qty: Decimal): Promise<string> {
    const refused = await by.trade(side, instrument, qty, by === this.owner ? {} : this.score());
    if (refused !== null) return `${by.name} may not ${side} ${qty} ${instrument}: ${refused}`;
    return `${by.name} ${side === "buy" ? "buys" : "sells"} ${qty} ${instrument}`;
  }
}

/** Between two moments of an ordinary day. In ms at the default speed. */
const TICK_MS = 250;
