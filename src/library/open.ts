// trueup inside a program: the same accounts, journal, lock and latch as `trueup run`, in this process and without a port.
import { givenLotMove, givenNote } from "../api/holding-requests.ts";
import { type AccountHost, type DrillReport, GATE_LEASE_MS, type KillAnswer } from "../api/host.ts";
import {
  givenAmendment,
  givenExitClear,
  givenExitPlan,
  givenHandle,
  givenIntent,
  givenReport,
  RequestError,
} from "../api/order-requests.ts";
import { decimal, isActive, type OrderView, orderView, parseDecimal, strategyLots } from "../core/index.ts";
import { type LoadedConfig, loadConfig, loadGiven } from "../daemon/config-file.ts";
import { Daemon } from "../daemon/daemon.ts";
import { CliError, EXIT } from "../daemon/exit.ts";
import type { Parts, Surroundings } from "../daemon/parts.ts";
import { realParts } from "../daemon/real-parts.ts";
import {
  type CommandResult,
  type ExitPlanAnswer,
  type ExitsReport,
  exitsReport,
  type Flattened,
  type FlattenPlan,
  type HeldPosition,
  heldNotes,
  heldPositions,
  type LotMoved,
  type NotesOfPosition,
  type PassReport,
} from "../engine/index.ts";
import { type Log, SILENT } from "../runtime/index.ts";
import type { Venue } from "../venues/index.ts";
import type { TrueupConfig } from "./config.ts";
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

export interface OpenOptions {
  /** The path of a TOML file, or its values. */
  readonly config: string | TrueupConfig;
  /** Where relative paths start: the file's, or those in the values. The working directory unless given. */
  readonly folder?: string;
  /** Where keys are looked for. The process's own unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Serves the API of docs/api.md too, as `[api]` says. Default false. */
  readonly api?: boolean;
  /** Where log events go (docs/events.md). Nowhere unless given. */
  readonly log?: Log;
}

/**
 * Opens every account of a configuration in this process and makes a first pass of each; from then on passes run by
 * themselves, until close(). Only one trueup may be at work on a state folder.
 * @throws TrueupError `config_invalid`, `config_missing`, `state_locked`, those of a journal and of a venue
 * (docs/errors.md).
 */
export function openTrueup(options: OpenOptions): Promise<Trueup> {
  return telling(async () => {
    const { config, api = false, log = SILENT, env = process.env, folder = process.cwd() } = options;
    const io: Surroundings = { env, cwd: folder };
    const venues = new Map<string, Venue>();
    const loaded = typeof config === "string" ? loadConfig(io, config) : given(config, folder, venues);
    const daemon = await Daemon.start({
      parts: withVenues(venues),
      io,
      loaded,
      log,
      hasApi: api,
      isFoundFromFolder: typeof config === "string",
    });
    const isClosed = () => daemon.isEnding;
    return new Handle({
      accounts: daemon.hosts.map((host) => new OwnAccount(host, isClosed)),
      hub: daemon.events,
      close: () => telling(() => daemon.stop()),
    });
  });
}

/** Values have no place for an object with methods: the venue is kept apart under its account's name. */
function given(config: TrueupConfig, folder: string, venues: Map<string, Venue>): LoadedConfig {
  const accounts = Object.entries(config.accounts ?? {}).map(([name, account]) => {
    if (typeof account?.venue !== "object" || account.venue === null) return [name, account];
    venues.set(name, account.venue);
    return [name, { ...account, venue: "own" }];
  });
  return loadGiven({ ...config, accounts: Object.fromEntries(accounts) }, folder);
}

function withVenues(venues: ReadonlyMap<string, Venue>): Parts {
  return {
    ...realParts,
    openVenue: async (config, context) => venues.get(context.account) ?? realParts.openVenue(config, context),
  };
}

class OwnAccount implements Account {
  readonly name: string;
  private readonly host: AccountHost;
  private readonly isClosed: () => boolean;

  constructor(host: AccountHost, isClosed: () => boolean) {
    this.name = host.name;
    this.host = host;
    this.isClosed = isClosed;
  }

  status() {
    return this.tell(() => this.host.status());
  }

  health() {
    return this.tell(() => this.host.health());
  }

  positions(): Promise<readonly HeldPosition[]> {
    return this.tell(async () => heldPositions(await this.host.book()));
  }

  lots({ strategy }: { readonly strategy?: string } = {}): Promise<readonly HeldLot[]> {
    return this.tell(async () => {
      const book = await this.host.book();
      const all = [...book.ledgers.keys()].sort().flatMap((key) => strategyLots(book, key));
      const wanted = all.filter((lot) => strategy === undefined || lot.strategy === strategy);
      return wanted.map((lot) => ({ account: this.name, ...lot }));
    });
  }

  moveLot(move: LotMoveGiven): Promise<LotMoved> {
    return this.tell(() => this.host.moveLot(asked(() => givenLotMove(move))));
  }

  notes(): Promise<readonly NotesOfPosition[]> {
    return this.tell(async () => heldNotes(await this.host.book()));
  }

