// What passes found, as it is told: once when found, once when ended, many of a kind in one breath; and what a story
// expected against what came.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Discrepancy, decimal } from "../../core/index.ts";
import { compareFound } from "./expected.ts";
import { Findings, findingLines } from "./findings.ts";

const place = (of: string) => `${of}.json`;

function phantom(instrument: string, changes: Partial<Discrepancy> = {}): Discrepancy {
  return {
    id: `dis_${instrument}`,
    of: "momo",
    kind: "phantom_position",
    subject: { type: "position", instrument, leg: "net" },
    localQty: decimal("5"),
    venueQty: decimal("0"),
    fields: {},
    cause: "manual_trade",
    explanation: null,
    witness: "fills",
    policy: "repair",
    stage: "seen",
    code: null,
    detail: null,
    firstSeenMs: 0,
    lastSeenMs: 0,
    sightings: 1,
    closedMs: null,
    resolution: null,
    recurrences: 0,
    ...changes,
  };
}

const ended = { closedMs: 1, resolution: "repaired" } as const;

function told(findings: Findings, ...discrepancies: Discrepancy[]): string[] {
  return findings
    .take({ discrepancies })
    .flatMap((one) => findingLines(one, place).map(({ text }) => text.trim()));
}

test("a discrepancy is told once when it is found and once when it ends", () => {
  const findings = new Findings();
  assert.deepEqual(told(findings, phantom("AAPL")), [
    "found     phantom_position AAPL in momo.json: local 5, venue 0",
  ]);
  assert.deepEqual(told(findings, phantom("AAPL", { sightings: 2 })), []);
  assert.deepEqual(told(findings, phantom("AAPL", ended)), [
    "explained cause manual_trade; flat by fills that net it to zero",
    "repaired  momo.json: brought in line  [dis_AAPL]",
  ]);
  assert.deepEqual(told(findings, phantom("AAPL", ended)), []);
  assert.equal(findings.all().length, 1);
});

test("several of one kind are told in one breath, with the name of each", () => {
  const findings = new Findings();
  const lines = told(
    findings,
    phantom("AAPL", ended),
    phantom("MSFT", ended),
    phantom("NVDA", { ...ended, witness: "row" }),
  );
  assert.equal(lines[0], "found     3 x phantom_position in momo.json: AAPL, MSFT, NVDA");
  assert.ok(lines.includes("repaired  momo.json: brought in line  [dis_AAPL and 1 more]"), lines.join("\n"));
  assert.ok(lines.includes("repaired  momo.json: brought in line  [dis_NVDA]"), lines.join("\n"));
});

test("several of one instrument name it once", () => {
  const lines = told(new Findings(), phantom("AMD"), phantom("AMD", { id: "dis_AMD_2" }), phantom("AAPL"));
  assert.deepEqual(lines, ["found     3 x phantom_position in momo.json: AMD, AAPL"]);
});

test("what is not proven is told as refused, and what goes by itself as settled without a change", () => {
  const findings = new Findings();
  const doubt = { stage: "refused", code: "unwitnessed", detail: "no witness that it is flat" } as const;
  assert.deepEqual(told(findings, phantom("AAPL", { ...doubt, witness: null })), [
    "found     phantom_position AAPL in momo.json: local 5, venue not listed",
    "refused   nothing is changed: no witness that it is flat  [dis_AAPL]",
  ]);
  assert.deepEqual(told(findings, phantom("AAPL", { closedMs: 1, resolution: "vanished" })), [
    "settled   AAPL: both sides agree again, nothing was changed  [dis_AAPL]",
  ]);
});

test("an unexplained cause is never told as an explanation", () => {
  const lines = told(new Findings(), phantom("AAPL", { ...ended, cause: "unexplained" }));
  assert.match(lines[1] ?? "", /^proven {4}flat by fills that net it to zero; cause unexplained/);
  const estimated = phantom("USD", {
    ...ended,
    kind: "balance_mismatch",
    cause: "unexplained",
    witness: null,
  });
  assert.match(told(new Findings(), estimated)[1] ?? "", /^estimated cause unexplained/);
});

test("what was expected and not found, and what was found and not expected, are both known", () => {
  const expected = { kind: "phantom_position", of: "momo", names: ["AAPL", "MSFT"] } as const;
  const found = [phantom("AAPL", ended), phantom("NVDA", ended)];
  const { missing, unforeseen } = compareFound([expected], found);
  assert.deepEqual(missing, ["phantom_position MSFT in momo was not found and settled"]);
  assert.deepEqual(
    unforeseen.map(({ id }) => id),
    ["dis_NVDA"],
  );
  // Found and still open is not settled; with another cause it is not what was caused.
  assert.equal(compareFound([{ ...expected, names: ["AAPL"] }], [phantom("AAPL")]).missing.length, 1);
  const wrongCause = compareFound([{ ...expected, names: ["AAPL"], cause: "missed_fill" }], found);
  assert.deepEqual(wrongCause.missing, [
    "phantom_position AAPL in momo was not found and settled with cause missed_fill",
  ]);
});
