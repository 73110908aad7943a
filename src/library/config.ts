// The configuration as a program gives it: the keys of docs/configuration.md, with the same names, units and defaults, and
// venues of the program's own.
import type { DiscrepancyKind, ExitMode, Policy } from "../core/index.ts";
import type { Venue } from "../venues/index.ts";

/** Exact decimal as text, such as "0.01"; a number only where it needs no more digits than it shows. */
export type DecimalText = string | number;

export interface TrueupConfig {
  /** Folder of the journal, the lock and the paper accounts; made where it is not there, for this user alone. */
  readonly state_dir: string;
  readonly accounts: Readonly<Record<string, AccountGiven>>;
  readonly policy?: PolicyGiven | undefined;
  /** Only where the API is asked for with `api: true`. */
  readonly api?:
    | {
        readonly enabled?: boolean | undefined;
        readonly host?: "127.0.0.1" | "::1" | undefined;
        readonly port?: number | undefined;
      }
    | undefined;
  readonly log?: { readonly level?: "debug" | "info" | "warn" | "error" | undefined } | undefined;
  /** How long full rows of reads are kept, in days; records are kept for ever. Default 14. */
  readonly journal?: { readonly observations_days?: number | undefined } | undefined;
}

export type AccountGiven =
  | PaperGiven
  | AlpacaGiven
  | BinanceGiven
  | BybitGiven
  | PolymarketGiven
  | CcxtGiven
  | OwnGiven;

interface AnyAccount {
  /** `beside` (default): the bot trades by itself and trueup watches. `executor`: it trades through trueup. */
  readonly mode?: "beside" | "executor" | undefined;
  /** true: repair nothing, report what would have been done. Default false. */
  readonly observe?: boolean | undefined;
  /** true: take a key that can move money out of the account. Default false: the account is not opened with one. */
  readonly key_may_withdraw?: boolean | undefined;
  readonly position_mode?: "net" | "hedge" | undefined;
  /** Whose order is whose: prefix of the client order id, by strategy. */
  readonly strategies?: Readonly<Record<string, string>> | undefined;
  /** What orders may come to; needed in mode "executor". */
  readonly limits?: LimitsGiven | undefined;
  /** Who closes positions, and when. */
  readonly exits?: ExitsGiven | undefined;
  readonly dead_man?: DeadManGiven | undefined;
  readonly policy?: PolicyGiven | undefined;
  readonly mirrors?: readonly MirrorGiven[] | undefined;
}

/** An exchange of our own in one file of `state_dir`; no money in it. */
export interface PaperGiven extends AnyAccount {
  readonly venue: "paper";
  /** What a new account begins with. Default "100000". */
  readonly cash?: DecimalText | undefined;
  readonly currency?: string | undefined;
  /** Fee as a part of the traded value, from 0 to 1. Default "0". */
  readonly fee_ratio?: DecimalText | undefined;
}

/** Needs the package `@alpacahq/alpaca-trade-api`. Keys come from the environment, or from files of their own. */
export interface AlpacaGiven extends AnyAccount {
  readonly venue: "alpaca";
  readonly environment: "paper" | "live";
  readonly base_url?: string | undefined;
  /** Name of the environment variable with the key id. Default `APCA_API_KEY_ID`. */
  readonly key_id_env?: string | undefined;
  /** A file with the key id alone, readable by its owner only; wins over the variable. */
  readonly key_id_file?: string | undefined;
  /** Name of the environment variable with the secret. Default `APCA_API_SECRET_KEY`. */
  readonly secret_env?: string | undefined;
  /** A file with the secret alone, readable by its owner only; wins over the variable. */
  readonly secret_file?: string | undefined;
}

/** A key and its secret: from the environment, or from files of their own, which win over the variables. */
interface KeyAndSecret {
  /** Name of the environment variable with the key. Default: the venue's name and `_API_KEY`, as `BYBIT_API_KEY`. */
  readonly key_env?: string | undefined;
  /** A file with the key alone, readable by its owner only. */
  readonly key_file?: string | undefined;
  /** Name of the environment variable with the secret. Default: the venue's name and `_API_SECRET`. */
  readonly secret_env?: string | undefined;
  /** A file with the secret alone, readable by its owner only. */
  readonly secret_file?: string | undefined;
}

