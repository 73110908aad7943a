// Runs one scenario on the real engine: a scripted venue, mirrors in memory, a journal in memory and a clock that
// moves only when the scenario says so.

import { exitsFrom, policyFrom } from "../../config/index.ts";
import {
  CAPABILITIES_DEFAULT,
  type Capabilities,
  type ExitPlan,
  type Instrument,
  instrumentOf,
  type JournalRecord,
  type OrderIntent,
  type OrderLookup,
  type PassRecord,
  type PositionLookup,
  positionKey,
  type Summary,
  UNATTRIBUTED,
  UNLIMITED,
} from "../../core/index.ts";
import { AccountWriter, type OrderHandle, restoreBook, Session } from "../../engine/index.ts";
import { MemoryJournal } from "../../journal/memory/index.ts";
import { MemoryMirror } from "../../mirrors/memory/index.ts";
import { SILENT } from "../../runtime/index.ts";
import { type Script, ScriptedVenue } from "../../venues/scripted/index.ts";
import { VirtualRuntime } from "../virtual-runtime.ts";
import { type Failure, failuresOf } from "./expect.ts";
import { type Final, finalState } from "./final.ts";
import { spellIntents } from "./intents.ts";
import { fillRow, mirrorRow, orderRow, positionRow } from "./rows.ts";
import type { Scenario, ScenarioStep, ScenarioVenue } from "./schema.ts";
import { seed } from "./seed.ts";

const HOUR_MS = 3_600_000;
/** Where the clock starts when the file has no timestamp: 2026-01-01T00:00Z. */
const START_MS = Date.UTC(2026, 0, 1);
const OPERATOR = "scenario";
/** While the venue is waited for, time goes by in steps of so much, and as often as this at most. In ms. */
const WAIT_STEP_MS = 250;
const WAIT_STEPS_MAX = 1_000;
const TURNS = 500;

export interface ScenarioResult {
  readonly id: string;
  readonly passed: boolean;
  readonly failures: readonly Failure[];
  readonly final: Final;
  readonly passes: readonly PassRecord[];
  readonly journal: readonly JournalRecord[];
}

export async function runScenario(scenario: Scenario): Promise<ScenarioResult> {
  const world = new World(spellIntents(scenario));
  return world.run();
}

class World {
  private readonly scenario: Scenario;
  private readonly runtime: VirtualRuntime;
  private readonly journal = new MemoryJournal();
  private readonly venue: ScriptedVenue;
  private readonly mirrors: readonly MemoryMirror[];
  private readonly instruments: ReadonlyMap<string, Instrument>;
  private readonly fillsMs: number;
  private readonly passes: PassRecord[] = [];
  private readonly problems: Error[] = [];
  private session: Session | undefined;
  private seededSeq = 0;
  private lastSummaries: readonly Summary[] = [];
  private isFlattened: boolean | undefined;
  private followed: readonly string[] = [];

  constructor(scenario: Scenario) {
    const { account, mirrors } = scenario;
    const newest = newestTimestamp(scenario);
    const startMs = newest === undefined ? START_MS : newest + HOUR_MS;
    this.scenario = scenario;
    this.fillsMs = startMs - HOUR_MS;
    this.runtime = new VirtualRuntime(startMs);
    this.instruments = new Map(
      Object.entries(account.instruments).map(([symbol, stated]) => [
        symbol,
        instrumentOf(symbol, defined(stated)),
      ]),
    );
    this.venue = new ScriptedVenue(
      { positionLookups: new Map(), orderLookups: new Map(), ...this.scriptOf(scenario.venue) },
      capabilitiesOf(scenario),
      this.instruments,
      account.feed,
    );
    this.mirrors = mirrors.map(
      ({ name, rows, scope, add, demandsVenueReference }) =>
        new MemoryMirror({
          name,
          rows: rows.map((row) => mirrorRow(row, account.mode)),
          ...(scope?.startsWith("strategy:") && { scope: { type: "strategy", strategy: scope.slice(9) } }),
          ...(add !== undefined && { mayAdd: add }),
          ...(demandsVenueReference !== undefined && { demandsVenueReference }),
        }),
    );
  }

  async run(): Promise<ScenarioResult> {
    const { scenario, journal } = this;
    const book = await restoreBook(journal, scenario.id);
    const writer = new AccountWriter(book, journal, this.runtime.clock);
    await seed(scenario, writer, this.instruments, this.runtime.clock.nowMs(), this.fillsMs);
    this.seededSeq = book.seq;
    await this.open(false);
    for (const step of scenario.steps) {
      await this.step(step);
      // What the step woke runs before the next one.
      await this.advance(0);
    }
    this.followed = this.venue.followed;
    await this.current.stop();
    return this.result();
  }

