// A price feed that does exactly what it is told to: for tests and for simulated venues. By itself it acknowledges what is
// followed and tells nothing; it can be deaf, refuse, keep what it should have dropped, fall silent, break and come back.
import type { PriceEvent, PriceFeed, PriceTick } from "../venue.ts";

export class ScriptedFeed implements PriceFeed {
  /** Nothing that is followed from now on is acknowledged. */
  isDeaf = false;
  /** What is dropped from now on stays subscribed. */
  isKeeping = false;
  /** It is up and tells no price. */
  isSilent = false;
  isClosed = false;
  /** Instruments that it has no prices of, with the reason. */
  readonly refusals = new Map<string, string>();
  /** Each call of `follow`, as it came. */
  readonly asked: (readonly string[])[] = [];
  private readonly listener: (event: PriceEvent) => void;
  private readonly acknowledged = new Set<string>();
  private isUp = true;

  constructor(listener: (event: PriceEvent) => void) {
    this.listener = listener;
  }

  follow(instruments: readonly string[]): void {
    this.asked.push(instruments);
    if (this.isUp) this.acknowledge();
  }

  followed(): readonly string[] {
    return this.isUp ? [...this.acknowledged] : [];
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** Goes out as it is, to whoever follows what. */
  tell(tick: PriceTick): void {
    if (!this.isClosed && this.isUp && !this.isSilent) this.listener({ kind: "tick", tick });
  }

  break(reason: string): void {
    this.isUp = false;
    this.listener({ kind: "gap", reason });
  }

  /** Connected again, with what was asked for last. */
  restore(): void {
    this.isUp = true;
    this.acknowledged.clear();
    this.acknowledge();
  }

  private acknowledge(): void {
    if (this.isDeaf) return;
    const wanted = this.asked.at(-1) ?? [];
    for (const instrument of this.acknowledged) {
      if (!this.isKeeping && !wanted.includes(instrument)) this.acknowledged.delete(instrument);
    }
    for (const instrument of wanted) {
      const reason = this.refusals.get(instrument);
      if (reason === undefined) this.acknowledged.add(instrument);
      else this.listener({ kind: "refused", instrument, reason });
    }
    this.listener({ kind: "live", instruments: [...this.acknowledged] });
  }
}
