// What an adapter states about its venue for people: the matrix of `trueup venues` and docs/venues.md is made of it, so
// that the page cannot say what the code does not. What the engine decides by is in `capabilities` alone.
import type { Capabilities, SectionName } from "../core/index.ts";

export interface VenueDeclaration {
  /** As in the configuration: `venue = "bybit"`. */
  readonly name: string;
  /** As people write it. */
  readonly title: string;
  /** The package that signs and carries, with its version; null where the adapter is its own. */
  readonly client: string | null;
  /** What of the venue is covered: markets, account kinds. */
  readonly scope: string;
  /** An adapter that serves several markets declares the one that a new user most likely has; `variants` the others. */
  readonly capabilities: Capabilities;
  readonly variants?: Readonly<Record<string, Capabilities>>;
  /** Where each section comes from; null where the venue or the adapter has none. */
  readonly sections: Readonly<Record<SectionName, string | null>>;
  readonly paging: readonly PagingFact[];
  /** Null where there is no stream. */
  readonly stream: StreamFacts | null;
  /** Where prices of what is held come from; null where the adapter tells none but those of positions. */
  readonly prices: PriceFacts | null;
  /** What makes an id unique, and how long it stays so. */
  readonly ids: { readonly order: string; readonly client: string; readonly fill: string };
  /** How the venue writes numbers, and how they are kept exact. */
  readonly decimals: string;
  /** When positions of size zero are in the list. */
  readonly zeroRows: "never" | "always" | "sometimes" | "unknown";
  /** Independent sources by which a flat position can be proven (R1 a to c); empty where there is none. */
  readonly witnesses: readonly string[];
  readonly rate: RateFacts;
  /** What an error of a command proves; what is not in the table is `unknown`. */
  readonly errors: readonly ErrorRule[];
  readonly verified: readonly Verification[];
}

export interface PagingFact {
  /** What is asked: an endpoint, or a call of the client. */
  readonly endpoint: string;
  /** Rows of one page at most; null where it is not paged. */
  readonly pageMax: number | null;
  /** Widest window of one question, in ms. */
  readonly windowMs?: number;
  /** How far back it reaches, in ms; absent means as far as the account. */
  readonly retentionMs?: number;
  readonly cursor: "id" | "time" | "opaque" | "none";
  readonly note?: string;
}

export interface StreamFacts {
  /** What a new connection brings of what was missed. */
  readonly replay: "none" | "snapshot" | "since_id";
  /** In which scope messages keep their order. */
  readonly order: string;
  /** What shows that it is alive, and what that its content is. */
  readonly liveness: string;
  /** How long one connection or key lives, in ms; absent means without limit. */
  readonly lifeMs?: number;
}

export interface PriceFacts {
  /** What is subscribed; null where prices are only asked for. */
  readonly stream: string | null;
  /** What is asked; null where it cannot be. */
  readonly read: string | null;
}

export interface RateFacts {
  readonly unit: "requests" | "weight";
  /** So many units in `perMs`. */
  readonly allowed: number;
  readonly perMs: number;
  /** Whether the limit is counted by key, by address, or by both. */
  readonly scope: "key" | "address" | "both";
  readonly source: string;
}

/** `rejected`: proven to have had no effect. Everything else may be at work. */
export interface ErrorRule {
  /** A code or a pattern of the venue's, as people find it in its documentation. */
  readonly code: string;
  readonly meaning: string;
  readonly outcome: "rejected" | "unknown";
  readonly source: string;
}

export interface Verification {
  readonly what: string;
  readonly how: "live" | "local server" | "recorded payloads" | "documentation" | "not verified";
}
