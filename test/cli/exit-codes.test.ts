// Exit codes are a contract with scripts: the table in --help, and each outcome that can be brought about from outside.
import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { EXIT, EXIT_MEANINGS } from "../../src/daemon/exit.ts";
import {
  alpacaAccount,
  CONFIG,
  type Folder,
  mirror,
  openFolder,
  paperAccount,
  startAlpaca,
  writeConfig,
} from "./support.ts";

const shared = openFolder({ after });
writeConfig(shared, { accounts: [paperAccount("main")] });
await shared.run(["reconcile", "--config", CONFIG]);

test("--help shows every exit code with its meaning, and only those", async () => {
  const { code, stdout } = await shared.run(["--help"]);
  assert.equal(code, EXIT.done);
  const table = stdout.split("\nExit codes:\n")[1]?.trimEnd().split("\n") ?? [];
  const expected = Object.entries(EXIT).map(
    ([name, number]) => `${number} ${EXIT_MEANINGS[name as keyof typeof EXIT]}`,
  );
  assert.deepEqual(
    table.map((line) => line.trim().replace(/\s+/, " ")),
    expected,
  );
});

test("the numbers are those that scripts know", () => {
  assert.deepEqual(EXIT, {
    done: 0,
    unexpected: 1,
    usage: 2,
    discrepancy: 3,
    unresolved: 4,
    venue: 5,
    gate: 6,
    corrupt: 7,
    daemon: 69,
    retry: 75,
    permission: 77,
    config: 78,
    interrupted: 130,
  });
});

