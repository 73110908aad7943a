// Rules worth having, held by machine: each failure names file and line, and what to do instead. Fails closed:
// a folder or file that no rule knows is a failure, and so is a scan that finds nothing.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { test } from "node:test";
import { blank, lineAt, ROOT, type SourceFile, sourceFiles } from "./source.ts";

/** Layers and what each may import; siblings do not import each other. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  runtime: [],
  journal: ["core", "runtime"],
  venues: ["core", "runtime"],
  mirrors: ["core", "runtime"],
  alerts: ["core", "runtime"],
  config: ["core"],
  engine: ["core", "runtime", "journal", "venues", "mirrors", "alerts"],
  api: ["core", "runtime", "engine"],
  sim: ["core", "runtime", "config", "journal", "venues", "mirrors", "alerts", "engine"],
  conformance: ["core", "runtime", "journal", "venues", "mirrors", "engine", "sim"],
  daemon: ["core", "runtime", "config", "journal", "venues", "mirrors", "alerts", "engine", "api", "sim"],
  library: ["core", "runtime", "config", "venues", "engine", "api", "daemon"],
  "index.ts": ["core", "runtime", "venues", "engine", "library"],
  cli: [
    "core",
    "runtime",
    "config",
    "journal",
    "venues",
    "mirrors",
    "alerts",
    "engine",
    "api",
    "sim",
    "daemon",
  ],
};

/**
 * Files that are a way in of their own: what they are needed for must not wait for the whole folder to load. The
 * layer `daemon` has no index at all: each of its files is one.
 */
const DOORS = [
  "src/runtime/real.ts",
  "src/daemon/",
  "src/api/host.ts",
  "src/api/holding-requests.ts",
  "src/api/order-requests.ts",
  "src/core/age.ts",
  "src/core/discrepancy.ts",
  "src/core/words.ts",
  "src/venues/matrix.ts",
  // What adapters share; the kit opens the same sockets as they do.
  "src/venues/wire/",
  // The referee's arithmetic, apart from the core's: the kit's account reckons with it too.
  "src/sim/referee/exact.ts",
];

/** From contracts' folders the engine takes the contract only; implementations are composed by cli and sim. */
const CONTRACT_FOLDERS = ["journal", "venues", "mirrors", "alerts"];

/** Packages by layer; a new one is a decision that ARCHITECTURE.md gives the reason for. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  core: ["@noble/hashes"],
  runtime: [],
  journal: [],
  venues: [
    "@alpacahq/alpaca-trade-api",
    "@polymarket/clob-client-v2",
    "binance",
    "bybit-api",
    "ccxt",
    "viem",
    "ws",
  ],
  mirrors: ["jsonc-parser"],
  alerts: [],
  engine: [],
  config: ["smol-toml", "zod"],
  api: ["fastify", "zod"],
  sim: ["zod"],
  daemon: ["pino"],
  cli: ["commander"],
};

/** Where node's own modules may be used, and which. Elsewhere the world is reached through the seams. */
const NODE_MODULES: Readonly<Record<string, readonly string[]>> = {
  "src/runtime/real.ts": ["*"],
  "src/journal/chain.ts": ["node:crypto"],
  "src/journal/sqlite/": ["node:sqlite"],
  // The log is looked at before SQLite opens it, and drops what it does not take.
  "src/journal/sqlite/log-damage.ts": ["node:fs"],
  "src/api/": ["node:crypto"],
  // Registers tests, and is the venue's end of the wire.
  "src/conformance/": [
    "node:assert/strict",
    "node:test",
    "node:http",
    "node:net",
    "node:stream",
    "node:crypto",
  ],
  "src/daemon/": ["*"],
  // Paths that a program gives.
  "src/library/": ["node:path"],
  "src/cli/": ["*"],
};

const AMBIENT: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /\bDate\.now\b|\bnew Date\(\s*\)/, instead: "take nowMs from runtime.clock" },
  { pattern: /\bperformance\.now\b|\bprocess\.hrtime\b/, instead: "use runtime.clock.monotonicMs()" },
  {
    pattern: /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|process\.nextTick)\b/,
    instead: "use runtime.timers",
  },
  {
    pattern: /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b/,
    instead: "derive the id from facts, or use runtime.random",
  },
  {
    pattern: /\bprocess\.(?:env|argv|cwd|exit)\b/,
    instead: "take it as a parameter; only the command line knows the process",
  },
  { pattern: /(?<![.\w])fetch\s*\(/, instead: "take the fetch that the composer gives" },
  { pattern: /\bconsole\.\w+/, instead: "use the log, or write to the output that the command was given" },
];

/** Files that are the seam itself, or talk to a person. */
const AMBIENT_ALLOWED = ["src/runtime/real.ts", "src/daemon/", "src/library/open.ts", "src/cli/"];

const files = sourceFiles("src");
const product = files.filter((file) => !file.isTest);

test("there is something to check, and every folder of src is a known layer", () => {
  assert.ok(files.length > 40, `only ${files.length} files were found below src`);
  const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true });
  const unknown = folders
    .filter((entry) => entry.isDirectory() === (entry.name === "index.ts") || !(entry.name in LAYERS))
    .map(({ name }) => name);
  assert.deepEqual(unknown, [], "name the layer in LAYERS");
});

