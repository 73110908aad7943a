// What may be asked of the demo, read and checked: seed, speed, scenario.
import { suggest } from "../../config/index.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";

export interface DemoOptions {
  readonly seed?: string;
  readonly speed?: string;
  readonly scenario?: string;
  readonly list?: boolean;
  readonly once?: boolean;
}

/** The story that the README shows. */
export const SEED_DEFAULT = 8;
const SEED_MAX = 2 ** 32 - 1;
const SPEED_LEAST = 0.1;
const SPEED_MOST = 100;

/** @throws CliError 2 */
export function seedOf(text: string | undefined): number {
  if (text === undefined) return SEED_DEFAULT;
  const seed = Number(text);
  if (/^\d{1,10}$/.test(text) && seed <= SEED_MAX) return seed;
  throw usage(`--seed "${text}" is no seed; give a whole number from 0 to ${SEED_MAX}`);
}

/** How much faster than by default. @throws CliError 2 */
export function speedOf(text: string | undefined): number {
  if (text === undefined) return 1;
  const speed = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && speed >= SPEED_LEAST && speed <= SPEED_MOST) return speed;
  throw usage(
    `--speed "${text}" is no speed; give a number from ${SPEED_LEAST} to ${SPEED_MOST}, such as 1, 4 or 20`,
  );
}

/** @throws CliError 2, with the nearest name and all of them. */
export function scenarioOf<T extends { readonly name: string }>(
  name: string | undefined,
  known: readonly [T, ...T[]],
): T {
  if (name === undefined) return known[0];
  const found = known.find((one) => one.name === name);
  if (found) return found;
  const names = known.map((one) => one.name);
  const near = suggest(name, names);
  const meant = near === undefined ? "" : ` Did you mean "${near}"?`;
  throw usage(`there is no scenario "${name}".${meant} There are: ${names.join(", ")}`);
}

function usage(message: string): CliError {
  return new CliError(EXIT.usage, "usage", message);
}