  setNotes(note: NotesGiven): Promise<NotesOfPosition> {
    return this.tell(() => this.host.note(asked(() => givenNote({ by: BY_DEFAULT, ...note }))));
  }

  gate(): Promise<GateAnswer> {
    return this.tell(() => this.gateNow());
  }

  ask({ instrument, side, qty, leg = "net" }: OrderAsked): Promise<AskAnswer> {
    return this.tell(() => {
      // Without knowing how the bot will flag the order, the quantities alone must show that it reduces.
      const question = { instrument, side, leg, hasReduceOnlyFlag: false };
      const admission = this.host.admit({ ...question, ...(qty !== undefined && { qty: quantity(qty) }) });
      return { account: this.name, ...admission, validUntilMs: leaseEnd() };
    });
  }

  setGate({ set, instrument, reason, by = BY_DEFAULT }: GateChange): Promise<GateAnswer> {
    return this.tell(async () => {
      await this.host.setGate(set, instrument ?? null, reason, by);
      return this.gateNow();
    });
  }

  orders({ all = false }: { readonly all?: boolean } = {}): Promise<readonly OrderView[]> {
    return this.tell(async () =>
      [...(await this.host.book()).orders.values()].filter((order) => all || isActive(order)).map(orderView),
    );
  }

  submit(order: OrderGiven): Promise<CommandResult> {
    return this.tell(() => {
      const { by, asked: given } = asked(() => givenIntent({ by: BY_DEFAULT, ...order }));
      return this.host.submit(given, by);
    });
  }

  amend(change: AmendmentGiven): Promise<CommandResult> {
    return this.tell(() => {
      const { by, asked: given } = asked(() => givenAmendment({ by: BY_DEFAULT, ...change }));
      return this.host.amend(given, by);
    });
  }

  cancel(order: OrderNamed): Promise<CommandResult> {
    return this.tell(() => {
      const { by, asked: given } = asked(() => givenHandle({ by: BY_DEFAULT, ...order }));
      return this.host.cancel(given, by);
    });
  }

  resolve(order: OrderSent): Promise<CommandResult> {
    return this.tell(() => {
      const { by, asked: given } = asked(() => givenReport({ by: BY_DEFAULT, ...order }));
      return this.host.resolve(given, by);
    });
  }

  exits(): Promise<ExitsReport> {
    return this.tell(async () => exitsReport(await this.host.book()));
  }

  setExit(exit: ExitGiven): Promise<ExitPlanAnswer> {
    return this.tell(() => {
      const { by, asked: given } = asked(() => givenExitPlan({ by: BY_DEFAULT, ...exit }));
      return this.host.setExitPlan(given, by);
    });
  }

  clearExit(exit: ExitNamed): Promise<ExitPlanAnswer> {
    return this.tell(() => {
      const { by, asked: given } = asked(() => givenExitClear({ by: BY_DEFAULT, ...exit }));
      return this.host.setExitPlan(given, by);
    });
  }

  check(): Promise<PassReport> {
    return this.tell(() => this.host.check());
  }

  reconcile({ force = false }: { readonly force?: boolean } = {}): Promise<PassReport> {
    return this.tell(() => this.host.reconcile(force));
  }

  kill({ reason, all = false, noExits = false, by = BY_DEFAULT }: KillOrder): Promise<KillAnswer> {
    return this.tell(() => this.host.kill(reason, by, all, noExits));
  }

  drillKill(): Promise<DrillReport> {
    return this.tell(() => this.host.drillKill());
  }

  planFlatten({ instrument }: { readonly instrument?: string } = {}): Promise<FlattenPlan> {
    return this.tell(() => this.host.planFlatten(instrument ?? null));
  }

  flatten({ plan, confirm, by = BY_DEFAULT }: FlattenOrder): Promise<Flattened> {
    return this.tell(() => this.host.flatten(plan, { by, confirm }));
  }

  resume({ reason, confirm, by = BY_DEFAULT }: Release): Promise<boolean> {
    return this.tell(() => {
      if (confirm !== this.name) {
        const text = `to resume, confirm with the account's name ("${this.name}")`;
        throw new CliError(EXIT.usage, "not_confirmed", text);
      }
      return this.host.resume(reason, by);
    });
  }

  private gateNow(): GateAnswer {
    return { account: this.name, ...this.host.status().gate, validUntilMs: leaseEnd() };
  }

  private tell<T>(work: () => T | Promise<T>): Promise<T> {
    return telling(() => {
      if (this.isClosed()) throw closedError();
      return work();
    });
  }
}

function leaseEnd(): number {
  return realParts.runtime.clock.nowMs() + GATE_LEASE_MS;
}

/** A request by the API's own rules. */
function asked<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new CliError(EXIT.usage, "bad_request", error.message, { cause: error });
  }
}

function quantity(text: string) {
  const qty = parseDecimal(text);
  if (qty === undefined)
    throw new CliError(EXIT.usage, "bad_request", `qty: "${text}" is not a decimal number as text`);
  return decimal(qty);
}
