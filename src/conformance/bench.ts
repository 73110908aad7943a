// What the author of an adapter gives, so that the suite can run it: the instruments of an account, a server of this machine
// that renders that account in the venue's words, and how the adapter is opened on it. Everything else is the suite's.
import type { Cause, Decimal } from "../core/index.ts";
import type { Clock, Randomness, Timers } from "../runtime/index.ts";
import type { ReadPayload, Venue, VenueDeclaration } from "../venues/index.ts";
import type { OpenSocket } from "../venues/wire/socket.ts";
import type { AccountModel, ModelOptions } from "./model/account-model.ts";
import type { ModelInstrument } from "./model/facts.ts";
import type { WireServer } from "./wire/wire-server.ts";

export interface Bench {
  /** Stands in front of every test: "alpaca", "bybit inverse". */
  readonly name: string;
  readonly declaration: VenueDeclaration;
  readonly positionMode: "net" | "hedge";
  /** At least two; the first is what most claims trade. Their first prices are market prices. */
  readonly instruments: readonly ModelInstrument[];
  readonly accountId: string;
  /** What the account has at the beginning; enough for some hundred lots of everything. */
  readonly balances: Readonly<Record<string, Decimal>>;
  /** How the venue charges and makes ids; see ModelOptions. */
  readonly account?: Pick<ModelOptions, "feeRatio" | "feeIn" | "idOf">;
  /**
   * Every secret that the adapter is opened with, by its name. They must be unlike anything else: that one of them is
   * nowhere in what comes out is one of the claims.
   */
  readonly keys: Readonly<Record<string, string>>;
  /** What happens at the venue by itself and its server can render; the suite makes the others not happen. */
  readonly happenings: readonly Happening[];
  /** A server that renders the model. The suite starts and stops it. */
  server(model: AccountModel, keys: Readonly<Record<string, string>>): WireServer;
  /** Opens the adapter as a program would, over the parts that the suite gives. */
  open(parts: BenchParts): Promise<Venue>;
  /** Whether the stream acknowledges what is subscribed to; true unless given. Where not, an open connection is all there is. */
  readonly isStreamAcknowledged?: boolean;
  /** Most rows of one page, as the server gives them; 100 unless given. The suite makes more than that. */
  readonly pageMax?: { readonly orders?: number; readonly fills?: number };
  /** Reads what somebody recorded, where the adapter has that. */
  readonly readPayload?: ReadPayload;
  /** How rows of this venue may differ from the model without being wrong. */
  readonly tolerances?: Tolerances;
}

/**
 * - a cause: the venue closes a leg by itself, and says why;
 * - `reversal`: a fill is taken back;
 * - `manual`: somebody trades by hand.
 */
export type Happening =
  | Extract<Cause, "liquidation" | "adl" | "settlement" | "expiry" | "redemption" | "split">
  | Extract<Cause, "funding" | "fee" | "transfer">
  | "manual"
  | "reversal";

export interface Tolerances {
  /** How coarse the venue's times are; 1 ms unless given. */
  readonly fillTimeMs?: number;
  /** Of ledger entries; those of some venues are days. 1 ms unless given. */
  readonly ledgerTimeMs?: number;
  /**
   * Whether a page with fewer rows than were asked for is how the venue says that it is the last. Then a page that is cut
   * cannot be told from the end, and no claim is made about it. Where a cursor or a count says it, leave this out.
   */
  readonly shortPageIsLast?: true;
  /** Whether every request names the account, and no answer does: then another account's cannot come. */
  readonly isAccountNamedByUs?: true;
}

export interface BenchParts {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** `ws://127.0.0.1:PORT`. */
  readonly wsUrl: string;
  readonly keys: Readonly<Record<string, string>>;
  /** Counts what leaves, ends what hangs as a time limit would. The adapter must send through it. */
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Randomness;
  readonly openSocket: OpenSocket;
  readonly server: WireServer;
}
