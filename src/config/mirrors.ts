// What only the whole configuration tells about its mirrors: names that are taken, strategies that do not exist, and
// two mirrors that could own one row (R12): each would undo what the other wrote.
import { UNATTRIBUTED } from "../core/index.ts";
import type { AccountConfig, Config, MirrorConfig } from "./config-schema.ts";
import { lineOf } from "./lines.ts";
import type { ConfigProblem } from "./parse.ts";
import { suggest } from "./suggest.ts";

/** The one file that a path leads to, however it is spelled. */
export type FileOf = (path: string) => string;

interface Placed {
  readonly account: string;
  readonly index: number;
  readonly mirror: MirrorConfig;
  readonly file: string;
}

export function mirrorProblems(config: Config, text: string, fileOf: FileOf): ConfigProblem[] {
  const mirrors = Object.entries(config.accounts).flatMap(([account, { mirrors: own }]) =>
    own.map((mirror, index): Placed => ({ account, index, mirror, file: fileOf(mirror.path) })),
  );
  const problem = ({ account, index }: Placed, key: keyof MirrorConfig, found: string): ConfigProblem => ({
    line: lineOf(text, ["accounts", account, "mirrors", index, key]),
    text: found,
  });
  return mirrors.flatMap((one, position) => {
    const named = nameTrouble(one, mirrors.slice(0, position));
    const scoped = scopeTrouble(one, config.accounts[one.account]);
    const shared = mirrors.slice(position + 1).filter((other) => mayShareRows(one, other));
    return [
      ...(named === undefined ? [] : [problem(one, "name", named)]),
      ...(scoped === undefined ? [] : [problem(one, "scope", scoped)]),
      ...shared.map((other) => problem(other, "path", shareText(one, other))),
    ];
  });
}

function nameTrouble({ account, mirror: { name } }: Placed, before: readonly Placed[]): string | undefined {
  const isTaken = before.some((other) => other.account === account && other.mirror.name === name);
  if (isTaken) return `two mirrors of ${account} are called "${name}"; give each a name of its own`;
  if (name !== "book") return undefined;
  return `a mirror cannot be called "book": that is trueup's own copy`;
}

/** Compared with a lot that never exists, every row of the file would be a phantom. */
function scopeTrouble({ account, mirror }: Placed, config: AccountConfig | undefined): string | undefined {
  const strategy = strategyOf(mirror);
  const known = Object.keys(config?.strategies ?? {});
  // Without the table nobody says which strategies there are.
  if (strategy === undefined || known.length === 0) return undefined;
  if (strategy === UNATTRIBUTED || known.includes(strategy)) return undefined;
  const meant = suggest(strategy, known);
  const hint = meant ? `; did you mean "strategy:${meant}"?` : `; there are: ${known.join(", ")}`;
  return `mirror "${mirror.name}" (${account}) is of the strategy "${strategy}", which accounts.${account}.strategies does not have${hint}`;
}

function shareText(a: Placed, b: Placed): string {
  const spelled = a.mirror.path === b.mirror.path ? "" : ` (also spelled ${a.mirror.path})`;
  return `mirrors "${a.mirror.name}" (${a.account}) and "${b.mirror.name}" (${b.account}) could both own a row of ${b.mirror.path}${spelled}; give each a "where" that tells their rows apart, or a file of its own`;
}

function mayShareRows(a: Placed, b: Placed): boolean {
  if (a.file !== b.file || !mayMeet(a.mirror, b.mirror)) return false;
  const mustBe = membership(b.mirror);
  return !Object.entries(membership(a.mirror)).some(
    ([field, value]) => mustBe[field] !== undefined && mustBe[field] !== value,
  );
}

/** Rows at one place of the file; or one mirror's rows inside what the other reads as a row. */
function mayMeet(a: MirrorConfig, b: MirrorConfig): boolean {
  const [outer, inner] = stepsTo(a).length <= stepsTo(b).length ? [a, b] : [b, a];
  const [above, below] = [stepsTo(outer), stepsTo(inner)];
  if (!above.every((step, index) => step === below[index])) return false;
  const row = below[above.length];
  const { shape, ignore_prefix: prefix } = outer;
  return row === undefined || shape === "array" || prefix === "" || !row.startsWith(prefix);
}

function stepsTo({ at }: MirrorConfig): readonly string[] {
  return at === undefined || at === "" ? [] : at.split(".");
}

/** What a row's fields must be to belong to the mirror: `where`, and the strategy's name where rows say it. */
function membership(mirror: MirrorConfig): Readonly<Record<string, string>> {
  const strategy = strategyOf(mirror);
  const field = mirror.fields.strategy;
  return { ...mirror.where, ...(strategy !== undefined && field !== undefined && { [field]: strategy }) };
}

function strategyOf({ scope }: MirrorConfig): string | undefined {
  return /^strategy:(.+)$/.exec(scope)?.[1];
}
