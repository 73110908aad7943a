// How much may be asked of a venue, and by whom: one account of requests or weight for each key or address, shared by all
// accounts of the process that have it. It answers at once and never waits: who gets nothing reports what it did not read.
import type { Clock } from "../../runtime/index.ts";

/** A cancel lowers risk: it may use what is kept back for it. */
export type Purpose = "read" | "trade" | "cancel";

export interface RateLimit {
  /** Such as "requests" or "weight", for sentences. */
  readonly unit: string;
  /** So many units in `perMs`. */
  readonly allowed: number;
  readonly perMs: number;
  /** Units that reading may not use, so that orders can always be sent. A tenth of all unless given. */
  readonly tradeReserve?: number;
  /** Units that only cancels may use. A tenth of all unless given. */
  readonly cancelReserve?: number;
}

export type Taken =
  | { readonly kind: "taken"; readonly left: number }
  /** Nothing may be sent. `retryAfterMs` from now on it may. */
  | { readonly kind: "refused"; readonly problem: string; readonly retryAfterMs: number };

/** What a venue says when it was asked too much. */
export interface Refusal {
  /** `ban`: nothing at all may be sent (HTTP 418, or 403 of a firewall). `limit`: cancels still may. */
  readonly kind: "limit" | "ban";
  readonly forMs: number;
}

/** Where the venue does not say how long, a minute: most limits are counted by it. In ms. */
export const WAIT_MS_DEFAULT = 60_000;

export class RateBudget {
  private readonly clock: Clock;
  private readonly limit: RateLimit;
  /** What was used within the last window, oldest first. */
  private used: { readonly atMs: number; readonly units: number }[] = [];
  private sum = 0;
  /** Until when the venue refuses, by its own words: each kind for itself, as a ban holds cancels up too. */
  private readonly refusedUntilMs: Record<Refusal["kind"], number> = {
    limit: Number.NEGATIVE_INFINITY,
    ban: Number.NEGATIVE_INFINITY,
  };

  constructor(clock: Clock, limit: RateLimit) {
    this.clock = clock;
    this.limit = limit;
  }

  /** Takes so many units, or says why not and until when. A cost above all that is allowed is never given. */
  take(units: number, purpose: Purpose): Taken {
    const refused = this.refusedBy(units, purpose);
    if (refused) return refused;
    this.used.push({ atMs: this.clock.monotonicMs(), units });
    this.sum += units;
    return { kind: "taken", left: this.left() };
  }

  /** As `take`, without taking. */
  refusedBy(units: number, purpose: Purpose): Extract<Taken, { kind: "refused" }> | undefined {
    const nowMs = this.clock.monotonicMs();
    this.forget(nowMs);
    const { allowed, perMs, unit } = this.limit;
    const banned = this.banned();
    if (banned) return banned;
    if (this.refusedUntilMs.limit > nowMs && purpose !== "cancel") {
      return refusal("the venue said to wait", this.refusedUntilMs.limit - nowMs);
    }
    if (this.sum + units <= allowed - this.reserveFor(purpose)) return undefined;
    const retryAfterMs = this.freeInMs(units, purpose, nowMs);
    const problem = `rate limited: ${this.sum} of ${allowed} ${unit} in ${seconds(perMs)} are used, and some are kept for ${purpose === "read" ? "orders and cancels" : "cancels"}; again in ${seconds(retryAfterMs)}`;
    return { kind: "refused", problem, retryAfterMs };
  }

  /** Why nothing at all may be sent now, whatever it costs. */
  banned(): Extract<Taken, { kind: "refused" }> | undefined {
    const forMs = this.refusedUntilMs.ban - this.clock.monotonicMs();
    return forMs > 0 ? refusal("the venue has banned this address or key", forMs) : undefined;
  }

  /** The venue refused: 429, 418, or as it says it in a body. The longer of two refusals of one kind counts. */
  refuse({ kind, forMs }: Refusal): void {
    const untilMs = this.clock.monotonicMs() + Math.max(0, forMs);
    this.refusedUntilMs[kind] = Math.max(this.refusedUntilMs[kind], untilMs);
  }

