// One pass: observe, backfill, fold, diff, settle, explain, plan, repair, verify, publish. It reads the whole
// state afresh; the steps decide in the core, this file only fetches, enters and writes in their order.
import {
  type AbsenceSeen,
  type AbsenceVerdict,
  type AccountPolicy,
  type Answered,
  absentKeys,
  BOOK,
  type Book,
  closeDiscrepancy,
  type Decimal,
  type Discrepancy,
  type Draft,
  declaredFlat,
  deriveId,
  draft,
  type ExitTroubles,
  explainedPositions,
  type FillKey,
  type GateState,
  gateDrafts,
  type Instrument,
  instrumentIn,
  instrumentsDenied,
  instrumentsFilledLate,
  instrumentsInFlight,
  isComplete,
  isUsable,
  isVenueQty,
  isZero,
  type JournalRecord,
  judgeAbsence,
  LEGS,
  listedRow,
  type Metrics,
  mirrorAbsenceSeen,
  movedOn,
  type Observation,
  type OrderKey,
  type OrderRow,
  type Outcome,
  orderKeyOfVenueId,
  overallState,
  type PassContext,
  type PassRecord,
  type Payloads,
  type PositionKey,
  positionKey,
  positionQty,
  provenQty,
  reconcileBalances,
  reconcileExits,
  reconcileOrders,
  reconcilePositions,
  SECTIONS,
  type Seen,
  type Sighted,
  type Steady,
  type Summary,
  sight,
  splitPositionKey,
  standingOf,
  suggestedQty,
  tightened,
  type Word,
  wasShown,
  ZERO,
} from "../core/index.ts";
import type { Mirror } from "../mirrors/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { Venue } from "../venues/index.ts";
import { type AlertFacts, alertDraft } from "./alerting.ts";
import { anchorDrafts, openingsOfStated } from "./anchoring.ts";
import { Asking } from "./asking.ts";
import { endsOfUnseen } from "./ends-told.ts";
import { forcedTradesIn } from "./forced-trades.ts";
import { holdDraft } from "./hold.ts";
import {
  type IngestContext,
  type Ingested,
  ingestFills,
  ingestLedger,
  observeInstruments,
} from "./ingest.ts";
import { countsOf, NOTHING_COUNTED } from "./metrics.ts";
import { bringInLine, compareMirror, lookAt, type Mirrored, type MirrorLook } from "./mirroring.ts";
import { recordObservation } from "./observation-record.ts";
import { guarded, type Look, observe } from "./observe.ts";
import {
  alertsOfPass,
  doubtOfList,
  gateOfPass,
  gateReasons,
  isWhole,
  onsetsOf,
  suspectText,
  unwitnessedOf,
} from "./pass-findings.ts";
import { countInFlight, countQuiet, type PassMemory, quietDrafts, stuckInFlight } from "./pass-memory.ts";
import type { FeedReport, PassReport, SectionReport } from "./report.ts";
import { takeBackUnlisted, unlistedTimes } from "./reversing.ts";
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
  /** Orders whose answer is awaited right now. */
  readonly sending: ReadonlySet<OrderKey>;
  /** Since when the stream has delivered without a gap; null while it does not. */
  readonly liveSinceMs: number | null;
  readonly memory: PassMemory;
  /** What is known of our clock; left out where one pass is all there is. */
  readonly steady?: Steady;
  /** A person's plan that this pass carries out; it repairs nothing else then. */
  readonly word?: Word | null;
  /** Why exits that are armed cannot act, asked once the account is read; left out where none is watched. */
  readonly exitTroubles?: () => ExitTroubles;
  /** At what a position could be closed now; left out where no price is known. */
  readonly priceOf?: (instrument: string, side: "long" | "short") => Decimal | null;
  /** Compares the price feed with what is held by then, and corrects it. */
  readonly checkFeed?: () => FeedReport | null;
  /** Is told what was read. */
  readonly onObserved?: (observation: Observation, looks: readonly MirrorLook[]) => void;
}

export async function runPass(inputs: PassInputs): Promise<PassReport> {
  const pass = new Pass(inputs);
  return pass.run();
}

