// A run by hand, for tests of the watches: the real referee and journal, and records, requests and passes exactly as a
// test writes them. The book is folded from the records unless a test spoils it.
import type { Alert } from "../../src/alerts/index.ts";
import {
  type AccountPolicy,
  applyRecord,
  type Book,
  CAPABILITIES_DEFAULT,
  type Capabilities,
  type Decimal,
  type Discrepancy,
  decimal,
  draft,
  emptyBook,
  type FillRow,
  instrumentOf,
  type JournalRecord,
  type Leg,
  type Payloads,
  POLICY_DEFAULT,
  type RecordKind,
  type Side,
} from "../../src/core/index.ts";
import type { KillLatch, PassReport, Session } from "../../src/engine/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import { allWatches } from "../../src/sim/invariants/index.ts";
import type { VenueRequest, Watch, World } from "../../src/sim/invariants/world.ts";
import { SimReferee } from "../../src/sim/referee/sim-referee.ts";
import { SeededRandom } from "../../src/sim/swarm/random.ts";
import type { InvariantId } from "../../src/sim/swarm/result.ts";
import type { SubmitCommand } from "../../src/venues/index.ts";

export const START_MS = Date.UTC(2026, 0, 5, 15);
export const SECRET = "k-5f1e9c";
/** Cash is paid for X. */
export const X = instrumentOf("X", { qtyStep: decimal("1"), quote: "USD", settlement: "cash" });

export class HandWorld {
  readonly found: { readonly id: string; readonly text: string }[] = [];
  readonly checked = new Map<string, number>();
  readonly referee: SimReferee;
  readonly journal = new MemoryJournal();
  readonly mirror = new MemoryMirror({ name: "bot", rows: [] });
  readonly lines: string[] = [];
  readonly told: { readonly atMs: number; readonly alert: Alert }[] = [];
  book: Book = emptyBook("test");
  atMs = START_MS;
  killed: KillLatch | null = null;
  isHealed = false;
  /** Our clock, ahead of what has really passed. */
  aheadMs = 0;
  /** How often the process at work has said so. */
  jumpsNoticed = 0;
  /** While another process has not noticed yet that this one is at work, neither is. */
  isContested = false;
  capabilities: Capabilities = CAPABILITIES_DEFAULT;
  /** When histories listed each fill, by its trade id; undefined where nobody counts. */
  listings: Map<string, number[]> | undefined;
  policy: AccountPolicy = { ...POLICY_DEFAULT, mode: "executor" };
  private readonly watch: Watch;
  private readonly world: World;
  private seq = 0;

  constructor() {
    this.referee = new SimReferee({
      accountId: "t-1",
      instruments: [X],
      positionMode: "net",
      balances: { USD: decimal("1000") },
      feeRatio: decimal("0"),
      isFeeInBase: false,
      amend: "in_place",
      partialChance: 0,
      random: new SeededRandom(1),
      nowMs: () => this.atMs,
      onEvent: () => undefined,
    });
    this.referee.setPrice("X", decimal("10"));
    const policy = () => this.policy;
    const capabilities = () => this.capabilities;
    this.world = {
      account: "test",
      referee: this.referee,
      journal: this.journal,
      get policy() {
        return policy();
      },
      positionMode: "net",
      get capabilities() {
        return capabilities();
      },
      mirror: this.mirror,
      monotonicMs: () => this.atMs,
      nowMs: () => this.atMs + this.aheadMs,
      session: () => (this.isContested ? undefined : this.session()),
      isHealed: () => this.isHealed,
      killed: () => this.killed,
      told: () => this.told,
      reversalsTold: () => new Set(this.referee.reversed().map(({ tradeId = "" }) => tradeId)),
      secrets: [SECRET],
      log: () => this.lines,
      jumpsNoticed: () => this.jumpsNoticed,
      listedAtMs: (tradeId) => this.listings && (this.listings.get(tradeId) ?? []),
      commandedAtMs: () => undefined,
      isOnItsWay: () => false,
      lastPrice: (instrument) => this.referee.lastPrice(instrument),
      check: (id, times = 1) => this.checked.set(id, (this.checked.get(id) ?? 0) + times),
      violate: (id, text) => this.found.push({ id, text }),
    };
    const [watch] = allWatches(this.world);
    if (!watch) throw new Error("there is no watch");
    this.watch = watch;
  }

  private session(): Session {
    // Prices are not followed here.
    const prices = { report: () => null, priceOf: () => undefined };
    return { book: this.book, hasStopped: false, prices } as unknown as Session;
  }

  /** What was found of one invariant. */
  of(id: InvariantId | "oracle"): string[] {
    return this.found.filter((one) => one.id === id).map(({ text }) => text);
  }

  async write<K extends RecordKind>(kind: K, payload: Payloads[K], causeId = "test"): Promise<JournalRecord> {
    const one = draft(kind, payload, causeId);
    const entries = [{ draft: one, tsMs: this.atMs }];
    const views = { deletions: [], rows: [] };
    await this.journal.append({ account: "test", expectedSeq: this.seq, entries, views });
    this.seq += 1;
    const [record] = await this.journal.read("test", this.seq - 1, 1);
    if (!record) throw new Error("the journal lost a record");
    applyRecord(this.book, record);
    this.tell(record);
    return record;
  }

  /** A session says that a record is durable. */
  tell(record: JournalRecord): void {
    this.watch.onRecord?.(record);
  }

  request(request: Pick<VenueRequest, "kind"> & object, durableSeq = this.seq): void {
    this.watch.onRequest?.({ ...request, atMs: this.atMs, durableSeq } as VenueRequest);
  }

  look(): void {
    this.watch.afterEvent?.();
  }

