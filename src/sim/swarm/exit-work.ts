// What happens on a simulated account because somebody wants positions closed: prices that come and go, a person's trade
// under an armed exit, another bot's bracket, a part of one strategy's lot that is another's. Drawn from a stream of its
// own, so that all else happens as without it.
import {
  type Decimal,
  decimal,
  type ExitPlan,
  exitWishOf,
  type Leg,
  type OrderIntent,
  readNotes,
  type Side,
  UNATTRIBUTED,
} from "../../core/index.ts";
import type { Flattened, Session } from "../../engine/index.ts";
import type { Referee } from "../referee/referee.ts";
import { drawPlan } from "./exit-habits.ts";
import type { FaultPlan } from "./faults.ts";
import type { Habits } from "./habits.ts";
import type { SeededRandom } from "./random.ts";
import { times } from "./times.ts";

const PERSON = "ann";
/** How often each happens at a step. */
const MOVES = 0.55;
const TRADES = 0.04;
/** Against the chance by which the fault strikes otherwise. */
const STOPS = 1.5;
const LOTS_MOVE = 0.05;
const PLANS_SET = 0.06;
const FLATTENS = 0.015;
const REDUCES = 0.08;
const NOTES_TAKEN = 0.04;
/** How often an order that may open comes with a plan. */
const PLANNED = 0.65;

/** What the client order ids of another bot's stops begin with. */
export const BRACKET = "grid-b";

export interface ExitWorkOptions {
  readonly random: SeededRandom;
  readonly faults: FaultPlan;
  readonly habits: Habits;
  readonly referee: Referee;
  readonly session: () => Session | undefined;
  readonly note: (text: string) => void;
  readonly account: string;
  readonly send: (intent: OrderIntent) => void;
  /** Draws for state files whose notes become exit plans; null where there are none. */
  readonly ofNotes: SeededRandom | null;
  /** What a person is told of a plan to close positions. */
  readonly onFlattened: (result: Flattened) => void;
}

export class ExitWork {
  private readonly options: ExitWorkOptions;
  private brackets = 0;
  private reductions = 0;

  constructor(options: ExitWorkOptions) {
    this.options = options;
  }

  /** The plan that an order comes with; undefined for one without. */
  planFor(symbol: string, side: Side): ExitPlan | undefined {
    const { random, habits } = this.options;
    return random.chance(PLANNED) ? drawPlan(random, habits, symbol, side) : undefined;
  }

  next(): void {
    const { random, faults } = this.options;
    if (random.chance(MOVES)) this.move();
    if (random.chance(TRADES)) this.trade();
    if (faults.strikes("foreign_stop", null, STOPS)) this.bracket();
    if (random.chance(LOTS_MOVE)) this.moveLot();
    if (random.chance(PLANS_SET)) this.setPlan();
    if (random.chance(FLATTENS)) this.flatten();
    if (random.chance(REDUCES)) this.reduce();
    const { ofNotes } = this.options;
    if (ofNotes?.chance(NOTES_TAKEN)) this.takeNotes(ofNotes);
  }

  /** A price goes a little further than a stop or a target lies, or a lot. */
  private move(): void {
    const { random, habits, referee, note } = this.options;
    const { symbol } = random.pick(habits.instruments);
    const cents =
      BigInt(habits.prices[symbol] ?? "100") * BigInt(random.pick([70, 88, 95, 98, 100, 102, 105, 112, 130]));
    const last = decimal(`${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`);
    note(`${symbol} trades at ${last}`);
    referee.setPrice(symbol, last);
  }

  /** A person makes a held position smaller, closes it, turns it round or makes it larger, by hand. */
  private trade(): void {
    const { random, referee, note } = this.options;
    const rows = referee.positionRows();
    if (rows.length === 0) return;
    const { instrument, leg = "net", qty } = random.pick(rows);
    const isLong = !qty.startsWith("-");
    const held = (isLong ? qty : qty.slice(1)) as Decimal;
    const side = random.chance(0.8) === isLong ? "sell" : "buy";
    const traded = random.chance(0.4) ? held : this.qty(instrument);
    note(`a person trades ${side} ${traded} of ${instrument} by hand`);
    referee.trade({ instrument, leg, side, qty: traded });
  }

  /** Another bot puts a stop under a position. */
  private bracket(): void {
    const { random, referee, note, habits, faults } = this.options;
    const rows = referee.positionRows();
    if (rows.length === 0) {
      faults.forget();
      return;
    }
    const { instrument, leg = "net", qty } = random.pick(rows);
    const isLong = !qty.startsWith("-");
    this.brackets += 1;
    const clientOrderId = `${BRACKET}${this.brackets}`;
    note(`another bot puts a stop under ${instrument}`);
    const price = BigInt(habits.prices[instrument] ?? "100") * (isLong ? 75n : 125n);
    referee.submit({
      instrument,
      clientOrderId,
      leg,
      side: isLong ? "sell" : "buy",
      type: "stop",
      qty: this.qty(instrument),
      triggerPrice: decimal(`${price / 100n}.${String(price % 100n).padStart(2, "0")}`),
      timeInForce: "gtc",
      reduceOnly: true,
    });
  }

