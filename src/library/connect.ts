// trueup beside a program: a daemon that runs on this machine, over its API, with the token of its state folder.
import { resolve } from "node:path";
import type { DrillReport, KillAnswer } from "../api/host.ts";
import type { OrderView } from "../core/index.ts";
import { type DaemonClient, daemonClient } from "../daemon/daemon-client.ts";
import { EventHub, type TrueupEvent } from "../daemon/events.ts";
import { CliError, EXIT } from "../daemon/exit.ts";
import type {
  AccountStatus,
  CommandResult,
  ExitPlanAnswer,
  ExitsReport,
  Flattened,
  FlattenPlan,
  HealthDocument,
  HeldPosition,
  LotMoved,
  NotesOfPosition,
  PassReport,
} from "../engine/index.ts";
import { realRuntime } from "../runtime/real.ts";
import { closedError, telling } from "./errors.ts";
import { Handle } from "./handle.ts";
import {
  type Account,
  type AmendmentGiven,
  type AskAnswer,
  BY_DEFAULT,
  type ExitGiven,
  type ExitNamed,
  type FlattenOrder,
  type GateAnswer,
  type GateChange,
  type HeldLot,
  type KillOrder,
  type LotMoveGiven,
  type NotesGiven,
  type OrderAsked,
  type OrderGiven,
  type OrderNamed,
  type OrderSent,
  type Release,
  type Trueup,
} from "./trueup.ts";

export interface ConnectOptions {
  /** The state folder of the daemon: `state_dir` of its configuration. */
  readonly stateDir: string;
}

/** Pause before a broken stream of events is connected again. In ms. */
const RECONNECT_MS = 1_000;

/**
 * Connects to the daemon of a state folder. Whoever may read that folder may do this.
 * @throws TrueupError `no_daemon`, `daemon_without_api`, `token_missing`, `secret_readable`, `daemon_unreachable`
 */
export function connectTrueup({ stateDir }: ConnectOptions): Promise<Trueup> {
  return telling(async () => {
    const daemon = new Connection(resolve(stateDir));
    const { accounts } = await daemon.get<{ accounts: readonly AccountStatus[] }>("/v1/status");
    const hub = new EventHub(realRuntime.timers);
    const ending = new AbortController();
    await followEvents(daemon, hub, ending.signal);
    return new Handle({
      accounts: accounts.map(({ account }) => new ConnectedAccount(account, daemon)),
      hub,
      close: async () => {
        daemon.close();
        ending.abort();
      },
    });
  });
}

/** The daemon as it is now: after a restart it listens elsewhere. */
class Connection {
  private readonly stateDir: string;
  private isClosed = false;

  constructor(stateDir: string) {
    this.stateDir = stateDir;
  }

  get<T>(path: string): Promise<T> {
    return telling(() => this.client().get<T>(path));
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return telling(() => this.client().post<T>(path, body));
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return telling(() => this.client().put<T>(path, body));
  }

  client(): DaemonClient {
    if (this.isClosed) throw closedError();
    const client = daemonClient(this.stateDir);
    if (client) return client;
    const text = `no daemon is at work on ${this.stateDir}; start it with "trueup run"`;
    throw new CliError(EXIT.daemon, "no_daemon", text);
  }

  close(): void {
    this.isClosed = true;
  }
}

/**
 * Publishes the daemon's events until the signal: a gap when the connection breaks, and another when it stands again,
 * which is the moment to read the state afresh. Resolves when the first connection stands, or did not come about.
 */
function followEvents(daemon: Connection, hub: EventHub, signal: AbortSignal): Promise<void> {
  return new Promise((settle) => {
    let isBroken = false;
    const gap = (reason: string) =>
      hub.publish({ kind: "gap", account: "", atMs: realRuntime.clock.nowMs(), reason });
    const onConnected = () => {
      if (isBroken) gap("connected to the daemon again; read the state afresh");
      isBroken = false;
      settle();
    };
    const again = (reason: string) => {
      settle();
      if (signal.aborted) return;
      if (!isBroken) gap(reason);
      isBroken = true;
      const cancel = realRuntime.timers.after(RECONNECT_MS, () => {
        signal.removeEventListener("abort", cancel);
        follow();
      });
      signal.addEventListener("abort", cancel);
    };
    const tell = (event: unknown) => hub.publish(event as TrueupEvent);
    const follow = () => {
      telling(() => daemon.client().stream("/v1/events", { signal, tell, onConnected })).then(
        () => again("the connection to the daemon broke; events are lost until it stands again"),
        (error: Error) => again(error.message),
      );
    };
    follow();
  });
}

class ConnectedAccount implements Account {
  readonly name: string;
  private readonly daemon: Connection;

  constructor(name: string, daemon: Connection) {
    this.name = name;
    this.daemon = daemon;
  }

  status(): Promise<AccountStatus> {
    return this.own("/v1/status");
  }

  health(): Promise<HealthDocument> {
    return this.own("/v1/health");
  }

  async positions(): Promise<readonly HeldPosition[]> {
    const answer = await this.daemon.get<{ positions: HeldPosition[] }>(`/v1/positions${this.query}`);
    return answer.positions;
  }

