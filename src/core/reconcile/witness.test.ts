// Absence is not zero (R1): what proves that a position is flat, and what never does.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CAPABILITIES_DEFAULT } from "../capabilities.ts";
import { decimal } from "../decimal.ts";
import type { PositionLookup, PositionRow } from "../facts.ts";
import { type PositionKey, positionKey } from "../keys.ts";
import { POLICY_DEFAULT } from "../policy.ts";
import { QUALITIES } from "../words.ts";
import { type AbsenceCase, judgeAbsence, lookupsWanted } from "./witness.ts";

const key = (symbol: string) => positionKey(symbol, "net");
const held = (symbol: string): PositionRow => ({ instrument: symbol, leg: "net", qty: decimal("1") });
const NONE: PositionLookup = { kind: "none" };
const SILENT: PositionLookup = { kind: "unknown", problem: "no answer" };

function absence(changes: Partial<AbsenceCase> & { readonly absent: readonly PositionKey[] }): AbsenceCase {
  return {
    positions: { quality: "complete", rows: [held("A")] },
    totals: undefined,
    lookups: new Map(),
    capabilities: CAPABILITIES_DEFAULT,
    policy: POLICY_DEFAULT,
    held: 10,
    netted: new Set(),
    possiblyHeld: () => changes.absent,
    ...changes,
  };
}

const keys = (count: number) => Array.from({ length: count }, (_, index) => key(`S${index}`));

test("[R1] a few rows that a complete, non-empty read leaves out are flat by absence", () => {
  const verdict = judgeAbsence(absence({ absent: keys(2) }));
  assert.deepEqual([...verdict.witnesses.values()], ["absence", "absence"]);
});

test("[R1] more rows than the blast radius need a witness of their own, and each is asked for", () => {
  const facts = absence({ absent: keys(3), held: 10 });
  assert.deepEqual(judgeAbsence(facts).unwitnessed, keys(3));
  assert.deepEqual(lookupsWanted(facts), keys(3));
  assert.equal(judgeAbsence(absence({ absent: keys(20), held: 100 })).unwitnessed.length, 0);
  assert.equal(judgeAbsence(absence({ absent: keys(21), held: 100 })).unwitnessed.length, 21);
});

test("[R1] rows in flight that a read leaves out count among the blast radius, and are not closed (seed 41224)", () => {
  const verdict = judgeAbsence(absence({ absent: keys(2), inFlight: 1 }));
  assert.deepEqual(verdict.unwitnessed, keys(2));
  assert.match(verdict.missing, /close 2 of 10 rows at once \(and 1 in flight are left out too\)/);
  assert.equal(judgeAbsence(absence({ absent: keys(2), inFlight: 0 })).unwitnessed.length, 0);
});

test("[R2] a person's word stands for a missing witness of a complete read, and for nothing else", () => {
  const absent = keys(5);
  const declared = new Set(absent.slice(0, 2));
  const facts = absence({ absent, declared });
  const verdict = judgeAbsence(facts);
  assert.deepEqual(
    [...verdict.witnesses],
    absent.slice(0, 2).map((one) => [one, "person"]),
  );
  assert.deepEqual(verdict.unwitnessed, absent.slice(2));
  assert.match(verdict.missing, /no witness that it is flat/);
  for (const quality of QUALITIES.filter((one) => one !== "complete")) {
    const doubted = judgeAbsence({ ...facts, positions: { quality, rows: [held("A")] } });
    assert.equal(doubted.witnesses.size, 0, quality);
  }
  const found = new Map([[absent[0] as PositionKey, { kind: "row", row: held("S0") } as PositionLookup]]);
  assert.deepEqual([...judgeAbsence({ ...facts, lookups: found }).witnesses.keys()], [absent[1]]);
});

test("[R1] rows with a witness of their own do not count against the radius", () => {
  const lookups = new Map(
    keys(4)
      .slice(2)
      .map((one) => [one, NONE] as const),
  );
  const verdict = judgeAbsence(absence({ absent: keys(4), lookups }));
  assert.deepEqual([...verdict.witnesses.values()].sort(), ["absence", "absence", "lookup", "lookup"]);
});

test("[R1] an empty list proves nothing, however often it is read", () => {
  const facts = absence({ positions: { quality: "complete", rows: [] }, absent: keys(1) });
  assert.deepEqual(judgeAbsence(facts).unwitnessed, keys(1));
  assert.match(judgeAbsence(facts).missing, /the positions read is empty/);
});

test("[R1] totals without a position value are a witness, beside an empty list only", () => {
  const totals = { quality: "complete", positionValue: decimal("0") } as const;
  const empty = absence({ positions: { quality: "complete", rows: [] }, totals, absent: keys(6), held: 6 });
  assert.deepEqual([...judgeAbsence(empty).witnesses.values()], Array(6).fill("totals"));
  const listed = absence({ totals, absent: keys(6), held: 6 });
  assert.equal(judgeAbsence(listed).unwitnessed.length, 6);
});

test("[R1] look-ups that all say none beside totals that are not zero are a contradiction, not a proof", () => {
  const lookups = new Map(keys(6).map((one) => [one, NONE] as const));
  const totals = { quality: "complete", positionValue: decimal("42.69") } as const;
  const facts = absence({ positions: { quality: "complete", rows: [] }, totals, lookups, absent: keys(6) });
  const verdict = judgeAbsence(facts);
  assert.equal(verdict.unwitnessed.length, 6);
  assert.match(
    verdict.missing,
    /totals still show a position value of 42\.69.*which those totals contradict/,
  );
});

test("[R1] where one key is not answered, the totals may be its, and the others' answers count", () => {
  const lookups = new Map<PositionKey, PositionLookup>(keys(3).map((one) => [one, NONE]));
  lookups.set(key("S0"), SILENT);
  const totals = { quality: "complete", positionValue: decimal("42.69") } as const;
  const facts = absence({ positions: { quality: "complete", rows: [] }, totals, lookups, absent: keys(3) });
  assert.deepEqual(judgeAbsence(facts).unwitnessed, [key("S0")]);
});

test("[R1] a venue that does not declare what absence means never closes by it", () => {
  for (const absentRowMeansFlat of ["no", "unknown"] as const) {
    const capabilities = { ...CAPABILITIES_DEFAULT, absentRowMeansFlat };
    assert.equal(judgeAbsence(absence({ capabilities, absent: keys(1) })).unwitnessed.length, 1);
  }
});

test("[R4] a read that is not complete closes nothing by absence, whatever else is true of it", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...QUALITIES.filter((quality) => quality !== "complete")),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 200 }),
      fc.constantFrom("yes", "onlyIfScopeComplete", "no", "unknown" as const),
      (quality, count, rows, absentRowMeansFlat) => {
        const capabilities = { ...CAPABILITIES_DEFAULT, absentRowMeansFlat };
        const positions = { quality, rows: [held("A")] };
        const verdict = judgeAbsence(absence({ positions, capabilities, absent: keys(count), held: rows }));
        assert.equal(verdict.witnesses.size, 0);
      },
    ),
  );
});

test("[R1] no more look-ups are asked for than the policy allows, and none of a venue that is away", () => {
  const policy = { ...POLICY_DEFAULT, witnessLookups: 5 };
  assert.equal(lookupsWanted(absence({ policy, absent: keys(30), held: 30 })).length, 5);
  const away = { quality: "unavailable" as const, rows: [] };
  assert.deepEqual(lookupsWanted(absence({ positions: away, absent: keys(3) })), []);
});
