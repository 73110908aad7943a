// What people ask an adapter for: how the connection is, what came raw, what a bot's spelling means. None of it decides
// anything, so what is claimed is that it never throws, changes nothing, and gives no secret away. Each is optional.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SECTIONS } from "../../core/index.ts";
import type { Finding } from "../../venues/index.ts";
import type { Bench } from "../bench.ts";
import { READ_FAULT_NAMES, type ReadFaultName, readFault } from "../wire/faults.ts";
import { COMMANDS, PARTS, type Part } from "../wire/route.ts";
import { World } from "../world.ts";
import { busyAccount, HOUR } from "./reading.ts";
import { noSecretIn } from "./secrets.ts";

const CHECKS: ReadonlySet<Finding["check"]> = new Set<Finding["check"]>([
  "connection",
  "account",
  "permissions",
  "clock",
  "rate",
  "position_mode",
  "scope",
  "stream",
]);
const LEVELS: ReadonlySet<Finding["level"]> = new Set<Finding["level"]>(["ok", "warn", "refuse"]);
const READS = PARTS.filter((part): part is Exclude<Part, (typeof COMMANDS)[number]> =>
  COMMANDS.every((command) => command !== part),
);
const FAULTS = READ_FAULT_NAMES.filter((name) => readFault(name).isVisible);

export function peopleClaims(bench: Bench): void {
  checkupClaims(bench);
  rawClaims(bench);
  nameClaims(bench);
}

function checkupClaims(bench: Bench): void {
  describe(`${bench.name}: the look at the connection`, () => {
    test("finds something to be well where all is, and changes nothing", async (t) => {
      const world = await World.open(t, bench);
      if (!world.venue.checkup) return t.diagnostic("the venue has no such call");
      await busyAccount(world);
      const before = world.model.openOrders;
      const findings = await world.venue.checkup();
      areFindings(findings, bench, "where all is well");
      // What the account's server does not tell, such as the key's rights, may be found wanting.
      assert.ok(
        findings.some(({ level }) => level === "ok"),
        `nothing is well: ${JSON.stringify(findings)}`,
      );
      for (const command of COMMANDS) assert.equal(world.server.countOf(command), 0, `a ${command} was sent`);
      assert.deepEqual(world.model.openOrders, before);
    });

    for (const name of FAULTS) {
      test(`does not throw after "${name}": trouble is a finding, with what to do`, async (t) => {
        const world = await World.open(t, bench);
        if (!world.venue.checkup) return t.diagnostic("the venue has no such call");
        await busyAccount(world);
        breakReads(world, name);
        const before = world.server.faultyAnswers;
        const findings = await world.venue.checkup();
        areFindings(findings, bench, name);
        const isWrong = world.server.faultyAnswers > before;
        const isTold = findings.some(({ level }) => level !== "ok");
        // One row that says nothing may be in a list of which the look reads none.
        if (isWrong && name !== "one row more that says nothing") {
          assert.ok(isTold, `all is found to be well: ${JSON.stringify(findings)}`);
        }
      });
    }
  });
}

function areFindings(findings: readonly Finding[], bench: Bench, when: string): void {
  assert.ok(findings.length > 0, `${when}: nothing was found, not even that it answers`);
  noSecretIn(JSON.stringify(findings), bench, when);
  for (const one of findings) {
    const { check, level, found, advice = "" } = one;
    assert.ok(CHECKS.has(check) && LEVELS.has(level), `${when}: ${JSON.stringify(one)}`);
    assert.ok(found.trim() !== "", `${when}: a finding of ${check} says nothing`);
    const saysWhatToDo = level === "ok" || advice.trim() !== "";
    assert.ok(saysWhatToDo, `${when}: "${found}" (${level}) does not say what to do`);
  }
}

