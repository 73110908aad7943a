// The reference pages against what they describe, both ways: events, exit codes, commands and options, environment
// variables, configuration keys with their defaults, API routes with their fields, capabilities of venues.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createApi } from "../../src/api/index.ts";
import { runCli } from "../../src/cli/program.ts";
import { configSchema } from "../../src/config/config-schema.ts";
import { policyFields } from "../../src/config/index.ts";
import { POLICY_DEFAULT } from "../../src/core/index.ts";
import { allDeclarations } from "../../src/daemon/adapters.ts";
import { EXIT, EXIT_MEANINGS } from "../../src/daemon/exit.ts";
import type { Parts } from "../../src/daemon/parts.ts";
import { EVENTS, SILENT } from "../../src/runtime/index.ts";
import { withMatrix } from "../../src/venues/matrix-page.ts";
import { ROOT, sourceFiles } from "../tidy/source.ts";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const EVENTS_PAGE = read("docs/events.md");
const CLI_PAGE = read("docs/cli.md");
const CONFIG_PAGE = read("docs/configuration.md");
const API_PAGE = read("docs/api.md");
const VENUES_PAGE = read("docs/venues.md");
const product = sourceFiles("src").filter((file) => !file.isTest);

test("docs/events.md has every event with its meaning, and no other", () => {
  same(eventRows(EVENTS_PAGE), eventNames());
  const cut = EVENTS_PAGE.replace(/^\| `gate\.changed`.*\n/m, "");
  assert.deepEqual(differences(eventRows(cut), eventNames()), [
    "gate.changed: What a bot may do changed, with the reasons. is missing in the page",
  ]);
});

test("every event is logged somewhere", () => {
  const silent = Object.keys(EVENTS).filter(
    (name) => !product.some(({ path, text }) => path !== "src/runtime/log.ts" && text.includes(`"${name}"`)),
  );
  assert.deepEqual(silent, []);
});

test("the example of pass.finished has the fields that its row names", () => {
  const example = JSON.parse(/```json\n(.+)\n```/.exec(EVENTS_PAGE)?.[1] ?? "{}") as Record<string, unknown>;
  const row = EVENTS_PAGE.split("\n").find((line) => line.startsWith("| `pass.finished`")) ?? "";
  const named = [...(row.split("|").at(-2) ?? "").matchAll(/`(\w+)`/g)].map((match) => String(match[1]));
  same(Object.keys(example), ["level", "ts", "event", ...named, "msg"]);
});

test("docs/cli.md has every exit code with its name and meaning, and no other", () => {
  const known = Object.entries(EXIT).map(
    ([name, code]) => `${code} ${name} ${EXIT_MEANINGS[name as keyof typeof EXIT]}`,
  );
  const rows = (page: string) =>
    [...page.matchAll(/^\| (\d+) \| `(\w+)` \| (.+) \|$/gm)].map((row) => row.slice(1).join(" "));
  same(rows(CLI_PAGE), known);
  assert.notDeepEqual(differences(rows(CLI_PAGE.replace("| 75 | `retry`", "| 76 | `retry`")), known), []);
});

test("docs/cli.md says which commands take an option that most take", async () => {
  const names = await leaves([]);
  const rows = (page: string) =>
    tableRows(page, "## Options of every command").flatMap(([flag = "", commandsOf = ""]) => {
      const without = commandsOf.startsWith("all but") ? namesIn(commandsOf) : [];
      return names.filter((name) => !without.includes(name)).map((name) => `${name}: ${namesIn(flag)[0]}`);
    });
  const common = firstCells(sectionOf(CLI_PAGE, "## Options of every command"));
  const taken = await Promise.all(
    names.map(async (name) => {
      const flags = flagsOf(await help(name.split(" ")));
      return flags.filter((flag) => common.includes(flag)).map((flag) => `${name}: ${flag}`);
    }),
  );
  same(rows(CLI_PAGE), taken.flat());
  assert.deepEqual(
    differences(rows(CLI_PAGE.replace("all but `run`, `demo`", "all but `demo`")), taken.flat()),
    ["run: --json is in the page and not in the product"],
  );
});

