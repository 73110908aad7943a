// The library's types of a configuration and the schema that reads it name the same keys.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { z } from "zod";
import { givenSchema } from "../../src/config/config-schema.ts";
import type {
  AlpacaGiven,
  BinanceGiven,
  BybitGiven,
  ExitsGiven,
  LimitsGiven,
  MirrorGiven,
  OwnGiven,
  PaperGiven,
  PolicyGiven,
  PolymarketGiven,
  TrueupConfig,
} from "../../src/index.ts";

type Schema = z.input<typeof givenSchema>;
type Of<Name> = Extract<Schema["accounts"][string], { venue: Name }>;
type Exits = NonNullable<Of<"paper">["exits"]>;
type Mirror = NonNullable<Of<"paper">["mirrors"]>[number];

/** `true` where both have the same keys and each key is needed in both or in none; else what differs. */
type Same<A, B> = [keyof A, keyof B, Needed<A>, Needed<B>] extends [keyof B, keyof A, Needed<B>, Needed<A>]
  ? true
  : [Exclude<keyof A, keyof B>, Exclude<keyof B, keyof A>];
/** The same values on both sides. */
type Equal<A, B> = [A, B] extends [B, A] ? true : [Exclude<A, B>, Exclude<B, A>];
type Needed<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T];

const SAME: readonly [
  Same<TrueupConfig, Schema>,
  Same<PaperGiven, Of<"paper">>,
  Same<AlpacaGiven, Of<"alpaca">>,
  Same<BinanceGiven, Of<"binance">>,
  Same<BybitGiven, Of<"bybit">>,
  Same<PolymarketGiven, Of<"polymarket">>,
  Same<OwnGiven, Of<"own">>,
  Same<PolicyGiven, NonNullable<Schema["policy"]>>,
  Same<MirrorGiven, Mirror>,
  Same<NonNullable<MirrorGiven["fields"]>, NonNullable<Mirror["fields"]>>,
  Same<LimitsGiven, NonNullable<Of<"paper">["limits"]>>,
  Same<NonNullable<PaperGiven["dead_man"]>, NonNullable<Of<"paper">["dead_man"]>>,
  Same<ExitsGiven, Exits>,
  Same<NonNullable<ExitsGiven["default"]>, NonNullable<Exits["default"]>>,
  Equal<ExitsGiven["mode"], Exits["mode"]>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];

test("the compiler holds the types to the schema, and the schema reads what the types allow", () => {
  assert.ok(SAME.every((same) => same));
  const config: TrueupConfig = {
    state_dir: "state",
    policy: { grace_ms: 0, kinds: { phantom_position: "watch" } },
    accounts: {
      demo: {
        venue: "paper",
        cash: 100,
        mirrors: [{ name: "bot", type: "json-file", path: "bot.json", fields: { quantity: "qty" } }],
      },
    },
  };
  assert.ok(givenSchema.safeParse(config).success);
});
