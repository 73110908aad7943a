// docs/errors.md and the source name the same codes, both ways, and a command's exit code and a request's status are
// those that the code gives. The source is scanned as text; a place that the scan cannot read is a failure.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { EXIT } from "../../src/daemon/exit.ts";
import { lineAt, ROOT, sourceFiles } from "../tidy/source.ts";

/** A code as it is given somewhere, with the exit code or HTTP status beside it where there is one. */
interface Code {
  readonly code: string;
  readonly number: number | undefined;
  readonly place: string;
}

const page = readFileSync(join(ROOT, "docs", "errors.md"), "utf8");
const product = sourceFiles("src").filter((file) => !file.isTest && !file.path.startsWith("src/sim/"));
const DAEMON_ANSWERS = 'document.error?.code ?? "daemon_error"';
/** Places that hand a code on that is given elsewhere, by the file and what stands in the code's place. */
const HANDED_ON: readonly (readonly [string, string])[] = [
  ["src/daemon/trouble.ts", "error.code"],
  ["src/daemon/account-trouble.ts", "code"],
  ["src/daemon/accounts.ts", "known.code"],
  ["src/cli/commands/gate.ts", "known.code"],
  ["src/cli/commands/pass.ts", "code"],
  ["src/daemon/daemon-client.ts", DAEMON_ANSWERS],
  ["src/runtime/real.ts", "code"],
  ["src/api/server.ts", "code"],
  ["src/api/errors.ts", "error.code"],
  ["src/cli/commands/plan.ts", "code"],
  ["src/journal/sqlite/trouble.ts", "codeFor(kind"],
];

test("every code of a command is in docs/errors.md with its exit code, and none is there that is not said", () => {
  const known = [...made("CliError", 2), { code: "daemon_error", number: EXIT.unexpected, place: "daemon" }];
  same(rowsOf(page, "Commands"), known);
});

test("every code of the API is in docs/errors.md with its status, and none is there that is not said", () => {
  same(rowsOf(page, "The API"), [...made("ApiError", 2), ...made("denied", 2)]);
  assert.deepEqual(unionOf("src/engine/session.ts", /readonly code = ("\w+");/), ["account_stopped"]);
});

test("every refusal of a plan or an undo is in docs/errors.md with its exit code, and none is there that is not said", () => {
  const exits = /PLAN_EXITS[^{]+\{([^}]+)\}/.exec(textOf("src/daemon/trouble.ts"))?.[1] ?? "";
  const given = [...exits.matchAll(/(\w+): EXIT\.(\w+)/g)].map(([, code, exit]) => ({
    code: String(code),
    number: exitOf(exit),
    place: "src/daemon/trouble.ts",
  }));
  same(rowsOf(page, "Plans and undo"), given);
  const declared = unionOf("src/engine/plan-error.ts", /code:\s+((?:\| )?"\w+"(?:\s+\| "\w+")+);/);
  assert.deepEqual(sorted(given.map(({ code }) => code)), sorted(declared));
  const thrown = sorted(new Set(made("PlanError", 1).map(({ code }) => code)));
  assert.deepEqual(thrown, sorted(declared));
});

test("every refusal of a person's word on a position is in docs/errors.md with its exit code, and none is there that is not said", () => {
  const exits = /CHANGE_EXITS[^{]+\{([^}]+)\}/.exec(textOf("src/daemon/trouble.ts"))?.[1] ?? "";
  const given = [...exits.matchAll(/(\w+): EXIT\.(\w+)/g)].map(([, code, exit]) => ({
    code: String(code),
    number: exitOf(exit),
    place: "src/daemon/trouble.ts",
  }));
  same(rowsOf(page, "Lots and notes"), given);
  const declared = [
    ...unionOf("src/core/commands/reattribution.ts", /LotMoveRefusal =([^;]+);/),
    ...unionOf("src/core/notes.ts", /NoteRefusal =([^;]+);/),
  ];
  assert.deepEqual(sorted(given.map(({ code }) => code)), sorted(declared));
  const states = [...textOf("src/api/errors.ts").matchAll(/^ {2}(\w+): (409|422),$/gm)];
  for (const [, code, status] of states) {
    const exit = given.find((one) => one.code === code)?.number;
    if (exit !== undefined) assert.equal(exit, status === "409" ? EXIT.unresolved : EXIT.usage, code);
  }
});

test("every reason for which a field is not imported is in docs/errors.md, and none is there that is not said", () => {
  const codes = unionOf("src/core/notes-import.ts", /RefusedField[\s\S]*?readonly code: ([^;]+);/);
  same(
    rowsOf(page, "Fields of an imported note"),
    codes.map((code) => ({ code, number: undefined, place: "src/core/notes-import.ts" })),
  );
});

