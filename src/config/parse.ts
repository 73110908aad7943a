// Reads a configuration text: TOML, then the schema, then what only the whole can tell. Every problem has its
// line, what was found, what was allowed and, for a typo, what was probably meant.
import { parse as parseToml, TomlError } from "smol-toml";
import type { z } from "zod";
import { type Config, configSchema, givenSchema } from "./config-schema.ts";
import { deadManProblems } from "./dead-man.ts";
import { exitProblems } from "./exits.ts";
import { limitProblems } from "./limits.ts";
import { lineOf } from "./lines.ts";
import { type FileOf, mirrorProblems } from "./mirrors.ts";
import { suggest } from "./suggest.ts";

export interface ConfigProblem {
  /** From 1; undefined when it is about the whole file. */
  readonly line: number | undefined;
  readonly text: string;
}

export type ParsedConfig =
  | { readonly kind: "ok"; readonly config: Config }
  | { readonly kind: "invalid"; readonly problems: readonly ConfigProblem[] };

/** @param fileOf Two paths of mirrors that lead to one file are one: links and ".." are followed. */
export function parseConfig(text: string, fileOf: FileOf): ParsedConfig {
  let toml: Record<string, unknown>;
  try {
    toml = parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split("\n")[0] ?? "not TOML";
    return { kind: "invalid", problems: [{ line: error.line, text: `not valid TOML: ${reason}` }] };
  }
  return checked(toml, text, configSchema, fileOf);
}

/** The same for values that a program made; their problems have no lines. */
export function parseGiven(given: unknown, fileOf: FileOf): ParsedConfig {
  return checked(given, "", givenSchema, fileOf);
}

function checked(value: unknown, text: string, schema: z.ZodType<Config>, fileOf: FileOf): ParsedConfig {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => explain(issue, text, value, schema));
    return { kind: "invalid", problems };
  }
  const problems = [
    ...mirrorProblems(parsed.data, text, fileOf),
    ...limitProblems(parsed.data, text),
    ...exitProblems(parsed.data, text),
    ...deadManProblems(parsed.data, text),
  ];
  return problems.length > 0 ? { kind: "invalid", problems } : { kind: "ok", config: parsed.data };
}

function explain(
  issue: z.core.$ZodIssue,
  text: string,
  toml: unknown,
  schema: z.ZodType<Config>,
): ConfigProblem[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    const allowed = keysAt(schema, path, toml);
    return issue.keys.map((key) => {
      const meant = suggest(key, allowed);
      const hint = meant ? `; did you mean "${meant}"?` : `; known here: ${allowed.join(", ")}`;
      return { line: lineOf(text, [...path, key]), text: `unknown key "${key}"${place(path)}${hint}` };
    });
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const reasons = issue.errors.map((alternative) => alternative.map(({ message }) => message).join(", "));
    return [{ line: lineOf(text, path), text: `${path.join(".")}: ${[...new Set(reasons)].join("; or ")}` }];
  }
  const value = valueAt(toml, path);
  const misspelled = issue.code === "invalid_union" && value === undefined ? nearKey(toml, path) : undefined;
  // What the other keys may be depends on this one: none of them has been looked at.
  if (misspelled !== undefined) {
    const at = path.slice(0, -1);
    const problem = `unknown key "${misspelled}"${place(at)}; did you mean "${String(path.at(-1))}"?`;
    return [{ line: lineOf(text, [...at, misspelled]), text: problem }];
  }
  const message =
    issue.code === "invalid_key" ? issue.issues.map((one) => one.message).join(", ") : issue.message;
  const found = foundText(issue, path, value);
  return [{ line: lineOf(text, path), text: `${path.join(".") || "the file"}: ${message} (${found})` }];
}

function valueAt(toml: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    toml,
  );
}

/** The key beside a missing one that is close enough to be it, misspelled. */
function nearKey(toml: unknown, path: readonly PropertyKey[]): string | undefined {
  const beside = valueAt(toml, path.slice(0, -1));
  return suggest(String(path.at(-1)), Object.keys(beside ?? {}));
}

function foundText({ code }: z.core.$ZodIssue, path: readonly PropertyKey[], value: unknown): string {
  const key = String(path.at(-1));
  if (code === "invalid_key") return `found ${JSON.stringify(key)}`;
  if (value === undefined) return "it is missing";
  // Who mistakes the name of the variable for its value has written a secret here.
  return key.endsWith("_env")
    ? "what was found is not shown, it may be a secret"
    : `found ${JSON.stringify(value)}`;
}

function place(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "" : ` in ${path.join(".")}`;
}

/** The keys that the schema knows at a place. */
function keysAt(schema: unknown, path: readonly PropertyKey[], value: unknown): string[] {
  const bare = unwrap(schema, value) as { shape?: Record<string, unknown> } & Inner;
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(bare.shape ?? {});
  const inner = (value as Record<PropertyKey, unknown> | undefined)?.[first];
  const next = bare.shape?.[String(first)] ?? bare.element ?? bare.valueType;
  return next === undefined ? [] : keysAt(next, rest, inner);
}

interface Inner {
  readonly element?: unknown;
  readonly valueType?: unknown;
  readonly unwrap?: () => unknown;
  readonly options?: readonly unknown[];
}

/** Looks through optional, default and the alternatives of a union, by the word that tells them apart. */
function unwrap(schema: unknown, value: unknown): unknown {
  const inner = schema as Inner;
  if (inner.options) {
    const venue = (value as { venue?: unknown } | undefined)?.venue;
    const chosen = inner.options.find((option) => {
      const literal = (option as { shape?: { venue?: { value?: unknown } } }).shape?.venue;
      return literal?.value === venue;
    });
    return chosen ?? inner.options[0];
  }
  const isWrapper =
    typeof inner.unwrap === "function" && !(schema as { shape?: unknown }).shape && !inner.element;
  return isWrapper && inner.unwrap ? unwrap(inner.unwrap(), value) : schema;
}
