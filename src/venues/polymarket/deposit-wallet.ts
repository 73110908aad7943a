// The signature of a deposit wallet: a contract that holds, whose owner's key signs an envelope around the order, so that
// the signature is good for this wallet alone. The form is ERC-7739's.
// @see https://eips.ethereum.org/EIPS/eip-7739
// @see node_modules/@polymarket/clob-client-v2 1.1.0, order-utils/exchangeOrderBuilderV2.js (POLY_1271; both read 2026-11)
type Viem = typeof import("viem");
type Hex = `0x${string}`;

interface Account {
  signTypedData(data: never): Promise<Hex>;
}

/** What `signing.ts` makes of an order. */
export interface OrderToSign {
  readonly domain: {
    readonly name: string;
    readonly version: string;
    readonly chainId: number;
    readonly verifyingContract: Hex;
  };
  readonly types: { readonly Order: readonly { readonly name: string; readonly type: string }[] };
  readonly primaryType: "Order";
  readonly message: { readonly signer: Hex } & Readonly<Record<string, unknown>>;
}

/** The wallet's own domain. */
const WALLET_DOMAIN = { name: "DepositWallet", version: "1", salt: `0x${"0".repeat(64)}` as Hex };

const ENVELOPE = [
  { name: "contents", type: "Order" },
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
  { name: "salt", type: "bytes32" },
];

/** signature ‖ the exchange's domain separator ‖ the order's struct hash ‖ its type ‖ the type's length in two bytes */
export async function contentsSignature(viem: Viem, account: Account, order: OrderToSign): Promise<Hex> {
  const { domain, types, message } = order;
  const inner = await account.signTypedData({
    domain,
    types: { TypedDataSign: ENVELOPE, Order: types.Order },
    primaryType: "TypedDataSign",
    message: {
      contents: message,
      ...WALLET_DOMAIN,
      chainId: BigInt(domain.chainId),
      verifyingContract: message.signer,
    },
  } as never);
  const type = `Order(${types.Order.map((field) => `${field.type} ${field.name}`).join(",")})`;
  const separator = viem.domainSeparator({ domain });
  const contents = viem.hashStruct({ data: message, primaryType: "Order", types } as never);
  const length = type.length.toString(16).padStart(4, "0");
  return `0x${[inner, separator, contents, viem.toHex(type)].map((hex) => hex.slice(2)).join("")}${length}`;
}
