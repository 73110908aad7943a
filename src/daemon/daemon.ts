// The daemon: every account of a configuration in one process, the API beside them, and a clean end. An account
// that cannot be opened, or that stops by an error of ours, is tried again after a while; the others go on meanwhile.
import { realpathSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { Alert, AlertChannel } from "../alerts/index.ts";
import type { AccountHost, DrillReport, KillAnswer } from "../api/index.ts";
import type { AccountConfig } from "../config/index.ts";
import {
  type Admission,
  type AmendIntent,
  type Book,
  emptyBook,
  type GateState,
  type Kill,
  type LotMove,
  type NoteRequest,
  type OrderIntent,
  type OrderQuestion,
} from "../core/index.ts";
import {
  type AccountStatus,
  AccountStopped,
  type Applied,
  accountStatus,
  type CommandResult,
  type Confirmation,
  cancelRisk,
  type ExitPlanAnswer,
  type ExitPlanGiven,
  type Flattened,
  type FlattenGiven,
  type FlattenPlan,
  type HealthDocument,
  healthOf,
  type KillLatch,
  type KillReport,
  type LotMoved,
  NOTHING_CANCELED,
  type NotesOfPosition,
  type OrderHandle,
  type OrderReport,
  type PassReport,
  type Plan,
  type Released,
  type Session,
  stoppedStatus,
  type Undoing,
  unwrittenKillAlert,
} from "../engine/index.ts";
import type { Journal } from "../journal/index.ts";
import type { Log } from "../runtime/index.ts";
import {
  type AccountTrouble,
  isConfigWrong,
  noneOpened,
  REOPEN_MS,
  reasonText,
  tellTrouble,
  troubleOf,
  troubleText,
} from "./account-trouble.ts";
import {
  type AccountPieces,
  checkPieces,
  openPieces,
  openSession,
  planPieces,
  policyOf,
} from "./accounts.ts";
import { refuseUnsafe } from "./checkup.ts";
import { chosenAccounts, type LoadedConfig } from "./config-file.ts";
import { EventHub, eventOf } from "./events.ts";
import { CliError, EXIT } from "./exit.ts";
import { readLatch, removeLatch, setReserveAside, writeLatch } from "./latch.ts";
import type { Parts, Surroundings } from "./parts.ts";
import { loadFlattenPlan, loadPlan, saveFlattenPlan, savePlan } from "./plan-file.ts";
import { announceDaemon, type DaemonFacts, lockState, withdrawDaemon } from "./registry.ts";
import {
  journalFile,
  prepareStateDir,
  readSecret,
  stateDirProblem,
  tokenFile,
  writeSecret,
} from "./state-dir.ts";

/** How often a running account looks for a kill latch. In ms. */
const LATCH_LOOK_MS = 1_000;
const TOKEN_BYTES = 32;
/** Of an account that is being opened. */
const NOT_YET = "it is not open yet; try again";

export interface DaemonOptions {
  readonly parts: Parts;
  readonly io: Surroundings;
  readonly loaded: LoadedConfig;
  readonly log: Log;
  readonly onPass?: (report: PassReport) => void;
  /** Whether the API listens; as the configuration says unless given. */
  readonly hasApi?: boolean;
  /** Whether commands in the folder that it was started from find it without a configuration; true unless given. */
  readonly isFoundFromFolder?: boolean;
}

export class Daemon {
  readonly facts: DaemonFacts;
  readonly hosts: readonly DaemonHost[];
  readonly events: EventHub;
  private readonly closers: (() => void | Promise<void>)[];
  private isStopping = false;

  private constructor(
    facts: DaemonFacts,
    hosts: readonly DaemonHost[],
    events: EventHub,
    closers: (() => void | Promise<void>)[],
  ) {
    this.facts = facts;
    this.hosts = hosts;
    this.events = events;
    this.closers = closers;
  }

  /** Starts everything; what was started is ended again when something fails. */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const { parts, io, loaded, log } = options;
    const closers: (() => void | Promise<void>)[] = [];
    const events = new EventHub(parts.runtime.timers);
    try {
      closers.push(lockState(loaded.stateDir));
      setReserveAside(loaded.stateDir);
      const problem = stateDirProblem(loaded.stateDir);
      if (problem !== undefined) log.event("warn", "state.readable", { stateDir: loaded.stateDir }, problem);
      const journal = await parts.openJournal(journalFile(loaded.stateDir), false);
      closers.push(() => journal.close());
      const hosts: DaemonHost[] = [];
      for (const [name, config] of chosenAccounts(loaded.config, undefined)) {
        const host = new DaemonHost(options, name, config, journal, events);
        closers.push(() => host.stop());
        await host.prepare();
        hosts.push(host);
      }
      refuseWithoutAccounts(hosts);
      const facts = await listen(options, hosts, events, closers);
      const folder = options.isFoundFromFolder === false ? undefined : realpathSync(io.cwd);
      announceDaemon(folder, facts);
      closers.push(() => withdrawDaemon(folder, facts));
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
      refuseWithoutAccounts(hosts);
      await expireRows(journal, loaded, parts);
      return new Daemon(facts, hosts, events, closers);
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  get isEnding(): boolean {
    return this.isStopping;
  }

  /** Ends cleanly: accounts first, then the API, the journal, the lock. */
  async stop(): Promise<void> {
    if (this.isStopping) return;
    this.isStopping = true;
    await closeAll(this.closers);
  }
}

/** @throws CliError when not one account could be opened: a daemon that can do nothing must not look alive. */
function refuseWithoutAccounts(hosts: readonly DaemonHost[]): void {
  const troubles = hosts.flatMap(({ unopened }) => (unopened ? [unopened] : []));
  if (troubles.length > 0 && troubles.length === hosts.length) throw noneOpened(troubles);
}

async function closeAll(closers: readonly (() => void | Promise<void>)[]): Promise<void> {
  for (const close of [...closers].reverse()) await close();
}

async function listen(
  { parts, loaded, log, hasApi = loaded.config.api.enabled }: DaemonOptions,
  hosts: readonly AccountHost[],
  events: EventHub,
  closers: (() => void | Promise<void>)[],
): Promise<DaemonFacts> {
  const { host, port } = loaded.config.api;
  const facts = {
    pid: process.pid,
    config: loaded.file,
    stateDir: loaded.stateDir,
    version: parts.version,
    startedAtMs: parts.runtime.clock.nowMs(),
  };
  if (!hasApi) return { ...facts, url: null };
  const { createApi } = await parts.api();
  const token = ensureToken(parts, loaded.stateDir);
  const app = createApi({
    hosts,
    token,
    log,
    nowMs: () => parts.runtime.clock.nowMs(),
    version: parts.version,
    events: (listener) => events.listen(listener),
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

interface Killing {
  readonly session: Session;
  /** What was asked for, by whom and why. */
  readonly word: Omit<KillLatch, "atMs">;
  readonly answer: Promise<KillAnswer>;
}

/** One account as the daemon runs it. */
export class DaemonHost implements AccountHost {
  readonly name: string;
  private readonly config: AccountConfig;
  private readonly options: DaemonOptions;
  private readonly journal: Journal;
  private pieces: AccountPieces | undefined;
  private readonly events: EventHub;
  private current: Session | undefined;
  /** Why it is not at work; undefined while it is. */
  private trouble: AccountTrouble | undefined;
  /** What people were told last, so that the same is not told at every try. */
  private toldReason: string | undefined;
  /** Whether it has ever been at work in this process. */
  private hasRun = false;
  /** The kill of a session that is no more. */
  private kept: Kill | null = null;
  /** What the last session knew. */
  private lastBook: Book | undefined;
  /** Not before this does a stopped account under a latch cancel again by itself, monotonic ms. */
  private cancelAgainMs = 0;
  /** The kill that is being carried out. */
  private killing: Killing | undefined;
  private cancelReopen: (() => void) | undefined;
  private cancelLook: (() => void) | undefined;
  private isStopping = false;
  private hasLooked = false;

  constructor(
    options: DaemonOptions,
    name: string,
    config: AccountConfig,
    journal: Journal,
    events: EventHub,
  ) {
    this.options = options;
    this.name = name;
    this.config = config;
    this.events = events;
    this.journal = journal;
  }

  /** Why it has not been at work in this process; undefined once it was. */
  get unopened(): AccountTrouble | undefined {
    return this.trouble?.wasOpen === false ? this.trouble : undefined;
  }

  /** Opens the venue and the mirrors; nothing is asked of them yet. @throws CliError 78 for a wrong configuration. */
  async prepare(): Promise<void> {
    try {
      await this.openPieces();
    } catch (error) {
      if (isConfigWrong(error)) throw error;
      this.failed(error);
    }
  }

  /** Resolves after the first pass, or when it is known why there is none. */
  async start(): Promise<void> {
    this.lookForLatch();
    if (this.trouble === undefined) await this.open();
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.cancelReopen?.();
    this.cancelLook?.();
    await this.current?.stop();
    await this.pieces?.venue.close?.();
  }

  private async openPieces(): Promise<AccountPieces> {
    const { parts, io, loaded } = this.options;
    this.pieces ??= await openPieces(parts, io, loaded, this.name, this.config);
    return this.pieces;
  }

  private async open(): Promise<void> {
    try {
      await this.openSession();
    } catch (error) {
      this.failed(error);
    }
  }

  private async openSession(): Promise<void> {
    const { parts, loaded, log, onPass } = this.options;
    const pieces = await this.openPieces();
    await this.lookAtConnection(pieces);
    const session = await openSession(parts, loaded, pieces, this.journal, {
      log,
      onPass: (report) => {
        onPass?.(report);
        this.events.publish({ kind: "pass", account: this.name, atMs: report.finishedAtMs, report });
      },
      onRecord: (record) => {
        const event = eventOf(record);
        if (event) this.events.publish(event);
      },
      onFailure: (error) => this.stopped(error),
    });
    if (this.isStopping) return;
    this.trouble = undefined;
    this.current = session;
    this.lastBook = session.book;
    await session.start({ bootPass: true, timers: true }).catch((error: unknown) => {
      // The session has logged it and stopped; it is opened again later.
      if (!session.hasStopped) throw error;
    });
    if (session.hasStopped) return;
    this.hasRun = true;
    this.toldReason = undefined;
    // The latch is in the journal now.
    if (session.book.kill) removeLatch(loaded.stateDir, this.name);
  }

  /** Once in a process, and never before a kill: what is to be cancelled does not wait for a look at the key. */
  private async lookAtConnection({ venue }: AccountPieces): Promise<void> {
    if (this.hasLooked) return;
    const { parts, loaded } = this.options;
    if (readLatch(loaded.stateDir, this.name) !== null) return;
    const mayWithdraw = this.config.key_may_withdraw;
    await refuseUnsafe({ venue, runtime: parts.runtime, mayWithdraw });
    this.hasLooked = true;
  }

  /** It could not be opened. */
  private failed(error: unknown): void {
    this.kept = this.current?.book.kill ?? this.kept;
    this.current = undefined;
    const trouble = this.noteTrouble(error, this.hasRun);
    const { code } = trouble;
    this.options.log.event("error", "account.failed", { account: this.name, code }, troubleText(trouble));
    this.alert(trouble);
    this.reopenLater(trouble);
  }

  /** Its session, which has logged why, stopped by itself. */
  private stopped(error: Error): void {
    const trouble = this.noteTrouble(error, true);
    this.alert(trouble);
    this.reopenLater(trouble);
  }

  private noteTrouble(error: unknown, wasOpen: boolean): AccountTrouble {
    const nowMs = this.options.parts.runtime.clock.nowMs();
    const reason = error instanceof Error ? error.message : String(error);
    this.events.publish({ kind: "stopped", account: this.name, atMs: nowMs, reason });
    this.trouble = troubleOf(this.name, error, { wasOpen, nowMs });
    return this.trouble;
  }

  /** Every try is logged; people are told once of the same trouble. */
  private alert(trouble: AccountTrouble): void {
    if (this.toldReason === trouble.reason) return;
    this.toldReason = trouble.reason;
    this.toPeople("gate_closed", (channels, undelivered) => tellTrouble(trouble, channels, undelivered));
  }

  /** Past the journal, which does not take it. */
  private toPeople(
    kind: Alert["kind"],
    tell: (
      channels: readonly AlertChannel[],
      onUndelivered: (channel: string, error: unknown) => void,
    ) => void,
  ): void {
    const { parts, log } = this.options;
    const undelivered = (channel: string, error: unknown) =>
      log.event(
        "error",
        "alert.raised",
        { account: this.name, kind, channel },
        `not delivered by ${channel}: ${String(error)}`,
      );
    parts.alertChannels(log).then(
      (channels) => tell(channels, undelivered),
      (error: unknown) => undelivered("all channels", error),
    );
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
    const venue = this.config.venue;
    if (!session) {
      const latch = readLatch(loaded.stateDir, this.name);
      const kill = this.current?.book.kill ?? this.kept ?? latch;
      const sinceMs = this.trouble?.sinceMs ?? nowMs;
      return stoppedStatus({ account: this.name, venue, text: this.stoppedText(), kill, sinceMs });
    }
    const { book, tail } = session;
    const { intervalMs, exits } = policyOf(loaded, this.config);
    const feed = session.prices.report();
    return accountStatus({
      book,
      tail,
      venue,
      intervalMs,
      nowMs,
      isLive: true,
      feed,
      deadMan: session.deadManReport,
      areExitsWatched: exits !== null,
    });
  }

  health(): HealthDocument {
    return healthOf(this.status(), this.session()?.book ?? null);
  }

  async check(): Promise<PassReport> {
    // Where only the session has stopped, the venue can still be compared with what the journal says.
    if (!this.pieces || !this.current) throw this.stoppedError();
    return checkPieces(this.options.parts, this.pieces, this.journal);
  }

  async reconcile(isForced: boolean): Promise<PassReport> {
    return this.live().pass("operator", isForced);
  }

  /** Kept in the state folder, where `apply` finds it by its id. */
  async plan(copies: readonly string[] | null): Promise<Plan> {
    const { parts, loaded } = this.options;
    if (!this.pieces || !this.current) throw this.stoppedError();
    const plan = await planPieces(parts, this.pieces, this.journal, copies);
    savePlan(loaded.stateDir, plan, parts.runtime.clock.nowMs());
    return plan;
  }

  async apply(planId: string, given: Confirmation): Promise<Applied> {
    return this.live().apply(loadPlan(this.options.loaded.stateDir, planId), given);
  }

  async planFlatten(instrument: string | null): Promise<FlattenPlan> {
    const { parts, loaded } = this.options;
    const plan = await this.live().planFlatten(instrument);
    saveFlattenPlan(loaded.stateDir, plan, parts.runtime.clock.nowMs());
    return plan;
  }

  async flatten(planId: string, given: FlattenGiven): Promise<Flattened> {
    return this.live().flatten(loadFlattenPlan(this.options.loaded.stateDir, planId), given);
  }

  async undo(repairId: string, by: string): Promise<Undoing> {
    return this.live().undo(repairId, by);
  }

  async release(repairId: string, by: string): Promise<Released> {
    return this.live().release(repairId, by);
  }

  async moveLot(move: LotMove): Promise<LotMoved> {
    return this.live().moveLot(move);
  }

  async note(request: NoteRequest): Promise<NotesOfPosition> {
    return this.live().note(request);
  }

  /** Latched in a file first: whatever happens to the journal or the session, the next boot is killed. */
  async kill(reason: string, by: string, isAll: boolean, isNoExits = false): Promise<KillAnswer> {
    const { loaded, parts } = this.options;
    writeLatch(loaded.stateDir, this.name, {
      reason,
      by,
      isAll,
      ...(isNoExits && { isNoExits }),
      atMs: parts.runtime.clock.nowMs(),
    });
    return this.takeUpLatch(true);
  }

  async drillKill(): Promise<DrillReport> {
    const { rehearseKill } = await import("./kill-drill.ts");
    return rehearseKill({ runtime: this.options.parts.runtime });
  }

  async resume(reason: string, by: string): Promise<boolean> {
    return this.live().resume(reason, by);
  }

  async submit(intent: OrderIntent, by: string): Promise<CommandResult> {
    return this.live().submit(intent, by);
  }

  async amend(intent: AmendIntent, by: string): Promise<CommandResult> {
    return this.live().amend(intent, by);
  }

  async cancel(handle: OrderHandle, by: string): Promise<CommandResult> {
    return this.live().cancel(handle, by);
  }

  async resolve(report: OrderReport, by: string): Promise<CommandResult> {
    return this.live().resolve(report, by);
  }

  async setExitPlan(given: ExitPlanGiven, by: string): Promise<ExitPlanAnswer> {
    return this.live().setExitPlan(given, by);
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
    throw this.stoppedError();
  }

  private stoppedError(): AccountStopped {
    const options = this.trouble && { cause: this.trouble.error };
    return new AccountStopped(this.name, this.trouble ? reasonText(this.trouble) : NOT_YET, options);
  }

  private stoppedText(): string {
    return this.trouble ? troubleText(this.trouble) : `account ${this.name}: ${NOT_YET}`;
  }

  /** Looks again and again for a kill that was asked for past the API. */
  private lookForLatch(): void {
    this.cancelLook?.();
    if (this.isStopping) return;
    this.cancelLook = this.options.parts.runtime.timers.after(LATCH_LOOK_MS, () => {
      this.takeUpLatch(false).then(
        () => this.lookForLatch(),
        (error: unknown) => {
          this.options.log.event("error", "account.failed", { account: this.name }, `kill: ${String(error)}`);
          this.lookForLatch();
        },
      );
    });
  }

  /** @param isAsked Whether somebody asks right now; else a stopped account is seen to only now and then. */
  private async takeUpLatch(isAsked: boolean): Promise<KillAnswer> {
    const { stateDir } = this.options.loaded;
    const latch = readLatch(stateDir, this.name);
    if (!latch) return { isEngaged: false, ...NOTHING_CANCELED };
    const session = this.session();
    if (!session) return this.cancelStopped(latch, isAsked);
    const { atMs: _atMs, ...word } = latch;
    const under = this.killing;
    // A person's command writes the latch and calls as well, and it is looked for meanwhile: one kill, not two.
    if (under?.session === session && isDeepStrictEqual(under.word, word)) return under.answer;
    const answer = this.killBy(session, latch).finally(() => {
      if (this.killing?.answer === answer) this.killing = undefined;
    });
    this.killing = { session, word, answer };
    return answer;
  }

  private async killBy(session: Session, latch: KillLatch): Promise<KillAnswer> {
    const answer = await session.kill(latch.reason, latch.by, latch.isAll, latch.isNoExits);
    // Where the session stopped over it the latch stays: the account opens again killed.
    if (answer.isEngaged) removeLatch(this.options.loaded.stateDir, this.name);
    else this.tellUnwritten(latch, answer);
    return answer;
  }

  /** No session is at work: what it knew last, and what the venue lists, is cancelled all the same. */
  private async cancelStopped(latch: KillLatch, isAsked: boolean): Promise<KillAnswer> {
    const { runtime } = this.options.parts;
    const nowMs = runtime.clock.monotonicMs();
    const nothing = { isEngaged: false, ...NOTHING_CANCELED };
    // While it is being opened the session does it, as its first act.
    if (!this.pieces || !this.trouble || (!isAsked && nowMs < this.cancelAgainMs)) return nothing;
    this.cancelAgainMs = nowMs + REOPEN_MS;
    const { venue } = this.pieces;
    const book = this.lastBook ?? emptyBook(this.name);
    const report = await cancelRisk({ book, venue, runtime, isAll: latch.isAll, isReading: true });
    if (isAsked) this.tellUnwritten(latch, report);
    return { isEngaged: false, ...report };
  }

  private tellUnwritten(latch: KillLatch, report: KillReport): void {
    const alert = { account: this.name, ...unwrittenKillAlert(latch, report), atMs: latch.atMs };
    this.toPeople("killed", (channels, undelivered) => {
      for (const { name, send } of channels) {
        send(alert).catch((error: unknown) => undelivered(name, error));
      }
    });
  }

  private reopenLater({ mayRetry }: AccountTrouble): void {
    this.cancelReopen?.();
    if (this.isStopping || !mayRetry) return;
    this.cancelReopen = this.options.parts.runtime.timers.after(REOPEN_MS, () => void this.open());
  }
}