test("docs/cli.md has every command with its arguments and options, and no other", async () => {
  const known = await commands();
  assert.ok(known.length > 15, `only ${known.length} commands were found`);
  same(commandSections(CLI_PAGE), known);
  const changed = CLI_PAGE.replace("| `--force` | act on", "| `--hurry` | act on").replace(
    "### `trueup balances`",
    "### `trueup balance`",
  );
  assert.deepEqual(differences(commandSections(changed), known).sort(), [
    "trueup balance is in the page and not in the product",
    "trueup balances is missing in the page",
    "trueup reconcile: --force is missing in the page",
    "trueup reconcile: --hurry is in the page and not in the product",
  ]);
});

test("the list of commands in docs/cli.md has every command", async () => {
  const names = (await commands()).filter((line) => !line.includes(":"));
  const listed = [...CLI_PAGE.matchAll(/\[`([^`]+)`\]\(#trueup-/g)].map((match) => `trueup ${match[1]}`);
  same(
    listed,
    names.map((name) => name.replace(/ [<[].*$/, "")),
  );
});

test("docs/cli.md has every environment variable that is read, and no other", () => {
  const used = product.flatMap(({ path, text }) =>
    path.startsWith("src/cli/") || path.startsWith("src/daemon/")
      ? [...text.matchAll(/\benv\.([A-Z_]+)/g)].map((match) => String(match[1]))
      : [],
  );
  const ofAccounts = schemaKeys().flatMap(([key, value]) =>
    key.endsWith("_env") ? namesIn(value?.replaceAll('"', "")) : [],
  );
  const section = sectionOf(CLI_PAGE, "## Environment variables");
  const listed = [...section.matchAll(/^\| (`.+`) \|/gm)].flatMap((row) => namesIn(row[1]));
  same(listed, [...used, ...ofAccounts]);
});

test("docs/configuration.md has every key with its default, and no other", () => {
  const known = schemaKeys().map(([key, value]) => `${key} = ${value ?? "–"}`);
  assert.ok(known.length > 60, `only ${known.length} keys were found`);
  same(configRows(CONFIG_PAGE), known);
  const changed = CONFIG_PAGE.replace("| `2` | 1 to 1000 |", "| `3` | 1 to 1000 |");
  assert.deepEqual(differences(configRows(changed), known), [
    "policy.confirmations = `2` is missing in the page",
    "policy.confirmations = `3` is in the page and not in the product",
  ]);
});

test("the example of docs/configuration.md is a right configuration", async () => {
  const { parseConfig } = await import("../../src/config/index.ts");
  const [, example = ""] = /```toml\n([\s\S]+?)```/.exec(CONFIG_PAGE) ?? [];
  const parsed = parseConfig(example, (path) => path);
  assert.deepEqual(parsed.kind === "ok" ? [] : parsed.problems, []);
});

test("docs/api.md has every route with the fields that it takes, and no other", async () => {
  const known = await routes();
  same(routeSections(API_PAGE), known);
  same(
    firstCells(sectionOf(API_PAGE, "## Routes").split("\n### ")[0] ?? ""),
    known.filter((line) => !line.includes(":")),
  );
  const changed = API_PAGE.replace("| `confirm` | text", "| `sure` | text");
  assert.deepEqual(differences(routeSections(changed), known), [
    "POST /v1/resume: confirm is missing in the page",
    "POST /v1/resume: sure is in the page and not in the product",
  ]);
});

test("docs/venues.md has every capability, and no other, and what the adapters declare as it is made of it", async () => {
  const known = capabilityNames();
  assert.ok(known.length > 11, `only ${known.length} capabilities were found`);
  const rows = (page: string) => tableRows(page, "## Capabilities").flatMap((cells) => namesIn(cells[0]));
  same(rows(VENUES_PAGE), known);
  assert.notDeepEqual(differences(rows(VENUES_PAGE.replace("| `settleMs` |", "| `settledMs` |")), known), []);
  assert.equal(VENUES_PAGE, withMatrix(VENUES_PAGE, await allDeclarations()), "run: npm run docs:venues");
});

test("docs/venues.md says of exactly those capabilities that nothing asks that they are declared only", () => {
  const asking = product.filter(({ path }) => /^src\/(?:core|engine)\//.test(path) && !isDeclaration(path));
  const unasked = capabilityNames().filter((name) => {
    const last = name.split(".").at(-1) ?? "";
    // The account's own position mode has the same name as the venue's.
    const pattern = last === "positionMode" ? /capabilities\.positionMode/ : new RegExp(`\\b${last}\\b`);
    return !asking.some(({ code }) => pattern.test(code));
  });
  const said = tableRows(VENUES_PAGE, "## Capabilities").flatMap((cells) =>
    (cells.at(-1) ?? "").includes("declared only") ? namesIn(cells[0]) : [],
  );
  same(said, unasked);
});

/** Every difference in words; sorted, each once. */
function differences(page: readonly string[], known: readonly string[]): string[] {
  const missing = known.filter((one) => !page.includes(one)).map((one) => `${one} is missing in the page`);
  const more = page
    .filter((one) => !known.includes(one))
    .map((one) => `${one} is in the page and not in the product`);
  return [...new Set([...missing, ...more])];
}

function same(page: readonly string[], known: readonly string[]): void {
  assert.ok(known.length > 0, "nothing was found in the product");
  assert.deepEqual(differences(page, known), []);
}

function sectionOf(page: string, heading: string): string {
  const lines = page.split("\n");
  const start = lines.indexOf(heading);
  assert.ok(start >= 0, `the page has no heading "${heading}"`);
  const level = heading.indexOf(" ");
  const length = lines.slice(start + 1).findIndex((line) => {
    const depth = /^(#+) /.exec(line)?.[1]?.length;
    return depth !== undefined && depth <= level;
  });
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join("\n");
}

function tableRows(page: string, heading: string): string[][] {
  const rows = sectionOf(page, heading)
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  return rows.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function firstCells(page: string): string[] {
  return [...page.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => String(match[1]));
}

function namesIn(cell: string | undefined): string[] {
  return [...(cell ?? "").matchAll(/`([^`]+)`/g)].map((match) => String(match[1]));
}

function eventNames(): string[] {
  return Object.entries(EVENTS).map(([name, meaning]) => `${name}: ${meaning}`);
}

function eventRows(page: string): string[] {
  return page.split("\n").flatMap((line) => {
    const cells = line.split(" | ");
    const name = /^\| `([a-z.]+)`$/.exec(cells[0] ?? "")?.[1];
    if (name === undefined) return [];
    // Where it is logged there is the level in between.
    const meaning = /^[A-Z]/.test(cells[1] ?? "") ? cells[1] : cells[2];
    return [`${name}: ${meaning}`];
  });
}

async function help(words: readonly string[]): Promise<string> {
  let text = "";
  const write = (part: string) => {
    text += part;
  };
  const io = { stdout: write, stderr: write, env: {}, cwd: ROOT, isTty: false };
  assert.equal(await runCli([...words, "--help"], { version: "0" } as Parts, io), EXIT.done);
  return text;
}

/** Commands that do something, by name: `config check`, not `config`. */
async function leaves(words: readonly string[]): Promise<string[]> {
  const text = await help(words);
  const [, list = ""] = /^Commands:\n((?: {2}.*\n)+)/m.exec(text) ?? [];
  const children = [...list.matchAll(/^ {2}(\w+)/gm)]
    .map((match) => String(match[1]))
    .filter((name) => name !== "help");
  if (children.length === 0) return [words.join(" ")];
  // A command that does something itself has options beside those for its help and version.
  const isOwn = words.length > 0 && flagsOf(text).length > 1;
  const below = await Promise.all(children.map((name) => leaves([...words, name])));
  return [...(isOwn ? [words.join(" ")] : []), ...below.flat()];
}

/** Every command as `trueup NAME ARGUMENTS`, and each of its own options as `trueup NAME: --option <value>`. */
async function commands(): Promise<string[]> {
  const common = firstCells(sectionOf(CLI_PAGE, "## Options of every command"));
  const lists = (await leaves([])).map(async (name) => {
    const text = await help(name.split(" "));
    const usage = /^Usage: (.+)$/m.exec(text)?.[1]?.replace(/ \[(?:options|command)\]/g, "") ?? "";
    const own = flagsOf(text).filter((flag) => !common.includes(flag));
    return [usage, ...own.map((flag) => `trueup ${name}: ${flag}`)];
  });
  return (await Promise.all(lists)).flat();
}

function flagsOf(text: string): string[] {
  const [, options = ""] = /^Options:\n((?: {2}.*\n)+)/m.exec(text) ?? [];
  return [...options.matchAll(/^ {2}(-\S.*?)(?: {2}|$)/gm)].map((match) => String(match[1]));
}

function commandSections(page: string): string[] {
  return [...page.matchAll(/^### `(trueup [^`]+)`$/gm)].flatMap((match) => {
    const usage = String(match[1]);
    const name = usage.replace(/ [<[].*$/, "");
    return [usage, ...firstCells(sectionOf(page, match[0])).map((flag) => `${name}: ${flag}`)];
  });
}

/** What is looked at of a zod schema. */
interface Schema {
  readonly def: {
    readonly type: string;
    readonly defaultValue?: unknown;
    readonly innerType?: Schema;
    readonly element?: Schema;
    readonly valueType?: Schema;
    readonly options?: readonly Schema[];
    readonly shape?: Readonly<Record<string, Schema>>;
  };
}

/** Tables of fixed keys that are no key of the page themselves. */
const PLAIN_TABLES = ["", "api", "log", "journal"];

/** Keys with their defaults as the page writes them; undefined where there is none. */
/** Keys with their defaults; one that venues give different defaults is there with each. */
function schemaKeys(): KeyList {
  const keys: [string, string | undefined][] = [];
  collect(configSchema as never, "", undefined, keys);
  return [...keys, ...policyDefaults()];
}

type KeyList = [string, string | undefined][];

function collect({ def }: Schema, path: string, value: string | undefined, keys: KeyList): void {
  const visit = (schema: Schema, at: string, known?: string) => collect(schema, at, known, keys);
  const { innerType, element, valueType, options = [], shape } = def;
  if (innerType) {
    visit(innerType, path, def.defaultValue === undefined ? value : cellOf(def.defaultValue));
    return;
  }
  const isChoice = options.length > 0 && options.every((option) => option.def.shape);
  if (path === "accounts" && valueType) visit(valueType, "accounts.NAME");
  else if (!PLAIN_TABLES.includes(path)) keys.push([path, value]);
  // The keys of a policy are listed once, by policyDefaults.
  if (path === "policy" || path === "accounts.NAME.policy") return;
  if (isChoice) for (const option of options) visit(option, path);
  if (element) visit(element, path, value);
  for (const [name, inner] of Object.entries(shape ?? {}))
    visit(inner, path === "" ? name : `${path}.${name}`);
}

function cellOf(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}

/** The policy's defaults are the core's, under the file's names. */
function policyDefaults(): [string, string | undefined][] {
  const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const core = POLICY_DEFAULT as unknown as Readonly<Record<string, unknown>>;
  const { kinds, ...plain } = policyFields;
  const ofKinds = Object.keys(kinds.shape).map((kind): [string, string] => [
    `policy.kinds.${kind}`,
    cellOf(POLICY_DEFAULT.kinds[kind as keyof typeof POLICY_DEFAULT.kinds]),
  ]);
  const others = Object.keys(plain).map((name): [string, string | undefined] => {
    const value = core[camel(name)];
    return [`policy.${name}`, typeof value === "object" || value === undefined ? undefined : cellOf(value)];
  });
  return [...others, ...ofKinds];
}

/** Rows of keys; a table without a column for defaults has none. */
function configRows(page: string): string[] {
  const rows: string[] = [];
  let column = -1;
  for (const line of page.split("\n")) {
    const cells = line.split(" | ").map((cell) => cell.replace(/^\| |\s*\|$/g, "").trim());
    if (line.startsWith("| key |")) column = cells.indexOf("default");
    const key = /^`([a-z_]+(?:\.\w+)*)`$/.exec(cells[0] ?? "")?.[1];
    if (line.startsWith("| `") && key !== undefined) rows.push(`${key} = ${cells[column] ?? "–"}`);
  }
  return rows;
}

/** Every route as `METHOD PATH`, and each field that it takes as `METHOD PATH: field`. */
async function routes(): Promise<string[]> {
  const files = product.filter(({ path }) => path.startsWith("src/api/"));
  const source = files.map(({ text }) => text).join("\n");
  const calls = [...source.matchAll(/\bapp\.(get|post|put|patch|delete)\("([^"]+)"/g)];
  const app = createApi({ hosts: [], token: "t", log: SILENT, nowMs: () => 0, version: "0" });
  await app.ready();
  const methods = [...app.printRoutes().matchAll(/\(([A-Z, ]+)\)/g)].flatMap((match) =>
    match[1]?.split(", "),
  );
  await app.close();
  assert.equal(calls.length, methods.length, "src/api has a route that this test cannot read");
  return calls.flatMap(({ index, 1: method = "", 2: path }) => {
    const route = `${method.toUpperCase()} ${path}`;
    const name = /read\((\w+), request\.(?:body|query)/.exec(source.slice(index))?.[1];
    const schema = new RegExp(
      `const ${name} = z\\s*\\.strictObject\\(\\{([\\s\\S]*?)\\}\\)(?:;|\\s*\\.refine)`,
    );
    const [, body = ""] = schema.exec(source) ?? [];
    const fields = body.matchAll(
      /(?:^|,|\n)\s*(\w+)(?=: (?:z[.\s]|amount\b|decimalText\b|id\b|inExitPlan\b)|,)/g,
    );
    const names = [...fields].map((match) => match[1]);
    assert.ok(names.length > 0, `what ${route} takes cannot be read from src/api`);
    return [route, ...names.map((field) => `${route}: ${field}`)];
  });
}

function routeSections(page: string): string[] {
  return [...page.matchAll(/^### ((?:GET|POST|PUT|DELETE) .+)$/gm)].flatMap((match) => [
    String(match[1]),
    ...firstCells(sectionOf(page, match[0])).map((field) => `${match[1]}: ${field}`),
  ]);
}

function isDeclaration(path: string): boolean {
  return path === "src/core/capabilities.ts";
}

/** Names as the interfaces declare them, those of fills and of commands with their prefix. */
function capabilityNames(): string[] {
  const text = read("src/core/capabilities.ts");
  const of = (name: string) => {
    const [, body = ""] = new RegExp(`interface ${name} \\{([\\s\\S]*?)\\n\\}`).exec(text) ?? [];
    return [...body.matchAll(/readonly (\w+)\??:/g)].map((match) => String(match[1]));
  };
  const fills = of("FillCapabilities").map((name) => `fills.${name}`);
  const commands = of("CommandCapabilities").map((name) => `commands.${name}`);
  const own = of("Capabilities").filter((name) => name !== "fills" && name !== "commands");
  return [...own, ...fills, ...commands];
}
