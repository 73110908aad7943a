// The venues that trueup knows, each with what it declares and how it reads a recorded payload. An adapter is loaded
// when it is asked for; its client's package only when an account of it is opened.
import type { AccountConfig } from "../config/index.ts";
import type { Capabilities } from "../core/index.ts";
import type { ReadPayload, VenueDeclaration } from "../venues/index.ts";

export interface AdapterFacts {
  readonly declaration: VenueDeclaration;
  /** Absent where there is nothing to record: the paper venue speaks to nobody. */
  readonly readPayload?: ReadPayload;
}

/** In the order in which people are shown them. */
const ADAPTERS: Readonly<Record<string, () => Promise<AdapterFacts>>> = {
  paper: async () => ({ declaration: (await import("../venues/paper/index.ts")).DECLARATION }),
  alpaca: async () => facts(await import("../venues/alpaca/index.ts")),
  binance: async () => facts(await import("../venues/binance/index.ts")),
  bybit: async () => facts(await import("../venues/bybit/index.ts")),
  polymarket: async () => facts(await import("../venues/polymarket/index.ts")),
  ccxt: async () => facts(await import("../venues/ccxt/index.ts")),
  "ccxt:hyperliquid": () => profileFacts("hyperliquid"),
  "ccxt:kraken": () => profileFacts("kraken"),
  "ccxt:okx": () => profileFacts("okx"),
};

interface Exports {
  readonly DECLARATION: VenueDeclaration;
  readonly readPayload: ReadPayload;
}

function facts({ DECLARATION: declaration, readPayload }: Exports): AdapterFacts {
  return { declaration, readPayload };
}

/** An exchange that the adapter for all of ccxt's knows more of. */
async function profileFacts(exchange: string): Promise<AdapterFacts> {
  const { profileDeclaration, profileOf } = await import("../venues/ccxt/index.ts");
  const readPayload = profileOf(exchange)?.readPayload;
  return { declaration: profileDeclaration(exchange), ...(readPayload && { readPayload }) };
}

export function adapterNames(): readonly string[] {
  return Object.keys(ADAPTERS);
}

/** Undefined where there is no such adapter. */
export async function adapterFacts(name: string): Promise<AdapterFacts | undefined> {
  return Object.hasOwn(ADAPTERS, name) ? ADAPTERS[name]?.() : undefined;
}

export async function allDeclarations(): Promise<readonly VenueDeclaration[]> {
  const all = await Promise.all(Object.values(ADAPTERS).map((load) => load()));
  return all.map(({ declaration }) => declaration);
}

/** What is declared for an account as it is configured; undefined for a venue that a program brings. */
export async function declaredFor(account: AccountConfig): Promise<Capabilities | undefined> {
  const named = account.venue === "ccxt" ? `ccxt:${account.exchange}` : account.venue;
  const { declaration } = (await adapterFacts(named)) ?? (await adapterFacts(account.venue)) ?? {};
  const market = account.venue === "binance" ? account.market : "";
  return declaration?.variants?.[market] ?? declaration?.capabilities;
}
