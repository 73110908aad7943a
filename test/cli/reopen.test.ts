// The daemon's second try: an account that could not be opened is tried again by itself, and not where only a person
// can help. In this process, under a clock of our own.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Alert } from "../../src/alerts/index.ts";
import { decimal } from "../../src/core/index.ts";
import { loadConfig } from "../../src/daemon/config-file.ts";
import { Daemon } from "../../src/daemon/daemon.ts";
import type { Parts } from "../../src/daemon/parts.ts";
import { type Journal, JournalError } from "../../src/journal/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import { type Log, SILENT } from "../../src/runtime/index.ts";
import { VirtualRuntime } from "../../src/sim/index.ts";
import { type Venue, VenueError } from "../../src/venues/index.ts";
import { newPaperState, PaperAccount, type PaperOrder, PaperVenue } from "../../src/venues/paper/index.ts";
import { type Cleaning, CONFIG, openFolder, paperAccount, writeConfig } from "./support.ts";

/** How many turns of the event loop everything that a timer started needs at most. */
const TURNS = 50;

/** An order that somebody else placed. */
const RESTING: PaperOrder = {
  instrument: "AAPL",
  clientOrderId: "bot-1",
  side: "buy",
  type: "limit",
  qty: decimal("1"),
  price: decimal("9"),
  referencePrice: decimal("10"),
};

class Stage {
  readonly runtime = new VirtualRuntime(Date.UTC(2026, 0, 5, 15));
  readonly alerts: Alert[] = [];
  readonly failures: string[] = [];
  readonly journal = new MemoryJournal();
  /** How the venue of this account fails to open; undefined when it opens. */
  venueTrouble: Error | undefined;
  /** How its journal cannot be read. */
  journalTrouble: Error | undefined;
  tries = 0;
  live: PaperAccount | undefined;
  private daemon: Daemon | undefined;

  async start(t: Cleaning): Promise<Daemon> {
    // Ended before its folder is removed.
    t.after(() => this.daemon?.stop());
    const folder = openFolder(t);
    writeConfig(folder, { accounts: [paperAccount("live"), paperAccount("fine")], hasApi: false });
    const io = { stdout: ignore, stderr: ignore, env: {}, cwd: folder.path, isTty: false };
    const log: Log = {
      ...SILENT,
      event: (_level, name, fields, text) => {
        if (name === "account.failed") this.failures.push(`${fields.account}: ${text}`);
      },
    };
    const loaded = loadConfig(io, folder.at(CONFIG));
    this.daemon = await Daemon.start({ parts: this.parts(), io, loaded, log });
    return this.daemon;
  }

  async advance(ms: number): Promise<void> {
    await this.runtime.advance(ms, settle);
  }

  stateOf(clientOrderId: string): string | undefined {
    return this.live?.find({ clientOrderId })?.status;
  }

  private parts(): Parts {
    const none = () => Promise.reject(new Error("not needed here"));
    return {
      version: "0",
      runtime: this.runtime,
      files: {} as Parts["files"],
      openJournal: async () => this.openJournal(),
      openVenue: async (_config, { account }) => this.openVenue(account),
      openMirror: none,
      openLog: none,
      alertChannels: async () => [{ name: "test", send: async (alert) => void this.alerts.push(alert) }],
      api: none,
      sim: none,
    };
  }

  private openVenue(account: string): Venue {
    if (account === "live") {
      this.tries += 1;
      if (this.venueTrouble) throw this.venueTrouble;
    }
    const paper: PaperAccount = new PaperAccount({
      state: newPaperState(`paper-${account}`, "USD", decimal("1000")),
      feeRatio: decimal("0"),
      nowMs: () => this.runtime.clock.nowMs(),
      onEvent: (event) => venue.publish(event),
    });
    if (account === "live") this.live = paper;
    const venue = new PaperVenue(paper);
    return venue;
  }

  private openJournal(): Journal {
    const read: Journal["read"] = async (account, afterSeq, limit) => {
      if (account === "live" && this.journalTrouble) {
        this.tries += 1;
        throw this.journalTrouble;
      }
      return this.journal.read(account, afterSeq, limit);
    };
    return new Proxy<Journal>(this.journal, {
      get: (journal, name) => {
        if (name === "read") return read;
        const value = Reflect.get(journal, name);
        return typeof value === "function" ? value.bind(journal) : value;
      },
    });
  }
}