/** What the read after a repair showed. */
export type Verified = "agrees" | "differs" | "unread";

/** A venue that is not to be asked anything more. */
const MUTE: Pick<Venue, "position" | "order"> = {};

interface Backfilled {
  readonly observation: Observation;
  readonly qtyBefore: PassContext["qtyBefore"];
  readonly ingested: Ingested;
  readonly looks: readonly MirrorLook[];
  readonly found: readonly OrderRow[];
  /** Who is asked for single positions and orders. */
  readonly asked: Pick<Venue, "position" | "order">;
}

class Pass {
  private readonly inputs: PassInputs;
  private readonly book: Book;
  private readonly writer: AccountWriter;
  private readonly asking: Asking;
  private readonly passId: string;
  private readonly startedAtMs: number;
  /** Monotonic, ms. */
  private readonly startedAtSteadyMs: number;
  private readonly firstSeq: number;
  private readonly gateBefore: { readonly state: GateState; readonly isOnlyBoot: boolean };
  private readonly wasAnchored: boolean;
  private readonly openBefore: readonly string[];
  /** How many kills had been released when the pass began. */
  private readonly releases: number;
  private readonly sighted: Sighted[] = [];
  /** How many of them have been looked at for what a person must be told. */
  private heard = 0;
  private hasTold = false;
  private readonly closedHere: Discrepancy[] = [];
  private readonly repairs: Payloads["repair_applied"][] = [];
  /** Instruments of which a fill was taken back while this pass was reading. */
  private readonly takenBack = new Set<string>();
  /** Counts before anything is repaired. */
  private metricsBefore: Metrics = NOTHING_COUNTED;

  constructor(inputs: PassInputs) {
    this.inputs = inputs;
    this.writer = inputs.writer;
    this.book = inputs.writer.book;
    this.asking = new Asking(inputs.runtime);
    this.startedAtMs = inputs.runtime.clock.nowMs();
    this.startedAtSteadyMs = inputs.runtime.clock.monotonicMs();
    this.firstSeq = this.book.seq;
    // Quiet passes leave no record: one in the same millisecond, or at a time that a clock shows again, is another one.
    const quiet = inputs.memory.quiet?.count;
    this.passId = deriveId("pass", [
      this.book.account,
      this.startedAtMs,
      this.book.seq,
      ...(quiet === undefined ? [] : [quiet]),
    ]);
    this.gateBefore = {
      state: overallState(this.book.gate),
      isOnlyBoot: gateReasons(this.book).every(({ code }) => code === "boot"),
    };
    this.wasAnchored = this.book.accountAnchor !== null;
    this.openBefore = [...this.book.discrepancies.keys()];
    this.releases = inputs.memory.releases;
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
    const { venue, runtime, mirrors, memory, policy } = this.inputs;
    const look = await observe(venue, this.book, runtime, {
      provenToMs: memory.provenToMs,
      againFromMs: unlistedTimes(memory.unlisted),
    });
    const { observation } = look;
    // Another account's answers prove nothing here, so it is not asked on.
    const asked = look.wrongAccount === null ? venue : MUTE;
    await this.haltForForcedTrades(observation);
    const found = await lookUpOrdersOfFills(this.book, observation, policy, asked, this.asking);
    const qtyBefore = quantitiesOf(this.book, observation);
    // Nothing is awaited between these: how far the history is proven and the fills that it brought are one write.
    this.record(observation);
    const ingested = this.backfill(observation, found);
    await this.writer.flush();
    memory.provenToMs = observation.fills?.coverage?.toMs ?? memory.provenToMs;

    const looks = await Promise.all(mirrors.map((mirror) => lookAt(mirror, runtime)));
    this.inputs.onObserved?.(observation, looks);
    const asRead = await this.buildContext({ observation, qtyBefore, ingested, looks, found, asked });
    this.anchor(asRead, ingested, looks);
    this.see(ingested.problems, asRead);
    this.missingFills(ingested, asRead);
    this.metricsBefore = countsOf(
      this.book,
      looks.flatMap(({ facts, read }) =>
        read.quality === "complete" ? [[facts.name, read.rows.length] as const] : [],
      ),
    );
    const history = { listed: ingested.listed, askedFromMs: look.historyFromMs };
    const orders = reconcileOrders(asRead);
    this.enter(orders);
    const context = this.afterOrders(asRead, orders);
    const { summary, absence } = this.reconcileBook(context, orders, looks, history, look.answered);
    this.seeStanding(ingested, context);
    this.tellOnsets(context);
    this.hold(context, look);
    const verified = await this.verifyBook();
    const mirrored = await this.reconcileMirrors(context, looks, absence);
    if (isComplete(observation.positions)) {
      memory.lastRead = { seq: this.firstSeq, inFlight: context.inFlight };
    }
    this.closeVanished(context, looks, mirrored, absence);
    return this.finish(look, context, summary, mirrored, verified);
  }

