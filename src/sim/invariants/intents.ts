// I1: what leaves for the venue has a durable intent. I2: an intent makes one order at most. I9: nothing but what a bot
// or a person asked for leaves, and it leaves as it was asked for; healing never trades.
import type { JournalRecord, Payloads } from "../../core/index.ts";
import type { Course } from "./course.ts";
import type { Meant } from "./trail.ts";
import type { VenueRequest, Watch } from "./world.ts";

type Request<K extends VenueRequest["kind"]> = VenueRequest & { readonly kind: K };

/** A kill's cancels may still be under way for this long after it was released: one read and one command. In ms. */
const KILL_ECHO_MS = 60_000;
/** Who may not send anything: these are trueup's own hands. */
const OWN_HANDS: ReadonlySet<string> = new Set(["", "boot", "engine", "pass", "trueup"]);
const ORDER_FIELDS = [
  "instrument",
  "leg",
  "side",
  "type",
  "qty",
  "notional",
  "price",
  "triggerPrice",
  "timeInForce",
  "reduceOnly",
] as const;
const AMENDED_FIELDS = ["instrument", "qty", "price", "triggerPrice"] as const;

/** How long a bot's order may wait for that. In ms. */
const WAY_MS = 5_100;

export class Intents implements Watch {
  private readonly course: Course;
  /** Requests to submit that left, by client order id. */
  private readonly left = new Map<string, number>();
  /** How many ids the venue had when it was last looked at. */
  private placed = 0;
  private events = 0;

  constructor(course: Course) {
    this.course = course;
  }

  onRequest(request: VenueRequest): void {
    if (request.kind === "submit") this.submitted(request);
    else if (request.kind === "amend") this.amended(request);
    else if (request.kind === "cancel") this.canceled(request);
  }

  onRecord({ kind, payload, seq }: JournalRecord): void {
    if (kind !== "intent_recorded" || payload.intent.action === "cancel") return;
    const { world, trail } = this.course;
    const { intentId } = payload.intent;
    const ids = [...(trail.idsOfIntent.get(intentId) ?? [])];
    this.named(payload, seq);
    const all = ids.flatMap((id) => trail.meant.get(id) ?? []);
    const others = all.filter((one) => one.seq !== seq);
    world.check("I2");
    if (others.length === 0) return;
    const where = others.map((one) => `record ${one.seq}`).join(", ");
    world.violate(
      "I2",
      `intent ${intentId} is recorded again by record ${seq}, under client order ids ${ids.join(", ")}; it was already by ${where}, and once is allowed`,
    );
  }

  /** R16: the id that it leaves under follows from the intent alone. */
  private named({ intent, orderKey }: Payloads["intent_recorded"], seq: number): void {
    const { world, shadow } = this.course;
    if (world.clientOrderIdOf === undefined || intent.action === "cancel") return;
    const isSubmit = intent.action === "submit";
    const id = isSubmit ? intent.clientOrderId : intent.newClientOrderId;
    const strategy = isSubmit ? intent.strategy : (shadow.orders.get(orderKey)?.strategy ?? null);
    const wanted = world.clientOrderIdOf(intent.intentId, strategy);
    world.check("I9");
    if (id === wanted) return;
    world.violate(
      "I9",
      `record ${seq} names intent ${intent.intentId} ${id}; from the intent alone follows ${wanted}`,
    );
  }

  /** The venue's own count: looked at when it grew, and now and then. */
  afterEvent(): void {
    this.events += 1;
    const placements = this.course.world.referee.placements();
    if (placements.size === this.placed && this.events % 50 !== 0) return;
    this.countPlacements(placements);
  }

  async judge(): Promise<void> {
    this.countPlacements(this.course.world.referee.placements());
  }

  private readonly toldPlacements = new Set<string>();

  private countPlacements(placements: ReadonlyMap<string, number>): void {
    const { world } = this.course;
    if (placements.size > this.placed) world.check("I2", placements.size - this.placed);
    this.placed = placements.size;
    for (const [id, count] of placements) {
      if (count <= 1 || this.toldPlacements.has(id)) continue;
      this.toldPlacements.add(id);
      world.violate("I2", `the venue made ${count} orders of client order id ${id}; one is allowed`);
    }
  }

