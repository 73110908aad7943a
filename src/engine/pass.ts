// One pass: observe, backfill, fold, diff, settle, explain, plan, repair, verify, publish. It reads the whole
// state afresh; the steps decide in the core, this file only fetches, enters and writes in their order. Long
// because it is the one place where that order can be read from top to bottom.
import {
  type AccountPolicy,
  BOOK,
  type Book,
  closeDiscrepancy,
  type Decimal,
  type Discrepancy,
  type Draft,
  deriveId,
  digestHex,
  draft,
  type ExplanationPart,
  explainedPositions,
  type GateReason,
  gateAfterPass,
  gateDrafts,
  heldKeys,
  type Instrument,
  instrumentsInFlight,
  isComplete,
  type JournalRecord,
  judgeAbsence,
  type Observation,
  overallState,
  type PassContext,
  type PassRecord,
  type Payloads,
  type PositionKey,
  positionQty,
  RETURNS_MAX,
  reconcileBalances,
  reconcileOrders,
  reconcilePositions,
  SECTIONS,
  type SectionDigest,
  type Seen,
  type Sighted,
  type Summary,
  sight,
  splitPositionKey,
  venueQtyOf,
} from "../core/index.ts";
import type { Mirror } from "../mirrors/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { Venue } from "../venues/index.ts";
import { type AlertFacts, alertDraft, gateAlerts, onsetAlerts, overwrittenAlerts } from "./alerting.ts";
import { anchorDrafts, openingsOfStated } from "./anchoring.ts";
import {
  type IngestContext,
  type Ingested,
  ingestFills,
  ingestLedger,
  observeInstruments,
} from "./ingest.ts";
import { bringInLine, lookAt, type Mirrored, type MirrorLook } from "./mirroring.ts";
import { guarded, type Look, observe } from "./observe.ts";
import type { PassReport, SectionReport } from "./report.ts";
import { bookCase, lookUpOrders, lookUpPositions, mirrorCase } from "./witnessing.ts";
import type { AccountWriter } from "./writer.ts";

const STATE_SECTIONS = ["positions", "orders", "balances"] as const;
const HISTORY_SECTIONS = ["fills", "ledger"] as const;

/** A key in flight for this many passes running is brought to a person (R3). */
export const IN_FLIGHT_PASSES_MAX = 10;

export interface PassInputs {
  readonly writer: AccountWriter;
  readonly venue: Venue;
  readonly mirrors: readonly Mirror[];
  readonly runtime: Runtime;
  readonly policy: AccountPolicy;
  readonly positionMode: "net" | "hedge";
  readonly trigger: string;
  readonly isForced: boolean;
  /** Prices seen since the start, by instrument. */
  readonly lastPrices: ReadonlyMap<string, Decimal>;
  /** Since when the stream has delivered without a gap; null while it does not. */
  readonly liveSinceMs: number | null;
  readonly memory: PassMemory;
}

/** What one pass leaves for the next; none of it is needed after a restart. */
export interface PassMemory {
  hasCompletePass: boolean;
  readonly inFlightPasses: Map<string, number>;
  readonly toldPersistent: Set<string>;
  isSuspectTold: boolean;
  /** Until when the history is read completely. Venue time, ms. */
  provenToMs: number | null;
  lastSummaries: string;
  quiet: { count: number; firstMs: number; lastMs: number; record: PassRecord } | null;
}

export function newMemory(): PassMemory {
  return {
    hasCompletePass: false,
    inFlightPasses: new Map(),
    toldPersistent: new Set(),
    isSuspectTold: false,
    provenToMs: null,
    lastSummaries: "",
    quiet: null,
  };
}

export async function runPass(inputs: PassInputs): Promise<PassReport> {
  const pass = new Pass(inputs);
  return pass.run();
}

class Pass {
  private readonly inputs: PassInputs;
  private readonly book: Book;
  private readonly writer: AccountWriter;
  private readonly passId: string;
  private readonly startedAtMs: number;
  private readonly firstSeq: number;
  private readonly gateBefore;
  private readonly wasOnlyBoot: boolean;
  private readonly wasAnchored: boolean;
  private readonly sighted: Sighted[] = [];
  private readonly alerts: AlertFacts[] = [];
  private readonly closedHere: Discrepancy[] = [];
  private readonly repairs: Payloads["repair_applied"][] = [];

