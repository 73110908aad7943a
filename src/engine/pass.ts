// One pass: observe, backfill, fold, diff, settle, explain, plan, repair, verify, publish. It reads the whole
// state afresh; the steps decide in the core, this file only fetches, enters and writes in their order.
import {
  type AccountPolicy,
  BOOK,
  type Book,
  closeDiscrepancy,
  type Decimal,
  type Discrepancy,
  type Draft,
  deriveId,
  draft,
  type ExplanationPart,
  explainedPositions,
  type GateState,
  gateDrafts,
  heldKeys,
  type Instrument,
  instrumentsInFlight,
  isComplete,
  type JournalRecord,
  judgeAbsence,
  type Observation,
  type OrderRow,
  orderKeyOfVenueId,
  overallState,
  type PassContext,
  type PassRecord,
  type Payloads,
  type PositionKey,
  positionQty,
  reconcileBalances,
  reconcileOrders,
  reconcilePositions,
  SECTIONS,
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
import { anchorDrafts, openingsOfStated } from "./anchoring.ts";
import {
  type IngestContext,
  type Ingested,
  ingestFills,
  ingestLedger,
  observeInstruments,
} from "./ingest.ts";
import { bringInLine, lookAt, type Mirrored, type MirrorLook } from "./mirroring.ts";
import { recordObservation } from "./observation-record.ts";
import { guarded, type Look, observe } from "./observe.ts";
import { alertsOfPass, gateOfPass, gateReasons, isWhole } from "./pass-findings.ts";
import { countQuiet, type PassMemory, quietDrafts } from "./pass-memory.ts";
import type { PassReport, SectionReport } from "./report.ts";
import { bookCase, lookUpOrders, lookUpOrdersOfFills, lookUpPositions, mirrorCase } from "./witnessing.ts";
import type { AccountWriter } from "./writer.ts";

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
  private readonly gateBefore: { readonly state: GateState; readonly isOnlyBoot: boolean };
  private readonly wasAnchored: boolean;
  private readonly sighted: Sighted[] = [];
  private readonly closedHere: Discrepancy[] = [];
  private readonly repairs: Payloads["repair_applied"][] = [];

  constructor(inputs: PassInputs) {
    this.inputs = inputs;
    this.writer = inputs.writer;
    this.book = inputs.writer.book;
    this.startedAtMs = inputs.runtime.clock.nowMs();
    this.firstSeq = this.book.seq;
    this.passId = deriveId("pass", [this.book.account, this.startedAtMs, this.book.seq]);
    this.gateBefore = {
      state: overallState(this.book.gate),
      isOnlyBoot: gateReasons(this.book).every(({ code }) => code === "boot"),
    };
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
    const recorded = recordObservation(this.book, look.observation, this.inputs.trigger, this.passId);
    this.writer.stage(recorded.drafts);
    for (const attachment of recorded.attachments) this.writer.attach(attachment);
    memory.provenToMs = look.observation.fills?.coverage?.toMs ?? memory.provenToMs;

    const { policy } = this.inputs;
    const found = await lookUpOrdersOfFills(this.book, look.observation, policy, venue, runtime);
    const ingested = this.backfill(look.observation, found);
    await this.writer.flush();
    const looks = await Promise.all(mirrors.map(lookAt));
    const context = await this.buildContext(look.observation, qtyBefore, ingested.news, looks, found);

    if (isComplete(look.observation.positions)) memory.venueQty = (key) => venueQtyOf(context, key);
    this.anchor(context, ingested);
    this.see(ingested.problems, context);
    this.missingFills(ingested, context);
    const summary = this.reconcileBook(context, looks);
    const isVerified = await this.verifyBook(context);
    const mirrored = await this.reconcileMirrors(context, looks);
    this.closeVanished(context, looks);
    return this.finish(look, ingested.fills, context, summary, mirrored, isVerified);
  }

  private backfill(observation: Observation, found: readonly OrderRow[]): Ingested {
    const orderRows = [...(observation.orders?.rows ?? []), ...found];
    const context = { ...this.ingestContext(observation), orderRows };
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
    found: readonly OrderRow[],
  ): Promise<PassContext> {
    const { venue, runtime } = this.inputs;
    const bare = this.contextOf(observation, qtyBefore, news);
    const orderLookups = await lookUpOrders(bare, venue, runtime);
    for (const row of found) {
      orderLookups.set(orderKeyOfVenueId(row.instrument, row.venueOrderId ?? ""), { kind: "row", row });
    }
    const positionLookups = await lookUpPositions(bare, looks, venue, runtime);
    // Time has passed: what the stream brought meanwhile is in flight for this read.
    return { ...this.contextOf(observation, qtyBefore, news), orderLookups, positionLookups };
  }

  private anchor(context: PassContext, { fills }: Ingested): void {
    this.writer.stage(anchorDrafts(context));
    const first = new Set<PositionKey>();
    for (const { instrument, leg } of fills) {
      const key = `${leg}:${instrument}` as PositionKey;
      const entries = this.book.ledgers.get(key)?.entries ?? [];
      // All that is known of the key came with this read.
      const isAllNew = entries.every((entry) => fills.some((fill) => fill.fillKey === entry.id));
      if (isAllNew) first.add(key);
    }
    this.writer.stage(openingsOfStated(context, [...first].sort()));
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
      this.writer.stage([closeDiscrepancy(seen.discrepancy, "explained", context.nowMs, this.passId)]);
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
  private async verifyBook(_context: PassContext): Promise<boolean> {
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
      const isMoving = second.inFlight.has(splitPositionKey(key).instrument);
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
      this.writer.stage([closeDiscrepancy(open, "vanished", context.nowMs, this.passId)]);
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

  /** Gate, alerts, and the pass's own record; then the report of it all. */
  private async finish(
    look: Look,
    fills: Ingested["fills"],
    context: PassContext,
    summary: Summary,
    mirrored: readonly Mirrored[],
    isVerified: boolean,
  ): Promise<PassReport> {
    const { inputs, book, sighted } = this;
    const { memory, trigger, isForced, runtime } = inputs;
    const isAll = isWhole(look.observation);
    memory.hasCompletePass ||= isAll && look.wrongAccount === null;
    const { wrongAccount } = look;
    const gate = gateOfPass({ context, memory, sighted, fills, wrongAccount });
    this.writer.stage(gateDrafts(book.gate, gate, this.passId));
    const { gateBefore } = this;
    this.writer.stage(alertsOfPass({ context, memory, sighted, isVerified, gateBefore }));
    const finishedAtMs = runtime.clock.nowMs();
    const record: PassRecord = {
      passId: this.passId,
      trigger,
      isForced,
      startedAtMs: this.startedAtMs,
      finishedAtMs,
      isComplete: isAll,
      isClean: isAll && [...book.discrepancies.values()].every(({ policy }) => policy === "watch"),
      summaries: [summary, ...mirrored.map((one) => one.summary)],
      repairs: this.repairs.length,
      gate: overallState(book.gate),
      count: 1,
      lastFinishedAtMs: finishedAtMs,
    };
    this.recordPass(record);
    await this.writer.flush();
    return {
      ...record,
      account: book.account,
      sections: sectionReports(look.observation),
      discrepancies: this.seenDiscrepancies(),
      repairs: this.repairs,
      mirrors: mirrored.map(({ report }) => report),
      record,
    };
  }

  /** A pass that saw nothing new is counted with those before it, and written with the next that did (R15). */
  private recordPass(record: PassRecord): void {
    const { memory } = this.inputs;
    const summaries = JSON.stringify(record.summaries);
    const isQuiet = this.book.seq === this.firstSeq && summaries === memory.lastSummaries && !record.isForced;
    memory.lastSummaries = summaries;
    if (isQuiet) countQuiet(memory, record);
    else this.writer.stage([...quietDrafts(memory), draft("pass_finished", record, this.passId)]);
  }

  private see(problems: readonly Seen[], context: PassContext): void {
    for (const problem of problems) this.seeOne(problem, context);
  }

  private seeOne(seen: Seen, context: PassContext): Sighted {
    const sighted = sight(this.book, seen, context, this.passId);
    this.writer.stage(sighted.drafts);
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
    this.writer.stage(drafts);
    this.sighted.push(...sighted);
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

function sectionReports(observation: Observation): SectionReport[] {
  return SECTIONS.flatMap((section) => {
    const found = observation[section];
    if (!found) return [];
    return [{ section, quality: found.quality, rows: found.rows.length, problem: found.problem ?? null }];
  });
}
