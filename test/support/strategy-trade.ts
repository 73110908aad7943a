// One trade of X at 100 as the journal has it: what a test of the book alone needs, where no venue and no session is there.
import { type Decimal, type Draft, decimal, draft, fillKeyOf } from "../../src/core/index.ts";

export interface StrategyTrade {
  readonly side: "buy" | "sell";
  readonly qty: Decimal;
  /** Names the trade and its order. */
  readonly id: string;
  /** Venue time, ms. */
  readonly timestamp: number;
  readonly strategy?: string;
}

export function strategyTrade({ side, qty, id, timestamp, strategy = "grid" }: StrategyTrade): Draft {
  return draft(
    "fill_recorded",
    {
      fillKey: fillKeyOf("X", `V-${id}`, `T-${id}`, side),
      instrument: "X",
      leg: "net",
      side,
      qty,
      price: decimal("100"),
      tradeId: `T-${id}`,
      venueOrderId: `V-${id}`,
      timestamp,
      strategy,
      orderKey: null,
      cause: null,
      source: "venue",
      isProvisional: false,
    },
    "test",
  );
}
