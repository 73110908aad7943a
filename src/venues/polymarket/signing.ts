// An order as the exchange's contract has it: whole units of the chain, signed, and named by its hash. The hash is known
// before anything is sent, so an order whose answer was lost can be asked for by it; and because the salt is made of the
// client order id, anybody who has that id can prove whose order a hash is, without any memory of this process.

import type { Side } from "../../core/index.ts";
import { digestHex } from "../../core/index.ts";
import { contentsSignature } from "./deposit-wallet.ts";
import type { Packages } from "./packages.ts";
import { isPositionId } from "./symbols.ts";
import { SIGNATURE_TYPES, type Wallet } from "./wallet.ts";

/** Polygon. @see node_modules/@polymarket/clob-client-v2 1.1.0, types/clob.d.ts Chain */
export const CHAIN_ID = 137;

/** What of an order is signed; sizes in units of the chain. */
export interface OrderContent {
  readonly token: string;
  readonly side: Side;
  /** Given. */
  readonly makerAmount: bigint;
  /** Wanted. */
  readonly takerAmount: bigint;
  readonly isNegRisk: boolean;
  /** Made of the client order id: `saltOf`. */
  readonly salt: string;
  /** A whole second of our clock; in ms. */
  readonly timestampMs: number;
}

export interface SignedOrder {
  /** The order's id at the venue. */
  readonly hash: string;
  readonly order: Readonly<Record<string, string | number>>;
}

/**
 * What the exchange's contract hashes; the expiration is not in it.
 * @see node_modules/@polymarket/clob-client-v2 1.1.0, order-utils/model/ctfExchangeV2TypedData.js (read 2026-11)
 */
export const ORDER_FIELDS = [
  { name: "salt", type: "uint256" },
  { name: "maker", type: "address" },
  { name: "signer", type: "address" },
  { name: "tokenId", type: "uint256" },
  { name: "makerAmount", type: "uint256" },
  { name: "takerAmount", type: "uint256" },
  { name: "side", type: "uint8" },
  { name: "signatureType", type: "uint8" },
  { name: "timestamp", type: "uint256" },
  { name: "metadata", type: "bytes32" },
  { name: "builder", type: "bytes32" },
] as const;

const DOMAIN_NAME = "Polymarket CTF Exchange";
const ZERO_32 = `0x${"0".repeat(64)}` as const;

/** Digits of the salt: 52 bits, because the CLOB takes it as a JSON number. */
const SALT_HEX_DIGITS = 13;

/** Never zero; the same for the same client order id. */
export function saltOf(clientOrderId: string): string {
  const digits = digestHex(`polymarket order ${clientOrderId}`).slice(0, SALT_HEX_DIGITS);
  return (BigInt(`0x${digits}`) || 1n).toString();
}

type Hex = `0x${string}`;

/** What signs and hashes orders of one wallet. */
export class OrderSigner {
  private readonly packages: Packages;
  private readonly wallet: Wallet;
  private readonly signer: string;

  constructor(packages: Packages, wallet: Wallet, signer: string) {
    this.packages = packages;
    this.wallet = wallet;
    this.signer = signer;
  }

  hash(content: OrderContent): string {
    return this.packages.viem.hashTypedData(this.typedData(content));
  }

  async sign(content: OrderContent, privateKey: string): Promise<SignedOrder> {
    const account = this.packages.accounts.privateKeyToAccount(privateKey as Hex);
    const typedData = this.typedData(content);
    const isContract = this.wallet.signatureType === "deposit";
    const signature = isContract
      ? await contentsSignature(this.packages.viem, account, typedData)
      : await account.signTypedData(typedData);
    const { message } = typedData;
    return {
      hash: this.packages.viem.hashTypedData(typedData),
      order: {
        salt: Number(message.salt),
        maker: message.maker,
        signer: message.signer,
        tokenId: content.token,
        makerAmount: content.makerAmount.toString(),
        takerAmount: content.takerAmount.toString(),
        side: content.side === "buy" ? "BUY" : "SELL",
        signatureType: message.signatureType,
        timestamp: String(content.timestampMs),
        expiration: "0",
        metadata: ZERO_32,
        builder: ZERO_32,
        signature,
      },
    };
  }

  /** The contract that settles it, by the kind of token. @see …/order-builder/helpers/createOrder.js (read 2026-11) */
  private typedData(content: OrderContent) {
    const { holder, signatureType } = this.wallet;
    const contracts = this.packages.clob.getContractConfig(CHAIN_ID);
    const isV3 = isPositionId(content.token);
    const older = content.isNegRisk ? contracts.negRiskExchangeV2 : contracts.exchangeV2;
    return {
      domain: {
        name: DOMAIN_NAME,
        version: isV3 ? "3" : "2",
        chainId: CHAIN_ID,
        verifyingContract: (isV3 ? contracts.exchangeV3 : older) as Hex,
      },
      types: { Order: ORDER_FIELDS },
      primaryType: "Order",
      message: {
        salt: BigInt(content.salt),
        maker: this.checksummed(holder),
        // A contract signs by itself: its address stands for both.
        signer: this.checksummed(signatureType === "deposit" ? holder : this.signer),
        tokenId: BigInt(content.token),
        makerAmount: content.makerAmount,
        takerAmount: content.takerAmount,
        side: content.side === "buy" ? 0 : 1,
        signatureType: SIGNATURE_TYPES[signatureType],
        timestamp: BigInt(content.timestampMs),
        metadata: ZERO_32,
        builder: ZERO_32,
      },
    } as const;
  }

  private checksummed(address: string): Hex {
    return this.packages.viem.getAddress(address);
  }
}