  constructor(inputs: PassInputs) {
    this.inputs = inputs;
    this.writer = inputs.writer;
    this.book = inputs.writer.book;
    this.startedAtMs = inputs.runtime.clock.nowMs();
    this.firstSeq = this.book.seq;
    this.passId = deriveId("pass", [this.book.account, this.startedAtMs, this.book.seq]);
    this.gateBefore = overallState(this.book.gate);
    this.wasOnlyBoot = allReasons(this.book).every(({ code }) => code === "boot");
    this.wasAnchored = this.book.accountAnchor !== null;
  }

  async run(): Promise<PassReport> {
    const unwatch = this.writer.onRecord((record) => this.watch(record));
    try {
      return await this.steps();
    } finally {
      unwatch();
    }
  }

  private async steps(): Promise<PassReport> {
    const { venue, runtime, mirrors, memory } = this.inputs;
    const look = await observe(venue, this.book, runtime, memory.provenToMs);
    const qtyBefore = new Map(heldKeys(this.book).map((key) => [key, positionQty(this.book, key)]));
    this.recordObservation(look.observation);

    const ingested = this.backfill(look.observation);
    await this.writer.flush();
    const looks = await Promise.all(mirrors.map(lookAt));
    const context = await this.buildContext(look.observation, qtyBefore, ingested.news, looks);

    this.anchor(context, ingested);
    this.see(ingested.problems, context);
    this.missingFills(ingested, context);
    const summary = this.reconcileBook(context, looks);
    const verified = await this.verifyBook(context);
    const mirrored = await this.reconcileMirrors(context, looks);
    this.closeVanished(context, looks);
    return this.finish(
      look,
      ingested,
      context,
      looks,
      [summary, ...mirrored.map((one) => one.summary)],
      mirrored,
      verified,
    );
  }

  /** Sections whose rows or quality changed since they were last recorded (R15). */
  private recordObservation(observation: Observation): void {
    const sections: Partial<Record<string, SectionDigest>> = {};
    for (const name of STATE_SECTIONS) this.digestState(name, observation, sections);
    for (const name of HISTORY_SECTIONS) this.digestHistory(name, observation, sections);
    if (Object.keys(sections).length === 0) return;
    const facts = {
      observationId: deriveId("obs", [this.passId]),
      trigger: this.inputs.trigger,
      startedAtMs: observation.startedAtMs,
      finishedAtMs: observation.finishedAtMs,
      ...(observation.venueAccountId !== undefined && { venueAccountId: observation.venueAccountId }),
      sections,
    };
    this.stage([draft("observation_recorded", facts, this.passId)]);
  }

  private digestState(
    name: (typeof STATE_SECTIONS)[number],
    observation: Observation,
    sections: Partial<Record<string, SectionDigest>>,
  ): void {
    const section = observation[name];
    if (!section) return;
    // A price that moved is no change of what is held.
    const rows = JSON.stringify(section.rows, (key, value) => (key === "lastPrice" ? undefined : value));
    const digest = digestHex(rows);
    const known = this.book.sections.get(name);
    if (known?.digest === digest && known.quality === section.quality) return;
    if (known?.digest !== digest && section.rows.length > 0)
      this.writer.attach({ digest, section: name, rows });
    sections[name] = { ...qualityOf(section), digest };
  }

  /** Rows of a history are records of their own; what is noted is how far it is proven. */
  private digestHistory(
    name: (typeof HISTORY_SECTIONS)[number],
    observation: Observation,
    sections: Partial<Record<string, SectionDigest>>,
  ): void {
    const section = observation[name];
    if (!section) return;
    if (name === "fills" && section.coverage) this.inputs.memory.provenToMs = section.coverage.toMs;
    const known = this.book.sections.get(name);
    const isSame = known?.quality === section.quality && known.problem === section.problem;
    if (isSame && Object.keys(sections).length === 0) return;
    sections[name] = {
      ...qualityOf(section),
      digest: section.quality,
      ...(section.coverage && { coverage: section.coverage }),
    };
  }

