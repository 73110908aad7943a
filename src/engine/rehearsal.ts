// A rehearsal: the forced pass that would be made now, with everything that a person could add to it, on a copy of
// the book and on mirrors that write nothing. A plan is what it did and what it refused; the journal, the venue and
// the bots' stores are as they were.
import {
  BOOK,
  type Book,
  type Copy,
  type Decimal,
  type Discrepancy,
  digestHex,
  heldKeys,
  isActive,
  isUsable,
  type MirrorChange,
  type MirrorRow,
  type Observation,
  orderStatus,
  positionKey,
  positionQty,
  slotOf,
  type Word,
} from "../core/index.ts";
import type { Mirror, MirrorRead, MirrorWrite } from "../mirrors/index.ts";
import { restoreBook } from "./boot.ts";
import { type CheckOptions, FORGETFUL } from "./check.ts";
import type { MirrorLook } from "./mirroring.ts";
import { runPass } from "./pass.ts";
import { newMemory } from "./pass-memory.ts";
import {
  type Need,
  PLAN_MS,
  type Plan,
  type PlanRefusal,
  type PlanStep,
  type World,
  withId,
} from "./plan.ts";
import type { PassReport } from "./report.ts";
import { AccountWriter } from "./writer.ts";

export interface PlanOptions extends CheckOptions {
  /** Only these copies; null for all. */
  readonly copies: readonly Copy[] | null;
}

export async function planAccount(options: PlanOptions): Promise<Plan> {
  const { account, journal, runtime, policy, copies, venue, lastPrices = new Map() } = options;
  const book = await restoreBook(journal, account);
  const before = bookWorld(book);
  const { seq } = book;
  const seen: { observation?: Observation; looks: readonly MirrorLook[] } = { looks: [] };
  const madeAtMs = runtime.clock.nowMs();
  const report = await runPass({
    ...options,
    writer: new AccountWriter(book, FORGETFUL, runtime.clock),
    mirrors: options.mirrors.map((mirror) => new RehearsedMirror(mirror)),
    lastPrices,
    sending: new Set(),
    policy: { ...policy, observe: false },
    trigger: "plan",
    isForced: true,
    liveSinceMs: null,
    memory: newMemory(),
    word: wordOfRehearsal(copies),
    onObserved: (observation, looks) => Object.assign(seen, { observation, looks }),
  });
  const steps = stepsOf(report, policy.kinds);
  const world = { ...before, ...venueWorld(seen.observation), ...mirrorWorlds(seen.looks) };
  return withId({
    account,
    madeAtMs,
    expiresAtMs: madeAtMs + PLAN_MS,
    madeOf: {
      seq,
      observation: digestHex(JSON.stringify(venueWorld(seen.observation))),
      mirrors: Object.fromEntries(
        seen.looks.map(({ mirror, read }) => [mirror.name, digestHex(JSON.stringify(read.rows))]),
      ),
    },
    copies,
    steps,
    rows: steps.filter(({ needs }) => needs !== null).length,
    refused: refusalsOf(report, copies),
    problems: problemsOf(report),
    inFlight: report.summaries.reduce((sum, { inFlight }) => sum + inFlight, 0),
    mayApply: !policy.observe && venue.capabilities.heals,
    isReadable: report.sections.find(({ section }) => section === "positions")?.quality !== "unavailable",
    world,
  });
}

function wordOfRehearsal(copies: readonly Copy[] | null): Word {
  return { by: "plan", planId: "", steps: null, copies: copies && new Set(copies) };
}

function stepsOf({ repairs, discrepancies }: PassReport, kinds: CheckOptions["policy"]["kinds"]): PlanStep[] {
  const byId = new Map(discrepancies.map((one) => [one.id, one]));
  const steps = repairs.flatMap(({ discrepancyId, action, before, after }): PlanStep[] => {
    const one = byId.get(discrepancyId);
    if (!one) return [];
    const { of, kind, subject, localQty, venueQty, cause, explanation, witness } = one;
    const needs = needOf(one, kinds[kind]);
    return [
      {
        of,
        kind,
        action,
        ...placeOf(one),
        localQty,
        venueQty,
        before,
        after,
        cause,
        explanation,
        witness: needs === "witness" ? null : witness,
        needs,
        missing: missingOf(one, needs),
        slot: slotOf(of, kind, subject),
      },
    ];
  });
  return steps.sort((a, b) => Number(a.of !== BOOK) - Number(b.of !== BOOK) || (a.slot < b.slot ? -1 : 1));
}

function needOf({ witness, kind, policy, code }: Discrepancy, configured: string): Need | null {
  if (witness === "person") return "witness";
  if (code === "declared" && (kind === "unknown_order" || kind === "stale_local_order")) return "outcome";
  return policy === "repair" && configured === "repair" ? null : "policy";
}

function missingOf({ detail, policy, recurrences, of }: Discrepancy, needs: Need | null): string | null {
  if (needs === null) return null;
  if (needs !== "policy") return detail;
  return policy === "watch" && of !== BOOK && recurrences > 0
    ? `it was repaired ${recurrences} times and came back: it is only watched, until a person decides`
    : `the policy of this kind is ${policy}: it is left to a person`;
}

