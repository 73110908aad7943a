// Client order ids into Hyperliquid's 16 bytes and back.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CLIENT_ID_CHARACTERS, CLIENT_ID_LENGTH_MAX, clientIdOf, cloidOf } from "./cloid.ts";

const HEX24 = "0123456789abcdef01234567";

test("an id of ours becomes 16 bytes in hex, and is read back", () => {
  assert.equal(cloidOf(`tu-${HEX24}`), `0x74752d00${HEX24}`);
  assert.equal(clientIdOf(`0x74752d00${HEX24}`), `tu-${HEX24}`);
});

test("a short id becomes its letters, and is read back", () => {
  assert.equal(cloidOf("exit-7"), "0x01657869742d37000000000000000000");
  assert.equal(clientIdOf("0x01657869742d37000000000000000000"), "exit-7");
});

test("every id that has one of the forms comes back as it was, and no two are one", () => {
  const letters = fc.constantFrom(..."abcXYZ019-_");
  const prefix = fc.string({ unit: letters, minLength: 1, maxLength: 3 });
  const short = fc.string({ unit: letters, minLength: 1, maxLength: 15 });
  const digits = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 24, maxLength: 24 });
  const ids = fc.oneof(
    short,
    fc.tuple(prefix, digits).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(ids, (id) => {
      const cloid = cloidOf(id) ?? "";
      assert.match(cloid, /^0x[0-9a-f]{32}$/);
      assert.equal(clientIdOf(cloid), id);
      assert.ok(id.length <= CLIENT_ID_LENGTH_MAX);
      assert.match(id, new RegExp(`^[${CLIENT_ID_CHARACTERS}]+$`));
    }),
  );
});

test("a bot's own 16 bytes stay as they are", () => {
  for (const cloid of [
    "0xdeadbeefdeadbeefdeadbeefdeadbeef",
    `0x00000000${HEX24}`,
    `0x01${"ff".repeat(15)}`,
  ]) {
    assert.equal(clientIdOf(cloid), cloid);
    assert.equal(cloidOf(cloid), cloid);
  }
});

test("an id that has none of the forms is not sent in another one", () => {
  for (const id of ["", "a b", "sixteen-letters-", `four${HEX24}`, `tu-${HEX24}0`])
    assert.equal(cloidOf(id), undefined);
});