test("layers import one way only, and outer layers import a folder's index or contract", () => {
  report(
    files.flatMap((file) =>
      file.imports.flatMap(({ target, line }) => {
        if (!target.startsWith(".")) return [];
        const to = posix.join(dirname(file.path), target);
        if (!existsSync(join(ROOT, to))) return [`${file.path}:${line} imports ${to}, which does not exist`];
        const [, layer = "", ...rest] = to.split("/");
        if (!to.startsWith("src/"))
          return file.isTest ? [] : [`${file.path}:${line} imports ${to} from outside src`];
        if (layer === file.layer) return [];
        const allowed = LAYERS[file.layer] ?? [];
        if (!allowed.includes(layer)) {
          return [
            `${file.path}:${line} (${file.layer}) must not import ${layer}; it may import ${allowed.join(", ") || "nothing"}`,
          ];
        }
        const isContract = rest.length === 1;
        if (file.layer === "engine" && CONTRACT_FOLDERS.includes(layer) && !isContract && !file.isTest) {
          return [`${file.path}:${line} imports an implementation (${to}); the engine knows contracts only`];
        }
        const isWayIn =
          rest.at(-1) === "index.ts" || DOORS.some((door) => to.startsWith(door)) || file.isTest;
        return isWayIn ? [] : [`${file.path}:${line} imports ${to}; import the folder's index.ts`];
      }),
    ),
  );
});

test("packages are used only where their layer may", () => {
  report(
    product.flatMap((file) =>
      file.imports.flatMap(({ target, line }) => {
        if (target.startsWith(".") || target.startsWith("node:")) return [];
        const name = target.startsWith("@")
          ? target.split("/").slice(0, 2).join("/")
          : (target.split("/")[0] ?? "");
        const allowed = PACKAGES[file.layer] ?? [];
        return allowed.includes(name)
          ? []
          : [
              `${file.path}:${line} uses ${name}; ${file.layer} may use ${allowed.join(", ") || "no package"}`,
            ];
      }),
    ),
  );
});

test("node's modules are used only behind the seams", () => {
  report(
    product.flatMap((file) =>
      file.imports.flatMap(({ target, line }) => {
        if (!target.startsWith("node:")) return [];
        const allowed = Object.entries(NODE_MODULES).flatMap(([place, names]) =>
          file.path.startsWith(place) ? names : [],
        );
        if (allowed.includes("*") || allowed.includes(target)) return [];
        return [
          `${file.path}:${line} uses ${target}; reach the world through src/runtime, or add the place to NODE_MODULES with a reason`,
        ];
      }),
    ),
  );
});

test("time, randomness and the process are never ambient", () => {
  report(
    product.flatMap((file) => {
      if (AMBIENT_ALLOWED.some((place) => file.path.startsWith(place))) return [];
      return AMBIENT.flatMap(({ pattern, instead }) => findAll(file, pattern, instead));
    }),
  );
});

test("the core is pure: nothing in it waits", () => {
  report(
    product
      .filter(({ layer }) => layer === "core")
      .flatMap((file) =>
        findAll(file, /\basync\b|\bawait\b|\bPromise\b/, "let the engine wait, and decide on facts"),
      ),
  );
});

test("money is never a floating-point number", () => {
  // A time is none, whatever it is the time of.
  const pattern =
    /\b(?:parseFloat|toFixed|toPrecision)\s*\(|\b(?:qty|price|total|amount|fee|cost)\w*(?<!Ms|_ms)\s*[?]?:\s*number\b/i;
  report(
    product.flatMap((file) =>
      file.path === "src/core/decimal.ts" ? [] : findAll(file, pattern, "use Decimal from core/decimal.ts"),
    ),
  );
});

test("nothing switches the type checker off, is left over or floats", () => {
  const pattern = /@ts-(?:ignore|expect-error|nocheck)|biome-ignore|\bTODO\b|\bFIXME\b|\bXXX\b/;
  report(
    files.flatMap((file) => {
      const match = pattern.exec(file.text);
      return match
        ? [
            `${file.path}:${lineAt(file.text, match.index)} has "${match[0]}"; finish it or say it in the docs`,
          ]
        : [];
    }),
  );
  report(files.flatMap((file) => findAll(file, /\bas any\b|:\s*any\b|<any>/, "say what it is")));
});

test("every file opens with what it is for", () => {
  report(
    [...files, ...sourceFiles("test")].flatMap((file) =>
      file.text.startsWith("// ")
        ? []
        : [`${file.path}:1 opens without a comment; say in one to four lines what it is for`],
    ),
  );
});

test("no file names a registry's host", () => {
  const names = ["package.json", "package-lock.json", ".npmrc", "README.md"].filter((name) =>
    existsSync(join(ROOT, name)),
  );
  report(
    names.flatMap((name) =>
      /registry\.[\w.-]+\.\w+|npmjs\.org/.test(readFileSync(join(ROOT, name), "utf8"))
        ? [`${name} names a registry's host`]
        : [],
    ),
  );
});

test("the scanner sees through comments, strings and templates, and only through those", () => {
  const open = "$" + "{";
  const source = `const a = \`x ${open}Date.now()} y\`; // Date.now()\nconst b = 'Math.random()'; /* fetch() */ c(/'/);`;
  const code = blank(source);
  assert.match(code, /Date\.now/);
  assert.equal(code.match(/Date\.now/g)?.length, 1);
  assert.doesNotMatch(code, /Math\.random|fetch/);
  assert.throws(() => blank("const a = 'never ends"), /does not end/);
});

function findAll(file: SourceFile, pattern: RegExp, instead: string): string[] {
  const all = file.code.matchAll(new RegExp(pattern.source, `g${pattern.flags.replace("g", "")}`));
  return [...all].map(
    (match) => `${file.path}:${lineAt(file.code, match.index)} uses "${match[0].trim()}": ${instead}`,
  );
}

function report(problems: readonly string[]): void {
  assert.equal(problems.length, 0, `\n${problems.join("\n")}`);
}