  private backfill(observation: Observation): Ingested {
    const context = this.ingestContext(observation);
    const symbols = [
      ...(observation.positions?.rows ?? []).map((row) => row.instrument),
      ...(observation.orders?.rows ?? []).map((row) => row.instrument),
    ];
    observeInstruments(symbols, context);
    const ingested = ingestFills(observation.fills?.rows ?? [], context);
    for (const [key, parts] of ingestLedger(observation.ledger?.rows ?? [], context)) {
      ingested.news.set(key, [...(ingested.news.get(key) ?? []), ...parts]);
    }
    return ingested;
  }

  private ingestContext(observation: Observation): IngestContext {
    const { policy, positionMode, venue } = this.inputs;
    const bare = this.contextOf(observation, new Map(), new Map());
    return {
      writer: this.writer,
      policy,
      positionMode,
      lagMs: venue.capabilities.readAfterFillLagMs,
      source: "venue",
      nowMs: this.startedAtMs,
      causeId: this.passId,
      instrument: (symbol): Instrument | undefined => venue.instrument(symbol),
      venueQty: (key) => venueQtyOf(bare, key),
      observation,
    };
  }

  private contextOf(
    observation: Observation,
    qtyBefore: PassContext["qtyBefore"],
    news: PassContext["news"],
  ): PassContext {
    const { policy, positionMode, venue, isForced, lastPrices } = this.inputs;
    const { capabilities } = venue;
    return {
      book: this.book,
      policy,
      capabilities,
      positionMode,
      observation,
      positionLookups: new Map(),
      orderLookups: new Map(),
      lastPrices: pricesOf(observation, lastPrices),
      inFlight: instrumentsInFlight(this.book, observation.startedAtMs, capabilities.readAfterFillLagMs),
      qtyBefore,
      news,
      isForced,
      nowMs: this.startedAtMs,
      causeId: this.passId,
    };
  }

  private async buildContext(
    observation: Observation,
    qtyBefore: PassContext["qtyBefore"],
    news: Map<PositionKey, ExplanationPart[]>,
    looks: readonly MirrorLook[],
  ): Promise<PassContext> {
    const { venue, runtime } = this.inputs;
    const bare = this.contextOf(observation, qtyBefore, news);
    const orderLookups = await lookUpOrders(bare, venue, runtime);
    const positionLookups = await lookUpPositions(bare, looks, venue, runtime);
    // Time has passed: what the stream brought meanwhile is in flight for this read.
    return { ...this.contextOf(observation, qtyBefore, news), orderLookups, positionLookups };
  }

  private anchor(context: PassContext, { fills }: Ingested): void {
    this.stage(anchorDrafts(context));
    const first = new Set<PositionKey>();
    for (const { instrument, leg } of fills) {
      const key = `${leg}:${instrument}` as PositionKey;
      const entries = this.book.ledgers.get(key)?.entries ?? [];
      // All that is known of the key came with this read.
      const isAllNew = entries.every((entry) => fills.some((fill) => fill.fillKey === entry.id));
      if (isAllNew) first.add(key);
    }
    this.stage(openingsOfStated(context, [...first].sort()));
  }

  /** Fills that a stream should have brought, or that an executor should have known of (R11). */
  private missingFills({ fills }: Ingested, context: PassContext): void {
    const { policy, liveSinceMs } = this.inputs;
    for (const fill of fills) {
      const isClaimed = liveSinceMs !== null && fill.timestamp > liveSinceMs;
      const isMissing = policy.mode === "executor" || isClaimed;
      if (!isMissing || fill.isContained || fill.merges !== undefined) continue;
      // Before the account was known nothing could be missing in it.
      if (!this.wasAnchored) continue;
      const seen = this.seeOne(
        {
          of: BOOK,
          kind: "missing_fill",
          subject: { type: "fill", instrument: fill.instrument, fillKey: fill.fillKey },
          localQty: null,
          venueQty: fill.qty,
          cause: fill.cause ?? "missed_fill",
        },
        { ...context, isForced: true },
      );
      this.stage([closeDiscrepancy(seen.discrepancy, "explained", context.nowMs, this.passId)]);
    }
  }

  private reconcileBook(context: PassContext, looks: readonly MirrorLook[]): Summary {
    const orders = reconcileOrders(context);
    this.enter(orders);
    const isNews = this.inputs.policy.mode === "beside" || !this.wasAnchored;
    this.enter(explainedPositions(context, isNews));
    const verdict = judgeAbsence(bookCase(context, looks));
    const positions = reconcilePositions(context, verdict);
    this.enter(positions);
    const balances = reconcileBalances(context);
    this.enter(balances);
    const flagged = positions.sighted.filter(
      ({ discrepancy }) => discrepancy.kind === "entry_price_mismatch",
    ).length;
    return {
      of: BOOK,
      ...positions.tally,
      orders: orders.tally,
      balances: balances.tally,
      flagged,
      problem: context.observation.positions?.problem ?? null,
    };
  }

