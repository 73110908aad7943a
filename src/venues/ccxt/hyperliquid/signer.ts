// Whose account does the private key trade for? An order names no account: Hyperliquid takes it for that of whoever signed
// it, or whose API wallet signed it. A key of another account would trade there, and nothing of it would be seen here.
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint "Query a user's role" (read 2026-11)
import { isObject } from "../../wire/fields.ts";
import type { Client } from "../client.ts";
import { askInfo } from "./info.ts";

/** Undefined when it trades for `user`; else why it does not, or that it is not known. */
export async function signerProblem(
  client: Client,
  signer: string,
  user: string,
): Promise<string | undefined> {
  if (isSame(signer, user)) return undefined;
  const answer = await askInfo(client, "the role of the private key's address", {
    type: "userRole",
    user: signer,
  });
  if (answer.kind !== "answer")
    return answer.kind === "failed" ? answer.problem : "the private key's role is not known";
  const { role, data } = isObject(answer.value) ? answer.value : {};
  if (role !== "agent")
    return `the private key belongs to ${signer}, which is no API wallet of ${user} (role "${String(role)}"): an order would be that address's own`;
  const master = isObject(data) ? (data.user ?? data.master) : undefined;
  if (typeof master === "string" && isSame(master, user)) return undefined;
  return `the private key is an API wallet of ${String(master)}, and this account is ${user}: an order would be traded there; a sub-account or vault is named by options.vaultAddress`;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
