// Our orders against the package's own: signed by the same key, with the salt and the time that the package drew.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadPackages } from "./packages.ts";
import { OrderSigner, saltOf } from "./signing.ts";
import { walletOf } from "./wallet.ts";

/** Invented; it holds nothing. */
const KEY = `0x${"1f".repeat(32)}` as const;
const HOLDER = "0x2222222222222222222222222222222222222222";
const TOKEN = "71321045679252212594626385532706912750332728571942532289631379312455583992563";
const POSITION = ((1n << 248n) + (0xabcdefn << 120n) + 1n).toString();

const packages = await loadPackages();
const account = packages.accounts.privateKeyToAccount(KEY);

/** The package signs through a signer of ethers' form; primaryType is not among what it hands over. */
const signer = {
  getAddress: async () => account.address,
  _signTypedData: (domain: object, types: Record<string, unknown>, message: object) =>
    account.signTypedData({
      domain,
      types,
      primaryType: "TypedDataSign" in types ? "TypedDataSign" : "Order",
      message,
    } as never),
};

describe("an order is signed as the package signs it", () => {
  for (const [signatureType, number] of [
    ["eoa", 0],
    ["proxy", 1],
    ["safe", 2],
    ["deposit", 3],
  ] as const) {
    for (const [name, token, isNegRisk, version] of [
      ["a token", TOKEN, false, 2],
      ["a neg-risk token", TOKEN, true, 2],
      ["a position of protocol V2", POSITION, false, 3],
    ] as const) {
      test(`of ${name}, for a wallet of type ${signatureType}`, async () => {
        const funder = signatureType === "eoa" ? account.address : HOLDER;
        const builder = new packages.clob.OrderBuilder(signer, 137, number, funder);
        const theirs = (await builder.buildOrder(
          { tokenID: token, price: 0.37, size: 12.34, side: packages.clob.Side.BUY },
          { tickSize: "0.01", negRisk: isNegRisk },
          version,
        )) as unknown as Record<string, string>;
        const wallet = walletOf({ funder, derived: account.address, signatureType });
        const ours = await new OrderSigner(packages, wallet, account.address).sign(
          {
            token,
            side: "buy",
            makerAmount: 4_565_800n,
            takerAmount: 12_340_000n,
            isNegRisk,
            salt: theirs.salt ?? "",
            timestampMs: Number(theirs.timestamp),
          },
          KEY,
        );
        assert.equal(ours.order.makerAmount, theirs.makerAmount);
        assert.equal(ours.order.takerAmount, theirs.takerAmount);
        assert.equal(ours.order.signature, theirs.signature);
        const sent = packages.clob.orderToJsonV2(theirs as never, "key", packages.clob.OrderType.GTC).order;
        assert.deepEqual(JSON.parse(JSON.stringify(sent)), ours.order);
      });
    }
  }
});

test("the salt is the client order id's, fits a JSON number, and another id has another", () => {
  assert.equal(saltOf("a"), saltOf("a"));
  assert.notEqual(saltOf("a"), saltOf("b"));
  for (let at = 0; at < 500; at += 1) assert.ok(Number.isSafeInteger(Number(saltOf(String(at)))));
});

test("the hash names one order: any other field makes another", () => {
  const wallet = walletOf({ derived: account.address, signatureType: "eoa" });
  const orders = new OrderSigner(packages, wallet, account.address);
  const content = {
    token: TOKEN,
    side: "buy",
    makerAmount: 1n,
    takerAmount: 2n,
    isNegRisk: false,
    salt: "7",
    timestampMs: 1_790_000_000_000,
  } as const;
  const hashes = [
    content,
    { ...content, salt: "8" },
    { ...content, side: "sell" as const },
    { ...content, isNegRisk: true },
  ].map((one) => orders.hash(one));
  assert.equal(new Set(hashes).size, 4);
  assert.equal(orders.hash(content), hashes[0]);
});