  /** After an estimate the account is read once more; what differs by then is left to the next pass. */
  private async verifyBook(context: PassContext): Promise<boolean> {
    const adjusted = this.repairs.filter(({ of, action }) => of === BOOK && action === "adjusted");
    await this.writer.flush();
    if (adjusted.length === 0) return true;
    const { venue, runtime } = this.inputs;
    const startedAtMs = runtime.clock.nowMs();
    const again = await guarded(venue.snapshot(), runtime).catch(() => null);
    if (!isComplete(again?.positions)) return false;
    const observation = { startedAtMs, finishedAtMs: runtime.clock.nowMs(), ...again };
    const second = this.contextOf(observation, new Map(), new Map());
    return heldKeys(this.book).every((key) => {
      const venueQty = venueQtyOf(second, key);
      const isMoving = context.inFlight.has(splitPositionKey(key).instrument);
      return venueQty === undefined || isMoving || venueQty === positionQty(this.book, key);
    });
  }

  private async reconcileMirrors(context: PassContext, looks: readonly MirrorLook[]): Promise<Mirrored[]> {
    const all: Mirrored[] = [];
    for (const look of looks) {
      const verdict = judgeAbsence(mirrorCase(context, look, looks));
      const mirrored = await bringInLine(look, context, verdict, this.writer);
      this.sighted.push(...mirrored.sighted);
      all.push(mirrored);
    }
    return all;
  }

  /** What was open, was looked for in this pass and not seen again, is gone. */
  private closeVanished(context: PassContext, looks: readonly MirrorLook[]): void {
    const seen = new Set(this.sighted.map(({ discrepancy }) => discrepancy.id));
    const readable = new Set(
      looks.filter(({ read }) => read.quality === "complete").map(({ mirror }) => mirror.name),
    );
    for (const open of [...this.book.discrepancies.values()]) {
      if (seen.has(open.id) || !this.wasLookedFor(open, context, readable)) continue;
      this.stage([closeDiscrepancy(open, "vanished", context.nowMs, this.passId)]);
    }
  }

  private wasLookedFor(open: Discrepancy, context: PassContext, readable: ReadonlySet<string>): boolean {
    const { observation, inFlight } = context;
    const { subject } = open;
    if (subject.type !== "balance" && inFlight.has(subject.instrument)) return false;
    if (open.of !== BOOK) return readable.has(open.of) && isComplete(observation.positions);
    if (subject.type === "position") return isComplete(observation.positions);
    if (subject.type === "balance") return isComplete(observation.balances);
    if (subject.type === "fill") return isComplete(observation.fills);
    return isComplete(observation.orders);
  }