test("the journal's and the venues' codes are in docs/errors.md with the exit code that a command gives them", () => {
  const exits = [...textOf("src/daemon/trouble.ts").matchAll(/((?:journal|venue)_\w+): EXIT\.(\w+)/g)];
  const given = exits.map(([, code, exit]) => ({
    code: String(code),
    number: exitOf(exit),
    place: "src/daemon/trouble.ts",
  }));
  same([...rowsOf(page, "The journal"), ...rowsOf(page, "Venues")], given);
  const declared = ["src/journal/journal.ts", "src/venues/venue.ts"].flatMap((path) =>
    unionOf(path, /code:\s+((?:\| )?"\w+"(?:\s+\| "\w+")+);/),
  );
  assert.deepEqual(sorted(given.map(({ code }) => code)), sorted(declared));
  const thrown = [...made("JournalError", 1), ...made("VenueError", 1)].map(({ code }) => code);
  assert.deepEqual(
    thrown.filter((code) => !declared.includes(code)),
    [],
  );
});

test("every refusal of the core and the engine is in docs/errors.md, and none is there that is not said", () => {
  const files = product.filter(({ path }) => /^src\/(?:core|engine)\//.test(path));
  const refusals = files.flatMap(({ path, text }) => {
    const literals = text.matchAll(/\bcode: "(\w+)",\s*(?:detail|\})/g);
    const calls = text.matchAll(/\brefuse\([^()]*?"(\w+)"/g);
    return [...literals, ...calls].map((match) => found(path, text, match));
  });
  same(rowsOf(page, "Refusals"), refusals);
});

test("every code of a rejected command is in docs/errors.md, and none is there that is not said", () => {
  const refusals = unionOf("src/core/commands/decide.ts", /RefusalCode =([^;]+);/);
  const own = unionOf("src/engine/order-desk.ts", /CommandCode =([^;]+);/);
  const codes = [...refusals, ...own].map((code) => ({ code, number: undefined, place: "orders" }));
  same(rowsOf(page, "Orders"), codes);
});

test("every reason why a position has no exit is in docs/errors.md, and none is there that is not said", () => {
  const codes = unionOf("src/core/exits/arm.ts", /EXIT_CODES = \[([^\]]+)\]/);
  same(
    rowsOf(page, "Exits"),
    codes.map((code) => ({ code, number: undefined, place: "exits" })),
  );
});

test("every problem of a mirror's row is in docs/errors.md, and none is there that is not said", () => {
  const files = product.filter(({ path }) => path.startsWith("src/mirrors/"));
  const problems = files.flatMap(({ path, text }) =>
    [...text.matchAll(/\bcode: "(\w+)"/g)].map((match) => found(path, text, match)),
  );
  same(rowsOf(page, "Rows of a mirror"), problems);
});

