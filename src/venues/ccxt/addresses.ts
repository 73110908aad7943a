// Where an exchange is asked, when it is not at its own address: scheme and host are replaced in every address that ccxt
// knows, and the paths stay. An exchange has up to twenty of them; one that was left out would send keys elsewhere.
import { checkedAddress } from "../wire/address.ts";

/** @throws VenueError `venue_config` for an address that keys must not be sent to. */
export function baseAddress(what: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : checkedAddress(what, text);
}

const HOST = /^(https?|wss?):\/\/[^/?#]+/;

/** @param api ccxt's `urls.api`: a text, or a tree of them. Hosts may hold `{hostname}`. */
export function withBase(api: unknown, base: string): unknown {
  if (typeof api === "string") {
    return api.replace(HOST, (_, scheme: string) =>
      scheme.startsWith("ws") ? base.replace(/^http/, "ws") : base,
    );
  }
  if (typeof api !== "object" || api === null) return api;
  return Object.fromEntries(Object.entries(api).map(([name, one]) => [name, withBase(one, base)]));
}

/** Every address of a tree. */
export function addressesOf(api: unknown): readonly string[] {
  if (typeof api === "string") return [api];
  if (typeof api !== "object" || api === null) return [];
  return Object.values(api).flatMap(addressesOf);
}
