// What goes wrong with exits that lie at the venue, drawn from a stream of its own: the venue does not take a stop, trades
// a part of it and leaves the rest, or trades it while it is being cancelled; somebody cancels it, or closes under it. A
// seed draws which of them there are. Once all is well none of them happens.
import type { CancelCommand, SubmitCommand } from "../../venues/index.ts";
import type { Referee } from "../referee/referee.ts";
import type { SeededRandom } from "./random.ts";

/** By what chance a seed has each of them. */
const HAS = 0.5;
const RATES = [0.05, 0.15, 0.4];

const TROUBLES = ["refused", "partly", "meets_cancel", "canceled", "closed_under", "triggered"] as const;
type Trouble = (typeof TROUBLES)[number];

export interface StopTroubleOptions {
  readonly random: SeededRandom;
  readonly isHealed: () => boolean;
  readonly note: (text: string) => void;
  /** Counts what happened, by name. */
  readonly count: (what: string) => void;
}

export class StopTrouble {
  private readonly options: StopTroubleOptions;
  private readonly rates: ReadonlyMap<Trouble, number>;

  constructor(options: StopTroubleOptions) {
    this.options = options;
    const { random } = options;
    const drawn = TROUBLES.map((trouble) => ({ trouble, has: random.chance(HAS), rate: random.pick(RATES) }));
    this.rates = new Map(drawn.flatMap(({ trouble, has, rate }) => (has ? [[trouble, rate] as const] : [])));
  }

  /** The venue's reason why it does not take this order; null where it does. */
  refusal({ type, reduceOnly }: SubmitCommand): string | null {
    if (type === "market" || !reduceOnly || !this.strikes("refused")) return null;
    return "orders that only reduce are not taken here just now";
  }

  /** What becomes of the rest where a stop that was reached may trade a part at once. */
  restOfStop(): "follows" | "waits" | "ends" {
    if (!this.strikes("partly")) return "follows";
    return this.options.random.pick(["waits", "ends"]);
  }

  /** The price comes to an order's level while its cancel is on its way. */
  meetCancel(command: CancelCommand, referee: Referee): void {
    const row = referee.find(command);
    const level = row?.triggerPrice ?? row?.price;
    const isOpen = row?.status === "open" || row?.status === "partially_filled";
    if (!row || !isOpen || row.reduceOnly !== true || level === undefined) return;
    if (!this.strikes("meets_cancel")) return;
    this.options.note(`${row.instrument} trades at ${level}, where an order lies that is being cancelled`);
    referee.setPrice(row.instrument, level);
  }

  /** Something happens to an order that lies at the venue and only reduces. */
  next(referee: Referee): void {
    const { random, note } = this.options;
    const lying = referee
      .orders()
      .filter(
        ({ status, reduceOnly, type }) => status === "open" && reduceOnly === true && type !== "market",
      );
    if (lying.length === 0) return;
    const { instrument, leg = "net", venueOrderId = "", triggerPrice, price } = random.pick(lying);
    const level = triggerPrice ?? price;
    if (this.strikes("canceled")) {
      note(`somebody cancels ${venueOrderId}, which only reduces, at the venue`);
      referee.cancel({ instrument, venueOrderId });
    }
    if (this.strikes("triggered") && level !== undefined) {
      note(`${instrument} trades at ${level}, where ${venueOrderId} lies`);
      referee.setPrice(instrument, level);
    }
    if (!this.strikes("closed_under")) return;
    const held = referee.qty(instrument, leg);
    if (held === "0") return;
    const isShort = held.startsWith("-");
    note(`a person closes ${instrument} under ${venueOrderId}`);
    const qty = (isShort ? held.slice(1) : held) as typeof held;
    referee.trade({ instrument, leg, side: isShort ? "buy" : "sell", qty });
  }

  private strikes(trouble: Trouble): boolean {
    const { random, isHealed, count } = this.options;
    const rate = this.rates.get(trouble);
    if (rate === undefined || isHealed() || !random.chance(rate)) return false;
    count(`stop ${trouble}`);
    return true;
  }
}