function placeOf({ subject }: Discrepancy) {
  const isOrder = subject.type === "order";
  return {
    instrument: subject.type === "balance" ? null : subject.instrument,
    leg: subject.type === "position" ? subject.leg : null,
    asset: subject.type === "balance" ? subject.asset : null,
    clientOrderId: isOrder ? subject.clientOrderId : null,
    venueOrderId: isOrder ? subject.venueOrderId : null,
  };
}

function refusalsOf({ discrepancies }: PassReport, copies: readonly Copy[] | null): PlanRefusal[] {
  const open = discrepancies.filter(
    ({ closedMs, of, kind }) =>
      closedMs === null && kind !== "entry_price_mismatch" && (copies === null || copies.includes(of)),
  );
  return open.map((one) => {
    const { of, kind, localQty, venueQty, code, detail } = one;
    const { instrument, asset } = placeOf(one);
    return { of, kind, instrument, asset, localQty, venueQty, code, detail };
  });
}

function problemsOf({ sections, mirrors }: PassReport): string[] {
  return [
    ...sections.flatMap(({ section, quality, problem }) =>
      quality === "complete" ? [] : [`${section} ${quality}: ${problem ?? "no reason given"}`],
    ),
    ...mirrors.flatMap(({ mirror, place, problem }) =>
      problem === null ? [] : [`mirror ${mirror} (${place}): ${problem}`],
    ),
  ];
}

/** Quantities and orders of the book, before the rehearsal touched it. */
function bookWorld(book: Book): World {
  const positions = heldKeys(book).map((key) => [key, positionQty(book, key)]);
  const orders = [...book.orders.values()]
    .filter(isActive)
    .map((order) => [order.orderKey, orderStatus(order)]);
  return {
    "positions in book": Object.fromEntries(positions),
    "orders in book": Object.fromEntries(orders),
  };
}

/** What the venue said, without what moves by itself: prices, values. */
function venueWorld(observation: Observation | undefined): World {
  const { positions, orders } = observation ?? {};
  const isRead = (section: { readonly quality: string } | undefined) =>
    section !== undefined && isUsable(section.quality as "complete");
  const rows = isRead(positions) ? (positions?.rows ?? []) : [];
  const open = isRead(orders) ? (orders?.rows ?? []) : [];
  return {
    "positions at the venue": Object.fromEntries([
      ["read", positions?.quality ?? "none"],
      ...rows.map(({ instrument, leg, qty }) => [positionKey(instrument, leg), qty]),
    ]),
    "orders at the venue": Object.fromEntries([
      ["read", orders?.quality ?? "none"],
      ...open.map((row) => [
        `${row.instrument} ${row.venueOrderId ?? row.clientOrderId ?? "?"}`,
        `${row.status ?? "?"}, filled ${row.filledQty ?? "?"}`,
      ]),
    ]),
  };
}

/** Of a row what trueup reads in it; the bot's own fields may change all the time. */
function mirrorWorlds(looks: readonly MirrorLook[]): World {
  return Object.fromEntries(
    looks.map(({ mirror, read }) => [
      `rows of ${mirror.name}`,
      Object.fromEntries([
        ["read", read.quality],
        ...read.rows.map(({ rowId, instrument, leg, qty, entryPrice, problem }) => [
          rowId,
          problem
            ? `unreadable (${problem.code})`
            : `${positionKey(instrument, leg)} ${qty ?? "held"}${entryPrice === undefined ? "" : ` at ${entryPrice}`}`,
        ]),
      ]),
    ]),
  );
}

/** Shows its changes to whoever reads it again, and writes nothing. */
class RehearsedMirror implements Mirror {
  readonly name: string;
  readonly scope: Mirror["scope"];
  readonly isPresenceOnly: boolean;
  readonly mayAdd: boolean;
  readonly demandsVenueReference: boolean;
  readonly place: string;
  private readonly mirror: Mirror;
  private shown: MirrorRead | undefined;

  constructor(mirror: Mirror) {
    const { name, scope, isPresenceOnly, mayAdd, demandsVenueReference, place } = mirror;
    this.name = name;
    this.scope = scope;
    this.isPresenceOnly = isPresenceOnly;
    this.mayAdd = mayAdd;
    this.demandsVenueReference = demandsVenueReference;
    this.place = place;
    this.mirror = mirror;
  }

  async read(): Promise<MirrorRead> {
    this.shown ??= await this.mirror.read();
    return this.shown;
  }

  async write(changes: readonly MirrorChange[]): Promise<MirrorWrite> {
    const { rows, version } = await this.read();
    const byPosition = new Map(changes.map((change) => [positionKey(change.instrument, change.leg), change]));
    const kept = rows.flatMap((row): MirrorRow[] => {
      const change = row.problem ? undefined : byPosition.get(positionKey(row.instrument, row.leg));
      if (!change) return [row];
      return change.action === "removed" ? [] : [{ ...row, qty: change.qty }];
    });
    const added = changes.flatMap((change) => (change.action === "added" ? [this.added(change)] : []));
    this.shown = { quality: "complete", rows: [...kept, ...added], version: `${version} rehearsed` };
    return { kind: "written", backup: null };
  }

  private added({ instrument, leg, qty, metadata }: MirrorChange): MirrorRow {
    const shownQty: Decimal | null = this.isPresenceOnly ? null : qty;
    return { rowId: `${leg}:${instrument}`, instrument, leg, qty: shownQty, metadata };
  }
}
