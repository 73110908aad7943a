// What may be asked of the demo: the values that are taken, and the messages about those that are not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CliError } from "../../daemon/exit.ts";
import { SEED_DEFAULT, scenarioOf, seedOf, speedOf } from "./options.ts";

interface Named {
  readonly name: string;
}
const known: readonly [Named, ...Named[]] = [
  { name: "story" },
  { name: "stock-bot" },
  { name: "phantom-rows" },
];

function refused(work: () => unknown): { readonly message: string } {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof CliError);
    assert.equal(error.exitCode, 2);
    return error;
  }
  throw new assert.AssertionError({ message: "it was taken" });
}

test("a seed is a whole number of 32 bits, with one that the README shows", () => {
  assert.deepEqual([seedOf(undefined), seedOf("0"), seedOf("4294967295")], [SEED_DEFAULT, 0, 4_294_967_295]);
  for (const text of ["", "x", "-1", "1.5", "1e3", "4294967296", "99999999999", " 1"]) {
    assert.match(refused(() => seedOf(text)).message, /is no seed; give a whole number/);
  }
});

test("a speed is a factor from a tenth to a hundred", () => {
  assert.deepEqual([speedOf(undefined), speedOf("0.5"), speedOf("20"), speedOf("100")], [1, 0.5, 20, 100]);
  for (const text of ["", "fast", "0", "-2", "101", "1e1", "0.05", "Infinity"]) {
    assert.match(refused(() => speedOf(text)).message, /is no speed; give a number/);
  }
});

test("an unknown scenario is told with the nearest name and all of them", () => {
  assert.equal(scenarioOf(undefined, known).name, "story");
  assert.equal(scenarioOf("stock-bot", known).name, "stock-bot");
  const near = refused(() => scenarioOf("stok-bot", known));
  assert.match(near.message, /Did you mean "stock-bot"\? There are: story, stock-bot, phantom-rows$/);
  assert.doesNotMatch(refused(() => scenarioOf("zzzzzzzzzz", known)).message, /Did you mean/);
});
