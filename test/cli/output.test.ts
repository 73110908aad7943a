// How the command line writes: ASCII where the locale has nothing else, no colour in a pipe or where none is wanted,
// nothing of a venue's or a bot's text that could steer a terminal.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type Io, Output } from "../../src/cli/output.ts";
import { CONFIG, mirror, openFolder, paperAccount, writeConfig } from "./support.ts";

const ESCAPE = String.fromCharCode(27);
const BELL = String.fromCharCode(7);

const folder = openFolder({ after });
writeConfig(folder, {
  accounts: [paperAccount("main", mirror("main", "bot.json")), paperAccount("other")],
  top: '[policy.kinds]\nphantom_position = "watch"\n',
});
const hostile = `ÄPFEL${ESCAPE}[2J${BELL}`;
folder.write("bot.json", JSON.stringify({ [hostile]: { note: "→ é" }, TSLA: {} }));
await folder.run(["reconcile", "--force", "--config", CONFIG]);

const COMMANDS = [
  "check",
  "reconcile",
  "status",
  "health",
  "positions",
  "orders",
  "fills",
  "balances",
  "history",
  "passes",
  "discrepancies",
  "gate",
  "journal verify",
  "config check",
  "nonsense",
  "positions --nonsense",
];

describe("in a pipe", { concurrency: 3 }, () => {
  for (const args of COMMANDS) {
    test(`trueup ${args} writes ASCII only under LANG=C, and no escapes whatever asks for colour`, async () => {
      const environment = { LANG: "C", FORCE_COLOR: "1", TERM: "xterm-256color", COLORTERM: "truecolor" };
      const { stdout, stderr } = await folder.run([...args.split(" "), "--config", CONFIG], environment);
      const said = stdout + stderr;
      assert.ok(said.length > 0);
      assert.deepEqual(said.match(/[^\x20-\x7e\n]/g), null, said);
    });
  }

  test("--help is ASCII under LANG=C", async () => {
    for (const args of [["--help"], ["status", "--help"], ["gate", "--help"]]) {
      const { stdout } = await folder.run(args, { LANG: "C" });
      assert.deepEqual(stdout.match(/[^\x20-\x7e\n]/g), null, stdout);
    }
  });

  test("a locale with UTF-8 shows letters as they are; control characters of a bot's file never", async () => {
    const { stdout } = await folder.run(["discrepancies", "--config", CONFIG]);
    assert.match(stdout, /ÄPFEL/);
    assert.ok(!stdout.includes(ESCAPE) && !stdout.includes(BELL));
  });

  test("an error shows what was typed, without what could steer a terminal", async () => {
    for (const args of [
      ["status", "--account", hostile, "--config", CONFIG],
      ["explain", hostile, "--config", CONFIG],
      ["status", "--config", hostile],
      ["positions", "--origin", hostile],
      [hostile],
    ]) {
      const { stdout, stderr } = await folder.run(args, { LANG: "C" });
      assert.equal(stdout, "");
      assert.match(stderr, /PFEL/);
      assert.deepEqual(stderr.match(/[^\x20-\x7e\n]/g), null, JSON.stringify(stderr));
    }
  });

  test("--json keeps every letter of a name, written so that it is read back", async () => {
    const { document } = await folder.json(["discrepancies", "--config", CONFIG], { LANG: "C" });
    const names = (document.discrepancies as readonly { readonly instrument: string }[]).map(
      ({ instrument }) => instrument,
    );
    assert.ok(names.includes(hostile), JSON.stringify(names));
  });
});

/** What a terminal with this environment and these options gets for one word in green and one hostile text. */
function atTerminal(env: Io["env"], color?: boolean): string {
  let said = "";
  const write = (text: string) => {
    said += text;
  };
  const io: Io = { stdout: write, stderr: write, env, cwd: "/", isTty: true };
  const out = new Output(io, color === undefined ? {} : { color });
  out.line(`${out.tone("good", "fine")} ${hostile}`);
  return said;
}

test("a terminal gets colour, unless NO_COLOR, TERM=dumb or --no-color says otherwise", () => {
  const lang = { LANG: "C.UTF-8" };
  assert.ok(atTerminal(lang).startsWith(`${ESCAPE}[32mfine${ESCAPE}[39m`));
  for (const said of [
    atTerminal({ ...lang, NO_COLOR: "1" }),
    atTerminal({ ...lang, TERM: "dumb" }),
    atTerminal(lang, false),
  ]) {
    assert.ok(said.startsWith("fine "), JSON.stringify(said));
  }
});

test("[X13] a venue's or a bot's text cannot clear the screen or ring the bell of a terminal", () => {
  assert.match(atTerminal({ LANG: "C.UTF-8", NO_COLOR: "1" }), /^fine ÄPFEL\?\[2J\?\n$/);
  assert.match(atTerminal({ LANG: "C", NO_COLOR: "1" }), /^fine \?PFEL\?\[2J\?\n$/);
});
