// A server and the adapter on it, for tests of what is particular to one exchange.
import type { TestContext } from "node:test";
import { AccountModel, type Bench, type WireServer } from "../../../src/conformance/index.ts";
import { type Exchange, loadExchange, type Params } from "../../../src/venues/ccxt/exchange.ts";
import { type CcxtOptions, openCcxt } from "../../../src/venues/ccxt/index.ts";
import type { Venue } from "../../../src/venues/index.ts";

export const NOW = Date.parse("2026-04-24T15:00:00.000Z");

/** Time goes on only when it is told to. */
export function newClock() {
  let elapsedMs = 0;
  return {
    nowMs: () => NOW + elapsedMs,
    monotonicMs: () => elapsedMs,
    pass: (ms: number) => {
      elapsedMs += ms;
    },
  };
}

export interface Opened<Server extends WireServer> {
  readonly server: Server;
  readonly model: AccountModel;
  readonly venue: Venue;
  readonly url: string;
  readonly clock: ReturnType<typeof newClock>;
}

export async function serve<Server extends WireServer>(
  t: TestContext,
  bench: Bench,
  of: (model: AccountModel) => Server,
  clock = newClock(),
): Promise<Omit<Opened<Server>, "venue">> {
  const { accountId, instruments, positionMode, balances, account, declaration } = bench;
  const model = new AccountModel({
    ...{ accountId, instruments, positionMode, balances, ...account },
    amend: declaration.capabilities.commands.amend,
    nowMs: clock.nowMs,
  });
  const server = of(model);
  const url = await server.start();
  t.after(() => server.stop());
  return { server, model, url, clock };
}

export async function openOn<Server extends WireServer>(
  served: Omit<Opened<Server>, "venue">,
  options: Pick<CcxtOptions, "exchange" | "credentials"> & Partial<CcxtOptions>,
): Promise<Opened<Server>> {
  const { url: baseUrl, clock } = served;
  const venue = await openCcxt({ environment: "live", baseUrl, fetch, clock, ...options });
  return { ...served, venue };
}

/** The package as it is, but for its addresses. */
export function packageAt(
  baseUrl: string,
  exchange: string,
  credentials: Readonly<Record<string, string>>,
  options: Params = {},
): Promise<Exchange> {
  return loadExchange({
    exchange,
    environment: "live",
    baseUrl,
    credentials,
    options,
    clock: newClock(),
    fetch,
    timeoutMs: 10_000,
  });
}