test("every reason of the gate is in docs/errors.md, and none is there that is not said", () => {
  const reasons = product.flatMap(({ path, text }) => {
    const literals = text.matchAll(/\bcode: "(\w+)",\s*state\b/g);
    const calls = text.matchAll(/\breason(?:Of)?\(\s*"(\w+)"/g);
    return [...literals, ...calls].map((match) => found(path, text, match));
  });
  same(rowsOf(page, "Reasons of the gate"), reasons);
});

test("every code of a file's trouble is in docs/errors.md, and none is there that is not said", () => {
  const fallback = [...textOf("src/runtime/real.ts").matchAll(/\.code \?\? "(\w+)"/g)];
  const unknown = fallback.map(([, code]) => ({ code: String(code), number: undefined, place: "real.ts" }));
  same(rowsOf(page, "Files"), [...made("FileError", 1), ...unknown]);
});

test("every problem of the hash chain is in docs/errors.md, and none is there that is not said", () => {
  const kinds = unionOf("src/journal/journal.ts", /ChainProblemKind =([^;]+);/);
  same(
    rowsOf(page, "Problems of the hash chain"),
    kinds.map((code) => ({ code, number: undefined, place: "journal.ts" })),
  );
});

test("no code is given in a place that this file does not look at", () => {
  const listed = new Set([...page.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]));
  // An adapter hands on the venue's codes, which the venue explains; its own trouble is VenueError's.
  const own = product.filter(({ path }) => !/^src\/venues\/\w+\//.test(path));
  const stray = own.flatMap(({ path, text }) =>
    [...text.matchAll(/(?<!addIssue\(\{ )\b(?:code:|readonly code =) "(\w+)"/g)]
      .filter((match) => !listed.has(match[1]))
      .map((match) => `${path}:${lineAt(text, match.index)} gives the code "${match[1]}"`),
  );
  assert.deepEqual(stray, [], "give it a row in docs/errors.md");
});

test("a row that is missing, made up, or has another number is noticed", () => {
  const known = made("CliError", 2);
  const [first] = known;
  assert.ok(first);
  const without = page.replace(new RegExp(`^\\| \`${first.code}\` .*\\n`, "gm"), "");
  assert.match(differences(rowsOf(without, "Commands"), known).join(), /has no row/);
  const more = page.replace("| `bad_gate` | 2 |", "| `bad_dog` | 2 | x | y |\n| `bad_gate` | 3 |");
  const told = differences(rowsOf(more, "Commands"), known).join("\n");
  assert.match(told, /bad_dog is in docs\/errors\.md and nothing says it/);
  assert.match(told, /bad_gate is 2 .* and 3 in docs\/errors\.md/);
});

/** Rows of the tables of one section: the code, and the number in the second column where there is one. */
function rowsOf(text: string, heading: string): Code[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const rows = [...section.matchAll(/^\| `(\w+)` \| (?:(\d+) \|)?/gm)];
  assert.ok(rows.length > 0, `docs/errors.md has no table under "${heading}"`);
  const codes = rows.map((row) => row[1]);
  assert.deepEqual(codes, sorted(new Set(codes)), `the rows under "${heading}" are in order, each once`);
  return rows.map(([, code, number]) => ({
    code: String(code),
    number: number === undefined ? undefined : Number(number),
    place: "docs/errors.md",
  }));
}

/** Codes given to a class or function as literals. @param position Of the code among the arguments, from 1. */
function made(name: string, position: 1 | 2): Code[] {
  return product.flatMap(({ path, text, code }) => {
    // Where it is declared, and calls of something else that ends alike, are no use of it.
    const uses = [...code.matchAll(new RegExp(`(?<!class |const |[\\w.])${name}\\(`, "g"))];
    return uses.flatMap(({ index }): Code[] => {
      const rest = text.slice(index + name.length + 1);
      const [first = "", second = ""] = rest.split(",").map((argument) => argument.trim());
      const given = position === 1 ? first : second;
      const literal = /^"(\w+)"$/.exec(given)?.[1];
      const place = `${path}:${lineAt(text, index)}`;
      if (literal === undefined) {
        const isKnown = HANDED_ON.some(([file, what]) => path === file && given === what);
        assert.ok(isKnown, `${place}: the code of this ${name} is "${given}", which this test cannot read`);
        return [];
      }
      if (position === 1) return [{ code: literal, number: undefined, place }];
      const number = /^\d+$/.test(first) ? Number(first) : exitOf(/^EXIT\.(\w+)$/.exec(first)?.[1]);
      return [{ code: literal, number, place }];
    });
  });
}

function exitOf(name: string | undefined): number {
  const code = Object.entries(EXIT).find(([known]) => known === name)?.[1];
  assert.ok(code !== undefined, `EXIT has no "${name}"`);
  return code;
}

function unionOf(path: string, pattern: RegExp): string[] {
  const union = pattern.exec(textOf(path))?.[1] ?? "";
  const codes = [...union.matchAll(/"(\w+)"/g)].map((match) => String(match[1]));
  assert.ok(codes.length > 0, `${path} has no codes where they were expected`);
  return codes;
}

function textOf(path: string): string {
  const file = product.find((one) => one.path === path);
  assert.ok(file, `${path} is not there; correct the path in this test`);
  return file.text;
}

function found(path: string, text: string, match: RegExpExecArray): Code {
  return { code: String(match[1]), number: undefined, place: `${path}:${lineAt(text, match.index)}` };
}

function same(rows: readonly Code[], known: readonly Code[]): void {
  assert.ok(known.length > 0, "the scan found nothing");
  assert.equal(differences(rows, known).join("\n"), "");
}

function differences(rows: readonly Code[], known: readonly Code[]): string[] {
  const problems = new Set<string>();
  for (const { code, number, place } of known) {
    const row = rows.find((one) => one.code === code);
    if (!row) problems.add(`${code} (${place}) has no row in docs/errors.md`);
    else if (number !== row.number)
      problems.add(`${code} is ${number} at ${place} and ${row.number} in docs/errors.md`);
  }
  for (const { code } of rows) {
    if (!known.some((one) => one.code === code))
      problems.add(`${code} is in docs/errors.md and nothing says it`);
  }
  return [...problems];
}

function sorted<T>(values: Iterable<T>): T[] {
  return [...values].sort();
}