function ignore(): void {
  // Nobody reads it.
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const stateOf = (daemon: Daemon) =>
  daemon.hosts.map((host) => [host.name, host.status().verdict, host.status().gate.state]);

describe("an account that could not be opened", () => {
  test("is tried every 30 s, told to people once, and runs as soon as it can", async (t) => {
    const stage = new Stage();
    stage.venueTrouble = new VenueError("venue_auth", "no keys");
    const daemon = await stage.start(t);
    assert.deepEqual(stateOf(daemon), [
      ["live", "unknown", "halted"],
      ["fine", "in_sync", "open"],
    ]);
    await stage.advance(29_000);
    assert.equal(stage.tries, 1);
    await stage.advance(31_000);
    assert.equal(stage.tries, 3);
    assert.equal(stage.failures.length, 3, "every try is in the log");
    const text = "account live cannot be opened: no keys; it is tried again within 30 s, see the log";
    assert.deepEqual(
      stage.alerts.map((alert) => [alert.account, alert.kind, alert.text]),
      [["live", "gate_closed", `${text}; its gate is halted`]],
    );
    await assert.rejects(() => daemon.hosts[0]?.book() ?? Promise.resolve(), { code: "account_stopped" });

    stage.venueTrouble = undefined;
    await stage.advance(30_000);
    assert.deepEqual(stateOf(daemon), [
      ["live", "in_sync", "open"],
      ["fine", "in_sync", "open"],
    ]);
    await stage.advance(90_000);
    assert.equal(stage.tries, 4, "once open it is not opened again");
  });

  test("because its journal is corrupt is not tried again, and the others go on", async (t) => {
    const stage = new Stage();
    stage.journalTrouble = new JournalError("journal_corrupt", "record 2 is not readable. Restore a backup.");
    const daemon = await stage.start(t);
    const { tries } = stage;
    await stage.advance(120_000);
    assert.equal(stage.tries, tries);
    assert.deepEqual(
      stage.alerts.map(({ kind }) => kind),
      ["journal_corrupt"],
    );
    assert.match(daemon.hosts[0]?.status().line ?? "", /Restore a backup; it is not tried again/);
    assert.deepEqual(stateOf(daemon).at(1), ["fine", "in_sync", "open"]);
  });

  test("because its journal was busy is tried again", async (t) => {
    const stage = new Stage();
    stage.journalTrouble = new JournalError("journal_busy", "another process holds it");
    const daemon = await stage.start(t);
    stage.journalTrouble = undefined;
    await stage.advance(30_000);
    assert.deepEqual(stateOf(daemon).at(0), ["live", "in_sync", "open"]);
  });

  test("keeps a kill that comes meanwhile, and opens killed", async (t) => {
    const stage = new Stage();
    stage.venueTrouble = new VenueError("venue_auth", "no keys");
    const daemon = await stage.start(t);
    const killed = await daemon.hosts[0]?.kill("drill", "ann", false);
    assert.equal(killed?.isEngaged, false);
    assert.equal(daemon.hosts[0]?.status().gate.state, "killed");
    stage.venueTrouble = undefined;
    await stage.advance(30_000);
    assert.equal(daemon.hosts[0]?.status().gate.state, "killed");
    assert.equal(daemon.hosts[0]?.session()?.book.kill?.reason, "drill");
  });

  test("cancels at the venue what a kill asks for, though its journal cannot be read", async (t) => {
    const stage = new Stage();
    stage.journalTrouble = new JournalError("journal_corrupt", "record 2 is not readable. Restore a backup.");
    const daemon = await stage.start(t);
    stage.live?.submit(RESTING);
    const killed = await daemon.hosts[0]?.kill("drill", "ann", false);
    assert.deepEqual(
      [killed?.isEngaged, killed?.canceled.map(({ order, outcome }) => [order, outcome.kind])],
      [false, [["bot-1", "accepted"]]],
    );
    await settle();
    const told = stage.alerts.find(({ kind }) => kind === "killed");
    assert.match(
      told?.text ?? "",
      /killed by ann: drill; the account has stopped.*every cancel was accepted/,
    );
  });

  test("cancels again by itself while the kill is only latched, and not every second", async (t) => {
    const stage = new Stage();
    stage.journalTrouble = new JournalError("journal_busy", "another process holds it");
    const daemon = await stage.start(t);
    stage.live?.submit(RESTING);
    await daemon.hosts[0]?.kill("drill", "ann", false);
    stage.live?.submit({ ...RESTING, clientOrderId: "bot-2" });
    await stage.advance(20_000);
    assert.equal(stage.stateOf("bot-2"), "open");
    await stage.advance(20_000);
    assert.equal(stage.stateOf("bot-2"), "canceled");
  });
});
