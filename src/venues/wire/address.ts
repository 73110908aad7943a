// Where keys may be sent: encrypted, or to this machine.
import { VenueError } from "../venue.ts";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * The address without a slash at its end.
 * @param what Its name for a person: "the address of Alpaca's API".
 * @param kind Also says which path may be in it: none unless `mayHavePath`.
 * @throws VenueError `venue_config` for an address that keys must not be sent to.
 */
export function checkedAddress(
  what: string,
  text: string,
  kind: "http" | "ws" = "http",
  { mayHavePath = false }: { readonly mayHavePath?: boolean } = {},
): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe =
    url?.protocol === `${kind}s:` || (url?.protocol === `${kind}:` && LOOPBACK.has(url.hostname));
  const isBare = url?.search === "" && url.username === "" && url.hash === "";
  if (url && isSafe && isBare && (mayHavePath || url.pathname === "/")) {
    return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`;
  }
  // An address with a user in it would show a password.
  const shown = text.includes("@") ? "not shown, because it has a user in it" : `"${text}"`;
  const without = mayHavePath ? "a user or a question mark" : "a path, a user or a version";
  const expected = `${kind}s:// and a host (${kind}:// only for this machine), without ${without}`;
  throw new VenueError("venue_config", `${what} is ${shown}; expected ${expected}`);
}
