// The daemon: every account of a configuration in one process, the API beside them, and a clean end. An account
// that stops by an error of ours is opened again from its journal after a while; the others go on meanwhile.
import { realpathSync } from "node:fs";
import type { AccountHost, KillAnswer } from "../api/index.ts";
import type { Admission, Book, GateState, OrderQuestion } from "../core/index.ts";
import {
  type AccountStatus,
  AccountStopped,
  type Applied,
  accountStatus,
  type Confirmation,
  type HealthDocument,
  healthOf,
  NOTHING_CANCELED,
  type PassReport,
  type Plan,
  type Released,
  type Session,
  stoppedStatus,
  type Undoing,
} from "../engine/index.ts";
import type { Journal } from "../journal/index.ts";
import type { Log } from "../runtime/index.ts";
import { type AccountPieces, checkPieces, openPieces, openSession, planPieces } from "./accounts.ts";
import { chosenAccounts, type LoadedConfig } from "./config-file.ts";
import { CliError, EXIT } from "./exit.ts";
import { readLatch, removeLatch, writeLatch } from "./latch.ts";
import type { Io } from "./output.ts";
import type { Parts } from "./parts.ts";
import { loadPlan, savePlan } from "./plan-file.ts";
import { announceDaemon, type DaemonFacts, lockState, withdrawDaemon } from "./registry.ts";
import { journalFile, prepareStateDir, readSecret, tokenFile, writeSecret } from "./state-dir.ts";

/** How long a stopped account rests before it is opened again. In ms. */
const REOPEN_MS = 30_000;
/** How often a running account looks for a kill latch. In ms. */
const LATCH_LOOK_MS = 1_000;
const TOKEN_BYTES = 32;

export interface DaemonOptions {
  readonly parts: Parts;
  readonly io: Io;
  readonly loaded: LoadedConfig;
  readonly log: Log;
  readonly onPass?: (report: PassReport) => void;
}

export class Daemon {
  readonly facts: DaemonFacts;
  readonly hosts: readonly DaemonHost[];
  private readonly closers: (() => void | Promise<void>)[];
  private isStopping = false;

  private constructor(
    facts: DaemonFacts,
    hosts: readonly DaemonHost[],
    closers: (() => void | Promise<void>)[],
  ) {
    this.facts = facts;
    this.hosts = hosts;
    this.closers = closers;
  }

