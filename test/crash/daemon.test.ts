// The daemon on a journal that refuses a write: its accounts are told as stopped and halted. After a full disk or a file
// that was held they are tried again and go on; after a sync that failed they are not, and nothing is written by that
// journal any more, though the disk would take it again. In this process, under a clock of our own.
import assert from "node:assert/strict";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import type { Alert } from "../../src/alerts/index.ts";
import { decimal } from "../../src/core/index.ts";
import { loadConfig } from "../../src/daemon/config-file.ts";
import { Daemon } from "../../src/daemon/daemon.ts";
import type { Parts } from "../../src/daemon/parts.ts";
import { SILENT } from "../../src/runtime/index.ts";
import { VirtualRuntime } from "../../src/sim/index.ts";
import { newPaperState, PaperAccount, PaperVenue } from "../../src/venues/paper/index.ts";
import { type Cleaning, CONFIG, openFolder, paperAccount, writeConfig } from "../cli/support.ts";
import { settle } from "./busy-account.ts";
import { REFUSALS, type Refusal } from "./refusals.ts";
import { openFile } from "./replay.ts";

const ACCOUNTS = ["live", "fine"] as const;

class Stage {
  readonly runtime = new VirtualRuntime(Date.UTC(2026, 0, 5, 15));
  readonly alerts: Alert[] = [];
  /** Calls of COMMIT, taken or refused. */
  commits = 0;
  private readonly venues = new Map<string, PaperAccount>();
  private readonly refusal: Refusal;
  private isStruck = false;
  private db: DatabaseSync | undefined;
  private file = "";

  constructor(refusal: Refusal) {
    this.refusal = refusal;
  }

  async start(t: Cleaning): Promise<Daemon> {
    let daemon: Daemon | undefined;
    t.after(() => daemon?.stop());
    const folder = openFolder(t);
    writeConfig(folder, { accounts: ACCOUNTS.map((name) => paperAccount(name)), hasApi: false });
    this.file = join(folder.path, "journal-of-the-test.db");
    const io = { env: {}, cwd: folder.path };
    const loaded = loadConfig(io, folder.at(CONFIG));
    daemon = await Daemon.start({ parts: this.parts(), io, loaded, log: SILENT });
    return daemon;
  }

  /** From now on writes are refused; the result ends that. */
  async strike(): Promise<() => Promise<void>> {
    const heal = await this.refusal.strike(this.db as DatabaseSync, this.file);
    this.isStruck = true;
    return async () => {
      this.isStruck = false;
      await heal();
    };
  }

  /** Somebody trades by hand: a write is due. */
  async trade(account: string, times = 1): Promise<void> {
    for (let n = 0; n < times; n += 1) {
      this.venues.get(account)?.submit({ instrument: "X", side: "buy", type: "market", qty: decimal("1") });
      await this.advance(100);
    }
  }

  async advance(ms: number): Promise<void> {
    await this.runtime.advance(ms, settle);
  }

  private parts(): Parts {
    const none = () => Promise.reject(new Error("not needed here"));
    const commit = (db: DatabaseSync) => {
      this.db = db;
      this.commits += 1;
      if (this.isStruck) this.refusal.commit(db);
      else db.exec("COMMIT");
    };
    return {
      version: "0",
      runtime: this.runtime,
      files: {} as Parts["files"],
      openJournal: async () => openFile(this.file, { busyTimeoutMs: 1, commit }),
      openVenue: async (_config, { account }) => this.openVenue(account),
      openMirror: none,
      openLog: none,
      alertChannels: async () => [{ name: "test", send: async (alert) => void this.alerts.push(alert) }],
      api: none,
      sim: none,
    };
  }

  private openVenue(account: string): PaperVenue {
    const paper: PaperAccount = new PaperAccount({
      state: newPaperState(`paper-${account}`, "USD", decimal("1000000")),
      feeRatio: decimal("0"),
      nowMs: () => this.runtime.clock.nowMs(),
      onEvent: (event) => venue.publish(event),
    });
    const venue = new PaperVenue(paper);
    paper.setPrice("X", decimal("100"));
    this.venues.set(account, paper);
    return venue;
  }
}

const stateOf = (daemon: Daemon) =>
  daemon.hosts.map((host) => [host.name, host.status().verdict, host.status().gate.state]);

const STOPPED = ["live", "unknown", "halted"];
const AT_WORK = ["live", "in_sync", "open"];
const ORDER = {
  instrument: "X",
  leg: "net",
  side: "buy",
  qty: decimal("1"),
  hasReduceOnlyFlag: false,
} as const;

describe("an account whose journal refuses a write", () => {
  for (const refusal of REFUSALS) {
    const { name, isFinal, code } = refusal;
    const then = isFinal ? "never tried again on that journal" : "tried again, and goes on";
    test(`because ${name} is told as stopped and halted, and ${then}`, async (t) => {
      const stage = new Stage(refusal);
      const daemon = await stage.start(t);
      const host = daemon.hosts[0];
      await stage.trade("live");
      await stage.advance(60_000);
      assert.deepEqual(stateOf(daemon)[0], AT_WORK);

      const heal = await stage.strike();
      // A file that is full takes what fits into the pages that it has.
      for (let tries = 0; tries < 300 && host?.status().verdict !== "unknown"; tries += 1) {
        await stage.trade("live");
      }
      assert.deepEqual(stateOf(daemon)[0], STOPPED);
      assert.equal(host?.admit(ORDER).isAdmitted, false);
      await assert.rejects(async () => host?.setGate("open", null, "r", "ann"), { code: "account_stopped" });
      const line = host?.status().line ?? "";
      assert.match(line, isFinal ? /not tried again: put that right/ : /tried again within 30 s/);
      assert.match(
        line,
        code === "journal_busy" ? /Another process holds the file/ : /did not take the records/,
      );
      const told = stage.alerts.filter(({ account }) => account === "live");
      assert.deepEqual([told.length, told[0]?.kind], [1, "gate_closed"]);

      // The other account on the same file meets the same as soon as it writes.
      if (isFinal) await stage.trade("fine");
      await heal();
      const { commits } = stage;
      await stage.advance(120_000);
      if (isFinal) {
        assert.equal(stage.commits, commits, "nothing is committed on a handle whose sync has failed");
        assert.deepEqual(stateOf(daemon), [STOPPED, ["fine", "unknown", "halted"]]);
      } else {
        assert.deepEqual(stateOf(daemon), [AT_WORK, ["fine", "in_sync", "open"]]);
      }
    });
  }
});