  /** What the venue itself counted, as its headers say: other programs with the same key or address count too. */
  counted(units: number): void {
    const nowMs = this.clock.monotonicMs();
    this.forget(nowMs);
    if (!Number.isFinite(units) || units <= this.sum) return;
    this.used.push({ atMs: nowMs, units: units - this.sum });
    this.sum = units;
  }

  /** 0 (none) to 1 (all). */
  left(): number {
    const nowMs = this.clock.monotonicMs();
    this.forget(nowMs);
    if (Math.max(this.refusedUntilMs.limit, this.refusedUntilMs.ban) > nowMs) return 0;
    return Math.max(0, 1 - this.sum / this.limit.allowed);
  }

  private reserveFor(purpose: Purpose): number {
    const {
      allowed,
      tradeReserve = Math.floor(allowed / 10),
      cancelReserve = Math.floor(allowed / 10),
    } = this.limit;
    if (purpose === "cancel") return 0;
    return purpose === "trade" ? cancelReserve : cancelReserve + tradeReserve;
  }

  private forget(nowMs: number): void {
    const first = this.used.findIndex(({ atMs }) => nowMs - atMs < this.limit.perMs);
    const old = first === -1 ? this.used : this.used.slice(0, first);
    if (old.length > 0) {
      this.used = this.used.slice(old.length);
      this.sum = this.used.reduce((sum, one) => sum + one.units, 0);
    }
  }

  private freeInMs(units: number, purpose: Purpose, nowMs: number): number {
    let over = this.sum + units - (this.limit.allowed - this.reserveFor(purpose));
    for (const { atMs, units: freed } of this.used) {
      over -= freed;
      if (over <= 0) return atMs + this.limit.perMs - nowMs;
    }
    return this.limit.perMs;
  }
}

/** A budget for each thing that is counted; a refusal of one is a refusal of all. */
export class RateBudgets {
  private readonly budgets: readonly RateBudget[];

  constructor(budgets: readonly RateBudget[]) {
    this.budgets = budgets;
  }

  /** @param units What it costs of each budget, in their order; a single figure counts for each. */
  take(units: number | readonly number[], purpose: Purpose): Taken {
    const costOf = (index: number) => (typeof units === "number" ? units : (units[index] ?? 0));
    for (const [index, budget] of this.budgets.entries()) {
      // A ban of the address holds also what costs nothing of it, or another account's orders would lengthen it.
      const refused = costOf(index) > 0 ? budget.refusedBy(costOf(index), purpose) : budget.banned();
      if (refused) return refused;
    }
    for (const [index, budget] of this.budgets.entries()) {
      if (costOf(index) > 0) budget.take(costOf(index), purpose);
    }
    return { kind: "taken", left: this.left() };
  }

  refuse(refusal: Refusal): void {
    for (const budget of this.budgets) budget.refuse(refusal);
  }

  left(): number {
    return Math.min(1, ...this.budgets.map((budget) => budget.left()));
  }
}

/** By clock, so that one process under two clocks, as tests have it, never counts across them. */
const SHARED = new WeakMap<Clock, Map<string, RateBudget>>();

/**
 * The budget of one key or address, the same object for whoever names it again.
 * @param counted What is counted: the venue, the limit's name, and the key or the address that it is counted by.
 */
export function sharedBudget(clock: Clock, counted: readonly string[], limit: RateLimit): RateBudget {
  const budgets = SHARED.get(clock) ?? new Map<string, RateBudget>();
  SHARED.set(clock, budgets);
  const name = JSON.stringify(counted);
  const known = budgets.get(name) ?? new RateBudget(clock, limit);
  budgets.set(name, known);
  return known;
}

/** As HTTP has it: seconds, or a date. Undefined where it says nothing that can be read. In ms. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Math.ceil(Number(header) * 1_000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

function refusal(why: string, retryAfterMs: number): Extract<Taken, { kind: "refused" }> {
  const problem = `rate limited: ${why}, for ${seconds(retryAfterMs)} more`;
  return { kind: "refused", problem, retryAfterMs };
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`;
}