  /** Lets time pass, without anything that happens. */
  wait(ms: number): void {
    this.atMs += ms;
    this.look();
  }

  pass(passId = `pass-${this.atMs}`, isForced = false): void {
    const sections = [{ section: "fills", quality: "complete", rows: 0, problem: null }];
    const times = { startedAtMs: this.atMs, finishedAtMs: this.atMs };
    this.watch.onPass?.({
      passId,
      isForced,
      ...times,
      isComplete: true,
      sections,
      mirrors: [],
    } as unknown as PassReport);
    this.look();
  }

  async restart(): Promise<void> {
    await this.watch.onRestart?.();
  }

  async judge(): Promise<void> {
    await this.watch.judge?.();
  }

  get cycles(): number | null | undefined {
    return this.watch.cycles;
  }

  /** What a start of the account leaves: the instrument, and what the venue states. */
  async begin(): Promise<void> {
    await this.write("instrument_observed", { instrument: X });
    await this.state("1000");
    this.look();
  }

  /** The venue's total is taken over, as of right before: nobody could tell whether it has what happens this moment. */
  async state(
    total: string,
    before: string | null = null,
    cause: "unexplained" | null = null,
  ): Promise<void> {
    await this.write("adjustment_inferred", {
      subject: "balance",
      adjustmentId: `adj-${this.seq}`,
      asset: "USD",
      totalBefore: before === null ? null : decimal(before),
      totalAfter: decimal(total),
      freeAfter: null,
      asOfMs: this.atMs - 1,
      isWitnessed: true,
      cause,
    });
  }

  intent(id: string, more: Partial<SubmitCommand> = {}): Payloads["intent_recorded"] {
    const command = submit(id, more);
    const intent = { ...command, action: "submit" as const, intentId: `i-${id}`, strategy: "s" };
    return { orderKey: `c|X|${id}` as never, by: "bot", intent };
  }

  /** An order as it should be: meant, sent, carried out and told. */
  async order(id: string, more: Partial<SubmitCommand> = {}): Promise<void> {
    await this.write("intent_recorded", this.intent(id, more), "by:bot");
    this.request({ kind: "submit", command: submit(id, more) } as never);
    this.referee.submit(submit(id, more));
    await this.opened(id);
    for (const fill of this.referee.fills()) if (fill.clientOrderId === id) await this.fill(fill, id);
    this.look();
  }

  async opened(id: string): Promise<void> {
    const { venueOrderId } = this.referee.find({ clientOrderId: id }) ?? {};
    await this.observe(id, { status: "open", ...(venueOrderId !== undefined && { venueOrderId }) });
  }

  async observe(
    id: string,
    change: Payloads["order_state_observed"]["change"],
    source: Payloads["order_state_observed"]["source"] = "command",
    causeId = "test",
  ): Promise<void> {
    const payload = { orderKey: `c|X|${id}` as never, instrument: "X", change, source };
    await this.write("order_state_observed", payload, causeId);
  }

  async fill(row: FillRow, id: string | null, more: object = {}): Promise<void> {
    const fillKey = `X|${row.venueOrderId}|${row.tradeId}|${row.side}` as never;
    await this.write("fill_recorded", {
      ...row,
      fillKey,
      leg: "net",
      strategy: "s",
      orderKey: id === null ? null : (`c|X|${id}` as never),
      cause: null,
      source: "stream",
      isProvisional: false,
      ...more,
    });
  }

  /** Somebody else trades; the fill as the venue has it. */
  byHand(side: Side, qty: string): FillRow {
    this.referee.trade({ instrument: "X", leg: "net", side, qty: decimal(qty) });
    const fill = this.referee.fills().at(-1);
    if (!fill) throw new Error("nothing was traded");
    return fill;
  }

  async estimate(before: string, after: string, more: object = {}): Promise<void> {
    await this.writeEstimate(before, after, more);
    this.look();
  }

  /** Through zero: two records of one write. */
  async estimateFlip(before: string, after: string): Promise<void> {
    await this.writeEstimate(before, "0");
    await this.writeEstimate("0", after, { venueSeq: 1 });
    this.look();
  }

  private async writeEstimate(before: string, after: string, more: object = {}): Promise<void> {
    await this.write("adjustment_inferred", {
      subject: "position",
      adjustmentId: `adj-${this.seq}`,
      basis: "estimate",
      instrument: "X",
      leg: "net",
      qtyDelta: minus(after, before),
      price: null,
      priceSource: "none",
      asOfMs: this.atMs,
      venueSeq: 0,
      qtyBefore: decimal(before),
      qtyAfter: decimal(after),
      cause: "unexplained",
      strategy: "unattributed",
      orderKey: null,
      ...more,
    });
  }
}

export function submit(clientOrderId: string, more: Partial<SubmitCommand> = {}): SubmitCommand {
  return {
    instrument: "X",
    clientOrderId,
    leg: "net" as Leg,
    side: "buy",
    type: "market",
    qty: decimal("5"),
    timeInForce: "gtc",
    reduceOnly: false,
    ...more,
  };
}

export function discrepancy(id: string, more: Partial<Discrepancy> = {}): Discrepancy {
  return {
    id,
    of: "book",
    kind: "position_mismatch",
    subject: { type: "position", instrument: "X", leg: "net" },
    localQty: decimal("1"),
    venueQty: decimal("2"),
    fields: {},
    cause: null,
    explanation: null,
    witness: null,
    policy: "repair",
    stage: "confirmed",
    code: null,
    detail: null,
    firstSeenMs: START_MS,
    lastSeenMs: START_MS,
    sightings: 2,
    closedMs: null,
    resolution: null,
    recurrences: 0,
    ...more,
  };
}

function minus(a: string, b: string): Decimal {
  return decimal(String(Number(a) - Number(b)));
}
