// Setting up: what init writes is accepted, what is wrong in a configuration is refused with its line and what was
// probably meant, before anything else is touched.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { alpacaAccount, type Folder, mirror, openFolder, paperAccount } from "./support.ts";

const PAPER = "configs/paper.toml";
const LIVE = "configs/live.toml";

test("init writes two configurations that config check accepts, and never over a file that is there", async (t) => {
  const folder = openFolder(t);
  const written = await folder.run(["init"]);
  assert.equal(written.code, 0, written.stderr);
  assert.ok(written.stdout.includes(folder.at(PAPER)) && written.stdout.includes(folder.at(LIVE)));
  for (const [file, account] of [
    [PAPER, /paper: paper, beside, repairs on, every 5000 ms, no mirrors/],
    [LIVE, /live: alpaca, beside, repairs on, every 15000 ms, mirrors bot/],
  ] as const) {
    const checked = await folder.run(["config", "check", file]);
    assert.equal(checked.code, 0, checked.stderr);
    assert.match(checked.stdout, account);
  }

  const changed = folder.read(LIVE).replace("interval_ms = 15000", "interval_ms = 9000");
  folder.write(LIVE, changed);
  const second = await folder.run(["init"]);
  assert.equal(second.code, 2);
  assert.match(second.stderr, /live\.toml exist already; nothing was written/);
  assert.equal(folder.read(LIVE), changed);
  const forced = await folder.run(["init", "--force", "--observe"]);
  assert.equal(forced.code, 0);
  assert.match(folder.read(LIVE), /^observe = true$/m);
});

