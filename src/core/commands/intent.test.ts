// The client order id that follows from an intent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CommandCapabilities, NO_COMMANDS } from "../capabilities.ts";
import { clientOrderIdOf } from "./intent.ts";

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
