// The package in an empty folder: it installs, its command runs, its library is imported and type-checks, and a venue's own
// package that is missing is named with the command that brings it. Needs npm and its registry.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { libraryExamples } from "../library/examples.ts";
import { ROOT } from "../tidy/source.ts";
import { AlpacaServer } from "../venues/alpaca/server.ts";
import { Installed } from "./support.ts";

const MANIFEST = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

describe("the package in an empty folder", () => {
  let installed: Installed;
  before(async () => {
    installed = await Installed.make();
  });
  after(() => installed?.clean());

  test("brings what it needs and no more than docs/library.md says", (t) => {
    const { packages, bytes } = installed.size();
    const megabytes = bytes / 1e6;
    t.diagnostic(`${packages} packages, ${megabytes.toFixed(1)} MB in node_modules`);
    const page = readFileSync(join(ROOT, "docs", "library.md"), "utf8");
    const [, packagesMax, megabytesMax] = /at most (\d+) packages and (\d+) MB/.exec(page) ?? [];
    assert.ok(packages > 5 && packages <= Number(packagesMax), `${packages} packages`);
    assert.ok(megabytes <= Number(megabytesMax), `${megabytes} MB`);
    assert.ok(!readdirSync(join(installed.path, "node_modules")).includes("@alpacahq"));
  });

  test("has no tests, no sources and no file of a developer in it", () => {
    const folder = join(installed.path, "node_modules", "trueup");
    const names = readdirSync(folder).sort();
    assert.deepEqual(names, ["CHANGELOG.md", "LICENSE", "README.md", "bin", "dist", "docs", "package.json"]);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    assert.deepEqual(
      files.filter((name) => /\.test\.|\.map$|(?<!\.d)\.ts$/.test(name)),
      [],
    );
  });

  test("npx trueup --version says the version, from any folder below", async () => {
    const { status, stdout } = await installed.run("npx", ["--no-install", "trueup", "--version"]);
    assert.deepEqual([status, stdout], [0, `${MANIFEST.version}\n`]);
  });

  test("init writes configurations that config check accepts, and a pass is made", async () => {
    assert.equal((await installed.trueup(["init"])).status, 0);
    for (const name of ["paper", "live"]) {
      const { status, stdout } = await installed.trueup(["config", "check", `configs/${name}.toml`]);
      assert.equal(status, 0, stdout);
    }
    const pass = await installed.trueup(["reconcile", "--force", "--config", "configs/paper.toml"]);
    assert.equal(pass.status, 0, pass.stdout + pass.stderr);
    assert.match(pass.stdout, /paper: in sync after this pass/);
    const seen = await installed.trueup(["status", "--config", "configs/paper.toml"]);
    assert.match(seen.stdout, /^IN SYNC/);
    assert.equal(seen.stderr, "");
  });

  test("the demo tells its story and ends cleanly", async () => {
    const { status, stdout, stderr } = await installed.trueup(["demo", "--once"]);
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /ended cleanly/);
  });

  test("the simulation runs on its workers, and says that it is no checkout", async () => {
    const { status, stdout, stderr } = await installed.trueup(["simulate", "--seeds", "4", "--json"]);
    const { seeds, findings, commit, workers } = JSON.parse(stdout);
    assert.ok(status === 0 || status === 3, stderr);
    const stopped = JSON.stringify(findings).includes('"stopped"');
    assert.deepEqual(
      { seeds, commit, workers, stopped },
      { seeds: 4, commit: null, workers: 2, stopped: false },
    );
  });

  test("what Node compiled is kept in a folder of this user alone", () => {
    const folder = join(installed.cache, "trueup", "compiled");
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.ok(readdirSync(folder).length > 0);
  });

  test("the command runs where nothing can be kept, and where the folder is open to others", async () => {
    for (const home of ["/proc/nowhere", "not/absolute", ""]) {
      const env = { XDG_CACHE_HOME: home, HOME: home };
      const { status, stdout, stderr } = await installed.trueup(["--version"], env);
      assert.deepEqual([status, stdout, stderr], [0, `${MANIFEST.version}\n`, ""]);
    }
    const open = join(installed.path, "open");
    mkdirSync(join(open, "trueup", "compiled"), { recursive: true });
    chmodSync(join(open, "trueup", "compiled"), 0o777);
    assert.equal((await installed.trueup(["--version"], { XDG_CACHE_HOME: open })).status, 0);
    assert.deepEqual(readdirSync(join(open, "trueup", "compiled")), []);
  });

  test("the library is imported from JavaScript and from TypeScript", async () => {
    const code = `import { decimal, openTrueup, TrueupError } from "trueup";
import { newPaperVenue } from "trueup/paper";
const trueup = await openTrueup({ config: { state_dir: "library", accounts: { demo: { venue: newPaperVenue() } } } });
console.log((await trueup.account().status()).verdict, decimal("1.50"), TrueupError.name.length > 0);
await trueup.close();
`;
    for (const [name, source] of [
      ["library.mjs", code],
      ["library.ts", code.replace("const trueup =", 'const trueup: import("trueup").Trueup =')],
    ] as const) {
      const { status, stdout, stderr } = await installed.node(installed.write(name, source));
      assert.deepEqual([status, stdout, stderr], [0, "in_sync 1.5 true\n", ""]);
    }
  });

  test("nothing deeper can be imported", async () => {
    const source = 'await import("trueup/dist/daemon/daemon.js");\n';
    const { status, stderr } = await installed.node(installed.write("deep.mjs", source));
    assert.equal(status, 1);
    assert.match(stderr, /ERR_PACKAGE_PATH_NOT_EXPORTED/);
  });

  test("the types hold by themselves for every example of docs/library.md, with every library checked", async () => {
    const options = {
      module: "nodenext",
      moduleResolution: "nodenext",
      target: "esnext",
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    installed.write("types/tsconfig.json", JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
    for (const [index, { code }] of libraryExamples().entries()) {
      installed.write(`types/example-${index}.ts`, code);
    }
    const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const { status, stdout } = await installed.run(process.execPath, [compiler, "-p", "types"]);
    assert.equal(status, 0, stdout);
    installed.write(
      "types/wrong.ts",
      'import { openTrueup } from "trueup";\nawait openTrueup({ confg: "x" });\n',
    );
    const wrong = await installed.run(process.execPath, [compiler, "-p", "types"]);
    assert.match(wrong.stdout, /wrong\.ts.*'confg' does not exist/);
  });

  test("a venue's own package that is missing is named with a command that brings it", async (t) => {
    const server = new AlpacaServer();
    const url = await server.start();
    t.after(() => server.stop());
    const account = `[accounts.live]\nvenue = "alpaca"\nenvironment = "paper"\nbase_url = "${url}"\n`;
    installed.write("alpaca.toml", `state_dir = "alpaca-state"\n${account}`);
    const keys = { APCA_API_KEY_ID: server.keyId, APCA_API_SECRET_KEY: server.secret };
    const check = () => installed.trueup(["check", "--config", "alpaca.toml"], keys);
    const without = await check();
    assert.equal(without.status, 78, without.stdout + without.stderr);
    const [, wanted = ""] = /npm install (\S+)/.exec(without.stderr) ?? [];
    assert.match(wanted, /^@alpacahq\/alpaca-trade-api@/);
    await installed.install(wanted);
    const withIt = await check();
    assert.equal(withIt.status, 0, withIt.stdout + withIt.stderr);
    assert.match(withIt.stdout, /live: both sides agree|live: in sync|live: they agree/);
    const { packages, bytes } = installed.size();
    t.diagnostic(`with Alpaca's: ${packages} packages, ${(bytes / 1e6).toFixed(1)} MB`);
  });
});