  /** Starts everything; what was started is ended again when something fails. */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const { parts, io, loaded, log } = options;
    const closers: (() => void | Promise<void>)[] = [];
    try {
      closers.push(lockState(loaded.stateDir));
      const journal = await parts.openJournal(journalFile(loaded.stateDir), false);
      closers.push(() => journal.close());
      const hosts: DaemonHost[] = [];
      for (const [name, config] of chosenAccounts(loaded.config, undefined)) {
        const pieces = await openPieces(parts, io, loaded, name, config);
        closers.push(async () => pieces.venue.close?.());
        const host = new DaemonHost(options, pieces, journal);
        closers.push(() => host.stop());
        hosts.push(host);
      }
      const facts = await listen(options, hosts, closers);
      announceDaemon(realpathSync(io.cwd), facts);
      closers.push(() => withdrawDaemon(realpathSync(io.cwd), facts));
      log.event(
        "info",
        "daemon.started",
        {
          version: parts.version,
          url: facts.url,
          config: loaded.file,
          accounts: hosts.map(({ name }) => name),
        },
        `trueup ${parts.version} is up`,
      );
      await Promise.all(hosts.map((host) => host.start()));
      await expireRows(journal, loaded, parts);
      return new Daemon(facts, hosts, closers);
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  /** Ends cleanly: accounts first, then the API, the journal, the lock. */
  async stop(): Promise<void> {
    if (this.isStopping) return;
    this.isStopping = true;
    await closeAll(this.closers);
  }
}

async function closeAll(closers: readonly (() => void | Promise<void>)[]): Promise<void> {
  for (const close of [...closers].reverse()) await close();
}

async function listen(
  { parts, loaded, log }: DaemonOptions,
  hosts: readonly AccountHost[],
  closers: (() => void | Promise<void>)[],
): Promise<DaemonFacts> {
  const { enabled, host, port } = loaded.config.api;
  const facts = {
    pid: process.pid,
    config: loaded.file,
    stateDir: loaded.stateDir,
    version: parts.version,
    startedAtMs: parts.runtime.clock.nowMs(),
  };
  if (!enabled) return { ...facts, url: null };
  const { createApi } = await parts.api();
  const token = ensureToken(parts, loaded.stateDir);
  const app = createApi({
    hosts,
    token,
    log,
    nowMs: () => parts.runtime.clock.nowMs(),
    version: parts.version,
  });
  const url = await app.listen({ host, port }).catch((cause: unknown) => {
    throw new CliError(
      EXIT.retry,
      "port_taken",
      `The API cannot listen on ${host}:${port}: ${(cause as Error).message}. Set another [api] port in ${loaded.file}.`,
      { cause },
    );
  });
  closers.push(() => app.close());
  return { ...facts, url };
}

function ensureToken(parts: Parts, stateDir: string): string {
  prepareStateDir(stateDir);
  const file = tokenFile(stateDir);
  const known = readSecret(file);
  if (known !== undefined && known.length >= TOKEN_BYTES) return known;
  const token = `tru_${Buffer.from(parts.runtime.random.bytes(TOKEN_BYTES)).toString("base64url")}`;
  writeSecret(file, token);
  return token;
}

async function expireRows(journal: Journal, { config }: LoadedConfig, parts: Parts): Promise<void> {
  const days = config.journal.observations_days;
  await journal.expireAttachments(parts.runtime.clock.nowMs() - days * 86_400_000);
}

/** One account as the daemon runs it. */
export class DaemonHost implements AccountHost {
  readonly name: string;
  private readonly pieces: AccountPieces;
  private readonly options: DaemonOptions;
  private readonly journal: Journal;
  private current: Session | undefined;
  private cancelReopen: (() => void) | undefined;
  private cancelLook: (() => void) | undefined;
  private isStopping = false;

  constructor(options: DaemonOptions, pieces: AccountPieces, journal: Journal) {
    this.options = options;
    this.pieces = pieces;
    this.journal = journal;
    this.name = pieces.name;
  }

  async start(): Promise<void> {
    const { parts, loaded, log, onPass } = this.options;
    const session = await openSession(parts, loaded, this.pieces, this.journal, {
      log,
      ...(onPass && { onPass }),
      onFailure: () => this.reopenLater(),
    });
    this.current = session;
    await session.start({ bootPass: true, timers: true }).catch((error: unknown) => {
      // The session has logged it and stopped; it is opened again later.
      if (!session.hasStopped) throw error;
    });
    // The latch is in the journal now.
    if (!session.hasStopped && session.book.kill) removeLatch(loaded.stateDir, this.name);
    this.lookForLatch();
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.cancelReopen?.();
    this.cancelLook?.();
    await this.current?.stop();
  }

  session(): Session | undefined {
    return this.current?.hasStopped ? undefined : this.current;
  }

  async book(): Promise<Book> {
    const session = this.live();
    await session.whenDurable();
    return session.book;
  }

  admit(order: OrderQuestion): Admission {
    const session = this.session();
    if (session) return session.admit(order);
    return { isAdmitted: false, gate: "halted", isReducing: false, reasons: [this.stoppedText()] };
  }

  status(): AccountStatus {
    const session = this.session();
    const { parts, loaded } = this.options;
    const nowMs = parts.runtime.clock.nowMs();
    const venue = this.pieces.venue.name;
    if (!session) {
      const latch = readLatch(loaded.stateDir, this.name);
      const kill = this.current?.book.kill ?? latch;
      return stoppedStatus({ account: this.name, venue, text: this.stoppedText(), kill, nowMs });
    }
    const { book, tail } = session;
    const { intervalMs } = this.pieces.policy;
    return accountStatus({ book, tail, venue, intervalMs, nowMs, isLive: true });
  }

