// The paper venue's price feed: what is followed is acknowledged at once, with the prices as they are; each new one comes
// when it is set. Every symbol is one that this venue may have a price of some day, so none is refused.
import type { PriceEvent, PriceFeed, PriceTick } from "../venue.ts";

export class PaperFeed implements PriceFeed {
  private readonly tickOf: (instrument: string) => PriceTick | undefined;
  private readonly listener: (event: PriceEvent) => void;
  private readonly onClose: () => void;
  private instruments: readonly string[] = [];
  private isClosed = false;

  constructor(
    tickOf: (instrument: string) => PriceTick | undefined,
    listener: (event: PriceEvent) => void,
    onClose: () => void,
  ) {
    this.tickOf = tickOf;
    this.listener = listener;
    this.onClose = onClose;
  }

  follow(instruments: readonly string[]): void {
    const told = new Set(this.instruments);
    this.instruments = [...new Set(instruments)];
    const { instruments: followed } = this;
    const news = followed.filter((instrument) => !told.has(instrument));
    this.acknowledge(followed, news).catch(() => undefined);
  }

  followed(): readonly string[] {
    return this.instruments;
  }

  /** An instrument has a new price. */
  tell(instrument: string): void {
    const tick = this.tickOf(instrument);
    if (tick && !this.isClosed && this.instruments.includes(instrument)) {
      this.listener({ kind: "tick", tick });
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.onClose();
  }

  /** Like any venue's, its answer comes after the question. */
  private async acknowledge(followed: readonly string[], news: readonly string[]): Promise<void> {
    await Promise.resolve();
    if (this.isClosed || this.instruments !== followed) return;
    this.listener({ kind: "live", instruments: followed });
    for (const instrument of news) this.tell(instrument);
  }
}