/** Needs the packages `binance` and `ws`. */
export interface BinanceGiven extends AnyAccount, KeyAndSecret {
  readonly venue: "binance";
  readonly market: "usdm" | "spot";
  readonly environment: "live" | "testnet" | "demo";
  /** Of spot: the pairs that the account is, such as `["BTC/USDT"]`; no two of one base. */
  readonly symbols?: readonly string[] | undefined;
  readonly base_url?: string | undefined;
  readonly ws_url?: string | undefined;
}

/** Needs the packages `bybit-api` and `ws`. */
export interface BybitGiven extends AnyAccount, KeyAndSecret {
  readonly venue: "bybit";
  readonly environment: "live" | "testnet" | "demo";
  /** What of the account is watched. All four unless given. */
  readonly categories?: readonly ("linear" | "inverse" | "spot" | "option")[] | undefined;
  /** Linear contracts settled in these coins alone, such as `["USDT"]`. All that Bybit lists unless given. */
  readonly settle_coins?: readonly string[] | undefined;
  readonly base_url?: string | undefined;
  readonly ws_url?: string | undefined;
}

/**
 * Needs the packages `@polymarket/clob-client-v2`, `viem` and `ws`. Without API credentials and private key only what is
 * public is read, by the address; without the private key nothing can be bought or sold.
 */
export interface PolymarketGiven extends AnyAccount {
  readonly venue: "polymarket";
  /** The address that holds the tokens; the private key's own unless given. */
  readonly funder?: string | undefined;
  /** The address that the API credentials were made for; only without the private key. */
  readonly signer?: string | undefined;
  /** How the wallet is signed for. Default `eoa`: the wallet is the key's own address. */
  readonly signature_type?: "eoa" | "proxy" | "safe" | "deposit" | undefined;
  /** Of the CLOB. */
  readonly base_url?: string | undefined;
  /** Of the Data API. */
  readonly data_url?: string | undefined;
  /** Of the user channel. */
  readonly ws_url?: string | undefined;
  /** Name of the environment variable with the wallet's key. Default `POLYMARKET_PRIVATE_KEY`. */
  readonly private_key_env?: string | undefined;
  /** A file with the wallet's key alone, readable by its owner only; wins over the variable. */
  readonly private_key_file?: string | undefined;
  /** Name of the environment variable with the API key. Default `POLYMARKET_API_KEY`. */
  readonly api_key_env?: string | undefined;
  readonly api_key_file?: string | undefined;
  /** Name of the environment variable with the API secret. Default `POLYMARKET_API_SECRET`. */
  readonly secret_env?: string | undefined;
  readonly secret_file?: string | undefined;
  /** Name of the environment variable with the API passphrase. Default `POLYMARKET_API_PASSPHRASE`. */
  readonly passphrase_env?: string | undefined;
  readonly passphrase_file?: string | undefined;
}

/** Needs the packages `ccxt` and `ws`. Which keys an exchange needs, it says where they are missing. */
export interface CcxtGiven extends AnyAccount {
  readonly venue: "ccxt";
  /** ccxt's id of the exchange, such as `"okx"`. */
  readonly exchange: string;
  readonly environment: "live" | "sandbox";
  /** Kinds of markets that are read, in ccxt's words: `["swap"]`. All that the exchange's profile covers unless given. */
  readonly markets?: readonly string[] | undefined;
  /** Options of ccxt's and of the profile's, plain values. */
  readonly options?: Readonly<Record<string, string | number | boolean | readonly string[]>> | undefined;
  /** Scheme and host in place of the exchange's own, in every address. */
  readonly base_url?: string | undefined;
  /** Name of the environment variable with the key. Default `CCXT_API_KEY`. */
  readonly key_env?: string | undefined;
  /** A file with the key alone, readable by its owner only; wins over the variable. So of the others. */
  readonly key_file?: string | undefined;
  /** Default `CCXT_SECRET`. */
  readonly secret_env?: string | undefined;
  readonly secret_file?: string | undefined;
  /** The passphrase of some exchanges. Default `CCXT_PASSWORD`. */
  readonly password_env?: string | undefined;
  readonly password_file?: string | undefined;
  /** Default `CCXT_WALLET_ADDRESS`. */
  readonly wallet_address_env?: string | undefined;
  readonly wallet_address_file?: string | undefined;
  /** Default `CCXT_PRIVATE_KEY`. */
  readonly private_key_env?: string | undefined;
  readonly private_key_file?: string | undefined;
}

