// A referee to try things with: one clock, everything that it told, and commands with the fields that matter here.
import type { Decimal, Instrument, OrderRow } from "../../src/core/index.ts";
import { decimal, instrumentOf } from "../../src/core/index.ts";
import type { RefereeEvent, RefereeOptions } from "../../src/sim/referee/referee.ts";
import { SimReferee } from "../../src/sim/referee/sim-referee.ts";
import { SeededRandom } from "../../src/sim/swarm/random.ts";
import type { CommandOutcome, SubmitCommand } from "../../src/venues/index.ts";

export const START_MS = 1_800_000_000_000;

/** A share for dollars, a coin with a base asset, contracts that pay in dollars and in coins, one of which nothing is known. */
export const SHARE = instrumentOf("ACME", {
  quote: "USD",
  settlement: "cash",
  qtyStep: decimal("1"),
  priceStep: decimal("0.01"),
});
export const COIN = instrumentOf("BTC/USDT", {
  qtyStep: decimal("0.001"),
  priceStep: decimal("0.1"),
});
export const FUTURE = instrumentOf("ES", {
  quote: "USD",
  settlement: "margin",
  qtyStep: decimal("1"),
  priceStep: decimal("0.25"),
  multiplier: decimal("50"),
});
export const INVERSE = instrumentOf("ETH/USD:ETH", {
  qtyStep: decimal("1"),
  priceStep: decimal("0.05"),
  multiplier: decimal("10"),
});
export const UNKNOWN = instrumentOf("ODD", { qtyStep: decimal("0.1"), priceStep: decimal("0.01") });

type Written = Record<string, unknown>;

export class RefereeWorld {
  nowMs = START_MS;
  readonly events: RefereeEvent[] = [];
  readonly referee: SimReferee;
  private orders = 0;

  constructor(options: Partial<RefereeOptions> & { readonly instruments?: readonly Instrument[] } = {}) {
    this.referee = new SimReferee({
      accountId: "A-1",
      instruments: [SHARE, COIN, FUTURE, INVERSE, UNKNOWN],
      positionMode: "net",
      balances: { USD: decimal("10000") },
      feeRatio: decimal("0"),
      isFeeInBase: false,
      amend: "in_place",
      partialChance: 0,
      random: new SeededRandom(1),
      nowMs: () => this.nowMs,
      onEvent: (event) => this.events.push(event),
      ...options,
    });
  }

  price(instrument: string, last: string): void {
    this.nowMs += 1_000;
    this.referee.setPrice(instrument, decimal(last));
  }

  /** A market order to buy a share, but for what is given. */
  submit(fields: Partial<Record<keyof SubmitCommand, unknown>> = {}): CommandOutcome {
    this.orders += 1;
    const command: Written = {
      instrument: "ACME",
      clientOrderId: `c-${this.orders}`,
      leg: "net",
      side: "buy",
      type: "market",
      qty: "10",
      timeInForce: "gtc",
      reduceOnly: false,
      ...fields,
    };
    return this.referee.submit(command as unknown as SubmitCommand);
  }

  /** The same, where it must be taken. */
  placed(fields: Partial<Record<keyof SubmitCommand, unknown>> = {}): string {
    const outcome = this.submit(fields);
    if (outcome.kind !== "accepted" || outcome.venueOrderId === undefined) {
      throw new Error(`the order was not taken: ${JSON.stringify(outcome)}`);
    }
    return outcome.venueOrderId;
  }

  order(venueOrderId: string): OrderRow {
    const row = this.referee.find({ venueOrderId });
    if (!row) throw new Error(`there is no order ${venueOrderId}`);
    return row;
  }

  total(asset: string): Decimal | undefined {
    return this.referee.balances().find((row) => row.asset === asset)?.total;
  }

  /** What was told since the last time, in short. */
  told(): string[] {
    return this.events.splice(0).map(shortly);
  }
}

function shortly(event: RefereeEvent): string {
  if (event.kind === "fill" || event.kind === "reversed") return `${event.kind} ${event.fill.qty}`;
  if (event.kind === "order") return `${event.order.status} ${event.order.filledQty}`;
  if (event.kind === "price") return `price ${event.last}`;
  return event.kind === "ledger" ? `ledger ${event.row.cause}` : `drift ${event.asset}`;
}
