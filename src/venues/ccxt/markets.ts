// The exchange's markets, loaded when they are first needed. A failed load is tried again with `reload`, because ccxt keeps
// a failed one for ever: every later call would give the old error, without asking. Markets that were added since are found
// by loading again, at most every ten minutes.
import type { Clock } from "../../runtime/index.ts";
import type { Exchange, Market } from "./exchange.ts";

/** Between two loads that an unknown name asks for. In ms. */
const RELOAD_MS = 600_000;

export class Markets {
  private readonly exchange: Exchange;
  private readonly clock: Clock;
  /** Before each load: an exchange may need to be told what to list. */
  private readonly prepare: () => Promise<void>;
  private loading: Promise<string | undefined> | undefined;
  private hasFailed = false;
  private loadedAtMs: number | undefined;
  /** How often they were loaded: tells whoever keeps something made of them that it is old. */
  loads = 0;
  private symbols = new Map<string, Market>();

  constructor(exchange: Exchange, clock: Clock, prepare: () => Promise<void> = async () => undefined) {
    this.exchange = exchange;
    this.clock = clock;
    this.prepare = prepare;
  }

  /** Undefined when they are there; else why not, as the package or the network said it. */
  async ready(): Promise<string | undefined> {
    return this.loadedAtMs === undefined ? this.load() : undefined;
  }

  /** Loads again: undefined when they are there; else why not. */
  reload(): Promise<string | undefined> {
    return this.load();
  }

  /** Loads again for a name that is not known, unless that was done lately. */
  async again(): Promise<void> {
    if (this.loadedAtMs !== undefined && this.clock.monotonicMs() - this.loadedAtMs < RELOAD_MS) return;
    await this.load();
  }

  all(): readonly Market[] {
    return [...this.symbols.values()];
  }

  of(symbol: string): Market | undefined {
    return this.symbols.get(symbol);
  }

  private load(): Promise<string | undefined> {
    this.loading ??= this.loadOnce().finally(() => {
      this.loading = undefined;
    });
    return this.loading;
  }

  private async loadOnce(): Promise<string | undefined> {
    try {
      await this.prepare();
      await this.exchange.loadMarkets(this.hasFailed || this.loadedAtMs !== undefined);
    } catch (error) {
      this.hasFailed = true;
      return error instanceof Error ? error.message : String(error);
    }
    this.hasFailed = false;
    this.loads += 1;
    this.loadedAtMs = this.clock.monotonicMs();
    this.symbols = new Map(Object.entries(this.exchange.markets ?? {}));
    return undefined;
  }
}
