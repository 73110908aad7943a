// The credentials of the CLOB: given, or derived from the wallet's key when they are first needed. Every request is signed
// with them by Polymarket's own package, at our clock's time.
import type { Clock } from "../../runtime/index.ts";
import type { Packages } from "./packages.ts";
import { CHAIN_ID } from "./signing.ts";

export interface Credentials {
  readonly apiKey: string;
  /** base64. */
  readonly secret: string;
  readonly passphrase: string;
}

export type Headers = Readonly<Record<string, string>>;

export interface Request {
  readonly method: "GET" | "POST" | "DELETE";
  /** Without what follows a question mark: that is not signed. */
  readonly path: string;
  readonly body?: string;
}

/** Signs with credentials: "L2" in Polymarket's words. */
export async function signedHeaders(
  { clob }: Packages,
  signer: string,
  { apiKey, secret, passphrase }: Credentials,
  { method, path, body }: Request,
  clock: Clock,
): Promise<Headers> {
  const owner = {
    getAddress: async () => signer,
    _signTypedData: () => Promise.reject(new Error("a request is not signed with the wallet's key")),
  };
  const made = await clob.createL2Headers(
    owner,
    { key: apiKey, secret, passphrase },
    { method, requestPath: path, ...(body !== undefined && { body }) },
    seconds(clock),
  );
  return textsOf(made);
}

/** Signs with the wallet's key, to ask for its credentials: "L1" in Polymarket's words. */
export async function walletHeaders(packages: Packages, privateKey: string, clock: Clock): Promise<Headers> {
  const account = packages.accounts.privateKeyToAccount(privateKey as `0x${string}`);
  const owner = {
    getAddress: async () => account.address,
    _signTypedData: (domain: object, types: object, message: object) =>
      account.signTypedData({ domain, types, primaryType: "ClobAuth", message } as never),
  };
  return textsOf(await packages.clob.createL1Headers(owner, CHAIN_ID, 0, seconds(clock)));
}

/** The CLOB's clock counts seconds. @see https://docs.polymarket.com/api-reference/authentication (read 2026-11) */
function seconds(clock: Clock): number {
  return Math.floor(clock.nowMs() / 1_000);
}

function textsOf(headers: Readonly<Record<string, unknown>>): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
