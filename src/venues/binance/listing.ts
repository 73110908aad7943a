// What the exchange lists, kept up to date: how symbols split, and their steps. Nothing waits for it: a symbol that is not
// known splits by its shape until the list was read.
import type { Clock } from "../../runtime/index.ts";
import type { Answer } from "../wire/answer.ts";
import { isObject, type Parsed } from "../wire/fields.ts";
import type { BinanceClient } from "./client.ts";
import { parsePair } from "./parse-spot.ts";
import { parseContract } from "./parse-usdm.ts";
import type { Listed, Symbols } from "./symbols.ts";

/** Steps and new symbols change by the day; a symbol that is not listed makes it read at once. In ms. */
const LISTING_AGE_MS_MAX = 3_600_000;
/** So long after a read no symbol makes it read again: one that is not listed any more would do so for ever. In ms. */
const LISTING_AGE_MS_LEAST = 300_000;

export class Listing {
  readonly symbols: Symbols;
  private readonly clock: Clock;
  /** Only these are read; all where it is empty. */
  private readonly only: readonly string[];
  private readAtMs: number | undefined;

  constructor(symbols: Symbols, clock: Clock, only: readonly string[] = []) {
    this.symbols = symbols;
    this.clock = clock;
    this.only = only;
  }

  /** Reads it where that is due. A failure is no problem of the caller's: what is known stays known. */
  async refresh(client: BinanceClient, seen: Iterable<string> = []): Promise<void> {
    const ageMs =
      this.readAtMs === undefined ? Number.POSITIVE_INFINITY : this.clock.monotonicMs() - this.readAtMs;
    const isStrange = [...seen].some((symbol) => !this.symbols.isListed(symbol));
    if (ageMs < (isStrange ? LISTING_AGE_MS_LEAST : LISTING_AGE_MS_MAX)) return;
    const listed = listedIn(
      await this.ask(client),
      this.symbols.market === "usdm" ? parseContract : parsePair,
    );
    if (listed.length === 0) return;
    this.symbols.learn(listed);
    this.readAtMs = this.clock.monotonicMs();
  }

  private ask(client: BinanceClient): Promise<Answer> {
    const isUsdm = this.symbols.market === "usdm";
    return client.ask("the listed symbols", {
      method: "GET",
      path: isUsdm ? "/fapi/v1/exchangeInfo" : "/api/v3/exchangeInfo",
      security: "none",
      ...(this.only.length > 0 && !isUsdm && { params: { symbols: JSON.stringify(this.only) } }),
    });
  }
}

/** One that cannot be read is left out: it then splits by its shape. */
function listedIn(answer: Answer, parse: (one: unknown) => Parsed<Listed>): readonly Listed[] {
  const symbols = answer.kind === "answer" && isObject(answer.value) ? answer.value.symbols : undefined;
  if (!Array.isArray(symbols)) return [];
  return symbols.map(parse).flatMap((one) => (one.kind === "row" ? [one.row] : []));
}