const USAGE: readonly (readonly [args: string, says: RegExp])[] = [
  ["statsu", /unknown command 'statsu'[\s\S]*Did you mean status\?/],
  ["status --jsn", /unknown option '--jsn'[\s\S]*Did you mean --json\?/],
  ["status too many", /too many arguments/],
  ["explain", /missing required argument 'id'/],
  ["explain ab", /too short for an id/],
  ["explain dis_00000000", /Nothing in the journal has the id/],
  ["kill now", /too many arguments/],
  ["resume --confirm main", /required option '--reason <text>' not specified/],
  ["resume --reason x", /confirm with the account's name: --confirm main/],
  ["resume --reason x --confirm mian", /confirm with the account's name: --confirm main/],
  ["fills --limit many", /--limit many is not a number of rows/],
  ["fills --limit 0", /give a whole number above 0/],
  ["positions --origin stolen", /Allowed choices are signal, manual, adopted, inferred/],
  ["gate --set shut", /one of open, reduce_only, halted/],
  ["gate --set killed --reason x", /for "killed" there is trueup kill/],
  ["gate --set halted", /give a --reason/],
  ["status --account nobody", /There is no account "nobody"/],
  ["scenario run nowhere", /there is no such file or folder/],
  ["config", /Usage: trueup config/],
  ["journal verifi", /unknown command 'verifi'/],
];

describe("what is asked in a wrong way ends with 2, says so, and prints no data:", { concurrency: 3 }, () => {
  for (const [args, says] of USAGE) {
    test(`trueup ${args}`, async () => {
      const hasConfig = !/^(statsu|scenario|config|journal)/.test(args);
      const ended = await shared.run([...args.split(" "), ...(hasConfig ? ["--config", CONFIG] : [])]);
      assert.equal(ended.code, EXIT.usage);
      assert.match(ended.stderr, says);
      assert.equal(ended.stdout, "");
      assert.doesNotMatch(ended.stderr, /\n\s+at /);
    });
  }
});

interface Outcome {
  readonly what: string;
  readonly code: number;
  readonly says: RegExp;
  /** Prepares a folder and gives the command. */
  readonly prepare: (
    folder: Folder,
    t: { after: (work: () => void | Promise<void>) => void },
  ) => Promise<readonly string[]> | readonly string[];
}

const PHANTOM = '{"TSLA": {"score": 1}}';

const OUTCOMES: readonly Outcome[] = [
  {
    what: "3 when check finds a difference",
    code: EXIT.discrepancy,
    says: /they differ/,
    prepare: (folder) => {
      writeConfig(folder, { accounts: [paperAccount("main", mirror("main", "bot.json"))] });
      folder.write("bot.json", PHANTOM);
      return ["check"];
    },
  },
  {
    what: "3 when a scenario fails",
    code: EXIT.discrepancy,
    says: /FAIL wrong/,
    prepare: (folder) => {
      folder.write(
        "wrong.json",
        '{"id": "wrong", "title": "never true", "account": {"mode": "net"}, "venue": {"positions": [], "orders": [], "fills": []}, "expect": {"positions": [{"instrument": "X", "qty": "1"}]}}',
      );
      return ["scenario", "run", "wrong.json"];
    },
  },
  {
    what: "4 when nothing was ever read",
    code: EXIT.unresolved,
    says: /There is no journal in .* yet: nothing has been read\. Start "trueup run --config/,
    prepare: (folder) => {
      writeConfig(folder, { accounts: [paperAccount("main")] });
      return ["status"];
    },
  },
  {
    what: "4 when a mirror cannot be read",
    code: EXIT.unresolved,
    says: /there is no file .*bot\.json/,
    prepare: (folder) => {
      writeConfig(folder, { accounts: [paperAccount("main", mirror("main", "bot.json"))] });
      return ["reconcile"];
    },
  },
  {
    what: "5 when the venue refuses the keys",
    code: EXIT.venue,
    says: /Alpaca refused the keys/,
    prepare: async (folder, t) => {
      const { url } = await startAlpaca(t);
      writeConfig(folder, { accounts: [alpacaAccount("live", url, 'secret_env = "WRONG_SECRET"\n')] });
      return ["check"];
    },
  },
  {
    what: "5 when the keys are not there",
    code: EXIT.venue,
    says: /account live: Alpaca needs a pair of keys.*set NO_KEY and/,
    prepare: (folder) => {
      writeConfig(folder, {
        accounts: [alpacaAccount("live", "http://127.0.0.1:1", 'key_id_env = "NO_KEY"\n')],
      });
      return ["check"];
    },
  },
  {
    what: "6 when no daemon keeps the gate",
    code: EXIT.gate,
    says: /no daemon keeps the gate; unknown means closed/,
    prepare: async (folder) => {
      writeConfig(folder, { accounts: [paperAccount("main")] });
      await folder.run(["reconcile", "--config", CONFIG]);
      return ["gate"];
    },
  },
  {
    what: "7 when the journal is no database",
    code: EXIT.corrupt,
    says: /journal\.db is not a journal that can be read/,
    prepare: (folder) => {
      writeConfig(folder, { accounts: [paperAccount("main")] });
      folder.write("state/journal.db", "this is no database, and never was one\n".repeat(100));
      return ["status"];
    },
  },
  {
    what: "69 when something needs the daemon and none runs",
    code: EXIT.daemon,
    says: /The gate is kept by the daemon, and none is running\. Start it with "trueup run"/,
    prepare: (folder) => {
      writeConfig(folder, { accounts: [paperAccount("main")] });
      return ["gate", "--set", "halted", "--reason", "x"];
    },
  },
  {
    what: "75 when another trueup is at work on the state folder",
    code: EXIT.retry,
    says: /another trueup is at work on .*state; only one may be/,
    prepare: (folder, t) => {
      writeConfig(folder, { accounts: [paperAccount("main")] });
      folder.write("state/trueup.lock", "");
      const lock = new DatabaseSync(folder.at("state/trueup.lock"));
      t.after(() => lock.close());
      lock.exec("BEGIN EXCLUSIVE");
      return ["reconcile"];
    },
  },
  {
    what: "75 when the API's port is taken",
    code: EXIT.retry,
    says: /The API cannot listen on 127\.0\.0\.1:\d+: .*Set another \[api\] port/,
    prepare: async (folder, t) => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      t.after(() => {
        server.close();
      });
      const { port } = server.address() as AddressInfo;
      const file = writeConfig(folder, { accounts: [paperAccount("main")] });
      folder.write(CONFIG, folder.read(CONFIG).replace("port = 0", `port = ${port}`));
      return ["run", "--config", file];
    },
  },
  {
    what: "77 when others may read the API's token",
    code: EXIT.permission,
    says: /api\.token may be read by others \(mode 644\).*chmod 600/,
    prepare: (folder) => {
      writeConfig(folder, { accounts: [paperAccount("main")] });
      chmodSync(folder.write("state/api.token", "tru_0123456789012345678901234567890123456789\n"), 0o644);
      return ["run"];
    },
  },
  {
    what: "77 when the state folder cannot be made",
    code: EXIT.permission,
    says: /The state folder .*state cannot be made/,
    prepare: (folder) => {
      writeConfig(folder, { accounts: [paperAccount("main")] });
      folder.write("state", "a file where the folder belongs\n");
      return ["reconcile"];
    },
  },
];

describe("a command ends with", { concurrency: 3 }, () => {
  for (const { what, code, says, prepare } of OUTCOMES) {
    test(what, async (t) => {
      const folder = openFolder(t);
      const args = await prepare(folder, t);
      const isOwn = args[0] === "scenario" || args.includes("--config");
      const ended = await folder.run([...args, ...(isOwn ? [] : ["--config", CONFIG])], {
        WRONG_SECRET: "wrong",
      });
      assert.match(ended.stdout + ended.stderr, says);
      assert.equal(ended.code, code);
      assert.doesNotMatch(ended.stderr, /\n\s+at /, "no stack");
    });
  }

  test("2 when a file is no scenario, though the others run", async (t) => {
    const folder = openFolder(t);
    folder.write("all/a-bad.json", "{}");
    folder.write(
      "all/b-good.json",
      '{"id": "b-good", "title": "true", "account": {"mode": "net"}, "venue": {"positions": [], "orders": [], "fills": []}, "expect": {"positions": []}}',
    );
    const { code, stdout, stderr } = await folder.run(["scenario", "run", "all"]);
    assert.match(stdout, /pass b-good/);
    assert.match(stdout, /1 passed, 0 failed, 1 not scenarios/);
    assert.match(stderr, /a-bad\.json: not a scenario: /);
    assert.equal(code, EXIT.usage);
  });

  test("the code of the worst account: unreachable before unresolved before different before in sync", async (t) => {
    const folder = openFolder(t);
    const refused = await startAlpaca(t);
    const fine = paperAccount("fine");
    const differs = paperAccount("differs", mirror("differs", "differs.json"));
    const unread = paperAccount("unread", mirror("unread", "unread.json"));
    const refuses = alpacaAccount("refuses", refused.url, 'secret_env = "WRONG_SECRET"\n');
    folder.write("differs.json", PHANTOM);
    for (const [accounts, code] of [
      [[fine], EXIT.done],
      [[differs, fine], EXIT.discrepancy],
      [[differs, unread, fine], EXIT.unresolved],
      [[fine, differs, unread, refuses], EXIT.venue],
    ] as const) {
      writeConfig(folder, { accounts });
      const ended = await folder.run(["check", "--config", CONFIG], { WRONG_SECRET: "wrong" });
      assert.equal(ended.code, code, ended.stdout + ended.stderr);
    }
  });
});
