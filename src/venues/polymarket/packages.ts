// Polymarket's own package, which makes the headers of signed requests and knows the contracts, and viem, which it brings
// and which signs. Its transport is not used: it sends through a client of its own, answers errors as values, may send an
// order twice, and turns 77-digit numbers into floats.
// @see node_modules/@polymarket/clob-client-v2 1.1.0, http-helpers/index.js (read 2026-11)
import { loadClient } from "../wire/package.ts";

export interface Packages {
  readonly clob: typeof import("@polymarket/clob-client-v2");
  readonly viem: typeof import("viem");
  readonly accounts: typeof import("viem/accounts");
}

/** @throws VenueError `venue_package` where one is not installed. */
export async function loadPackages(): Promise<Packages> {
  const clob = { name: "@polymarket/clob-client-v2", version: "1.1.0", does: "signs for Polymarket" };
  const viem = { name: "viem", version: "2.57.20", does: "signs for Polymarket" };
  return {
    clob: await loadClient(clob, () => import("@polymarket/clob-client-v2")),
    viem: await loadClient(viem, () => import("viem")),
    accounts: await loadClient(viem, () => import("viem/accounts")),
  };
}
