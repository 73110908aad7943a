// Whose account does the private key trade for? An order names no account: Hyperliquid takes it for that of whoever signed
// it, or whose API wallet signed it. A key of another account would trade there, and nothing of it would be seen here.
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint "Query a user's role" (read 2026-11)
import { isObject } from "../../wire/fields.ts";
import type { Client } from "../client.ts";
import { askInfo } from "./info.ts";

/** `others`: it signs for somebody else, or for nobody. `unknown`: the exchange did not say. */
export type SignerRole =
  | { readonly kind: "ours"; readonly isAgent: boolean }
  | { readonly kind: "others" | "unknown"; readonly problem: string };

export async function signerRole(client: Client, signer: string, user: string): Promise<SignerRole> {
  if (isSame(signer, user)) return { kind: "ours", isAgent: false };
  const answer = await askInfo(client, "the role of the private key's address", {
    type: "userRole",
    user: signer,
  });
  if (answer.kind !== "answer") {
    const problem = answer.kind === "failed" ? answer.problem : "the private key's role is not known";
    return { kind: "unknown", problem };
  }
  const { role, data } = isObject(answer.value) ? answer.value : {};
  if (role !== "agent") {
    const problem = `the private key belongs to ${signer}, which is no API wallet of ${user} (role "${String(role)}"): an order would be that address's own`;
    return { kind: typeof role === "string" ? "others" : "unknown", problem };
  }
  const master = isObject(data) ? (data.user ?? data.master) : undefined;
  if (typeof master === "string" && isSame(master, user)) return { kind: "ours", isAgent: true };
  const problem = `the private key is an API wallet of ${String(master)}, and this account is ${user}: an order would be traded there; a sub-account or vault is named by options.vaultAddress`;
  return { kind: typeof master === "string" ? "others" : "unknown", problem };
}

/**
 * Until when an API wallet may sign, where the exchange lists it: a named one ends by itself. Undefined where it does not say.
 * @see https://docs.chainstack.com/reference/hyperliquid-info-extraagents (read 2026-11; not in Hyperliquid's own pages)
 */
export async function signerEndsMs(
  client: Client,
  signer: string,
  user: string,
): Promise<number | undefined> {
  const answer = await askInfo(client, "the API wallets", { type: "extraAgents", user });
  const rows = answer.kind === "answer" && Array.isArray(answer.value) ? answer.value.filter(isObject) : [];
  const own = rows.find(({ address }) => typeof address === "string" && isSame(address, signer));
  const endsMs = Number(own?.validUntil);
  return Number.isSafeInteger(endsMs) && endsMs > 0 ? endsMs : undefined;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