  /** A person gives a part of one strategy's lot to another. */
  private moveLot(): void {
    const { random, session, note } = this.options;
    const live = session();
    const held = live ? lotsOf(live) : [];
    if (!live || held.length === 0) return;
    const { instrument, leg, strategy } = random.pick(held);
    const to = random.pick(["momentum", "carry", UNATTRIBUTED].filter((name) => name !== strategy));
    const qty = random.chance(0.5) ? { qty: this.qty(instrument) } : {};
    note(`${PERSON} gives ${qty.qty ?? "all"} of ${strategy}'s ${instrument} to ${to}`);
    live
      .moveLot({ instrument, leg, from: strategy, to, ...qty, reason: "it is theirs", by: PERSON })
      .catch(() => undefined);
  }

  /** A bot makes a position smaller, or closes it: whatever the gate, but for one that lets nothing through. */
  private reduce(): void {
    const { random, referee, send, habits } = this.options;
    const rows = referee.positionRows();
    if (rows.length === 0) return;
    const { instrument, leg = "net", qty } = random.pick(rows);
    const isLong = !qty.startsWith("-");
    const held = (isLong ? qty : qty.slice(1)) as Decimal;
    const isWhole = random.chance(0.5);
    const part = this.qty(instrument);
    this.reductions += 1;
    send({
      intentId: `r-${this.reductions}`,
      instrument,
      leg,
      side: isLong ? "sell" : "buy",
      type: "market",
      qty: isWhole ? held : part,
      timeInForce: "gtc",
      reduceOnly: habits.capabilities.commands.reduceOnlyFlag,
      strategy: random.pick(["momentum", "carry"]),
    });
  }

  /** A person says when a position is to be closed, that it is not to be, or takes that back. */
  private setPlan(): void {
    const { random, session, note, habits } = this.options;
    const live = session();
    const held = live ? lotsOf(live) : [];
    if (!live || held.length === 0) return;
    const { instrument, leg, strategy: own, isLong } = random.pick(held);
    const strategy = random.chance(0.5) ? own : null;
    const drawn = drawPlan(random, habits, instrument, isLong ? "buy" : "sell");
    const what = random.int(0, 9);
    const plan = what === 0 ? null : what === 1 ? "none" : drawn;
    note(`${PERSON} sets the plan of ${strategy ?? "all"} in ${instrument}: ${JSON.stringify(plan)}`);
    live.setExitPlan({ instrument, leg, strategy, plan }, PERSON).catch(() => undefined);
  }

  /** A bot's state file is taken in: what it notes, and its stops and targets as plans by whoever asks for it. */
  private takeNotes(random: SeededRandom): void {
    const { session, note, habits } = this.options;
    const live = session();
    const held = live ? lotsOf(live) : [];
    if (!live || held.length === 0) return;
    const { instrument, leg, isLong } = random.pick(held);
    const cents = BigInt(habits.prices[instrument] ?? "100");
    const away = (percent: bigint) => cents * (isLong ? 100n + percent : 100n - percent);
    const text = (price: bigint) => `${price / 100n}.${String(price % 100n).padStart(2, "0")}`;
    const stop = text(away(-random.pick([3n, 10n, 25n])));
    const target = text(away(random.pick([3n, 10n, 25n])));
    const file = { positions: { [instrument]: { leg, thesis: "it comes back", stop, target } } };
    for (const { notes } of readNotes(file).entries) {
      const wish = exitWishOf(notes);
      const plan: ExitPlan = {
        ...(wish?.stop !== undefined && { stop: { price: decimal(wish.stop) } }),
        ...(wish?.target !== undefined && { target: { price: decimal(wish.target) } }),
      };
      note(`the notes of ${instrument} become its plan: ${JSON.stringify(plan)}`);
      live.note({ instrument, leg, fields: notes, by: PERSON }).catch(() => undefined);
      live.setExitPlan({ instrument, leg, strategy: null, plan }, PERSON).catch(() => undefined);
    }
  }

  /** A person closes one position or all, by plan; now and then the same plan twice. */
  private flatten(): void {
    const { random, session, note, account, habits, onFlattened } = this.options;
    const live = session();
    if (!live) return;
    const instrument = random.chance(0.5) ? random.pick(habits.instruments).symbol : null;
    const isTwice = random.chance(0.3);
    note(`${PERSON} closes ${instrument ?? "everything"}`);
    const given = { by: PERSON, confirm: account };
    live
      .planFlatten(instrument)
      .then(async (plan) => {
        const again = isTwice ? live.flatten(plan, given).catch(() => undefined) : undefined;
        onFlattened(await live.flatten(plan, given));
        await again;
      })
      .catch(() => undefined);
  }

  private qty(symbol: string): Decimal {
    const { random, habits } = this.options;
    const step = habits.instruments.find((one) => one.symbol === symbol)?.qtyStep ?? decimal("1");
    return times(step, random.int(1, 12));
  }
}

interface HeldLot {
  readonly instrument: string;
  readonly leg: Leg;
  readonly strategy: string;
  readonly isLong: boolean;
}

function lotsOf({ book }: Session): HeldLot[] {
  return [...book.ledgers.values()].flatMap(({ instrument, leg, lots }) =>
    [...lots].flatMap(([strategy, { qty }]) =>
      qty === "0" ? [] : [{ instrument, leg, strategy, isLong: !qty.startsWith("-") }],
    ),
  );
}