test("what init writes becomes an executor's configuration by its mode and by the limits that stand there as comments", async (t) => {
  const folder = openFolder(t);
  await folder.run(["init"]);
  for (const file of [PAPER, LIVE]) {
    const executor = folder.read(file).replace('mode = "beside"', 'mode = "executor"');
    folder.write(file, executor);
    const refused = await folder.run(["config", "check", file]);
    assert.equal(refused.code, 78, refused.stdout);
    assert.match(refused.stderr, /add \[accounts\.\w+\.limits\] with order_value_max, /);
    const limits = /(?:^# .*_max = .*\n)+/m;
    const set = executor.replace(limits, (lines) => lines.replaceAll(/^# /gm, ""));
    folder.write(file, set.replace(/^# (\[accounts\.\w+\.limits\])$/m, "$1"));
    const checked = await folder.run(["config", "check", file]);
    assert.equal(checked.code, 0, checked.stderr);
    assert.match(checked.stdout, /, executor, repairs on/);
    assert.match(checked.stdout, /exits managed, no plan .* a position without one can only be made smaller/);
  }
});

test("config check refuses a dead-man switch that the venue does not have, or not with this time", async (t) => {
  const folder = openFolder(t);
  const limits = ["order_value", "position_value", "exposure", "open_orders", "orders_per_minute"];
  const account = (venue: string, timeoutMs: number) =>
    [
      'state_dir = "state"',
      `[accounts.a]\nmode = "executor"\n${venue}`,
      `[accounts.a.limits]\n${limits.map((name) => `${name}_max = "unlimited"`).join("\n")}`,
      `[accounts.a.dead_man]\ntimeout_ms = ${timeoutMs}\n`,
    ].join("\n");
  const usdm = 'venue = "binance"\nmarket = "usdm"\nenvironment = "live"';
  const okx = 'venue = "ccxt"\nexchange = "okx"\nenvironment = "live"';
  const hyperliquid = 'venue = "ccxt"\nexchange = "hyperliquid"\nenvironment = "live"';
  const kraken = 'venue = "ccxt"\nexchange = "kraken"\nenvironment = "live"';
  const polymarket = `venue = "polymarket"\nfunder = "0x${"22".repeat(20)}"\nsignature_type = "proxy"`;
  const spot = 'venue = "binance"\nmarket = "spot"\nsymbols = ["BTC/USDT"]\nenvironment = "live"';
  for (const [venue, timeoutMs, refused] of [
    [usdm, 60_000, null],
    [okx, 60_000, null],
    [okx, 121_000, /account a: dead_man\.timeout_ms is 121000; ccxt okx takes from 10000 to 120000/],
    [hyperliquid, 60_000, null],
    [kraken, 60_000, /ccxt kraken has no dead-man switch/],
    ['venue = "bybit"\nenvironment = "live"', 60_000, /bybit has no dead-man switch/],
    [polymarket, 10_000, null],
    [polymarket, 60_000, /dead_man\.timeout_ms is 60000; polymarket takes 10000/],
    [spot, 60_000, /binance has no dead-man switch/],
    ['venue = "alpaca"\nenvironment = "paper"', 60_000, /alpaca has no dead-man switch/],
  ] as const) {
    folder.write("a.toml", account(venue, timeoutMs));
    const checked = await folder.run(["config", "check", "a.toml"]);
    assert.equal(checked.code, refused ? 78 : 0, checked.stdout + checked.stderr);
    if (refused) assert.match(checked.stderr, refused);
  }
});

test("init leaves one file alone when only the other is there", async (t) => {
  const folder = openFolder(t);
  folder.write(LIVE, "mine\n");
  assert.equal((await folder.run(["init"])).code, 2);
  assert.equal(folder.read(LIVE), "mine\n");
  assert.equal(folder.has(PAPER), false, "all or nothing");
});

interface Wrong {
  readonly what: string;
  readonly text: string;
  /** What stderr says, after the file's name. */
  readonly says: RegExp;
}

const HEAD = 'state_dir = "../state"\n';
const BOT = mirror("main", "bot.json");

const WRONG: readonly Wrong[] = [
  {
    what: "an unknown key at the top",
    text: `state_dirr = "x"\n${HEAD}`,
    says: /:1: unknown key "state_dirr"; did you mean "state_dir"\?/,
  },
  {
    what: "a typo in the policy",
    text: `${HEAD}[policy]\nconfirmations = 2\ninterval_sm = 500\n[accounts.main]\nvenue = "paper"\n`,
    says: /:4: unknown key "interval_sm" in policy; did you mean "interval_ms"\?/,
  },
  {
    what: "a typo in an account",
    text: `${HEAD}[accounts.main]\nvenue = "paper"\ncurency = "USD"\n`,
    says: /:4: unknown key "curency" in accounts\.main; did you mean "currency"\?/,
  },
  {
    what: "a typo in a mirror's fields",
    text: `${HEAD}${paperAccount("main", BOT)}[accounts.main.mirrors.fields]\nquantitty = "qty"\n`,
    says: /:\d+: unknown key "quantitty" in accounts\.main\.mirrors\.0\.fields; did you mean "quantity"\?/,
  },
  {
    what: "a kind of discrepancy that is none",
    text: `${HEAD}[policy.kinds]\nphantom_postion = "repair"\n[accounts.main]\nvenue = "paper"\n`,
    says: /:3: unknown key "phantom_postion" in policy\.kinds; did you mean "phantom_position"\?/,
  },
  {
    what: "a venue that is not known",
    text: `${HEAD}[accounts.main]\nvenue = "alpacca"\n`,
    says: /:3: accounts\.main\.venue: .*alpac/,
  },
  {
    what: "a number out of range",
    text: `${HEAD}[policy]\ninterval_ms = 5\n[accounts.main]\nvenue = "paper"\n`,
    says: /:3: policy\.interval_ms: .*100.* \(found 5\)/,
  },
  {
    what: "a word for a number",
    text: `${HEAD}[policy]\nbalance_tolerance = "little"\n[accounts.main]\nvenue = "paper"\n`,
    says: /:3: policy\.balance_tolerance: "little" is not a decimal number/,
  },
  {
    what: "no state folder",
    text: '[accounts.main]\nvenue = "paper"\n',
    says: /: state_dir: .*\(it is missing\)/,
  },
  {
    what: "a secret in the file",
    text: `${HEAD}${alpacaAccount("main", "http://127.0.0.1:1")}secret_key = "abc123"\n`,
    says: /:6: unknown key "secret_key" in accounts\.main/,
  },
  {
    what: "a secret where the name of its variable belongs",
    text: `${HEAD}${alpacaAccount("main", "http://127.0.0.1:1")}secret_env = "local-secret-0123456789"\n`,
    says: /:6: accounts\.main\.secret_env: must be the name of an environment variable/,
  },
  {
    what: "an API for the whole network",
    text: `${HEAD}[api]\nhost = "0.0.0.0"\n[accounts.main]\nvenue = "paper"\n`,
    says: /:3: api\.host: .*127\.0\.0\.1/,
  },
  {
    what: "an account's name with a path in it",
    text: `${HEAD}[accounts."../x"]\nvenue = "paper"\n`,
    says: /:2: accounts\.\.\.\/x: .*letters, digits/,
  },
  {
    what: "two mirrors of one name",
    text: `${HEAD}${paperAccount("main", BOT + mirror("main", "other.json"))}`,
    says: /:\d+: two mirrors of main are called "bot"/,
  },
  {
    what: "[R12] one file for two accounts",
    text: `${HEAD}${paperAccount("a", mirror("a", "bot.json"))}${paperAccount("b", mirror("b", "bot.json"))}`,
    says: /:\d+: mirrors "bot" \(a\) and "bot" \(b\) could both own a row of \.\.\/bot\.json; give each a "where"/,
  },
  {
    what: "[R12] one file for two accounts, written in two ways",
    text: `${HEAD}${paperAccount("a", mirror("a", "bot.json"))}${paperAccount("b", mirror("b", "./bot.json"))}`,
    says: /:\d+: mirrors "bot" \(a\) and "bot" \(b\) could both own a row of /,
  },
  {
    what: "mirror options that cannot work together",
    text: `${HEAD}${paperAccount("main", `${BOT}shape = "array"\n[accounts.main.mirrors.fields]\nquantity = "qty"\n`)}`,
    says: /: account main: the mirror "bot" cannot work: an array of rows needs fields\.instrument/,
  },
  { what: "no TOML", text: `${HEAD}[accounts.main\nvenue = `, says: /:2: not valid TOML: / },
  { what: "no account", text: HEAD, says: /: accounts: .*\(it is missing\)/ },
  { what: "an empty list of accounts", text: `${HEAD}[accounts]\n`, says: /: .*account/ },
];

describe("a wrong configuration is refused with 78, its line and what was meant:", { concurrency: 3 }, () => {
  const folder = openFolder({ after });
  for (const [index, { what, text, says }] of WRONG.entries()) {
    test(what, async () => {
      const file = folder.write(`configs/wrong-${index}.toml`, text);
      const { code, stdout, stderr } = await folder.run(["config", "check", file]);
      assert.match(stderr, new RegExp(`^trueup: ${escaped(file)}`));
      assert.match(stderr, says);
      assert.deepEqual([code, stdout], [78, ""]);
      assert.doesNotMatch(stderr, /\n\s+at |abc123|local-secret/, "no stack and no secret");
    });
  }

  test("every problem is said at once, each on its line", async () => {
    const text = `${HEAD}foo = 1\n[policy]\nbar = 2\n[accounts.main]\nvenue = "paper"\n`;
    const file = folder.write("configs/two.toml", text);
    const { code, stderr } = await folder.run(["config", "check", file]);
    assert.equal(code, 78);
    assert.match(stderr, /:2: unknown key "foo"/);
    assert.match(stderr, /:4: unknown key "bar" in policy/);
  });

  test("no command starts on one, and none of them leaves a state folder", async () => {
    const file = folder.write("configs/none.toml", `${HEAD}foo = 1\n`);
    const commands = [
      ["run"],
      ["check"],
      ["reconcile"],
      ["status"],
      ["kill", "--reason", "x"],
      ["journal", "verify"],
    ];
    for (const args of commands) {
      const { code, stderr } = await folder.run([...args, "--config", file]);
      assert.equal(code, 78, args.join(" "));
      assert.match(stderr, /:2: unknown key "foo"/);
    }
    assert.equal(folder.has("state"), false);
  });
});

const MISSING: readonly (readonly [what: string, prepare: (folder: Folder) => string, says: RegExp])[] = [
  ["is not there", () => "nowhere.toml", /nowhere\.toml cannot be read: there is no such file/],
  [
    "is a folder",
    (folder) => folder.write("is/folder.toml", "").replace("/folder.toml", ""),
    /is cannot be read: .*directory/,
  ],
  ["is empty", (folder) => folder.write("empty.toml", ""), /empty\.toml: .*missing/],
];

for (const [what, prepare, says] of MISSING) {
  test(`a configuration that ${what} is refused with 78 and its name`, async (t) => {
    const folder = openFolder(t);
    const { code, stderr } = await folder.run(["config", "check", prepare(folder)]);
    assert.equal(code, 78);
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });
}

test("without a configuration every command says where it looked and how to write one", async (t) => {
  const { code, stderr } = await openFolder(t).run(["status"]);
  assert.equal(code, 78);
  assert.match(stderr, /looked for trueup\.toml, configs\/paper\.toml, configs\/live\.toml in .*trueup init/);
});

test("two accounts in one configuration are both told; a command about one of them wants its name", async (t) => {
  const folder = openFolder(t);
  const file = folder.write("trueup.toml", `state_dir = "state"\n${paperAccount("a")}${paperAccount("b")}`);
  const checked = await folder.run(["config", "check"]);
  assert.equal(checked.code, 0);
  assert.match(checked.stdout, new RegExp(`^${escaped(file)}: ok\n  a: paper.*\n  b: paper`));
  const vague = await folder.run(["resume", "--reason", "x", "--confirm", "a"]);
  assert.equal(vague.code, 2);
  assert.match(vague.stderr, /Name one account with --account: a, b/);
  const unknown = await folder.run(["status", "--account", "c"]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /There is no account "c" in the configuration; there are: a, b/);
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