  private async finish(
    look: Look,
    { fills }: Ingested,
    context: PassContext,
    _looks: readonly MirrorLook[],
    summaries: readonly Summary[],
    mirrored: readonly Mirrored[],
    isVerified: boolean,
  ): Promise<PassReport> {
    const { inputs, book } = this;
    const { memory, runtime, policy } = inputs;
    const isWhole = this.isWhole(look.observation);
    memory.hasCompletePass ||= isWhole && look.wrongAccount === null;
    const unwitnessed = this.sighted.filter(
      ({ discrepancy }) =>
        discrepancy.of === BOOK &&
        discrepancy.code === "unwitnessed" &&
        discrepancy.subject.type === "position",
    );
    const gate = gateAfterPass(book, {
      hasCompletePass: memory.hasCompletePass,
      incomplete: this.incompleteSections(look.observation),
      unwitnessed:
        unwitnessed.length === 0
          ? null
          : { count: unwitnessed.length, detail: unwitnessed[0]?.discrepancy.detail ?? "" },
      stuckInFlight: this.stuckInFlight(context),
      forcedTrades: fills
        .filter(({ cause, isContained }) => !isContained && (cause === "liquidation" || cause === "adl"))
        .map(({ fillKey, cause, instrument }) => ({ fillKey, cause: cause ?? "", instrument })),
      wrongAccount: look.wrongAccount,
      nowMs: context.nowMs,
      deadlineMs: context.nowMs + policy.intervalMs,
    });
    this.stage(gateDrafts(book.gate, gate, this.passId));
    this.collectAlerts(context, unwitnessed.length, isVerified);
    const isClean = isWhole && [...book.discrepancies.values()].every(({ policy: kind }) => kind === "watch");
    const record: PassRecord = {
      passId: this.passId,
      trigger: inputs.trigger,
      isForced: inputs.isForced,
      startedAtMs: this.startedAtMs,
      finishedAtMs: runtime.clock.nowMs(),
      isComplete: isWhole,
      isClean,
      summaries,
      repairs: this.repairs.length,
      gate: overallState(book.gate),
      count: 1,
      lastFinishedAtMs: runtime.clock.nowMs(),
    };
    this.recordPass(record);
    await this.writer.flush();
    return {
      passId: this.passId,
      account: book.account,
      trigger: inputs.trigger,
      isForced: inputs.isForced,
      startedAtMs: this.startedAtMs,
      finishedAtMs: record.finishedAtMs,
      isComplete: isWhole,
      isClean,
      sections: sectionReports(look.observation),
      summaries,
      discrepancies: this.seenDiscrepancies(),
      repairs: this.repairs,
      mirrors: mirrored.map(({ report }) => report),
      gate: record.gate,
      record,
    };
  }

  /** A pass that saw nothing new is counted with those before it, and written with the next that did (R15). */
  private recordPass(record: PassRecord): void {
    const { memory } = this.inputs;
    const summaries = JSON.stringify(record.summaries);
    const isQuiet = this.book.seq === this.firstSeq && summaries === memory.lastSummaries && !record.isForced;
    memory.lastSummaries = summaries;
    if (isQuiet) {
      const before = memory.quiet;
      memory.quiet = {
        count: (before?.count ?? 0) + 1,
        firstMs: before?.firstMs ?? record.startedAtMs,
        lastMs: record.finishedAtMs,
        record,
      };
      return;
    }
    this.stage([...quietDrafts(memory), draft("pass_finished", record, this.passId)]);
  }

  private isWhole(observation: Observation): boolean {
    return SECTIONS.every((name) => observation[name] === undefined || isComplete(observation[name]));
  }

  private incompleteSections(observation: Observation) {
    return SECTIONS.flatMap((section) => {
      const found = observation[section];
      if (!found || isComplete(found)) return [];
      return [{ section, quality: found.quality, problem: found.problem ?? "no reason given" }];
    });
  }

  private stuckInFlight({ inFlight }: PassContext): string[] {
    const { inFlightPasses } = this.inputs.memory;
    for (const instrument of [...inFlightPasses.keys()]) {
      if (!inFlight.has(instrument)) inFlightPasses.delete(instrument);
    }
    for (const instrument of inFlight)
      inFlightPasses.set(instrument, (inFlightPasses.get(instrument) ?? 0) + 1);
    return [...inFlightPasses]
      .flatMap(([instrument, count]) => (count >= IN_FLIGHT_PASSES_MAX ? [instrument] : []))
      .sort();
  }

  private collectAlerts(context: PassContext, unwitnessed: number, isVerified: boolean): void {
    const { memory } = this.inputs;
    // A doubted read is one message, not one for each position that it left out.
    const told = this.sighted.filter(
      ({ discrepancy }) => discrepancy.of !== BOOK || discrepancy.code !== "unwitnessed",
    );
    this.alerts.push(...onsetAlerts(told), ...overwrittenAlerts(this.sighted, RETURNS_MAX));
    if (unwitnessed > 0 && !memory.isSuspectTold) {
      const text = `the read of the account leaves out ${unwitnessed} positions and nothing proves that they are flat; nothing was repaired`;
      this.alerts.push({ kind: "suspect_read", subject: null, text, evidence: [this.passId] });
    }
    memory.isSuspectTold = unwitnessed > 0;
    for (const [instrument, count] of memory.inFlightPasses) {
      if (count !== IN_FLIGHT_PASSES_MAX) continue;
      const text = `${instrument} has been in flight for ${count} passes running; its quantity is not known for certain`;
      this.alerts.push({ kind: "stuck_in_flight", subject: instrument, text, evidence: [this.passId] });
    }
    if (!isVerified) {
      const text = "after a repair the venue was read again and shows something else";
      this.alerts.push({ kind: "persistent_desync", subject: null, text, evidence: [this.passId] });
    }
    this.alerts.push(...this.persistent(context));
    const after = overallState(this.book.gate);
    const isTold = this.alerts.length > 0;
    this.alerts.push(...gateAlerts(this.gateBefore, after, allReasons(this.book), isTold, this.wasOnlyBoot));
    this.stage(this.alerts.map((alert) => alertDraft(alert, this.passId)));
  }