  /** Before anything is asked, and so before it is entered: what is asked may take its time (R10). */
  private async haltForForcedTrades(observation: Observation): Promise<void> {
    this.writer.stage(forcedTradesIn(observation, this.ingestContext(observation)));
    await this.writer.flush();
  }

  private record(observation: Observation): void {
    const { venue, memory, trigger } = this.inputs;
    const recorded = recordObservation({
      book: this.book,
      observation,
      provenToMs: memory.provenToMs,
      retentionMs: venue.capabilities.fills.retentionMs,
      trigger,
      passId: this.passId,
    });
    this.writer.stage(recorded.drafts);
    for (const attachment of recorded.attachments) this.writer.attach(attachment);
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
      suggestedQty: (key) => suggestedQty(bare, key),
      listedQty: (key) => listedRow(bare, key)?.qty,
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
      readSeq: this.firstSeq,
      positionLookups: new Map(),
      orderLookups: new Map(),
      lastPrices: pricesOf(observation, lastPrices),
      sending: this.inputs.sending,
      inFlight: this.inFlight(observation.startedAtMs),
      takenBack: this.takenBack,
      qtyBefore,
      news,
      ...(this.inputs.memory.lastRead && { lastRead: this.inputs.memory.lastRead }),
      awaitedMoney: this.inputs.memory.awaitedMoney,
      isForced,
      word: this.inputs.word ?? null,
      nowMs: this.startedAtMs,
      ...(this.inputs.steady && { steady: this.inputs.steady }),
      causeId: this.passId,
    };
  }

  /** What was read may have a fill still that has been taken back since. */
  private inFlight(startedAtMs: number): Set<string> {
    const { readAfterFillLagMs } = this.inputs.venue.capabilities;
    const moving = instrumentsInFlight(this.book, startedAtMs, readAfterFillLagMs, this.inputs.steady);
    for (const instrument of this.takenBack) moving.add(instrument);
    return moving;
  }

  /** Orders are read beside the positions, and looked up after them: they may be ahead of these. */
  private filledLate(
    { orders, startedAtMs }: Observation,
    lookups: PassContext["orderLookups"],
  ): Set<string> {
    const listed = orders && isUsable(orders.quality) ? orders.rows : [];
    const found = [...lookups.values()].flatMap((answer) => (answer.kind === "row" ? [answer.row] : []));
    const { readAfterFillLagMs } = this.inputs.venue.capabilities;
    return instrumentsFilledLate(this.book, [...listed, ...found], startedAtMs, readAfterFillLagMs);
  }

  private async buildContext({
    observation,
    qtyBefore,
    ingested: { news, listed },
    looks,
    found,
    asked,
  }: Backfilled): Promise<PassContext> {
    const bare = this.contextOf(observation, qtyBefore, news);
    await this.holdWhileAsking(bare, looks, asked);
    // Positions first: what the gate waits for must not lack the time that orders took.
    const positionLookups = await lookUpPositions(bare, looks, asked, this.asking, listed);
    const orderLookups = await lookUpOrders(bare, asked, this.asking);
    for (const row of found) {
      orderLookups.set(orderKeyOfVenueId(row.instrument, row.venueOrderId ?? ""), { kind: "row", row });
    }
    for (const [orderKey, told] of endsOfUnseen(this.inputs.memory.endsTold, bare, orderLookups)) {
      orderLookups.set(orderKey, told);
    }
    // Time has passed: what the stream brought meanwhile is in flight for this read.
    const lookedUpByMs = this.inputs.runtime.clock.nowMs();
    const context = this.contextOf(observation, qtyBefore, news);
    const inFlight = new Set([...context.inFlight, ...this.filledLate(observation, orderLookups)]);
    return { ...context, inFlight, orderLookups, positionLookups, lookedUpByMs };
  }

  /** Positions are missing without proof: the gate is closed before the venue is asked for each, not after (R1). */
  private async holdWhileAsking(
    context: PassContext,
    looks: readonly MirrorLook[],
    { position }: Pick<Venue, "position">,
  ): Promise<void> {
    if (!position || !isComplete(context.observation.positions)) return;
    const { unwitnessed, missing } = judgeAbsence(bookCase(context, looks));
    const isHeld = this.book.gate.account.some(({ code }) => code === "suspect_read");
    if (unwitnessed.length === 0 || isHeld) return;
    const text = suspectText(unwitnessed.length, missing);
    const reason = { code: "suspect_read", state: "reduce_only", text } as const;
    this.writer.stage([holdDraft(this.book, reason, context.nowMs, this.passId)]);
    await this.writer.flush();
  }

  private anchor(context: PassContext, { fills }: Ingested, looks: readonly MirrorLook[]): void {
    this.writer.stage(anchorDrafts(context, judgeAbsence(bookCase(context, looks))));
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

  /** What never arrived has moved nothing: the pass that finds that out compares what it kept in flight (R3). */
  private afterOrders(asRead: PassContext, { drafts }: Outcome): PassContext {
    const denied = instrumentsDenied(drafts);
    if (denied.size === 0) return asRead;
    const still = this.inFlight(asRead.observation.startedAtMs);
    for (const instrument of this.filledLate(asRead.observation, asRead.orderLookups)) still.add(instrument);
    const isMoving = (instrument: string) => still.has(instrument) || !denied.has(instrument);
    return { ...asRead, inFlight: new Set([...asRead.inFlight].filter(isMoving)) };
  }

  private reconcileBook(
    context: PassContext,
    orders: Outcome,
    looks: readonly MirrorLook[],
    history: { readonly listed: ReadonlySet<FillKey>; readonly askedFromMs: number },
    answered: Answered,
  ): { readonly summary: Summary; readonly absence: AbsenceVerdict } {
    const isNews = this.inputs.policy.mode === "beside" || !this.wasAnchored;
    this.enter(explainedPositions(context, isNews));
    const absence = judgeAbsence({
      ...bookCase(context, looks),
      declared: declaredFlat(
        context,
        BOOK,
        new Map(
          absentKeys(context)
            .filter((key) => !isZero(positionQty(this.book, key)))
            .map((key) => [key, phantomOf(this.book, key)]),
        ),
      ),
    });
    this.inputs.memory.lastPrices = context.lastPrices;
    this.inputs.memory.pricesAtMs = this.startedAtSteadyMs;
    this.noteVenueQty(context, absence, answered);
    const { drafts, unexplored } = takeBackUnlisted(context, absence, this.inputs.memory.unlisted, history);
    this.writer.stage(drafts);
    const positions = reconcilePositions({ ...context, unexplored }, absence);
    this.enter(positions);
    const balances = reconcileBalances(context);
    this.inputs.memory.awaitedMoney = balances.awaited;
    this.enter(balances);
    this.enter(reconcileExits(this.exitContext(context)));
    const flagged = positions.sighted.filter(
      ({ discrepancy }) => discrepancy.kind === "entry_price_mismatch",
    ).length;
    const problem = context.observation.positions?.problem ?? null;
    const tallies = { ...positions.tally, orders: orders.tally, balances: balances.tally };
    return { summary: { of: BOOK, ...tallies, flagged, problem }, absence };
  }

  /** What this read says of a position stands until the next one says otherwise, moved on by what is traded meanwhile. */
  private noteVenueQty(context: PassContext, absence: AbsenceVerdict, answered: Answered): void {
    const { observation, positionLookups, lookedUpByMs = 0 } = context;
    if (!isUsable(observation.positions?.quality ?? "unavailable")) return;
    const lookedUp = { ...answered, atMs: Math.max(answered.atMs, lookedUpByMs) };
    this.inputs.memory.venueQty = (key) => {
      const qty = provenQty(context, key, absence);
      const by = positionLookups.has(key) ? lookedUp : answered;
      return qty === undefined ? undefined : movedOn(this.book, key, qty, by);
    };
  }

  private exitContext(context: PassContext) {
    const { memory, priceOf = () => null } = this.inputs;
    const exitTroubles = this.inputs.exitTroubles?.() ?? new Map();
    const venueQty = (key: PositionKey) => memory.venueQty?.(key) ?? null;
    return { ...context, venueQty, exitTroubles, priceOf };
  }

  /** After an estimate the account is read once more: does it show what was repaired? */
  private async verifyBook(): Promise<Verified> {
    const repaired = this.closedHere.flatMap(({ of, resolution, subject }) =>
      of === BOOK && resolution === "repaired" && subject.type === "position"
        ? [positionKey(subject.instrument, subject.leg)]
        : [],
    );
    await this.writer.flush();
    if (repaired.length === 0) return "agrees";
    const { venue, runtime } = this.inputs;
    const startedAtMs = runtime.clock.nowMs();
    const again = await guarded(venue.snapshot(), runtime).catch(() => null);
    if (!again || !isComplete(again.positions)) return "unread";
    const observation = { startedAtMs, finishedAtMs: runtime.clock.nowMs(), ...again };
    const second = this.contextOf(observation, new Map(), new Map());
    const isAsRepaired = (key: PositionKey) =>
      second.inFlight.has(splitPositionKey(key).instrument) || showsTheBook(second, key);
    return repaired.every(isAsRepaired) ? "agrees" : "differs";
  }

  private async reconcileMirrors(
    context: PassContext,
    looks: readonly MirrorLook[],
    absence: AbsenceVerdict,
  ): Promise<Mirrored[]> {
    const all: Mirrored[] = [];
    const standing = (key: PositionKey) => standingOf(context, key, absence);
    for (const look of looks) {
      const claims = mirrorCase(context, look, looks);
      const absent = mirrorAbsenceSeen(context, look.facts, claims.absent);
      const declared = declaredFlat(context, look.mirror.name, absent);
      const verdict = judgeAbsence({ ...claims, declared });
      const compared = compareMirror(look, context, verdict, standing, this.writer);
      this.sighted.push(...compared.sighted);
      this.tellOnsets(context);
      all.push(await bringInLine(look, compared, context, this.writer, this.inputs.runtime));
    }
    return all;
  }

  /** Fills that are open and were not told again: that they are not repeated ends nothing. */
  private seeStanding({ agreed }: Ingested, context: PassContext): void {
    const seen = this.seenIds();
    for (const open of [...this.book.discrepancies.values()]) {
      if (open.subject.type !== "fill" || seen.has(open.id)) continue;
      // A row that is not reported any more has not become true: only its being booked, or the venue's agreeing.
      const isBooked = open.kind === "missing_fill" && this.book.fills.has(open.subject.fillKey);
      if (isBooked || agreed.has(open.subject.fillKey)) {
        this.writer.stage([closeDiscrepancy(open, "explained", context.nowMs, this.passId)]);
      } else if (open.stage === "seen") {
        // What only the stream told is not told again: that it stands is what settles it.
        this.seeOne(open, context);
      }
    }
  }

  private seenIds(): Set<string> {
    return new Set(this.sighted.map(({ discrepancy }) => discrepancy.id));
  }

  /** What this pass has seen begin to count since it last told, in one message a kind and copy. */
  private tellOnsets(context: PassContext): void {
    const alerts = onsetsOf(this.sighted.slice(this.heard), context, this.inputs.memory);
    this.heard = this.sighted.length;
    this.tell(alerts);
  }

  /** What this read has shown to be wrong closes the gate before anything more is read or written (R10). */
  private hold(context: PassContext, { wrongAccount }: Look): void {
    const { memory } = this.inputs;
    const { sighted } = this;
    const found = gateOfPass({
      context,
      memory,
      sighted,
      wrongAccount,
      stuckInFlight: stuckInFlight(memory),
    });
    this.writer.stage(gateDrafts(this.book.gate, tightened(this.book.gate, found), this.passId));
  }

  private tell(alerts: readonly AlertFacts[]): void {
    this.writer.stage(alerts.map((alert) => alertDraft(alert, this.passId)));
    this.hasTold ||= alerts.length > 0;
  }

  /** What was open, was looked for in this pass and not seen again, is gone. */
  private closeVanished(
    context: PassContext,
    looks: readonly MirrorLook[],
    mirrored: readonly Mirrored[],
    absence: AbsenceVerdict,
  ): void {
    // Nor does a list that leaves out what the book holds say anything of the other quantity that a row showed.
    const unwitnessed = new Set(absence.unwitnessed);
    const isUnproven = (open: Discrepancy) => {
      if (open.subject.type !== "position" || !wasShown(open)) return false;
      const key = positionKey(open.subject.instrument, open.subject.leg);
      const held = positionQty(this.book, key);
      return unwitnessed.has(key) && !isZero(held) && held !== open.venueQty;
    };
    // What moves was not compared: that it was not seen says nothing.
    const moving = new Set(
      mirrored.flatMap(({ summary, moving: keys }) => keys.map((key) => `${summary.of} ${key}`)),
    );
    const isMoving = ({ of, subject }: Discrepancy) =>
      subject.type === "position" && moving.has(`${of} ${positionKey(subject.instrument, subject.leg)}`);
    const seen = this.seenIds();
    const readable = new Set(
      looks.filter(({ read }) => read.quality === "complete").map(({ mirror }) => mirror.name),
    );
    for (const open of [...this.book.discrepancies.values()]) {
      if (open.subject.type === "fill" || seen.has(open.id) || isMoving(open) || isUnproven(open)) continue;
      if (this.wasLookedFor(open, context, readable)) {
        this.writer.stage([closeDiscrepancy(open, "vanished", context.nowMs, this.passId)]);
      }
    }
  }

  private wasLookedFor(open: Discrepancy, context: PassContext, readable: ReadonlySet<string>): boolean {
    const { observation, inFlight } = context;
    const { subject } = open;
    if (subject.type !== "balance" && inFlight.has(subject.instrument)) return false;
    if (open.of !== BOOK) return readable.has(open.of) && isComplete(observation.positions);
    if (subject.type === "position") return isComplete(observation.positions);
    if (subject.type === "balance") return isComplete(observation.balances);
    return isComplete(observation.orders);
  }

  /** Gate, alerts, and the pass's own record; then the report of it all. */
  private async finish(
    look: Look,
    context: PassContext,
    summary: Summary,
    mirrored: readonly Mirrored[],
    verified: Verified,
  ): Promise<PassReport> {
    const { inputs, book, sighted } = this;
    const { memory, trigger, isForced, runtime } = inputs;
    const { wrongAccount } = look;
    const unwitnessed = unwitnessedOf(sighted);
    const doubt = doubtOfList(context, sighted);
    const isAll = isWhole(look.observation) && doubt === null && wrongAccount === null;
    // One that began before a kill was released does not release it.
    memory.hasCompletePass ||= isAll && this.releases === memory.releases;
    const uncompared = mirrored.flatMap(({ moving }) => moving);
    const stuck = countInFlight(memory, context.inFlight, uncompared);
    const gate = gateOfPass({ context, memory, sighted, wrongAccount, stuckInFlight: stuck });
    this.writer.stage(gateDrafts(book.gate, gate, this.passId));
    const { gateBefore, hasTold } = this;
    // A read without what was missing may be told of again when it is missing again.
    memory.isSuspectTold = unwitnessed.length > 0;
    this.tell(alertsOfPass({ context, memory, sighted, verified, gateBefore, hasTold }));
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
      metrics: this.metrics(mirrored),
      gate: overallState(book.gate),
      count: 1,
      lastFinishedAtMs: finishedAtMs,
    };
    this.recordPass(record);
    const feed = inputs.checkFeed?.() ?? null;
    await this.writer.flush();
    return {
      ...record,
      account: book.account,
      sections: sectionReports(look.observation, unwitnessed[0]?.discrepancy.detail ?? doubt),
      discrepancies: this.toldDiscrepancies(),
      repairs: this.repairs,
      mirrors: mirrored.map(({ report }) => report),
      feed,
      record,
    };
  }

  /** Before and after what was repaired (C8). What a pass is the first to see counts as there before it. */
  private metrics(mirrored: readonly Mirrored[]): PassRecord["metrics"] {
    if (this.repairs.length === 0) return null;
    const seen = new Set([...this.openBefore, ...this.seenIds()]);
    const rows = mirrored.flatMap(({ summary: { of, local, closed, added, problem } }) =>
      problem === null ? [[of, local - closed + added] as const] : [],
    );
    return {
      before: { ...this.metricsBefore, discrepancies: seen.size },
      after: countsOf(this.book, rows),
    };
  }

  /** A pass that saw nothing new is counted with those before it, and written with the next that did (R15). */
  private recordPass(record: PassRecord): void {
    const { memory } = this.inputs;
    const summaries = JSON.stringify(record.summaries);
    // That all was compared since a gap in the history must be known to whoever starts next.
    const isAsBefore = this.book.seq === this.firstSeq && this.book.historyGap === null;
    const isQuiet = isAsBefore && summaries === memory.lastSummaries && !record.isForced;
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
    if (record.kind !== "fill_reversed") return;
    const fill = this.book.fills.get(record.payload.fillKey);
    if (fill) this.takenBack.add(fill.facts.instrument);
  }

  /** What this pass saw, and what is open after it. */
  private toldDiscrepancies(): Discrepancy[] {
    const latest = new Map<string, Discrepancy>();
    for (const { discrepancy } of this.sighted) latest.set(discrepancy.id, discrepancy);
    // Also what is still open without having been seen again: a refused fill does not end because it is not repeated.
    for (const open of this.book.discrepancies.values()) latest.set(open.id, open);
    for (const closed of this.closedHere) latest.set(closed.id, closed);
    return [...latest.values()];
  }
}

