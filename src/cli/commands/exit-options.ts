// An exit plan as somebody types it: 95.5 is a price, 2% a part of the entry price, 90m a time.
import {
  type Decimal,
  type Distance,
  decimal,
  divide,
  type ExitPlan,
  type Level,
  multiply,
  parseDecimal,
} from "../../core/index.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";

export interface PlanOptions {
  readonly stop?: string;
  readonly target?: string;
  readonly trailing?: string;
  readonly timeStop?: string;
  readonly minimumHold?: string;
  readonly invalidation?: string;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Undefined where no option of a plan was given. */
export function planOf(options: PlanOptions): ExitPlan | undefined {
  const { stop, target, trailing, timeStop, minimumHold, invalidation } = options;
  const plan: ExitPlan = {
    ...(stop !== undefined && { stop: levelOf("stop", stop) }),
    ...(target !== undefined && { target: levelOf("target", target) }),
    ...(trailing !== undefined && { trailing: distanceOf(trailing) }),
    ...(timeStop !== undefined && { timeStopMs: msOf("time-stop", timeStop) }),
    ...(minimumHold !== undefined && { minimumHoldMs: msOf("minimum-hold", minimumHold) }),
    ...(invalidation !== undefined && { invalidation }),
  };
  return Object.keys(plan).length === 0 ? undefined : plan;
}

/** A plan as it would be typed, for a person to see what was understood. */
export function textOfPlan({ stop, target, trailing, ...plan }: ExitPlan): string {
  const levels = Object.entries({ stop, target, trailing }).flatMap(([name, level]) =>
    level === undefined ? [] : [`${name} ${textOfLevel(level)}`],
  );
  const times = Object.entries({ "time stop": plan.timeStopMs, "minimum hold": plan.minimumHoldMs }).flatMap(
    ([name, ms]) => (ms === undefined ? [] : [`${name} ${textOfMs(ms)}`]),
  );
  const why = plan.invalidation === undefined ? [] : [`invalidation "${plan.invalidation}"`];
  return [...levels, ...times, ...why].join(", ");
}

function textOfLevel(level: Level | Distance): string {
  if ("ratio" in level) return `${multiply(level.ratio, decimal("100"))}%`;
  return "price" in level ? level.price : level.distance;
}

function textOfMs(ms: number): string {
  const units = Object.entries(UNIT_MS).reverse();
  const [unit, size] = units.find(([, one]) => ms % one === 0) ?? ["s", 1_000];
  return `${ms / size}${unit}`;
}

function levelOf(name: string, text: string) {
  const ratio = ratioOf(name, text);
  return ratio === null ? { price: numberOf(name, text) } : { ratio };
}

function distanceOf(text: string) {
  const ratio = ratioOf("trailing", text);
  return ratio === null ? { distance: numberOf("trailing", text) } : { ratio };
}

function ratioOf(name: string, text: string): Decimal | null {
  return text.endsWith("%") ? divide(numberOf(name, text.slice(0, -1)), decimal("100")) : null;
}

function numberOf(name: string, text: string): Decimal {
  const value = parseDecimal(text);
  if (value !== undefined) return value;
  throw new CliError(
    EXIT.usage,
    "bad_number",
    `--${name} ${text} is neither a price, such as 95.5, nor a part of one, such as 2%`,
  );
}

function msOf(name: string, text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * (UNIT_MS[unit] ?? 1);
  throw new CliError(EXIT.usage, "bad_number", `--${name} ${text} is no time, such as 90s, 30m, 2h or 5d`);
}
