// What both markets' venues are made of.
import type { Clock } from "../../runtime/index.ts";
import type { StreamEvent, Venue } from "../venue.ts";
import type { FailureWords } from "../wire/words.ts";
import type { BinanceClient } from "./client.ts";
import type { Environment } from "./markets.ts";
import type { Send } from "./sender.ts";
import type { Symbols } from "./symbols.ts";

export interface VenueParts {
  readonly client: BinanceClient;
  readonly send: Send;
  readonly words: FailureWords;
  readonly clock: Clock;
  readonly environment: Environment;
  /** As the configuration says; what Binance says is compared with it. */
  readonly positionMode: "net" | "hedge";
  /** Address of `/sapi`; null where the environment has none. */
  readonly sapi: string | null;
  readonly secrets: readonly string[];
  readonly rateLeft: () => number;
  /** The price feed, given the market's symbols; absent where no stream is wanted. */
  readonly openPrices?: (symbols: Symbols) => NonNullable<Venue["prices"]>;
  /** The stream, given what reads its messages; absent where it is not wanted. */
  readonly openStream?: (read: (message: unknown) => readonly StreamEvent[]) => NonNullable<Venue["stream"]>;
}