  private submitted({ command, durableSeq, atMs }: Request<"submit">): void {
    const { world, trail } = this.course;
    const { clientOrderId } = command;
    const count = (this.left.get(clientOrderId) ?? 0) + 1;
    this.left.set(clientOrderId, count);
    world.check("I2");
    if (count > 1) {
      world.violate(
        "I2",
        `order ${clientOrderId} left for the venue ${count} times, lastly at ${atMs} ms; once is allowed`,
      );
    }
    const meant = this.durable(clientOrderId, durableSeq, "submit");
    world.check("I1");
    world.check("I9");
    if (!meant) {
      const known = (trail.meant.get(clientOrderId) ?? []).map(({ seq }) => seq).join(", ") || "none";
      world.violate(
        "I1",
        `order ${clientOrderId} left at ${atMs} ms while the journal was durable up to record ${durableSeq}; its intents are records: ${known}`,
      );
      return;
    }
    this.inTime(meant, clientOrderId, atMs);
    this.asAsked(meant, clientOrderId, command, ORDER_FIELDS);
  }

  private amended({ command, durableSeq, atMs }: Request<"amend">): void {
    const { world } = this.course;
    const { newClientOrderId } = command;
    const meant = this.durable(newClientOrderId, durableSeq, "amend");
    world.check("I1");
    world.check("I9");
    if (!meant) {
      world.violate(
        "I1",
        `an amendment of ${command.clientOrderId ?? command.venueOrderId} under ${newClientOrderId} left at ${atMs} ms, and no durable record up to ${durableSeq} means it`,
      );
      return;
    }
    this.inTime(meant, newClientOrderId, atMs);
    this.asAsked(meant, newClientOrderId, command, AMENDED_FIELDS);
  }

  private canceled({ command, durableSeq, atMs }: Request<"cancel">): void {
    const { world, trail } = this.course;
    world.check("I1");
    world.check("I9");
    const keys = trail.keysOf(command);
    if (keys.some((key) => trail.cancels.get(key)?.some(({ seq }) => seq <= durableSeq))) return;
    const { kill, released } = trail;
    // A person's kill cancels before its record is durable: its latch is, and a cancel adds no risk.
    if ((world.killAskedAtMs?.() ?? null) !== null) return;
    if (kill && kill.seq <= durableSeq) return;
    if (released && atMs - released.atMs <= KILL_ECHO_MS) return;
    world.violate(
      "I1",
      `a cancel of ${command.clientOrderId ?? command.venueOrderId} in ${command.instrument} left at ${atMs} ms; up to record ${durableSeq} nothing asks for it, and no kill is in force`,
    );
  }

  private durable(id: string, durableSeq: number, action: "submit" | "amend"): Meant | undefined {
    const all = this.course.trail.meant.get(id) ?? [];
    return all.find(({ seq, intent }) => seq <= durableSeq && intent.action === action);
  }

  /** What lies at the venue goes before an order of a bot that closes, where no flag bounds it. In ms. */
  private wayMs(): number {
    const { policy, capabilities } = this.course.world;
    const isPlaced = (policy.exits?.mode ?? "managed") !== "managed";
    return isPlaced && !capabilities.commands.reduceOnlyFlag ? WAY_MS : 0;
  }

  private inTime(meant: Meant, id: string, atMs: number): void {
    const { world } = this.course;
    const { sendDeadlineMs } = world.policy;
    const ageMs = atMs - meant.atMs;
    if (ageMs > sendDeadlineMs) {
      world.violate(
        "I1",
        `${id} left ${ageMs} ms after its intent (record ${meant.seq}) was durable; ${sendDeadlineMs} ms are allowed`,
      );
      return;
    }
    // It counts from the moment at which it was given: writing it down takes its time too.
    const { intent } = meant;
    const givenMs = intent.action === "cancel" ? undefined : world.commandedAtMs(intent.intentId);
    if (givenMs === undefined || atMs - givenMs <= sendDeadlineMs + this.wayMs()) return;
    world.violate(
      "I1",
      `${id} left ${atMs - givenMs} ms after it was given (record ${meant.seq}); ${sendDeadlineMs} ms are allowed`,
    );
  }

  private asAsked(meant: Meant, id: string, command: object, fields: readonly string[]): void {
    const { world } = this.course;
    const { by, causeId, seq } = meant;
    if (OWN_HANDS.has(by) || causeId !== `by:${by}`) {
      world.violate(
        "I9",
        `${id} left for an intent (record ${seq}) by "${by}" with cause ${causeId}; only a bot or a person may ask for an order`,
      );
    }
    const asked = meant.intent as unknown as Readonly<Record<string, unknown>>;
    const sent = command as Readonly<Record<string, unknown>>;
    const other = fields.filter((field) => asked[field] !== sent[field]);
    if (other.length === 0) return;
    const text = other.map((field) => `${field} ${String(sent[field])} instead of ${String(asked[field])}`);
    world.violate("I9", `${id} left as something else than its intent (record ${seq}): ${text.join(", ")}`);
  }
}
