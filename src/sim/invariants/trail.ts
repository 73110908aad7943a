// What the records say so far, read without the core: which orders were meant and sent, what holds the gate, what is
// open, what was told. All watches of a run share one, so that each record is read once.
import type {
  Discrepancy,
  FillKey,
  GateReason,
  JournalRecord,
  JournalRecordOf,
  OrderKey,
  Payloads,
  PositionKey,
} from "../../core/index.ts";
import { Quantities } from "../oracle/quantities.ts";
import { ExitTrail } from "./exit-trail.ts";

/** What the intents of a plan to close positions begin with. */
export const CLOSING = "close_";

export interface Meant {
  readonly seq: number;
  /** When its record became durable, monotonic ms. */
  readonly atMs: number;
  readonly orderKey: OrderKey;
  readonly by: string;
  readonly causeId: string;
  readonly intent: Payloads["intent_recorded"]["intent"];
}

export interface Noted {
  readonly seq: number;
  readonly atMs: number;
}

export class Trail {
  /** Sequence of the last record that is known to be durable. */
  seq = 0;
  readonly quantities = new Quantities();
  readonly exits = new ExitTrail();
  /** The key whose quantity the last record moved. */
  moved: PositionKey | undefined;
  /** Of submissions and amendments, by the client order id that they leave under. */
  readonly meant = new Map<string, Meant[]>();
  /** Client order ids by intent id. */
  readonly idsOfIntent = new Map<string, Set<string>>();
  readonly cancels = new Map<OrderKey, Noted[]>();
  /** Orders by `X|id`, whoever gave the id. */
  readonly orderKeys = new Map<string, OrderKey>();
  readonly fills = new Map<FillKey, Payloads["fill_recorded"]>();
  readonly reversed = new Set<FillKey>();
  readonly ledgerIds = new Set<string>();
  gateOfAccount: readonly GateReason[] = [];
  readonly gates = new Map<string, readonly GateReason[]>();
  kill: (Noted & { readonly isAll: boolean }) | null = null;
  /** The last kill's end; null while none was released. */
  released: Noted | null = null;
  /** Open discrepancies, by id. */
  readonly open = new Map<string, Noted & { readonly facts: Discrepancy }>();
  /** Alerts, by everything that they name as evidence. */
  readonly alertsOf = new Map<string, Noted[]>();
  readonly alerts: (Noted & { readonly facts: Payloads["alert_raised"] })[] = [];
  /** A person's plan is being carried out: it stands above what evidence proves. */
  isByPlan = false;
  /** From when on a key's quantity is known, our clock; keys that have no anchor of their own have the account's. */
  readonly anchoredAtMs = new Map<PositionKey, number>();
  accountAnchorMs: number | null = null;

  apply(record: JournalRecord, atMs: number): void {
    this.seq = record.seq;
    this.moved = this.quantities.apply(record);
    this.exits.apply(record, atMs);
    const noted = { seq: record.seq, atMs };
    switch (record.kind) {
      case "intent_recorded":
        this.intend(record, atMs);
        break;
      case "order_state_observed":
        this.name(record.payload);
        break;
      case "fill_recorded":
        this.fill(record.payload);
        break;
      case "fill_reversed":
        this.reversed.add(record.payload.fillKey);
        break;
      case "ledger_entry_recorded":
        this.ledgerIds.add(record.payload.id);
        break;
      case "account_anchored":
        this.anchor(record.payload);
        break;
      case "gate_changed":
        this.gate(record.payload);
        break;
      case "kill_engaged":
        this.kill = { ...noted, isAll: record.payload.isAll === true };
        break;
      case "kill_released":
        this.kill = null;
        this.released = noted;
        break;
      case "discrepancy_opened":
      case "discrepancy_changed":
        this.open.set(record.payload.id, { ...noted, facts: record.payload });
        break;
      case "discrepancy_closed":
        this.open.delete(record.payload.id);
        break;
      case "alert_raised":
        this.alerts.push({ ...noted, facts: record.payload });
        for (const id of record.payload.evidence) push(this.alertsOf, id, noted);
        break;
      case "plan_applied":
        this.isByPlan = true;
        break;
      case "plan_verified":
        this.isByPlan = false;
        break;
    }
  }

