// R12, at the record: a mirror is written only from what the same pass could confirm and while nothing of the key moves;
// what is said to be written was in the store; and a difference is closed only by a read that could have shown it.
import { type JournalRecord, orderStatus, type Payloads } from "../../core/index.ts";
import type { Course } from "./course.ts";
import type { VenueRequest, Watch } from "./world.ts";

type Written = Payloads["mirror_written"]["rows"][number];

export class MirrorWrites implements Watch {
  private readonly course: Course;
  /** Orders whose outcome is not known, and since when, monotonic ms. */
  private readonly waiting = new Map<string, { readonly instrument: string; readonly sinceMs: number }>();
  /** When the pass under way began to read: the history is asked for once a pass. */
  private beganMs = 0;
  /** What the store has shown since a write was announced, by position; null while none is. */
  private shown: Map<string, Set<string>> | null = null;
  /** A write that is not known to have been made, and since when the store shows it, monotonic ms. */
  private open: { readonly intent: Payloads["mirror_write_intended"]; sinceMs: number | null } | null = null;

  constructor(course: Course) {
    this.course = course;
  }

  onRequest(request: VenueRequest): void {
    if (request.kind === "read" && request.what === "history") this.beganMs = request.atMs;
  }

  onRestart(): void {
    this.shown = null;
  }

  afterEvent(): void {
    if (this.shown) this.look(this.shown);
    this.lookForOpen();
  }

  /** Whether the store shows all of a write that is not known to have been made, and since when. */
  private lookForOpen(): void {
    const { open } = this;
    if (!open) return;
    if (!this.shows(open.intent)) open.sinceMs = null;
    else open.sinceMs ??= this.course.world.monotonicMs();
  }

  private shows({ rows }: Payloads["mirror_write_intended"]): boolean {
    const { held } = this.course.world.mirror;
    return rows.every(({ instrument, leg, qty }) => {
      const found = held.filter((row) => row.instrument === instrument && row.leg === leg);
      return qty === null ? found.length === 0 : found.length === 1 && found[0]?.qty === qty;
    });
  }

  /** R12: what a process left without saying whether it was made is found out by looking. */
  private forgets(seq: number, what: string): void {
    const { open } = this;
    this.open = null;
    if (!open) return;
    const { world } = this.course;
    world.check("I10");
    if (open.sinceMs === null || open.sinceMs >= this.beganMs) return;
    world.violate(
      "I10",
      `record ${seq} ${what} write ${open.intent.writeId} into ${open.intent.mirror}, which the store has shown since before the pass`,
    );
  }

  onRecord({ kind, payload, seq }: JournalRecord): void {
    const isOfOrder =
      kind === "intent_recorded" || kind === "order_state_observed" || kind === "fill_recorded";
    if (isOfOrder && payload.orderKey !== null) this.follow(payload.orderKey);
    else if (kind === "adjustment_inferred" && payload.subject === "position" && payload.orderKey !== null) {
      this.follow(payload.orderKey);
    }
    if (kind === "mirror_write_intended") this.intended(payload, seq);
    else if (kind === "mirror_written") this.written(payload, seq);
    else if (kind === "mirror_write_dropped" && payload.mirror === this.course.world.mirror.name) {
      this.shown = null;
      this.forgets(seq, "drops");
    } else if (kind === "discrepancy_closed" && payload.resolution === "vanished")
      this.vanished(payload, seq);
  }

  private follow(orderKey: string): void {
    const order = this.course.shadow.orders.get(orderKey as never);
    if (order && this.isWaiting(orderKey)) {
      if (this.waiting.has(orderKey)) return;
      this.waiting.set(orderKey, {
        instrument: order.instrument,
        sinceMs: this.course.world.monotonicMs(),
      });
    } else this.waiting.delete(orderKey);
  }

  /** By all that the records say: an estimate may have told the outcome, too. */
  private isWaiting(orderKey: string): boolean {
    const order = this.course.shadow.orders.get(orderKey as never);
    const status = order && orderStatus(order);
    return status === "pending" || status === "unknown";
  }

  private intended(intent: Payloads["mirror_write_intended"], seq: number): void {
    const { mirror, rows } = intent;
    const { world, shadow, trail } = this.course;
    if (mirror === world.mirror.name) {
      this.forgets(seq, "forgets");
      // What it shows already tells nothing of the write: a bot may have taken a row out before a person takes it back.
      this.open = this.shows(intent) ? null : { intent, sinceMs: null };
      this.shown = new Map();
      this.look(this.shown);
    }
    if (rows.some(({ action, undoes }) => action === "restored" || undoes !== undefined)) return;
    world.check("I8");
    const positions = shadow.sections.get("positions")?.quality;
    const isUnread = positions !== "complete" && positions !== "partial";
    const isUntold = shadow.sections.get("fills")?.quality !== "complete";
    if (isUnread && isUntold && !trail.isByPlan) {
      world.violate(
        "I8",
        `record ${seq} writes ${mirror} while the positions are ${positions ?? "not read"} and the history was not read: nothing confirms the book`,
      );
    }
    for (const { instrument } of rows) {
      for (const [orderKey, one] of this.waiting) {
        if (one.instrument !== instrument || one.sinceMs >= this.beganMs || !this.isWaiting(orderKey))
          continue;
        world.violate(
          "I8",
          `record ${seq} writes ${instrument} in ${mirror}, and the outcome of order ${orderKey} has not been known since before the pass`,
        );
      }
    }
  }

  private written({ mirror, rows, isRecovered }: Payloads["mirror_written"], seq: number): void {
    const { world } = this.course;
    const { shown } = this;
    if (mirror !== world.mirror.name) return;
    this.shown = null;
    this.open = null;
    if (isRecovered || !shown) return;
    this.look(shown);
    for (const row of rows) {
      world.check("I10");
      const wanted = textOf(row);
      const seen = shown.get(`${row.leg}:${row.instrument}`) ?? new Set(["no row"]);
      if (wanted === null || seen.has(wanted)) continue;
      world.violate(
        "I10",
        `record ${seq} says that ${row.leg}:${row.instrument} in ${mirror} is ${row.action} (${wanted}); the store had ${[...seen].join(", then ")}`,
      );
    }
  }

  /** What the store has of every position, noted where it is new. */
  private look(shown: Map<string, Set<string>>): void {
    const { held } = this.course.world.mirror;
    const rows = new Map(held.map((row) => [`${row.leg}:${row.instrument}`, row.qty ?? "a row"]));
    for (const key of new Set([...shown.keys(), ...rows.keys()])) {
      const seen = shown.get(key) ?? new Set();
      // What was not there when this began to look was no row.
      if (seen.size === 0 && shown.size > 0 && !shown.has(key)) seen.add("no row");
      seen.add(rows.get(key) ?? "no row");
      shown.set(key, seen);
    }
  }

  private vanished({ of, subject, id }: Payloads["discrepancy_closed"], seq: number): void {
    const { world, shadow } = this.course;
    if (of !== "book" || subject.type !== "position") return;
    world.check("I10");
    const quality = shadow.sections.get("positions")?.quality;
    if (quality === "complete") return;
    world.violate(
      "I10",
      `record ${seq} closes discrepancy ${id} as vanished; the positions are ${quality ?? "not read"}, which could not have shown it`,
    );
  }
}

function textOf({ action, after }: Written): string | null {
  if (action === "restored") return null;
  if (action === "removed" || after === null) return "no row";
  const { qty } = after;
  return typeof qty === "string" ? qty : "a row";
}