function rawClaims(bench: Bench): void {
  describe(`${bench.name}: what came raw`, () => {
    for (const name of SECTIONS) {
      const isDeclared = bench.declaration.sections[name] !== null;
      test(`has ${isDeclared ? `the answers of the ${name}` : `nothing of ${name}`}, as it declares`, async (t) => {
        const world = await World.open(t, bench);
        if (!world.venue.raw) return t.diagnostic("the venue has no such call");
        await busyAccount(world);
        const answers = await world.venue.raw(name, world.nowMs - HOUR);
        noSecretIn(JSON.stringify(answers), bench, name);
        if (!isDeclared) {
          assert.deepEqual(answers, []);
          return;
        }
        assert.ok(answers.length > 0, `no answer of the ${name}`);
        for (const { request, status, body, problem } of answers) {
          assert.ok(request.trim() !== "", "an answer does not say to what");
          assert.equal(problem, null, `${request}: ${problem}`);
          assert.ok(body !== "", `${request}: nothing came`);
          assert.ok(status === null || status === 200, `${request}: ${status}`);
        }
      });
    }

    for (const name of FAULTS) {
      test(`has what came after "${name}", without the keys, and does not throw`, async (t) => {
        const world = await World.open(t, bench);
        if (!world.venue.raw) return t.diagnostic("the venue has no such call");
        await busyAccount(world);
        breakReads(world, name);
        for (const section of SECTIONS) {
          if (bench.declaration.sections[section] === null) continue;
          const answers = await world.venue.raw(section, world.nowMs - HOUR);
          noSecretIn(JSON.stringify(answers), bench, `${section}, ${name}`);
          assert.ok(answers.length > 0, `${section}: nobody can see that something was asked`);
          for (const { request, status, body, problem } of answers) {
            const isTold = status !== null || body !== "" || (problem ?? "").trim() !== "";
            assert.ok(isTold, `${section}: ${request} brought nothing, and nothing says why`);
          }
        }
      });
    }
  });
}

/** Texts that no venue has for an instrument. */
const NONSENSE = ["", " ", "no such thing", "💥", "A".repeat(10_000), "/", ":", "\u0000"];
/** Words that every object has: none of them is a row of a list. */
const WORDS_OF_OBJECTS = ["__proto__", "constructor", "toString"];

function nameClaims(bench: Bench): void {
  describe(`${bench.name}: what a spelling means`, () => {
    test("is the instrument itself for its own name, before and after anything is read", async (t) => {
      const world = await World.open(t, bench);
      const { named } = world.venue;
      if (!named) return t.diagnostic("the venue has one spelling only");
      const own = () => {
        for (const { instrument } of bench.instruments) {
          const found = world.venue.named?.(instrument.symbol) ?? [];
          const isItself = found.length === 0 || (found.length === 1 && found[0] === instrument.symbol);
          assert.ok(isItself, `${instrument.symbol} means ${JSON.stringify(found)}`);
        }
      };
      own();
      await busyAccount(world);
      await world.venue.snapshot();
      own();
      for (const { instrument } of bench.instruments) {
        assert.deepEqual(world.venue.named?.(instrument.symbol), [instrument.symbol]);
      }
    });

    test("is the instrument for the venue's own word, which nobody chooses where it could be another", async (t) => {
      const world = await World.open(t, bench);
      if (!world.venue.named) return t.diagnostic("the venue has one spelling only");
      await busyAccount(world);
      await world.venue.snapshot();
      for (const { instrument, venueSymbol } of bench.instruments) {
        const found = world.venue.named(venueSymbol);
        assert.ok(found.includes(instrument.symbol), `${venueSymbol} means ${JSON.stringify(found)}`);
        assert.equal(new Set(found).size, found.length, `${venueSymbol}: one instrument is named twice`);
      }
    });

    test("is nothing for what no instrument is called, and asks nobody", async (t) => {
      const world = await World.open(t, bench);
      if (!world.venue.named) return t.diagnostic("the venue has one spelling only");
      await world.venue.snapshot();
      const before = world.sent.length;
      for (const text of NONSENSE) {
        assert.deepEqual(world.venue.named(text), [], JSON.stringify(text.slice(0, 20)));
      }
      for (const text of WORDS_OF_OBJECTS) {
        const found = world.venue.named(text);
        // Where any word may be a share, it is itself.
        assert.ok(
          found.every((one) => one === text),
          JSON.stringify(found),
        );
      }
      assert.equal(world.sent.length, before, "it asked the venue");
    });
  });
}

function breakReads({ server }: World, name: ReadFaultName): void {
  for (const part of READS) server.setReadFault(part, name);
}
