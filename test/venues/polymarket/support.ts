// What the integration tests share: the adapter opened on a local Polymarket. Keys and ids are invented.
import type { TestContext } from "node:test";
import { privateKeyToAccount } from "viem/accounts";
import { VirtualRuntime } from "../../../src/sim/index.ts";
import type { CommandOutcome, SubmitCommand, Venue } from "../../../src/venues/index.ts";
import { openPolymarket, type PolymarketOptions } from "../../../src/venues/polymarket/index.ts";
import { CREDENTIALS, PolymarketServer } from "./server.ts";

export const NOW = Date.parse("2026-11-20T15:00:00.250Z");
export const KEY = `0x${"1f".repeat(32)}` as const;
export const SIGNER = privateKeyToAccount(KEY).address;
export const WALLET = "0x2222222222222222222222222222222222222222";
export const YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563";
export const NO = "52114319501245915516055106046884209969926127482827954674443846427813813222426";
export const COND = "0xcond";

export interface World {
  readonly server: PolymarketServer;
  readonly venue: Venue;
  readonly runtime: VirtualRuntime;
  readonly url: string;
}

export function newRuntime(): VirtualRuntime {
  return new VirtualRuntime(NOW);
}

export async function openWorld(
  test: TestContext,
  options: Partial<PolymarketOptions> & { readonly isAddressOnly?: boolean } = {},
  runtime: VirtualRuntime = newRuntime(),
): Promise<World> {
  const server = new PolymarketServer({ wallet: WALLET, signer: SIGNER, nowMs: () => runtime.clock.nowMs() });
  const url = await server.start();
  test.after(() => server.stop());
  return { server, venue: await openVenue({ runtime, url }, options), runtime, url };
}

/** As a program does when it starts again: nothing of before is remembered. */
export function openVenue(
  { runtime, url }: Pick<World, "runtime" | "url">,
  { isAddressOnly, ...given }: Parameters<typeof openWorld>[1] = {},
): Promise<Venue> {
  const keys = isAddressOnly ? {} : { privateKey: KEY, credentials: CREDENTIALS };
  return openPolymarket({
    ...keys,
    funder: WALLET,
    signatureType: "proxy",
    baseUrl: url,
    dataUrl: url,
    wsUrl: `${url.replace("http", "ws")}/ws/user`,
    fetch,
    clock: runtime.clock,
    timeoutMs: 30_000,
    ...given,
  });
}

export function order(more: Partial<SubmitCommand> = {}): SubmitCommand {
  return {
    instrument: YES,
    clientOrderId: "tu-1",
    leg: "net",
    side: "buy",
    type: "limit",
    qty: "10" as never,
    price: "0.4" as never,
    timeInForce: "gtc",
    reduceOnly: false,
    ...more,
  };
}

export async function submit({ venue }: World, more: Partial<SubmitCommand> = {}): Promise<CommandOutcome> {
  if (!venue.submit) throw new Error("the venue takes no orders");
  return venue.submit(order(more));
}
