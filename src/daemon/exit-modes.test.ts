// A mode of exits that the venue cannot keep, and a prefix that it does not take, are refused before anything is connected.
import assert from "node:assert/strict";
import { test } from "node:test";
import { unlimitedTable } from "../../test/support/config-text.ts";
import { parseConfig } from "../config/index.ts";
import { refuseExitMode, refusePrefixes } from "./accounts.ts";
import { declaredFor } from "./adapters.ts";

const EXECUTOR = `mode = "executor"
${unlimitedTable("a")}`;

async function problem(venue: string, exits: string, tables = ""): Promise<string | null> {
  const parsed = parseConfig(
    `state_dir = "state"\n[accounts.a]\n${venue}${EXECUTOR}[accounts.a.exits]\n${exits}${tables}`,
    (path) => path,
  );
  assert.ok(parsed.kind === "ok", JSON.stringify(parsed));
  const { a } = parsed.config.accounts;
  assert.ok(a);
  const declared = await declaredFor(a);
  assert.ok(declared);
  const loaded = { file: "f", folder: "", stateDir: "", config: parsed.config };
  try {
    refuseExitMode(loaded, "a", a, declared);
    refusePrefixes(loaded, "a", a, declared);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

test("a venue without stop orders keeps managed exits only; one with them keeps every mode", async () => {
  const okx = 'venue = "ccxt"\nexchange = "okx"\nenvironment = "live"\n';
  assert.match((await problem(okx, 'mode = "venue"\n')) ?? "", /sends no stop orders.*set mode = "managed"/);
  assert.match(
    (await problem(okx, 'mode = "managed+backstop"\nbackstop_ratio = "0.2"\n')) ?? "",
    /sends no stop orders/,
  );
  assert.equal(await problem(okx, 'mode = "managed"\n'), null);
  assert.equal(await problem('venue = "paper"\n', 'mode = "venue"\n'), null);
  const spot = 'venue = "binance"\nmarket = "spot"\nenvironment = "live"\n';
  assert.equal(await problem(spot, 'mode = "venue"\n'), null);
});

test("a prefix with a hyphen is refused for an executor at a venue whose ids take letters and digits alone", async () => {
  const okx = 'venue = "ccxt"\nexchange = "okx"\nenvironment = "live"\n';
  const of = (prefix: string) =>
    problem(okx, 'mode = "managed"\n', `[accounts.a.strategies]\ngrid = "${prefix}"\n`);
  assert.match(
    (await of("grid-")) ?? "",
    /^f: account a: strategies\.grid = "grid-": .*change the strategy's prefix$/,
  );
  assert.equal(await of("grid"), null);
});
