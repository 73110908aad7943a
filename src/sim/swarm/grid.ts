// A bot that keeps several orders of one side resting in one instrument, and changes them: for limits that count what is open, and
// for amendments. It draws from a stream of its own, so that all else happens as without it.
import {
  type Decimal,
  decimal,
  type Leg,
  type OrderIntent,
  type OrderRow,
  type Side,
  ZERO,
} from "../../core/index.ts";
import type { Session } from "../../engine/index.ts";
import { exact, times as product } from "../oracle/exact.ts";
import type { Referee } from "../referee/referee.ts";
import type { Habits } from "./habits.ts";
import type { SeededRandom } from "./random.ts";
import { times } from "./times.ts";

/** How often, among all that happens, it lays an order: where it has none, and where it has; and how often it changes one. */
const LAID = { first: 0.6, more: 0.25 };
const CHANGED = 0.5;
/** What one order is worth, in the instrument's currency: one is within the owner's limits, and a few are not. */
const VALUES = ["60", "150", "250", "350"];

export interface GridOptions {
  readonly random: SeededRandom;
  readonly habits: Habits;
  readonly referee: Referee;
  readonly session: () => Session | undefined;
  readonly send: (intent: OrderIntent) => void;
  readonly note: (text: string) => void;
}

export class Grid {
  private readonly options: GridOptions;
  private readonly symbol: string;
  private readonly leg: Leg;
  private readonly side: Side;
  private laid = 0;
  private changed = 0;

  constructor(options: GridOptions) {
    this.options = options;
    const { random, habits } = options;
    this.symbol = random.pick(habits.instruments).symbol;
    this.leg = habits.positionMode === "hedge" ? random.pick(["long", "short"] as const) : "net";
    // What adds to a leg is bought where it is long, and sold where it is short.
    this.side =
      this.leg === "net" ? random.pick(["buy", "sell"] as const) : this.leg === "long" ? "buy" : "sell";
  }

  next(): void {
    const { random } = this.options;
    const open = this.open();
    if (random.chance(open.length === 0 ? LAID.first : LAID.more)) this.lay();
    if (open.length > 0 && random.chance(CHANGED)) this.change(open);
  }

  private lay(): void {
    const { habits } = this.options;
    const price = this.price();
    this.laid += 1;
    this.options.send({
      intentId: `g-${this.laid}`,
      instrument: this.symbol,
      leg: this.leg,
      side: this.side,
      type: "limit",
      qty: this.qty(price),
      price,
      // What it rests away from is what it is worth.
      referencePrice: habits.prices[this.symbol] ?? price,
      timeInForce: "gtc",
      reduceOnly: false,
      strategy: "carry",
    });
  }

  private open(): readonly OrderRow[] {
    const { symbol, side: own } = this;
    const rows = this.options.referee.orders();
    return rows.filter(
      ({ status, clientOrderId, instrument, side }) =>
        status === "open" && clientOrderId !== undefined && instrument === symbol && side === own,
    );
  }

  private change(open: readonly OrderRow[]): void {
    const { random, session, habits, note } = this.options;
    if (habits.capabilities.commands.amend === "none") return;
    const { clientOrderId = "", qty: ordered = ZERO } = random.pick(open);
    this.changed += 1;
    note(`the bot amends ${clientOrderId} of its grid`);
    const intentId = `ga-${this.changed}`;
    // Made smaller, it passes whatever the gate says.
    const qty = random.chance(0.5) ? this.qty(this.price()) : this.smaller(ordered);
    session()
      ?.amend({ intentId, instrument: this.symbol, clientOrderId, qty }, "bot")
      .catch(() => undefined);
  }

  private smaller(ordered: Decimal): Decimal {
    const { random, habits } = this.options;
    const step = habits.instruments.find(({ symbol }) => symbol === this.symbol)?.qtyStep ?? decimal("1");
    const steps = exact(ordered) / exact(step) - BigInt(random.int(1, 3));
    return countOf(step, steps);
  }

  /** Away from where it trades, so that it rests. In cents. */
  private price(): Decimal {
    const { random, habits } = this.options;
    const percent = this.side === "buy" ? random.int(65, 79) : random.int(121, 135);
    const cents = BigInt(habits.prices[this.symbol] ?? "100") * BigInt(percent);
    return decimal(`${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`);
  }

  private qty(price: Decimal): Decimal {
    const { random, habits } = this.options;
    const spec = habits.instruments.find(({ symbol }) => symbol === this.symbol);
    const step = spec?.qtyStep ?? decimal("1");
    const each = exact(spec?.multiplier ?? "1");
    const ofOne = spec?.payoff === "inverse" ? each : product(exact(price), each);
    const ofStep = product(exact(step), ofOne);
    return countOf(step, exact(random.pick(VALUES)) / ofStep);
  }
}

/** So many steps, one at least. */
function countOf(step: Decimal, count: bigint): Decimal {
  return times(step, count < 1n ? 1 : Number(count));
}