  /** What has been open for ten intervals and more, once each. */
  private persistent({ nowMs, policy }: PassContext): AlertFacts[] {
    const { toldPersistent } = this.inputs.memory;
    return [...this.book.discrepancies.values()].flatMap((open): AlertFacts[] => {
      const isLong = nowMs - open.firstSeenMs >= policy.intervalMs * IN_FLIGHT_PASSES_MAX;
      if (!isLong || open.policy === "watch" || toldPersistent.has(open.id)) return [];
      toldPersistent.add(open.id);
      const { subject } = open;
      const name = subject.type === "balance" ? subject.asset : subject.instrument;
      const minutes = Math.round((nowMs - open.firstSeenMs) / 60_000);
      const text = `${open.kind} of ${name} has lasted ${minutes} min: ${open.detail ?? "it is not repaired"}`;
      return [{ kind: "persistent_desync", subject: name, text, evidence: [open.id] }];
    });
  }

  private see(problems: readonly Seen[], context: PassContext): void {
    for (const problem of problems) this.seeOne(problem, context);
  }

  private seeOne(seen: Seen, context: PassContext): Sighted {
    const sighted = sight(this.book, seen, context, this.passId);
    this.stage(sighted.drafts);
    this.sighted.push(sighted);
    return sighted;
  }

  private enter({
    drafts,
    sighted,
  }: {
    readonly drafts: readonly Draft[];
    readonly sighted: readonly Sighted[];
  }): void {
    this.stage(drafts);
    this.sighted.push(...sighted);
  }

  private stage(drafts: readonly Draft[]): void {
    this.writer.stage(drafts);
  }

  private watch(record: JournalRecord): void {
    if (record.kind === "discrepancy_closed") this.closedHere.push(record.payload);
    if (record.kind === "repair_applied") this.repairs.push(record.payload);
  }

  private seenDiscrepancies(): Discrepancy[] {
    const latest = new Map<string, Discrepancy>();
    for (const { discrepancy } of this.sighted) latest.set(discrepancy.id, discrepancy);
    for (const open of this.book.discrepancies.values()) if (latest.has(open.id)) latest.set(open.id, open);
    for (const closed of this.closedHere) latest.set(closed.id, closed);
    return [...latest.values()];
  }
}

function allReasons({ gate }: Book): GateReason[] {
  return [...gate.account, ...Object.values(gate.instruments).flat()];
}

function pricesOf(
  observation: Observation,
  seen: ReadonlyMap<string, Decimal>,
): ReadonlyMap<string, Decimal> {
  const prices = new Map(seen);
  for (const { instrument, lastPrice } of observation.positions?.rows ?? []) {
    if (lastPrice !== undefined) prices.set(instrument, lastPrice);
  }
  return prices;
}

/** The record of the quiet passes before this one, if there were any. */
export function quietDrafts(memory: PassMemory): Draft[] {
  const { quiet } = memory;
  memory.quiet = null;
  if (!quiet) return [];
  const { count, firstMs, lastMs, record } = quiet;
  const facts = { ...record, startedAtMs: firstMs, count, lastFinishedAtMs: lastMs };
  return [draft("pass_finished", facts, record.passId)];
}

function qualityOf(section: {
  quality: SectionDigest["quality"];
  rows: readonly unknown[];
  problem?: string;
}) {
  const { quality, rows, problem } = section;
  return { quality, rows: rows.length, ...(problem !== undefined && { problem }) };
}

function sectionReports(observation: Observation): SectionReport[] {
  return SECTIONS.flatMap((section) => {
    const found = observation[section];
    if (!found) return [];
    return [{ section, quality: found.quality, rows: found.rows.length, problem: found.problem ?? null }];
  });
}