  private get current(): Session {
    if (!this.session) throw new Error("the scenario has no session");
    return this.session;
  }

  private async open(isRestart: boolean): Promise<void> {
    const { mode = "executor", observe, strategies, exits, ...text } = this.scenario.policy ?? {};
    const limits = mode === "executor" ? { limits: UNLIMITED } : {};
    const owned = exits === undefined ? {} : { exits: exitsFrom(exits, mode) };
    const choices = { mode, observe, strategies, ...limits, ...owned };
    this.session = await Session.open({
      account: this.scenario.id,
      journal: this.journal,
      venue: this.venue,
      mirrors: this.mirrors,
      policy: policyFrom([text], choices),
      positionMode: this.scenario.account.mode,
      runtime: this.runtime,
      log: SILENT,
      onPass: ({ record }) => {
        this.passes.push(record);
        this.lastSummaries = record.summaries;
      },
      onFailure: (error) => this.problems.push(error),
    });
    await this.session.start({ bootPass: isRestart, timers: true });
  }

  private async step(step: ScenarioStep): Promise<void> {
    if ("pass" in step) await this.current.pass("operator", step.pass.force ?? false);
    else if ("venue" in step) this.venue.report(this.scriptOf(step.venue));
    else if ("afterOrders" in step)
      this.venue.reportAfterOrders(step.afterOrders.map((one) => this.scriptOf(one)));
    else if ("stream" in step) this.stream(step.stream);
    else if ("command" in step) await this.command(step.command);
    else if ("exits" in step) await this.setExits(step.exits.set);
    else if ("price" in step) this.current.price(step.price.instrument, step.price.last);
    else if ("advanceMs" in step) await this.advance(step.advanceMs);
    else if ("restart" in step) await this.restart();
    else if ("kill" in step) await this.kill(step.kill);
    else if ("resume" in step) await this.current.resume(step.resume.reason, OPERATOR);
    else await this.gate(step.gate);
  }

  private async gate({
    set,
    instrument,
    reason,
  }: Extract<ScenarioStep, { gate: unknown }>["gate"]): Promise<void> {
    if (set === "killed") await this.current.kill(reason ?? "scenario", OPERATOR, false);
    else await this.current.setGate(set, instrument ?? null, reason ?? "scenario", OPERATOR);
  }

  private async kill({
    reason,
    all,
    flatten,
  }: Extract<ScenarioStep, { kill: unknown }>["kill"]): Promise<void> {
    await this.current.kill(reason, OPERATOR, all ?? false);
    if (flatten !== true) return;
    const { id } = this.scenario;
    const plan = await this.current.planFlatten(null);
    const { isFlat } = await this.meanwhile(this.current.flatten(plan, { by: OPERATOR, confirm: id }));
    this.isFlattened = isFlat;
  }

  private async command(command: Extract<ScenarioStep, { command: unknown }>["command"]): Promise<void> {
    const { outcome: kind = "accepted", reached: hasReached = kind !== "rejected" } = command;
    this.venue.answerNext({ kind, hasReached });
    if ("cancel" in command) {
      await this.current.cancel(defined(command.cancel) as OrderHandle, OPERATOR);
      return;
    }
    const { exit, ...order } = command.submit;
    const intent = {
      leg: "net" as const,
      type: "market" as const,
      timeInForce: "gtc" as const,
      reduceOnly: false,
      strategy: UNATTRIBUTED,
      ...defined(order),
      ...(exit && { exit: defined(exit) as ExitPlan }),
    };
    await this.current.submit(intent as OrderIntent, OPERATOR);
  }

  private async setExits(set: Extract<ScenarioStep, { exits: unknown }>["exits"]["set"]): Promise<void> {
    const { instrument, leg = "net", strategy = null } = set;
    const plan = set.plan === null || set.plan === "none" ? set.plan : (defined(set.plan) as ExitPlan);
    const { reason } = await this.current.setExitPlan({ instrument, leg, strategy, plan }, OPERATOR);
    if (reason !== null) this.problems.push(new Error(`exits.set was refused: ${reason}`));
  }

