// Venues that fail in every way a venue can: what was wrong is said in one line, the exit code says whether it was
// read at all, no copy is touched, and another account in the same configuration is repaired all the same.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { EndpointName } from "../venues/alpaca/endpoints.ts";
import type { Fault } from "../venues/alpaca/faults.ts";
import {
  accountWith,
  alpacaAccount,
  type Cleaning,
  CONFIG,
  type Ended,
  type Folder,
  type LocalAlpaca,
  mirror,
  NOBODY,
  openFolder,
  paperAccount,
  startAlpaca,
  writeConfig,
} from "./support.ts";

/** The venue holds three of AAPL and nothing else: a repair would be tempting. */
const TEXT = '{"_by": "bot", "AAPL": {"qty": 2}, "GONE": {"qty": 1, "score": 7}, "LOST": {"qty": 5}}\n';
/** What fills or a row of its own prove is corrected; what is only absent stays. */
const REPAIRED = '{"_by": "bot", "AAPL": {"qty": 3}}\n';
const FILE = "bots/live.json";
const FIELDS = '[accounts.live.mirrors.fields]\nquantity = "qty"\n';

async function open(t: Cleaning, url: string, more = ""): Promise<Folder> {
  const folder = openFolder(t);
  folder.write(FILE, TEXT);
  folder.write("bots/paper.json", '{"TSLA": {"score": 1}}\n');
  writeConfig(folder, {
    accounts: [
      alpacaAccount("live", url, more + mirror("live", FILE, FIELDS)),
      paperAccount("paper", mirror("paper", "bots/paper.json")),
    ],
  });
  return folder;
}

/** One line says it, the code is right, the bot's file is as it must be, and the other account went on. */
function isTold(
  folder: Folder,
  { code, stdout, stderr }: Ended,
  expected: { readonly code: number; readonly says: RegExp; readonly left?: string },
): void {
  assert.deepEqual([code, stderr], [expected.code, ""], stdout);
  const lines = stdout.split("\n").filter((line) => expected.says.test(line));
  assert.equal(lines.length, 1, stdout);
  const left = expected.left ?? TEXT;
  assert.equal(folder.read(FILE), left, stdout);
  if (left === TEXT) assert.deepEqual(folder.backups(FILE), []);
  assert.equal(folder.read("bots/paper.json"), "{}\n", "the other account goes on");
}

interface Bad {
  readonly what: string;
  readonly faults: readonly (readonly [EndpointName, Fault])[];
  readonly code: number;
  readonly says: RegExp;
  readonly left?: string;
}

const ALL: readonly EndpointName[] = ["account", "positions", "position", "orders", "fills", "activities"];
const everywhere = (fault: Fault) => ALL.map((endpoint) => [endpoint, fault] as const);
const unread = (why: RegExp) => new RegExp(`positions unavailable .*${why.source}`);

const BAD: readonly Bad[] = [
  { what: "answers 500", faults: everywhere("500"), code: 5, says: unread(/HTTP 500/) },
  { what: "is rate limited", faults: everywhere("429"), code: 5, says: unread(/rate limited/) },
  { what: "sends a page for people", faults: everywhere("html"), code: 5, says: unread(/text\/html/) },
  { what: "sends half an answer", faults: everywhere("half"), code: 5, says: unread(/not JSON/) },
  { what: "sends another shape", faults: everywhere("wrong-schema"), code: 5, says: unread(/expected/) },
  {
    what: "answers [] to everything",
    faults: everywhere("empty-list"),
    code: 4,
    says: /balances unavailable /,
  },
  {
    what: "hides its positions, while its totals tell of some and look-ups of none",
    faults: [
      ["positions", "empty-positions"],
      ["position", "404-other"],
      ["fills", "empty-list"],
    ],
    code: 4,
    says: /no witness that it is flat: the positions read is empty/,
  },
];

/**
 * R4: what is missing closes nothing; rows that are there still count. Fills alone do not correct a copy where the venue may
 * take them back, as this one may.
 */
