// Who the account is: the wallet that holds the tokens, and the address that signs for it. They are the same only for a
// plain address; whoever signed up by mail or with a browser's wallet has a contract that holds, and a key that signs.
import { VenueError } from "../venue.ts";
import { isSameAddress } from "./symbols.ts";

/**
 * How the wallet is signed for, as the exchange numbers it.
 * @see node_modules/@polymarket/clob-client-v2 1.1.0, order-utils/model/signatureTypeV2.d.ts (read 2026-11)
 */
export const SIGNATURE_TYPES = { eoa: 0, proxy: 1, safe: 2, deposit: 3 } as const;
export type SignatureType = keyof typeof SIGNATURE_TYPES;

export interface Wallet {
  /** The address that holds tokens and pUSD. */
  readonly holder: string;
  /** The address that the API credentials belong to; undefined where there are none. */
  readonly signer?: string;
  readonly signatureType: SignatureType;
}

const ADDRESS = /^0x[0-9a-f]{40}$/i;

/**
 * @param given As configured; `derived` is the address of the private key, where there is one.
 * @throws VenueError `venue_config` where it does not fit together.
 */
export function walletOf(given: {
  readonly funder?: string | undefined;
  readonly signer?: string | undefined;
  readonly derived?: string | undefined;
  readonly signatureType: SignatureType;
}): Wallet {
  const { funder, signer, derived, signatureType } = given;
  for (const [name, address] of Object.entries({ funder, signer })) {
    if (address === undefined || ADDRESS.test(address)) continue;
    throw refused(`${name} is "${address.slice(0, 60)}"; expected an address: 0x and 40 hexadecimal digits`);
  }
  if (derived !== undefined && signer !== undefined && !isSameAddress(derived, signer)) {
    throw refused(
      `signer is ${signer}, and the private key belongs to ${derived}; leave signer out, or set the other key`,
    );
  }
  const signing = derived ?? signer;
  const holder = funder ?? (signatureType === "eoa" ? signing : undefined);
  if (holder === undefined) {
    throw refused(
      signatureType === "eoa"
        ? "no wallet is named; set funder to the address that holds the tokens"
        : `signature_type is "${signatureType}" and funder is not set; set it to the wallet's address, which Polymarket's site shows as the one to deposit to`,
    );
  }
  if (signatureType === "eoa" && signing !== undefined && !isSameAddress(holder, signing)) {
    throw refused(
      `signature_type is "eoa", and funder ${holder} is another address than the signer ${signing}; set signature_type to "proxy", "safe" or "deposit", as the wallet is`,
    );
  }
  return { holder, signatureType, ...(signing !== undefined && { signer: signing }) };
}

function refused(text: string): VenueError {
  return new VenueError("venue_config", text);
}
