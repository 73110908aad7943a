// What the integration tests share: the adapter opened on a local Bybit.
import type { TestContext } from "node:test";
import type { Clock } from "../../../src/runtime/index.ts";
import { type BybitOptions, openBybit } from "../../../src/venues/bybit/index.ts";
import type { Venue } from "../../../src/venues/index.ts";
import { type AccountState, NOW, newState } from "./rows.ts";
import { BybitServer } from "./server.ts";

export interface World {
  readonly server: BybitServer;
  readonly venue: Venue;
  readonly url: string;
}

/** The adapter's clock stands still at NOW, but for the time that looking at it takes. */
export function standing(): Clock {
  let monotonicMs = 0;
  return { nowMs: () => NOW, monotonicMs: () => (monotonicMs += 25) };
}

export async function openWorld(
  test: TestContext,
  stated: Partial<AccountState> = {},
  options: Partial<BybitOptions> = {},
): Promise<World> {
  const server = new BybitServer();
  server.state = newState(stated);
  const url = await server.start();
  test.after(() => server.stop());
  const venue = await openBybit({
    key: server.key,
    secret: server.secret,
    environment: "testnet",
    baseUrl: url,
    wsUrl: `${url.replace("http", "ws")}/v5/private`,
    fetch,
    clock: standing(),
    timing: { timeoutMs: 30_000, retries: 0 },
    ...options,
  });
  return { server, venue, url };
}