const IN_PART: readonly Bad[] = [
  {
    what: "the positions",
    faults: [["positions", "500"]],
    code: 5,
    says: unread(/HTTP 500/),
  },
  {
    what: "half of the positions",
    faults: [["positions", "half"]],
    code: 5,
    says: unread(/JSON/),
  },
  { what: "the orders", faults: [["orders", "html"]], code: 4, says: /orders unavailable /, left: REPAIRED },
  { what: "the fills", faults: [["fills", "half"]], code: 4, says: /fills unavailable /, left: REPAIRED },
  {
    what: "the account",
    faults: [["account", "500"]],
    code: 4,
    says: /balances unavailable /,
    left: REPAIRED,
  },
];

const TABLE: readonly Bad[] = [
  ...BAD,
  ...IN_PART.map((one) => ({ ...one, what: `[R4] does not tell ${one.what}` })),
];
const nameOf = (bad: Bad) => `live-${TABLE.indexOf(bad)}`;
const fileOf = (bad: Bad) => `bots/${nameOf(bad)}.json`;

/** One pass over an account at each of these venues, and at last over one that is fine. */
const folder = openFolder({ after });
const accounts = await Promise.all(
  TABLE.map(async (bad) => {
    const { server, url } = await startAlpaca({ after }, accountWith(3));
    for (const [endpoint, fault] of bad.faults) server.setFault(endpoint, fault);
    folder.write(fileOf(bad), TEXT);
    const fields = FIELDS.replace("accounts.live", `accounts.${nameOf(bad)}`);
    return alpacaAccount(nameOf(bad), url, mirror(nameOf(bad), fileOf(bad), fields));
  }),
);
folder.write("bots/paper.json", '{"TSLA": {"score": 1}}\n');
writeConfig(folder, {
  accounts: [...accounts, paperAccount("paper", mirror("paper", "bots/paper.json"))],
});
const ended = await folder.json(["reconcile", "--force", "--config", CONFIG]);
const checked = await folder.run(["check", "--config", CONFIG]);