  health(): HealthDocument {
    return healthOf(this.status(), this.session()?.book ?? null);
  }

  check(): Promise<PassReport> {
    return checkPieces(this.options.parts, this.pieces, this.journal);
  }

  async reconcile(isForced: boolean): Promise<PassReport> {
    return this.live().pass("operator", isForced);
  }

  /** Kept in the state folder, where `apply` finds it by its id. */
  async plan(copies: readonly string[] | null): Promise<Plan> {
    const { parts, loaded } = this.options;
    const plan = await planPieces(parts, this.pieces, this.journal, copies);
    savePlan(loaded.stateDir, plan, parts.runtime.clock.nowMs());
    return plan;
  }

  async apply(planId: string, given: Confirmation): Promise<Applied> {
    return this.live().apply(loadPlan(this.options.loaded.stateDir, planId), given);
  }

  async undo(repairId: string, by: string): Promise<Undoing> {
    return this.live().undo(repairId, by);
  }

  async release(repairId: string, by: string): Promise<Released> {
    return this.live().release(repairId, by);
  }

  /** Latched in a file first: whatever happens to the journal or the session, the next boot is killed. */
  async kill(reason: string, by: string, isAll: boolean): Promise<KillAnswer> {
    const { loaded, parts } = this.options;
    writeLatch(loaded.stateDir, this.name, { reason, by, isAll, atMs: parts.runtime.clock.nowMs() });
    return this.takeUpLatch();
  }

  async resume(reason: string, by: string): Promise<boolean> {
    return this.live().resume(reason, by);
  }

  async setGate(
    state: Exclude<GateState, "killed">,
    instrument: string | null,
    reason: string,
    by: string,
  ): Promise<void> {
    await this.live().setGate(state, instrument, reason, by);
  }

  private live(): Session {
    const session = this.session();
    if (session) return session;
    throw new AccountStopped(this.name, this.stopReason());
  }

  private stoppedText(): string {
    return `account ${this.name} has stopped: ${this.stopReason()}`;
  }

  private stopReason(): string {
    const reason = this.current?.stoppedBy?.message ?? "it is not open";
    return `${reason}; it is opened again within ${REOPEN_MS / 1_000} s, see the log`;
  }

  /** Looks again and again for a kill that was asked for past the API. */
  private lookForLatch(): void {
    this.cancelLook?.();
    if (this.isStopping) return;
    this.cancelLook = this.options.parts.runtime.timers.after(LATCH_LOOK_MS, () => {
      this.takeUpLatch().then(
        () => this.lookForLatch(),
        (error: unknown) => {
          this.options.log.event("error", "account.failed", { account: this.name }, `kill: ${String(error)}`);
          this.lookForLatch();
        },
      );
    });
  }

  private async takeUpLatch(): Promise<KillAnswer> {
    const { stateDir } = this.options.loaded;
    const nothing = { isEngaged: false, ...NOTHING_CANCELED };
    const latch = readLatch(stateDir, this.name);
    const session = this.session();
    if (!latch || !session) return nothing;
    try {
      const report = await session.kill(latch.reason, latch.by, latch.isAll);
      removeLatch(stateDir, this.name);
      return { isEngaged: true, ...report };
    } catch (error) {
      // The session stopped over it: the latch is there, and the account opens again killed.
      if (session.hasStopped) return nothing;
      throw error;
    }
  }

  private reopenLater(): void {
    if (this.isStopping) return;
    this.cancelReopen = this.options.parts.runtime.timers.after(REOPEN_MS, () => {
      this.start().catch((error: unknown) => {
        this.options.log.event("error", "account.failed", { account: this.name }, String(error));
        this.reopenLater();
      });
    });
  }
}
