// The owner's limits as people write them. Each is said, or said to be unlimited: a limit that is missing is an
// error, so that a forgotten line can never mean infinity.
import { z } from "zod";
import type { AccountLimits } from "../core/index.ts";
import type { Config } from "./config-schema.ts";
import { lineOf } from "./lines.ts";
import { count, notNegative } from "./policy-schema.ts";

const unlimited = z.literal("unlimited").transform(() => null);
const value = z.union([unlimited, notNegative]);
const number = (most: number) => z.union([unlimited, count(0, most)]);

export const limitsSchema = z.strictObject({
  order_value_max: value,
  position_value_max: value,
  exposure_max: value,
  open_orders_max: number(1_000_000),
  orders_per_minute_max: number(1_000_000),
});

export function limitsFrom(text: z.output<typeof limitsSchema> | undefined): AccountLimits | null {
  if (text === undefined) return null;
  return {
    orderValueMax: text.order_value_max,
    positionValueMax: text.position_value_max,
    exposureMax: text.exposure_max,
    openOrdersMax: text.open_orders_max,
    ordersPerMinuteMax: text.orders_per_minute_max,
  };
}

/** Accounts that orders go through, and that say nothing about how large these may be. */
export function limitProblems(
  { accounts }: Config,
  text: string,
): { line: number | undefined; text: string }[] {
  return Object.entries(accounts).flatMap(([name, { mode, limits }]) =>
    mode !== "executor" || limits !== undefined
      ? []
      : [
          {
            line: lineOf(text, ["accounts", name, "mode"]),
            text: `accounts.${name}: mode = "executor" sends orders, and there are no limits; add [accounts.${name}.limits] with ${Object.keys(limitsSchema.shape).join(", ")}, each a number or "unlimited"`,
          },
        ],
  );
}