describe("a venue that", { concurrency: 3 }, () => {
  for (const bad of TABLE) {
    const kept =
      bad.left === undefined ? "no byte of the copy is touched" : "only what is proven is repaired";
    test(`${bad.what}: one line says so, ${kept}`, () => {
      const lines = checked.stdout.split("\n");
      const first = lines.findIndex((line) => line.startsWith(`${nameOf(bad)}: `));
      const next = lines.findIndex((line, index) => index > first && /^\S/.test(line));
      const block = lines.slice(first, next);
      assert.equal(block.filter((line) => bad.says.test(line)).length, 1, block.join("\n"));
      const verdict = bad.code === 5 ? /: the venue could not be read$/ : /: (not settled: |they differ)/;
      assert.match(block[0] ?? "", verdict);
      assert.equal(folder.read(fileOf(bad)), bad.left ?? TEXT);
      if (bad.left === undefined) assert.deepEqual(folder.backups(fileOf(bad)), []);
    });
  }

  test("fails keeps no other account from being repaired, and the whole ends with 5", () => {
    assert.deepEqual([ended.code, ended.stderr, ended.document.exitCode], [5, "", 5]);
    assert.equal((ended.document.passes as readonly unknown[]).length, TABLE.length + 1);
    assert.equal(folder.read("bots/paper.json"), "{}\n");
  });

  for (const bad of TABLE.filter(({ what }) => /500|\[\]|the fills/.test(what))) {
    test(`${bad.what} ends the command with ${bad.code}`, async () => {
      const account = ["--account", nameOf(bad), "--config", CONFIG];
      const { code, stdout } = await folder.run(["check", ...account]);
      assert.equal(code, bad.code, stdout);
    });
  }

  test("is a paper account whose file is half written: named without a stack, the other account goes on", async (t) => {
    const folder = openFolder(t);
    const file = folder.write("state/paper-main.json", '{"accountId": "pap');
    folder.write("bots/paper.json", '{"TSLA": {"score": 1}}\n');
    const accounts = [paperAccount("main"), paperAccount("paper", mirror("paper", "bots/paper.json"))];
    writeConfig(folder, { accounts });
    const { stdout, stderr } = await folder.run(["reconcile", "--force", "--config", CONFIG]);
    assert.ok(stderr.includes(file), stderr);
    assert.doesNotMatch(stderr, /\n\s+at /);
    assert.equal(folder.read("state/paper-main.json"), '{"accountId": "pap');
    assert.equal(folder.read("bots/paper.json"), "{}\n", stdout);
  });

  test("cannot be reached: 5, and status never reads like success", async (t) => {
    const folder = await open(t, NOBODY);
    const ended = await folder.run(["reconcile", "--force", "--config", CONFIG]);
    isTold(folder, ended, { code: 5, says: unread(/could not be asked .*ECONNREFUSED/) });
    const status = await folder.run(["status", "--account", "live", "--config", CONFIG]);
    assert.match(status.stdout, /^UNKNOWN · positions unavailable/);
    assert.doesNotMatch(status.stdout, /in line/, "a mirror that was compared with nothing is not in line");
    assert.equal((await folder.run(["health", "--account", "live", "--config", CONFIG])).code, 4);
  });

  test("never answers for the positions: 5, with how long was waited", async (t) => {
    const { server, url } = await startAlpaca(t, accountWith(3));
    server.setFault("positions", "timeout");
    for (const endpoint of ["fills", "position"] as const) server.setFault(endpoint, "500");
    const folder = await open(t, url);
    const ended = await folder.run(["reconcile", "--force", "--config", CONFIG]);
    isTold(folder, ended, { code: 5, says: unread(/no answer within \d+ s/) });
  });

  test("[H05] refuses the keys: 5, with the names of the variables and without their values", async (t) => {
    const { url } = await startAlpaca(t, accountWith(3));
    const folder = await open(t, url, 'secret_env = "OLD_SECRET"\n');
    const environment = { OLD_SECRET: "this-was-valid-once" };
    const ended = await folder.run(["reconcile", "--force", "--config", CONFIG], environment);
    isTold(folder, ended, { code: 5, says: unread(/refused the keys \(HTTP 401\).*OLD_SECRET/) });
    assert.doesNotMatch(ended.stdout, /this-was-valid-once/);
  });

  test("[R1] answers for another account than before: nothing is repaired, the gate is halted", async (t) => {
    const { server, url } = await startAlpaca(t, accountWith(3));
    const folder = await open(t, url);
    folder.write(FILE, REPAIRED);
    assert.equal((await folder.run(["reconcile", "--force", "--config", CONFIG])).code, 0);
    folder.write(FILE, TEXT);
    server.setFault("account", "other-account");
    const ended = await folder.run(["reconcile", "--force", "--config", CONFIG]);
    assert.match(ended.stdout, /^ {2}gate halted$/m);
    isTold(folder, ended, { code: 4, says: /positions suspect .*answered for account f{8}-0000/ });
  });
});

describe("a venue that comes back", { concurrency: 2 }, () => {
  const heal = ({ server }: LocalAlpaca) => {
    for (const endpoint of ALL) server.setFault(endpoint, "500", Number.POSITIVE_INFINITY);
  };

  test("is read again by the daemon, and the copy is repaired then", async (t) => {
    const alpaca = await startAlpaca(t, accountWith(3));
    for (const endpoint of ALL) alpaca.server.setFault(endpoint, "500");
    const folder = openFolder(t);
    folder.write(FILE, TEXT);
    writeConfig(folder, {
      accounts: [alpacaAccount("live", alpaca.url, mirror("live", FILE, FIELDS))],
      intervalMs: 100,
    });
    const daemon = await folder.start();
    const bad = await daemon.until(({ event }) => event === "pass.finished");
    assert.deepEqual([bad.complete, bad.gate], [false, "reduce_only"]);
    assert.equal((await folder.run(["gate"])).code, 6);
    assert.equal(folder.read(FILE), TEXT);
    heal(alpaca);
    await daemon.until(({ event, to }) => event === "gate.changed" && to === "open");
    assert.equal(folder.read(FILE), REPAIRED);
    assert.equal((await folder.run(["gate"])).code, 0);
  });
});