function phantomOf(book: Book, key: PositionKey): AbsenceSeen {
  return { kind: "phantom_position", localQty: positionQty(book, key), venueQty: ZERO };
}

function showsTheBook(context: PassContext, key: PositionKey): boolean {
  const { qtyStep } = instrumentIn(context.book, splitPositionKey(key).instrument);
  return isVenueQty(positionQty(context.book, key), listedRow(context, key)?.qty ?? ZERO, qtyStep);
}

/** Quantities of what this pass's backfill may move: only of these it is asked later what they were. */
function quantitiesOf(book: Book, { fills, ledger }: Observation): Map<PositionKey, Decimal> {
  const waiting = [...book.awaited.values()].map(({ row }) => row);
  const rows = [...(fills?.rows ?? []), ...(ledger?.rows ?? []), ...waiting];
  const instruments = new Set(rows.flatMap(({ instrument }) => instrument ?? []));
  const keys = [...instruments].flatMap((instrument) => LEGS.map((leg) => positionKey(instrument, leg)));
  return new Map(keys.map((key) => [key, positionQty(book, key)]));
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

/** @param doubt What proof is missing that positions which were left out are flat; null when none is. */
function sectionReports(observation: Observation, doubt: string | null): SectionReport[] {
  return SECTIONS.flatMap((section): SectionReport[] => {
    const found = observation[section];
    if (!found) return [];
    if (section === "positions" && doubt !== null && isComplete(found)) {
      return [{ section, quality: "suspect", rows: found.rows.length, problem: doubt }];
    }
    return [{ section, quality: found.quality, rows: found.rows.length, problem: found.problem ?? null }];
  });
}