/** A venue of the program's own; it is closed together with trueup. */
export interface OwnGiven extends AnyAccount {
  readonly venue: Venue;
}

/** Values in the quote currency of the instrument. Each is said: who wants no such limit writes "unlimited". */
export interface LimitsGiven {
  readonly order_value_max: DecimalText;
  readonly position_value_max: DecimalText;
  readonly exposure_max: DecimalText;
  readonly open_orders_max: number | "unlimited";
  readonly orders_per_minute_max: number | "unlimited";
}

/** @see docs/kill-switch.md */
export interface DeadManGiven {
  /** After so long without trueup the venue cancels what is open. In ms. */
  readonly timeout_ms: number;
  /** Whether stops that lie at the venue may go with it. */
  readonly may_cancel_stops?: boolean | undefined;
}

/** @see docs/exits.md */
export interface ExitsGiven {
  /** Whether trueup closes the positions. Default: in mode "executor". */
  readonly owns?: boolean | undefined;
  /** Default: "managed". */
  readonly mode?: ExitMode | undefined;
  /** How far the backstop lies from the entry price, as a part of it; of mode "managed+backstop" alone. */
  readonly backstop_ratio?: DecimalText | undefined;
  /** Of every lot that has no plan of its own, such as an adopted one. */
  readonly default?: ExitPlanGiven | undefined;
  readonly strategies?: Readonly<Record<string, ExitPlanGiven>> | undefined;
}

/** Levels are parts of the entry price: "0.02" is 2 %. */
export interface ExitPlanGiven {
  readonly stop?: DecimalText | undefined;
  readonly target?: DecimalText | undefined;
  /** A part of the best price since. */
  readonly trailing?: DecimalText | undefined;
  readonly time_stop_ms?: number | undefined;
  readonly minimum_hold_ms?: number | undefined;
  readonly invalidation?: string | undefined;
}

/** @see docs/configuration.md, "Policy" */
export interface PolicyGiven {
  readonly confirmations?: number | undefined;
  /** In ms. */
  readonly grace_ms?: number | undefined;
  /** Between two passes, in ms. */
  readonly interval_ms?: number | undefined;
  /** From the decision to the sending of an order, at most. In ms. */
  readonly send_deadline_ms?: number | undefined;
  /** A price that is older is not acted on. In ms. */
  readonly price_age_max_ms?: number | undefined;
  /** Whether the price feed follows open orders' instruments too. */
  readonly follow_orders?: boolean | undefined;
  readonly blast_radius_rows?: number | undefined;
  readonly blast_radius_ratio?: DecimalText | undefined;
  readonly witness_lookups?: number | undefined;
  readonly entry_price_tolerance_ratio?: DecimalText | undefined;
  /** In the currency itself. */
  readonly balance_tolerance?: DecimalText | undefined;
  readonly balance_tolerances?: Readonly<Record<string, DecimalText>> | undefined;
  readonly kinds?: Readonly<Partial<Record<DiscrepancyKind, Policy | undefined>>> | undefined;
}

/** A bot's own JSON file, kept in line with the account. @see docs/configuration.md, "Mirrors" */
export interface MirrorGiven {
  readonly name: string;
  readonly type: "json-file";
  readonly path: string;
  readonly shape?: "object" | "array" | undefined;
  readonly at?: string | undefined;
  readonly ignore_prefix?: string | undefined;
  readonly key?: string | undefined;
  readonly where?: Readonly<Record<string, string>> | undefined;
  readonly scope?: string | undefined;
  readonly fields?: Readonly<Partial<Record<MirrorField, string | undefined>>> | undefined;
  readonly symbols?: Readonly<Record<string, string>> | undefined;
  readonly add?: boolean | undefined;
  readonly template?: Readonly<Record<string, unknown>> | undefined;
  readonly on_close?: "remove" | { readonly set: Readonly<Record<string, unknown>> } | undefined;
  readonly demands_venue_reference?: boolean | undefined;
  readonly backups?: number | undefined;
}

type MirrorField =
  | "instrument"
  | "quantity"
  | "side"
  | "entry_price"
  | "leg"
  | "strategy"
  | "venue_order_id"
  | "opened_at";
