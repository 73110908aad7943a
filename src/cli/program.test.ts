// How a command line ends: whatever a command throws becomes an exit code, a message and, with --json, one document.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Parts } from "../daemon/parts.ts";
import { asCliError, restoring } from "../daemon/trouble.ts";
import { AccountStopped } from "../engine/index.ts";
import { JournalError } from "../journal/index.ts";
import { FileError } from "../runtime/index.ts";
import { VenueError } from "../venues/index.ts";
import type { Io } from "./output.ts";
import { runCli } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "trueup-program-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "s"));
writeFileSync(join(folder, "s", "journal.db"), "");
writeFileSync(join(folder, "trueup.toml"), 'state_dir = "s"\n[accounts.a]\nvenue = "paper"\n');

/** Runs a command line whose journal cannot be opened. */
async function run(args: string, error: unknown = new Error("not asked for"), env: Io["env"] = {}) {
  let stdout = "";
  let stderr = "";
  const parts = {
    version: "0",
    openJournal: async () => {
      throw error;
    },
  } as unknown as Parts;
  const io: Io = {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    env,
    cwd: folder,
    isTty: false,
  };
  const code = await runCli(args === "" ? [] : args.split(" "), parts, io);
  return { code, stdout, stderr };
}

interface Document {
  readonly error: { readonly code: string; readonly message: string; readonly exitCode: number };
}

test("trouble that was foreseen ends a command with its exit code, a message and a document, and no stack", async () => {
  const rows: readonly (readonly [Error, number, string])[] = [
    [new JournalError("journal_corrupt", "told"), 7, "journal_corrupt"],
    [new JournalError("journal_newer", "told"), 78, "journal_newer"],
    [new JournalError("journal_busy", "told"), 75, "journal_busy"],
    [new JournalError("journal_open", "told"), 77, "journal_open"],
    [new JournalError("journal_read", "told"), 1, "journal_read"],
    [new JournalError("journal_write", "told"), 1, "journal_write"],
    [new VenueError("venue_auth", "told"), 5, "venue_auth"],
    [new VenueError("venue_config", "told"), 78, "venue_config"],
    [new FileError("EACCES", "told"), 77, "EACCES"],
    [
      new AccountStopped("a", "?", { cause: new JournalError("journal_corrupt", "told") }),
      7,
      "journal_corrupt",
    ],
  ];
  for (const [error, exitCode, code] of rows) {
    const ended = await run("status --json", error);
    assert.deepEqual(JSON.parse(ended.stdout), { error: { code, message: "told", exitCode } });
    assert.deepEqual([ended.code, ended.stderr], [exitCode, "trueup: told\n"]);
  }
});

test("an error that nobody foresaw is a document too; where it was thrown is told on stderr", async () => {
  const { code, stdout, stderr } = await run("positions --json", new TypeError("a mistake"));
  const { error } = JSON.parse(stdout) as Document;
  assert.deepEqual([code, error.code, error.exitCode], [1, "unexpected", 1]);
  assert.equal(error.message, "an unexpected error of ours: a mistake");
  assert.match(stderr, /^trueup: an unexpected error of ours: a mistake\nTypeError: a mistake\n\s+at /);
  assert.equal(
    (await run("positions", "thrown text")).stderr,
    "trueup: an unexpected error of ours: thrown text\n",
  );
});

test("what the parser of options refuses is a document too, with what was meant on stderr", async () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ["statsu --json", /^unknown command 'statsu'/],
    ["status --jsn --json", /^unknown option '--jsn'/],
    ["status too many --json", /^too many arguments/],
    ["exits shwo --json", /^unknown command 'shwo': exits has show, set, clear\n\(Did you mean show\?\)$/],
    ["notes imprt file --json", /^unknown command 'imprt': notes has .*\n\(Did you mean import\?\)$/],
    [
      "positions attribut --json",
      /^unknown command 'attribut': positions has attribute\n\(Did you mean attribute\?\)$/,
    ],
    ["config chek --json", /^unknown command 'chek'/],
    ["exits show AAPL --json", /^'exits show' takes no 'AAPL': options only$/],
    ["explain --json", /^missing required argument 'id'/],
    ["resume --json", /^required option '--reason <text>' not specified/],
    ["positions --origin stolen --json", /Allowed choices are signal/],
    ["config --json", /^unknown option '--json'/],
  ];
  for (const [args, message] of rows) {
    const { code, stdout, stderr } = await run(args);
    const { error } = JSON.parse(stdout) as Document;
    assert.deepEqual([code, error.code, error.exitCode], [2, "usage", 2], args);
    assert.match(error.message, message);
    assert.match(stderr, /^error: [\s\S]*"trueup COMMAND --help" the options that follow one\)\n$/);
    assert.equal((await run(args.replace(" --json", ""))).stdout, "", args);
  }
  assert.match((await run("")).stderr, /Usage: trueup/);
});

test("an option that would do nothing is not offered", async () => {
  for (const args of [
    "run --json",
    "run --account a",
    "demo --json",
    "demo --config x",
    "init --account a",
  ]) {
    const { code, stderr } = await run(args);
    assert.equal(code, 2, args);
    assert.match(stderr, /unknown option/);
  }
  assert.match((await run("scenario run x --config y")).stderr, /unknown option '--config'/);
  assert.match((await run("config check --account a")).stderr, /unknown option '--account'/);
});

test("help and errors are ASCII where the locale shows nothing else, without what could steer a terminal", async () => {
  const help = await run("status --help", undefined, { LANG: "C" });
  assert.deepEqual([help.code, help.stdout.match(/[^\n -~]/g)], [0, null]);
  const { stderr } = await run("status --account Ä\u001b[2J", undefined, { LANG: "C" });
  assert.match(stderr, /"\?\?\[2J"/);
});

test("an account that cannot be restored for an altered record is corrupt, and the record is named", async () => {
  const head = { seq: 2, hash: "h" };
  const verified = { account: "a", records: 2, head };
  const problem = {
    account: "a",
    seq: 2,
    kind: "altered",
    detail: "record 2 (x) is not what was written",
  } as const;
  const fails = async () => {
    throw new TypeError("cannot read qty of undefined");
  };
  const broken = { verify: async () => ({ ...verified, problems: [problem] }) };
  await assert.rejects(restoring(broken, "a", fails), {
    code: "journal_corrupt",
    message: /account a: record 2 \(x\) is not what was written\. .*journal verify/,
  });
  // Where the chain is whole it is a mistake of ours.
  const whole = { verify: async () => ({ ...verified, problems: [] }) };
  await assert.rejects(restoring(whole, "a", fails), TypeError);
  assert.equal(asCliError(new TypeError("x")), undefined);
  assert.equal(asCliError(undefined), undefined);
});