  async lots({ strategy }: { readonly strategy?: string } = {}): Promise<readonly HeldLot[]> {
    const which = strategy === undefined ? "" : `&strategy=${encodeURIComponent(strategy)}`;
    return (await this.daemon.get<{ lots: HeldLot[] }>(`/v1/lots${this.query}${which}`)).lots;
  }

  moveLot(move: LotMoveGiven): Promise<LotMoved> {
    return this.daemon.post("/v1/positions/attribute", { ...move, account: this.name });
  }

  async notes(): Promise<readonly NotesOfPosition[]> {
    return (await this.daemon.get<{ notes: NotesOfPosition[] }>(`/v1/notes${this.query}`)).notes;
  }

  setNotes(note: NotesGiven): Promise<NotesOfPosition> {
    return this.daemon.put("/v1/notes", { by: BY_DEFAULT, ...note, account: this.name });
  }

  async gate(): Promise<GateAnswer> {
    const answer = await this.daemon.get<{ accounts: GateAnswer[]; validUntilMs: number }>(
      `/v1/gate${this.query}`,
    );
    return { ...only(answer.accounts), validUntilMs: answer.validUntilMs };
  }

  ask(order: OrderAsked): Promise<AskAnswer> {
    return this.daemon.post("/v1/gate/ask", { account: this.name, ...order });
  }

  async setGate({ by = BY_DEFAULT, ...change }: GateChange): Promise<GateAnswer> {
    await this.daemon.post("/v1/gate", { account: this.name, ...change, by });
    return this.gate();
  }

  async orders({ all = false }: { readonly all?: boolean } = {}): Promise<readonly OrderView[]> {
    return (await this.daemon.get<{ orders: OrderView[] }>(`/v1/orders${this.query}&all=${all}`)).orders;
  }

  submit(order: OrderGiven): Promise<CommandResult> {
    return this.command("/v1/orders", order);
  }

  amend(change: AmendmentGiven): Promise<CommandResult> {
    return this.command("/v1/orders/amend", change);
  }

  cancel(order: OrderNamed): Promise<CommandResult> {
    return this.command("/v1/orders/cancel", order);
  }

  resolve(order: OrderSent): Promise<CommandResult> {
    return this.command("/v1/orders/resolve", order);
  }

  exits(): Promise<ExitsReport> {
    return this.daemon.get(`/v1/exits${this.query}`);
  }

  setExit(exit: ExitGiven): Promise<ExitPlanAnswer> {
    return this.daemon.post("/v1/exits/set", { by: BY_DEFAULT, ...exit, account: this.name });
  }

  clearExit(exit: ExitNamed): Promise<ExitPlanAnswer> {
    return this.daemon.post("/v1/exits/clear", { by: BY_DEFAULT, ...exit, account: this.name });
  }

  check(): Promise<PassReport> {
    return this.pass("/v1/check", {});
  }

  reconcile({ force = false }: { readonly force?: boolean } = {}): Promise<PassReport> {
    return this.pass("/v1/reconcile", { force });
  }

  async kill({ by = BY_DEFAULT, ...order }: KillOrder): Promise<KillAnswer> {
    const body = { account: this.name, ...order, by };
    const answer = await this.daemon.post<{ accounts: (KillAnswer & { account: string })[] }>(
      "/v1/kill",
      body,
    );
    const { account: _, ...killed } = only(answer.accounts);
    return killed;
  }

  drillKill(): Promise<DrillReport> {
    return this.daemon.post("/v1/kill/drill", { account: this.name });
  }

  planFlatten({ instrument }: { readonly instrument?: string } = {}): Promise<FlattenPlan> {
    const body = { account: this.name, ...(instrument !== undefined && { instrument }) };
    return this.daemon.post("/v1/flatten/plan", body);
  }

  flatten({ by = BY_DEFAULT, ...given }: FlattenOrder): Promise<Flattened> {
    return this.daemon.post("/v1/flatten", { account: this.name, ...given, by });
  }

  async resume({ by = BY_DEFAULT, ...release }: Release): Promise<boolean> {
    const body = { account: this.name, ...release, by };
    return (await this.daemon.post<{ wasKilled: boolean }>("/v1/resume", body)).wasKilled;
  }

  private async command(path: string, given: object): Promise<CommandResult> {
    const body = { by: BY_DEFAULT, ...given, account: this.name };
    const { account: _, ...result } = await this.daemon.post<CommandResult & { account: string }>(path, body);
    return result;
  }

  private get query(): string {
    return `?account=${encodeURIComponent(this.name)}`;
  }

  private async own<T>(path: string): Promise<T> {
    return only((await this.daemon.get<{ accounts: T[] }>(path + this.query)).accounts);
  }

  private async pass(path: string, body: object): Promise<PassReport> {
    const answer = await this.daemon.post<{ passes: PassReport[] }>(path, { account: this.name, ...body });
    return only(answer.passes);
  }
}

/** One account was asked for. */
function only<T>([first]: readonly T[]): T {
  if (first !== undefined) return first;
  throw new CliError(EXIT.unexpected, "daemon_error", "the daemon's answer has no account in it");
}
