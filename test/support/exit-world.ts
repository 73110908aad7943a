// Accounts whose exits trueup keeps: an executor on the paper account, its stop of 2 %, and the order that opens a position.
import {
  type AccountPolicy,
  type CommandCapabilities,
  decimal,
  type ExitPlan,
  type ExitPolicy,
  type OrderIntent,
  POLICY_DEFAULT,
  UNLIMITED,
} from "../../src/core/index.ts";
import { TestWorld } from "./world.ts";

export const OWNED: ExitPolicy = { owns: true, mode: "managed", default: null, strategies: {} };
export const EXECUTOR: Partial<AccountPolicy> = {
  mode: "executor",
  limits: UNLIMITED,
  exits: OWNED,
  kinds: {
    ...POLICY_DEFAULT.kinds,
    unprotected_position: "escalate",
    foreign_exit_order: "escalate",
  },
};
export const STOP_2_PERCENT: ExitPlan = { stop: { ratio: decimal("0.02") } };

/**
 * An open account where AAPL is at 100.
 * @param commands What its venue can do besides, or cannot.
 */
export async function marketWith(
  exits: ExitPolicy,
  commands: Partial<CommandCapabilities> = {},
): Promise<TestWorld> {
  const world = new TestWorld({ ...EXECUTOR, exits });
  const { capabilities } = world.venue;
  Object.assign(world.venue, {
    capabilities: { ...capabilities, commands: { ...capabilities.commands, ...commands } },
  });
  await world.open();
  world.account.setPrice("AAPL", decimal("100"));
  return world;
}

/** Ten AAPL at the market, for the strategy `grid`. */
export function buying(intentId: string, exit?: ExitPlan, more: Partial<OrderIntent> = {}): OrderIntent {
  return {
    intentId,
    instrument: "AAPL",
    leg: "net",
    side: "buy",
    type: "market",
    qty: decimal("10"),
    timeInForce: "day",
    reduceOnly: false,
    strategy: "grid",
    ...(exit && { exit }),
    ...more,
  };
}

/** Each as `kind code`. */
export function openMatters(world: TestWorld): string[] {
  return [...world.session.book.discrepancies.values()].map(({ kind, code }) => `${kind} ${code}`);
}