  /** Whether it is an order of trueup's own: of an exit, or of a person's plan to close positions. */
  isOwn(clientOrderId: string): boolean {
    const meant = this.meant.get(clientOrderId)?.at(-1);
    return (
      meant !== undefined &&
      (meant.by === "exit" || (meant.intent.action === "submit" && meant.intent.intentId.startsWith(CLOSING)))
    );
  }

  /** Whether nothing, in the account or for this instrument, holds the gate. */
  isOpen(instrument: string): boolean {
    return this.gateOfAccount.length === 0 && (this.gates.get(instrument) ?? []).length === 0;
  }

  /** Keys under which the order of a command may be filed. */
  keysOf(handle: {
    readonly instrument: string;
    readonly clientOrderId?: string;
    readonly venueOrderId?: string;
  }): readonly OrderKey[] {
    const { instrument, clientOrderId, venueOrderId } = handle;
    const ids = [
      ["c", clientOrderId],
      ["v", venueOrderId],
    ] as const;
    return ids.flatMap(([kind, id]) => {
      if (id === undefined) return [];
      const known = this.orderKeys.get(refOf(instrument, kind, id));
      const own = `${kind}|${escaped(instrument)}|${escaped(id)}` as OrderKey;
      return known === undefined ? [own] : [known, own];
    });
  }

  /** Open discrepancies of an instrument in which both sides differ. */
  openOf(instrument: string): readonly Discrepancy[] {
    return this.about(instrument).filter((facts) => !isOfExits(facts));
  }

  /** What is open about the exits of an instrument: nothing differs there. */
  exitProblemsOf(instrument: string): readonly Discrepancy[] {
    return this.about(instrument).filter(({ kind }) => kind === "unprotected_position");
  }

  private about(instrument: string): readonly Discrepancy[] {
    const found: Discrepancy[] = [];
    for (const { facts } of this.open.values()) {
      if (facts.subject.type !== "balance" && facts.subject.instrument === instrument) found.push(facts);
    }
    return found;
  }

  private intend(record: JournalRecordOf<"intent_recorded">, atMs: number): void {
    const { seq, causeId, payload } = record;
    const { orderKey, by, intent } = payload;
    if (intent.action === "cancel") {
      push(this.cancels, orderKey, { seq, atMs });
      return;
    }
    const id = intent.action === "submit" ? intent.clientOrderId : intent.newClientOrderId;
    push(this.meant, id, { seq, atMs, orderKey, by, causeId, intent });
    const ids = this.idsOfIntent.get(intent.intentId) ?? new Set();
    this.idsOfIntent.set(intent.intentId, ids.add(id));
    this.orderKeys.set(refOf(intent.instrument, "c", id), orderKey);
  }

  private fill(facts: Payloads["fill_recorded"]): void {
    const { fillKey, merges } = facts;
    if (merges !== undefined) {
      this.fills.delete(merges);
      // The canonical row of a fill that was taken back is that fill.
      if (this.reversed.has(merges)) this.reversed.add(fillKey);
    }
    if (!this.fills.has(fillKey)) this.fills.set(fillKey, facts);
  }

  private name({ orderKey, instrument, change }: Payloads["order_state_observed"]): void {
    const { venueOrderId, clientOrderId, previousVenueOrderIds = [] } = change;
    for (const id of [venueOrderId, ...previousVenueOrderIds]) {
      if (id !== undefined) this.orderKeys.set(refOf(instrument, "v", id), orderKey);
    }
    if (clientOrderId !== undefined) this.orderKeys.set(refOf(instrument, "c", clientOrderId), orderKey);
  }

  private anchor({ anchor, keys }: Payloads["account_anchored"]): void {
    if (keys === undefined) this.accountAnchorMs = anchor.asOfMs;
    else for (const key of keys) this.anchoredAtMs.set(key, anchor.asOfMs);
  }

  private gate({ scope, reasons }: Payloads["gate_changed"]): void {
    if (scope.type === "account") this.gateOfAccount = reasons;
    else this.gates.set(scope.instrument, reasons);
  }
}

/** Whether it is about what would close a position, and not about a difference. */
export function isOfExits({ kind }: Pick<Discrepancy, "kind">): boolean {
  return kind === "unprotected_position" || kind === "foreign_exit_order";
}

function refOf(instrument: string, kind: "c" | "v", id: string): string {
  return `${kind} ${instrument} ${id}`;
}

/** As the journal writes the parts of its keys. */
function escaped(part: string): string {
  return part.replace(/[\\|]/g, "\\$&");
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
