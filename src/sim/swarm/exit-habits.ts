// Exits as owners and bots of a simulated account want them, drawn from a stream of their own: who closes positions, the
// plans of the configuration, and the plan that an order comes with or a person sets.
import {
  type AccountPolicy,
  type DeadManCapability,
  type Decimal,
  decimal,
  EXIT_MODES,
  type ExitPlan,
  type ExitPolicy,
  POLICY_DEFAULT,
} from "../../core/index.ts";
import type { Habits } from "./habits.ts";
import type { SeededRandom } from "./random.ts";

/** Parts of the entry price, from what a single move reaches to what hardly any does. */
const RATIOS = ["0.01", "0.03", "0.08", "0.15", "0.4"];
const TIME_STOPS_MS = [2_000, 15_000, 60_000, 300_000];
const HOLDS_MS = [1_000, 10_000, 60_000, 600_000];

/** How far a backstop lies from the entry price, from what a move or two reach to what hardly any does. */
const BACKSTOPS = ["0.04", "0.1", "0.2", "0.45"];
const DEAD_MAN_CHANCE = 0.25;
const DEAD_MAN_MS = [6_000, 30_000, 120_000];

export interface DrawnExits {
  readonly exits: ExitPolicy;
  readonly kinds: AccountPolicy["kinds"];
}

/** What an account's owner decided about exits. */
export function drawExits(random: SeededRandom): DrawnExits {
  const owns = random.chance(0.9);
  const isDefault = random.chance(0.8);
  // One that protects: what has no stop would hold every instrument's gate.
  const ofAll = { stop: { ratio: decimal("0.15") }, ...ratioPlan(random) };
  const isOwn = random.chance(0.3);
  const ofCarry = ratioPlan(random);
  const isEscalated = random.chance(0.4);
  return {
    exits: {
      owns,
      mode: "managed",
      default: isDefault ? ofAll : null,
      strategies: isOwn ? { carry: ofCarry } : {},
    },
    kinds:
      owns && isEscalated
        ? { ...POLICY_DEFAULT.kinds, unprotected_position: "escalate", foreign_exit_order: "escalate" }
        : POLICY_DEFAULT.kinds,
  };
}

/** Where exits lie, from a stream of its own: each mode as often as the others. */
export function drawMode(random: SeededRandom): Pick<ExitPolicy, "mode" | "backstop"> {
  const mode = random.pick(EXIT_MODES);
  return mode === "managed+backstop" ? { mode, backstop: decimal(random.pick(BACKSTOPS)) } : { mode };
}

/** A venue's dead-man switch that the owner uses; null for none. */
export function drawDeadMan(
  random: SeededRandom,
): { readonly declared: DeadManCapability; readonly timeoutMs: number } | null {
  if (!random.chance(DEAD_MAN_CHANCE)) return null;
  const timeoutMs = random.pick(DEAD_MAN_MS);
  const scope = random.pick(["account", "instrument"] as const);
  return { declared: { scope, timeoutMs: { min: 5_000, max: 300_000 }, turnsOff: true }, timeoutMs };
}

/** A plan for a position that was, or is about to be, opened on this side. */
export function drawPlan(
  random: SeededRandom,
  habits: Habits,
  symbol: string,
  side: "buy" | "sell",
): ExitPlan {
  const base = ratioPlan(random);
  if (random.chance(0.7)) return base;
  const price = habits.prices[symbol] ?? decimal("100");
  const isLong = side === "buy";
  const step = random.pick([1n, 4n, 10n, 20n]);
  return {
    ...base,
    ...(base.stop && { stop: { price: partOf(price, isLong ? 100n - step : 100n + step) } }),
    ...(base.target && { target: { price: partOf(price, isLong ? 100n + step : 100n - step) } }),
    ...(base.trailing && { trailing: { distance: partOf(price, step) } }),
  };
}

function ratioPlan(random: SeededRandom): ExitPlan {
  const has = { stop: random.chance(0.7), target: random.chance(0.4), trailing: random.chance(0.3) };
  const ratio = () => decimal(random.pick(RATIOS));
  const [stop, target, trailing] = [ratio(), ratio(), ratio()];
  const timeStopMs = random.chance(0.35) ? random.pick(TIME_STOPS_MS) : undefined;
  const holdMs = random.chance(0.3) ? random.pick(HOLDS_MS) : undefined;
  const isNothing = !has.stop && !has.target && !has.trailing && timeStopMs === undefined;
  return {
    ...((has.stop || isNothing) && { stop: { ratio: stop } }),
    ...(has.target && { target: { ratio: target } }),
    ...(has.trailing && { trailing: { ratio: trailing } }),
    ...(timeStopMs !== undefined && { timeStopMs }),
    ...(holdMs !== undefined && { minimumHoldMs: Math.min(holdMs, timeStopMs ?? holdMs) }),
  };
}

/** So many hundredths of a price, in cents. */
function partOf(price: Decimal, hundredths: bigint): Decimal {
  const cents = BigInt(price) * hundredths;
  return decimal(`${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`);
}