  /** Lets time go by while something waits for the venue. */
  private async meanwhile<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const watched = work.finally(() => {
      isOver = true;
    });
    watched.catch(() => undefined);
    for (let step = 0; step < WAIT_STEPS_MAX; step += 1) {
      await turns();
      if (isOver) break;
      await this.runtime.advance(WAIT_STEP_MS, turns);
    }
    return watched;
  }

  private stream(message: Extract<ScenarioStep, { stream: unknown }>["stream"]): void {
    if ("fill" in message) this.venue.emit({ kind: "fill", fill: fillRow(message.fill, 0, this.fillsMs) });
    else if ("order" in message) this.venue.emit({ kind: "order", order: orderRow(message.order) });
    else this.venue.emit({ kind: "gap", reason: typeof message.gap === "string" ? message.gap : "gap" });
  }

  private async advance(byMs: number): Promise<void> {
    await this.runtime.advance(byMs, () => this.current.whenIdle());
  }

  /** The process dies without a word and comes back from its journal. */
  private async restart(): Promise<void> {
    await this.current.whenIdle();
    this.runtime.clear();
    await this.open(true);
  }

  private async result(): Promise<ScenarioResult> {
    const { scenario, journal } = this;
    const records = await journal.read(scenario.id, 0, Number.MAX_SAFE_INTEGER);
    const after = records.filter(({ seq }) => seq > this.seededSeq);
    const mirrors = await Promise.all(
      this.mirrors.map(async (mirror) => ({ name: mirror.name, rows: (await mirror.read()).rows })),
    );
    const final = finalState(this.current.book, after, mirrors);
    const { isFlattened = false, lastSummaries, venue } = this;
    const ending = {
      final,
      records: after,
      lastSummaries,
      submitted: venue.submitted,
      followed: this.followed,
      isFlattened,
    };
    const stopped = this.problems.map((error) => ({
      path: "engine",
      expected: "a session that goes on",
      actual: error.message,
    }));
    const failures = [...stopped, ...failuresOf(scenario.expect, ending)];
    return {
      id: scenario.id,
      passed: failures.length === 0,
      failures,
      final,
      passes: this.passes,
      journal: records,
    };
  }

  private scriptOf(venue: ScenarioVenue): Partial<Script> {
    const { mode } = this.scenario.account;
    const { positions, orders, fills, balances, totals, lookups } = venue;
    const problem = (section: { quality: string; problem?: string | undefined }) =>
      section.quality === "complete"
        ? {}
        : { problem: section.problem ?? `the venue's answer is ${section.quality}` };
    return {
      ...(positions && {
        positions: {
          quality: positions.quality,
          rows: positions.rows.map((row) => positionRow(row, mode)),
          ...problem(positions),
        },
      }),
      ...(orders && {
        orders: { quality: orders.quality, rows: orders.rows.map(orderRow), ...problem(orders) },
      }),
      ...(fills && {
        fills: {
          quality: fills.quality,
          rows: fills.rows.map((row, index) => fillRow(row, index, this.fillsMs)),
          ...problem(fills),
        },
      }),
      ...(balances && {
        balances: {
          quality: balances.quality,
          rows: balances.rows.map(({ free, ...row }) => ({ ...row, ...(free !== undefined && { free }) })),
          ...problem(balances),
        },
      }),
      ...(totals && { totals: { quality: "complete", positionValue: totals.positionValue } }),
      ...(lookups && lookupsOf(lookups, mode)),
    };
  }
}

/** What needs no time has come to rest after these: nothing here waits for anything real. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
}

function capabilitiesOf({ capabilities = {}, account }: Scenario): Capabilities {
  const { fills, ...others } = capabilities;
  return {
    ...CAPABILITIES_DEFAULT,
    positionMode: account.mode,
    ...defined(others),
    fills: { ...CAPABILITIES_DEFAULT.fills, ...defined(fills ?? {}) },
  } as Capabilities;
}

function lookupsOf(
  lookups: NonNullable<ScenarioVenue["lookups"]>,
  mode: Scenario["account"]["mode"],
): Pick<Script, "positionLookups" | "orderLookups"> {
  const positionLookups = new Map<string, PositionLookup>();
  const orderLookups = new Map<string, OrderLookup>();
  for (const [name, answer] of Object.entries(lookups)) {
    if (answer === "none") {
      positionLookups.set(name, { kind: "none" });
      orderLookups.set(name, { kind: "none" });
    } else if (isOrder(answer)) orderLookups.set(name, { kind: "row", row: orderRow(answer) });
    else {
      const row = positionRow(answer as Parameters<typeof positionRow>[0], mode);
      positionLookups.set(positionKey(row.instrument, row.leg), { kind: "row", row });
    }
  }
  return { positionLookups, orderLookups };
}

function isOrder(row: object): row is Parameters<typeof orderRow>[0] {
  return "status" in row || "clientOrderId" in row || "venueOrderId" in row;
}

function defined<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** The newest timestamp anywhere in the file; fields that are times are known by name. */
function newestTimestamp(value: unknown): number | undefined {
  if (value === null || typeof value !== "object") return undefined;
  let newest: number | undefined;
  for (const [name, inner] of Object.entries(value)) {
    const isTime = ["timestamp", "updatedAt", "createdAt"].includes(name) && typeof inner === "number";
    const found = isTime ? inner : newestTimestamp(inner);
    if (found !== undefined && (newest === undefined || found > newest)) newest = found;
  }
  return newest;
}
