// The client order id that follows from an intent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CommandCapabilities, NO_COMMANDS } from "../capabilities.ts";
import { clientOrderIdOf, problemOfPrefixes } from "./intent.ts";

const LETTERS: CommandCapabilities = {
  ...NO_COMMANDS,
  submit: true,
  clientOrderIdLengthMax: 32,
  clientOrderIdCharacters: "A-Za-z0-9",
};
const HYPHENS: CommandCapabilities = { ...LETTERS, clientOrderIdCharacters: "A-Za-z0-9_-" };

test("an id begins with a hyphenated prefix where the venue takes one, and with letters where it takes none", () => {
  const idAt = (commands: CommandCapabilities) =>
    clientOrderIdOf("okx", { strategies: {} }, "i-1", null, commands);
  assert.match(idAt(HYPHENS), /^tu-[0-9a-f]{24}$/);
  assert.match(idAt(LETTERS), /^tu[0-9a-f]{24}$/);
  assert.equal(idAt(HYPHENS).slice(3), idAt(LETTERS).slice(2));
});

test("a strategy's own prefix is taken as it was written: whose order it is shows by it", () => {
  const policy = { strategies: { grid: "g-" } };
  assert.match(clientOrderIdOf("okx", policy, "i-1", "grid", LETTERS), /^g-[0-9a-f]{24}$/);
});

test("a prefix that leaves less room has a shorter hash, and never so short that two intents could share it", () => {
  const policy = { strategies: { grid: "grid-", long: "p".repeat(20) } };
  const short = { ...HYPHENS, clientOrderIdLengthMax: 27 };
  assert.match(clientOrderIdOf("a", policy, "i-1", "grid", short), /^grid-[0-9a-f]{22}$/);
  assert.match(clientOrderIdOf("a", policy, "i-1", "long", short), /^p{20}[0-9a-f]{16}$/);
  assert.match(clientOrderIdOf("a", policy, "i-1", "grid", HYPHENS), /^grid-[0-9a-f]{24}$/);
});

test("a prefix that no client order id of the venue may begin with is told with what the venue takes", () => {
  const of = (grid: string, commands = LETTERS) => problemOfPrefixes({ strategies: { grid } }, commands);
  assert.match(
    of("g-") ?? "",
    /^strategies\.grid = "g-": .* takes only A-Za-z0-9; change the strategy's prefix$/,
  );
  assert.match(of("g".repeat(17)) ?? "", /would have 33 characters, this venue takes 32; shorten/);
  assert.equal(of("g".repeat(16)), null);
  assert.equal(of("g-", HYPHENS), null);
});
